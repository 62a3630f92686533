"""Closes idle connections, so that opening many, or sending a request byte by byte, keeps nobody out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

IDLE_SECONDS: Final = 10.0
"""Seconds that a connection may go without a request in progress."""
MAX_IDLE: Final = 128
_LOOK_SECONDS: Final = 0.25


class Patience:
    """Tracks since when each connection has been idle. A connection is aiohttp's protocol object."""

    def __init__(self, idle_seconds: float = IDLE_SECONDS, max_idle: int = MAX_IDLE) -> None:
        self._idle_seconds = idle_seconds
        self._max_idle = max_idle
        self._busy: set[Any] = set()
        self._idle_since: dict[Any, float] = {}

    def begin(self, connection: Any) -> None:
        """Note that a request on this connection is in progress."""
        self._busy.add(connection)

    def end(self, connection: Any) -> None:
        """Note that its request is done."""
        self._busy.discard(connection)

    def overdue(self, connections: Iterable[Any], now: float) -> list[Any]:
        """The open connections to close: those idle too long, and the oldest of too many."""
        idle = [connection for connection in connections if connection not in self._busy]
        self._idle_since = {connection: self._idle_since.get(connection, now) for connection in idle}
        oldest_first = sorted(idle, key=self._idle_since.__getitem__)
        surplus = max(0, len(idle) - self._max_idle)
        late = [each for each in oldest_first[surplus:] if now - self._idle_since[each] >= self._idle_seconds]
        return oldest_first[:surplus] + late

    async def watch(self, connections: Callable[[], Iterable[Any]]) -> None:
        """Close overdue connections, forever."""
        while True:
            for connection in self.overdue(connections(), time.monotonic()):
                if connection.transport is not None:
                    connection.transport.abort()
            await asyncio.sleep(_LOOK_SECONDS)
