"""A door in the wall of a hall or a corridor, in a recess under a sign."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pydoom.fleetmap.canvas import Canvas, DraftArea, Dressing
from pydoom.fleetmap.draft import SIGN_HEIGHT, SIGN_WIDTH
from pydoom.fleetmap.heading import Heading
from pydoom.fleetmap.stock import Stock
from pydoom.fleetmap.themes import DOOR_WIDTH

PORTAL_DEPTH: Final = 64
"""From the corridor's wall to the room behind the door, in map units."""
RECESS: Final = 24
"""Depth of the recess before the door."""
LEAF: Final = 16
"""Thickness of the door."""
DR_DOOR: Final = 1
"""Special of a line that opens the door behind it, again and again."""


def build_portal(
    canvas: Canvas,
    at: Heading,
    stock: Stock,
    outside: DraftArea,
    inside: DraftArea,
    sign: str,
    door: str,
    width: int = DOOR_WIDTH,
) -> None:
    """Paint a door `at` the middle of a wall, looking at it, under a sign that hangs from the ceiling.

    The texture `door` is on a leaf `width` map units wide. The recess before it has the walls of the room behind it, so
    one sees from outside what that is like.
    """
    ceiling = outside.ceiling - SIGN_HEIGHT
    lined = replace(outside, ceiling=ceiling, wall=inside.wall, lintel=inside.wall)
    recess = canvas.area(replace(lined, light=min(outside.light + 32, 255), origin=at.point(-SIGN_WIDTH // 2, 0)))
    leaf = canvas.area(
        replace(
            outside,
            ceiling=outside.floor,
            floor_flat=inside.floor_flat,
            wall=stock.wall("DOORTRAK", "DOORSTOP", "METAL1"),
            lintel=door,
            use=DR_DOOR,
            pegged=True,
        )
    )
    reveal = canvas.area(
        replace(
            lined,
            floor_flat=inside.floor_flat,
            ceiling_flat=inside.ceiling_flat,
            light=inside.light,
            origin=at.point(-width // 2, 0),
        )
    )
    canvas.paint(at.rect(-SIGN_WIDTH // 2, 0, SIGN_WIDTH, RECESS), recess)
    canvas.paint(at.rect(-width // 2, RECESS, width, LEAF), leaf)
    canvas.paint(at.rect(-width // 2, RECESS + LEAF, width, PORTAL_DEPTH - RECESS - LEAF), reveal)
    canvas.dress(at.point(-SIGN_WIDTH // 2, 0), at.point(SIGN_WIDTH // 2, 0), Dressing(sign))
