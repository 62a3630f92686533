"""Which parts of the level are in view: wall ranges and sectors (``r_bsp.c``).

First the angles of all vertices and the screen columns of all segs are computed in one batch. Then the tree is walked
in plain Python, which asks for few of the nodes and of their boxes; the columns hidden so far are the bits of one big
int, so clipping a seg is one ``&``.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

import numpy as np

from pydoom.data.tables import ANG90, ANG180, SLOPERANGE, TANTOANGLE
from pydoom.render.arrays.arith import I64, OCTANT_BASE, OCTANT_SIGN, U32, point_to_angle
from pydoom.render.arrays.level import CEILING, FLOOR, NO_SECTOR, Box, LevelArrays
from pydoom.render.arrays.view import ViewTables
from pydoom.sim.fixed import to_int32
from pydoom.sim.world import BspEntry

_U32: Final = 0xFFFFFFFF
_OCTANTS: Final[list[tuple[int, int]]] = list(
    zip(OCTANT_BASE.tolist(), OCTANT_SIGN.view(np.int32).tolist(), strict=True)
)
_CORNERS: Final = (
    ((3, 0), (2, 1)),
    ((3, 0), (2, 0)),
    ((3, 1), (2, 0)),
    ((2, 0), (2, 1)),
    None,
    ((3, 1), (3, 0)),
    ((2, 0), (3, 1)),
    ((2, 1), (3, 1)),
    ((2, 1), (3, 0)),
)
"""checkcoord: for each of 3x3 places of the viewer around a box, which of its edges (top, bottom, left, right) are
x and y of the corners at its left and right end as seen; None inside."""


class Visible:
    """What a walk found, front to back.

    - `segs`, `starts`, `stops`, `subsectors`: wall ranges: seg number, first and last column, subsector it came from
    - `sectors`: each sector in view once, in order, with the number of ranges found before it
    - `angles` uint32[vertices]: BAM from the viewpoint
    """

    __slots__ = ("angles", "sectors", "segs", "starts", "stops", "subsectors")

    def __init__(self, angles: U32) -> None:
        self.angles = angles
        self.segs: list[int] = []
        self.starts: list[int] = []
        self.stops: list[int] = []
        self.subsectors: list[int] = []
        self.sectors: list[tuple[int, int]] = []


class Walker:
    """Walks the BSP tree of one level for one view size."""

    def __init__(self, level: LevelArrays, view: ViewTables) -> None:
        self.level = level
        self.view = view
        self._angle_to_x: list[int] = view.angle_to_x.tolist()

    def walk(self, x: int, y: int, angle: int) -> Visible:
        """Everything seen from (x, y) in direction `angle`."""
        level = self.level
        angles = point_to_angle(level.vertex_x - np.int32(x), level.vertex_y - np.int32(y))
        found = Visible(angles)
        left, right = self._columns(angles.take(level.seg_v1), angles.take(level.seg_v2), angle)
        self._walk_tree(found, x, y, angle, left, right)
        return found

    def _columns(self, left: U32, right: U32, angle: int) -> tuple[I64, I64]:
        """Columns x1 to x2 - 1 between two BAM angles each (x1 = x2: out of view, or from behind)."""
        view = self.view
        clip = np.uint32(view.clip_angle)
        width = np.uint32(2 * view.clip_angle)
        span = left - right
        over_left = left + np.uint32((view.clip_angle - angle) & _U32)
        over_right = np.uint32((view.clip_angle + angle) & _U32) - right
        hidden = (np.maximum(over_left, width) - width) >= span
        hidden |= (np.maximum(over_right, width) - width) >= span
        hidden |= span >= np.uint32(ANG180)
        np.minimum(over_left, width, out=over_left)
        np.minimum(over_right, width, out=over_right)
        over_left += np.uint32(ANG90) - clip
        over_left >>= 19
        np.subtract(np.uint32(ANG90) + clip, over_right, out=over_right)
        over_right >>= 19
        x1 = view.angle_to_x.take(over_left, mode="clip")
        x2 = view.angle_to_x.take(over_right, mode="clip")
        x2[hidden] = 0
        return x1, x2

    def _box_columns(self, box: Box, x: int, y: int, angle: int) -> int:
        """The columns that a node's box covers, as bits (``R_CheckBBox``).

        Bit `view.columns`, which is never hidden, is set where a box must be entered whatever is hidden.
        """
        top, bottom, left, right = box
        place = 0 if x <= left else 1 if x < right else 2
        place += 0 if y >= top else 3 if y > bottom else 6
        corners = _CORNERS[place]
        view = self.view
        below = view.below
        if corners is None:
            return below[view.columns + 1]
        (x1, y1), (x2, y2) = corners
        left_angle = _angle_of(box[x1] - x, box[y1] - y) - angle
        right_angle = _angle_of(box[x2] - x, box[y2] - y) - angle
        span = (left_angle - right_angle) & _U32
        if span >= ANG180:
            return below[view.columns + 1]
        clip = view.clip_angle
        width = 2 * clip
        over_left = (left_angle + clip) & _U32
        if over_left > width:
            if over_left - width >= span:
                return 0
            over_left = width
        over_right = (clip - right_angle) & _U32
        if over_right > width:
            if over_right - width >= span:
                return 0
            over_right = width
        columns = self._angle_to_x
        return below[columns[(over_left + ANG90 - clip) >> 19]] ^ below[columns[(ANG90 + clip - over_right) >> 19]]

    def _walk_tree(self, found: Visible, x: int, y: int, angle: int, seg_x1: I64, seg_x2: I64) -> None:
        """The walk itself. Hot: one pass of the outer loop per leaf, of the inner loop per seg on the screen."""
        level = self.level
        on_screen = (seg_x1 < seg_x2).nonzero()[0]
        seg_number = on_screen.tolist()
        left = seg_x1.take(on_screen).tolist()
        right = seg_x2.take(on_screen).tolist()
        segs, seg_sectors, fields = level.segs, level.seg_sectors, level.fields
        nodes, boxes, subsectors = level.nodes, level.boxes, level.subsectors
        below = self.view.below
        box_columns = self._box_columns
        open_columns = below[self.view.columns + 1]
        seen: set[int] = set()
        sectors = found.sectors
        range_seg, range_start = found.segs.append, found.starts.append
        range_stop, range_sub = found.stops.append, found.subsectors.append
        count = found.segs.__len__
        pending: list[tuple[int, Box]] = []
        push, pop = pending.append, pending.pop
        number = len(nodes) - 1
        while True:
            while number >= 0:
                node = nodes[number]
                front_box, far_box = boxes[number]
                number, far = node[-2:]
                if is_behind(node, x, y):
                    number, far, far_box = far, number, front_box
                push((far, far_box))
            number = ~number
            sector, first_seg, end_seg = subsectors[number]
            if sector not in seen:
                seen.add(sector)
                sectors.append((sector, count()))
            first = bisect_left(seg_number, first_seg)
            for i in range(first, bisect_left(seg_number, end_seg, first)):
                x1 = left[i]
                wanted = below[right[i]] ^ below[x1]
                part = wanted & open_columns
                if not part:
                    continue
                seg = seg_number[i]
                front, back = seg_sectors[seg]
                if back == NO_SECTOR:
                    open_columns ^= part
                else:
                    here, there = fields[front], fields[back]
                    if there[CEILING] <= here[FLOOR] or there[FLOOR] >= here[CEILING]:
                        open_columns ^= part
                    elif here == there and not segs[seg].sidedef.midtexture:
                        # same planes and light on both sides: nothing to see
                        continue
                if part == wanted:
                    range_seg(seg)
                    range_start(x1)
                    range_stop(right[i] - 1)
                    range_sub(number)
                    continue
                while part:
                    low = part & -part
                    rest = part + low
                    part &= rest
                    range_seg(seg)
                    range_start(low.bit_length() - 1)
                    range_stop((rest & -rest).bit_length() - 2)
                    range_sub(number)
            while pending:
                number, box = pop()
                if box_columns(box, x, y, angle) & open_columns:
                    break
            else:
                return


def _angle_of(x: int, y: int) -> int:
    """``R_PointToAngle``: `arith.point_to_angle` of one point, but for whole turns."""
    x = (x + ANG180 & _U32) - ANG180
    y = (y + ANG180 & _U32) - ANG180
    near, far = abs(x), abs(y)
    if near == ANG180 or far == ANG180:
        return int(point_to_angle(np.array([x], np.int32), np.array([y], np.int32))[0])
    octant = 1
    if near > far:
        near, far, octant = far, near, 0
    if x < 0:
        octant += 4
    if y < 0:
        octant += 2
    if far < 512:
        slope = SLOPERANGE if far else 0
    else:
        slope = (near << 3 & _U32) // (far >> 8)
    base, sign = _OCTANTS[octant if far else 0]
    return base + sign * TANTOANGLE[slope if slope < SLOPERANGE else SLOPERANGE]


def is_behind(node: BspEntry, x: int, y: int) -> bool:
    """Whether (x, y) is on the back side of a node's partition line (``R_PointOnSide``)."""
    node_x, node_y, node_dx, node_dy, units_dx, units_dy, _, _ = node
    if not node_dx:
        return node_dy > 0 if x <= node_x else node_dy < 0
    if not node_dy:
        return node_dx < 0 if y <= node_y else node_dx > 0
    dx = to_int32(x - node_x)
    dy = to_int32(y - node_y)
    if (node_dy ^ node_dx ^ dx ^ dy) < 0:
        return (node_dy ^ dx) < 0
    return (dy * units_dx) >> 16 >= (units_dy * dx) >> 16
