"""The only parser of JSON and TOML from outside: returns a value, or raises one line that says why not.

Python's parsers raise more than their own errors: a number of 5,000 digits is a plain ValueError, deep nesting a
RecursionError. All parsing goes through here, so that no caller can forget one of them.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any, Final

_POSITION: Final = re.compile(r"at line (\d+)")
_LONG_NUMBER: Final = re.compile(r"[0-9_]{1000,}")


class ParseError(ValueError):
    """The text cannot be parsed. `line` counts from 1; 0 when it is unknown."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


def json_value(text: str | bytes) -> Any:
    """Any JSON value. Raises ParseError."""
    try:
        return json.loads(text)
    except UnicodeDecodeError as error:
        raise ParseError("not UTF-8") from error
    except json.JSONDecodeError as error:
        raise ParseError(error.msg, error.lineno) from error
    except (ValueError, RecursionError) as error:
        raise ParseError(_reason(error)) from error


def json_object(text: str | bytes) -> dict[str, Any]:
    """A JSON object. Raises ParseError."""
    value = json_value(text)
    if not isinstance(value, dict):
        raise ParseError("not a JSON object")
    return value


def toml_tables(data: bytes) -> dict[str, Any]:
    """The tables of a TOML file. Raises ParseError, with a line."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParseError("not UTF-8", data[: error.start].count(b"\n") + 1) from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _POSITION.search(str(error))
        raise ParseError(str(error), int(found[1]) if found else text.count("\n") + 1) from error
    except (ValueError, RecursionError) as error:
        raise ParseError(_reason(error), _line_to_blame(text, error)) from error


def _reason(error: ValueError | RecursionError) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else "a number with too many digits"


def _line_to_blame(text: str, error: ValueError | RecursionError) -> int:
    """The parsers do not say where these happened: guess the first such number, or the line nested most deeply."""
    if isinstance(error, RecursionError):
        return _deepest_line(text)
    found = _LONG_NUMBER.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _deepest_line(text: str) -> int:
    depth = deepest = 0
    where = line = 1
    for each in text:
        if each == "\n":
            line += 1
        elif each in "[{":
            depth += 1
            if depth > deepest:
                deepest, where = depth, line
        elif each in "]}":
            depth -= 1
    return where
