"""Restarts of each container since the bridge began to listen, counted from the engine's events.

The engine's list leaves them out, and inspecting every container would cost a call each.
"""

from __future__ import annotations

from typing import Final

_ENDS: Final = frozenset({"die", "died"})
_GONE: Final = frozenset({"destroy", "remove"})


class Restarts:
    """Written by the thread that hears the events, read by any other."""

    def __init__(self) -> None:
        self._ended: set[str] = set()
        self._counts: dict[str, int] = {}

    def heard(self, action: str, container_id: str) -> None:
        """Note an engine event: a start after an end is a restart."""
        if action in _ENDS:
            self._ended.add(container_id)
        elif action == "start" and container_id in self._ended:
            self._ended.discard(container_id)
            self._counts[container_id] = self._counts.get(container_id, 0) + 1
        elif action in _GONE:
            self._ended.discard(container_id)
            self._counts.pop(container_id, None)

    def of(self, container_id: str) -> int:
        """Restarts heard of so far."""
        return self._counts.get(container_id, 0)
