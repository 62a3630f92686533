"""The browser page's server: who may connect, and what the password opens."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar, WSMsgType, WSServerHandshakeError, test_utils, web

from pydoom.kiosk import login, relay, website
from pydoom.kiosk.guesses import GuessLimit
from pydoom.kiosk.login import answer_to
from pydoom.kiosk.relay import Relay
from pydoom.kiosk.sound import MAX_WAITING, SoundHub
from pydoom.kiosk.website import MAX_NOTE_BYTES, Site, SiteSettings, is_own_name

PASSWORD = "sesame"


@contextlib.asynccontextmanager
async def serving(folder: Path, host_names: tuple[str, ...] = ()) -> AsyncIterator[tuple[ClientSession, str, Site]]:
    """A site and a client; gives the client's session, the site's address and the site."""
    (folder / "core").mkdir(exist_ok=True)
    (folder / "vendor").mkdir(exist_ok=True)
    (folder / "core" / "rfb.js").write_text("export default 1;")
    settings = SiteSettings(folder / "sound", folder, PASSWORD, host_names, folder / "kill-note")
    site = Site(settings, GuessLimit(), Relay(folder / "x11vnc", lambda viewers: None))
    jar = CookieJar(unsafe=True)  # takes cookies of IP addresses
    async with test_utils.TestServer(site.app()) as server, ClientSession(cookie_jar=jar) as session:
        yield session, str(server.make_url("/")), site


async def log_in(session: ClientSession, url: str, password: str = PASSWORD) -> int:
    """The status that the login's answer has."""
    async with session.get(url + "session") as response:
        challenge = (await response.json())["challenge"]
    answer = {"challenge": challenge, "answer": answer_to(challenge, password)}
    async with session.post(url + "login", json=answer) as response:
        return response.status


@contextlib.contextmanager
def game_sending(folder: Path, packet: bytes) -> Iterator[None]:
    """What the game's side of the sound socket is, answering each listener with one packet."""
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
            for path in ("", "page/page.js", "page/hmac.js", "page/worklet.js", "page/style.css", "novnc/core/rfb.js"):
                async with session.get(url + path) as response:
                    assert response.status == 200, path
                    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]

    asyncio.run(check())


def test_the_page_is_told_what_the_game_says_of_kills(tmp_path: Path) -> None:
    note = tmp_path / "kill-note"

    async def told(session: ClientSession, url: str) -> str:
        async with session.get(url + "session") as response:
            return str((await response.json())["kill"])

    async def check() -> None:
        async with serving(tmp_path) as (session, url, _):
            assert await told(session, url) == ""
            note.write_text("Shoot a monster, and its container is paused for 10 s.")
            assert await told(session, url) == "Shoot a monster, and its container is paused for 10 s."
            note.write_bytes(b"\xff" * 100_000)
            assert len(await told(session, url)) <= MAX_NOTE_BYTES

    asyncio.run(check())


def test_the_page_claims_no_removal_before_it_has_been_told() -> None:
    page = (Path(website.__file__).parent / "web" / "index.html").read_text()
    assert 'id="kill"' in page
    assert "removed" not in page


@pytest.mark.parametrize("path", ["novnc/vnc.html", "page/../kiosk/login.py", "novnc/core/..%2f..%2f"])
def test_nothing_else_is_served(tmp_path: Path, path: str) -> None:
    async def check() -> None:
        async with serving(tmp_path) as (session, url, _), session.get(url + path) as response:
            assert response.status in (403, 404)

    asyncio.run(check())


@pytest.mark.parametrize(
    "host",
    [
        *("[", "]", "[::1", "::1]:80", "[::1]x", "[v1.x]", "localhost:x", "localhost:99999999", "localhost:-1", "a b"),
        *(
            "localhost/",
            "localhost?x",
            "localhost#x",
            "user@localhost",
            "localhost:1:2",
            "\\\\localhost",
            "loca\tlhost",
        ),
    ],
)
def test_invalid_names_are_refused(host: str) -> None:
    assert not is_own_name(host)


ODD_ORIGINS = [
    *("http://[", "http://]", "http://[::1", "http://[x]", "http://localhost:x", "http://localhost:99999999", "null"),
    *("", "/", "//", "http:", "http://", "://", "file://", "\xff\xfe", "http://ｌocalhost", "javascript:alert(1)"),
    *("http://{0}/x", "http://x@{0}", "ftp://{0}", "{0}", "//{0}", "http://{0}:1", "http://{0}, http://{0}"),
]


