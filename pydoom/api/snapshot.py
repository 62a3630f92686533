"""Snapshots in memory: a whole game at one moment, to return to as often as wanted.

A snapshot records the values in every object of the game, and `restore` puts them back into the same objects. So
whatever refers to them (thinker and blockmap lists, sound origins, the renderer's prepared level) is right again,
including the order of every list, and nothing has to be rebuilt. The graph is walked with an explicit stack, since
things form linked lists too long for recursion.

Constants are skipped: assets, the original's tables (except what ``-fast`` changes), vertexes, segs
and the rest of the map's geometry.
"""

from __future__ import annotations

import types
from collections import deque
from collections.abc import Callable, Iterable
from enum import Enum
from operator import attrgetter
from typing import Any, Final

import numpy as np

from pydoom.core import attribute_names
from pydoom.data.info import GameInfo
from pydoom.render.interface import ViewRenderer
from pydoom.sim.level import Line, MapThing, Node, Sector, Seg, Side, SoundPoint, Subsector, Vertex
from pydoom.sim.mobj import Mobj
from pydoom.sim.world import World

_SKELETON: Final = frozenset({Vertex, Seg, Node, Subsector, SoundPoint})
_CONSTANT_ROOMS: Final = ("pydoom.wad", "pydoom.data", "pydoom.render")
_OF_RENDERERS: Final = ("fuzz_position",)
"""The only attributes of renderers that matter: everything else follows from the game."""
_LEADS_ON: Final[dict[type, tuple[str, ...]]] = {
    Line: ("frontsector", "backsector", "specialdata"),
    MapThing: (),
    Mobj: ("bnext", "bond", "bprev", "player", "snext", "spawnpoint", "sprev", "target", "tracer"),
    Sector: ("things", "soundtarget", "specialdata"),
    Side: (),
}
"""For classes with many objects: the only attributes that lead to something new that is not constant."""
_LEADS_NOWHERE: Final[dict[type, frozenset[str]]] = {
    World: frozenset(
        {
            *("blockboxes", "blockends", "blocklines", "blockmap", "bsp", "bsp_starts", "nodes", "segs", "sightlines"),
            *("subsectors", "vertexes", "states", "catalog"),
        }
    )
}
"""Attributes set up with the level and constant afterwards: skipping them saves 20 ms of 50 for E1M7."""
_MISSING: Final = object()

Values = tuple[Any, ...]


class _ClassAccess:
    """How to read and restore objects of one class.

    `values` reads one, `restore` puts values back (None for immutable objects), and `follow` gives the objects to
    visit next, given the object and its values.
    """

    __slots__ = ("follow", "restore", "values")

    def __init__(
        self,
        values: Callable[[Any], Any],
        restore: Callable[[Any, Any], None] | None,
        follow: Callable[[Any, Any], Iterable[Any]] | None = None,
    ) -> None:
        self.values = values
        self.restore = restore
        self.follow = follow if follow is not None else _follow_values


def _follow_values(_found: Any, values: Iterable[Any]) -> Iterable[Any]:
    return values


def _follow_nothing(_found: Any, _values: Any) -> Values:
    return ()


_kinds: dict[type, _ClassAccess | None] = {}
"""By class; None for immutable objects."""


def _kind_of(cls: type) -> _ClassAccess | None:
    if cls not in _kinds:
        _kinds[cls] = _find_kind(cls)
    return _kinds[cls]


def _find_kind(cls: type) -> _ClassAccess | None:
    if cls in _CONTAINERS:
        return _CONTAINERS[cls]
    if cls is tuple or issubclass(cls, tuple):
        return _ClassAccess(tuple, None)
    if issubclass(cls, ViewRenderer):
        return _ClassAccess(*_attributes(_OF_RENDERERS))
    if cls is GameInfo:
        return _ClassAccess(_changing_tables, _restore_tables, _follow_nothing)
    constant = cls.__module__.startswith(_CONSTANT_ROOMS) or cls in _SKELETON or issubclass(cls, Enum)
    if constant or not cls.__module__.startswith("pydoom."):
        return None
    frozen = getattr(getattr(cls, "__dataclass_params__", None), "frozen", False)
    left_out = _LEADS_NOWHERE.get(cls, frozenset())
    if cls.__dictoffset__:
        return _ClassAccess(
            lambda instance: dict(vars(instance)),
            None if frozen else _restore_vars,
            lambda instance, kept: [value for name, value in kept.items() if name not in left_out],
        )
    names = attribute_names(cls)
    values, restore = _attributes(names)
    if cls not in _LEADS_ON and not left_out:
        return _ClassAccess(values, None if frozen else restore)
    leads_on, _ = _attributes(_LEADS_ON.get(cls, tuple(name for name in names if name not in left_out)))
    return _ClassAccess(values, None if frozen else restore, lambda instance, kept: leads_on(instance))


