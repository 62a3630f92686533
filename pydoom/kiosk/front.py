"""The process that faces the network: it serves the VNC port and the browser page, and shields x11vnc from strangers.

The kiosk starts it as ``python -m pydoom.kiosk.front``. The password is the first line of its standard input, since
command lines are visible to everyone; whenever the number of viewers changes, it prints the number, and when a page
tells the layout of its keyboard, the layout.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import resource
import signal
import sys
from pathlib import Path

from pydoom.kiosk.guesses import GUESSABLE, RANDOM, GuessLimit
from pydoom.kiosk.listening import vnc_place, web_place
from pydoom.kiosk.relay import Relay
from pydoom.kiosk.vncdoor import VncDoor


async def _serve(options: argparse.Namespace, password: str) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    guesses = GuessLimit(RANDOM if options.random_password else GUESSABLE)
    relay = Relay(options.x11vnc, _tell)
    async with contextlib.AsyncExitStack() as stack:
        server = await vnc_place(options.listen, options.vnc_port).serve(VncDoor(password, guesses, relay).admit)
        stack.callback(server.close)
        if options.novnc is not None:
            await _serve_page(options, password, guesses, relay, stack)
        await stop.wait()


async def _serve_page(
    options: argparse.Namespace, password: str, guesses: GuessLimit, relay: Relay, stack: contextlib.AsyncExitStack
) -> None:
    # asyncio logs a traceback for every connection that is cut off while the kernel sends it a file
    os.environ["AIOHTTP_NOSENDFILE"] = "1"
    from pydoom.kiosk import website  # needs aiohttp, which may be missing when there is no page

    settings = website.SiteSettings(
        options.sound_socket, options.novnc, password, tuple(options.host_name), options.kill_note
    )
    site = website.Site(settings, guesses, relay, _tell_layout)
    await stack.enter_async_context(website.serving(site, web_place(options.listen, options.web_port)))


def _tell(viewers: int) -> None:
    print(viewers, flush=True)


def _tell_layout(layout: str) -> None:
    print(layout, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m pydoom.kiosk.front", description=__doc__)
    parser.add_argument("--listen", required=True)
    parser.add_argument("--vnc-port", type=int, required=True)
    parser.add_argument("--web-port", type=int, default=0)
    parser.add_argument("--x11vnc", type=Path, required=True)
    parser.add_argument("--sound-socket", type=Path)
    parser.add_argument("--kill-note", type=Path)
    parser.add_argument("--novnc", type=Path)
    parser.add_argument("--random-password", action="store_true", help="the password is one of 40 random bits")
    parser.add_argument("--host-name", action="append", default=[])
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.ERROR)
    # strangers may connect faster than their connections are closed
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(_serve(options, sys.stdin.readline().rstrip("\n")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
