"""What recovers after a kill, and how fast.

A victim belongs to a group: the replicas of its service (compose, swarm, a Kubernetes workload), or the containers of
the same name. The group has recovered when as many of it as before are well: running, and healthy if there is a health
check. Time counts from the moment the container was touched, to a tenth of a second, as the engine's events allow.

Lives in the server's event loop, like the roster.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hostbridge.fault import Fault
from hostbridge.faults.attempt import GroupBefore
from hostbridge.faults.audit import Audit, AuditError
from hostbridge.fleet.roster import EngineRoster
from hostbridge.host.workers import Workers
from hostbridge.metrics.measures import Measures
from hostbridge.model import PROJECT_LABEL, RUNNING, Container, KillAction

MAX_WATCHED: Final = 1000
"""Most kills whose recovery is measured at one time; further kills are not measured."""

CLOSELY_SECONDS: Final = 60.0
LIST_SECONDS: Final = 0.1
"""For so long after a kill, and so often, an engine that does not tell of changes by itself lists again."""

CLOSE_SECONDS: Final = 0.5

_ENDS: Final = frozenset({KillAction.REMOVE, KillAction.STOP, KillAction.KILL})
_AWAITED: Final = _ENDS | {KillAction.RESTART, KillAction.PAUSE}
"""Actions that take a container away for a while; the other faults leave it running."""

log = logging.getLogger("hostbridge")

Group = tuple[str, ...]


def group_of(container: Container) -> Group:
    """The containers that can replace a container: those of its service, or else of its name."""
    if container.service:
        return (container.service_kind or "service", container.label(PROJECT_LABEL), container.service)
    return ("name", container.name)


def title(group: Group) -> str:
    """A group's name for people."""
    return "/".join(filter(None, group[1:]))


def is_well(container: Container) -> bool:
    """Whether a container is working, as far as the engine knows."""
    return container.state == RUNNING and container.health in ("", "healthy")


@dataclass(slots=True)
class Awaited:
    """One kill whose group has not recovered yet."""

    kill: str
    container_id: str
    group: Group
    wanted: int  # how many were well before
    began: float  # when the container was touched, in the monotonic clock
    since: float  # when that was done: what the engine was asked before it does not count
    has_dipped: bool  # whether there have been fewer since
    restarts: int  # how often it had been restarted before
    replaced: frozenset[str] = frozenset()  # IDs that must be gone by then


class Recovery:
    """Follows the groups of all victims."""

    def __init__(
        self,
        roster: EngineRoster,
        audit: Audit,
        measures: Measures,
        patience: float,
        clock: Callable[[], float] = time.monotonic,
        replaced_by: frozenset[KillAction] = frozenset(),
        list_again: Callable[[], None] | None = None,
    ) -> None:
        """`patience`: after so many seconds a group counts as not recovered.

        After the actions in `replaced_by` the whole group is replaced. `list_again` is called often while something is
        awaited, for an engine that does not tell of changes by itself.
        """
        self._roster = roster
        self._audit = audit
        self._measures = measures
        self._patience = patience
        self._replaced_by = replaced_by
        self._list_again = list_again
        self._listing: asyncio.TimerHandle | None = None
        self._clock = clock
        self._awaited: list[Awaited] = []
        self._clerk = Workers(1, "recoveries")

    def before(self, container: Container) -> GroupBefore:
        """The container's group as it is, for `begin`: as many must be well again, or as are awaited already."""
        group = group_of(container)
        members = [each for each in self._roster.newest_first() if group_of(each) == group]
        awaited = max((each.wanted for each in self._awaited if each.group == group), default=0)
        return GroupBefore(max(awaited, sum(map(is_well, members))), frozenset(each.id for each in members))

    def begin(self, kill: str, container: Container, fault: Fault, before: GroupBefore, began: float) -> None:
        """Start measuring a kill that has been carried out."""
        if fault.action not in _AWAITED or not before.wanted or len(self._awaited) >= MAX_WATCHED:
            return
        gone = fault.action is KillAction.RESTART or (fault.action in _ENDS and not fault.signal)
        group = group_of(container)
        replaced = before.members if fault.action in self._replaced_by else frozenset()
        now, restarts = self._clock(), container.restarts
        self._awaited.append(Awaited(kill, container.id, group, before.wanted, began, now, gone, restarts, replaced))
        asyncio.get_running_loop().call_later(self._patience, self.look, began)
        self._watch_closely()

    def look(self, asked: float) -> None:
        """Check who has recovered, and for whom it is too late; the roster is as the engine was at `asked`."""
        if not self._awaited:
            return
        well = {each.group: 0 for each in self._awaited}
        for container in self._roster.newest_first():
            group = group_of(container)
            if group in well and is_well(container) and not self._roster.is_restarting(container.id):
                well[group] += 1
        now = self._clock()
        for each in tuple(self._awaited):
            victim = self._roster.get(each.container_id)
            # an engine may restart it before anybody sees that it is down
            each.has_dipped |= victim is not None and victim.restarts > each.restarts
            enough = well[each.group] >= each.wanted and not any(map(self._roster.get, each.replaced))
            if asked > each.since and enough and each.has_dipped:
                self._end(each, "recovered", now - each.began)
            elif now - each.began >= self._patience:
                self._end(each, "not-recovered" if not enough else "", now - each.began)
            elif not enough:
                each.has_dipped = True

    def _watch_closely(self) -> None:
        """Have the engine list again, and arrange the next time."""
        if self._listing is not None:
            self._listing.cancel()
            self._listing = None
        now = self._clock()
        if self._list_again is None or not any(now - each.began < CLOSELY_SECONDS for each in self._awaited):
            return
        self._list_again()
        self._listing = asyncio.get_running_loop().call_later(LIST_SECONDS, self._watch_closely)

    def close(self) -> None:
        """Stop measuring."""
        self._awaited.clear()
        self._clerk.close(CLOSE_SECONDS)

    def _end(self, awaited: Awaited, event: str, seconds: float) -> None:
        self._awaited.remove(awaited)
        if not event:
            return  # it never went missing: it survived the signal
        name = title(awaited.group)
        if event == "recovered":
            log.info("%s has recovered after %.1f s", name, seconds)
        else:
            log.warning("%s has not recovered within %.0f s", name, self._patience)
        self._measures.recovery(seconds if event == "recovered" else None)
        self._roster.tell_recovery(event, awaited.container_id, name, seconds)
        self._clerk.submit(self._log, event, awaited, name, seconds)

    def _log(self, event: str, awaited: Awaited, name: str, seconds: float) -> None:
        try:
            self._audit.recovery(event, awaited.kill, awaited.container_id, name, round(seconds, 1))
        except AuditError as error:
            log.error("%s", error)