@pytest.mark.parametrize("origin", ODD_ORIGINS)
def test_invalid_origins_are_refused_and_log_nothing(
    tmp_path: Path, origin: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def check() -> None:
        async with serving(tmp_path) as (_, url, _):
            host = url.split("/")[2]
            reader, writer = await asyncio.open_connection(*host.split(":"))
            text = (
                f"GET /session HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin.format(host)}\r\nConnection: close\r\n\r\n"
            )
            writer.write(text.encode("utf-8"))
            answer = await asyncio.wait_for(reader.read(), 5)
            writer.close()
            assert answer.split(b" ")[1] in (b"403", b"400")

    asyncio.run(check())
    assert not caplog.records


def test_page_of_a_proxy_may_connect_under_a_name_the_operator_gave(tmp_path: Path) -> None:
    async def check() -> None:
        async with serving(tmp_path, ("ops.example",)) as (session, url, _):
            for origin, status in (("https://ops.example", 200), ("https://evil.example", 403)):
                async with session.get(url + "session", headers={"Origin": origin}) as response:
                    assert response.status == status

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


# -- the login


def test_right_password_opens_a_session_whose_cookie_scripts_cannot_read(tmp_path: Path) -> None:
    async def check() -> None:
        async with serving(tmp_path) as (session, url, _):
            challenge = (await (await session.get(url + "session")).json())["challenge"]
            answer = {"challenge": challenge, "answer": answer_to(challenge, PASSWORD)}
            async with session.post(url + "login", json=answer) as response:
                assert response.status == 200
                cookie = response.headers["Set-Cookie"]
            for attribute in ("HttpOnly", "SameSite=Strict", f"Max-Age={login.SESSION_SECONDS}"):
                assert attribute in cookie
            assert "Path" not in cookie, "behind a proxy only the browser knows it"
            assert "Secure" not in cookie
            assert (await (await session.get(url + "session")).json())["open"]

    asyncio.run(check())


def test_cookie_is_for_https_alone_where_the_proxy_speaks_it(tmp_path: Path) -> None:
    async def check() -> None:
        async with serving(tmp_path) as (session, url, _):
            challenge = (await (await session.get(url + "session")).json())["challenge"]
            answer = {"challenge": challenge, "answer": answer_to(challenge, PASSWORD)}
            headers = {"X-Forwarded-Proto": "https"}
            async with session.post(url + "login", json=answer, headers=headers) as response:
                assert "Secure" in response.headers["Set-Cookie"]

    asyncio.run(check())


def test_wrong_password_opens_none(tmp_path: Path) -> None:
    async def check() -> None:
        async with serving(tmp_path) as (session, url, _):
            assert await log_in(session, url, "wrong") == 403
            assert not (await (await session.get(url + "session")).json())["open"]

    asyncio.run(check())


def test_an_answer_opens_only_one_session(tmp_path: Path) -> None:
    async def check() -> None:
        async with serving(tmp_path) as (session, url, _):
            challenge = (await (await session.get(url + "session")).json())["challenge"]
            answer = {"challenge": challenge, "answer": answer_to(challenge, PASSWORD)}
            statuses = sorted([(await session.post(url + "login", json=answer)).status for _ in range(3)])
            assert statuses == [200, 400, 400]

    asyncio.run(check())


def test_challenges_expire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "CHALLENGE_SECONDS", 0)

    async def check() -> None:
        async with serving(tmp_path) as (session, url, _):
            assert await log_in(session, url) == 400

    asyncio.run(check())


def test_challenge_may_expire_while_its_answer_waits_and_is_used_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    challenges, now = login.Challenges(), time.time()
    challenge = challenges.new()
    monkeypatch.setattr(time, "time", lambda: now + login.CHALLENGE_SECONDS + 250)
    assert not challenges.is_valid(challenge)
    assert challenges.use(challenge)
    monkeypatch.setattr(time, "time", lambda: now + 6 * 3600)  # a second answer to it waits in a crowd
    assert challenges.use(challenges.new())
    assert not challenges.use(challenge)


def test_challenges_of_others_are_refused(tmp_path: Path) -> None:
    async def check() -> None:
        async with serving(tmp_path) as (session, url, _):
            for challenge in ("", "00", login.Challenges().new()):
                answer = {"challenge": challenge, "answer": answer_to(challenge, PASSWORD)}
                async with session.post(url + "login", json=answer) as response:
                    assert response.status == 400

    asyncio.run(check())


