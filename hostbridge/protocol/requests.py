"""What a client can ask for: one immutable value for each request of the two protocols.

`kind` is the request's name in the metrics.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hostbridge.model import Code

Seq = int | str | None
"""A client's tag for its request; the reply repeats it."""


@dataclass(frozen=True, slots=True)
class TextList:
    """Text ``list``."""

    kind: ClassVar[str] = "textlist"


@dataclass(frozen=True, slots=True)
class TextKill:
    """Text ``kill NAME``; the name may be the last 31 bytes of a longer one."""

    kind: ClassVar[str] = "textkill"
    name: str


@dataclass(frozen=True, slots=True)
class TextUnknown:
    """An unknown text command: the connection is closed without an answer."""

    kind: ClassVar[str] = "textunknown"


@dataclass(frozen=True, slots=True)
class HelloRequest:
    """A JSON client introduces itself; `version` is the newest protocol version it speaks."""

    kind: ClassVar[str] = "hello"
    seq: Seq
    version: int
    client: str


@dataclass(frozen=True, slots=True)
class ListRequest:
    """All containers, once."""

    kind: ClassVar[str] = "list"
    seq: Seq


@dataclass(frozen=True, slots=True)
class WatchRequest:
    """All containers now, and every change from now on."""

    kind: ClassVar[str] = "watch"
    seq: Seq


@dataclass(frozen=True, slots=True)
class KillRequest:
    """The container's monster died of `weapon`; the client may wish for another of the policy's faults, or less time.

    Version 1 has no `seconds`.
    """

    kind: ClassVar[str] = "kill"
    seq: Seq
    id: str
    weapon: str
    wish: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class WoundRequest:
    """The container's monster was hurt for the first time."""

    kind: ClassVar[str] = "wound"
    seq: Seq
    id: str
    weapon: str


@dataclass(frozen=True, slots=True)
class InspectRequest:
    """What is there to know of one container; version 2."""

    kind: ClassVar[str] = "inspect"
    seq: Seq
    id: str


@dataclass(frozen=True, slots=True)
class LogsRequest:
    """The last lines that a container has written; version 2."""

    kind: ClassVar[str] = "logs"
    seq: Seq
    id: str


@dataclass(frozen=True, slots=True)
class PingRequest:
    """Is the bridge there?"""

    kind: ClassVar[str] = "ping"
    seq: Seq


@dataclass(frozen=True, slots=True)
class Malformed:
    """Something that is not a request. After a `fatal` one nothing more can be read from this connection."""

    kind: ClassVar[str] = "malformed"
    seq: Seq
    code: Code
    message: str
    fatal: bool = False


TextRequest = TextList | TextKill | TextUnknown
Question = InspectRequest | LogsRequest
JsonRequest = (
    HelloRequest | ListRequest | WatchRequest | KillRequest | WoundRequest | InspectRequest | LogsRequest | PingRequest
    | Malformed
)  # fmt: skip
Request = TextRequest | JsonRequest
