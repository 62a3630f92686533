"""Where the kiosk listens: on one port each for VNC and the page, or on Unix sockets in a folder.

A folder (``--listen /run/kiosk``) is for a container without a network: a process outside forwards connections
(`pydoom.kiosk.forward`).
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

VNC_SOCKET: Final = "vnc"
WEB_SOCKET: Final = "web"
_PROBE_SECONDS: Final = 2.0
_ACCEPTED_AT_ONCE: Final = 128
_QUEUE: Final = 4096
"""Connections that may wait to be accepted: if a flood fills the queue, players wait for TCP to retry."""
_LOOPBACK_OF: Final = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Place:
    """One listening socket: `address` is an IP address or host name, or the path of a socket (then `port` is 0)."""

    address: str
    port: int

    @property
    def is_file(self) -> bool:
        """Whether it is a Unix socket."""
        return is_folder(self.address)

    def __str__(self) -> str:
        return self.address if self.is_file else f"port {self.port} of {self.address}"

    def connect(self) -> socket.socket:
        """Connect from this machine to the server that listens here. Raises OSError."""
        if self.is_file:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(_PROBE_SECONDS)
            try:
                connection.connect(self.address)
            except BaseException:
                connection.close()
                raise
            return connection
        return socket.create_connection((_reachable(self.address), self.port), _PROBE_SECONDS)

    def is_taken(self) -> bool:
        """Whether a server listens here."""
        try:
            self.connect().close()
        except OSError:
            return False
        return True

    async def serve(self, handler: Handler) -> asyncio.Server:
        """Start serving; each connection gets a coroutine. Raises OSError."""
        loop = asyncio.get_running_loop()

        def protocol() -> asyncio.StreamReaderProtocol:
            return asyncio.StreamReaderProtocol(asyncio.StreamReader(loop=loop), handler, loop=loop)

        return await self.serve_protocol(protocol)

    async def serve_protocol(self, protocol: Callable[[], asyncio.BaseProtocol]) -> asyncio.Server:
        """Start serving; each connection gets an asyncio protocol. Raises OSError."""
        loop = asyncio.get_running_loop()
        if self.is_file:  # asyncio removes a leftover socket
            server = await loop.create_unix_server(protocol, self.address, backlog=_ACCEPTED_AT_ONCE)
        else:
            server = await loop.create_server(protocol, self.address or None, self.port, backlog=_ACCEPTED_AT_ONCE)
        for each in server.sockets:
            # asyncio accepts as many connections at once as its backlog; a longer queue may wait
            with socket.socket(fileno=os.dup(each.fileno())) as same:
                same.listen(_QUEUE)
        return server


def vnc_place(listen: str, port: int) -> Place:
    """Where ``--listen`` and ``--vnc-port`` put VNC."""
    return Place(str(Path(listen) / VNC_SOCKET), 0) if is_folder(listen) else Place(listen, port)


def web_place(listen: str, port: int) -> Place:
    """Where ``--listen`` and ``--web-port`` put the page."""
    return Place(str(Path(listen) / WEB_SOCKET), 0) if is_folder(listen) else Place(listen, port)


def is_folder(listen: str) -> bool:
    """Whether ``--listen`` names a folder for sockets."""
    return listen.startswith("/")


def is_private(listen: str) -> bool:
    """Whether only programs on this machine can connect there."""
    if is_folder(listen) or listen == "localhost":
        return True
    try:
        return ipaddress.ip_address(listen).is_loopback
    except ValueError:
        return False


def is_wildcard(listen: str) -> bool:
    """Whether `listen` stands for all addresses of this machine."""
    return listen in _LOOPBACK_OF


def _reachable(address: str) -> str:
    """The address at which this machine itself reaches a server listening on `address`."""
    return _LOOPBACK_OF.get(address, address)
