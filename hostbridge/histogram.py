"""How long things take: durations sorted into buckets, as Prometheus counts them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

BOUNDS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the buckets in seconds: a `list` is to be answered in less than 0.005, an engine takes long."""


class Histogram:
    """Durations of one kind."""

    __slots__ = ("_buckets", "count", "seconds")

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0  # altogether
        self._buckets = [0] * (len(BOUNDS) + 1)

    def observe(self, seconds: float) -> None:
        """Count one duration."""
        self.count += 1
        self.seconds += seconds
        self._buckets[bisect_left(BOUNDS, seconds)] += 1

    def lines(self, name: str, labels: str = "") -> Iterator[str]:
        """The samples in Prometheus's text format; `labels` is ``key="value"`` or nothing."""
        total = 0
        for bound, number in zip((*map(str, BOUNDS), "+Inf"), self._buckets, strict=True):
            total += number
            yield f'{name}_bucket{{{labels}{"," if labels else ""}le="{bound}"}} {total}'
        braces = f"{{{labels}}}" if labels else ""
        yield f"{name}_sum{braces} {self.seconds:.6f}"
        yield f"{name}_count{braces} {self.count}"
