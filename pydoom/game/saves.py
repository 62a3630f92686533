"""The store of saved games, as a session sees it (``G_DoSaveGame``, ``G_DoLoadGame``)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pydoom.data import strings
from pydoom.game.control import GameControl
from pydoom.game.level import Level
from pydoom.game.rules import Rules

if TYPE_CHECKING:
    from pydoom.fleetmap.site import FleetSite
    from pydoom.game.datacentre import DataCentre
    from pydoom.wad import Assets


class SavableGame(GameControl, Protocol):
    """What saving and loading need of a session."""

    @property
    def assets(self) -> Assets:
        """The WAD that is played."""

    @property
    def rules(self) -> Rules:
        """The rules of the current game."""

    @property
    def in_fleet(self) -> bool:
        """Whether its levels are built from the fleet."""

    @property
    def datacentre(self) -> DataCentre:
        """Builds those levels."""

    def start(self, rules: Rules, level: Level, in_fleet: bool = False, site: FleetSite | None = None) -> None:
        """Start a level at once with other rules, perhaps one built from the fleet as it was on `site`."""


class SaveStore(Protocol):
    """The store of saved games. Errors become messages to the player, never exceptions."""

    def path(self, slot: int) -> Path:
        """The file of a slot."""

    def description(self, slot: int) -> str | None:
        """What the player called the game in a slot, None for an empty one."""

    def save(self, game: SavableGame, slot: int, description: str) -> None:
        """Write the running game to a slot, and say so on the screen."""

    def load(self, game: SavableGame, path: Path) -> None:
        """Replace the running game by a stored one."""


class NoSaves:
    """Saves nothing, but shows the original's message, which is part of a frame."""

    def path(self, slot: int) -> Path:
        """A path without a file."""
        return Path(f"doomsav{slot}.dsg")

    def description(self, slot: int) -> str | None:
        """All slots are empty."""
        del slot
        return None

    def save(self, game: SavableGame, slot: int, description: str) -> None:
        """Only show that the game is saved."""
        del slot, description
        game.message(game.world.info.text(strings.GGSAVED))

    def load(self, game: SavableGame, path: Path) -> None:
        """Keep the running game."""
