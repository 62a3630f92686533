"""Characters and lines of a patch, counted (``deh_io.c``)."""

from __future__ import annotations

import codecs
import re
from typing import Final

_SPACES: Final = " \t\n\v\f\r"
_ESCAPED: Final = re.compile(r"\\(.?)")
_CONTINUED: Final = re.compile(r"(?<!\\)(?:\\\\)*\\$")


class PatchReader:
    """Reads a patch from its start. `line` is the number of the line that the last character read belongs to.

    Bytes are characters (Latin-1); CR LF counts as LF, a lone CR stays.
    """

    def __init__(self, data: bytes) -> None:
        self._text = data.removeprefix(codecs.BOM_UTF8).decode("latin-1").replace("\r\n", "\n")
        self._at = 0
        self._line = 1
        self.line = 0

    def mark(self) -> tuple[int, int]:
        """The place of the next character, to come back to with `reset`."""
        return self._at, self._line

    def reset(self, mark: tuple[int, int]) -> None:
        """Continue reading from a `mark`."""
        self._at, self._line = mark

    def take(self, count: int) -> str:
        """The next `count` characters, line ends among them; fewer at the end of the patch."""
        taken = self._text[self._at : self._at + count]
        self._at += len(taken)
        self._line += taken.count("\n")
        return taken

    def next_line(self, *, extended: bool = False) -> str | None:
        """The next line, without its line end and without NULs; None after the last (``DEH_ReadLine``).

        `extended`: a backslash and an n stand for a line end in the text, and a backslash at the end of a line joins
        the next line to it, without that one's indentation.
        """
        if self._at >= len(self._text):
            return None
        self.line = self._line
        line = self._rest_of_line()
        if extended:
            line = self._extended(line)
        return line.replace("\0", "")

    def _extended(self, line: str) -> str:
        parts: list[str] = []
        while _CONTINUED.search(line) and self._at < len(self._text):
            parts.append(line[:-1])
            line = self._rest_of_line().lstrip(_SPACES)
        return _ESCAPED.sub(lambda match: "\n" if match[1] == "n" else match[1], "".join(parts) + line)

    def _rest_of_line(self) -> str:
        end = self._text.find("\n", self._at)
        if end < 0:
            end = len(self._text)
        line = self._text[self._at : end]
        self._at = end + 1
        self._line += 1
        return line
