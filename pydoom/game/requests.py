"""What a game can be asked to do at its next tic, each with what it needs (``gameaction_t``)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pydoom.game.demo import DemoReader
from pydoom.game.level import Level
from pydoom.game.rules import Rules


@dataclass(frozen=True, slots=True)
class LoadLevel:
    """Start the present level again (``ga_loadlevel``)."""


@dataclass(frozen=True, slots=True)
class NewGame:
    """Start a game (``ga_newgame``)."""

    rules: Rules
    level: Level


@dataclass(frozen=True, slots=True)
class LoadGame:
    """Go on with the saved game in a file (``ga_loadgame``)."""

    path: Path


@dataclass(frozen=True, slots=True)
class SaveGame:
    """Save the running game to a slot (``ga_savegame``)."""

    slot: int
    description: str


@dataclass(frozen=True, slots=True)
class PlayDemo:
    """Play a demo (``ga_playdemo``)."""

    demo: DemoReader


@dataclass(frozen=True, slots=True)
class Completed:
    """The level is over (``ga_completed``)."""

    secret_exit: bool


@dataclass(frozen=True, slots=True)
class Victory:
    """The episode is over (``ga_victory``)."""


@dataclass(frozen=True, slots=True)
class WorldDone:
    """Enter the next level (``ga_worlddone``)."""


GameRequest: TypeAlias = LoadLevel | NewGame | LoadGame | SaveGame | PlayDemo | Completed | Victory | WorldDone
