"""``hostbridge report``: what was shot and what recovered, from the audit log alone."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from hostbridge.cli import options
from hostbridge.faults import audit
from hostbridge.host.logs import printable
from hostbridge.model import SetupError
from hostbridge.report import data, page, text
from hostbridge.report.history import History, lines_of, read

FORMATS: Final[dict[str, Callable[[History], str]]] = {
    "text": text.plain,
    "markdown": text.markdown,
    "html": page.render,
    "json": data.dump,
}

_AGO: Final = re.compile(r"([0-9]{1,6})([smhd])", re.ASCII)
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def main(arguments: Sequence[str]) -> int:
    """Print or write the report. Raises SetupError."""
    parser = options.OptionParser(prog="hostbridge report", description="What was shot and what recovered.")
    parser.add_argument("logs", nargs="*", metavar="LOG", help="audit logs, rotated ones too; '-' for standard input")
    parser.add_argument("--audit", metavar="FILE", help=f"audit log, if none is named (default {audit.default_path()})")
    parser.add_argument("--since", metavar="WHEN", help="2h, 30m, 7d ago, or 2026-11-29T10:00 (UTC)")
    parser.add_argument("--until", metavar="WHEN", help="likewise")
    parser.add_argument("--format", choices=tuple(FORMATS), default="text")
    parser.add_argument("--output", metavar="FILE", help="write the report to this file")
    chosen = parser.parse_args(arguments)
    now = datetime.now(UTC)
    since, until = (moment(each, now) if each else None for each in (chosen.since, chosen.until))
    usual = chosen.audit or audit.default_path()
    if not chosen.logs and usual != "-" and not Path(usual).exists():
        print(f"there is no audit log yet at {printable(usual)}", file=sys.stderr)
        history = History()
    else:
        history = read(_lines(chosen.logs or [usual]), since, until)
    report = FORMATS[chosen.format](history)
    if chosen.output:
        try:
            Path(chosen.output).write_text(report, encoding="utf-8")
        except OSError as error:
            raise SetupError(f"cannot write {chosen.output}: {error.strerror}") from error
    else:
        sys.stdout.write(report)
    return 0


def moment(words: str, now: datetime) -> datetime:
    """The time meant by ``2h`` (ago) or by an ISO time, which is UTC if it has no zone. Raises SetupError."""
    found = _AGO.fullmatch(words)
    try:
        if found:
            return now - timedelta(**{_UNITS[found[2]]: int(found[1])})
        stated = datetime.fromisoformat(words)
        return stated if stated.tzinfo else stated.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise SetupError(f"{words!r} is not a time: write 2h, 30m, 7d or 2026-11-29T10:00") from None


def _lines(names: Sequence[str]) -> Iterator[bytes]:
    for name in names:
        if name == "-":
            yield from lines_of(sys.stdin.buffer)
            continue
        try:
            with open(name, "rb") as file:
                yield from lines_of(file)
        except OSError as error:
            raise SetupError(f"cannot read the audit log {name}: {error.strerror}") from error
