"""How frames become bytes for a terminal: what half blocks, kitty's graphics and sixels have in common."""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from pydoom.devices.terminal_pace import Pace

ASPECT: Final = 6 / 5
"""The original's pixels were this much taller than wide."""


class FrameEncoder(Protocol):
    """Encodes frames for a terminal, and remembers what is on it."""

    farewell: bytes
    """Sent before the terminal is restored, so that nothing drawn stays on it."""

    def resize(self, columns: int, rows: int) -> None:
        """Start over on an empty terminal of another size."""

    def forget(self) -> None:
        """Start over on an empty screen."""

    def follow_pace(self, pace: Pace) -> None:
        """Adjust the size of later frames to the speed of the line."""

    def draw(self, frame: NDArray[np.uint8], colours: NDArray[np.uint8]) -> bytes:
        """The bytes to send for a frame uint8[H,W] in colours uint8[256,3]; empty when nothing has changed."""
