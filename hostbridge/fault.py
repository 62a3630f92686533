"""What a kill does to a container, and its parameters: for how long, with which signal, how much CPU or memory is left.

`Fault.parse` reads the short form used by flags (``pause:20``); `policy.file` reads a policy's table.
"""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass
from typing import Final

from hostbridge.model import KillAction

UNDOABLE: Final = frozenset({KillAction.PAUSE, KillAction.DISCONNECT, KillAction.THROTTLE, KillAction.SQUEEZE})
"""Actions that can be undone: they last for a time, then the bridge undoes them."""

TIMED: Final = UNDOABLE - {KillAction.PAUSE}
"""Actions that are always temporary; a pause may be for good."""

MAX_SECONDS: Final = 24 * 3600.0
DEFAULT_SECONDS: Final = 20.0
DEFAULT_CPUS: Final = 0.05
MIN_CPUS: Final = 0.01
"""The kernel's smallest quota: 1 ms of every 100 ms."""
MAX_CPUS: Final = 1024.0
DEFAULT_MEMORY: Final = 64 * 1024 * 1024
MIN_MEMORY: Final = 6 * 1024 * 1024
"""Engines refuse a smaller limit."""
MAX_MEMORY: Final = 1 << 50

_SHORT: Final = re.compile(r"([a-z]+)(?::([0-9]{1,6}(?:\.[0-9]{1,3})?)s?)?", re.ASCII)
_SIZE: Final = re.compile(r"([0-9]{1,15})([kmg]?)", re.ASCII | re.IGNORECASE)
_UNITS: Final = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
SIGNALS: Final = frozenset(each.name for each in signal.Signals)


class FaultError(ValueError):
    """An impossible fault; the text says why."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One of the eight things that a kill can mean. Raises FaultError when a parameter does not fit the action."""

    action: KillAction
    seconds: float = 0.0  # until the bridge undoes it; 0 for good
    signal: str = ""  # of a kill, such as SIGTERM; when empty, the engine's default (SIGKILL)
    cpus: float = 0.0  # left to a throttled container
    memory: int = 0  # bytes left to a squeezed container

    def __post_init__(self) -> None:
        if not 0 <= self.seconds <= MAX_SECONDS:
            raise FaultError(f"seconds must be between 0 and {MAX_SECONDS:.0f}")
        if self.seconds and self.action not in UNDOABLE:
            raise FaultError(f"{self.action} cannot be undone, so it takes no seconds")
        if self.action in TIMED and not self.seconds:
            raise FaultError(f"{self.action} is always temporary: give it seconds")
        if self.signal and self.action is not KillAction.KILL:
            raise FaultError(f"{self.action} takes no signal")
        if self.signal and self.signal not in SIGNALS:
            raise FaultError(f"unknown signal {self.signal!r}; write it like SIGTERM")
        if self.cpus and self.action is not KillAction.THROTTLE:
            raise FaultError(f"{self.action} takes no cpus")
        if self.memory and self.action is not KillAction.SQUEEZE:
            raise FaultError(f"{self.action} takes no memory")
        if self.action is KillAction.THROTTLE and not MIN_CPUS <= self.cpus <= MAX_CPUS:
            raise FaultError(f"cpus must be between {MIN_CPUS} and {MAX_CPUS:.0f}")
        if self.action is KillAction.SQUEEZE and not MIN_MEMORY <= self.memory <= MAX_MEMORY:
            raise FaultError(f"memory must be between {MIN_MEMORY // (1 << 20)} MiB and {MAX_MEMORY >> 40} TiB")

    @classmethod
    def of(cls, action: KillAction, seconds: float | None = None, **measures: object) -> Fault:
        """A fault with the default for each parameter that is not given. Raises FaultError."""
        if seconds is None:
            seconds = DEFAULT_SECONDS if action in TIMED else 0.0
        if action is KillAction.THROTTLE:
            measures = {"cpus": DEFAULT_CPUS} | measures
        if action is KillAction.SQUEEZE:
            measures = {"memory": DEFAULT_MEMORY} | measures
        return cls(action, seconds, **measures)  # type: ignore[arg-type]

    @classmethod
    def parse(cls, text: str) -> Fault:
        """Read ``ACTION`` or ``ACTION:SECONDS``. Raises FaultError."""
        found = _SHORT.fullmatch(text)
        if not found or found[1] not in set(KillAction):
            raise FaultError(
                f"{text!r} is not one of {', '.join(KillAction)}, or one of them with seconds, such as pause:20"
            )
        return cls.of(KillAction(found[1]), float(found[2]) if found[2] else None)

    def __str__(self) -> str:
        return f"{self.action} for {self.seconds:g} s" if self.seconds else str(self.action)


def bytes_of(text: str) -> int:
    """Bytes of a size like ``64m``. Raises FaultError."""
    found = _SIZE.fullmatch(text)
    if not found:
        raise FaultError(f"{text!r} is not a size: write 64m, 512k or a number of bytes")
    return int(found[1]) * _UNITS[found[2].lower()]
