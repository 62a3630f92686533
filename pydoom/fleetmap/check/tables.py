"""BLOCKMAP and REJECT: in the original's format, and nothing missing that can be touched or seen."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from pydoom.fleetmap.check.geometry import Geometry
    from pydoom.wad import MapData

BLOCK: Final = 128
MAX_OFFSET: Final = 0x7FFF
SIGHTS: Final = 500
"""Random lines of sight that are looked up in REJECT."""
_HEADER: Final = 4
_END: Final = -1
_NEAR: Final = 512


def check_blockmap(data: MapData) -> Iterator[str]:
    """Every line is listed where it runs and nowhere else, in lists as the original reads them."""
    words = data.blockmap.tolist()
    left, bottom, columns, rows = words[:_HEADER]
    lists: dict[int, frozenset[int]] = {}
    listed: list[frozenset[int]] = []
    for block, at in enumerate(words[_HEADER : _HEADER + columns * rows]):
        if at > MAX_OFFSET:
            yield f"the list of block {block} begins at {at}, which the original takes for a negative number"
            return
        if at not in lists:
            if words[at] != 0:
                yield f"the list of block {block} does not begin with 0"
            lists[at] = frozenset(words[at + 1 : words.index(_END, at)])
        listed.append(lists[at])
    ends = data.vertexes[data.linedefs[:, :2]].reshape(-1, 4).tolist()
    for number, (x1, y1, x2, y2) in enumerate(ends):
        wanted = set(_blocks(x1 - left, y1 - bottom, x2 - left, y2 - bottom, columns))
        if any(not 0 <= block < len(listed) for block in wanted):
            yield f"line {number} leaves the block map"
        elif missing := [block for block in wanted if number not in listed[block]]:
            yield f"line {number} is missing in block {missing[0]}"
    for block, numbers in enumerate(listed):
        x, y = left + block % columns * BLOCK, bottom + block // columns * BLOCK
        for number in numbers:
            x1, y1, x2, y2 = ends[number]
            if max(x1, x2) < x or min(x1, x2) > x + BLOCK or max(y1, y2) < y or min(y1, y2) > y + BLOCK:
                yield f"line {number} is listed in block {block}, where it is not"


def check_reject(data: MapData, geometry: Geometry) -> Iterator[str]:
    """One bit for each pair of sectors, set only for those that never see each other."""
    count = len(data.sectors)
    if len(data.reject) != (count * count + 7) // 8:
        yield f"REJECT has {len(data.reject)} bytes for {count} sectors"
        return
    bits = np.unpackbits(np.frombuffer(data.reject, np.uint8), bitorder="little")[: count * count].reshape(count, count)
    if bits.diagonal().any():
        yield "REJECT keeps a sector from seeing itself"
    if (bits != bits.T).any():
        yield "REJECT differs with who looks at whom"
    chance = random.Random(1)
    (low_x, low_y), (high_x, high_y) = data.vertexes.min(axis=0).tolist(), data.vertexes.max(axis=0).tolist()
    for _ in range(SIGHTS):
        start = chance.randrange(low_x, high_x) + 0.37, chance.randrange(low_y, high_y) + 0.41
        sector = geometry.sector_at(*start)
        if sector < 0:
            continue
        end = start[0] + chance.randint(-_NEAR, _NEAR), start[1] + chance.randint(-_NEAR, _NEAR)
        other = geometry.sector_at(*end)
        if other >= 0 and bits[sector, other] and geometry.is_open(start, end):
            yield f"REJECT hides sector {other} from sector {sector}, which sees it from {start} at {end}"


def _blocks(x1: int, y1: int, x2: int, y2: int, columns: int) -> Iterator[int]:
    """Numbers of the blocks that a line passes through, sampled at every unit."""
    steps = max(abs(x2 - x1), abs(y2 - y1))
    last = -1
    for step in range(0, steps + 1, 8 if x1 == x2 or y1 == y2 else 1):
        x, y = x1 + (x2 - x1) * step // steps, y1 + (y2 - y1) * step // steps
        block = y // BLOCK * columns + x // BLOCK
        if block != last:
            last = block
            yield block
