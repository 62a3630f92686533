"""Forwards TCP connections to Unix sockets: the ports of a kiosk whose container has no network.

Compose runs it in a separate container, since a container whose ports are published can reach the network. It does
not look at what it forwards. ``python -m pydoom.kiosk.forward 5900=/run/kiosk/vnc 6080=/run/kiosk/web``
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import resource
import signal
import socket
import sys
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from pydoom.kiosk.listening import Place
from pydoom.kiosk.tasks import until_one_ends

MAX_CONNECTIONS: Final = 2000
"""For each port, twice what the kiosk keeps: it closes those beyond its limits, but a flood may be faster."""
STRANGER_BYTES: Final = 1024
"""The kiosk sends more than this only to viewers, and to readers of the page."""
STALLED_SECONDS: Final = 20.0
"""How long either side may take to read what was sent to it, during the connection and at its end."""
_CHUNK_BYTES: Final = 1 << 16
_CHECK_SECONDS: Final = 2.0


class Forwarder:
    """Forwards the connections of one port to the socket at `target`."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._connections = 0
        self._strangers: OrderedDict[asyncio.StreamWriter, int] = OrderedDict()
        """The connections to which the kiosk has sent little so far, oldest first, and how many bytes."""

    async def forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until either side closes it or reads nothing for `STALLED_SECONDS`."""
        if self._connections >= MAX_CONNECTIONS and not self._drop_a_stranger():
            writer.transport.abort()
            return
        self._connections += 1
        self._strangers[writer] = 0
        try:
            await self._connect(reader, writer)
        except (OSError, asyncio.CancelledError):  # nothing is listening there now, or the forwarder is ending
            pass
        finally:
            writer.transport.abort()
            self._connections -= 1
            self._strangers.pop(writer, None)

    def _drop_a_stranger(self) -> bool:
        """Make room for a newcomer, as the kiosk does: cut off the oldest stranger. Its task ends soon."""
        if not self._strangers:
            return False
        oldest, _ = self._strangers.popitem(last=False)
        oldest.transport.abort()
        return True

    def _count(self, writer: asyncio.StreamWriter, sent: int) -> None:
        """Note what the kiosk has sent to a client."""
        if writer in self._strangers:
            self._strangers[writer] += sent
            if self._strangers[writer] > STRANGER_BYTES:
                del self._strangers[writer]

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(STALLED_SECONDS):
            there_reader, there_writer = await asyncio.open_unix_connection(self._target)
        try:
            to_client = _copy(there_reader, writer, lambda sent: self._count(writer, sent))
            await until_one_ends(_copy(reader, there_writer), to_client)
            await asyncio.gather(_flush(writer), _flush(there_writer))
        finally:
            there_writer.transport.abort()


async def _copy(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: Callable[[int], None] = lambda _bytes: None
) -> None:
    """Copy until the end. Raises OSError, which TimeoutError is: in `drain` the end of the other side is not seen."""
    while data := await reader.read(_CHUNK_BYTES):
        writer.write(data)
        sent(len(data))
        async with asyncio.timeout(STALLED_SECONDS):
            await writer.drain()


async def _flush(writer: asyncio.StreamWriter) -> None:
    """Close once everything has been sent, or after a while."""
    writer.close()
    with contextlib.suppress(OSError):
        async with asyncio.timeout(STALLED_SECONDS):
            await writer.wait_closed()


async def _serve(ports: dict[int, str]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    for port, target in ports.items():
        await Place("", port).serve(Forwarder(target).forward)
    await stop.wait()


def _is_reachable(port: int) -> bool:
    """Whether the kiosk behind a forwarded port keeps a connection open."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), _CHECK_SECONDS) as connection:
        connection.settimeout(0.2)
        try:
            return connection.recv(1) != b""
        except TimeoutError:
            return True  # the page's server waits for a request
    return False


def _rule(text: str) -> tuple[int, str]:
    port, _, target = text.partition("=")
    if not port.isdecimal() or not 0 < int(port) < 65536 or not target.startswith("/"):
        raise argparse.ArgumentTypeError(f"{text!r} is not PORT=/PATH")
    return int(port), target


def main(arguments: list[str] | None = None) -> int:
    """Forward until told to stop. Returns the exit status; with ``--check``, 1 if a port leads nowhere."""
    parser = argparse.ArgumentParser(
        prog="python -m pydoom.kiosk.forward", description="Forward TCP connections to Unix sockets."
    )
    parser.add_argument("rules", metavar="PORT=/PATH", nargs="+", type=_rule, help="a port and the socket behind it")
    parser.add_argument("--check", action="store_true", help="exit 0 if a forwarder with these ports works")
    options = parser.parse_args(arguments)
    ports = dict(options.rules)
    if options.check:
        return 0 if all(_is_reachable(port) for port in ports) else 1
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(_serve(ports))
    return 0


if __name__ == "__main__":
    sys.exit(main())
