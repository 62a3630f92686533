"""The containers the game knows of and the monster of each.

Pure bookkeeping; `monsters` acts on the world. The identity of an entry is the container's ID: names are labels.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from pydoom.containers.fleet.messages import elide

if TYPE_CHECKING:
    from pydoom.containers.level.bonds import ContainerBond
    from pydoom.containers.link.events import ContainerInfo
    from pydoom.sim.mobj import Mobj


class Phase(Enum):
    """What has become of a container's monster."""

    WAITING = auto()
    """It has no place in this level yet."""
    ALIVE = auto()
    DYING = auto()
    """Killed; the bridge has been told and has not said that the container is gone."""
    STOPPED = auto()
    """Killed; what the kill meant left the container listed (paused): the corpse stays until it runs again."""
    RISING = auto()
    """The container lives on: the corpse gets up as soon as there is room."""
    LEAVING = auto()
    """The container went away by itself; its monster leaves without a corpse at the next tic."""
    GONE = auto()
    """The container does not exist any more; its monster's corpse lies around."""


@dataclass(slots=True)
class Entry:
    """One container and its monster."""

    info: ContainerInfo
    phase: Phase = Phase.WAITING
    mobj: Mobj | None = None
    bond: ContainerBond | None = None
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

    def enter(self, phase: Phase) -> None:
        """Go on to another phase."""
        self.phase = phase
        self.tics = 0


@dataclass(slots=True)
class Roster:
    """All entries by container ID, oldest first."""

    entries: dict[str, Entry] = field(default_factory=dict)
    _buried: dict[str, Entry] = field(default_factory=dict)  # by name

    def waiting(self) -> list[Entry]:
        """Those without a place."""
        return [entry for entry in self.entries.values() if entry.phase is Phase.WAITING]

    def bury(self, entry: Entry) -> None:
        """The container does not exist any more, and the corpse stays."""
        entry.enter(Phase.GONE)
        self._buried[entry.info.name] = entry

    def exhume(self, name: str) -> Entry | None:
        """Take out the entry of a container that is gone, whose name this is and whose corpse lies around."""
        entry = self._buried.pop(name, None)
        if entry is None or entry.phase is not Phase.GONE or entry.mobj is None or entry.mobj.removed:
            return None
        del self.entries[entry.info.id]
        return entry

    def new_level(self) -> None:
        """All monsters are gone with their level; the living wait for a place in the next one."""
        self._buried.clear()
        for container_id, entry in list(self.entries.items()):
            entry.mobj = None
            if entry.phase in (Phase.GONE, Phase.LEAVING):
                del self.entries[container_id]
            elif entry.phase in (Phase.ALIVE, Phase.RISING):
                entry.enter(Phase.WAITING)
