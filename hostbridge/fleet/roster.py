"""The containers as they are now, and the subscribers to changes.

Used only in the server's event loop; `feed` delivers what the engine says. Everything a request needs is a memory read.
Containers the policy hides are not in here at all.
"""

from __future__ import annotations

import asyncio
import bisect
import itertools
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hostbridge.model import LISTED_STATES, Container
from hostbridge.policy.judge import Judge
from hostbridge.protocol import names, replies
from hostbridge.protocol.requests import Seq

LONGEST_ANSWER_SECONDS: Final = 60.0
"""An upper bound in seconds on the age of an engine's answer when it arrives."""

MISSING_AT_ONCE: Final = 100
"""Protected containers that a listing did not have and that are looked at then; the others have their turn later."""


@dataclass(frozen=True, slots=True)
class FullListing:
    """Everything the engine runs; `asked` is when the call was made, by the monotonic clock."""

    asked: float
    containers: tuple[Container, ...]


@dataclass(frozen=True, slots=True)
class Delta:
    """The state of `ids` at `asked`: those not among `containers` are gone."""

    asked: float
    ids: frozenset[str]
    containers: tuple[Container, ...]


@dataclass(frozen=True, slots=True)
class EngineDown:
    """The engine does not answer."""

    reason: str


Update = FullListing | Delta | EngineDown


@dataclass(frozen=True, slots=True)
class Described:
    """A container as JSON, in each version of the protocol."""

    version_1: str
    version_2: str

    def text(self, version: int) -> str:
        """For a client that speaks this version."""
        return self.version_2 if version >= 2 else self.version_1