@pytest.mark.parametrize(
    "body",
    [
        *("", "{}", "[]", "null", "not json", "7", '"x"', "[" * 900, "1" * 900, "NaN", b"\xff\xfe\x00\xd8"),
        *(f'{{"challenge": {value}, "answer": {value}}}' for value in ("7", '""', '"\\ud800"', '"ü"', "null", "{}")),
        *(f'{{"challenge": "CHALLENGE", "answer": {value}}}' for value in ("7", '"\\ud800"', f'"{"٣" * 64}"', "[]")),
    ],
)
def test_any_other_answer_is_refused_and_logs_nothing(
    tmp_path: Path, body: str | bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async def check() -> None:
        async with serving(tmp_path) as (session, url, _):
            challenge = (await (await session.get(url + "session")).json())["challenge"]
            data = body.replace("CHALLENGE", challenge).encode() if isinstance(body, str) else body
            async with session.post(url + "login", data=data) as response:
                assert response.status == 400

    asyncio.run(check())
    assert not caplog.records


def test_endless_body_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(website, "BODY_SECONDS", 0.2)

    async def drip() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.05)

    async def check() -> None:
        async with serving(tmp_path) as (session, url, _):
            async with session.post(url + "login", data=b"x" * 5000) as response:
                assert response.status == 413
            async with session.post(url + "login", data=drip()) as response:
                assert response.status == 408

    asyncio.run(check())


def test_sessions_end_when_they_are_not_used_and_the_oldest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    monkeypatch.setattr(login, "MAX_SESSIONS", 2)
    sessions = login.Sessions()
    first, second = sessions.begin(), sessions.begin()
    now += login.SESSION_SECONDS - 1
    assert sessions.is_open(first)
    now += 2
    assert sessions.is_open(first), "it was used"
    assert not sessions.is_open(second)
    sessions.begin()
    sessions.begin()
    assert not sessions.is_open(first)
    assert not sessions.is_open("")


def test_right_answer_depends_on_password_and_challenge() -> None:
    # the page computes the same in JavaScript
    assert answer_to("00", "1234") != answer_to("00", "1235")
    assert answer_to("00", "1234") != answer_to("01", "1234")
    assert len(answer_to("00", "1234")) == 64


@pytest.mark.parametrize("path", ["sound", "websockify"])
def test_sockets_need_a_session(tmp_path: Path, path: str) -> None:
    async def check() -> None:
        async with serving(tmp_path) as (session, url, _):
            for cookies in ({}, {"pydoom-session": ""}, {f"pydoom-session-{url.split(':')[2].strip('/')}": "guess"}):
                with pytest.raises(WSServerHandshakeError) as refusal:
                    cookie = "; ".join(f"{key}={value}" for key, value in cookies.items())
                    await session.ws_connect(url + path, headers={"Cookie": cookie})
                assert refusal.value.status == 401

    asyncio.run(check())


# -- the frames


