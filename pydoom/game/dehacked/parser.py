"""From the bytes of a patch to its sections, without interpreting them (``deh_main.c``, ``deh_text.c``).

A section is a heading, such as ``Thing 12 (Imp)``, and lines ``name = value`` up to an empty line. Text sections
instead hold as many characters as their heading says. Lines outside sections are ignored. Two comments lift limits
of the original's editor, and one allows ``[STRINGS]``, as in Chocolate Doom. With `bex`, Boom's sections are read, too,
and do not end with an empty line but at the next heading, as in Crispy Doom.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from pydoom.game.dehacked.errors import Report
from pydoom.game.dehacked.reader import PatchReader

SIGNATURES: Final = ("Patch File for DeHackEd v2.3", "Patch File for DeHackEd v3.0")
STRINGS_SECTION: Final = "[strings]"
TEXT_SECTION: Final = "text"
PARS_SECTION: Final = "[pars]"
INCLUDE_SECTION: Final = "include"
BEX_SECTIONS: Final = frozenset(("[codeptr]", PARS_SECTION, "[sprites]", "[sounds]", "[music]", STRINGS_SECTION))
SECTIONS: Final = frozenset(
    ("ammo", "cheat", "frame", "misc", "pointer", "sound", TEXT_SECTION, "thing", "weapon", STRINGS_SECTION)
)

_SPACES: Final = " \t\n\v\f\r"
# significant characters of a heading's first word
_WORD: Final = re.compile(r"[ \t\n\v\f\r]*([^ \t\n\v\f\r]{1,19})")
_NUMBER: Final = r"[ \t\n\v\f\r]*([-+]?(?:0[xX][0-9a-fA-F]+|[0-9]+))"
_INCLUDE_HEADING: Final = re.compile(r"INCLUDE(\s+NOTEXT)?\s+(\S+)", re.IGNORECASE)
_CODEPTR_LINE: Final = re.compile(r"Frame\s+\d+\s*=", re.IGNORECASE)
"""Looks like a heading, but goes on with ``[CODEPTR]``."""
_TEXT_HEADING: Final = re.compile(rf"Text{_NUMBER}{_NUMBER}")
_ATOI: Final = re.compile(r"[ \t\n\v\f\r]*([-+]?[0-9]+)")
_LONG_MAX: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Assignment:
    """``name = value`` in line `line`."""

    name: str
    value: str
    line: int

    @property
    def number(self) -> int:
        """The value as C's ``atoi`` reads it: 0 when it does not begin with a number; 32 bits, signed."""
        return decimal(self.value)


@dataclass(slots=True)
class Section:
    """A section: `kind` is the first word of its `heading` in lower case; `line` is where it begins."""

    kind: str
    heading: str
    line: int
    assignments: list[Assignment] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TextSwap:
    """Replaces every text that is exactly `old` by `new`."""

    old: str
    new: str
    line: int


@dataclass(frozen=True, slots=True)
class Include:
    """Applies another file here, without its Text sections if `notext`."""

    name: str
    notext: bool
    line: int


@dataclass(slots=True)
class DehackedPatch:
    """A parsed patch. `long_cheats`: cheats may be longer than in the original; `bex`: by Boom's rules."""

    parts: list[Section | TextSwap | Include] = field(default_factory=list)
    long_cheats: bool = False
    bex: bool = True


def parse(
    data: bytes, report: Report, *, allow_long: bool = False, bex: bool = True, signed: bool = True
) -> DehackedPatch:
    """Read a patch. Raises DehackedError; oddities that do no harm become warnings of the `report`.

    `allow_long` lifts the limits on the length of texts and cheats from the start. Without `signed`, the signature
    may be missing.
    """
    return _PatchParser(data, report, allow_long, bex, signed).run()


def decimal(text: str) -> int:
    """A number as C's ``atoi`` reads it: 0 when the text does not begin with one; 32 bits, signed."""
    match = _ATOI.match(text)
    return 0 if match is None else _to_int(match[1], 10)


def scan_number(text: str) -> int:
    """A number as C's ``%i`` reads it: decimal, or with 0x hexadecimal, or with a leading 0 octal."""
    sign = -1 if text[0] == "-" else 1
    digits = text.lstrip("+-")
    if digits[:2] in ("0x", "0X"):
        return sign * _to_int(digits[2:], 16)
    if digits[0] == "0":
        octal = re.match("[0-7]+", digits)
        return sign * _to_int(octal[0] if octal is not None else "0", 8)
    return sign * _to_int(digits, 10)


def heading_number(pattern: re.Pattern[str], heading: str) -> int | None:
    """The number that the one group of `pattern` finds at the start of a heading, None when it does not match."""
    match = pattern.match(heading)
    return None if match is None else scan_number(match[1])


def heading_pattern(before: str) -> re.Pattern[str]:
    """Matches `before`, a regular expression, and a number behind it."""
    return re.compile(before + _NUMBER)


