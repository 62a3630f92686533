"""Which sectors of a level a player can get to, found by a flood fill over two-sided lines.

A heuristic for spawning monsters where they can be met, not a proof: what moves (doors, lifts, everything a
trigger points at) counts as open, keys as found.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from pydoom.sim.constants import MAXSTEP
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.level import ML_BLOCKING, Sector
from pydoom.sim.specials.doors import MANUAL_DOORS

if TYPE_CHECKING:
    from pydoom.sim.world import World

PLAYER_HEIGHT: Final = 56 * FRACUNIT

TELEPORTS: Final = frozenset({39, 97})
"""Line specials that teleport a player to the sectors with their tag (``EV_Teleport``)."""


def reachable_sectors(world: World, start: Sector) -> frozenset[int]:
    """Numbers of the sectors a player starting in `start` can walk, drop, ride or teleport into."""
    return _flood(world, start, _moving_sectors(world))


def walkable_sectors(world: World, start: Sector) -> frozenset[int]:
    """Numbers of the sectors a player starting in `start` can get to as long as no door, lift or wall moves."""
    return _flood(world, start, frozenset())


def _flood(world: World, start: Sector, moving: frozenset[int]) -> frozenset[int]:
    by_tag: dict[int, list[Sector]] = {}
    for sector in world.sectors:
        by_tag.setdefault(sector.tag, []).append(sector)
    seen = {start.index}
    waiting = deque([start])
    while waiting:
        sector = waiting.popleft()
        for neighbour in _exits(sector, by_tag, moving):
            if neighbour.index not in seen:
                seen.add(neighbour.index)
                waiting.append(neighbour)
    return frozenset(seen)


def _exits(sector: Sector, by_tag: dict[int, list[Sector]], moving: frozenset[int]) -> Iterator[Sector]:
    for line in sector.lines:
        if line.special in TELEPORTS and line.tag:
            yield from by_tag.get(line.tag, ())
        back = line.backsector
        if back is None or line.flags & ML_BLOCKING:
            continue
        other = back if line.frontsector is sector else line.frontsector
        if _passable(sector, other, moving):
            yield other


def _passable(here: Sector, there: Sector, moving: frozenset[int]) -> bool:
    if here.index in moving or there.index in moving:
        return True
    floor = max(here.floorheight, there.floorheight)
    ceiling = min(here.ceilingheight, there.ceilingheight)
    return ceiling - floor >= PLAYER_HEIGHT and there.floorheight - here.floorheight <= MAXSTEP


def _moving_sectors(world: World) -> frozenset[int]:
    tags = {line.tag for line in world.lines if line.special and line.tag and line.special not in TELEPORTS}
    found = {sector.index for sector in world.sectors if sector.tag in tags}
    doors = [line.backsector for line in world.lines if line.special in MANUAL_DOORS]
    return frozenset(found.union(sector.index for sector in doors if sector is not None))
