"""The WAD's small font in several colours on its own dark outline, so that it can be read on any background."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pydoom.containers.fleet.names import fit
from pydoom.screens.font import SPACE_PX, Font

if TYPE_CHECKING:
    from pydoom.containers.picture.screen import Box, Part
    from pydoom.screens.border import ViewWindow
    from pydoom.screens.video import Frame

_RED: Final = 176
_OUTLINE_SHADES: Final = 12
"""The font uses shades of red from `_RED` on, brightest first; from this shade on they are the letters' outline."""
WHITE: Final = 80
GREY: Final = 90
YELLOW: Final = 226
BLUE: Final = 193
PALE_BLUE: Final = 195
GREEN: Final = 112
RED: Final = 176
"""Palette indexes: the brightest of each colour's six shades, which run from top to bottom of a letter."""
_BLACK: Final = 0
_MOST_KEPT: Final = 4096
"""Number of lines whose pixels are cached."""
_MOST_WIDTHS: Final = 1 << 14
"""Number of texts whose widths are cached: every form of every name is measured in each frame."""


class OutlinedText:
    """Writes lines of text; caches widths and the rendered pixels."""

    def __init__(self, font: Font) -> None:
        self._font = font
        self.height = font.height
        self._measured = lru_cache(_MOST_WIDTHS)(font.width)
        self._kept: dict[tuple[str, int], tuple[NDArray[np.uint8], NDArray[np.bool_]]] = {}

    def width(self, text: str) -> int:
        """Width in pixels, at least 1."""
        return max(self._measured(text), 1)

    def fit(self, forms: Sequence[str], room_px: int) -> str:
        """The first of `forms` that is at most `room_px` wide; the last if none is."""
        return fit(forms, self.width, room_px)

    def draw(self, frame: Frame, window: ViewWindow, x: int, y: int, text: str, colours: int = WHITE) -> None:
        """Write `text` with its upper left corner at (x, y) into the part of the frame that is `window`."""
        pixels, mask = self._pixels(text, colours)
        height, width = pixels.shape
        left, right = max(x, window.x), min(x + width, window.x + window.width)
        top, bottom = max(y, window.y), min(y + height, window.y + window.height)
        if left >= right or top >= bottom:
            return
        part = (slice(top - y, bottom - y), slice(left - x, right - x))
        visible = mask[part]
        frame[top:bottom, left:right][visible] = pixels[part][visible]

    def draw_parts(self, frame: Frame, window: ViewWindow, parts: Sequence[Part]) -> list[Box]:
        """Write `parts` where they belong; returns the parts of the screen that they cover."""
        for part in parts:
            self.draw(frame, window, part.box.left, part.box.top, part.words, part.colours)
        return [part.box for part in parts]

    def _pixels(self, text: str, colours: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """Pixels uint8[h,w] and mask bool[h,w]."""
        key = (text, colours)
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) > _MOST_KEPT:
                self._kept.clear()
            found = self._kept[key] = self._render(text, colours)
        return found

    def _render(self, text: str, colours: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        font = self._font
        letters = np.zeros((self.height, self.width(text)), np.uint8)
        mask = np.zeros(letters.shape, np.bool_)
        x = 0
        for character in text:
            glyph = font.glyphs.get(character)
            if glyph is None:
                x += SPACE_PX
                continue
            top = max(-glyph.topoffset, 0)
            rows = max(min(glyph.height, font.height - top), 0)
            visible = glyph.mask[:rows]
            letters[top : top + rows, x : x + glyph.width][visible] = glyph.pixels[:rows][visible]
            mask[top : top + rows, x : x + glyph.width] |= visible
            x += glyph.width
        shades = letters.astype(np.int16) - _RED
        is_outline = (shades < 0) | (shades >= _OUTLINE_SHADES)
        return np.where(is_outline, _BLACK, shades // 2 + colours).astype(np.uint8), mask
