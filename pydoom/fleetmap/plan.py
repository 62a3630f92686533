"""From groups of containers to the draft of a level.

The hall with its vault, dock and exit is in `hall`, the avenue and the streets of rooms in `streets`, what a room is
like in `interiors` and `themes`. Equal groups, seed and stock give an equal draft.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydoom.fleetmap import hall
from pydoom.fleetmap.canvas import Canvas
from pydoom.fleetmap.dice import Dice
from pydoom.fleetmap.draft import Draft, Group
from pydoom.fleetmap.heading import EAST, WEST
from pydoom.fleetmap.interiors import room_for
from pydoom.fleetmap.rooms import Look
from pydoom.fleetmap.stock import Stock
from pydoom.fleetmap.streets import MAX_STREETS, build_streets, street_sign
from pydoom.fleetmap.themes import Theme, themes

MAX_GROUPS: Final = 100
MAX_CONTAINERS: Final = 1000
MAX_PLAYERS: Final = 4
DIFFERENT: Final = 3
"""Rooms before one, in the order of their names, that have other themes."""


def plan(groups: Sequence[Group], seed: int, stock: Stock, name: str, players: int = MAX_PLAYERS) -> Draft:
    """Draw up the level called `name` for these groups, with starts for so many players.

    Groups with nobody to hit get no room. The places' group numbers are indexes into `groups`.
    """
    looks = themes(stock)
    rooms = [room_for(number, groups[number], theme, stock, seed) for number, theme in themed(groups, looks, seed)]
    canvas = Canvas()
    signs = {room.group: _room_sign(room.group) for room in rooms}
    population = sum(group.population for group in groups)
    protected = sum(group.protected for group in groups)
    look = Look.rolled(looks[0], Dice(seed, "hall"))
    built = hall.build_hall(canvas, stock, look, seed, population, protected, players)
    streets = build_streets(canvas, rooms, signs, stock, looks, seed)
    sectors, lines = canvas.finish()
    texts = dict(hall.SIGNS)
    if not protected:
        del texts[hall.VAULT_SIGN]
    texts |= {sign: groups[number].name for number, sign in signs.items()}
    for sign, ends in streets.signs.items():
        first, last = (groups[number].name for number in ends)
        texts[sign] = first if first == last else f"{first} - {last}"
    return Draft(
        name,
        sectors,
        lines,
        tuple(built.things + streets.things),
        tuple(streets.places + built.places),
        texts,
    )


def _room_sign(number: int) -> str:
    """The texture over the door of a group's room."""
    return f"FMR{number:03d}"


def sign_names() -> list[str]:
    """The names of all textures that a level's signs may have, always in the same order."""
    streets = [street_sign(number, ahead) for number in range(MAX_STREETS) for ahead in (WEST, EAST)]
    return [*hall.SIGNS, *streets, *map(_room_sign, range(MAX_GROUPS))]


def themed(groups: Sequence[Group], looks: Sequence[Theme], seed: int) -> list[tuple[int, Theme]]:
    """The numbers of the groups that get a room, by name, each with a theme that those before it do not have."""
    numbers = sorted((n for n, group in enumerate(groups) if group.population), key=lambda n: (groups[n].name, n))
    found: list[tuple[int, Theme]] = []
    for number in numbers:
        recent = [theme.name for _, theme in found[-DIFFERENT:]] if len(looks) > DIFFERENT + 1 else []
        fresh = [theme for theme in looks if theme.name not in recent]
        found.append((number, Dice(seed, "theme", groups[number].name).one_of(fresh)))
    return found
