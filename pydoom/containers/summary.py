"""One line about the containers, for places with room for text below the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.containers.roster import Phase

if TYPE_CHECKING:
    from pydoom.containers.layer import Containers

_LIVING: Final = (Phase.WAITING, Phase.ALIVE, Phase.RISING)


def summary(containers: Containers) -> str:
    """How many containers live, what is wrong, and their names, newest first."""
    living = [entry for entry in containers.roster.entries.values() if entry.phase in _LIVING]
    count = f"{len(living)} container{'' if len(living) == 1 else 's'}"
    names = ", ".join(entry.info.name for entry in reversed(living))
    trouble = containers.status().lower()
    return f"{count}{f' ({trouble})' if trouble else ''}{f': {names}' if names else ''}"
