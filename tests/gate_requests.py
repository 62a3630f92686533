"""What may come out of the gate for any bytes that go in; shared by the fuzzer and the unit tests."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from hostbridge.gate.errors import GateError
from hostbridge.gate.incoming import Incoming
from hostbridge.gate.table import TABLE, Table, body_for

ID: Final = "ab" * 32
IMAGE: Final = "sha256:" + "cd" * 32

_PREFIX: Final = r"(/v[0-9]{1,2}\.[0-9]{1,3})?"
_KNOWN: Final = re.compile(
    rf"GET {_PREFIX}/(_ping|version|info|nodes|services|containers/json|events|tasks)"
    rf"|GET {_PREFIX}/containers/[0-9a-f]{{64}}/(json|stats)"
    rf"|GET {_PREFIX}/images/sha256:[0-9a-f]{{64}}/json"
    rf"|GET {_PREFIX}/(tasks|services)/[0-9a-z]{{1,64}}"
    rf"|DELETE {_PREFIX}/containers/[0-9a-f]{{64}}"
    rf"|POST {_PREFIX}/containers/[0-9a-f]{{64}}/(stop|kill|restart|pause|unpause|update)"
    rf"|POST {_PREFIX}/networks/([0-9a-f]{{64}}|[0-9a-z]{{25}})/(dis)?connect"
    rf"|POST {_PREFIX}/services/[0-9a-z]{{1,64}}/update"
)
_QUERY: Final = re.compile(
    r"(all|force|one-shot)=1|signal=SIG[A-Z0-9]{2,10}|stream=0|t=[0-9]{1,2}|version=[0-9]{1,20}|insertDefaults=false"
    r'|filters=\{("(id|type|desired-state)": \[("([0-9a-f]{64}|container|running)"(, )?)*\](, )?)*\}'
)

_FIELDS: Final[dict[str, set[tuple[str, ...]]]] = {
    "update": {("CpuShares",), ("NanoCpus",), ("CpuPeriod", "CpuQuota"), ("Memory", "MemorySwap")},
    "disconnect": {("Container",)},
    "connect": {("Container", "EndpointConfig")},
}
"""What may be in a body, by the end of its path."""

TABLE_OF_ALL: Final = Table(TABLE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A request as the engine would get it; `body` is None for a service's, which the gate makes itself."""

    line: str
    body: bytes | None


def outcome(data: bytes, size: int) -> Outcome | None:
    """What comes of bytes that come in pieces of `size`; None for a request that is refused or not complete."""
    incoming = Incoming()
    try:
        for start in range(0, len(data), size):
            incoming.receive(data[start : start + size])
        head = incoming.head()
        if head is None:
            return None
        passage = TABLE_OF_ALL.passage(head.method, head.target)
        body = incoming.body()
        if body is None or head.length > passage.route.max_body:
            return None
        line = f"{head.method} {passage.target}"
        return Outcome(line, None if passage.changes else body_for(passage, body))
    except GateError as error:
        assert error.status >= 400
        assert error.body.count(b"\n") == 1
        return None


def check(data: bytes) -> None:
    """One input."""
    found = outcome(data, max(len(data), 1))
    assert found == outcome(data, 1 + len(data) // 7)
    if found is None:
        return
    path, _, query = found.line.partition("?")
    assert _KNOWN.fullmatch(path), path
    pairs = [f"{key}={value}" for key, value in parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))]
    assert all(_QUERY.fullmatch(each) for each in pairs), query
    assert len({each.partition("=")[0] for each in pairs}) == len(pairs)
    if found.body is not None:
        fields: dict[str, Any] = json.loads(found.body)
        assert tuple(sorted(fields)) in _FIELDS[path.rpartition("/")[2]]
        assert fields.get("Container", ID) == ID or re.fullmatch("[0-9a-f]{64}", fields["Container"])
        assert all(isinstance(fields[key], int) for key in fields if key not in ("Container", "EndpointConfig"))
