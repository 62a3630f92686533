"""Serving on a listening socket until told to stop: one that somebody deletes is created again."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from collections.abc import Callable
from typing import Any, Final

from hostbridge.host.sockets import BACKLOG, InheritedSocket, ListeningSocket

CHECK_SECONDS: Final = 0.5

log = logging.getLogger("hostbridge")


class Listener:
    """Makes a protocol with `factory` for each connection."""

    def __init__(
        self, listening: ListeningSocket | InheritedSocket, factory: Callable[[], asyncio.BaseProtocol]
    ) -> None:
        self._listening = listening
        self._factory = factory

    async def serve(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set. Open connections stay open."""
        server = await self._listen(self._listening.socket)
        try:
            while not stop.is_set():
                await _wait(stop, CHECK_SECONDS)
                if not stop.is_set() and not self._listening.intact():
                    log.warning("the socket %s was removed; creating it again", self._listening.path)
                    server.close()
                    server = await self._listen_again(server)
        finally:
            server.close()

    async def _listen(self, listening: socket.socket) -> asyncio.Server:
        # from Python 3.13 on the loop would remove the socket's file, which may be systemd's
        keep: dict[str, Any] = {"cleanup_socket": False} if sys.version_info >= (3, 13) else {}
        loop = asyncio.get_running_loop()
        return await loop.create_unix_server(self._factory, sock=listening, backlog=BACKLOG, **keep)

    async def _listen_again(self, old: asyncio.Server) -> asyncio.Server:
        try:
            return await self._listen(self._listening.rebind())
        except Exception as error:  # the place may be gone for a while; the next check tries again
            log.error("%s", error)
            return old


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
