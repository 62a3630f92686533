"""What the bridge counts and times. Without ``--metrics`` it is ignored; `prometheus` keeps it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BridgeStatus:
    """Gauges, read when the page is requested."""

    targets: int
    protected: int
    engine_up: bool
    connections: int


class Measures:
    """Receives every count and time in the event loop's thread, and ignores them."""

    def request(self, kind: str, seconds: float) -> None:
        """Note that a request was answered (a kill: started) in this time."""

    def recovery(self, seconds: float | None) -> None:
        """Note how long a victim's group took to recover; None if it did not in time."""

    def kill(self, result: str, seconds: float) -> None:
        """Note a kill's result, ``ok`` or an error code, and its time since the request."""
