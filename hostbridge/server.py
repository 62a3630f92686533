"""Listens on the Unix socket and makes a `Connection` for each client.

One event loop, no thread per client, nothing that blocks: a request is a memory read or a job for a worker.
"""

from __future__ import annotations

import asyncio

from hostbridge.admission import Access, Admission
from hostbridge.connection import ClientLimits, Connection
from hostbridge.conversation import Services
from hostbridge.host.listener import Listener
from hostbridge.host.sockets import InheritedSocket, ListeningSocket


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
        self._listener = Listener(listening, self.connection)
        self._services = services
        self._limits = limits or ClientLimits()

    async def serve(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set."""
        try:
            await self._listener.serve(stop)
        finally:
            for each in self.admission.guests():
                each.close()

    def connection(self) -> Connection:
        """A new protocol object for the event loop."""
        return Connection(self._services, self._limits, self.admission)
