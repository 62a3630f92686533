"""The containers the game knows of, and the monster of each.

The identity of an entry is the container's ID: names are labels.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydoom.containers.fleet.lifecycle import EXISTING, Phase
from pydoom.containers.fleet.messages import elide

if TYPE_CHECKING:
    from pydoom.containers.link.events import ContainerInfo
    from pydoom.sim.mobj import Mobj


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
    is_new: bool = False  # appeared while playing, not with the first list

    @property
    def label(self) -> str:
        """What is written over its head: the name, and how often it was restarted."""
        restarts = max(self.info.restarts, self.comebacks)
        return f"{elide(self.info.name)} *{restarts}" if restarts else elide(self.info.name)

    @property
    def exists(self) -> bool:
        """Whether there is still such a container, as far as the bridge has told."""
        return self.phase in EXISTING

    def enter(self, phase: Phase) -> None:
        """Go on to a phase, and start its clock."""
        self.phase = phase
        self.tics = 0


@dataclass(slots=True)
class MonsterRoster:
    """All entries by container ID, oldest first."""

    entries: dict[str, Entry] = field(default_factory=dict)
    _buried: dict[str, Entry] = field(default_factory=dict)  # by name

    def waiting(self) -> list[Entry]:
        """Those without a place."""
        return [entry for entry in self.entries.values() if entry.phase is Phase.WAITING]

    def settle(self, entry: Entry) -> None:
        """List, bury or forget `entry`, as its phase says."""
        if entry.phase is Phase.UNKNOWN:
            del self.entries[entry.info.id]
            return
        self.entries[entry.info.id] = entry
        if entry.phase is Phase.GONE:
            self._buried[entry.info.name] = entry

    def exhume(self, name: str) -> Entry | None:
        """Take out the entry of a container that is gone, whose name this is and whose corpse lies around."""
        entry = self._buried.pop(name, None)
        if entry is None or entry.phase is not Phase.GONE or entry.mobj is None or entry.mobj.removed:
            return None
        del self.entries[entry.info.id]
        return entry

    def forget_corpses(self) -> None:
        """The level is over: nobody rises from a corpse in it."""
        self._buried.clear()
