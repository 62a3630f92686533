"""Nodes, subsectors and segs: each side of each line is covered once, and every walk down the tree ends right."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydoom.fleetmap.check.geometry import Geometry
    from pydoom.wad import MapData

SAMPLES: Final = 2000
"""Random points whose sectors are looked up in the tree and in the lines."""
_ROUNDING: Final = 1.0
"""Map units that a vertex may be off its line, and that an offset may be off its place."""
_ANGLE_ROUNDING: Final = 64
"""The same for angles, in 16-bit BAM: a third of a degree."""


def check_tree(data: MapData, geometry: Geometry) -> Iterator[str]:
    """The faults of SEGS, SSECTORS and NODES."""
    yield from _check_segs(data)
    yield from _check_subsectors(data)
    yield from _check_boxes(data)
    yield from _check_walks(data, geometry)


def _check_segs(data: MapData) -> Iterator[str]:
    points = data.vertexes.tolist()
    ends = data.linedefs[:, :2].tolist()
    covered: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
    for number, (first, second, angle, line, side, offset) in enumerate(data.segs.tolist()):
        (x1, y1), (x2, y2) = (points[end] for end in (ends[line] if side == 0 else ends[line][::-1]))
        length = math.hypot(x2 - x1, y2 - y1)
        along = []
        for x, y in (points[first], points[second]):
            if abs((x - x1) * (y2 - y1) - (y - y1) * (x2 - x1)) > _ROUNDING * length:
                yield f"seg {number} does not lie on line {line}"
            along.append(((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length)
        if along[0] >= along[1]:
            yield f"seg {number} has no length, or the wrong direction"
        if abs(along[0] - offset) > _ROUNDING:
            yield f"seg {number} has the offset {offset} instead of {along[0]:.0f}"
        wanted = math.atan2(y2 - y1, x2 - x1) * 0x8000 / math.pi
        if abs(((angle >> 16) - round(wanted) + 0x8000 & 0xFFFF) - 0x8000) > _ANGLE_ROUNDING:
            yield f"seg {number} has the wrong angle"
        covered[line, side].append((along[0], along[1]))
    for line, (right, left) in enumerate(data.linedefs[:, 5:7].tolist()):
        length = math.dist(*(points[end] for end in ends[line]))
        for side in (side for side, sidedef in enumerate((right, left)) if sidedef >= 0):
            at = 0.0
            for start, end in sorted(covered[line, side]):
                if abs(start - at) > _ROUNDING:
                    break
                at = end
            if abs(at - length) > _ROUNDING:
                yield f"side {side} of line {line} is not covered by segs from {at:.0f} on"


def _check_subsectors(data: MapData) -> Iterator[str]:
    points = data.vertexes.tolist()
    seen = [0] * len(data.segs)
    for number, (count, first) in enumerate(data.subsectors.tolist()):
        segs = data.segs[first : first + count].tolist()
        for seg in range(first, first + count):
            seen[seg] += 1
        sectors = {int(data.sidedefs.sector[data.linedefs[line, 5 + side]]) for *_, line, side, _ in segs}
        if len(sectors) > 1:
            yield f"subsector {number} has segs of the sectors {sorted(sectors)}"
        corners = [points[end] for seg in segs for end in seg[:2]]
        for start, end, *_ in segs:
            (x1, y1), (x2, y2) = points[start], points[end]
            slack = _ROUNDING * math.hypot(x2 - x1, y2 - y1)
            if any((x - x1) * (y2 - y1) - (y - y1) * (x2 - x1) < -slack for x, y in corners):
                yield f"subsector {number} is not convex"
                break
    yield from (f"seg {number} is in {count} subsectors" for number, count in enumerate(seen) if count != 1)


def _check_boxes(data: MapData) -> Iterator[str]:
    """The boxes of nodes hold all that is below them."""
    points = data.vertexes
    boxes: dict[int, tuple[int, int, int, int]] = {}
    for number, (count, first) in enumerate(data.subsectors.tolist()):
        ends = points[data.segs[first : first + count, :2].ravel()]
        (left, bottom), (right, top) = ends.min(axis=0).tolist(), ends.max(axis=0).tolist()
        boxes[~number] = top, bottom, left, right
    used = set()
    for number, (_, _, dx, dy, *rest) in enumerate(data.nodes.tolist()):
        if not dx and not dy:
            yield f"node {number} has a partition without a direction"
        merged = []
        for box, child in ((rest[:4], rest[8]), (rest[4:8], rest[9])):
            if child in used or child not in boxes:
                yield f"node {number} does not come after its child {child}, or shares it"
                return
            used.add(child)
            inner = boxes[child]
            if box[0] < inner[0] or box[1] > inner[1] or box[2] > inner[2] or box[3] < inner[3]:
                yield f"node {number} has a box that is too small"
            merged.append(inner)
        one, other = merged
        boxes[number] = max(one[0], other[0]), min(one[1], other[1]), min(one[2], other[2]), max(one[3], other[3])
    if len(used) != len(boxes) - 1:
        yield f"the tree reaches {len(used)} of {len(boxes) - 1} nodes and subsectors"


def _check_walks(data: MapData, geometry: Geometry) -> Iterator[str]:
    """Random points are in the same sector for the tree as for the lines."""
    chance = random.Random(1)
    nodes = data.nodes.tolist()
    firsts = data.segs[data.subsectors[:, 1]]
    owners = data.sidedefs.sector[data.linedefs[firsts[:, 3], 5 + firsts[:, 4]]].tolist()
    (low_x, low_y), (high_x, high_y) = data.vertexes.min(axis=0).tolist(), data.vertexes.max(axis=0).tolist()
    for _ in range(SAMPLES):
        x, y = chance.randrange(low_x, high_x) + 0.5, chance.randrange(low_y, high_y) + 0.5
        sector = geometry.sector_at(x, y)
        if sector < 0:
            continue
        child = len(nodes) - 1 if nodes else -1
        while child >= 0:
            node_x, node_y, dx, dy, *_, right, left = nodes[child]
            child = right if (x - node_x) * dy - (y - node_y) * dx > 0 else left
        if owners[~child] != sector:
            yield f"({x}, {y}) is in sector {sector}, and in sector {owners[~child]} by the tree"
            return
