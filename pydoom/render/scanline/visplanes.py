"""Floors, ceilings and sky: visplanes and the spans they fall into (``r_plane.c``).

Where a span begins decides its texture coordinates, so planes are found, shared and split exactly as in the original.
"""

from __future__ import annotations

from typing import Final, final

from librt.vecs import append, vec
from mypy_extensions import i32, i64

from pydoom.render.scanline.arithmetic import (
    ANG90,
    U32,
    UNIT,
    cosine_of,
    fixed_div,
    fixed_mul,
    sine_of,
    size_of,
    smaller,
    to_int32,
)
from pydoom.render.scanline.graphics import COLUMN_BYTES
from pydoom.render.scanline.pixels import draw_column, draw_span
from pydoom.render.scanline.scene import ScanlineScene
from pydoom.render.scanline.window import LIGHT_DISTANCES, ScanlineWindow

NO_PLANE: Final = -1
NO_ROW: Final = 0x7FFF
"""Top of a column in which a plane is not seen; its bottom is -1."""
_FLAT_BYTES: Final = 4096
_SKY_MIDDLE: Final = 100 * UNIT


@final
class Visplanes:
    """The planes of a frame in the order they were made, by number.

    `top`, `bottom`: rows of plane p in column x at `start(p) + x`, which has a place for an empty column at both ends.
    """

    def __init__(self, window: ScanlineWindow) -> None:
        self._columns = window.columns
        self._stride = window.columns + 2
        self._count: i64 = 0
        self._height = vec[i64]()
        self._flat = vec[i64]()
        self._light = vec[i64]()
        self._first = vec[i64]()
        self._last = vec[i64]()
        self.top = vec[i32]()
        self.bottom = vec[i32]()
        self._open_since = vec[i32]([0] * int(window.height))

    def clear(self) -> None:
        """Forget the last frame's planes (``R_ClearPlanes``)."""
        self._count = 0

    @property
    def count(self) -> int:
        """How many planes the frame has: the original stops at the 129th."""
        return int(self._count)

    def start(self, plane: i64) -> i64:
        """Place of a plane's column 0 in `top` and `bottom`."""
        return plane * self._stride + 1

    def find(self, height: i64, flat: i64, light: i64) -> i64:
        """The first plane like this, or a new one (``R_FindPlane``)."""
        plane: i64 = 0
        while plane < self._count:
            if self._height[plane] == height and self._flat[plane] == flat and self._light[plane] == light:
                return plane
            plane += 1
        return self._make(height, flat, light)

    def check(self, plane: i64, start: i64, stop: i64) -> i64:
        """This plane if it is seen in none of the columns `start` to `stop`, else another one (``R_CheckPlane``)."""
        top = self.top
        x = self.start(plane) + start
        end = self.start(plane) + stop
        while x <= end:
            if top[x] != NO_ROW:
                plane = self._make(self._height[plane], self._flat[plane], self._light[plane])
                break
            x += 1
        if start < self._first[plane]:
            self._first[plane] = start
        if stop > self._last[plane]:
            self._last[plane] = stop
        return plane

    def mark_bytes(self, place: i64, high: i64, low: i64, rows: i64) -> None:
        """Mark rows that leave the view of `rows` rows: a ``visplane_t`` keeps 8 bits, and a top of 255 is no mark."""
        high, low = high & 0xFF, low & 0xFF
        self.top[place] = i32(high if high != 0xFF else NO_ROW)
        # the original would stop where it draws below the view
        self.bottom[place] = i32(low if low < rows else rows - 1)

    def _make(self, height: i64, flat: i64, light: i64) -> i64:
        plane = self._count
        self._count += 1
        if plane == len(self._height):
            self._height = append(self._height, 0)
            self._flat = append(self._flat, 0)
            self._light = append(self._light, 0)
            self._first = append(self._first, 0)
            self._last = append(self._last, 0)
            x: i64 = 0
            while x < self._stride:
                self.top = append(self.top, NO_ROW)
                self.bottom = append(self.bottom, -1)
                x += 1
        else:
            top, bottom = self.top, self.bottom
            x = plane * self._stride
            end = x + self._stride
            while x < end:
                top[x] = NO_ROW
                bottom[x] = -1
                x += 1
        self._height[plane] = height
        self._flat[plane] = flat
        self._light[plane] = light
        self._first[plane] = self._columns
        self._last[plane] = -1
        return plane

    def draw(self, scene: ScanlineScene) -> None:
        """Draw all planes in their order (``R_DrawPlanes``)."""
        plane: i64 = 0
        while plane < self._count:
            if self._first[plane] <= self._last[plane]:
                if self._flat[plane] == scene.sky_flat:
                    self._draw_sky(scene, plane)
                else:
                    self._draw_spans(scene, plane)
            plane += 1

    def _draw_sky(self, scene: ScanlineScene, plane: i64) -> None:
        """Always full bright, one texture column a view angle."""
        window, graphics, canvas = scene.window, scene.graphics, scene.canvas
        wall = graphics.wall_start(scene.sky_texture)
        mask = graphics.wall_mask[scene.sky_texture]
        pixels, colormaps = graphics.pixels, graphics.colormaps
        angles, top, bottom = window.x_to_angle, self.top, self.bottom
        start, step = self.start(plane), window.sky_step
        middle: i64 = _SKY_MIDDLE
        x, last = self._first[plane], self._last[plane]
        while x <= last:
            high, low = i64(top[start + x]), i64(bottom[start + x])
            if high <= low:
                column = (((scene.angle + angles[x]) & U32) >> 22) & mask
                draw_column(
                    canvas,
                    scene.origin + high * scene.stride + x,
                    scene.stride,
                    low - high + 1,
                    pixels,
                    wall + column * COLUMN_BYTES,
                    colormaps,
                    0,
                    middle + (high - window.center_y) * step,
                    step,
                )
            x += 1

    def _draw_spans(self, scene: ScanlineScene, plane: i64) -> None:
        """Open and close spans where neighbouring columns differ (``R_MakeSpans``)."""
        spans = SpanDrawer(scene, self._height[plane], self._flat[plane], self._light[plane])
        top, bottom, since = self.top, self.bottom, self._open_since
        at = self.start(plane) + self._first[plane]
        x, end = self._first[plane], self._last[plane] + 1
        high, low = i64(NO_ROW), i64(-1)
        while x <= end:
            next_high, next_low = i64(top[at]), i64(bottom[at])
            if x == end:
                next_high, next_low = NO_ROW, -1
            old_high, old_low = high, low
            high, low = next_high, next_low
            while old_high < next_high and old_high <= old_low:
                spans.draw(old_high, i64(since[old_high]), x - 1)
                old_high += 1
            while old_low > next_low and old_low >= old_high:
                spans.draw(old_low, i64(since[old_low]), x - 1)
                old_low -= 1
            while next_high < old_high and next_high <= next_low:
                since[next_high] = i32(x)
                next_high += 1
            while next_low > old_low and next_low >= next_high:
                since[next_low] = i32(x)
                next_low -= 1
            x += 1
            at += 1