class EngineRoster:
    """Listed containers by ID, with the ready-made answers to `list`."""

    def __init__(self, judge: Judge, look_again: Callable[[frozenset[str]], None] | None = None) -> None:
        """`look_again` has the engine asked about IDs, where the answer tells which of them do not exist any more.

        That is how protected containers are forgotten that nobody needs to remember.
        """
        self.engine = "down"
        self.engine_reason = "not connected yet"
        self.known = asyncio.Event()  # set once the first update has arrived
        self._judge = judge
        self._look_again = look_again
        self._containers: dict[str, Container] = {}
        self._described: dict[str, Described] = {}
        self._faults: dict[str, dict[str, float]] = {}  # by container and action, when they end (seconds since 1970)
        self._probes: dict[str, bytes] = {}  # by name, the last event about each
        self._dying: set[str] = set()
        self._restarting: dict[str, float] = {}  # until when answers that lack them are out of date
        self._ended: dict[str, float] = {}  # when a kill ended them: answers to earlier calls are out of date
        self._order: list[Container] = []
        self._text: bytes | None = None
        self._called: dict[str, str] | None = None
        self.look: Callable[[float], None] = lambda asked: None  # called after each answer of the engine
        self.engine_is_back: Callable[[], object] = lambda: None
        self._listeners: list[tuple[Callable[[bytes], None], int]] = []

    def __len__(self) -> int:
        return len(self._containers)

    def get(self, container_id: str) -> Container | None:
        """The container with exactly this ID."""
        return self._containers.get(container_id)

    def newest_first(self) -> list[Container]:
        """All listed containers, newest first. Do not change the list."""
        return self._order

    def text(self) -> bytes:
        """The text protocol's list."""
        if self._text is None:
            self._text = names.names(each for each in self.newest_first() if each.id not in self._dying)
        return self._text

    def set_dying(self, container_id: str, dying: bool) -> None:
        """Hide a dying container from the text list, where it would seem to come back to life."""
        (self._dying.add if dying else self._dying.discard)(container_id)
        self._text = None

    def set_restarting(self, container_id: str, restarting: bool) -> None:
        """Keep a container on the list while it is restarted: it is not gone.

        Afterwards it stays until the engine has been asked again, so have that done.
        """
        self._restarting[container_id] = math.inf if restarting else time.monotonic()

    def is_restarting(self, container_id: str) -> bool:
        """Whether a container is on the list only because it is being restarted."""
        return container_id in self._restarting

    def pages(self, kind: str, seq: Seq, version: int) -> list[bytes]:
        """The JSON protocol's list or snapshot, as lines."""
        found = self._described
        return replies.pages(kind, seq, self.engine, (found[each.id].text(version) for each in self.newest_first()))

    def called(self) -> dict[str, str]:
        """Each container's name in the text protocol, by ID."""
        if self._called is None:
            self._called = {each.id: names.called(each) for each in self._order}
        return self._called

    def subscribe(self, listener: Callable[[bytes], None], version: int) -> None:
        """Call `listener` with the line of every event of this version of the protocol from now on."""
        self._listeners.append((listener, version))

    def unsubscribe(self, listener: Callable[[bytes], None]) -> None:
        """Stop calling `listener`; it need not be subscribed."""
        self._listeners = [each for each in self._listeners if each[0] != listener]

    def begin_fault(self, container_id: str, action: str, seconds: float, until: float) -> None:
        """A fault has begun, to be undone at `until` (seconds since 1970)."""
        self._faults.setdefault(container_id, {})[action] = until
        self._describe_again(container_id)
        self._tell(None, replies.fault(container_id, action, seconds, until))

    def end_fault(self, container_id: str, action: str, result: str) -> None:
        """A fault has been undone, or needs no undoing."""
        faults = self._faults.get(container_id, {})
        faults.pop(action, None)
        if not faults:
            self._faults.pop(container_id, None)
        self._describe_again(container_id)
        self._tell(None, replies.healed(container_id, action, result))

    def tell_recovery(self, event: str, container_id: str, service: str, seconds: float) -> None:
        """Tell watchers that a victim's service has recovered, or has not in time; `event` says which."""
        self._tell(None, replies.recovery(event, container_id, service, seconds))

    def tell_probe(self, name: str, state: str, reason: str, since: float) -> None:
        """Tell watchers how a probe is since then (seconds since 1970); later watchers hear it at once."""
        line = self._probes[name] = replies.probe(name, state, reason, since)
        self._tell(None, line)

    def probe_lines(self, version: int) -> list[bytes]:
        """The events that tell a new watcher how the probes are."""
        return list(self._probes.values()) if version >= 2 else []

    def apply(self, update: Update) -> None:
        """Take over an update, and tell the listeners what is different."""
        if isinstance(update, EngineDown):
            self._set_engine("down", update.reason)
            return
        ids = frozenset(self._containers) if isinstance(update, FullListing) else update.ids
        self._forget_old_ends()
        present = {each.id: each for each in update.containers if self._listed(each, update.asked)}
        for container_id in ids:
            if update.asked > self._restarting.get(container_id, math.inf):
                del self._restarting[container_id]
            if container_id not in present and container_id not in self._restarting:
                self.forget(container_id)
        for container in present.values():
            self._put(container)
        self._set_engine("up", "")
        self.look(update.asked)
        if self._look_again is not None:
            self._forget_protected(update, self._look_again)

    def end(self, container_id: str) -> None:
        """A kill has ended the container: forget it ahead of the engine's event.

        Answers to calls made before this moment do not bring it back.
        """
        self._ended[container_id] = time.monotonic()
        self.forget(container_id)

    def forget(self, container_id: str) -> None:
        """Remove a container that is gone."""
        self._restarting.pop(container_id, None)
        container = self._containers.pop(container_id, None)
        if container is not None:
            del self._described[container_id]
            self._drop(container)
            self._tell(replies.encode({"type": "removed", "id": container_id}))

    def _listed(self, container: Container, asked: float) -> bool:
        verdict = self._judge.judge(container)  # remembers protection, also of one that does not run now
        if asked <= self._ended.get(container.id, -math.inf):
            return False
        return container.state in LISTED_STATES and verdict.listed

    def _forget_protected(self, update: FullListing | Delta, look_again: Callable[[frozenset[str]], None]) -> None:
        """Forget what is gone; after a listing of what runs, have some that are missing in it looked at."""
        found = {each.id for each in update.containers}
        if isinstance(update, Delta):
            self._judge.forget(update.ids - found)
            return
        missing = (each for each in self._judge.remembered() if each not in found)
        some = frozenset(itertools.islice(missing, MISSING_AT_ONCE))
        if some:
            look_again(some)

    def _forget_old_ends(self) -> None:
        now = time.monotonic()
        for container_id in [each for each, when in self._ended.items() if now - when > LONGEST_ANSWER_SECONDS]:
            del self._ended[container_id]

    def _put(self, container: Container) -> None:
        old = self._containers.get(container.id)
        if old == container:
            return
        if old is not None:
            self._drop(old)
        self._containers[container.id] = container
        bisect.insort(self._order, container, key=_age)
        self._text = self._called = None
        self._note("added" if old is None else "changed", container)

    def _describe_again(self, container_id: str) -> None:
        container = self._containers.get(container_id)
        if container is not None:
            self._note("changed", container)

    def _note(self, kind: str, container: Container) -> None:
        """Describe the container again, and tell the watchers who would see a difference."""
        before = self._described.get(container.id)
        labels = self._judge.policy.visible_labels(container)
        protected = self._judge.judge(container).protected
        faults = self._faults.get(container.id, {})
        found = Described(
            replies.container_json(container, labels, protected),
            replies.container_json_2(container, labels, protected, faults),
        )
        self._described[container.id] = found
        for listener, version in tuple(self._listeners):
            text = found.text(version)
            if before is None or text != before.text(version):
                listener(replies.event(kind, text))

    def _set_engine(self, state: str, reason: str) -> None:
        is_back = state == "up" and self.engine != "up"
        if state != self.engine:
            self._tell(replies.encode({"type": "engine", "state": state, "reason": reason}))
        self.engine, self.engine_reason = state, reason
        if is_back:
            self.engine_is_back()
        self.known.set()

    def _drop(self, container: Container) -> None:
        del self._order[bisect.bisect_left(self._order, _age(container), key=_age)]
        self._text = self._called = None

    def _tell(self, line: bytes | None, line_2: bytes | None = None) -> None:
        """Send an event; clients of version 2 get `line_2`, if it is given; those of version 1 nothing for None."""
        for listener, version in tuple(self._listeners):
            told = line_2 if version >= 2 and line_2 is not None else line
            if told is not None:
                listener(told)


def _age(container: Container) -> tuple[float, str]:
    """A sort key: newest first."""
    return -container.created, container.id
