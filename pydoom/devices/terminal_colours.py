"""The colours of terminals, and the codes for them: 24 bits, or the 256 of xterm (a cube of 6x6x6 and 24 greys)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_CUBE_STEPS: Final = (0, 95, 135, 175, 215, 255)
_FIRST_OF_CUBE: Final = 16
"""The 16 colours before it are configurable, so we cannot know what they look like."""
_LEVELS: Final = 32
"""Values of a rounded colour's channel: five bits."""


def xterm_colours() -> NDArray[np.int32]:
    """The colours from number 16 on, int32[240,3]."""
    cube = [(red, green, blue) for red in _CUBE_STEPS for green in _CUBE_STEPS for blue in _CUBE_STEPS]
    return np.array([*cube, *((8 + 10 * step,) * 3 for step in range(24))], np.int32)


class Colours24:
    """A terminal with 24 bits: each rounded colour is itself. `codes` has the end of its SGR sequence, by number."""

    def __init__(self) -> None:
        self.codes = [f"2;{red};{green};{blue}" for red, green, blue in _rounded_colours().tolist()]

    def of(self, rounded: NDArray[np.int32]) -> NDArray[np.int32]:
        """What is shown for rounded colours, 15 bits each."""
        return rounded


class Colours256:
    """A terminal with 256 colours: each rounded colour is shown as the nearest of them, written as a rounded colour."""

    def __init__(self) -> None:
        colours, palette = _rounded_colours(), xterm_colours()
        # the squared distance, expanded: a tenth of the memory that all differences would need
        distance = (colours**2).sum(axis=1)[:, None] + (palette**2).sum(axis=1) - 2 * colours @ palette.T
        nearest = distance.argmin(axis=1)
        # each colour of the palette is represented by the most similar of the rounded colours shown as it
        best = np.lexsort((distance.min(axis=1), nearest))
        places, first = np.unique(nearest[best], return_index=True)
        stands_for = np.zeros(len(palette), np.int32)
        stands_for[places] = best[first]
        self._shown: NDArray[np.int32] = stands_for[nearest]
        self.codes = [f"5;{_FIRST_OF_CUBE + number}" for number in nearest.tolist()]

    def of(self, rounded: NDArray[np.int32]) -> NDArray[np.int32]:
        """What is shown for rounded colours, 15 bits each."""
        shown: NDArray[np.int32] = self._shown.take(rounded)
        return shown


def _rounded_colours() -> NDArray[np.int32]:
    """Red, green and blue, 0 to 255, of all colours of 15 bits: int32[32768,3]."""
    number = np.arange(_LEVELS**3)
    levels = np.stack([number >> 10, number >> 5 & 31, number & 31], axis=1)
    return (levels * 255 // (_LEVELS - 1)).astype(np.int32)
