"""What somebody may do about a file that is no DOOM game."""

from __future__ import annotations

from pathlib import Path
from typing import Final

FETCH: Final = "python -m pydoom.wad.fetch --yes"
"""The command that fetches the shareware WAD."""


def advice(path: Path) -> str:
    """What to type instead of ``--wad`` with a file that could not be used, by how it begins."""
    try:
        with path.open("rb") as stream:
            kind = stream.read(4)
    except OSError:
        return "see its permissions with `ls -l`"
    if kind == b"PWAD":
        return f"add it to a game, with `--file {path}` instead of --wad"
    if kind.startswith(b"PK"):
        return "it is a ZIP archive: unpack it first"
    return f"copy it here again, or fetch the shareware WAD with `{FETCH}`"
