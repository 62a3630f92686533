"""What happens when a special line is crossed, shot or used (``p_spec.c``, the second half of ``p_switch.c``).

The tables below say for each special what it does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from pydoom.data.mobj_ids import MT_BFG, MT_BRUISERSHOT, MT_HEADSHOT, MT_PLASMA, MT_ROCKET, MT_TROOPSHOT
from pydoom.sim import rules
from pydoom.sim.level import ML_SECRET
from pydoom.sim.specials import ceilings, doors, floors, lights, plats, switches, teleport
from pydoom.sim.specials.kinds import CeilingType, DoorType, FloorType, PlatType, StairType

if TYPE_CHECKING:
    from pydoom.sim.level import Line
    from pydoom.sim.mobj import Mobj
    from pydoom.sim.world import World

LineAction: TypeAlias = "Callable[[World, Line, int, Mobj], bool]"
"""A line's effect (world, line, side it was crossed from, thing); returns whether anything happened."""

# lights of the original's switches
_BRIGHTEST_NEAR: Final = 0
_VERY_DARK: Final = 35
_FULL_BRIGHT: Final = 255


def _door(type: DoorType) -> LineAction:
    return lambda world, line, side, thing: doors.ev_do_door(world, line, type)


def _locked_door(type: DoorType) -> LineAction:
    return lambda world, line, side, thing: doors.ev_do_locked_door(world, line, type, thing)


def _floor(type: FloorType) -> LineAction:
    return lambda world, line, side, thing: floors.ev_do_floor(world, line, type)


def _stairs(type: StairType) -> LineAction:
    return lambda world, line, side, thing: floors.ev_build_stairs(world, line, type)


def _plat(type: PlatType, amount: int = 0) -> LineAction:
    return lambda world, line, side, thing: plats.ev_do_plat(world, line, type, amount)


def _ceiling(type: CeilingType) -> LineAction:
    return lambda world, line, side, thing: ceilings.ev_do_ceiling(world, line, type)


def _light(bright: int) -> LineAction:
    def act(world: World, line: Line, side: int, thing: Mobj) -> bool:
        lights.ev_light_turn_on(world, line, bright)
        return True

    return act


def _donut(world: World, line: Line, side: int, thing: Mobj) -> bool:
    return floors.ev_do_donut(world, line)


def _stop_plat(world: World, line: Line, side: int, thing: Mobj) -> bool:
    plats.ev_stop_plat(world, line)
    return True


def _stop_crusher(world: World, line: Line, side: int, thing: Mobj) -> bool:
    return ceilings.ev_ceiling_crush_stop(world, line)


def _strobe(world: World, line: Line, side: int, thing: Mobj) -> bool:
    lights.ev_start_light_strobing(world, line)
    return True


def _lights_off(world: World, line: Line, side: int, thing: Mobj) -> bool:
    lights.ev_turn_tag_lights_off(world, line)
    return True


def _teleport(world: World, line: Line, side: int, thing: Mobj) -> bool:
    return teleport.ev_teleport(world, line, side, thing)


def _raise_ceiling_lower_floor(world: World, line: Line, side: int, thing: Mobj) -> bool:
    # the floor finds the sector taken by the ceiling: it moves only where the ceiling did not
    ceilings.ev_do_ceiling(world, line, CeilingType.RAISE_TO_HIGHEST)
    return floors.ev_do_floor(world, line, FloorType.LOWER_FLOOR_TO_LOWEST)


def _exit(world: World, line: Line, side: int, thing: Mobj) -> bool:
    world.exit = rules.Exit.NORMAL
    return True


def _secret_exit(world: World, line: Line, side: int, thing: Mobj) -> bool:
    world.exit = rules.Exit.SECRET
    return True


