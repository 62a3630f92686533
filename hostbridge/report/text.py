"""A report for the terminal, and one in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from hostbridge.host.logs import printable
from hostbridge.report import rows
from hostbridge.report.figures import add_up, sentence
from hostbridge.report.history import History


def plain(history: History) -> str:
    """Columns of text."""
    parts = [sentence(add_up(history)) + "."]
    if history.deeds:
        parts.append(_columns(rows.COLUMNS, [rows.deed_row(each) for each in history.deeds]))
    if history.probes:
        parts.append("Probes:\n" + _columns(rows.PROBE_COLUMNS, rows.probe_rows(history)))
    if history.refusals:
        parts.append("Refused:\n" + _columns(rows.REFUSED_COLUMNS, rows.refusal_rows(history)))
    if history.unreadable:
        parts.append(f"{history.unreadable} lines of the log could not be read.")
    return "\n\n".join(parts) + "\n"


def markdown(history: History) -> str:
    """Markdown with tables."""
    parts = ["# What was shot and what recovered", sentence(add_up(history)) + "."]
    if history.deeds:
        parts.append(_table(rows.COLUMNS, [rows.deed_row(each) for each in history.deeds]))
    if history.probes:
        parts += ["## Probes", _table(rows.PROBE_COLUMNS, rows.probe_rows(history))]
    if history.refusals:
        parts += ["## Refused", _table(rows.REFUSED_COLUMNS, rows.refusal_rows(history))]
    if history.unreadable:
        parts.append(f"{history.unreadable} lines of the log could not be read.")
    return "\n\n".join(parts) + "\n"


def _columns(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    table = [head, *([printable(cell) for cell in line] for line in lines)]
    widths = [max(len(line[column]) for line in table) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in table
    )


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    table = [head, ["---"] * len(head), *([_escaped(cell) for cell in line] for line in lines)]
    return "\n".join(f"| {' | '.join(line)} |" for line in table)


def _escaped(cell: str) -> str:
    """Text that Markdown shows literally: names come from engines, and may contain links or HTML."""
    return "".join(f"\\{each}" if each in r"\`*_{}[]()<>#+!|~&" else each for each in printable(cell))
