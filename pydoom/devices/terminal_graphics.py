"""Frames for terminals with kitty's graphics protocol: a whole frame whenever something has changed."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.devices.terminal_encoder import ASPECT, FrameEncoder
from pydoom.devices.terminal_pace import Pace

_CHUNK: Final = 4096
"""Most bytes of data that kitty's protocol allows in a command."""
_FASTEST: Final = 1
DEFAULT_CELL_PX: Final = (10, 20)
"""Width and height of a cell if the terminal does not report them."""


def png(frame: NDArray[np.uint8], colours: NDArray[np.uint8]) -> bytes:
    """A PNG file of palette indexes uint8[H,W] in colours uint8[256,3], compressed for speed rather than size."""
    height, width = frame.shape
    rows = np.zeros((height, width + 1), np.uint8)  # each row begins with its filter: none
    rows[:, 1:] = frame
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", colours.tobytes()),
        (b"IDAT", zlib.compress(rows.tobytes(), _FASTEST)),
        (b"IEND", b""),
    )
    out = [b"\x89PNG\r\n\x1a\n"]
    for kind, data in chunks:
        out.append(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)))
    return b"".join(out)


def fit(columns: int, rows: int, cell_px: tuple[int, int], aspect: float) -> tuple[int, int]:
    """The largest size in pixels of a 320x200 frame in `columns` by `rows` cells of `cell_px` (width, height)."""
    width_px, height_px = columns * cell_px[0], rows * cell_px[1]
    scale = min(width_px / 320, height_px / (200 * aspect))
    return max(1, int(320 * scale)), max(1, int(200 * aspect * scale))


class KittyGraphics(FrameEncoder):
    """Kitty's graphics protocol: each frame is an indexed PNG, which the terminal scales to the given cells."""

    farewell = b"\x1b_Ga=d,q=2\x1b\\"  # delete the image, which would stay on the screen

    def __init__(self, columns: int, rows: int, aspect: float = ASPECT, cell_px: tuple[int, int] | None = None) -> None:
        self._aspect = aspect
        self._cell_px = cell_px or DEFAULT_CELL_PX
        self.resize(columns, rows)

    def resize(self, columns: int, rows: int) -> None:
        """Start over on an empty terminal of another size."""
        width, height = fit(columns, rows, self._cell_px, self._aspect)
        self._columns = max(1, width // self._cell_px[0])
        self._rows = max(1, height // self._cell_px[1])
        self._left = (columns - self._columns) // 2
        self._top = (rows - self._rows) // 2
        self.forget()

    def follow_pace(self, pace: Pace) -> None:
        """Ignore: a frame is always sent whole."""

    def forget(self) -> None:
        """Start over on an empty screen."""
        self._last = b""

    def draw(self, frame: NDArray[np.uint8], colours: NDArray[np.uint8]) -> bytes:
        """The bytes to send for a frame uint8[H,W] in colours uint8[256,3]; empty when nothing has changed."""
        data = png(frame, colours)
        if data == self._last:
            return b""
        self._last = data
        encoded = base64.standard_b64encode(data)
        out = [f"\x1b[{self._top + 1};{self._left + 1}H".encode()]
        # reusing image and placement replaces the old frame without flicker; q=2: no answers
        control = f"a=T,f=100,i=1,p=1,q=2,C=1,c={self._columns},r={self._rows},".encode()
        for start in range(0, len(encoded), _CHUNK):
            more = b"m=1" if start + _CHUNK < len(encoded) else b"m=0"
            out.append(b"\x1b_G" + control + more + b";" + encoded[start : start + _CHUNK] + b"\x1b\\")
            control = b""
        return b"".join(out)
