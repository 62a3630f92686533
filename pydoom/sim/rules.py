"""What kind of game is played: skill, IWAD, imitated executable, and how a level ends (``doomdef.h``)."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

SK_BABY: Final = 0
SK_EASY: Final = 1
SK_MEDIUM: Final = 2
SK_HARD: Final = 3
SK_NIGHTMARE: Final = 4


class GameMode(IntEnum):
    """Which game the IWAD is (``GameMode_t``)."""

    SHAREWARE = 0
    REGISTERED = 1
    COMMERCIAL = 2
    RETAIL = 3


class GameVersion(IntEnum):
    """Which executable is imitated (``GameVersion_t``), where their rules differ."""

    DOOM_1_9 = 5
    ULTIMATE = 7
    FINAL = 8


@dataclass(frozen=True, slots=True)
class StrayMemory:
    """Memory contents where the original reads or writes past its own variables (``-spechit``, ``-donut``).

    `spechit` is the address of its linedefs, parts of which end up in the box of a move that touches more than eight
    special lines. `donut_floorheight` (16.16) and `donut_floorpic` (a flat number) stand in for the missing back side
    of a line around a donut. The defaults are Chocolate Doom's; old demos may need others.
    """

    spechit: int = 0x01C09C98
    donut_floorheight: int = 0
    donut_floorpic: int = 0x16


class Exit(IntEnum):
    """The exit requested during this tic."""

    NONE = 0
    NORMAL = 1
    SECRET = 2
