"""The streets of the data centre: corridors with rooms on both sides, off an avenue that begins in the hall.

Rooms stand in the order of their groups' names, and a sign over each street says from which to which.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Final

from pydoom.fleetmap.canvas import Canvas, Dressing, Rect
from pydoom.fleetmap.dice import Dice
from pydoom.fleetmap.doomednums import (
    ARMOUR_BONUS,
    HEALTH_BONUS,
)
from pydoom.fleetmap.draft import SIGN_HEIGHT, DraftPlace, DraftThing
from pydoom.fleetmap.heading import EAST, NORTH, SOUTH, WEST, Heading
from pydoom.fleetmap.portal import PORTAL_DEPTH, build_portal
from pydoom.fleetmap.rooms import CELL, Look, Room, RoomSite, build_room
from pydoom.fleetmap.stock import Stock
from pydoom.fleetmap.themes import Theme

WIDTH: Final = 256
"""Width of streets and the avenue: that of a sign."""
GAP: Final = 64
"""Rock between two rooms."""
CEILING: Final = 128
MOST_ROOMS_A_SIDE: Final = 6
"""Rooms on one side of half a street: more doors in sight than the original can draw floors for would be too many."""
MAX_STREETS: Final = 6
LAMP_PITCH: Final = 512
"""Distance of lamps in a street; in the avenue, which is seen from the hall with all in it, twice that."""
PILASTER: Final = 32
PILASTER_PITCH: Final = 128


@dataclass(slots=True)
class HalfStreet:
    """The part of a street on one side of the avenue: rooms to its north and south, from the avenue outwards."""

    north: list[Room] = field(default_factory=list)
    south: list[Room] = field(default_factory=list)

    @property
    def rooms(self) -> list[Room]:
        """All its rooms, as they were added."""
        pairs = zip_longest(self.north, self.south)
        return [room for pair in pairs for room in pair if room is not None]

    def add(self, room: Room) -> None:
        """Add a room at its outer end."""
        (self.north if len(self.north) <= len(self.south) else self.south).append(room)

    @property
    def length(self) -> int:
        """How far it reaches, in map units."""
        return max(sum(room.width * CELL + GAP for room in row) for row in (self.north, self.south)) + GAP


@dataclass(slots=True)
class Streets:
    """What was built: the things and places in it.

    `signs` are the textures over the streets' mouths, with the groups of the first and the last room.
    """

    things: list[DraftThing] = field(default_factory=list)
    places: list[DraftPlace] = field(default_factory=list)
    signs: dict[str, tuple[int, int]] = field(default_factory=dict)


def street_sign(number: int, ahead: tuple[int, int]) -> str:
    """The texture over the mouth of half a street."""
    return f"FMS{number}{'WE'[ahead is EAST]}"


def arrange(rooms: Sequence[Room]) -> list[tuple[HalfStreet, HalfStreet]]:
    """Rooms in the order of their names, on as many streets as keep the level about as wide as long."""
    a_side = max(1, min(MOST_ROOMS_A_SIDE, math.ceil(math.sqrt(len(rooms) / 2))))
    streets = []
    left = list(rooms)
    while left:
        halves = (HalfStreet(), HalfStreet())
        here, left = left[: 4 * a_side], left[4 * a_side :]
        for number, room in enumerate(here):
            halves[number * 2 // max(len(here), 2)].add(room)
        streets.append(halves)
    return streets


def build_streets(
    canvas: Canvas, rooms: Sequence[Room], signs: Mapping[int, str], stock: Stock, looks: Sequence[Theme], seed: int
) -> Streets:
    """Build the avenue northwards from (0, 0), with its streets and rooms.

    `signs` are the textures over the rooms' doors by group.
    """
    built = Streets()
    avenue_look = Look.rolled(Dice(seed, "avenue").one_of(looks), Dice(seed, "avenue look"))
    avenue = replace(avenue_look.area(), ceiling=CEILING + SIGN_HEIGHT, light=192, origin=(-WIDTH // 2, 0))
    ground = canvas.area(avenue)
    lamp = canvas.area(replace(avenue, ceiling_flat=avenue_look.lamp))
    streets = arrange(rooms)
    south = 0
    bands = []
    for street in streets:
        deep = [
            max((room.depth for half in street for room in half.south), default=0),
            max((room.depth for half in street for room in half.north), default=0),
        ]
        south += (GAP + deep[0] * CELL + PORTAL_DEPTH) if deep[0] else 2 * CELL
        bands.append(south)
        south += WIDTH + ((PORTAL_DEPTH + deep[1] * CELL) if deep[1] else 0)
    north = bands[-1] + WIDTH if bands else 0
    if north:
        canvas.paint(Rect(-WIDTH // 2, 0, WIDTH // 2, north), ground)
        for y in range(2 * CELL, north - CELL, 2 * LAMP_PITCH):
            canvas.paint(Rect(-CELL, y, CELL, y + CELL), lamp)
        _dress_end(canvas, Heading((0, north), NORTH), stock)
        _set_pilasters(canvas, bands, avenue_look.trim)
    for number, (street, band) in enumerate(zip(streets, bands, strict=True)):
        look = Look.rolled(Dice(seed, "street", number).one_of(looks), Dice(seed, "street look", number))
        for half, ahead in zip(street, (WEST, EAST), strict=True):
            if half.rooms:
                mouth = Heading((WIDTH // 2 * ahead[0], band + WIDTH // 2), ahead)
                sign = street_sign(number, ahead)
                canvas.dress(mouth.point(-WIDTH // 2, 0), mouth.point(WIDTH // 2, 0), Dressing(sign))
                built.signs[sign] = (half.rooms[0].group, half.rooms[-1].group)
                _build_half(canvas, half, mouth, look, signs, built, stock)
    return built


def _set_pilasters(canvas: Canvas, bands: Sequence[int], texture: str) -> None:
    """Stripes on the avenue's walls, between the mouths of the streets."""
    south = 0
    for band in bands:
        for y in range(south + PILASTER_PITCH // 2, band - PILASTER // 2, PILASTER_PITCH):
            low, high = y - PILASTER // 2, y + PILASTER // 2
            canvas.dress((-WIDTH // 2, low), (-WIDTH // 2, high), Dressing(texture))
            canvas.dress((WIDTH // 2, high), (WIDTH // 2, low), Dressing(texture))
        south = band + WIDTH


def _build_half(
    canvas: Canvas,
    half: HalfStreet,
    mouth: Heading,
    look: Look,
    signs: Mapping[int, str],
    built: Streets,
    stock: Stock,
) -> None:
    """Paint one half of a street from its mouth outwards, and the rooms on both sides."""
    area = replace(look.area(), ceiling=CEILING, light=176, origin=mouth.point(-WIDTH // 2, 0))
    ground = canvas.area(area)
    lamp = canvas.area(replace(area, ceiling_flat=look.lamp))
    canvas.paint(mouth.rect(-WIDTH // 2, 0, WIDTH, half.length), ground)
    for distance in range(CELL, half.length - CELL, LAMP_PITCH):
        canvas.paint(mouth.rect(-CELL, distance, 2 * CELL, CELL), lamp)
    eastward = mouth.ahead is EAST
    middle = mouth.at[1]
    for row, side in ((half.north, NORTH), (half.south, SOUTH)):
        distance = GAP
        for room in row:
            width, depth = room.width * CELL, room.depth * CELL
            west = mouth.at[0] + (distance if eastward else -distance - width)
            wall = middle + side[1] * WIDTH // 2
            door = Heading((west + width // 2, wall), side)
            inside = replace(room.look.area(), origin=(west, wall))
            build_portal(canvas, door, stock, area, inside, signs[room.group], room.look.door)
            inner = wall + side[1] * PORTAL_DEPTH
            site = RoomSite(west, inner if side is NORTH else inner - depth, side is NORTH)
            things, places = build_room(canvas, room, site)
            built.things += things
            built.places += places
            distance += width + GAP
    end = Heading(mouth.point(0, half.length), mouth.ahead)
    _dress_end(canvas, end, stock)
    bonus = stock.kinds((ARMOUR_BONUS, HEALTH_BONUS))
    built.things += [
        DraftThing(*end.point(right, -48), end.back, bonus[number % len(bonus)])
        for number, right in enumerate((-64, 0, 64))
        if bonus
    ]


def _dress_end(canvas: Canvas, end: Heading, stock: Stock) -> None:
    """A wall of machines where a street or the avenue ends."""
    canvas.dress(end.point(-WIDTH // 2, 0), end.point(WIDTH // 2, 0), Dressing(stock.wall("COMPTALL", "COMP2")))
