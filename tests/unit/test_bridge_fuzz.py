"""Whatever clients send, the bridge goes on, and only what was named is killed."""

from __future__ import annotations

import gc
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostbridge.backends.simulated import SimulatedBackend
from hostbridge.connection import ClientLimits
from tests.bridges import Bridge, eventually

FAST = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

words = st.sampled_from(
    [
        *(b"list", b"kill", b" ", b"\n", b"\r\n", b"{", b"}", b'"', b":", b",", b"\0", b"\xff", b"[[[["),
        *(b'{"type":"list"}\n', b'{"type":"watch"}\n', b'{"type":"kill","id":"', b'{"type":"ping","seq":1}\n'),
        *(b'{"type":"hello","version":1}\n', b'{"type":"wound","id":1}\n', b"nobody", b"kill nobody\n"),
    ]
)
messages = st.lists(words | st.binary(max_size=40), max_size=12)


@pytest.fixture(scope="module")
def bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    limits = ClientLimits(quiet_seconds=0.01, first_request_seconds=0.2)
    folder: Path = tmp_path_factory.mktemp("fuzz")
    with Bridge(folder, SimulatedBackend(5, churn=0), limits=limits) as running:
        yield running


@FAST
@given(st.lists(st.tuples(messages, st.booleans()), max_size=4))
def test_no_bytes_do_harm(bridge: Bridge, clients: list[tuple[list[bytes], bool]]) -> None:
    names = {each.name.encode() for each in bridge.backend.list()}
    sockets = [bridge.connect() for _ in clients]
    for each, (pieces, half_close) in zip(sockets, clients, strict=True):
        try:
            for piece in pieces:
                each.sendall(piece)
            if half_close:
                each.shutdown(socket.SHUT_WR)
        except OSError:
            continue  # the bridge has had enough of this one
    assert set(bridge.ask(b"list\n").split()) == names
    for each in sockets:
        each.close()


@settings(FAST, max_examples=40)
@given(messages, st.integers(0, 4))
def test_only_what_was_named_is_killed(
    tmp_path_factory: pytest.TempPathFactory, noise: list[bytes], which: int
) -> None:
    backend = SimulatedBackend(5, churn=0)
    victim = backend.list()[which]
    with Bridge(tmp_path_factory.mktemp("fuzz"), backend) as bridge, bridge.connect() as noisy:
        noisy.sendall(b"".join(noise) + b"\n")
        with bridge.talk() as talk:
            assert talk.ask(type="kill", id=victim.id)["type"] == "ok"
        assert backend.killed == [victim.id]


def test_thousands_of_connections_leave_nothing_behind(bridge: Bridge) -> None:
    def storm(count: int) -> int:
        for number in range(count):
            with bridge.connect() as client:
                client.sendall([b"list\n", b'{"type":"watch"}\n', b"kill nobody\n", b'{"ty'][number % 4])
        eventually(lambda: not len(bridge.server.admission), 10)
        gc.collect()
        return len(gc.get_objects())

    storm(400)
    before = storm(400)
    after = storm(2000)
    assert after - before < 500
    assert not bridge.roster._listeners
