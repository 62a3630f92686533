"""REJECT: which sectors can never see each other, so that a thousand monsters do not look through walls.

Doors divide a level into areas. Nobody knows where in an area somebody stands, nor whether a door is open, so an area
sees all of itself, and beyond each of its doors what lies between the two outermost lines through the door and all
doors behind it. That is more than can be seen, never less: areas have no walls here, a sector counts as its box, and
every line passes `SLACK` map units around a corner. Two sectors are rejected unless each may see the other.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from pydoom.fleetmap.draft import Draft, DraftSector

SLACK: Final = 2.0
"""Map units by which all bounds of sight are widened, for the roundings of ``P_CheckSight``."""
PARTS: Final = 16
"""How finely the seen part of an opening is measured."""
MAX_STEPS: Final = 300_000
"""Most openings to judge for one level, more than ten times as many as a hundred rooms along a corridor need."""

Place = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""


class HalfPlane(NamedTuple):
    """The points with a * x + b * y <= c, where (a, b) has the length 1."""

    a: float
    b: float
    c: float

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in it, or within SLACK of it."""
        return self.a * x + self.b * y <= self.c + SLACK

    def passed(self, x: float, y: float) -> bool:
        """Whether a point lies in it, and not within SLACK of its edge."""
        return self.a * x + self.b * y < self.c - SLACK

    def meets(self, box: Box) -> bool:
        """Whether any point of a box lies in it."""
        left, bottom, right, top = box
        return self.holds(left if self.a > 0 else right, bottom if self.b > 0 else top)


@dataclass(frozen=True, slots=True)
class _Opening:
    """A two-sided line on the way out of an area: its ends on the left and right hand, the area behind it.

    `ahead` is all that lies on the far side of the line.
    """

    line: int
    left: Place
    right: Place
    ahead: HalfPlane
    area: int

    def part(self, low: int, high: int) -> tuple[Place, Place]:
        """The ends of a part of it, in PARTS from the left."""
        (x, y), dx, dy = self.left, self.right[0] - self.left[0], self.right[1] - self.left[1]
        return (x + dx * low / PARTS, y + dy * low / PARTS), (x + dx * high / PARTS, y + dy * high / PARTS)


@dataclass(slots=True)
class _Area:
    """Sectors that no door divides, and the ways out."""

    sectors: list[int] = field(default_factory=list)
    openings: list[_Opening] = field(default_factory=list)


def build_reject(draft: Draft) -> bytes:
    """The lump: bit `from` * sectors + `to` is set where nothing in one sector sees anything in the other."""
    count = len(draft.sectors)
    areas = _areas(draft)
    sight = _Outlook(areas, _boxes(draft))
    sees = np.zeros((count, count), np.bool_)
    for area in areas:
        seen = np.zeros(count, np.bool_)
        seen[area.sectors] = True
        for opening in area.openings:
            seen[list(sight.through(opening))] = True
        sees[area.sectors] = seen
    return np.packbits(~(sees & sees.T).ravel(), bitorder="little").tobytes()


def is_door(sector: DraftSector) -> bool:
    """Whether a sector is closed when the level begins."""
    return sector.ceiling <= sector.floor


