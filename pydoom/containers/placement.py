"""Where container monsters appear: deterministic for each container and level, on floor the player can reach, with
room around and overhead, out of the player's sight.

In the first level of DOOM they are in the hidden courtyard, as in the original, until it is full. A search costs at
most `probes` looks a tic, and goes on in the next tic where it stopped.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from pydoom.containers.reach import reachable_sectors
from pydoom.sim import movement, sight
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.geometry import approx_distance, point_in_subsector
from pydoom.sim.model import Mobj, Sector
from pydoom.sim.rules import GameMode

if TYPE_CHECKING:
    from pydoom.data.info import MobjInfo
    from pydoom.sim.world import World

GRID: Final = 64
"""Map units between two places: a demon is 60 wide."""

PERSONAL_SPACE: Final = 160 * FRACUNIT
"""Nobody appears nearer to the player than this, not even in the courtyard."""

COURTYARD: Final = (1376, -3776, 2736, -2880)
"""The hidden courtyard of E1M1 in map units: left, bottom, right, top."""

Place = tuple[int, int]
"""A point in 16.16 map units."""


class Placement:
    """The places of one level, and the search through them."""

    def __init__(self, world: World) -> None:
        player = world.players[world.consoleplayer].mo
        self._world = world
        self._sectors = reachable_sectors(world, player.subsector.sector)
        courtyard, elsewhere = self._find_places()
        self.places: list[Place] = courtyard + elsewhere
        self._courtyard = len(courtyard)
        self.progress: dict[str, int] = {}  # by container: how many of its places have been looked at

    def find(self, container_id: str, info: MobjInfo, probes: int) -> tuple[Place | None, int]:
        """A free place for this container's monster, and how many looks that took, at most `probes`.

        None means not yet; `exhausted` tells whether all places have been looked at.
        """
        places, courtyard = self.places, self._courtyard
        tried = self.progress.get(container_id, 0)
        first = int.from_bytes(hashlib.sha256(container_id.encode("utf-8", "replace")).digest()[:8], "big")
        looks = 0
        while looks < probes and tried < len(places):
            if tried < courtyard:
                number = (first + tried) % courtyard
            else:
                number = courtyard + (first + tried) % (len(places) - courtyard)
            tried += 1
            looks += 1
            if self._is_free(places[number], info, hidden=number >= courtyard):
                self.progress.pop(container_id, None)
                return places[number], looks
        self.progress[container_id] = tried
        return None, looks

    def exhausted(self, container_id: str) -> bool:
        """Whether every place was looked at in vain."""
        return self.progress.get(container_id, 0) >= len(self.places)

    def start_over(self) -> None:
        """Look at all places again: something may have moved away."""
        self.progress.clear()

    def _is_free(self, place: Place, info: MobjInfo, hidden: bool) -> bool:
        world = self._world
        x, y = place
        subsector = point_in_subsector(world, x, y)
        player = world.players[world.consoleplayer].mo
        if approx_distance(x - player.x, y - player.y) < PERSONAL_SPACE:
            return False
        probe = Mobj(subsector, info, world.states[info.spawnstate])
        probe.x, probe.y = x, y
        if not movement.check_position(world, probe, x, y):
            return False
        move = world.move
        floor = subsector.sector.floorheight
        # all of it on one floor, so that it neither hangs over an edge nor stands in a step
        if move.floorz != floor or move.dropoffz != floor or move.ceilingz - floor < info.height:
            return False
        probe.z = floor
        return not (hidden and sight.check_sight(world, player, probe))

    def _find_places(self) -> tuple[list[Place], list[Place]]:
        """All points of a grid on good floor: those of the courtyard, and the others."""
        world = self._world
        left, bottom, right, top = COURTYARD
        is_e1m1 = world.mode != GameMode.COMMERCIAL and (world.episode, world.map) == (1, 1)
        courtyard: list[Place] = []
        elsewhere: list[Place] = []
        west, south = world.bmaporgx >> 16, world.bmaporgy >> 16
        for column in range(west, west + world.bmapwidth * 128, GRID):
            for row in range(south, south + world.bmapheight * 128, GRID):
                sector = self._sector_at(column << 16, row << 16)
                if sector is None:
                    continue
                in_courtyard = is_e1m1 and left < column < right and bottom < row < top
                if in_courtyard and sector.ceilingpic == world.skyflatnum and not sector.special:
                    courtyard.append((column << 16, row << 16))
                else:
                    elsewhere.append((column << 16, row << 16))
        return courtyard, elsewhere

    def _sector_at(self, x: int, y: int) -> Sector | None:
        """The reachable sector that (x, y) is really inside of: the BSP tree gives every point of the void one too."""
        world = self._world
        subsector = point_in_subsector(world, x, y)
        sector = subsector.sector
        if sector.index not in self._sectors:
            return None
        for seg in world.segs[subsector.firstline : subsector.firstline + subsector.numlines]:
            dx, dy = seg.v2.x - seg.v1.x, seg.v2.y - seg.v1.y
            if dx * (y - seg.v1.y) - dy * (x - seg.v1.x) > 0:
                return None
        return sector
