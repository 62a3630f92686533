"""The bridge's two protocols: bytes from clients, in process and over a live socket."""

from __future__ import annotations

import json
import random
import socket
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, ClassVar, Final

from hostbridge.backends.simulated import SimulatedBackend
from hostbridge.connection import ClientLimits
from hostbridge.outside import wire
from hostbridge.protocol.decoder import MAX_LINE, Decoder
from hostbridge.protocol.requests import KillRequest, Request, TextKill, WoundRequest
from tests.bridges import Bridge
from tests.fuzz import mutate
from tests.fuzz.fuzz_settings import one_line
from tests.fuzz.harness import Fuzzer

VALID: Final[tuple[dict[str, Any], ...]] = (
    {"type": "hello", "version": 2, "client": "fuzz"},
    {"type": "list", "seq": 1},
    {"type": "watch", "seq": "a"},
    {"type": "kill", "id": "f" * 64, "weapon": "pistol", "action": "stop", "seq": 2},
    {"type": "kill", "id": "f" * 64, "weapon": "fist", "fault": "pause", "seconds": 20},
    {"type": "inspect", "id": "f" * 64},
    {"type": "logs", "id": "f" * 64, "seq": 3},
    {"type": "wound", "id": "f" * 64, "weapon": "fist"},
    {"type": "ping"},
)
TEXT: Final = (b"list\n", b"list", b"kill nobody\n", b"kill  two words\n", b"kill\n", b"\n", b" \t", b"kill 5381\n")


def conversation(rng: random.Random) -> bytes:
    """What a client might send: requests, mutated requests, and bytes in between."""
    parts: list[bytes] = []
    for _ in range(rng.randint(1, 5)):
        how = rng.randrange(6)
        if how == 0:
            parts.append(rng.choice(TEXT))
        elif how == 1:
            parts.append(rng.randbytes(rng.randrange(40)))
        elif how == 2:
            parts.append(rng.choice((b"[" * 5000, b"1" * 6000, b" " * 70_000, b'{"a":' * 3000)) + b"\n")
        else:
            value = mutate.mutated_value(rng, rng.choice(VALID), rng.choice((0.0, 0.1, 0.4)))
            parts.append(json.dumps(value).encode("ascii") + b"\n")
    data = b"".join(parts)
    return mutate.mutated_bytes(rng, data, 3) if rng.random() < 0.3 else data


class DecoderFuzzer(Fuzzer):
    """The decoder raises nothing, gives the same requests however the bytes are split, keeps no more than a line and
    what came with it, and reads a kill or wound only where one was asked for.
    """

    name = "protocol"
    short_inputs: ClassVar[int] = 1000

    def make(self, random: random.Random) -> tuple[bytes, list[bytes]]:
        data = conversation(random)
        return data, mutate.pieces(random, data)

    def check(self, data: tuple[bytes, list[bytes]]) -> None:
        whole, pieces = data
        requests = _requests([whole])
        assert _requests(pieces) == requests, "split differently, read differently"
        for request in requests:
            if isinstance(request, TextKill):
                assert whole.lstrip().startswith(b"kill"), request
            if isinstance(request, KillRequest | WoundRequest):
                assert request.kind.encode() in whole or b"\\u" in whole, request


def _requests(pieces: list[bytes]) -> list[Request]:
    decoder = Decoder()
    found: list[Request] = []
    for piece in pieces:
        found += decoder.receive(piece)
        assert len(decoder._buffer) <= MAX_LINE + len(piece), "it keeps more than a line"
    return found + decoder.end()


class SocketFuzzer(Fuzzer):
    """Whatever clients send, the bridge keeps answering others, kills only what was named in full, and leaves no
    connection behind.
    """

    name = "socket"
    short_inputs: ClassVar[int] = 200

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._named: set[str] = set()
        self._count = 0

    def open(self) -> None:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="fuzz-")))
        limits = ClientLimits(quiet_seconds=0.01, first_request_seconds=0.5)
        self._backend = SimulatedBackend(8, churn=0)
        self._names = {each.id: each.name for each in self._backend.list()}
        self._bridge = self._stack.enter_context(Bridge(folder, self._backend, limits=limits))

    def close(self) -> None:
        with self._stack:
            self._look()

    def make(self, random: random.Random) -> tuple[list[bytes], bool]:
        data = conversation(random)
        if random.random() < 0.02:
            victim = random.randrange(8)
            data += b'{"type":"kill","id":"VICTIM%d"}\n' % victim
        return mutate.pieces(random, data), random.random() < 0.5

    def check(self, data: tuple[list[bytes], bool]) -> None:
        pieces, half_close = data
        ids = list(self._names)
        with self._bridge.connect() as client, suppress(OSError):
            for piece in pieces:
                for number, identity in enumerate(ids):
                    if f"VICTIM{number}".encode() in piece:
                        self._named.add(identity)
                        piece = piece.replace(f"VICTIM{number}".encode(), identity.encode())
                client.sendall(piece)
            if half_close:
                client.shutdown(socket.SHUT_WR)
                client.settimeout(0.2)
                while client.recv(65536):
                    pass
        self._count += 1
        if self._count % 50 == 0:
            self._look()

    def _look(self) -> None:
        killed = set(self._backend.killed)
        assert killed <= self._named, "killed without having been named"
        left = {name for identity, name in self._names.items() if identity not in killed}
        assert set(self._bridge.ask(b"list\n").decode().split()) >= left - {self._names[each] for each in self._named}


FROM_HELPER: Final[tuple[dict[str, Any], ...]] = (
    {"type": "alive"},
    {"type": "result", "probe": "shop", "ok": True, "reason": "200", "seconds": 0.01},
    {"type": "sent", "number": 1, "ok": False, "reason": "503"},
    {"type": "send", "number": 1, "hook": "ops", "body": {"event": "kill", "text": "x"}},
)


class HelperFuzzer(Fuzzer):
    """A line between the bridge and its helper is read, and says nothing that could not be printed and logged, or is
    refused with one line.
    """

    name = "helper"
    short_inputs: ClassVar[int] = 500

    def make(self, random: random.Random) -> bytes:
        value = mutate.mutated_value(random, random.choice(FROM_HELPER), random.choice((0.0, 0.2, 0.5)))
        data = json.dumps(value).encode("ascii")
        return mutate.mutated_bytes(random, data, 3) if random.random() < 0.4 else data

    def check(self, data: bytes) -> None:
        for read in (wire.from_helper, wire.from_bridge):
            try:
                message = read(data)
            except wire.HelperLineError as error:
                one_line(error)
                continue
            assert read(wire.line_of(message)) == message or isinstance(message, wire.ProbeResult)
            if not isinstance(message, wire.Alive | wire.Send):
                assert message.reason.isascii() and message.reason.isprintable()
