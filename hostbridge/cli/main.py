"""``hostbridge`` and ``python -m hostbridge``: run the command and turn its errors into exit statuses."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Final

from hostbridge.cli import doctor, ping, policy_check, serve
from hostbridge.host.logs import printable
from hostbridge.model import SetupError


def _up(words: Sequence[str]) -> int:
    from hostbridge.cli import up  # needs the docker package; the other commands start faster without it

    return up.main(words)


def _report(words: Sequence[str]) -> int:
    from hostbridge.cli import report

    return report.main(words)


def _exporter(words: Sequence[str]) -> int:
    from hostbridge.cli import exporter

    return exporter.main(words)


def _probe(words: Sequence[str]) -> int:
    from hostbridge.cli import probe

    return probe.main(words)


def _gate(words: Sequence[str]) -> int:
    from hostbridge.cli import gate  # asyncio and h11, likewise

    return gate.main(words)


_COMMANDS: Final[dict[str, Callable[[Sequence[str]], int]]] = {
    "up": _up,
    "gate": _gate,
    "exporter": _exporter,
    "probe": _probe,
    "ping": ping.main,
    "report": _report,
    "policy": policy_check.main,
    "doctor": doctor.main,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, `serve` without one; return the exit status: 2 for what the user can fix."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    command = _COMMANDS.get(words[0]) if words else None
    try:
        return command(words[1:]) if command else serve.main(words)
    except SetupError as error:
        print(f"hostbridge: {printable(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
