"""How much a terminal is sent, judged by its own answers: what waits anywhere on the way would be late.

Between the game and the terminal there may be buffers of hundreds of kilobytes (pseudo-terminals, ssh, TCP). After
each picture the terminal is asked for a sign of life, which it gives when it has come so far. From the times of these
answers follow the line's delay and its rate, and from these when the line will be free: the next picture may go when it
would come there just then. No terminal and no clock in here: times are given, in seconds.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Final

QUESTION: Final = b"\x1b[5n"
"""A device status report: any terminal since the VT100 answers it."""
PICTURE_S: Final = 0.025
"""What a picture should take of the line, so that 35 a second go through."""

_LOST_S: Final = 3.0
"""After so long without any answer none will come."""
_EARLY_S: Final = 0.01
"""A picture may come before the line is free by so much, since the next chance is a tic later."""
_LATE_S: Final = 0.03
"""An answer later than this tells that the line has become slower."""
_LONGEST_DELAY_S: Final = 0.3
_TELLING_BYTES: Final = 2000
"""Smaller messages say nothing about the rate."""
_MEMORY: Final = 0.8
"""What a picture's share in the rate is multiplied with at each later picture."""
_LEAST_S: Final = 1e-4


class Pace:
    """Keeps account of what was sent and answered. Until the first answer comes it allows everything."""

    def __init__(self) -> None:
        self.delay_s = math.inf
        """From a question to its answer when nothing is in the way: the least there was."""
        self._answers = False
        self._under_way: deque[tuple[float, int]] = deque()
        self._recent_bytes = 0.0
        self._recent_s = 0.0
        self._last_answer = -math.inf

    @property
    def rate(self) -> float:
        """Bytes a second the line takes; infinite while unknown."""
        return self._recent_bytes / self._recent_s if self._recent_s else math.inf

    @property
    def owed(self) -> bool:
        """Whether an answer is still to come."""
        return self._answers and bool(self._under_way)

    def sent(self, now: float, size: int) -> None:
        """So many bytes went out, a question at their end."""
        self._under_way.append((now, size))

    def answered(self, now: float) -> None:
        """An answer came to the oldest question."""
        self._answers = True
        if not self._under_way:
            return
        sent, size = self._under_way.popleft()
        self.delay_s = min(self.delay_s, now - sent)
        if size >= _TELLING_BYTES:
            # the line began with these bytes when they arrived, or when it was done with those before them
            taken = max(now - max(self._last_answer, sent + self.delay_s), _LEAST_S)
            self._recent_bytes = self._recent_bytes * _MEMORY + size
            self._recent_s = self._recent_s * _MEMORY + taken
        self._last_answer = now

    def allows(self, now: float) -> bool:
        """Whether to send another picture now."""
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
        """How many bytes a picture should have."""
        rate = self.rate
        return most if math.isinf(rate) else max(least, min(most, int(rate * PICTURE_S)))
