"""The bridge's end of the helper's socket: one helper at a time, whose every line is checked.

Whoever is connected may say how probes are and which messages have arrived, and nothing else. A line that does not
belong here, or too many of them, ends the connection; so does silence, since a helper that hangs must make room for a
new one.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from hostbridge.faults.budget import Bucket
from hostbridge.host.sockets import InheritedSocket, ListeningSocket
from hostbridge.host.workers import Workers
from hostbridge.outside import wire
from hostbridge.outside.board import ProbeBoard
from hostbridge.outside.hookqueue import HookQueue
from hostbridge.outside.wire import HelperLineError, ProbeResult, Send, Sent
from hostbridge.policy.outside_file import MAX_PROBES

SILENCE_SECONDS: Final = 10.0
"""A helper that says nothing for so long is gone."""
LINES_A_MINUTE: Final = 60 * (4 * MAX_PROBES + 64)
"""Twice what the most probes can say, and room for hooks."""
MAX_BEHIND: Final = 1024 * 1024
"""Bytes that a helper may leave unread."""
CLOSE_SECONDS: Final = 1.0
"""How long shutting down waits for the last messages to be sent."""

log = logging.getLogger("hostbridge")


@dataclass(slots=True)
class HelperDesk:
    """Listens for the helper, and tells board and hooks what it says."""

    listening: ListeningSocket | InheritedSocket
    board: ProbeBoard
    hooks: HookQueue
    _server: asyncio.Server | None = None
    _helper: asyncio.StreamWriter | None = None

    @property
    def is_connected(self) -> bool:
        """Whether a helper is there."""
        return self._helper is not None

    async def start(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_unix_server(self._meet, sock=self.listening.socket, limit=wire.MAX_LINE)

    async def close(self) -> None:
        """Give the last messages a moment, then close."""
        deadline = asyncio.get_running_loop().time() + CLOSE_SECONDS
        while self._helper is not None and self.hooks.waiting and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)
        if self._server is not None:
            self._server.close()
        if self._helper is not None:
            self._helper.transport.abort()
            self._helper = None
        names = self.board.stop()
        self.hooks.stop()
        self.listening.close()
        writer = Workers(1, "desk")
        await asyncio.get_running_loop().run_in_executor(writer, self._write_last, names)
        writer.close(0)

    def _write_last(self, names: list[str]) -> None:
        self.board.close(names)
        self.hooks.close()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._helper is not None:
            log.warning("refused a second helper: one is connected")
            writer.transport.abort()
            return
        self._helper = writer
        log.info("the helper for probes and hooks is connected")
        self.hooks.helper_came(lambda message: self._send(writer, message))
        try:
            await self._listen(reader)
            log.warning("the helper for probes and hooks has left")
        except TimeoutError:
            log.warning("the helper for probes and hooks says nothing: disconnected")
        except (OSError, ValueError) as error:
            log.warning("the helper for probes and hooks is disconnected: %s", error)
        finally:
            writer.transport.abort()
            if self._helper is writer:
                self._helper = None
                self.hooks.helper_left()
                self.board.helper_left()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        """Take lines until the helper leaves. Raises TimeoutError, OSError or ValueError."""
        allowed = Bucket(LINES_A_MINUTE)
        strangers: set[str] = set()
        while True:
            async with asyncio.timeout(SILENCE_SECONDS):
                line = await reader.readline()
            if self._helper is None or not line.endswith(b"\n"):  # we are closing, or it has left
                return
            if not allowed.take():
                raise HelperLineError("it says too much")
            message = wire.from_helper(line)
            if isinstance(message, ProbeResult):
                if not self.board.take(message) and not strangers:
                    strangers.add(message.probe)
                    log.warning("the helper's policy has other probes than the bridge's: start both with the same")
            elif isinstance(message, Sent):
                self.hooks.sent(message.number, message.ok, message.reason)

    def _send(self, writer: asyncio.StreamWriter, message: Send) -> None:
        writer.write(wire.line_of(message))
        if writer.transport.get_write_buffer_size() > MAX_BEHIND:
            writer.transport.abort()
