"""Which changes to a swarm's service are let through: one replica fewer, or a forced replacement of its tasks.

A service's specification says what its tasks run and mount, so anyone who may write one is root on the nodes. The gate
takes none from a client: it fetches the current specification from the engine, compares the client's with it, and
makes that one change in the engine's own.
"""

from __future__ import annotations

import copy
import json
from http import HTTPStatus
from typing import Any, Final

from hostbridge import parsing
from hostbridge.gate.errors import GateError
from hostbridge.model import KillAction
from hostbridge.parsing import ParseError

_PLACES: Final = {
    KillAction.STOP: ("Mode", "Replicated", "Replicas"),
    KillAction.RESTART: ("TaskTemplate", "ForceUpdate"),
}
_STEP: Final = {KillAction.STOP: -1, KillAction.RESTART: 1}
_DEFAULT: Final = {KillAction.STOP: 1, KillAction.RESTART: 0}


def changed(service: dict[str, Any], version: str, wish: bytes, allowed: frozenset[KillAction]) -> bytes:
    """The specification to send to the engine for the client's `wish`. Raises GateError.

    `service` is the engine's current one, and `version` the one that the client has read.
    """
    try:
        wanted = parsing.json_object(wish)
        spec = service["Spec"]
        if str(service["Version"]["Index"]) != version:
            # the engine's own words
            raise GateError(HTTPStatus.INTERNAL_SERVER_ERROR, "update out of sequence")
        for action in sorted(allowed):
            made = _with_change(spec, action)
            if made is not None and made == wanted:
                return json.dumps(made).encode("ascii")
    except (ParseError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise GateError(HTTPStatus.FORBIDDEN, "the gate cannot read the service's specification") from error
    what = " or ".join(sorted(allowed))
    raise GateError(HTTPStatus.FORBIDDEN, f"the gate lets no change of a service through but what {what} needs")


def _with_change(spec: dict[str, Any], action: KillAction) -> dict[str, Any] | None:
    """The specification with the one change, or None where there is nothing to change."""
    made = copy.deepcopy(spec)
    inner = made
    *path, last = _PLACES[action]
    for key in path:
        if key not in inner:
            return None
        inner = inner[key]
    inner[last] = max(int(inner.get(last, _DEFAULT[action])) + _STEP[action], 0)
    return made
