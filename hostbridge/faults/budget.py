"""How much a user may do: a rate, and a total while the bridge runs.

A user is the uid that the kernel reports, however many connections there are: a limit that resets on
reconnecting is no limit. A session of the game is one process, or one connection where the kernel cannot tell us
the process, because it runs in another container. In Compose every player of one game is the same user, and each start
of the game is a session.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from hostbridge.model import Code, Peer, RequestError
from hostbridge.policy.rules import Policy

DEFAULT_PER_MINUTE: Final = 120
"""Default kills and wounds of one user a minute; as many refusals are logged. Each writes to the disk."""

MAX_SESSIONS: Final = 4096
"""Number of sessions whose budget is remembered."""


@dataclass(slots=True)
class Bucket:
    """A token bucket: it starts full and refills steadily. It holds `most` tokens, or a minute's worth if that is 0."""

    per_minute: int
    clock: Callable[[], float] = time.monotonic
    most: int = 0
    _tokens: float = field(init=False)
    _filled: float = field(init=False)

    def __post_init__(self) -> None:
        self.most = self.most or self.per_minute
        self._tokens = float(self.most)
        self._filled = self.clock()

    def take(self) -> bool:
        """Take a token; return False when there is none."""
        now = self.clock()
        filled = self._tokens + (now - self._filled) * self.per_minute / 60
        self._tokens, self._filled = min(float(self.most), filled), now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


@dataclass(slots=True)
class User:
    """What one user has left."""

    deeds: Bucket
    refusals: Bucket
    done: int = 0  # kills and wounds started
    unlogged: int = 0  # refusals left out of the log since the last logged one


class Budgets:
    """What each user has left. Used in the event loop's thread only."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._users: dict[int, User] = {}
        self._sessions: OrderedDict[tuple[int, str], int] = OrderedDict()  # kills and wounds by user and session

    def take(self, who: Peer) -> None:
        """Use up one kill or wound. Raises RequestError when there is none left."""
        user, session = self._user(who), (who.uid, who.session)
        budget, own_budget = self._policy.kill_budget, self._policy.session_budget
        if budget and user.done >= budget:
            raise RequestError(Code.RATE_LIMITED, "the kill budget is used up")
        if own_budget and self._sessions.get(session, 0) >= own_budget:
            raise RequestError(Code.RATE_LIMITED, "the kill budget of this session is used up")
        if not user.deeds.take():
            raise RequestError(Code.RATE_LIMITED, f"no more than {user.deeds.per_minute} kills a minute")
        user.done += 1
        if own_budget:
            self._sessions[session] = self._sessions.pop(session, 0) + 1
            if len(self._sessions) > MAX_SESSIONS:
                self._sessions.popitem(last=False)

    def may_log_refusal(self, who: Peer) -> tuple[bool, int]:
        """Whether to log a refusal, and how many were left out before it."""
        user = self._user(who)
        if not user.refusals.take():
            user.unlogged += 1
            return False, 0
        unlogged, user.unlogged = user.unlogged, 0
        return True, unlogged

    def _user(self, who: Peer) -> User:
        found = self._users.get(who.uid)
        if found is None:
            rate = self._policy.kills_per_minute or DEFAULT_PER_MINUTE
            found = self._users[who.uid] = User(Bucket(rate), Bucket(DEFAULT_PER_MINUTE))
        return found
