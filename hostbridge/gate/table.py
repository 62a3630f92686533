"""What the gate lets through, as one table by the action that needs it.

To let more through, add a row under the action that needs it, and nothing else. Paths are compared literally:
nothing is decoded, joined or shortened, so each has one spelling. Values of queries and fields of
bodies are listed one by one, and written from scratch for the engine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from hostbridge import parsing
from hostbridge.backends.engine import MAX_ANSWER, MAX_LIST
from hostbridge.gate.errors import GateError
from hostbridge.model import KillAction
from hostbridge.parsing import ParseError
from hostbridge.policy.rules import Policy

Value = Callable[[str], str | None]
"""Parses a query's value: returns its one canonical form for the engine, or None if it is not let through."""

Field = Callable[[object], bool]
"""Whether a field of a body may have this value."""

MAX_IDS: Final = 250
"""Most IDs in one listing; the bridge asks about 200 at once."""
MAX_BODY: Final = 8192
MAX_SERVICE: Final = 1024 * 1024
"""Most bytes of a swarm service's whole specification."""
MAX_QUERY_FIELDS: Final = 8
MAX_NUMBER: Final = (1 << 63) - 1
NO_QUOTA: Final = -1
"""Lifts a container's CPU quota."""

CONTAINER: Final = "[0-9a-f]{64}"
_PLACES: Final = {
    "{container}": CONTAINER,
    "{image}": "sha256:[0-9a-f]{64}",
    "{network}": "(?:[0-9a-f]{64}|[0-9a-z]{25})",
    "{service}": "[0-9a-z]{1,64}",
    "{task}": "[0-9a-z]{1,64}",
}
"""The placeholders in paths."""

_VERSION: Final = "(?:/v[0-9]{1,2}[.][0-9]{1,3})?"


def exactly(text: str) -> Value:
    """This value and no other."""
    return lambda value: value if value == text else None


def matching(pattern: str) -> Value:
    """Any value of this form."""
    compiled = re.compile(pattern, re.ASCII)
    return lambda value: value if compiled.fullmatch(value) else None


def filters(**patterns: str) -> Value:
    """An engine's filter: a JSON object with these keys, each with a list of values of its form."""
    compiled = {key: re.compile(pattern, re.ASCII) for key, pattern in patterns.items()}

    def read(value: str) -> str | None:
        try:
            found = parsing.json_object(value)
        except ParseError:
            return None
        for key, wanted in found.items():
            if key not in compiled or not isinstance(wanted, list) or len(wanted) > MAX_IDS:
                return None
            if not all(isinstance(each, str) and compiled[key].fullmatch(each) for each in wanted):
                return None
        return json.dumps(found)

    return read


def whole(low: int, high: int) -> Field:
    """A whole number within these bounds, inclusive."""
    return lambda value: type(value) is int and low <= value <= high


def text(pattern: str) -> Field:
    """A string of this form."""
    compiled = re.compile(pattern, re.ASCII)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def is_connection(value: object) -> bool:
    """Whether a container may be connected to a network like this: as it was, by names, addresses and options."""
    return isinstance(value, dict) and all(key in _CONNECTION and _CONNECTION[key](each) for key, each in value.items())


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _are_options(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())


def _are_addresses(value: object) -> bool:
    return isinstance(value, dict) and all(
        _are_texts(each) if key == "LinkLocalIPs" else key in _ADDRESSES and isinstance(each, str)
        for key, each in value.items()
    )


_ADDRESSES: Final = ("IPv4Address", "IPv6Address")
_CONNECTION: Final[dict[str, Field]] = {
    "IPAMConfig": _are_addresses,
    "DriverOpts": _are_options,
    "Links": _are_texts,
    "Aliases": _are_texts,
}


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint. A query key may be missing; a body has exactly the given fields."""

    method: str
    path: str  # after the version; see _PLACES
    query: Mapping[str, Value] = field(default_factory=dict)
    body: Mapping[str, Field] | None = None
    limit: int | None = MAX_ANSWER  # bytes of an answer; None for one without an end
    change: KillAction | None = None  # of a swarm's service, which the gate makes itself: see `services`

    @property
    def max_body(self) -> int:
        """Most bytes of a request's body."""
        if self.change is not None:
            return MAX_SERVICE
        return 0 if self.body is None else MAX_BODY

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


