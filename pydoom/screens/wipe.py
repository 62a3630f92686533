"""The melt from one screen to the next (``f_wipe.c``).

Columns two pixels wide (of 320x200) slide down at their own times. Each start comes from M_Random, called 320
times although only the first 160 columns are used; the status bar's later faces depend on that count.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.screens.video import SCREENHEIGHT, SCREENWIDTH

MELT_COLUMNS: Final = SCREENWIDTH // 2


def melt_delays(m_random: Callable[[], int]) -> list[int]:
    """320 starting rows, 0 down to -15: how many tics each column waits (``wipe_initMelt``)."""
    rows = [-(m_random() % 16)]
    for _ in range(1, SCREENWIDTH):
        row = min(rows[-1] + m_random() % 3 - 1, 0)
        rows.append(-15 if row == -16 else row)
    return rows


class Melt:
    """A running melt from `start` to `end`, both uint8[H,W], which are copied: 200 rows and 160 columns, enlarged."""

    def __init__(self, start: NDArray[np.uint8], end: NDArray[np.uint8], delays: list[int]) -> None:
        self._start = start.copy()
        self._end = end.copy()
        self._rows: NDArray[np.intp] = np.array(delays[:MELT_COLUMNS], np.intp)

    def step(self, tics: int = 1) -> bool:
        """Let `tics` tics pass; True when the melt was already over (``wipe_doMelt``)."""
        done = True
        rows = self._rows
        for _ in range(tics):
            moving = rows < SCREENHEIGHT
            if not moving.any():
                break
            done = False
            speed = np.where(rows < 0, 1, np.where(rows < 16, rows + 1, 8))
            np.minimum(rows + speed, SCREENHEIGHT, out=rows, where=moving)
        return done

    def draw(self, frame: NDArray[np.uint8]) -> None:
        """Draw the current state into `frame`, uint8[H,W]."""
        height, width = frame.shape
        start, end = self._start, self._end
        fallen = np.maximum(self._rows, 0) * height // SCREENHEIGHT
        edges = -(-np.arange(MELT_COLUMNS + 1) * width // MELT_COLUMNS)
        for left, right, rows in zip(edges[:-1].tolist(), edges[1:].tolist(), fallen.tolist(), strict=True):
            frame[:rows, left:right] = end[:rows, left:right]
            frame[rows:, left:right] = start[: height - rows, left:right]
