"""Temporary faults: recorded in the undo journal, then done, and undone when their time is up.

The journal has the fault before the container is touched. When the bridge ends, it undoes everything; if it was
killed, its next start does so. A fault is undone only if the container is still as the fault left it (the backend
decides what that means), and undoing is retried until the engine answers.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hostbridge.backends.base import Backend, Healing
from hostbridge.fault import Fault
from hostbridge.faults.audit import Audit, AuditError
from hostbridge.faults.journal import FaultEntry, FaultStage, Journal, JournalError
from hostbridge.model import Code, Container, KillAction, RequestError

THREADS: Final = 4
"""Faults that may be undone at the same time: an engine may take seconds for one."""
FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 15.0
RETRY_SECONDS: Final = 1.0
"""How soon a journal that could not be written is written again."""

_NOTHING_DONE: Final = frozenset({Code.CONFLICT, Code.NOT_FOUND, Code.DENIED})
"""An engine that answers this to a fault of one call has done nothing."""

_MANY_CALLS: Final = frozenset({KillAction.DISCONNECT})

log = logging.getLogger("hostbridge")


@dataclass(slots=True)
class _Pending:
    entry: FaultEntry
    due: float  # in the monotonic clock
    pause: float = FIRST_PAUSE_SECONDS
    taken: bool = False  # a thread is working on it


class Healer:
    """Everything to be undone on one engine."""

    def __init__(
        self,
        backend: Backend,
        journal: Journal,
        audit: Audit,
        begun: Callable[[FaultEntry], None] = lambda entry: None,
        ended: Callable[[FaultEntry, Healing], None] = lambda entry, how: None,
    ) -> None:
        """`begun` and `ended` are called for each fault, in any thread; `begun` also for those found in the journal."""
        self._backend = backend
        self._journal = journal
        self._audit = audit
        self._begun, self._ended = begun, ended
        self._engine = f"{backend.name} {backend.where}".strip()
        self._changed = threading.Condition()
        self._pending: dict[str, _Pending] = {}
        self._foreign: list[FaultEntry] = []  # of other engines: kept for a bridge that uses theirs
        self._closing = False
        self._behind = False  # the journal could not be written
        self._threads = [threading.Thread(target=self._work, name="heal", daemon=True) for _ in range(THREADS)]

    def start(self) -> None:
        """Take over the journal's faults, and start undoing those that are due."""
        for entry in self._journal.entries:
            if not self._is_ours(entry):
                log.warning("%s of %s waits for the engine %s", entry.action, entry.name, entry.engine)
                self._foreign.append(entry)
                continue
            left = min(entry.until - time.time(), entry.seconds)
            self._pending[entry.kill] = _Pending(entry, time.monotonic() + left)
            self._begun(entry)
        if self._pending:
            log.info("undoing %d faults of an earlier bridge", len(self._pending))
        for thread in self._threads:
            thread.start()

    def inflict(
        self, kill: str, container: Container, fault: Fault, check: Callable[[], object] = lambda: None
    ) -> None:
        """Do it, and undo it after its time. Raises RequestError if it failed; then it is undone at once.

        `check` is called when the journal has it, right before the container is touched; it raises RequestError when
        the container may no longer be touched.
        """
        with self._changed:
            if self._closing:
                raise RequestError(Code.FAILED, "the bridge is ending")
            if any(
                (each.entry.container_id, each.entry.action) == (container.id, fault.action)
                for each in self._pending.values()
            ):
                raise RequestError(Code.CONFLICT, f"it already suffers from a {fault.action}")
        undo = self._backend.prepare(container, fault)
        until = time.time() + fault.seconds
        entry = FaultEntry(kill, self._engine, container.id, container.name, fault.action, fault.seconds, until, undo)
        pending = _Pending(entry, time.monotonic() + fault.seconds, taken=True)
        try:
            self._put(pending)
        except JournalError as error:
            raise RequestError(Code.DENIED, f"no fault that could not be undone: {error}") from error
        try:
            check()
        except BaseException:
            self._forget(pending)
            raise
        try:
            self._backend.inflict(container, fault, undo)
        except Exception as error:
            # a disconnect is several calls, of which the first may have been carried out
            if isinstance(error, RequestError) and error.code in _NOTHING_DONE and fault.action not in _MANY_CALLS:
                self._forget(pending)
            else:
                with self._changed:
                    pending.due, pending.taken = 0.0, False  # some of it may have been done
                    self._changed.notify_all()
            raise
        self._enter(pending, FaultStage.DONE)
        self._begun(pending.entry)
        with self._changed:
            pending.taken = False
            self._changed.notify_all()

    def hurry(self) -> None:
        """Retry at once what could not be undone: the engine answers again. May wait for the journal's disk."""
        with self._changed:
            for each in self._pending.values():
                if each.pause > FIRST_PAUSE_SECONDS and not each.taken:
                    each.due, each.pause = 0.0, FIRST_PAUSE_SECONDS
            self._changed.notify_all()

    def close(self, seconds: float) -> None:
        """Undo everything now, in at most this many seconds; the journal keeps the rest for the next start."""
        deadline = time.monotonic() + seconds
        # a disk that hangs holds the lock: it must not hold up the end of the bridge
        if not self._changed.acquire(timeout=seconds):
            log.warning("the undo journal's disk is too slow: the bridge's next start will undo what is left")
            return
        try:
            self._closing = True
            for each in self._pending.values():
                each.due = 0.0
            self._changed.notify_all()
        finally:
            self._changed.release()
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        if any(thread.is_alive() for thread in self._threads):
            log.warning("%d faults could not be undone in time: the bridge's next start will", len(self._pending))
        else:
            self._journal.close()

    def _work(self) -> None:
        while True:
            pending = self._next()
            if pending is None:
                return
            try:
                self._heal(pending)
            except Exception as error:  # whatever a backend does: the fault must not be forgotten
                if not isinstance(error, RequestError):
                    log.exception("the %s backend failed", self._backend.name)
                elif pending.pause == FIRST_PAUSE_SECONDS:
                    log.warning("cannot undo the %s of %s: %s", pending.entry.action, pending.entry.name, error.message)
                with self._changed:
                    pending.due, pending.taken = time.monotonic() + pending.pause, False
                    pending.pause = min(pending.pause * 2, LONGEST_PAUSE_SECONDS)

    def _next(self) -> _Pending | None:
        """Wait for a fault that is due and take it; None at the end."""
        with self._changed:
            while True:
                free = [each for each in self._pending.values() if not each.taken]
                first = min(free, key=lambda each: each.due, default=None)
                left = first.due - time.monotonic() if first else None
                if first is not None and left is not None and left <= 0:
                    first.taken = True
                    return first
                if self._behind:
                    self._save()
                if self._closing and not self._pending and not self._behind:
                    return None
                self._changed.wait(min(left or RETRY_SECONDS, RETRY_SECONDS) if self._behind else left)

    def _heal(self, pending: _Pending) -> None:
        entry = pending.entry
        whole = entry.stage is FaultStage.DONE

        def touching() -> None:
            if whole:
                self._enter(pending, FaultStage.HEALING)

        how = self._backend.heal(entry.container_id, entry.action, entry.undo, whole, touching)
        if how is Healing.GONE and entry.engine != self._engine:
            log.warning("%s of %s waits for the engine %s", entry.action, entry.name, entry.engine)
            with self._changed:
                self._foreign.append(entry)
        self._forget(pending)
        self._log(entry, how)
        self._ended(entry, how)

    def _is_ours(self, entry: FaultEntry) -> bool:
        """Whether the container may be on our engine. A bridge may reach one engine at several addresses."""
        return entry.engine.partition(" ")[0] == self._backend.name

    def _forget(self, pending: _Pending) -> None:
        """There is nothing to undo any more."""
        with self._changed:
            del self._pending[pending.entry.kill]
            self._changed.notify_all()
            self._save()

    def _enter(self, pending: _Pending, stage: FaultStage) -> None:
        """Record a fault's stage. If the journal cannot be written it has an earlier stage, which is always safe."""
        with self._changed:
            pending.entry = replace(pending.entry, stage=stage)
            self._save()

    def _put(self, pending: _Pending) -> None:
        with self._changed:
            if self._closing:
                raise JournalError("the bridge is ending")
            self._pending[pending.entry.kill] = pending
            try:
                self._journal.write(self._entries())
            except JournalError:
                del self._pending[pending.entry.kill]
                raise

    def _save(self) -> None:
        """Write the journal; when that fails, it is tried again until it is as it should be."""
        try:
            self._journal.write(self._entries())
        except JournalError as error:
            if not self._behind:
                log.error("%s", error)
            self._behind = True
            self._changed.notify_all()
        else:
            self._behind = False

    def _entries(self) -> Sequence[FaultEntry]:
        return [*self._foreign, *(each.entry for each in self._pending.values())]

    def _log(self, entry: FaultEntry, how: Healing) -> None:
        log.info("%s of %s (%s): %s", entry.action, entry.name, entry.container_id[:12], how)
        try:
            self._audit.healed(entry.kill, entry.container_id, entry.name, entry.action, how)
        except AuditError as error:
            log.error("%s", error)
