"""``python -m hostbridge`` and its gate as processes of their own, on whatever engine the test gives them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.bridges import Talk, eventually

TEST_LABEL = "pydoom.test"
"""The label of everything a test starts; its value is the run's id."""


class RealBridge:
    """``python -m hostbridge`` as its users start it."""

    def __init__(self, folder: Path, run_id: str, *extra: str, environment: Mapping[str, str] | None = None) -> None:
        self.path = folder / "bridge.sock"
        self.environment = os.environ | (environment or {})
        self.audit = folder / "audit.jsonl"
        self.command = [
            *(sys.executable, "-m", "hostbridge", "--socket", str(self.path), "--audit", str(self.audit)),
            *("--include", f"label={TEST_LABEL}={run_id}", *extra),
        ]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, env=self.environment)
        eventually(self._answers, 15)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(10)

    def shell(self, line: str) -> str:
        command = line.replace("SOCKET", str(self.path))
        return subprocess.run(command, shell=True, capture_output=True, text=True, timeout=20).stdout

    def names(self) -> list[str]:
        return self.shell("echo list | nc -U SOCKET").split()

    def talk(self) -> Talk:
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(20)
        client.connect(str(self.path))
        return Talk(client)

    def _answers(self) -> bool:
        assert self.process.poll() is None, "the bridge ended"
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            try:
                client.connect(str(self.path))
                client.sendall(b'{"type":"ping"}\n')
                return bool(client.recv(100))
            except OSError:
                return False


class RealGate:
    """``hostbridge gate`` as its users start it."""

    def __init__(self, path: Path, engine_url: str, *extra: str) -> None:
        self.path = path
        self.url = f"unix://{path}"
        self._gate = [sys.executable, "-m", "hostbridge", "gate", "--socket", str(path)]
        self._flags = ["-q", "--engine-url", engine_url, *extra]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen([*self._gate, *self._flags])
        eventually(lambda: self.check() == 0, 15)

    def check(self) -> int:
        return subprocess.run([*self._gate, "--check"], capture_output=True).returncode

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(10)
