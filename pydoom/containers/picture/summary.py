"""One line about the containers, for outputs with room for text below the frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydoom.containers.fleet.lifecycle import LIVING

if TYPE_CHECKING:
    from pydoom.containers.fleet.roster import MonsterRoster


def summary(roster: MonsterRoster, trouble: str) -> str:
    """The number of living containers, the `trouble` if any, and their names, newest first."""
    living = [entry for entry in roster.entries.values() if entry.phase in LIVING]
    count = f"{len(living)} container{'' if len(living) == 1 else 's'}"
    names = ", ".join(entry.info.name for entry in reversed(living))
    return f"{count}{f' ({trouble.lower()})' if trouble else ''}{f': {names}' if names else ''}"
