"""``hostbridge ping``: ask a running bridge how it is, for health checks and people."""

from __future__ import annotations

import argparse
import json
import socket
from collections.abc import Sequence
from typing import Final

from hostbridge import options

TIMEOUT_SECONDS: Final = 3.0


def main(arguments: Sequence[str]) -> int:
    """Print the state of the bridge; exit status 0 when it answers, 1 when it does not."""
    parser = argparse.ArgumentParser(prog="hostbridge ping", description="Ask a running bridge how it is.")
    parser.add_argument("--socket", metavar="PATH", help="its Unix socket")
    path = options.socket_path(parser.parse_args(arguments))
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(TIMEOUT_SECONDS)
            client.connect(str(path))
            client.sendall(b'{"type":"hello","version":1,"client":"ping"}\n')
            answer = json.loads(client.makefile("rb").readline())
            print(f"{answer['server']}: {answer['backend']} engine is {answer['engine']}")
    except (OSError, ValueError, LookupError, TypeError) as error:
        print(f"no answer on {path}: {error}")
        return 1
    return 0