def _areas(draft: Draft) -> list[_Area]:
    """The areas of the level."""
    parent = list(range(len(draft.sectors)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = number = parent[parent[number]]
        return number

    doors = [is_door(sector) for sector in draft.sectors]
    for line in draft.lines:
        if line.back is not None and doors[line.front.sector] == doors[line.back.sector]:
            parent[root(line.front.sector)] = root(line.back.sector)
    numbers: dict[int, int] = {}
    area_of = [numbers.setdefault(root(sector), len(numbers)) for sector in range(len(parent))]
    areas = [_Area() for _ in numbers]
    for sector, area in enumerate(area_of):
        areas[area].sectors.append(sector)
    for number, line in enumerate(draft.lines):
        if line.back is None:
            continue
        front, back = area_of[line.front.sector], area_of[line.back.sector]
        if front != back:
            areas[front].openings.append(_opening(number, line.start, line.end, back))
            areas[back].openings.append(_opening(number, line.end, line.start, front))
    return areas


def _opening(line: int, left: Place, right: Place, area: int) -> _Opening:
    return _Opening(line, left, right, _left_of(left, right), area)


def _boxes(draft: Draft) -> list[Box]:
    """The box around each sector; one without lines is nowhere."""
    edges: list[list[list[int]]] = [[[], []] for _ in draft.sectors]
    for line in draft.lines:
        for side in (line.front, line.back):
            if side is not None:
                for axis in (0, 1):
                    edges[side.sector][axis] += (line.start[axis], line.end[axis])
    return [(min(xs), min(ys), max(xs), max(ys)) if xs else (0, 0, 0, 0) for xs, ys in edges]


class _Outlook:
    """What is seen through openings; once MAX_STEPS openings have been judged, everything is."""

    def __init__(self, areas: Sequence[_Area], boxes: Sequence[Box]) -> None:
        self._areas = areas
        self._boxes = boxes
        self._steps_left = MAX_STEPS

    def through(self, first: _Opening) -> Collection[int]:
        """Sectors that may be seen through an opening from anywhere before it.

        What lies behind a later opening depends only on how much of it is seen, so an opening is followed again only
        when it is seen in parts that were not seen before.
        """
        seen: set[int] = set()
        followed: dict[tuple[int, int], tuple[int, int]] = {}
        pending = [(first.area, [_left_of(first.left, first.right)])]
        while pending:
            number, bounds = pending.pop()
            area = self._areas[number]
            seen.update(number for number in area.sectors if all(bound.meets(self._boxes[number]) for bound in bounds))
            self._steps_left -= len(area.openings)
            if self._steps_left < 0:
                return range(len(self._boxes))
            for opening in area.openings:
                if not _faces(first, opening):
                    continue
                part = _seen_part(opening, bounds)
                if part is None:
                    continue
                before = followed.get((opening.line, opening.area))
                if before is not None:
                    part = min(part[0], before[0]), max(part[1], before[1])
                if part != before:
                    followed[opening.line, opening.area] = part
                    between = _between(first.left, first.right, *opening.part(*part))
                    pending.append((opening.area, [opening.ahead, *between]))
        return seen


def _faces(first: _Opening, later: _Opening) -> bool:
    """Whether a line can go through one opening and then another: some of each is clearly on the right side."""
    return not (later.ahead.holds(*first.left) and later.ahead.holds(*first.right)) and (
        first.ahead.passed(*later.left) or first.ahead.passed(*later.right)
    )


def _between(first_left: Place, first_right: Place, left: Place, right: Place) -> list[HalfPlane]:
    """What lies between the two lines across a first and a later opening; ends too near each other bound nothing."""
    return [
        _left_of(start, end)
        for start, end in ((left, first_right), (first_left, right))
        if math.dist(start, end) >= 2 * SLACK
    ]


def _left_of(start: Place, end: Place) -> HalfPlane:
    """The half-plane on the left of a line."""
    length = math.dist(start, end)
    a, b = (end[1] - start[1]) / length, (start[0] - end[0]) / length
    return HalfPlane(a, b, a * start[0] + b * start[1])


def _seen_part(opening: _Opening, bounds: Sequence[HalfPlane]) -> tuple[int, int] | None:
    """The part of an opening within all bounds, in PARTS from its left end on; None where there is none."""
    low, high = 0.0, 1.0
    (left_x, left_y), (right_x, right_y) = opening.left, opening.right
    for a, b, c in bounds:
        room = c + SLACK - a * left_x - b * left_y
        slope = a * (right_x - left_x) + b * (right_y - left_y)
        if slope > 0:
            high = min(high, room / slope)
        elif slope < 0:
            low = max(low, room / slope)
        elif room < 0:
            return None
        if low > high:
            return None
    return math.floor(low * PARTS), math.ceil(high * PARTS)
