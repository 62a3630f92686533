"""Merges what lists and watches say about pods, whichever arrives first.

A list takes time, and a watch may lag, so each can be older than what the cache already has. Pods and lists carry
resource versions: decimal numbers that only grow and are comparable within a cluster. Older data never replaces newer
data, deleted pods stay deleted, and a pod whose deletion was accepted is never a target again, whatever arrives later.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from hostbridge.backends.kubeapi import MAX_PODS
from hostbridge.backends.pods import Pod
from hostbridge.model import Code, RequestError

REMEMBERED: Final = 50_000
"""How many deleted pods are remembered."""
MAX_DIGITS: Final = 20
"""Longest version: they are 64-bit numbers."""


class PodCache:
    """Pods by UID. For any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pods: dict[str, Pod] = {}
        self._gone: OrderedDict[str, int | None] = (
            OrderedDict()
        )  # by UID, the version of the deletion; None: never comes back
        self._listed: dict[str, int] = {}  # version of the last list, by scope

    def get(self, uid: str) -> Pod | None:
        """The pod with this UID."""
        with self._lock:
            return self._pods.get(uid)

    def all(self) -> tuple[Pod, ...]:
        """Every pod."""
        with self._lock:
            return tuple(self._pods.values())

    def take_list(self, scope: str, version: str, pods: Iterable[Pod]) -> None:
        """Take over a whole list of a namespace (of all namespaces when `scope` is empty)."""
        number = _number(version)
        found = {each.uid: each for each in pods}
        with self._lock:
            for uid in [each for each, pod in self._pods.items() if scope in ("", pod.namespace)]:
                # a pod that the watch has added since is newer than the list
                if uid not in found and not _is_newer(self._pods[uid].version, number, in_doubt=False):
                    del self._pods[uid]
            for pod in found.values():
                self._keep(pod)
            if number is not None:
                self._listed[scope] = max(number, self._listed.get(scope, 0))

    def take(self, pod: Pod) -> None:
        """Take over one pod that was fetched."""
        with self._lock:
            self._keep(pod)

    def take_event(self, scope: str, kind: str, pod: Pod) -> None:
        """Take over one event of the watch of `scope`."""
        with self._lock:
            if kind == "DELETED":
                self._drop(pod.uid, _number(pod.version))
            elif pod.uid in self._pods or _is_newer(pod.version, self._listed.get(scope), in_doubt=True):
                self._keep(pod)
            # otherwise the last list is newer than the event, and the pod is no longer in it

    def drop(self, uid: str) -> None:
        """Forget a pod whose deletion was accepted, for good."""
        with self._lock:
            self._drop(uid, None)

    def _keep(self, pod: Pod) -> None:
        if pod.uid in self._gone and not _is_newer(pod.version, self._gone[pod.uid], in_doubt=False):
            return
        known = self._pods.get(pod.uid)
        if known is None and len(self._pods) >= MAX_PODS:
            raise RequestError(Code.ENGINE_DOWN, f"the API server reports more than {MAX_PODS} pods")
        if known is None or not _is_newer(known.version, _number(pod.version), in_doubt=False):
            self._pods[pod.uid] = pod

    def _drop(self, uid: str, version: int | None) -> None:
        self._pods.pop(uid, None)
        if uid in self._gone and self._gone[uid] is None:
            return
        self._gone[uid] = version
        self._gone.move_to_end(uid)
        if len(self._gone) > REMEMBERED:
            self._gone.popitem(last=False)


def _number(version: str) -> int | None:
    """The version as a number, or None when it is not one."""
    return int(version) if version.isdecimal() and len(version) <= MAX_DIGITS else None


def _is_newer(version: str, than: int | None, in_doubt: bool) -> bool:
    number = _number(version)
    return in_doubt if number is None or than is None else number > than
