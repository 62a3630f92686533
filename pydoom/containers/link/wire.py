"""The bridge's protocols from the client's side, without sockets: bytes in, events out (docs/protocol.md).

Unknown messages are skipped: a newer bridge may send things that this game does not know.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final, TypeGuard

from pydoom import parsing
from pydoom.containers.link.events import (
    Added,
    Ask,
    BridgeEvent,
    Changed,
    Connected,
    ContainerInfo,
    EngineState,
    FaultBegun,
    FaultEnded,
    Inspected,
    Kill,
    KillDone,
    KillFailed,
    KillMeaning,
    LinesRead,
    Listed,
    NotTold,
    Order,
    ProbeNews,
    RecoveryNews,
    Removed,
    Suffering,
)

HELLO: Final = b'{"type":"hello","version":2,"client":"pydoom"}\n'
"""Version 2 of the protocol; a bridge that knows only version 1 answers in that, with less detail."""
WATCH: Final = b'{"type":"watch"}\n'
MAX_LINE: Final = 128 * 1024
MAX_CONTAINERS: Final = 200_000
"""In one snapshot, however many lines it takes."""
PROJECT_LABEL: Final = "com.docker.compose.project"
SERVICE_LABEL: Final = "com.docker.compose.service"
MAX_SECONDS: Final = 1e7
"""Longest plausible time of a fault or a recovery, in seconds."""
MAX_TIME: Final = 1e11
"""Last plausible moment, in seconds since 1970: some 3,000 years from now."""
MAX_FAULTS: Final = 16
MAX_WEAPONS: Final = 64
MAX_NAME: Final = 300
"""Most characters of a text that is shown: of a name, image, label, ..."""
MAX_RESTARTS: Final = 999_999
MAX_MEMORY: Final = 10**15
"""Most plausible bytes of memory."""

MAX_CPUS: Final = 10_000.0
MAX_PORTS: Final = 16
MAX_PORT: Final = 64
"""Most ports of a container, and most characters of one."""
MAX_LINES: Final = 20
"""Most lines of a log that are kept."""
QUESTIONS: Final = ("inspect", "logs")

_ACTION: Final = re.compile(r"[a-z][a-z-]{0,15}", re.ASCII)
_SIGNAL: Final = re.compile(r"SIG[A-Z0-9+-]{1,12}", re.ASCII)


class WireError(Exception):
    """The other end does not speak the protocol."""


def order_line(order: Order) -> bytes:
    """An order as a request."""
    if isinstance(order, Ask):
        return json.dumps({"type": order.request, "id": order.id}).encode("ascii") + b"\n"
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
            message = parsing.json_value(line)
        except ValueError:
            raise WireError("a line is not JSON") from None
        if not isinstance(message, dict):
            return
        try:
            yield from self._read(message)
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
            return

    def _read(self, message: dict[str, Any]) -> Iterator[BridgeEvent]:
        kind = message.get("type")
        if kind == "hello":
            yield connected_of(message)
            yield EngineState(message.get("engine") != "down")
        elif kind == "snapshot":
            self._pages += [container_of(each) for each in message["containers"]]
            if len(self._pages) > MAX_CONTAINERS:
                raise WireError("a list without an end")
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
        elif kind == "fault":
            yield FaultBegun(str(message["id"]), suffering_of(message))
        elif kind == "healed":
            yield FaultEnded(str(message["id"]), _action(message["action"]), str(message.get("result", "")))
        elif kind in ("recovered", "not-recovered"):
            service = _text(message["service"])
            yield RecoveryNews(str(message["id"]), service, _seconds(message["seconds"]), kind == "recovered")
        elif kind == "probe":
            yield ProbeNews(_text(message["name"]), str(message["state"])[:16], _text(message.get("reason", "")))
        elif kind == "inspect":
            yield inspected_of(message)
        elif kind == "logs":
            lines = message["lines"][:MAX_LINES]
            yield LinesRead(str(message["id"]), tuple(_text(each) for each in lines))
        elif kind == "error" and message.get("request") in QUESTIONS:
            yield NotTold(str(message["id"]), str(message["request"]), str(message["code"]))


def connected_of(hello: dict[str, Any]) -> Connected:
    """What a bridge says about itself. An unknown meaning of a kill is ignored."""
    said = hello.get("weapons")
    weapons = list(said.items())[:MAX_WEAPONS] if isinstance(said, dict) else []
    meanings = {weapon: meaning for weapon, value in weapons if (meaning := meaning_of(value)) is not None}
    usual = meaning_of(hello.get("fault")) or meaning_of(hello.get("action")) or Connected().meaning
    dry_run, wound = bool(hello.get("dry_run")), bool(hello.get("wound"))
    backend = _text(hello.get("backend", ""))
    inspect, logs = (hello.get(request) is True for request in QUESTIONS)
    return Connected(False, dry_run, backend, wound, usual, meanings, inspect, logs)


def inspected_of(answer: dict[str, Any]) -> Inspected:
    """The answer to an inspection. Raises Python's own errors when it is malformed; nonsense counts as unknown."""
    started, cpus = answer.get("started"), answer.get("cpus")
    return Inspected(
        id=str(answer["id"]),
        started=float(started) if _is_number(started) and 0 < started <= MAX_TIME else 0.0,
        restarts=_count(answer.get("restarts"), MAX_RESTARTS),
        cpus=float(cpus) if _is_number(cpus) and 0 <= cpus <= MAX_CPUS else None,
        memory=_count(answer.get("memory"), MAX_MEMORY),
        memory_limit=_count(answer.get("memory_limit"), MAX_MEMORY),
        ports=tuple(str(each)[:MAX_PORT] for each in list(answer.get("ports") or ())[:MAX_PORTS]),
    )


