"""The kiosk's front: HTTP and WebSocket handshakes of the page's server, and RFB handshakes of the VNC port."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import socket
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import ClassVar, Final

from aiohttp import web

from pydoom.kiosk import rfb
from pydoom.kiosk.guesses import GuessLimit, Rate
from pydoom.kiosk.relay import Relay
from pydoom.kiosk.rfb import RfbError, ServerHandshake
from pydoom.kiosk.vncdoor import VncDoor
from pydoom.kiosk.website import Site, SiteSettings
from tests.fuzz import mutate
from tests.fuzz.harness import Fuzzer

PASSWORD: Final = "sesame"
_UPGRADE: Final = (
    b"Host: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: binary\r\n"
)
REQUESTS: Final = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /page/page.js HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nRange: bytes=0-9\r\n\r\n",
    b"GET /novnc/core/rfb.js HTTP/1.1\r\nHost: 127.0.0.1\r\nIf-Modified-Since: Mon, 01 Jan 2024 00:00:00 GMT\r\n\r\n",
    b"GET /websockify HTTP/1.1\r\n" + _UPGRADE + b"\r\n\x82\x8c\0\0\0\0RFB 003.008\n",
    b"GET /sound HTTP/1.1\r\n" + _UPGRADE + b"Origin: http://127.0.0.1\r\n\r\n\x81\x82\0\0\0\0{}",
    b"GET /session HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: pydoom=x\r\n\r\n",
    b'POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 33\r\n\r\n{"challenge": "x", "answer": "y"}',
    b"POST /keyboard HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: pydoom=x\r\nContent-Length: 2\r\n\r\nfr",
    b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
)
WORDS: Final = (
    *(b"Origin: http://[\r\n", b"Origin: \xff\r\n", b"Origin: null\r\n", b"Host: [\r\n", b"Host: [::1]:x\r\n"),
    *(b"Host: \r\n", b"/../", b"%2e%2e/", b"%00", b"/novnc/core/../../x", b"Range: bytes=-1\r\n", b"\r\n\r\n", b"\n"),
    *(b"Range: bytes=9-1\r\n", b"If-Modified-Since: \xff\r\n", b"Content-Length: -1\r\n", b"Upgrade: websocket\r\n"),
    *(b"Content-Length: 99999999999\r\n", b"Expect: 100-continue\r\n", b'Cookie: session=\xff; a="\r\n', b"OPTIONS "),
    *(b"Sec-WebSocket-Key: x\r\n", b"Sec-WebSocket-Version: 99\r\n", b"\x81\xff" + b"\xff" * 8, b"\x88\x80\0\0\0\0"),
    *(b"\x89\xfe\xff\xff", b"\xc1\x85", b"HTTP/1.0", b"HTTP/9.9"),
)


class _Trouble(logging.Handler):
    """Keeps the errors the server logs: each means that one of its handlers has failed."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text += f": {record.exc_info[1]!r}"
        self.found.append(text)


