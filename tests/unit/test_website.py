"""The browser page's server: who may connect, and what the password unlocks."""

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError, test_utils

from pydoom.kiosk import website
from pydoom.kiosk.proof import PasswordCheck, answer_to, new_challenge
from pydoom.kiosk.sound import MAX_WAITING, SoundHub
from pydoom.kiosk.website import Site, SiteSettings, is_own_name

PASSWORD = "sesame"


@contextlib.asynccontextmanager
async def serving(
    folder: Path, vnc_port: int = 1, host_names: tuple[str, ...] = ()
) -> AsyncIterator[tuple[ClientSession, str, Site]]:
    """A site and a client; gives the client's session, the site's address and the site."""
    (folder / "core").mkdir(exist_ok=True)
    (folder / "vendor").mkdir(exist_ok=True)
    (folder / "core" / "rfb.js").write_text("export default 1;")
    site = Site(SiteSettings(("127.0.0.1", vnc_port), folder / "sound", folder, PASSWORD, host_names))
    async with test_utils.TestServer(site.app()) as server, ClientSession() as session:
        yield session, str(server.make_url("/")), site


@contextlib.contextmanager
def game_sending(folder: Path, packet: bytes) -> Iterator[None]:
    """A fake of the game's side of the sound socket: sends each listener one packet."""
    server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    server.bind(str(folder / "sound"))
    server.listen()
    server.setblocking(False)

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        while True:
            listener, _ = await loop.sock_accept(server)
            await loop.sock_sendall(listener, packet)
            await asyncio.sleep(0.2)
            listener.close()

    task = asyncio.create_task(serve())
    yield
    task.cancel()
    server.close()


# -- names and origins


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:6080", "127.0.0.1", "[::1]:6080", "192.168.7.9:80", "localhost", "LOCALHOST:1", "game.localhost"],
)
def test_addresses_and_localhost_are_own_names(host: str) -> None:
    assert is_own_name(host)


def test_machine_name_is_an_own_name() -> None:
    assert is_own_name(f"{socket.gethostname()}:6080")


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "", ":6080", "[::", "127.0.0.1.evil.example"]
)
def test_other_names_are_not(host: str) -> None:
    assert not is_own_name(host)


def test_names_given_by_the_operator_are_own_names() -> None:
    assert is_own_name("Doom.example:6080", ("doom.example",))


def test_page_and_novnc_are_served_with_protective_headers(tmp_path: Path) -> None:
    async def check() -> None:
        async with serving(tmp_path) as (session, url, _):
            for path in ("", "page/page.js", "page/worklet.js", "page/style.css", "novnc/core/rfb.js"):
                async with session.get(url + path) as response:
                    assert response.status == 200, path
                    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]

    asyncio.run(check())


@pytest.mark.parametrize("path", ["novnc/vnc.html", "page/../kiosk/proof.py", "novnc/core/..%2f..%2f"])
def test_no_other_files_are_served(tmp_path: Path, path: str) -> None:
    async def check() -> None:
        async with serving(tmp_path) as (session, url, _), session.get(url + path) as response:
            assert response.status in (403, 404)

    asyncio.run(check())


@pytest.mark.parametrize("path", ["sound", "websockify"])
@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example"}])
def test_pages_of_others_cannot_connect(tmp_path: Path, path: str, headers: dict[str, str]) -> None:
    async def check() -> None:
        async with serving(tmp_path) as (session, url, _):
            with pytest.raises(WSServerHandshakeError) as refusal:
                await session.ws_connect(url + path, headers=headers)
            assert refusal.value.status == 403

    asyncio.run(check())


# -- the screen


def test_bytes_go_both_ways_between_page_and_vnc_server(tmp_path: Path) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data.upper())
        writer.close()

    async def check() -> None:
        vnc = await asyncio.start_server(echo, "127.0.0.1", 0)
        port = vnc.sockets[0].getsockname()[1]
        async with serving(tmp_path, port) as (session, url, _), session.ws_connect(url + "websockify") as page:
            await page.send_bytes(b"rfb 003.008")
            assert await page.receive_bytes(timeout=5) == b"RFB 003.008"
        vnc.close()

    asyncio.run(check())


def test_page_is_told_when_there_is_no_vnc_server(tmp_path: Path) -> None:
    async def check() -> None:
        async with serving(tmp_path) as (session, url, _):
            with pytest.raises(WSServerHandshakeError) as refusal:
                await session.ws_connect(url + "websockify")
            assert refusal.value.status == 502

    asyncio.run(check())


