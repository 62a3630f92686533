"""Containers and images as a Docker engine describes them: in its list, and when asked about one."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from hostbridge.model import SERVICE_LABEL, Container

SERVICE_LABELS: Final = (SERVICE_LABEL, "com.docker.swarm.service.name")
CONTAINER_ID: Final = re.compile(r"[0-9a-f]{64}")

_IMAGE_ID: Final = re.compile(r"sha256:[0-9a-f]{64}")
_HEALTH: Final = re.compile(r"\((?:health: )?(starting|healthy|unhealthy)\)\Z", re.ASCII)


def container_of(summary: Mapping[str, Any]) -> Container:
    """A container from one entry of the engine's list (``GET /containers/json``).

    A malformed entry raises Python's own errors, which `Engine.errors` translates.
    """
    created = float(summary.get("Created") or 0)
    if not math.isfinite(created):
        raise ValueError("not a time")
    names = [str(name).lstrip("/") for name in summary.get("Names") or ()]
    own = [name for name in names if "/" not in name]  # the others are links: "/user/alias"
    image = str(summary.get("Image", ""))
    return _container(
        summary["Id"],
        name=(own or names or [""])[0],
        images=_images(image, str(summary.get("ImageID") or "")),
        state=summary.get("State", ""),
        health=_health_of_text(str(summary.get("Status") or "")),
        created=created,
        labels=summary.get("Labels"),
    )


def container_of_inspect(found: Mapping[str, Any], names: Iterable[str] = ()) -> Container:
    """A container from ``GET /containers/ID/json``; `names` are those of its image.

    A malformed answer raises Python's own errors, as everywhere here.
    """
    image, image_id = str(found["Config"].get("Image") or ""), str(found.get("Image") or "")
    return _container(
        found["Id"],
        name=str(found.get("Name") or "").lstrip("/"),
        images=tuple(dict.fromkeys((*_images(image, image_id), *names))),
        state=found["State"]["Status"],
        health=_known_health(str((found["State"].get("Health") or {}).get("Status") or "")),
        created=seconds_of(str(found.get("Created") or "")),
        labels=found["Config"].get("Labels"),
    )


def _container(
    identity: Any,
    name: str,
    images: tuple[str, ...],
    state: Any,
    health: str,
    created: float,
    labels: Mapping[Any, Any] | None,
) -> Container:
    given = {str(key): str(value) for key, value in (labels or {}).items()}
    return Container(
        id=checked(identity),
        name=name or identity[:12],
        image=images[0] if images else "",
        images=images,
        state=str(state),
        health=health,
        created=created,
        labels=given,
        service=next((given[key] for key in SERVICE_LABELS if key in given), ""),
    )


def image_id_of(found: Mapping[str, Any]) -> str:
    """The ID of an inspected container's image, whose names the engine knows; empty if there is none."""
    image_id = str(found.get("Image") or "")
    return image_id if _IMAGE_ID.fullmatch(image_id) else ""


def image_names(found: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of an image from ``GET /images/ID/json``."""
    return tuple(str(each) for key in ("RepoTags", "RepoDigests") for each in found.get(key) or ())


def _health_of_text(status: str) -> str:
    """The health in the engine's ``Up 3 minutes (healthy)``; empty without a health check."""
    found = _HEALTH.search(status)
    return found[1] if found else ""


def _known_health(status: str) -> str:
    return status if status in ("starting", "healthy", "unhealthy") else ""


def checked(identity: str) -> str:
    """The same, if it is a container's full ID. Raises ValueError."""
    if not CONTAINER_ID.fullmatch(identity):
        raise ValueError(f"{str(identity)[:80]!r} is not a container's ID")
    return identity


def _images(image: str, image_id: str) -> tuple[str, ...]:
    """An image's name, unless that is only the beginning of its ID, and its ID."""
    known = (image_id,) if _is_id_of(image, image_id) else (image, image_id)
    return tuple(filter(None, known))


def _is_id_of(image: str, image_id: str) -> bool:
    """Whether an image's name is only its ID or the beginning of it."""
    return bool(image) and image_id.removeprefix("sha256:").startswith(image.removeprefix("sha256:"))


def seconds_of(stamp: str) -> float:
    """Seconds since 1970 of an RFC 3339 time with nanoseconds; 0 when it is malformed."""
    try:
        return datetime.fromisoformat(stamp[:19]).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0
