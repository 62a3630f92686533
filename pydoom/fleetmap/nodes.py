"""The node builder: lines to SEGS, SSECTORS and NODES.

As in the original's tools, the partition lines lie along linedefs, and a region is divided until all of its segs face
each other: then it is convex and becomes a subsector. Lines are parallel to the axes as a rule, so a partition at one
coordinate is judged by counting from sorted lists which segs lie before it, after it and across it: a region of n segs
costs n log n, not n * n. Slanted lines are partitions only where no other line can be.

Where a partition cuts a seg there is a new vertex, exact for lines along the axes and the diagonals; other lines are
cut at the nearest whole map unit, and a vertex that is less than one unit from a line counts as on it.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pydoom.fleetmap.draft import Point

SPLIT_COST: Final = 6
"""How many segs of imbalance one more seg is worth."""
ROUNDED_SPLIT_COST: Final = 1000
"""The same for a vertex that has to be rounded."""
LEAF: Final = 0x8000
"""Marks a child as a subsector's number."""
_TOLERANCE: Final = 1
"""A vertex nearer than this, in map units, is on a line: what rounding may move it."""

Box = tuple[int, int, int, int]
"""Top, bottom, left, right in map units."""


class NodeLine(NamedTuple):
    """What the builder needs to know of a linedef: its ends, and whether it has a back side."""

    x1: int
    y1: int
    x2: int
    y2: int
    two_sided: bool


class DraftSeg(NamedTuple):
    """One side of a line or a part of it, from (x1, y1) to (x2, y2) with its front on the right."""

    x1: int
    y1: int
    x2: int
    y2: int
    line: int
    side: int


@dataclass(slots=True)
class NodeTree:
    """A BSP tree as the lumps hold it.

    - `vertexes`: x, y; those of the lines first
    - `segs`: v1, v2, angle (unsigned 16-bit BAM), linedef, side, offset
    - `subsectors`: number of segs, first seg
    - `nodes`: x, y, dx, dy, box and box, child and child, right first; the root is the last
    """

    vertexes: list[Point]
    segs: list[tuple[int, int, int, int, int, int]] = field(default_factory=list)
    subsectors: list[tuple[int, int]] = field(default_factory=list)
    nodes: list[tuple[int, ...]] = field(default_factory=list)


def build_tree(lines: Sequence[NodeLine], vertexes: Sequence[Point]) -> NodeTree:
    """The tree of these lines, whose ends are all among `vertexes`."""
    return _Builder(lines, vertexes).build()


class _Partition(NamedTuple):
    """A line through (x, y) in the direction (dx, dy): that of linedef `line`, in the direction of one of its segs."""

    x: int
    y: int
    dx: int
    dy: int
    line: int


