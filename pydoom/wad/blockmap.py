"""BLOCKMAP: which lines lie in each block of 128 x 128 map units, read or rebuilt (``P_LoadBlockMap``).

A lump that is missing, empty or too large for its own 16-bit offsets, or that refers to missing lines, is rebuilt
from the lines as in Crispy Doom (``P_CreateBlockMap``): the order of a block's lines, the highest first, decides
what is hit, so demos recorded there play here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from pydoom.wad.archive import Lump
from pydoom.wad.errors import WadError
from pydoom.wad.mapdata import Int32Array

HEADER: Final = 4
"""Words before the offsets: origin x, y in map units, columns, rows."""
END: Final = -1
MAX_WORDS: Final = 0xFFFF
MAX_LISTED: Final = 1_000_000
"""Most line numbers in all blocks' lists together, which may share words."""

_BLOCK_BITS: Final = 7
_LAST_UNIT: Final = (1 << _BLOCK_BITS) - 1


def read_blockmap(lump: Lump | None, line_count: int) -> Int32Array | None:
    """The lump's words int32[N], offsets and line numbers unsigned; None when it must be rebuilt."""
    if lump is None or not HEADER < len(lump.view) // 2 <= MAX_WORDS:
        return None
    words = np.frombuffer(lump.data, "<i2", len(lump.view) // 2).astype(np.int32)
    lists = words[HEADER:]
    lists[lists != END] &= 0xFFFF
    words.flags.writeable = False
    return words if _is_sound(words, line_count) else None


def _is_sound(words: Int32Array, line_count: int) -> bool:
    """Whether every block's list lies in the lump, ends there, and names lines that exist."""
    width, height = int(words[2]), int(words[3])
    if width <= 0 or height <= 0 or HEADER + width * height > len(words):
        return False
    starts = words[HEADER : HEADER + width * height]
    ends = np.flatnonzero(words == END)
    if starts.min() < 0 or starts.max() >= len(words) or not len(ends) or starts.max() > ends[-1]:
        return False
    # the original skips no word: the 0 that begins each list is a line number too
    first_end = ends[np.searchsorted(ends, starts)]
    reach = np.zeros(len(words) + 1, np.int32)
    np.add.at(reach, starts, 1)
    np.add.at(reach, first_end, -1)
    listed = words[reach[:-1].cumsum() > 0]
    # lists that share their tails cost nothing in the lump, but their total length is what a level keeps in memory
    return bool((listed < line_count).all()) and int((first_end - starts).sum()) <= MAX_LISTED


def build_blockmap(vertexes: Int32Array, ends: Int32Array) -> Int32Array:
    """The words of such a lump, from `vertexes` int32[N, 2] in map units and the vertex numbers `ends` int32[lines, 2].

    Raises WadError when the lines cross more blocks than a level may have.
    """
    low = vertexes.min(axis=0)
    columns, rows = ((vertexes.max(axis=0) - low) >> _BLOCK_BITS) + 1
    blocks: list[list[int]] = [[] for _ in range(int(columns) * int(rows))]
    places = (vertexes - low)[ends].reshape(-1, 4).tolist()
    listed = 0
    for number, (x1, y1, x2, y2) in enumerate(places):
        for block in _crossed(x1, y1, x2, y2, int(columns)):
            if not 0 <= block < len(blocks):
                break
            blocks[block].append(number)
            listed += 1
        if listed > MAX_LISTED:
            raise WadError(f"its lines cross more than {MAX_LISTED:,} blocks")
    empty = HEADER + len(blocks)
    offsets: list[int] = []
    lists = [0, END]
    for lines in blocks:
        offsets.append(empty + len(lists) if lines else empty)
        if lines:
            lists += [0, *reversed(lines), END]
    words = np.array([*low.tolist(), columns, rows, *offsets, *lists], np.int32)
    words.flags.writeable = False
    return words


def _crossed(x1: int, y1: int, x2: int, y2: int, columns: int) -> Iterator[int]:
    """Numbers of the blocks from one point to another, one step along x or y at a time; may not meet the last one."""
    dx, dy = x2 - x1, y2 - y1
    step_x, step_y = (-1 if dx < 0 else 1), (-columns if dy < 0 else columns)
    if dx == 0:
        balance = 1
    elif dy == 0:
        balance = -1
    else:
        # distances to the block's edges in the direction of the line, scaled so that they can be compared
        edge_x = (x1 & ~_LAST_UNIT) + (_LAST_UNIT if dx > 0 else 0) - x1
        edge_y = (y1 & ~_LAST_UNIT) + (_LAST_UNIT if dy > 0 else 0) - y1
        balance = abs(edge_x) * abs(dy) - abs(edge_y) * abs(dx)
    block = (y1 >> _BLOCK_BITS) * columns + (x1 >> _BLOCK_BITS)
    last = (y2 >> _BLOCK_BITS) * columns + (x2 >> _BLOCK_BITS)
    across_x, across_y = dx << _BLOCK_BITS, dy << _BLOCK_BITS
    if dx and dy:
        across_x, across_y = abs(across_x), abs(across_y)
    yield block
    while block != last:
        if balance < 0:
            balance += across_y
            block += step_x
        else:
            balance -= across_x
            block += step_y
        yield block
