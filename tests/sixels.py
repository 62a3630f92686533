"""A fake sixel terminal: draws sixel images at cursor positions on a canvas of pixels."""

import re

import numpy as np

UNTOUCHED = (255, 0, 255)


class SixelScreen:
    """A terminal of some size; `canvas` is uint8[H,W,3] of percents, as colours are sent."""

    def __init__(self, columns: int, rows: int, cell_px: tuple[int, int]) -> None:
        self._cell_px = cell_px
        self.canvas = np.full((rows * cell_px[1], columns * cell_px[0], 3), UNTOUCHED, np.uint8)

    def feed(self, data: bytes) -> None:
        """Draw images, each preceded by its position. Anything else, or a pixel beyond the edge, is an error."""
        text = data.decode("ascii")
        images = re.compile(r'\x1b\[(\d+);(\d+)H\x1bP0;1q"1;1;(\d+);(\d+)([^\x1b]*)\x1b\\')
        assert images.sub("", text) == ""
        for row, column, width, height, body in images.findall(text):
            top, left = (int(row) - 1) * self._cell_px[1], (int(column) - 1) * self._cell_px[0]
            part = self.canvas[top : top + int(height), left : left + int(width)]
            assert part.shape == (int(height), int(width), 3), "beyond the edge of the terminal"
            _draw(part, body)


def _draw(part: np.ndarray, body: str) -> None:
    registers: dict[int, tuple[int, ...]] = {}
    x = y = 0
    colour: tuple[int, ...] = ()
    tokens = re.compile(r"#(\d+);2;(\d+;\d+;\d+)|#(\d+)|([-$])|(?:!(\d+))?([?-~])")
    assert tokens.sub("", body) == ""
    for defined, percents, register, move, count, char in tokens.findall(body):
        if defined:
            registers[int(defined)] = tuple(int(percent) for percent in percents.split(";"))
        elif register:
            colour = registers[int(register)]
        elif move:
            x, y = 0, y + 6 * (move == "-")
        else:
            after = x + int(count or 1)
            for bit in range(6):
                if ord(char) - 63 >> bit & 1:
                    part[y + bit, x:after] = colour
            x = after
            assert x <= part.shape[1]
