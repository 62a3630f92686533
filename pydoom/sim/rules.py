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
    """Which executable is imitated (``GameVersion_t``), in the order in which their rules changed.

    FINAL2 is the second one of Final DOOM, from the id Anthology. CHEX was made from Final DOOM's.
    """

    DOOM_1_2 = 0
    DOOM_1_5 = 1
    DOOM_1_666 = 2
    DOOM_1_7 = 3
    DOOM_1_8 = 4
    DOOM_1_9 = 5
    HACX = 6
    ULTIMATE = 7
    FINAL = 8
    FINAL2 = 9
    CHEX = 10

    @property
    def code(self) -> int:
        """The version in demos and saved games (``G_VanillaVersionCode``); all but a few are kinds of 1.9."""
        return _CODES.get(self, 109)


_CODES: Final = {GameVersion.DOOM_1_666: 106, GameVersion.DOOM_1_7: 107, GameVersion.DOOM_1_8: 108}
NAMES_BY_CODE: Final = {106: "1.666", 107: "1.7", 108: "1.8", 109: "1.9"}
"""For the version in a demo or a saved game, an executable that reads it."""


@dataclass(frozen=True, slots=True)
class StrayMemory:
    """Memory contents where the original reads or writes past its own variables (``-spechit``, ``-donut``).

    `spechit` is the address of its linedefs, parts of which end up in the box of a move that touches more than eight
    special lines. `reject` is the byte that fills a REJECT lump more than 16 bytes too short. `donut_floorheight`
    (16.16) and `donut_floorpic` (a flat number) stand in for the missing back side of a line around a donut,
    `null_floor` and `null_ceiling` (16.16) for that of other two-sided lines, which is a sector at address 0. The
    defaults are Chocolate Doom's, of MS-DOS 6.22; old demos may need others.
    """

    spechit: int = 0x01C09C98
    reject: int = 0
    donut_floorheight: int = 0
    donut_floorpic: int = 0x16
    null_floor: int = 0x00199257
    null_ceiling: int = 0x007006F4


class Exit(IntEnum):
    """The exit requested during this tic."""

    NONE = 0
    NORMAL = 1
    SECRET = 2
