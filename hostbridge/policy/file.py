"""The policy as a TOML file, checked to the last key: anything unknown is refused with file, line and reason.

docs/security.md has a complete example.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from hostbridge import fault as faults
from hostbridge import parsing
from hostbridge.fault import Fault, FaultError
from hostbridge.host import ownership
from hostbridge.host.ownership import UntrustedError
from hostbridge.model import KillAction, SetupError
from hostbridge.parsing import ParseError
from hostbridge.policy import outside_file
from hostbridge.policy.rules import SHOWN_LABELS, WEAPONS, Policy
from hostbridge.policy.selectors import Selector
from hostbridge.policy.values import BadValue, boolean, strings

MAX_BYTES: Final = 64 * 1024
_MAX_NUMBER: Final = 1e15
MAX_PATIENCE: Final = 24 * 3600
_UNSAFE: Final = "not a safe place for a policy"


def load(path: Path, only_trusted: bool = True) -> Policy:
    """Read a policy; with `only_trusted`, refuse one that others could change.

    Raises SetupError: one line with file, line number and reason.
    """
    try:
        if only_trusted:
            data = ownership.read_file(path, MAX_BYTES + 1, ownership.owners())
        else:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
    except UntrustedError as error:
        raise SetupError(f"{path}: {_UNSAFE}: {error.strerror}") from error
    except OSError as error:
        raise SetupError(f"{path}: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise SetupError(f"{path}: the policy is longer than {MAX_BYTES} bytes")
    return parse(data, str(path))


def doubt(path: Path) -> str:
    """Why the policy at `path` cannot be trusted, or an empty string."""
    try:
        os.close(ownership.open_file(path, os.O_RDONLY, ownership.owners()))
    except UntrustedError as error:
        return f"{_UNSAFE}: {error.strerror}"
    except OSError:
        return ""  # reading it gives the error
    return ""


def parse(data: bytes, name: str = "policy") -> Policy:
    """Parse a policy; `name` is for messages. Raises SetupError."""
    try:
        tables = parsing.toml_tables(data)
    except ParseError as error:
        raise SetupError(f"{name}:{error.line}: {error.reason}") from error
    return _PolicyReader(data.decode("utf-8-sig"), name).policy(tables)


class _PolicyReader:
    def __init__(self, text: str, name: str) -> None:
        self._lines = text.splitlines()
        self._name = name

    def policy(self, tables: Mapping[str, Any]) -> Policy:
        """Check every table and key."""
        for table, keys in tables.items():
            if table in _LISTS:
                continue
            if table not in _TABLES:
                known = ", ".join(sorted([*_TABLES, *_LISTS]))
                raise self._error((table,), f"unknown table [{table}]; known are {known}")
            if not isinstance(keys, dict):
                raise self._error((table,), f"{table} must be a table: [{table}]")
            for key in keys:
                if key not in _TABLES[table]:
                    known = ", ".join(sorted(_TABLES[table]))
                    raise self._error((table, key), f"unknown key {key} in [{table}]; known are {known}")
        found: dict[str, Any] = {}
        for table, fields in _TABLES.items():
            for key, (field, read) in fields.items():
                if key in tables.get(table, {}):
                    found[field] = self._read((table, key), tables[table][key], read)
        for table, (field, read_all) in _LISTS.items():
            if table in tables:
                found[field] = self._read_list(table, tables[table], read_all)
        return Policy(**found)

    def _read_list(self, table: str, value: object, read: Callable[[Any], Any]) -> Any:
        try:
            return read(value)
        except BadValue as trouble:
            line = self._line_in_list(table, trouble.number, trouble.part)
            raise SetupError(f"{self._name}:{line}: [[{table}]]: {trouble}") from None

    def _read(self, path: tuple[str, str], value: object, read: Callable[[Any], Any]) -> Any:
        try:
            return read(value)
        except BadValue as trouble:
            raise self._error(path, f"{path[1]}: {trouble}", trouble.part) from None

    def _error(self, path: tuple[str, ...], reason: str, part: str = "") -> SetupError:
        return SetupError(f"{self._name}:{self._line(path, part)}: {reason}")

    def _line_in_list(self, table: str, number: int, part: str) -> int:
        """The line of one of several tables of a name, or of a part of it. Without such headers, the first line."""
        starts = [line for line, text in enumerate(self._lines, 1) if re.match(rf"\s*\[\[\s*{table}\s*\]\]", text)]
        if number >= len(starts):
            return self._line((table,), part)
        end = starts[number + 1] - 1 if number + 1 < len(starts) else len(self._lines)
        inside = range(starts[number], end + 1)
        return next((line for line in inside if part and part in self._lines[line - 1]), starts[number])

    def _line(self, path: tuple[str, ...], part: str) -> int:
        """The line of a table or key, or of one part of its value, counted from 1."""
        table, key = path[0], path[1] if len(path) > 1 else ""
        inside = ""
        start = 0
        for number, line in enumerate(self._lines, 1):
            header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line)
            if header:
                inside = header[1].replace('"', "").replace("'", "").replace(" ", "")
                if inside == f"{table}.{key}" or (inside == table and not key):
                    start = number
            name = re.match(r"\s*[\"']?([\w.-]+)[\"']?\s*[=.]", line)
            if name and ((inside == table and name[1] == key) or (not inside and name[1].startswith(f"{table}."))):
                start = number
            if name and not inside and not key and name[1] == table:
                start = number
            if start and not part:
                return start
            if start and part in line:
                return number
        return start or 1


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadValue("must be a whole number, 0 or more")
    return value


def _patience(value: Any) -> int:
    if not 1 <= _count(value) <= MAX_PATIENCE:
        raise BadValue(f"must be between 1 and {MAX_PATIENCE}")
    return int(value)


def _action(value: Any) -> KillAction:
    if not isinstance(value, str) or value not in set(KillAction):
        raise BadValue(f"{value!r} is not one of {', '.join(KillAction)}", str(value))
    return KillAction(value)


def _selectors(value: Any) -> tuple[Selector, ...]:
    found = []
    for text in strings(value):
        try:
            found.append(Selector.parse(text))
        except SetupError as error:
            raise BadValue(str(error), text) from None
    return tuple(found)


def _shown(value: Any) -> tuple[str, ...]:
    return (*SHOWN_LABELS, *strings(value))


def _weapons(value: Any) -> dict[str, Fault]:
    if not isinstance(value, dict):
        raise BadValue("must be a table: [kill.weapons]")
    for weapon in value:
        if weapon not in WEAPONS:
            raise BadValue(f"unknown weapon {weapon!r}; known are {', '.join(WEAPONS)}", weapon)
    return {weapon: _fault(meant) for weapon, meant in value.items()}


def _fault(value: Any) -> Fault:
    """``"pause"``, ``"pause:20"``, or a table with an action and its parameters."""
    try:
        return Fault.parse(value) if isinstance(value, str) else _fault_of_table(value)
    except FaultError as error:
        raise BadValue(str(error), value if isinstance(value, str) else "") from None


def _fault_of_table(value: Any) -> Fault:
    if not isinstance(value, dict) or "action" not in value:
        raise BadValue(f'must be one of {", ".join(KillAction)}, or a table: {{action = "pause", seconds = 20}}')
    for key in value:
        if key not in ("action", *_MEASURES):
            raise BadValue(f"unknown key {key!r} in a fault; known are action, {', '.join(_MEASURES)}", key)
    measures = {key: read(value[key], key) for key, read in _MEASURES.items() if key in value}
    return Fault.of(_action(value["action"]), **measures)


def _number(value: Any, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _MAX_NUMBER:
        raise BadValue(f"{key} must be a number", key)
    return float(value)


def _signal(value: Any, key: str) -> str:
    if not isinstance(value, str):
        raise BadValue(f"{key} must be a name like SIGTERM", key)
    name = value.upper()
    return name if name.startswith("SIG") else f"SIG{name}"


def _bytes(value: Any, key: str) -> int:
    if isinstance(value, str):
        return faults.bytes_of(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadValue(f'{key} must be a size like "64m", or a number of bytes', key)
    return value


_MEASURES: Final[dict[str, Callable[[Any, str], Any]]] = {
    "seconds": _number,
    "signal": _signal,
    "cpus": _number,
    "memory": _bytes,
}


_TABLES: Final[dict[str, dict[str, tuple[str, Callable[[Any], Any]]]]] = {
    "containers": {
        "include": ("include", _selectors),
        "exclude": ("exclude", _selectors),
        "protect": ("protect", _selectors),
        "only_labelled": ("only_labelled", boolean),
        "show_labels": ("show_labels", _shown),
    },
    "kill": {
        "action": ("fault", _fault),
        "weapons": ("weapons", _weapons),
        "wound": ("wound", boolean),
        "dry_run": ("dry_run", boolean),
        "per_minute": ("kills_per_minute", _count),
        "budget": ("kill_budget", _count),
        "session_budget": ("session_budget", _count),
    },
    "inspect": {
        "allow": ("inspect", boolean),
        "logs": ("logs", boolean),
    },
    "recovery": {
        "seconds": ("recovery_seconds", _patience),
    },
}

_LISTS: Final[dict[str, tuple[str, Callable[[Any], Any]]]] = {
    "probe": ("probes", outside_file.probes),
    "hook": ("hooks", outside_file.hooks),
}
"""Tables that may be repeated: ``[[probe]]``."""
