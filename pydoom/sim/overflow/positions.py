"""The things and lines that a thing's box touches, as P_CheckPosition finds them, with 32-bit differences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydoom.sim.constants import MAPBLOCKSHIFT, MAXRADIUS
from pydoom.sim.fixed import abs32, to_int32
from pydoom.sim.geometry import point_on_line_side
from pydoom.sim.level import BOXBOTTOM, BOXLEFT, BOXRIGHT, BOXTOP, ST_HORIZONTAL, ST_POSITIVE, ST_VERTICAL, Line
from pydoom.sim.links import block_things
from pydoom.sim.mobj import Mobj

if TYPE_CHECKING:
    from pydoom.sim.world import World

Blocks = tuple[int, int, int, int]
"""A rectangle of blocks: first and last column, first and last row. Nothing when a last is less than its first."""


def box_around(x: int, y: int, radius: int) -> list[int]:
    """Top, bottom, left, right of the box of a thing at (x, y)."""
    return [to_int32(y + radius), to_int32(y - radius), to_int32(x - radius), to_int32(x + radius)]


def blocks_under(world: World, box: list[int], margin: int) -> Blocks:
    """The blocks of the map that `box` and `margin` (16.16) around it lie on."""
    low_x = to_int32(box[BOXLEFT] - world.bmaporgx - margin) >> MAPBLOCKSHIFT
    high_x = to_int32(box[BOXRIGHT] - world.bmaporgx + margin) >> MAPBLOCKSHIFT
    low_y = to_int32(box[BOXBOTTOM] - world.bmaporgy - margin) >> MAPBLOCKSHIFT
    high_y = to_int32(box[BOXTOP] - world.bmaporgy + margin) >> MAPBLOCKSHIFT
    return max(low_x, 0), min(high_x, world.bmapwidth - 1), max(low_y, 0), min(high_y, world.bmapheight - 1)


def things_touched(world: World, x: int, y: int, radius: int) -> Iterator[Mobj]:
    """Things whose box overlaps that of a thing of `radius` at (x, y), itself included, in the blockmap's order.

    Found lazily, since touching one may remove another.
    """
    low_x, high_x, low_y, high_y = blocks_under(world, box_around(x, y, radius), MAXRADIUS)
    for block_x in range(low_x, high_x + 1):
        for block_y in range(low_y, high_y + 1):
            for thing in block_things(world, block_x, block_y):
                distance = to_int32(thing.radius + radius)
                if abs32(to_int32(thing.x - x)) < distance and abs32(to_int32(thing.y - y)) < distance:
                    yield thing


def lines_crossed(world: World, box: list[int], blocks: Blocks) -> Iterator[Line]:
    """Lines in `blocks` that `box` lies across and that `world.validcount` does not mark as seen; marks them.

    `box` is reread for each line: an overflow of the list of special lines overwrites it.
    """
    validcount = world.validcount
    low_x, high_x, low_y, high_y = blocks
    for block_x in range(low_x, high_x + 1):
        for block_y in range(low_y, high_y + 1):
            for line in world.blocklines[block_y * world.bmapwidth + block_x]:
                if line.validcount != validcount:
                    line.validcount = validcount
                    if _overlap(box, line.bbox) and _crosses(box, line):
                        yield line


def _overlap(box: list[int], other: list[int]) -> bool:
    return (
        box[BOXRIGHT] > other[BOXLEFT]
        and box[BOXLEFT] < other[BOXRIGHT]
        and box[BOXTOP] > other[BOXBOTTOM]
        and box[BOXBOTTOM] < other[BOXTOP]
    )


def _crosses(box: list[int], line: Line) -> bool:
    """``P_BoxOnLineSide`` gives -1: `box` has corners on both sides of the infinite line."""
    top, bottom, left, right = box
    if line.slopetype == ST_HORIZONTAL:
        return (top > line.v1.y) != (bottom > line.v1.y)
    if line.slopetype == ST_VERTICAL:
        return (right < line.v1.x) != (left < line.v1.x)
    if line.slopetype == ST_POSITIVE:
        return point_on_line_side(left, top, line) != point_on_line_side(right, bottom, line)
    return point_on_line_side(right, top, line) != point_on_line_side(left, bottom, line)
