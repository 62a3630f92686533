"""The doctor's findings as text and as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Final, TextIO

from pydoom import __version__
from pydoom.cli.doctor.check import Check, Status

_COLOURS: Final = {Status.OK: "32", Status.NOTE: "2", Status.WARNING: "33", Status.MISSING: "1;31"}
_STATUS_WIDTH: Final = max(map(len, Status)) + 2
_NAME_WIDTH: Final = 13


def is_ready(checks: Iterable[Check]) -> bool:
    """Whether the game can run as asked."""
    return all(check.status is not Status.MISSING for check in checks)


def wants_colours(stream: TextIO) -> bool:
    """Whether to colour output to this stream (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def line(check: Check, colours: bool) -> str:
    """A check as a line, and its remedy below."""
    status = f"{check.status:<{_STATUS_WIDTH}}"
    if colours:
        status = f"\x1b[{_COLOURS[check.status]}m{status}\x1b[0m"
    text = f"{status}{check.name:<{_NAME_WIDTH}}{_printable(check.message)}"
    if check.remedy:
        text += f"\n{'':{_STATUS_WIDTH + _NAME_WIDTH}}-> {_printable(check.remedy)}"
    return text


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def conclusion(checks: Iterable[Check]) -> str:
    """The last line of the report."""
    missing = list(dict.fromkeys(check.name for check in checks if check.status is Status.MISSING))
    return f"Not ready: see {', '.join(missing)}." if missing else "Ready to play."


def as_json(checks: Iterable[Check]) -> str:
    """All findings as one JSON object."""
    checks = list(checks)
    found = [
        {"name": check.name, "status": check.status, "message": check.message, "remedy": check.remedy}
        for check in checks
    ]
    return json.dumps({"version": __version__, "ready": is_ready(checks), "checks": found}, indent=1)
