"""What every stage of a frame shares: the viewpoint, the level, the graphics and where the pixels go."""

from __future__ import annotations

from typing import final

from librt.vecs import vec
from mypy_extensions import i64, u8

from pydoom.render.camera import Camera
from pydoom.render.scanline.arithmetic import (
    ANG90,
    U32,
    angle_of,
    clamp,
    distance_of,
    fixed_div,
    fixed_mul,
    sine_of,
    smaller,
    to_int32,
)
from pydoom.render.scanline.graphics import Graphics
from pydoom.render.scanline.window import ScanlineWindow
from pydoom.sim.world import World


@final
class ScanlineScene:
    """One frame's viewpoint and canvas.

    - `x`, `y`, `z` 16.16; `angle` BAM, with its `sine` and `cosine`; `extra_light` in light levels
    - `fixed_light`: offset of the colormap for everything, negative for none
    - `sky_flat`, `sky_texture`: numbers; `textures`, `flats`: what each number shows at present (animations)
    - `canvas`: rows of `stride` pixels, the view's first one at `origin`
    """

    def __init__(
        self,
        world: World,
        window: ScanlineWindow,
        graphics: Graphics,
        camera: Camera,
        canvas: vec[u8],
        stride: i64,
        origin: i64,
    ) -> None:
        self.world = world
        self.window = window
        self.graphics = graphics
        self.x: i64 = camera.x
        self.y: i64 = camera.y
        self.z: i64 = camera.z
        self.angle: i64 = camera.angle
        self.sine: i64 = camera.sin
        self.cosine: i64 = camera.cos
        self.extra_light: i64 = camera.extra_light
        self.fixed_light: i64 = camera.fixed_colormap * 256 if camera.fixed_colormap else -1
        self.sky_flat: i64 = camera.sky_flat
        self.sky_texture: i64 = camera.sky_texture
        self.textures = world.texturetranslation
        self.flats = world.flattranslation
        self.canvas = canvas
        self.stride = stride
        self.origin = origin

    def angle_to(self, x: i64, y: i64) -> i64:
        """BAM of the point (x, y) as seen from here."""
        return angle_of(x - self.x, y - self.y)

    def distance_to(self, x: i64, y: i64) -> i64:
        """Distance of the point (x, y), 16.16."""
        return distance_of(x - self.x, y - self.y)

    def over_eyes(self, height: i64) -> i64:
        """How far a height is above the eyes, 16.16; wraps, as every difference does in the original."""
        return to_int32(height - self.z)

    def light_of(self, row: i64, scale: i64) -> i64:
        """Colormap offset of something at this `scale`, `row` being its light level's in the window's tables."""
        if self.fixed_light >= 0:
            return self.fixed_light
        window = self.window
        near = (scale & U32) >> 12
        return window.scale_light[row + smaller(near, window.scales - 1)]

    def wall_scale(self, column: i64, normal: i64, distance: i64) -> i64:
        """Scale at a screen column of a wall at this distance with this normal (``R_ScaleFromGlobalAngle``)."""
        window = self.window
        ray = window.x_to_angle[column]
        sine = sine_of((ANG90 + ray) & U32)
        num = fixed_mul(window.projection, sine_of((ANG90 + ray + self.angle - normal) & U32)) << window.detail
        den = fixed_mul(distance, sine)
        if den > num >> 16:
            return clamp(fixed_div(num, den), 256, 64 << 16)
        return 64 << 16
