"""Wall ranges: where they are on the screen, what they mark and clip, which columns are drawn (``r_segs.c``).

The ranges of a walk become ragged arrays with one entry per range and column, in front to back order. Everything but
the clip lines of the columns is independent between entries and computed in one batch; the clip lines run through the
entries of a column in order, so entries are ranked per column into layers and one layer is done at a time for all
columns of the screen.

Rows are kept as ``ceiling``: the last row closed from above (``ceilingclip``), and ``open``: the last row not closed
from below (``floorclip - 1``). The original keeps both clip lines in 16 bits and the rows of visplanes in 8: walls that
reach further, very high ones very near, open columns again (`_run_short_lines`, `_byte_rows`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from pydoom.data.tables import ANG90, ANG180
from pydoom.render.arrays.arith import (
    I32,
    I64,
    MAXINT,
    MININT,
    SINE,
    TANGENT,
    U32,
    Bool,
    fixed_mul,
    point_to_dist,
    to_int32,
)
from pydoom.render.arrays.atlas import COLUMN_BYTES
from pydoom.render.arrays.bsp import Visible
from pydoom.render.arrays.level import CEILING, CEILINGPIC, FLOOR, FLOORPIC, LIGHT
from pydoom.render.arrays.scene import Scene
from pydoom.render.arrays.view import LIGHTLEVELS, ViewTables
from pydoom.render.camera import Camera
from pydoom.sim.level import ML_DONTPEGBOTTOM, ML_DONTPEGTOP

SIL_BOTTOM: Final = 1
SIL_TOP: Final = 2

# rows of the per-column values that change linearly along a range
_SCALE: Final = 0
_TOP: Final = 1
_BOTTOM: Final = 2
_UPPER: Final = 3
_LOWER: Final = 4
_CLIP_TOP: Final = 5
_CLIP_BOTTOM: Final = 6
_ROWS: Final = 7

EMPTY_TOP: Final = 1 << 20
"""Top row of a plane's column without rows; the bottom is the row above."""
EMPTY_BOTTOM: Final = EMPTY_TOP - 1
_SHORT_MAX: Final = 0x7FFF


@dataclass(slots=True)
class Ranges:
    """One row per wall range, front to back (``drawseg_t``); int64[R] unless said otherwise.

    `first` and `count`: its entries in the column arrays; `silhouette` SIL_ bits with `bottom_height`, `top_height`
    (16.16); `masked` bool: has a middle texture drawn later; `mark_ceiling`, `mark_floor` bool.
    """

    seg: I64
    x1: I64
    x2: I64
    first: I64
    count: I64
    scale1: I64
    scale2: I64
    step: I64
    silhouette: I64
    bottom_height: I64
    top_height: I64
    masked: Bool
    mark_ceiling: Bool
    mark_floor: Bool
    light_row: I64


@dataclass(slots=True)
class Columns:
    """One entry per range and column; rows are rows of the view window.

    `x` int64; `ceiling_top` to `ceiling_bottom` (int32) belong to the ceiling where `ceiling_marked`, likewise floors;
    `sprite_top`, `sprite_bottom` int32: what the range leaves open for sprites behind it; `texture_column` int32.
    `reopened`: clip lines have wrapped, so what is farther away may be drawn over what is nearer.
    """

    x: I64
    ceiling_top: I32
    ceiling_bottom: I32
    ceiling_marked: Bool
    floor_top: I32
    floor_bottom: I32
    floor_marked: Bool
    sprite_top: I32
    sprite_bottom: I32
    texture_column: I32
    reopened: bool = False


@dataclass(slots=True)
class Strips:
    """Vertical strips of texture to draw: one per column and wall tier.

    `x`, `top`, `count` (rows), `source` (place in the atlas of the column's 128 bytes), `colormap` (offset), int64;
    `frac`, `step` uint32: 16.16 texture row of the first pixel, and per pixel.
    """

    x: I64
    top: I64
    count: I64
    source: I64
    colormap: I64
    frac: U32
    step: U32

    def taken(self, order: I64) -> Strips:
        """The strips in another order."""
        return Strips(*(getattr(self, name).take(order) for name in Strips.__slots__))


