"""What the bridge knows about a container, whatever engine it runs on.

Plain immutable values: they pass between threads freely and are compared to find out what changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

RUNNING: Final = "running"
PAUSED: Final = "paused"
RESTARTING: Final = "restarting"  # it keeps ending at once, and the engine waits before the next try

LISTED_STATES: Final = frozenset({RUNNING, PAUSED, RESTARTING})
"""States of containers that are monsters; anything else is not listed."""

ROLE_LABEL: Final = "pydoom.role"
"""Marks the containers of this project itself (bridge, game); they are never listed and never killed."""

PROTECT_LABEL: Final = "pydoom.protect"
TARGET_LABEL: Final = "pydoom.target"
PROJECT_LABEL: Final = "com.docker.compose.project"
SERVICE_LABEL: Final = "com.docker.compose.service"


class KillAction(StrEnum):
    """What a kill does to a container."""

    REMOVE = "remove"
    STOP = "stop"
    KILL = "kill"
    RESTART = "restart"
    PAUSE = "pause"
    DISCONNECT = "disconnect"  # from all of its networks
    THROTTLE = "throttle"  # less CPU time
    SQUEEZE = "squeeze"  # less memory


@dataclass(frozen=True, slots=True)
class Container:
    """One container. `id` is its identity; `created` is seconds since 1970; `node` is empty on a single engine."""

    id: str
    name: str
    image: str = ""  # as configured, where it is known
    state: str = RUNNING
    created: float = 0.0
    labels: Mapping[str, str] = field(default_factory=dict)
    node: str = ""
    restarts: int = 0
    memory: int = 0  # bytes of its limit or use; 0 when not known
    images: tuple[str, ...] = ()  # every known name, digest and ID of its image, for rules to match
    health: str = ""  # healthy, unhealthy or starting; empty without a health check
    service: str = ""  # what it is a replica of: a compose or swarm service, a Kubernetes workload
    service_kind: str = ""  # a workload's kind, where several of a name may exist: Deployment, StatefulSet...
    version: str = field(default="", compare=False)  # of what was looked at, where an engine tells one

    def label(self, key: str) -> str:
        """The label's value, or an empty string."""
        return self.labels.get(key, "")


@dataclass(frozen=True, slots=True)
class Details:
    """What an engine tells of one container when it is asked about that one."""

    started: float = 0.0  # seconds since 1970; 0 when it is not known
    restarts: int = 0
    cpus: float | None = None  # in use; None until there are two samples to compare
    memory: int = 0  # bytes in use
    memory_limit: int = 0  # bytes; 0 for none
    ports: tuple[str, ...] = ()  # as docker writes them: 127.0.0.1:8080->80/tcp


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end of a connection, as the kernel says (SO_PEERCRED); `pid` is 0 in another container."""

    uid: int
    gid: int
    pid: int
    session: str = ""  # one process of the user, or one connection where the pid is unknown


class Code(StrEnum):
    """Why a request failed: the error codes of the JSON protocol."""

    BAD_REQUEST = "bad-request"
    UNKNOWN_REQUEST = "unknown-request"
    TOO_LARGE = "too-large"
    VERSION = "unsupported-version"
    NOT_FOUND = "not-found"
    PROTECTED = "protected"
    DENIED = "denied"
    RATE_LIMITED = "rate-limited"
    ENGINE_DOWN = "engine-down"
    CONFLICT = "conflict"
    FAILED = "failed"


MAX_MESSAGE: Final = 1000
"""Longest error message in characters: engines may send more than a line of the protocol holds."""


class RequestError(Exception):
    """A request that failed, with a code for the client and a sentence for people."""

    def __init__(self, code: Code, message: str, remedy: str = "") -> None:
        """`remedy` says what the user can do about it; `message` ends with it."""
        self.code = code
        self.what = message[:MAX_MESSAGE]
        self.remedy = remedy
        self.message = ": ".join(filter(None, (message, remedy)))[:MAX_MESSAGE]
        super().__init__(self.message)


def engine_down(reason: str) -> RequestError:
    """The error for a request that needs an engine that is down."""
    return RequestError(Code.ENGINE_DOWN, reason or "the engine does not answer")


class SetupError(Exception):
    """Something the user supplied cannot be used (a policy file, a socket path...): one line, exit status 2."""
