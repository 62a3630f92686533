"""Columns made of posts: sprites, masked middle textures, the weapon (``R_DrawMaskedColumn``, ``R_DrawVisSprite``).

All of them become one list of columns in drawing order, which is turned into strips in one batch. Shadows read the
frame while they are drawn, so the list is cut where a shadow begins and ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from pydoom.data.info import FF_FRAMEMASK, FF_FULLBRIGHT
from pydoom.render.arrays.arith import I64, fixed_mul, ragged, to_int32
from pydoom.render.arrays.atlas import NO_FRAME
from pydoom.render.arrays.level import CEILING, FLOOR, LIGHT
from pydoom.render.arrays.scene import Scene
from pydoom.render.arrays.things import FUZZ, Clipping, Sprites
from pydoom.render.arrays.view import BASE_HEIGHT, BASE_WIDTH, LIGHTLEVELS
from pydoom.render.arrays.walls import Columns, Ranges
from pydoom.sim.fixed import to_int32 as wrap
from pydoom.sim.level import ML_DONTPEGBOTTOM
from pydoom.sim.player import PW_INVISIBILITY, Player, PspDef

_DRAWN_ALREADY: Final = 0x7FFF
_BLINK_TICS: Final = 4 * 32


MaskedColumns = I64
"""Columns of posts to draw in this order, int64[9, C], one column each; the rows are _X to _TRANSLATION."""

_X: Final = 0
_COLUMN: Final = 1
"""Number in the post table."""
_TOP: Final = 2
"""Last row closed above."""
_BOTTOM: Final = 3
"""First row closed below."""
_TEXTUREMID: Final = 4
"""16.16, as _SCALE and _ISCALE are."""
_SCALE: Final = 5
_ISCALE: Final = 6
_COLORMAP: Final = 7
"""Offset or FUZZ."""
_TRANSLATION: Final = 8
"""0 to 3, TINT or STONE."""
_ROWS: Final = 9


def sprite_columns(scene: Scene, sprites: Sprites, clipping: Clipping) -> MaskedColumns:
    """The columns of all sprites, in their order."""
    atlas = scene.atlas
    widths = sprites.width
    offset, _ = ragged(widths)
    fraction = offset * sprites.iscale.repeat(widths)
    fraction += sprites.startfrac.repeat(widths)
    fraction >>= 16
    # the last column of a far sprite may fall beside the patch
    fraction = np.minimum(np.maximum(fraction, 0), ((atlas.patch_width.take(sprites.patch) >> 16) - 1).repeat(widths))
    fraction += atlas.patch_columns.take(sprites.patch).repeat(widths)
    offset += sprites.x1.repeat(widths)
    columns = np.empty((_ROWS, len(offset)), np.int64)
    columns[_X] = offset
    columns[_COLUMN] = fraction
    columns[_TOP] = clipping.top
    columns[_BOTTOM] = clipping.bottom
    iscale = np.abs(sprites.iscale) >> scene.view.detail
    same = np.array([sprites.texturemid, sprites.scale, iscale, sprites.colormap, sprites.translation])
    columns[_TEXTUREMID:] = same.repeat(widths, axis=1)
    return columns


def wall_columns(scene: Scene, ranges: Ranges, columns: Columns, clipping: Clipping) -> tuple[MaskedColumns, I64]:
    """The columns of all masked middle textures, nearest range last drawn first, and the turn of each.

    ``R_RenderMaskedSegRange``.
    """
    level, view, atlas, camera = scene.level, scene.view, scene.atlas, scene.camera
    numbers = [number for number, _ in reversed(clipping.masked)]
    turns = np.concatenate([turn for _, turn in reversed(clipping.masked)])
    number = np.array(numbers, np.int64)
    seg = ranges.seg.take(number)
    sides = level.side_fields(seg.tolist())
    texture = scene.textures.take(sides[4])
    atlas.load_masked_walls(texture)
    front = level.sectors.take(level.seg_own_front.take(seg), axis=1)
    back = level.sectors.take(level.seg_back.take(seg), axis=1)
    pegged = (level.seg_flags.take(seg) & ML_DONTPEGBOTTOM) != 0
    low = np.maximum(front[FLOOR], back[FLOOR]) + atlas.texture_height.take(texture)
    mid = to_int32(np.where(pegged, low, np.minimum(front[CEILING], back[CEILING])) - camera.z + sides[1])
    count = ranges.count.take(number)
    offset, _ = ragged(count)
    entry = offset + ranges.first.take(number).repeat(count)
    scale = offset * ranges.step.take(number).repeat(count)
    scale += ranges.scale1.take(number).repeat(count)
    if camera.fixed_colormap:
        colormap = np.full(len(entry), camera.fixed_colormap * 256, np.int64)
    else:
        light = (front[LIGHT] >> 4) + level.seg_slant.take(seg) + camera.extra_light
        row = (np.minimum(np.maximum(light, 0), LIGHTLEVELS - 1) * view.scales).repeat(count)
        colormap = view.scale_light.take(row + np.minimum(scale >> 12, view.scales - 1))
    # the original keeps texture columns in 16 bits; the highest value means already drawn
    column = columns.texture_column.take(entry).astype(np.int16)
    shown = (column != _DRAWN_ALREADY).nonzero()[0]
    place = column.astype(np.int64) & atlas.wall_mask.take(texture).repeat(count)
    place += atlas.masked_start.take(texture).repeat(count)
    result = np.empty((_ROWS, len(entry)), np.int64)
    result[_X] = columns.x.take(entry)
    result[_COLUMN] = place
    result[_TOP] = columns.sprite_top.take(entry)
    result[_BOTTOM] = columns.sprite_bottom.take(entry)
    result[_TEXTUREMID] = mid.repeat(count)
    result[_SCALE] = scale
    result[_ISCALE] = 0xFFFFFFFF // scale
    result[_COLORMAP] = colormap
    result[_TRANSLATION] = 0
    if len(shown) < len(entry):
        return result.take(shown, axis=1), turns.take(shown)
    return result, turns


def merge(walls: MaskedColumns, turns: I64, sprites: MaskedColumns, owner: I64) -> MaskedColumns:
    """Walls' columns put before the sprite whose turn they share (`owner` is the sprite of each sprite column)."""
    order = np.concatenate([turns * 2, owner * 2 + 1]).argsort(kind="stable")
    return np.concatenate([walls, sprites], axis=1).take(order, axis=1)


