"""What the bridge counts and times. Without ``--metrics`` it is ignored; `prometheus` keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class BridgeStatus:
    """Gauges, read when the page is requested."""

    targets: int
    protected: int
    engine_up: bool
    connections: int
    probes_up: Mapping[str, bool] = field(default_factory=dict)  # by name, without those that are unknown
    helper_connected: bool | None = None  # None if the policy needs no helper
    hooks_waiting: int = 0  # messages that have not reached their hook yet


class Measures:
    """Receives every count and time in the event loop's thread, and ignores them."""

    def request(self, kind: str, seconds: float) -> None:
        """Note that a request was answered (a kill: started) in this time."""

    def recovery(self, seconds: float | None) -> None:
        """Note how long a victim's group took to recover; None if it did not in time."""

    def kill(self, result: str, seconds: float) -> None:
        """Note a kill's result, ``ok`` or an error code, and its time since the request."""

    def probe(self, name: str, ok: bool, seconds: float) -> None:
        """Note a probe's answer, and the time it took."""

    def hook(self, name: str, result: str, count: int = 1) -> None:
        """Note what became of messages for a hook: ``delivered``, ``failed`` or ``dropped``."""
