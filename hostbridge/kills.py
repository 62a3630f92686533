"""The way of a kill: who may, what exactly, logged, done once, answered.

Everything is decided here from the roster and the policy at this moment; the container is named by its full ID from
then on, so one that was created again under the same name is never hit.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from hostbridge.audit import Audit, AuditError
from hostbridge.backends.base import Backend
from hostbridge.feed import engine_down
from hostbridge.histogram import Histogram
from hostbridge.model import Action, BridgeError, Code, Container, Peer
from hostbridge.policy import Policy
from hostbridge.roster import Roster

WORKERS: Final = 8

_ENDS_IT: Final = frozenset({Action.REMOVE, Action.STOP, Action.KILL})

log = logging.getLogger("hostbridge")


@dataclass(slots=True)
class Budget:
    """How much one client may still kill: a budget for its session and a rate, as a bucket that fills up."""

    per_minute: int
    kills: int
    clock: Callable[[], float] = time.monotonic
    _tokens: float = field(init=False)
    _filled: float = field(init=False)

    def __post_init__(self) -> None:
        self._tokens = float(self.per_minute)
        self._filled = self.clock()

    def take(self) -> None:
        """Use up one kill. Raises BridgeError when there is none."""
        if self.per_minute:
            now = self.clock()
            filled = self._tokens + (now - self._filled) * self.per_minute / 60
            self._tokens, self._filled = min(float(self.per_minute), filled), now
            if self._tokens < 1:
                raise BridgeError(Code.RATE_LIMITED, f"no more than {self.per_minute} kills a minute")
        if self.kills == 0:
            raise BridgeError(Code.RATE_LIMITED, "the kill budget of this session is used up")
        self._tokens -= 1
        self.kills -= 1  # a negative number never reaches zero: no limit

    @classmethod
    def of(cls, policy: Policy) -> Budget:
        """A fresh one, as the policy says."""
        return cls(policy.kills_per_minute, policy.kill_budget or -1)


class Executioner:
    """Carries out kills and wounds in worker threads."""

    def __init__(self, backend: Backend, roster: Roster, policy: Policy, audit: Audit) -> None:
        self._backend = backend
        self._roster = roster
        self._policy = policy
        self._audit = audit
        self._under_way: set[str] = set()
        self._wounded: set[str] = set()
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="kill")
        self.counts: dict[str, int] = {}
        self.timing = Histogram()

    async def kill(self, peer: Peer, budget: Budget, container_id: str, weapon: str, action: str = "") -> Action:
        """Kill the container; return what was done. Raises BridgeError."""
        weapon = weapon[:40]
        began = time.monotonic()
        try:
            done = await self._kill(peer, budget, container_id, weapon, action)
        except BridgeError as error:
            self._count(error.code)
            raise
        self._count("ok")
        self.timing.observe(time.monotonic() - began)
        return done

    async def wound(self, container_id: str) -> None:
        """Weaken the container, once. Raises BridgeError."""
        container = self._target(container_id)
        if not self._policy.wound or not self._backend.can_wound:
            raise BridgeError(Code.DENIED, "the policy does not wound")
        if container_id in self._wounded or self._policy.dry_run:
            return
        self._wounded.add(container_id)
        await self._in_worker(self._backend.wound, container)

    def close(self) -> None:
        """Wait for the kills under way, start no more."""
        self._workers.shutdown(wait=True, cancel_futures=True)

    async def _kill(self, peer: Peer, budget: Budget, container_id: str, weapon: str, wish: str) -> Action:
        try:
            container = self._target(container_id)
            action = self._choose(weapon, wish)
            await self._in_worker(self._spare_others, container, action)
            if container_id in self._under_way:
                raise BridgeError(Code.CONFLICT, "it is being killed already")
            if self._roster.engine != "up":
                raise engine_down(self._roster.engine_reason)
            budget.take()
        except BridgeError as error:
            await self._log_refusal(peer, container_id, weapon, error)
            raise
        ends = action in _ENDS_IT and not self._policy.dry_run
        self._under_way.add(container_id)
        self._roster.set_dying(container_id, ends)
        try:
            await self._in_worker(self._execute, peer, container, action, weapon)
            if ends:
                self._roster.forget(container_id)
        finally:
            self._under_way.discard(container_id)
            self._roster.set_dying(container_id, False)
        return action

    def _target(self, container_id: str) -> Container:
        container = self._roster.get(container_id)
        if container is None:
            raise BridgeError(Code.NOT_FOUND, "no such container")
        verdict = self._policy.judge(container)
        if verdict.protected:
            raise BridgeError(Code.PROTECTED, verdict.reason)
        return container

    def _choose(self, weapon: str, wish: str) -> Action:
        if wish and not self._policy.allows(wish):
            raise BridgeError(Code.DENIED, f"the policy has no action {wish[:40]!r}")
        action = Action(wish) if wish else self._policy.action_for(weapon)
        if action not in self._backend.actions:
            raise BridgeError(Code.DENIED, f"the {self._backend.name} backend cannot {action}")
        return action

    def _execute(self, peer: Peer, container: Container, action: Action, weapon: str) -> None:
        dry = self._policy.dry_run
        try:
            kill = self._audit.intent(peer, container, action, weapon, dry)
        except AuditError as error:
            raise BridgeError(Code.DENIED, f"no kill without a log: {error}") from error
        try:
            if not dry:
                self._backend.act(container, action)
        except BridgeError as error:
            self._log_result(kill, error.code, error.message)
            log.warning("%s %s (%s) failed: %s", action, container.name, container.id[:12], error.message)
            raise
        self._log_result(kill, "ok", "")
        what = f"{action} (dry run)" if dry else str(action)
        log.info("%s %s (%s) for uid %d pid %d, weapon %s", what, container.name, container.id[:12], peer.uid,
                 peer.pid, weapon or "unknown")  # fmt: skip

    def _spare_others(self, container: Container, action: Action) -> None:
        """Refuse an action that would hit something protected as well. Raises BridgeError."""
        for other in self._backend.also_hit(container, action):
            verdict = self._policy.judge(other)
            if verdict.protected:
                raise BridgeError(Code.PROTECTED, f"{action} would hit {other.name} as well: {verdict.reason}")

    def _log_result(self, kill: str, result: str, message: str) -> None:
        try:
            self._audit.result(kill, result, message)
        except AuditError as error:
            log.error("%s", error)  # it is done already; the intent is on disk

    async def _log_refusal(self, peer: Peer, container_id: str, weapon: str, error: BridgeError) -> None:
        def write() -> None:
            try:
                self._audit.refused(peer, container_id[:128], weapon, error.code, error.message)
            except AuditError as trouble:
                log.error("%s", trouble)

        await asyncio.get_running_loop().run_in_executor(self._workers, write)

    async def _in_worker(self, work: Callable[..., None], *args: object) -> None:
        await asyncio.get_running_loop().run_in_executor(self._workers, work, *args)

    def _count(self, result: str) -> None:
        self.counts[result] = self.counts.get(result, 0) + 1
