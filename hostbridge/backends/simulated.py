"""Simulated containers that come and go, so that everything can be tried without an engine.

The same seed gives the same fleet. Kills count within it: a removed or stopped container stays away.
"""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import ClassVar, Final

from hostbridge.backends.base import ALL, Backend, Healing, Undo
from hostbridge.fault import UNDOABLE, Fault
from hostbridge.model import (
    PAUSED,
    PROJECT_LABEL,
    RUNNING,
    SERVICE_LABEL,
    Code,
    Container,
    Details,
    KillAction,
    RequestError,
)

_ADJECTIVES: Final = (
    "angry bitter bold brave clever cranky dazzling dreamy eager elastic epic fervent festive focused frosty goofy "
    "happy hungry infallible jolly keen lonely loving lucid modest naughty nervous nifty nostalgic peaceful pensive "
    "quirky relaxed romantic sad serene sharp silly sleepy stoic suspicious tender thirsty vibrant vigilant wizardly "
    "wonderful xenodochial youthful zealous zen"
)
_NOUNS: Final = (
    "babbage bell bohr carson curie darwin dijkstra easley einstein euler faraday fermat fermi feynman galileo gauss "
    "goldberg hamilton hawking hopper hugle hypatia johnson kalam kepler lamarr leavitt lovelace mayer meitner mendel "
    "mirzakhani moser newton noether pascal payne perlman ptolemy ramanujan ride ritchie rosalind shannon tesla "
    "thompson turing volhard wiles wing wozniak yalow"
)
_IMAGES: Final = ("nginx:1.27", "redis:7", "postgres:16", "python:3.12-slim", "node:22", "rabbitmq:4", "caddy:2")
_PROJECTS: Final = ("shop", "blog", "metrics", "")


