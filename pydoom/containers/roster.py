"""The containers the game knows of and the monster of each.

Pure bookkeeping; `monsters` acts on the world. The identity of an entry is the container's ID: names are labels.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from pydoom.containers.messages import elide

if TYPE_CHECKING:
    from pydoom.containers.bonds import ContainerBond
    from pydoom.containers.events import ContainerInfo
    from pydoom.sim.model import Mobj


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
    GONE = auto()
    """The container does not exist any more; a corpse may lie around."""


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

    def waiting(self) -> list[Entry]:
        """Those without a place."""
        return [entry for entry in self.entries.values() if entry.phase is Phase.WAITING]

    def corpse_named(self, name: str) -> Entry | None:
        """The entry of a container that is gone, whose name this is and whose corpse lies around."""
        for entry in self.entries.values():
            if entry.phase is Phase.GONE and entry.info.name == name:
                if entry.mobj is not None and not entry.mobj.removed:
                    return entry
        return None

    def new_level(self) -> None:
        """All monsters are gone with their level; the living wait for a place in the next one."""
        for container_id, entry in list(self.entries.items()):
            entry.mobj = None
            if entry.phase is Phase.GONE:
                del self.entries[container_id]
            elif entry.phase in (Phase.ALIVE, Phase.RISING):
                entry.enter(Phase.WAITING)
