"""What the session asks of the 2-D screens: the boundary between `game` and the packages above it.

The screens' tickers run every tic whether or not anything is drawn, because they call M_Random (the face on the
status bar, the animations of the intermission), and traces must not depend on drawing. The session knows only these
protocols; the loop hands it the real screens, tests may hand it nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pydoom.game.events import Event
from pydoom.game.results import LevelStats

if TYPE_CHECKING:
    from pydoom.game.control import GameControl


class LevelDisplay(Protocol):
    """Status bar, HUD messages or automap."""

    def start(self, game: GameControl) -> None:
        """Begin a level: the console player has been spawned (``ST_Start``, ``HU_Start``); for the automap: AM_Stop."""

    def ticker(self, game: GameControl) -> None:
        """One tic of a level (``ST_Ticker``, ``AM_Ticker``, ``HU_Ticker``); not called while another state runs."""

    def responder(self, event: Event) -> bool:
        """True when the event is consumed (``HU_Responder``, ``AM_Responder``); False for the status bar."""


class AutomapDisplay(LevelDisplay, Protocol):
    """The automap, which also knows whether it covers the view."""

    active: bool

    def stop(self) -> None:
        """Close the map (``AM_Stop``)."""


class IntermissionDisplay(Protocol):
    """The tally between levels. It ends by calling `game.world_done()`."""

    def start(self, game: GameControl, stats: LevelStats) -> None:
        """Begin (``WI_Start``)."""

    def ticker(self, game: GameControl) -> None:
        """One tic (``WI_Ticker``); players press on through `game.world.players[n].cmd.buttons`."""

    def end(self) -> None:
        """Leave the intermission (``WI_End``)."""


class FinaleDisplay(Protocol):
    """The texts, the cast call and the bunny. It ends by calling `game.finale_done()`."""

    def start(self, game: GameControl) -> None:
        """Begin for `game.world.episode/map` (``F_StartFinale``); gamestate is already FINALE."""

    def ticker(self, game: GameControl) -> None:
        """One tic (``F_Ticker``)."""

    def responder(self, event: Event) -> bool:
        """True when the event is consumed (``F_Responder``)."""


class MenuDisplay(Protocol):
    """The menu. While it is active in a single-player game, the level stands still."""

    active: bool

    def open(self) -> None:
        """Show the main menu (``M_StartControlPanel``)."""

    def responder(self, event: Event, game: GameControl) -> bool:
        """True when the event is consumed (``M_Responder``)."""

    def ticker(self) -> None:
        """One tic of the skull cursor (``M_Ticker``)."""


class Nothing(AutomapDisplay, IntermissionDisplay, FinaleDisplay, MenuDisplay):
    """The null implementation of every protocol in this module: shows nothing."""

    active = False

    def start(self, game: GameControl, stats: LevelStats | None = None) -> None:
        """Ignore."""

    def ticker(self, game: GameControl | None = None) -> None:
        """Ignore."""

    def responder(self, event: Event, game: GameControl | None = None) -> bool:
        """Never consumes an event."""
        return False

    def stop(self) -> None:
        """Ignore."""

    def end(self) -> None:
        """Ignore."""

    def open(self) -> None:
        """Ignore."""


@dataclass(frozen=True, slots=True)
class Displays:
    """The screens a session drives, each `Nothing` by default."""

    statusbar: LevelDisplay = field(default_factory=Nothing)
    hud: LevelDisplay = field(default_factory=Nothing)
    automap: AutomapDisplay = field(default_factory=Nothing)
    intermission: IntermissionDisplay = field(default_factory=Nothing)
    finale: FinaleDisplay = field(default_factory=Nothing)
    menu: MenuDisplay = field(default_factory=Nothing)
