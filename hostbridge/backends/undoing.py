"""Faults on a Docker engine that can be undone: note a container's state, change it, restore it.

These count as changed by somebody else, and then nothing is undone:

- a pause: the container is no longer paused, or was restarted since;
- a disconnect: it is connected to any network (if the fault may be half done: to another network);
- a throttle or a squeeze: the limit is not the one the fault set.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from hostbridge.backends.base import Healing, Undo
from hostbridge.backends.engine import Engine
from hostbridge.fault import Fault
from hostbridge.model import Code, KillAction, RequestError

PERIOD: Final = 100_000
"""The period of a CPU quota in microseconds: the kernel's default."""

MIN_QUOTA: Final = 1000
NO_QUOTA: Final = -1
"""Lifts a quota; to the engine, 0 means "leave it as it is"."""

NO_LIMIT: Final = (1 << 63) - 4096
"""A memory limit that the kernel takes as none; to the engine, 0 means "leave it as it is", and it refuses less."""

_NETWORK: Final = re.compile(r"[0-9a-f]{64}|[0-9a-z]{25}", re.ASCII)
"""A network's ID; swarm's are the short ones."""

_KEPT: Final = ("IPAMConfig", "Links", "Aliases", "DriverOpts")
"""The settings a network connection was made with; the engine chose the rest."""

_LIMITS: Final = ("NanoCpus", "CpuPeriod", "CpuQuota", "Memory", "MemorySwap")