class _Builder:
    def __init__(self, lines: Sequence[NodeLine], vertexes: Sequence[Point]) -> None:
        self._lines = lines
        self._numbers = {vertex: number for number, vertex in enumerate(vertexes)}
        self._tree = NodeTree(list(vertexes))
        self._odd = frozenset(number for number, line in enumerate(lines) if _is_odd(line))

    def build(self) -> NodeTree:
        segs = []
        for number, line in enumerate(self._lines):
            segs.append(DraftSeg(line.x1, line.y1, line.x2, line.y2, number, 0))
            if line.two_sided:
                segs.append(DraftSeg(line.x2, line.y2, line.x1, line.y1, number, 1))
        self._divide(segs)
        return self._tree

    def _divide(self, segs: list[DraftSeg]) -> tuple[int, Box]:
        """Add what these segs need to the tree: the number of the child they become, and their box."""
        partition = self._choose(segs)
        if partition is None:
            return self._add_subsector(segs), _box_of(segs)
        front, back = self._split(segs, partition)
        right, right_box = self._divide(front)
        left, left_box = self._divide(back)
        self._tree.nodes.append((*partition[:4], *right_box, *left_box, right, left))
        return len(self._tree.nodes) - 1, _around(right_box, left_box)

    # -- choosing

    def _choose(self, segs: list[DraftSeg]) -> _Partition | None:
        """The partition that leaves the fewest splits and the best balance; None where the segs face each other."""
        odd = [seg for seg in segs if seg.line in self._odd] if self._odd else []
        best: tuple[int, int, int] | None = None
        for axis in (0, 1):
            found = _best_on_axis(segs, axis, odd)
            if found is not None and (best is None or found[0] < best[0]):
                best = (*found, axis)
        if best is None or best[0] >= ROUNDED_SPLIT_COST:
            slanted = self._best_slanted(segs)
            if slanted is not None and (best is None or slanted[0] < best[0]):
                return slanted[1]
        if best is None:
            return None
        _, number, _ = best
        return self._along(segs[number])

    def _along(self, seg: DraftSeg) -> _Partition:
        line = self._lines[seg.line]
        if seg.side:
            return _Partition(line.x2, line.y2, line.x1 - line.x2, line.y1 - line.y2, seg.line)
        return _Partition(line.x1, line.y1, line.x2 - line.x1, line.y2 - line.y1, seg.line)

    def _best_slanted(self, segs: list[DraftSeg]) -> tuple[int, _Partition] | None:
        """The best partition along a slanted line with its cost, or None."""
        best: tuple[int, _Partition] | None = None
        tried: set[int] = set()
        for seg in segs:
            if seg.x1 == seg.x2 or seg.y1 == seg.y2 or seg.line in tried:
                continue
            tried.add(seg.line)
            partition = self._along(seg)
            fronts = backs = cost = 0
            for other in segs:
                first, second = self._sides(other, partition)
                if first > 0 or second > 0:
                    fronts += 1
                if first < 0 or second < 0:
                    backs += 1
                if first * second < 0:
                    _, exact = _crossing(other, partition)
                    cost += SPLIT_COST if exact else ROUNDED_SPLIT_COST
            if fronts and backs and (best is None or cost + abs(fronts - backs) < best[0]):
                best = cost + abs(fronts - backs), partition
        return best

    # -- splitting

    def _sides(self, seg: DraftSeg, partition: _Partition) -> tuple[int, int]:
        """The sides that the seg's ends are on: 1 in front, -1 behind, both the same for one along the partition."""
        x, y, dx, dy, line = partition
        if seg.line != line:
            if not dx:
                first, second = (seg.x1 - x) * dy, (seg.x2 - x) * dy
            elif not dy:
                first, second = (y - seg.y1) * dx, (y - seg.y2) * dx
            else:
                length = math.hypot(dx, dy)
                first, second = (
                    0 if abs(away) < length * _TOLERANCE else away
                    for away in (
                        (seg.x1 - x) * dy - (seg.y1 - y) * dx,
                        (seg.x2 - x) * dy - (seg.y2 - y) * dx,
                    )
                )
            if first or second:
                return (first > 0) - (first < 0), (second > 0) - (second < 0)
        facing = 1 if (seg.x2 - seg.x1) * dx + (seg.y2 - seg.y1) * dy > 0 else -1
        return facing, facing

    def _split(self, segs: list[DraftSeg], partition: _Partition) -> tuple[list[DraftSeg], list[DraftSeg]]:
        """The segs in front of the partition and those behind it, those across it cut in two."""
        front: list[DraftSeg] = []
        back: list[DraftSeg] = []
        for seg in segs:
            first, second = self._sides(seg, partition)
            if first >= 0 and second >= 0:
                front.append(seg)
            elif first <= 0 and second <= 0:
                back.append(seg)
            else:
                (x, y), _ = _crossing(seg, partition)
                start, end = seg._replace(x2=x, y2=y), seg._replace(x1=x, y1=y)
                for part, side in ((start, first), (end, second)):
                    if (part.x1, part.y1) != (part.x2, part.y2):
                        (front if side > 0 else back).append(part)
        return front, back

    # -- adding

    def _add_subsector(self, segs: list[DraftSeg]) -> int:
        tree = self._tree
        tree.subsectors.append((len(segs), len(tree.segs)))
        for seg in segs:
            line = self._lines[seg.line]
            dx, dy = line.x2 - line.x1, line.y2 - line.y1
            start_x, start_y = line.x1, line.y1
            if seg.side:
                dx, dy, start_x, start_y = -dx, -dy, line.x2, line.y2
            offset = int(math.hypot(seg.x1 - start_x, seg.y1 - start_y))
            ends = self._vertex(seg.x1, seg.y1), self._vertex(seg.x2, seg.y2)
            tree.segs.append((*ends, angle_of(dx, dy), seg.line, seg.side, offset))
        return len(tree.subsectors) - 1 | LEAF

    def _vertex(self, x: int, y: int) -> int:
        number = self._numbers.setdefault((x, y), len(self._numbers))
        if number == len(self._tree.vertexes):
            self._tree.vertexes.append((x, y))
        return number


