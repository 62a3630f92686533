"""What the doctor says about one thing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How it is with a thing. Only MISSING keeps the game from being played as asked."""

    OK = "ok"
    NOTE = "note"
    """Not there, and not needed for what was asked for."""
    WARNING = "warning"
    """The game plays, but not as well as it could."""
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report; `remedy` says what to do next."""

    name: str
    status: Status
    message: str
    remedy: str = ""
