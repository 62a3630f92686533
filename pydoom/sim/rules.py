"""What kind of game is played: skill, IWAD, imitated executable, and how a level ends (``doomdef.h``)."""

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


class Exit(IntEnum):
    """How the level was asked to end during this tic."""

    NONE = 0
    NORMAL = 1
    SECRET = 2
