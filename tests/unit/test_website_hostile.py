"""The browser page's server against who does not know the password and does not behave."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest
from aiohttp import ClientSession, CookieJar

from pydoom.kiosk.guesses import GuessLimit, Rate
from pydoom.kiosk.listening import Place
from pydoom.kiosk.patience import Patience
from pydoom.kiosk.relay import Relay
from pydoom.kiosk.website import Site, SiteSettings, serving
from tests.unit.test_website import log_in

pytestmark = pytest.mark.slow

PASSWORD = "sesame"


@contextlib.asynccontextmanager
async def site(
    folder: Path, idle_seconds: float = 10.0, max_idle: int = 128, guesses: GuessLimit | None = None
) -> AsyncIterator[int]:
    """A served site; gives its port."""
    for part in ("core", "vendor"):
        (folder / part).mkdir()
    settings = SiteSettings(folder / "sound", folder, PASSWORD)
    served = Site(settings, guesses or GuessLimit(), Relay(folder / "x11vnc", lambda viewers: None))
    served.patience = Patience(idle_seconds, max_idle)
    async with serving(served, Place("127.0.0.1", 0)) as server:
        yield server.sockets[0].getsockname()[1]


async def raw(port: int, request: bytes, timeout: float = 5) -> bytes:
    """All the server says to these bytes, until it ends the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionError):
        writer.write(request)
        await writer.drain()
    said = b""
    with contextlib.suppress(ConnectionError):
        said = await asyncio.wait_for(reader.read(-1), timeout)
    writer.close()
    return said


# -- guessing


def test_owner_gets_in_while_others_guess_from_the_same_address(tmp_path: Path) -> None:
    async def check() -> None:
        guesses = GuessLimit(Rate(3, 20.0))
        async with site(tmp_path, guesses=guesses) as port, ClientSession(cookie_jar=CookieJar(unsafe=True)) as owner:
            url = f"http://127.0.0.1:{port}/"

            async def guess_for_ever() -> None:
                async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as stranger:
                    while True:
                        await log_in(stranger, url, "wrong")

            guessers = [asyncio.create_task(guess_for_ever()) for _ in range(16)]
            await asyncio.sleep(0.5)
            assert await log_in(owner, url) == 200
            began = time.monotonic()
            for _ in range(20):
                assert (await (await owner.get(url + "session")).json())["open"]
            async with owner.ws_connect(url + "sound") as page:
                assert (await page.receive_json(timeout=5))["type"] == "ready"
            assert time.monotonic() - began < 20, "a session waits for nobody's turn"
            for guesser in guessers:
                guesser.cancel()
            await asyncio.gather(*guessers, return_exceptions=True)

    asyncio.run(check())


def test_right_answers_are_refused_too_where_too_many_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pydoom.kiosk.guesses.MAX_WAITING", 1)

    async def check() -> None:
        guesses = GuessLimit(Rate(1, 0.01))
        async with site(tmp_path, guesses=guesses) as port, ClientSession() as session:
            url = f"http://127.0.0.1:{port}/"
            assert await log_in(session, url, "wrong") == 403
            waiting = asyncio.create_task(log_in(session, url, "wrong"))
            await asyncio.sleep(0.3)
            assert await log_in(session, url) == 429
            waiting.cancel()

    asyncio.run(check())


# -- taking up room