CROSS_ONCE: Final[dict[int, LineAction]] = {
    2: _door(DoorType.OPEN),
    3: _door(DoorType.CLOSE),
    4: _door(DoorType.NORMAL),
    5: _floor(FloorType.RAISE_FLOOR),
    6: _ceiling(CeilingType.FAST_CRUSH_AND_RAISE),
    8: _stairs(StairType.BUILD_8),
    10: _plat(PlatType.DOWN_WAIT_UP_STAY),
    12: _light(_BRIGHTEST_NEAR),
    13: _light(_FULL_BRIGHT),
    16: _door(DoorType.CLOSE_30_THEN_OPEN),
    17: _strobe,
    19: _floor(FloorType.LOWER_FLOOR),
    22: _plat(PlatType.RAISE_TO_NEAREST_AND_CHANGE),
    25: _ceiling(CeilingType.CRUSH_AND_RAISE),
    30: _floor(FloorType.RAISE_TO_TEXTURE),
    35: _light(_VERY_DARK),
    36: _floor(FloorType.TURBO_LOWER),
    37: _floor(FloorType.LOWER_AND_CHANGE),
    38: _floor(FloorType.LOWER_FLOOR_TO_LOWEST),
    39: _teleport,
    40: _raise_ceiling_lower_floor,
    44: _ceiling(CeilingType.LOWER_AND_CRUSH),
    53: _plat(PlatType.PERPETUAL_RAISE),
    54: _stop_plat,
    56: _floor(FloorType.RAISE_FLOOR_CRUSH),
    57: _stop_crusher,
    58: _floor(FloorType.RAISE_FLOOR_24),
    59: _floor(FloorType.RAISE_FLOOR_24_AND_CHANGE),
    100: _stairs(StairType.TURBO_16),
    104: _lights_off,
    108: _door(DoorType.BLAZE_RAISE),
    109: _door(DoorType.BLAZE_OPEN),
    110: _door(DoorType.BLAZE_CLOSE),
    119: _floor(FloorType.RAISE_FLOOR_TO_NEAREST),
    121: _plat(PlatType.BLAZE_DOWN_WAIT_UP_STAY),
    125: _teleport,
    130: _floor(FloorType.RAISE_FLOOR_TURBO),
    141: _ceiling(CeilingType.SILENT_CRUSH_AND_RAISE),
}
"""W1 lines: used up by the first crossing, whether or not it moved anything."""

CROSS_AGAIN: Final[dict[int, LineAction]] = {
    52: _exit,
    72: _ceiling(CeilingType.LOWER_AND_CRUSH),
    73: _ceiling(CeilingType.CRUSH_AND_RAISE),
    74: _stop_crusher,
    75: _door(DoorType.CLOSE),
    76: _door(DoorType.CLOSE_30_THEN_OPEN),
    77: _ceiling(CeilingType.FAST_CRUSH_AND_RAISE),
    79: _light(_VERY_DARK),
    80: _light(_BRIGHTEST_NEAR),
    81: _light(_FULL_BRIGHT),
    82: _floor(FloorType.LOWER_FLOOR_TO_LOWEST),
    83: _floor(FloorType.LOWER_FLOOR),
    84: _floor(FloorType.LOWER_AND_CHANGE),
    86: _door(DoorType.OPEN),
    87: _plat(PlatType.PERPETUAL_RAISE),
    88: _plat(PlatType.DOWN_WAIT_UP_STAY),
    89: _stop_plat,
    90: _door(DoorType.NORMAL),
    91: _floor(FloorType.RAISE_FLOOR),
    92: _floor(FloorType.RAISE_FLOOR_24),
    93: _floor(FloorType.RAISE_FLOOR_24_AND_CHANGE),
    94: _floor(FloorType.RAISE_FLOOR_CRUSH),
    95: _plat(PlatType.RAISE_TO_NEAREST_AND_CHANGE),
    96: _floor(FloorType.RAISE_TO_TEXTURE),
    97: _teleport,
    98: _floor(FloorType.TURBO_LOWER),
    105: _door(DoorType.BLAZE_RAISE),
    106: _door(DoorType.BLAZE_OPEN),
    107: _door(DoorType.BLAZE_CLOSE),
    120: _plat(PlatType.BLAZE_DOWN_WAIT_UP_STAY),
    124: _secret_exit,
    126: _teleport,
    128: _floor(FloorType.RAISE_FLOOR_TO_NEAREST),
    129: _floor(FloorType.RAISE_FLOOR_TURBO),
}
"""WR lines, and the exits, which stay as they are."""

