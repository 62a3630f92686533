"""The cheats a patch may rename (``deh_cheat.c``)."""

from __future__ import annotations

from typing import Final

from pydoom.data.info import CHEAT_WORDS, GameInfo
from pydoom.game.dehacked.errors import Report
from pydoom.game.dehacked.parser import Assignment

MAX_CHEAT_LENGTH: Final = 25
"""Longest cheat in characters, with its parameters, even where patches may exceed the original's lengths."""
_PARAMETERS: Final = {"level warp": 2, "change music": 2}
_END: Final = "\xff"


def rename_cheat(info: GameInfo, assignment: Assignment, report: Report, *, allow_long: bool) -> None:
    """Apply one line of a Cheat section."""
    name = assignment.name.lower()
    original = CHEAT_WORDS.get(name)
    if original is None:
        report.warn(assignment.line, f"unknown cheat {assignment.name!r}")
        return
    word = assignment.value.partition(_END)[0]
    if not allow_long and len(word) > len(original):
        report.warn(assignment.line, f"this cheat has room for {len(original)} characters only")
        word = word[: len(original)]
    if len(word) >= MAX_CHEAT_LENGTH - _PARAMETERS.get(name, 0):
        raise report.error(assignment.line, "this cheat is too long")
    info.cheats[name] = word
