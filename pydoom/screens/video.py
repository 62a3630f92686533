"""Drawing patches on the indexed screen (``v_video.c``).

The screen is always 320x200, row-major and contiguous, of 8 bits a pixel, or of 16 in high resolution. A patch is
turned once into a stencil: the flat screen offsets of its visible pixels and their colours, so that drawing is one
scatter; a patch without holes is copied as a rectangle. The original stops the program when a patch leaves the screen;
here it is clipped, since add-on WADs do that.
"""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

SCREENWIDTH: Final = 320
SCREENHEIGHT: Final = 200

Frame = NDArray[np.uint8] | NDArray[np.uint16]
"""The screen: palette indexes, uint8[200,320]; uint16[200,320] for what is laid over the view in high resolution."""

SEE_THROUGH: Final = 256
"""In a 16-bit screen, a transparent pixel. `SEE_THROUGH` + n: transparent, darkened by row n of COLORMAP."""


class Picture(Protocol):
    """A patch to draw: size and hot spot in pixels, pixels uint8[h,w], mask bool[h,w] (True: visible)."""

    @property
    def width(self) -> int:
        """Columns."""

    @property
    def height(self) -> int:
        """Rows."""

    @property
    def leftoffset(self) -> int:
        """Column of the hot spot."""

    @property
    def topoffset(self) -> int:
        """Row of the hot spot."""

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """Palette indexes."""

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Which pixels are opaque."""


class PictureSource(Protocol):
    """The source of patches: the WAD's assets."""

    def patch(self, name: str) -> Picture:
        """The patch called `name`."""

    def has_lump(self, name: str) -> bool:
        """Whether there is a lump called `name`."""


class _Stencil:
    """A patch prepared for drawing; `picture` keeps the patch alive, so that its id is not reused."""

    __slots__ = ("colours", "offsets", "picture", "pixels")

    def __init__(self, picture: Picture, flipped: bool) -> None:
        self.picture = picture
        pixels, mask = picture.pixels, picture.mask
        if flipped:
            pixels, mask = pixels[:, ::-1], mask[:, ::-1]
        self.pixels: NDArray[np.uint8] | None = None
        if mask.all():
            self.pixels = np.ascontiguousarray(pixels)
        rows, columns = mask.nonzero()
        self.offsets: NDArray[np.intp] = rows * SCREENWIDTH + columns
        self.colours: NDArray[np.uint8] = pixels[rows, columns]


_stencils: dict[tuple[int, bool], _Stencil] = {}


def _stencil(picture: Picture, flipped: bool) -> _Stencil:
    key = (id(picture), flipped)
    stencil = _stencils.get(key)
    if stencil is None:
        stencil = _stencils[key] = _Stencil(picture, flipped)
    return stencil


def draw_patch(frame: Frame, x: int, y: int, picture: Picture, flipped: bool = False) -> None:
    """Draw `picture` with its hot spot at (x, y), mirrored if `flipped` (``V_DrawPatch``, ``V_DrawPatchFlipped``)."""
    x -= picture.leftoffset
    y -= picture.topoffset
    width, height = picture.width, picture.height
    stencil = _stencil(picture, flipped)
    if x < 0 or y < 0 or x + width > SCREENWIDTH or y + height > SCREENHEIGHT:
        _draw_clipped(frame, x, y, stencil)
    elif stencil.pixels is not None:
        frame[y : y + height, x : x + width] = stencil.pixels
    else:
        frame.reshape(-1)[stencil.offsets + (y * SCREENWIDTH + x)] = stencil.colours


def _draw_clipped(frame: Frame, x: int, y: int, stencil: _Stencil) -> None:
    rows, columns = np.divmod(stencil.offsets, SCREENWIDTH)
    rows, columns = rows + y, columns + x
    inside = (rows >= 0) & (rows < SCREENHEIGHT) & (columns >= 0) & (columns < SCREENWIDTH)
    frame[rows[inside], columns[inside]] = stencil.colours[inside]


def darken(frame: Frame, colormaps: NDArray[np.uint8], row: int) -> None:
    """Darken all of `frame`, any part of a screen, through a row of `colormaps`, uint8[34,256]."""
    table = colormaps[row]
    if frame.dtype == np.uint8:
        frame[:] = table[frame]
    else:
        frame[:] = np.where(frame < SEE_THROUGH, table.take(frame, mode="clip"), np.uint16(SEE_THROUGH + row))


def tile_flat(frame: Frame, flat: NDArray[np.uint8]) -> None:
    """Fill all of `frame` (any height, 320 wide) with a 64x64 `flat` from the upper left corner."""
    height, width = frame.shape
    frame[:] = np.tile(flat, (-(-height // 64), -(-width // 64)))[:height, :width]