class SimulatedBackend(Backend):
    """`fleet` containers, of which `churn` a minute go or come by themselves."""

    name: ClassVar[str] = "simulated"
    has_lasting_ids = False
    undoable: ClassVar[frozenset[KillAction]] = UNDOABLE
    can_signal: ClassVar[bool] = True
    can_inspect: ClassVar[bool] = True
    can_wound = True

    def __init__(self, fleet: int = 20, churn: float = 6.0, seed: int = 0) -> None:
        super().__init__()
        self._random = random.Random(seed)
        self._size = fleet
        self._churn = churn
        self._lock = threading.Lock()
        self._touched: set[str] = set()
        self._something = threading.Condition(self._lock)
        self._serial = 0
        self._containers: dict[str, Container] = {}
        self._suffering: set[tuple[str, KillAction]] = set()  # what was throttled, squeezed or disconnected
        self.killed: list[str] = []
        start = time.time() - fleet
        with self._something:
            for number in range(fleet):
                self._create(start + number)

    def list(self) -> Sequence[Container]:
        """The fleet."""
        with self._lock:
            return list(self._containers.values())

    def look(self, ids: Iterable[str]) -> Sequence[Container]:
        """The containers with these IDs."""
        with self._lock:
            return [self._containers[each] for each in ids if each in self._containers]

    def changes(self) -> Iterator[frozenset[str]]:
        """Yield kills, and the arrivals and departures, which this method makes as time passes."""
        yield ALL
        next_change = time.monotonic() + self._interval()
        while not self.stopping.is_set():
            with self._something:
                wait = min(next_change - time.monotonic(), 0.5)
                if not self._touched and wait > 0:
                    self._something.wait(wait)
                while time.monotonic() >= next_change:
                    self._come_or_go()
                    next_change += self._interval()
                touched, self._touched = frozenset(self._touched), set()
            if touched:
                yield touched

    def act(self, container: Container, action: KillAction) -> None:
        """Do it to the simulated container."""
        with self._something:
            found = self._containers.get(container.id)
            if found is None:
                raise RequestError(Code.NOT_FOUND, "no such container")
            if action in (KillAction.REMOVE, KillAction.STOP, KillAction.KILL):
                del self._containers[container.id]
                self.killed.append(container.id)
            elif action is KillAction.PAUSE:
                if found.state == PAUSED:
                    raise RequestError(Code.CONFLICT, "the container is already paused")
                self._containers[container.id] = replace(found, state=PAUSED)
            else:
                self._containers[container.id] = replace(found, restarts=found.restarts + 1)
            self._touch(container.id)

    def send_signal(self, container: Container, signal: str) -> None:
        """End it, as most programs do on any signal."""
        del signal
        self.act(container, KillAction.KILL)

    def prepare(self, container: Container, fault: Fault) -> Undo:
        """Nothing is needed; the state says whether it is paused."""
        with self._lock:
            found = self._containers.get(container.id)
            if found is None:
                raise RequestError(Code.NOT_FOUND, "no such container")
            if (found.state == PAUSED and fault.action is KillAction.PAUSE) or (
                found.id,
                fault.action,
            ) in self._suffering:
                raise RequestError(Code.CONFLICT, f"it already suffers from a {fault.action}")
        return {}

    def inflict(self, container: Container, fault: Fault, undo: Undo) -> None:
        """Pause it, or remember the fault."""
        del undo
        if fault.action is KillAction.PAUSE:
            self.act(container, fault.action)
        else:
            with self._lock:
                self._suffering.add((container.id, fault.action))

    def heal(
        self, container_id: str, action: KillAction, undo: Undo, whole: bool, touching: Callable[[], None]
    ) -> Healing:
        """Let it run on, or forget what it suffered from."""
        del undo, whole
        with self._something:
            found = self._containers.get(container_id)
            if found is None:
                return Healing.GONE
            if action is not KillAction.PAUSE:
                if (container_id, action) not in self._suffering:
                    return Healing.CHANGED
                touching()
                self._suffering.discard((container_id, action))
                return Healing.HEALED
            if found.state != PAUSED:
                return Healing.CHANGED
            touching()
            self._containers[container_id] = replace(found, state=RUNNING)
            self._touch(container_id)
        return Healing.HEALED

    def details(self, container_id: str) -> Details:
        """Figures that look like a busy service's."""
        with self._lock:
            found = self._containers.get(container_id)
            if found is None:
                raise RequestError(Code.NOT_FOUND, "no such container")
            cpus = self._random.uniform(0, 0.5)
        return Details(found.created, found.restarts, cpus, found.memory, 2 * found.memory, ("0.0.0.0:8080->80/tcp",))

    def logs(self, container_id: str) -> Sequence[str]:
        """A line or two."""
        del container_id
        return ("listening on port 80", "GET / 200")

    def wound(self, container: Container) -> None:
        """Accept the wound; it has no visible effect."""

    def create(self, name: str = "") -> Container:
        """Add a container now."""
        with self._something:
            return self._create(time.time(), name)

    def _interval(self) -> float:
        # about the requested rate, but not regular
        return 60.0 / self._churn * self._random.uniform(0.5, 1.5) if self._churn > 0 else float("inf")

    def _come_or_go(self) -> None:
        short = self._size - len(self._containers)
        if self._containers and (short < 0 or (short == 0 and self._random.random() < 0.5)):
            gone = self._random.choice(list(self._containers))
            del self._containers[gone]
            self._touch(gone)
        else:
            self._create(time.time())

    def _create(self, created: float, name: str = "") -> Container:
        self._serial += 1
        identity = hashlib.sha256(f"{self._random.random()}-{self._serial}".encode()).hexdigest()
        image, project = self._random.choice(_IMAGES), self._random.choice(_PROJECTS)
        labels = {PROJECT_LABEL: project, SERVICE_LABEL: image.split(":")[0]} if project else {}
        memory = int(self._random.lognormvariate(18, 1.5))  # 66 MB in the middle
        made = Container(
            identity,
            name or self._free_name(),
            image,
            RUNNING,
            created,
            labels,
            memory=memory,
            service=labels.get(SERVICE_LABEL, ""),
        )
        self._containers[identity] = made
        self._touch(identity)
        return made

    def _free_name(self) -> str:
        name = f"{self._random.choice(_ADJECTIVES.split())}_{self._random.choice(_NOUNS.split())}"
        taken = {each.name for each in self._containers.values()}
        return name if name not in taken else f"{name}_{self._serial}"

    def _touch(self, container_id: str) -> None:
        self._touched.add(container_id)
        self._something.notify_all()
