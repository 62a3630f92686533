"""What a straight line through the map meets: the intercept list (``p_maputl.c``).

`path_traverse` collects the lines, and things if wanted, of every block on the way and returns them nearest first.
The original calls a function for each; here the caller loops over the list and stops early.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Final

from pydoom.sim.constants import MAPBLOCKSHIFT, MAPBLOCKSIZE, MAPBTOFRAC, THINKERS_PER_WORK, TRACE_WORK
from pydoom.sim.fixed import FRACUNIT, abs32, fixed_div, fixed_mul, to_int32
from pydoom.sim.geometry import intercept_vector, point_on_divline_side, point_on_line_side
from pydoom.sim.overflow import traces
from pydoom.sim.overflow.memory import INTERCEPT_LIMIT
from pydoom.sim.overflow.traces import Intercept

if TYPE_CHECKING:
    from pydoom.sim.world import World

PT_ADDLINES: Final = 1
PT_ADDTHINGS: Final = 2
PT_EARLYOUT: Final = 4

MAX_BLOCKS: Final = 64
"""Most blocks a trace visits, in case rounding makes it miss its end."""

_fraction = itemgetter(0)


def start_of_trace(world: World, x: int, y: int) -> tuple[int, int]:
    """Where a trace from (x, y) really begins: one unit further when it would lie exactly on a block's edge."""
    if not (x - world.bmaporgx) & (MAPBLOCKSIZE - 1):
        x = to_int32(x + FRACUNIT)
    if not (y - world.bmaporgy) & (MAPBLOCKSIZE - 1):
        y = to_int32(y + FRACUNIT)
    return x, y


def path_traverse(world: World, x1: int, y1: int, x2: int, y2: int, flags: int) -> list[Intercept]:
    """``P_PathTraverse``: what lies between (x1, y1) and (x2, y2), nearest first; equally near in the order found.

    `flags` are PT_ADDLINES, PT_ADDTHINGS and PT_EARLYOUT: the first one-sided line found before the trace's end is
    then all that is returned. Only fractions up to FRACUNIT are returned.
    """
    world.work += TRACE_WORK
    x1, y1 = start_of_trace(world, x1, y1)
    dx = to_int32(x2 - x1)
    dy = to_int32(y2 - y1)
    add_lines = flags & PT_ADDLINES
    add_things = flags & PT_ADDTHINGS
    low_x, high_x, low_y, high_y = world.near
    is_near = low_x <= x1 <= high_x and low_x <= x2 <= high_x and low_y <= y1 <= high_y and low_y <= y2 <= high_y
    intercepts: list[Intercept] = []
    if is_near:
        world.validcount += 1
        width = world.bmapwidth
        height = world.bmapheight
        for block_x, block_y in _blocks_on_the_way(
            x1 - world.bmaporgx, y1 - world.bmaporgy, x2 - world.bmaporgx, y2 - world.bmaporgy, dx, dy
        ):
            if 0 <= block_x < width and 0 <= block_y < height:
                block = block_y * width + block_x
                if add_lines:
                    _add_lines(world, block, x1, y1, dx, dy, intercepts)
                if add_things:
                    _add_things(world, block, x1, y1, dx, dy, intercepts)
    if not is_near or len(intercepts) > INTERCEPT_LIMIT:
        origin_x = world.bmaporgx
        origin_y = world.bmaporgy
        blocks = _blocks_on_the_way(
            to_int32(x1 - origin_x), to_int32(y1 - origin_y), to_int32(x2 - origin_x), to_int32(y2 - origin_y), dx, dy
        )
        early_out = bool(flags & PT_EARLYOUT)
        intercepts = traces.intercepts_in(world, x1, y1, dx, dy, blocks, bool(add_lines), bool(add_things), early_out)
    if flags & PT_EARLYOUT:
        for intercept in intercepts:
            if traces.is_solid(intercept):
                return [intercept]
    near = [intercept for intercept in intercepts if intercept[0] <= FRACUNIT]
    near.sort(key=_fraction)
    return near


