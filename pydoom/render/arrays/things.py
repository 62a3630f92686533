"""Sprites of things: which are in view, and what walls leave of them (``R_ProjectSprite``, ``R_DrawSprite``).

All things of the sectors in view are projected in one batch. Clipping compares every sprite with every wall range that
overlaps it in one matrix; of the ranges in front of a sprite, the last one drawn decides each column.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import Final

import numpy as np

from pydoom.data.flags import MF_SHADOW, MF_TRANSLATION
from pydoom.data.info import FF_FRAMEMASK, FF_FULLBRIGHT
from pydoom.render.arrays.arith import I32, I64, Bool, point_on_line_side, point_to_angle, ragged, to_int32
from pydoom.render.arrays.bsp import Visible
from pydoom.render.arrays.level import LIGHT, LevelArrays
from pydoom.render.arrays.scene import Scene
from pydoom.render.arrays.view import BASE_WIDTH, LIGHTLEVELS, ViewTables
from pydoom.render.arrays.walls import SIL_BOTTOM, SIL_TOP, Columns, Ranges
from pydoom.render.camera import Camera
from pydoom.render.colours import NORMAL, SHADOW
from pydoom.sim.mobj import Mobj

MAXVISSPRITES: Final = 128
"""More sprites than this are not drawn at 320 pixels width, as in the original, unless there are things with bonds."""

_MINZ: Final = 4 << 16
_ROTATION: Final = 0x90000000
_TRANSLATION_SHIFT: Final = 26
FUZZ: Final = -1
"""Colormap offset of sprites drawn as shadows."""

_FIELDS: Final = attrgetter("x", "y", "z", "angle", "sprite", "frame", "flags")


@dataclass(slots=True)
class Sprites:
    """Sprites in view, farthest first (``vissprite_t``); int64[S].

    `x1`, `x2` columns, `width` their number; `scale`, `iscale` (negative: mirrored), `startfrac`, `texturemid` 16.16;
    `patch` number; `colormap` offset or FUZZ; `translation` 0 to 3, TINT or STONE; `gx`, `gy`, `gz`, `gz_top` 16.16 map
    coordinates; `things` whose sprites they are.
    """

    x1: I64
    x2: I64
    width: I64
    scale: I64
    iscale: I64
    startfrac: I64
    texturemid: I64
    patch: I64
    colormap: I64
    translation: I64
    gx: I64
    gy: I64
    gz: I64
    gz_top: I64
    things: list[Mobj]


def things_in_view(numbers: list[int], level: LevelArrays) -> tuple[list[Mobj], list[int]]:
    """The things of these sectors in the order of their lists, and the sector of each."""
    things: list[Mobj] = []
    sectors: list[int] = []
    objects = level.sector_objects
    for number in numbers:
        thing = objects[number].things
        while thing is not None:
            things.append(thing)
            sectors.append(number)
            thing = thing.snext
    return things, sectors


def project_sprites(scene: Scene, found: Visible) -> Sprites | None:
    """Sprites of all things in view, sorted by scale; None when there are none."""
    level, view, atlas, camera = scene.level, scene.view, scene.atlas, scene.camera
    things, sectors = things_in_view([number for number, _ in found.sectors], level)
    if not things:
        return None
    count = len(things)
    fields = np.fromiter(chain.from_iterable(map(_FIELDS, things)), np.int64, 7 * count).reshape(count, 7).T
    dx = to_int32(fields[0] - camera.x)
    dy = to_int32(fields[1] - camera.y)
    depth = to_int32(((dx * camera.cos) >> 16) - (-((dy * camera.sin) >> 16)))
    across = to_int32(((dx * camera.sin) >> 16) - ((dy * camera.cos) >> 16))
    known = (fields[5] & FF_FRAMEMASK) < atlas.frame_count.take(fields[4])
    kept = (known & (depth >= _MINZ) & (to_int32(np.abs(across)) <= to_int32(depth << 2))).nonzero()[0]
    if not len(kept):
        return None
    x, y, z, angle, sprite, frame, flags = fields.take(kept, axis=1)
    depth, across, dx, dy = depth.take(kept), across.take(kept), dx.take(kept), dy.take(kept)
    # neither quotient can overflow: sprites are at least 4 units away
    scale = (view.projection << 16) // depth
    rows = atlas.frame_start.take(sprite) + (frame & FF_FRAMEMASK)
    atlas.load_frames(rows)
    facing = rows * 8
    turning = atlas.frame_rotates.take(rows).nonzero()[0]
    if len(turning):
        toward = point_to_angle(dx.take(turning).astype(np.int32), dy.take(turning).astype(np.int32)).astype(np.int64)
        facing[turning] += ((toward - angle.take(turning) + _ROTATION) & 0xFFFFFFFF) >> 29
    patch = atlas.frame_patch.ravel().take(facing)
    flip = atlas.frame_flip.ravel().take(facing)
    width = atlas.patch_width.take(patch)
    left = to_int32(across - atlas.patch_left.take(patch))
    right = to_int32(left + width)
    x1 = to_int32(view.projection + to_int32((left * scale) >> 16)) >> 16
    x2 = (to_int32(view.projection + to_int32((right * scale) >> 16)) >> 16) - 1
    shown = ((x1 <= view.columns) & (x2 >= 0)).nonzero()[0]
    if len(shown) > MAXVISSPRITES and view.screen_width == BASE_WIDTH:
        # the original had no bonds, and a container must not be invisible
        if all(things[number].bond is None for number in kept.take(shown).tolist()):
            shown = shown[:MAXVISSPRITES]
    scale_shown = scale.take(shown)
    shown = shown.take(scale_shown.argsort(kind="stable"))
    if not len(shown):
        return None
    scale, patch, flip, x1, x2 = (each.take(shown) for each in (scale, patch, flip, x1, x2))
    iscale = (1 << 32) // scale
    iscale = np.where(flip, -iscale, iscale)
    start_x = np.maximum(x1, 0)
    stop_x = np.minimum(x2, view.columns - 1)
    startfrac = np.where(flip, width.take(shown) - 1, 0) + iscale * (start_x - x1)
    flags, z = flags.take(shown), z.take(shown)
    places = kept.take(shown)
    light = level.sectors[LIGHT].take(np.array(sectors).take(places))
    colormap = _colormaps(view, camera, light, scale, frame.take(shown), flags)
    top = to_int32(z + atlas.patch_top.take(patch))
    return Sprites(
        start_x,
        stop_x,
        np.maximum(stop_x - start_x + 1, 0),
        scale << view.detail,
        iscale,
        startfrac,
        to_int32(top - camera.z),
        patch,
        colormap,
        (flags & MF_TRANSLATION) >> _TRANSLATION_SHIFT,
        x.take(shown),
        y.take(shown),
        z,
        top,
        [things[place] for place in places.tolist()],
    )


def _colormaps(view: ViewTables, camera: Camera, light: I64, scale: I64, frame: I64, flags: I64) -> I64:
    """The colormap offset of each sprite: shadow, fixed, full bright, or by light and scale."""
    if camera.fixed_colormap:
        colormap = np.full(len(light), camera.fixed_colormap * 256, np.int64)
    else:
        row = np.minimum(np.maximum((light >> 4) + camera.extra_light, 0), LIGHTLEVELS - 1)
        near = np.minimum((scale & 0xFFFFFFFF) >> (12 - view.detail), view.scales - 1)
        colormap = view.scale_light.take(row * view.scales + near)
        colormap[(frame & FF_FULLBRIGHT) != 0] = 0
    colormap[(flags & MF_SHADOW) != 0] = FUZZ
    return colormap


def change_looks(sprites: Sprites, look_of: Callable[[Mobj], int]) -> None:
    """Have things drawn in other colours or as shadows: `look_of` is `ViewRenderer.look_of`."""
    looks = np.fromiter(map(look_of, sprites.things), np.int64, len(sprites.things))
    coloured = looks > NORMAL
    sprites.translation[coloured] = looks[coloured]
    sprites.colormap[looks == SHADOW] = FUZZ


@dataclass(slots=True)
class Clipping:
    """How walls clip sprites and masked middle textures.

    Sprite s owns the entries `first[s]` to `first[s] + x2 - x1` of `top` and `bottom` int32: the last row closed from
    above and the first closed from below. `masked` holds, for every wall range with a middle texture, (range, per
    column the number of the sprite before which it is drawn; the number of sprites where only at the end).
    """

    first: I64
    top: I32
    bottom: I32
    masked: list[tuple[int, I64]]


def clip_sprites(scene: Scene, ranges: Ranges, columns: Columns, sprites: Sprites | None) -> Clipping:
    """Find the clip rows of all sprites and the turn of every masked column (``R_DrawSprite``)."""
    masked_ranges = ranges.masked.nonzero()[0].tolist()
    count = len(sprites.x1) if sprites is not None else 0
    masked = [(number, np.full(int(ranges.count[number]), count, np.int64)) for number in masked_ranges]
    if sprites is None:
        none = np.zeros(0, np.int32)
        return Clipping(np.zeros(0, np.int64), none, none, masked)
    widths = sprites.width
    ends = widths.cumsum()
    first = ends - widths
    top = np.full(int(ends[-1]), -1, np.int32)
    bottom = np.full(int(ends[-1]), scene.view.height, np.int32)
    # matrix: sprites down, ranges across
    candidates = (ranges.silhouette != 0).nonzero()[0]
    overlap = ranges.x1.take(candidates) <= sprites.x2[:, None]
    overlap &= ranges.x2.take(candidates) >= sprites.x1[:, None]
    sprite, place = overlap.nonzero()
    wall = candidates.take(place)
    scale1, scale2 = ranges.scale1.take(wall), ranges.scale2.take(wall)
    size = sprites.scale.take(sprite)
    behind = np.maximum(scale1, scale2) < size
    unsure = (~behind & (np.minimum(scale1, scale2) < size)).nonzero()[0]
    if len(unsure):
        behind[unsure] = _in_front(scene.level, ranges, sprites, sprite.take(unsure), wall.take(unsure))
    if masked:
        _take_turns(ranges, sprites, masked, sprite[behind], wall[behind])
    hiding = (~behind).nonzero()[0]
    sprite, wall = sprite.take(hiding), wall.take(hiding)
    silhouette = ranges.silhouette.take(wall)
    hides_bottom = ((silhouette & SIL_BOTTOM) != 0) & (sprites.gz.take(sprite) < ranges.bottom_height.take(wall))
    hides_top = ((silhouette & SIL_TOP) != 0) & (sprites.gz_top.take(sprite) > ranges.top_height.take(wall))
    for hides, clip, lines in (
        (hides_bottom, bottom, columns.sprite_bottom),
        (hides_top, top, columns.sprite_top),
    ):
        chosen = hides.nonzero()[0]
        if len(chosen):
            _apply(ranges, sprites, first, sprite.take(chosen), wall.take(chosen), clip, lines)
    return Clipping(first, top, bottom, masked)


def _apply(ranges: Ranges, sprites: Sprites, first: I64, sprite: I64, wall: I64, clip: I32, lines: I32) -> None:
    """Put the walls' clip rows where they cover the sprites; pairs come far walls last, and the last one stays."""
    left = np.maximum(ranges.x1.take(wall), sprites.x1.take(sprite))
    counts = np.minimum(ranges.x2.take(wall), sprites.x2.take(sprite)) - left + 1
    offset, _ = ragged(counts)
    row = lines.take(offset + (ranges.first.take(wall) + left - ranges.x1.take(wall)).repeat(counts))
    target = offset + (first.take(sprite) + left - sprites.x1.take(sprite)).repeat(counts)
    # -2 is the original's mark for a column not clipped yet
    if (row == -2).any():
        real = (row != -2).nonzero()[0]
        row, target = row.take(real), target.take(real)
    clip[target] = row


def _in_front(level: LevelArrays, ranges: Ranges, sprites: Sprites, sprite: I64, wall: I64) -> Bool:
    """Whether each sprite stands on the front side of the wall's seg."""
    seg = ranges.seg.take(wall)
    v1, v2 = level.seg_v1.take(seg), level.seg_v2.take(seg)
    x1 = level.vertex_x.take(v1).astype(np.int64)
    y1 = level.vertex_y.take(v1).astype(np.int64)
    dx = to_int32(level.vertex_x.take(v2) - x1)
    dy = to_int32(level.vertex_y.take(v2) - y1)
    return ~point_on_line_side(sprites.gx.take(sprite), sprites.gy.take(sprite), x1, y1, dx, dy)


def _take_turns(ranges: Ranges, sprites: Sprites, masked: list[tuple[int, I64]], sprite: I64, wall: I64) -> None:
    """Note for masked columns behind sprites the first sprite, in drawing order, that they must precede."""
    for number, turn in masked:
        left = int(ranges.x1[number])
        # nearest first, so that the farthest sprite has the last word
        for each in sprite[wall == number].tolist()[::-1]:
            turn[max(int(sprites.x1[each]) - left, 0) : int(sprites.x2[each]) - left + 1] = each
