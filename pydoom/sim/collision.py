"""Whether a thing could be somewhere, and what it touches there: lines and things (``p_map.c``).

What a check found is left in `world.move`. Lines and things are met in the order of the blockmap, which decides what
is picked up, hit and crossed first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.flags import (
    MF_MISSILE,
    MF_NOCLIP,
    MF_PICKUP,
    MF_SHOOTABLE,
    MF_SKULLFLY,
    MF_SOLID,
    MF_SPECIAL,
)
from pydoom.data.mobj_ids import MT_BRUISER, MT_KNIGHT, MT_PLAYER
from pydoom.sim import damage, links, pickups, states
from pydoom.sim.constants import MAPBLOCKSHIFT, MAXRADIUS
from pydoom.sim.fixed import to_int32
from pydoom.sim.geometry import point_in_subsector
from pydoom.sim.level import ML_BLOCKING, ML_BLOCKMONSTERS
from pydoom.sim.mobj import Mobj

if TYPE_CHECKING:
    from pydoom.sim.world import LastMove, World


_CONTACT: Final = MF_SOLID | MF_SPECIAL | MF_SHOOTABLE

SPECHIT_LIMIT: Final = 8
"""Special lines that the original has room for; more of them overwrite what lies behind."""
SPECHIT_ADDRESS: Final = 0x01C09C98
"""Where the original's linedefs might be in memory: the value Chocolate Doom and PrBoom+ agree on."""
LINE_SIZE: Final = 0x3E
"""Bytes between two linedefs in the original's memory."""


def check_position(world: World, thing: Mobj, x: int, y: int) -> bool:
    """``P_CheckPosition``: whether `thing` could be at (x, y), whatever the heights.

    Picks up items and lets missiles and charging skulls hit on the way. `world.move` holds what was found, also when
    the answer is no; then only what came before the obstacle has been counted.
    """
    move = world.move
    radius = thing.radius
    flags = thing.flags
    top = y + radius
    bottom = y - radius
    right = x + radius
    left = x - radius

    move.subsector = subsector = point_in_subsector(world, x, y)
    sector = subsector.sector
    move.ceilingline = ceilingline = None
    move.floorz = move.dropoffz = floorz = dropoffz = sector.floorheight
    move.ceilingz = ceilingz = sector.ceilingheight
    world.validcount = validcount = world.validcount + 1
    spechit = move.spechit
    spechit.clear()
    if flags & MF_NOCLIP:
        return True

    width = world.bmapwidth
    height = world.bmapheight
    origin_x = world.bmaporgx
    origin_y = world.bmaporgy

    reach = world.reach
    if not (-reach <= x <= reach and -reach <= y <= reach):
        # the box wraps round; nothing is that far out, but a line may still cross the inside-out box
        top, bottom, left, right = to_int32(top), to_int32(bottom), to_int32(left), to_int32(right)

    # things are listed in the block of their centre, so the search reaches MAXRADIUS further
    low_x = (left - origin_x - MAXRADIUS) >> MAPBLOCKSHIFT
    high_x = (right - origin_x + MAXRADIUS) >> MAPBLOCKSHIFT
    low_y = (bottom - origin_y - MAXRADIUS) >> MAPBLOCKSHIFT
    high_y = (top - origin_y + MAXRADIUS) >> MAPBLOCKSHIFT
    if low_x < 0:
        low_x = 0
    if low_y < 0:
        low_y = 0
    if high_x >= width:
        high_x = width - 1
    end = (high_y + 1 if high_y < height else height) * width
    # in a crowd nearly all contacts are between a walker and something solid: no call for those
    complicated = -1 if flags & (MF_MISSILE | MF_SKULLFLY) else MF_SPECIAL
    blocklinks = world.blocklinks
    for block_x in range(low_x, high_x + 1):
        for block in range(block_x + low_y * width, end, width):
            other = blocklinks[block]
            while other is not None:
                near = other.radius + radius
                if -near < other.x - x < near and -near < other.y - y < near and other is not thing:
                    other_flags = other.flags
                    if other_flags & complicated:
                        if other_flags & _CONTACT and not _touch_thing(world, thing, other, flags):
                            return False
                    elif other_flags & MF_SOLID:
                        return False
                other = other.bnext

    low_x = (left - origin_x) >> MAPBLOCKSHIFT
    high_x = (right - origin_x) >> MAPBLOCKSHIFT
    low_y = (bottom - origin_y) >> MAPBLOCKSHIFT
    high_y = (top - origin_y) >> MAPBLOCKSHIFT
    if low_x < 0:
        low_x = 0
    if low_y < 0:
        low_y = 0
    if high_x >= width:
        high_x = width - 1
    end = (high_y + 1 if high_y < height else height) * width
    blockboxes = world.blockboxes
    if flags & MF_MISSILE:
        blocking = 0
    elif thing.player is not None:
        blocking = ML_BLOCKING
    else:
        blocking = ML_BLOCKING | ML_BLOCKMONSTERS
    possible = True
    crossed = False
    for block_x in range(low_x, high_x + 1):
        for block in range(block_x + low_y * width, end, width):
            for line_top, line_bottom, line_left, line_right, line, slanted in blockboxes[block]:
                if right <= line_left or left >= line_right or top <= line_bottom or bottom >= line_top:
                    continue
                if line.validcount == validcount:
                    continue
                line.validcount = validcount
                if slanted is not None:
                    # P_BoxOnLineSide; an axis-aligned line crosses every box that overlaps its own
                    rising, line_x, line_y, units_dx, units_dy = slanted
                    if rising:
                        side1 = ((top - line_y) * units_dx) >> 16 >= (units_dy * (left - line_x)) >> 16
                        side2 = ((bottom - line_y) * units_dx) >> 16 >= (units_dy * (right - line_x)) >> 16
                    else:
                        side1 = ((top - line_y) * units_dx) >> 16 >= (units_dy * (right - line_x)) >> 16
                        side2 = ((bottom - line_y) * units_dx) >> 16 >= (units_dy * (left - line_x)) >> 16
                    if side1 == side2:
                        continue
                back = line.backsector
                if back is None or line.flags & blocking:
                    possible = False
                    break

                # P_LineOpening
                crossed = True
                front = line.frontsector
                opentop = front.ceilingheight
                if back.ceilingheight < opentop:
                    opentop = back.ceilingheight
                openbottom = front.floorheight
                lowfloor = back.floorheight
                if openbottom <= lowfloor:
                    openbottom, lowfloor = lowfloor, openbottom
                if opentop < ceilingz:
                    ceilingz = opentop
                    ceilingline = line
                if openbottom > floorz:
                    floorz = openbottom
                if lowfloor < dropoffz:
                    dropoffz = lowfloor

                if line.special:
                    spechit.append(line)
                    if len(spechit) > SPECHIT_LIMIT:
                        box = _overrun_spechit(move, [top, bottom, left, right], len(spechit), line.index)
                        top, bottom, left, right = box
            if not possible:
                break
        if not possible:
            break
    if crossed:
        move.ceilingline = ceilingline
        move.floorz = floorz
        move.ceilingz = ceilingz
        move.dropoffz = dropoffz
        move.opentop = opentop
        move.openbottom = openbottom
        move.lowfloor = lowfloor
    return possible


