"""Questions about one container, answered by the engine: `inspect` and `logs`.

They change nothing, so they need neither budget nor audit. But they take the engine's time: a client may ask one at a
time, and all clients share a few threads, separate from those for kills.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from hostbridge.backends.base import Backend
from hostbridge.fleet.roster import EngineRoster
from hostbridge.host.workers import Workers
from hostbridge.model import PROJECT_LABEL, Code, Container, Details, RequestError, engine_down
from hostbridge.policy.judge import Judge

WORKERS: Final = 4
ANSWER_SECONDS: Final = 5.0
CLOSE_SECONDS: Final = 0.5

T = TypeVar("T")

log = logging.getLogger("hostbridge")


class Questions:
    """Answers questions that the policy allows. Lives in the event loop's thread."""

    def __init__(self, backend: Backend, roster: EngineRoster, judge: Judge) -> None:
        self._backend = backend
        self._roster = roster
        self._policy = judge.policy
        self._workers = Workers(WORKERS, "questions")

    async def inspect(self, container_id: str) -> Mapping[str, object]:
        """What the engine knows about a container, as fields of a reply. Raises RequestError."""
        container = self._listed(container_id, self._policy.inspect)
        details = await self._ask(lambda: self._backend.details(container.id))
        return _said(container, details)

    async def logs(self, container_id: str) -> list[str]:
        """The container's last lines. Raises RequestError."""
        container = self._listed(container_id, self._policy.logs)
        return list(await self._ask(lambda: self._backend.logs(container.id)))

    def close(self) -> None:
        """Stop asking."""
        self._workers.close(CLOSE_SECONDS)

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

    async def _ask(self, question: Callable[[], T]) -> T:
        asking = asyncio.get_running_loop().run_in_executor(self._workers, question)
        done, _ = await asyncio.wait({asking}, timeout=ANSWER_SECONDS)
        if not done:
            asking.cancel()
            raise RequestError(Code.ENGINE_DOWN, "the engine is too slow")
        try:
            return asking.result()
        except RequestError:
            raise
        except Exception as error:
            log.exception("the %s backend failed", self._backend.name)
            raise RequestError(Code.FAILED, f"the {self._backend.name} backend failed") from error


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