def _blocks_on_the_way(x1: int, y1: int, x2: int, y2: int, dx: int, dy: int) -> list[tuple[int, int]]:
    """Columns and rows of the blocks between two points, in order and as the original's rounding finds them.

    The points are given from the blockmap's origin; `dx` and `dy` lead from the first to the second. Blocks off the
    map are among them.
    """
    block_x = x1 >> MAPBLOCKSHIFT
    block_y = y1 >> MAPBLOCKSHIFT
    last_x = x2 >> MAPBLOCKSHIFT
    last_y = y2 >> MAPBLOCKSHIFT
    fine_x = x1 >> MAPBTOFRAC
    fine_y = y1 >> MAPBTOFRAC

    if last_x > block_x:
        step_x = 1
        partial = FRACUNIT - (fine_x & (FRACUNIT - 1))
        rise = fixed_div(dy, abs32(dx))
    elif last_x < block_x:
        step_x = -1
        partial = fine_x & (FRACUNIT - 1)
        rise = fixed_div(dy, abs32(dx))
    else:
        step_x = 0
        partial = FRACUNIT
        rise = 256 * FRACUNIT
    cross_y = to_int32(fine_y + fixed_mul(partial, rise))

    if last_y > block_y:
        step_y = 1
        partial = FRACUNIT - (fine_y & (FRACUNIT - 1))
        run = fixed_div(dx, abs32(dy))
    elif last_y < block_y:
        step_y = -1
        partial = fine_y & (FRACUNIT - 1)
        run = fixed_div(dx, abs32(dy))
    else:
        step_y = 0
        partial = FRACUNIT
        run = 256 * FRACUNIT
    cross_x = to_int32(fine_x + fixed_mul(partial, run))

    blocks = []
    for _ in range(MAX_BLOCKS):
        blocks.append((block_x, block_y))
        if block_x == last_x and block_y == last_y:
            break
        if cross_y >> 16 == block_y:
            cross_y += rise
            block_x += step_x
        elif cross_x >> 16 == block_x:
            cross_x += run
            block_y += step_y
    return blocks


def _add_lines(world: World, block: int, x: int, y: int, dx: int, dy: int, intercepts: list[Intercept]) -> None:
    """``PIT_AddLineIntercepts`` for the lines of one block: those with an end on either side of the trace.

    The sides are P_PointOnDivlineSide's, written out for traces that are not parallel to an axis.
    """
    validcount = world.validcount
    is_long = not (-16 * FRACUNIT <= dx <= 16 * FRACUNIT and -16 * FRACUNIT <= dy <= 16 * FRACUNIT)
    is_slanted = dx and dy
    signs = dx ^ dy
    dx8 = dx >> 8
    dy8 = dy >> 8
    for line_x1, line_y1, line_x2, line_y2, line in world.blockends[block]:
        if line.validcount == validcount:
            continue
        line.validcount = validcount
        if not is_long:
            if point_on_line_side(x, y, line) == point_on_line_side(x + dx, y + dy, line):
                continue
        elif is_slanted:
            to_x = line_x1 - x
            to_y = line_y1 - y
            if (signs ^ to_x ^ to_y) < 0:
                side1 = (dy ^ to_x) < 0
            else:
                side1 = ((to_y >> 8) * dx8) >> 16 >= (dy8 * (to_x >> 8)) >> 16
            to_x = line_x2 - x
            to_y = line_y2 - y
            if (signs ^ to_x ^ to_y) < 0:
                side2 = (dy ^ to_x) < 0
            else:
                side2 = ((to_y >> 8) * dx8) >> 16 >= (dy8 * (to_x >> 8)) >> 16
            if side1 == side2:
                continue
        elif point_on_divline_side(line_x1, line_y1, x, y, dx, dy) == point_on_divline_side(
            line_x2, line_y2, x, y, dx, dy
        ):
            continue
        frac = intercept_vector(x, y, dx, dy, line_x1, line_y1, line.dx, line.dy)
        if frac >= 0:
            intercepts.append((frac, line, None))


def _add_things(world: World, block: int, x: int, y: int, dx: int, dy: int, intercepts: list[Intercept]) -> None:
    """``PIT_AddThingIntercepts`` for the things of one block: those with a corner on either side of the trace."""
    falling = (dx ^ dy) > 0
    thing = world.blocklinks[block]
    looked_at = 0
    while thing is not None:
        looked_at += 1
        radius = thing.radius
        left = thing.x - radius
        right = thing.x + radius
        if falling:
            y1 = thing.y + radius
            y2 = thing.y - radius
        else:
            y1 = thing.y - radius
            y2 = thing.y + radius
        if point_on_divline_side(left, y1, x, y, dx, dy) != point_on_divline_side(right, y2, x, y, dx, dy):
            frac = intercept_vector(x, y, dx, dy, left, y1, right - left, y2 - y1)
            if frac >= 0:
                intercepts.append((frac, None, thing))
        thing = thing.bnext
    world.work += looked_at // THINKERS_PER_WORK