class Undoing:
    """The four faults on one engine. All methods take a container's full ID."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def prepare(self, container_id: str, fault: Fault) -> Undo:
        """Note what undoing will need. Raises RequestError."""
        with self._engine.errors():
            found = self._look(container_id)
            if found is None or not found["State"]["Running"]:
                raise RequestError(Code.NOT_FOUND, "it is no longer running")
            if fault.action is KillAction.PAUSE:
                return _prepare_pause(found)
            if fault.action is KillAction.DISCONNECT:
                return _prepare_disconnect(found, container_id)
            limits = found["HostConfig"]
            return _prepare_throttle(limits, fault) if fault.action is KillAction.THROTTLE else _squeeze(limits, fault)

    def inflict(self, container_id: str, action: KillAction, undo: Undo) -> None:
        """Carry it out. Raises RequestError."""
        if action is KillAction.PAUSE:
            self._engine.post(f"containers/{container_id}/pause")
        elif action is KillAction.DISCONNECT:
            for network_id, _ in _networks(undo):
                self._engine.post(f"networks/{network_id}/disconnect", body={"Container": container_id})
        else:
            self._engine.post(f"containers/{container_id}/update", body=_limits(undo, "during"))

    def heal(
        self, container_id: str, action: KillAction, undo: Undo, whole: bool, touching: Callable[[], None]
    ) -> Healing:
        """Undo it, if the container is still as the fault left it.

        Raises RequestError, and Python's own errors if `undo` does not come from `prepare`.
        """
        found = self._look(container_id)
        if found is None:
            return Healing.GONE
        if action is KillAction.PAUSE:
            return self._unpause(container_id, found, undo, touching)
        if action is KillAction.DISCONNECT:
            return self._connect(container_id, found, undo, whole, touching)
        return self._lift(container_id, found, undo, touching)

    def _unpause(
        self, container_id: str, found: Mapping[str, Any], undo: Undo, touching: Callable[[], None]
    ) -> Healing:
        state = found["State"]
        if not state["Paused"] or state["StartedAt"] != undo["started"]:
            return Healing.CHANGED
        touching()
        self._engine.post(f"containers/{container_id}/unpause")
        return Healing.HEALED

    def _connect(
        self, container_id: str, found: Mapping[str, Any], undo: Undo, whole: bool, touching: Callable[[], None]
    ) -> Healing:
        were = dict(_networks(undo))
        now = {str(each["NetworkID"]) for each in (found["NetworkSettings"]["Networks"] or {}).values()}
        if (now if whole else now - were.keys()) or not were.keys() - now:
            return Healing.CHANGED
        touching()
        failure: RequestError | None = None
        for network_id, settings in were.items():
            if network_id not in now:
                try:
                    self._connect_one(container_id, network_id, settings)
                except RequestError as error:  # its address may be taken; the other networks need not wait for that
                    failure = error
        if failure is not None:
            raise failure
        return Healing.HEALED

    def _connect_one(self, container_id: str, network_id: str, settings: Mapping[str, Any]) -> None:
        body = {"Container": container_id, "EndpointConfig": settings}
        try:
            self._engine.post(f"networks/{network_id}/connect", body=body)
        except RequestError as error:
            if error.code is not Code.NOT_FOUND or self._look(container_id) is None:
                raise
            # the network is gone: there is nothing to connect it to

    def _lift(self, container_id: str, found: Mapping[str, Any], undo: Undo, touching: Callable[[], None]) -> Healing:
        during, now = _limits(undo, "during"), found["HostConfig"]
        # an engine without swap accounting drops that limit, so it is not compared
        if any(now.get(key) != value for key, value in during.items() if key != "MemorySwap"):
            return Healing.CHANGED
        touching()
        self._engine.post(f"containers/{container_id}/update", body=_limits(undo, "before"))
        return Healing.HEALED

    def _look(self, container_id: str) -> Mapping[str, Any] | None:
        try:
            found: Mapping[str, Any] = self._engine.get(f"containers/{container_id}/json")
        except RequestError as error:
            if error.code is Code.NOT_FOUND:
                return None
            raise
        return found if found["Id"] == container_id else None


def _prepare_pause(found: Mapping[str, Any]) -> Undo:
    if found["State"]["Paused"]:
        raise RequestError(Code.CONFLICT, "it is already paused")
    return {"started": str(found["State"]["StartedAt"])}


def _prepare_disconnect(found: Mapping[str, Any], container_id: str) -> Undo:
    networks = []
    for each in (found["NetworkSettings"]["Networks"] or {}).values():
        if _NETWORK.fullmatch(str(each["NetworkID"])):
            settings = {key: each[key] for key in _KEPT if each.get(key)}
            # the engine adds the short ID by itself
            settings["Aliases"] = [name for name in each.get("Aliases") or () if not container_id.startswith(name)]
            networks.append({"id": each["NetworkID"], "settings": settings})
    mode = str(found["HostConfig"].get("NetworkMode"))
    if not networks or mode in ("host", "none") or mode.startswith("container:"):
        raise RequestError(Code.FAILED, f"it has no network of its own to disconnect (network mode {mode})")
    return {"networks": networks}


def _prepare_throttle(limits: Mapping[str, Any], fault: Fault) -> Undo:
    nano, quota = int(limits.get("NanoCpus") or 0), int(limits.get("CpuQuota") or 0)
    period = int(limits.get("CpuPeriod") or 0) or PERIOD
    cpus = nano / 1e9 if nano > 0 else quota / period
    if 0 < cpus <= fault.cpus:
        raise RequestError(Code.FAILED, f"it is already limited to {cpus:g} CPUs")
    if nano > 0:  # the engine refuses a quota together with this
        return {"before": {"NanoCpus": nano}, "during": {"NanoCpus": round(fault.cpus * 1e9)}}
    reduced = max(MIN_QUOTA, round(period * fault.cpus))
    return {
        "before": {"CpuPeriod": period, "CpuQuota": quota if quota > 0 else NO_QUOTA},
        "during": {"CpuPeriod": period, "CpuQuota": reduced},
    }


def _squeeze(limits: Mapping[str, Any], fault: Fault) -> Undo:
    memory, swap = int(limits.get("Memory") or 0), int(limits.get("MemorySwap") or 0)
    if 0 < memory <= fault.memory:
        raise RequestError(Code.FAILED, f"it is already limited to {memory} bytes of memory")
    if memory > 0:
        before = {"Memory": memory, "MemorySwap": swap or 2 * memory}
    else:
        before = {"Memory": NO_LIMIT, "MemorySwap": NO_LIMIT}
    return {"before": before, "during": {"Memory": fault.memory, "MemorySwap": fault.memory}}


def _networks(undo: Undo) -> list[tuple[str, Mapping[str, Any]]]:
    """Network IDs and connection settings. Raises ValueError for anything malformed."""
    found: list[tuple[str, Mapping[str, Any]]] = []
    networks: Any = undo["networks"]
    for each in networks:
        if not _NETWORK.fullmatch(each["id"]) or not isinstance(each["settings"], dict):
            raise ValueError("no network to connect to")
        found.append((each["id"], {key: each["settings"][key] for key in _KEPT if key in each["settings"]}))
    return found


def _limits(undo: Undo, when: str) -> dict[str, int]:
    limits: Any = undo[when]
    if not limits or any(key not in _LIMITS or type(value) is not int for key, value in limits.items()):
        raise ValueError("no limits to set")
    return dict(limits)
