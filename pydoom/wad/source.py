"""A file that lumps come from, and the budget for decoding its lumps.

Each item of a WAD is checked by itself: a patch's columns lie in its lump, a sound is as long as it says. Their
product is not bounded by that, since items may share bytes: 20,000 places of one wide patch in one texture, thousands
of columns that begin at one post, a second of sound at a rate of 1. So everything decoded is paid for from one budget
for each file, before the work is done.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Final

from pydoom.wad.errors import WadError


class Cost(Enum):
    """What a budget counts: how much of it a file may have, and what it is called."""

    POSTS = (1_500_000, "posts in its patches")
    MASKED_POSTS = (2_000_000, "posts in textures with holes")
    PIXELS = (256 << 20, "pixels in its graphics")
    PLACES = (500_000, "patches in its textures")
    COLUMNS = (1_000_000, "columns in its textures")
    PATCH_COLUMNS = (2_000_000, "columns of patches in its textures")
    COMPOSED_POSTS = (2_000_000, "posts drawn into its textures")
    FLATS = (8_192, "flats")
    SOUND_FRAMES = (30_000_000, "samples in its sounds at 44,100 Hz")

    def __init__(self, limit: int, what: str) -> None:
        self.limit = limit
        self.what = what


class Source:
    """One loaded file: its `path` (None for lumps made by hand), and what has been `spent` of its budget."""

    __slots__ = ("path", "spent")

    def __init__(self, path: Path | None = None) -> None:
        self.path: Final = path
        self.spent: dict[Cost, int] = dict.fromkeys(Cost, 0)

    def spend(self, cost: Cost, amount: int, what: str) -> None:
        """Pay for decoding `what`, or raise WadError."""
        self.spent[cost] += amount
        if self.spent[cost] > cost.limit:
            raise self.error(f"too much to load: more than {cost.limit:,} {cost.what} (at {what})")

    def left(self, cost: Cost) -> int:
        """How much may still be spent."""
        return cost.limit - self.spent[cost]

    def error(self, complaint: str) -> WadError:
        """A WadError that names this file."""
        return WadError(complaint if self.path is None else f"{self.path}: {complaint}")
