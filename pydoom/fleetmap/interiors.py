"""What a group's room is like: how large it is, its shape and its furniture.

Size and lots depend on the group's population, the seed and the group's name only.
"""

from __future__ import annotations

import math
from typing import Final

from pydoom.fleetmap.canvas import SKY
from pydoom.fleetmap.dice import Dice
from pydoom.fleetmap.doomednums import ARMOUR_BONUS, CLIP, HEALTH_BONUS, SHELLS, STIMPACK
from pydoom.fleetmap.draft import Group
from pydoom.fleetmap.rooms import Cell, Look, Room
from pydoom.fleetmap.stock import Stock
from pydoom.fleetmap.themes import Theme

LEAST_WIDTH: Final = 6
LEAST_DEPTH: Final = 5
"""Smallest size of a room in cells."""
STEP: Final = 16
"""Height of a dais and of the step around a pit in map units; players and monsters climb 24."""
_GROWTHS: Final = 40
"""How often a room that is too small is made larger."""


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
    """The room of this width and depth in cells, without supplies."""
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


# -- shapes and furniture


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
    middle = _rect(side + 1, 1, room.width - 1 - side, room.depth - 1)
    room.change(middle, ceiling=room.look.height + 32, light=min(room.look.light + 32, 255))


def _dais(room: Room, dice: Dice) -> None:
    """A platform in the middle."""
    middle = _rect(*_inset(room, 1 + (room.width > 7)))
    room.change(middle, floor=STEP, floor_flat=room.look.inlay, light=min(room.look.light + 32, 255))


def _pit(room: Room, dice: Dice) -> None:
    """A sunken floor with a step all around."""
    room.change(_rect(*_inset(room, 1)), floor=-STEP // 2, light=max(room.look.light - 16, 112))
    if room.width > 7 and room.depth > 7:
        room.change(_rect(*_inset(room, 2)), floor=-STEP - STEP // 2, floor_flat=room.look.inlay)


def _skylight(room: Room, dice: Dice) -> None:
    """Open to the sky in the middle."""
    inset = _inset(room, 1 + (room.width > 8))
    room.change(_rect(*inset), ceiling=room.look.height + 64, ceiling_flat=SKY, light=224)


def _pool(room: Room, dice: Dice) -> None:
    """A basin at the far end, crossed by a walkway."""
    flat = dice.one_of(room.look.theme.pools) if room.look.theme.pools else room.look.inlay
    middle = room.width // 2
    basin = [
        (column, row)
        for column, row in _rect(1, max(2, room.depth // 2), room.width - 1, room.depth - 1)
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
    around = _rect(west - 1, south - 1, west + size + 1, south + size + 1)
    room.change(around, floor_flat=room.look.inlay, light=min(room.look.light + 32, 255))
    for cell in _rect(west, south, west + size, south + size):
        room.block(cell, room.look.rack)


_FLOORS: Final = (_dais, _pit, _pool, _skylight, _nave)
_FURNITURE: Final = (_hall_of_racks, _side_racks, _quarters, _core)


def _lamps(room: Room, dice: Dice) -> None:
    """Lamps in the ceiling, larger ones in a larger room; few, since each costs the original a plane of the view."""
    size = 1 + (min(room.width, room.depth) > 9) + (min(room.width, room.depth) > 20)
    for west in _spaced(1, room.width - size, 2 + dice.below(2)):
        for south in _spaced(1, room.depth - size, 2):
            for cell in _rect(west, south, west + size, south + size):
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


def _rect(west: int, south: int, east: int, north: int) -> list[Cell]:
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
