"""Docker, and anything that speaks its API (Podman's compatible socket).

Listing is one call, whatever the number of containers. What the list leaves out (the image as configured, once its
tag has moved, its other names, and whose namespaces a container shares) is fetched once per container and kept: it
seldom changes while the container lives, and a kill asks again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import wait
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from hostbridge.backends import endpoint, namespaces
from hostbridge.backends.answers import (
    CONTAINER_ID,
    checked,
    container_of,
    container_of_inspect,
    image_id_of,
    image_names,
)
from hostbridge.backends.base import ALL, Backend, Healing, Undo
from hostbridge.backends.endpoint import Endpoint
from hostbridge.backends.engine import LOOK_SECONDS, MAX_LIST, Engine
from hostbridge.backends.inspection import Inspection
from hostbridge.backends.restarts import Restarts
from hostbridge.backends.undoing import Undoing
from hostbridge.fault import UNDOABLE, Fault
from hostbridge.host.workers import Workers
from hostbridge.model import Code, Container, Details, KillAction, RequestError

STOP_SECONDS: Final = 5
WOUNDED_CPU_SHARES: Final = 128  # the engine's default is 1024
ASKING: Final = 8
"""Containers inspected at the same time."""
EVENTS_A_SECOND: Final = 5000
"""After a burst of more events than this, everything is listed again instead."""

_QUIET_EVENTS: Final = ("exec_", "top", "attach", "resize", "copy", "export", "archive")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the engine's list leaves out about a container."""

    image: str  # as configured
    images: tuple[str, ...]  # all names and IDs of it
    joins: frozenset[str]  # whose namespaces it uses


