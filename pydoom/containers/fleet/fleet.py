"""All containers of a game: turns the bridge's events and the player's shots into steps of their life cycles.

The table of these steps is in `lifecycle`. Nothing here looks at the level, so that events may be taken in at any time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from pydoom.containers.fleet.inspector import Inspector
from pydoom.containers.fleet.lifecycle import (
    STANDING,
    UNDER_FAULT,
    WITHOUT_MONSTER,
    Effect,
    Phase,
    Trigger,
    step_of,
)
from pydoom.containers.fleet.messages import Messages
from pydoom.containers.fleet.names import elided, sentences
from pydoom.containers.fleet.record import Death, DeathRecord
from pydoom.containers.fleet.roster import Entry, MonsterRoster, faults_of
from pydoom.containers.fleet.words import GONE, LASTING, ended, healed, kill_sentence, outcome
from pydoom.containers.link.events import (
    Added,
    Ask,
    BridgeEvent,
    BridgeLink,
    Changed,
    Connected,
    ContainerInfo,
    Disconnected,
    EngineState,
    FaultBegun,
    FaultEnded,
    Inspected,
    Kill,
    KillDone,
    KillFailed,
    KillMeaning,
    LinesRead,
    Listed,
    NotTold,
    ProbeNews,
    RecoveryNews,
    Removed,
    Wound,
)
from pydoom.sim.constants import TICRATE

ANSWER_TICS: Final = 30 * TICRATE
"""Tics the bridge may take to answer a kill."""
GRACE_TICS: Final = 10 * TICRATE
"""Tics a container may stay listed after a kill that the bridge reported done."""
TEXT_GRACE_TICS: Final = 20 * TICRATE
"""The same for the original daemon, which is polled every five seconds and removes in the background."""

MAX_PROBES: Final = 64
"""Most probes that a bridge may speak of."""

FLICKER_TICS: Final = 3 * TICRATE
"""Tics for which the monster of a restarted container flickers."""

_REASONS: Final = {
    "protected": "is protected",
    "denied": "may not be killed",
    "rate-limited": "lives: too many kills",
    "engine-down": "lives: engine down",
    "conflict": "lives: engine busy",
    "bridge-away": "lives: bridge away",
    "failed": "lives: engine refused",
}


class Fleet:
    """All containers of a game, and the state of bridge and engine.

    `listed`: the bridge has sent its first list. `hits` counts the players' hits on container monsters.
    `width` measures a message in pixels. `complain` receives what does not fit into the frame: why the bridge is
    away, once for each reason. `explain` receives what a kill does, whenever a bridge says something else than before.
    """

    def __init__(
        self,
        link: BridgeLink,
        width: Callable[[str], int],
        complain: Callable[[str], None],
        explain: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.roster = MonsterRoster()
        self.record = DeathRecord()
        self.messages = Messages(width)
        self.inspector = Inspector(self._ask)
        self.bridge_away = False
        self.engine_down = False
        self.listed = False
        self.hits = 0
        self._probes: dict[str, ProbeNews] = {}
        self._link = link
        self._complain = complain
        self._explain = explain
        self._explained = ""
        self._complaints: set[str] = set()
        self._connected = Connected()
        self._connections = 0

    @property
    def dry_run(self) -> bool:
        """Whether the bridge only logs kills."""
        return self._connected.dry_run

    def kill_with(self, weapon: str) -> KillMeaning | None:
        """What a kill with this weapon does now; None while no bridge is connected."""
        return self._connected.kill_with(weapon) if self._connections and not self.bridge_away else None

    def troubled_probes(self) -> list[ProbeNews]:
        """The probes that are not up, failing ones first, else in the policy's order; none while the bridge is away."""
        if self.bridge_away:
            return []
        return sorted(
            (each for each in self._probes.values() if each.state != "up"), key=lambda each: not each.is_failing
        )

    def hear(self) -> None:
        """Take in all events so far. Never waits."""
        for event in self._link.events():
            self._take(event)

    def step(self, entry: Entry, trigger: Trigger, reason: str = "") -> None:
        """Take one step in a container's life cycle; `reason` is the message where the table has none."""
        step = step_of(entry.phase, trigger)
        if step is None:
            return
        if step.next is not None:
            entry.enter(_next_phase(entry, step.next))
            self.roster.settle(entry)
            entry.outcome = reason if Effect.RECORD in step.effect and entry.phase is Phase.GONE else ""
        if Effect.ORDER in step.effect:
            self._order_kill(entry)
        if Effect.COUNT in step.effect:
            entry.comebacks += 1
        if Effect.FLICKER in step.effect:
            entry.flicker_tics = FLICKER_TICS
        self._tell(entry, step.effect, step.words or reason)

    # -- what the level reports

    def tick(self, entry: Entry) -> None:
        """Count one tic of waiting for the end of a container whose monster was killed."""
        entry.tics += 1
        grace = TEXT_GRACE_TICS if self._connected.text_only else GRACE_TICS if entry.order_seen else ANSWER_TICS
        if entry.phase is Phase.DYING and entry.tics > grace and not self.bridge_away:
            self.step(entry, Trigger.OVERDUE)

    def new_level(self) -> None:
        """Begin a level: all monsters are gone with the old one, and the living wait for a place."""
        self.record.new_level()
        self.roster.forget_corpses()
        for entry in tuple(self.roster.entries.values()):
            entry.mobj = None
            self.step(entry, Trigger.LEVEL_ENDED)

    def killed(self, entry: Entry, weapon: str) -> None:
        """Note that this container's monster was killed with `weapon` (a name from the bridge's protocol)."""
        if step_of(entry.phase, Trigger.KILLED) is not None:
            entry.weapon = weapon
            entry.action = self._connected.kill_with(weapon).action
        self.step(entry, Trigger.KILLED)

    def is_immune(self, entry: Entry, weapon: str) -> bool:
        """Whether a kill with this weapon would change nothing: it is protected, or already suffers from that fault."""
        return entry.info.protected or bool(self._suffered(entry, weapon))

    def _suffered(self, entry: Entry, weapon: str) -> str:
        """The action of this weapon, if it is what the container suffers from; empty if not."""
        if entry.phase not in STANDING:
            return ""
        action = self._connected.kill_with(weapon).action
        return action if any(fault.action == action for fault in entry.faults) else ""

    def hit(self, entry: Entry, weapon: str) -> None:
        """Note that a player hit this container's monster."""
        self.hits += 1
        suffered = self._suffered(entry, weapon)
        if entry.info.protected:
            self.messages.say(*sentences(self.roster.names(entry.info), "is protected"))
        elif suffered:
            self.messages.say(*sentences(self.roster.names(entry.info), f"{outcome(suffered)} already"))
        elif not entry.wounded and self._connected.wound:
            entry.wounded = True
            self._link.send(Wound(entry.info.id, weapon, self._connections))

    # -- the bridge's events

    def _take(self, event: BridgeEvent) -> None:
        match event:
            case Listed(containers):
                self._reconcile(containers)
                self.listed = True
            case Added(container):
                self._add(container, Trigger.APPEARED)
            case Changed(container):
                self._change(container)
            case Removed(container_id):
                self._remove(container_id)
            case KillDone():
                self._kill_done(event)
            case KillFailed():
                self._kill_failed(event)
            case EngineState(up):
                self._engine_is(up)
            case Connected():
                self._connect(event)
            case Disconnected(reason):
                self._disconnect(reason)
            case FaultBegun() | FaultEnded():
                self._fault(event)
            case RecoveryNews():
                self._recovery(event)
            case ProbeNews():
                self._probe(event)
            case Inspected() | LinesRead() | NotTold():
                self.inspector.hear(event)

    def _reconcile(self, containers: tuple[ContainerInfo, ...]) -> None:
        """Bring the roster up to date with a full list of containers."""
        entries = self.roster.entries
        listed = {container.id for container in containers}
        for container_id in [each for each in entries if each not in listed]:
            self._remove(container_id)
        trigger = Trigger.APPEARED if entries else Trigger.LISTED
        for container in sorted(containers, key=lambda each: each.created):
            self._add(container, trigger)
        for entry in tuple(entries.values()):
            # only the list shows what became of a kill that the last connection did not answer
            if entry.phase is Phase.DYING and entry.connection != self._connections:
                self.step(entry, Trigger.OVERDUE)

    def _add(self, container: ContainerInfo, trigger: Trigger) -> None:
        entry = self.roster.entries.get(container.id)
        if entry is not None:
            self._describe(entry, container, trigger)
            return
        entry = Entry(container, is_new=trigger is Trigger.APPEARED)
        old = self.roster.exhume(container.name) if entry.is_new else None
        if old is not None:
            entry.mobj, entry.comebacks = old.mobj, old.comebacks
            trigger = Trigger.REMADE
        self.step(entry, trigger)

    def _change(self, container: ContainerInfo) -> None:
        entry = self.roster.entries.get(container.id)
        if entry is None:
            self._add(container, Trigger.APPEARED)
            return
        self._describe(entry, container)

    def _describe(self, entry: Entry, container: ContainerInfo, trigger: Trigger | None = None) -> None:
        """Take over a description: step with `trigger`, if any, then with every change in it."""
        old, new = faults_of(entry.info), faults_of(container)
        restarted = container.state == "running" and container.restarts > entry.info.restarts
        self.roster.describe(entry, container)
        if trigger is not None:
            self.step(entry, trigger)
        if new and not old:
            self.step(entry, Trigger.FAULT_BEGAN, outcome(new[0].action))
        elif old and not new:
            self.step(entry, Trigger.FAULT_ENDED, healed(old[-1].action))
        if restarted:
            self.step(entry, Trigger.RESTARTED)

    def _fault(self, event: FaultBegun | FaultEnded) -> None:
        """Handle the start or end of a fault. The bridge also describes the container, before or after."""
        entry = self.roster.entries.get(event.id)
        if entry is None:
            return
        action = event.fault.action if isinstance(event, FaultBegun) else event.action
        others = tuple(fault for fault in entry.info.faults if fault.action != action)
        faults = (*others, event.fault) if isinstance(event, FaultBegun) else others
        self._describe(entry, replace(entry.info, faults=faults))
        if isinstance(event, FaultEnded) and event.result == "changed":
            self.messages.say(*sentences(self.roster.names(entry.info), "was changed by others"))

    def _recovery(self, event: RecoveryNews) -> None:
        self.record.recovered(event)
        names = elided(event.service)
        after = f"after {event.seconds:.1f} s" if event.back else f"after {event.seconds:.0f} s"
        self.messages.say(*sentences(names, f"back {after}" if event.back else f"not back {after}"))

    def _probe(self, event: ProbeNews) -> None:
        old = self._probes.get(event.name)
        if old is None and len(self._probes) >= MAX_PROBES:
            return
        self._probes[event.name] = event
        was_failing = old is not None and old.is_failing
        if event.is_failing and not was_failing:
            self.messages.say(*(f"{name} fails: {event.reason}" for name in elided(event.name)))
        elif event.state == "up" and was_failing:
            self.messages.say(*(f"{name} is well again" for name in elided(event.name)))

    def _kill_done(self, event: KillDone) -> None:
        entry = self.roster.entries.get(event.id)
        if entry is not None and entry.phase is Phase.DYING:
            entry.order_seen = True
            entry.action = event.action
            if event.dry_run:
                self.step(entry, Trigger.KILL_REHEARSED)
            elif event.action == "restart":
                self.step(entry, Trigger.KILL_RESTARTED)
            elif event.action in LASTING:
                self.step(entry, Trigger.KILL_LASTS, outcome(event.action))
            else:
                self.step(entry, Trigger.KILL_DONE)

    def _kill_failed(self, event: KillFailed) -> None:
        entry = self.roster.entries.get(event.id)
        if entry is None or entry.phase is not Phase.DYING:
            return
        if event.code == "not-found":
            self.step(entry, Trigger.REMOVED, GONE)
        elif event.code == "conflict" and entry.faults:
            self.step(entry, Trigger.KILL_REFUSED, f"{outcome(entry.faults[0].action)} already")
        else:
            self.step(entry, Trigger.KILL_REFUSED, _REASONS.get(event.code, "lives"))

    def _remove(self, container_id: str) -> None:
        self.inspector.forget(container_id)
        entry = self.roster.entries.get(container_id)
        if entry is not None:
            self.step(entry, Trigger.REMOVED, ended(entry.action, self.dry_run))

    def _engine_is(self, up: bool) -> None:
        if self.engine_down == up:
            self.messages.say("the container engine is back" if up else "the container engine is down")
        self.engine_down = not up

    def _connect(self, event: Connected) -> None:
        self._connections += 1
        self._connected = event
        self._probes.clear()
        self.inspector.connected(event)
        self.bridge_away = False
        sentence = kill_sentence(event)
        if sentence != self._explained:
            self._explained = sentence
            self._explain(sentence)
        if self._connections > 1:
            self.messages.say("the bridge is back")

    def _disconnect(self, reason: str) -> None:
        self.bridge_away = True
        self.inspector.disconnected()
        self.messages.say("the bridge is away")
        if reason not in self._complaints:
            self._complaints.add(reason)
            self._complain(f"the bridge is away: {reason}")

    # -- effects

    def _ask(self, container_id: str, request: str) -> None:
        self._link.send(Ask(container_id, request, self._connections))

    def _order_kill(self, entry: Entry) -> None:
        entry.order_seen = False
        entry.connection = self._connections
        self._link.send(Kill(entry.info.id, entry.weapon, self._connections))

    def _tell(self, entry: Entry, effect: Effect, words: str) -> None:
        names = self.roster.names(entry.info)
        if Effect.MENTION in effect:
            self.messages.mention(*sentences(names, words))
        elif Effect.RECORD in effect:
            self.messages.say(*sentences(names, words, entry.weapon))
            self.record.add(Death(entry.info, names, entry.weapon, words))
        elif Effect.SAY in effect:
            self.messages.say(*sentences(names, words))


def _next_phase(entry: Entry, phase: Phase) -> Phase:
    """The phase that a container enters instead of `phase`, if it has no monster here or suffers from a fault."""
    if entry.mobj is None:
        return WITHOUT_MONSTER.get(phase, phase)
    return UNDER_FAULT.get(phase, phase) if entry.faults else phase
