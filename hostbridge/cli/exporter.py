"""``hostbridge exporter``: a port for Prometheus, for a bridge without a network."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Sequence
from pathlib import Path

from hostbridge.cli import options
from hostbridge.host import logs
from hostbridge.metrics.address import address_of
from hostbridge.metrics.exporter import Exporter
from hostbridge.model import SetupError

log = logging.getLogger("hostbridge")


def main(arguments: Sequence[str]) -> int:
    """Serve until a signal comes; return the exit status. Raises SetupError."""
    parser = options.OptionParser(
        prog="hostbridge exporter", description="Offers the page of a bridge's --metrics unix:PATH on a port."
    )
    parser.add_argument("--from", dest="source", metavar="unix:PATH", required=True, help="the bridge's page")
    parser.add_argument("--listen", metavar="[HOST:]PORT", default="9633", help="default 127.0.0.1:9633")
    parser.add_argument("-q", "--quiet", action="store_true", help="only warnings")
    chosen = parser.parse_args(arguments)
    logs.set_up(chosen.quiet)
    source = address_of(chosen.source, "--from")
    if not isinstance(source, Path):
        raise SetupError(f"--from {chosen.source}: not unix:PATH")
    address = address_of(chosen.listen, "--listen")
    if isinstance(address, Path):
        raise SetupError("--listen is a port, not a socket")
    asyncio.run(_serve(source, *address))
    return 0


async def _serve(path: Path, host: str, port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = await Exporter(path).start(host, port)
    log.info("the figures of %s are at http://%s:%d/metrics", path, host, server.sockets[0].getsockname()[1])
    await stop.wait()
    server.close()
