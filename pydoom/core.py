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


def attribute_names(cls: type) -> tuple[str, ...]:
    """The attributes of a class without ``__dict__``, inherited ones too: its slots, or what mypyc made of them."""
    compiled: tuple[str, ...] | None = vars(cls).get("__mypyc_attrs__")
    if compiled is not None:
        return compiled
    names: list[str] = []
    for base in cls.__mro__:
        slots = vars(base).get("__slots__", ())
        names += [slots] if isinstance(slots, str) else slots
    return tuple(name for name in names if name not in ("__dict__", "__weakref__"))