def angle_of(dx: int, dy: int) -> int:
    """The direction as the lumps hold it: BAM, 0 to 65535."""
    return round(math.atan2(dy, dx) * 0x8000 / math.pi) & 0xFFFF


def _best_on_axis(segs: list[DraftSeg], axis: int, odd: list[DraftSeg]) -> tuple[int, int] | None:
    """The cheapest useful partition x = c (axis 0) or y = c (axis 1): its cost and the number of a seg along it."""
    starts = [seg[axis] for seg in segs]
    ends = [seg[axis + 2] for seg in segs]
    # a seg's number on each coordinate; the direction of the first seg counts, and how many go the other way
    along: dict[int, list[int]] = {}
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if start == end:
            along.setdefault(start, []).append(number)
    if not along:
        return None
    lows = sorted(map(min, starts, ends))
    highs = sorted(map(max, starts, ends))
    total = len(segs)
    best: tuple[int, int] | None = None
    for at, numbers in along.items():
        before, after = bisect_right(highs, at), total - bisect_left(lows, at)
        # segs on the line itself count on both sides so far
        splits = total - before - after + len(numbers)
        first = numbers[0]
        forward = _goes_up(segs[first], axis)
        same = sum(1 for number in numbers if _goes_up(segs[number], axis) == forward)
        low, high = before - len(numbers) + splits, after - len(numbers) + splits
        # the front of a seg northwards is in the east, that of one eastwards in the south
        front, back = (high, low) if forward != (axis == 1) else (low, high)
        front, back = front + same, back + len(numbers) - same
        if not back:
            continue
        cost = splits * SPLIT_COST + abs(front - back)
        if best is not None and cost >= best[0]:
            continue
        for seg in odd:
            if (seg[axis] - at) * (seg[axis + 2] - at) < 0 and not _exact_on_axis(seg, axis, at):
                cost += ROUNDED_SPLIT_COST
        if best is None or cost < best[0]:
            best = cost, first
    return best


def _goes_up(seg: DraftSeg, axis: int) -> bool:
    return seg[3 - axis] > seg[1 - axis]


def _exact_on_axis(seg: DraftSeg, axis: int, at: int) -> bool:
    length, across = seg[axis + 2] - seg[axis], seg[3 - axis] - seg[1 - axis]
    return (at - seg[axis]) * across % length == 0


def _crossing(seg: DraftSeg, partition: _Partition) -> tuple[Point, bool]:
    """Where the partition crosses a seg, in whole units, and whether that is exact."""
    x, y, dx, dy, _ = partition
    seg_dx, seg_dy = seg.x2 - seg.x1, seg.y2 - seg.y1
    part = (x - seg.x1) * dy - (y - seg.y1) * dx
    whole = seg_dx * dy - seg_dy * dx
    across_x, across_y = seg_dx * part, seg_dy * part
    exact = across_x % whole == 0 and across_y % whole == 0
    return (seg.x1 + _rounded(across_x, whole), seg.y1 + _rounded(across_y, whole)), exact


def _rounded(value: int, by: int) -> int:
    if by < 0:
        value, by = -value, -by
    return (2 * value + by) // (2 * by)


def _is_odd(line: NodeLine) -> bool:
    """Whether cutting it needs rounding: it is neither along an axis nor along a diagonal."""
    dx, dy = abs(line.x2 - line.x1), abs(line.y2 - line.y1)
    return bool(dx and dy and dx != dy)


def _box_of(segs: list[DraftSeg]) -> Box:
    xs = [x for seg in segs for x in (seg.x1, seg.x2)]
    ys = [y for seg in segs for y in (seg.y1, seg.y2)]
    return max(ys), min(ys), min(xs), max(xs)


def _around(one: Box, other: Box) -> Box:
    return max(one[0], other[0]), min(one[1], other[1]), min(one[2], other[2]), max(one[3], other[3])
