"""BLOCKMAP for a level that the original itself can load: offsets below 32,768.

`wad.blockmap` rebuilds what is missing as Crispy Doom does, for levels of any size. Here the lump has to fit into the
original's signed 16-bit offsets, so blocks with equal lines share their list. The grid begins where no line on a
multiple of 8 runs along the edge of a block: each line is in one column or row of blocks, and nobody can shoot
between two.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydoom.fleetmap.draft import Point
from pydoom.fleetmap.errors import FleetMapError

BLOCK: Final = 128
"""Width of a block in map units."""
MARGIN: Final = 12
"""Map units from the grid's corner to the level's, four more than the original's tools leave."""
MAX_WORDS: Final = 0x8000
"""``short`` offsets count the words from the lump's beginning."""
_END: Final = -1


def build_blockmap(ends: Sequence[tuple[int, int, int, int]]) -> list[int]:
    """The lump's words from the lines' ends (x1, y1, x2, y2); raises FleetMapError when they are too many."""
    left = min(min(x1, x2) for x1, _, x2, _ in ends) - MARGIN
    bottom = min(min(y1, y2) for _, y1, _, y2 in ends) - MARGIN
    columns = (max(max(x1, x2) for x1, _, x2, _ in ends) - left) // BLOCK + 1
    rows = (max(max(y1, y2) for _, y1, _, y2 in ends) - bottom) // BLOCK + 1
    blocks: dict[int, list[int]] = {}
    for number, (x1, y1, x2, y2) in enumerate(ends):
        for column, row in _crossed((x1 - left, y1 - bottom), (x2 - left, y2 - bottom)):
            blocks.setdefault(row * columns + column, []).append(number)
    first_list = 4 + columns * rows
    offsets: list[int] = []
    lists: list[int] = []
    known: dict[tuple[int, ...], int] = {}
    for block in range(columns * rows):
        lines = tuple(blocks.get(block, ()))
        at = known.get(lines)
        if at is None:
            known[lines] = at = first_list + len(lists)
            lists += (0, *lines, _END)
        offsets.append(at)
    words = [left, bottom, columns, rows, *offsets, *lists]
    if len(words) > MAX_WORDS:
        raise FleetMapError(f"the level is too large: its block map has {len(words):,} words, of at most {MAX_WORDS:,}")
    return words


def _crossed(start: Point, end: Point) -> list[tuple[int, int]]:
    """(column, row) of the blocks that a line touches, its ends counted from the grid's corner."""
    (x1, y1), (x2, y2) = start, end
    first_column, last_column = sorted((x1 // BLOCK, x2 // BLOCK))
    first_row, last_row = sorted((y1 // BLOCK, y2 // BLOCK))
    boxes = [(column, row) for row in range(first_row, last_row + 1) for column in range(first_column, last_column + 1)]
    if x1 == x2 or y1 == y2:
        return boxes
    return [(column, row) for column, row in boxes if _touches(start, end, column * BLOCK, row * BLOCK)]


def _touches(start: Point, end: Point, left: int, bottom: int) -> bool:
    """Whether a line, which shares columns and rows with a block, meets it: its corners are not all on one side."""
    (x1, y1), (x2, y2) = start, end
    sides = [
        (x - x1) * (y2 - y1) - (y - y1) * (x2 - x1) for x in (left, left + BLOCK) for y in (bottom, bottom + BLOCK)
    ]
    return min(sides) <= 0 <= max(sides)
