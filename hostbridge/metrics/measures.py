"""What the bridge counts and times. Without ``--metrics`` nobody keeps it; `prometheus` does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class State:
    """What is not counted but looked at when the page is asked for."""

    targets: int
    protected: int
    engine_up: bool
    connections: int


class Measures:
    """Told of everything, from the event loop's thread; this one forgets it."""

    def request(self, kind: str, seconds: float) -> None:
        """A request was answered (of a kill: begun) in this time."""

    def kill(self, result: str, seconds: float) -> None:
        """A kill came to an end: ``ok`` or an error code, this long after it was asked for."""
