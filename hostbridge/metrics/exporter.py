"""``hostbridge exporter``: the bridge's page of figures, from its Unix socket to a TCP port.

The bridge has no network, so that only the game can reach it. This process has a network, but only this page of the
bridge: it forwards whole answers, one request at a time, and nothing that a client sends.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from hostbridge.model import SetupError

REQUEST_SECONDS: Final = 5.0
MAX_HEAD: Final = 8 * 1024
MAX_PAGE: Final = 4 * 1024 * 1024
MAX_CONNECTIONS: Final = 16

_QUESTION: Final = b"GET /metrics HTTP/1.1\r\nHost: bridge\r\n\r\n"
_AWAY: Final = b"the bridge does not answer\n"
_NO: Final = b"see /metrics\n"


class Exporter:
    """Serves the page of the bridge at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._clients = 0

    async def start(self, host: str, port: int) -> asyncio.Server:
        """Start serving. Raises SetupError when the port is taken."""
        try:
            return await asyncio.start_server(self._answer, host, port, limit=MAX_HEAD)
        except OSError as error:
            raise SetupError(f"cannot listen on {host}:{port}: {error.strerror}") from error

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._clients >= MAX_CONNECTIONS:
            writer.transport.abort()
            return
        self._clients += 1
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), REQUEST_SECONDS)
            words = head.split(b"\r\n", 1)[0].split(b" ")
            if words[:1] == [b"GET"] and len(words) > 1 and words[1].split(b"?")[0] in (b"/metrics", b"/"):
                writer.write(await self._page())
            else:
                writer.write(_response("404 Not Found", _NO))
            await asyncio.wait_for(writer.drain(), REQUEST_SECONDS)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        finally:
            self._clients -= 1
            writer.close()

    async def _page(self) -> bytes:
        """The bridge's whole answer, or an error page."""
        try:
            return await asyncio.wait_for(self._ask(), REQUEST_SECONDS)
        except (OSError, TimeoutError, ValueError):
            return _response("503 Service Unavailable", _AWAY)

    async def _ask(self) -> bytes:
        reader, writer = await asyncio.open_unix_connection(self._path)
        try:
            writer.write(_QUESTION)
            found = bytearray()
            while part := await reader.read(64 * 1024):
                found += part
                if len(found) > MAX_PAGE:
                    raise ValueError("not a page")
        finally:
            writer.close()
        if not found.startswith(b"HTTP/1.1 "):
            raise ValueError("not an HTTP answer")
        return bytes(found)


def _response(status: str, body: bytes) -> bytes:
    lines = (f"HTTP/1.1 {status}", "Content-Type: text/plain", f"Content-Length: {len(body)}", "Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii") + body
