"""The browser page: its files, the login, the game's screen (VNC) and its sound, on one port.

- ``/`` and ``/novnc/``: files.
- ``/session``: says whether the browser has logged in and what a kill does, and gives a challenge; ``/login``: takes
  the answer to it.
- ``/websockify``: bytes to and from the VNC server; ``/sound``: the game's sound. Both need a session's cookie, so a
  stranger never holds more than a plain request (`pydoom.kiosk.login`).

Only this server's own pages may connect (Origin), and only under a name known to be this machine's (Host):
otherwise any page in the player's browser could reach a game on localhost, if necessary through a host name that
resolves to it. Malformed requests are refused with a line of text.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import re
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from aiohttp import WSMsgType, web
from aiohttp.http_exceptions import HttpProcessingError

from pydoom.kiosk.guesses import Entrance, Guess, GuessLimit
from pydoom.kiosk.keyboard import PAGE_LAYOUTS
from pydoom.kiosk.listening import Place
from pydoom.kiosk.login import SESSION_SECONDS, Challenges, Sessions, is_right, parse_answer
from pydoom.kiosk.patience import Patience
from pydoom.kiosk.relay import STALLED_SECONDS, Relay, RelayError, pass_on
from pydoom.kiosk.sound import RATE, SoundHub
from pydoom.kiosk.tasks import until_one_ends

MAX_LISTENERS: Final = 32
"""Sound sockets open at once."""
BODY_SECONDS: Final = 5.0
"""How long a request's body may take to arrive."""
LAYOUT_SECONDS: Final = 1.0
"""The least time between two changes of the keyboard's layout: each starts a program."""
CLOSE_SECONDS: Final = 10.0
"""How long a browser may take to read what is left when its WebSocket is closed."""
MAX_NOTE_BYTES: Final = 400
"""Most bytes of the sentence about kills."""
_MAX_BODY_BYTES: Final = 1024
_MAX_VNC_MESSAGE_BYTES: Final = 1 << 20
_HEARTBEAT_SECONDS: Final = 20.0
_PAGE_FOLDER: Final = Path(__file__).parent / "web"
_NOVNC_PARTS: Final = ("core", "vendor")
_NAME: Final = re.compile(r"[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\]", re.ASCII | re.IGNORECASE)
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
_PROBLEMS: Final = {
    Guess.WRONG: (403, "wrong password"),
    Guess.UNJUDGED: (429, "too many wrong passwords from everywhere: trying again"),
}
log = logging.getLogger(__name__)


