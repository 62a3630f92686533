"""Events from the bridge's client to the game, and orders back: immutable values that pass between threads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol


@dataclass(frozen=True, slots=True)
class KillMeaning:
    """What a kill does: an `action` of the protocol, for `seconds` (0 for good), with a `signal` if any."""

    action: str
    seconds: float = 0.0
    signal: str = ""


REMOVE: Final = KillMeaning("remove")


@dataclass(frozen=True, slots=True)
class Suffering:
    """A fault that the bridge is going to undo at `until`, in seconds since 1970."""

    action: str
    until: float


@dataclass(frozen=True, slots=True)
class ContainerInfo:
    """A container, as described by the bridge. `id` is its identity, `name` a label; `created` is seconds since 1970.

    `project` and `service` are compose's, empty for a container without them. `faults` are the temporary ones it is
    under.
    """

    id: str
    name: str
    image: str = ""
    state: str = "running"
    protected: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    created: float = 0.0
    node: str = ""
    restarts: int = 0
    memory: int = 0  # bytes
    project: str = ""
    service: str = ""
    faults: tuple[Suffering, ...] = ()
    health: str = ""  # of its health check: healthy, unhealthy or starting; empty without one


@dataclass(frozen=True, slots=True)
class Connected:
    """The bridge is connected. `text_only` is the original daemon: no IDs, no answers to kills, no events.

    `meaning` is what a kill does, `weapons` what it does instead by weapon. `inspect` and `logs`: whether the bridge
    answers these questions.
    """

    text_only: bool = False
    dry_run: bool = False
    backend: str = ""
    wound: bool = False
    meaning: KillMeaning = REMOVE
    weapons: Mapping[str, KillMeaning] = field(default_factory=dict)
    inspect: bool = False
    logs: bool = False

    def kill_with(self, weapon: str) -> KillMeaning:
        """What a kill with this weapon does."""
        return self.weapons.get(weapon, self.meaning)


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The bridge is away; the client keeps trying."""

    reason: str


@dataclass(frozen=True, slots=True)
class EngineState:
    """Whether the engine behind the bridge answers."""

    up: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """The bridge's full list of containers."""

    containers: tuple[ContainerInfo, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """A container has appeared."""

    container: ContainerInfo


@dataclass(frozen=True, slots=True)
class Changed:
    """A container has changed."""

    container: ContainerInfo


@dataclass(frozen=True, slots=True)
class Removed:
    """A container is gone."""

    id: str


@dataclass(frozen=True, slots=True)
class KillDone:
    """The bridge has carried out a kill."""

    id: str
    action: str
    dry_run: bool


@dataclass(frozen=True, slots=True)
class KillFailed:
    """The bridge refused a kill, or it failed."""

    id: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class FaultBegun:
    """The container suffers from a fault that the bridge will undo."""

    id: str
    fault: Suffering


@dataclass(frozen=True, slots=True)
class FaultEnded:
    """A fault is over. `result` is ``healed``, ``changed`` (by somebody else, so it was left alone) or ``gone``."""

    id: str
    action: str
    result: str


@dataclass(frozen=True, slots=True)
class RecoveryNews:
    """After `seconds`, the victim's service is back, or not (`back`).

    `service` is the service's name, or the container's if it has none.
    """

    id: str
    service: str
    seconds: float
    back: bool


@dataclass(frozen=True, slots=True)
class ProbeNews:
    """How one of the policy's probes is: `state` is ``up``, ``failing`` or ``unknown``, `reason` a status or words."""

    name: str
    state: str
    reason: str = ""

    @property
    def is_failing(self) -> bool:
        """Whether it gets an answer that is not the expected one, or none."""
        return self.state == "failing"


@dataclass(frozen=True, slots=True)
class Inspected:
    """What the engine has said about one container, besides what the list has.

    `started` is seconds since 1970, 0 if unknown; `cpus` in use are None while unknown; `memory` and `memory_limit` are
    bytes, 0 if unknown or for no limit; `ports` are as docker writes them.
    """

    id: str
    started: float = 0.0
    restarts: int = 0
    cpus: float | None = None
    memory: int = 0
    memory_limit: int = 0
    ports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LinesRead:
    """The last lines that a container has written, oldest first."""

    id: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotTold:
    """The bridge has not answered a question; `code` is the protocol's, or ``bridge-away``."""

    id: str
    request: str
    code: str


BridgeEvent = (
    Connected
    | Disconnected
    | EngineState
    | Listed
    | Added
    | Changed
    | Removed
    | KillDone
    | KillFailed
    | FaultBegun
    | FaultEnded
    | RecoveryNews
    | ProbeNews
    | Inspected
    | LinesRead
    | NotTold
)


@dataclass(frozen=True, slots=True)
class Kill:
    """To the bridge: the monster of this container died of `weapon`.

    `connection` is the number of `Connected` events so far; an order from an earlier connection is
    refused. None fits any connection.
    """

    id: str
    weapon: str
    connection: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Wound:
    """To the bridge: the monster of this container was hurt for the first time. `connection` is as in `Kill`."""

    id: str
    weapon: str
    connection: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Ask:
    """To the bridge: a question about this container, ``inspect`` or ``logs``. `connection` is as in `Kill`."""

    id: str
    request: str
    connection: int | None = field(default=None, compare=False)


Order = Kill | Wound | Ask


class BridgeLink(Protocol):
    """The game's view of the bridge's client: events out, orders in (`client.BridgeClient`). Nothing here waits."""

    def events(self) -> Iterator[BridgeEvent]:
        """Yield the events since the last call."""

    def send(self, order: Order) -> None:
        """Pass an order on."""

    def close(self) -> None:
        """Close the connection."""
