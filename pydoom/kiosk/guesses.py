"""Limits guesses at the password without locking out those who know it.

Only wrong answers count. After a burst, answers are judged at a fixed rate, and right ones wait like wrong ones: judged
at once, they would tell a guesser at once, too. Answers wait in lanes, one for each address at the VNC port and one for
each at the page. Lanes take turns, and the answers of a lane are judged in the order they arrive. So more connections
do not make guessing faster, and a flood of guesses delays its own lane, not the others.
"""

from __future__ import annotations

import asyncio
import enum
import ipaddress
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Final

MAX_WAITING: Final = 400
"""Answers that may wait to be judged; beyond it the longest lane loses its last, or the newcomer is refused."""
_ROUNDING: Final = 1e-6
"""The share of a failure that is lost in sums of times."""
_IPV6_SITE_BITS: Final = 64
"""An IPv6 network of this size counts as one address, since one person usually has all of it."""


class Guess(enum.Enum):
    """The judgement of an answer."""

    RIGHT = enum.auto()
    WRONG = enum.auto()
    UNJUDGED = enum.auto()
    """Too many answers were waiting already."""


class Entrance(enum.Enum):
    """Where an answer was given."""

    VNC = enum.auto()
    PAGE = enum.auto()


@dataclass(frozen=True, slots=True)
class Rate:
    """How many wrong answers are judged: `burst` at once, `per_second` in the long run."""

    burst: int
    per_second: float


GUESSABLE: Final = Rate(20, 2.0)
"""For a password that somebody chose: all numbers of four digits take 83 minutes."""
RANDOM: Final = Rate(1000, 50.0)
"""For one of `passwords.new_password`: half of the 2**40 take more than 300 years."""


class GuessLimit:
    """Judges answers. The VNC port and the page share one."""

    def __init__(self, rate: Rate = GUESSABLE) -> None:
        self._rate = rate
        self._lanes: OrderedDict[tuple[Entrance, str], deque[_Waiting]] = OrderedDict()
        """Those with waiting answers; the first is the next one's turn."""
        self._failures = 0.0
        """Failures that have not leaked away yet (a leaky bucket), as of `_at`."""
        self._at = 0.0
        """In seconds of the event loop's clock."""
        self._timer: asyncio.TimerHandle | None = None

    async def judge(self, entrance: Entrance, address: str, right: bool) -> Guess:
        """Wait for this answer's turn. Cancel it when the viewer is gone."""
        lane = entrance, _site(address)
        if not self._has_room_in(lane):
            return Guess.UNJUDGED
        answer = _Waiting(right)
        self._lanes.setdefault(lane, deque()).append(answer)
        self._serve()
        try:
            return await answer.verdict
        finally:
            self._remove(lane, answer)

    def _has_room_in(self, lane: tuple[Entrance, str]) -> bool:
        """Whether one more may wait there, for which the longest lane may lose its last answer."""
        if sum(map(len, self._lanes.values())) < MAX_WAITING:
            return True
        longest = max(self._lanes.values(), key=len)
        if len(longest) <= len(self._lanes.get(lane, ())) + 1:
            return False
        longest.pop().settle(Guess.UNJUDGED)
        return True

    def _serve(self) -> None:
        """Judge as many answers as the rate allows now, and come back for the rest."""
        while self._lanes and self._timer is None:
            surplus = self._owed() - (self._rate.burst - 1)
            if surplus > _ROUNDING:
                self._timer = asyncio.get_running_loop().call_later(surplus / self._rate.per_second, self._resume)
                return
            lane, answers = next(iter(self._lanes.items()))
            answer = answers.popleft()
            self._lanes.move_to_end(lane)
            if not answers:
                del self._lanes[lane]
            if not answer.right:
                self._failures += 1
            answer.settle(Guess.RIGHT if answer.right else Guess.WRONG)

    def _resume(self) -> None:
        self._timer = None
        self._serve()

    def _remove(self, lane: tuple[Entrance, str], answer: _Waiting) -> None:
        """Forget an answer that is no longer waited for, if it was not judged."""
        answers = self._lanes.get(lane)
        if answers is not None and answer in answers:
            answers.remove(answer)
            if not answers:
                del self._lanes[lane]

    def _owed(self) -> float:
        """The failures that have not leaked away by now."""
        now = asyncio.get_running_loop().time()
        self._failures = max(0.0, self._failures - (now - self._at) * self._rate.per_second)
        self._at = now
        return self._failures


@dataclass(slots=True, eq=False)
class _Waiting:
    """A waiting answer."""

    right: bool
    verdict: asyncio.Future[Guess] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def settle(self, guess: Guess) -> None:
        if not self.verdict.done():  # cancelled, but not yet removed
            self.verdict.set_result(guess)


def _site(address: str) -> str:
    """The address, or the network of an IPv6 address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    return str(ipaddress.ip_network((int(found), _IPV6_SITE_BITS), strict=False))
