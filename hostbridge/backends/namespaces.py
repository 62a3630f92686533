"""Containers that use another container's namespaces and cannot outlive it.

A container run with ``--pid container:A`` ends with A, whatever the policy says about it. With ``--network
container:A`` it loses its network, with ``--ipc container:A`` its shared memory. So every action that ends A hits it
too, and so on for whatever uses its namespaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from hostbridge.model import Container

_MODES: Final = ("PidMode", "NetworkMode", "IpcMode")
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.-]*(:.*)?", re.DOTALL)
_SHARED: Final = "container:"
_SHORTEST_ID: Final = 12


def joined(host_config: Mapping[str, Any]) -> frozenset[str]:
    """IDs (or names) of the containers whose namespaces this one uses, from its ``HostConfig``.

    Raises ValueError for an invalid mode: a proxy in front of the engine may write something else in its place.
    """
    modes = [str(host_config.get(mode) or "") for mode in _MODES]
    hidden = next((mode for mode in modes if not _PLAIN.fullmatch(mode)), None)
    if hidden is not None:
        raise ValueError(f"something hides whose namespaces a container shares: {hidden[:40]!r}")
    return frozenset(mode.removeprefix(_SHARED) for mode in modes if mode.startswith(_SHARED))


def dependants(
    container: Container, others: Iterable[Container], joins: Mapping[str, frozenset[str]]
) -> list[Container]:
    """The `others` that end with `container` or lose something; `joins` maps each ID to its `joined`."""
    left = {each.id: each for each in others if each.id != container.id}
    ended, found = [container], []
    while ended:
        master = ended.pop()
        for each in tuple(left.values()):
            if is_meant(master, joins.get(each.id, ())):
                found.append(each)
                ended.append(left.pop(each.id))
    return found


def is_meant(container: Container, references: Iterable[str]) -> bool:
    """Whether one of the references (IDs or names) means this container."""
    return any(_means(each, container) for each in references)


def _means(reference: str, container: Container) -> bool:
    if reference in (container.id, container.name):
        return True
    return len(reference) >= _SHORTEST_ID and container.id.startswith(reference)