TABLE: Final[dict[str, tuple[Route, ...]]] = {
    "listing": (
        Route("GET", "_ping"),
        Route("GET", "version"),
        Route("GET", "containers/json", {"all": exactly("1"), "filters": filters(id=CONTAINER)}, limit=MAX_LIST),
        Route("GET", "events", {"filters": filters(type="container")}, limit=None),
        # the image as configured and shared namespaces, which decide protection
        Route("GET", "containers/{container}/json"),
        Route("GET", "images/{image}/json"),
    ),
    "remove": (Route("DELETE", "containers/{container}", {"force": exactly("1")}),),
    "stop": (Route("POST", "containers/{container}/stop", {"t": matching("[0-9]{1,2}")}),),
    "kill": (Route("POST", "containers/{container}/kill", {"signal": matching("SIG[A-Z0-9]{2,10}")}),),
    "restart": (Route("POST", "containers/{container}/restart", {"t": matching("[0-9]{1,2}")}),),
    "pause": (Route("POST", "containers/{container}/pause"), Route("POST", "containers/{container}/unpause")),
    "disconnect": (
        Route("POST", "networks/{network}/disconnect", body={"Container": text(CONTAINER)}),
        Route(
            "POST", "networks/{network}/connect", body={"Container": text(CONTAINER), "EndpointConfig": is_connection}
        ),
    ),
    "throttle": (
        Route("POST", "containers/{container}/update", body={"NanoCpus": whole(1, MAX_NUMBER)}),
        Route(
            "POST",
            "containers/{container}/update",
            body={"CpuPeriod": whole(1, MAX_NUMBER), "CpuQuota": whole(NO_QUOTA, MAX_NUMBER)},
        ),
    ),
    "squeeze": (
        Route(
            "POST",
            "containers/{container}/update",
            body={"Memory": whole(1, MAX_NUMBER), "MemorySwap": whole(-1, MAX_NUMBER)},
        ),
    ),
    "wound": (Route("POST", "containers/{container}/update", body={"CpuShares": whole(2, 1024)}),),
    "details": (Route("GET", "containers/{container}/stats", {"stream": exactly("0"), "one-shot": exactly("1")}),),
    "logs": (
        Route(
            "GET",
            "containers/{container}/logs",
            {"stdout": exactly("1"), "stderr": exactly("1"), "tail": matching("[0-9]{1,3}")},
        ),
    ),
    "swarm": (
        Route("GET", "info"),
        Route("GET", "nodes"),
        Route("GET", "services", limit=MAX_LIST),
        Route("GET", "tasks", {"filters": filters(**{"desired-state": "running"})}, limit=MAX_LIST),
        Route("GET", "tasks/{task}"),
        Route("GET", "services/{service}", {"insertDefaults": exactly("false")}),
    ),
    "swarm stop": (
        Route("POST", "services/{service}/update", {"version": matching("[0-9]{1,20}")}, change=KillAction.STOP),
    ),
    "swarm restart": (
        Route("POST", "services/{service}/update", {"version": matching("[0-9]{1,20}")}, change=KillAction.RESTART),
    ),
}
"""Endpoints by what needs them: an action of the policy, or an option of the bridge."""


