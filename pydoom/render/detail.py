"""Low detail: a view drawn at half its width, each pixel shown twice (``R_DrawColumnLow``, ``R_DrawSpanLow``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

_UNLIKELY: Final = 251
"""A colour of PLAYPAL, a bright magenta, that no graphics of the games have."""


def draw_doubled(window: NDArray[np.uint8], draw: Callable[[NDArray[np.uint8]], None]) -> None:
    """Draw into a `window` of the frame, uint8[height, width], by `draw`, which takes a buffer of half the width.

    What is not drawn keeps the last frame's pixels, as in the original, which draws both pixels of a pair into the
    frame: where text lay over the last view, they differ. Then `draw` is called again for each of the pair, and must
    draw the same each time.
    """
    left, right = window[:, 0::2], window[:, 1::2]
    width = right.shape[1]
    half = left.copy()
    differ = half[:, :width] != right
    marked = half[:, :width]
    marked[differ] = _UNLIKELY
    draw(half)
    if (marked[differ] == _UNLIKELY).any():
        half = left.copy()
        other = left.copy()
        other[:, :width] = right
        draw(half)
        draw(other)
    else:
        other = half
    left[:] = half
    right[:] = other[:, :width]
