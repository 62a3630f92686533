"""One kill or wound in progress: who asked for what, and its deadline.

Between the shot and the act lie a queue, the audit log and calls to an engine, and each of them may hang. The
client still gets its answer at the deadline. So that "nothing was done" stays true afterwards, a worker must
call `begin` right before it acts.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from hostbridge.fault import Fault
from hostbridge.model import Container, Peer


@dataclass(frozen=True, slots=True)
class GroupBefore:
    """A victim's group before it was touched: how many must be well again afterwards, and the IDs of all."""

    wanted: int = 0
    members: frozenset[str] = frozenset()


@dataclass(slots=True)
class Attempt:
    """What to do to which container, for whom. Without a fault it is a wound."""

    who: Peer
    container: Container
    fault: Fault | None
    weapon: str
    deadline: float  # in the monotonic clock
    before: GroupBefore = GroupBefore()
    kill: str = ""  # its number in the audit log, once it has one
    began: float = 0.0  # when the act started, in the monotonic clock
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _abandoned: bool = False
    _begun: bool = False

    @property
    def deed(self) -> str:
        """The name of the action in the audit log."""
        return "wound" if self.fault is None else str(self.fault.action)

    @property
    def seconds(self) -> float:
        """How long until it is undone; 0 for never."""
        return self.fault.seconds if self.fault else 0.0

    @property
    def seconds_left(self) -> float:
        """Time until the deadline."""
        return max(0.0, self.deadline - time.monotonic())

    def begin(self) -> bool:
        """Start the act, if there is still time. From then on only the engine knows whether it happened."""
        with self._lock:
            self.began = time.monotonic()
            self._begun = not self._abandoned and self.began < self.deadline
            return self._begun

    def abandon(self) -> bool:
        """Make sure that the act never starts; return False when it already has."""
        with self._lock:
            self._abandoned = not self._begun
            return self._abandoned
