"""Requests to a game for its next tic, each with its arguments (``gameaction_t``)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pydoom.game.demo import DemoReader
from pydoom.game.level import Level
from pydoom.game.rules import Rules


@dataclass(frozen=True, slots=True)
class LoadLevel:
    """Restart the current level (``ga_loadlevel``)."""


@dataclass(frozen=True, slots=True)
class NewGame:
    """Start a game (``ga_newgame``)."""

    rules: Rules
    level: Level
    in_fleet: bool = False
    """Whether its levels are built from the fleet."""


@dataclass(frozen=True, slots=True)
class LoadGame:
    """Load the saved game in a file (``ga_loadgame``)."""

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
    """End the level (``ga_completed``)."""

    secret_exit: bool


@dataclass(frozen=True, slots=True)
class Victory:
    """End the episode (``ga_victory``)."""


@dataclass(frozen=True, slots=True)
class WorldDone:
    """Enter the next level (``ga_worlddone``)."""


GameRequest: TypeAlias = LoadLevel | NewGame | LoadGame | SaveGame | PlayDemo | Completed | Victory | WorldDone
