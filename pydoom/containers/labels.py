"""Names over the heads of container monsters.

A monster's place on the screen is found with the arithmetic of ``R_ProjectSprite``; whether it is seen, with the
simulation's own line of sight. Labels are drawn from near to far into the 3-D view only, and one that would cover a
nearer one moves up or is left out, so that what is there can be read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pydoom.containers.messages import elide
from pydoom.data.tables import ANGLETOFINESHIFT, FINECOSINE, FINESINE
from pydoom.screens.font import SPACE_PX, Font
from pydoom.sim import sight
from pydoom.sim.fixed import FRACUNIT, fixed_div, fixed_mul

if TYPE_CHECKING:
    from pydoom.screens.border import ViewWindow
    from pydoom.screens.video import Frame
    from pydoom.sim.model import Mobj
    from pydoom.sim.world import World

NEAR: Final = 4 * FRACUNIT
FAR: Final = 1200 * FRACUNIT
"""Names further away would be a heap of letters."""
MOST_CANDIDATES: Final = 32
"""Lines of sight looked along in one picture."""
GAP: Final = 6 * FRACUNIT
"""Between the monster's head and its name, in map units."""

_RED: Final = 176
_OUTLINE_SHADES: Final = 12
"""The font is drawn in shades of red from `_RED` on, brightest first; from this one on it is the letters' outline."""
_WHITE: Final = 80
_BLUE: Final = 196
_BLACK: Final = 0
"""Palette indexes: the brightest of two ramps, and the outline."""

Named = tuple["Mobj", str, bool]
"""A monster, its container's name, and whether it is protected."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a label goes: its middle `x` and its bottom `y` on the screen; `distance` in 16.16 map units."""

    distance: int
    x: int
    y: int
    mobj: Mobj
    name: str
    protected: bool


class Labels:
    """Draws names with the small font of the WAD, outlined, so that they can be read on any background."""

    def __init__(self, font: Font) -> None:
        self._font = font
        self._pictures: dict[tuple[str, int], tuple[NDArray[np.uint8], NDArray[np.bool_]]] = {}

    def draw(self, world: World, frame: Frame, window: ViewWindow, named: Iterable[Named]) -> None:
        """Draw the names of those that the displayed player sees into the window of `frame`, uint8[200,320]."""
        viewer = world.players[world.displayplayer]
        spots = _project(world, window, named)
        spots.sort(key=lambda spot: spot.distance)
        taken: list[tuple[int, int, int, int]] = []
        for spot in spots[:MOST_CANDIDATES]:
            if not sight.check_sight(world, viewer.mo, spot.mobj):
                continue
            pixels, mask = self._picture(elide(spot.name), _BLUE if spot.protected else _WHITE)
            height, width = pixels.shape
            x, y = spot.x - width // 2, spot.y - height
            y = max(y, window.y)
            if y + height > window.y + window.height:
                continue
            row = _free_row(taken, x, y, width, height, window.y)
            if row is not None:
                taken.append((x, row, width, height))
                _blit(frame, window, x, row, pixels, mask)

    def draw_status(self, frame: Frame, window: ViewWindow, text: str) -> None:
        """Draw a line in the lower left corner of the view."""
        pixels, mask = self._picture(text, _WHITE)
        _blit(frame, window, window.x + 1, window.y + window.height - pixels.shape[0] - 1, pixels, mask)

    def _picture(self, text: str, colours: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """The text in a ramp of colours with a black outline: pixels uint8[h,w] and mask bool[h,w]."""
        key = (text, colours)
        found = self._pictures.get(key)
        if found is None:
            if len(self._pictures) > 4096:
                self._pictures.clear()
            found = self._pictures[key] = self._render(text, colours)
        return found

    def _render(self, text: str, colours: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        font = self._font
        letters = np.zeros((font.height, max(font.width(text), 1)), np.uint8)
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


def _project(world: World, window: ViewWindow, named: Iterable[Named]) -> list[_Spot]:
    """Those that are in front of the viewer and near enough, as ``R_ProjectSprite`` finds their place."""
    viewer = world.players[world.displayplayer]
    eye = viewer.mo
    fine = eye.angle >> ANGLETOFINESHIFT
    sine, cosine = FINESINE[fine], FINECOSINE[fine]
    half_width = window.width // 2
    projection = half_width << 16
    middle_row = window.y + window.height // 2
    spots = []
    for mobj, name, protected in named:
        dx, dy = mobj.x - eye.x, mobj.y - eye.y
        distance = fixed_mul(dx, cosine) + fixed_mul(dy, sine)
        if not NEAR <= distance <= FAR:
            continue
        aside = fixed_mul(dx, sine) - fixed_mul(dy, cosine)
        if abs(aside) > distance << 1:
            continue
        scale = fixed_div(projection, distance)
        x = window.x + ((projection + fixed_mul(aside, scale)) >> 16)
        if not window.x <= x < window.x + window.width:
            continue
        head = mobj.z + mobj.height + GAP - viewer.viewz
        y = middle_row - (fixed_mul(head, scale) >> 16)
        spots.append(_Spot(distance, x, y, mobj, name, protected))
    return spots


def _free_row(taken: list[tuple[int, int, int, int]], x: int, y: int, width: int, height: int, top: int) -> int | None:
    """The row for a label that shall not cover those drawn: `y`, or one or two lines higher."""
    for row in (y, y - height, y - 2 * height):
        if row < top:
            return None
        if not any(x < tx + tw and tx < x + width and row < ty + th and ty < row + height for tx, ty, tw, th in taken):
            return row
    return None


def _blit(frame: Frame, window: ViewWindow, x: int, y: int, pixels: NDArray[np.uint8], mask: NDArray[np.bool_]) -> None:
    height, width = pixels.shape
    left, right = max(x, window.x), min(x + width, window.x + window.width)
    top, bottom = max(y, window.y), min(y + height, window.y + window.height)
    if left >= right or top >= bottom:
        return
    part = (slice(top - y, bottom - y), slice(left - x, right - x))
    visible = mask[part]
    frame[top:bottom, left:right][visible] = pixels[part][visible]
