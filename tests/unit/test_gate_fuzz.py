"""Requests bent at random: whatever comes out of the gate is one of the known ones, in the one way to write it."""

from __future__ import annotations

import json
import random
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from hostbridge.gate.errors import GateError
from hostbridge.gate.incoming import Incoming
from hostbridge.gate.table import TABLE, Table, body_for
from tests.gates import RunningGate

ID = "ab" * 32
IMAGE = "sha256:" + "cd" * 32

_PREFIX = r"(/v[0-9]{1,2}\.[0-9]{1,3})?"
_KNOWN = re.compile(
    rf"GET {_PREFIX}/(_ping|version|info|nodes|services|containers/json|events|tasks)"
    rf"|GET {_PREFIX}/containers/[0-9a-f]{{64}}/(json|stats)"
    rf"|GET {_PREFIX}/images/sha256:[0-9a-f]{{64}}/json"
    rf"|GET {_PREFIX}/(tasks|services)/[0-9a-z]{{1,64}}"
    rf"|DELETE {_PREFIX}/containers/[0-9a-f]{{64}}"
    rf"|POST {_PREFIX}/containers/[0-9a-f]{{64}}/(stop|kill|restart|pause|unpause|update)"
    rf"|POST {_PREFIX}/networks/([0-9a-f]{{64}}|[0-9a-z]{{25}})/(dis)?connect"
    rf"|POST {_PREFIX}/services/[0-9a-z]{{1,64}}/update"
)
_QUERY = re.compile(
    r"(all|force|one-shot)=1|signal=SIG[A-Z0-9]{2,10}|stream=0|t=[0-9]{1,2}|version=[0-9]{1,20}|insertDefaults=false"
    r'|filters=\{("(id|type|desired-state)": \[("([0-9a-f]{64}|container|running)"(, )?)*\](, )?)*\}'
)

_FIELDS: dict[str, set[tuple[str, ...]]] = {
    "update": {("CpuShares",), ("NanoCpus",), ("CpuPeriod", "CpuQuota"), ("Memory", "MemorySwap")},
    "disconnect": {("Container",)},
    "connect": {("Container", "EndpointConfig")},
}
"""What may be in a body, by the end of its path."""

TABLE_OF_ALL = Table(TABLE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A request as the engine would get it; `body` is None for a service's, which the gate makes itself."""

    line: str
    body: bytes | None


def outcome(data: bytes, size: int) -> Outcome | None:
    """What comes of bytes that come in pieces of `size`; None for a request that is refused or not complete."""
    incoming = Incoming()
    try:
        for start in range(0, len(data), size):
            incoming.receive(data[start : start + size])
        head = incoming.head()
        if head is None:
            return None
        passage = TABLE_OF_ALL.passage(head.method, head.target)
        body = incoming.body()
        if body is None or head.length > passage.route.max_body:
            return None
        line = f"{head.method} {passage.target}"
        return Outcome(line, None if passage.changes else body_for(passage, body))
    except GateError as error:
        assert error.status >= 400
        assert error.body.count(b"\n") == 1
        return None


def check(data: bytes) -> None:
    """One input."""
    found = outcome(data, max(len(data), 1))
    assert found == outcome(data, 1 + len(data) // 7)
    if found is None:
        return
    path, _, query = found.line.partition("?")
    assert _KNOWN.fullmatch(path), path
    pairs = [f"{key}={value}" for key, value in parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))]
    assert all(_QUERY.fullmatch(each) for each in pairs), query
    assert len({each.partition("=")[0] for each in pairs}) == len(pairs)
    if found.body is not None:
        fields: dict[str, Any] = json.loads(found.body)
        assert tuple(sorted(fields)) in _FIELDS[path.rpartition("/")[2]]
        assert fields.get("Container", ID) == ID or re.fullmatch("[0-9a-f]{64}", fields["Container"])
        assert all(isinstance(fields[key], int) for key in fields if key not in ("Container", "EndpointConfig"))


MEMBER = b'{"Container":"' + ID.encode() + b'"}'

