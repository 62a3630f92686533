"""The front as a process of its own, without a screen behind it."""

from __future__ import annotations

import select
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pydoom.kiosk.listening import web_place
from pydoom.kiosk.patience import MAX_IDLE
from tests.bridges import eventually

REQUEST = b"GET /novnc/core/big.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
MANY = MAX_IDLE + 22


def is_cut_off(client: socket.socket) -> bool:
    """Whether the other end has closed this connection, whatever is left to read of it."""
    ended = select.poll()
    ended.register(client, select.POLLRDHUP)
    return bool(ended.poll(0))


@pytest.mark.slow
def test_clients_that_do_not_read_a_file_are_cut_off_without_a_traceback(tmp_path: Path) -> None:
    novnc, listen = tmp_path / "novnc", tmp_path / "run"
    listen.mkdir()
    for part in ("core", "vendor"):
        (novnc / part).mkdir(parents=True)
    (novnc / "core" / "big.js").write_bytes(bytes(4 << 20))
    command = [
        *(sys.executable, "-m", "pydoom.kiosk.front", "--listen", str(listen), "--vnc-port", "1", "--web-port", "1"),
        *("--x11vnc", str(tmp_path / "x11vnc"), "--sound-socket", str(tmp_path / "sound"), "--novnc", str(novnc)),
    ]
    front = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert front.stdin is not None
    front.stdin.write("sesame\n")
    front.stdin.flush()
    place = web_place(str(listen), 1)
    eventually(place.is_taken, 20)
    clients: list[socket.socket] = []
    try:
        for _ in range(MANY):
            clients.append(place.connect())
            clients[-1].sendall(REQUEST)
        eventually(lambda: sum(map(is_cut_off, clients)) >= MANY - MAX_IDLE, 20)
        assert place.is_taken()
    finally:
        front.terminate()
        _, log = front.communicate(timeout=20)
        for client in clients:
            client.close()
    assert "Traceback" not in log
