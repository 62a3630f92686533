"""``hostbridge exporter``: the bridge's page of figures, from its Unix socket to a TCP port.

The bridge has no network, so that only the game can reach it. This process has a network, but only this page of the
bridge: it forwards whole answers, one request at a time, and nothing that a client sends.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from hostbridge.metrics.pages import MAX_HEAD, PageServer, response
from hostbridge.model import SetupError

ANSWER_SECONDS: Final = 5.0
"""How long the bridge may take to answer."""
MAX_PAGE: Final = 4 * 1024 * 1024

_QUESTION: Final = b"GET /metrics HTTP/1.1\r\nHost: bridge\r\n\r\n"
_AWAY: Final = b"the bridge does not answer\n"


class Exporter:
    """Serves the page of the bridge at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pages = PageServer(self._page)

    async def start(self, host: str, port: int) -> asyncio.Server:
        """Start serving. Raises SetupError when the port is taken."""
        try:
            return await asyncio.start_server(self._pages.answer, host, port, limit=MAX_HEAD)
        except OSError as error:
            raise SetupError(f"cannot listen on {host}:{port}: {error.strerror}") from error

    async def _page(self) -> bytes:
        """The bridge's whole answer, or an error page."""
        try:
            return await asyncio.wait_for(self._ask(), ANSWER_SECONDS)
        except (OSError, TimeoutError, ValueError):
            return response("503 Service Unavailable", _AWAY)

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
            writer.transport.abort()
        if not found.startswith(b"HTTP/1.1 "):
            raise ValueError("not an HTTP answer")
        return bytes(found)
