"""What of the level is in view: which wall ranges, which sectors (``r_bsp.c``).

First everything that depends on the viewpoint only is computed for the whole map in one batch: angles of all vertices
and box corners, the side of every node, the screen columns of every seg and far box. Then the tree is walked in plain
Python; the columns hidden so far are the bits of one big int, so clipping a seg is one ``&``.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from pydoom.render.arith import I64, U32, Bool, point_to_angle
from pydoom.render.level import SEG_INVISIBLE, SEG_SOLID, Level
from pydoom.render.view import View
from pydoom.sim.model import NF_SUBSECTOR

_U32: Final = 0xFFFFFFFF
_ANG90: Final = 0x40000000
_ANG180: Final = 0x80000000
# checkcoord: for each of 3x3 places of the viewer around a box, the rows of Level.boxes (top, bottom, left, right)
# that give x and y of the corners at the left and right edge of the box as seen; the middle place never asks
_CORNERS: Final[I64] = np.array(
    [
        [3, 3, 3, 2, 0, 3, 2, 2, 2],
        [0, 0, 1, 0, 0, 1, 0, 1, 1],
        [2, 2, 2, 2, 0, 3, 3, 3, 3],
        [1, 0, 0, 1, 0, 0, 1, 1, 0],
    ],
    np.int64,
)
_INSIDE: Final = 4


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

    def __init__(self, level: Level, view: View) -> None:
        self.level = level
        self.view = view
        nodes, vertices = len(level.node_x), len(level.vertex_x)
        self._node_numbers = np.arange(nodes)
        self._points_x = np.zeros(vertices + 2 * nodes, np.int32)
        self._points_y = np.zeros(vertices + 2 * nodes, np.int32)
        self._vertices = vertices
        self._points_x[:vertices] = level.vertex_x
        self._points_y[:vertices] = level.vertex_y

    def walk(self, x: int, y: int, angle: int) -> Visible:
        """Everything seen from (x, y) in direction `angle`."""
        level = self.level
        side = level.sides.of(x, y)
        near = self._node_numbers * 2 + side
        far = near ^ 1
        inside = self._place_corners(x, y, far)
        points_x, points_y = self._points_x, self._points_y
        angles = point_to_angle(points_x - np.int32(x), points_y - np.int32(y))
        vertices, nodes = self._vertices, len(near)
        left = np.concatenate([angles.take(level.seg_v1), angles[vertices : vertices + nodes]])
        right = np.concatenate([angles.take(level.seg_v2), angles[vertices + nodes :]])
        x1, x2, behind = self._columns(left, right, angle)
        segs = len(level.seg_v1)
        always = behind[segs:] | inside
        found = Visible(angles)
        box1, box2 = x1[segs:], x2[segs:]
        box1[always] = 0
        box2[always] = self.view.columns + 1
        self._walk_tree(
            found,
            level.node_children.take(near).tolist(),
            level.node_children.take(far).tolist(),
            box1.tolist(),
            box2.tolist(),
            x1[:segs],
            x2[:segs],
        )
        return found

    def _place_corners(self, x: int, y: int, far: I64) -> Bool:
        """Put the two edge corners of each far box behind the vertices; returns which boxes hold the viewer."""
        boxes = self.level.boxes.take(far, axis=1)
        nodes = len(far)
        # for boxes without height or width the edge above or to the left decides, as in the original
        row = (boxes[1] >= y).view(np.int8) + np.int8(1)
        row *= boxes[0] > y
        place = (boxes[3] <= x).view(np.int8) + np.int8(1)
        place *= boxes[2] < x
        row *= np.int8(3)
        place += row
        corners = boxes.ravel().take(_CORNERS.take(place, axis=1) * nodes + self._node_numbers)
        first = self._vertices
        self._points_x[first:] = corners[0::2].ravel()
        self._points_y[first:] = corners[1::2].ravel()
        inside: Bool = place == _INSIDE
        return inside

    def _columns(self, left: U32, right: U32, angle: int) -> tuple[I64, I64, Bool]:
        """Columns x1 to x2 - 1 between two BAM angles each (x1 = x2: out of view), and which span 180 degrees."""
        view = self.view
        clip = np.uint32(view.clip_angle)
        width = np.uint32(2 * view.clip_angle)
        span = left - right
        behind = span >= np.uint32(_ANG180)
        over_left = left + np.uint32((view.clip_angle - angle) & _U32)
        over_right = np.uint32((view.clip_angle + angle) & _U32) - right
        hidden = (np.maximum(over_left, width) - width) >= span
        hidden |= (np.maximum(over_right, width) - width) >= span
        hidden |= behind
        np.minimum(over_left, width, out=over_left)
        np.minimum(over_right, width, out=over_right)
        over_left += np.uint32(_ANG90) - clip
        over_left >>= 19
        np.subtract(np.uint32(_ANG90) + clip, over_right, out=over_right)
        over_right >>= 19
        x1 = view.angle_to_x.take(over_left, mode="clip")
        x2 = view.angle_to_x.take(over_right, mode="clip")
        x1[hidden] = 0
        x2[hidden] = 0
        return x1, x2, behind

    def _walk_tree(
        self,
        found: Visible,
        near_child: list[int],
        far_child: list[int],
        box1: list[int],
        box2: list[int],
        seg_x1: I64,
        seg_x2: I64,
    ) -> None:
        """The walk itself. Hot: one pass of the outer loop a leaf, of the inner loop a seg that is on the screen."""
        level = self.level
        on_screen = seg_x1 < seg_x2
        numbers = on_screen.nonzero()[0]
        before = np.zeros(len(on_screen) + 1, np.int64)
        np.cumsum(on_screen, out=before[1:])
        first = before.take(level.sub_first).tolist()
        end = before.take(level.sub_end).tolist()
        seg_number = numbers.tolist()
        left = seg_x1.take(numbers).tolist()
        right = seg_x2.take(numbers).tolist()
        kinds = level.seg_kind.take(numbers).tolist()
        segs = level.segs
        sub_sector = level.sub_sector
        below = self.view.below
        columns = self.view.columns
        # bit `columns` is never hidden: boxes that must be entered whatever is hidden reach it
        open_columns = below[columns + 1]
        seen: set[int] = set()
        sectors = found.sectors
        range_seg, range_start = found.segs.append, found.starts.append
        range_stop, range_sub = found.stops.append, found.subsectors.append
        count = found.segs.__len__
        pending: list[int] = []
        push, pop = pending.append, pending.pop
        node = len(near_child) - 1 if near_child else NF_SUBSECTOR
        while True:
            while node < NF_SUBSECTOR:
                push(node)
                node = near_child[node]
            node -= NF_SUBSECTOR
            sector = sub_sector[node]
            if sector not in seen:
                seen.add(sector)
                sectors.append((sector, count()))
            for i in range(first[node], end[node]):
                x1 = left[i]
                wanted = below[right[i]] ^ below[x1]
                part = wanted & open_columns
                if not part:
                    continue
                kind = kinds[i]
                if kind == SEG_SOLID:
                    open_columns ^= part
                elif kind == SEG_INVISIBLE and not segs[seg_number[i]].sidedef.midtexture:
                    continue
                if part == wanted:
                    range_seg(seg_number[i])
                    range_start(x1)
                    range_stop(right[i] - 1)
                    range_sub(node)
                    continue
                while part:
                    low = part & -part
                    rest = part + low
                    part &= rest
                    range_seg(seg_number[i])
                    range_start(low.bit_length() - 1)
                    range_stop((rest & -rest).bit_length() - 2)
                    range_sub(node)
            while pending:
                parent = pop()
                if (below[box2[parent]] ^ below[box1[parent]]) & open_columns:
                    node = far_child[parent]
                    break
            else:
                return
