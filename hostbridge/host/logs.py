"""The bridge's log on the standard error: one line per message, whatever is in it, and no floods.

Names, weapons and errors come from others. A newline in them could fake another message (or, where both outputs
go to one place, a line of the audit log), an escape sequence could repaint an administrator's terminal, and a client
could fill the disk just by making us write.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from typing import Final

MAX_LENGTH: Final = 2000
BURST: Final = 20
BURST_SECONDS: Final = 10.0


def printable(text: str) -> str:
    """The text with control characters, line ends and lone surrogates written as escapes."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text[:MAX_LENGTH]
    )


class OneLine(logging.Formatter):
    """Keeps a message on one line. Tracebacks of our own bugs stay as they are."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The message, made printable."""
        record.message = printable(record.message)
        return super().formatMessage(record)


class Flood(logging.Filter):
    """Lets `BURST` messages of each kind through in `BURST_SECONDS`, then says how many it has held back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._since: dict[object, float] = {}
        self._count: dict[object, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the message may be written. The kind is the message's format string."""
        kind, now = record.msg, self._clock()
        if now - self._since.get(kind, -BURST_SECONDS) >= BURST_SECONDS:
            kept_back = self._count.get(kind, 0) - BURST
            self._since[kind], self._count[kind] = now, 0
            if kept_back > 0:
                record.msg, record.args = f"{record.getMessage()} (and {kept_back} like it, held back)", None
        self._count[kind] += 1
        return self._count[kind] <= BURST


def set_up(quiet: bool) -> None:
    """Log to the standard error; `quiet` for warnings only."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine("hostbridge: %(message)s"))
    handler.addFilter(Flood())
    logging.basicConfig(level=logging.WARNING if quiet else logging.INFO, handlers=[handler])
