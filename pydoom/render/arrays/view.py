"""The view window and its tables (``R_ExecuteSetViewSize``, ``R_InitTextureMapping``, ``R_InitLightTables``).

At 320x200 every table equals the original's. Other sizes use the same formulas with the window's width; only the
tables of light by scale grow with the width, so that light falls off over the same distances.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from pydoom.data.tables import ANG90, FINETANGENT
from pydoom.render.arrays.arith import COSINE, I64, SINE, U32
from pydoom.sim.fixed import FRACUNIT, fixed_div, fixed_mul

BASE_WIDTH: Final = 320
BASE_HEIGHT: Final = 200
STATUSBAR_HEIGHT: Final = 32
"""Rows of the status bar on a 320x200 screen."""

LIGHTLEVELS: Final = 16
_MAXLIGHTSCALE: Final = 48
_MAXLIGHTZ: Final = 128
_NUMCOLORMAPS: Final = 32
_FIELDOFVIEW: Final = 2048
_SKY_ROWS: Final = 100
"""Rows of sky above the horizon."""


def base_window(screenblocks: int) -> tuple[int, int, int, int]:
    """Left, top, width and height of the view window on a 320x200 screen."""
    if screenblocks >= 11:
        return 0, 0, BASE_WIDTH, BASE_HEIGHT
    rows = BASE_HEIGHT - STATUSBAR_HEIGHT
    width, height = screenblocks * BASE_WIDTH // 10, (screenblocks * rows // 10) & ~7
    return (BASE_WIDTH - width) // 2, 0 if width == BASE_WIDTH else (rows - height) // 2, width, height


def _enlarged(start: int, size: int, base: int, screen: int) -> tuple[int, int]:
    """Start and size of the pixels on a `screen` that show pixels of the `base` when each shows the one it lies on."""
    first, last = -(-start * screen // base), -(-(start + size) * screen // base)
    return first, last - first


def _half_height(width: int, height: int) -> int:
    """Half of a window's height in 16.16 pixels of a window scaled to 320 pixels width."""
    return (height // 2 * BASE_WIDTH << 16) // width


class ViewTables:
    """Window and projection tables for one screen size and one number of screen blocks.

    - `width`, `height`, `left`, `top`: the view window on the screen, pixels; `screen_width` the row length
    - `columns`: width in drawn columns: half the width, rounded up, in low detail (`detail` 1)
    - `angle_to_x` int64[4096]: fine angle from -90 degrees -> column; `x_to_angle` uint32[columns + 1]: BAM
    - `yslope` int64[height], `distscale` int64[columns]: 16.16, for floors and ceilings
    - `scale_light` int64[16 * scales]: light level and wall scale -> offset of a colormap;
      `z_light` int64[16 * 128]: the same for light level and distance
    - `below`: below[x] has the bits 0 to x - 1 set, x up to columns + 1
    """

    def __init__(self, screen_width: int, screen_height: int, screenblocks: int, detail: int = 0) -> None:
        self.screen_width = screen_width
        self.screen_height = screen_height
        self.screenblocks = screenblocks
        self.detail = detail
        self.narrow_rows = (screen_width, screen_height) == (BASE_WIDTH, BASE_HEIGHT)
        """Whether rows are kept in 16 bits, and those of planes in 8, as in the original: at its size only."""
        base_left, base_top, base_width, base_height = base_window(screenblocks)
        self.left, self.width = _enlarged(base_left, base_width, BASE_WIDTH, screen_width)
        self.top, self.height = _enlarged(base_top, base_height, BASE_HEIGHT, screen_height)
        self.columns = (self.width + detail) >> detail
        self.centerx = self.columns // 2
        self.centery = self.height // 2
        self.projection = self.centerx << 16
        """16.16: scale of a wall at distance 1 in columns, also the centre column."""
        self.psprite_scale = FRACUNIT * self.columns // BASE_WIDTH
        self.psprite_iscale = FRACUNIT * BASE_WIDTH // self.columns
        self.psprite_drop = _half_height(self.width, self.height) - _half_height(base_width, base_height)
        """16.16 pixels of a 320 pixel wide view by which the weapon is lower than in the original's window, since this
        one is taller or flatter: 0 at 320x200."""
        self.sky_iscale = min(self.psprite_iscale >> detail, (_SKY_ROWS << 16) // max(self.centery, 1))
        """16.16 rows of sky texture per pixel: the original's, but in tall views the sky is stretched to the top."""
        self.scales = _MAXLIGHTSCALE * max(1, screen_width // BASE_WIDTH)
        self._init_texture_mapping()
        self._init_planes()
        self._init_light()
        self.below: list[int] = [(1 << x) - 1 for x in range(self.columns + 2)]

    def _init_texture_mapping(self) -> None:
        width = self.columns
        focal = fixed_div(self.projection, FINETANGENT[2048 + _FIELDOFVIEW // 2])
        mapped = []
        for tangent in FINETANGENT:
            if tangent > FRACUNIT * 2:
                x = -1
            elif tangent < -FRACUNIT * 2:
                x = width + 1
            else:
                x = (self.projection - fixed_mul(tangent, focal) + FRACUNIT - 1) >> 16
                x = min(max(x, -1), width + 1)
            mapped.append(x)
        table = np.array(mapped)
        # the columns fall from left to right: the first fine angle at or left of each column
        first = np.searchsorted(-table, -np.arange(width + 1))
        self.x_to_angle: U32 = ((first << 19) - ANG90).astype(np.uint32)
        self.angle_to_x: I64 = table.clip(0, width)
        self.clip_angle = int(self.x_to_angle[0])
        self.column_sine: I64 = SINE.take((self.x_to_angle + np.uint32(ANG90)) >> 19)
        """Sine of the angle between the view plane and each column's ray, for wall scales."""

    def _init_planes(self) -> None:
        half_width = (self.columns << self.detail) // 2 * FRACUNIT
        rows = range(self.height)
        slopes = [fixed_div(half_width, abs(((y - self.height // 2) << 16) + FRACUNIT // 2)) for y in rows]
        self.yslope: I64 = np.array(slopes, np.int64)
        cosines = np.abs(COSINE.take(self.x_to_angle[: self.columns] >> 19)).tolist()
        self.distscale: I64 = np.array([fixed_div(FRACUNIT, cosine) for cosine in cosines], np.int64)

    def _init_light(self) -> None:
        starts = ((LIGHTLEVELS - 1 - np.arange(LIGHTLEVELS)) * 2 * _NUMCOLORMAPS // LIGHTLEVELS)[:, None]
        by_scale = starts - np.arange(self.scales) * BASE_WIDTH // (self.columns << self.detail) // 2
        distances = np.arange(1, _MAXLIGHTZ + 1) << 20
        by_distance = starts - (((BASE_WIDTH // 2 * FRACUNIT) << 16) // distances >> 12) // 2
        self.scale_light: I64 = (by_scale.clip(0, _NUMCOLORMAPS - 1) * 256).ravel()
        self.z_light: I64 = (by_distance.clip(0, _NUMCOLORMAPS - 1) * 256).ravel()