def _to_int(digits: str, base: int) -> int:
    if len(digits) > 40:
        digits = digits[:40]  # saturates anyway
    value = max(-_LONG_MAX - 1, min(_LONG_MAX, int(digits, base)))
    return ((value + 0x80000000) & 0xFFFFFFFF) - 0x80000000


class _PatchParser:
    def __init__(self, data: bytes, report: Report, allow_long: bool, bex: bool, signed: bool) -> None:
        self._reader = PatchReader(data)
        self._report = report
        self._patch = DehackedPatch(long_cheats=allow_long, bex=bex)
        self._long_texts = allow_long
        self._bex = bex
        self._signed = signed
        self._extended = bex

    def run(self) -> DehackedPatch:
        reader = self._reader
        start = reader.mark()
        if reader.next_line() not in SIGNATURES:
            if self._signed:
                raise self._report.error(1, f'not a DeHackEd patch: it does not begin with "{SIGNATURES[1]}"')
            reader.reset(start)
        section: Section | None = None
        interrupted: Section | None = None  # one of Boom's, by an empty line
        inside = False
        while True:
            before = reader.mark()
            line = reader.next_line(extended=section is not None and section.kind == STRINGS_SECTION)
            if line is None:
                return self._patch
            line = line.lstrip(_SPACES)
            if line.startswith("#"):
                self._read_comment(line)
            elif not line:
                if section is not None:
                    interrupted = section if self._bex and section.kind.startswith("[") else None
                section, inside = None, False
            elif section is not None:
                self._read_assignment(section, line)
            elif not inside:
                goes_on = interrupted is not None and _CODEPTR_LINE.match(line)
                section, inside = (None, False) if goes_on else self._open(line)
                if not inside and interrupted is not None:
                    # read it again by the rules of its section
                    reader.reset(before)
                    section, inside = interrupted, True
                interrupted = None

    def _read_comment(self, line: str) -> None:
        self._long_texts |= "*allow-long-strings*" in line
        self._patch.long_cheats |= "*allow-long-cheats*" in line
        self._extended |= "*allow-extended-strings*" in line

    def _open(self, heading: str) -> tuple[Section | None, bool]:
        """The section that a heading opens, and whether lines up to the next empty one belong to it."""
        word = _WORD.match(heading)
        kind = word[1].lower() if word is not None else ""
        if self._bex and kind == INCLUDE_SECTION:
            self._read_include(heading)
            return None, True
        if self._bex and kind.startswith("[") and kind not in BEX_SECTIONS:
            self._report.warn(self._reader.line, f"{word[1] if word else kind} is not supported")
        elif not self._is_known(kind):
            return None, False
        if kind == TEXT_SECTION:
            self._read_text(heading)
            return None, True
        section = Section(kind, heading, self._reader.line)
        self._patch.parts.append(section)
        return section, True

    def _is_known(self, kind: str) -> bool:
        if kind == STRINGS_SECTION:
            return self._extended
        return kind in SECTIONS or (self._bex and kind in BEX_SECTIONS)

    def _read_assignment(self, section: Section, line: str) -> None:
        name, equals, value = line.partition("=")
        if section.kind == PARS_SECTION:
            name, equals, value = line, "=", ""
        if not equals and section.kind.startswith("[") and section.kind not in BEX_SECTIONS:
            return
        if not equals:
            self._report.warn(self._reader.line, "not an assignment; is an empty line missing before it?")
            return
        section.assignments.append(Assignment(name.strip(_SPACES), value.strip(_SPACES), self._reader.line))

    def _read_include(self, heading: str) -> None:
        match = _INCLUDE_HEADING.match(heading)
        if match is None:
            self._report.warn(self._reader.line, "this should be INCLUDE and a file")
            return
        self._patch.parts.append(Include(match[2], match[1] is not None, self._reader.line))

    def _read_text(self, heading: str) -> None:
        reader, line = self._reader, self._reader.line
        match = _TEXT_HEADING.match(heading)
        if match is None:
            self._report.warn(line, "this heading should be Text and two lengths")
            return
        old_length, new_length = scan_number(match[1]), scan_number(match[2])
        if old_length < 0 or new_length < 0:
            raise self._report.error(line, "a text cannot have a negative length")
        if not self._long_texts and new_length > max_text_length(old_length):
            raise self._report.error(
                line, f"the new text is longer than the {max_text_length(old_length)} characters doom.exe has room for"
            )
        old, new = reader.take(old_length), reader.take(new_length)
        if len(old) < old_length:
            raise self._report.error(line, "the patch ends within this text")
        if len(new) < new_length:
            self._report.warn(line, "the patch ends within this text")
        self._patch.parts.append(TextSwap(old.partition("\0")[0], new.partition("\0")[0], line))


def max_text_length(old_length: int) -> int:
    """The longest text that fits in place of one of `old_length` characters: texts fill whole words of 4 bytes."""
    return (old_length + 4) // 4 * 4 - 1
