"""The browser page: its files, a relay to the VNC server, and the game's sound, on one port.

- ``/`` and ``/novnc/``: files, the only things that need no password.
- ``/websockify``: bytes to and from the VNC server, which asks for the password itself.
- ``/sound``: the game's sound for those who prove that they know the password (`pydoom.kiosk.proof`).

Only this server's own pages may connect (Origin), and only under a name known to be this machine's (Host):
otherwise any page in the player's browser could reach a game on localhost, even through a domain name that
points there. Guesses at the VNC password are slowed down here as well: after each wrong one, its address waits a second
longer for its next connection. Runs as a process of its own: ``python -m pydoom.kiosk.website``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ipaddress
import json
import logging
import socket
import sys
import time
from collections import Counter
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import WSMsgType, web

from pydoom.kiosk.handshake import Handshake
from pydoom.kiosk.patience import Patience
from pydoom.kiosk.proof import PENALTY_SECONDS, PasswordCheck, new_challenge
from pydoom.kiosk.sound import RATE, SoundHub

MAX_CONNECTIONS: Final = 32
"""WebSockets open at once, including those not logged in yet."""
MAX_CONNECTIONS_OF_ONE: Final = 16
"""The most of these from one address."""
PROOF_SECONDS: Final = 10.0
_MAX_VNC_MESSAGE_BYTES: Final = 1 << 20
_MAX_PROOF_BYTES: Final = 1024
_READ_BYTES: Final = 1 << 16
_HEARTBEAT_SECONDS: Final = 20.0
_PAGE_FOLDER: Final = Path(__file__).parent / "web"
_NOVNC_PARTS: Final = ("core", "vendor")
_HEADERS: Final = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "pydoom",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """Where the VNC server, the game's sound and noVNC are, the password, and names this machine is also known by."""

    vnc: tuple[str, int]
    sound_socket: Path
    novnc: Path
    password: str
    host_names: tuple[str, ...] = ()


