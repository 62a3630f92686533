"""Floors, ceilings and sky: which visplane every marked column joins, and the spans they fall into (``r_plane.c``).

Where a span begins decides its texture coordinates, so planes are shared and split exactly as in R_FindPlane and
R_CheckPlane. The columns a plane has marked so far are the bits of one big int. Afterwards the planes' columns
lie side by side in one packed array, an empty column between planes, and all spans come from sorting the rows that
open and close between neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from pydoom.data.tables import ANG90, FINECOSINE, FINESINE
from pydoom.render.arrays.arith import COSINE, I32, I64, SINE, U32, fixed_mul, ragged, to_int32
from pydoom.render.arrays.atlas import COLUMN_BYTES, FLAT_BYTES
from pydoom.render.arrays.bsp import Visible
from pydoom.render.arrays.scene import Scene
from pydoom.render.arrays.view import LIGHTLEVELS
from pydoom.render.arrays.walls import EMPTY_BOTTOM, EMPTY_TOP, Columns, Ranges, Strips
from pydoom.sim.fixed import fixed_div

_NONE: Final = -1
_SKY_TEXTURE_MID: Final = 100 << 16
_MAXLIGHTZ: Final = 128


@dataclass(slots=True)
class Planes:
    """The visplanes of a frame in the order they were made, with their marked columns packed.

    `height` 16.16, `pic`, `light` lists; `first_x[p]` and `first[p]`: column x of plane p is at
    `first[p] + x - first_x[p]` of `top`, `bottom` int32 (rows; top > bottom if unmarked); `size[p]` columns.
    `overlapping`: some ceiling covers a floor of its own range, or columns were reopened, so planes must be drawn one
    after the other.
    """

    height: list[int]
    pic: list[int]
    light: list[int]
    first: list[int]
    first_x: list[int]
    size: list[int]
    top: I32
    bottom: I32
    overlapping: bool


@dataclass(slots=True)
class Spans:
    """Horizontal spans of flats: `x`, `y`, `count`, `source` (place in the flats), `colormap` (offset), `plane` int64;
    `position`, `step` uint32: the packed 6.10 texture coordinates of ``R_DrawSpan``.
    """

    x: I64
    y: I64
    count: I64
    source: I64
    colormap: I64
    position: U32
    step: U32
    plane: I64

    def of_plane(self, plane: int) -> Spans:
        """Only the spans of one plane."""
        mine = (self.plane == plane).nonzero()[0]
        return Spans(*(getattr(self, name).take(mine) for name in Spans.__slots__))


def assign_planes(scene: Scene, found: Visible, ranges: Ranges, columns: Columns) -> Planes:
    """Give every mark of floors and ceilings its visplane."""
    level = scene.level
    height: list[int] = []
    pic: list[int] = []
    lights: list[int] = []
    marks: list[int] = []
    by_key: dict[tuple[int, int, int], int] = {}
    sector_planes: dict[int, tuple[int, int]] = {}
    viewz, sky = scene.camera.z, scene.camera.sky_flat

    def find(key: tuple[int, int, int]) -> int:
        if key[1] == sky:
            key = (0, sky, 0)
        plane = by_key.get(key)
        if plane is None:
            plane = by_key[key] = len(height)
            height.append(key[0])
            pic.append(key[1])
            lights.append(key[2])
            marks.append(0)
        return plane

    def enter(sector: int) -> None:
        floor_height, ceiling_height, floor_pic, ceiling_pic, light = level.fields[sector]
        floor = ceiling = _NONE
        if floor_height < viewz:
            floor = find((floor_height, floor_pic, light))
        if ceiling_height > viewz or ceiling_pic == sky:
            ceiling = find((ceiling_height, ceiling_pic, light))
        sector_planes[sector] = floor, ceiling

    def check(plane: int, wanted: int) -> int:
        if not marks[plane] & wanted:
            return plane
        height.append(height[plane])
        pic.append(pic[plane])
        lights.append(lights[plane])
        marks.append(0)
        return len(marks) - 1

    # the marks of all entries as bits, entry 0 lowest
    ceiling_bits = int.from_bytes(np.packbits(columns.ceiling_marked, bitorder="little").tobytes(), "little")
    floor_bits = int.from_bytes(np.packbits(columns.floor_marked, bitorder="little").tobytes(), "little")
    below = scene.view.below
    new_sectors = iter([*found.sectors, (_NONE, len(found.segs) + 1)])
    sector, at = next(new_sectors)
    subsectors = level.subsectors
    last_sub = _NONE
    floor = ceiling = _NONE
    ceiling_plane: list[int] = []
    floor_plane: list[int] = []
    for number, (sub, start, stop, first, mark_ceiling, mark_floor) in enumerate(
        zip(
            found.subsectors,
            found.starts,
            found.stops,
            ranges.first.tolist(),
            ranges.mark_ceiling.tolist(),
            ranges.mark_floor.tolist(),
            strict=True,
        )
    ):
        if sub != last_sub:
            while at <= number:
                enter(sector)
                sector, at = next(new_sectors)
            last_sub = sub
            floor, ceiling = sector_planes[subsectors[sub][0]]
        wanted = below[stop + 1] ^ below[start]
        # both are checked before either is marked: floor and ceiling of a sky sector share one plane
        if mark_ceiling:
            ceiling = check(ceiling, wanted)
        if mark_floor:
            floor = check(floor, wanted)
            marks[floor] |= (floor_bits >> first << start) & wanted
        if mark_ceiling:
            marks[ceiling] |= (ceiling_bits >> first << start) & wanted
        ceiling_plane.append(ceiling)
        floor_plane.append(floor)
    return _pack(height, pic, lights, marks, ceiling_plane, floor_plane, ranges, columns)


def _pack(
    height: list[int],
    pic: list[int],
    light: list[int],
    marks: list[int],
    ceiling_plane: list[int],
    floor_plane: list[int],
    ranges: Ranges,
    columns: Columns,
) -> Planes:
    """Lay the planes' columns side by side and put the marks there, ceilings first."""
    first: list[int] = []
    first_x: list[int] = []
    size: list[int] = []
    at = 1
    for bits in marks:
        left = (bits & -bits).bit_length() - 1 if bits else 0
        width = bits.bit_length() - left
        first.append(at)
        first_x.append(left)
        size.append(width)
        at += width + 1
    top = np.full(at + 1, EMPTY_TOP, np.int32)
    bottom = np.full(at + 1, EMPTY_BOTTOM, np.int32)
    shift = np.array(first, np.int64) - np.array(first_x, np.int64) if first else np.zeros(1, np.int64)
    for planes, marked, rows_top, rows_bottom in (
        (ceiling_plane, columns.ceiling_marked, columns.ceiling_top, columns.ceiling_bottom),
        (floor_plane, columns.floor_marked, columns.floor_top, columns.floor_bottom),
    ):
        place = shift.take(planes, mode="clip").repeat(ranges.count)
        place += columns.x
        place = place[marked]
        top[place] = rows_top[marked]
        bottom[place] = rows_bottom[marked]
    overlap = columns.ceiling_marked & columns.floor_marked
    overlap &= columns.ceiling_bottom >= columns.floor_top
    return Planes(height, pic, light, first, first_x, size, top, bottom, columns.reopened or bool(overlap.any()))


