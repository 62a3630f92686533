"""The room of one group: how large it is, what stands in it, and where its monsters do.

A room is laid out in cells of 64 units, counted from its door inwards; every free cell is a place for a monster.
Its theme and its shape come from the seed and the group's name only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from pydoom.fleetmap.canvas import SKY, Canvas, DraftArea, Rect
from pydoom.fleetmap.dice import Dice
from pydoom.fleetmap.doomednums import (
    ARMOUR_BONUS,
    CLIP,
    HEALTH_BONUS,
    SHELLS,
    STIMPACK,
)
from pydoom.fleetmap.draft import DraftPlace, DraftThing, Group
from pydoom.fleetmap.stock import Stock
from pydoom.fleetmap.themes import Theme

CELL: Final = 64
"""Side of a cell in map units: the widest monster takes 62."""
LEAST_WIDTH: Final = 6
LEAST_DEPTH: Final = 5
"""Smallest size of a room in cells."""
STEP: Final = 16
"""Height of a dais, depth of a pit; players and monsters climb 24."""

PILLAR: Final = 16
"""Half of a pillar's side."""
_GROWTHS: Final = 40

Cell = tuple[int, int]
"""Cells to the right of the room's left wall, cells from the wall with the door."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was chosen from a theme for one room."""

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
    """A room in cells, before it has a place in the level.

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

    def block(self, cell: Cell, texture: str) -> None:
        """Fill a cell up to the ceiling, but not in front of the door."""
        if cell in self.cells and cell not in self.way_in and cell not in self.taken:
            self.solids[cell] = texture
            self.taken.add(cell)

    def pillar(self, cell: Cell, texture: str) -> None:
        """Put a pillar in the middle of a cell, but not in front of the door."""
        if cell in self.cells and cell not in self.way_in and cell not in self.taken:
            self.pillars[cell] = texture
            self.taken.add(cell)

    def decorate(self, cell: Cell, kind: int) -> None:
        """Put a thing in the middle of a cell, but not in front of the door."""
        if cell in self.cells and cell not in self.way_in and cell not in self.taken:
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


# -- what a room is like


def _hall_of_racks(room: Room, dice: Dice) -> None:
    """Rows of machines with aisles between and through them."""
    rows = _spaced(3, room.depth - 1, 3) if room.depth > 5 else []
    middle, half = room.width // 2, 1 + room.width // 5
    for row in rows:
        for column in range(max(1, middle - 1 - half), middle - 1):
            room.block((column, row), room.look.rack)
            room.block((room.width - 1 - column, row), room.look.rack)


def _side_racks(room: Room, dice: Dice) -> None:
    """Machines along both side walls."""
    long = 1 + room.depth // 8
    for start in _spaced(1 + dice.below(2), room.depth, 3):
        for row in range(start, min(start + long, room.depth)):
            for column in (0, room.width - 1):
                room.block((column, row), room.look.rack)


def _nave(room: Room, dice: Dice) -> None:
    """Two rows of pillars, and a higher ceiling between them."""
    side = max(1, room.width // 4)
    texture = room.look.trim
    for row in _spaced(1, room.depth, 4):
        room.pillar((side, row), texture)
        room.pillar((room.width - 1 - side, row), texture)
    middle = _rect(room, side + 1, 1, room.width - 1 - side, room.depth - 1)
    room.change(middle, ceiling=room.look.height + 32, light=min(room.look.light + 32, 255))


def _dais(room: Room, dice: Dice) -> None:
    """A platform in the middle."""
    middle = _rect(room, *_inset(room, 1 + (room.width > 7)))
    room.change(middle, floor=STEP, floor_flat=room.look.inlay, light=min(room.look.light + 32, 255))


def _pit(room: Room, dice: Dice) -> None:
    """A sunken floor with a step all around."""
    room.change(_rect(room, *_inset(room, 1)), floor=-STEP // 2, light=max(room.look.light - 16, 112))
    if room.width > 7 and room.depth > 7:
        room.change(_rect(room, *_inset(room, 2)), floor=-STEP - STEP // 2, floor_flat=room.look.inlay)


def _skylight(room: Room, dice: Dice) -> None:
    """Open to the sky in the middle."""
    inset = _inset(room, 1 + (room.width > 8))
    room.change(_rect(room, *inset), ceiling=room.look.height + 64, ceiling_flat=SKY, light=224)


def _pool(room: Room, dice: Dice) -> None:
    """A basin at the far end, crossed by a walkway."""
    flat = dice.one_of(room.look.theme.pools) if room.look.theme.pools else room.look.inlay
    middle = room.width // 2
    basin = [
        (column, row)
        for column, row in _rect(room, 1, max(2, room.depth // 2), room.width - 1, room.depth - 1)
        if column != middle
    ]
    room.change(basin, floor=-STEP // 2, floor_flat=flat)
    room.taken.update(cell for cell in basin if cell in room.cells and cell not in room.entrance)


def _crossing(room: Room, dice: Dice) -> None:
    """Corners cut away, so that the room is a cross."""
    across = 1 + (room.width > 8 and dice.chance(60))
    along = 1 + (room.depth > 8 and dice.chance(60))
    for column in range(across):
        for row in range(along):
            for cell in (
                (column, room.depth - 1 - row),
                (room.width - 1 - column, room.depth - 1 - row),
                (column, row),
                (room.width - 1 - column, row),
            ):
                if cell not in room.entrance:
                    room.cells.pop(cell, None)


def _quarters(room: Room, dice: Dice) -> None:
    """Four pillars, or more in a larger room."""
    for column in _spaced(1, room.width - 1, 3):
        for row in _spaced(1, room.depth - 1, 3):
            room.pillar((column, row), room.look.trim)


def _core(room: Room, dice: Dice) -> None:
    """One large machine in the middle, on a floor of its own."""
    if room.depth < 6:
        _side_racks(room, dice)
        return
    size = 1 + (room.width > 6) + (room.width > 9)
    west, south = (room.width - size) // 2, max(3, (room.depth - size) // 2)
    around = _rect(room, west - 1, south - 1, west + size + 1, south + size + 1)
    room.change(around, floor_flat=room.look.inlay, light=min(room.look.light + 32, 255))
    for cell in _rect(room, west, south, west + size, south + size):
        room.block(cell, room.look.rack)


_FLOORS: Final = (_dais, _pit, _pool, _skylight, _nave)
_FURNITURE: Final = (_hall_of_racks, _side_racks, _quarters, _core)


def _lamps(room: Room, dice: Dice) -> None:
    """Lamps in the ceiling, larger ones in a larger room; few, since each costs the original a plane of the view."""
    size = 1 + (min(room.width, room.depth) > 9) + (min(room.width, room.depth) > 20)
    for west in _spaced(1, room.width - size, 2 + dice.below(2)):
        for south in _spaced(1, room.depth - size, 2):
            for cell in _rect(room, west, south, west + size, south + size):
                area = room.cells.get(cell)
                if area is not None and area.ceiling_flat != SKY and cell not in room.solids:
                    room.change([cell], ceiling_flat=room.look.lamp, light=min(area.light + 32, 255))


def _things(room: Room, dice: Dice) -> None:
    """Decorations in the corners, and now and then along a wall."""
    if not room.look.theme.things:
        return
    kind = dice.one_of(room.look.theme.things)
    if not any(corner in room.cells for corner in ((0, 0), (0, room.depth - 1))):
        for cell in ((0, room.depth // 2), (room.width - 1, room.depth // 2)):
            room.decorate(cell, kind)
    for cell in ((0, room.depth - 1), (room.width - 1, room.depth - 1), (0, 0), (room.width - 1, 0)):
        if dice.chance(75):
            room.decorate(cell, kind)
    other = dice.one_of(room.look.theme.things)
    for column in range(3, room.width - 3, 4):
        room.decorate((column, room.depth - 1), other)


def _supplies(room: Room, stock: Stock, dice: Dice) -> None:
    """Something for whoever comes in, on both sides of the door; more of it in a larger room."""
    kinds = stock.kinds((SHELLS, CLIP, STIMPACK, HEALTH_BONUS, ARMOUR_BONUS))
    if not kinds:
        return
    sides = [(column, 0) for column in range(room.width) if (column, 0) not in room.entrance]
    floor = [cell for cell in sides if cell in room.cells and cell not in room.taken]
    for cell in floor[:: max(1, len(floor) // (2 + room.width // 8))]:
        room.supplies.append((cell, dice.one_of(kinds)))


def _rect(room: Room, west: int, south: int, east: int, north: int) -> list[Cell]:
    """The cells from (west, south) to before (east, north)."""
    return [(column, row) for column in range(west, east) for row in range(south, north)]


def _inset(room: Room, by: int) -> tuple[int, int, int, int]:
    """The room without its outer cells, never the row at the door."""
    return by, max(by, 1), room.width - by, room.depth - by


def _spaced(first: int, end: int, most: int) -> list[int]:
    """At most so many numbers from `first` to before `end`, evenly spaced, no two side by side."""
    room = end - first
    count = min(most, (room + 1) // 2)
    return sorted({first + (2 * number + 1) * room // (2 * count) for number in range(count)}) if count > 0 else []


# -- how large it is


def room_for(number: int, group: Group, theme: Theme, stock: Stock, seed: int) -> Room:
    """The smallest room in which the group and half as many more find a place."""
    needed = group.population + max(4, group.population // 2)
    area = math.ceil(1.35 * needed) + 8
    dice = Dice(seed, "size", group.name)
    ratio = 80 + dice.below(60)
    width = max(LEAST_WIDTH, math.isqrt(area * 100 // ratio))
    depth = max(LEAST_DEPTH, -(-area // width))
    for growth in range(_GROWTHS):
        room = _furnished(number, group, theme, seed, width, depth)
        if len(room.places) >= needed:
            break
        if growth % 2:
            width += 1 + width // 16
        else:
            depth += 1 + depth // 16
    _supplies(room, stock, Dice(seed, "supplies", group.name))
    return room


def _furnished(number: int, group: Group, theme: Theme, seed: int, width: int, depth: int) -> Room:
    dice = Dice(seed, "room", group.name)
    room = Room(number, width, depth, Look.rolled(theme, dice))
    area = room.look.area()
    room.cells = {(column, row): area for column in range(width) for row in range(depth)}
    if dice.chance(45):
        _crossing(room, dice)
    floors = _FLOORS if room.look.theme.pools else tuple(shape for shape in _FLOORS if shape is not _pool)
    dice.one_of(floors)(room, dice)
    dice.one_of(_FURNITURE)(room, dice)
    _things(room, dice)
    _lamps(room, dice)
    room.settle(dice)
    return room


# -- where it is


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