MONSTERS_ONLY: Final = frozenset((125, 126))
"""Teleporters that players do not trigger."""
MONSTERS_CROSS: Final = frozenset((4, 10, 39, 88, 97, 125, 126))
"""What things other than players trigger: doors and lifts of these kinds, teleporters."""
_LAST_OF_1_2: Final = 98
_LIGHTS_OFF: Final = 104
"""DOOM 1.2 knows the lines to cross up to 98, and this one."""
_INERT_MISSILES: Final = frozenset((MT_ROCKET, MT_PLASMA, MT_BFG, MT_TROOPSHOT, MT_HEADSHOT, MT_BRUISERSHOT))

SHOOT_ONCE: Final[dict[int, LineAction]] = {
    24: _floor(FloorType.RAISE_FLOOR),
    47: _plat(PlatType.RAISE_TO_NEAREST_AND_CHANGE),
}
"""G1 lines."""
SHOOT_AGAIN: Final[dict[int, LineAction]] = {46: _door(DoorType.OPEN)}
"""GR lines; monsters' shots trigger these too."""

SWITCH_ONCE: Final[dict[int, LineAction]] = {
    7: _stairs(StairType.BUILD_8),
    9: _donut,
    14: _plat(PlatType.RAISE_AND_CHANGE, 32),
    15: _plat(PlatType.RAISE_AND_CHANGE, 24),
    18: _floor(FloorType.RAISE_FLOOR_TO_NEAREST),
    20: _plat(PlatType.RAISE_TO_NEAREST_AND_CHANGE),
    21: _plat(PlatType.DOWN_WAIT_UP_STAY),
    23: _floor(FloorType.LOWER_FLOOR_TO_LOWEST),
    29: _door(DoorType.NORMAL),
    41: _ceiling(CeilingType.LOWER_TO_FLOOR),
    49: _ceiling(CeilingType.CRUSH_AND_RAISE),
    50: _door(DoorType.CLOSE),
    55: _floor(FloorType.RAISE_FLOOR_CRUSH),
    71: _floor(FloorType.TURBO_LOWER),
    101: _floor(FloorType.RAISE_FLOOR),
    102: _floor(FloorType.LOWER_FLOOR),
    103: _door(DoorType.OPEN),
    111: _door(DoorType.BLAZE_RAISE),
    112: _door(DoorType.BLAZE_OPEN),
    113: _door(DoorType.BLAZE_CLOSE),
    122: _plat(PlatType.BLAZE_DOWN_WAIT_UP_STAY),
    127: _stairs(StairType.TURBO_16),
    131: _floor(FloorType.RAISE_FLOOR_TURBO),
    133: _locked_door(DoorType.BLAZE_OPEN),
    135: _locked_door(DoorType.BLAZE_OPEN),
    137: _locked_door(DoorType.BLAZE_OPEN),
    140: _floor(FloorType.RAISE_FLOOR_512),
}
"""S1 lines: used up, and the switch flipped, by the first use that moved something."""

