"""A kill from request to answer: checked, logged, checked again, carried out once.

What the roster alone can refuse is refused at once. The rest goes to a worker, in an order that leaves nothing
between the last check and the act: the intent is on the disk first, then the engine is asked about the container by its
full ID, then the deadline is checked, then the kill is carried out. Even with late events, a long queue or a slow disk,
a container that was recreated under the same name, or has become protected meanwhile, is not hit.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from hostbridge.backends.base import Backend
from hostbridge.fault import Fault
from hostbridge.faults.attempt import Attempt, GroupBefore
from hostbridge.faults.audit import Audit, AuditError
from hostbridge.faults.budget import Budgets
from hostbridge.faults.healer import Healer
from hostbridge.faults.recovery import Recovery
from hostbridge.fleet.roster import EngineRoster
from hostbridge.host.workers import Workers
from hostbridge.metrics.measures import Measures
from hostbridge.model import LISTED_STATES, Code, Container, KillAction, Peer, RequestError, engine_down
from hostbridge.policy.judge import Judge

WORKERS: Final = 8
ANSWER_SECONDS: Final = 10.0
"""Seconds after which a kill that has not started is refused: the queue, the log or the engine is too slow."""
ACT_SECONDS: Final = 15.0
"""Seconds an engine may take for a kill it has started; after that the outcome is unknown."""
CLOSE_SECONDS: Final = 2.0
"""Seconds that shutting down waits for kills in progress."""
MAX_WEAPON: Final = 40
WOUND_TRIES: Final = 3
"""How often a failing wound is tried on the same container."""

_ENDS_IT: Final = frozenset({KillAction.REMOVE, KillAction.STOP, KillAction.KILL})
_DEADLY: Final = frozenset({"", "SIGKILL"})
"""Signals that no program can ignore; after any other, the engine's events say whether the container has exited."""

log = logging.getLogger("hostbridge")


class NotBegun(RequestError):
    """Refused before anything started; the audit log has no line about it yet."""


