"""The intercepts of P_PathTraverse with 32-bit differences and a list that overflows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydoom.sim.fixed import FRACUNIT, fixed_div, fixed_mul, to_int32
from pydoom.sim.geometry import point_on_line_side
from pydoom.sim.level import Line
from pydoom.sim.links import block_things
from pydoom.sim.mobj import Mobj
from pydoom.sim.overflow.memory import INTERCEPT_LIMIT, write_intercept

if TYPE_CHECKING:
    from pydoom.sim.world import World

Intercept = tuple[int, Line | None, Mobj | None]
"""(fraction of the trace 16.16, the line or None, the thing or None)"""


class _Trace:
    """``trace`` and ``intercepts`` of ``p_maputl.c``."""

    __slots__ = ("_early_out", "dx", "dy", "intercepts", "is_long", "is_over", "x", "y")

    def __init__(self, x: int, y: int, dx: int, dy: int, early_out: bool) -> None:
        self.x = x
        self.y = y
        self.dx = dx
        self.dy = dy
        self.is_long = not (-16 * FRACUNIT <= dx <= 16 * FRACUNIT and -16 * FRACUNIT <= dy <= 16 * FRACUNIT)
        self.intercepts: list[Intercept] = []
        self.is_over = False
        self._early_out = early_out

    def side(self, x: int, y: int) -> int:
        """``P_PointOnDivlineSide`` of the trace."""
        if not self.dx:
            return int(self.dy > 0 if x <= self.x else self.dy < 0)
        if not self.dy:
            return int(self.dx < 0 if y <= self.y else self.dx > 0)
        dx = to_int32(x - self.x)
        dy = to_int32(y - self.y)
        if (self.dy ^ self.dx ^ dx ^ dy) < 0:
            return int((self.dy ^ dx) < 0)
        return int(fixed_mul(dy >> 8, self.dx >> 8) >= fixed_mul(self.dy >> 8, dx >> 8))

    def fraction(self, x: int, y: int, dx: int, dy: int) -> int:
        """``P_InterceptVector``: where the line from (x, y) crosses the trace, 16.16; 0 when they are parallel."""
        den = to_int32(fixed_mul(dy >> 8, self.dx) - fixed_mul(dx >> 8, self.dy))
        if not den:
            return 0
        to_x = to_int32(x - self.x) >> 8
        to_y = to_int32(self.y - y) >> 8
        return fixed_div(to_int32(fixed_mul(to_x, dy) + fixed_mul(to_y, dx)), den)

    def add(self, world: World, frac: int, line: Line | None, thing: Mobj | None) -> None:
        """Append an intercept that is not behind the trace's start, and overwrite what lies behind a full list."""
        if frac < 0:
            return
        intercept = (frac, line, thing)
        self.is_over = self._early_out and is_solid(intercept)
        if len(self.intercepts) > INTERCEPT_LIMIT and not self.is_over:
            write_intercept(world, len(self.intercepts), frac, line is not None)
        self.intercepts.append(intercept)


def is_solid(intercept: Intercept) -> bool:
    """Whether this is a one-sided line before the end of the trace, which ends a trace with PT_EARLYOUT."""
    frac, line, _ = intercept
    return frac < FRACUNIT and line is not None and line.backsector is None


def intercepts_in(
    world: World,
    x: int,
    y: int,
    dx: int,
    dy: int,
    blocks: list[tuple[int, int]],
    lines: bool,
    things: bool,
    early_out: bool,
) -> list[Intercept]:
    """What the trace from (x, y) by (dx, dy) meets in `blocks` (column, row), in the order found.

    With `early_out` the first solid line is the last. The size of the blockmap is reread for each block: an overflow
    of the list overwrites it.
    """
    world.validcount += 1
    trace = _Trace(x, y, dx, dy, early_out)
    for block_x, block_y in blocks:
        if lines and 0 <= block_x < world.bmapwidth and 0 <= block_y < world.bmapheight:
            _add_lines(world, trace, world.blocklines[block_y * world.bmapwidth + block_x])
            if trace.is_over:
                break
        if things:
            for thing in block_things(world, block_x, block_y):
                _add_thing(world, trace, thing)
    return trace.intercepts


def _add_lines(world: World, trace: _Trace, lines: list[Line]) -> None:
    """``PIT_AddLineIntercepts`` for the lines of one block."""
    for line in lines:
        if line.validcount == world.validcount:
            continue
        line.validcount = world.validcount
        v1, v2 = line.v1, line.v2
        if trace.is_long:
            crossed = trace.side(v1.x, v1.y) != trace.side(v2.x, v2.y)
        else:
            x2, y2 = to_int32(trace.x + trace.dx), to_int32(trace.y + trace.dy)
            crossed = point_on_line_side(trace.x, trace.y, line) != point_on_line_side(x2, y2, line)
        if crossed:
            trace.add(world, trace.fraction(v1.x, v1.y, line.dx, line.dy), line, None)
            if trace.is_over:
                return


def _add_thing(world: World, trace: _Trace, thing: Mobj) -> None:
    """``PIT_AddThingIntercepts``: a thing that has a corner on either side of the trace."""
    radius = thing.radius
    x1 = to_int32(thing.x - radius)
    x2 = to_int32(thing.x + radius)
    y1 = to_int32(thing.y - radius)
    y2 = to_int32(thing.y + radius)
    if (trace.dx ^ trace.dy) > 0:
        y1, y2 = y2, y1
    if trace.side(x1, y1) != trace.side(x2, y2):
        trace.add(world, trace.fraction(x1, y1, to_int32(x2 - x1), to_int32(y2 - y1)), None, thing)
