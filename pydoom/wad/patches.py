"""Patches: graphics made of columns of opaque posts (``patch_t`` and ``column_t`` of ``r_defs.h``, ``v_patch.h``).

The original draws a post with a texture row masked by 127 and no length check, so it may read bytes after the post: the
padding byte, the next post's header, and so on. `Patch.windows` includes those bytes; past the end of the lump they
are 0.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.wad.archive import Lump, printable
from pydoom.wad.errors import WadError
from pydoom.wad.source import Cost

MAX_PIXELS: Final = 8 * 1024 * 1024
"""Most pixels of a patch; a larger one counts as damaged."""

MAX_POSTS: Final = 512
"""Rows are bytes, so an honest column has at most 128 posts."""

WINDOW: Final = 128
"""Bytes of a column or post that the original's column drawers can reach."""

Posts = list[tuple[int, bytes]]
"""The posts of one column: (rows from the top, palette indexes)."""


@dataclass(frozen=True, eq=False)
class Patch:
    """A graphic with holes, in the WAD's picture format.

    `leftoffset` and `topoffset` are in pixels. `posts[x]` are column x's posts, `post_offsets[x]` the places of their
    first pixels in `data`, the raw lump. `columnofs` int32[width] are the places of the columns.
    """

    name: str
    width: int
    height: int
    leftoffset: int
    topoffset: int
    posts: list[Posts]
    post_offsets: list[list[int]]
    columnofs: list[int]
    data: bytes = field(repr=False)

    def windows(self, x: int) -> NDArray[np.uint8]:
        """uint8[posts, 128]: the bytes from each post's first pixel on, for column x."""
        return windows(self.data, self.post_offsets[x])

    def posts_between(self, first: int, end: int) -> int:
        """How many posts the columns from `first` to `end` - 1 have."""
        starts = self._post_starts
        return starts[end] - starts[first] if first < end else 0

    @cached_property
    def _post_starts(self) -> list[int]:
        return [0, *accumulate(map(len, self.posts))]

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
        pixels = np.zeros((self.height, self.width), np.uint8)
        mask = np.zeros((self.height, self.width), np.bool_)
        for x, column in enumerate(self.posts):
            draw_posts(column, pixels[:, x], mask[:, x], 0)
        pixels.flags.writeable = False
        mask.flags.writeable = False
        return pixels, mask


def windows(data: bytes, starts: Sequence[int]) -> NDArray[np.uint8]:
    """uint8[len(starts), 128]: the 128 bytes of `data` from each start, 0 where there are none."""
    found = b"".join([_window(data, start) for start in starts])
    return np.frombuffer(found, np.uint8).reshape(-1, WINDOW)


def _window(data: bytes, start: int) -> bytes:
    if start < 0:
        data = bytes(min(-start, WINDOW)) + data[: max(start + WINDOW, 0)]
        start = 0
    return data[start : start + WINDOW].ljust(WINDOW, b"\0")


def read_posts(data: bytes, at: int) -> tuple[Posts, list[int]]:
    """Posts of the column whose first post header is at `at`, and where their pixels are; bytes past the end are 0."""
    posts: Posts = []
    offsets: list[int] = []
    size = len(data)
    while 0 <= at < size - 1 and data[at] != 0xFF:
        length = data[at + 1]
        offsets.append(at + 3)
        posts.append((data[at], data[at + 3 : at + 3 + length].ljust(length, b"\0")))
        at += length + 4
        if len(posts) > MAX_POSTS:
            raise WadError("a column has no end")
    return posts, offsets


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
    posts: list[Posts] = []
    offsets: list[list[int]] = []
    count = pixels = 0
    posts_left = source.left(Cost.POSTS)
    for x, at in enumerate(columnofs):
        if not 8 <= at < len(data):
            raise source.error(f"{name} is damaged: column {x} lies outside the lump")
        try:
            column, places = read_posts(data, at)
        except WadError as error:
            raise source.error(f"{name} is damaged: {error}") from None
        count += len(column)
        pixels += sum(len(post) for _, post in column)
        if pixels > MAX_PIXELS:
            raise source.error(f"{name} is damaged: its columns overlap too much")
        if count > posts_left:
            break
        posts.append(column)
        offsets.append(places)
    source.spend(Cost.POSTS, count, name)
    source.spend(Cost.PIXELS, pixels, name)
    return Patch(lump.name, width, height, left, top, posts, offsets, columnofs, data)


def draw_posts(posts: Posts, pixels: NDArray[np.uint8], mask: NDArray[np.bool_], originy: int) -> None:
    """Copy a column's posts into uint8[height] `pixels`, `originy` rows down (``R_DrawColumnInCache``)."""
    height = len(pixels)
    for topdelta, source in posts:
        top = originy + topdelta
        skip = max(-top, 0)
        # the original clips the count but still reads from the post's first byte
        count = min(len(source) - skip, height - max(top, 0))
        if count > 0:
            start = max(top, 0)
            pixels[start : start + count] = np.frombuffer(source, np.uint8, count)
            mask[start : start + count] = True