def needs(policy: Policy, backend: str = "docker", details: bool = False) -> tuple[str, ...]:
    """The rows of the table that a bridge with this policy needs."""
    found = ["listing"]
    is_swarm = backend == "swarm"
    if details or (policy.inspect and not is_swarm):
        found.append("details")
    if policy.logs and not is_swarm:
        found.append("logs")
    if is_swarm:
        found.append("swarm")
    if policy.dry_run:
        return tuple(found)
    actions = {fault.action for fault in policy.faults()}
    for action in KillAction:
        if action not in actions:
            continue
        if is_swarm and action is KillAction.STOP:
            found += ["remove", "swarm stop"]
        elif is_swarm and action is KillAction.RESTART:
            found.append("swarm restart")
        else:
            found.append(str(action))
    if policy.wound and not is_swarm:
        found.append("wound")
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Passage:
    """An allowed request, in the form for the engine."""

    route: Route
    bodies: tuple[Mapping[str, Field], ...]  # one of which a body must fit
    target: str
    query: Mapping[str, str]
    changes: frozenset[KillAction]  # of a swarm's service


class Table:
    """The endpoints that are open."""

    def __init__(self, wanted: Iterable[str]) -> None:
        """`wanted` are rows of `TABLE`."""
        names = tuple(wanted)
        self.routes = tuple(route for name in names for route in TABLE[name])
        self._open = [(_compiled(route), route) for route in self.routes]
        self._closed = [
            (_compiled(route), name) for name, routes in TABLE.items() if name not in names for route in routes
        ]

    def passage(self, method: str, target: str) -> Passage:
        """The request to send to the engine. Raises GateError."""
        path, mark, query = target.partition("?")
        line = f"{method} {path}"
        found = [route for pattern, route in self._open if pattern.fullmatch(line)]
        if not found:
            raise GateError(HTTPStatus.FORBIDDEN, f"the gate does not let {_short(line)} through{self._why(line)}")
        values = _query(query, found[0], line) if mark else {}
        canonical = path + (f"?{urlencode(values)}" if values else "")
        changes = frozenset(route.change for route in found if route.change is not None)
        bodies = tuple(route.body for route in found if route.body is not None)
        return Passage(found[0], bodies, canonical, values, changes)

    def _why(self, line: str) -> str:
        needed = [name for pattern, name in self._closed if pattern.fullmatch(line)]
        if not needed:
            return ""
        return f": it was started without {' or '.join(needed)} (give it the bridge's policy and flags)"


def body_for(passage: Passage, body: bytes) -> bytes | None:
    """The body to send to the engine; None for none. Raises GateError."""
    if not passage.bodies:
        return None
    try:
        found: dict[str, Any] = parsing.json_object(body)
    except ParseError as error:
        raise GateError(HTTPStatus.FORBIDDEN, f"the gate cannot read the body: {error.reason}") from error
    if not any(_fits(found, fields) for fields in passage.bodies):
        known = " or ".join(", ".join(fields) for fields in passage.bodies)
        raise GateError(HTTPStatus.FORBIDDEN, f"the gate lets a body through that has {known} within bounds, no other")
    return json.dumps(found).encode("ascii")


def _fits(found: Mapping[str, object], fields: Mapping[str, Field]) -> bool:
    return found.keys() == fields.keys() and all(fits(found[key]) for key, fits in fields.items())


def _compiled(route: Route) -> re.Pattern[str]:
    path = re.escape(route.path)
    for place, pattern in _PLACES.items():
        path = path.replace(re.escape(place), pattern)
    return re.compile(f"{route.method} {_VERSION}/{path}", re.ASCII)


def _query(text: str, route: Route, line: str) -> dict[str, str]:
    """The query's values in the form for the engine. Raises GateError."""
    try:
        pairs = parse_qsl(
            text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=MAX_QUERY_FIELDS
        )
    except ValueError:
        raise GateError(HTTPStatus.FORBIDDEN, f"the gate cannot read the query of {_short(line)}") from None
    found: dict[str, str] = {}
    for key, value in pairs:
        read = route.query.get(key)
        known = None if read is None or key in found else read(value)
        if known is None:
            raise GateError(
                HTTPStatus.FORBIDDEN, f"the gate does not let {_short(line)} through with {_short(f'{key}={value}')}"
            )
        found[key] = known
    return found


def _short(text: str) -> str:
    return text if len(text) <= 120 else text[:117] + "..."
