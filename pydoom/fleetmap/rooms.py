"""The room of one group: its cells, what stands on them, and how it is painted where it belongs.

A room is laid out in cells of 64 map units, counted from its door inwards; every free cell is a place for a monster.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from pydoom.fleetmap.canvas import Canvas, DraftArea, Rect
from pydoom.fleetmap.dice import Dice
from pydoom.fleetmap.draft import DraftPlace, DraftThing
from pydoom.fleetmap.themes import Theme

CELL: Final = 64
"""Side of a cell in map units: the widest monster takes 62."""
PILLAR: Final = 16
"""Half of a pillar's side in map units."""

Cell = tuple[int, int]
"""Cells to the right of the room's left wall, cells from the wall with the door."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was chosen from a theme for one room; `light` is from 0 to 255, `height` in map units."""

    theme: Theme
    wall: str
    trim: str
    rack: str
    floor: str
    inlay: str
    ceiling: str
    lamp: str
    door: str
    light: int
    height: int

    @classmethod
    def rolled(cls, theme: Theme, dice: Dice) -> Look:
        """Choose from the theme."""
        dark, bright = theme.light
        return cls(
            theme,
            dice.one_of(theme.walls),
            dice.one_of(theme.trims),
            dice.one_of(theme.racks),
            dice.one_of(theme.floors),
            dice.one_of(theme.inlays),
            dice.one_of(theme.ceilings),
            dice.one_of(theme.lamps),
            dice.one_of(theme.doors),
            dark + 16 * dice.below((bright - dark) // 16 + 1),
            dice.one_of(theme.heights),
        )

    def area(self) -> DraftArea:
        """The room's ordinary floor."""
        return DraftArea(
            0, self.height, self.floor, self.ceiling, self.light, wall=self.wall, riser=self.trim, lintel=self.wall
        )


@dataclass(slots=True)
class Room:
    """A room before it has a place in the level, `width` by `depth` cells.

    `cells` are its floor; those in `taken` hold no monster, and `solids`, `pillars` and `things` stand on some of them.
    `supplies` can be picked up.
    """

    group: int
    width: int
    depth: int
    look: Look
    cells: dict[Cell, DraftArea] = field(default_factory=dict)
    taken: set[Cell] = field(default_factory=set)
    solids: dict[Cell, str] = field(default_factory=dict)
    pillars: dict[Cell, str] = field(default_factory=dict)
    things: list[tuple[Cell, int]] = field(default_factory=list)
    supplies: list[tuple[Cell, int]] = field(default_factory=list)
    places: list[Cell] = field(default_factory=list)

    @property
    def entrance(self) -> tuple[Cell, ...]:
        """The cells in front of the door, which stay free."""
        middle = self.width // 2
        near = (middle - 1, middle) if self.width % 2 == 0 else (middle - 1, middle, middle + 1)
        return tuple((column, row) for row in (0, 1) for column in near)

    @property
    def way_in(self) -> tuple[Cell, ...]:
        """The entrance and what is right behind it, where nothing stands in the way of one's eyes."""
        return (*self.entrance, *((column, 2) for column, row in self.entrance if row == 0))

    def change(self, cells: Iterable[Cell], **changes: object) -> None:
        """Change the floor, ceiling or light of some cells, where there are any."""
        for cell in cells:
            if cell in self.cells:
                self.cells[cell] = replace(self.cells[cell], **changes)  # type: ignore[arg-type]

    def _is_free(self, cell: Cell) -> bool:
        """Whether something may stand there: it is in the room, not in front of the door, and not taken."""
        return cell in self.cells and cell not in self.way_in and cell not in self.taken

    def block(self, cell: Cell, texture: str) -> None:
        """Fill a cell up to the ceiling, but not in front of the door."""
        if self._is_free(cell):
            self.solids[cell] = texture
            self.taken.add(cell)

    def pillar(self, cell: Cell, texture: str) -> None:
        """Put a pillar in the middle of a cell, but not in front of the door."""
        if self._is_free(cell):
            self.pillars[cell] = texture
            self.taken.add(cell)

    def decorate(self, cell: Cell, kind: int) -> None:
        """Put a thing in the middle of a cell, but not in front of the door."""
        if self._is_free(cell):
            self.things.append((cell, kind))
            self.taken.add(cell)

    def settle(self, dice: Dice) -> None:
        """Find the cells where monsters can be met, in the order in which they fill: far apart first."""
        reached = set()
        waiting = [self.entrance[0]]
        while waiting:
            cell = waiting.pop()
            if cell in reached or cell not in self.cells or (cell in self.taken and cell not in self.entrance):
                continue
            reached.add(cell)
            column, row = cell
            waiting += ((column + 1, row), (column - 1, row), (column, row + 1), (column, row - 1))
        free = sorted(reached - set(self.entrance) - self.taken)
        order = {cell: dice.below(1 << 16) for cell in free}
        self.places = sorted(free, key=lambda cell: (_spread(cell), order[cell], cell))


def _spread(cell: Cell) -> int:
    """Cells that are not next to each other come first."""
    column, row = cell
    return (0, 2, 3, 1)[column % 2 + 2 * (row % 2)]


@dataclass(frozen=True, slots=True)
class RoomSite:
    """Where a room is in the level: its south-west corner, and whether one enters it going north."""

    west: int
    south: int
    northward: bool

    def rect(self, room: Room, cell: Cell, columns: int = 1) -> Rect:
        """Where a cell, or a row of some, is."""
        column, row = cell
        west = self.west + column * CELL
        south = self.south + (row if self.northward else room.depth - 1 - row) * CELL
        return Rect(west, south, west + columns * CELL, south + CELL)

    def middle(self, room: Room, cell: Cell) -> tuple[int, int]:
        """The middle of a cell."""
        rect = self.rect(room, cell)
        return rect.west + CELL // 2, rect.south + CELL // 2


def build_room(canvas: Canvas, room: Room, site: RoomSite) -> tuple[list[DraftThing], list[DraftPlace]]:
    """Paint the room; returns what stands in it, and the places of its monsters."""
    origin = (site.west, site.south)
    numbers: dict[DraftArea, int] = {}
    blocks: dict[str, int] = {}

    def block_of(texture: str) -> int:
        if texture not in blocks:
            blocks[texture] = canvas.area(DraftArea(wall=texture, solid=True))
        return blocks[texture]

    for row in range(room.depth):
        column = 0
        while column < room.width:
            here = room.solids.get((column, row)) or room.cells.get((column, row))
            end = column + 1
            while end < room.width and (room.solids.get((end, row)) or room.cells.get((end, row))) == here:
                end += 1
            rect = site.rect(room, (column, row), end - column)
            if isinstance(here, str):
                canvas.paint(rect, block_of(here))
            elif here is not None:
                if here not in numbers:
                    numbers[here] = canvas.area(replace(here, origin=origin))
                canvas.paint(rect, numbers[here])
            column = end
    for cell, texture in room.pillars.items():
        x, y = site.middle(room, cell)
        canvas.paint(Rect(x - PILLAR, y - PILLAR, x + PILLAR, y + PILLAR), block_of(texture))
    facing = 270 if site.northward else 90
    things = [DraftThing(*site.middle(room, cell), facing, kind) for cell, kind in room.things + room.supplies]
    places = [DraftPlace(*site.middle(room, cell), facing, room.group) for cell in room.places]
    return things, places
