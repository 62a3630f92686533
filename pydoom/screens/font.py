"""The small font of messages and menus (``hu_font``): STCFN033 to STCFN095, capitals only."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.screens.video import SCREENHEIGHT, SCREENWIDTH, SEE_THROUGH, Frame, Picture, PictureSource, draw_patch

FONT_START: Final = ord("!")
FONT_END: Final = ord("_")
SPACE_PX: Final = 4
"""Width of every character the font lacks."""
LINE_STEP_PX: Final = 12
"""Rows from one line of running text to the next (``M_WriteText``)."""
_LINES_KEPT: Final = 8
"""Number of heads-up lines cached as pixels: a message is drawn on every frame for four seconds."""


class Font:
    """The 63 glyphs; lower case letters are shown as capitals."""

    def __init__(self, pictures: PictureSource) -> None:
        self.glyphs: dict[str, Picture] = {
            chr(code): pictures.patch(f"STCFN{code:03d}") for code in range(FONT_START, FONT_END + 1)
        }
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
            self.glyphs[letter.lower()] = self.glyphs[letter]
        self.height = self.glyphs["!"].height
        self._line = lru_cache(_LINES_KEPT)(self._compose_line)

    def has(self, character: str) -> bool:
        """Whether the font has `character`."""
        return character in self.glyphs

    def width(self, text: str) -> int:
        """Width of `text` in pixels (``M_StringWidth``)."""
        glyphs = self.glyphs
        return sum(glyphs[character].width if character in glyphs else SPACE_PX for character in text)

    def text_height(self, text: str) -> int:
        """Height of `text` in pixels, one font height a line (``M_StringHeight``)."""
        return self.height * (1 + text.count("\n"))

    def write(self, frame: Frame, x: int, y: int, text: str) -> None:
        """Write `text` with its upper left corner at (x, y) (``M_WriteText``): it stops at the right edge."""
        cx, cy = x, y
        for character in text:
            if character == "\n":
                cx, cy = x, cy + LINE_STEP_PX
                continue
            glyph = self.glyphs.get(character)
            if glyph is None:
                cx += SPACE_PX
                continue
            if cx + glyph.width > SCREENWIDTH:
                return
            draw_patch(frame, cx, cy, glyph)
            cx += glyph.width

    def write_line(self, frame: Frame, x: int, y: int, text: str, cursor: bool = False) -> None:
        """Write one heads-up line, with an underscore behind it if `cursor` (``HUlib_drawTextLine``)."""
        offsets, colours = self._line(x, y, text, cursor)
        frame.reshape(-1)[offsets] = colours

    def _compose_line(self, x: int, y: int, text: str, cursor: bool) -> tuple[NDArray[np.intp], NDArray[np.uint16]]:
        """The line's pixels: their offsets on the flat screen, and their colours."""
        overlay: Frame = np.full((SCREENHEIGHT, SCREENWIDTH), SEE_THROUGH, np.uint16)
        for character in text:
            glyph = self.glyphs.get(character)
            if glyph is None:
                x += SPACE_PX
                if x >= SCREENWIDTH:
                    break
                continue
            if x + glyph.width > SCREENWIDTH:
                break
            draw_patch(overlay, x, y, glyph)
            x += glyph.width
        if cursor and x + self.glyphs["_"].width <= SCREENWIDTH:
            draw_patch(overlay, x, y, self.glyphs["_"])
        offsets = (overlay.ravel() != SEE_THROUGH).nonzero()[0]
        return offsets, overlay.take(offsets)