class DockerBackend(Backend):
    """A Docker engine, or Podman's compatible socket."""

    name: ClassVar[str] = "docker"
    tells_ends = True
    undoable: ClassVar[frozenset[KillAction]] = UNDOABLE
    can_signal: ClassVar[bool] = True
    can_inspect: ClassVar[bool] = True
    can_wound = True

    def __init__(self, where: Endpoint | str = "", details: bool = False) -> None:
        """With `details`, memory use and the engine's own restart counts too, for one more call per container."""
        super().__init__()
        self.engine = Engine(where if isinstance(where, Endpoint) else endpoint.find(where))
        self._undoing = Undoing(self.engine)
        self._inspection = Inspection(self.engine)
        self._restarts = Restarts()
        self._facts: dict[str, Facts] = {}
        self._figures: dict[str, tuple[int, int]] | None = {} if details else None  # bytes of memory, restarts
        self._lock = threading.Lock()
        self._asking = Workers(ASKING, "inspect")

    def list(self) -> Sequence[Container]:
        """Running, paused and restarting containers."""
        found = self._query({})
        alive = {each.id for each in found}
        with self._lock:
            for known in (self._facts, self._figures or {}):
                for gone in [each for each in known if each not in alive]:
                    known.pop(gone)
        return found

    def look(self, ids: Iterable[str]) -> Sequence[Container]:
        """The containers with these IDs, whatever their state."""
        return self._query({"all": 1, "filters": {"id": [*ids]}})

    def examine(self, container_id: str) -> Container | None:
        """The container as it is now, with every name of its image."""
        try:
            return self._inspect(container_id)[0]
        except RequestError as error:
            if error.code is Code.NOT_FOUND:
                return None
            raise

    def also_hit(
        self, container: Container, action: KillAction, is_spared: Callable[[Container], bool]
    ) -> Sequence[Container]:
        """Containers that use its namespaces, unless the action only affects its own processes.

        A removal also hits stopped ones: they could never be started again.
        """
        # not a squeeze: whoever lives in its namespaces dies with a container that has no memory left
        if action in (KillAction.PAUSE, KillAction.THROTTLE):
            return ()
        others = self._query({"all": 1}) if action is KillAction.REMOVE else self.list()
        joins = self._joins({each.id for each in others if is_spared(each)}, others)
        hit = namespaces.dependants(container, others, joins)
        return [each for each in map(self._completed, hit) if is_spared(each)]

    def _joins(self, ids: set[str], others: Sequence[Container]) -> dict[str, frozenset[str]]:
        """Whose namespaces these containers use, directly or through others."""
        found: dict[str, frozenset[str]] = {}
        while ids:
            facts = self._facts_of(ids)
            # one that is gone by now uses nothing
            new = {each: known.joins if known else frozenset() for each, known in facts.items()}
            found |= new
            masters = {each for references in new.values() for each in references}
            ids = {each.id for each in others if namespaces.is_meant(each, masters)} - found.keys()
        return found

    def act(self, container: Container, action: KillAction) -> None:
        """One engine call, by full ID."""
        path = f"containers/{checked(container.id)}"
        if action is KillAction.REMOVE:
            self.engine.delete(path, {"force": 1})
        elif action is KillAction.STOP:
            self.engine.post(f"{path}/stop", {"t": STOP_SECONDS})
        elif action is KillAction.KILL:
            self.engine.post(f"{path}/kill")
        elif action is KillAction.RESTART:
            self.engine.post(f"{path}/restart", {"t": STOP_SECONDS})
        elif action is KillAction.PAUSE:
            self.engine.post(f"{path}/pause")

    @property
    def where(self) -> str:
        """The engine's address."""
        return self.engine.endpoint.url

    def send_signal(self, container: Container, signal: str) -> None:
        """One engine call, by full ID."""
        self.engine.post(f"containers/{checked(container.id)}/kill", {"signal": signal})

    def prepare(self, container: Container, fault: Fault) -> Undo:
        """Ask the engine for the container's state."""
        return self._undoing.prepare(checked(container.id), fault)

    def inflict(self, container: Container, fault: Fault, undo: Undo) -> None:
        """Carry out the prepared fault."""
        self._undoing.inflict(checked(container.id), fault.action, undo)

    def heal(
        self, container_id: str, action: KillAction, undo: Undo, whole: bool, touching: Callable[[], None]
    ) -> Healing:
        """Undo it, if the container is still as the fault left it."""
        with self.engine.errors():
            return self._undoing.heal(checked(container_id), action, undo, whole, touching)

    def details(self, container_id: str) -> Details:
        """What the engine tells of the one."""
        return self._inspection.details(checked(container_id))

    def logs(self, container_id: str) -> Sequence[str]:
        """Its last lines."""
        return self._inspection.logs(checked(container_id))

    def wound(self, container: Container) -> None:
        """Lower its CPU shares."""
        path = f"containers/{checked(container.id)}/update"
        self.engine.post(path, body={"CpuShares": WOUNDED_CPU_SHARES})

    def unknown(self, containers: Iterable[Container]) -> Sequence[str]:
        """Containers not inspected yet."""
        with self._lock:
            return [
                each.id
                for each in containers
                if each.id not in self._facts or (self._figures is not None and each.id not in self._figures)
            ]

    def learn(self, container_id: str) -> None:
        """Inspect one container and keep the answer for `list` and `look`."""
        self._inspect(container_id)
        if self._figures is not None:
            self._measure(container_id)

    def changes(self) -> Iterator[frozenset[str]]:
        """The engine's event stream."""
        begun, count = time.monotonic(), 0
        for event in self.engine.events("container"):
            if self.stopping.is_set():
                return
            now = time.monotonic()
            if now - begun >= 1:
                begun, count = now, 0
            count += 1
            if count > EVENTS_A_SECOND:
                # a flood: make the engine wait for us, and list everything afterwards
                self.stopping.wait(begun + 1 - now)
            action, container_id = _read_event(event)
            if not container_id or count > EVENTS_A_SECOND:
                yield ALL
            elif not action.startswith(_QUIET_EVENTS):
                self._restarts.heard(action, container_id)
                if action == "start" and self._figures is not None:
                    self._figures.pop(container_id, None)
                yield frozenset({container_id})

    def close(self) -> None:
        """End the event stream."""
        super().close()
        self.engine.close()
        self._asking.close(0)
        self._inspection.close()

    def _query(self, query: Mapping[str, object]) -> Sequence[Container]:
        with self.engine.errors():
            found = self.engine.get("containers/json", query, MAX_LIST)
            if not isinstance(found, list):
                raise TypeError("the answer is not a list of containers")
            return [self._completed(container_of(each)) for each in found]

    def _inspect(self, container_id: str) -> tuple[Container, Facts]:
        with self.engine.errors():
            found = self.engine.get(f"containers/{checked(container_id)}/json")
            if found["Id"] != container_id:
                # once a container is gone, its ID may be another one's name
                raise RequestError(Code.NOT_FOUND, "no such container")
            image_id = image_id_of(found)
            inspected = container_of_inspect(found, self._names_of_image(image_id) if image_id else ())
            image = str(found["Config"].get("Image") or "")
            facts = Facts(image, inspected.images, namespaces.joined(found.get("HostConfig") or {}))
            with self._lock:
                self._facts[container_id] = facts
                if self._figures is not None:
                    memory = self._figures.get(container_id, (0, 0))[0]
                    self._figures[container_id] = memory, int(found.get("RestartCount") or 0)
            return self._completed(inspected), facts

    def _names_of_image(self, image_id: str) -> tuple[str, ...]:
        """Names of an image, of which a container knows one at most; empty when the engine knows none."""
        try:
            return image_names(self.engine.get(f"images/{image_id}/json"))
        except RequestError as error:
            if error.code in (Code.NOT_FOUND, Code.DENIED):
                return ()
            raise

    def _measure(self, container_id: str) -> None:
        """Note the bytes of memory in use; zero when the container is gone or not running."""
        with self.engine.errors():
            query = {"stream": 0, "one-shot": 1}
            try:
                # nothing at all is said of one that is being removed
                found = self.engine.get(f"containers/{checked(container_id)}/stats", query) or {}
            except RequestError as error:
                if error.code is Code.ENGINE_DOWN:
                    raise
                found = {}
            usage = int((found.get("memory_stats") or {}).get("usage") or 0)
        with self._lock:
            assert self._figures is not None
            self._figures[container_id] = usage, self._figures.get(container_id, (0, 0))[1]

    def _facts_of(self, ids: set[str]) -> dict[str, Facts | None]:
        """Facts of all of these, asking about several at once; None for one that is gone.

        Nothing is read from what we know twice: a listing may drop it in between. Raises RequestError when one takes
        too long.
        """
        with self._lock:
            found: dict[str, Facts | None] = {each: self._facts[each] for each in ids if each in self._facts}
        asked = {each: self._asking.submit(self._ask_facts, each) for each in ids - found.keys()}
        _, late = wait(asked.values(), LOOK_SECONDS)
        for future in late:
            future.cancel()
        if late:
            raise RequestError(Code.ENGINE_DOWN, "the engine took too long to say which containers share namespaces")
        return found | {each: future.result() for each, future in asked.items()}

    def _ask_facts(self, container_id: str) -> Facts | None:
        try:
            return self._inspect(container_id)[1]
        except RequestError as error:
            if error.code is Code.NOT_FOUND:
                return None
            raise

    def _completed(self, container: Container) -> Container:
        """The container with the facts we have learned about it."""
        restarts = self._restarts.of(container.id)
        facts = self._facts.get(container.id)
        if facts is not None:
            images = tuple(dict.fromkeys((*facts.images, *container.images)))
            container = replace(container, image=facts.image or container.image, images=images)
        memory, counted = (self._figures or {}).get(container.id, (0, 0))
        return replace(container, memory=memory, restarts=max(restarts, counted))


class PodmanBackend(DockerBackend):
    """Podman, through its Docker-compatible socket."""

    name: ClassVar[str] = "podman"
    undoable: ClassVar[frozenset[KillAction]] = frozenset({KillAction.PAUSE, KillAction.DISCONNECT})
    """Podman's compatible API cannot change a container's limits."""


def _read_event(event: Any) -> tuple[str, str]:
    """What happened, and to which container; empty when the event does not say."""
    try:
        action = str(event.get("Action") or event.get("status") or "")
        identity = event.get("id") or event["Actor"]["ID"]
    except (AttributeError, LookupError, TypeError):
        return "", ""
    return (action, identity) if isinstance(identity, str) and CONTAINER_ID.fullmatch(identity) else ("", "")
