"""What a Docker engine knows about one container: when it started, what it uses, its ports, its last log lines.

CPU use is the difference between two samples. An engine takes a second to give both in one answer, so one sample is
taken at a time and compared with an earlier one, if there is one: some time before, since the machine's own clock ticks
every 10 ms, and not long before, since an average over an hour says little about now.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from hostbridge.backends.engine import Engine
from hostbridge.model import Code, Details, RequestError

SAMPLES: Final = 256
"""Number of containers whose last sample is kept."""

LEAST_NS: Final = 400_000_000
MOST_NS: Final = 60_000_000_000
"""Shortest and longest time between two samples that are compared, in nanoseconds."""

MAX_PORTS: Final = 16
LOG_LINES: Final = 20
MAX_LOGS: Final = 64 * 1024
"""Most bytes of the last lines: an engine limits lines, not bytes."""

MAX_LOG_LINE: Final = 200
_NO_LIMIT: Final = 1 << 60
_STDOUT_OR_STDERR: Final = frozenset(b"\x00\x01\x02")
_CONTROL: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[^\x20-\x7e\xa0-\uffff]")


class Sample(NamedTuple):
    """CPU time used so far by a container, and the machine's clock, both in nanoseconds."""

    used: int
    clock: int


class Inspection:
    """Questions about one container of an engine. Any thread may ask."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._samples: OrderedDict[str, tuple[Sample, ...]] = OrderedDict()  # the last two that are apart enough

    def details(self, container_id: str) -> Details:
        """The engine's facts about it. Raises RequestError."""
        with self._engine.errors():
            found = self._engine.get(f"containers/{container_id}/json")
            if found["Id"] != container_id:
                raise RequestError(Code.NOT_FOUND, "no such container")
            stats = self._stats(container_id)
            memory = stats.get("memory_stats") or {}
            limit = int((found.get("HostConfig") or {}).get("Memory") or 0)
            return Details(
                started=_seconds(str((found.get("State") or {}).get("StartedAt") or "")),
                restarts=int(found.get("RestartCount") or 0),
                cpus=self._cpus(container_id, stats.get("cpu_stats") or {}),
                memory=int(memory.get("usage") or 0),
                memory_limit=limit if limit < _NO_LIMIT else 0,
                ports=tuple(_ports((found.get("NetworkSettings") or {}).get("Ports") or {})),
            )

    def logs(self, container_id: str) -> Sequence[str]:
        """Its last lines, without colours and control characters. Raises RequestError."""
        query = {"stdout": 1, "stderr": 1, "tail": LOG_LINES}
        with self._engine.errors():
            text = _frames(self._engine.read(f"containers/{container_id}/logs", query, MAX_LOGS))
            lines = text.decode("utf-8", "replace").splitlines()[-LOG_LINES:]
            return [_CONTROL.sub("", line)[:MAX_LOG_LINE] for line in lines]

    def _stats(self, container_id: str) -> Mapping[str, Any]:
        try:
            found = self._engine.get(f"containers/{container_id}/stats", {"stream": 0, "one-shot": 1})
        except RequestError as error:
            if error.code is Code.ENGINE_DOWN:
                raise
            return {}  # it has just ended, or a gate does not let this through
        return found if isinstance(found, dict) else {}

    def _cpus(self, container_id: str, stats: Mapping[str, Any]) -> float | None:
        used = int((stats.get("cpu_usage") or {}).get("total_usage") or 0)
        of, cpus = int(stats.get("system_cpu_usage") or 0), max(1, int(stats.get("online_cpus") or 1))
        now = Sample(used, of // cpus)
        with self._lock:
            kept = tuple(
                each
                for each in self._samples.pop(container_id, ())
                if 0 <= now.clock - each.clock <= MOST_NS and each.used <= now.used
            )
            apart = [each for each in kept if now.clock - each.clock >= LEAST_NS]
            self._samples[container_id] = (*kept[-1:], now) if not kept or kept[-1] in apart else kept
            if len(self._samples) > SAMPLES:
                self._samples.popitem(last=False)
        return (now.used - apart[-1].used) / (now.clock - apart[-1].clock) if apart else None


def _ports(ports: Mapping[str, Any]) -> Iterator[str]:
    """As ``docker ps`` writes them."""
    for inside, outside in sorted(ports.items())[:MAX_PORTS]:
        for each in (outside or ())[:MAX_PORTS]:
            yield f"{each.get('HostIp') or '0.0.0.0'}:{each.get('HostPort')}->{inside}"
        if not outside:
            yield str(inside)


def _frames(data: bytes) -> bytes:
    """The text in a stream of frames; a container with a terminal sends its text as it is."""
    if len(data) < 8 or data[0] not in _STDOUT_OR_STDERR or data[1:4] != b"\0\0\0":
        return data
    found = bytearray()
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "big")
        found += data[at + 8 : at + 8 + size]
        at += 8 + size
    return bytes(found)


def _seconds(stamp: str) -> float:
    try:
        found = datetime.fromisoformat(stamp[:19]).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0
    return found if found > 0 else 0.0  # the engine writes the year 1 for never