class Site:
    """The handlers of one site."""

    def __init__(self, settings: SiteSettings) -> None:
        self._settings = settings
        self._password_check = PasswordCheck(settings.password)
        self._hub = SoundHub(settings.sound_socket)
        self._connections: Counter[str] = Counter()
        self._vnc_closed_until: dict[str, float] = {}
        """When each address that guessed wrong may connect again (`time.monotonic`)."""
        self.patience = Patience()

    def app(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application(middlewares=[self._guard])
        app.on_response_prepare.append(_add_headers)
        app.router.add_get("/", _index)
        app.router.add_get("/websockify", self._vnc)
        app.router.add_get("/sound", self._sound)
        app.router.add_static("/page", _PAGE_FOLDER)
        for part in _NOVNC_PARTS:
            app.router.add_static(f"/novnc/{part}", self._settings.novnc / part)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if not is_own_name(request.host, self._settings.host_names):
            raise web.HTTPForbidden(
                text=f"This server does not know that it is called {request.host}. "
                "Use its IP address, or start the kiosk with --host-name NAME.\n"
            )
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            raise web.HTTPForbidden(text="Only this server's own page may connect.\n")
        self.patience.begin(request.protocol)
        try:
            response: web.StreamResponse = await handler(request)
            return response
        finally:
            self.patience.end(request.protocol)

    @contextlib.contextmanager
    def _counted(self, address: str) -> Iterator[None]:
        if self._connections.total() >= MAX_CONNECTIONS or self._connections[address] >= MAX_CONNECTIONS_OF_ONE:
            raise web.HTTPServiceUnavailable(text="Too many connections.\n")
        self._connections[address] += 1
        try:
            yield
        finally:
            self._connections[address] -= 1
            self._connections += Counter()  # forgets addresses with none

    # -- the screen

    async def _vnc(self, request: web.Request) -> web.StreamResponse:
        address = request.remote or ""
        with self._counted(address):
            if (penalty := self._penalty(address)) > PROOF_SECONDS:
                raise web.HTTPTooManyRequests(text="Too many wrong passwords: try again in a while.\n")
            await asyncio.sleep(penalty)
            try:
                reader, writer = await asyncio.open_connection(*self._settings.vnc)
            except OSError as error:
                raise web.HTTPBadGateway(text="The VNC server does not answer.\n") from error
            browser = web.WebSocketResponse(
                protocols=("binary",), max_msg_size=_MAX_VNC_MESSAGE_BYTES, heartbeat=_HEARTBEAT_SECONDS, compress=False
            )
            handshake = Handshake()
            try:
                await browser.prepare(request)
                await _until_one_ends(
                    _to_vnc(browser, writer), _to_browser(reader, browser, handshake), _until_too_late(handshake)
                )
            finally:
                if handshake.challenged and not handshake.admitted:
                    self._punish(address)
                writer.close()
                await browser.close()
            return browser

    def _penalty(self, address: str) -> float:
        """Seconds that a new connection from `address` has to wait."""
        now = time.monotonic()
        self._vnc_closed_until = {each: until for each, until in self._vnc_closed_until.items() if until > now}
        return self._vnc_closed_until.get(address, now) - now

    def _punish(self, address: str) -> None:
        now = time.monotonic()
        self._vnc_closed_until[address] = max(now, self._vnc_closed_until.get(address, now)) + PENALTY_SECONDS

    # -- the sound

    async def _sound(self, request: web.Request) -> web.StreamResponse:
        with self._counted(request.remote or ""):
            browser = web.WebSocketResponse(max_msg_size=_MAX_PROOF_BYTES, heartbeat=_HEARTBEAT_SECONDS, compress=False)
            await browser.prepare(request)
            try:
                if await self._has_proved(browser):
                    await browser.send_json({"type": "ready", "rate": RATE})
                    await _until_one_ends(self._play_to(browser), _until_closed(browser))
                else:
                    await browser.send_json({"type": "refused"})
            except ConnectionError:
                pass
            finally:
                await browser.close()
            return browser

    async def _has_proved(self, browser: web.WebSocketResponse) -> bool:
        challenge = new_challenge()
        await browser.send_json({"type": "challenge", "challenge": challenge})
        try:
            message = await browser.receive(timeout=PROOF_SECONDS)
        except TimeoutError:
            return False
        return message.type is WSMsgType.TEXT and await self._password_check.admits(challenge, _answer_in(message.data))

    async def _play_to(self, browser: web.WebSocketResponse) -> None:
        async with contextlib.aclosing(self._hub.packets()) as packets:
            async for packet in packets:
                await browser.send_bytes(packet)


def is_own_name(host: str, also: Sequence[str] = ()) -> bool:
    """Whether a Host header (port or not) is an IP address, localhost, this machine's name or one of `also`."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(name)
        return True
    own = socket.gethostname().lower()
    known = {"localhost", own, f"{own}.local", *(other.lower() for other in also)}
    return name in known or name.endswith(".localhost")


def _answer_in(text: str) -> str:
    try:
        answer = json.loads(text)["answer"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return answer if isinstance(answer, str) else ""


async def _index(_request: web.Request) -> web.StreamResponse:
    return web.FileResponse(_PAGE_FOLDER / "index.html")


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)


async def _to_vnc(browser: web.WebSocketResponse, writer: asyncio.StreamWriter) -> None:
    async for message in browser:
        if message.type is not WSMsgType.BINARY:
            return
        writer.write(message.data)
        await writer.drain()


async def _to_browser(reader: asyncio.StreamReader, browser: web.WebSocketResponse, handshake: Handshake) -> None:
    while data := await reader.read(_READ_BYTES):
        handshake.server_said(data)
        await browser.send_bytes(data)


async def _until_too_late(handshake: Handshake) -> None:
    """End if the browser is not let in within the time limit; otherwise wait forever."""
    await asyncio.sleep(PROOF_SECONDS)
    if handshake.admitted:
        await asyncio.Event().wait()


async def _until_closed(browser: web.WebSocketResponse) -> None:
    async for _ in browser:
        return  # the page sends nothing more


async def _until_one_ends(*works: Coroutine[Any, Any, None]) -> None:
    """Run all until the first ends in any way; a lost connection is not an error."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, OSError):
            raise result


async def serve(site: Site, address: str, port: int) -> web.AppRunner:
    """Start serving; return the runner, whose `cleanup` stops it."""
    runner = web.AppRunner(site.app(), access_log=None, shutdown_timeout=1.0, handle_signals=True)
    await runner.setup()
    await web.TCPSite(runner, address, port).start()
    return runner


async def _serve_until_stopped(site: Site, address: str, port: int) -> None:
    runner = await serve(site, address, port)
    try:
        await site.patience.watch(lambda: runner.server.connections if runner.server is not None else ())
    finally:
        await runner.cleanup()


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop. The password is the first line of standard input; anyone can read command lines."""
    parser = argparse.ArgumentParser(prog="python -m pydoom.kiosk.website", description=__doc__)
    parser.add_argument("--listen", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--vnc", metavar="HOST:PORT", type=_address, required=True)
    parser.add_argument("--sound-socket", type=Path, required=True)
    parser.add_argument("--novnc", type=Path, required=True)
    parser.add_argument("--host-name", action="append", default=[])
    options = parser.parse_args(arguments)
    settings = SiteSettings(
        options.vnc,
        options.sound_socket,
        options.novnc,
        sys.stdin.readline().rstrip("\n"),
        tuple(options.host_name),
    )
    logging.basicConfig(level=logging.ERROR)
    with contextlib.suppress(KeyboardInterrupt, web.GracefulExit):
        asyncio.run(_serve_until_stopped(Site(settings), options.listen, options.port))
    return 0


if __name__ == "__main__":
    sys.exit(main())
