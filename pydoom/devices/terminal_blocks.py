"""Frames as coloured half blocks: each character cell shows two pixels, one above the other.

Only changed cells are sent, and within a byte budget for each frame: the most different first, the rest with later
frames. So on a slow line only details lag, not the whole frame. A cell is drawn as its upper or its lower half,
whichever needs fewer new colours. Colours are rounded to five bits a channel, which saves a third of the bytes and
hardly shows; where a terminal has 256 colours only, to the nearest of them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.devices.terminal_colours import Colours24, Colours256
from pydoom.devices.terminal_encoder import ASPECT, FrameEncoder
from pydoom.devices.terminal_pace import Pace

DEFAULT_BUDGET_BYTES: Final = 40_000
"""Most bytes of one frame: 1.4 MB a second at 35 fps."""
LEAST_BUDGET_BYTES: Final = 3_000

_CELL_BYTES: Final = 24
"""Average bytes of a changed cell, with colours and cursor moves; measured on DEMO1 (20 to 25)."""
_LONGEST_CELL_BYTES: Final = 60
_NEVER: Final = -1


class HalfBlocks(FrameEncoder):
    """Draws frames into a terminal of a given size; remembers what is on it."""

    farewell = b""

    def __init__(
        self,
        columns: int,
        rows: int,
        aspect: float = ASPECT,
        budget: int = DEFAULT_BUDGET_BYTES,
        colours: Colours24 | Colours256 | None = None,
    ) -> None:
        """The frame uses the top `rows`; it is as large as fits, and centred."""
        self._aspect = aspect
        self.budget = budget
        """The most bytes of each of the next frames."""
        self._colours = colours if colours is not None else Colours24()
        self._shape = (0, 0)
        self.resize(columns, rows)

    def resize(self, columns: int, rows: int) -> None:
        """Start over on an empty terminal of another size."""
        self._columns = max(columns, 1)
        self._rows = max(rows, 1)
        self._place((200, 320))

    def follow_pace(self, pace: Pace) -> None:
        """Limit each frame to the bytes that the line takes in time."""
        self.budget = pace.budget(DEFAULT_BUDGET_BYTES, LEAST_BUDGET_BYTES)

    def forget(self) -> None:
        """Start over on an empty screen."""
        self._shown = np.full((self._height, self._width, 2), _NEVER, np.int32)

    def _place(self, shape: tuple[int, int]) -> None:
        """Find the position of a frame of `shape`, and the pixels to sample: four for each half cell."""
        height, width = shape
        self._shape = shape
        scale = min(self._columns / width, self._rows * 2 / (height * self._aspect))
        self._width = max(1, int(width * scale))
        self._height = max(1, int(height * self._aspect * scale / 2))
        self._left = (self._columns - self._width) // 2
        self._top = (self._rows - self._height) // 2
        rows, columns = self._height * 4, self._width * 2
        sample_rows = (np.arange(rows) * 2 + 1) * height // (2 * rows)
        sample_columns = (np.arange(columns) * 2 + 1) * width // (2 * columns)
        self._samples = sample_rows[:, None] * width + sample_columns
        self.forget()

    def cells(self, frame: NDArray[np.uint8], colours: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Rounded colours int32[rows, columns, 2] of the upper and lower halves of the cells."""
        if frame.shape != self._shape:
            self._place((frame.shape[0], frame.shape[1]))
        # three channels in one number, with room for the sum of four samples each: a third of the work
        wide = colours.astype(np.int32) << np.array((20, 10, 0), np.int32)
        samples = wide.sum(axis=1, dtype=np.int32).take(frame.ravel().take(self._samples))
        columns = samples[:, 0::2] + samples[:, 1::2]
        halves = columns[0::2] + columns[1::2]
        packed: NDArray[np.int32] = halves >> 15 & 31 << 10 | halves >> 10 & 31 << 5 | halves >> 5 & 31
        return self._colours.of(packed).reshape(self._height, 2, self._width).transpose(0, 2, 1)

    def draw(self, frame: NDArray[np.uint8], colours: NDArray[np.uint8]) -> bytes:
        """The bytes to send for a frame uint8[H,W] in colours uint8[256,3]; empty when nothing has changed."""
        wanted = self.cells(frame, colours)
        changed = (wanted != self._shown).any(axis=2)
        rows, columns = np.nonzero(changed)
        if not len(rows):
            return b""
        most = max(self.budget // _CELL_BYTES, 1)
        if len(rows) > most:
            worst = np.argpartition(self._difference(wanted, rows, columns), len(rows) - most)[-most:]
            worst.sort()  # back into reading order
            rows, columns = rows[worst], columns[worst]
        new = wanted[rows, columns]
        sent, data = self._encode(rows.tolist(), columns.tolist(), new[:, 0].tolist(), new[:, 1].tolist())
        self._shown[rows[:sent], columns[:sent]] = new[:sent]
        return data

    def _difference(
        self, wanted: NDArray[np.int32], rows: NDArray[np.intp], columns: NDArray[np.intp]
    ) -> NDArray[np.int32]:
        """How different each cell is from what is shown; cells never drawn come first."""
        new, old = wanted[rows, columns], self._shown[rows, columns]
        total = np.zeros(new.shape, np.int32)
        for shift in (10, 5, 0):
            total += np.abs((new >> shift & 31) - (old >> shift & 31))
        total[old == _NEVER] = 1000
        difference: NDArray[np.int32] = total.sum(axis=1, dtype=np.int32)
        return difference

    def _encode(self, rows: list[int], columns: list[int], uppers: list[int], lowers: list[int]) -> tuple[int, bytes]:
        """The number of cells that fit into the budget, and their bytes."""
        text = self._colours.codes
        out: list[str] = []
        add = out.append
        left_over = self.budget - _LONGEST_CELL_BYTES
        sent = 0
        last_row = last_column = front = back = -2
        top, left = self._top + 1, self._left + 1
        # thousands of iterations a frame: plain locals, and an escape sequence only where something changes
        for row, column, upper, lower in zip(rows, columns, uppers, lowers, strict=True):
            if left_over < 0:
                break
            sent += 1
            move = colour = ""
            if row != last_row:
                move = f"\x1b[{row + top};{column + left}H"
            elif column != last_column + 1:
                move = f"\x1b[{column - last_column - 1}C"
            last_row, last_column = row, column
            if upper == lower:
                if upper == back:
                    half = " "
                elif upper == front:
                    half = "█"
                else:
                    colour = f"\x1b[48;{text[lower]}m"
                    back = lower
                    half = " "
            elif upper == front or lower == back:
                half = "▀"
                if lower != back:
                    colour = f"\x1b[48;{text[lower]}m"
                    back = lower
                elif upper != front:
                    colour = f"\x1b[38;{text[upper]}m"
                    front = upper
            elif lower == front or upper == back:
                half = "▄"
                if upper != back:
                    colour = f"\x1b[48;{text[upper]}m"
                    back = upper
                elif lower != front:
                    colour = f"\x1b[38;{text[lower]}m"
                    front = lower
            else:
                half = "▀"
                colour = f"\x1b[38;{text[upper]};48;{text[lower]}m"
                front, back = upper, lower
            cell = move + colour + half
            left_over -= len(cell) + 2  # a half block is three bytes long
            add(cell)
        return sent, "".join(out).encode()
