"""The program's door: loads the game, or says which library it lacks."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit status."""
    try:
        from pydoom import play
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] == "pydoom":
            raise
        print(f"pydoom: the Python package {error.name} does not load: type `pip install pydoom`", file=sys.stderr)
        return 2
    return play.main(argv)
