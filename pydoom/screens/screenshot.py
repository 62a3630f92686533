"""Screenshots: a frame with its palette, unscaled, as a numbered PNG file (``V_ScreenShot``, ``WritePNGfile``)."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.files import write_atomically

MAX_SCREENSHOTS: Final = 10_000
_INDEXED_COLOUR: Final = 3


class ScreenshotError(Exception):
    """A screenshot cannot be saved; the message says why."""


def encode_png(frame: NDArray[np.uint8], colours: NDArray[np.uint8]) -> bytes:
    """A PNG file of palette indexes uint8[H,W] and their colours uint8[256,3]."""
    height, width = frame.shape
    header = struct.pack(">IIBBBBB", width, height, 8, _INDEXED_COLOUR, 0, 0, 0)
    rows = np.zeros((height, width + 1), np.uint8)  # each row begins with its filter: none
    rows[:, 1:] = frame
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", colours.astype(np.uint8).tobytes()),
            _chunk(b"IDAT", zlib.compress(rows.tobytes())),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def save_screenshot(folder: Path, frame: NDArray[np.uint8], colours: NDArray[np.uint8]) -> Path:
    """Write the frame to the next free ``DOOMnnnn.png`` in `folder`; raises ScreenshotError."""
    try:
        for number in range(MAX_SCREENSHOTS):
            path = folder / f"DOOM{number:04}.png"
            if not path.exists():
                write_atomically(path, encode_png(frame, colours))
                return path
    except OSError as error:
        raise ScreenshotError(f"no screenshot: {error.strerror or error}") from error
    raise ScreenshotError("no screenshot: the folder is full of them")
