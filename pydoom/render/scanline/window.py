"""The view window and its tables (``R_ExecuteSetViewSize``, ``R_InitTextureMapping``, ``R_InitLightTables``).

At 320x200 the tables are the original's. Other sizes use its formulas with the window's width; the tables of light by
scale grow with the width, so that light falls off over the same distances.
"""

from __future__ import annotations

from typing import Final, final

from librt.vecs import append, vec
from mypy_extensions import i64

from pydoom.data.tables import FINETANGENT
from pydoom.render.scanline.arithmetic import (
    ANG90,
    U32,
    UNIT,
    clamp,
    cosine_of,
    fixed_div,
    fixed_mul,
    size_of,
)

_BASE_WIDTH: Final = 320
_BASE_HEIGHT: Final = 200
_BASE_VIEW_HEIGHT: Final = 168
"""Height of the view without the status bar."""
_LIGHT_LEVELS: Final = 16
_LIGHT_SCALES: Final = 48
LIGHT_DISTANCES: Final = 128
_COLORMAPS: Final = 32
_FINE_ANGLES: Final = 4096
"""Fine angles in half a turn, the size of finetangent."""


def _first_pixel(edge: i64, base: i64, screen: i64) -> i64:
    """The first pixel of a `screen` that lies at or behind pixel `edge` of the `base`."""
    return -((-edge * screen) // base)


@final
class ScanlineWindow:
    """Window and tables for one screen size, one number of screen blocks and one detail (1 is low).

    - `left`, `top`, `width`, `height`: pixels on the screen; `columns`: half the width, rounded up, in low detail
    - `projection` 16.16: scale of a wall at distance 1, and the centre column
    - `angle_to_x`[4096]: fine angle from -90 degrees -> column; `x_to_angle`[columns + 1]: BAM
    - `row_slope`[height], `column_stretch`[columns] 16.16: ``yslope`` and ``distscale``
    - `scale_light`[16 * scales], `distance_light`[16 * 128]: colormap offsets by light level and wall scale or distance
    - `weapon_scale`, `weapon_step` 16.16; `weapon_drop` 16.16 rows: how much lower the weapon is than in the original's
      shape of window; `sky_step` 16.16 rows of sky a pixel
    """

    def __init__(self, screen_width: i64, screen_height: i64, blocks: i64, detail: i64) -> None:
        self.screen_width = screen_width
        self.screen_height = screen_height
        self.detail = detail
        # whether rows are kept in 16 bits, and those of planes in 8, as in the original: at its size only
        self.narrow_rows = screen_width == _BASE_WIDTH and screen_height == _BASE_HEIGHT
        if blocks >= 11:
            base_width, base_height, base_left, base_top = _BASE_WIDTH, _BASE_HEIGHT, i64(0), i64(0)
        else:
            base_width, base_height = blocks * 32, (blocks * _BASE_VIEW_HEIGHT // 10) & ~7
            base_left = (_BASE_WIDTH - base_width) // 2
            base_top = i64(0) if base_width == _BASE_WIDTH else (_BASE_VIEW_HEIGHT - base_height) // 2
        self.left = _first_pixel(base_left, _BASE_WIDTH, screen_width)
        self.top = _first_pixel(base_top, _BASE_HEIGHT, screen_height)
        self.width = _first_pixel(base_left + base_width, _BASE_WIDTH, screen_width) - self.left
        self.height = _first_pixel(base_top + base_height, _BASE_HEIGHT, screen_height) - self.top
        self.columns = (self.width + detail) >> detail
        self.center_x = self.columns // 2
        self.center_y = self.height // 2
        self.projection = self.center_x << 16
        self.scales = _LIGHT_SCALES * (screen_width // _BASE_WIDTH if screen_width > _BASE_WIDTH else 1)
        self.weapon_scale = UNIT * self.columns // _BASE_WIDTH
        self.weapon_step = UNIT * _BASE_WIDTH // self.columns
        here = (self.height // 2 * _BASE_WIDTH << 16) // self.width
        self.weapon_drop = here - (base_height // 2 * _BASE_WIDTH << 16) // base_width
        stretched = 100 * UNIT // (self.center_y if self.center_y > 1 else 1)
        step = self.weapon_step >> detail
        self.sky_step = step if step < stretched else stretched
        self.angle_to_x = vec[i64]()
        self.x_to_angle = vec[i64]()
        self.row_slope = vec[i64]()
        self.column_stretch = vec[i64]()
        self.scale_light = vec[i64]()
        self.distance_light = vec[i64]()
        self._map_angles()
        self.clip_angle = self.x_to_angle[0]
        self._measure_planes()
        self._light()

    def _map_angles(self) -> None:
        """``R_InitTextureMapping``."""
        width = self.columns
        focal = fixed_div(self.projection, FINETANGENT[_FINE_ANGLES // 2 + 1024])
        columns = vec[i64]()
        for tangent in FINETANGENT:
            if tangent > 2 * UNIT:
                x: i64 = -1
            elif tangent < -2 * UNIT:
                x = width + 1
            else:
                x = clamp((self.projection - fixed_mul(tangent, focal) + UNIT - 1) >> 16, -1, width + 1)
            columns = append(columns, x)
            self.angle_to_x = append(self.angle_to_x, clamp(x, 0, width))
        # columns fall from left to right: for each the first fine angle at or left of it
        self.x_to_angle = vec[i64]([0] * int(width + 1))
        angle: i64 = 0
        column = width
        while column >= 0:
            while columns[angle] > column:
                angle += 1
            self.x_to_angle[column] = ((angle << 19) - ANG90) & U32
            column -= 1

    def _measure_planes(self) -> None:
        half_width = (self.columns << self.detail) // 2 * UNIT
        y: i64 = 0
        while y < self.height:
            distance = size_of(((y - self.height // 2) << 16) + UNIT // 2)
            self.row_slope = append(self.row_slope, fixed_div(half_width, distance))
            y += 1
        x: i64 = 0
        while x < self.columns:
            stretch = fixed_div(UNIT, size_of(cosine_of(self.x_to_angle[x])))
            self.column_stretch = append(self.column_stretch, stretch)
            x += 1

    def _light(self) -> None:
        """``R_InitLightTables``, and what R_ExecuteSetViewSize derives from them."""
        shown = self.columns << self.detail
        level: i64 = 0
        while level < _LIGHT_LEVELS:
            start = (_LIGHT_LEVELS - 1 - level) * 2 * _COLORMAPS // _LIGHT_LEVELS
            near: i64 = 0
            while near < self.scales:
                number = clamp(start - near * _BASE_WIDTH // shown // 2, 0, _COLORMAPS - 1)
                self.scale_light = append(self.scale_light, number * 256)
                near += 1
            far: i64 = 0
            while far < LIGHT_DISTANCES:
                scale = fixed_div(_BASE_WIDTH // 2 * UNIT, (far + 1) << 20) >> 12
                number = clamp(start - scale // 2, 0, _COLORMAPS - 1)
                self.distance_light = append(self.distance_light, number * 256)
                far += 1
            level += 1

    def light_row(self, level: i64) -> i64:
        """Place in `scale_light` of a light level that may be out of bounds."""
        return clamp(level, 0, _LIGHT_LEVELS - 1) * self.scales

    def distance_row(self, level: i64) -> i64:
        """Place in `distance_light` of a light level that may be out of bounds."""
        return clamp(level, 0, _LIGHT_LEVELS - 1) * LIGHT_DISTANCES
