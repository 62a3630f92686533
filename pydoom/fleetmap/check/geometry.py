"""Lines that meet only at their ends, sectors that are closed, and the sector at any point."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pydoom.sim.level import ML_BLOCKING, ML_TWOSIDED

if TYPE_CHECKING:
    from pydoom.wad import MapData

_CELL: Final = 256
"""Lines are compared with those in the same cell of a grid this wide."""
_ASIDE: Final = 0.25
"""Rays keep this far from whole units, so that they never meet a vertex."""


class Geometry:
    """The lines of a level as arrays, to ask what is where: `ends` int64[lines, 4], `sectors` int64[lines, 2].

    The sector in front of a line is `sectors[line, 0]`, the one behind it `sectors[line, 1]`, -1 for none.
    """

    def __init__(self, data: MapData) -> None:
        self.ends: NDArray[np.int64] = data.vertexes[data.linedefs[:, :2]].reshape(-1, 4).astype(np.int64)
        sides = data.linedefs[:, 5:7]
        self.sectors: NDArray[np.int64] = np.where(sides >= 0, data.sidedefs.sector[sides], -1).astype(np.int64)

    def sector_at(self, x: float, y: float) -> int:
        """The sector at a point, -1 outside of all: that of the nearest line north of it."""
        x += _ASIDE
        x1, y1, x2, y2 = self.ends.T
        crossed = np.flatnonzero((x1 < x) != (x2 < x))
        if not len(crossed):
            return -1
        x1, y1, x2, y2 = self.ends[crossed].T
        at = y1 + (y2 - y1) * (x - x1) / (x2 - x1)
        at[at < y] = np.inf
        nearest = int(at.argmin())
        if at[nearest] == np.inf:
            return -1
        # a line eastwards has its front in the south, towards the point
        return int(self.sectors[crossed[nearest], 0 if x2[nearest] > x1[nearest] else 1])

    def is_open(self, start: tuple[float, float], end: tuple[float, float]) -> bool:
        """Whether no one-sided line is in the way between two points, nor the end of one near."""
        (ax, ay), (bx, by) = start, end
        x1, y1, x2, y2 = self.ends[self.sectors[:, 1] < 0].T
        side1 = (x1 - ax) * (by - ay) - (y1 - ay) * (bx - ax)
        side2 = (x2 - ax) * (by - ay) - (y2 - ay) * (bx - ax)
        start_side = (ax - x1) * (y2 - y1) - (ay - y1) * (x2 - x1)
        end_side = (bx - x1) * (y2 - y1) - (by - y1) * (x2 - x1)
        return not bool(((side1 * side2 <= 0) & (start_side * end_side <= 0)).any())


def check_vertexes(data: MapData) -> Iterator[str]:
    """No vertex is unused, and no two lie at one place."""
    used = set(data.linedefs[:, :2].ravel().tolist()) | set(data.segs[:, :2].ravel().tolist())
    for number in sorted(set(range(len(data.vertexes))) - used):
        yield f"vertex {number} is used by nothing"
    places = Counter(map(tuple, data.vertexes.tolist()))
    yield from (f"{count} vertexes lie at {place}" for place, count in places.items() if count > 1)


def check_lines(data: MapData) -> Iterator[str]:
    """Lines have a length, the right flags for their sides, and touch each other only at their ends."""
    ends = data.vertexes[data.linedefs[:, :2]].reshape(-1, 4).tolist()
    for number, (x1, y1, x2, y2) in enumerate(ends):
        if (x1, y1) == (x2, y2):
            yield f"line {number} has no length"
    for number, (flags, left) in enumerate(data.linedefs[:, [2, 6]].tolist()):
        if bool(flags & ML_TWOSIDED) != (left >= 0):
            yield f"line {number} is marked as {'two' if flags & ML_TWOSIDED else 'one'}-sided and is not"
        elif left < 0 and not flags & ML_BLOCKING:
            yield f"line {number} has rock behind it and does not block"
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number, (x1, y1, x2, y2) in enumerate(ends):
        for column in range(min(x1, x2) // _CELL, max(x1, x2) // _CELL + 1):
            for row in range(min(y1, y2) // _CELL, max(y1, y2) // _CELL + 1):
                cells[column, row].append(number)
    told = set()
    for numbers in cells.values():
        for index, one in enumerate(numbers):
            for other in numbers[index + 1 :]:
                if (one, other) not in told and _meet_wrongly(ends[one], ends[other]):
                    told.add((one, other))
                    yield f"lines {one} and {other} meet where neither or only one of them ends"


def check_sectors(data: MapData) -> Iterator[str]:
    """Each sector is used, has room or a reason not to, and its lines lead around it without a gap."""
    balance: dict[int, Counter[int]] = defaultdict(Counter)
    used_sides: Counter[int] = Counter()
    for number, (first, second, *_, right, left) in enumerate(data.linedefs.tolist()):
        inside = []
        for side, start, end in ((right, first, second), (left, second, first)):
            if side < 0:
                continue
            used_sides[side] += 1
            inside.append(sector := int(data.sidedefs.sector[side]))
            balance[sector][start] += 1
            balance[sector][end] -= 1
        if len(inside) == 2 and inside[0] == inside[1]:
            yield f"line {number} has sector {inside[0]} on both sides"
    for number in range(len(data.sectors)):
        if number not in balance:
            yield f"sector {number} has no lines"
        elif any(balance[number].values()):
            open_at = [data.vertexes[vertex].tolist() for vertex, count in balance[number].items() if count]
            yield f"sector {number} is not closed at {open_at[0]}"
        if data.sectors.floorheight[number] > data.sectors.ceilingheight[number]:
            yield f"sector {number} has its floor above its ceiling"
        if not 0 <= data.sectors.lightlevel[number] <= 255:
            yield f"sector {number} has the light level {data.sectors.lightlevel[number]}"
    for number in range(len(data.sidedefs)):
        if used_sides[number] != 1:
            yield f"sidedef {number} is used by {used_sides[number]} lines"


def _meet_wrongly(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether two lines cross, overlap, or one ends on the other."""
    ax, ay, bx, by = one
    cx, cy, dx, dy = other
    if max(ax, bx) < min(cx, dx) or max(cx, dx) < min(ax, bx):
        return False
    if max(ay, by) < min(cy, dy) or max(cy, dy) < min(ay, by):
        return False
    c_side = (cx - ax) * (by - ay) - (cy - ay) * (bx - ax)
    d_side = (dx - ax) * (by - ay) - (dy - ay) * (bx - ax)
    a_side = (ax - cx) * (dy - cy) - (ay - cy) * (dx - cx)
    b_side = (bx - cx) * (dy - cy) - (by - cy) * (dx - cx)
    if c_side * d_side > 0 or a_side * b_side > 0:
        return False
    shared = {(ax, ay), (bx, by)} & {(cx, cy), (dx, dy)}
    if not shared:
        return True
    if len(shared) == 2:
        return True
    if c_side or d_side:
        return False
    # on one line and sharing an end: they overlap unless they lead away from it
    ((x, y),) = shared
    away = [(bx - ax, by - ay) if (ax, ay) == (x, y) else (ax - bx, ay - by)]
    away.append((dx - cx, dy - cy) if (cx, cy) == (x, y) else (cx - dx, cy - dy))
    return away[0][0] * away[1][0] + away[0][1] * away[1][1] > 0
