"""Where the kiosk listens: an address and a port of its own for VNC and for the page, or sockets in a folder.

A folder (``--listen /run/kiosk``) is for a container without a network: something outside of it passes connections on
(`pydoom.kiosk.forward`).
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from aiohttp import web

VNC_SOCKET: Final = "vnc"
WEB_SOCKET: Final = "web"
_PROBE_SECONDS: Final = 2.0
_BACKLOG: Final = 128

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


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
        """A connection from this machine to whoever listens here. Raises OSError."""
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
        """Whether somebody listens here."""
        try:
            self.connect().close()
        except OSError:
            return False
        return True

    async def serve(self, handler: Handler) -> asyncio.Server:
        """Begin to serve plain connections. Raises OSError."""
        if self.is_file:
            self._clear()
            return await asyncio.start_unix_server(handler, self.address, backlog=_BACKLOG)
        return await asyncio.start_server(handler, self.address, self.port, backlog=_BACKLOG)

    def site(self, runner: web.AppRunner) -> web.BaseSite:
        """The same for aiohttp."""
        from aiohttp import web  # there may be no page

        if self.is_file:
            self._clear()
            return web.UnixSite(runner, self.address, backlog=_BACKLOG)
        return web.TCPSite(runner, self.address, self.port, backlog=_BACKLOG)

    def _clear(self) -> None:
        """Remove the socket that a kiosk left behind when it was killed."""
        with contextlib.suppress(FileNotFoundError):
            if not self.is_taken():
                os.unlink(self.address)


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
    """Whether only programs of this machine can reach what listens there."""
    if is_folder(listen) or listen == "localhost":
        return True
    try:
        return ipaddress.ip_address(listen).is_loopback
    except ValueError:
        return False


def _reachable(address: str) -> str:
    """Where this machine itself reaches what listens on `address`."""
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(address, address)
