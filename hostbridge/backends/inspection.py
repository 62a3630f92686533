"""What a Docker engine knows about one container: when it started, what it uses, its ports, its last log lines.

An engine measures once a second, and answers a question for figures only then. So an answer does not wait for that: it
has the figures of the last sample, if that is not too old, and asks for the next in the background. CPU use is the
difference between two samples: some time apart, since the machine's own clock ticks every 10 ms, and not too long,
since an average over an hour says little about now.
"""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from hostbridge.backends.engine import Engine
from hostbridge.host.workers import Workers
from hostbridge.model import Code, Details, RequestError

SAMPLES: Final = 256
"""Number of containers whose last samples are kept."""

SAMPLERS: Final = 4
"""Samples that are taken at the same time."""

WAIT_SECONDS: Final = 0.05
"""Seconds that an answer waits for a sample that an idle engine takes at once."""

FRESH_SECONDS: Final = 5.0
"""Greatest age of a sample that is told."""

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
    """One measurement: bytes of memory, and CPU time so far on the machine's clock, in nanoseconds."""

    taken: float  # monotonic
    memory: int
    used: int
    clock: int


class Inspection:
    """Questions about one container of an engine. Any thread may ask."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._samples: OrderedDict[str, tuple[Sample, ...]] = OrderedDict()  # see `_keep`
        self._taking: dict[str, Future[None]] = {}
        self._samplers = Workers(SAMPLERS, "samples")

    def close(self) -> None:
        """Take no more samples."""
        self._samplers.close(0)

    def details(self, container_id: str) -> Details:
        """The engine's facts about it. Raises RequestError."""
        with self._engine.errors():
            found = self._engine.get(f"containers/{container_id}/json")
            if found["Id"] != container_id:
                raise RequestError(Code.NOT_FOUND, "no such container")
            self._sample(container_id)
            last, cpus = self._use(container_id)
            limit = int((found.get("HostConfig") or {}).get("Memory") or 0)
            return Details(
                started=_seconds(str((found.get("State") or {}).get("StartedAt") or "")),
                restarts=int(found.get("RestartCount") or 0),
                cpus=cpus,
                memory=last.memory if last else 0,
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

    def _sample(self, container_id: str) -> None:
        """Begin to take a sample, unless one is being taken; wait a little for its end."""
        with self._lock:
            taking = self._taking.get(container_id)
            if taking is None:
                try:
                    taking = self._samplers.submit(self._take, container_id)
                except RuntimeError:
                    return  # the bridge is ending
                self._taking[container_id] = taking
        wait((taking,), WAIT_SECONDS)

    def _take(self, container_id: str) -> None:
        """Ask the engine for figures, and keep them. Runs in a worker."""
        try:
            with self._engine.errors():
                found = self._engine.get(f"containers/{container_id}/stats", {"stream": 0, "one-shot": 1})
                sample = _sample_of(found)
        except RequestError:
            return  # it has just ended, a gate does not let this through, or the engine does not answer
        finally:
            with self._lock:
                self._taking.pop(container_id, None)
        with self._lock:
            self._keep(container_id, sample)

    def _keep(self, container_id: str, now: Sample) -> None:
        """Keep the sample as the last one; those before are some time apart from each other. The lock is held."""
        kept = [
            each
            for each in self._samples.pop(container_id, ())
            if 0 <= now.clock - each.clock <= MOST_NS and each.used <= now.used
        ]
        if len(kept) > 1 and kept[-1].clock - kept[-2].clock < LEAST_NS:
            kept.pop()
        self._samples[container_id] = (*kept[-2:], now)
        if len(self._samples) > SAMPLES:
            self._samples.popitem(last=False)

    def _use(self, container_id: str) -> tuple[Sample | None, float | None]:
        """The last sample, if it is fresh, and the CPUs in use, if there is one long enough before it."""
        with self._lock:
            *before, last = self._samples.get(container_id, (None,))
        if last is None or time.monotonic() - last.taken > FRESH_SECONDS:
            return None, None
        for each in reversed(before):
            if last.clock - each.clock >= LEAST_NS:
                return last, (last.used - each.used) / (last.clock - each.clock)
        return last, None


def _sample_of(stats: Mapping[str, Any]) -> Sample:
    cpu = stats.get("cpu_stats") or {}
    return Sample(
        time.monotonic(),
        int((stats.get("memory_stats") or {}).get("usage") or 0),
        int((cpu.get("cpu_usage") or {}).get("total_usage") or 0),
        int(cpu.get("system_cpu_usage") or 0) // max(1, int(cpu.get("online_cpus") or 1)),
    )


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
