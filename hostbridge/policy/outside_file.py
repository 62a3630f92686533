"""``[[probe]]`` and ``[[hook]]`` in a policy, checked to the last key.

No message quotes a URL: those of many hooks are secrets.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from hostbridge.policy.outside import (
    DEFAULT_HOOK_EVENTS,
    DEFAULT_TIMEOUT_SECONDS,
    HOOK_EVENTS,
    HookRule,
    PlaceError,
    ProbeRule,
    WebPlace,
)
from hostbridge.policy.values import BadValue, strings

MAX_PROBES: Final = 32
MAX_HOOKS: Final = 16
MIN_EVERY: Final = 0.5
MAX_EVERY: Final = 3600.0
MAX_TIMEOUT: Final = 30.0
MAX_TRIES: Final = 10
LONGEST_NAME: Final = 24
"""So that it fits on the screen, with what is wrong."""

_NAME: Final = re.compile(rf"[A-Za-z0-9](?:[A-Za-z0-9 ._-]{{0,{LONGEST_NAME - 2}}}[A-Za-z0-9])?", re.ASCII)
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,100}", re.ASCII)
_HEADER: Final = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
_RESERVED: Final = frozenset({"host", "content-length", "content-type", "transfer-encoding", "connection"})

_Reader = Callable[[Any, str], Any]
R = TypeVar("R", ProbeRule, HookRule)


def probes(value: Any) -> tuple[ProbeRule, ...]:
    """All probes. Raises BadValue."""
    return tuple(_each(_probe, _tables(value, "probe", MAX_PROBES)))


def hooks(value: Any) -> tuple[HookRule, ...]:
    """All hooks. Raises BadValue."""
    return tuple(_each(_hook, _tables(value, "hook", MAX_HOOKS)))


def _probe(table: Mapping[str, Any]) -> ProbeRule:
    read = _read(table, {
        "every": _seconds(MIN_EVERY, MAX_EVERY),
        "expect": _statuses,
        "timeout": _seconds(0.1, MAX_TIMEOUT),
    })  # fmt: skip
    return ProbeRule(
        name=read["name"],
        place=read["place"],
        every_seconds=read.get("every", 1.0),
        expect=read.get("expect", (200,)),
        timeout_seconds=read.get("timeout", DEFAULT_TIMEOUT_SECONDS),
    )


def _hook(table: Mapping[str, Any]) -> HookRule:
    read = _read(table, {
        "events": _events,
        "timeout": _seconds(0.1, MAX_TIMEOUT),
        "tries": _tries,
        "token_file": _path,
        "token_env": _matching(_VARIABLE, "the name of a variable"),
        "header": _header,
    })  # fmt: skip
    if "token_file" in read and "token_env" in read:
        raise BadValue("token_file and token_env cannot be combined", "token_env")
    if "header" in read and not ("token_file" in read or "token_env" in read):
        raise BadValue("header needs token_file or token_env", "header")
    return HookRule(
        name=read["name"],
        place=read["place"],
        events=read.get("events", DEFAULT_HOOK_EVENTS),
        timeout_seconds=read.get("timeout", 5.0),
        tries=read.get("tries", 5),
        token_file=read.get("token_file", ""),
        token_env=read.get("token_env", ""),
        header=read.get("header", "Authorization"),
    )


def _read(table: Mapping[str, Any], readers: Mapping[str, _Reader]) -> dict[str, Any]:
    """What both kinds of table have, and what `readers` find. Raises BadValue."""
    common: dict[str, _Reader] = {
        "url": _string,
        "name": _matching(_NAME, f"a name of at most {LONGEST_NAME} letters, digits, spaces, '.', '_' and '-'"),
        "addresses": lambda value, key: strings(value),
        "ca": _path,
    }
    known = {**common, **readers}
    for key in table:
        if key not in known:
            raise BadValue(f"unknown key {key}; known are {', '.join(sorted(known))}", key)
    if "url" not in table:
        raise BadValue("it has no url")
    found: dict[str, Any] = {}
    for key, value in table.items():
        try:
            found[key] = known[key](value, key)
        except BadValue as error:
            raise BadValue(str(error) if key in str(error) else f"{key}: {error}", error.part or key) from None
    try:
        place = found["place"] = WebPlace.of(found["url"], found.get("addresses", ()), found.get("ca", ""))
    except PlaceError as error:
        raise BadValue(str(error), "url") from None
    if "ca" in found and place.scheme != "https":
        raise BadValue("ca is for https:// URLs", "ca")
    found.setdefault("name", place.host[:LONGEST_NAME].strip(".-_:"))
    return found


def _tables(value: Any, kind: str, most: int) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise BadValue(f"write it as [[{kind}]]")
    if len(value) > most:
        raise BadValue(f"at most {most}")
    return value


def _each(read: Callable[[Mapping[str, Any]], R], tables: list[Mapping[str, Any]]) -> list[R]:
    """Read each table; no two may have the same name. Raises BadValue, with the number of the table."""
    found: dict[str, R] = {}
    for number, table in enumerate(tables):
        try:
            rule = read(table)
        except BadValue as error:
            raise BadValue(str(error), error.part, number) from None
        if found.setdefault(rule.name.lower(), rule) is not rule:
            raise BadValue(f"another one is called {rule.name}: give each a name of its own", "", number)
    return list(found.values())


def _string(value: Any, key: str) -> str:
    if not isinstance(value, str):
        raise BadValue(f"{key} must be a string")
    return value


def _matching(pattern: re.Pattern[str], what: str) -> _Reader:
    def read(value: Any, key: str) -> str:
        text = _string(value, key)
        if not pattern.fullmatch(text):
            raise BadValue(f"{key} must be {what}")
        return text

    return read


def _path(value: Any, key: str) -> str:
    text = _string(value, key)
    if not os.path.isabs(text) or "\0" in text:
        raise BadValue(f"{key} must be an absolute path")
    return text


def _header(value: Any, key: str) -> str:
    text: str = _matching(_HEADER, "the name of a header")(value, key)
    if text.lower() in _RESERVED:
        raise BadValue(f"{key} cannot be {text}")
    return text


def _seconds(least: float, most: float) -> _Reader:
    def read(value: Any, key: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise BadValue(f"{key} must be a number of seconds from {least:g} to {most:g}")
        return float(value)

    return read


def _tries(value: Any, key: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_TRIES:
        raise BadValue(f"{key} must be a whole number from 1 to {MAX_TRIES}")
    return value


def _statuses(value: Any, key: str) -> tuple[int, ...]:
    given = value if isinstance(value, list) else [value]
    if not given or any(
        isinstance(each, bool) or not isinstance(each, int) or not 100 <= each <= 599 for each in given
    ):
        raise BadValue(f"{key} must be a status like 200, or a list of them")
    return tuple(given)


def _events(value: Any, key: str) -> tuple[str, ...]:
    found = strings(value)
    for each in found:
        if each not in HOOK_EVENTS:
            raise BadValue(f"{key}: {each!r} is not one of {', '.join(HOOK_EVENTS)}", each)
    return found
