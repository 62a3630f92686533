"""A client's connection: its request, and the answer. A client that is slow, silent or gone costs a fixed time."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from http import HTTPStatus
from typing import Final, cast

import h11

from hostbridge.gate.errors import GateError
from hostbridge.gate.incoming import Head, Incoming
from hostbridge.host.sockets import peer_of
from hostbridge.model import Peer

READ_SIZE: Final = 64 * 1024
REQUEST_SECONDS: Final = 5.0
"""Seconds a client may take to send its whole request."""
STALL_SECONDS: Final = 30.0
"""Seconds a client may stop reading while an answer waits."""
LINGER_SECONDS: Final = 1.0
"""Seconds to discard what a refused client still sends: closing earlier could lose the answer."""


class Gone(Exception):
    """The client has closed the connection, does not read, or asks for more than one thing."""


class Client:
    """One connection, one request, one answer."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._incoming = Incoming()
        self._deadline = asyncio.get_running_loop().time() + REQUEST_SECONDS
        self._answered = False
        writer.transport.set_write_buffer_limits(high=READ_SIZE)

    def peer(self) -> Peer:
        """The client's identity. Raises OSError."""
        return peer_of(cast(socket.socket, self._writer.get_extra_info("socket")))

    async def head(self) -> Head:
        """The request's head. Raises GateError or Gone."""
        while (found := self._incoming.head()) is None:
            await self._receive()
        return found

    async def body(self) -> bytes:
        """The body of the request. Raises GateError or Gone."""
        while (found := self._incoming.body()) is None:
            await self._receive()
        return found

    async def hung_up(self) -> None:
        """Return when the client closes the connection, or sends anything after its request."""
        with contextlib.suppress(OSError):
            await self._reader.read(1)

    async def begin(self, answer: h11.Response) -> None:
        """Send the head of the engine's answer. Raises Gone."""
        given = dict(answer.headers)
        headers = [(b"Connection", b"close")]
        if b"content-type" in given:
            headers.append((b"Content-Type", given[b"content-type"]))
        if b"content-length" in given and b"transfer-encoding" not in given:
            headers.append((b"Content-Length", given[b"content-length"]))
        self._answered = True
        await self._send(h11.Response(status_code=answer.status_code, headers=headers))

    async def piece(self, data: bytes) -> None:
        """Send a piece of the body. Raises Gone."""
        await self._send(h11.Data(data=data))

    async def end(self) -> None:
        """Send the end of the body. Raises Gone."""
        await self._send(h11.EndOfMessage())

    async def refuse(self, error: GateError) -> None:
        """Answer instead of the engine, unless an answer has started."""
        if self._answered:
            self.abort()
            return
        self._answered = True
        head = self._incoming.head()
        body = b"" if head is not None and head.method == "HEAD" else error.body
        http = h11.Connection(h11.SERVER)  # the client's own may be broken
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Connection", "close")]
        reason = error.status.phrase.encode("ascii")
        events = (
            h11.Response(status_code=error.status, headers=headers, reason=reason),
            h11.Data(data=body),
            h11.EndOfMessage(),
        )
        with contextlib.suppress(OSError, TimeoutError):
            self._writer.write(b"".join(http.send(each) or b"" for each in events))
            self._writer.write_eof()
            async with asyncio.timeout(LINGER_SECONDS):
                while await self._reader.read(READ_SIZE):
                    pass

    async def close(self) -> None:
        """Close once everything is read, or after a while."""
        self._writer.close()
        try:
            async with asyncio.timeout(STALL_SECONDS):
                await self._writer.wait_closed()
        except (OSError, TimeoutError):
            self.abort()

    def abort(self) -> None:
        """Close at once: the client sees that the answer is incomplete."""
        self._writer.transport.abort()

    async def _receive(self) -> None:
        try:
            async with asyncio.timeout_at(self._deadline):
                data = await self._reader.read(READ_SIZE)
        except TimeoutError:
            raise GateError(HTTPStatus.REQUEST_TIMEOUT, "the request did not come in time") from None
        except OSError as error:
            raise Gone from error
        if not data:
            raise Gone
        self._incoming.receive(data)

    async def _send(self, event: h11.Event) -> None:
        self._writer.write(self._incoming.http.send(event) or b"")
        try:
            async with asyncio.timeout(STALL_SECONDS):
                await self._writer.drain()
        except (OSError, TimeoutError) as error:
            raise Gone from error
