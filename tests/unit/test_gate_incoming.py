"""How the gate parses requests: in whatever pieces they arrive, and nothing ambiguous."""

from __future__ import annotations

import pytest

from hostbridge.gate.errors import GateError
from hostbridge.gate.incoming import MAX_HEAD, Head, Incoming

PLAIN = b"POST /x?a=b HTTP/1.1\r\nHost: docker\r\nContent-Length: 3\r\n\r\nabc"


def read(data: bytes, size: int = 1 << 20) -> tuple[Head | None, bytes | None]:
    incoming = Incoming()
    for start in range(0, len(data), size):
        incoming.receive(data[start : start + size])
    return incoming.head(), incoming.body()


@pytest.mark.parametrize("size", [1, 2, 7, 50, 1000])
def test_request_may_arrive_in_any_pieces(size: int) -> None:
    assert read(PLAIN, size) == (Head("POST", "/x?a=b", 3), b"abc")
    assert read(b"GET / HTTP/1.1\r\nHost:\r\n\r\n", size) == (Head("GET", "/", 0), b"")


def test_a_request_is_complete_when_its_body_is() -> None:
    assert read(PLAIN[:-1]) == (Head("POST", "/x?a=b", 3), None)
    assert read(PLAIN[:-3]) == (Head("POST", "/x?a=b", 3), None)
    assert read(PLAIN[:-4]) == (None, None)


def request(*headers: str, line: str = "POST / HTTP/1.1", body: str = "") -> bytes:
    return ("\r\n".join([line, "Host: docker", *headers]) + "\r\n\r\n" + body).encode("latin1")


TWO_WAYS = {
    "two lengths": request("Content-Length: 3", "Content-Length: 4", body="abcd"),
    "the same length twice": request("Content-Length: 3", "Content-Length: 3", body="abc"),
    "a list of lengths": request("Content-Length: 3, 3", body="abc"),
    "a signed length": request("Content-Length: +3", body="abc"),
    "a negative length": request("Content-Length: -1"),
    "a length in hexadecimal": request("Content-Length: 0x3", body="abc"),
    "an empty length": request("Content-Length:", body="abc"),
    "a length of many digits": request("Content-Length: " + "0" * 30 + "3", body="abc"),
    "a length and chunks": request("Content-Length: 3", "Transfer-Encoding: chunked", body="0\r\n\r\n"),
    "chunks": request("Transfer-Encoding: chunked", body="3\r\nabc\r\n0\r\n\r\n"),
    "unknown coding": request("Transfer-Encoding: xchunked"),
    "two codings": request("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
    "a coding behind a tab": request("Transfer-Encoding:\tchunked"),
    "a name with a space": request("Content-Length : 3", body="abc"),
    "a name with a tab": request("Transfer-Encoding\t: chunked"),
    "a folded line": request("X: a", " Content-Length: 3", body="abc"),
    "a folded line with a tab": request("X: a", "\tTransfer-Encoding: chunked"),
    "a folded first header": request(line="GET / HTTP/1.1\r\n Host: other"),
    "lines that end with LF": b"GET / HTTP/1.1\nHost: docker\n\n",
    "a header that ends with LF": b"GET / HTTP/1.1\r\nHost: docker\nX: y\r\n\r\n",
    "a header that ends with CR": b"GET / HTTP/1.1\r\nHost: docker\rX: y\r\n\r\n",
    "a null byte": request("X: a\0b"),
    "a byte beyond ASCII": request("X: \xe9"),
    "a control character": request("X: \x0b"),
    "a colon in front": request(": x"),
    "no colon": request("X"),
    "two hosts": request("Host: other"),
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "HTTP/1.0": request(line="GET / HTTP/1.0"),
    "HTTP/0.9": b"GET /\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "another version": request(line="GET / HTTP/1.11"),
    "a version in small letters": request(line="GET / http/1.1"),
    "two spaces": request(line="GET  / HTTP/1.1"),
    "a tab": request(line="GET\t/ HTTP/1.1"),
    "a space in front": request(line=" GET / HTTP/1.1"),
    "an empty line in front": b"\r\n" + request(line="GET / HTTP/1.1"),
    "a target with a space": request(line="GET /a b HTTP/1.1"),
    "a target beyond ASCII": request(line="GET /\xe9 HTTP/1.1"),
    "a small method": request(line="get / HTTP/1.1"),
    "an upgrade": request("Connection: Upgrade", "Upgrade: tcp", line="GET / HTTP/1.1"),
    "an expectation": request("Expect: 100-continue", "Content-Length: 3"),
    "trailers": request("Trailer: Content-Length"),
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "the bridge's own protocol": b'{"type":"list"}\n',
}


@pytest.mark.parametrize("name", TWO_WAYS)
@pytest.mark.parametrize("size", [1, 1 << 20])
def test_ambiguous_requests_are_refused(name: str, size: int) -> None:
    with pytest.raises(GateError) as caught:
        read(TWO_WAYS[name], size)
    assert caught.value.status in (400, 501)


@pytest.mark.parametrize("rest", [b"x", b"\r\n", PLAIN])
def test_nothing_may_follow_a_request(rest: bytes) -> None:
    with pytest.raises(GateError, match="one request to a connection"):
        read(PLAIN + rest)


@pytest.mark.parametrize(
    "data",
    [
        b"GET /" + b"a" * MAX_HEAD,
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 65,
        request("X: " + "y" * MAX_HEAD),
        b"A" * (MAX_HEAD + 1),
    ],
    ids=len,
)
@pytest.mark.parametrize("size", [1000, 1 << 20])
def test_a_request_head_is_bounded(data: bytes, size: int) -> None:
    with pytest.raises(GateError) as caught:
        read(data, size)
    assert caught.value.status == 431
