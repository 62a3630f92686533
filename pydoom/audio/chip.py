"""The OPL2 chip itself, emulated by the pyopl package (DOSBox's emulator)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

try:
    import pyopl  # it has no types
except ImportError:  # it has no wheels for some machines, which then have no music
    pyopl = None

AVAILABLE: Final = pyopl is not None
"""Whether this machine can emulate the chip."""

_MIN_FRAMES: Final = 2
_MAX_FRAMES: Final = 512
"""Most samples that one call of pyopl can fill."""


class PyOplChip:
    """A chip that outputs 16-bit stereo samples at `rate`."""

    def __init__(self, rate: int) -> None:
        self._opl: Any = pyopl.opl(rate, sampleSize=2, channels=2)
        self._buffers: dict[int, bytearray] = {}
        self._left_over = np.zeros((0, 2), np.int16)

    def write(self, register: int, value: int) -> None:
        """Set a register."""
        self._opl.writeReg(register, value)

    def generate(self, frames: int) -> NDArray[np.int16]:
        """The next `frames` samples int16[frames, 2]."""
        pieces = [self._left_over]
        missing = frames - len(self._left_over)
        while missing > 0:
            piece = self._fill(min(max(missing, _MIN_FRAMES), _MAX_FRAMES))
            pieces.append(piece)
            missing -= len(piece)
        samples = np.concatenate(pieces)
        self._left_over = samples[frames:]
        return samples[:frames]

    def _fill(self, frames: int) -> NDArray[np.int16]:
        buffer = self._buffers.setdefault(frames, bytearray(4 * frames))
        self._opl.getSamples(buffer)
        # DOSBox's emulator is twice as loud as the reference's (its samples' r.m.s. is 1.98 to 2.05 times as high)
        return np.frombuffer(buffer, "<i2").reshape(-1, 2) >> 1
