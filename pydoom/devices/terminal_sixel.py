"""Frames as DEC's sixels: bands six pixels high, and in each band a pass for every colour in it.

If the terminal reports its cell size, the frame is cut into strips of whole cells and whole bands, and only
changed strips are sent: each is a sixel image of its own that fully covers its cells, so nothing depends on
how a terminal treats missing pixels. The rest is arrays: encoding a frame takes a fifth of a tic.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.devices.terminal_encoder import ASPECT, FrameEncoder
from pydoom.devices.terminal_graphics import DEFAULT_CELL_PX, fit
from pydoom.devices.terminal_pace import Pace

_ZERO: Final = 63
_PATTERNS: Final = 64
_COLUMNS: Final = 320
_BAND: Final = 6
_MOST_SCALE: Final = 2
"""Width of the image in pixels: 150 KB at this size, and twice that at twice the width."""
_COLOURS: Final = 256
_LONGEST_WORD: Final = 5


class Sixels(FrameEncoder):
    """Draws frames into a terminal of a given size; remembers what is on it."""

    farewell = b""

    def __init__(self, columns: int, rows: int, aspect: float = ASPECT, cell_px: tuple[int, int] | None = None) -> None:
        """The frame uses the top `rows`; `cell_px` is the width and height of a cell, if known."""
        self._aspect = aspect
        self._cells_known = cell_px is not None
        self._cell_px = cell_px or DEFAULT_CELL_PX
        self.resize(columns, rows)

    def resize(self, columns: int, rows: int) -> None:
        """Start over on an empty terminal of another size."""
        cell_width, cell_height = self._cell_px
        width, _ = fit(columns, rows, self._cell_px, self._aspect)
        self._scale = max(1, min(width // _COLUMNS, _MOST_SCALE))
        # an image higher than its place would scroll the terminal: better a flat one
        self._bands = max(1, min(int(200 * self._aspect * self._scale), rows * cell_height) // _BAND)
        self._left = max(0, (columns - -(-_COLUMNS * self._scale // cell_width)) // 2)
        self._top = max(0, (rows - -(-self._bands * _BAND // cell_height)) // 2)
        strip_px = math.lcm(_BAND, cell_height)
        self._strip_bands = strip_px // _BAND if self._cells_known else self._bands
        self._strip_cells = strip_px // cell_height
        self._place((200, 320))

    def follow_pace(self, pace: Pace) -> None:
        """Ignore: all changes are always sent."""

    def forget(self) -> None:
        """Start over on an empty screen."""
        self._shown: NDArray[np.uint8] | None = None
        self._shown_colours = b""

    def _place(self, shape: tuple[int, int]) -> None:
        """Find which rows of a frame of `shape` the bands show."""
        self._shape = shape
        height = self._bands * _BAND
        self._rows = (np.arange(height) * shape[0] // height).reshape(-1, _BAND)
        self._layers = _layers(self._rows)
        self.forget()

    def draw(self, frame: NDArray[np.uint8], colours: NDArray[np.uint8]) -> bytes:
        """The bytes to send for a frame uint8[H,W] in colours uint8[256,3]; empty when nothing has changed."""
        if frame.shape != self._shape:
            self._place((frame.shape[0], frame.shape[1]))
        if frame.shape[1] != _COLUMNS:
            frame = frame.take(np.arange(_COLUMNS) * frame.shape[1] // _COLUMNS, axis=1)
        changed = self._changed_strips(frame, colours)
        self._shown = frame.copy()
        self._shown_colours = colours.tobytes()
        out = []
        for is_changed, strips in groupby(range(len(changed)), changed.__getitem__):
            if is_changed:
                first, *others = strips
                out.append(self._encode(frame, colours, first, first + len(others) + 1))
        return b"".join(out)

    def _changed_strips(self, frame: NDArray[np.uint8], colours: NDArray[np.uint8]) -> list[bool]:
        count = -(-self._bands // self._strip_bands)
        if self._shown is None or self._shown_colours != colours.tobytes():
            return [True] * count
        bands = (frame != self._shown).any(axis=1)[self._rows].any(axis=1)
        changed: list[bool] = np.logical_or.reduceat(bands, np.arange(count) * self._strip_bands).tolist()
        return changed

    def _encode(self, frame: NDArray[np.uint8], colours: NDArray[np.uint8], first: int, last: int) -> bytes:
        """Encode the strips from `first` to before `last` as one sixel image at their place."""
        bands = slice(first * self._strip_bands, min(last * self._strip_bands, self._bands))
        layers = [(rows[bands], bits[bands]) for rows, bits in self._layers]
        used = np.flatnonzero(np.bincount(frame[self._rows[bands].ravel()].ravel(), minlength=_COLOURS))
        size = f"{_COLUMNS * self._scale};{_BAND * (bands.stop - bands.start)}"
        place = f"{self._top + 1 + first * self._strip_cells};{self._left + 1}"
        head = f'\x1b[{place}H\x1bP0;1q"1;1;{size}{_registers(colours[used])}'
        return head.encode() + _passes(frame, used, layers, self._scale) + b"\x1b\\"


def _layers(rows: NDArray[np.intp]) -> list[tuple[NDArray[np.intp], NDArray[np.uint8]]]:
    """For rows int[B,6] of bands: their first, second... distinct rows int[B], and the sixel bits uint8[B,1] of each.

    In an enlarged frame a band has fewer than six; bands with fewer than others repeat a row, without bits.
    """
    starts = np.diff(rows, axis=1, prepend=-1) != 0
    numbers = np.cumsum(starts, axis=1) - 1
    layers = []
    for number in range(int(numbers.max()) + 1):
        own = numbers == number
        bits = (own << np.arange(_BAND)).sum(axis=1, keepdims=True).astype(np.uint8)
        layers.append((rows[np.arange(len(rows)), own.argmax(axis=1)], bits))
    return layers


def _registers(colours: NDArray[np.uint8]) -> str:
    """The palette definition for colours uint8[N,3], in percent."""
    percent = (colours.astype(np.int32) * 100 // 255).tolist()
    return "".join(f"#{number};2;{red};{green};{blue}" for number, (red, green, blue) in enumerate(percent))


def _passes(
    frame: NDArray[np.uint8],
    used: NDArray[np.intp],
    layers: list[tuple[NDArray[np.intp], NDArray[np.uint8]]],
    scale: int,
) -> bytes:
    """The bands of a frame: for each colour of `used` that a band has, its runs of equal sixels."""
    begins, lengths, sixels = _runs(frame, used, layers)
    row, column = np.divmod(begins, _COLUMNS)
    new_row = np.diff(row, prepend=-1) != 0
    after = np.zeros_like(column)
    after[1:] = (column + lengths)[:-1]
    gap = column - np.where(new_row, 0, after)
    band, colour = np.divmod(row[new_row], len(used))
    words = np.zeros((len(begins), 3), np.int32)
    words[new_row, 0] = _FIRST_REGISTER + colour + _COLOURS * (np.diff(band, prepend=0) > 0)
    words[:, 1] = np.where(gap > 0, _FIRST_RUN + (gap - 1) * _PATTERNS, 0)
    words[:, 2] = _FIRST_RUN + (lengths - 1) * _PATTERNS + sixels
    flat = words.ravel()
    characters = _dictionary(scale)[flat[flat > 0]].ravel()
    found: bytes = characters[characters != 0].tobytes()
    return found


def _runs(
    frame: NDArray[np.uint8], used: NDArray[np.intp], layers: list[tuple[NDArray[np.intp], NDArray[np.uint8]]]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8]]:
    """Runs of equal, non-empty sixels: where they begin, their lengths and sixels.

    Places count the columns of the first colour of the first band, then those of its second colour, and so on.
    """
    count = len(layers[0][0])
    place = np.zeros(_COLOURS, np.int32)
    place[used] = np.arange(len(used)) * _COLUMNS
    places = place[frame] + np.arange(_COLUMNS, dtype=np.int32)
    band_starts = np.arange(count, dtype=np.int32)[:, None] * (len(used) * _COLUMNS)
    sixels = np.zeros(count * len(used) * _COLUMNS, np.uint8)
    for rows, bits in layers:
        sixels[places[rows] + band_starts] |= bits
    full = np.flatnonzero(sixels != 0).astype(np.int32)  # on the bytes themselves this takes eight times as long
    values = sixels[full]
    starts = np.ones(len(full), np.bool_)
    starts[1:] = (np.diff(full) != 1) | (np.diff(values) != 0)
    starts |= full % _COLUMNS == 0
    first = np.flatnonzero(starts)
    return full[first], np.diff(first, append=len(full)).astype(np.int32), values[first]


_FIRST_RUN: Final = 1
_FIRST_REGISTER: Final = _FIRST_RUN + _COLUMNS * _PATTERNS


@lru_cache(maxsize=_MOST_SCALE)
def _dictionary(scale: int) -> NDArray[np.uint8]:
    """The words of an image by number, uint8[N,5], padded with zeros.

    None; runs of 1 to 320 columns, each `scale` wide, of each sixel; registers in the same band; in the next band.
    """
    words = [b""]
    for columns in range(1, _COLUMNS + 1):
        width = columns * scale
        chars = [bytes((_ZERO + pattern,)) for pattern in range(_PATTERNS)]
        words += [char * width if width < 4 else b"!%d%b" % (width, char) for char in chars]
    words += [b"%b#%d" % (move, number) for move in (b"$", b"-") for number in range(_COLOURS)]
    return np.array(words, f"S{_LONGEST_WORD}").view(np.uint8).reshape(-1, _LONGEST_WORD)