def _overrun_spechit(move: LastMove, box: list[int], count: int, line_index: int) -> list[int]:
    """``SpechitOverrun``: the box being checked after the `count`th special line was written past the list's end."""
    address = to_int32(SPECHIT_ADDRESS + line_index * LINE_SIZE)
    if count <= SPECHIT_LIMIT + 4:
        box[count - SPECHIT_LIMIT - 1] = address
    elif count == SPECHIT_LIMIT + 5:
        move.crushchange = address != 0
    elif count == SPECHIT_LIMIT + 6:
        move.nofit = address != 0
    return box


def _touch_thing(world: World, thing: Mobj, other: Mobj, flags: int) -> bool:
    """The part of ``PIT_CheckThing`` for things that do overlap: whether `thing` may be there nevertheless.

    `flags` are the flags that `thing` had when the check began.
    """
    if thing.flags & MF_SKULLFLY:
        amount = (world.random.p_random() % 8 + 1) * thing.info.damage
        damage.damage_mobj(world, other, thing, thing, amount)
        thing.flags &= ~MF_SKULLFLY
        thing.momx = thing.momy = thing.momz = 0
        states.set_mobj_state(world, thing, thing.info.spawnstate)
        return False

    if thing.flags & MF_MISSILE:
        if thing.z > other.z + other.height or thing.z + thing.height < other.z:
            return True
        shooter = thing.target
        if shooter is not None and _same_species(shooter.type, other.type):
            if other is shooter:
                return True
            if other.type != MT_PLAYER and not world.info.misc.species_infighting:
                return False  # explodes without hurting its own kind
        if not other.flags & MF_SHOOTABLE:
            return not other.flags & MF_SOLID
        amount = (world.random.p_random() % 8 + 1) * thing.info.damage
        damage.damage_mobj(world, other, thing, shooter, amount)
        return False

    if other.flags & MF_SPECIAL:
        solid = other.flags & MF_SOLID
        if flags & MF_PICKUP:
            pickups.touch_special_thing(world, other, thing)
        return not solid
    return not other.flags & MF_SOLID


def _same_species(first: int, second: int) -> bool:
    return (
        first == second
        or (first == MT_KNIGHT and second == MT_BRUISER)
        or (first == MT_BRUISER and second == MT_KNIGHT)
    )


def teleport_move(world: World, thing: Mobj, x: int, y: int) -> bool:
    """``P_TeleportMove``: put `thing` at (x, y), killing what is there; False when it may not.

    Only players may kill so, except on MAP30 where the monster spawner does.
    """
    move = world.move
    move.subsector = subsector = point_in_subsector(world, x, y)
    sector = subsector.sector
    move.ceilingline = None
    floorz = move.floorz = move.dropoffz = sector.floorheight
    ceilingz = move.ceilingz = sector.ceilingheight
    world.validcount += 1
    move.spechit.clear()

    radius = thing.radius
    origin_x = world.bmaporgx
    origin_y = world.bmaporgy
    low_x = (x - radius - origin_x - MAXRADIUS) >> MAPBLOCKSHIFT
    high_x = (x + radius - origin_x + MAXRADIUS) >> MAPBLOCKSHIFT
    low_y = (y - radius - origin_y - MAXRADIUS) >> MAPBLOCKSHIFT
    high_y = (y + radius - origin_y + MAXRADIUS) >> MAPBLOCKSHIFT
    for block_x in range(low_x, high_x + 1):
        for block_y in range(low_y, high_y + 1):
            for other in links.block_things(world, block_x, block_y):
                if not other.flags & MF_SHOOTABLE or other is thing:
                    continue
                reach = other.radius + radius
                if abs(other.x - x) >= reach or abs(other.y - y) >= reach:
                    continue
                if thing.player is None and world.map != 30:
                    return False
                damage.damage_mobj(world, other, thing, thing, 10000)

    links.unset_thing_position(world, thing)
    thing.floorz = floorz
    thing.ceilingz = ceilingz
    thing.x = x
    thing.y = y
    links.link(world, thing, subsector)
    return True
