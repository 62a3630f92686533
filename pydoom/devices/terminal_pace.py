"""How much to send to a terminal, judged by its answers: whatever queues on the way would be late.

Between the game and the terminal there may be buffers of hundreds of kilobytes (pseudo-terminals, ssh, TCP). After each
frame comes a query, which the terminal answers when it gets there. The times of these answers give the line's delay and
rate, and those tell when the line will be free: the next frame is sent so that it arrives just then. No terminal and no
clock in here: times are arguments, in seconds.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Final

QUESTION: Final = b"\x1b[5n"
"""A device status report: any terminal since the VT100 answers it."""
FRAME_ON_LINE_S: Final = 0.025
"""Target time for sending a frame, in seconds, so that 35 a second go through."""

_LOST_S: Final = 3.0
"""Seconds without any answer after which none is expected."""
_EARLY_S: Final = 0.01
"""Seconds a frame may arrive before the line is free, since the next chance is a tic later."""
_LATE_S: Final = 0.03
"""Seconds of lateness of an answer that mean the line has become slower."""
_LONGEST_DELAY_S: Final = 0.3
_TELLING_BYTES: Final = 2000
"""Messages with fewer bytes say nothing about the rate."""
_MEMORY: Final = 0.8
"""Factor by which a frame's weight in the rate shrinks with each later frame."""
_LEAST_S: Final = 1e-4


class Pace:
    """Keeps track of what was sent and answered. Until the first answer it allows everything."""

    def __init__(self) -> None:
        self.delay_s = math.inf
        """Round-trip time in seconds on a free line: the shortest so far."""
        self._answers = False
        self._under_way: deque[tuple[float, int]] = deque()
        self._recent_bytes = 0.0
        self._recent_s = 0.0
        self._last_answer = -math.inf

    @property
    def rate(self) -> float:
        """The line's rate in bytes a second; infinite while unknown."""
        return self._recent_bytes / self._recent_s if self._recent_s else math.inf

    @property
    def owed(self) -> bool:
        """Whether an answer is still due."""
        return self._answers and bool(self._under_way)

    def sent(self, now: float, size: int) -> None:
        """Note that `size` bytes were sent, ending with a query."""
        self._under_way.append((now, size))

    def answered(self, now: float) -> None:
        """Note an answer to the oldest query."""
        self._answers = True
        if not self._under_way:
            return
        sent, size = self._under_way.popleft()
        self.delay_s = min(self.delay_s, now - sent)
        if size >= _TELLING_BYTES:
            # the line started on these bytes when they arrived, or when it had finished the ones before
            taken = max(now - max(self._last_answer, sent + self.delay_s), _LEAST_S)
            self._recent_bytes = self._recent_bytes * _MEMORY + size
            self._recent_s = self._recent_s * _MEMORY + taken
        self._last_answer = now

    def allows(self, now: float) -> bool:
        """Whether to send another frame now."""
        if self._under_way and now - max(self._under_way[0][0], self._last_answer) > _LOST_S:
            self._under_way.clear()
        if not self._answers or not self._under_way:
            return True
        if math.isinf(self.rate):
            return False
        expected = [self._last_answer]
        for sent, size in self._under_way:
            expected.append(max(expected[-1], sent + self.delay_s) + size / self.rate)
        return now < expected[1] + _LATE_S and expected[-1] <= now + min(self.delay_s, _LONGEST_DELAY_S) + _EARLY_S

    def budget(self, most: int, least: int) -> int:
        """The byte budget of a frame."""
        rate = self.rate
        return most if math.isinf(rate) else max(least, min(most, int(rate * FRAME_ON_LINE_S)))