def meaning_of(value: object) -> KillMeaning | None:
    """What a kill means: an object in version 2, an action's name in version 1; None when it is neither."""
    try:
        if isinstance(value, dict):
            signal = value.get("signal", "")
            known = isinstance(signal, str) and _SIGNAL.fullmatch(signal)
            return KillMeaning(_action(value["action"]), _seconds(value.get("seconds", 0)), signal if known else "")
        return KillMeaning(_action(value))
    except (KeyError, TypeError, ValueError):
        return None


def suffering_of(value: dict[str, Any]) -> Suffering:
    """A fault that will be undone. Raises KeyError, TypeError or ValueError when it is malformed."""
    until = value["until"]
    if isinstance(until, bool) or not isinstance(until, int | float) or not abs(until) <= MAX_TIME:
        raise ValueError("not a time")
    return Suffering(_action(value["action"]), float(until))


def _faults(value: object) -> tuple[Suffering, ...]:
    """The faults of a container, without those that are malformed."""
    found = []
    for each in value[:MAX_FAULTS] if isinstance(value, list) else ():
        try:
            found.append(suffering_of(each))
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
    return tuple(found)


def _action(value: object) -> str:
    if not isinstance(value, str) or not _ACTION.fullmatch(value):
        raise ValueError("not an action")
    return value


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_SECONDS:
        raise ValueError("not a number of seconds")
    return float(value)


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: object) -> str:
    """A text that is shown, cut to a length that can be drawn in every frame."""
    return str(value)[:MAX_NAME]


def _count(value: Any, most: int) -> int:
    """A count from 0 to `most`. Raises Python's own errors when it is none."""
    return max(min(int(value or 0), most), 0)


def container_of(value: dict[str, Any]) -> ContainerInfo:
    """A container from its JSON, its texts cut to MAX_NAME. Raises Python's own errors when it is malformed.

    The ID is kept as it is: it is never shown, and cut it could be another container's.
    """
    labels = value.get("labels") or {}
    created = float(value.get("created") or 0)
    if not math.isfinite(created):
        raise ValueError("a time that is not a number")
    return ContainerInfo(
        id=str(value["id"]),
        name=_text(value["name"]),
        image=_text(value.get("image", "")),
        state=_text(value.get("state", "running")),
        protected=bool(value.get("protected")),
        labels={_text(key): _text(text) for key, text in labels.items()},
        created=created,
        node=_text(value.get("node") or ""),
        restarts=_count(value.get("restarts"), MAX_RESTARTS),
        memory=_count(value.get("memory"), MAX_MEMORY),
        project=_text(labels.get(PROJECT_LABEL) or ""),
        service=_text(value.get("service") or labels.get(SERVICE_LABEL) or ""),
        faults=_faults(value.get("faults")),
        health=_text(value.get("health") or ""),
    )


def text_containers(data: bytes) -> tuple[ContainerInfo, ...]:
    """The original daemon's list. It has no IDs, so the name serves as identity, label and kill argument."""
    names = data.decode("utf-8", "replace").split("\n")
    return tuple(ContainerInfo(name, _text(name)) for name in dict.fromkeys(name.strip() for name in names) if name)
