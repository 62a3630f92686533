"""The names of an image, so that a rule matches however the container's image is written.

To an engine ``postgres:16``, ``docker.io/library/postgres:16``, ``postgres@sha256:...`` and the image's ID are one
image. A container knows it by one of them; a rule may use another. So every known name of a container's image is
spelled out in all its forms, and a rule's pattern is reduced to the short form of Docker Hub's names.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final

_HUB: Final = ("docker.io/", "index.docker.io/", "registry-1.docker.io/", "registry.hub.docker.com/")
_LIBRARY: Final = "library/"
_LOCAL: Final = "localhost/"
"""What Podman puts before the names of images that were built here."""

_PULLABLE: Final = "docker-pullable://"
_ID: Final = re.compile(r"(?:sha256:)?([0-9a-f]{12,64})")
_SHORT_ID: Final = 12


def matches(pattern: str, images: Iterable[str]) -> bool:
    """Whether a rule's pattern matches one of the image's names."""
    found = _ID.fullmatch(pattern)
    if found and any(identity.startswith(found[1]) for identity in map(_digits_of, images)):
        return True
    pattern = _short(pattern)
    return any(fnmatchcase(spelling, pattern) for image in images for spelling in spellings(image))


def is_named(images: Iterable[str]) -> bool:
    """Whether an image has any known name besides its IDs."""
    return any(not _ID.fullmatch(image) for image in images)


def may_match_names(pattern: str) -> bool:
    """Whether a pattern could match an image by a name that we do not know."""
    return not _ID.fullmatch(pattern)


@functools.lru_cache(maxsize=4096)
def spellings(image: str) -> frozenset[str]:
    """All equivalent ways to write an image's name, or its ID in full and short.

    A digest does not reveal the tag, so such an image matches any rule that leaves the tag open (``postgres:*``).
    """
    identity = _hex_of(image)
    if identity:
        return frozenset({f"sha256:{identity}", identity, identity[:_SHORT_ID]})
    name, tag, digest = _parts(image)
    names = {name}
    if "/" not in name:
        names |= {_LIBRARY + name, f"{_HUB[0]}{_LIBRARY}{name}"}
    elif not _has_registry(name):
        names.add(_HUB[0] + name)
    elif name.startswith(_LOCAL):
        names.add(name.removeprefix(_LOCAL))
    ends = {f":{tag}"} if tag else ({":"} if digest else {":latest"})
    if not tag or tag == "latest":
        ends.add("")
    if digest:
        ends |= {f"{end}@{digest}" for end in ends} | {f"@{digest}"}
    return frozenset(each + end for each in names for end in ends)


def _parts(image: str) -> tuple[str, str, str]:
    """Short name, tag and digest."""
    name, _, digest = image.removeprefix(_PULLABLE).partition("@")
    head, separator, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    return _short(head + separator + last), tag, digest


def _short(name: str) -> str:
    """A name (or pattern) without the parts that are optional for Docker Hub."""
    for hub in _HUB:
        name = name.removeprefix(hub)
    rest = name.removeprefix(_LIBRARY)
    return rest if "/" not in rest.partition("@")[0] else name


def _has_registry(name: str) -> bool:
    first = name.partition("/")[0]
    return "." in first or ":" in first or first == "localhost"


def _digits_of(image: str) -> str:
    """The digits of an image's ID, or of the digest behind its name; empty when it has neither."""
    return _hex_of(image.partition("@")[2] or image)


def _hex_of(image: str) -> str:
    """The digits of an image's ID; empty for a name."""
    found = _ID.fullmatch(image)
    return found[1] if found else ""
