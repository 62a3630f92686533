"""Distances, angles and sides of lines in 16.16 map units (``p_maputl.c``, the geometry of ``r_main.c``).

The roundings are the original's and decide what is hit: which products are shifted down before they are compared is
part of the rules. Hot loops elsewhere write these functions out by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.tables import ANG90, ANG180, ANG270, ANGLE_MASK, SLOPERANGE, TANTOANGLE
from pydoom.sim.fixed import MAXINT, abs32, fixed_div, to_int32
from pydoom.sim.level import Line, Subsector

if TYPE_CHECKING:
    from pydoom.sim.world import World

CELL_SHIFT: Final = 21
"""Cells of 32 map units, over which point_in_subsector remembers how far all descents of the BSP tree agree."""
ROUNDING: Final = 1 << 18
"""An upper bound on the rounding error of R_PointOnSide's shifted products."""


def approx_distance(dx: int, dy: int) -> int:
    """``P_AproxDistance``: the longer side plus half the shorter."""
    dx = abs(dx)
    dy = abs(dy)
    distance = dx + dy - (dx >> 1) if dx < dy else dx + dy - (dy >> 1)
    return distance if distance <= MAXINT else _overflowing_distance(dx, dy)


def _overflowing_distance(dx: int, dy: int) -> int:
    """approx_distance where the distance, or a side of it, does not fit into 32 bits."""
    dx = abs32(to_int32(dx))
    dy = abs32(to_int32(dy))
    return to_int32(dx + dy - (min(dx, dy) >> 1))


def point_on_line_side(x: int, y: int, line: Line) -> int:
    """``P_PointOnLineSide``: 0 in front of `line` or 1 behind it."""
    dx = line.dx
    dy = line.dy
    if not dx:
        return int(dy > 0 if x <= line.v1.x else dy < 0)
    if not dy:
        return int(dx < 0 if y <= line.v1.y else dx > 0)
    # differences wrap at 32 bits
    left = (dy >> 16) * ((x - line.v1.x + 0x80000000 & 0xFFFFFFFF) - 0x80000000) >> 16
    right = ((y - line.v1.y + 0x80000000 & 0xFFFFFFFF) - 0x80000000) * (dx >> 16) >> 16
    return int(right >= left)


def point_on_divline_side(x: int, y: int, line_x: int, line_y: int, line_dx: int, line_dy: int) -> int:
    """``P_PointOnDivlineSide`` of points that are near each other: 0 in front of the line or 1 behind it."""
    if not line_dx:
        return int(line_dy > 0 if x <= line_x else line_dy < 0)
    if not line_dy:
        return int(line_dx < 0 if y <= line_y else line_dx > 0)
    dx = x - line_x
    dy = y - line_y
    if (line_dy ^ line_dx ^ dx ^ dy) < 0:
        return int((line_dy ^ dx) < 0)
    left = ((line_dy >> 8) * (dx >> 8)) >> 16
    right = ((dy >> 8) * (line_dx >> 8)) >> 16
    return int(right >= left)


def intercept_vector(trace_x: int, trace_y: int, trace_dx: int, trace_dy: int, x: int, y: int, dx: int, dy: int) -> int:
    """``P_InterceptVector`` of points that are near each other: where the line from (x, y) crosses the trace.

    16.16 fraction of the trace's length; 0 when they are parallel.
    """
    den = ((((dy >> 8) * trace_dx) >> 16) - (((dx >> 8) * trace_dy) >> 16) + 0x80000000 & 0xFFFFFFFF) - 0x80000000
    if not den:
        return 0
    num = ((x - trace_x >> 8) * dy >> 16) + ((trace_y - y >> 8) * dx >> 16)
    return fixed_div((num + 0x80000000 & 0xFFFFFFFF) - 0x80000000, den)


def point_in_subsector(world: World, x: int, y: int) -> Subsector:
    """``R_PointInSubsector``: the leaf of the BSP tree that (x, y) is in.

    `world.bsp` holds the partition lines as tuples, which unpack faster than a `Node`'s attributes are read; the
    sides are R_PointOnSide's. The descent begins where those of all points of the cell part (`_common_branch`):
    mostly at the leaf itself, which makes it three times as fast.
    """
    bsp = world.bsp
    number = world.bsp_starts.get((x >> CELL_SHIFT << 12) + (y >> CELL_SHIFT & 0xFFF))
    if number is None:
        low_x, high_x, low_y, high_y = world.near
        if not (low_x <= x <= high_x and low_y <= y <= high_y):
            return _far_point_in_subsector(world, x, y)
        number = _common_branch(world, x >> CELL_SHIFT, y >> CELL_SHIFT)
    while number >= 0:
        node_x, node_y, node_dx, node_dy, units_dx, units_dy, front, back = bsp[number]
        if not node_dx:
            number = back if (node_dy > 0 if x <= node_x else node_dy < 0) else front
        elif not node_dy:
            number = back if (node_dx < 0 if y <= node_y else node_dx > 0) else front
        else:
            dx = x - node_x
            dy = y - node_y
            if (node_dy ^ node_dx ^ dx ^ dy) < 0:
                number = back if (node_dy ^ dx) < 0 else front
            elif (dy * units_dx) >> 16 >= (units_dy * dx) >> 16:
                number = back
            else:
                number = front
    return world.subsectors[~number]