class _Front:
    """A kiosk's page server and VNC port in a thread, in front of a VNC server that records what it receives."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fuzz-")
        self.folder = Path(self._folder.name)
        self.trouble = _Trouble()
        self.heard: list[bytes] = []
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        assert self._ready.wait(10)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        self._folder.cleanup()
        assert not self._thread.is_alive()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._loop.set_exception_handler(lambda loop, context: self.trouble.found.append(str(context)))
        for part in ("core", "vendor"):
            (self.folder / part).mkdir()
        (self.folder / "core" / "rfb.js").write_text("export default 1;\n")
        x11vnc = await asyncio.start_unix_server(self._show, self.folder / "x11vnc")
        guesses, relay = GuessLimit(Rate(10**6, 1e9)), Relay(self.folder / "x11vnc", lambda viewers: None)
        door = await asyncio.start_unix_server(VncDoor(PASSWORD, guesses, relay).admit, self.folder / "vnc")
        site = Site(SiteSettings(self.folder / "sound", self.folder, PASSWORD), guesses, relay)
        runner = web.AppRunner(site.app(), access_log=None, handle_signals=False)
        await runner.setup()
        await web.UnixSite(runner, str(self.folder / "web")).start()
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()
        for each in (door, x11vnc):
            each.close()

    async def _show(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            writer.write(rfb.VERSION)
            await reader.readexactly(len(rfb.VERSION))
            writer.write(b"\1\1")
            await reader.readexactly(1)
            writer.write(b"\0\0\0\0")
            self.heard.append(await reader.readexactly(1))
            writer.write(b"picture")
            await reader.read()
        writer.close()

    def talk(self, name: str, data: list[bytes], until: bytes | None = None) -> bytes:
        """The answer of the socket `name` to these bytes, up to its end or to `until`."""
        said = b""
        with socket.socket(socket.AF_UNIX) as client, suppress(OSError):
            client.settimeout(3)
            client.connect(str(self.folder / name))
            for piece in data:
                client.sendall(piece)
            if until is None:
                client.shutdown(socket.SHUT_WR)
                client.settimeout(0.5)
            while (until is None or until not in said) and (answer := client.recv(65536)):
                said += answer
        return said


class PageFuzzer(Fuzzer):
    """Whatever bytes browsers or others send, no handler of the page's server fails, no traceback is logged, and the
    next client gets the page.
    """

    name = "page"
    short_inputs: ClassVar[int] = 100

    def open(self) -> None:
        self._front = _Front()
        self._count = 0

    def close(self) -> None:
        self._front.close()

    def make(self, random: random.Random) -> list[bytes]:
        data = random.choice(REQUESTS)
        if random.random() < 0.8:
            data = mutate.mutated_text(random, data, WORDS, 4)
        return mutate.pieces(random, data)

    def check(self, data: list[bytes]) -> None:
        loggers = [logging.getLogger(name) for name in ("aiohttp.server", "pydoom.kiosk.website")]
        trouble = self._front.trouble
        before, logging.root.manager.disable = logging.root.manager.disable, logging.NOTSET
        for each in loggers:
            each.addHandler(trouble)
            each.propagate = False
        try:
            self._front.talk("web", data)
            self._count += 1
            if self._count % 20 == 0:
                page = self._front.talk("web", [REQUESTS[0]], b"</html>")
                assert page.startswith(b"HTTP/1.1 200 "), "it no longer serves the page"
            troubles = [*trouble.found]
            trouble.found.clear()
            assert not troubles, troubles[0]
        finally:
            for each in loggers:
                each.removeHandler(trouble)
            logging.root.manager.disable = before


class RfbFuzzer(Fuzzer):
    """The handshake raises RfbError or nothing, admits nobody without the right answer and keeps a bounded number of
    bytes; over a socket, only admitted viewers reach the VNC server, and the right password still gets in.
    """

    name = "rfb"
    short_inputs: ClassVar[int] = 200

    def open(self) -> None:
        self._front = _Front()
        self._count = 0

    def close(self) -> None:
        self._front.close()

    def make(self, random: random.Random) -> list[bytes]:
        version = random.choice(
            (b"RFB 003.008\n", b"RFB 003.007\n", b"RFB 003.003\n", b"RFB 003.889\n", b"RFB 004.001\n")
        )
        data = (
            version + random.choice((b"\2", b"\1", b"")) + random.randbytes(16) + random.choice((b"\1", b"\0" * 2000))
        )
        if random.random() < 0.7:
            data = mutate.mutated_bytes(random, data, 4)
        return mutate.pieces(random, data)

    def check(self, data: list[bytes]) -> None:
        handshake = ServerHandshake()
        with suppress(RfbError):
            for piece in data:
                handshake.receive(piece)
                assert len(handshake.early) <= 1024
        assert not handshake.is_right(PASSWORD)
        self._front.talk("vnc", data)
        assert not self._front.heard, "a stranger reached the VNC server"
        assert not self._front.trouble.found, self._front.trouble.found[0]
        self._count += 1
        if self._count % 50 == 0:
            assert self._log_in() == b"picture"
            self._front.heard.clear()

    def _log_in(self) -> bytes:
        with socket.socket(socket.AF_UNIX) as client, client.makefile("rb") as said:
            client.settimeout(5)
            client.connect(str(self._front.folder / "vnc"))
            client.sendall(said.read(12))
            client.sendall(said.read(2)[1:])
            client.sendall(rfb.password_answer(PASSWORD, said.read(16)))
            assert said.read(4) == b"\0\0\0\0"
            client.sendall(b"\1")
            return said.read(7)