class _Tiers:
    """What is textured and marked of each range, as decided by ``R_StoreWallRange``, arrays of one row a range."""

    __slots__ = (
        "bottom",
        "bottom_mid",
        "bottom_texture",
        "ceiling_constant",
        "floor_constant",
        "has_lower",
        "has_upper",
        "high",
        "low",
        "mark_ceiling",
        "mark_floor",
        "masked",
        "one_sided",
        "silhouette_bottom",
        "silhouette_heights",
        "silhouette_top",
        "top",
        "upper_mid",
        "upper_texture",
    )

    def __init__(self, scene: Scene, seg: I64, sides: I64) -> None:
        level, camera, translation = scene.level, scene.camera, scene.textures
        sectors = level.sectors
        front = sectors.take(level.seg_front.take(seg), axis=1)
        back = sectors.take(level.seg_back.take(seg), axis=1)
        flags = level.seg_flags.take(seg)
        two_sided = level.seg_has_back.take(seg)
        one_sided = ~two_sided
        viewz, sky = camera.z, camera.sky_flat
        _, row_offset, top_number, bottom_number, mid_number = sides
        floor, ceiling = front[FLOOR], front[CEILING]
        back_floor, back_ceiling = back[FLOOR], back[CEILING]
        top, bottom = ceiling - viewz, floor - viewz
        high, low = back_ceiling - viewz, back_floor - viewz
        if camera.tall:
            top, bottom, high, low = (to_int32(height) for height in (top, bottom, high, low))
        front_sky = front[CEILINGPIC] == sky
        top = np.where(front_sky & (back[CEILINGPIC] == sky) & two_sided, high, top)
        shut_above = back_ceiling <= floor
        shut_below = back_floor >= ceiling
        differ = back[LIGHT] != front[LIGHT]
        differ |= shut_above
        differ |= shut_below
        differ |= one_sided
        mark_floor = differ | (low != bottom)
        mark_floor |= back[FLOORPIC] != front[FLOORPIC]
        mark_floor &= floor < viewz
        mark_ceiling = differ | (high != top)
        mark_ceiling |= back[CEILINGPIC] != front[CEILINGPIC]
        mark_ceiling &= (ceiling > viewz) | front_sky
        heights = scene.atlas.texture_height
        peg_bottom = (flags & ML_DONTPEGBOTTOM) != 0
        peg_top = (flags & ML_DONTPEGTOP) != 0
        # the upper tier of a one-sided line is its middle texture, floor to ceiling
        number = np.where(one_sided, mid_number, top_number)
        hung = np.where(one_sided, peg_bottom, ~peg_top)
        hook = np.where(one_sided, floor, back_ceiling)
        self.upper_mid = np.where(hung, hook + heights.take(number) - viewz, top) + row_offset
        self.upper_texture = translation.take(number)
        self.has_upper = (one_sided | (high < top)) & (self.upper_texture != 0)
        self.bottom_mid = np.where(peg_bottom, top, low) + row_offset
        self.bottom_texture = translation.take(bottom_number)
        self.has_lower = two_sided & (low > bottom) & (self.bottom_texture != 0)
        self.masked = two_sided & (mid_number != 0)
        self.one_sided = one_sided
        self.mark_ceiling, self.mark_floor = mark_ceiling, mark_floor
        self.top, self.bottom, self.high, self.low = top, bottom, high, low
        self.ceiling_constant = one_sided | shut_below
        self.floor_constant = one_sided | shut_above
        rises = floor > back_floor
        drops = ceiling < back_ceiling
        self.silhouette_bottom = rises | (back_floor > viewz) | self.floor_constant
        self.silhouette_top = drops | (back_ceiling < viewz) | self.ceiling_constant
        bottom_height = np.where(rises & ~self.floor_constant, floor, MAXINT)
        top_height = np.where(drops & ~self.ceiling_constant, ceiling, MININT)
        self.silhouette_heights = bottom_height, top_height


