"""The lines between the bridge and its helper: one JSON object each, checked by whoever receives it.

The helper says ``alive``, ``result`` (of a probe) and ``sent`` (a hook's message, or not). The bridge says ``send``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hostbridge import parsing
from hostbridge.parsing import ParseError

MAX_LINE: Final = 64 * 1024
"""Longest line in bytes, in either direction."""
ALIVE_SECONDS: Final = 2.0
"""How often the helper says that it is alive."""
MAX_SECONDS: Final = 3600.0
MAX_NUMBER: Final = 1 << 53

_REASON: Final = re.compile(r"[a-z0-9][a-z0-9 -]{0,39}", re.ASCII)


class HelperLineError(ValueError):
    """A line that does not belong here; the text says why."""


@dataclass(frozen=True, slots=True)
class Alive:
    """The helper runs."""


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """One probe's answer. `reason` is its status, or a few words: ``503``, ``timeout``."""

    probe: str
    ok: bool
    reason: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Sent:
    """The end of the message with this number: it has arrived, or all tries have failed."""

    number: int
    ok: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Send:
    """A message for a hook."""

    number: int
    hook: str
    body: Mapping[str, object]


FromHelper = Alive | ProbeResult | Sent


def line_of(message: FromHelper | Send) -> bytes:
    """A message as a line."""
    if isinstance(message, Alive):
        said: dict[str, object] = {"type": "alive"}
    elif isinstance(message, ProbeResult):
        said = {"type": "result", "probe": message.probe, "ok": message.ok, "reason": message.reason}
        said["seconds"] = round(message.seconds, 4)
    elif isinstance(message, Sent):
        said = {"type": "sent", "number": message.number, "ok": message.ok, "reason": message.reason}
    else:
        said = {"type": "send", "number": message.number, "hook": message.hook, "body": message.body}
    return json.dumps(said, separators=(",", ":")).encode("ascii") + b"\n"


def from_helper(line: bytes) -> FromHelper:
    """Parse what a helper says. Raises HelperLineError."""
    said = _object(line)
    match said.get("type"):
        case "alive":
            return Alive()
        case "result":
            return ProbeResult(_text(said, "probe"), _flag(said), _reason(said), _seconds(said))
        case "sent":
            return Sent(_number(said), _flag(said), _reason(said))
    raise HelperLineError("unknown type")


def from_bridge(line: bytes) -> Send:
    """Parse what a bridge says. Raises HelperLineError."""
    said = _object(line)
    body = said.get("body")
    if said.get("type") != "send" or not isinstance(body, dict):
        raise HelperLineError("unknown type")
    return Send(_number(said), _text(said, "hook"), body)


def _object(line: bytes) -> dict[str, Any]:
    if len(line) > MAX_LINE:
        raise HelperLineError("the line is too long")
    try:
        return parsing.json_object(line)
    except ParseError as error:
        raise HelperLineError(error.reason) from None


def _text(said: Mapping[str, Any], key: str) -> str:
    value = said.get(key)
    if not isinstance(value, str) or len(value) > 100:
        raise HelperLineError(f"{key} is not a name")
    return value


def _flag(said: Mapping[str, Any]) -> bool:
    value = said.get("ok")
    if not isinstance(value, bool):
        raise HelperLineError("ok is not true or false")
    return value


def _reason(said: Mapping[str, Any]) -> str:
    value = said.get("reason")
    if not isinstance(value, str) or not _REASON.fullmatch(value):
        raise HelperLineError("reason is not a few plain words")
    return value


def _seconds(said: Mapping[str, Any]) -> float:
    value = said.get("seconds")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_SECONDS:
        raise HelperLineError("seconds is not a number of seconds")
    return float(value)


def _number(said: Mapping[str, Any]) -> int:
    value = said.get("number")
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_NUMBER:
        raise HelperLineError("number is not a number")
    return value
