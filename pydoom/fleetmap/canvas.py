"""Areas painted on a plane as rectangles, and the lines between them.

What is painted later covers what was there before; what is not painted is solid rock. Sectors are closed and lines meet
only at their ends because they are read off the finished painting: a line runs wherever two different areas touch, and
ends where another begins.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.fleetmap.draft import NO_TEXTURE, DraftLine, DraftSector, DraftSide, Point
from pydoom.sim.level import ML_BLOCKING, ML_DONTPEGBOTTOM, ML_TWOSIDED

SKY: Final = "F_SKY1"
_ROCK: Final = -1
_ALIGNED: Final = 512
"""Texture offsets are taken modulo so many pixels; the width of every texture on a wall divides it."""


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in map units: west, south, east, north."""

    west: int
    south: int
    east: int
    north: int

    @property
    def width(self) -> int:
        """From west to east."""
        return self.east - self.west

    @property
    def depth(self) -> int:
        """From south to north."""
        return self.north - self.south

    def grown(self, by: int) -> Rect:
        """Larger by so much on each side, or smaller when negative."""
        return Rect(self.west - by, self.south - by, self.east + by, self.north + by)


@dataclass(frozen=True, slots=True)
class DraftArea:
    """One sector and how its walls look.

    `wall` is seen on one-sided lines, `riser` below higher floors, `lintel` above lower ceilings. Textures start at
    `origin`. `use` is the special of the lines around it, which are then seen from outside first: a door's. A `solid`
    area is no sector but a block of rock with a `wall` of its own.
    """

    floor: int = 0
    ceiling: int = 128
    floor_flat: str = ""
    ceiling_flat: str = ""
    light: int = 160
    special: int = 0
    tag: int = 0
    wall: str = NO_TEXTURE
    riser: str = NO_TEXTURE
    lintel: str = NO_TEXTURE
    origin: Point = (0, 0)
    use: int = 0
    pegged: bool = False
    solid: bool = False

    def sector(self) -> DraftSector:
        """As a record of SECTORS."""
        return DraftSector(
            self.floor, self.ceiling, self.floor_flat, self.ceiling_flat, self.light, self.special, self.tag
        )


@dataclass(frozen=True, slots=True)
class Dressing:
    """What is special about a stretch of a boundary, as seen from one side.

    `texture` covers what can be seen of the wall, from the start of the stretch on; "" leaves it as it is.
    """

    texture: str
    special: int = 0
    flags: int = 0
    tag: int = 0


_BARE: Final = Dressing("")