def sky_strips(scene: Scene, planes: Planes, numbers: list[int]) -> Strips:
    """The strips of sky of these planes: always full bright, one texture column per view angle."""
    view, atlas, camera = scene.view, scene.atlas, scene.camera
    places = [np.arange(planes.first[p], planes.first[p] + planes.size[p]) for p in numbers]
    place = np.concatenate(places)
    x = np.concatenate([at - planes.first[p] + planes.first_x[p] for at, p in zip(places, numbers, strict=True)])
    top, bottom = planes.top.take(place), planes.bottom.take(place)
    marked = (top <= bottom).nonzero()[0]
    x, top, bottom = x.take(marked), top.take(marked), bottom.take(marked)
    texture = np.array([camera.sky_texture])
    atlas.load_walls(texture)
    angle = view.x_to_angle.take(x) + np.uint32(camera.angle)
    source = (angle >> 22).astype(np.int64) & atlas.wall_mask[camera.sky_texture]
    source *= COLUMN_BYTES
    source += atlas.wall_start[camera.sky_texture]
    step = np.full(len(x), view.sky_iscale, np.uint32)
    frac = (top - np.int32(view.centery)).view(np.uint32) * step
    frac += np.uint32(_SKY_TEXTURE_MID)
    colormap = np.zeros(len(x), np.int64)
    return Strips(x, top.astype(np.int64), (bottom - top + 1).astype(np.int64), source, colormap, frac, step)


