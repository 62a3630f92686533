"""What the bridge asks of a container engine. To add an engine, write a subclass in a file of its own.

All methods may block: they are called in threads, several at once. Failures are `RequestError`s whose code tells the
client what happened; after `Code.ENGINE_DOWN` the bridge retries with growing pauses.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import ClassVar

from hostbridge.fault import TIMED, Fault
from hostbridge.model import Container, Details, KillAction

ALL: frozenset[str] = frozenset()
"""Yielded by `Backend.changes` for "anything may have changed"."""


Undo = Mapping[str, object]
"""What it takes to undo a fault, as plain JSON: how the container was before, and how the fault leaves it."""


class Healing(StrEnum):
    """How the undoing of a fault went."""

    HEALED = "healed"
    CHANGED = "changed"  # somebody else has changed what the fault had changed: nothing was done
    GONE = "gone"  # the container is


class Backend(ABC):
    """A container engine."""

    name: ClassVar[str]
    actions: ClassVar[frozenset[KillAction]] = frozenset(KillAction) - TIMED
    undoable: ClassVar[frozenset[KillAction]] = frozenset()
    can_signal: ClassVar[bool] = False
    can_inspect: ClassVar[bool] = False
    can_wound: bool = False
    poll_seconds: float = 2.0
    replaced_by: ClassVar[frozenset[KillAction]] = frozenset()
    """Actions that replace all containers of the service, one after the other, instead of this one."""
    is_slow_to_tell: ClassVar[bool] = False
    """Whether changes are only found by listing again: while a recovery is measured, that is done more often."""
    tells_ends: ClassVar[bool] = False
    """Whether `look` has every container that exists, so that one it leaves out is gone forever."""
    has_lasting_ids: ClassVar[bool] = True
    """Whether an ID means the same container after a restart of the bridge, too."""
    reuses_ids: ClassVar[bool] = False
    """Whether an ID may pass to another target, which its name then shows; see `is_same`."""

    def __init__(self) -> None:
        self.stopping = threading.Event()

    @abstractmethod
    def list(self) -> Sequence[Container]:
        """Every container the engine knows (or at least those running or paused), in any order."""

    @abstractmethod
    def act(self, container: Container, action: KillAction) -> None:
        """Carry out the action on exactly the container with this ID. Returns when the engine has done it."""

    def can(self, fault: Fault) -> bool:
        """Whether this engine can do it, and undo it if it is to be undone."""
        if fault.seconds:
            return fault.action in self.undoable
        return fault.action in self.actions and (self.can_signal or not fault.signal)

    def look(self, ids: Iterable[str]) -> Sequence[Container]:
        """The current state of these IDs, without those that are gone. One engine call, however many IDs."""
        wanted = set(ids)
        return [each for each in self.list() if each.id in wanted]

    def examine(self, container_id: str) -> Container | None:
        """The container as it is at this moment, with every name of its image; None when it is gone.

        The last look before it is hit. Where the engine's list leaves something out, this asks about this one
        container.
        """
        return next((each for each in self.look([container_id]) if each.id == container_id), None)

    def is_same(self, before: Container, now: Container) -> bool:
        """Whether what was shot at and the last look are one target. Engines whose IDs are reused compare more."""
        return before.id == now.id

    def unknown(self, containers: Iterable[Container]) -> Sequence[str]:
        """IDs of the containers about which `learn` would find out more. Reads memory only."""
        del containers
        return ()

    def learn(self, container_id: str) -> None:
        """Fetch what the engine's list leaves out about one container; `list` and `look` include it from then on."""
        raise NotImplementedError

    def also_hit(
        self, container: Container, action: KillAction, is_spared: Callable[[Container], bool]
    ) -> Sequence[Container]:
        """The containers that the policy spares and that the action would hit as well.

        Any of these makes the bridge refuse the action. `is_spared` may err towards yes, never towards no.
        """
        del container, action, is_spared
        return ()

    def changes(self) -> Iterator[frozenset[str]]:
        """Yield `ALL` once listening, then the IDs of containers that may have changed, until `close`.

        Raises RequestError when the engine goes away, and is then called again. This default is for engines without
        an event stream: it polls.
        """
        yield ALL
        while not self.stopping.wait(self.poll_seconds):
            yield ALL

    @property
    def where(self) -> str:
        """Which engine it is: two engines of one kind differ in this."""
        return ""

    def send_signal(self, container: Container, signal: str) -> None:
        """Send a signal (``SIGTERM``) to the container's main process. Only called when `can_signal`."""
        raise NotImplementedError

    def prepare(self, container: Container, fault: Fault) -> Undo:
        """What undoing this fault will take. Nothing is done yet. Only called for what is `undoable`.

        Raises RequestError when it cannot be done to this container, or is done already.
        """
        raise NotImplementedError

    def inflict(self, container: Container, fault: Fault, undo: Undo) -> None:
        """Do what `prepare` has prepared. When it raises, some of it may have been done."""
        raise NotImplementedError

    def heal(
        self, container_id: str, action: KillAction, undo: Undo, whole: bool, touching: Callable[[], None]
    ) -> Healing:
        """Undo the fault, unless the container is not as the fault left it. Raises RequestError.

        `whole` means that the fault was carried out in full; without it, it may have been half done or half undone.
        `touching` is called right before the first change.
        """
        raise NotImplementedError

    def details(self, container_id: str) -> Details:
        """Everything about one container that a player may want to know. Only called when `can_inspect`."""
        raise NotImplementedError

    def logs(self, container_id: str) -> Sequence[str]:
        """The last lines that it has written, oldest first. Only called when `can_inspect`."""
        raise NotImplementedError

    def wound(self, container: Container) -> None:
        """Make the container weaker (psDooM's renice). Only called when `can_wound`."""
        raise NotImplementedError

    def own_id(self) -> str:
        """ID of the container this very process runs in, when the engine knows it better than the kernel."""
        return ""

    def close(self) -> None:
        """Stop: let `changes` end soon."""
        self.stopping.set()
