"""The containers the game knows about, and the monster of each.

The identity of an entry is the container's ID: names are labels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING

from pydoom.containers.fleet.lifecycle import EXISTING, Phase
from pydoom.containers.fleet.names import NameBook
from pydoom.containers.link.events import Suffering

if TYPE_CHECKING:
    from pydoom.containers.link.events import ContainerInfo
    from pydoom.sim.mobj import Mobj


def faults_of(info: ContainerInfo) -> tuple[Suffering, ...]:
    """What a container suffers from, the first to end first.

    Its state says whether it is paused, also where the bridge speaks version 1 or somebody else has paused it, or has
    let it run on before its time is up; a pause that nobody will undo never ends.
    """
    pauses = [fault for fault in info.faults if fault.action == "pause"]
    faults = [fault for fault in info.faults if fault.action != "pause"]
    if info.state == "paused":
        faults += pauses or [Suffering("pause", math.inf)]
    return tuple(sorted(faults, key=attrgetter("until")))


@dataclass(slots=True)
class Entry:
    """One container and its monster."""

    info: ContainerInfo
    phase: Phase = Phase.UNKNOWN
    mobj: Mobj | None = None
    tics: int = 0  # in this phase
    order_seen: bool = False  # the bridge has answered the kill
    connection: int = 0  # during which the kill was sent
    weapon: str = ""
    wounded: bool = False
    comebacks: int = 0  # how often it was killed and came back
    action: str = ""  # what the kill does, if known
    outcome: str = ""  # what the player's kill has done to it, as in "is removed"
    flicker_tics: int = 0  # how long its monster still flickers
    is_new: bool = False  # appeared while playing, not with the first list

    @property
    def suffix(self) -> str:
        """What follows the name: the number of restarts, if any."""
        restarts = max(self.info.restarts, self.comebacks)
        return f" x{restarts}" if restarts else ""

    @property
    def faults(self) -> tuple[Suffering, ...]:
        """What it suffers from, the first to end first."""
        return faults_of(self.info)

    @property
    def exists(self) -> bool:
        """Whether the container still exists, as far as the bridge has said."""
        return self.phase in EXISTING

    def enter(self, phase: Phase) -> None:
        """Move to a phase and restart its clock."""
        self.phase = phase
        self.tics = 0


@dataclass(slots=True)
class MonsterRoster:
    """All entries by container ID, oldest first."""

    entries: dict[str, Entry] = field(default_factory=dict)
    _buried: dict[str, Entry] = field(default_factory=dict)  # by name
    _names: NameBook = field(default_factory=NameBook)

    def waiting(self) -> list[Entry]:
        """The entries that wait for a place."""
        return [entry for entry in self.entries.values() if entry.phase is Phase.WAITING]

    def names(self, info: ContainerInfo) -> tuple[str, ...]:
        """A container's name from the longest form to the shortest; each tells it apart from the others listed."""
        return self._names.forms(info, (entry.info for entry in self.entries.values()))

    def labels(self, entry: Entry) -> tuple[str, ...]:
        """What is written over its head: `names`, each with the number of restarts."""
        suffix = entry.suffix
        return tuple(f"{name}{suffix}" for name in self.names(entry.info))

    def describe(self, entry: Entry, info: ContainerInfo) -> None:
        """Take over the bridge's new description of a container."""
        if (entry.info.name, entry.info.project) != (info.name, info.project):
            self._names.forget()
        entry.info = info

    def settle(self, entry: Entry) -> None:
        """List, bury or forget `entry`, depending on its phase."""
        if (entry.phase is Phase.UNKNOWN) is (entry.info.id in self.entries):
            self._names.forget()
        if entry.phase is Phase.UNKNOWN:
            del self.entries[entry.info.id]
            return
        self.entries[entry.info.id] = entry
        if entry.phase is Phase.GONE:
            self._buried[entry.info.name] = entry

    def exhume(self, name: str) -> Entry | None:
        """Remove and return the entry of a gone container with this name whose corpse lies around."""
        entry = self._buried.pop(name, None)
        if entry is None or entry.phase is not Phase.GONE or entry.mobj is None or entry.mobj.removed:
            return None
        del self.entries[entry.info.id]
        self._names.forget()
        return entry

    def forget_corpses(self) -> None:
        """Forget the buried entries: the level is over, so nothing rises from its corpses."""
        self._buried.clear()
