"""The melt from one screen to the next (``f_wipe.c``).

Columns two pixels wide slide down at their own times. Where each starts comes from M_Random, called 320 times although
only the first 160 columns are used; later faces of the status bar depend on that count.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.screens.video import SCREENHEIGHT, SCREENWIDTH, Frame

MELT_COLUMNS: Final = SCREENWIDTH // 2


def melt_delays(m_random: Callable[[], int]) -> list[int]:
    """320 starting rows, 0 down to -15: how many tics each column waits (``wipe_initMelt``)."""
    rows = [-(m_random() % 16)]
    for _ in range(1, SCREENWIDTH):
        row = min(rows[-1] + m_random() % 3 - 1, 0)
        rows.append(-15 if row == -16 else row)
    return rows


class Melt:
    """A running melt from `start` to `end`, both uint8[200,320], which are copied."""

    def __init__(self, start: Frame, end: Frame, delays: list[int]) -> None:
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

    def draw(self, frame: Frame) -> None:
        """Put the present state on the screen."""
        fallen = np.repeat(np.maximum(self._rows, 0), 2)
        source = np.arange(SCREENHEIGHT)[:, None] - fallen
        columns = np.arange(SCREENWIDTH)
        old = self._start[np.maximum(source, 0), columns]
        frame[:] = np.where(source < 0, self._end, old)
