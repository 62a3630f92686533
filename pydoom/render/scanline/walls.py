"""Wall ranges: what of each is textured, what it marks and clips, and its columns (``r_segs.c``)."""

from __future__ import annotations

from typing import Final, final

from librt.vecs import append, vec
from mypy_extensions import i32, i64

from pydoom.render.scanline.arithmetic import (
    ANG90,
    ANG180,
    MAXINT,
    MININT,
    TANGENT,
    U32,
    fixed_mul,
    larger,
    sine_of,
    size_of,
    smaller,
    to_int16,
    to_int32,
    whole_div,
)
from pydoom.render.scanline.graphics import COLUMN_BYTES
from pydoom.render.scanline.pixels import draw_column
from pydoom.render.scanline.scene import ScanlineScene
from pydoom.render.scanline.visplanes import NO_PLANE, Visplanes
from pydoom.render.scanline.window import ScanlineWindow
from pydoom.sim.level import ML_DONTPEGBOTTOM, ML_DONTPEGTOP, ML_MAPPED, Sector, Seg

SIL_BOTTOM: Final = 1
SIL_TOP: Final = 2
_MAXDRAWSEGS: Final = 256
_SHORT_MAX: Final = 0x7FFF
_BASE_WIDTH: Final = 320
NOWHERE: Final = -1
"""No place in `Walls.openings`."""
COLUMN_DRAWN: Final = 0x7FFF
"""Stands for the texture column of a masked column that has been drawn, or is not there."""


@final
class WallRange:
    """A piece of a seg that is seen (``drawseg_t``).

    - `x1`, `x2` columns; `scale1`, `scale2`, `step` 16.16
    - `silhouette` SIL_ bits; it hides sprites below `bottom_height` and above `top_height`, 16.16
    - `top_at`, `bottom_at`, `masked_at`: places in `Walls.openings` of column x1's upper and lower clip row and of its
      texture column, or NOWHERE
    """

    def __init__(self, seg: Seg) -> None:
        self.seg = seg
        self.x1: i64 = 0
        self.x2: i64 = 0
        self.scale1: i64 = 0
        self.scale2: i64 = 0
        self.step: i64 = 0
        self.silhouette: i64 = 0
        self.bottom_height: i64 = 0
        self.top_height: i64 = 0
        self.top_at: i64 = NOWHERE
        self.bottom_at: i64 = NOWHERE
        self.masked_at: i64 = NOWHERE


@final
class _Tier:
    """A texture along the range at work: `row` is the one at eye level, 16.16. Without one, `there` is False."""

    def __init__(self) -> None:
        self.there = False
        self._start: i64 = 0
        self._mask: i64 = 0
        self._row: i64 = 0

    def set(self, scene: ScanlineScene, texture: i64, row: i64) -> None:
        """Take a wall texture by the number that a side has; 0 is none."""
        shown: i64 = scene.textures[texture]
        self.there = shown != 0
        if self.there:
            self._start = scene.graphics.wall_start(shown)
            self._mask = scene.graphics.wall_mask[shown]
            self._row = row

    def draw(self, scene: ScanlineScene, x: i64, yl: i64, yh: i64, column: i64, scale: i64, light: i64) -> None:
        """Draw rows `yl` to `yh` of texture column `column`, if they are in the view: the original would stop."""
        if yl < 0:
            yl = 0
        if yh >= scene.window.height:
            yh = scene.window.height - 1
        graphics = scene.graphics
        step = U32 // (scale & U32)
        draw_column(
            scene.canvas,
            scene.origin + yl * scene.stride + x,
            scene.stride,
            yh - yl + 1,
            graphics.pixels,
            self._start + (column & self._mask) * COLUMN_BYTES,
            graphics.colormaps,
            light,
            self._row + (yl - scene.window.center_y) * step,
            step,
        )


@final
class _RangeTiers:
    """What is drawn and marked along the range at work (the ``rw_`` globals).

    `top`, `bottom`, `high`, `low`: front ceiling and floor, back ceiling and floor over the eye, 16.16; `offset` 16.16
    columns.
    """

    def __init__(self) -> None:
        self.masked = False
        self.mark_ceiling = False
        self.mark_floor = False
        self.top: i64 = 0
        self.bottom: i64 = 0
        self.high: i64 = 0
        self.low: i64 = 0
        self.middle = _Tier()
        self.upper = _Tier()
        self.lower = _Tier()
        self.distance: i64 = 0
        self.offset: i64 = 0
        self.center_angle: i64 = 0
        self.light_row: i64 = 0


def light_level(scene: ScanlineScene, seg: Seg, level: i64) -> i64:
    """A seg's light level: walls along an axis are a little darker or lighter."""
    number = (level >> 4) + scene.extra_light
    if seg.v1.y == seg.v2.y:
        return number - 1
    return number + 1 if seg.v1.x == seg.v2.x else number