class _OurFaultsOnly(logging.Filter):
    """Keeps tracebacks about what clients do out of the log: who leaves early, or sends what is no HTTP."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, (ConnectionError, HttpProcessingError, web.RequestPayloadError, UnicodeError))


logging.getLogger("aiohttp.server").addFilter(_OurFaultsOnly())


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """Where the game's sound and noVNC are, the password, and other names of this machine.

    `kill_note` is the file in which the game says what a kill does to a container.
    """

    sound_socket: Path
    novnc: Path
    password: str
    host_names: tuple[str, ...] = ()
    kill_note: Path | None = None


class Site:
    """The handlers of one site."""

    def __init__(
        self,
        settings: SiteSettings,
        guesses: GuessLimit,
        relay: Relay,
        layout_wanted: Callable[[str], object] = lambda _layout: None,
    ) -> None:
        """`layout_wanted` is called with the keyboard layout of a player's page, one of `keyboard.PAGE_LAYOUTS`."""
        self._layout_wanted = layout_wanted
        self._next_layout = 0.0
        self._settings = settings
        self._guesses = guesses
        self._relay = relay
        self._challenges = Challenges()
        self._sessions = Sessions()
        self._hub = SoundHub(settings.sound_socket)
        self._listeners = 0
        self.patience = Patience()

    def app(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application(middlewares=[self._guard], client_max_size=_MAX_BODY_BYTES)
        app.on_response_prepare.append(_add_headers)
        app.router.add_get("/", _index)
        app.router.add_get("/session", self._session)
        app.router.add_post("/login", self._log_in)
        app.router.add_post("/keyboard", self._keyboard)
        app.router.add_get("/websockify", self._vnc)
        app.router.add_get("/sound", self._sound)
        app.router.add_static("/page", _PAGE_FOLDER)
        for part in _NOVNC_PARTS:
            app.router.add_static(f"/novnc/{part}", self._settings.novnc / part)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Check where a request comes from. A malformed one is refused, and logged with no more than one line."""
        self.patience.begin(request.protocol)
        try:
            self._check_names(request)
            _check_dates(request)
            response: web.StreamResponse = await handler(request)
            return response
        except (web.HTTPException, ConnectionError):
            raise
        except Exception as error:
            log.error("a request to %r failed: %r", request.path[:100], error)
            raise web.HTTPBadRequest(text="Malformed request.\n") from error
        finally:
            self.patience.end(request.protocol)

    def _check_names(self, request: web.Request) -> None:
        hosts, origins = request.headers.getall("Host", []), request.headers.getall("Origin", [])
        if len(hosts) != 1 or not is_own_name(hosts[0], self._settings.host_names):
            called = repr(hosts[0][:253]) if hosts else "anything"
            raise web.HTTPForbidden(
                text=f"This server does not know that it is called {called}. "
                "Use its IP address, or start the kiosk with --host-name NAME.\n"
            )
        if len(origins) > 1 or not all(self._is_own_page(origin, hosts[0]) for origin in origins):
            raise web.HTTPForbidden(text="Only this server's own page may connect.\n")

    def _is_own_page(self, origin: str, host: str) -> bool:
        """Whether the page comes from `host`, or from a ``--host-name``, since proxies may replace the Host."""
        parts = _parts_of(origin)
        if parts is None or parts.scheme not in ("http", "https"):
            return False
        return parts.netloc.lower() == host.lower() or parts.hostname in _lower(self._settings.host_names)

    # -- the login

    async def _session(self, request: web.Request) -> web.StreamResponse:
        open_now, kill = self._has_session(request), note_in(self._settings.kill_note)
        return web.json_response({"open": open_now, "challenge": self._challenges.new(), "kill": kill})

    async def _log_in(self, request: web.Request) -> web.StreamResponse:
        try:
            async with asyncio.timeout(BODY_SECONDS):
                answer = parse_answer(await request.read())
        except TimeoutError:
            raise web.HTTPRequestTimeout(text="The answer took too long.\n") from None
        if answer is None or not self._challenges.is_valid(answer.challenge):
            raise web.HTTPBadRequest(text="This answers no challenge of this server: load the page again.\n")
        right = is_right(answer, self._settings.password)
        verdict = await self._guesses.judge(Entrance.PAGE, request.remote or "", right)
        if verdict is not Guess.RIGHT:
            status, problem = _PROBLEMS[verdict]
            return web.json_response({"problem": problem}, status=status)
        if not self._challenges.use(answer.challenge):  # another answer to it was judged while this one waited
            raise web.HTTPBadRequest(text="This challenge has been answered already: load the page again.\n")
        response = web.json_response({})
        self._set_cookie(request, response)
        return response

    def _set_cookie(self, request: web.Request, response: web.Response) -> None:
        secure = request.secure or request.headers.get("X-Forwarded-Proto", "").lower() == "https"
        response.set_cookie(
            _cookie_name(request),
            self._sessions.begin(),
            max_age=SESSION_SECONDS,
            path="",  # without a path it applies to the folder of /login, even behind a proxy that adds a prefix
            httponly=True,
            samesite="Strict",
            secure=secure,
        )

    def _has_session(self, request: web.Request) -> bool:
        return self._sessions.is_open(request.cookies.get(_cookie_name(request), ""))

    def _check_socket(self, request: web.Request) -> None:
        if not self._has_session(request):
            raise web.HTTPUnauthorized(text="Log in on the page first.\n")
        if not web.WebSocketResponse().can_prepare(request):
            raise web.HTTPUpgradeRequired(text="Only WebSocket connections here.\n")

    # -- the screen

    async def _keyboard(self, request: web.Request) -> web.StreamResponse:
        if not self._has_session(request):
            raise web.HTTPUnauthorized(text="Log in on the page first.\n")
        try:
            async with asyncio.timeout(BODY_SECONDS):
                layout = (await request.read()).decode("ascii", "replace")
        except TimeoutError:
            raise web.HTTPRequestTimeout(text="The layout took too long.\n") from None
        if layout not in PAGE_LAYOUTS:
            raise web.HTTPBadRequest(text="No page of this server asks for this layout.\n")
        now = asyncio.get_running_loop().time()
        if now < self._next_layout:
            raise web.HTTPTooManyRequests(text="The layout has just been changed.\n")
        self._next_layout = now + LAYOUT_SECONDS
        self._layout_wanted(layout)
        return web.Response(status=204)

    async def _vnc(self, request: web.Request) -> web.StreamResponse:
        self._check_socket(request)
        browser = web.WebSocketResponse(
            protocols=("binary",), max_msg_size=_MAX_VNC_MESSAGE_BYTES, heartbeat=_HEARTBEAT_SECONDS, compress=False
        )
        try:
            async with self._relay.connection() as (from_server, to_server), _talking(browser, request):
                await pass_on(_binary(browser), browser.send_bytes, from_server, to_server)
        except RelayError as error:
            raise web.HTTPServiceUnavailable(text=f"{error}\n") from error
        return browser

    # -- the sound

    async def _sound(self, request: web.Request) -> web.StreamResponse:
        self._check_socket(request)
        if self._listeners >= MAX_LISTENERS:
            raise web.HTTPServiceUnavailable(text=f"{MAX_LISTENERS} pages are listening already.\n")
        self._listeners += 1
        browser = web.WebSocketResponse(max_msg_size=_MAX_BODY_BYTES, heartbeat=_HEARTBEAT_SECONDS, compress=False)
        try:
            async with _talking(browser, request):
                await browser.send_json({"type": "ready", "rate": RATE})
                await until_one_ends(self._play_to(browser), _until_closed(browser))
        finally:
            self._listeners -= 1
        return browser

    async def _play_to(self, browser: web.WebSocketResponse) -> None:
        async with contextlib.aclosing(self._hub.packets()) as packets:
            async for packet in packets:
                async with asyncio.timeout(STALLED_SECONDS):  # its pongs say nothing about whether it reads
                    await browser.send_bytes(packet)


def note_in(path: Path | None) -> str:
    """What the game has written about kills; empty when it has not, or no bridge has told it."""
    if path is None:
        return ""
    try:
        with path.open("rb") as file:
            return file.read(MAX_NOTE_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


def is_own_name(host: str, also: Sequence[str] = ()) -> bool:
    """Whether a Host header (port or not) is an IP address, localhost, this machine's name or one of `also`."""
    parts = _parts_of(f"//{host}")
    name = (parts.hostname if parts is not None else None) or ""
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(name)
        return True
    own = socket.gethostname().lower()
    known = {"localhost", own, f"{own}.local", *_lower(also)}
    return name in known or name.endswith(".localhost")


def _parts_of(url: str) -> SplitResult | None:
    """The parts of a URL or ``//HOST``; None if it is invalid, or has more than a name and a port."""
    if not url.isprintable() or " " in url:
        return None  # Python's parser silently drops some of these
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    name = parts.netloc if port is None else parts.netloc.rpartition(":")[0]
    plain = not (parts.path or parts.query or parts.fragment) and _NAME.fullmatch(name.removesuffix(":")) is not None
    return parts if plain else None


def _check_dates(request: web.Request) -> None:
    """Refuse dates with absurd numbers: aiohttp reads them when the answer has begun, and fails with a traceback."""
    try:
        _ = request.if_modified_since, request.if_unmodified_since, request.if_range
    except (ValueError, OverflowError) as error:
        raise web.HTTPBadRequest(text="This is not a date.\n") from error


def _lower(names: Sequence[str]) -> set[str]:
    return {name.lower() for name in names}


def _cookie_name(request: web.Request) -> str:
    """One name per port: browsers send cookies to all ports of a host, so another kiosk's would get in the way."""
    port = urlsplit(f"//{request.headers['Host']}").port
    return "pydoom-session" if port is None else f"pydoom-session-{port}"


async def _index(_request: web.Request) -> web.StreamResponse:
    return web.FileResponse(_PAGE_FOLDER / "index.html")


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)