def weapon_columns(scene: Scene, player: Player) -> list[MaskedColumns]:
    """The columns of the player's weapon and its flash (``R_DrawPlayerSprites``)."""
    view, camera = scene.view, scene.camera
    light = int(scene.level.sectors[LIGHT, player.mo.subsector.sector.index])
    row = min(max((light >> 4) + camera.extra_light, 0), LIGHTLEVELS - 1)
    lit = int(view.scale_light[row * view.scales + view.scales - 1])
    parts = []
    for psp in player.psprites:
        part = _psprite(scene, player, psp, lit)
        if part is not None:
            parts.append(part)
    return parts


def _psprite(scene: Scene, player: Player, psp: PspDef, lit: int) -> MaskedColumns | None:
    view, atlas, camera = scene.view, scene.atlas, scene.camera
    if psp.state is None:
        return None
    frame = atlas.find_frame(psp.state.sprite, psp.state.frame & FF_FRAMEMASK)
    if frame == NO_FRAME:
        return None
    patch = int(atlas.frame_patch[frame, 0])
    width = int(atlas.patch_width[patch])
    left = wrap(psp.sx - (BASE_WIDTH // 2 << 16) - int(atlas.patch_left[patch]))
    right = wrap(left + width)
    x1 = wrap(view.projection + (left * view.psprite_scale >> 16)) >> 16
    x2 = (wrap(view.projection + (right * view.psprite_scale >> 16)) >> 16) - 1
    first, last = max(x1, 0), min(x2, view.columns - 1)
    if x1 > view.columns or x2 < 0 or first > last:
        return None
    invisible = player.powers[PW_INVISIBILITY]
    if invisible > _BLINK_TICS or invisible & 8:
        colormap = FUZZ
    elif camera.fixed_colormap:
        colormap = camera.fixed_colormap * 256
    else:
        colormap = 0 if psp.state.frame & FF_FULLBRIGHT else lit
    texturemid = (BASE_HEIGHT // 2 << 16) + (1 << 15) - (psp.sy - int(atlas.patch_top[patch]))
    texturemid = wrap(texturemid) - view.psprite_drop
    step = view.psprite_iscale
    scales = view.psprite_scale << view.detail, step >> view.detail
    columns = np.empty((_ROWS, last + 1 - first), np.int64)
    columns.T[:] = (0, 0, -1, view.height, texturemid, *scales, colormap, 0)
    x = columns[_X]
    x += np.arange(first, last + 1)
    column = (x - x1) * step >> 16
    if atlas.frame_flip[frame, 0]:
        column = (width - 1 - (x - x1) * step) >> 16
    columns[_COLUMN] = np.minimum(np.maximum(column, 0), (width >> 16) - 1) + int(atlas.patch_columns[patch])
    return columns


@dataclass(slots=True)
class PostStrips:
    """Visible posts in drawing order, int64: place and rows, texture position as in `Strips`, colours as in columns."""

    x: I64
    top: I64
    count: I64
    source: I64
    frac: I64
    step: I64
    colormap: I64
    translation: I64

    def part(self, which: slice | I64) -> PostStrips:
        """Some of the posts."""
        return PostStrips(*(getattr(self, name)[which] for name in PostStrips.__slots__))


def visible_posts(scene: Scene, columns: MaskedColumns) -> PostStrips:
    """Where the posts of each column begin and end on the screen; posts that are clipped away are dropped."""
    view, table = scene.view, scene.atlas.posts
    count = table.count.take(columns[_COLUMN])
    nth, _ = ragged(count)
    post = nth + table.first.take(columns[_COLUMN]).repeat(count)
    x, _, above, below, texturemid, scale, iscale, colormap, translation = columns.repeat(count, axis=1)
    topscreen = (view.centery << 16) - fixed_mul(texturemid, scale)
    delta = table.topdelta.take(post)
    start = topscreen + scale * delta
    stop = start + scale * table.length.take(post)
    start += 0xFFFF
    stop -= 1
    # clip lines that have left 16 bits may lie outside of the view
    top = np.maximum(start.astype(np.int32) >> 16, np.maximum(above, -1) + 1)
    bottom = np.minimum(stop.astype(np.int32) >> 16, np.minimum(below, view.height) - 1)
    frac = texturemid - (delta << 16) + (top - view.centery) * iscale
    source = table.source.take(post)
    rows = np.array([x, top, bottom - top + 1, source, frac, iscale, colormap, translation])
    return PostStrips(*rows.take((top <= bottom).nonzero()[0], axis=1))


def sections(posts: PostStrips) -> Iterator[tuple[bool, PostStrips]]:
    """Cut the posts where shadows begin and end: (are they shadows, posts)."""
    fuzzy = posts.colormap == FUZZ
    if not fuzzy.any():
        yield False, posts
        return
    cuts = [0, *(np.flatnonzero(fuzzy[1:] != fuzzy[:-1]) + 1).tolist(), len(fuzzy)]
    for first, last in pairwise(cuts):
        yield bool(fuzzy[first]), posts.part(slice(first, last))
