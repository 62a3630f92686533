"""The text protocol's names: a container's name there, and which container a client's name means.

The original clients do not send whole names back: psdoom's keep the last 31 bytes, kubedoom's send a hash.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Final

from hostbridge.model import Container

TAIL_BYTES: Final = 31
"""psdoom's clients keep only this many bytes, from the end of a name."""

NUMBER: Final = re.compile(r"-?[0-9]{1,10}", re.ASCII)
"""What may be a hashed name: kubedoom's client kills by hash."""


def called(container: Container) -> str:
    """The container's name in the text protocol: one word without control characters, since a kill ends at a space."""
    text = "".join(each if each.isprintable() or each.isspace() else "?" for each in container.name)
    return "_".join(text.split()) or container.id[:12]


def names(containers: Iterable[Container]) -> bytes:
    """The text protocol's answer to ``list``."""
    return "".join(f"{called(each)}\n" for each in containers).encode("utf-8")


@functools.lru_cache(maxsize=16384)
def number_of(name: str) -> int:
    """kubedoom's hash of a name: Bernstein's, in a signed 32-bit integer, its sign dropped."""
    value = 5381
    for byte in name.encode("utf-8", "replace"):
        value = (value * 33 + byte) & 0xFFFFFFFF
    signed = value - (1 << 32) if value >> 31 else value
    return -signed if -(1 << 31) < signed < 0 else signed  # the lowest has no positive counterpart


def meant(name: str, listed: Iterable[tuple[str, str]]) -> set[str]:
    """The IDs that a NAME of the text protocol may mean, among those listed as (ID, name).

    NAME is a whole name, or what the original clients make of one: its last 31 bytes, or its hash. All three count
    alike: if two containers match in different ways, the name is ambiguous.
    """
    tail = name.encode("utf-8", "replace")
    is_tail, number = len(tail) == TAIL_BYTES, int(name) if NUMBER.fullmatch(name) else None
    return {
        identity
        for identity, each in listed
        if each == name
        or (is_tail and each.encode("utf-8").endswith(tail))
        or (number is not None and number_of(each) == number)
    }
