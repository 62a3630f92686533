"""A real kiosk on this machine, started as a user would."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from pydoom.kiosk.rfb import VERSION, password_answer
from tests.conftest import ROOT
from tests.e2e.conftest import PASSWORD, free_port
from tests.e2e.vnc import wait_for


@dataclass
class RunningKiosk:
    """A kiosk with simulated containers; `web_port` is 0 if it has no page."""

    process: subprocess.Popen[bytes]
    port: int
    web_port: int
    folder: Path
    """Its TMPDIR."""

    @property
    def state(self) -> Path:
        return self.folder / f"pydoom-kiosk-{os.getuid()}" / str(self.port)

    def output(self) -> str:
        return (self.folder / f"output-{self.port}").read_text()

    def display(self) -> str:
        """The name of its X display, as passed to the game."""
        return variable(self.part("game"), "DISPLAY")

    def part(self, name: str) -> int:
        """The process ID of `Xvfb`, `x11vnc`, `front` or `game`."""
        marks = {"game": ["-m", "pydoom", "--kiosk"], "front": ["-m", "pydoom.kiosk.front"]}
        for pid in sorted(children(self.process.pid)):
            words = command_line(pid)
            wanted = marks.get(name)
            if words and (Path(words[0]).name == name if wanted is None else words[1 : 1 + len(wanted)] == wanted):
                return pid
        raise AssertionError(f"no {name} among the kiosk's processes")

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def start(
    wad: Path, folder: Path, *options: str, web: bool = False, game: tuple[str, ...] = (), **environment: str
) -> RunningKiosk:
    """Start a kiosk, optionally with more options for its game, and wait until it reports that it is ready."""
    missing = [program for program in ("Xvfb", "x11vnc") if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    port, web_port = free_port(), free_port() if web else 0
    command = [
        *(sys.executable, "-m", "pydoom.kiosk", "--vnc-port", str(port), "--web-port", str(web_port), *options),
        *("--", "--wad", str(wad), "--bridge", "simulated", *game),
    ]
    variables = os.environ | {"VNC_PASSWORD": PASSWORD, "TMPDIR": str(folder)} | environment
    with (folder / f"output-{port}").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=log, stderr=subprocess.STDOUT)
    kiosk = RunningKiosk(process, port, web_port, folder)
    wait_for("the kiosk", lambda: "VNC on port" in kiosk.output() or process.poll(), 60)
    assert process.poll() is None, kiosk.output()
    return kiosk


def children(pid: int) -> set[int]:
    """All processes below `pid`."""
    found: set[int] = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            child = int(stat.parent.name)
            found |= {child} | children(child)
    return found


def command_line(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")[:-1]


def variable(pid: int, name: str) -> str:
    """An environment variable that a process was started with."""
    for entry in Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0"):
        key, _, value = entry.partition("=")
        if key == name:
            return value
    raise KeyError(name)


# -- a minimal viewer


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), 20)


def _read(connection: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        piece = connection.recv(length - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def log_in(port: int, password: str) -> tuple[socket.socket, bool]:
    """A connection that has answered the challenge, and whether it was admitted. Raises OSError or EOFError."""
    connection = connected(port)
    _read(connection, len(VERSION))
    connection.sendall(VERSION + b"\2")
    _read(connection, 2)
    connection.sendall(password_answer(password, _read(connection, 16)))
    return connection, _read(connection, 4) == bytes(4)
