"""What the screens know about a game, and everything they may do to it.

Menu, intermission, finale and automap change the game through these methods alone; `game.session.Session` is the game.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pydoom.game.level import Level
from pydoom.game.state import GameState

if TYPE_CHECKING:
    from pydoom.game.sounds import Sounds
    from pydoom.sim.world import World


class GameStatus(Protocol):
    """The readable state of a game. Attributes carry the original's names."""

    @property
    def world(self) -> World:
        """The level, the players and the rules in force."""

    @property
    def gametic(self) -> int:
        """Tics since the program started, melts and pauses not counted."""

    @property
    def gamestate(self) -> GameState:
        """What fills the screen."""

    @property
    def usergame(self) -> bool:
        """Whether somebody plays: a game that can be saved or ended."""

    @property
    def demoplayback(self) -> bool:
        """Whether a demo plays."""

    @property
    def singledemo(self) -> bool:
        """Whether the program ends with the demo."""

    @property
    def viewactive(self) -> bool:
        """Whether the 3-D view is on the screen, not the automap."""

    @property
    def menu_active(self) -> bool:
        """Whether the menu is open."""

    @property
    def automap_active(self) -> bool:
        """Whether the automap covers the view."""

    @property
    def page_name(self) -> str:
        """Lump of the title loop's page (``pagename``)."""

    @property
    def sky_texture(self) -> int:
        """Number of the sky's texture."""

    @property
    def in_fleet(self) -> bool:
        """Whether the level was built from the fleet."""


class GameControl(GameStatus, Protocol):
    """What a screen may ask the game to do."""

    @property
    def sounds(self) -> Sounds:
        """Effects and music."""

    @property
    def has_fleet(self) -> bool:
        """Whether levels can be built from a fleet."""

    def new_game(self, skill: int, level: Level, in_fleet: bool = False) -> None:
        """Start a new game at the next tic (``G_DeferedInitNew``), perhaps in levels built from the fleet."""

    def saved_name(self, slot: int) -> str | None:
        """The name of the game saved in a slot, None when it is empty."""

    def save_game(self, slot: int, description: str) -> None:
        """Save with the next command (``G_SaveGame``)."""

    def load_game(self, path: Path) -> None:
        """Load a saved game at the next tic (``G_LoadGame``)."""

    def load_slot(self, slot: int) -> None:
        """Load the game saved in a slot at the next tic."""

    def start_title(self) -> None:
        """End the game and begin the title loop (``D_StartTitle``)."""

    def world_done(self) -> None:
        """Leave the intermission (``G_WorldDone``)."""

    def finale_done(self) -> None:
        """Leave the text screen and enter the next level."""

    def show_view(self, shown: bool) -> None:
        """Note that the automap was closed (`shown`) or now covers the view."""

    def force_wipe(self) -> None:
        """Melt into the next frame even though the game state stays the same."""

    def frame_melts(self) -> bool:
        """Whether the frame about to be drawn melts in; ask once for every frame (``D_Display``)."""

    def message(self, text: str) -> None:
        """Show a line at the top of the console player's screen."""

    def quit(self) -> None:
        """End the program after this tic."""
