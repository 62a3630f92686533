"""Passes bytes between admitted viewers and x11vnc, which listens on a Unix socket without a password of its own.

x11vnc serves all viewers from one thread, so it must never wait for one of them: its output is read at once and
buffered here until the viewer has taken it. A viewer that does not keep up is disconnected.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

from pydoom.kiosk import rfb
from pydoom.kiosk.tasks import until_one_ends

MAX_VIEWERS: Final = 32
MAX_BEHIND_BYTES: Final = 16 << 20
"""The most that is buffered for one viewer: 16 frames of 640x400. Viewers request one frame after another."""
STALLED_SECONDS: Final = 20.0
"""How long either side may take to read what was sent to it."""
_READ_BYTES: Final = 1 << 16
_START_SECONDS: Final = 10.0
"""How long a viewer waits for x11vnc while it is being restarted."""

Send = Callable[[bytes], Awaitable[None]]


class RelayError(Exception):
    """There is no VNC server to relay to, or no room for another viewer; the message is for the viewer."""


class Relay:
    """Connects viewers to one x11vnc. `changed` is called with the number of viewers whenever it changes."""

    def __init__(self, x11vnc: Path, changed: Callable[[int], None]) -> None:
        self._x11vnc = x11vnc
        self._changed = changed
        self.viewers = 0

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A new connection to x11vnc for one viewer, counted while it lasts. Raises `RelayError`."""
        if self.viewers >= MAX_VIEWERS:
            raise RelayError(f"{MAX_VIEWERS} viewers are connected already")
        self._count(1)
        try:
            reader, writer = await self._connect()
            try:
                yield reader, writer
            finally:
                writer.transport.abort()  # with nothing left to say to it
        finally:
            self._count(-1)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                return await asyncio.open_unix_connection(self._x11vnc)
            except OSError as error:
                if time.monotonic() > deadline:
                    raise RelayError("the VNC server does not answer") from error
            await asyncio.sleep(0.1)

    def _count(self, more: int) -> None:
        self.viewers += more
        self._changed(self.viewers)


async def skip_security(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Do the handshake with x11vnc on behalf of a viewer that is already admitted. Raises `RelayError`."""
    try:
        async with asyncio.timeout(_START_SECONDS):
            await reader.readexactly(len(rfb.VERSION))
            writer.write(rfb.VERSION)
            kinds = await reader.readexactly((await reader.readexactly(1))[0])
            if rfb.SECURITY_NONE not in kinds:
                raise RelayError("the VNC server asks for a password")
            writer.write(bytes((rfb.SECURITY_NONE,)))
            if any(await reader.readexactly(4)):
                raise RelayError("the VNC server refuses")
    except (OSError, asyncio.IncompleteReadError) as error:
        raise RelayError("the VNC server does not answer") from error


async def pass_on(
    viewer: AsyncIterator[bytes], send: Send, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Pass bytes both ways until either side ends, or one of them does not keep up."""
    outbox = _Outbox()
    await until_one_ends(_to_server(viewer, writer), _to_outbox(reader, outbox), outbox.empty_into(send))


class _Outbox:
    """Bytes that a viewer has not taken yet."""

    def __init__(self) -> None:
        self._parts: deque[bytes] = deque()
        self._bytes = 0
        self._filled = asyncio.Event()

    def put(self, data: bytes) -> bool:
        """Add data; return whether there was room."""
        self._parts.append(data)
        self._bytes += len(data)
        self._filled.set()
        return self._bytes <= MAX_BEHIND_BYTES

    async def empty_into(self, send: Send) -> None:
        """Keep sending what is put in; return when the viewer takes nothing for a while."""
        while True:
            await self._filled.wait()
            while self._parts:
                data = self._parts.popleft()
                try:
                    async with asyncio.timeout(STALLED_SECONDS):
                        await send(data)
                except TimeoutError:
                    return
                self._bytes -= len(data)
            self._filled.clear()


async def _to_server(viewer: AsyncIterator[bytes], writer: asyncio.StreamWriter) -> None:
    """Pass on what the viewer sends; return when x11vnc takes nothing for a while, as a stopped one does."""
    async for data in viewer:
        writer.write(data)
        try:
            async with asyncio.timeout(STALLED_SECONDS):
                await writer.drain()
        except TimeoutError:
            return


async def _to_outbox(reader: asyncio.StreamReader, outbox: _Outbox) -> None:
    while data := await reader.read(_READ_BYTES):
        if not outbox.put(data):
            return
