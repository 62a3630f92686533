"""One line about the containers, for outputs with room for text below the frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydoom.containers.fleet.lifecycle import LIVING
from pydoom.containers.fleet.words import probe_forms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydoom.containers.fleet.roster import MonsterRoster
    from pydoom.containers.link.events import ProbeNews


def summary(roster: MonsterRoster, trouble: str, probes: Sequence[ProbeNews] = ()) -> str:
    """The number of living containers, the `trouble` and failing `probes` if any, and their names, newest first."""
    failing = [probe_forms(each)[0] for each in probes if each.is_failing]
    trouble = ", ".join(filter(None, (trouble, *failing)))
    living = [entry for entry in roster.entries.values() if entry.phase in LIVING]
    count = f"{len(living)} container{'' if len(living) == 1 else 's'}"
    names = ", ".join(entry.info.name for entry in reversed(living))
    return f"{count}{f' ({trouble.lower()})' if trouble else ''}{f': {names}' if names else ''}"
