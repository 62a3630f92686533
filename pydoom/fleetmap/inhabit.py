"""Monsters for a level that is played without a bridge: one demon for each container, where its own would stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pydoom.fleetmap.doomednums import DEMON
from pydoom.fleetmap.draft import Draft, DraftThing, Group


def inhabit(draft: Draft, groups: Sequence[Group]) -> Draft:
    """The draft with the groups' monsters among its things, protected ones in protected places.

    A group that has fewer places than containers fills those it has.
    """
    left = [group.population for group in groups]
    protected = sum(group.protected for group in groups)
    monsters = []
    for place in draft.places:
        if place.protected:
            wanted = protected > 0
            protected -= wanted
        else:
            wanted = place.group >= 0 and left[place.group] > 0
            if wanted:
                left[place.group] -= 1
        if wanted:
            monsters.append(DraftThing(place.x, place.y, place.angle, DEMON))
    return replace(draft, things=(*draft.things, *monsters))