@dataclass(slots=True)
class Canvas:
    """The painting. Areas are numbered in the order in which they were made."""

    areas: list[DraftArea] = field(default_factory=list)
    _strokes: list[tuple[Rect, int]] = field(default_factory=list)
    _dressings: dict[tuple[bool, int], list[tuple[int, int, bool, Dressing]]] = field(default_factory=dict)
    _marks: set[Point] = field(default_factory=set)
    _sector_of: dict[int, int] = field(default_factory=dict)

    def area(self, area: DraftArea) -> int:
        """Make an area known; it has no place yet."""
        self.areas.append(area)
        return len(self.areas) - 1

    def paint(self, rect: Rect, area: int) -> None:
        """Cover a rectangle."""
        self._strokes.append((rect, area))

    def dress(self, start: Point, end: Point, dressing: Dressing) -> None:
        """Dress the boundary from `start` to `end`, its left and its right end for somebody who stands before it."""
        vertical = start[0] == end[0]
        along = 1 if vertical else 0
        low, high = sorted((start[along], end[along]))
        ahead = end[along] > start[along]
        self._dressings.setdefault((vertical, start[1 - along]), []).append((low, high, ahead, dressing))
        self._marks.update((start, end))

    # -- from areas to lines

    def finish(self) -> tuple[tuple[DraftSector, ...], tuple[DraftLine, ...]]:
        """The sectors that can be seen in the painting, and all lines."""
        xs, ys, grid = self._rasterized()
        used = sorted({int(number) for number in np.unique(grid) if number >= 0 and not self.areas[number].solid})
        self._sector_of = {area: number for number, area in enumerate(used)}
        lines = tuple(self._lines(xs, ys, grid))
        return tuple(self.areas[number].sector() for number in used), lines

    def _rasterized(self) -> tuple[list[int], list[int], NDArray[np.int32]]:
        """The edges' coordinates, and int32[y, x]: the area of each cell between them, within a margin of rock."""
        xs = sorted({x for rect, _ in self._strokes for x in (rect.west, rect.east)} | {x for x, _ in self._marks})
        ys = sorted({y for rect, _ in self._strokes for y in (rect.south, rect.north)} | {y for _, y in self._marks})
        columns = {x: number for number, x in enumerate(xs)}
        rows = {y: number for number, y in enumerate(ys)}
        grid = np.full((len(ys) + 1, len(xs) + 1), _ROCK, np.int32)
        for rect, area in self._strokes:
            grid[rows[rect.south] + 1 : rows[rect.north] + 1, columns[rect.west] + 1 : columns[rect.east] + 1] = area
        return xs, ys, grid

    def _lines(self, xs: list[int], ys: list[int], grid: NDArray[np.int32]) -> Iterator[DraftLine]:
        solid = np.array([*(area.solid for area in self.areas), True])  # rock is the last: -1
        hollow = ~solid[grid]
        # upright[y, x]: between the cells (y, x) and (y, x + 1); level[y, x]: between (y, x) and (y + 1, x)
        upright = (grid[:, :-1] != grid[:, 1:]) & (hollow[:, :-1] | hollow[:, 1:])
        level = (grid[:-1] != grid[1:]) & (hollow[:-1] | hollow[1:])
        marked = np.zeros((len(ys), len(xs)), np.bool_)
        for x, y in self._marks:
            marked[bisect_left(ys, y), bisect_left(xs, x)] = True
        crossed_upright = level[:, :-1] | level[:, 1:] | marked  # [y, x]: a level line ends at this point
        crossed_level = upright[:-1] | upright[1:] | marked
        cells = grid.tolist()
        for row, (low, high) in _runs(upright.T, grid[:, :-1].T, grid[:, 1:].T, crossed_upright.T):
            west, east = cells[low][row], cells[low][row + 1]
            yield self._line((xs[row], ys[low - 1]), (xs[row], ys[high - 1]), right=east, left=west)
        for row, (low, high) in _runs(level, grid[:-1], grid[1:], crossed_level):
            south, north = cells[row][low], cells[row + 1][low]
            yield self._line((xs[low - 1], ys[row]), (xs[high - 1], ys[row]), right=south, left=north)

    def _line(self, start: Point, end: Point, right: int, left: int) -> DraftLine:
        """The line from `start` to `end`, turned around where only what is left of it can be its front."""
        if self._is_solid(right) or (not self._is_solid(left) and bool(self.areas[right].use)):
            start, end, right, left = end, start, left, right
        ahead, behind = self._dressing(start, end), self._dressing(end, start)
        special = ahead.special or behind.special
        flags, tag = ahead.flags | behind.flags, ahead.tag or behind.tag
        if self._is_solid(left):
            pegged = ML_DONTPEGBOTTOM if self.areas[right].pegged else 0
            side = self._wall(start, end, right, left, ahead)
            return DraftLine(start, end, side, None, flags | pegged | ML_BLOCKING, special, tag)
        return DraftLine(
            start,
            end,
            self._side(start, end, right, left, ahead),
            self._side(end, start, left, right, behind),
            flags | ML_TWOSIDED,
            special or self.areas[left].use,
            tag,
        )

    def _wall(self, start: Point, end: Point, here: int, rock: int, dressing: Dressing) -> DraftSide:
        area = self.areas[here]
        own = self.areas[rock].wall if rock >= 0 else NO_TEXTURE
        if dressing.texture:
            texture, offset = dressing.texture, self._along(start, end)
        elif own != NO_TEXTURE:
            texture, offset = own, 0
        else:
            texture, offset = area.wall, _offset(start, end, area.origin)
        return DraftSide(self._sector_of[here], middle=texture, x_offset=offset)

    def _side(self, start: Point, end: Point, here: int, there: int, dressing: Dressing) -> DraftSide:
        area, other = self.areas[here], self.areas[there]
        upper = lower = NO_TEXTURE
        if other.ceiling < area.ceiling and not (area.ceiling_flat == other.ceiling_flat == SKY):
            upper = dressing.texture or (other.lintel if other.use else area.lintel)
        if other.floor > area.floor:
            lower = other.riser
        if dressing.texture:
            offset = self._along(start, end)
        else:
            offset = 0 if other.use else _offset(start, end, area.origin)
        return DraftSide(self._sector_of[here], upper, lower, x_offset=offset)

    def _is_solid(self, area: int) -> bool:
        return area < 0 or self.areas[area].solid

    def _worn(self, start: Point, end: Point) -> tuple[Point, Dressing]:
        """The dressing of a line as seen from its right, and where that begins."""
        vertical = start[0] == end[0]
        along = 1 if vertical else 0
        low, high = sorted((start[along], end[along]))
        ahead = end[along] > start[along]
        for first, last, direction, dressing in self._dressings.get((vertical, start[1 - along]), ()):
            if first <= low and high <= last and direction == ahead:
                begin = first if ahead else last
                return ((start[0], begin) if vertical else (begin, start[1])), dressing
        return start, _BARE

    def _dressing(self, start: Point, end: Point) -> Dressing:
        return self._worn(start, end)[1]

    def _along(self, start: Point, end: Point) -> int:
        """How far a line's start is from where its dressing begins."""
        return _offset(start, end, self._worn(start, end)[0])


def _offset(start: Point, end: Point, origin: Point) -> int:
    """Where a texture begins on a line so that it runs on across all lines of a wall."""
    if start[0] == end[0]:
        distance = start[1] - origin[1]
        ahead = end[1] > start[1]
    else:
        distance = start[0] - origin[0]
        ahead = end[0] > start[0]
    return (distance if ahead else -distance) % _ALIGNED


def _runs(
    edge: NDArray[np.bool_], before: NDArray[np.int32], after: NDArray[np.int32], crossed: NDArray[np.bool_]
) -> Iterator[tuple[int, tuple[int, int]]]:
    """Runs of edges in each row, as (row, (first cell, cell after the last)).

    A run ends where the areas on either side change or something crosses; `crossed[row, n]` is the point between the
    cells n and n + 1.
    """
    same = (before[:, :-1] == before[:, 1:]) & (after[:, :-1] == after[:, 1:])
    joined = edge[:, :-1] & edge[:, 1:] & same & ~crossed
    starts = edge.copy()
    starts[:, 1:] &= ~joined
    ends = edge.copy()
    ends[:, :-1] &= ~joined
    rows, firsts = np.nonzero(starts)
    _, lasts = np.nonzero(ends)
    for row, first, last in zip(rows.tolist(), firsts.tolist(), lasts.tolist(), strict=True):
        yield row, (first, last + 1)
