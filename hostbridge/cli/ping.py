"""``hostbridge ping``: ask a running bridge how it is, for health checks and people."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from hostbridge.cli import options

TIMEOUT_SECONDS: Final = 3.0


def main(arguments: Sequence[str]) -> int:
    """Print the state of the bridge; exit status 0 when it answers, 1 when it does not."""
    parser = options.OptionParser(prog="hostbridge ping", description="Ask a running bridge how it is.")
    parser.add_argument("--socket", metavar="PATH", help="its Unix socket")
    path = options.socket_path(parser.parse_args(arguments))
    try:
        answer = hello(path)
        print(f"{answer['server']}: {answer['backend']} engine is {answer['engine']}")
    except (FileNotFoundError, ConnectionRefusedError):
        print(f"no bridge listens on {path}: start one with hostbridge --socket {path}")
        return 1
    except (OSError, ValueError, LookupError, TypeError) as error:
        print(f"no answer on {path}: {error}")
        return 1
    return 0


def hello(path: Path) -> Any:
    """What the bridge at `path` says of itself. Raises OSError, or ValueError when it is no bridge."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(TIMEOUT_SECONDS)
        client.connect(str(path))
        client.sendall(b'{"type":"hello","version":1,"client":"ping"}\n')
        return json.loads(client.makefile("rb").readline())
