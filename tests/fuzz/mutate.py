"""Mutations: bytes, text and JSON values changed in ways that break parsers."""

from __future__ import annotations

import random
import re
import struct
from collections.abc import Callable, Sequence
from typing import Any, Final

NUMBERS: Final = (
    0, 1, -1, 2, 3, 7, 17, 31, 32, 63, 64, 127, 128, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x10000, -0x8000, 0x7FFFFFFF,
    -0x80000000, 0xFFFFFFFF, 1 << 63, -(1 << 63), 10**19, 10**400,
)  # fmt: skip
"""Numbers at the edges of what parsers expect."""

WORDS: Final = (
    "", " ", "\n", "\r\n", "\0", "\x1b[31m\x1b]0;x\x07", "../..", "%s%n", "*", "[", "{", "\\", '"', "'", "é", "\ud800",
    "\u202e", "a" * 1000, "sha256:" + "0" * 64, "-1", "1e400", "nan", "true", "null", "/" * 100, "x@y:z", "=", "#",
)  # fmt: skip
"""Strings that mean something to some parser."""

_NUMBER: Final = re.compile(rb"-?\d+")
_FORMATS: Final = ("<b", "<h", "<i", ">h", ">i")


def mutated_bytes(rng: random.Random, data: bytes, edits: int = 8) -> bytes:
    """The bytes with up to `edits` changes."""
    found = bytearray(data)
    for _ in range(rng.randint(1, edits)):
        rng.choice(_EDITS)(rng, found)
    return bytes(found)


def mutated_fields(rng: random.Random, data: bytes, edits: int = 4) -> bytes:
    """The bytes with up to `edits` numbers of 8, 16 or 32 bits changed in place: the length stays."""
    found = bytearray(data)
    for _ in range(rng.randint(1, edits)):
        _put_number(rng, found)
    return bytes(found)


def mutated_text(rng: random.Random, text: bytes, vocabulary: Sequence[bytes], edits: int = 6) -> bytes:
    """Text with numbers replaced, lines moved, doubled and dropped, words inserted, and occasionally random bytes."""
    for _ in range(rng.randint(1, edits)):
        how = rng.randrange(6)
        lines = text.split(b"\n")
        at = rng.randrange(len(lines))
        if how == 0:
            text = _exchange_number(rng, text)
        elif how == 1:
            lines.insert(rng.randrange(len(lines) + 1), lines[at])
            text = b"\n".join(lines)
        elif how == 2:
            del lines[at]
            text = b"\n".join(lines)
        elif how == 3:
            word = rng.choice(vocabulary)
            place = rng.randint(0, len(text))
            text = text[:place] + word + text[place:]
        elif how == 4:
            lines[at] = rng.choice(vocabulary)
            text = b"\n".join(lines)
        else:
            text = mutated_bytes(rng, text, 2)
    return text


def nonsense(rng: random.Random, depth: int = 0) -> Any:
    """Any JSON value."""
    kind = rng.randrange(10 if depth < 4 else 7)
    if kind == 0:
        return None
    if kind == 1:
        return rng.choice((True, False))
    if kind in (2, 3):
        return rng.choice(NUMBERS)
    if kind == 4:
        return rng.choice((0.5, -1e308, float("inf"), float("nan")))
    if kind in (5, 6):
        return rng.choice(WORDS)
    if kind == 7:
        return [nonsense(rng, depth + 1) for _ in range(rng.randrange(4))]
    if kind == 8:
        return {rng.choice(WORDS): nonsense(rng, depth + 1) for _ in range(rng.randrange(4))}
    return nested(rng.choice((2, 10, 200)))


def nested(depth: int) -> Any:
    """A list in a list in a list..."""
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


def mutated_value(rng: random.Random, value: Any, odds: float = 0.15) -> Any:
    """A JSON value with some of its parts replaced, dropped or doubled."""
    if rng.random() < odds / 2:
        return nonsense(rng)
    if isinstance(value, dict):
        found = {key: mutated_value(rng, each, odds) for key, each in value.items() if rng.random() > odds / 4}
        if rng.random() < odds / 4:
            found[rng.choice(WORDS)] = nonsense(rng)
        return found
    if isinstance(value, list):
        items = [mutated_value(rng, each, odds) for each in value if rng.random() > odds / 4]
        return items * rng.choice((1, 1, 1, 1, 2))
    if isinstance(value, str) and rng.random() < odds:
        place = rng.randint(0, len(value))
        return value[:place] + rng.choice(WORDS) + value[place:]
    if isinstance(value, int) and not isinstance(value, bool) and rng.random() < odds:
        return rng.choice(NUMBERS)
    return value


def pieces(rng: random.Random, data: bytes) -> list[bytes]:
    """The bytes cut into pieces, as a network may."""
    if rng.random() < 0.3:
        return [data]
    cuts = sorted(rng.randint(0, len(data)) for _ in range(rng.randint(0, 6)))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


def _put_number(rng: random.Random, data: bytearray) -> None:
    form = rng.choice(_FORMATS)
    size = struct.calcsize(form)
    if len(data) < size:
        return
    at = rng.randrange(len(data) - size + 1)
    if rng.random() < 0.7:
        at -= at % size
    if rng.random() < 0.3:
        (old,) = struct.unpack_from(form, data, at)
        number = old + rng.choice((-1, 1, 2, -2, 16))
    else:
        number = rng.choice(NUMBERS)
    data[at : at + size] = (number & ((1 << 8 * size) - 1)).to_bytes(size, "little" if form[0] == "<" else "big")


def _span(rng: random.Random, data: bytearray) -> tuple[int, int]:
    start = rng.randint(0, len(data))
    return start, min(len(data), start + rng.choice((1, 1, 2, 4, 8, 10, 26, 64, 500)))


def _delete(rng: random.Random, data: bytearray) -> None:
    start, end = _span(rng, data)
    del data[start:end]


def _double(rng: random.Random, data: bytearray) -> None:
    start, end = _span(rng, data)
    data[start:start] = data[start:end] * rng.choice((1, 1, 3, 50))


def _insert(rng: random.Random, data: bytearray) -> None:
    start, _ = _span(rng, data)
    data[start:start] = rng.randbytes(rng.choice((1, 2, 4, 16)))


def _fill(rng: random.Random, data: bytearray) -> None:
    start, end = _span(rng, data)
    data[start:end] = bytes([rng.choice((0, 0xFF, 0x80, 0x0A, 0x20))]) * (end - start)


def _cut(rng: random.Random, data: bytearray) -> None:
    del data[rng.randint(0, len(data)) :]


def _move(rng: random.Random, data: bytearray) -> None:
    start, end = _span(rng, data)
    moved = data[start:end]
    del data[start:end]
    at = rng.randint(0, len(data))
    data[at:at] = moved


def _flip(rng: random.Random, data: bytearray) -> None:
    if data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _exchange_number(rng: random.Random, text: bytes) -> bytes:
    numbers = list(_NUMBER.finditer(text))
    if not numbers:
        return text
    chosen = rng.choice(numbers)
    return text[: chosen.start()] + str(rng.choice(NUMBERS)).encode() + text[chosen.end() :]


_EDITS: Final[tuple[Callable[[random.Random, bytearray], None], ...]] = (
    *(_put_number, _put_number, _put_number, _flip, _flip),
    *(_delete, _double, _insert, _fill, _move, _cut),
)
