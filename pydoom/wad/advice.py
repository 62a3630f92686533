"""Advice for a file that is not a DOOM game."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydoom.files import open_to_read
from pydoom.wad.archive import packed_as

FETCH: Final = "python -m pydoom.wad.fetch --yes"
"""The command that fetches the shareware WAD."""


def advice(path: Path) -> str:
    """What to do about a file that ``--wad`` could not use, judging by its first bytes."""
    try:
        with open_to_read(path) as stream:
            kind = stream.read(4)
    except OSError:
        return "check its permissions with `ls -l`"
    if kind == b"PWAD":
        return f"add it to a game, with `--file {path}` instead of --wad"
    if packed_as(kind):
        return "unpack it first: the game is the .wad file in it"
    return f"copy it here again, or fetch the shareware WAD with `{FETCH}`"
