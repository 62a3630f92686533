"""Sends to a terminal and reads from it, on a thread of its own: a slow line delays only the next frame.

Input is kept with its arrival time, since the answers show how fast the line is.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from typing import Final

_WRITE_BYTES: Final = 65536
_READ_BYTES: Final = 4096


class TerminalWire:
    """The connection to an open terminal, whose file `fd` does not block."""

    def __init__(self, fd: int) -> None:
        self.gone = False
        """Whether the terminal is gone."""
        self._fd = fd
        self._waiting = b""
        self._heard: list[tuple[float, bytes]] = []
        self._closing = False
        # needs the default, a reentrant lock, because signal handlers may enter again
        self._change = threading.Condition()
        self._wake_reader, self._wake_writer = os.pipe()
        os.set_blocking(self._wake_writer, False)
        self._thread = threading.Thread(target=self._run, name="terminal", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether data is still waiting to go out."""
        return bool(self._waiting)

    def send(self, data: bytes) -> None:
        """Queue `data`; returns at once."""
        with self._change:
            if not self.gone:
                self._waiting += data
        self._wake()

    def received(self) -> list[tuple[float, bytes]]:
        """What arrived since the last call, and when (`time.monotonic`)."""
        with self._change:
            heard, self._heard = self._heard, []
        return heard

    def wait(self, timeout_s: float) -> None:
        """Wait for input, the loss of the terminal, or the time-out."""
        with self._change:
            self._change.wait_for(lambda: self._heard or self.gone, timeout_s)

    def flush(self, timeout_s: float) -> None:
        """Wait until everything has gone out, or for the time-out."""
        with self._change:
            self._change.wait_for(lambda: not self._waiting, timeout_s)

    def close(self, timeout_s: float) -> None:
        """Send what is waiting, within the time-out, and end the thread."""
        self.flush(timeout_s)
        self._closing = True
        self._wake()
        self._thread.join(timeout_s)
        if not self._thread.is_alive():
            os.close(self._wake_reader)
            os.close(self._wake_writer)

    def _wake(self) -> None:
        with contextlib.suppress(OSError):  # full: it will wake up anyway; closed: nobody left to wake
            os.write(self._wake_writer, b"!")

    def _run(self) -> None:
        while not (self._closing or self.gone):
            writers = [self._fd] if self._waiting else []
            readable, writable, _ = select.select([self._fd, self._wake_reader], writers, [])
            if self._wake_reader in readable:
                os.read(self._wake_reader, _READ_BYTES)
            try:
                if self._fd in readable:
                    self._read()
                if writable:
                    self._write()
            except BlockingIOError:
                continue
            except OSError:
                self._lose()

    def _read(self) -> None:
        data = os.read(self._fd, _READ_BYTES)
        if not data:
            self._lose()
            return
        with self._change:
            self._heard.append((time.monotonic(), data))
            self._change.notify_all()

    def _write(self) -> None:
        sent = os.write(self._fd, self._waiting[:_WRITE_BYTES])
        with self._change:
            self._waiting = self._waiting[sent:]
            self._change.notify_all()

    def _lose(self) -> None:
        with self._change:
            self.gone = True
            self._waiting = b""
            self._change.notify_all()
