"""Where the differences of coordinates on a level fit into 32 bits, so that the fast paths may be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.sim.constants import MAPBLOCKSIZE
from pydoom.sim.fixed import FRACUNIT, MAXINT, MININT
from pydoom.sim.overflow.memory import NOTHING_NEAR

if TYPE_CHECKING:
    from pydoom.sim.world import World

MARGIN: Final = 256 * FRACUNIT
"""Margin besides things' radii: for the steps, fogs and missiles in front of them."""
HEADROOM: Final = 1024 * FRACUNIT
"""Margin above and below all floors and ceilings besides things' heights: for one tic's fall or throw."""


def measure(world: World) -> None:
    """Set `world.near`, `world.tall` and `world.heights` for the level as it is now."""
    kinds = world.info.mobjinfo
    margin = MARGIN + 2 * max(abs(info.radius) for info in kinds)
    right = world.bmaporgx + world.bmapwidth * MAPBLOCKSIZE
    top = world.bmaporgy + world.bmapheight * MAPBLOCKSIZE
    xs = [world.bmaporgx, right, *(vertex.x for vertex in world.vertexes), *(node.x for node in world.nodes)]
    ys = [world.bmaporgy, top, *(vertex.y for vertex in world.vertexes), *(node.y for node in world.nodes)]
    world.near = (*_near(min(xs), max(xs), margin), *_near(min(ys), max(ys), margin))
    world.headroom = HEADROOM + max(abs(info.height) for info in kinds)
    heights = [height for sector in world.sectors for height in (sector.floorheight, sector.ceilingheight)]
    world.tall = False
    world.heights = (0, 0)
    for height in (min(heights), max(heights)):
        stretch(world, height)


def _near(low: int, high: int, margin: int) -> tuple[int, int]:
    """The range (16.16) whose points are near everything between `low` and `high`, and each other."""
    middle = (low + high) // 2
    half = min(MAXINT - (high - low + 1) // 2, MAXINT // 2) - margin
    return max(middle - half, MININT + margin), min(middle + half, MAXINT - margin)


def stretch(world: World, height: int) -> None:
    """Note that a floor or ceiling has come to `height` (16.16), outside `world.heights`."""
    low, high = world.heights
    low, high = world.heights = (min(low, height), max(high, height))
    room = world.headroom
    if high - low > MAXINT - room or low < MININT + room or high > MAXINT - room:
        world.tall = True
        world.near = NOTHING_NEAR