@pytest.mark.parametrize("begin", [b"", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: "])
def test_a_request_that_never_ends_is_ended(tmp_path: Path, begin: bytes) -> None:
    async def check() -> None:
        async with site(tmp_path, idle_seconds=0.3) as port:
            assert await raw(port, begin) == b""

    asyncio.run(check())


def test_many_idle_connections_keep_nobody_out(tmp_path: Path) -> None:
    async def check() -> None:
        async with site(tmp_path, max_idle=20) as port, ClientSession() as session:
            idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(60)]
            await asyncio.sleep(0.6)
            ended = sum(reader.at_eof() or reader.exception() is not None for reader, _ in idle)
            assert ended >= 40
            async with session.get(f"http://127.0.0.1:{port}/") as response:
                assert response.status == 200
            for _, writer in idle:
                writer.close()

    asyncio.run(check())


# -- odd requests


@pytest.mark.parametrize(
    ("line", "headers"),
    [
        ("GET /page/../../website.py HTTP/1.1", ""),
        ("GET /page/..%2f..%2fwebsite.py HTTP/1.1", ""),
        ("GET /page/%2e%2e/%2e%2e/website.py HTTP/1.1", ""),
        ("GET /page//etc/passwd HTTP/1.1", ""),
        ("GET /page/..\\..\\website.py HTTP/1.1", ""),
        ("GET /page/index.html%00.css HTTP/1.1", ""),
        ("GET /novnc/core/%ff%fe HTTP/1.1", ""),
        ("GET /novnc/ HTTP/1.1", ""),
        ("GET /page/ HTTP/1.1", ""),
        ("GET http://evil.example/ HTTP/1.1", "Origin: http://evil.example\r\n"),
        ("POST / HTTP/1.1", "Content-Length: 99999999999\r\n"),
        ("CONNECT 127.0.0.1:22 HTTP/1.1", ""),
        ("GET / HTTP/1.1", "Origin: null\r\n"),
        ("GET / HTTP/1.1", "Host: evil.example\r\n"),
        ("GET / HTTP/1.1", "X: " + "x" * 100_000 + "\r\n"),
        ("GET /" + "x" * 100_000 + " HTTP/1.1", ""),
        ("GET / HTTP/1.1", "".join(f"X{number}: x\r\n" for number in range(50_000))),
        ("GET /page/page.js HTTP/1.1", "If-Modified-Since: Mon, 9223372036854775808 Jan 2024 00:00:00 GMT\r\n"),
        ("GET /page/page.js HTTP/1.1", "If-Range: Mon, 01 Jan 99999999999999999999 00:00:00 GMT\r\n"),
        ("GET /page/page.js HTTP/1.1", "If-Unmodified-Since: Mon, 01 Jan 2024 99999999999:00:00 GMT\r\n"),
        ("nonsense", ""),
    ],
)
def test_odd_requests_are_refused_without_a_word_on_the_inside(
    tmp_path: Path, line: str, headers: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def check() -> None:
        async with site(tmp_path, idle_seconds=2) as port:
            said = await raw(port, f"{line}\r\nHost: localhost\r\n{headers}Connection: close\r\n\r\n".encode("latin-1"))
            assert said == b"" or said.split(b" ", 2)[1] in (b"400", b"403", b"404", b"405", b"413", b"431"), said[:300]
            assert b"Traceback" not in said
            async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}/") as response:
                assert response.status == 200

    asyncio.run(check())
    assert not caplog.records, "nor does it fill the log"


ODD_VALUES = [
    *(
        "",
        "[",
        "http://[",
        "websocket",
        "Upgrade",
        "13",
        "99",
        "-1",
        "5",
        "chunked",
        "gzip, chunked",
        "gzip",
        "zstd",
        "*",
    ),
    *(
        "bytes=9-1",
        "bytes=-",
        "Thu, 99 Foo",
        "100-continue",
        "=;=;,",
        "a=b; pydoom-session=\xff",
        "\xed\xa0\x80",
        "x" * 9000,
    ),
    *(
        "application/json; charset=\x00",
        "permessage-deflate; server_max_window_bits=99",
        "user@localhost",
        "localhost\t",
    ),
]
ODD_HEADERS = [
    *("Host", "Origin", "Cookie", "Upgrade", "Connection", "Content-Length", "Transfer-Encoding", "Content-Encoding"),
    *("Content-Type", "Range", "If-None-Match", "If-Modified-Since", "Expect", "X-Forwarded-Proto", "Accept-Encoding"),
    *("Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"),
]
PATHS = [
    "/",
    "/session",
    "/login",
    "/sound",
    "/websockify",
    "/page/page.js",
    "/page/",
    "//",
    "/%00",
    "*",
    "/login?%ed%a0%80",
]
BODIES = [
    b"",
    b"{}",
    b"\xed\xa0\x80",
    b"5\r\nhello\r\n0\r\n\r\n",
    b"zz\r\n",
    b"\x1f\x8b\x08",
    b"[" * 1000,
    bytes(range(256)),
]


def odd_request(random: Random) -> bytes:
    lines = [f"{random.choice(['GET', 'POST', 'HEAD', 'CONNECT'])} {random.choice(PATHS)} HTTP/1.1", "Host: localhost"]
    lines += [f"{random.choice(ODD_HEADERS)}: {random.choice(ODD_VALUES)}" for _ in range(random.randrange(5))]
    body = random.choice(BODIES)
    if random.random() < 0.5:
        lines.append(f"Content-Length: {len(body)}")
    request = bytearray("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + body)
    for _ in range(random.choice([0, 0, 0, 1, 5])):
        request[random.randrange(len(request))] = random.randrange(256)
    return bytes(request)


def test_requests_made_of_odd_parts_leave_no_traceback_and_the_page_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def check() -> None:
        random = Random(12)
        async with site(tmp_path, idle_seconds=0.5) as port:
            for _ in range(30):
                requests = [raw(port, odd_request(random), 10) for _ in range(20)]
                for said in await asyncio.gather(*requests):
                    assert said == b"" or said.startswith(b"HTTP/1."), said[:200]
            async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}/") as response:
                assert response.status == 200

    asyncio.run(check())
    assert not [record.getMessage() for record in caplog.records if record.levelname != "DEBUG"]
