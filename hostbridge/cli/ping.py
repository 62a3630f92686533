"""``hostbridge ping``: ask a running bridge for its state, for health checks and people."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hostbridge import parsing
from hostbridge.cli import options
from hostbridge.host.logs import printable
from hostbridge.protocol.decoder import MAX_LINE

TIMEOUT_SECONDS: Final = 3.0  # for the whole answer, even one that drips in


@dataclass(frozen=True, slots=True)
class Hello:
    """What a bridge says about itself, safe to print."""

    server: str
    backend: str
    engine: str


def main(arguments: Sequence[str]) -> int:
    """Print the state of the bridge; exit status 0 when it answers, 1 when it does not."""
    parser = options.OptionParser(prog="hostbridge ping", description="Ask a running bridge for its state.")
    parser.add_argument("--socket", metavar="PATH", help="the bridge's Unix socket")
    path = options.socket_path(parser.parse_args(arguments))
    try:
        answer = hello(path)
        print(f"{answer.server}: {answer.backend} engine is {answer.engine}")
    except (FileNotFoundError, ConnectionRefusedError):
        print(f"no bridge listens on {path}: start one with hostbridge --socket {path}")
        return 1
    except (OSError, ValueError) as error:
        print(f"no answer on {path}: {printable(str(error))}")
        return 1
    return 0


def hello(path: Path) -> Hello:
    """What the bridge at `path` says about itself. Raises OSError, or ValueError when it is not a bridge."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(TIMEOUT_SECONDS)
        client.connect(str(path))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may have said something before it left
            client.sendall(b'{"type":"hello","version":1,"client":"ping"}\n')
        answer = parsing.json_object(_line(client, time.monotonic() + TIMEOUT_SECONDS))
    words = [answer.get(key) for key in ("server", "backend", "engine")]
    if not all(isinstance(each, str) for each in words):
        raise ValueError("not a bridge's answer")
    return Hello(*(printable(str(each)[:100]) for each in words))


def _line(client: socket.socket, deadline: float) -> bytes:
    """The first line received. Raises OSError, or ValueError when the line is too long."""
    line = bytearray()
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        client.settimeout(left)
        data = client.recv(4096)
        if not data:
            raise ValueError("it closed the connection without an answer")
        line += data
        if len(line) > MAX_LINE:
            raise ValueError("its answer is too long")
        if b"\n" in data:
            return bytes(line).partition(b"\n")[0]
