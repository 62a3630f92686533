"""Pictures for terminals that can show pixels: kitty's graphics protocol and sixels.

Both send a whole picture each time something has changed; terminals that offer this are mostly on the same machine.
"""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.devices.terminal_blocks import ASPECT

_CHUNK: Final = 4096
"""The longest piece of data that kitty's protocol allows in a command."""
_FASTEST: Final = 1
_SIXEL_ZERO: Final = 63
_SIXEL_COLUMNS: Final = 320
_MOST_SIXEL_SCALE: Final = 2
"""Larger sixel pictures take more than a tic to encode."""


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


class KittyGraphics:
    """Kitty's graphics protocol: an indexed PNG a picture, which the terminal scales to the cells given."""

    def __init__(self, columns: int, rows: int, aspect: float = ASPECT, cell_px: tuple[int, int] = (10, 20)) -> None:
        self._aspect = aspect
        self._cell_px = cell_px
        self.resize(columns, rows)

    def resize(self, columns: int, rows: int) -> None:
        """The terminal has another size, and is empty."""
        width, height = fit(columns, rows, self._cell_px, self._aspect)
        self._columns = max(1, width // self._cell_px[0])
        self._rows = max(1, height // self._cell_px[1])
        self._left = (columns - self._columns) // 2
        self._top = (rows - self._rows) // 2
        self.forget()

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


class Sixels:
    """DEC's sixels: rows of six pixels, one pass a colour."""

    def __init__(self, columns: int, rows: int, aspect: float = ASPECT, cell_px: tuple[int, int] = (10, 20)) -> None:
        self._aspect = aspect
        self._cell_px = cell_px
        self.resize(columns, rows)

    def resize(self, columns: int, rows: int) -> None:
        """The terminal has another size, and is empty."""
        width, _ = fit(columns, rows, self._cell_px, self._aspect)
        self._scale = max(1, min(width // _SIXEL_COLUMNS, _MOST_SIXEL_SCALE))
        self._height = int(200 * self._aspect * self._scale) // 6 * 6
        self._left = max(0, (columns - -(-_SIXEL_COLUMNS * self._scale // self._cell_px[0])) // 2)
        self._top = max(0, (rows - -(-self._height // self._cell_px[1])) // 2)
        self.forget()

    def forget(self) -> None:
        """Nothing of what was drawn is on the screen any more."""
        self._last = b""

    def draw(self, picture: NDArray[np.uint8], colours: NDArray[np.uint8]) -> bytes:
        """What to send for a picture uint8[H,W] in colours uint8[256,3]; empty when nothing has changed."""
        key = picture.tobytes() + colours.tobytes()
        if key == self._last:
            return b""
        self._last = key
        height, width = picture.shape
        used, numbers = np.unique(picture, return_inverse=True)
        tall = numbers.reshape(picture.shape)[np.arange(self._height) * height // self._height]
        tall = tall.take(np.arange(_SIXEL_COLUMNS) * width // _SIXEL_COLUMNS, axis=1)
        size = f"{_SIXEL_COLUMNS * self._scale};{self._height}"
        head = f'\x1b[{self._top + 1};{self._left + 1}H\x1bP0;1q"1;1;{size}'
        body = _registers(colours[used]) + _encode_sixels(tall, len(used), self._scale)
        return (head + body + "\x1b\\").encode("ascii")


def _registers(colours: NDArray[np.uint8]) -> str:
    """Colours uint8[N,3] in percent."""
    percent = (colours.astype(np.int32) * 100 // 255).tolist()
    return "".join(f"#{number};2;{red};{green};{blue}" for number, (red, green, blue) in enumerate(percent))


def _encode_sixels(picture: NDArray[np.intp], colours: int, scale: int) -> str:
    """The bands of a picture int[6n,W] of numbers below `colours`: runs of equal sixels, `scale` times as wide."""
    height, width = picture.shape
    bands = picture.reshape(height // 6, 6, width)
    # the sixels of each colour of each band; most are empty, but finding the others here beats sorting pixels
    sixels = np.zeros((height // 6, colours, width), np.uint8)
    band, column = np.arange(height // 6)[:, None], np.arange(width)
    for bit in range(6):
        sixels[band, bands[:, bit], column] |= 1 << bit
    flat = sixels.ravel()
    keys = np.flatnonzero(flat)
    values = flat[keys]
    # runs: neighbouring columns of one band and colour with the same sixel
    breaks = (keys[1:] != keys[:-1] + 1) | (values[1:] != values[:-1]) | (keys[1:] % width == 0)
    starts = np.flatnonzero(np.r_[True, breaks])
    lengths = np.diff(np.r_[starts, len(keys)])
    rows, columns = np.divmod(keys[starts], width)
    out: list[str] = []
    add = out.append
    last_row = last_band = -1
    at = 0
    # thousands of turns a picture
    for row, x, count, sixel in zip(
        rows.tolist(), columns.tolist(), lengths.tolist(), values[starts].tolist(), strict=True
    ):
        if row != last_row:
            band_number, colour = divmod(row, colours)
            add(f"{'-' * (band_number != last_band and last_band >= 0) or '$'}#{colour}" if out else f"#{colour}")
            last_band = band_number
            last_row, at = row, 0
        if x > at:
            add(_run((x - at) * scale, 0))
        add(_run(count * scale, sixel))
        at = x + count
    return "".join(out)


def _run(count: int, sixel: int) -> str:
    char = chr(_SIXEL_ZERO + sixel)
    return char * count if count < 4 else f"!{count}{char}"
