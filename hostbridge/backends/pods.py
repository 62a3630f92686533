"""Reads the API's JSON of a pod into the bridge's terms.

Deleting a pod ends all of its containers, so rules about images look at all of them: the images as configured, as the
node reports them, and their digests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hostbridge.backends.answers import seconds_of
from hostbridge.model import PROJECT_LABEL, RESTARTING, RUNNING, Container

MIRROR: Final = "kubernetes.io/config.mirror"
"""Annotation of mirror pods, which represent static pods of a node: deleting one ends nothing."""
ENDED: Final = "stopped"
"""State of a pod that does not run, or is being deleted."""

_CRASHING: Final = "CrashLoopBackOff"
_UID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_KINDS: Final = ("containers", "initContainers", "ephemeralContainers")
_STATUSES: Final = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")
_PROBES: Final = ("readinessProbe", "startupProbe", "livenessProbe")
_HASH_LABEL: Final = "pod-template-hash"


@dataclass(frozen=True, slots=True)
class Pod:
    """What the bridge knows of a pod."""

    container: Container  # the pod as a whole, with the images of all of its containers
    namespace: str
    name: str
    parts: tuple[tuple[str, ...], ...]  # the images of each of its containers
    owners: frozenset[str]  # UIDs of its owners: when one is deleted, this pod is too
    is_mirror: bool

    @property
    def uid(self) -> str:
        """Its UID, which is never used again."""
        return self.container.id

    @property
    def version(self) -> str:
        """Its resource version."""
        return self.container.version


def read(raw: Mapping[str, Any], qualified: bool) -> Pod:
    """Read a pod from the API's JSON; its name includes the namespace when `qualified`.

    Raises Python's own errors when the JSON is not a pod: `Api` turns them into RequestErrors.
    """
    meta, spec, status = raw["metadata"], raw["spec"], raw.get("status") or {}
    namespace, name = _checked(_NAME, meta["namespace"]), _checked(_NAME, meta["name"])
    states = [each for key in _STATUSES for each in status.get(key) or ()]
    parts = tuple(_parts(spec, states))
    owners = meta.get("ownerReferences") or ()
    labels = {str(key): str(value) for key, value in (meta.get("labels") or {}).items()}
    kind, workload = _workload(owners, labels)
    container = Container(
        id=_checked(_UID, meta["uid"]),
        name=f"{namespace}/{name}" if qualified else name,
        image=parts[0][0] if parts and parts[0] else "",
        images=tuple(dict.fromkeys(each for part in parts for each in part)),
        state=_state(meta, status),
        created=seconds_of(str(meta.get("creationTimestamp") or "")),
        labels={**labels, PROJECT_LABEL: namespace},  # so that rules on projects match namespaces
        node=str(spec.get("nodeName") or ""),
        restarts=sum(int(each.get("restartCount") or 0) for each in states),
        service=workload,
        service_kind=kind,
        health=_health(spec, status),
        version=str(meta["resourceVersion"]),
    )
    return Pod(
        container=container,
        namespace=namespace,
        name=name,
        parts=parts,
        owners=frozenset(str(each.get("uid") or "") for each in owners),
        is_mirror=MIRROR in (meta.get("annotations") or {}),
    )


def _parts(spec: Mapping[str, Any], states: list[Any]) -> Iterator[tuple[str, ...]]:
    """All known names of the image of each container."""
    told = {str(each.get("name")): each for each in states}
    for kind in _KINDS:
        for each in spec.get(kind) or ():
            state = told.get(str(each.get("name")), {})
            known = (str(each.get("image") or ""), *map(_plain, (state.get("image"), state.get("imageID"))))
            yield tuple(dict.fromkeys(filter(None, known)))


def _plain(image: object) -> str:
    """An image's name or ID without the runtime's scheme (``docker-pullable://``)."""
    return str(image or "").rpartition("://")[2]


def _state(meta: Mapping[str, Any], status: Mapping[str, Any]) -> str:
    if meta.get("deletionTimestamp"):
        return ENDED
    phase = status.get("phase")
    if phase == "Running":
        crashing = any(_is_waiting_to_restart(each) for each in status.get("containerStatuses") or ())
        return RESTARTING if crashing else RUNNING
    # a pod whose init containers keep failing stays Pending
    starts = status.get("initContainerStatuses") or ()
    if phase == "Pending" and any(each.get("restartCount") or _is_waiting_to_restart(each) for each in starts):
        return RESTARTING
    return ENDED


def _is_waiting_to_restart(state: Mapping[str, Any]) -> bool:
    waiting = (state.get("state") or {}).get("waiting") or {}
    return bool(waiting.get("reason") == _CRASHING)


def _health(spec: Mapping[str, Any], status: Mapping[str, Any]) -> str:
    """Whether the pod is Ready, in Docker's words; empty for one that is, if nothing checks it."""
    told = next((each.get("status") for each in status.get("conditions") or () if each.get("type") == "Ready"), None)
    if told is None:
        return ""
    if told == "True":
        is_checked = any(each.get(probe) for each in spec.get("containers") or () for probe in _PROBES)
        return "healthy" if is_checked else ""
    begins = any(each.get("started") is False for each in status.get("containerStatuses") or ())
    return "starting" if begins else "unhealthy"


def _workload(owners: Any, labels: Mapping[str, str]) -> tuple[str, str]:
    """Kind and name of the Deployment, ReplicaSet, StatefulSet, DaemonSet or Job that the pod belongs to."""
    for each in owners:
        if each.get("controller"):
            kind, name = str(each.get("kind") or ""), str(each.get("name") or "")
            suffix = f"-{labels.get(_HASH_LABEL, '')}"
            # a Deployment's pods belong to a ReplicaSet, named after it and the template's hash
            if kind == "ReplicaSet" and suffix != "-" and name.endswith(suffix):
                return "Deployment", name.removesuffix(suffix)
            return kind, name
    return "", ""


def _checked(pattern: re.Pattern[str], text: str) -> str:
    """Return `text` if it matches. Raises ValueError, or TypeError when it is not a string."""
    if not pattern.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is not a valid name or UID of a pod")
    return text
