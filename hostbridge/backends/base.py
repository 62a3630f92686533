"""What the bridge asks of a container engine. To add an engine, write a subclass in a file of its own.

All methods may block: they are called in threads, several at once. Failures are `RequestError`s whose code tells the
client what happened; `Code.ENGINE_DOWN` makes the bridge try again with growing pauses.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import ClassVar

from hostbridge.model import Action, Container

ALL: frozenset[str] = frozenset()
"""Yielded by `Backend.changes` for "anything may have changed"."""


class Backend(ABC):
    """A container engine."""

    name: ClassVar[str]
    actions: ClassVar[frozenset[Action]] = frozenset(Action)
    can_wound: bool = False
    poll_seconds: float = 2.0

    def __init__(self) -> None:
        self.stopping = threading.Event()

    @abstractmethod
    def list(self) -> Sequence[Container]:
        """Every container the engine knows (or at least those running or paused), in any order."""

    @abstractmethod
    def act(self, container: Container, action: Action) -> None:
        """Do it, now, to exactly the container with this ID. Returns when the engine has done it."""

    def look(self, ids: Iterable[str]) -> Sequence[Container]:
        """The present state of these IDs; those that are gone are left out. One engine call, however many."""
        wanted = set(ids)
        return [each for each in self.list() if each.id in wanted]

    def examine(self, container_id: str) -> Container | None:
        """The container as it is at this moment, with every name of its image; None when it is gone.

        The last look before it is hit. Engines whose list does not tell everything ask about the one.
        """
        return next((each for each in self.look([container_id]) if each.id == container_id), None)

    def unknown(self, containers: Iterable[Container]) -> Sequence[str]:
        """IDs of those about which `learn` would find out more. Reads memory only."""
        del containers
        return ()

    def learn(self, container_id: str) -> None:
        """Ask about one container what the list does not tell; `list` and `look` tell it from then on."""
        raise NotImplementedError

    def also_hit(
        self, container: Container, action: Action, is_spared: Callable[[Container], bool]
    ) -> Sequence[Container]:
        """Of the containers that the policy spares, those that the action cannot help hitting as well.

        The action is refused when there is one. `is_spared` may say too often yes, never too often no.
        """
        del container, action, is_spared
        return ()

    def changes(self) -> Iterator[frozenset[str]]:
        """Yield `ALL` once listening, then the IDs of containers that may have changed, until `close`.

        Raises RequestError when the engine goes away; it is called again then. This default is for engines without
        an event stream: it looks at everything now and then.
        """
        yield ALL
        while not self.stopping.wait(self.poll_seconds):
            yield ALL

    def wound(self, container: Container) -> None:
        """Make the container weaker (psDooM's renice). Only called when `can_wound`."""
        raise NotImplementedError

    def own_id(self) -> str:
        """ID of the container this very process runs in, when the engine can tell better than the kernel."""
        return ""

    def close(self) -> None:
        """Stop: let `changes` end soon."""
        self.stopping.set()
