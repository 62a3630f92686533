"""Where container monsters appear in the data centre: in their group's room, or in the vault when they are protected.

Groups that have come since the level was built, and containers beyond the size of their room, come through the loading
dock; once that is full, they take any room.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.containers.fleet.groups import group_of
from pydoom.containers.level.placement import PERSONAL_SPACE, Place, Untried, fits, probe_at
from pydoom.sim.geometry import approx_distance

if TYPE_CHECKING:
    from pydoom.containers.link.events import ContainerInfo
    from pydoom.game.datacentre import DataCentre
    from pydoom.sim.world import World

_DOCK: Final = -1
_VAULT: Final = -2


class RoomPlacement:
    """The places of one level built from the fleet; has the same methods as `placement.Placement`."""

    def __init__(self, world: World, datacentre: DataCentre) -> None:
        self._world = world
        self._site = datacentre.site
        self._places: dict[int, list[Place]] = {_DOCK: [], _VAULT: []}
        for place in datacentre.places:
            room = _VAULT if place.protected else place.group
            self._places.setdefault(room, []).append((place.x << 16, place.y << 16))
        self._left: dict[int, Untried] = {}
        self.start_over()

    def prepare(self) -> bool:
        """There is nothing to prepare."""
        return True

    @property
    def is_prepared(self) -> bool:
        """Always: the places are known with the level."""
        return True

    @property
    def exhausted(self) -> bool:
        """Whether all places have been checked since `start_over`, but for the vault's."""
        return all(left.empty() for room, left in self._left.items() if room != _VAULT)

    def start_over(self) -> None:
        """Check all places again: something may have moved away."""
        self._left = {room: Untried(len(places)) for room, places in self._places.items()}

    def find(self, container: ContainerInfo, probes: int) -> tuple[Place | None, int]:
        """A free place for this container's monster, and how many checks that took, at most `probes`."""
        looks = 0
        for room in self._rooms_for(container):
            places, left = self._places[room], self._left[room]
            while (number := left.take(0)) is not None:
                looks += 1
                if self._is_free(places[number]):
                    return places[number], looks
                if looks >= probes:
                    return None, looks
        return None, looks

    def _rooms_for(self, container: ContainerInfo) -> list[int]:
        """Where to look, in this order."""
        own = self._site.number_of(group_of(container, self._site.by_service))
        first = [_VAULT] if container.protected else []
        if own in self._places and own != _DOCK:
            first.append(own)
        first.append(_DOCK)
        return first + [room for room in self._places if room not in first and room != _VAULT]

    def _is_free(self, place: Place) -> bool:
        world = self._world
        x, y = place
        player = world.players[world.consoleplayer].mo
        if approx_distance(x - player.x, y - player.y) < PERSONAL_SPACE:
            return False
        return fits(world, probe_at(world, x, y))
