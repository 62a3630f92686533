"""The posts of a patch's columns, as plain numbers (``column_t``).

A level has tens of thousands of posts. So they are lists of numbers for a patch, not an object each, which the garbage
collector would visit again and again. Belongs to the compiled core.
"""

from __future__ import annotations

from typing import Final

from pydoom.wad.errors import WadError

MAX_POSTS: Final = 512
"""Rows are bytes, so an honest column has at most 128 posts."""
LONGEST_POST: Final = 255
_LAST: Final = 0xFF
"""Instead of a post's row: the column has no more posts."""
_OPAQUE: Final = b"\1" * LONGEST_POST


class PatchPosts:
    """Column x has the posts `first[x]` to `first[x + 1]` - 1.

    Of each post: `top` (rows from the patch's top), `length` (rows), and `place` of its first pixel in the lump, which
    may end before the post does. `pixels` is the sum of all lengths.
    """

    __slots__ = ("first", "length", "pixels", "place", "top")

    def __init__(self) -> None:
        self.first: list[int] = [0]
        self.top: list[int] = []
        self.length: list[int] = []
        self.place: list[int] = []
        self.pixels = 0

    def read_column(self, data: bytes, at: int) -> None:
        """Add the column whose first post begins at `at` in the lump; WadError when it does not end."""
        top, length, place = self.top, self.length, self.place
        size = len(data)
        left = MAX_POSTS
        while 0 <= at < size - 1:
            row = data[at]
            if row == _LAST:
                break
            if left == 0:
                raise WadError("a column has no end")
            left -= 1
            rows = data[at + 1]
            top.append(row)
            length.append(rows)
            place.append(at + 3)
            self.pixels += rows
            at += rows + 4
        self.first.append(len(top))

    def draw_column(
        self, x: int, data: bytes, pixels: bytearray, start: int, height: int, originy: int, mask: bytearray | None
    ) -> None:
        """Copy a column into `pixels[start:start + height]`, `originy` rows down (``R_DrawColumnInCache``).

        `data` is the lump and LONGEST_POST zero bytes more. The same places in `mask` become 1.
        """
        for post in range(self.first[x], self.first[x + 1]):
            row = originy + self.top[post]
            count = self.length[post]
            if row < 0:
                # the original clips the count but still reads from the post's first byte
                count += row
                row = 0
            if count > height - row:
                count = height - row
            if count > 0:
                place, to = self.place[post], start + row
                pixels[to : to + count] = data[place : place + count]
                if mask is not None:
                    mask[to : to + count] = _OPAQUE[:count]
