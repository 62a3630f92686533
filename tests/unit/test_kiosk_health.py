"""The health check against processes that answer wrongly, and the game's heartbeat."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pydoom.devices.errors import DeviceError
from pydoom.devices.heartbeat import Heartbeat
from pydoom.kiosk import health
from pydoom.kiosk.health import ReadyKiosk, problem
from pydoom.kiosk.listening import Place

Serve = Callable[..., Place]


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[Serve]:
    """A server on a Unix socket that answers each connection with some bytes at once; gives its place."""
    servers: list[socket.socket] = []
    connections: list[socket.socket] = []

    def serve(name: str, answer: bytes) -> Place:
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(tmp_path / name))
        server.listen()
        servers.append(server)

        def answer_all() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                connections.append(connection)
                connection.sendall(answer)

        threading.Thread(target=answer_all, daemon=True).start()
        return Place(str(tmp_path / name), 0)

    yield serve
    for connection in connections:
        connection.close()
    for server in servers:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


def test_heartbeat_counts_frames_in_a_file(tmp_path: Path) -> None:
    heartbeat = Heartbeat(tmp_path / "beat")
    assert (tmp_path / "beat").read_bytes() == bytes(8)
    for _ in range(300):
        heartbeat.beat()
    assert int.from_bytes((tmp_path / "beat").read_bytes(), "little") == 300
    assert int.from_bytes((tmp_path / "beat").read_bytes(), "little") == 300, "nobody beats"


def test_heartbeat_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="--heartbeat"):
        Heartbeat(tmp_path / "no folder" / "beat")


def test_game_whose_counter_stands_still_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_ANSWER_SECONDS", 0.1)
    heartbeat = Heartbeat(tmp_path / "beat")
    assert not health._beats(tmp_path / "beat")
    threading.Timer(0.02, heartbeat.beat).start()
    monkeypatch.setattr(health, "_ANSWER_SECONDS", 10.0)
    assert health._beats(tmp_path / "beat")


def test_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    for web in (None, Place("0.0.0.0", 6080)):
        record = ReadyKiosk(":7", Place("/run/kiosk/vnc", 0), web)
        record.write(tmp_path)
        assert ReadyKiosk.read(tmp_path) == record


def test_kiosk_that_does_not_say_that_it_runs_is_unhealthy(tmp_path: Path) -> None:
    assert problem(tmp_path) == "no kiosk is ready"
    ReadyKiosk(":7", Place("/nowhere", 0), None).write(tmp_path)
    old = time.time() - 60
    os.utime(tmp_path / "kiosk.json", (old, old))
    assert problem(tmp_path) == "the kiosk itself does not move"


@pytest.mark.parametrize("answer", [b"", b"RFB", b"HTTP/1.1 400", bytes(100)])
def test_wrong_answers_are_none(answer: bytes, answering: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_ANSWER_SECONDS", 0.2)
    place = answering("server", answer)
    for ask in (health._port_answers, health._page_answers, health._x11vnc_answers):
        with contextlib.suppress(OSError, EOFError):
            assert not ask(place)


def test_answer_that_drips_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_ANSWER_SECONDS", 0.2)
    ours, theirs = socket.socketpair()
    enough = threading.Event()

    def drip() -> None:
        while not enough.wait(0.05):
            theirs.sendall(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        with pytest.raises(TimeoutError):
            health._read(ours, 1000)
    finally:
        enough.set()
        thread.join()
        ours.close()
        theirs.close()


def test_answer_of_absurd_length_is_not_read() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(EOFError):
        health._read(ours, 1 << 32)


def test_right_answers_are_well(answering: Serve) -> None:
    assert health._port_answers(answering("vnc", b"RFB 003.008\n"))
    assert health._page_answers(answering("web", b"HTTP/1.1 200 OK\r\n"))
