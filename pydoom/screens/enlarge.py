"""Frames larger than the original's: enlarged 320x200 graphics over a 3-D view of any size.

The graphics are drawn as always, into a frame of 16 bits a pixel, which has room for a value that is not a
colour: where the frame says `SEE_THROUGH`, the view shows. The view itself is drawn into the large framebuffer.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pydoom.screens.video import SCREENHEIGHT, SCREENWIDTH, SEE_THROUGH, Frame

_NONE: Final = 0
_SOME: Final = 1
_ALL: Final = 2

_Indexes: TypeAlias = NDArray[np.intp]


def _sources(large: int, small: int) -> tuple[_Indexes, list[int]]:
    """For each of `large` pixels the one of `small` it shows; for each of those (and the end) its first large pixel."""
    shown = np.arange(large) * small // large
    return shown, shown.searchsorted(np.arange(small + 1)).tolist()


class Enlarger:
    """Combines the view and the graphics over it in one framebuffer, uint8[height_px, width_px].

    Each large pixel shows the small one it lies on; whole multiples of 320x200 repeat every pixel alike.
    """

    def __init__(self, width_px: int, height_px: int, colormaps: NDArray[np.uint8]) -> None:
        """`colormaps`: the COLORMAP lump, uint8[34,256], for graphics that darken what they cover."""
        self.framebuffer: NDArray[np.uint8] = np.zeros((height_px, width_px), np.uint8)
        self._colormaps = colormaps
        self._columns, self._lefts = _sources(width_px, SCREENWIDTH)
        self._rows, self._tops = _sources(height_px, SCREENHEIGHT)

    def lay_over(self, frame: Frame, framebuffer: NDArray[np.uint8] | None = None) -> None:
        """Put the graphics in `frame`, uint16[200,320], over `framebuffer`, by default our own with the view.

        Numbers above `SEE_THROUGH` darken the framebuffer: one rectangle a frame.
        """
        framebuffer = self.framebuffer if framebuffer is None else framebuffer
        darkest = int(frame.max())
        if darkest > SEE_THROUGH:
            self._darken(frame == darkest, self._colormaps[darkest - SEE_THROUGH], framebuffer)
        drawn = frame < SEE_THROUGH
        for first, last, kind in _runs(drawn):
            if kind == _ALL:
                self._copy(frame, framebuffer, first, last, 0, SCREENWIDTH)
            elif kind == _SOME:
                self._copy_some(frame, drawn, framebuffer, first, last)

    def _copy(self, frame: Frame, framebuffer: NDArray[np.uint8], first: int, last: int, left: int, right: int) -> None:
        """Copy rows `first` to `last` and columns `left` to `right` (excluded), which have no holes."""
        if left < right:
            part = frame[first:last, left:right].astype(np.uint8)
            self._part(framebuffer, first, last, left, right)[:] = self._enlarged(part, first, left)

    def _copy_some(
        self,
        frame: Frame,
        drawn: NDArray[np.bool_],
        framebuffer: NDArray[np.uint8],
        first: int,
        last: int,
    ) -> None:
        """Copy rows with holes: plainly at both sides, which have none, and through a mask in between."""
        counts = np.count_nonzero(drawn[first:last], axis=0)
        holes = (counts < last - first).nonzero()[0]
        left, right = int(holes[0]), int(holes[-1]) + 1
        self._copy(frame, framebuffer, first, last, 0, left)
        self._copy(frame, framebuffer, first, last, right, SCREENWIDTH)
        used = counts[left:right].nonzero()[0]
        if not len(used):
            return
        left, right = left + int(used[0]), left + int(used[-1]) + 1
        part = frame[first:last, left:right].astype(np.uint8)
        mask = drawn[first:last, left:right]
        np.copyto(
            self._part(framebuffer, first, last, left, right),
            self._enlarged(part, first, left),
            where=self._enlarged(mask.view(np.uint8), first, left).view(np.bool_),
        )

    def _darken(self, mask: NDArray[np.bool_], table: NDArray[np.uint8], framebuffer: NDArray[np.uint8]) -> None:
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        part = self._part(framebuffer, int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)
        part[:] = table.take(part)

    def _part(self, framebuffer: NDArray[np.uint8], first: int, last: int, left: int, right: int) -> NDArray[np.uint8]:
        """The part of the framebuffer that shows these rows and columns of the frame."""
        return framebuffer[self._tops[first] : self._tops[last], self._lefts[left] : self._lefts[right]]

    def _enlarged(self, part: NDArray[np.uint8], first: int, left: int) -> NDArray[np.uint8]:
        """Enlarge a part of the frame that begins in row `first` and column `left`."""
        height, width = part.shape
        columns = self._columns[self._lefts[left] : self._lefts[left + width]]
        rows = self._rows[self._tops[first] : self._tops[first + height]]
        # columns first: whole rows are fast to copy
        return part.take(columns - left, axis=1, mode="clip").take(rows - first, axis=0, mode="clip")


def _runs(drawn: NDArray[np.bool_]) -> Iterator[tuple[int, int, int]]:
    """First and last (excluded) of neighbouring rows of one kind: with nothing drawn, something, or everything."""
    counts = np.count_nonzero(drawn, axis=1)
    kinds = np.where(counts == drawn.shape[1], _ALL, np.minimum(counts, _SOME))
    starts = [0, *(np.flatnonzero(np.diff(kinds)) + 1).tolist(), len(kinds)]
    for first, last in pairwise(starts):
        yield first, last, int(kinds[first])