def build_spans(scene: Scene, planes: Planes) -> Spans:
    """The spans of all planes that are not sky, top row first, in each row in the order of the planes."""
    opened, closed = _span_ends(planes)
    bits = len(planes.top).bit_length()
    place = opened & ((1 << bits) - 1)
    y = (opened >> bits).astype(np.int64)
    count = (closed - opened).astype(np.int64)
    owner = np.arange(len(planes.size)).repeat(np.array(planes.size, np.int64) + 1)
    plane = owner.take(place - 1)
    if scene.camera.sky_flat in planes.pic:
        sky = np.array(planes.pic, np.int64) == scene.camera.sky_flat
        flat = (~sky.take(plane)).nonzero()[0]
        place, y, count, plane = place.take(flat), y.take(flat), count.take(flat), plane.take(flat)
    shift = np.array(planes.first_x, np.int64) - np.array(planes.first, np.int64)
    x = place + shift.take(plane)
    return _map_spans(scene, planes, x, y, count, plane)


def _span_ends(planes: Planes) -> tuple[I32, I32]:
    """Sorted keys (row << bits | place) of the first pixel of each span and of the pixel after its last."""
    top1, bottom1 = planes.top[:-1], planes.bottom[:-1]
    top2, bottom2 = planes.top[1:], planes.bottom[1:]
    bits = len(planes.top).bit_length()
    keys = []
    for new_top, new_bottom, old_top, old_bottom in (
        (top2, bottom2, top1, bottom1),
        (top1, bottom1, top2, bottom2),
    ):
        # rows of the new column that the old one has not: above its top, and below its bottom
        low = np.concatenate([new_top, np.maximum(new_top, old_bottom + 1)])
        high = np.concatenate([np.minimum(new_bottom, old_top - 1), new_bottom])
        some = (low <= high).nonzero()[0]
        low = low.take(some)
        counts = high.take(some)
        counts -= low
        counts += 1
        some %= len(top1)
        some += 1
        offset, _ = ragged(counts.astype(np.int64))
        key = offset.astype(np.int32)
        key += low.repeat(counts)
        key <<= bits
        key += some.astype(np.int32).repeat(counts)
        key.sort()
        keys.append(key)
    return keys[0], keys[1]


def _map_spans(scene: Scene, planes: Planes, x: I64, y: I64, count: I64, plane: I64) -> Spans:
    """``R_MapPlane``: light and texture coordinates of each span."""
    view, camera = scene.view, scene.camera
    base = (camera.angle - ANG90 & 0xFFFFFFFF) >> 19
    base_x = fixed_div(FINECOSINE[base], view.projection)
    base_y = -fixed_div(FINESINE[base], view.projection)
    height = np.abs(np.array(planes.height, np.int64) - camera.z)
    if camera.tall:
        height = to_int32(np.abs(to_int32(np.array(planes.height, np.int64) - camera.z)))
    distance = fixed_mul(height.take(plane), view.yslope.take(y))
    x_step = (distance * base_x) >> 16
    y_step = (distance * base_y) >> 16
    length = fixed_mul(distance, view.distscale.take(x))
    fine = (view.x_to_angle.take(x) + np.uint32(camera.angle)) >> 19
    x_frac = camera.x + ((COSINE.take(fine) * length) >> 16)
    y_frac = -camera.y - ((SINE.take(fine) * length) >> 16)
    position = ((x_frac << 10) & 0xFFFF0000) | ((y_frac >> 6) & 0xFFFF)
    step = ((x_step << 10) & 0xFFFF0000) | ((y_step >> 6) & 0xFFFF)
    if camera.fixed_colormap:
        colormap = np.full(len(x), camera.fixed_colormap * 256, np.int64)
    else:
        rows = (np.array(planes.light, np.int64) >> 4) + camera.extra_light
        rows = np.minimum(np.maximum(rows, 0), LIGHTLEVELS - 1) * _MAXLIGHTZ
        # a negative distance is a huge one in the original's unsigned compare
        near = (distance & 0xFFFFFFFF) >> 20
        colormap = view.z_light.take(rows.take(plane) + np.minimum(near, _MAXLIGHTZ - 1))
    source = scene.flats.take(np.array(planes.pic, np.int64), mode="clip").take(plane) * FLAT_BYTES
    return Spans(x, y, count, source, colormap, position.astype(np.uint32), step.astype(np.uint32), plane)
