"""Narrows types: tells the type checker, and checks, what a test knows about a value."""

from typing import TypeVar

T = TypeVar("T")


def some(value: T | None) -> T:
    """`value`, which is not None."""
    assert value is not None
    return value


def of_kind(kind: type[T], value: object) -> T:
    """`value`, which is a `kind`."""
    assert isinstance(value, kind)
    return value
