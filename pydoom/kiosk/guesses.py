"""Limits guesses at the password, in total and per address, without locking out those who know it.

Only wrong answers count. After a burst, two a second are judged per address, in the order they arrive. So more
connections do not make guessing faster, and a right answer among wrong ones gets its turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import ipaddress
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

MAX_WAITING: Final = 64
"""Answers from one address that may wait to be judged; more are refused unjudged."""
MAX_WAITING_IN_ALL: Final = 256
_IPV6_SITE_BITS: Final = 64
"""An IPv6 network of this size counts as one address, since one person usually has all of it."""


class Guess(enum.Enum):
    """The judgement of an answer."""

    RIGHT = enum.auto()
    WRONG = enum.auto()
    UNJUDGED = enum.auto()
    """Too many answers were waiting already."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How many wrong answers are allowed: `burst` at once, `per_second` in the long run."""

    burst: int
    per_second: float


OF_ONE: Final = Rate(20, 2.0)
IN_ALL: Final = Rate(100, 5.0)


class GuessLimit:
    """Judges answers. The VNC port and the page share one."""

    def __init__(self, of_one: Rate = OF_ONE, in_all: Rate = IN_ALL) -> None:
        self._of_one = of_one
        self._all = _Waiting(in_all)
        self._lines: dict[str, _Waiting] = {}

    async def judge(self, address: str, right: bool) -> Guess:
        """Wait for this answer's turn. Cancel it when the viewer is gone."""
        line = self._line(address)
        if line.waiting >= MAX_WAITING or self._all.waiting >= MAX_WAITING_IN_ALL:
            return Guess.UNJUDGED
        async with line.turn(), self._all.turn():
            if right:
                return Guess.RIGHT
            line.count_failure()
            self._all.count_failure()
            return Guess.WRONG

    def _line(self, address: str) -> _Waiting:
        # forgetting an idle line changes nothing: a new one is in the same state
        self._lines = {each: line for each, line in self._lines.items() if not line.is_idle()}
        return self._lines.setdefault(_site(address), _Waiting(self._of_one))


@dataclass(slots=True)
class _Waiting:
    """A queue of answers, and a leaky bucket of failures."""

    rate: Rate
    waiting: int = 0
    _failures: float = 0.0
    """Failures that have not leaked away yet."""
    _at: float = field(default_factory=time.monotonic)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        self.waiting += 1
        try:
            async with self._lock:
                while (surplus := self._owed() - (self.rate.burst - 1)) > 0:
                    await asyncio.sleep(surplus / self.rate.per_second)
                yield
        finally:
            self.waiting -= 1

    def count_failure(self) -> None:
        self._failures = self._owed() + 1

    def is_idle(self) -> bool:
        return not self.waiting and not self._owed()

    def _owed(self) -> float:
        now = time.monotonic()
        self._failures = max(0.0, self._failures - (now - self._at) * self.rate.per_second)
        self._at = now
        return self._failures


def _site(address: str) -> str:
    """The address, or the network of an IPv6 address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    return str(ipaddress.ip_network((int(found), _IPV6_SITE_BITS), strict=False))
