"""Patches: graphics made of columns of opaque posts (``patch_t`` and ``column_t`` of ``r_defs.h``, ``v_patch.h``).

The original draws a post with a texture row masked by 127 and no length check, so it may read bytes after the post: the
padding byte, the next post's header, and so on. `Patch.windows` includes those bytes; past the end of the lump they
are 0.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from pydoom.wad.archive import Lump, printable
from pydoom.wad.errors import WadError
from pydoom.wad.posts import LONGEST_POST, PatchPosts
from pydoom.wad.source import Cost

MAX_PIXELS: Final = 8 * 1024 * 1024
"""Most pixels of a patch; a larger one counts as damaged."""

WINDOW: Final = 128
"""Bytes of a column or post that the original's column drawers can reach."""

_PADDING: Final = bytes(LONGEST_POST + 3)
"""So many bytes behind a lump may be read as a post's pixels."""


_Kind = TypeVar("_Kind", np.uint8, np.bool_)


@dataclass(frozen=True, eq=False)
class Patch:
    """A graphic with holes, in the WAD's picture format.

    `leftoffset` and `topoffset` are in pixels. `posts` are the columns', with their places in `data`, the raw lump.
    `columnofs` int32[width] are the places of the columns.
    """

    name: str
    width: int
    height: int
    leftoffset: int
    topoffset: int
    posts: PatchPosts
    columnofs: list[int]
    data: bytes = field(repr=False)

    def windows(self, x: int) -> NDArray[np.uint8]:
        """uint8[posts, 128]: the bytes from each post's first pixel on, for column x."""
        first = self.posts.first
        return windows(self.data, self.posts.place[first[x] : first[x + 1]])

    def posts_between(self, first: int, end: int) -> int:
        """How many posts the columns from `first` to `end` - 1 have."""
        starts = self.posts.first
        return starts[end] - starts[first] if first < end else 0

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """uint8[height, width]: palette indexes, 0 where `mask` is False."""
        return self._picture[0]

    @property
    def mask(self) -> NDArray[np.bool_]:
        """bool[height, width]: where there is a pixel."""
        return self._picture[1]

    @cached_property
    def _picture(self) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """Decode the pixels when first asked for: the 3-D view needs only the posts."""
        return compose([(self, 0, 0)], self.width, self.height)


def windows(data: bytes, starts: Sequence[int]) -> NDArray[np.uint8]:
    """uint8[len(starts), 128]: the 128 bytes of `data` from each start, 0 where there are none."""
    found = b"".join([_window(data, start) for start in starts])
    return np.frombuffer(found, np.uint8).reshape(-1, WINDOW)


def _window(data: bytes, start: int) -> bytes:
    if start < 0:
        data = bytes(min(-start, WINDOW)) + data[: max(start + WINDOW, 0)]
        start = 0
    return data[start : start + WINDOW].ljust(WINDOW, b"\0")


def read_patch(lump: Lump) -> Patch:
    """Decode a patch lump, or raise WadError."""
    data = lump.data
    source, name = lump.source, f"patch {printable(lump.name)}"
    if len(data) < 8:
        raise source.error(f"{name} is damaged: only {len(data)} bytes")
    width, height, left, top = struct.unpack_from("<4h", data)
    if width <= 0 or height <= 0 or len(data) < 8 + 4 * width or width * height > MAX_PIXELS:
        raise source.error(f"{name} is damaged: {width}x{height} in {len(data)} bytes")
    source.spend(Cost.PIXELS, len(data) + width * height, name)
    columnofs = list(struct.unpack_from(f"<{width}i", data, 8))
    posts = PatchPosts()
    posts_left = source.left(Cost.POSTS)
    for x, at in enumerate(columnofs):
        if not 8 <= at < len(data):
            raise source.error(f"{name} is damaged: column {x} lies outside the lump")
        try:
            posts.read_column(data, at)
        except WadError as error:
            raise source.error(f"{name} is damaged: {error}") from None
        if posts.pixels > MAX_PIXELS:
            raise source.error(f"{name} is damaged: its columns overlap too much")
        if len(posts.top) > posts_left:
            break
    source.spend(Cost.POSTS, len(posts.top), name)
    source.spend(Cost.PIXELS, posts.pixels, name)
    return Patch(lump.name, width, height, left, top, posts, columnofs, data)


def draw_columns(
    patch: Patch,
    columns: Iterable[tuple[int, int]],
    pixels: bytearray,
    height: int,
    originy: int,
    mask: bytearray | None = None,
) -> None:
    """Copy columns of a patch into columns of `height` bytes: pairs of column and its place in `pixels` and `mask`."""
    data = patch.data + _PADDING
    draw = patch.posts.draw_column
    for x, start in columns:
        draw(x, data, pixels, start, height, originy, mask)


def compose(
    patches: Sequence[tuple[Patch, int, int]], width: int, height: int
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Pixels and mask, both [height, width] and read-only, of patches drawn in order at (originx, originy)."""
    pixels, mask = bytearray(width * height), bytearray(width * height)
    for patch, originx, originy in patches:
        there = range(max(originx, 0), min(originx + patch.width, width))
        draw_columns(patch, ((x - originx, x * height) for x in there), pixels, height, originy, mask)
    return _rows(pixels, np.uint8, width), _rows(mask, np.bool_, width)


def _rows(columns: bytearray, kind: type[_Kind], width: int) -> NDArray[_Kind]:
    """An array of `width` columns as rows, read-only."""
    rows = np.ascontiguousarray(np.frombuffer(columns, kind).reshape(width, -1).T)
    rows.flags.writeable = False
    return rows
