"""Which group a container belongs to: the room it stands in, in the data centre.

The label ``pydoom.group`` decides, else the compose project or Kubernetes namespace, else the node of a swarm. A fleet
that is a single project is told apart by its services.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from pydoom.fleetmap.site import LONGEST_NAME, OTHERS, FleetSite

if TYPE_CHECKING:
    from pydoom.containers.link.events import ContainerInfo

LABEL: Final = "pydoom.group"


def group_of(info: ContainerInfo, by_service: bool) -> str:
    """The name of a container's group."""
    name = info.labels.get(LABEL, "").strip() or (by_service and info.service) or info.project or info.node or OTHERS
    return name[:LONGEST_NAME]


def survey(containers: Collection[ContainerInfo], seed: int) -> FleetSite:
    """The groups of a fleet."""
    projects = {info.project for info in containers if not info.labels.get(LABEL, "").strip()}
    by_service = len(projects) == 1 and projects != {""}
    hit: Counter[str] = Counter()
    protected: Counter[str] = Counter()
    for info in containers:
        (protected if info.protected else hit)[group_of(info, by_service)] += 1
    return FleetSite.of({name: (hit[name], protected[name]) for name in hit | protected}, seed, by_service)
