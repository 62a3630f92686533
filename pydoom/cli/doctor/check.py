"""The result of one of the doctor's checks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """The state of one thing. Only MISSING prevents the game from running as asked."""

    OK = "ok"
    NOTE = "note"
    """Missing, but not needed here."""
    WARNING = "warning"
    """The game runs, but not as well as it could."""
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report; `remedy` says what to do next."""

    name: str
    status: Status
    message: str
    remedy: str = ""
