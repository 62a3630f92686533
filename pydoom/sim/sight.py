"""Whether one thing can see another (``p_sight.c``): in DOOM 1.2 by a trace through the blockmap, later by the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydoom.sim.constants import SIGHT_WORK
from pydoom.sim.fixed import FRACUNIT, fixed_div, to_int32
from pydoom.sim.level import ML_TWOSIDED
from pydoom.sim.mobj import Mobj
from pydoom.sim.openings import leave_opening
from pydoom.sim.overflow import sightlines
from pydoom.sim.overflow.sightlines import divline_side
from pydoom.sim.traverse import PT_ADDLINES, PT_EARLYOUT, path_traverse

if TYPE_CHECKING:
    from pydoom.sim.world import World


def check_sight(world: World, t1: Mobj, t2: Mobj) -> bool:
    """``P_CheckSight``: whether `t1`'s eyes see any part of `t2`; asks REJECT first, then looks at lines on the way."""
    pair = t1.subsector.sector.index * len(world.sectors) + t2.subsector.sector.index
    if world.reject[pair >> 3] & (1 << (pair & 7)):
        return False
    if world.sight_by_blocks:
        return _trace(world, t1, t2)
    world.work += SIGHT_WORK
    return _walk_tree(world, t1, t2)


def _trace(world: World, t1: Mobj, t2: Mobj) -> bool:
    """The line of sight of DOOM 1.2 (``PTR_SightTraverse``): a trace as for shots, which ends at a one-sided line."""
    eye = to_int32(t1.z + t1.height - (t1.height >> 2))
    topslope = to_int32(t2.z + t2.height - eye)
    bottomslope = to_int32(t2.z - eye)
    for frac, line, _ in path_traverse(world, t1.x, t1.y, t2.x, t2.y, PT_ADDLINES | PT_EARLYOUT):
        if line is None:
            continue
        front, back = line.frontsector, line.backsector
        if back is None:
            if frac < FRACUNIT:
                return False
            continue  # `t2` stands exactly on a wall: the original reads a null pointer
        opentop, openbottom, _ = leave_opening(world, line)
        if openbottom >= opentop:
            return False
        if front.floorheight != back.floorheight:
            bottomslope = max(bottomslope, fixed_div(to_int32(openbottom - eye), frac))
        if front.ceilingheight != back.ceilingheight:
            topslope = min(topslope, fixed_div(to_int32(opentop - eye), frac))
        if topslope <= bottomslope:
            return False
    return True