class Executioner:
    """Carries out kills and wounds in worker threads."""

    def __init__(
        self,
        backend: Backend,
        roster: EngineRoster,
        judge: Judge,
        audit: Audit,
        measures: Measures | None = None,
        look_again: Callable[[frozenset[str]], None] = lambda ids: None,
        healer: Healer | None = None,
        recovery: Recovery | None = None,
    ) -> None:
        """`look_again` makes the roster refresh these containers: see `Feed.touch`."""
        self._backend = backend
        self._roster = roster
        self._judge = judge
        self._policy = judge.policy
        self._audit = audit
        self._healer = healer
        self._recovery = recovery
        self._measures = measures or Measures()
        self._look_again = look_again
        self._budgets = Budgets(judge.policy)
        self._under_way: set[str] = set()
        self._wounded: set[str] = set()
        self._wound_tries: dict[str, int] = {}
        self._workers = Workers(WORKERS, "kill")
        # a hung engine may hold all workers, so logging refusals has its own
        self._clerk = Workers(1, "refusals")

    async def kill(
        self, who: Peer, container_id: str, weapon: str, wish: str = "", seconds: float | None = None
    ) -> Fault:
        """Kill the container; return the fault. `wish` asks for another action. Raises RequestError."""
        weapon = weapon[:MAX_WEAPON]
        began = time.monotonic()
        try:
            done = await self._kill(who, container_id, weapon, wish, seconds)
        except RequestError as error:
            self._measures.kill(error.code, time.monotonic() - began)
            if isinstance(error, NotBegun):
                await self._log_refusal(who, container_id, "kill", weapon, error)
            raise
        self._measures.kill("ok", time.monotonic() - began)
        return done

    async def wound(self, who: Peer, container_id: str, weapon: str) -> None:
        """Weaken the container, once. Raises RequestError."""
        weapon = weapon[:MAX_WEAPON]
        try:
            await self._wound(who, container_id, weapon)
        except NotBegun as error:
            await self._log_refusal(who, container_id, "wound", weapon, error)
            raise

    def close(self) -> None:
        """Start nothing more, and give what is in progress a moment to end."""
        if not self._workers.close(CLOSE_SECONDS):
            log.warning("kills are still in progress: the audit log has their intent but not their result")
        self._clerk.close(CLOSE_SECONDS / 4)

    async def _kill(self, who: Peer, container_id: str, weapon: str, wish: str, seconds: float | None) -> Fault:
        container = self._target(container_id)
        fault = self._choose(weapon, wish, seconds)
        if container_id in self._under_way:
            raise NotBegun(Code.CONFLICT, "the container is already being killed")
        self._need_engine()
        self._take(who)
        await self._carry_out(self._attempt(who, container, fault, weapon))
        return fault

    async def _wound(self, who: Peer, container_id: str, weapon: str) -> None:
        container = self._target(container_id)
        if not self._policy.wound or not self._backend.can_wound:
            raise NotBegun(Code.DENIED, "the policy does not allow wounds")
        self._need_engine()
        self._forget_wounds_of_the_gone()
        if container_id in self._wounded:
            return
        if self._wound_tries.get(container_id, 0) >= WOUND_TRIES:
            raise NotBegun(Code.FAILED, f"wounding this container has failed {WOUND_TRIES} times")
        self._take(who)
        self._wounded.add(container_id)
        self._wound_tries[container_id] = self._wound_tries.get(container_id, 0) + 1
        try:
            await self._carry_out(self._attempt(who, container, None, weapon))
        except RequestError:
            self._wounded.discard(container_id)
            raise

    def _attempt(self, who: Peer, container: Container, fault: Fault | None, weapon: str) -> Attempt:
        return Attempt(who, container, fault, weapon, time.monotonic() + ANSWER_SECONDS)

    async def _carry_out(self, attempt: Attempt) -> None:
        """Have a worker do it, and answer in time even if the worker hangs."""
        if attempt.fault is not None:
            self._under_way.add(attempt.container.id)
            self._roster.set_dying(attempt.container.id, self._ends(attempt))
            attempt.before = self._recovery.before(attempt.container) if self._recovery else GroupBefore()
            if self._restarts(attempt):
                self._roster.set_restarting(attempt.container.id, True)
        work = asyncio.get_running_loop().run_in_executor(self._workers, self._execute, attempt)
        work.add_done_callback(lambda done: self._settle(attempt, done))
        await asyncio.wait({work}, timeout=attempt.seconds_left)
        if not work.done() and attempt.abandon():
            raise RequestError(Code.ENGINE_DOWN, "the engine is too slow: nothing was done")
        await asyncio.wait({work}, timeout=ACT_SECONDS)
        if not work.done():
            raise RequestError(Code.ENGINE_DOWN, "the engine is too slow: it is not known whether it was done")
        work.result()

    def _settle(self, attempt: Attempt, done: asyncio.Future[None]) -> None:
        """Record that the worker has finished, in time or not."""
        failed = done.cancelled() or done.exception() is not None
        identity = attempt.container.id
        if attempt.fault is not None:
            self._under_way.discard(identity)
            if self._ends(attempt) and not failed:
                self._roster.end(identity)
            self._roster.set_dying(identity, False)
            if self._restarts(attempt):
                self._roster.set_restarting(identity, False)
                self._look_again(frozenset({identity}))
            if self._recovery and not failed and not self._policy.dry_run:
                self._recovery.begin(attempt.kill, attempt.container, attempt.fault, attempt.before, attempt.began)
                self._look_again(frozenset({identity}))  # what was asked during the act says nothing of after it
        if failed:
            # a failed removal may still have ended it, perhaps without an event
            self._look_again(frozenset({identity}))

    def _ends(self, attempt: Attempt) -> bool:
        fault = attempt.fault
        if fault is None or self._policy.dry_run or fault.action not in _ENDS_IT:
            return False
        return fault.signal in _DEADLY

    def _restarts(self, attempt: Attempt) -> bool:
        fault = attempt.fault
        return fault is not None and fault.action is KillAction.RESTART and not self._policy.dry_run

    def _target(self, container_id: str) -> Container:
        container = self._roster.get(container_id)
        if container is None:
            raise NotBegun(Code.NOT_FOUND, "no such container")
        try:
            self._must_be_target(container)
        except RequestError as error:
            raise NotBegun(error.code, error.message) from None
        return container

    def _must_be_target(self, container: Container) -> None:
        verdict = self._judge.judge(container)
        if not verdict.listed:
            raise RequestError(Code.NOT_FOUND, "no such container")
        if verdict.protected:
            raise RequestError(Code.PROTECTED, verdict.reason)

    def _need_engine(self) -> None:
        if self._roster.engine != "up":
            error = engine_down(self._roster.engine_reason)
            raise NotBegun(error.code, error.message)

    def _take(self, who: Peer) -> None:
        try:
            self._budgets.take(who)
        except RequestError as error:
            raise NotBegun(error.code, error.message) from None

    def _choose(self, weapon: str, wish: str, seconds: float | None) -> Fault:
        """The policy's fault for the weapon, or the one of the policy's faults that the client asks for."""
        fault = self._policy.fault_for(weapon)
        if wish:
            found = next((each for each in self._policy.faults() if each.action == wish), None)
            if found is None:
                raise NotBegun(Code.DENIED, f"the policy has no action {wish[:40]!r}")
            fault = found
        if seconds is not None:
            if not 0 < seconds <= fault.seconds:
                raise NotBegun(Code.DENIED, f"the policy's {fault.action} may last at most {fault.seconds:g} seconds")
            fault = replace(fault, seconds=seconds)
        if not self._backend.can(fault) or (fault.seconds and self._healer is None):
            raise NotBegun(Code.DENIED, f"the {self._backend.name} backend cannot {fault}")
        return fault

    def _forget_wounds_of_the_gone(self) -> None:
        self._wounded = {each for each in self._wounded if self._roster.get(each)}
        self._wound_tries = {each: tries for each, tries in self._wound_tries.items() if self._roster.get(each)}

    def _execute(self, attempt: Attempt) -> None:
        """Log, check, act, log. Runs in a worker."""
        if not attempt.seconds_left:
            raise RequestError(Code.ENGINE_DOWN, "the engine is too slow: nothing was done")
        dry = self._policy.dry_run
        try:
            kill = attempt.kill = self._audit.intent(
                attempt.who, attempt.container, attempt.deed, attempt.weapon, dry, attempt.seconds
            )
        except AuditError as error:
            raise RequestError(Code.DENIED, f"no kill without an audit log: {error}") from error
        container = attempt.container
        try:
            with self._failures():
                if dry:
                    self._ready(attempt)
                else:
                    self._act(kill, attempt)
        except RequestError as error:
            self._log_result(kill, error.code, error.message)
            log.warning("%s %s (%s) failed: %s", attempt.deed, container.name, container.id[:12], error.message)
            raise
        self._log_result(kill, "ok", "")
        what = f"{attempt.deed} (dry run)" if dry else attempt.deed
        log.info("%s %s (%s) for uid %d pid %d, weapon %s", what, container.name, container.id[:12], attempt.who.uid,
                 attempt.who.pid, attempt.weapon or "unknown")  # fmt: skip

    def _act(self, kill: str, attempt: Attempt) -> None:
        """Check and act, with nothing in between. Raises RequestError."""
        fault = attempt.fault
        if fault is not None and fault.seconds and self._healer is not None:
            # the healer checks when its journal is written: a slow disk must not come between the check and the act
            self._healer.inflict(kill, attempt.container, fault, lambda: self._ready(attempt))
            return
        container = self._ready(attempt)
        if fault is None:
            self._backend.wound(container)
        elif fault.signal:
            self._backend.send_signal(container, fault.signal)
        else:
            self._backend.act(container, fault.action)

    def _ready(self, attempt: Attempt) -> Container:
        """The container as it is now, if it may be touched now. Raises RequestError."""
        container = self._last_look(attempt)
        if not attempt.begin():
            raise RequestError(Code.ENGINE_DOWN, "the log and the engine were too slow: nothing was done")
        return container

    def _last_look(self, attempt: Attempt) -> Container:
        """The container as the engine has it now. Raises RequestError when an action on it is refused."""
        found = self._backend.examine(attempt.container.id)
        if found is None or not self._backend.is_same(attempt.container, found) or found.state not in LISTED_STATES:
            raise RequestError(Code.NOT_FOUND, "the container is already gone")
        self._must_be_target(found)
        if attempt.fault is not None:
            self._spare_others(found, attempt.fault.action)
        return found

    def _spare_others(self, container: Container, action: KillAction) -> None:
        """Refuse an action that would hit something protected as well. Raises RequestError."""
        others = self._backend.also_hit(container, action, lambda each: self._judge.judge(each).protected)
        for other in others:
            reason = self._judge.judge(other).reason
            raise RequestError(Code.PROTECTED, f"{action} would hit {other.name} ({other.image}) as well: {reason}")

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        """Turn any error in a backend into an answer, so that every client gets one."""
        try:
            yield
        except RequestError:
            raise
        except Exception as error:
            log.exception("the %s backend failed", self._backend.name)
            message = f"the {self._backend.name} backend failed: {type(error).__name__}"
            raise RequestError(Code.FAILED, message) from error

    def _log_result(self, kill: str, result: str, message: str) -> None:
        try:
            self._audit.result(kill, result, message)
        except AuditError as error:
            log.error("%s", error)  # too late to refuse: it is done, and the intent is on disk

    async def _log_refusal(self, who: Peer, container_id: str, request: str, weapon: str, error: RequestError) -> None:
        wanted, unlogged = self._budgets.may_log_refusal(who)
        if not wanted:
            return

        def write() -> None:
            try:
                self._audit.refused(who, container_id[:128], request, weapon, error.code, error.message, unlogged)
            except AuditError as trouble:
                log.error("%s", trouble)

        writing = asyncio.get_running_loop().run_in_executor(self._clerk, write)
        await asyncio.wait({writing}, timeout=ANSWER_SECONDS)