@contextlib.asynccontextmanager
async def echoing(folder: Path) -> AsyncIterator[None]:
    """What stands for x11vnc: says in capitals what it hears."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data.upper())
        writer.close()

    server = await asyncio.start_unix_server(echo, folder / "x11vnc")
    yield
    server.close()


def test_bytes_go_both_ways_between_page_and_vnc_server(tmp_path: Path) -> None:
    async def check() -> None:
        async with echoing(tmp_path), serving(tmp_path) as (session, url, _):
            await log_in(session, url)
            async with session.ws_connect(url + "websockify") as page:
                await page.send_bytes(b"rfb 003.008")
                assert await page.receive_bytes(timeout=5) == b"RFB 003.008"

    asyncio.run(check())


@pytest.mark.parametrize("sent", ["text", "a close frame", "nothing valid"])
def test_what_is_not_for_a_vnc_server_ends_the_connection(
    tmp_path: Path, sent: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def check() -> None:
        async with echoing(tmp_path), serving(tmp_path) as (session, url, site):
            await log_in(session, url)
            async with session.ws_connect(url + "websockify") as page:
                if sent == "text":
                    await page.send_str("text")
                elif sent == "a close frame":
                    await page.close(code=4999, message=b"bye")
                else:
                    connection = page._response.connection
                    assert connection is not None and connection.transport is not None
                    connection.transport.write(bytes(range(255, 0, -1)) * 9)
                with contextlib.suppress(ConnectionError):
                    assert (await page.receive(timeout=5)).type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.ERROR)
            await asyncio.sleep(0.05)
            assert site._relay.viewers == 0

    asyncio.run(check())
    assert not caplog.records


def test_page_is_told_when_there_is_no_vnc_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "_START_SECONDS", 0.2)

    async def check() -> None:
        async with serving(tmp_path) as (session, url, _):
            await log_in(session, url)
            with pytest.raises(WSServerHandshakeError) as refusal:
                await session.ws_connect(url + "websockify")
            assert refusal.value.status == 503

    asyncio.run(check())


def test_viewers_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "MAX_VIEWERS", 1)

    async def check() -> None:
        async with echoing(tmp_path), serving(tmp_path) as (session, url, _):
            await log_in(session, url)
            async with session.ws_connect(url + "websockify"):
                with pytest.raises(WSServerHandshakeError) as refusal:
                    await session.ws_connect(url + "websockify")
                assert refusal.value.status == 503
            await asyncio.sleep(0.05)
            async with session.ws_connect(url + "websockify"):
                pass

    asyncio.run(check())


@pytest.mark.parametrize("path", ["sound", "websockify", "login"])
def test_requests_of_the_wrong_kind_are_refused(tmp_path: Path, path: str, caplog: pytest.LogCaptureFixture) -> None:
    async def check() -> None:
        async with serving(tmp_path) as (session, url, _):
            await log_in(session, url)
            async with session.get(url + path) as response:
                assert response.status == (405 if path == "login" else 426)

    asyncio.run(check())
    assert not caplog.records


# -- the sound


def test_sound_comes_with_a_session(tmp_path: Path) -> None:
    async def check() -> None:
        with game_sending(tmp_path, b"pcm!"):
            async with serving(tmp_path) as (session, url, _):
                await log_in(session, url)
                async with session.ws_connect(url + "sound") as page:
                    assert await page.receive_json(timeout=5) == {"type": "ready", "rate": 44100}
                    assert await page.receive_bytes(timeout=5) == b"pcm!"
                    assert await page.receive_bytes(timeout=5) == b"pcm!", "the next game is heard as well"

    asyncio.run(check())


def test_listeners_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(website, "MAX_LISTENERS", 1)

    async def check() -> None:
        async with serving(tmp_path) as (session, url, _):
            await log_in(session, url)
            async with session.ws_connect(url + "sound"):
                with pytest.raises(WSServerHandshakeError) as refusal:
                    await session.ws_connect(url + "sound")
                assert refusal.value.status == 503

    asyncio.run(check())


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


def test_a_page_s_layout_is_passed_on_once_a_second(tmp_path: Path) -> None:
    wanted: list[str] = []

    async def scenario() -> None:
        async with serving(tmp_path) as (session, url, site):
            site._layout_wanted = wanted.append

            async def ask(layout: bytes) -> int:
                async with session.post(url + "keyboard", data=layout) as response:
                    return response.status

            assert await ask(b"fr") == 401
            assert await log_in(session, url) == 200
            for strange in (b"", b"zz", b"fr -option x", b"../fr", b"\xff", b"x" * 1000):
                assert await ask(strange) == 400
            assert await ask(b"us(dvorak)") == 204
            assert await ask(b"fr") == 429
            site._next_layout = 0.0
            assert await ask(b"fr") == 204

    asyncio.run(scenario())
    assert wanted == ["us(dvorak)", "fr"]


@pytest.mark.parametrize("waited_before", [True, False])
def test_a_browser_that_reads_nothing_does_not_keep_its_connection_open(
    monkeypatch: pytest.MonkeyPatch, waited_before: bool
) -> None:
    monkeypatch.setattr(website, "CLOSE_SECONDS", 0.3)

    async def scenario() -> None:
        ended = asyncio.Event()
        transports: list[asyncio.Transport] = []

        async def pour(request: web.Request) -> web.StreamResponse:
            assert isinstance(request.transport, asyncio.Transport)
            transports.append(request.transport)
            browser = web.WebSocketResponse(compress=False)
            async with website._talking(browser, request):
                if not waited_before:
                    request.transport.set_write_buffer_limits(high=64 << 20)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.5):
                        for _ in range(32):
                            await browser.send_bytes(bytes(1 << 20))
                request.transport.set_write_buffer_limits()
            ended.set()
            return browser

        app = web.Application()
        app.router.add_get("/", pour)
        async with test_utils.TestServer(app) as server:
            with socket.create_connection((server.host, server.port)) as client:
                client.sendall(
                    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
                )
                await asyncio.wait_for(ended.wait(), 20)
                async with asyncio.timeout(20):
                    while transports[0].get_extra_info("socket").fileno() >= 0:
                        await asyncio.sleep(0.01)

    asyncio.run(scenario())
