"""Shadows: spectres and the invisible player (``R_DrawFuzzColumn``).

Each pixel becomes a darker copy of the one above or below it, depending on the next entry of a table of 50. Copies from
above read what was just written, so a pixel's colour comes from the last one before it that was copied from below:
how many steps away that is follows from the table, and the darkening of so many steps is one table look-up.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from pydoom.render.arrays.arith import I64, U8, ragged
from pydoom.render.arrays.masked import PostStrips
from pydoom.render.arrays.view import ViewTables
from pydoom.render.arrays.walls import layer_places

_FROM: Final = "+-+-++-++-+++-+++----+--++++-+-++--++----++++-++-+"
"""fuzzoffset: + copies from below, - from above."""
FUZZ_LENGTH: Final = len(_FROM)
_DARK: Final = 6
"""Number of the colormap that darkens."""


def _runs_above() -> I64:
    """For each place in the table: how many copies from above end there, counted around the end of the table."""
    runs: list[int] = []
    for place in range(FUZZ_LENGTH):
        run = 0
        while _FROM[place - run] == "-":
            run += 1
        runs.append(run)
    return np.array(runs, np.int64)


_RUNS: Final = _runs_above()


class Fuzz:
    """Draws shadows; `position` in the table is carried from frame to frame."""

    def __init__(self, colormaps: U8) -> None:
        self.position = 0
        dark = colormaps[_DARK * 256 : (_DARK + 1) * 256]
        tables = [np.arange(256, dtype=np.uint8)]
        for _ in range(int(_RUNS.max()) + 1):
            tables.append(dark[tables[-1]])
        self._darker: U8 = np.concatenate(tables)

    def draw(self, flat: U8, stride: int, origin: int, view: ViewTables, posts: PostStrips) -> None:
        """Darken these posts in the frame `flat`, whose view begins at `origin`."""
        top = np.maximum(posts.top, 1)
        count = (np.minimum(posts.top + posts.count - 1, view.height - 2) - top + 1).clip(0)
        ends = count.cumsum()
        first = (ends - count + self.position) % FUZZ_LENGTH
        total = int(ends[-1]) if len(ends) else 0
        # posts in one column of the screen may build on each other: draw all first ones, then all second ones
        place, layers = layer_places(posts.x, view.columns)
        layer = place // view.columns
        for number in range(layers):
            chosen = ((layer == number) & (count > 0)).nonzero()[0]
            if len(chosen):
                dest = origin + top.take(chosen) * stride + posts.x.take(chosen)
                self._darken(flat, stride, dest, count.take(chosen), first.take(chosen))
        self.position = (self.position + total) % FUZZ_LENGTH

    def _darken(self, flat: U8, stride: int, dest: I64, count: I64, first: I64) -> None:
        row, _ = ragged(count)
        run = _RUNS.take((row + first.repeat(count)) % FUZZ_LENGTH)
        place = dest.repeat(count) + row * stride
        # a run that reaches the top of the post starts from the pixel above it, any other one pixel lower
        whole = run > row
        run = np.minimum(run, row + 1)
        source = place + np.where(whole, -run, 1 - run) * stride
        steps = np.where(whole, run, run + 1)
        flat[place] = self._darker.take(steps * 256 + flat.take(source, mode="clip"))
