"""One request: bounded in time and size, to no other address, through no redirect and no proxy."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from hostbridge.model import SetupError
from hostbridge.outside import fetch
from hostbridge.outside.addresses import Lookup
from hostbridge.outside.fetch import Fetcher, FetchError, HttpQuestion
from hostbridge.policy.outside import WebPlace
from tests import certificates
from tests.webservers import WebServer


def ask(
    place: WebPlace, seconds: float = 5.0, lookup: Lookup | None = None, question: HttpQuestion | None = None
) -> int:
    """The status; raises FetchError."""
    return asyncio.run(Fetcher(place, lookup).ask(question or HttpQuestion(), seconds)).status


def failure(place: WebPlace, seconds: float = 5.0, lookup: Lookup | None = None) -> FetchError:
    with pytest.raises(FetchError) as caught:
        ask(place, seconds, lookup)
    return caught.value


@contextmanager
def raw_server(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """Something that accepts connections, reads a request, and goes on as the test says; yields its port."""
    server = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    connection.recv(65536)
                    talk(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield int(server.getsockname()[1])
    finally:
        over.set()
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(10)


def at(port: int) -> WebPlace:
    return WebPlace.of(f"http://127.0.0.1:{port}/health")


def test_answer_is_its_status() -> None:
    with WebServer() as web:
        assert ask(at(web.port)) == 200
        web.status = 503
        assert ask(at(web.port)) == 503
        assert (web.received[0].method, web.received[0].path) == ("GET", "/health")
        assert web.received[0].headers["Host"] == f"127.0.0.1:{web.port}"


def test_body_is_sent_with_its_headers() -> None:
    with WebServer(204) as web:
        question = HttpQuestion("POST", (("Content-Type", "application/json"), ("X-Token", "abc")), b'{"a":1}')
        assert ask(at(web.port), question=question) == 204
        assert (web.received[0].json, web.received[0].headers["X-Token"]) == ({"a": 1}, "abc")


def test_redirect_is_not_followed() -> None:
    with WebServer() as other, WebServer(302, headers={"Location": other.url()}) as web:
        assert ask(at(web.port)) == 302
        assert not other.received


def test_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with WebServer() as web, WebServer() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        assert ask(at(web.port)) == 200
        assert not proxy.received


def hang(connection: socket.socket) -> None:
    connection.recv(1)


def drip(connection: socket.socket) -> None:
    for each in b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000:
        connection.sendall(bytes([each]))
        time.sleep(0.02)


def endless_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-Filler: " + b"y" * 4096 + b"\r\n")


def endless_hints(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")


@pytest.mark.parametrize(
    ("talk", "reason"),
    [
        (hang, "timeout"),
        (drip, "timeout"),
        (endless_head, "no http"),
        (endless_hints, "no http"),
        (lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9\r\n"), "no http"),
        (lambda connection: connection.sendall(b"HTTP/1.1 999999 x\r\n\r\n"), "no http"),
        (lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nBad\x00: y\r\n\r\n"), "no http"),
        (lambda connection: connection.sendall(b"HTTP/1.1 101 x\r\nUpgrade: y\r\n\r\n"), "no http"),
        (lambda connection: None, "no http"),
    ],
    ids=["hangs", "drips", "endless head", "endless hints", "no HTTP", "odd status", "odd header", "upgrade", "closes"],
)  # fmt: skip
def test_whatever_answers_costs_bounded_time_and_memory(talk: Callable[[socket.socket], None], reason: str) -> None:
    with raw_server(talk) as port:
        assert failure(at(port), 0.5).reason == reason


def test_huge_body_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "BODY_SECONDS", 60.0)  # so that it is the size that counts
    sent = []

    def endless_body(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            sent.append(connection.send(b"x" * 65536))

    with raw_server(endless_body) as port:
        assert ask(at(port)) == 200
    assert sum(sent) < 64 * 1024 * 1024


def test_body_that_hangs_or_breaks_does_not_change_the_answer() -> None:
    for tail in (b"Content-Length: 10\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"):

        def talk(connection: socket.socket, tail: bytes = tail) -> None:
            connection.sendall(b"HTTP/1.1 200 OK\r\n" + tail)
            connection.recv(1)

        with raw_server(talk) as port:
            assert ask(at(port), 0.3) == 200


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])
    assert failure(at(port)).reason == "refused"


def test_tls_is_checked(tmp_path: Path) -> None:
    folder = certificates.make(tmp_path, "IP:127.0.0.1,DNS:shop.example")
    ca = str(folder / "cert.pem")
    with WebServer(certificate=folder) as web:
        assert ask(WebPlace.of(web.url(), ca=ca)) == 200
        assert failure(WebPlace.of(web.url())).reason == "bad certificate"
        named = WebPlace.of(web.url("shop.example"), ("loopback",), ca)
        assert ask(named, lookup=lambda host: ["127.0.0.1"]) == 200
        other = WebPlace.of(web.url("other.example"), ("loopback",), ca)
        assert failure(other, lookup=lambda host: ["127.0.0.1"]).reason == "bad certificate"
    with WebServer() as web:
        assert failure(WebPlace.of(web.url().replace("http:", "https:"))).reason == "no tls"
    (tmp_path / "bad.pem").write_text("no certificate")
    for bad in (tmp_path / "bad.pem", tmp_path / "none.pem"):
        with pytest.raises(SetupError, match="cannot read the certificates in"):
            Fetcher(WebPlace.of("https://shop.example/", ca=str(bad)))


def test_an_address_that_the_policy_does_not_name_is_never_connected_to() -> None:
    with WebServer() as web:
        place = WebPlace.of(f"http://shop.example:{web.port}/")
        error = failure(place, lookup=lambda host: ["127.0.0.1", "::ffff:127.0.0.1"])
        assert error.reason == "address forbidden"
        assert "shop.example has the address 127.0.0.1, ::ffff:127.0.0.1" in error.detail
        assert not web.received


def test_a_name_that_is_rebound_later_is_refused_later() -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    with WebServer() as web:
        fetcher = Fetcher(WebPlace.of(f"http://shop.example:{web.port}/", ("loopback",)), lambda host: next(answers))

        async def twice() -> str:
            assert (await fetcher.ask(HttpQuestion(), 5)).status == 200
            with pytest.raises(FetchError) as caught:
                await fetcher.ask(HttpQuestion(), 5)
            return caught.value.reason

        assert asyncio.run(twice()) == "address forbidden"
        assert len(web.received) == 1


def test_of_several_addresses_the_allowed_one_that_answers_is_used() -> None:
    with WebServer() as web:
        place = WebPlace.of(f"http://shop.example:{web.port}/", ("loopback",))
        assert ask(place, lookup=lambda host: ["8.8.8.8", "127.0.0.2", "127.0.0.1"]) == 200


def test_resolver_that_fails_or_hangs() -> None:
    place = WebPlace.of("http://shop.example/")
    over = threading.Event()

    def fails(host: str) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    def hangs(host: str) -> Sequence[str]:
        over.wait(10)
        return []

    assert failure(place, lookup=fails).reason == "unknown host"
    assert failure(place, lookup=lambda host: []).reason == "unreachable"
    assert failure(place, 0.2, hangs).reason == "timeout"
    over.set()
    assert failure(WebPlace.of(f"http://{'x' * 70}.example/")).reason in ("unreachable", "unknown host")


AFTER_ROOT = """
import asyncio, sys
from hostbridge.cli import probe
from hostbridge.outside.helper import Probe
from hostbridge.policy.outside import ProbeRule, WebPlace
places = [WebPlace.of(sys.argv[1]), WebPlace.of(sys.argv[2], ca=sys.argv[3])]
probes = [Probe(ProbeRule("shop", each)) for each in places]
async def ask():
    before = set(sys.modules)
    results = [await each.ask() for each in probes]
    print([each.reason for each in results], sorted(set(sys.modules) - before))
asyncio.run(ask())
"""


def test_nothing_is_imported_once_root_may_be_dropped(tmp_path: Path) -> None:
    folder = certificates.make(tmp_path, "DNS:localhost")
    with WebServer() as plain, WebServer(certificate=folder) as secure:
        words = (plain.url("localhost"), secure.url("localhost"), str(folder / "cert.pem"))
        done = subprocess.run([sys.executable, "-c", AFTER_ROOT, *words], capture_output=True, text=True, timeout=60)
    assert done.stdout == "['200', '200'] []\n", done.stderr