def no_walls() -> tuple[Ranges, Columns]:
    """The result of `build_walls` for a view without any walls."""
    none, rows, no = np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.bool_)
    ranges = Ranges(none, none, none, none, none, none, none, none, none, none, none, no, no, no, none)
    return ranges, Columns(none, rows, rows, no, rows, rows, no, rows, rows, rows)


def build_walls(scene: Scene, found: Visible) -> tuple[Ranges, Columns, Strips]:
    """All wall ranges of a walk, their columns, and the strips to draw."""
    level, view, camera = scene.level, scene.view, scene.camera
    seg = np.array(found.segs, np.int64)
    x1 = np.array(found.starts, np.int64)
    x2 = np.array(found.stops, np.int64)
    sides = level.side_fields(found.segs)
    tiers = _Tiers(scene, seg, sides)
    angle1 = found.angles.take(level.seg_v1.take(seg)).astype(np.int64)
    normal = level.seg_angle.take(seg) + ANG90
    turn = (normal - angle1) & 0xFFFFFFFF
    v1 = level.seg_v1.take(seg)
    dx = (level.vertex_x.take(v1) - np.int32(camera.x)).astype(np.int64)
    dy = (level.vertex_y.take(v1) - np.int32(camera.y)).astype(np.int64)
    hypotenuse = point_to_dist(dx, dy)
    lean = np.minimum(np.minimum(turn, 0x100000000 - turn), ANG90)
    distance = fixed_mul(hypotenuse, SINE.take((ANG90 - lean) >> 19))
    scale1, scale2 = _scales(view, camera, normal, distance, x1, x2)
    count = x2 - x1 + 1
    step = ((scale2 - scale1) / np.maximum(x2 - x1, 1)).astype(np.int64)
    light_row = (level.sectors[LIGHT].take(level.seg_front.take(seg)) >> 4) + level.seg_slant.take(seg)
    light_row = np.minimum(np.maximum(light_row + camera.extra_light, 0), LIGHTLEVELS - 1) * view.scales
    ends = count.cumsum()
    silhouette = (tiers.silhouette_bottom | tiers.masked) * SIL_BOTTOM
    silhouette |= (tiers.silhouette_top | tiers.masked) * SIL_TOP
    ranges = Ranges(
        seg,
        x1,
        x2,
        ends - count,
        count,
        scale1,
        scale2,
        step,
        silhouette,
        *tiers.silhouette_heights,
        tiers.masked,
        tiers.mark_ceiling,
        tiers.mark_floor,
        light_row,
    )
    # texture columns along the range
    offset = fixed_mul(hypotenuse, SINE.take(lean >> 19))
    offset = np.where(turn < ANG180, -offset, offset) + sides[0] + level.seg_offset.take(seg)
    center_angle = (ANG90 + camera.angle - normal).astype(np.uint32)
    total = int(ends[-1])
    along = np.arange(total)
    x = along + (x1 - ranges.first).repeat(count)
    ray = view.x_to_angle.take(x)
    ray += center_angle.repeat(count)
    ray >>= 19
    texture_offset = TANGENT.take(ray)
    texture_offset *= distance.repeat(count)
    texture_offset >>= 16
    column = offset.astype(np.int32).repeat(count)
    column -= texture_offset.astype(np.int32)
    column >>= 16
    rows = _linear_rows(view, tiers, ranges, x)
    columns, upper_bottom, lower_top, wall_top, wall_bottom = _clip(view, tiers, ranges, rows, x, column)
    edges = wall_top, upper_bottom, lower_top, wall_bottom
    strips = _strips(scene, tiers, ranges, rows[_SCALE], columns, edges)
    return ranges, columns, strips


