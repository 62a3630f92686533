"""Which core runs: the one compiled from the hot modules (docs/packaging.md), or the same modules as plain Python."""

from __future__ import annotations

from pydoom.sim import fixed


def is_compiled() -> bool:
    """Whether the simulation, and with it all that is compiled together, runs as machine code."""
    return not fixed.__file__.endswith(".py")


def core_name() -> str:
    """ "compiled" or "pure Python"."""
    return "compiled" if is_compiled() else "pure Python"
