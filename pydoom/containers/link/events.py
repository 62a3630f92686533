"""What the bridge's client tells the game, and what the game asks of it: immutable values that cross the threads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol


class BridgeError(Exception):
    """The bridge the user asked for cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class ContainerInfo:
    """A container as the bridge describes it. `id` is its identity, `name` a label; `created` is seconds since 1970.

    `project` and `service` are what compose calls them, empty for a container that belongs to none.
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


@dataclass(frozen=True, slots=True)
class Connected:
    """A bridge answers. `text_only` is the original daemon: no IDs, no answers to kills, news only now and then."""

    text_only: bool = False
    dry_run: bool = False
    backend: str = ""
    wound: bool = False


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The bridge is away; the client keeps trying."""

    reason: str


@dataclass(frozen=True, slots=True)
class EngineState:
    """The bridge is there, the engine behind it is or is not."""

    up: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """The bridge's list: all containers there are."""

    containers: tuple[ContainerInfo, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """A container has appeared."""

    container: ContainerInfo


@dataclass(frozen=True, slots=True)
class Changed:
    """A container is different now."""

    container: ContainerInfo


@dataclass(frozen=True, slots=True)
class Removed:
    """A container is gone."""

    id: str


@dataclass(frozen=True, slots=True)
class KillDone:
    """The bridge has done what a kill means."""

    id: str
    action: str
    dry_run: bool


@dataclass(frozen=True, slots=True)
class KillFailed:
    """The bridge would not or could not."""

    id: str
    code: str
    message: str


BridgeEvent = Connected | Disconnected | EngineState | Listed | Added | Changed | Removed | KillDone | KillFailed


@dataclass(frozen=True, slots=True)
class Kill:
    """To the bridge: the monster of this container died of `weapon`.

    `connection` counts the `Connected` events heard until then; an order that comes too late for its connection is
    refused. None is for any.
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


Order = Kill | Wound


class BridgeLink(Protocol):
    """Where news come from and orders go, as the game sees it (`client.BridgeClient`). Nothing here waits."""

    def events(self) -> Iterator[BridgeEvent]:
        """What has happened since the last call."""

    def send(self, order: Order) -> None:
        """Pass an order on."""

    def close(self) -> None:
        """End the conversation."""
