"""The bridge's protocols from the client's side, without sockets: bytes in, events out (docs/protocol.md).

Unknown messages are skipped: a newer bridge may send things that this game does not know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from pydoom.containers.link.events import (
    Added,
    BridgeEvent,
    Changed,
    Connected,
    ContainerInfo,
    EngineState,
    Kill,
    KillDone,
    KillFailed,
    Listed,
    Order,
    Removed,
)

HELLO: Final = b'{"type":"hello","version":1,"client":"pydoom"}\n'
WATCH: Final = b'{"type":"watch"}\n'
MAX_LINE: Final = 128 * 1024
PROJECT_LABEL: Final = "com.docker.compose.project"
SERVICE_LABEL: Final = "com.docker.compose.service"


class WireError(Exception):
    """The other end does not speak the protocol."""


def order_line(order: Order) -> bytes:
    """A kill or wound as a request."""
    kind = "kill" if isinstance(order, Kill) else "wound"
    return json.dumps({"type": kind, "id": order.id, "weapon": order.weapon}).encode("ascii") + b"\n"


class EventReader:
    """Parses the JSON protocol's bytes into events."""

    def __init__(self) -> None:
        self._buffer = b""
        self._pages: list[ContainerInfo] = []

    def feed(self, data: bytes) -> list[BridgeEvent]:
        """Take received bytes; return the complete events. Raises WireError when it cannot be this protocol."""
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        if len(self._buffer) > MAX_LINE:
            raise WireError("a line is too long")
        return [event for line in lines for event in self._events(line)]

    def _events(self, line: bytes) -> Iterator[BridgeEvent]:
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            raise WireError("a line is not JSON") from None
        if not isinstance(message, dict):
            return
        try:
            yield from self._read(message)
        except (AttributeError, KeyError, TypeError, ValueError):
            return

    def _read(self, message: dict[str, Any]) -> Iterator[BridgeEvent]:
        kind = message.get("type")
        if kind == "hello":
            wound = bool(message.get("wound"))
            yield Connected(False, bool(message.get("dry_run")), str(message.get("backend", "")), wound)
            yield EngineState(message.get("engine") != "down")
        elif kind == "snapshot":
            self._pages += [container_of(each) for each in message["containers"]]
            if not message.get("more"):
                yield Listed(tuple(self._pages))
                self._pages = []
        elif kind == "added":
            yield Added(container_of(message["container"]))
        elif kind == "changed":
            yield Changed(container_of(message["container"]))
        elif kind == "removed":
            yield Removed(str(message["id"]))
        elif kind == "engine":
            yield EngineState(message["state"] != "down")
        elif kind == "ok" and message.get("request") == "kill":
            yield KillDone(str(message["id"]), str(message.get("action", "")), bool(message.get("dry_run")))
        elif kind == "error" and message.get("request") == "kill":
            yield KillFailed(str(message["id"]), str(message["code"]), str(message.get("message", "")))


def container_of(value: dict[str, Any]) -> ContainerInfo:
    """A container from its JSON. Raises AttributeError, KeyError, TypeError or ValueError when it is malformed."""
    labels = value.get("labels") or {}
    return ContainerInfo(
        id=str(value["id"]),
        name=str(value["name"]),
        image=str(value.get("image", "")),
        state=str(value.get("state", "running")),
        protected=bool(value.get("protected")),
        labels={str(key): str(text) for key, text in labels.items()},
        created=float(value.get("created") or 0),
        node=str(value.get("node") or ""),
        restarts=int(value.get("restarts") or 0),
        memory=int(value.get("memory") or 0),
        project=str(labels.get(PROJECT_LABEL) or ""),
        service=str(value.get("service") or labels.get(SERVICE_LABEL) or ""),
    )


def text_containers(data: bytes) -> tuple[ContainerInfo, ...]:
    """The original daemon's list. It has no IDs, so the name serves as identity, label and kill argument."""
    names = data.decode("utf-8", "replace").split("\n")
    return tuple(ContainerInfo(name, name) for name in dict.fromkeys(name.strip() for name in names) if name)
