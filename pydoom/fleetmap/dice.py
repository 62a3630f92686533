"""Choices that depend on a seed and a purpose only: the same on every machine and version of Python."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

_T = TypeVar("_T")


class Dice:
    """A stream of random numbers named by `words`; equal words, equal stream."""

    __slots__ = ("_name", "_pool", "_rolls")

    def __init__(self, *words: object) -> None:
        self._name = "\0".join(map(str, words)).encode("utf-8", "replace")
        self._rolls = 0
        self._pool = b""

    def below(self, count: int) -> int:
        """A number from 0 to `count` - 1."""
        if len(self._pool) < 4:
            self._pool = hashlib.sha256(self._name + b"\0" + str(self._rolls).encode()).digest()
            self._rolls += 1
        number, self._pool = int.from_bytes(self._pool[:4], "big"), self._pool[4:]
        return number % count

    def one_of(self, choices: Sequence[_T]) -> _T:
        """One of the choices."""
        return choices[self.below(len(choices))]

    def chance(self, percent: int) -> bool:
        """True in so many cases of a hundred."""
        return self.below(100) < percent
