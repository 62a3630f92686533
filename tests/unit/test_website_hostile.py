"""The browser page's server against clients without the password and clients that misbehave."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, WSServerHandshakeError

from pydoom.kiosk import website
from pydoom.kiosk.handshake import Handshake
from pydoom.kiosk.patience import Patience
from pydoom.kiosk.website import Site, SiteSettings, serve
from tests.narrow import some

VERSION = b"RFB 003.008\n"
CHALLENGE = bytes(range(16))
RIGHT = b"right answer 16b"
ADMITTED, REFUSED = b"\0\0\0\0", b"\0\0\0\1"


async def vnc_server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A VNC server with a password, as far as its first frame."""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        writer.write(VERSION)
        await reader.readexactly(12)
        writer.write(b"\1\2")
        await reader.readexactly(1)
        writer.write(CHALLENGE)
        if await reader.readexactly(16) == RIGHT:
            writer.write(ADMITTED + b"frame")
            await reader.read(1)
        else:
            writer.write(REFUSED + b"\0\0\0\2no")
    writer.close()


@contextlib.asynccontextmanager
async def site(folder: Path, idle_seconds: float = 10.0, max_idle: int = 128) -> AsyncIterator[int]:
    """A served site in front of a VNC server; gives its port."""
    for part in ("core", "vendor"):
        (folder / part).mkdir()
    vnc = await asyncio.start_server(vnc_server, "127.0.0.1", 0)
    served = Site(SiteSettings(vnc.sockets[0].getsockname(), folder / "sound", folder, "sesame"))
    served.patience = Patience(idle_seconds, max_idle)
    runner = await serve(served, "127.0.0.1", 0)
    watch = asyncio.create_task(served.patience.watch(lambda: some(runner.server).connections))
    port: int = runner.addresses[0][1]
    yield port
    watch.cancel()
    await runner.cleanup()
    vnc.close()


async def raw(port: int, request: bytes, timeout: float = 5) -> bytes:
    """Everything the server sends in response to these bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionError):
        writer.write(request)
        await writer.drain()
    said = b""
    with contextlib.suppress(ConnectionError):
        said = await asyncio.wait_for(reader.read(-1), timeout)
    writer.close()
    return said


async def guess(session: ClientSession, port: int, answer: bytes) -> bytes:
    """The VNC server's verdict on this answer."""
    async with session.ws_connect(f"http://127.0.0.1:{port}/websockify") as page:
        said = b""
        for mine, length in ((VERSION, 12), (b"\2", 14), (answer, 30)):
            while len(said) < length:
                said += await page.receive_bytes(timeout=5)
            await page.send_bytes(mine)
        return await page.receive_bytes(timeout=5)


# -- the handshake


@pytest.mark.parametrize("piece", [1, 5, 100])
def test_whoever_knows_the_password_is_admitted_however_the_bytes_come(piece: int) -> None:
    handshake, said = Handshake(), VERSION + b"\1\2" + CHALLENGE + ADMITTED
    for at in range(0, len(said), piece):
        assert not handshake.admitted
        handshake.server_said(said[at : at + piece])
    assert handshake.admitted


@pytest.mark.parametrize(
    "said",
    [
        VERSION + b"\1\2" + CHALLENGE + REFUSED,
        VERSION + b"\1\2" + CHALLENGE + REFUSED + ADMITTED * 9,
        b"RFB 003.003\n" + b"\0\0\0\2" + CHALLENGE + REFUSED,
        VERSION + b"\0\0\0\0\4what" + bytes(50),
        bytes(100),
    ],
)
def test_nobody_without_the_password_is_admitted(said: bytes) -> None:
    handshake = Handshake()
    handshake.server_said(said)
    assert not handshake.admitted


# -- guessing


def test_guesses_at_the_vnc_password_take_a_second_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(website, "PENALTY_SECONDS", 0.3)

    async def check() -> None:
        async with site(tmp_path) as port, ClientSession() as session:
            assert (await guess(session, port, RIGHT)).startswith(ADMITTED)
            began = time.monotonic()
            assert (await guess(session, port, RIGHT)).startswith(ADMITTED)
            wrong = [guess(session, port, bytes([number] * 16)) for number in range(4)]
            assert all(said.startswith(REFUSED) for said in await asyncio.gather(*wrong))
            await guess(session, port, RIGHT)
            assert time.monotonic() - began > 4 * 0.3 - 0.1, "opening many at once gains nothing"

    asyncio.run(check())


def test_too_many_wrong_guesses_are_sent_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(website, "PENALTY_SECONDS", 60.0)

    async def check() -> None:
        async with site(tmp_path) as port, ClientSession() as session:
            await guess(session, port, bytes(16))
            await asyncio.sleep(0.1)
            with pytest.raises(WSServerHandshakeError) as refusal:
                await guess(session, port, RIGHT)
            assert refusal.value.status == 429

    asyncio.run(check())


def test_nobody_stays_connected_without_the_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(website, "PROOF_SECONDS", 0.3)

    async def check() -> None:
        async with site(tmp_path) as port, ClientSession() as session:
            url = f"http://127.0.0.1:{port}/websockify"
            async with session.ws_connect(url) as player, session.ws_connect(url) as stranger:
                for mine in (VERSION, b"\2", RIGHT):
                    await player.send_bytes(mine)
                assert await stranger.receive_bytes(timeout=5) == VERSION
                assert (await stranger.receive(timeout=5)).data is not None
                await asyncio.sleep(0.4)
                assert stranger.closed
                assert not player.closed

    asyncio.run(check())


# -- taking up room


def test_one_address_cannot_take_all_connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(website, "MAX_CONNECTIONS_OF_ONE", 1)

    async def check() -> None:
        async with site(tmp_path) as port, ClientSession() as session:
            url = f"http://127.0.0.1:{port}/sound"
            first = await session.ws_connect(url)
            with pytest.raises(WSServerHandshakeError) as refusal:
                await session.ws_connect(url)
            assert refusal.value.status == 503
            await first.close()

    asyncio.run(check())


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
        ("nonsense", ""),
    ],
)
def test_odd_requests_are_refused_without_internal_details(tmp_path: Path, line: str, headers: str) -> None:
    async def check() -> None:
        async with site(tmp_path, idle_seconds=2) as port:
            said = await raw(port, f"{line}\r\nHost: localhost\r\n{headers}Connection: close\r\n\r\n".encode("latin-1"))
            assert said == b"" or said.split(b" ", 2)[1] in (b"400", b"403", b"404", b"405", b"413", b"431"), said[:300]
            assert b"Traceback" not in said
            async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}/") as response:
                assert response.status == 200

    asyncio.run(check())