@final
class SpanDrawer:
    """Draws the spans of one plane (``R_MapPlane``)."""

    def __init__(self, scene: ScanlineScene, height: i64, flat: i64, light: i64) -> None:
        self._scene = scene
        base = (scene.angle - ANG90) & U32
        self._step_x = fixed_div(cosine_of(base), scene.window.projection)
        self._step_y = -fixed_div(sine_of(base), scene.window.projection)
        self._height = to_int32(size_of(scene.over_eyes(height)))
        self._source = scene.graphics.flats + i64(scene.flats[flat]) * _FLAT_BYTES
        self._lights = scene.window.distance_row((light >> 4) + scene.extra_light)

    def draw(self, y: i64, x1: i64, x2: i64) -> None:
        """Draw row `y` from column `x1` to `x2`."""
        scene = self._scene
        window = scene.window
        distance = fixed_mul(self._height, window.row_slope[y])
        step_x, step_y = fixed_mul(distance, self._step_x), fixed_mul(distance, self._step_y)
        length = fixed_mul(distance, window.column_stretch[x1])
        angle = (scene.angle + window.x_to_angle[x1]) & U32
        x = to_int32(scene.x + fixed_mul(cosine_of(angle), length))
        y_map = to_int32(-scene.y - fixed_mul(sine_of(angle), length))
        light = scene.fixed_light
        if light < 0:
            far = (distance & U32) >> 20
            light = window.distance_light[self._lights + smaller(far, LIGHT_DISTANCES - 1)]
        draw_span(
            scene.canvas,
            scene.origin + y * scene.stride + x1,
            x2 - x1 + 1,
            scene.graphics.pixels,
            self._source,
            scene.graphics.colormaps,
            light,
            ((x << 10) & 0xFFFF0000) | ((y_map >> 6) & 0xFFFF),
            ((step_x << 10) & 0xFFFF0000) | ((step_y >> 6) & 0xFFFF),
        )