SWITCH_AGAIN: Final[dict[int, LineAction]] = {
    42: _door(DoorType.CLOSE),
    43: _ceiling(CeilingType.LOWER_TO_FLOOR),
    45: _floor(FloorType.LOWER_FLOOR),
    60: _floor(FloorType.LOWER_FLOOR_TO_LOWEST),
    61: _door(DoorType.OPEN),
    62: _plat(PlatType.DOWN_WAIT_UP_STAY),
    63: _door(DoorType.NORMAL),
    64: _floor(FloorType.RAISE_FLOOR),
    65: _floor(FloorType.RAISE_FLOOR_CRUSH),
    66: _plat(PlatType.RAISE_AND_CHANGE, 24),
    67: _plat(PlatType.RAISE_AND_CHANGE, 32),
    68: _plat(PlatType.RAISE_TO_NEAREST_AND_CHANGE),
    69: _floor(FloorType.RAISE_FLOOR_TO_NEAREST),
    70: _floor(FloorType.TURBO_LOWER),
    99: _locked_door(DoorType.BLAZE_OPEN),
    114: _door(DoorType.BLAZE_RAISE),
    115: _door(DoorType.BLAZE_OPEN),
    116: _door(DoorType.BLAZE_CLOSE),
    123: _plat(PlatType.BLAZE_DOWN_WAIT_UP_STAY),
    132: _floor(FloorType.RAISE_FLOOR_TURBO),
    134: _locked_door(DoorType.BLAZE_OPEN),
    136: _locked_door(DoorType.BLAZE_OPEN),
    138: _light(_FULL_BRIGHT),
    139: _light(_VERY_DARK),
}
"""SR lines: buttons, which spring back after a second."""

SWITCH_EXITS: Final[dict[int, LineAction]] = {11: _exit, 51: _secret_exit}
"""Switches that end the level."""

MONSTERS_USE: Final = frozenset((1, 32, 33, 34))
"""Doors that monsters try to open by hand; the locked ones then refuse."""
_USED_FROM_BEHIND: Final = 124
"""The one special that may be used from its back side, to no effect: an unused sliding door."""


def cross_special_line(world: World, line: Line, side: int, thing: Mobj) -> None:
    """React to the origin of `thing` crossing `line` from `side` (``P_CrossSpecialLine``).

    DOOM 1.2 knows fewer kinds of lines, and lets missiles trigger what monsters do.
    """
    special = line.special
    is_early = world.version <= rules.GameVersion.DOOM_1_2
    if is_early and special > _LAST_OF_1_2 and special != _LIGHTS_OFF:
        return
    if thing.player is None:
        if special not in MONSTERS_CROSS or (thing.type in _INERT_MISSILES and not is_early):
            return
    elif special in MONSTERS_ONLY:
        return
    action = CROSS_ONCE.get(special)
    if action is not None:
        action(world, line, side, thing)
        line.special = 0
        return
    action = CROSS_AGAIN.get(special)
    if action is not None:
        action(world, line, side, thing)


def shoot_special_line(world: World, thing: Mobj, line: Line) -> None:
    """React to a shot of `thing` at `line` (``P_ShootSpecialLine``). The switch flips whether or not anything moved."""
    special = line.special
    action = SHOOT_AGAIN.get(special)
    if action is not None:
        action(world, line, 0, thing)
        switches.change_switch_texture(world, line, use_again=True)
    elif thing.player is not None and special in SHOOT_ONCE:
        SHOOT_ONCE[special](world, line, 0, thing)
        switches.change_switch_texture(world, line, use_again=False)


def use_special_line(world: World, thing: Mobj, line: Line, side: int) -> bool:
    """Let `thing` use `line` from `side`; returns whether that thing may use it at all (``P_UseSpecialLine``)."""
    special = line.special
    if side and special != _USED_FROM_BEHIND:
        return False
    if thing.player is None and (line.flags & ML_SECRET or special not in MONSTERS_USE):
        return False
    if special in doors.MANUAL_DOORS:
        doors.ev_vertical_door(world, line, thing)
    elif special in SWITCH_ONCE:
        if SWITCH_ONCE[special](world, line, side, thing):
            switches.change_switch_texture(world, line, use_again=False)
    elif special in SWITCH_AGAIN:
        if SWITCH_AGAIN[special](world, line, side, thing):
            switches.change_switch_texture(world, line, use_again=True)
    elif special in SWITCH_EXITS:
        switches.change_switch_texture(world, line, use_again=False)
        SWITCH_EXITS[special](world, line, side, thing)
    return True
