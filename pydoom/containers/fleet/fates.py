"""What becomes of each container: the bridge's news and the player's shots, told in phases of the roster.

Bookkeeping alone: nothing here looks at the level, so that news may be taken in at any time. `stage` does to monsters
what their phases say, at the next tic boundary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Protocol

from pydoom.containers.fleet.messages import Messages, elide
from pydoom.containers.fleet.record import Death, Record
from pydoom.containers.fleet.roster import Entry, Phase, Roster
from pydoom.containers.level.bonds import ContainerBond
from pydoom.containers.link.events import (
    Added,
    Changed,
    Connected,
    ContainerInfo,
    Disconnected,
    EngineState,
    Event,
    Kill,
    KillDone,
    KillFailed,
    Order,
    Removed,
    Snapshot,
    Wound,
)
from pydoom.sim.constants import TICRATE

ANSWER_TICS: Final = 30 * TICRATE
"""How long the bridge may think about a kill."""
GRACE_TICS: Final = 10 * TICRATE
"""How long a container may stay listed after a kill that the bridge called done."""
TEXT_GRACE_TICS: Final = 20 * TICRATE
"""The same for the original daemon, which is asked every five seconds and removes in the background."""

_REASONS: Final = {
    "protected": "is protected",
    "denied": "may not be killed",
    "rate-limited": "lives: too many kills",
    "engine-down": "lives: the engine is down",
    "conflict": "lives: the engine is busy with it",
    "bridge-away": "lives: the bridge is away",
    "failed": "lives: the engine refused",
}


class Client(Protocol):
    """Where news come from and orders go (`client.BridgeClient`)."""

    def events(self) -> Iterator[Event]:
        """What has happened since the last call."""

    def send(self, order: Order) -> None:
        """Pass an order on."""

    def close(self) -> None:
        """End."""


class Fates:
    """All containers of a game, and what the bridge and the engine are doing.

    `listed`: the bridge has told once what there is. `complain` is told what the picture has no room for: why the
    bridge is away, once for each reason.
    """

    def __init__(self, client: Client, safety: bool, complain: Callable[[str], None]) -> None:
        self.roster = Roster()
        self.record = Record()
        self.messages = Messages()
        self.bridge_away = False
        self.engine_down = False
        self.listed = False
        self._client = client
        self._safety = safety
        self._complain = complain
        self._complaints: set[str] = set()
        self._connected = Connected()
        self._connections = 0

    def hear(self) -> None:
        """Take in all news there are. Never waits."""
        for event in self._client.events():
            self._take(event)

    def bond(self, info: ContainerInfo) -> ContainerBond:
        """A bond for the monster of a container, which reports here."""
        return ContainerBond(info.id, self._safety, info.protected, self._report_hit, self._report_kill)

    def wait(self, entry: Entry) -> None:
        """One tic of waiting for the end of a container whose monster was killed."""
        grace = TEXT_GRACE_TICS if self._connected.text_only else GRACE_TICS if entry.order_seen else ANSWER_TICS
        if entry.tics > grace and not self.bridge_away:
            self._raise(entry, "is still there")

    # -- news

    def _take(self, event: Event) -> None:
        if isinstance(event, Snapshot):
            self._reconcile(event.containers)
            self.listed = True
        elif isinstance(event, Added):
            self._add(event.container, is_new=True)
        elif isinstance(event, Changed):
            self._change(event.container)
        elif isinstance(event, Removed):
            self._remove(event.id)
        elif isinstance(event, KillDone):
            self._kill_done(event)
        elif isinstance(event, KillFailed):
            self._kill_failed(event)
        elif isinstance(event, EngineState):
            if self.engine_down != (not event.up):
                self.messages.say("the container engine is back" if event.up else "the container engine is down")
            self.engine_down = not event.up
        elif isinstance(event, Connected):
            self._connections += 1
            self._connected = event
            self.bridge_away = False
            if self._connections > 1:
                self.messages.say("the bridge is back")
        elif isinstance(event, Disconnected):
            self.bridge_away = True
            self.messages.say("the bridge is away")
            if event.reason not in self._complaints:
                self._complaints.add(event.reason)
                self._complain(f"the bridge is away: {event.reason}")

    def _reconcile(self, containers: tuple[ContainerInfo, ...]) -> None:
        """The bridge has told everything there is."""
        entries = self.roster.entries
        listed = {container.id for container in containers}
        for container_id in [each for each in entries if each not in listed]:
            self._remove(container_id)
        first = not entries
        for container in sorted(containers, key=lambda each: each.created):
            self._add(container, is_new=not first)
        for entry in entries.values():
            # what became of a kill that the last connection did not answer is told by the list alone
            if entry.phase is Phase.DYING and entry.connection != self._connections:
                self._raise(entry, "is still there")

    def _add(self, container: ContainerInfo, is_new: bool) -> None:
        entry = self.roster.entries.get(container.id)
        if entry is None:
            old = self.roster.exhume(container.name) if is_new else None
            entry = self.roster.entries[container.id] = Entry(container, is_new=is_new)
            if old is not None:
                self._take_over(entry, old)
            elif is_new:
                self.messages.mention(f"{elide(container.name)} appears")
        elif entry.phase is Phase.GONE:
            entry.info = container
            entry.comebacks += 1
            self._raise(entry, "has come back")
        else:
            if entry.phase is Phase.LEAVING:
                self._stay(entry)
            self._change(container)

    def _stay(self, entry: Entry) -> None:
        """A container is there again before its monster has left."""
        entry.enter(Phase.ALIVE)
        if entry.bond is not None:
            entry.bond.live = True

    def _take_over(self, entry: Entry, old: Entry) -> None:
        """The engine has made a container anew under the name of one that was killed: its corpse gets up."""
        entry.comebacks = old.comebacks + 1
        entry.mobj = old.mobj
        if entry.mobj is not None:
            entry.bond = entry.mobj.bond = self.bond(entry.info)
            entry.bond.live = False  # until it stands
        self._raise(entry, "has come back")

    def _change(self, container: ContainerInfo) -> None:
        entry = self.roster.entries.get(container.id)
        if entry is None:
            self._add(container, is_new=True)
            return
        started_again = container.restarts > entry.info.restarts and container.state == "running"
        entry.info = container
        if entry.bond is not None:
            entry.bond.protected = container.protected
        if entry.phase is Phase.STOPPED and container.state == "running":
            self._raise(entry, "runs again")
        elif started_again and entry.phase is Phase.DYING:
            self._note_death(entry, "is restarted")
            entry.comebacks += 1
            self._raise(entry)
        elif started_again:
            self.messages.mention(f"{elide(container.name)} was restarted")

    def _remove(self, container_id: str) -> None:
        entry = self.roster.entries.get(container_id)
        if entry is None or entry.phase in (Phase.GONE, Phase.LEAVING):
            return
        was_alive = entry.phase is Phase.ALIVE
        if entry.phase is Phase.DYING:
            self._note_death(entry, "is gone")
        elif was_alive:
            self.messages.mention(f"{elide(entry.info.name)} has left")
        if entry.bond is not None:
            entry.bond.live = False
        if entry.mobj is None:
            del self.roster.entries[container_id]
        elif was_alive:
            entry.enter(Phase.LEAVING)
        else:
            self.roster.bury(entry)

    def _kill_done(self, event: KillDone) -> None:
        entry = self.roster.entries.get(event.id)
        if entry is None or entry.phase is not Phase.DYING:
            return
        entry.order_seen = True
        entry.tics = 0
        if event.dry_run:
            self._raise(entry, "lives: this is a dry run")
        elif event.action == "pause":
            entry.enter(Phase.STOPPED)
            self._note_death(entry, "is paused")
        elif event.action == "restart":
            self._note_death(entry, "is restarted")
            entry.comebacks += 1
            self._raise(entry)

    def _kill_failed(self, event: KillFailed) -> None:
        entry = self.roster.entries.get(event.id)
        if entry is None or entry.phase is not Phase.DYING:
            return
        if event.code == "not-found":
            self._remove(event.id)
        else:
            self._raise(entry, _REASONS.get(event.code, "lives"))

    def _raise(self, entry: Entry, why: str = "") -> None:
        if why:
            self.messages.say(f"{elide(entry.info.name)} {why}")
        entry.enter(Phase.RISING if entry.mobj is not None else Phase.WAITING)

    def _note_death(self, entry: Entry, what: str) -> None:
        name = elide(entry.info.name)
        self.messages.say(f"{name} {what} ({entry.weapon})" if entry.weapon else f"{name} {what}")
        self.record.add(Death(entry.info.name, entry.weapon, what))

    # -- what the bonds report, during a tic

    def _report_kill(self, container_id: str, weapon: str) -> None:
        entry = self.roster.entries.get(container_id)
        if entry is None or entry.phase not in (Phase.ALIVE, Phase.RISING):
            return
        entry.enter(Phase.DYING)
        entry.weapon = weapon
        entry.order_seen = False
        entry.connection = self._connections
        self._client.send(Kill(container_id, weapon, self._connections))

    def _report_hit(self, container_id: str, weapon: str) -> None:
        entry = self.roster.entries.get(container_id)
        if entry is None:
            return
        if entry.info.protected:
            self.messages.say(f"{elide(entry.info.name)} is protected")
        elif not entry.wounded and self._connected.wound:
            entry.wounded = True
            self._client.send(Wound(container_id, weapon, self._connections))