@final
class Walls:
    """The wall ranges of a frame, front to back, and the clip rows they leave behind.

    - `ceiling_clip`, `floor_clip`[columns]: last row closed from above, first row closed from below
    - `floor`, `ceiling`: planes of the subsector at work, or NO_PLANE
    - `ranges`[:`count`]; `openings`: their clip rows and masked texture columns
    """

    def __init__(self, window: ScanlineWindow, planes: Visplanes) -> None:
        columns = int(window.columns)
        self._planes = planes
        self.ceiling_clip = vec[i32]([0] * columns)
        self.floor_clip = vec[i32]([0] * columns)
        self.floor: i64 = NO_PLANE
        self.ceiling: i64 = NO_PLANE
        self.ranges: list[WallRange] = []
        self.count: i64 = 0
        # what clips everything: rows behind the last and before the first one (screenheightarray, negonearray)
        self.openings = vec[i32]([int(window.height)] * columns + [-1] * columns)
        self._all_below: i64 = 0
        self._all_above: i64 = columns
        self._used: i64 = 0
        self._tiers = _RangeTiers()

    def clear(self, window: ScanlineWindow) -> None:
        """Begin a frame with nothing clipped (``R_ClearClipSegs``, ``R_ClearPlanes``)."""
        ceiling, floor, height = self.ceiling_clip, self.floor_clip, i32(window.height)
        x: i64 = 0
        while x < window.columns:
            ceiling[x] = -1
            floor[x] = height
            x += 1
        self.count = 0
        self._used = 2 * window.columns

    def store(self, scene: ScanlineScene, seg: Seg, front: Sector, angle1: i64, start: i64, stop: i64) -> None:
        """Draw columns `start` to `stop` of a seg whose first vertex is at `angle1` (``R_StoreWallRange``)."""
        if scene.window.screen_width == _BASE_WIDTH and self.count == _MAXDRAWSEGS:
            return
        seg.linedef.flags |= ML_MAPPED
        made = self._next_range(seg)
        tiers = self._tiers
        normal = (i64(seg.angle) + ANG90) & U32
        lean = size_of(to_int32(to_int32(normal) - to_int32(angle1)))
        if lean > ANG90:
            lean = ANG90
        hypotenuse = scene.distance_to(seg.v1.x, seg.v1.y)
        distance = fixed_mul(hypotenuse, sine_of(ANG90 - lean))
        made.x1, made.x2 = start, stop
        made.scale1 = made.scale2 = scene.wall_scale(start, normal, distance)
        made.step = 0
        if stop > start:
            made.scale2 = scene.wall_scale(stop, normal, distance)
            made.step = whole_div(made.scale2 - made.scale1, stop - start)
        tiers.distance = distance
        tiers.offset = _offset_along(hypotenuse, (normal - angle1) & U32) + i64(seg.sidedef.textureoffset)
        tiers.offset = to_int32(tiers.offset + i64(seg.offset))
        tiers.center_angle = ANG90 + scene.angle - normal
        tiers.light_row = scene.window.light_row(light_level(scene, seg, front.lightlevel))
        back = seg.backsector
        if back is None:
            self._one_sided(scene, seg, front, made)
        else:
            self._two_sided(scene, seg, front, back, made)
        if front.floorheight >= scene.z:
            tiers.mark_floor = False
        if front.ceilingheight <= scene.z and front.ceilingpic != scene.sky_flat:
            tiers.mark_ceiling = False
        if tiers.mark_ceiling:
            self.ceiling = self._planes.check(self.ceiling, start, stop)
        if tiers.mark_floor:
            self.floor = self._planes.check(self.floor, start, stop)
        self._draw(scene, made)
        self._save_clips(made)

    def _next_range(self, seg: Seg) -> WallRange:
        if self.count == len(self.ranges):
            self.ranges.append(WallRange(seg))
        made = self.ranges[self.count]
        self.count += 1
        made.seg = seg
        made.silhouette = 0
        made.bottom_height = made.top_height = 0
        made.top_at = made.bottom_at = made.masked_at = NOWHERE
        return made

    def _one_sided(self, scene: ScanlineScene, seg: Seg, front: Sector, made: WallRange) -> None:
        tiers, side = self._tiers, seg.sidedef
        tiers.mark_floor = tiers.mark_ceiling = True
        tiers.masked = tiers.upper.there = tiers.lower.there = False
        tiers.top, tiers.bottom = scene.over_eyes(front.ceilingheight), scene.over_eyes(front.floorheight)
        tiers.high = tiers.low = 0
        row = tiers.top
        if seg.linedef.flags & ML_DONTPEGBOTTOM:
            row = tiers.bottom + scene.graphics.texture_height[side.midtexture]
        tiers.middle.set(scene, side.midtexture, row + i64(side.rowoffset))
        made.silhouette = SIL_TOP | SIL_BOTTOM
        made.bottom_height, made.top_height = MAXINT, MININT
        made.top_at, made.bottom_at = self._all_below, self._all_above

    def _two_sided(self, scene: ScanlineScene, seg: Seg, front: Sector, back: Sector, made: WallRange) -> None:
        tiers, side, flags = self._tiers, seg.sidedef, i64(seg.linedef.flags)
        floor, ceiling = i64(front.floorheight), i64(front.ceilingheight)
        back_floor, back_ceiling = i64(back.floorheight), i64(back.ceilingheight)
        self._silhouette(scene.z, floor, ceiling, back_floor, back_ceiling, made)
        top, bottom = scene.over_eyes(ceiling), scene.over_eyes(floor)
        high, low = scene.over_eyes(back_ceiling), scene.over_eyes(back_floor)
        if front.ceilingpic == scene.sky_flat and back.ceilingpic == scene.sky_flat:
            top = high
        differs = back_ceiling <= floor or back_floor >= ceiling or back.lightlevel != front.lightlevel
        tiers.mark_floor = differs or low != bottom or back.floorpic != front.floorpic
        tiers.mark_ceiling = differs or high != top or back.ceilingpic != front.ceilingpic
        tiers.middle.there = tiers.upper.there = tiers.lower.there = False
        if high < top:
            row = top
            if not flags & ML_DONTPEGTOP:
                row = high + scene.graphics.texture_height[side.toptexture]
            tiers.upper.set(scene, side.toptexture, row + i64(side.rowoffset))
        if low > bottom:
            row = top if flags & ML_DONTPEGBOTTOM else low
            tiers.lower.set(scene, side.bottomtexture, row + i64(side.rowoffset))
        tiers.masked = side.midtexture != 0
        if tiers.masked:
            made.masked_at = self._room(made)
        tiers.top, tiers.bottom, tiers.high, tiers.low = top, bottom, high, low

    def _silhouette(
        self, z: i64, floor: i64, ceiling: i64, back_floor: i64, back_ceiling: i64, made: WallRange
    ) -> None:
        """What the range hides of sprites behind it."""
        if floor > back_floor:
            made.silhouette, made.bottom_height = SIL_BOTTOM, floor
        elif back_floor > z:
            made.silhouette, made.bottom_height = SIL_BOTTOM, MAXINT
        if ceiling < back_ceiling:
            made.silhouette |= SIL_TOP
            made.top_height = ceiling
        elif back_ceiling < z:
            made.silhouette |= SIL_TOP
            made.top_height = MININT
        if back_ceiling <= floor:
            made.bottom_at, made.bottom_height = self._all_above, MAXINT
            made.silhouette |= SIL_BOTTOM
        if back_floor >= ceiling:
            made.top_at, made.top_height = self._all_below, MININT
            made.silhouette |= SIL_TOP

    def _room(self, made: WallRange) -> i64:
        """Room for a number a column in `openings`."""
        start = self._used
        self._used += made.x2 - made.x1 + 1
        while len(self.openings) < self._used:
            self.openings = append(self.openings, 0)
        return start

    def _draw(self, scene: ScanlineScene, made: WallRange) -> None:
        """The columns of the range (``R_RenderSegLoop``); hot."""
        tiers, planes, window, openings = self._tiers, self._planes, scene.window, self.openings
        middle, upper, lower = tiers.middle, tiers.upper, tiers.lower
        masked, mark_ceiling, mark_floor = tiers.masked, tiers.mark_ceiling, tiers.mark_floor
        textured = middle.there or upper.there or lower.there or masked
        ceiling_at: i64 = 0
        floor_at: i64 = 0
        if mark_ceiling:
            ceiling_at = planes.start(self.ceiling)
        if mark_floor:
            floor_at = planes.start(self.floor)
        plane_top, plane_bottom = planes.top, planes.bottom
        ceiling_clip, floor_clip = self.ceiling_clip, self.floor_clip
        all_rows = window.height
        narrow = window.narrow_rows
        angles, tangents = window.x_to_angle, TANGENT
        center_angle, offset, distance = tiers.center_angle, tiers.offset, tiers.distance
        lights, light_row, scales = window.scale_light, tiers.light_row, window.scales
        fixed_light = scene.fixed_light
        scale, step = made.scale1, made.step
        center = window.center_y << 12
        top, bottom, high, low = tiers.top >> 4, tiers.bottom >> 4, tiers.high >> 4, tiers.low >> 4
        top_edge, top_step = to_int32(center - fixed_mul(top, scale)), -fixed_mul(step, top)
        bottom_edge, bottom_step = to_int32(center - fixed_mul(bottom, scale)), -fixed_mul(step, bottom)
        high_edge, high_step = to_int32(center - fixed_mul(high, scale)), -fixed_mul(step, high)
        low_edge, low_step = to_int32(center - fixed_mul(low, scale)), -fixed_mul(step, low)
        column: i64 = 0
        light: i64 = 0
        x, stop, masked_at = made.x1, made.x2, made.masked_at - made.x1
        while x <= stop:
            above, below = i64(ceiling_clip[x]), i64(floor_clip[x])
            yl = (top_edge + 4095) >> 12
            if yl <= above:
                yl = above + 1
            yh = bottom_edge >> 12
            if yh >= below:
                yh = below - 1
            if mark_ceiling:
                last = smaller(yl, below) - 1
                if above < last:
                    if above < -1 or last >= all_rows:
                        planes.mark_bytes(ceiling_at + x, above + 1, last, all_rows)
                    else:
                        plane_top[ceiling_at + x] = i32(above + 1)
                        plane_bottom[ceiling_at + x] = i32(last)
            if mark_floor:
                first = larger(yh, above) + 1
                if first < below:
                    if first < 0 or below > all_rows:
                        planes.mark_bytes(floor_at + x, first, below - 1, all_rows)
                    else:
                        plane_top[floor_at + x] = i32(first)
                        plane_bottom[floor_at + x] = i32(below - 1)
            if textured:
                tangent = i64(tangents[((center_angle + angles[x]) & U32) >> 19])
                column = to_int32(offset - fixed_mul(tangent, distance)) >> 16
                light = fixed_light
                if light < 0:
                    near = (scale & U32) >> 12
                    light = lights[light_row + smaller(near, scales - 1)]
            if middle.there:
                if yl <= yh:
                    middle.draw(scene, x, yl, yh, column, scale, light)
                above, below = all_rows, -1
            else:
                if upper.there:
                    last = high_edge >> 12
                    if last >= below:
                        last = below - 1
                    if last >= yl:
                        upper.draw(scene, x, yl, last, column, scale, light)
                        above = last
                    else:
                        above = yl - 1
                elif mark_ceiling:
                    above = yl - 1
                if above > _SHORT_MAX and narrow:
                    above = to_int16(above)
                if lower.there:
                    first = (low_edge + 4095) >> 12
                    if first <= above:
                        first = above + 1
                    if first <= yh:
                        lower.draw(scene, x, first, yh, column, scale, light)
                        below = first
                    else:
                        below = yh + 1
                elif mark_floor:
                    below = yh + 1
                if below < -_SHORT_MAX - 1 and narrow:
                    below = to_int16(below)
                if masked:
                    # kept in 16 bits, as in the original
                    openings[masked_at + x] = i32(to_int16(column))
            ceiling_clip[x] = i32(above)
            floor_clip[x] = i32(below)
            scale = to_int32(scale + step)
            top_edge = to_int32(top_edge + top_step)
            bottom_edge = to_int32(bottom_edge + bottom_step)
            high_edge = to_int32(high_edge + high_step)
            low_edge = to_int32(low_edge + low_step)
            x += 1

    def _save_clips(self, made: WallRange) -> None:
        """Keep what sprites behind the range, or its own masked texture, are clipped with."""
        masked = self._tiers.masked
        if (made.silhouette & SIL_TOP or masked) and made.top_at == NOWHERE:
            made.top_at = self._room(made)
            self._copy(self.ceiling_clip, made, made.top_at)
        if (made.silhouette & SIL_BOTTOM or masked) and made.bottom_at == NOWHERE:
            made.bottom_at = self._room(made)
            self._copy(self.floor_clip, made, made.bottom_at)
        if masked and not made.silhouette & SIL_TOP:
            made.silhouette |= SIL_TOP
            made.top_height = MININT
        if masked and not made.silhouette & SIL_BOTTOM:
            made.silhouette |= SIL_BOTTOM
            made.bottom_height = MAXINT

    def _copy(self, rows: vec[i32], made: WallRange, at: i64) -> None:
        openings = self.openings
        x = made.x1
        while x <= made.x2:
            openings[at] = rows[x]
            at += 1
            x += 1


def _offset_along(hypotenuse: i64, turn: i64) -> i64:
    """Distance along the wall from its first vertex to the foot of the perpendicular, 16.16."""
    lean = turn
    if turn > ANG180:
        lean = (-turn) & U32
    offset = fixed_mul(hypotenuse, sine_of(smaller(lean, ANG90)))
    return -offset if turn < ANG180 else offset
