"""The program's entry point: to the game, which loads the libraries it needs, and to the doctor, which needs none."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit status."""
    try:
        return _run(list(sys.argv[1:] if argv is None else argv))
    finally:
        gc.enable()


def _run(words: list[str]) -> int:
    if words[:1] == ["doctor"]:
        from pydoom.cli.doctor.cli import main as doctor

        return doctor(words[1:])
    try:
        if words[:1] == ["picturediff"]:
            from pydoom.cli import picturediff

            return picturediff.main(words[1:])
        if words[:1] == ["fleetmap"]:
            from pydoom.cli import fleetmap

            return fleetmap.main(words[1:])
        # numpy's linear algebra is not used: starting its threads would take 50 ms of processor time
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        # what is made before the game begins stays: collections would only cost time
        gc.disable()
        from pydoom.cli import play
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] == "pydoom":
            raise
        print(f"pydoom: the Python package {error.name} does not load: run `pydoom doctor`", file=sys.stderr)
        return 2
    return play.main(words)
