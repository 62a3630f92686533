"""The server of a page of figures: one request a connection, and whole answers.

The port may be open to attackers, so time, size and number of connections are bounded; a client that is too slow in
asking or reading is cut off, and counts until then.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final

REQUEST_SECONDS: Final = 5.0
"""How long a request may take to arrive, and its answer to be read."""
MAX_HEAD: Final = 8 * 1024
MAX_CONNECTIONS: Final = 16

_TARGETS: Final = (b"/metrics", b"/")


class PageServer:
    """Answers requests for the page. `page` makes its whole HTTP answer."""

    def __init__(self, page: Callable[[], Awaitable[bytes]]) -> None:
        self._page = page
        self.clients = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, and close it; `reader` has a limit of `MAX_HEAD`."""
        if self.clients >= MAX_CONNECTIONS:
            writer.transport.abort()
            return
        self.clients += 1
        try:
            with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                async with asyncio.timeout(REQUEST_SECONDS):
                    head = await reader.readuntil(b"\r\n\r\n")
                writer.write(refusal(head) or await self._page())
                writer.close()
                async with asyncio.timeout(REQUEST_SECONDS):
                    await writer.wait_closed()
        finally:
            writer.transport.abort()
            self.clients -= 1


def refusal(head: bytes) -> bytes | None:
    """The answer to a request that is not for the page; None if it is for the page."""
    words = head.split(b"\r\n", 1)[0].split(b" ")
    if words[0] != b"GET":
        return response("405 Method Not Allowed", b"only GET\n")
    if len(words) < 2 or words[1].split(b"?")[0] not in _TARGETS:
        return response("404 Not Found", b"see /metrics\n")
    return None


def response(status: str, body: bytes, content_type: str = "text/plain") -> bytes:
    """A whole HTTP answer."""
    lines = (
        f"HTTP/1.1 {status}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii") + body
