"""Drafts of random levels: cells of an uneven grid, each part of a sector or solid, some with their corners cut off."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from pydoom.fleetmap.draft import Draft, DraftLine, DraftSector, DraftSide, DraftThing, Point
from pydoom.sim.level import ML_BLOCKING, ML_TWOSIDED

WALL, FLOOR, CEILING = "STARTAN3", "FLOOR4_8", "CEIL3_5"
"""In DOOM's shareware, DOOM II and Freedoom."""
UNIT = 8
DOOR_CHANCE = 0.2


@dataclass(frozen=True, slots=True)
class GridLevel:
    """A level of cells between the edges `xs` and `ys`: `cells[column][row]` is the sector, None where it is solid."""

    draft: Draft
    xs: tuple[int, ...]
    ys: tuple[int, ...]
    cells: tuple[tuple[int | None, ...], ...]

    def points(self) -> Iterator[tuple[float, float, int]]:
        """(x, y, sector) of points near the corners, on the edges' insides and in the middle of each cell."""
        for column, (left, right) in enumerate(zip(self.xs, self.xs[1:], strict=False)):
            for row, (bottom, top) in enumerate(zip(self.ys, self.ys[1:], strict=False)):
                sector = self.cells[column][row]
                if sector is not None:
                    for x in (left + 0.5, (left + right) / 2, right - 0.5):
                        for y in (bottom + 0.5, (bottom + top) / 2, top - 0.5):
                            yield x, y, sector


def grid_level(seed: int, columns: int = 8, rows: int = 8, sectors: int = 6, solid: float = 0.25) -> GridLevel:
    """A random level; the player starts in the first cell, which is never solid."""
    chance = random.Random(seed)
    xs, ys = (_edges(chance, count) for count in (columns, rows))
    cells = [
        [None if chance.random() < solid else chance.randrange(sectors) for _ in range(rows)] for _ in range(columns)
    ]
    cells[0][0] = 0
    drafted = tuple(_sector(chance, is_door=number > 0 and chance.random() < DOOR_CHANCE) for number in range(sectors))

    def cell(column: int, row: int) -> int | None:
        return cells[column][row] if 0 <= column < columns and 0 <= row < rows else None

    lines = []
    for column in range(columns + 1):
        for row in range(rows + 1):
            corner = xs[column], ys[row]
            if row < rows:
                lines.append(border(corner, (xs[column], ys[row + 1]), cell(column, row), cell(column - 1, row)))
            if column < columns:
                lines.append(border(corner, (xs[column + 1], ys[row]), cell(column, row - 1), cell(column, row)))
    start = DraftThing((xs[0] + xs[1]) // 2, (ys[0] + ys[1]) // 2, 90, 1)
    draft = Draft("E1M1", drafted, tuple(line for line in lines if line is not None), (start,))
    return GridLevel(draft, xs, ys, tuple(map(tuple, cells)))


def border(start: Point, end: Point, right: int | None, left: int | None) -> DraftLine | None:
    """The line between two sectors, None where there is none: they are the same, or both solid."""
    if right == left:
        return None
    if right is None:
        start, end, right, left = end, start, left, right
    assert right is not None
    if left is None:
        return DraftLine(start, end, DraftSide(right, middle=WALL), None, ML_BLOCKING)
    return DraftLine(start, end, DraftSide(right, WALL, WALL), DraftSide(left, WALL, WALL), ML_TWOSIDED)


def octagon(draft: Draft, number: int, centre: Point, half: int, cut: int) -> Draft:
    """The draft with a solid pillar in sector `number`: a square of 2 * `half` whose corners are cut off by `cut`."""
    x, y = centre
    left, right, bottom, top = x - half, x + half, y - half, y + half
    corners = [
        (left + cut, bottom),
        (right - cut, bottom),
        (right, bottom + cut),
        (right, top - cut),
        (right - cut, top),
        (left + cut, top),
        (left, top - cut),
        (left, bottom + cut),
    ]
    lines = [border(start, end, number, None) for start, end in zip(corners, [*corners[1:], corners[0]], strict=True)]
    added = tuple(line for line in lines if line is not None and line.start != line.end)
    return Draft(draft.name, draft.sectors, draft.lines + added, draft.things)


def _edges(chance: random.Random, count: int) -> tuple[int, ...]:
    at = UNIT * chance.randrange(-200, 200)
    edges = [at]
    for _ in range(count):
        at += UNIT * chance.choice((2, 8, 8, 9, 16, 16, 17, 40))
        edges.append(at)
    return tuple(edges)


def _sector(chance: random.Random, *, is_door: bool) -> DraftSector:
    floor = UNIT * chance.randrange(4)
    ceiling = floor if is_door else floor + UNIT * chance.choice((7, 12, 16, 20))
    return DraftSector(floor, ceiling, FLOOR, CEILING, 16 * chance.randrange(8, 16))
