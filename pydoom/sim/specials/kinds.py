"""The kinds of moving planes (the enums of ``p_spec.h``), with the original's values, which saved games contain."""

from enum import IntEnum


class MoveResult(IntEnum):
    """What became of one tic's movement of a plane (``result_e``)."""

    OK = 0
    CRUSHED = 1
    PASTDEST = 2


class DoorType(IntEnum):
    """What a door does (``vldoor_e``)."""

    NORMAL = 0
    CLOSE_30_THEN_OPEN = 1
    CLOSE = 2
    OPEN = 3
    RAISE_IN_5_MINS = 4
    BLAZE_RAISE = 5
    BLAZE_OPEN = 6
    BLAZE_CLOSE = 7


class PlatStatus(IntEnum):
    """What a plat is doing now (``plat_e``)."""

    UP = 0
    DOWN = 1
    WAITING = 2
    IN_STASIS = 3


class PlatType(IntEnum):
    """What a plat does (``plattype_e``)."""

    PERPETUAL_RAISE = 0
    DOWN_WAIT_UP_STAY = 1
    RAISE_AND_CHANGE = 2
    RAISE_TO_NEAREST_AND_CHANGE = 3
    BLAZE_DOWN_WAIT_UP_STAY = 4


class FloorType(IntEnum):
    """Where a floor moves (``floor_e``)."""

    LOWER_FLOOR = 0
    LOWER_FLOOR_TO_LOWEST = 1
    TURBO_LOWER = 2
    RAISE_FLOOR = 3
    RAISE_FLOOR_TO_NEAREST = 4
    RAISE_TO_TEXTURE = 5
    LOWER_AND_CHANGE = 6
    RAISE_FLOOR_24 = 7
    RAISE_FLOOR_24_AND_CHANGE = 8
    RAISE_FLOOR_CRUSH = 9
    RAISE_FLOOR_TURBO = 10
    DONUT_RAISE = 11
    RAISE_FLOOR_512 = 12


class StairType(IntEnum):
    """How stairs are built (``stair_e``)."""

    BUILD_8 = 0
    TURBO_16 = 1


class CeilingType(IntEnum):
    """Where a ceiling moves (``ceiling_e``)."""

    LOWER_TO_FLOOR = 0
    RAISE_TO_HIGHEST = 1
    LOWER_AND_CRUSH = 2
    CRUSH_AND_RAISE = 3
    FAST_CRUSH_AND_RAISE = 4
    SILENT_CRUSH_AND_RAISE = 5


class ButtonPart(IntEnum):
    """Which texture of a side a button shows on (``bwhere_e``)."""

    TOP = 0
    MIDDLE = 1
    BOTTOM = 2
