"""The one narrow door between containers and the game: `before_tic` and `draw_overlay`.

To follow a kill: the simulation tells the monster's bond (`bonds`), which notes it here; at the next tic boundary the
order goes to the bridge's client (`client`), whose answers and news come back as events, and `_settle` decides
whether the corpse stays or gets up again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, Protocol

from pydoom.containers import monsters
from pydoom.containers.bonds import ContainerBond
from pydoom.containers.events import (
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
from pydoom.containers.messages import Messages, elide
from pydoom.containers.overlay import Overlay
from pydoom.containers.placement import Placement
from pydoom.containers.record import Death, Record
from pydoom.containers.roster import Entry, Phase, Roster
from pydoom.containers.species import Species
from pydoom.game.state import GameState
from pydoom.sim.constants import TICRATE
from pydoom.sim.model import Mobj, Subsector

if TYPE_CHECKING:
    from pydoom.game.events import Event as GameEvent
    from pydoom.game.session import Session
    from pydoom.screens.border import ViewWindow
    from pydoom.screens.video import Frame
    from pydoom.sim.world import World

PROBES_A_TIC: Final = 150
"""Places looked at in one tic: about 3 ms."""
RETRY_TICS: Final = 70
"""How long a container waits after all places were found taken."""
ANSWER_TICS: Final = 30 * TICRATE
"""How long the bridge may think about a kill."""
GRACE_TICS: Final = 10 * TICRATE
"""How long a container may stay listed after a kill that the bridge called done."""
TEXT_GRACE_TICS: Final = 20 * TICRATE
"""The same for the original daemon, which is asked every five seconds and removes in the background."""
RISE_TICS: Final = 5 * TICRATE
"""How long a corpse waits for room to stand up before its monster comes back elsewhere."""

_REASONS: Final = {
    "protected": "is protected",
    "denied": "may not be killed",
    "rate-limited": "lives: too many kills",
    "engine-down": "lives: the engine is down",
    "conflict": "lives: the engine is busy with it",
    "bridge-away": "lives: the bridge is away",
    "failed": "lives: the engine refused",
}


def _ignore(_text: str) -> None:
    """Nobody listens."""


class Client(Protocol):
    """Where news come from and orders go (`client.BridgeClient`)."""

    def events(self) -> Iterator[Event]:
        """What has happened since the last call."""

    def send(self, order: Order) -> None:
        """Pass an order on."""

    def close(self) -> None:
        """End."""


class Containers:
    """The containers of one game. Not used while a demo is played or recorded."""

    def __init__(self, client: Client, overlay: Overlay, species: Species, safety: bool = True) -> None:
        self.roster = Roster()
        self.record = Record()
        self.messages = Messages()
        self.bridge_away = False
        self.engine_down = False
        self.complain: Callable[[str], None] = _ignore
        """Told what the picture has no room for: why the bridge is away, once for each reason."""
        self._complaints: set[str] = set()
        self._client = client
        self._overlay = overlay
        self._species = species
        self._safety = safety
        self._connected = Connected()
        self._connections = 0
        self._level: list[Subsector] | None = None
        self._placement: Placement | None = None
        self._retry_tics = 0
        self._told_waiting = 0
        self._world: World | None = None
        self._loaded: list[tuple[Mobj, str]] = []  # waiting for the bridge's list
        self._just_loaded = False
        self._listed = False  # the bridge has told what there is

    # -- the door

    def before_tic(self, session: Session) -> None:
        """Take in the bridge's news and bring the level up to date with them. Never waits."""
        world = self._world = session.world
        player = world.players[world.consoleplayer]
        in_level = session.gamestate == GameState.LEVEL and session.usergame and player.mo is not None
        if world.subsectors is not self._level:
            self._level = world.subsectors
            self._placement = None
            self.roster.new_level()
            self.record.new_level()
            if not self._just_loaded:
                self._loaded = []  # its monsters are gone with the level that was left
            self._just_loaded = False
        for event in self._client.events():
            self._take(event)
        if not in_level:
            return
        if self._loaded and self._listed:
            self._meet_again(world)
        if self._placement is None:
            self._placement = Placement(world)
            self._retry_tics = 0
        for entry in tuple(self.roster.entries.values()):
            if entry.phase is not Phase.ALIVE:
                entry.tics += 1
                self._settle(entry, world)
        if self._placement.prepare():
            self._place(world, self._placement)
        self.messages.ticker(player)

    def draw_overlay(self, session: Session, frame: Frame, window: ViewWindow) -> None:
        """What is to be seen of the containers over the view, the automap or the intermission."""
        self._overlay.draw(session, frame, window, self.roster, self.record, self.status())

    def responder(self, session: Session, event: GameEvent) -> bool:
        """True when the event is for the list of containers: TAB on the automap leads on to it."""
        return self._overlay.responder(session, event, len(self.roster.entries))

    def label_of(self, mobj: Mobj) -> str | None:
        """What a saved game notes of a monster: the container it is."""
        bond = mobj.bond
        if bond is None and self._loaded:
            return next((container_id for loaded, container_id in self._loaded if loaded is mobj), None)
        return bond.id if isinstance(bond, ContainerBond) and bond.live else None

    def labels_loaded(self, labelled: list[tuple[Mobj, str]]) -> None:
        """A saved game has been loaded, with these monsters; the next tic finds out what became of their containers."""
        self._loaded = labelled
        self._just_loaded = True

    def close(self) -> None:
        """The game ends."""
        self._client.close()

    def status(self) -> str:
        """What the player should know all the time; usually nothing."""
        if self.bridge_away:
            return "BRIDGE AWAY"
        if self.engine_down:
            return "ENGINE DOWN"
        waiting = len(self.roster.waiting())
        return f"{waiting} WAITING FOR ROOM" if waiting and self._told_waiting else ""

    # -- news

    def _take(self, event: Event) -> None:
        if isinstance(event, Snapshot):
            self._reconcile(event.containers)
            self._listed = True
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
                self.complain(f"the bridge is away: {event.reason}")

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
            old = self.roster.corpse_named(container.name) if is_new else None
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
            self._change(container)

    def _take_over(self, entry: Entry, old: Entry) -> None:
        """The engine has made a container anew under the name of one that was killed: its corpse gets up."""
        del self.roster.entries[old.info.id]
        entry.comebacks = old.comebacks + 1
        entry.mobj = old.mobj
        if entry.mobj is not None:
            entry.bond = entry.mobj.bond = self._bond(entry.info)
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
        if entry is None or entry.phase is Phase.GONE:
            return
        if entry.phase is Phase.DYING:
            self._note_death(entry, "is gone")
        elif entry.phase is Phase.ALIVE:
            if entry.mobj is not None and self._world is not None:
                monsters.leave(self._world, entry.mobj)
                entry.mobj = None
            self.messages.mention(f"{elide(entry.info.name)} has left")
        if entry.bond is not None:
            entry.bond.live = False
        if entry.mobj is None:
            del self.roster.entries[container_id]
        else:
            entry.enter(Phase.GONE)

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
        self._client.send(Kill(container_id, weapon))

    def _report_hit(self, container_id: str, weapon: str) -> None:
        entry = self.roster.entries.get(container_id)
        if entry is None:
            return
        if entry.info.protected:
            self.messages.say(f"{elide(entry.info.name)} is protected")
        elif not entry.wounded and self._connected.wound:
            entry.wounded = True
            self._client.send(Wound(container_id, weapon))

    # -- the level

    def _settle(self, entry: Entry, world: World) -> None:
        """One tic of an entry whose monster is neither alive nor waiting."""
        if entry.phase is Phase.DYING:
            grace = TEXT_GRACE_TICS if self._connected.text_only else GRACE_TICS if entry.order_seen else ANSWER_TICS
            if entry.tics > grace and not self.bridge_away:
                self._raise(entry, "is still there")
        elif entry.phase is Phase.RISING:
            self._try_to_rise(entry, world)
        elif entry.phase is Phase.GONE and (entry.mobj is None or entry.mobj.removed):
            del self.roster.entries[entry.info.id]

    def _try_to_rise(self, entry: Entry, world: World) -> None:
        corpse = entry.mobj
        if corpse is None or corpse.removed:
            entry.mobj = None
            entry.enter(Phase.WAITING)
        elif monsters.can_rise(world, corpse):
            monsters.rise(world, corpse)
            if entry.bond is not None:
                entry.bond.live = True
                entry.bond.protected = entry.info.protected
            entry.enter(Phase.ALIVE)
        elif entry.tics > RISE_TICS:
            monsters.leave(world, corpse)
            entry.mobj = None
            entry.enter(Phase.WAITING)

    def _place(self, world: World, placement: Placement) -> None:
        """Find places for those that wait, oldest first, as far as this tic's budget goes."""
        if self._retry_tics:
            self._retry_tics -= 1
            return
        if self._loaded:
            return  # some have their monsters already, when we learn which
        waiting = self.roster.waiting()
        probes = PROBES_A_TIC
        placed = 0
        for entry in waiting:
            place, looks = placement.find(entry.info.id, probes)
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

    def _spawn(self, world: World, entry: Entry, place: tuple[int, int]) -> None:
        info = entry.info
        bond = entry.bond = self._bond(info)
        complaint = self._species.complaint(info)
        if complaint:
            self.messages.say(complaint)
        entry.mobj = monsters.spawn(world, place, bond, self._species.of(info), fog=entry.is_new)
        entry.wounded = False
        entry.enter(Phase.ALIVE)

    def _bond(self, info: ContainerInfo) -> ContainerBond:
        return ContainerBond(info.id, self._safety, info.protected, self._report_hit, self._report_kill)

    def _meet_again(self, world: World) -> None:
        """Give the monsters of a saved game back to their containers; those whose containers are gone leave."""
        for mobj, container_id in self._loaded:
            entry = self.roster.entries.get(container_id)
            alive = mobj.health > 0
            if entry is not None and entry.phase is Phase.WAITING:
                entry.mobj = mobj
                entry.bond = mobj.bond = self._bond(entry.info)
                entry.enter(Phase.ALIVE if alive else Phase.RISING)
            elif alive:
                monsters.leave(world, mobj)
        self._loaded = []

    def _tell_waiting(self, count: int) -> None:
        if count and count != self._told_waiting:
            noun = "container waits" if count == 1 else "containers wait"
            self.messages.say(f"{count} {noun} for room")
        self._told_waiting = count
