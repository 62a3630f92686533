"""The way of a kill: who may, what exactly, logged, done once, answered.

What can be refused from the roster is refused at once. What is left is looked at again, by its full ID, in the worker
that is about to act: events may be late, a queue long, and a container that was created again under the same name, or
has become protected meanwhile, is not hit.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from hostbridge.backends.base import Backend
from hostbridge.faults.audit import Audit, AuditError
from hostbridge.faults.budget import Budget
from hostbridge.fleet.roster import EngineRoster
from hostbridge.metrics.measures import Measures
from hostbridge.model import LISTED_STATES, Action, Code, Container, Peer, RequestError, engine_down
from hostbridge.policy.rules import Policy

WORKERS: Final = 8
QUEUE_SECONDS: Final = 10.0
"""How late a kill may be carried out: when all workers wait for a slow engine, later ones are refused."""
REFUSALS_PER_MINUTE: Final = 60
"""Refused kills of one user that are logged: more could fill the disk."""
MAX_WEAPON: Final = 40

_ENDS_IT: Final = frozenset({Action.REMOVE, Action.STOP, Action.KILL})

log = logging.getLogger("hostbridge")


class Refused(RequestError):
    """Nothing was tried."""


class Executioner:
    """Carries out kills and wounds in worker threads.

    Limits are a user's, however many connections they open: what can be had again by connecting again is no limit.
    """

    def __init__(
        self, backend: Backend, roster: EngineRoster, policy: Policy, audit: Audit, measures: Measures | None = None
    ) -> None:
        self._backend = backend
        self._roster = roster
        self._policy = policy
        self._audit = audit
        self._under_way: set[str] = set()
        self._wounded: set[str] = set()
        self._budgets: dict[int, Budget] = {}
        self._refusals: dict[int, Budget] = {}
        self._unlogged: dict[int, int] = {}
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="kill")
        # a hung engine may hold all workers: to say no takes none of them
        self._clerk = ThreadPoolExecutor(1, thread_name_prefix="refusals")
        self._measures = measures or Measures()

    async def kill(self, peer: Peer, container_id: str, weapon: str, wish: str = "") -> Action:
        """Kill the container; return what was done. `wish` asks for another action. Raises RequestError."""
        weapon = weapon[:MAX_WEAPON]
        began = time.monotonic()
        try:
            done = await self._kill(peer, container_id, weapon, wish)
        except RequestError as error:
            self._measures.kill(error.code, time.monotonic() - began)
            if isinstance(error, Refused):
                await self._log_refusal(peer, container_id, weapon, error)
            raise
        self._measures.kill("ok", time.monotonic() - began)
        return done

    async def wound(self, peer: Peer, container_id: str, weapon: str) -> None:
        """Weaken the container, once. Raises RequestError."""
        container = self._target(container_id)
        if not self._policy.wound or not self._backend.can_wound:
            raise Refused(Code.DENIED, "the policy does not wound")
        self._need_engine()
        self._wounded = {each for each in self._wounded if self._roster.get(each)}
        if container_id in self._wounded:
            return
        self._wounded.add(container_id)
        try:
            await self._in_worker(peer, container, None, weapon[:MAX_WEAPON])
        except RequestError:
            self._wounded.discard(container_id)
            raise

    def close(self) -> None:
        """Wait for the kills under way, start no more."""
        self._workers.shutdown(wait=True, cancel_futures=True)
        self._clerk.shutdown(wait=True, cancel_futures=True)

    async def _kill(self, peer: Peer, container_id: str, weapon: str, wish: str) -> Action:
        container = self._target(container_id)
        action = self._choose(weapon, wish)
        if container_id in self._under_way:
            raise Refused(Code.CONFLICT, "it is being killed already")
        self._need_engine()
        try:
            self._budgets.setdefault(peer.uid, Budget.of(self._policy)).take()
        except RequestError as error:
            raise Refused(error.code, error.message) from None
        ends = action in _ENDS_IT and not self._policy.dry_run
        self._under_way.add(container_id)
        self._roster.set_dying(container_id, ends)
        try:
            await self._in_worker(peer, container, action, weapon)
            if ends:
                self._roster.forget(container_id)
        finally:
            self._under_way.discard(container_id)
            self._roster.set_dying(container_id, False)
        return action

    def _target(self, container_id: str) -> Container:
        container = self._roster.get(container_id)
        if container is None:
            raise Refused(Code.NOT_FOUND, "no such container")
        self._judge(container)
        return container

    def _judge(self, container: Container) -> None:
        verdict = self._policy.judge(container)
        if not verdict.listed:
            raise Refused(Code.NOT_FOUND, "no such container")
        if verdict.protected:
            raise Refused(Code.PROTECTED, verdict.reason)

    def _need_engine(self) -> None:
        if self._roster.engine != "up":
            error = engine_down(self._roster.engine_reason)
            raise Refused(error.code, error.message)

    def _choose(self, weapon: str, wish: str) -> Action:
        if wish and not self._policy.allows(wish):
            raise Refused(Code.DENIED, f"the policy has no action {wish[:40]!r}")
        action = Action(wish) if wish else self._policy.action_for(weapon)
        if action not in self._backend.actions:
            raise Refused(Code.DENIED, f"the {self._backend.name} backend cannot {action}")
        return action

    async def _in_worker(self, peer: Peer, container: Container, action: Action | None, weapon: str) -> None:
        deadline = time.monotonic() + QUEUE_SECONDS
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._workers, self._execute, peer, container, action, weapon, deadline)

    def _execute(self, peer: Peer, container: Container, action: Action | None, weapon: str, deadline: float) -> None:
        """Look again, log, act, log. Without an action it is a wound."""
        if time.monotonic() > deadline:
            raise Refused(Code.ENGINE_DOWN, "the engine is too slow: nothing was done")
        with self._failures(refused=True):
            container = self._look_again(container)
            if action is not None:
                self._spare_others(container, action)
        dry = self._policy.dry_run
        deed = "wound" if action is None else str(action)
        try:
            kill = self._audit.intent(peer, container, deed, weapon, dry)
        except AuditError as error:
            raise RequestError(Code.DENIED, f"no kill without a log: {error}") from error
        try:
            if not dry:
                self._act(container, action)
        except RequestError as error:
            self._log_result(kill, error.code, error.message)
            log.warning("%s %s (%s) failed: %s", deed, container.name, container.id[:12], error.message)
            raise
        self._log_result(kill, "ok", "")
        what = f"{deed} (dry run)" if dry else deed
        log.info("%s %s (%s) for uid %d pid %d, weapon %s", what, container.name, container.id[:12], peer.uid,
                 peer.pid, weapon or "unknown")  # fmt: skip

    def _act(self, container: Container, action: Action | None) -> None:
        with self._failures():
            if action is None:
                self._backend.wound(container)
            else:
                self._backend.act(container, action)

    def _look_again(self, container: Container) -> Container:
        """The container as the engine has it now. Raises RequestError when it is gone or may not be hit any more."""
        for found in self._backend.look([container.id]):
            if found.id == container.id and found.state in LISTED_STATES:
                self._judge(found)
                return found
        raise Refused(Code.NOT_FOUND, "it is gone already")

    def _spare_others(self, container: Container, action: Action) -> None:
        """Refuse an action that would hit something protected as well. Raises RequestError."""
        for other in self._backend.also_hit(container, action):
            verdict = self._policy.judge(other)
            if verdict.protected:
                raise Refused(Code.PROTECTED, f"{action} would hit {other.name} as well: {verdict.reason}")

    @contextlib.contextmanager
    def _failures(self, refused: bool = False) -> Iterator[None]:
        """Whatever goes wrong in a backend becomes an answer: nobody waits for one in vain."""
        kind = Refused if refused else RequestError
        try:
            yield
        except RequestError as error:
            raise kind(error.code, error.message) from error
        except Exception as error:
            log.exception("the %s backend failed", self._backend.name)
            raise kind(Code.FAILED, f"the {self._backend.name} backend failed: {type(error).__name__}") from error

    def _log_result(self, kill: str, result: str, message: str) -> None:
        try:
            self._audit.result(kill, result, message)
        except AuditError as error:
            log.error("%s", error)  # it is done already; the intent is on disk

    async def _log_refusal(self, peer: Peer, container_id: str, weapon: str, error: RequestError) -> None:
        try:
            self._refusals.setdefault(peer.uid, Budget(REFUSALS_PER_MINUTE, -1)).take()
        except RequestError:
            self._unlogged[peer.uid] = self._unlogged.get(peer.uid, 0) + 1
            return
        unlogged = self._unlogged.pop(peer.uid, 0)

        def write() -> None:
            try:
                self._audit.refused(peer, container_id[:128], weapon, error.code, error.message, unlogged)
            except AuditError as trouble:
                log.error("%s", trouble)

        await asyncio.get_running_loop().run_in_executor(self._clerk, write)
