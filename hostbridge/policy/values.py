"""Checks that the readers of a policy's tables share."""

from __future__ import annotations

from typing import Any


class BadValue(Exception):
    """A value that cannot be used.

    `part` is the wrong item, when the value is a list; `number` the table's among those of its name, counted from 0.
    """

    def __init__(self, reason: str, part: str = "", number: int = 0) -> None:
        super().__init__(reason)
        self.part = part
        self.number = number


def boolean(value: Any) -> bool:
    """True or false. Raises BadValue."""
    if not isinstance(value, bool):
        raise BadValue("must be true or false")
    return value


def strings(value: Any) -> tuple[str, ...]:
    """A list of strings. Raises BadValue."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise BadValue("must be a list of strings")
    return tuple(value)