def _common_branch(world: World, cell_x: int, cell_y: int) -> int:
    """The node or leaf (a complement) that the descents of all points of a cell reach; kept in `world.bsp_starts`.

    A partition line counts as passing through the cell unless it misses it by so much that no rounding of
    R_PointOnSide matters.
    """
    left, bottom = cell_x << CELL_SHIFT, cell_y << CELL_SHIFT
    right, top = left + (1 << CELL_SHIFT), bottom + (1 << CELL_SHIFT)
    low_x, high_x, low_y, high_y = world.near
    number = len(world.bsp) - 1
    if not (low_x <= left and right <= high_x and low_y <= bottom and top <= high_y):
        return number
    while number >= 0:
        node_x, node_y, _, _, units_dx, units_dy, front, back = world.bsp[number]
        products = [units_dx * (y - node_y) - units_dy * (x - node_x) for x in (left, right) for y in (bottom, top)]
        if min(products) > ROUNDING:
            number = back
        elif max(products) < -ROUNDING:
            number = front
        else:
            break
    world.bsp_starts[(cell_x << 12) + (cell_y & 0xFFF)] = number
    return number


def _far_point_in_subsector(world: World, x: int, y: int) -> Subsector:
    """point_in_subsector where the distance to a partition line may overflow 32 bits."""
    number = len(world.bsp) - 1
    while number >= 0:
        node_x, node_y, node_dx, node_dy, units_dx, units_dy, front, back = world.bsp[number]
        if not node_dx:
            behind = node_dy > 0 if x <= node_x else node_dy < 0
        elif not node_dy:
            behind = node_dx < 0 if y <= node_y else node_dx > 0
        else:
            dx = to_int32(x - node_x)
            dy = to_int32(y - node_y)
            if (node_dy ^ node_dx ^ dx ^ dy) < 0:
                behind = (node_dy ^ dx) < 0
            else:
                behind = (dy * units_dx) >> 16 >= (units_dy * dx) >> 16
        number = back if behind else front
    return world.subsectors[~number]


def point_to_angle(x1: int, y1: int, x2: int, y2: int) -> int:
    """``R_PointToAngle2``: BAM angle of the direction from (x1, y1) to (x2, y2); 0 when they are the same point.

    The masks turn the least int, which is its own negative in C, into 0, as C's comparisons and SlopeDiv do.
    """
    x = x2 - x1
    y = y2 - y1
    if not (-MAXINT <= x <= MAXINT and -MAXINT <= y <= MAXINT):
        x = to_int32(x)
        y = to_int32(y)
    if not x and not y:
        return 0
    if x >= 0:
        if y >= 0:
            if x > y:
                return TANTOANGLE[slope_div(y, x)]
            return ANG90 - 1 - TANTOANGLE[slope_div(x, y)]
        y = -y & MAXINT
        if x > y:
            return -TANTOANGLE[slope_div(y, x)] & ANGLE_MASK
        return ANG270 + TANTOANGLE[slope_div(x, y)]
    x = -x & MAXINT
    if y >= 0:
        if x > y:
            return ANG180 - 1 - TANTOANGLE[slope_div(y, x)]
        return ANG90 + TANTOANGLE[slope_div(x, y)]
    y = -y & MAXINT
    if x > y:
        return ANG180 + TANTOANGLE[slope_div(y, x)]
    return ANG270 - 1 - TANTOANGLE[slope_div(x, y)]


def slope_div(num: int, den: int) -> int:
    """``SlopeDiv``: index into TANTOANGLE of num/den, for num <= den; num loses its top bits as in the original."""
    if den < 512:
        return SLOPERANGE
    slope = (num << 3 & 0xFFFFFFFF) // (den >> 8)
    return slope if slope <= SLOPERANGE else SLOPERANGE


def line_opening(line: Line) -> tuple[int, int, int, int]:
    """``P_LineOpening``: (opentop, openbottom, openrange, lowfloor) of the window in a line; without a back all 0."""
    back = line.backsector
    if back is None:
        return (0, 0, 0, 0)
    front = line.frontsector
    opentop = min(front.ceilingheight, back.ceilingheight)
    if front.floorheight > back.floorheight:
        return (opentop, front.floorheight, to_int32(opentop - front.floorheight), back.floorheight)
    return (opentop, back.floorheight, to_int32(opentop - back.floorheight), front.floorheight)
