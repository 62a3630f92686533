"""Which core runs: the one compiled from the hot modules (docs/packaging.md), or the same modules as plain Python."""

from __future__ import annotations

from importlib.util import find_spec


def is_compiled() -> bool:
    """Whether the simulation, and everything compiled with it, runs as machine code. Loads none of it."""
    found = find_spec("pydoom.sim.fixed")
    return found is not None and not str(found.origin).endswith(".py")


def core_name() -> str:
    """ "compiled" or "pure Python"."""
    return "compiled" if is_compiled() else "pure Python"