def _walk_tree(world: World, t1: Mobj, t2: Mobj) -> bool:
    """``P_CrossBSPNode`` and ``P_CrossSubsector`` in one loop: whether the line of sight crosses every subsector.

    Sides of a partition or line are 0 in front, 1 behind, 2 on it; the original rounds to whole map units and
    decides the side by products of 16-bit numbers. The oddity that a horizontal partition compares x
    with its y for "on it" is the original's.
    """
    x1 = t1.x
    y1 = t1.y
    x2 = t2.x
    y2 = t2.y
    left, right, low, high = world.near
    if not (left <= x1 <= right and left <= x2 <= right and low <= y1 <= high and low <= y2 <= high):
        return sightlines.sees(world, t1, t2)
    world.validcount = validcount = world.validcount + 1
    dx = x2 - x1
    dy = y2 - y1
    eye = t1.z + t1.height - (t1.height >> 2)
    topslope = t2.z + t2.height - eye
    bottomslope = t2.z - eye
    is_slanted = dx and dy
    units_dx = dx >> 16
    units_dy = dy >> 16

    bsp = world.bsp
    lines_of = world.sightlines
    pending: list[int] = []
    number = len(bsp) - 1
    while True:
        while number >= 0:
            node_x, node_y, node_dx, node_dy, node_units_dx, node_units_dy, front, back = bsp[number]
            if node_dx and node_dy:
                left = node_units_dy * ((x1 - node_x) >> 16)
                right = ((y1 - node_y) >> 16) * node_units_dx
                side1 = 0 if right <= left else 1
                left = node_units_dy * ((x2 - node_x) >> 16)
                right = ((y2 - node_y) >> 16) * node_units_dx
                side2 = 0 if right < left else 2 if right == left else 1
            elif node_dy:
                side1 = 0 if x1 == node_x or (node_dy > 0) != (x1 < node_x) else 1
                side2 = 2 if x2 == node_x else 0 if (node_dy > 0) != (x2 < node_x) else 1
            elif node_dx:
                side1 = 0 if x1 == node_y or (node_dx < 0) != (y1 <= node_y) else 1
                side2 = 2 if x2 == node_y else 0 if (node_dx < 0) != (y2 <= node_y) else 1
            else:
                side1 = divline_side(x1, y1, node_x, node_y, node_dx, node_dy) & 1
                side2 = divline_side(x2, y2, node_x, node_y, node_dx, node_dy)
            if side1:
                number = back
                if side2 != 1:
                    pending.append(front)
            else:
                number = front
                if side2:
                    pending.append(back)

        for line, line_x1, line_y1, line_x2, line_y2, front_sector, back_sector in lines_of[~number]:
            if line.validcount == validcount:
                continue
            line.validcount = validcount
            if is_slanted:
                left = units_dy * ((line_x1 - x1) >> 16)
                right = ((line_y1 - y1) >> 16) * units_dx
                side1 = 0 if right < left else 2 if right == left else 1
                left = units_dy * ((line_x2 - x1) >> 16)
                right = ((line_y2 - y1) >> 16) * units_dx
                side2 = 0 if right < left else 2 if right == left else 1
            else:
                side1 = divline_side(line_x1, line_y1, x1, y1, dx, dy)
                side2 = divline_side(line_x2, line_y2, x1, y1, dx, dy)
            if side1 == side2:
                continue
            line_dx = line.dx
            line_dy = line.dy
            if line_dx and line_dy:
                line_units_dx = line_dx >> 16
                line_units_dy = line_dy >> 16
                left = line_units_dy * ((x1 - line_x1) >> 16)
                right = ((y1 - line_y1) >> 16) * line_units_dx
                side1 = 0 if right < left else 2 if right == left else 1
                left = line_units_dy * ((x2 - line_x1) >> 16)
                right = ((y2 - line_y1) >> 16) * line_units_dx
                side2 = 0 if right < left else 2 if right == left else 1
            elif line_dy:
                side1 = 2 if x1 == line_x1 else 0 if (line_dy > 0) != (x1 < line_x1) else 1
                side2 = 2 if x2 == line_x1 else 0 if (line_dy > 0) != (x2 < line_x1) else 1
            elif line_dx:
                side1 = 2 if x1 == line_y1 else 0 if (line_dx < 0) != (y1 <= line_y1) else 1
                side2 = 2 if x2 == line_y1 else 0 if (line_dx < 0) != (y2 <= line_y1) else 1
            else:
                side1 = divline_side(x1, y1, line_x1, line_y1, 0, 0)
                side2 = divline_side(x2, y2, line_x1, line_y1, 0, 0)
            if side1 == side2:
                continue

            if line.backsector is None or back_sector is None or not line.flags & ML_TWOSIDED:
                return False
            front_floor = front_sector.floorheight
            back_floor = back_sector.floorheight
            front_ceiling = front_sector.ceilingheight
            back_ceiling = back_sector.ceilingheight
            if front_floor == back_floor and front_ceiling == back_ceiling:
                continue
            opentop = front_ceiling if front_ceiling < back_ceiling else back_ceiling
            openbottom = front_floor if front_floor > back_floor else back_floor
            if openbottom >= opentop:
                return False

            # P_InterceptVector2
            den = ((line_dy >> 8) * dx >> 16) - ((line_dx >> 8) * dy >> 16)
            den = (den + 0x80000000 & 0xFFFFFFFF) - 0x80000000
            if den:
                num = (((line_x1 - x1) >> 8) * line_dy >> 16) + (((y1 - line_y1) >> 8) * line_dx >> 16)
                frac = fixed_div((num + 0x80000000 & 0xFFFFFFFF) - 0x80000000, den)
            else:
                frac = 0
            if front_floor != back_floor:
                slope = fixed_div(openbottom - eye, frac)
                if slope > bottomslope:
                    bottomslope = slope
            if front_ceiling != back_ceiling:
                slope = fixed_div(opentop - eye, frac)
                if slope < topslope:
                    topslope = slope
            if topslope <= bottomslope:
                return False

        if not pending:
            return True
        number = pending.pop()