@contextlib.asynccontextmanager
async def _talking(browser: web.WebSocketResponse, request: web.Request) -> AsyncIterator[None]:
    """Upgrade the request's connection, and close it at the end."""
    await browser.prepare(request)
    try:
        yield
    except ConnectionError:
        pass
    except Exception as error:
        log.error("a connection to %r failed: %r", request.path, error)
    finally:
        await _close(browser, request)


async def _close(browser: web.WebSocketResponse, request: web.Request) -> None:
    """Close a WebSocket and its connection: aiohttp waits for ever for a browser that reads nothing."""
    transport, task = request.transport, asyncio.current_task()
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await browser.close()
    except (TimeoutError, ConnectionError):
        pass
    except asyncio.CancelledError:
        if task is None or task.cancelling():
            raise  # otherwise aiohttp waits with a future that ended with a `send` that took too long
    finally:
        if transport is not None:
            transport.abort()


async def _binary(browser: web.WebSocketResponse) -> AsyncIterator[bytes]:
    """What the browser sends, until it closes or sends anything but binary messages."""
    async for message in browser:
        if message.type is not WSMsgType.BINARY:
            return
        yield message.data


async def _until_closed(browser: web.WebSocketResponse) -> None:
    async for _ in browser:
        return  # the page has nothing to say


@contextlib.asynccontextmanager
async def serving(site: Site, place: Place) -> AsyncIterator[asyncio.Server]:
    """Serve the site while the context lasts."""
    # a client that disconnects while its answer waits to be judged must not stay in the queue
    runner = web.AppRunner(site.app(), access_log=None, shutdown_timeout=1.0, handler_cancellation=True)
    await runner.setup()
    requests = runner.server
    if requests is None:
        raise RuntimeError("aiohttp has set up no server")
    server = await place.serve_protocol(requests)
    watch = asyncio.create_task(site.patience.watch(lambda: requests.connections))
    try:
        yield server
    finally:
        watch.cancel()
        server.close()
        await runner.cleanup()
