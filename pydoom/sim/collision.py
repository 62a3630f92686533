"""Whether a thing fits at a position, and what it touches there: lines and things (``p_map.c``).

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
from pydoom.sim.constants import MAPBLOCKSHIFT, MAXRADIUS, THINKERS_PER_WORK
from pydoom.sim.fixed import to_int32
from pydoom.sim.geometry import point_in_subsector
from pydoom.sim.level import ML_BLOCKING, ML_BLOCKMONSTERS, Line
from pydoom.sim.mobj import Mobj
from pydoom.sim.openings import leave_opening
from pydoom.sim.overflow import positions
from pydoom.sim.overflow.memory import SPECHIT_LIMIT, write_special_line

if TYPE_CHECKING:
    from pydoom.sim.world import World


_CONTACT: Final = MF_SOLID | MF_SPECIAL | MF_SHOOTABLE


def check_position(world: World, thing: Mobj, x: int, y: int) -> bool:
    """``P_CheckPosition``: whether `thing` could be at (x, y), whatever the heights.

    Picks up items and lets missiles and charging skulls hit on the way. `world.move` holds what was found, also when
    the answer is no; then only what came before the obstacle has been counted.
    """
    move = world.move
    move.thing = thing
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

    if flags & MF_MISSILE:
        blocking = 0
    elif thing.player is not None:
        blocking = ML_BLOCKING
    else:
        blocking = ML_BLOCKING | ML_BLOCKMONSTERS
    near_left, near_right, near_bottom, near_top = world.near
    if not (near_left <= x <= near_right and near_bottom <= y <= near_top):
        return _check_far_position(world, thing, x, y, flags, blocking)

    width = world.bmapwidth
    height = world.bmapheight
    origin_x = world.bmaporgx
    origin_y = world.bmaporgy

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
    looked_at = 0
    for block_x in range(low_x, high_x + 1):
        for block in range(block_x + low_y * width, end, width):
            other = blocklinks[block]
            while other is not None:
                looked_at += 1
                near = other.radius + radius
                if -near < other.x - x < near and -near < other.y - y < near and other is not thing:
                    other_flags = other.flags
                    if other_flags & complicated:
                        if other_flags & _CONTACT and not _touch_thing(world, thing, other, flags):
                            world.work += looked_at // THINKERS_PER_WORK
                            return False
                    elif other_flags & MF_SOLID:
                        world.work += looked_at // THINKERS_PER_WORK
                        return False
                other = other.bnext
    world.work += looked_at // THINKERS_PER_WORK

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
    possible = True
    crossed = False
    full = False
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
                        full = True
                        possible = False
                        break
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
    if full:
        blocks = (low_x, high_x, low_y, end // width - 1)
        _see_lines_until(world, blocks, block, spechit[-1])
        box = [top, bottom, left, right]
        write_special_line(world, box, spechit[-1])
        return _check_lines(world, box, blocks, blocking)
    return possible


def _see_lines_until(world: World, blocks: positions.Blocks, last_block: int, last_line: Line) -> None:
    """Mark the lines that a check has looked at so far, also those that it did not touch."""
    low_x, high_x, low_y, high_y = blocks
    for block_x in range(low_x, high_x + 1):
        for block_y in range(low_y, high_y + 1):
            block = block_y * world.bmapwidth + block_x
            for line in world.blocklines[block]:
                line.validcount = world.validcount
                if line is last_line and block == last_block:
                    return


def _check_far_position(world: World, thing: Mobj, x: int, y: int, flags: int, blocking: int) -> bool:
    """check_position from the first look at things on, where differences of coordinates may overflow 32 bits."""
    for other in positions.things_touched(world, x, y, thing.radius):
        if other.flags & _CONTACT and other is not thing and not _touch_thing(world, thing, other, flags):
            return False
    box = positions.box_around(x, y, thing.radius)
    return _check_lines(world, box, positions.blocks_under(world, box, 0), blocking)


def _check_lines(world: World, box: list[int], blocks: positions.Blocks, blocking: int) -> bool:
    """``PIT_CheckLine`` for all lines in `blocks` that have not been seen: whether none of them blocks.

    Lines with a flag of `blocking` stop the thing, though they have two sides.
    """
    move = world.move
    for line in positions.lines_crossed(world, box, blocks):
        if line.backsector is None or line.flags & blocking:
            return False
        opentop, openbottom, _ = leave_opening(world, line)
        if opentop < move.ceilingz:
            move.ceilingz = opentop
            move.ceilingline = line
        move.floorz = max(move.floorz, openbottom)
        move.dropoffz = min(move.dropoffz, move.lowfloor)
        if line.special:
            move.spechit.append(line)
            if len(move.spechit) > SPECHIT_LIMIT:
                write_special_line(world, box, line)
    return True


def _touch_thing(world: World, thing: Mobj, other: Mobj, flags: int) -> bool:
    """The part of ``PIT_CheckThing`` for things that do overlap: whether `thing` may be there anyway.

    `flags` are the flags that `thing` had when the check began.
    """
    if thing.flags & MF_SKULLFLY:
        amount = (world.random.p_random() % 8 + 1) * thing.info.damage
        damage.damage_mobj(world, other, thing, thing, amount)
        # a victim that wakes up takes a step at once: then it is the one that is stopped, and the skull flies on
        stopped = world.move.thing or thing
        stopped.flags &= ~MF_SKULLFLY
        stopped.momx = stopped.momy = stopped.momz = 0
        states.set_mobj_state(world, stopped, stopped.info.spawnstate)
        return False

    if thing.flags & MF_MISSILE:
        if thing.z > to_int32(other.z + other.height) or to_int32(thing.z + thing.height) < other.z:
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
    move.thing = thing
    move.subsector = subsector = point_in_subsector(world, x, y)
    sector = subsector.sector
    move.ceilingline = None
    floorz = move.floorz = move.dropoffz = sector.floorheight
    ceilingz = move.ceilingz = sector.ceilingheight
    world.validcount += 1
    move.spechit.clear()

    for other in positions.things_touched(world, x, y, thing.radius):
        if not other.flags & MF_SHOOTABLE or other is thing:
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
