"""What goes to a terminal, written by a thread of its own: a slow line holds up nobody but the next picture."""

from __future__ import annotations

import os
import select
import threading
import time
from typing import Final

_WRITE_BYTES: Final = 65536
_LOOK_UP_S: Final = 0.2


class Line:
    """The way to an open terminal, whose file `fd` does not block."""

    def __init__(self, fd: int) -> None:
        self.gone = False
        """The terminal is not there any more."""
        self.bytes_sent = 0
        self._fd = fd
        self._waiting = b""
        self._closing = False
        # entered again by a signal's handler: the default, a lock that its holder may take twice, is needed
        self._change = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="terminal", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether something has not gone out yet."""
        return bool(self._waiting)

    def send(self, data: bytes) -> None:
        """Send `data` after what is waiting; returns at once."""
        with self._change:
            if not self.gone:
                self._waiting += data
                self._change.notify_all()

    def close(self, timeout_s: float) -> None:
        """Send what is waiting, for at most so long, and end the thread."""
        until = time.monotonic() + timeout_s
        with self._change:
            while self._waiting and time.monotonic() < until:
                self._change.wait(until - time.monotonic())
            self._closing = True
            self._change.notify_all()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            with self._change:
                while not self._waiting and not self._closing:
                    self._change.wait()
                if self._closing:
                    return
                piece = self._waiting[:_WRITE_BYTES]
            try:
                select.select([], [self._fd], [], _LOOK_UP_S)
                sent = os.write(self._fd, piece)
            except BlockingIOError:
                continue
            except OSError:
                sent = len(piece)
                self.gone = True
            with self._change:
                self._waiting = b"" if self.gone else self._waiting[sent:]
                self.bytes_sent += sent
                self._change.notify_all()
            if self.gone:
                return
