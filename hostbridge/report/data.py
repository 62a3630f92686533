"""A report for programs: the history and its figures as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

from hostbridge.report.figures import add_up
from hostbridge.report.history import History


def dump(history: History) -> str:
    """Indented JSON, ASCII only; times are ISO 8601."""
    figures = asdict(add_up(history))
    figures["by_action"] = dict(figures["by_action"])
    said = {
        "figures": figures,
        "kills": [asdict(each) for each in history.deeds],
        "probes": [asdict(each) for each in history.probes],
        "lost_messages": history.lost_messages,
        "refusals": [asdict(each) for each in history.refusals],
        "unreadable_lines": history.unreadable,
    }
    return json.dumps(said, indent=1, default=_text) + "\n"


def _text(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat(timespec="milliseconds")
