"""Pictures for terminals with kitty's graphics protocol: a whole picture each time something has changed."""

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
"""The longest piece of data that kitty's protocol allows in a command."""
_FASTEST: Final = 1
DEFAULT_CELL_PX: Final = (10, 20)
"""Width and height of a cell where the terminal does not tell."""


def png(picture: NDArray[np.uint8], colours: NDArray[np.uint8]) -> bytes:
    """A PNG file of palette indexes uint8[H,W] in colours uint8[256,3], compressed fast rather than well."""
    height, width = picture.shape
    rows = np.zeros((height, width + 1), np.uint8)  # each row begins with its filter: none
    rows[:, 1:] = picture
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
    """The largest size in pixels of a 320x200 picture in so many cells of `cell_px` (width, height)."""
    width_px, height_px = columns * cell_px[0], rows * cell_px[1]
    scale = min(width_px / 320, height_px / (200 * aspect))
    return max(1, int(320 * scale)), max(1, int(200 * aspect * scale))


class KittyGraphics(FrameEncoder):
    """Kitty's graphics protocol: an indexed PNG a picture, which the terminal scales to the cells given."""

    farewell = b"\x1b_Ga=d,q=2\x1b\\"  # delete the image, which would stay on the screen

    def __init__(self, columns: int, rows: int, aspect: float = ASPECT, cell_px: tuple[int, int] | None = None) -> None:
        self._aspect = aspect
        self._cell_px = cell_px or DEFAULT_CELL_PX
        self.resize(columns, rows)

    def resize(self, columns: int, rows: int) -> None:
        """The terminal has another size, and is empty."""
        width, height = fit(columns, rows, self._cell_px, self._aspect)
        self._columns = max(1, width // self._cell_px[0])
        self._rows = max(1, height // self._cell_px[1])
        self._left = (columns - self._columns) // 2
        self._top = (rows - self._rows) // 2
        self.forget()

    def follow_pace(self, pace: Pace) -> None:
        """Nothing to adjust: a frame is a whole picture."""

    def forget(self) -> None:
        """Nothing of what was drawn is on the screen any more."""
        self._last = b""

    def draw(self, picture: NDArray[np.uint8], colours: NDArray[np.uint8]) -> bytes:
        """What to send for a picture uint8[H,W] in colours uint8[256,3]; empty when nothing has changed."""
        data = png(picture, colours)
        if data == self._last:
            return b""
        self._last = data
        encoded = base64.standard_b64encode(data)
        out = [f"\x1b[{self._top + 1};{self._left + 1}H".encode()]
        # the same image and placement again replace the picture without a flicker; q=2: no answers
        control = f"a=T,f=100,i=1,p=1,q=2,C=1,c={self._columns},r={self._rows},".encode()
        for start in range(0, len(encoded), _CHUNK):
            more = b"m=1" if start + _CHUNK < len(encoded) else b"m=0"
            out.append(b"\x1b_G" + control + more + b";" + encoded[start : start + _CHUNK] + b"\x1b\\")
            control = b""
        return b"".join(out)
