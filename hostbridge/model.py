"""What the bridge knows of a container, whatever engine it runs on.

Plain immutable values: they pass between threads freely and are compared to find out what changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

RUNNING: Final = "running"
PAUSED: Final = "paused"
RESTARTING: Final = "restarting"  # it ends at once again and again, and the engine waits before the next try

LISTED_STATES: Final = frozenset({RUNNING, PAUSED, RESTARTING})
"""States of containers that are monsters; anything else is not listed."""

ROLE_LABEL: Final = "pydoom.role"
"""Marks the containers of this project itself (bridge, game); they are never listed and never killed."""

PROTECT_LABEL: Final = "pydoom.protect"
TARGET_LABEL: Final = "pydoom.target"
PROJECT_LABEL: Final = "com.docker.compose.project"
SERVICE_LABEL: Final = "com.docker.compose.service"


class Action(StrEnum):
    """What a kill does to a container."""

    REMOVE = "remove"
    STOP = "stop"
    KILL = "kill"
    RESTART = "restart"
    PAUSE = "pause"


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
    images: tuple[str, ...] = ()  # every name, digest and ID of its image that is known; rules look at these
    service: str = ""  # what it is a replica of: a compose or swarm service, a Kubernetes workload

    def label(self, key: str) -> str:
        """The label's value, or an empty string."""
        return self.labels.get(key, "")


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end of a connection, as the kernel says (SO_PEERCRED); `pid` is 0 in another container."""

    uid: int
    gid: int
    pid: int
    session: str = ""  # tells processes (or connections, where there is no pid) of one user apart


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
"""Characters of an error that are kept: engines may say more than a line of the protocol holds."""


class RequestError(Exception):
    """A request that could not be done, with the code for the client and a sentence for people."""

    def __init__(self, code: Code, message: str, remedy: str = "") -> None:
        """`remedy` says what people can do about it; `message` includes it."""
        self.code = code
        self.what = message[:MAX_MESSAGE]
        self.remedy = remedy
        self.message = ": ".join(filter(None, (message, remedy)))[:MAX_MESSAGE]
        super().__init__(self.message)


def engine_down(reason: str) -> RequestError:
    """The error for a request that needs an engine that is away."""
    return RequestError(Code.ENGINE_DOWN, reason or "the engine does not answer")


class SetupError(Exception):
    """Something the user gave cannot be used (a policy file, a socket path...): one line, exit status 2."""
