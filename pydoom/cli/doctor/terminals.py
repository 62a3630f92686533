"""The terminal, for ``--terminal``: judged by the environment variables alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from typing import Final

from pydoom.cli.doctor.check import Check, Status
from pydoom.cli.options import Options
from pydoom.devices.terminal_depth import announces_true_colour, has_only_256

_GOOD_SIZE: Final = (80, 25)


def check_terminal(options: Options) -> Iterator[Check]:
    """Check whether it is a terminal, its size, and its colours."""
    wanted = bool(options.terminal)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        remedy = "run it in a terminal, without redirection" if wanted else ""
        yield Check("terminal", Status.MISSING if wanted else Status.NOTE, "this is not a terminal", remedy)
        return
    size = os.get_terminal_size(sys.stdout.fileno())
    yield judge(os.environ, size.columns, size.lines, wanted)


def judge(environment: Mapping[str, str], columns: int, rows: int, wanted: bool) -> Check:
    """Judge a terminal by its environment variables and size."""
    term = environment.get("TERM", "")
    text = f"{term or 'without a name'}, {columns}x{rows}"
    if term in ("", "dumb"):
        return Check("terminal", _bad(wanted, Status.MISSING), f"{text}: cannot show the game", "use another terminal")
    if columns < _GOOD_SIZE[0] or rows < _GOOD_SIZE[1]:
        return Check("terminal", _bad(wanted), f"{text}: small", "enlarge it: 160x50 or more looks best")
    if has_only_256(environment, ""):
        return Check("terminal", Status.OK, f"{text}, 256 colours, or more if it says so: pydoom --terminal plays here")
    if not announces_true_colour(environment):
        remedy = "if it does, `export COLORTERM=truecolor`"
        return Check("terminal", _bad(wanted), f"{text}: does not announce true colour", remedy)
    return Check("terminal", Status.OK, f"{text}, true colour: pydoom --terminal plays here")


def _bad(wanted: bool, status: Status = Status.WARNING) -> Status:
    return status if wanted else Status.NOTE
