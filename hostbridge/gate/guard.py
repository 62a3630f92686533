"""Judges a container by the policy right before an action reaches it, whatever the bridge says.

The gate asks the engine itself, so a bridge that is taken over cannot hit what the policy protects. The bridge's own
verdict knows more: what was protected once, and what else an action hits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from hostbridge.backends.answers import container_of_inspect, image_id_of, image_names
from hostbridge.backends.endpoint import Endpoint
from hostbridge.backends.engine import MAX_ANSWER
from hostbridge.backends.undoing import PERIOD
from hostbridge.gate.errors import GateError
from hostbridge.gate.outgoing import fetch
from hostbridge.gate.table import CONTAINER
from hostbridge.policy.rules import Policy

_IN_PATH: Final = re.compile(rf"(?:/v[0-9.]+)?/containers/({CONTAINER})(?:[/?].*)?", re.ASCII)
_NO_NAMES: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN)
_UNLIMITED: Final = 1 << 60
"""More bytes or CPUs than any machine has: engines write "no limit" in several ways."""


class Guard:
    """The policy's rules about containers, for one engine."""

    def __init__(self, engine: Endpoint, policy: Policy) -> None:
        self._engine = engine
        self._policy = policy

    async def check(self, target: str, content: bytes | None) -> None:
        """Refuse an action on a container that the policy does not let be hit. Raises GateError.

        `target` and `content` are the request that the engine is to get.
        """
        body: dict[str, Any] = json.loads(content) if content else {}
        container_id = _container_in(target, body)
        found = await fetch(self._engine, f"/containers/{container_id}/json", MAX_ANSWER)
        try:
            if found["Id"] != container_id:
                raise GateError(HTTPStatus.NOT_FOUND, "no such container")
            image_id = image_id_of(found)
            names = await self._names_of(image_id) if image_id else ()
            verdict = self._policy.judge(container_of_inspect(found, names))
            if verdict.protected and not _undoes(target, body, found):
                raise GateError(HTTPStatus.FORBIDDEN, f"the gate protects {container_id[:12]}: {verdict.reason}")
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise GateError(HTTPStatus.BAD_GATEWAY, "the engine does not say what container this is") from error

    async def _names_of(self, image_id: str) -> tuple[str, ...]:
        try:
            return image_names(await fetch(self._engine, f"/images/{image_id}/json", MAX_ANSWER))
        except GateError as error:
            if error.status in _NO_NAMES:
                return ()
            raise


def guard_of(backend: str, engine: Endpoint, policy: Policy) -> Guard | None:
    """The guard of a gate for this kind of backend; None for a swarm, whose rules are about tasks."""
    return None if backend == "swarm" else Guard(engine, policy)


def _container_in(target: str, body: Mapping[str, Any]) -> str:
    """The ID of the container that a request is about. Raises GateError: an action without one is not let through."""
    match = _IN_PATH.fullmatch(target)
    found = match[1] if match else body.get("Container")
    if not isinstance(found, str):
        raise GateError(HTTPStatus.FORBIDDEN, "the gate does not know which container this is about")
    return found


def _undoes(target: str, body: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Whether a request only takes back what a fault did: the policy may have come to protect its victim meanwhile."""
    what = target.rpartition("/")[2]
    if what == "unpause":
        return True
    if what == "connect":
        return not found["NetworkSettings"]["Networks"]
    if what == "update":
        before = found["HostConfig"]
        after = {**before, **body}
        lifted = all(_limit(after, key) >= _limit(before, key) for key in ("Memory", "MemorySwap"))
        return lifted and _cpus(after) >= _cpus(before) and "CpuShares" not in body
    return False


def _cpus(limits: Mapping[str, Any]) -> float:
    """How many CPUs a container may use."""
    if nano := int(limits.get("NanoCpus") or 0):
        return nano / 1e9
    quota = int(limits.get("CpuQuota") or 0)
    return quota / (int(limits.get("CpuPeriod") or 0) or PERIOD) if quota > 0 else _UNLIMITED


def _limit(limits: Mapping[str, Any], key: str) -> int:
    """A limit in bytes."""
    found = int(limits.get(key) or 0)
    return found if 0 < found < _UNLIMITED else _UNLIMITED
