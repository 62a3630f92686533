"""How much one user may still do: a number of kills and a rate."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from hostbridge.model import Code, RequestError
from hostbridge.policy.rules import Policy


@dataclass(slots=True)
class Budget:
    """How much one user may still kill: a number of kills and a rate, as a bucket that fills up."""

    per_minute: int
    kills: int
    clock: Callable[[], float] = time.monotonic
    _tokens: float = field(init=False)
    _filled: float = field(init=False)

    def __post_init__(self) -> None:
        self._tokens = float(self.per_minute)
        self._filled = self.clock()

    def take(self) -> None:
        """Use up one kill. Raises RequestError when there is none."""
        if self.per_minute:
            now = self.clock()
            filled = self._tokens + (now - self._filled) * self.per_minute / 60
            self._tokens, self._filled = min(float(self.per_minute), filled), now
            if self._tokens < 1:
                raise RequestError(Code.RATE_LIMITED, f"no more than {self.per_minute} kills a minute")
        if self.kills == 0:
            raise RequestError(Code.RATE_LIMITED, "the kill budget is used up")
        self._tokens -= 1
        self.kills -= 1  # a negative number never reaches zero: no limit

    @classmethod
    def of(cls, policy: Policy) -> Budget:
        """A fresh one, as the policy says."""
        return cls(policy.kills_per_minute, policy.kill_budget or -1)