def test_connections_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(website, "MAX_CONNECTIONS", 1)

    async def check() -> None:
        async with serving(tmp_path) as (session, url, _):
            async with session.ws_connect(url + "sound"):
                with pytest.raises(WSServerHandshakeError) as refusal:
                    await session.ws_connect(url + "sound")
                assert refusal.value.status == 503
            async with session.ws_connect(url + "sound") as page:
                assert (await page.receive_json(timeout=5))["type"] == "challenge"

    asyncio.run(check())


# -- the sound


def test_sound_comes_after_the_right_answer(tmp_path: Path) -> None:
    async def check() -> None:
        with game_sending(tmp_path, b"pcm!"):
            async with serving(tmp_path) as (session, url, _), session.ws_connect(url + "sound") as page:
                challenge = (await page.receive_json(timeout=5))["challenge"]
                await page.send_json({"answer": answer_to(challenge, PASSWORD)})
                assert await page.receive_json(timeout=5) == {"type": "ready", "rate": 44100}
                assert await page.receive_bytes(timeout=5) == b"pcm!"
                assert await page.receive_bytes(timeout=5) == b"pcm!", "the next game is heard as well"

    asyncio.run(check())


@pytest.mark.parametrize(
    "answer",
    [
        *("{}", "[]", "null", "not json", '{"answer": 7}', '{"answer": ""}', '{"answer": "ü"}', "[" * 900, "x" * 5000),
        json.dumps({"answer": PASSWORD}),
    ],
)
def test_no_sound_after_any_other_answer(tmp_path: Path, answer: str) -> None:
    async def check() -> None:
        with game_sending(tmp_path, b"pcm!"):
            async with serving(tmp_path) as (session, url, _), session.ws_connect(url + "sound") as page:
                await page.receive_json(timeout=5)
                await page.send_str(answer)
                replies = [message.data async for message in page if message.type is WSMsgType.TEXT]
                assert replies in ([], ['{"type": "refused"}'])

    asyncio.run(check())


def test_answer_to_another_challenge_is_refused(tmp_path: Path) -> None:
    async def check() -> None:
        async with serving(tmp_path) as (session, url, _), session.ws_connect(url + "sound") as page:
            await page.receive_json(timeout=5)
            await page.send_json({"answer": answer_to(new_challenge(), PASSWORD)})
            assert await page.receive_json(timeout=5) == {"type": "refused"}

    asyncio.run(check())


def test_silent_connection_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(website, "PROOF_SECONDS", 0.1)

    async def check() -> None:
        async with serving(tmp_path) as (session, url, _), session.ws_connect(url + "sound") as page:
            await page.receive_json(timeout=5)
            assert await page.receive_json(timeout=5) == {"type": "refused"}
            assert (await page.receive(timeout=5)).type is WSMsgType.CLOSE

    asyncio.run(check())


def test_wrong_answer_delays_everybody_s_next() -> None:
    async def check() -> float:
        check = PasswordCheck(PASSWORD, penalty_seconds=0.3)
        challenge = new_challenge()
        assert await check.admits(challenge, answer_to(challenge, PASSWORD))
        assert not await check.admits(challenge, "guess")
        begin = time.monotonic()
        results = await asyncio.gather(*(check.admits(challenge, guess) for guess in ("a", "b")))
        assert results == [False, False]
        return time.monotonic() - begin

    assert asyncio.run(check()) >= 0.59


def test_right_answer_depends_on_password_and_challenge() -> None:
    # the page computes the same in JavaScript
    assert answer_to("00", "1234") != answer_to("00", "1235")
    assert answer_to("00", "1234") != answer_to("01", "1234")
    assert len(answer_to("00", "1234")) == 64


def test_game_is_listened_to_only_while_somebody_listens(tmp_path: Path) -> None:
    async def check() -> None:
        hub = SoundHub(tmp_path / "sound")
        with game_sending(tmp_path, b"pcm!"):
            async with contextlib.aclosing(hub.packets()) as packets:
                assert await anext(packets) == b"pcm!"
            await asyncio.sleep(0.01)
            assert len(asyncio.all_tasks()) == 2, "this one and the stand-in for the game"

    asyncio.run(check())


def test_slow_listener_loses_old_packets_and_delays_nobody(tmp_path: Path) -> None:
    async def check() -> None:
        server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        server.bind(str(tmp_path / "sound"))
        server.listen()
        server.setblocking(False)
        loop = asyncio.get_running_loop()
        hub = SoundHub(tmp_path / "sound")
        async with contextlib.aclosing(hub.packets()) as slow:
            waiting = asyncio.create_task(anext(slow))
            game, _ = await loop.sock_accept(server)
            for number in range(MAX_WAITING + 21):
                await loop.sock_sendall(game, bytes([number]))
                await asyncio.sleep(0)
            assert await waiting == b"\0"
            await asyncio.sleep(0.1)
            assert await anext(slow) == bytes([21])
            game.close()
        server.close()

    asyncio.run(check())
