"""Listens on the Unix socket and makes a `Connection` for each client.

One event loop, no thread per client, nothing that blocks: a request is a memory read or a job for a worker. A socket
that somebody deletes is created again.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from typing import Any, Final

from hostbridge.admission import Access, Admission
from hostbridge.connection import ClientLimits, Connection
from hostbridge.conversation import Services
from hostbridge.host.sockets import BACKLOG, InheritedSocket, ListeningSocket

SOCKET_CHECK_SECONDS: Final = 0.5

log = logging.getLogger("hostbridge")


class Server:
    """The bridge's socket."""

    def __init__(
        self,
        listening: ListeningSocket | InheritedSocket,
        services: Services,
        limits: ClientLimits | None = None,
        access: Access | None = None,
    ) -> None:
        self.admission = Admission((limits or ClientLimits()).connections, access or Access())
        self._listening = listening
        self._services = services
        self._limits = limits or ClientLimits()

    async def serve(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set."""
        server = await self._listen(self._listening.socket)
        try:
            while not stop.is_set():
                await _wait(stop, SOCKET_CHECK_SECONDS)
                if not stop.is_set() and not self._listening.intact():
                    log.warning("the socket %s was removed; creating it again", self._listening.path)
                    server.close()
                    server = await self._listen_again(server)
        finally:
            server.close()
            for each in self.admission.guests():
                each.close()

    def connection(self) -> Connection:
        """A new protocol object for the event loop."""
        return Connection(self._services, self._limits, self.admission)

    async def _listen(self, listening: socket.socket) -> asyncio.Server:
        # from Python 3.13 on the loop would remove the socket's file, which may be systemd's
        keep: dict[str, Any] = {"cleanup_socket": False} if sys.version_info >= (3, 13) else {}
        loop = asyncio.get_running_loop()
        return await loop.create_unix_server(self.connection, sock=listening, backlog=BACKLOG, **keep)

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