def _attributes(names: tuple[str, ...]) -> tuple[Callable[[Any], Values], Callable[[Any, Values], None]]:
    if not names:
        return lambda instance: (), lambda instance, values: None
    getter = attrgetter(*names)
    single = len(names) == 1

    def values(instance: Any) -> Values:
        try:
            found = getter(instance)
        except AttributeError:
            return tuple(getattr(instance, name, _MISSING) for name in names)
        return (found,) if single else found

    def restore(instance: Any, kept: Values) -> None:
        for name, value in zip(names, kept, strict=True):
            if value is not _MISSING:
                setattr(instance, name, value)
            elif hasattr(instance, name):
                delattr(instance, name)

    return values, restore


def _restore_vars(instance: Any, kept: dict[str, Any]) -> None:
    attributes = vars(instance)
    attributes.clear()
    attributes.update(kept)


def _restore_list(target: list[Any], kept: list[Any]) -> None:
    target[:] = kept


def _dict_values(mapping: dict[Any, Any]) -> Values:
    return (*mapping, *mapping.values())


def _restore_dict(mapping: dict[Any, Any], kept: Values) -> None:
    half = len(kept) // 2
    mapping.clear()
    mapping.update(zip(kept[:half], kept[half:], strict=True))


def _restore_set(target: set[Any], kept: Values) -> None:
    target.clear()
    target.update(kept)


def _restore_deque(target: deque[Any], kept: Values) -> None:
    target.clear()
    target.extend(kept)


def _array_values(array: Any) -> list[Any]:
    return [array.copy() if array.flags.writeable else None]


def _restore_array(array: Any, kept: list[Any]) -> None:
    if kept[0] is not None:
        array[...] = kept[0]


def _method_owner(method: Any) -> Values:
    return (method.__self__,)


def _changing_tables(info: GameInfo) -> Values:
    return [state.tics for state in info.states], [each.speed for each in info.mobjinfo]


def _restore_tables(info: GameInfo, kept: Values) -> None:
    for state, tics in zip(info.states, kept[0], strict=True):
        state.tics = tics
    for each, speed in zip(info.mobjinfo, kept[1], strict=True):
        each.speed = speed


_CONTAINERS: Final[dict[type, _ClassAccess]] = {
    list: _ClassAccess(list, _restore_list),
    dict: _ClassAccess(_dict_values, _restore_dict),
    set: _ClassAccess(tuple, _restore_set),
    deque: _ClassAccess(tuple, _restore_deque),
    bytearray: _ClassAccess(lambda array: [bytes(array)], lambda array, kept: array.__setitem__(slice(None), kept[0])),
    np.ndarray: _ClassAccess(_array_values, _restore_array, _follow_nothing),
    types.MethodType: _ClassAccess(_method_owner, None),
}


class Snapshot:
    """The current values of everything reachable from `roots`. Objects stay alive as long as the snapshot."""

    __slots__ = ("_kept",)

    def __init__(self, *roots: object) -> None:
        kept: list[tuple[Callable[[Any, Any], None], Any, Any]] = []
        seen: set[int] = set()
        pending: list[Any] = list(roots)
        keep, pop, push, known = kept.append, pending.pop, pending.append, _kinds
        # thousands of objects have tens of thousands of values, nearly all of them ints: those must be cheap
        while pending:
            found = pop()
            number = id(found)
            if number in seen:
                continue
            seen.add(number)
            kind = _kind_of(type(found))
            if kind is None:
                continue
            values = kind.values(found)
            if kind.restore is not None:
                keep((kind.restore, found, values))
            for value in kind.follow(found, values):
                cls = type(value)
                if cls is int or cls is bool or value is None:
                    continue
                if cls not in known or known[cls] is not None:
                    push(value)
        self._kept = kept

    def restore(self) -> None:
        """Put everything back."""
        for put_back, target, values in self._kept:
            put_back(target, values)
