"""The configuration file: TOML, with a comment for every setting, in the user's configuration folder.

Errors are reported with their line, and changes are made line by line, so that a player's own comments and order
stay. The file is written atomically.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import platformdirs

from pydoom.config.errors import ConfigError
from pydoom.config.table import SECTIONS, SETTINGS, Value
from pydoom.files import open_to_read, write_atomically

FILE_NAME: Final = "pydoom.toml"
MAX_FILE_BYTES: Final = 1 << 20
_HEAD: Final = (
    "# Settings of pydoom. What you change in the game's menu is changed here when the game ends.\n"
    "# Lines that begin with # and a name show defaults.\n"
)
_PLACE: Final = re.compile(r" \((?:at line (\d+), column \d+|at end of document)\)$")
_DIGITS: Final = re.compile(r"[\d_]+")
_SECTION_LINE: Final = re.compile(r"\s*\[\s*([\w-]+)\s*\]\s*(?:#.*)?")


def default_path() -> Path:
    """The default path of the file."""
    return platformdirs.user_config_path("pydoom", appauthor=False) / FILE_NAME


class ConfigFile:
    """A configuration file, which may not exist yet.

    `values` holds its settings, by ``section.name``; `warnings` is about unknown entries. Raises
    ConfigError for a file that can't be used, and OSError for one that can't be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.values: dict[str, Value] = {}
        self.warnings: list[str] = []
        self._text = self._read()
        self._take(self._parse())

    def _read(self) -> str | None:
        try:
            with open_to_read(self.path) as stream:
                data = stream.read(MAX_FILE_BYTES + 1)
        except FileNotFoundError:
            return None
        if len(data) > MAX_FILE_BYTES:
            raise ConfigError(f"{self.path}:1: too large for settings")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise ConfigError(f"{self.path}:{line}: not text in UTF-8") from error

    def _parse(self) -> dict[str, object]:
        try:
            return tomllib.loads(self._text or "")
        except tomllib.TOMLDecodeError as error:
            message = str(error)
            place = _PLACE.search(message)
            lines = (self._text or "").count("\n") + 1
            line = int(place[1]) if place is not None and place[1] else lines
            raise ConfigError(f"{self.path}:{line}: {_PLACE.sub('', message)}") from error
        except RecursionError as error:
            raise ConfigError(f"{self.path}:1: lists nested too deeply") from error
        except ValueError as error:  # Python converts no number of thousands of digits
            line = _line_of_longest_number(self._text or "")
            raise ConfigError(f"{self.path}:{line}: a number is too long") from error

    def _take(self, content: Mapping[str, object]) -> None:
        known = {setting.key: setting for setting in SETTINGS}
        for section, entries in content.items():
            if section not in SECTIONS or not isinstance(entries, dict):
                self._warn(section, None, f"unknown section [{section}]")
                continue
            for name, value in entries.items():
                setting = known.get(f"{section}.{name}")
                if setting is None:
                    self._warn(section, name, f"unknown setting {name} in [{section}]")
                    continue
                try:
                    self.values[setting.key] = setting.check(value)
                except ValueError as error:
                    line = self._line_of(section, name)
                    raise ConfigError(f"{self.path}:{line}: {setting.key} must be {error}") from error

    def _warn(self, section: str, name: str | None, message: str) -> None:
        printable = "".join(char if char.isprintable() else "?" for char in message)
        self.warnings.append(f"{self.path}:{self._line_of(section, name)}: {printable}")

    def _line_of(self, section: str, name: str | None) -> int:
        """The line, from 1, where a section or setting is; 1 if the file is written in an unusual way."""
        lines = (self._text or "").splitlines()
        place = _find_section(lines, section)
        if name is None:
            return (place or 0) + 1
        found = None if place is None else _find_name(lines, place, name)
        return (found or place or 0) + 1

    def save(self, changes: Mapping[str, Value]) -> None:
        """Write changed values (by ``section.name``) into the file; a missing file is created.

        Raises OSError.
        """
        if self._text is None:
            text = commented_text(changes)
        elif changes:
            text = _changed_text(self._text, changes)
        else:
            return
        if text != self._text:
            write_atomically(self.path, text.encode())
            self._text = text
            self.values.update(changes)


def _line_of_longest_number(text: str) -> int:
    lengths = [max(map(len, _DIGITS.findall(line)), default=0) for line in text.split("\n")]
    return lengths.index(max(lengths)) + 1


def commented_text(values: Mapping[str, Value]) -> str:
    """A new file's text: every setting with its explanation; those not in `values` commented out, with defaults."""
    parts = [_HEAD]
    for section, about in SECTIONS.items():
        parts.append(f"\n[{section}]\n# {about}\n")
        for setting in SETTINGS:
            if setting.section == section:
                parts.append(f"\n# {setting.explanation}\n")
                if setting.key in values:
                    parts.append(_line(setting.name, values[setting.key]))
                else:
                    parts.append("# " + _line(setting.name, setting.default))
    return "".join(parts)


def _line(name: str, value: Value) -> str:
    return f"{name} = {_toml(value)}\n"


def _toml(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(each) for each in value)}]"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in escaped) + '"'


def _changed_text(text: str, changes: Mapping[str, Value]) -> str:
    """`text` with the lines of changed settings replaced or added.

    If the file is too unusual for that, it is rewritten.
    """
    lines = text.splitlines()
    for key, value in changes.items():
        section, _, name = key.partition(".")
        line = _line(name, value).rstrip()
        place = _find_section(lines, section)
        if place is None:
            lines += ["", f"[{section}]", line]
            continue
        found = _find_name(lines, place, name)
        if found is None:
            lines.insert((_find_default(lines, place, name) or place) + 1, line)
        else:
            lines[found] = line
    changed = "\n".join(lines) + "\n"
    wanted = {**_values(text), **changes}
    return changed if _values(changed) == wanted else commented_text(wanted)


def _values(text: str) -> dict[str, Value]:
    """The known settings of a file's text; empty if it is not TOML."""
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}
    known = {setting.key: setting for setting in SETTINGS}
    return {
        f"{section}.{name}": known[f"{section}.{name}"].check(value)
        for section, entries in content.items()
        if isinstance(entries, dict)
        for name, value in entries.items()
        if f"{section}.{name}" in known
    }


def _find_section(lines: list[str], section: str) -> int | None:
    for number, line in enumerate(lines):
        match = _SECTION_LINE.fullmatch(line)
        if match is not None and match[1] == section:
            return number
    return None


def _find_name(lines: list[str], section_line: int, name: str, before: str = "") -> int | None:
    pattern = re.compile(rf'\s*{before}["\']?{re.escape(name)}["\']?\s*=.*')
    for number in range(section_line + 1, len(lines)):
        if _SECTION_LINE.fullmatch(lines[number]):
            return None
        if pattern.fullmatch(lines[number]):
            return number
    return None


def _find_default(lines: list[str], section_line: int, name: str) -> int | None:
    """The line that shows a setting's default as a comment."""
    return _find_name(lines, section_line, name, "#[ ]?")
