"""Questions about one container, answered by the engine: `inspect` and `logs`.

They change nothing, but they take the engine's time and tell what a container does. So a client may ask one at a time;
each connection, and all of them together, may ask only so often; and all share a few threads, separate from those for
kills. The audit log says who has asked about what: once a minute for each question that is repeated, or a game that
shows a container's figures would fill it, and for `inspect` only so many lines a minute. Log lines may hold secrets, so
they are told only once that is on the disk.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from hostbridge.backends.base import Backend
from hostbridge.faults.audit import Audit, AuditError
from hostbridge.faults.budget import Bucket
from hostbridge.fleet.roster import EngineRoster
from hostbridge.host.workers import Workers
from hostbridge.model import PROJECT_LABEL, Code, Container, Details, Peer, RequestError, engine_down
from hostbridge.policy.judge import Judge

WORKERS: Final = 4
ANSWER_SECONDS: Final = 5.0
CLOSE_SECONDS: Final = 0.5

A_MINUTE: Final = 600
AT_ONCE: Final = 20
"""Questions of one connection: this many a minute, after so many at once."""

ALL_A_MINUTE: Final = 2400
ALL_AT_ONCE: Final = 80
"""The same for all connections together."""

LOG_AGAIN_SECONDS: Final = 60.0
"""Seconds after which a question that was logged is logged again."""

INSPECTIONS_LOGGED: Final = 120
"""Most lines a minute about `inspect`; the next line says how many were left out."""

MAX_LOGGED: Final = 4096
"""Number of questions remembered as logged."""

T = TypeVar("T")

log = logging.getLogger("hostbridge")


class Questions:
    """Answers questions that the policy allows. Lives in the event loop's thread."""

    def __init__(self, backend: Backend, roster: EngineRoster, judge: Judge, audit: Audit) -> None:
        self._backend = backend
        self._roster = roster
        self._policy = judge.policy
        self._audit = audit
        self._workers = Workers(WORKERS, "questions")
        self._clerk = Workers(1, "questions' log")
        self._all = Bucket(ALL_A_MINUTE, most=ALL_AT_ONCE)
        self._logged: OrderedDict[tuple[int, str, str], float] = OrderedDict()  # monotonic times
        self._lines = Bucket(INSPECTIONS_LOGGED)
        self._unlogged = 0

    @property
    def may_inspect(self) -> bool:
        """Whether clients may inspect containers at all."""
        return self._policy.inspect and self._backend.can_inspect

    @property
    def may_read_logs(self) -> bool:
        """Whether clients may read containers' last lines at all."""
        return self._policy.logs and self._backend.can_inspect

    async def inspect(self, who: Peer, bucket: Bucket, container_id: str) -> Mapping[str, object]:
        """What the engine knows about a container, as fields of a reply. Raises RequestError.

        `bucket` holds what the connection may still ask.
        """
        container = self._listed(container_id, self._policy.inspect)
        self._take(bucket)
        if self._is_news(who, "inspect", container):
            self._log_inspection(who, container)
        details = await self._ask(lambda: self._backend.details(container.id))
        return _said(container, details)

    async def logs(self, who: Peer, bucket: Bucket, container_id: str) -> list[str]:
        """The container's last lines. Raises RequestError, also if it cannot be logged that they are read."""
        container = self._listed(container_id, self._policy.logs)
        self._take(bucket)
        if self._is_news(who, "logs", container):
            if not await self._ask(lambda: self._log(who, container, "logs"), self._clerk):
                self._logged.pop(_key(who, "logs", container), None)
                raise RequestError(Code.DENIED, "nobody reads lines without an audit log")
        return list(await self._ask(lambda: self._backend.logs(container.id)))

    def close(self) -> None:
        """Stop asking."""
        self._workers.close(CLOSE_SECONDS)
        self._clerk.close(CLOSE_SECONDS)

    def _take(self, bucket: Bucket) -> None:
        """Use up one question. Raises RequestError when there is none left."""
        if not bucket.take():
            raise RequestError(Code.RATE_LIMITED, f"no more than {bucket.per_minute} questions a minute")
        if not self._all.take():
            raise RequestError(Code.RATE_LIMITED, f"no more than {self._all.per_minute} questions of all a minute")

    def _is_news(self, who: Peer, request: str, container: Container) -> bool:
        """Whether this question is to be logged: it was not in the last minute."""
        key, now = _key(who, request, container), time.monotonic()
        if now - self._logged.get(key, float("-inf")) < LOG_AGAIN_SECONDS:
            return False
        self._logged[key] = now
        self._logged.move_to_end(key)
        if len(self._logged) > MAX_LOGGED:
            self._logged.popitem(last=False)
        return True

    def _log_inspection(self, who: Peer, container: Container) -> None:
        """Log it in the background, unless there are too many lines already."""
        if self._lines.take():
            self._clerk.submit(self._log, who, container, "inspect", self._unlogged)
            self._unlogged = 0
        else:
            self._unlogged += 1

    def _log(self, who: Peer, container: Container, request: str, unlogged: int = 0) -> bool:
        """Log a question; returns whether that worked. Runs in a worker."""
        try:
            self._audit.question(who, container, request, unlogged)
        except AuditError as error:
            log.error("%s", error)
            return False
        return True

    def _listed(self, container_id: str, allowed: bool) -> Container:
        if not allowed:
            raise RequestError(Code.DENIED, "the policy does not allow this question")
        if not self._backend.can_inspect:
            raise RequestError(Code.DENIED, f"the {self._backend.name} backend cannot answer this")
        container = self._roster.get(container_id)
        if container is None:
            raise RequestError(Code.NOT_FOUND, "no such container")
        if self._roster.engine != "up":
            raise engine_down(self._roster.engine_reason)
        return container

    async def _ask(self, question: Callable[[], T], workers: Workers | None = None) -> T:
        asking = asyncio.get_running_loop().run_in_executor(workers or self._workers, question)
        done, _ = await asyncio.wait({asking}, timeout=ANSWER_SECONDS)
        if not done:
            asking.cancel()
            what = "the audit log" if workers is self._clerk else "the engine"
            raise RequestError(Code.ENGINE_DOWN, f"{what} is too slow")
        try:
            return asking.result()
        except RequestError:
            raise
        except Exception as error:
            log.exception("the %s backend failed", self._backend.name)
            raise RequestError(Code.FAILED, f"the {self._backend.name} backend failed") from error


def _key(who: Peer, request: str, container: Container) -> tuple[int, str, str]:
    return (who.uid, request, container.id)


def _said(container: Container, details: Details) -> dict[str, object]:
    return {
        "image": container.image[:256],
        "project": container.label(PROJECT_LABEL)[:256],
        "service": container.service[:256],
        "state": container.state,
        "health": container.health,
        "started": details.started,
        "restarts": max(container.restarts, details.restarts),
        "cpus": None if details.cpus is None else round(details.cpus, 3),
        "memory": details.memory,
        "memory_limit": details.memory_limit,
        "ports": [each[:64] for each in details.ports],
    }
