"""``--bridge simulated``: a bridge of our own with simulated containers, in a child process.

The game and the bridge share no code, so this fleet is reached like any other: through a socket in a private folder.
The child watches its standard input, so it ends with this process in any case, and removes the folder.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

from pydoom.containers.link.client import BridgeClient
from pydoom.containers.link.errors import BridgeError

_END_SECONDS: Final = 3.0
_SETTINGS: Final = frozenset({"fleet", "churn", "seed"})


class EmbeddedBridge:
    """The child process; its socket is at `path` soon after."""

    def __init__(self, query: str = "") -> None:
        if find_spec("hostbridge") is None:
            raise BridgeError("--bridge simulated needs the hostbridge package beside pydoom")
        flags = _flags(query)
        self._folder = tempfile.TemporaryDirectory(prefix="pydoom-", ignore_cleanup_errors=True)
        self.path = Path(self._folder.name) / "bridge.sock"
        command = [sys.executable, "-m", "hostbridge", "--backend", "simulated", "--quiet", "--until-stdin-closes"]
        command += ["--socket", str(self.path), "--audit", "-", *flags]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)

    def close(self) -> None:
        """End the child and clean up."""
        if self._child.stdin is not None:
            with contextlib.suppress(OSError):
                self._child.stdin.close()
        try:
            self._child.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._folder.cleanup()


def _flags(query: str) -> list[str]:
    """``fleet=50&churn=0`` translated into the bridge's flags."""
    flags = []
    for key, values in parse_qs(query, keep_blank_values=True).items():
        try:
            float(values[-1])
        except ValueError:
            raise BridgeError(f"--bridge simulated: {key} must be a number") from None
        if key not in _SETTINGS:
            raise BridgeError(f"--bridge simulated: unknown setting {key}; known are {', '.join(sorted(_SETTINGS))}")
        flags += [f"--{key}", values[-1]]
    return flags


class EmbeddedClient(BridgeClient):
    """The client of an embedded bridge, which ends with it."""

    def __init__(self, bridge: EmbeddedBridge) -> None:
        super().__init__(bridge.path)
        self._bridge = bridge

    def close(self) -> None:
        """Close the connection and end the bridge."""
        super().close()
        self._bridge.close()
