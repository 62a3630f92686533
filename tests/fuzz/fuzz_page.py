"""The page's server: HTTP and WebSocket handshakes of clients that nobody wrote."""

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

from pydoom.kiosk.website import Site, SiteSettings
from tests.fuzz import mutate
from tests.fuzz.harness import Fuzzer

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
    """Keeps what the server logs as an error: a handler of it has failed."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text += f": {record.exc_info[1]!r}"
        self.found.append(text)


class PageFuzzer(Fuzzer):
    """Whatever bytes browsers or others send, no handler of the page's server fails, and the page is served to the next
    one. (What aiohttp itself calls a bad request is answered 400 and counts as handled.)
    """

    name = "page"
    short_inputs: ClassVar[int] = 100

    def open(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fuzz-")
        self._trouble = _Trouble()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        assert self._ready.wait(10)
        self._count = 0

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        self._folder.cleanup()
        assert not self._thread.is_alive()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._loop.set_exception_handler(lambda loop, context: self._trouble.found.append(str(context)))
        folder = Path(self._folder.name)
        for part in ("core", "vendor"):
            (folder / part).mkdir()
        (folder / "core" / "rfb.js").write_text("export default 1;\n")
        vnc = await asyncio.start_server(_greet, "127.0.0.1", 0)
        site = Site(SiteSettings(vnc.sockets[0].getsockname(), folder / "sound", folder, "sesame"))
        runner = web.AppRunner(site.app(), access_log=None, handle_signals=False)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self._port = runner.addresses[0][1]
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()
        vnc.close()

    def make(self, random: random.Random) -> list[bytes]:
        data = random.choice(REQUESTS)
        if random.random() < 0.8:
            data = mutate.bent_text(random, data, WORDS, 4)
        return mutate.pieces(random, data)

    def check(self, data: list[bytes]) -> None:
        logger = logging.getLogger("aiohttp.server")
        before, logging.root.manager.disable = logging.root.manager.disable, logging.NOTSET
        logger.addHandler(self._trouble)
        logger.propagate = False
        try:
            self._talk(data)
            self._count += 1
            if self._count % 20 == 0:
                assert self._talk([REQUESTS[0]]).startswith(b"HTTP/1.1 200 "), "it does not serve the page any more"
            troubles = [
                each for each in self._trouble.found if "BadHttpMessage" not in each and "BadStatusLine" not in each
            ]
            self._trouble.found.clear()
            assert not troubles, troubles[0]
        finally:
            logger.removeHandler(self._trouble)
            logging.root.manager.disable = before

    def _talk(self, data: list[bytes]) -> bytes:
        said = b""
        with socket.create_connection(("127.0.0.1", self._port), 3) as client, suppress(OSError):
            for piece in data:
                client.sendall(piece)
            client.shutdown(socket.SHUT_WR)
            client.settimeout(0.5)
            while answer := client.recv(65536):
                said += answer
        return said


async def _greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A VNC server that says its version and hears the client out."""
    with contextlib.suppress(OSError):
        writer.write(b"RFB 003.008\n")
        await reader.read(100)
    writer.close()
