"""The side of a line something is on, by the original's rules, written plainly.

The simulation has both functions written out in its hot loops; tests hold those against these.
"""

from pydoom.sim.geometry import point_on_line_side
from pydoom.sim.level import (
    BOXBOTTOM,
    BOXLEFT,
    BOXRIGHT,
    BOXTOP,
    ST_HORIZONTAL,
    ST_POSITIVE,
    ST_VERTICAL,
    Line,
    Node,
    Subsector,
)
from pydoom.sim.world import World


def box_on_line_side(box: list[int], line: Line) -> int:
    """``P_BoxOnLineSide``: 0 or 1 when the box (top, bottom, left, right) is wholly on that side, -1 when it crosses.

    The line counts as infinitely long.
    """
    slope = line.slopetype
    if slope == ST_HORIZONTAL:
        first = int(box[BOXTOP] > line.v1.y)
        second = int(box[BOXBOTTOM] > line.v1.y)
        if line.dx < 0:
            first ^= 1
            second ^= 1
    elif slope == ST_VERTICAL:
        first = int(box[BOXRIGHT] < line.v1.x)
        second = int(box[BOXLEFT] < line.v1.x)
        if line.dy < 0:
            first ^= 1
            second ^= 1
    elif slope == ST_POSITIVE:
        first = point_on_line_side(box[BOXLEFT], box[BOXTOP], line)
        second = point_on_line_side(box[BOXRIGHT], box[BOXBOTTOM], line)
    else:
        first = point_on_line_side(box[BOXRIGHT], box[BOXTOP], line)
        second = point_on_line_side(box[BOXLEFT], box[BOXBOTTOM], line)
    return first if first == second else -1


def point_on_side(x: int, y: int, node: Node) -> int:
    """``R_PointOnSide``: 0 in front of the node's partition line or 1 behind it."""
    if not node.dx:
        return int(node.dy > 0 if x <= node.x else node.dy < 0)
    if not node.dy:
        return int(node.dx < 0 if y <= node.y else node.dx > 0)
    dx = x - node.x
    dy = y - node.y
    if (node.dy ^ node.dx ^ dx ^ dy) < 0:
        return int((node.dy ^ dx) < 0)
    left = ((node.dy >> 16) * dx) >> 16
    right = (dy * (node.dx >> 16)) >> 16
    return int(right >= left)


def subsector_at(world: World, x: int, y: int) -> Subsector:
    """``R_PointInSubsector``: where the walk down the nodes ends."""
    number = len(world.nodes) - 1
    while number >= 0:
        node = world.nodes[number]
        number = node.children[point_on_side(x, y, node)]
    return world.subsectors[~number]
