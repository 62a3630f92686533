"""Stand-ins for the other side of the text protocol: the original daemon, and the clients of the games made for it.

They behave as observed of ``dockerdoomd``, dockerdoom and kubedoom, including their weaknesses.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

NC = shutil.which("nc")
"""The original games talk through it."""


class OriginalDaemon:
    """One connection at a time, each read is one command, unknown ones are ignored; easily killed.

    `seconds_each` is what a container costs in a `list`: about 0.036 with a real engine.
    """

    def __init__(self, path: Path, names: list[str], seconds_each: float = 0.0) -> None:
        self.names = names
        self.seconds_each = seconds_each
        self.heard: list[str] = []
        self.dead = ""
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while not self.dead:
            connection, _ = self._socket.accept()
            with connection:
                self._answer(connection)
        self._socket.close()

    def _answer(self, connection: socket.socket) -> None:
        while True:
            try:
                data = connection.recv(40960)
            except OSError:
                return
            if not data:
                return
            line = data.decode().strip()
            self.heard.append(line)
            if line == "list":
                self._list(connection)
                return
            if line.startswith("kill "):
                name = line.split(" ")[1]
                if name in self.names:
                    self.names.remove(name)
                return

    def _list(self, connection: socket.socket) -> None:
        if not self.names:
            self.dead = "asked for a list when there was none"
        for name in tuple(self.names):
            time.sleep(self.seconds_each)
            try:
                connection.sendall(f"{name}\n".encode())
            except OSError:
                self.dead = "the client left before the end of the list"
                return


class DockerdoomClient:
    """The original game: through a shell and `nc`, lines of up to 254 bytes, names cut to their last 31 bytes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.names: list[bytes] = []

    def poll(self) -> None:
        """At the start of a level, and every 256 tics."""
        lines = [line[:254] for line in self._shell(b"list").splitlines()]
        self.names = [line.split()[0][-31:] for line in lines]

    def shoot(self, name: bytes) -> None:
        """Report that the monster with this name has died."""
        assert name in self.names
        assert self._shell(b"kill " + name) == b""

    def _shell(self, command: bytes) -> bytes:
        line = b'echo "%s" | nc -U %s' % (command, str(self._path).encode())
        return subprocess.run(["sh", "-c", line], capture_output=True, timeout=20, check=False).stdout


class KubedoomClient(DockerdoomClient):
    """Kubedoom's game: the same, but it kills by a hash of the whole name."""

    def poll(self) -> None:
        self.names = [line.split()[0] for line in self._shell(b"list").splitlines() if line.strip()]

    def shoot(self, name: bytes) -> None:
        assert name in self.names
        number = 5381
        for byte in name:
            number = (number * 33 + byte + 2**31) % 2**32 - 2**31
        assert self._shell(b"kill %d" % abs(number)) == b""
