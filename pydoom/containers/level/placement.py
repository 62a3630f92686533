"""Where container monsters appear: deterministic for each container and level, on floor that the player can reach, with
enough room and headroom, out of the player's sight.

In the first level of DOOM that is the hidden courtyard, as in the original, until it is full. A search makes at
most `probes` checks a tic and resumes in the next; the places are found beforehand, a few columns of a
grid in each tic.
"""

from __future__ import annotations

import hashlib
from collections import deque
from typing import TYPE_CHECKING, Final

from pydoom.containers.level.reach import reachable_sectors
from pydoom.containers.level.species import DEMON
from pydoom.sim import collision, sight
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.geometry import approx_distance, point_in_subsector
from pydoom.sim.level import Sector
from pydoom.sim.mobj import Mobj
from pydoom.sim.rules import GameMode

if TYPE_CHECKING:
    from pydoom.containers.link.events import ContainerInfo
    from pydoom.sim.world import World

GRID: Final = 64
"""Distance between two places in map units: a demon is 60 wide."""

RADIUS: Final = 31 * FRACUNIT
HEIGHT: Final = 64 * FRACUNIT
"""Radius and height of a place: room for any species that a container can be."""

COLUMNS_A_TIC: Final = 8
"""Columns of the grid searched in one tic: about 8 ms."""

PERSONAL_SPACE: Final = 160 * FRACUNIT
"""Smallest distance to the player at which a monster appears, even in the courtyard."""

COURTYARD: Final = (1376, -3776, 2736, -2880)
"""The hidden courtyard of E1M1 in map units: left, bottom, right, top."""

Place = tuple[int, int]
"""A point in map units, 16.16 fixed."""


class Untried:
    """The numbers below `count` that are not taken yet; quickly finds the next one at or after any number."""

    def __init__(self, count: int) -> None:
        self._next = list(range(count + 1))  # the next one left, or a step on the way to it; `count` is the end

    def empty(self) -> bool:
        """Whether all are taken."""
        return self._seek(0) == len(self._next) - 1

    def take(self, wish: int) -> int | None:
        """Take the first free number from `wish` on (modulo `count`), wrapping around; None when all are taken."""
        end = len(self._next) - 1
        if not end:
            return None
        number = self._seek(wish % end)
        if number == end:
            number = self._seek(0)
        if number == end:
            return None
        self._next[number] = number + 1
        return number

    def _seek(self, number: int) -> int:
        following = self._next
        while following[number] != number:
            following[number] = following[following[number]]
            number = following[number]
        return number


class Placement:
    """The places of one level, and the search through them.

    `groups` are lists of places in the order they are filled: the courtyard, then everything else, each first with
    the points that leave room for a neighbour, then with those between them.
    """

    def __init__(self, world: World) -> None:
        player = world.players[world.consoleplayer].mo
        self._world = world
        self._sectors = reachable_sectors(world, player.subsector.sector)
        self.groups: list[list[Place]] = [[], [], [], []]
        self._hidden_groups = 2  # in the courtyard a monster may appear in sight
        self._left: list[Untried] = []
        west = world.bmaporgx >> 16
        self._columns = deque(range(west, west + world.bmapwidth * 128, GRID // 2))

    def prepare(self, columns: int = COLUMNS_A_TIC) -> bool:
        """Search some more columns of the level's grid for places; True when all are done."""
        while self._columns and columns:
            self._search_column(self._columns.popleft())
            columns -= 1
        if not self._columns and not self._left:
            self.start_over()
        return not self._columns

    @property
    def is_prepared(self) -> bool:
        """Whether the whole level has been searched."""
        return not self._columns

    @property
    def exhausted(self) -> bool:
        """Whether all places have been checked since `start_over`."""
        return all(left.empty() for left in self._left)

    def find(self, container: ContainerInfo, probes: int) -> tuple[Place | None, int]:
        """A free place for this container's monster, and how many checks that took, at most `probes`.

        No place is checked twice before `start_over`, so that even a fleet without room costs little.
        """
        first = int.from_bytes(hashlib.sha256(container.id.encode("utf-8", "replace")).digest()[:8], "big")
        looks = 0
        for group, (places, left) in enumerate(zip(self.groups, self._left, strict=True)):
            while (number := left.take(first)) is not None:
                looks += 1
                if self._is_free(places[number], hidden=group >= self._hidden_groups):
                    return places[number], looks
                if looks >= probes:
                    return None, looks
        return None, looks

    def start_over(self) -> None:
        """Check all places again: something may have moved away."""
        self._left = [Untried(len(places)) for places in self.groups]

    def _is_free(self, place: Place, hidden: bool) -> bool:
        world = self._world
        x, y = place
        player = world.players[world.consoleplayer].mo
        if approx_distance(x - player.x, y - player.y) < PERSONAL_SPACE:
            return False
        probe = probe_at(world, x, y)
        return fits(world, probe) and not (hidden and sight.check_sight(world, player, probe))

    def _search_column(self, x: int) -> None:
        world = self._world
        west, south = world.bmaporgx >> 16, world.bmaporgy >> 16
        things, world.blocklinks = world.blocklinks, [None] * len(world.blocklinks)
        try:  # ignore what stands there now
            for y in range(south, south + world.bmapheight * 128, GRID // 2):
                sector = self._sector_at(x << 16, y << 16)
                if sector is None or not fits(world, probe_at(world, x << 16, y << 16)):
                    continue
                between = (x - west) % GRID != 0 or (y - south) % GRID != 0
                elsewhere = not in_courtyard(world, x, y, sector)
                self.groups[2 * elsewhere + between].append((x << 16, y << 16))
        finally:
            world.blocklinks = things

    def _sector_at(self, x: int, y: int) -> Sector | None:
        """The reachable sector that (x, y) is really inside of: the BSP tree gives the void one too."""
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


def probe_at(world: World, x: int, y: int) -> Mobj:
    """A monster at (x, y) that is not part of the world, for collision checks."""
    info = world.info.mobjinfo[DEMON]
    subsector = point_in_subsector(world, x, y)
    probe = Mobj(subsector, info, world.states[info.spawnstate])
    probe.x, probe.y, probe.z = x, y, subsector.sector.floorheight
    probe.radius, probe.height = RADIUS, HEIGHT
    return probe


def fits(world: World, probe: Mobj) -> bool:
    """Whether a monster has room where `probe` is, entirely on one floor: not over an edge, nor in a step."""
    if not collision.check_position(world, probe, probe.x, probe.y):
        return False
    move = world.move
    level = move.floorz == probe.z and move.dropoffz == probe.z
    return level and move.ceilingz - probe.z >= probe.height


def in_courtyard(world: World, x: int, y: int, sector: Sector) -> bool:
    """Whether (x, y), map units in `sector`, is in the hidden courtyard of E1M1."""
    is_e1m1 = world.mode != GameMode.COMMERCIAL and (world.episode, world.map) == (1, 1)
    left, bottom, right, top = COURTYARD
    inside = left < x < right and bottom < y < top
    return is_e1m1 and inside and sector.ceilingpic == world.skyflatnum and not sector.special