def _scales(view: ViewTables, camera: Camera, normal: I64, distance: I64, x1: I64, x2: I64) -> tuple[I64, I64]:
    """``R_ScaleFromGlobalAngle`` at both ends of each range."""
    x = np.concatenate([x1, x2])
    ray = view.x_to_angle.take(x).astype(np.int64) + camera.angle
    count = len(x1)
    ray[:count] -= normal
    ray[count:] -= normal
    ray += ANG90
    ray &= 0xFFFFFFFF
    num = ((SINE.take(ray >> 19) * view.projection) >> 16) << view.detail
    sine = view.column_sine.take(x)
    sine[:count] *= distance
    sine[count:] *= distance
    den = (sine >> 16).astype(np.int32).astype(np.int64)
    # what FixedDiv saturates lies beyond these bounds anyway
    scale = np.minimum(np.maximum((num << 16) // (den + (den == 0)), 256), 64 << 16)
    scale[den <= num >> 16] = 64 << 16
    return scale[:count], scale[count:]


def _linear_rows(view: ViewTables, tiers: _Tiers, ranges: Ranges, x: I64) -> I32:
    """int32[_ROWS, columns]: the scale, and edges of the tiers in rows of the view, that step along each range.

    Missing tiers get edges so far out that they never matter.
    """
    scale, step = ranges.scale1, ranges.step
    edges = np.concatenate([tiers.top, tiers.bottom, tiers.high, tiers.low]).reshape(4, -1)
    edges >>= 4
    base_edge = (view.centery << 12) - ((edges * scale) >> 16)
    step_edge = -((edges * step) >> 16)
    base = np.empty((_ROWS, len(scale)), np.int64)
    steps = np.empty((_ROWS, len(scale)), np.int64)
    base[_SCALE], steps[_SCALE] = scale, step
    base[_TOP : _LOWER + 1], steps[_TOP : _LOWER + 1] = base_edge, step_edge
    base[_CLIP_TOP], steps[_CLIP_TOP] = base_edge[0] - 1, step_edge[0]
    base[_CLIP_BOTTOM], steps[_CLIP_BOTTOM] = base_edge[1], step_edge[1]
    base[_TOP] += 4095
    base[_LOWER] -= 1
    # a one-sided wall's upper tier reaches down to the floor
    base[_UPPER] = np.where(tiers.one_sided, base_edge[1], base[_UPPER])
    steps[_UPPER] = np.where(tiers.one_sided, step_edge[1], steps[_UPPER])
    for row, absent, far in (
        (_UPPER, ~tiers.has_upper, MININT),
        (_LOWER, ~tiers.has_lower, MAXINT),
        (_CLIP_TOP, ~(tiers.has_upper | tiers.mark_ceiling), MININT),
        (_CLIP_BOTTOM, ~(tiers.has_lower | tiers.mark_floor), MAXINT),
    ):
        base[row][absent] = far
        steps[row][absent] = 0
    # 32-bit from here on: the original's sums wrap
    rows = base.astype(np.int32).repeat(ranges.count, axis=1)
    moves = steps.astype(np.int32).repeat(ranges.count, axis=1)
    moves *= (x - ranges.x1.repeat(ranges.count)).astype(np.int32)
    rows += moves
    rows[_TOP:] >>= 12
    return rows


def _clip(
    view: ViewTables, tiers: _Tiers, ranges: Ranges, rows: I32, x: I64, column: I32
) -> tuple[Columns, I32, I32, I32, I32]:
    """Run the clip lines through all columns (``R_RenderSegLoop``).

    Returns the columns and the drawn rows: bottom of the upper tier, top of the lower, top and bottom of the wall.
    """
    width = view.columns
    place, layers = layer_places(x, width)
    cells = layers * width
    # what each layer does to the clip lines; a column without an entry in a layer passes through
    layered = np.empty((4, layers, width), np.int32)
    layered[:2] = MININT
    layered[2:] = MAXINT
    flat = layered.reshape(4, cells)
    for row, source in enumerate((_UPPER, _CLIP_TOP, _LOWER, _CLIP_BOTTOM)):
        flat[row][place] = rows[source]
    ceiling_lines = np.empty((layers + 1, width), np.int32)
    open_lines = np.empty((layers + 1, width), np.int32)
    ceiling_lines[0] = -1
    open_lines[0] = view.height - 1
    _run_lines(layered, ceiling_lines, open_lines)
    # the lines only close, so the last ones tell whether any leaves 16 bits
    wraps = view.narrow_rows and bool(ceiling_lines[-1].max() > _SHORT_MAX or open_lines[-1].min() < -_SHORT_MAX - 2)
    if wraps:
        _run_short_lines(layered, ceiling_lines, open_lines)
    minimum, maximum = np.minimum, np.maximum
    ceiling_flat, open_flat = ceiling_lines.ravel(), open_lines.ravel()
    ceiling_top = ceiling_flat.take(place)
    ceiling_top += 1
    open_row = open_flat.take(place)
    place += width
    next_ceiling_entry = ceiling_flat.take(place)
    next_open_entry = open_flat.take(place)
    wall_top = maximum(rows[_TOP], ceiling_top)
    wall_bottom = minimum(rows[_BOTTOM], open_row)
    ceiling_bottom = minimum(wall_top - 1, open_row)
    floor_top = maximum(wall_bottom + 1, ceiling_top)
    count = ranges.count
    columns = Columns(
        x,
        ceiling_top,
        ceiling_bottom,
        (ceiling_top <= ceiling_bottom) & ranges.mark_ceiling.repeat(count),
        floor_top,
        open_row,
        (floor_top <= open_row) & ranges.mark_floor.repeat(count),
        np.where(tiers.ceiling_constant.repeat(count), np.int32(view.height), next_ceiling_entry),
        np.where(tiers.floor_constant.repeat(count), np.int32(-1), next_open_entry + 1),
        column,
    )
    upper_bottom = minimum(rows[_UPPER], open_row)
    lower_top = maximum(rows[_LOWER], next_ceiling_entry)
    lower_top += 1
    if wraps:
        columns.reopened = True
        _byte_rows(columns, view.height)
        # the original would stop where it draws outside of the view
        for edge in (wall_top, lower_top):
            maximum(edge, 0, out=edge)
        for edge in (wall_bottom, upper_bottom):
            minimum(edge, view.height - 1, out=edge)
    return columns, upper_bottom, lower_top, wall_top, wall_bottom


def _run_lines(layered: I32, ceiling_lines: I32, open_lines: I32) -> None:
    """Fill in the clip lines after each layer from those before the first; hot."""
    upper, clip_top, lower, clip_bottom = layered
    scratch = np.empty(layered.shape[2], np.int32)
    minimum, maximum = np.minimum, np.maximum
    for layer in range(layered.shape[1]):
        ceiling, below = ceiling_lines[layer], open_lines[layer]
        next_ceiling, next_below = ceiling_lines[layer + 1], open_lines[layer + 1]
        minimum(upper[layer], below, out=scratch)
        maximum(ceiling, clip_top[layer], out=next_ceiling)
        maximum(next_ceiling, scratch, out=next_ceiling)
        maximum(lower[layer], next_ceiling, out=scratch)
        minimum(below, clip_bottom[layer], out=next_below)
        minimum(next_below, scratch, out=next_below)


def _run_short_lines(layered: I32, ceiling_lines: I32, open_lines: I32) -> None:
    """`_run_lines` with lines of 16 bits, ``short ceilingclip[]`` and ``floorclip[]``."""
    for layer, (upper, clip_top, lower, clip_bottom) in enumerate(layered.swapaxes(0, 1)):
        ceiling, below = ceiling_lines[layer], open_lines[layer]
        closed = np.maximum(np.maximum(ceiling, clip_top), np.minimum(upper, below))
        ceiling_lines[layer + 1] = closed.astype(np.int16)
        opened = np.minimum(np.minimum(below, clip_bottom), np.maximum(lower, ceiling_lines[layer + 1]))
        open_lines[layer + 1] = (opened + 1).astype(np.int16).astype(np.int32) - 1


def _byte_rows(columns: Columns, height: int) -> None:
    """Keep the rows of planes in 8 bits, as ``visplane_t`` does; a top of 255 means not marked."""
    for top, bottom, marked in (
        (columns.ceiling_top, columns.ceiling_bottom, columns.ceiling_marked),
        (columns.floor_top, columns.floor_bottom, columns.floor_marked),
    ):
        top &= 0xFF
        bottom &= 0xFF
        marked &= top != 0xFF
        np.minimum(bottom, height - 1, out=bottom)
        # rows the wrong way round are no rows
        empty = top > bottom
        top[empty], bottom[empty] = EMPTY_TOP, EMPTY_BOTTOM


def layer_places(x: I64, width: int) -> tuple[I64, int]:
    """Entry -> layer * width + column, the layer being how many entries of that column come before; how many layers."""
    order = x.astype(np.int16).argsort(kind="stable")
    per_column = np.bincount(x, minlength=width)
    before = per_column.cumsum() - per_column
    place = np.empty(len(x), np.int64)
    place[order] = np.arange(len(x)) - before.repeat(per_column)
    place *= width
    place += x
    return place, int(per_column.max())


def _strips(scene: Scene, tiers: _Tiers, ranges: Ranges, scale: I32, columns: Columns, edges: Sequence[I32]) -> Strips:
    """The tiers' visible columns: upper tiers first, or where columns were reopened, all from front to back."""
    view, atlas, camera = scene.view, scene.atlas, scene.camera
    wall_top, upper_bottom, lower_top, wall_bottom = edges
    upper = (wall_top <= upper_bottom).nonzero()[0]
    lower = (lower_top <= wall_bottom).nonzero()[0]
    entry = np.concatenate([upper, lower])
    top = np.concatenate([wall_top.take(upper), lower_top.take(lower)])
    bottom = np.concatenate([upper_bottom.take(upper), wall_bottom.take(lower)])
    number = np.arange(len(ranges.count)).repeat(ranges.count)
    upper_range, lower_range = number.take(upper), number.take(lower)
    texture = np.concatenate([tiers.upper_texture.take(upper_range), tiers.bottom_texture.take(lower_range)])
    mid = np.concatenate([tiers.upper_mid.take(upper_range), tiers.bottom_mid.take(lower_range)])
    atlas.load_walls(texture)
    piece_scale = scale.take(entry).view(np.uint32)
    step = np.uint32(0xFFFFFFFF) // piece_scale
    frac = (top - np.int32(view.centery)).view(np.uint32) * step
    frac += mid.astype(np.uint32)
    source = columns.texture_column.take(entry) & atlas.wall_mask.take(texture)
    source *= COLUMN_BYTES
    source += atlas.wall_start.take(texture)
    if camera.fixed_colormap:
        colormap = np.full(len(entry), camera.fixed_colormap * 256, np.int64)
    else:
        piece_scale >>= 12
        light = np.minimum(piece_scale, np.uint32(view.scales - 1)) + ranges.light_row.take(
            np.concatenate([upper_range, lower_range])
        )
        colormap = view.scale_light.take(light)
    strips = Strips(
        columns.x.take(entry),
        top.astype(np.int64),
        (bottom - top + 1).astype(np.int64),
        source,
        colormap,
        frac,
        step,
    )
    return strips.taken(entry.argsort(kind="stable")) if columns.reopened else strips
