"""The border around a view smaller than the screen (``R_FillBackScreen``, ``R_DrawViewBorder``, ``R_VideoErase``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from pydoom.screens.video import SCREENHEIGHT, SCREENWIDTH, Frame, PictureSource, draw_patch, tile_flat
from pydoom.sim.fixed import FRACUNIT

VIEW_ROWS: Final = 168
"""Rows above the status bar."""
_BEZEL_PX: Final = 8


@dataclass(frozen=True, slots=True)
class ViewWindow:
    """The 3-D view's rectangle on the screen, in pixels (viewwindowx, viewwindowy, scaledviewwidth, viewheight).

    `row_scale`, 16.16: a square in the view's middle is so many times as high as wide here. Not 1 in pictures of
    another shape than 320x200, since the graphics are made to fit and the view is not.
    """

    x: int
    y: int
    width: int
    height: int
    row_scale: int = FRACUNIT

    @property
    def bordered(self) -> bool:
        """Whether there is a border around the view."""
        return self.width != SCREENWIDTH

    @property
    def fullscreen(self) -> bool:
        """Whether the view covers the status bar."""
        return self.height == SCREENHEIGHT


def view_window(screenblocks: int, row_scale: int = FRACUNIT) -> ViewWindow:
    """The window for a view size of 3 to 11 blocks (``R_ExecuteSetViewSize``, ``R_InitBuffer``)."""
    if screenblocks == 11:
        return ViewWindow(0, 0, SCREENWIDTH, SCREENHEIGHT, row_scale)
    width = screenblocks * 32
    height = screenblocks * 168 // 10 & ~7
    y = 0 if width == SCREENWIDTH else (VIEW_ROWS - height) >> 1
    return ViewWindow((SCREENWIDTH - width) >> 1, y, width, height, row_scale)


class BorderSource(PictureSource, Protocol):
    """The assets, which also have flats."""

    def flat_number(self, name: str) -> int:
        """Number of a flat."""

    def flat(self, number: int) -> NDArray[np.uint8]:
        """Pixels of a flat, uint8[64,64]."""


class Border:
    """The tiled background with its bezel, drawn in advance into a buffer of its own."""

    def __init__(self, assets: BorderSource, flat_name: str) -> None:
        self._assets = assets
        self._flat_name = flat_name
        self._window = view_window(10)
        self._background: Frame | None = None

    def fill(self, window: ViewWindow) -> None:
        """Prepare the border around `window`; none when the view has full width (``R_FillBackScreen``)."""
        self._window = window
        if not window.bordered:
            self._background = None
            return
        screen: Frame = np.zeros((SCREENHEIGHT, SCREENWIDTH), np.uint8)
        tile_flat(screen[:VIEW_ROWS], self._assets.flat(self._assets.flat_number(self._flat_name)))
        patch = self._assets.patch
        x, y, right, bottom = window.x, window.y, window.x + window.width, window.y + window.height
        for name, top in (("BRDR_T", y - _BEZEL_PX), ("BRDR_B", bottom)):
            for column in range(x, right, _BEZEL_PX):
                draw_patch(screen, column, top, patch(name))
        for name, left in (("BRDR_L", x - _BEZEL_PX), ("BRDR_R", right)):
            for row in range(y, bottom, _BEZEL_PX):
                draw_patch(screen, left, row, patch(name))
        draw_patch(screen, x - _BEZEL_PX, y - _BEZEL_PX, patch("BRDR_TL"))
        draw_patch(screen, right, y - _BEZEL_PX, patch("BRDR_TR"))
        draw_patch(screen, x - _BEZEL_PX, bottom, patch("BRDR_BL"))
        draw_patch(screen, right, bottom, patch("BRDR_BR"))
        self._background = screen[:VIEW_ROWS]

    def draw(self, frame: Frame) -> None:
        """Put the border on the screen (``R_DrawViewBorder``)."""
        self.erase_rows(frame, 0, VIEW_ROWS)

    def erase_rows(self, frame: Frame, top: int, bottom: int, *, halved: bool = False) -> None:
        """Bring back the border in rows `top` to `bottom` - 1, leaving the view alone (``R_VideoErase``).

        `halved` takes the view for half as wide, as the original does in low detail when it erases text: what it then
        puts into the view's middle stays where nothing is drawn.
        """
        background, window = self._background, self._window
        if background is None:
            return
        bottom = min(bottom, VIEW_ROWS)
        view_top, view_bottom = max(top, window.y), min(bottom, window.y + window.height)
        if view_top >= view_bottom:
            frame[top:bottom] = background[top:bottom]
            return
        frame[top:view_top] = background[top:view_top]
        frame[view_bottom:bottom] = background[view_bottom:bottom]
        right = window.x + (window.width // 2 if halved else window.width)
        for columns in (slice(window.x), slice(right, right + window.x)):
            frame[view_top:view_bottom, columns] = background[view_top:view_bottom, columns]