ORDINARY = [
    b"GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n",
    b"GET /v1.41/version HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n",
    b"GET /v1.41/containers/json?all=1&filters=%7B%22id%22%3A%20%5B%22"
    + ID.encode()
    + b"%22%5D%7D HTTP/1.1\r\nHost: d\r\n\r\n",
    b"GET /v1.41/events?filters=%7B%22type%22%3A%20%5B%22container%22%5D%7D HTTP/1.1\r\nHost: docker\r\n\r\n",
    b"GET /v1.41/containers/" + ID.encode() + b"/json HTTP/1.1\r\nHost: docker\r\n\r\n",
    b"GET /v1.41/images/" + IMAGE.encode() + b"/json HTTP/1.1\r\nHost: docker\r\n\r\n",
    b"DELETE /v1.41/containers/" + ID.encode() + b"?force=1 HTTP/1.1\r\nHost: docker\r\n\r\n",
    b"POST /v1.41/containers/" + ID.encode() + b"/stop?t=5 HTTP/1.1\r\nHost: docker\r\nContent-Length: 0\r\n\r\n",
    b"POST /containers/" + ID.encode() + b'/update HTTP/1.1\r\nHost: d\r\nContent-Length: 17\r\n\r\n{"CpuShares":128}',
    b"POST /containers/" + ID.encode() + b"/kill?signal=SIGUSR1 HTTP/1.1\r\nHost: d\r\n\r\n",
    b"POST /networks/" + ID.encode() + b"/disconnect HTTP/1.1\r\nHost: d\r\nContent-Length: 80\r\n\r\n" + MEMBER,
    b'POST /services/a1/update?version=7 HTTP/1.1\r\nHost: d\r\nContent-Length: 12\r\n\r\n{"Name":"x"}',
]
PIECES = [
    *(b"\r\n", b"\n", b"\r", b" ", b"\t", b"\0", b"\xff", b"%2f", b"%00", b"%0d%0a", b"/", b"//", b"/../", b"/./"),
    *(b"?", b"&", b"&&", b"#", b";", b"=", b":", b"%", b"{", b"[", b'"', b"1", b"-1", b"9" * 30, b"http://docker"),
    *(b"HTTP/1.0", b"HTTP/1.1", b"Content-Length: 5\r\n", b"Content-Length: 0\r\n", b"Upgrade: tcp\r\n"),
    *(b"Transfer-Encoding: chunked\r\n", b"Expect: 100-continue\r\n", b" folded\r\n", b"0\r\n\r\n"),
    *(b"POST /containers/create HTTP/1.1\r\nHost: d\r\n\r\n", b"force=1", b"v=1", b"all=1", b"exec", b"create"),
    *(b"start", b"/v1.41", b"/v9.9", b"sha256:", b'"Memory":1,'),
]  # fmt: skip


def bent(chance: random.Random) -> bytes:
    """An ordinary request with up to four changes."""
    data = bytearray(chance.choice(ORDINARY))
    for _ in range(chance.randint(0, 4)):
        at = chance.randrange(len(data) + 1)
        how = chance.randrange(5)
        if how == 0:
            data[at:at] = chance.choice(PIECES)
        elif how == 1:
            del data[at : at + chance.randint(1, 8)]
        elif how == 2:
            data[at : at + 1] = bytes([chance.randrange(256)])
        elif how == 3:
            other = chance.choice(ORDINARY)
            data[at:] = other[chance.randrange(len(other)) :]
        else:
            data[at : at + 1] = bytes(data[at : at + 1]).swapcase()
    return bytes(data)


def test_ordinary_requests_come_out() -> None:
    for data in ORDINARY:
        check(data)
        assert outcome(data, 1) is not None


def test_bent_requests_come_out_as_known_ones_or_not_at_all() -> None:
    chance = random.Random(12)
    through = 0
    for _ in range(6000):
        data = bent(chance)
        check(data)
        through += outcome(data, len(data) or 1) is not None
    assert 500 < through < 5000, "some do, and some do not"


class Listener:
    """An engine that answers everything with 204, and keeps what it has heard."""

    def __init__(self, folder: Path) -> None:
        self.url = f"unix://{folder / 'raw.sock'}"
        self.heard: list[bytes] = []
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(folder / "raw.sock"))
        self._server.listen(64)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                with connection, suppress(OSError):
                    data = b""
                    while b"\r\n\r\n" not in data:
                        data += connection.recv(65536)
                    self.heard.append(data)
                    connection.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

    def close(self) -> None:
        self._server.close()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Listener]:
    made = Listener(tmp_path)
    yield made
    made.close()


COMMON = rb" HTTP/1\.1\r\nHost: docker\r\nUser-Agent: pydoom-hostbridge-gate\r\nConnection: close\r\n"
REQUEST = re.compile(
    rb"(GET|DELETE) /[!-~]+" + COMMON + rb"\r\n"
    rb"|POST /[!-~]+" + COMMON + rb"Content-Length: 0\r\n\r\n"
    rb"|POST /[!-~]+" + COMMON + rb"Content-Type: application/json\r\nContent-Length: [0-9]{1,3}\r\n\r\n"
    rb'(\{"[A-Za-z]+": [ -~]*\})?'  # its fields are looked at by `check`
)  # fmt: skip


def test_an_engine_hears_whole_requests_of_the_gate_s_own_writing(engine: Listener, tmp_path: Path) -> None:
    chance = random.Random(13)
    with RunningGate(tmp_path, engine.url) as gate:
        for _ in range(300):
            with gate.connect() as client, suppress(OSError):
                client.sendall(bent(chance))
                client.shutdown(socket.SHUT_WR)
                while client.recv(65536):
                    pass
    assert len(engine.heard) > 20
    for data in engine.heard:
        assert REQUEST.fullmatch(data), data
        check(data.replace(b"Content-Type: application/json\r\n", b""))
