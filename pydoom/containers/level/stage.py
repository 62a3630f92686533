"""The containers' monsters in the level: placed, raised and removed as the phases of their containers demand.

Acts between two tics only, and forgets a level when the next begins. The phases are defined in
`fleet.lifecycle`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.containers.fleet.lifecycle import Phase, Trigger
from pydoom.containers.fleet.roster import Entry
from pydoom.containers.level import monsters
from pydoom.containers.level.bonds import ContainerBond
from pydoom.containers.level.placement import Place, Placement, in_courtyard
from pydoom.containers.level.reach import walkable_sectors
from pydoom.containers.level.rooms import RoomPlacement
from pydoom.sim.constants import TICRATE
from pydoom.sim.level import Subsector
from pydoom.sim.mobj import Mobj

if TYPE_CHECKING:
    from pydoom.containers.fleet.fleet import Fleet
    from pydoom.containers.level.species import Species
    from pydoom.game.datacentre import DataCentre
    from pydoom.sim.world import World

PROBES_A_TIC: Final = 150
"""Places checked in one tic: about 3 ms."""
RETRY_TICS: Final = 2 * TICRATE
"""Tics a container waits after all places were found taken."""
WALKABLE_TICS: Final = 3 * TICRATE
"""Tics after which it is found out again where a player can walk: a door may have opened."""
RISE_TICS: Final = 5 * TICRATE
"""Tics a corpse waits for room to stand up before its monster comes back elsewhere."""


class Stage:
    """The level that is being played. `told_waiting`: how many the player was last told are waiting for room.

    `safety`: only a player can hurt the monsters.
    """

    def __init__(self, fleet: Fleet, species: Species, safety: bool) -> None:
        self.told_waiting = 0
        self._fleet = fleet
        self._roster = fleet.roster
        self._messages = fleet.messages
        self._species = species
        self._safety = safety
        self._level: list[Subsector] | None = None
        self._placement: Placement | RoomPlacement | None = None
        self._datacentre: DataCentre | None = None
        self._retry_tics = 0
        self._loaded: list[tuple[Mobj, str]] = []  # monsters of a saved game that wait for the bridge's list
        self._just_loaded = False
        self._walkable: dict[int, frozenset[int]] = {}  # by the sector from which

    @property
    def is_ready(self) -> bool:
        """Whether the bridge has sent its list, and every container that has room in the level has its monster."""
        placed = self._placement is not None and self._placement.is_prepared
        return placed and self._fleet.listed and (bool(self.told_waiting) or not self._roster.waiting())

    def is_walled_off(self, world: World, eye: Mobj, mobj: Mobj) -> bool:
        """Whether `mobj` is in the hidden courtyard, with no open way there from `eye`."""
        sector = mobj.subsector.sector
        if not in_courtyard(world, mobj.x >> 16, mobj.y >> 16, sector):
            return False
        start = eye.subsector.sector
        found = self._walkable.get(start.index)
        if found is None:
            found = self._walkable[start.index] = walkable_sectors(world, start)
        return sector.index not in found

    def changes(self, world: World) -> bool:
        """Whether another level has begun since the last call; the old monsters are then forgotten."""
        if world.subsectors is self._level:
            return False
        self._level = world.subsectors
        self._placement = None
        self._walkable.clear()
        if not self._just_loaded:
            self._loaded = []  # gone with the level that was left
        self._just_loaded = False
        return True

    def found(self, datacentre: DataCentre | None) -> None:
        """Note whether the level that has begun was built from the fleet."""
        self._datacentre = datacentre

    def tick(self, world: World) -> None:
        """Bring the level up to date, within one tic's budget."""
        if self._loaded and self._fleet.listed:
            self._meet_again(world)
        if self._placement is None:
            centre = self._datacentre
            self._placement = Placement(world) if centre is None else RoomPlacement(world, centre)
            self._retry_tics = 0
        if world.leveltime % WALKABLE_TICS == 0:
            self._walkable.clear()
        for entry in tuple(self._roster.entries.values()):
            if entry.flicker_tics:
                entry.flicker_tics -= 1
            if entry.phase is not Phase.ALIVE:
                self._fleet.tick(entry)
                self._settle(entry, world)
        if self._placement.prepare():
            self._place(world, self._placement)

    # -- saved games

    def label_of(self, mobj: Mobj) -> str | None:
        """What a saved game stores about a monster: its container."""
        bond = mobj.bond
        if bond is None and self._loaded:
            return next((container_id for loaded, container_id in self._loaded if loaded is mobj), None)
        return bond.entry.info.id if isinstance(bond, ContainerBond) and bond.entry.exists else None

    def labels_loaded(self, labelled: list[tuple[Mobj, str]]) -> None:
        """Take over the monsters of a loaded game; the next tic finds out what became of their containers."""
        self._loaded = labelled
        self._just_loaded = True

    def _meet_again(self, world: World) -> None:
        """Give the monsters of a saved game back to their containers; those whose containers are gone leave."""
        for mobj, container_id in self._loaded:
            entry = self._roster.entries.get(container_id)
            alive = mobj.health > 0
            if entry is not None and entry.phase is Phase.WAITING:
                self._bind(entry, mobj)
                self._fleet.step(entry, Trigger.PLACED if alive else Trigger.CORPSE_LOADED)
            elif alive:
                monsters.leave(world, mobj)
        self._loaded = []

    # -- one tic

    def _settle(self, entry: Entry, world: World) -> None:
        """Run one tic of an entry whose monster does not live its own life."""
        if entry.phase is Phase.RISING:
            self._try_to_rise(entry, world)
        elif entry.phase is Phase.SUFFERING and entry.mobj is not None:
            monsters.hold(world, entry.mobj)
        elif entry.phase is Phase.LEAVING and entry.mobj is not None:
            monsters.leave(world, entry.mobj)
            self._fleet.step(entry, Trigger.LEFT)
        elif entry.phase is Phase.GONE and (entry.mobj is None or entry.mobj.removed):
            self._fleet.step(entry, Trigger.CORPSE_LOST)

    def _try_to_rise(self, entry: Entry, world: World) -> None:
        corpse = entry.mobj
        if corpse is None or corpse.removed:
            entry.mobj = None
            self._fleet.step(entry, Trigger.CORPSE_LOST)
        elif monsters.can_rise(world, corpse):
            monsters.rise(world, corpse)
            self._bind(entry, corpse)  # again: it may be the corpse of a container that this one replaces
            self._fleet.step(entry, Trigger.STOOD_UP)
        elif entry.tics > RISE_TICS:
            monsters.leave(world, corpse)
            entry.mobj = None
            self._fleet.step(entry, Trigger.NO_ROOM)

    def _place(self, world: World, placement: Placement | RoomPlacement) -> None:
        """Find places for the waiting entries, oldest first, within this tic's budget."""
        if self._retry_tics:
            self._retry_tics -= 1
            return
        if self._loaded:
            return  # some already have monsters, and we do not know yet which
        waiting = self._roster.waiting()
        probes = PROBES_A_TIC
        placed = 0
        for entry in waiting:
            place, looks = placement.find(entry.info, probes)
            probes -= looks
            if place is None:
                break
            self._spawn(world, entry, place)
            placed += 1
        left = len(waiting) - placed
        if placement.exhausted:
            self._tell_waiting(left)
            placement.start_over()
            self._retry_tics = RETRY_TICS
        elif waiting and not left:
            self._tell_waiting(0)
            placement.start_over()

    def _spawn(self, world: World, entry: Entry, place: Place) -> None:
        complaint = self._species.complaint(entry.info)
        if complaint:
            self._messages.say(complaint)
        bond = ContainerBond(entry, self._fleet, self._safety)
        entry.mobj = monsters.spawn(world, place, bond, self._species.of(entry.info), fog=entry.is_new)
        entry.wounded = False
        self._fleet.step(entry, Trigger.PLACED)

    def _bind(self, entry: Entry, mobj: Mobj) -> None:
        entry.mobj = mobj
        mobj.bond = ContainerBond(entry, self._fleet, self._safety)

    def _tell_waiting(self, count: int) -> None:
        if count and count != self.told_waiting:
            noun = "container waits" if count == 1 else "containers wait"
            self._messages.say(f"{count} {noun} for room")
        self.told_waiting = count
