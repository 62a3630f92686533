"""What a data centre was made from: enough to make the same level again, in another run or for a saved game."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pydoom.fleetmap.draft import Draft, Group
from pydoom.fleetmap.errors import FleetMapError
from pydoom.fleetmap.plan import MAX_CONTAINERS, MAX_GROUPS, MAX_PLAYERS, plan
from pydoom.fleetmap.stock import Stock

OTHERS: Final = "others"
"""The group of containers that belong to none, and of the smallest groups where there are too many."""
LONGEST_NAME: Final = 255
"""Longer names of groups are cut."""
MAX_SEED: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class FleetSite:
    """Groups of containers, and the seed of their rooms' looks.

    `by_service`: all containers belong to one project, so the groups are its services.
    """

    groups: tuple[Group, ...] = ()
    seed: int = 1
    by_service: bool = False
    players: int = MAX_PLAYERS

    @classmethod
    def of(cls, populations: Mapping[str, tuple[int, int]], seed: int, by_service: bool) -> FleetSite:
        """A site for groups by name, each with how many can be hit and how many are protected.

        The largest keep their names if there are more than a level takes; the rest are one group. Containers beyond
        what a level takes have no places of their own.
        """
        ordered = sorted(populations.items(), key=lambda item: (-sum(item[1]), item[0]))
        if len(ordered) > MAX_GROUPS:
            kept = [item for item in ordered if item[0] != OTHERS][: MAX_GROUPS - 1]
            names = {name for name, _ in kept}
            rest = [counts for name, counts in ordered if name not in names]
            ordered = [*kept, (OTHERS, (sum(hit for hit, _ in rest), sum(kept for _, kept in rest)))]
        groups = [Group(name, *counts) for name, counts in sorted(ordered)]
        return cls(tuple(_limited(groups)), seed, by_service)

    def draft(self, stock: Stock, name: str) -> Draft:
        """Draw up the level called `name`."""
        return plan(self.groups, self.seed, stock, name, self.players)

    def number_of(self, name: str) -> int:
        """The number of the room of a group; -1 for one that has come since and would get a room of its own."""
        numbers = {group.name: number for number, group in enumerate(self.groups)}
        shared = numbers.get(OTHERS, -1) if len(numbers) == MAX_GROUPS else -1
        return numbers.get(name, shared)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "seed": self.seed,
            "by_service": self.by_service,
            "players": self.players,
            "groups": [[group.name, group.population, group.protected] for group in self.groups],
        }

    @classmethod
    def from_json(cls, value: Any) -> FleetSite:
        """From plain values that somebody else wrote. Raises FleetMapError."""
        try:
            groups = tuple(
                Group(_name(name), _count(hit), _count(protected)) for name, hit, protected in value["groups"]
            )
            site = cls(groups, _count(value["seed"], MAX_SEED), value["by_service"] is True, _count(value["players"]))
        except (KeyError, TypeError, ValueError) as error:
            raise FleetMapError("the description of a data centre is damaged") from error
        people = sum(group.population + group.protected for group in groups)
        if len(groups) > MAX_GROUPS or people > MAX_CONTAINERS or not 1 <= site.players <= MAX_PLAYERS:
            raise FleetMapError("the description of a data centre is damaged")
        return site


def fingerprint(draft: Draft) -> str:
    """Changes with everything in a draft that a saved game depends on."""
    content = repr((draft.sectors, draft.lines, draft.things))
    return hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:16]


def _limited(groups: Iterable[Group]) -> Iterable[Group]:
    """The groups, with no more containers in all than a level takes."""
    left = MAX_CONTAINERS
    for group in groups:
        population = min(group.population, left)
        protected = min(group.protected, left - population)
        left -= population + protected
        yield replace(group, population=population, protected=protected)


def _name(value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_NAME:
        raise ValueError
    return value


def _count(value: object, most: int = MAX_CONTAINERS) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ValueError
    return value
