"""The one way in for JSON that somebody else wrote: a value, or a ValueError, whatever the text is."""

from __future__ import annotations

import json
from typing import Any


def json_value(text: str | bytes) -> Any:
    """Any JSON value. Raises ValueError, also for nesting that Python's reader raises a RecursionError for."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
