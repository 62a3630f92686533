"""What a straight line through the map meets: the intercept list (``p_maputl.c``).

`path_traverse` collects the lines, and things if wanted, of every block on the way and returns them nearest first.
The original calls a function for each; here the caller loops over the list and stops when it has seen enough.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Final

from pydoom.sim.constants import MAPBLOCKSHIFT, MAPBLOCKSIZE, MAPBTOFRAC
from pydoom.sim.fixed import FRACUNIT, fixed_div, fixed_mul, to_int32
from pydoom.sim.geometry import intercept_vector, point_on_divline_side, point_on_line_side
from pydoom.sim.level import Line, MapThing
from pydoom.sim.mobj import Mobj

if TYPE_CHECKING:
    from pydoom.sim.world import World

PT_ADDLINES: Final = 1
PT_ADDTHINGS: Final = 2

MAX_BLOCKS: Final = 64
"""Blocks that a trace visits at most, should rounding make it miss its end."""
INTERCEPT_LIMIT: Final = 128
"""Intercepts that the original has room for; more of them overwrite other variables."""

Intercept = tuple[int, Line | None, Mobj | None]
"""(fraction of the trace 16.16, the line or None, the thing or None)"""

_fraction = itemgetter(0)


def start_of_trace(world: World, x: int, y: int) -> tuple[int, int]:
    """Where a trace from (x, y) really begins: one unit further when it would lie exactly on a block's edge."""
    if not (x - world.bmaporgx) & (MAPBLOCKSIZE - 1):
        x += FRACUNIT
    if not (y - world.bmaporgy) & (MAPBLOCKSIZE - 1):
        y += FRACUNIT
    return x, y


def path_traverse(world: World, x1: int, y1: int, x2: int, y2: int, flags: int) -> list[Intercept]:
    """``P_PathTraverse``: what lies between (x1, y1) and (x2, y2), nearest first; equally near in the order found.

    `flags` are PT_ADDLINES and PT_ADDTHINGS. Only fractions up to FRACUNIT are returned.
    """
    world.validcount += 1
    x1, y1 = start_of_trace(world, x1, y1)
    dx = to_int32(x2 - x1)
    dy = to_int32(y2 - y1)
    add_lines = flags & PT_ADDLINES
    add_things = flags & PT_ADDTHINGS
    intercepts: list[Intercept] = []
    for block in _blocks_on_the_way(world, x1, y1, x2, y2):
        if add_lines:
            _add_lines(world, block, x1, y1, dx, dy, intercepts)
        if add_things:
            _add_things(world, block, x1, y1, dx, dy, intercepts)
    near = [intercept for intercept in intercepts if intercept[0] <= FRACUNIT]
    near.sort(key=_fraction)
    return near


def _blocks_on_the_way(world: World, x1: int, y1: int, x2: int, y2: int) -> list[int]:
    """Indexes of the blocks between two points, in order and as the original's rounding finds them."""
    x1 -= world.bmaporgx
    y1 -= world.bmaporgy
    x2 -= world.bmaporgx
    y2 -= world.bmaporgy
    block_x = x1 >> MAPBLOCKSHIFT
    block_y = y1 >> MAPBLOCKSHIFT
    last_x = x2 >> MAPBLOCKSHIFT
    last_y = y2 >> MAPBLOCKSHIFT
    fine_x = x1 >> MAPBTOFRAC
    fine_y = y1 >> MAPBTOFRAC

    if last_x > block_x:
        step_x = 1
        partial = FRACUNIT - (fine_x & (FRACUNIT - 1))
        rise = fixed_div(y2 - y1, abs(x2 - x1))
    elif last_x < block_x:
        step_x = -1
        partial = fine_x & (FRACUNIT - 1)
        rise = fixed_div(y2 - y1, abs(x2 - x1))
    else:
        step_x = 0
        partial = FRACUNIT
        rise = 256 * FRACUNIT
    cross_y = to_int32(fine_y + fixed_mul(partial, rise))

    if last_y > block_y:
        step_y = 1
        partial = FRACUNIT - (fine_y & (FRACUNIT - 1))
        run = fixed_div(x2 - x1, abs(y2 - y1))
    elif last_y < block_y:
        step_y = -1
        partial = fine_y & (FRACUNIT - 1)
        run = fixed_div(x2 - x1, abs(y2 - y1))
    else:
        step_y = 0
        partial = FRACUNIT
        run = 256 * FRACUNIT
    cross_x = to_int32(fine_x + fixed_mul(partial, run))

    width = world.bmapwidth
    height = world.bmapheight
    blocks: list[int] = []
    for _ in range(MAX_BLOCKS):
        if 0 <= block_x < width and 0 <= block_y < height:
            blocks.append(block_y * width + block_x)
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
            if len(intercepts) > INTERCEPT_LIMIT:
                _overrun_intercepts(world, len(intercepts), frac, 1)
            intercepts.append((frac, line, None))


def _add_things(world: World, block: int, x: int, y: int, dx: int, dy: int, intercepts: list[Intercept]) -> None:
    """``PIT_AddThingIntercepts`` for the things of one block: those with a corner on either side of the trace."""
    falling = (dx ^ dy) > 0
    thing = world.blocklinks[block]
    while thing is not None:
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
                if len(intercepts) > INTERCEPT_LIMIT:
                    _overrun_intercepts(world, len(intercepts), frac, 0)
                intercepts.append((frac, None, thing))
        thing = thing.bnext


_INTERCEPT_SIZE: Final = 12
_LOWFLOOR: Final = 12
_OPENBOTTOM: Final = 16
_OPENTOP: Final = 20
_BULLETSLOPE: Final = 160
_PLAYERSTARTS: Final = 176
_PLAYERSTARTS_END: Final = 216


def _overrun_intercepts(world: World, index: int, frac: int, is_line: int) -> None:
    """``InterceptsOverrun``: intercept number `index` lands on variables behind the original's list.

    Each intercept is three words: the fraction, whether it is a line, and an address. The offsets are where Chocolate
    Doom and PrBoom+ say DOOM's variables lie. Addresses differ in every process and are not written; neither is the
    blockmap's description that follows the player starts, since the original crashes when that is hit.
    """
    location = (index - INTERCEPT_LIMIT - 1) * _INTERCEPT_SIZE
    for offset, value in ((location, frac), (location + 4, is_line)):
        if offset == _LOWFLOOR:
            world.move.lowfloor = value
        elif offset == _OPENBOTTOM:
            world.move.openbottom = value
        elif offset == _OPENTOP:
            world.move.opentop = value
        elif offset == _BULLETSLOPE:
            world.bulletslope = value
        elif _PLAYERSTARTS <= offset < _PLAYERSTARTS_END:
            _overwrite_playerstart(world, (offset - _PLAYERSTARTS) // 2, value)


def _overwrite_playerstart(world: World, word: int, value: int) -> None:
    """Put the two halves of `value` into 16-bit words `word` and `word + 1` of the player starts."""
    for half in (value, value >> 16):
        number, field = divmod(word, 5)
        start = world.playerstarts[number]
        fields = [0] * 5 if start is None else [start.x, start.y, start.angle, start.type, start.options]
        fields[field] = ((half & 0xFFFF) ^ 0x8000) - 0x8000
        world.playerstarts[number] = MapThing(*fields)
        word += 1
