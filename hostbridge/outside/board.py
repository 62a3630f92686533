"""How the probes are, as the helper last said, and who is told of it.

Every answer is counted. Only changes are told: to the game at once, to the logs at most once a second for each probe.
While nobody asks, because the helper is away or hangs, a probe is ``unknown``: neither well nor failing.

Lives in the server's event loop, like the roster.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from hostbridge.faults.audit import STOPPED, Audit, AuditError
from hostbridge.fleet.roster import EngineRoster
from hostbridge.host.workers import Workers
from hostbridge.metrics.measures import Measures
from hostbridge.outside.wire import ProbeResult
from hostbridge.policy.outside import ProbeRule

UP: Final = "up"
FAILING: Final = "failing"
UNKNOWN: Final = "unknown"

LOG_SECONDS: Final = 1.0
"""Least time between two lines about one probe in the logs; what changes back in between is not in them."""
MARGIN_SECONDS: Final = 5.0
"""How long an answer may be late before the probe is unknown."""
NO_HELPER: Final = "no helper"
CLOSE_SECONDS: Final = 0.5

log = logging.getLogger("hostbridge")


@dataclass(slots=True)
class ProbeState:
    """What is known of one probe. Before its first answer, nothing is."""

    rule: ProbeRule
    state: str = UNKNOWN
    reason: str = ""
    logged: tuple[str, str] = (UNKNOWN, "")
    logged_at: float = -LOG_SECONDS  # in the loop's time
    to_log: asyncio.TimerHandle | None = field(default=None, repr=False)
    overdue: asyncio.TimerHandle | None = field(default=None, repr=False)


class ProbeBoard:
    """All probes of the policy."""

    def __init__(
        self, rules: Iterable[ProbeRule], roster: EngineRoster, audit: Audit, measures: Measures | None = None
    ) -> None:
        self._probes = {rule.name: ProbeState(rule) for rule in rules}
        self._roster = roster
        self._audit = audit
        self._measures = measures or Measures()
        self._clerk = Workers(1, "probes")

    def up(self) -> dict[str, bool]:
        """Whether each probe is up, without those that are unknown."""
        return {name: each.state == UP for name, each in self._probes.items() if each.state != UNKNOWN}

    def take(self, result: ProbeResult) -> bool:
        """Take over an answer; return False if the policy has no such probe."""
        probe = self._probes.get(result.probe)
        if probe is None:
            return False
        self._measures.probe(result.probe, result.ok, result.seconds)
        self._watch_over(probe)
        self._change(probe, UP if result.ok else FAILING, result.reason)
        return True

    def helper_left(self) -> None:
        """Nobody asks any more."""
        for each in self._probes.values():
            self._forget(each)

    def stop(self) -> list[str]:
        """Stop, in the event loop; return the probes of which the log must still say that they are unknown."""
        for each in self._probes.values():
            for timer in (each.to_log, each.overdue):
                if timer is not None:
                    timer.cancel()
        return [name for name, each in self._probes.items() if each.logged[0] != UNKNOWN]

    def close(self, names: Iterable[str]) -> None:
        """Write the last lines, about the probes that `stop` returned. Blocks."""
        self._clerk.close(CLOSE_SECONDS)
        for each in names:
            self._log(each, UNKNOWN, STOPPED)

    def _watch_over(self, probe: ProbeState) -> None:
        if probe.overdue is not None:
            probe.overdue.cancel()
        patience = probe.rule.every_seconds + probe.rule.timeout_seconds + MARGIN_SECONDS
        probe.overdue = asyncio.get_running_loop().call_later(patience, self._forget, probe)

    def _forget(self, probe: ProbeState) -> None:
        if probe.overdue is not None:
            probe.overdue.cancel()
        if probe.state != UNKNOWN:
            self._change(probe, UNKNOWN, NO_HELPER)

    def _change(self, probe: ProbeState, state: str, reason: str) -> None:
        if state == probe.state and (state != FAILING or reason == probe.reason):
            return
        probe.state, probe.reason = state, reason
        self._roster.tell_probe(probe.rule.name, state, reason, time.time())
        if probe.to_log is None:
            loop = asyncio.get_running_loop()
            probe.to_log = loop.call_at(max(probe.logged_at + LOG_SECONDS, loop.time()), self._note, probe)

    def _note(self, probe: ProbeState) -> None:
        """Write the state to the logs, unless it is back to what they have."""
        probe.to_log = None
        now = (probe.state, probe.reason)
        if now == probe.logged:
            return
        if probe.state != probe.logged[0]:
            level = logging.INFO if probe.state == UP else logging.WARNING
            log.log(level, "probe %s is %s: %s", probe.rule.name, *now)
        probe.logged, probe.logged_at = now, asyncio.get_running_loop().time()
        self._clerk.submit(self._log, probe.rule.name, *now)

    def _log(self, name: str, state: str, reason: str) -> None:
        try:
            self._audit.probe(name, state, reason)
        except AuditError as error:
            log.error("%s", error)
