"""One kill or wound under way: who asked for what, and until when it may be carried out.

Between the shot and the deed lie a queue, the audit log and questions to an engine, and each of them may hang. The
client gets its answer at the deadline all the same. So that "nothing was done" stays true afterwards, a worker has to
ask `begin` right before it acts.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from hostbridge.model import Action, Container, Peer


@dataclass(slots=True)
class Attempt:
    """What is to be done. Without an action it is a wound."""

    who: Peer
    container: Container
    action: Action | None
    weapon: str
    deadline: float  # in the monotonic clock
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _abandoned: bool = False
    _begun: bool = False

    @property
    def deed(self) -> str:
        """What the audit log calls it."""
        return "wound" if self.action is None else str(self.action)

    @property
    def seconds_left(self) -> float:
        """Time until the deadline."""
        return max(0.0, self.deadline - time.monotonic())

    def begin(self) -> bool:
        """Whether it may still be done. From then on it is not known whether it was, until the engine says so."""
        with self._lock:
            self._begun = not self._abandoned and time.monotonic() < self.deadline
            return self._begun

    def abandon(self) -> bool:
        """Make sure that it is not done any more; return False when it has begun."""
        with self._lock:
            self._abandoned = not self._begun
            return self._abandoned
