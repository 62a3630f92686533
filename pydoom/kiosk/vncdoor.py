"""The VNC port: asks for the password before a viewer gets anywhere near x11vnc.

x11vnc accepts any number of connections and exits when it runs out of file descriptors. Here, a connection that has not
answered yet holds one of a fixed number of places, and the oldest loses its place to a newcomer. There are separate
places for connections that have said nothing, for those asked for the password, and for addresses that have logged in
before, so one kind cannot push out another.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator
from typing import Final

from pydoom.kiosk import rfb
from pydoom.kiosk.guesses import Entrance, Guess, GuessLimit
from pydoom.kiosk.relay import Relay, RelayError, pass_on, skip_security
from pydoom.kiosk.rfb import HandshakeStage, RfbError, ServerHandshake

MAX_SILENT: Final = 256
"""Connections that have said nothing yet."""
MAX_ASKED: Final = 256
"""Connections that have been asked for the password. A person takes seconds to type it, and must not lose the place to
those who come meanwhile."""
GREETING_SECONDS: Final = 10.0
"""For the whole handshake except the answer, which a person may have to type."""
ANSWER_SECONDS: Final = 60.0
_REMEMBERED_ADDRESSES: Final = 256
_READ_BYTES: Final = 4096
_PROBLEMS: Final = {
    Guess.WRONG: "wrong password",
    Guess.UNJUDGED: "too many wrong passwords: try again in a minute",
}


class VncDoor:
    """The VNC port's handler: give `admit` to `asyncio.start_server`."""

    def __init__(self, password: str, guesses: GuessLimit, relay: Relay) -> None:
        self._password = password
        self._guesses = guesses
        self._relay = relay
        self._strangers = _WaitingRoom()
        self._known = _WaitingRoom()
        self._known_addresses: OrderedDict[str, None] = OrderedDict()

    async def admit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it ends."""
        address = _address(writer)
        room = self._known if address in self._known_addresses else self._strangers
        try:
            handshake = await _greet(reader, writer, room)
            verdict = await self._judge(address, handshake, reader)
            if verdict is Guess.RIGHT:
                self._remember(address)
                await self._show(handshake, reader, writer)
            else:
                writer.write(handshake.verdict(_PROBLEMS[verdict]))
        except RelayError as error:
            writer.write(handshake.verdict(str(error)))
        except (RfbError, OSError, EOFError, asyncio.CancelledError):  # cancelled when the kiosk ends
            writer.transport.abort()
        finally:
            writer.close()

    async def _judge(self, address: str, handshake: ServerHandshake, reader: asyncio.StreamReader) -> Guess:
        """Wait for the judgement. Raises EOFError when the viewer hangs up first."""
        right = handshake.is_right(self._password)
        judging = asyncio.create_task(self._guesses.judge(Entrance.VNC, address, right))
        listening = asyncio.create_task(_listen(handshake, reader))
        try:
            await asyncio.wait({judging, listening}, return_when=asyncio.FIRST_COMPLETED)
            if not judging.done():
                await listening
            return await judging
        finally:
            judging.cancel()
            listening.cancel()
            await asyncio.gather(judging, listening, return_exceptions=True)

    def _remember(self, address: str) -> None:
        self._known_addresses[address] = None
        self._known_addresses.move_to_end(address)
        if len(self._known_addresses) > _REMEMBERED_ADDRESSES:
            self._known_addresses.popitem(last=False)

    async def _show(
        self, handshake: ServerHandshake, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        async with self._relay.connection() as (from_server, to_server):
            await skip_security(from_server, to_server)
            writer.write(handshake.verdict(None))
            to_server.write(handshake.early)

            async def send(data: bytes) -> None:
                writer.write(data)
                await writer.drain()

            await pass_on(_pieces(reader), send, from_server, to_server)
        writer.transport.abort()  # drop what it has not read yet


async def _greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, room: _WaitingRoom) -> ServerHandshake:
    """Do the handshake up to the viewer's answer. Raises `RfbError`, OSError (including TimeoutError) or EOFError."""
    handshake = ServerHandshake()
    began = asyncio.get_running_loop().time()

    async def step() -> None:
        seconds = ANSWER_SECONDS if handshake.stage is HandshakeStage.ANSWER else GREETING_SECONDS
        async with asyncio.timeout_at(began + seconds):
            data = await reader.read(_READ_BYTES)
        if not data:
            raise EOFError
        writer.write(handshake.receive(data))

    writer.write(rfb.VERSION)
    with room.silent.taken(writer):
        while handshake.stage is HandshakeStage.VERSION:
            await step()
    with room.asked.taken(writer):
        while handshake.stage is not HandshakeStage.ANSWERED:
            await step()
    return handshake


async def _listen(handshake: ServerHandshake, reader: asyncio.StreamReader) -> None:
    """Take what a viewer sends while it waits. Raises EOFError when it hangs up, or `RfbError`, and never returns."""
    while data := await reader.read(_READ_BYTES):
        handshake.receive(data)
    raise EOFError


async def _pieces(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while data := await reader.read(_READ_BYTES):
        yield data


def _address(writer: asyncio.StreamWriter) -> str:
    """The peer's address; empty on a Unix socket. Also turns on keepalive, to notice peers that vanished."""
    connection: socket.socket = writer.get_extra_info("socket")
    if connection.family not in (socket.AF_INET, socket.AF_INET6):
        return ""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return str(writer.get_extra_info("peername")[0])


class _WaitingRoom:
    """The places of connections that have not answered yet."""

    def __init__(self) -> None:
        self.silent = _Places(MAX_SILENT)
        self.asked = _Places(MAX_ASKED)


class _Places:
    """A fixed number of places for connections. A newcomer always gets one."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._taken: OrderedDict[asyncio.StreamWriter, None] = OrderedDict()

    @contextlib.contextmanager
    def taken(self, writer: asyncio.StreamWriter) -> Iterator[None]:
        if len(self._taken) >= self._number:
            oldest, _ = self._taken.popitem(last=False)
            oldest.transport.abort()
        self._taken[writer] = None
        try:
            yield
        finally:
            self._taken.pop(writer, None)
