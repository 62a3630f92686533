"""The writing half of the JSON protocol: replies, events and lists of containers as lines.

Everything is ASCII, so that no container's name can break a line, and no line is longer than `MAX_LINE`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

from hostbridge.model import RESTARTING, RUNNING, Code, Container
from hostbridge.protocol.decoder import MAX_LINE
from hostbridge.protocol.requests import Seq

MAX_TEXT: Final = 1024  # characters of a name or an image
MAX_NODE: Final = 256
MAX_LABELS: Final = 2048  # characters of all labels; one may take six bytes in JSON


def encode(message: Mapping[str, object]) -> bytes:
    """One reply or event as a line."""
    return _compact(message).encode("ascii") + b"\n"


def reply(kind: str, seq: Seq, **fields: object) -> bytes:
    """A reply line: its type, the request's `seq` if it had one, and the fields."""
    return encode(_head(kind, seq) | fields)


def error(seq: Seq, request: str, code: Code, message: str, **fields: object) -> bytes:
    """The reply to a request that failed."""
    return reply("error", seq, request=request, code=str(code), message=message, **fields)


def event(kind: str, container: str) -> bytes:
    """``added`` or ``changed`` with the container (already JSON)."""
    return f'{{"type":"{kind}","container":{container}}}\n'.encode("ascii")


def fault(container_id: str, action: str, seconds: float, until: float) -> bytes:
    """Event: a fault has begun that ends at `until` (seconds since 1970)."""
    return encode({"type": "fault", "id": container_id, "action": action, "seconds": seconds, "until": until})


def healed(container_id: str, action: str, result: str) -> bytes:
    """Event: a fault is over."""
    return encode({"type": "healed", "id": container_id, "action": action, "result": result})


def recovery(kind: str, container_id: str, service: str, seconds: float) -> bytes:
    """Event: as many of a victim's service as before are well (``recovered``), or were not in time."""
    said = {"type": kind, "id": container_id, "service": service[:MAX_NODE], "seconds": round(seconds, 1)}
    return encode(said)


def probe(name: str, state: str, reason: str, since: float) -> bytes:
    """Event: a probe is ``up``, ``failing`` or ``unknown`` since then (seconds since 1970)."""
    return encode({"type": "probe", "name": name, "state": state, "reason": reason, "since": round(since, 3)})


def container_json(container: Container, labels: Mapping[str, str], protected: bool) -> str:
    """A container as clients of version 1 see it, at most about 16 KiB; `labels` are those the policy lets out."""
    return _compact(_container(container, labels, protected))


def container_json_2(
    container: Container, labels: Mapping[str, str], protected: bool, faults: Mapping[str, float]
) -> str:
    """The same for version 2, with the ends of its `faults` by action (seconds since 1970)."""
    more = {
        "kind": "container",
        "health": container.health,
        "service": container.service[:MAX_NODE],
        "faults": [{"action": action, "until": until} for action, until in faults.items()],
    }
    return _compact(_container(container, labels, protected) | more)


def _container(container: Container, labels: Mapping[str, str], protected: bool) -> dict[str, object]:
    return {
        "id": container.id,
        "name": container.name[:MAX_TEXT],
        "image": container.image[:MAX_TEXT],
        # to clients a container between two starts runs: it is there, and can be killed
        "state": RUNNING if container.state == RESTARTING else container.state,
        "labels": _bounded(labels),
        "created": container.created,
        "protected": protected,
        "node": container.node[:MAX_NODE],
        "restarts": container.restarts,
        "memory": container.memory,
    }


def pages(kind: str, seq: Seq, engine: str, containers: Iterable[str], max_line: int = MAX_LINE) -> list[bytes]:
    """Containers (already JSON) in as many lines as it takes; every line but the last says ``"more":true``."""
    head: dict[str, object] = {"type": kind, "engine": engine}
    if seq is not None:
        head["seq"] = seq
    start = _compact(head)[:-1] + ',"more":'
    groups = _groups(containers, max_line - len(start) - len('false,"containers":[]}'))
    last = len(groups) - 1
    return [
        f'{start}{"true" if number < last else "false"},"containers":[{",".join(group)}]}}\n'.encode("ascii")
        for number, group in enumerate(groups)
    ]


def _groups(texts: Iterable[str], room: int) -> list[list[str]]:
    """The texts in groups of at most `room` characters, commas included; at least one group."""
    groups: list[list[str]] = [[]]
    used = 0
    for text in texts:
        if groups[-1] and used + len(text) + 1 > room:
            groups.append([])
            used = 0
        groups[-1].append(text)
        used += len(text) + 1
    return groups


def _head(kind: str, seq: Seq) -> dict[str, object]:
    return {"type": kind} if seq is None else {"type": kind, "seq": seq}


def _bounded(labels: Mapping[str, str]) -> dict[str, str]:
    room = MAX_LABELS
    kept: dict[str, str] = {}
    for key, value in labels.items():
        room -= len(key) + len(value)
        if room < 0:
            break
        kept[key] = value
    return kept


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
