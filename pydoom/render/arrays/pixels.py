"""Filling strips and spans: one gather from the textures, one through the colormaps, one scatter to the frame.

Work is done in pieces of about 32k pixels, so that the temporaries stay in the processor's cache. Indexes are as narrow
as they can be for the same reason (``R_DrawColumn``, ``R_DrawSpan``).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.render.arrays.arith import I64, U8, U32, ragged
from pydoom.render.arrays.masked import PostStrips
from pydoom.render.colours import TRANSLATIONS

_PIECE: Final = 1 << 15
_LARGE_BLOCK: Final = 31 << 20
_LOW_BYTE: Final = 0 if sys.byteorder == "little" else 1
_TRANSLATIONS: Final = [np.frombuffer(table, np.uint8) for table in TRANSLATIONS]


class Painter:
    """Draws into one frame: `flat` uint8[height * stride], `origin` being the place of the view's first pixel."""

    def __init__(self) -> None:
        self.flat: U8 = np.zeros(0, np.uint8)
        self.stride = 0
        self.origin = 0
        self._number = np.arange(2 * _PIECE)
        self._number32: U32 = self._number.astype(np.uint32)
        self._down = self._number

    def aim(self, frame: U8, left: int, top: int) -> None:
        """Draw into `frame` from now on, with the view's first pixel at (left, top)."""
        stride = frame.shape[1]
        if stride != self.stride:
            self._down = self._number * stride
        self.flat = frame.reshape(-1)
        self.stride = stride
        self.origin = top * stride + left

    def strips(
        self, pixels: U8, colormaps: U8, x: I64, top: I64, count: I64, source: I64, colormap: I64, frac: U32, step: U32
    ) -> None:
        """Vertical strips: `source` places of 128-byte columns, `frac` and `step` 16.16 rows, row masked by 127."""
        dest = top * self.stride
        dest += x
        dest += self.origin
        # the mask would drop the upper bits of a row anyway: shift them out, and the mask becomes a shift
        frac = np.left_shift(frac, 9)
        step = np.left_shift(step, 9)
        source = source.astype(np.uint32)
        light = colormap.astype(np.uint16)
        for part, starts, total in _pieces(count):
            counts = count[part]
            rows = step[part]
            row = (frac[part] - rows * starts.astype(np.uint32)).repeat(counts)
            slope = rows.repeat(counts)
            slope *= self._number32[:total]
            row += slope
            row >>= 25
            row += source[part].repeat(counts)
            place = (dest[part] - starts * self.stride).repeat(counts)
            place += self._down[:total]
            self._paint(pixels, colormaps, row, light[part].repeat(counts), place)

    def posts(self, pixels: U8, colormaps: U8, posts: PostStrips) -> None:
        """Posts in order, with the colours of other players where they are translated."""
        translated = posts.translation != 0
        if not translated.any():
            self.strips(
                pixels,
                colormaps,
                posts.x,
                posts.top,
                posts.count,
                posts.source,
                posts.colormap,
                posts.frac.astype(np.uint32),
                posts.step.astype(np.uint32),
            )
            return
        cuts = [0, *(np.flatnonzero(posts.translation[1:] != posts.translation[:-1]) + 1).tolist(), len(translated)]
        for first, last in pairwise(cuts):
            part = posts.part(slice(first, last))
            if translated[first]:
                self._translated(pixels, colormaps, part, _TRANSLATIONS[int(part.translation[0]) - 1])
            else:
                self.posts(pixels, colormaps, part)

    def _translated(self, pixels: U8, colormaps: U8, posts: PostStrips, table: U8) -> None:
        """``R_DrawTranslatedColumn``: rows are not masked by 127."""
        counts = posts.count
        offset, _ = ragged(counts)
        row = (posts.frac.repeat(counts) + offset * posts.step.repeat(counts)).astype(np.int32) >> 16
        texel = table.take(pixels.take(posts.source.repeat(counts) + row, mode="clip"))
        place = (posts.top * self.stride + posts.x + self.origin).repeat(counts) + offset * self.stride
        self.flat[place] = colormaps.take(posts.colormap.repeat(counts) + texel)

    def spans(
        self, flats: U8, colormaps: U8, x: I64, y: I64, count: I64, source: I64, colormap: I64, position: U32, step: U32
    ) -> None:
        """Horizontal spans: `source` places of 64x64 flats, `position` and `step` packed 6.10 coordinates."""
        dest = y * self.stride
        dest += x
        dest += self.origin
        source = source.astype(np.uint32)
        light = colormap.astype(np.uint16)
        for part, starts, total in _pieces(count):
            counts = count[part]
            steps = step[part]
            spot = (position[part] - steps * starts.astype(np.uint32)).repeat(counts)
            slope = steps.repeat(counts)
            slope *= self._number32[:total]
            spot += slope
            row = spot >> 4
            row &= 0xFC0
            spot >>= 26
            spot |= row
            spot += source[part].repeat(counts)
            place = (dest[part] - starts).repeat(counts)
            place += self._number[:total]
            self._paint(flats, colormaps, spot, light[part].repeat(counts), place)

    def _paint(self, pixels: U8, colormaps: U8, texel: U32, light: NDArray[np.uint16], place: I64) -> None:
        """Put pixels[texel] through the colormaps at `light`, multiples of 256, into the frame."""
        light.view(np.uint8)[_LOW_BYTE::2] = pixels.take(texel, mode="clip")
        self.flat[place] = colormaps.take(light, mode="clip")


def keep_freed_memory() -> None:
    """Have glibc keep the memory of freed temporaries instead of returning it to the system.

    Getting it back would take a fifth of a frame's time. Whoever frees a large block shows that such sizes come and go:
    from then on glibc keeps twice as much (M_TRIM_THRESHOLD in mallopt(3)). The block is never written to, so it takes
    no memory. Other allocators are not affected.
    """
    np.empty(_LARGE_BLOCK, np.uint8)


def _pieces(count: I64) -> Iterator[tuple[slice, I64, int]]:
    """Cut groups of `count` pixels into pieces of about 32k: (groups, where each starts in the piece, pixels)."""
    if not len(count):
        return
    ends = count.cumsum()
    total = int(ends[-1])
    if total <= _PIECE:
        yield slice(None), ends - count, total
        return
    starts = ends - count
    cuts = ends.searchsorted(range(_PIECE, total, _PIECE)).tolist()
    first, before = 0, 0
    for last in dict.fromkeys([*cuts, len(count) - 1]):
        part = slice(first, last + 1)
        end = int(ends[last])
        yield part, starts[part] - before, end - before
        first, before = last + 1, end
