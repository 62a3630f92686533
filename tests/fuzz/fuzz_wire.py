"""Messages from a bridge to the game: bytes of a hostile or foreign bridge."""

from __future__ import annotations

import json
import random
from typing import Any, ClassVar, Final

from pydoom.containers.link.events import BridgeEvent
from pydoom.containers.link.wire import MAX_LINE, EventReader, WireError, text_containers
from tests.fuzz import mutate
from tests.fuzz.harness import Fuzzer

ONE: Final[dict[str, Any]] = {
    "id": "f" * 64, "name": "web-1", "image": "nginx:1.27", "state": "running", "labels": {"pydoom.name": "WEB"},
    "created": 1700000000.5, "protected": False, "node": "n", "restarts": 3, "memory": 4096, "service": "web",
    "kind": "container", "health": "healthy", "faults": [{"action": "pause", "until": 1796034010.5}],
}  # fmt: skip
MESSAGES: Final[tuple[dict[str, Any], ...]] = (
    {"type": "hello", "version": 1, "server": "x", "backend": "docker", "engine": "up", "dry_run": False},
    {"type": "hello", "version": 2, "engine": "up", "dry_run": True, "action": "kill",
     "fault": {"action": "kill", "seconds": 0.0, "signal": "SIGTERM"},
     "weapons": {"fist": {"action": "pause", "seconds": 20.0}}},
    {"type": "fault", "id": "f" * 64, "action": "pause", "seconds": 20.0, "until": 1796034010.5},
    {"type": "healed", "id": "f" * 64, "action": "pause", "result": "healed"},
    {"type": "recovered", "id": "f" * 64, "service": "shop/web", "seconds": 3.2},
    {"type": "not-recovered", "id": "f" * 64, "service": "db", "seconds": 300.0},
    {"type": "probe", "name": "shop", "state": "failing", "reason": "503", "since": 1.7e9},
    {"type": "snapshot", "engine": "up", "more": True, "containers": [ONE, ONE]},
    {"type": "snapshot", "engine": "up", "more": False, "containers": [ONE]},
    {"type": "added", "container": ONE},
    {"type": "changed", "container": ONE},
    {"type": "removed", "id": "f" * 64},
    {"type": "engine", "state": "down", "reason": "gone"},
    {
        "type": "hello",
        "version": 2,
        "fault": {"action": "pause", "seconds": 20},
        "weapons": {"fist": {"action": "kill"}},
    },
    {"type": "fault", "id": "f" * 64, "action": "pause", "until": 1.7e9},
    {"type": "healed", "id": "f" * 64, "action": "pause", "result": "ok"},
    {"type": "recovered", "id": "f" * 64, "service": "web", "seconds": 3.5},
    {"type": "not-recovered", "id": "f" * 64, "service": "web", "seconds": 60},
    {"type": "hello", "version": 2, "inspect": True, "logs": True},
    {"type": "inspect", "id": "f" * 64, "started": 1.7e9, "restarts": 3, "cpus": 0.5, "memory": 4096,
     "memory_limit": 8192, "ports": ["0.0.0.0:8080->80/tcp"]},
    {"type": "logs", "id": "f" * 64, "lines": ["one", "two"]},
    {"type": "error", "request": "inspect", "id": "f" * 64, "code": "denied", "message": "no"},
    {"type": "ok", "request": "kill", "id": "f" * 64, "action": "remove", "dry_run": False},
    {"type": "error", "request": "kill", "id": "f" * 64, "code": "protected", "message": "no"},
)  # fmt: skip


class WireFuzzer(Fuzzer):
    """The game's reader raises WireError or nothing, gives the same events however the bytes are split, and keeps no
    more than a line and what came with it.
    """

    name = "wire"
    short_inputs: ClassVar[int] = 1000

    def make(self, random: random.Random) -> tuple[bytes, list[bytes]]:
        lines = []
        for _ in range(random.randint(1, 5)):
            value = mutate.mutated_value(random, random.choice(MESSAGES), random.choice((0.0, 0.1, 0.4)))
            lines.append(json.dumps(value).encode("ascii") + b"\n")
        data = b"".join(lines)
        if random.random() < 0.3:
            data = mutate.mutated_bytes(random, data, 4)
        return data, mutate.pieces(random, data)

    def check(self, data: tuple[bytes, list[bytes]]) -> None:
        whole, pieces = data
        assert _events(pieces) == _events([whole]), "split differently, read differently"
        text_containers(whole)


def _events(pieces: list[bytes]) -> str:
    """The events as text, since NaN is not equal to itself."""
    reader = EventReader()
    found: list[BridgeEvent] = []
    try:
        for piece in pieces:
            found += reader.feed(piece)
            assert len(reader._buffer) <= MAX_LINE + len(piece)
    except WireError:
        return "refused"
    return repr(found)
