"""How frames become bytes for a terminal: what half blocks, kitty's graphics and sixels have in common."""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from pydoom.devices.terminal_pace import Pace

ASPECT: Final = 6 / 5
"""The original's pixels were this much taller than wide."""


class FrameEncoder(Protocol):
    """Turns frames into bytes for a terminal; remembers what is on it."""

    farewell: bytes
    """What to send before the terminal is given back, so that nothing drawn stays on it."""

    def resize(self, columns: int, rows: int) -> None:
        """The terminal has another size, and is empty."""

    def forget(self) -> None:
        """Nothing of what was drawn is on the screen any more."""

    def follow_pace(self, pace: Pace) -> None:
        """Adjust the size of the frames to come to how fast the line is."""

    def draw(self, picture: NDArray[np.uint8], colours: NDArray[np.uint8]) -> bytes:
        """What to send for a frame uint8[H,W] in colours uint8[256,3]; empty when nothing has changed."""
