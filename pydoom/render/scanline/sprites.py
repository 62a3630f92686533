"""Sprites of things, masked middle textures and the weapon (``r_things.c``, ``R_RenderMaskedSegRange``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, final

from librt.vecs import vec
from mypy_extensions import i32, i64

from pydoom.data.flags import MF_SHADOW, MF_TRANSLATION
from pydoom.data.info import FF_FRAMEMASK, FF_FULLBRIGHT
from pydoom.render.colours import NORMAL, SHADOW
from pydoom.render.scanline.arithmetic import (
    ANG45,
    U32,
    UNIT,
    clamp,
    fixed_div,
    fixed_mul,
    is_behind,
    larger,
    size_of,
    smaller,
    to_int32,
)
from pydoom.render.scanline.graphics import NO_FRAME
from pydoom.render.scanline.pixels import draw_column, draw_fuzz_column, draw_translated_column
from pydoom.render.scanline.scene import ScanlineScene
from pydoom.render.scanline.walls import COLUMN_DRAWN, NOWHERE, SIL_BOTTOM, SIL_TOP, WallRange, Walls, light_level
from pydoom.render.scanline.window import ScanlineWindow
from pydoom.sim.level import ML_DONTPEGBOTTOM, Sector
from pydoom.sim.mobj import Mobj
from pydoom.sim.player import PW_INVISIBILITY, Player, PspDef

_MAXVISSPRITES: Final = 128
_BASE_WIDTH: Final = 320
_MINZ: Final = 4 * UNIT
_TRANSLATION_SHIFT: Final = 26
_FUZZ: Final = -1
"""Light of what is drawn as a shadow."""
_UNCLIPPED: Final = -2
"""Mark of a column no wall has clipped yet."""
_BLINK_TICS: Final = 4 * 32
_HALF: Final = UNIT // 2
_LEAST_PART: Final = 2
"""A thing counts as seen when at least 1 pixel in 2 of its sprite's box is open to view."""


@final
class VisSprite:
    """A sprite in view (``vissprite_t``).

    `x1`, `x2` columns; `scale`, `step` (a column; negative when mirrored), `start` (column of the patch), `row` (of
    the patch at eye level) 16.16; `light` offset of a colormap or _FUZZ; `x`, `y`, `z`, `top` 16.16 map units.
    `thing` is whose it is, None for the weapon, and `seen` whether enough of it is open to view.
    """

    def __init__(self, patch: i64, x1: i64, x2: i64, scale: i64, light: i64) -> None:
        self.patch = patch
        self.x1 = x1
        self.x2 = x2
        self.scale = scale
        self.light = light
        self.step: i64 = 0
        self.start: i64 = 0
        self.row: i64 = 0
        self.translation: i64 = 0
        self.x: i64 = 0
        self.y: i64 = 0
        self.z: i64 = 0
        self.top: i64 = 0
        self.thing: Mobj | None = None
        self.seen = False

    def place(self, left: i64, step: i64, width: i64, flip: bool, columns: i64) -> None:
        """Cut a patch of this `width`, 16.16, whose column 0 is at `left`, to the view's columns."""
        self.step = step
        self.start = 0
        if flip:
            self.step = -step
            self.start = width - 1
        if self.x1 < 0:
            self.x1 = 0
        if self.x2 >= columns:
            self.x2 = columns - 1
        self.start += self.step * (self.x1 - left)


def _scale_of(sprite: VisSprite) -> int:
    return sprite.scale


@final
class ScanlineSprites:
    """The sprites of a frame, and the drawing of all that is made of posts."""

    def __init__(self, window: ScanlineWindow, walls: Walls) -> None:
        columns = int(window.columns)
        self._walls = walls
        self._top = vec[i32]([0] * columns)
        self._bottom = vec[i32]([0] * columns)
        self._sprites: list[VisSprite] = []
        self._any_bond = False
        self.fuzz: i64 = 0
        self.look_of: Callable[[Mobj], int] | None = None

    def clear(self) -> None:
        """Forget the last frame's sprites (``R_ClearSprites``)."""
        self._sprites = []
        self._any_bond = False

    # -- what is in view

    def add_sector(self, scene: ScanlineScene, sector: Sector) -> None:
        """Project the things of a sector (``R_AddSprites``)."""
        lights = scene.window.light_row((i64(sector.lightlevel) >> 4) + scene.extra_light)
        thing = sector.things
        while thing is not None:
            self._project(scene, thing, lights)
            thing = thing.snext

    def _project(self, scene: ScanlineScene, thing: Mobj, lights: i64) -> None:
        """``R_ProjectSprite``."""
        window, graphics = scene.window, scene.graphics
        dx, dy = to_int32(thing.x - scene.x), to_int32(thing.y - scene.y)
        depth = to_int32(fixed_mul(dx, scene.cosine) + fixed_mul(dy, scene.sine))
        if depth < _MINZ:
            return
        across = to_int32(fixed_mul(dx, scene.sine) - fixed_mul(dy, scene.cosine))
        if to_int32(size_of(across)) > to_int32(depth << 2):
            return
        frame = graphics.find_frame(thing.sprite, i64(thing.frame) & FF_FRAMEMASK)
        if frame == NO_FRAME:
            return
        scale = fixed_div(window.projection, depth)
        side: i64 = 0
        if graphics.frame_rotates[frame]:
            side = ((scene.angle_to(thing.x, thing.y) - thing.angle + ANG45 // 2 * 9) & U32) >> 29
        patch = graphics.patch_of(frame, side)
        width = graphics.patch_width[patch]
        left = to_int32(across - graphics.patch_left[patch])
        x1 = to_int32(window.projection + fixed_mul(left, scale)) >> 16
        if x1 > window.columns:
            return
        x2 = (to_int32(window.projection + fixed_mul(to_int32(left + width), scale)) >> 16) - 1
        if x2 < 0:
            return
        made = VisSprite(patch, x1, x2, scale << window.detail, self._light(scene, thing, lights, scale))
        made.place(x1, fixed_div(UNIT, scale), width, graphics.flipped(frame, side), window.columns)
        made.thing = thing
        made.x, made.y, made.z = thing.x, thing.y, thing.z
        made.top = to_int32(made.z + graphics.patch_top[patch])
        made.row = scene.over_eyes(made.top)
        made.translation = (i64(thing.flags) & MF_TRANSLATION) >> _TRANSLATION_SHIFT
        if self.look_of is not None:
            _change_look(made, i64(self.look_of(thing)))
        if thing.bond is not None:
            self._any_bond = True
        self._sprites.append(made)

    def _light(self, scene: ScanlineScene, thing: Mobj, lights: i64, scale: i64) -> i64:
        if thing.flags & MF_SHADOW:
            return _FUZZ
        if scene.fixed_light >= 0:
            return scene.fixed_light
        if thing.frame & FF_FULLBRIGHT:
            return 0
        return scene.light_of(lights, scale << scene.window.detail)

    def seen_things(self) -> list[Mobj]:
        """The things that the last frame shows enough of, nearest first."""
        return [sprite.thing for sprite in reversed(self._sprites) if sprite.seen and sprite.thing is not None]

    # -- drawing

    def draw(self, scene: ScanlineScene, player: Player) -> None:
        """Draw sprites, masked textures and the weapon, back to front (``R_DrawMasked``)."""
        if len(self._sprites) > _MAXVISSPRITES and scene.window.screen_width == _BASE_WIDTH and not self._any_bond:
            # the original has no room for more, but somebody's container must not be invisible
            del self._sprites[_MAXVISSPRITES:]
        self._sprites.sort(key=_scale_of)
        for sprite in self._sprites:
            self._clip(scene, sprite)
            self._note_seen(scene, sprite)
            self._draw_sprite(scene, sprite)
        number = self._walls.count - 1
        while number >= 0:
            made = self._walls.ranges[number]
            if made.masked_at != NOWHERE:
                self._draw_masked_range(scene, made, made.x1, made.x2)
            number -= 1
        for psp in player.psprites:
            self._draw_weapon(scene, player, psp)

    def _clip(self, scene: ScanlineScene, sprite: VisSprite) -> None:
        """Find the clip rows of a sprite, drawing masked textures behind it on the way (``R_DrawSprite``)."""
        top, bottom = self._top, self._bottom
        x = sprite.x1
        while x <= sprite.x2:
            top[x] = bottom[x] = _UNCLIPPED
            x += 1
        ranges, openings = self._walls.ranges, self._walls.openings
        number = self._walls.count - 1
        while number >= 0:
            wall = ranges[number]
            number -= 1
            if wall.x1 > sprite.x2 or wall.x2 < sprite.x1 or not wall.silhouette:
                continue
            x1 = larger(wall.x1, sprite.x1)
            x2 = smaller(wall.x2, sprite.x2)
            if self._behind(wall, sprite):
                if wall.masked_at != NOWHERE:
                    self._draw_masked_range(scene, wall, x1, x2)
                continue
            if wall.silhouette & SIL_BOTTOM and sprite.z < wall.bottom_height:
                _clip_columns(bottom, openings, wall.bottom_at - wall.x1, x1, x2)
            if wall.silhouette & SIL_TOP and sprite.top > wall.top_height:
                _clip_columns(top, openings, wall.top_at - wall.x1, x1, x2)
        x = sprite.x1
        while x <= sprite.x2:
            if top[x] == _UNCLIPPED:
                top[x] = -1
            if bottom[x] == _UNCLIPPED:
                bottom[x] = i32(scene.window.height)
            x += 1

    def _behind(self, wall: WallRange, sprite: VisSprite) -> bool:
        """Whether a wall is behind a sprite."""
        near, far = wall.scale1, wall.scale2
        if near < far:
            near, far = far, near
        if near < sprite.scale:
            return True
        if far >= sprite.scale:
            return False
        v1, v2 = wall.seg.v1, wall.seg.v2
        dx, dy = to_int32(i64(v2.x) - i64(v1.x)), to_int32(i64(v2.y) - i64(v1.y))
        return not is_behind(sprite.x, sprite.y, v1.x, v1.y, dx, dy)

    def _note_seen(self, scene: ScanlineScene, sprite: VisSprite) -> None:
        """Find out whether walls and floors leave enough of a sprite to call it seen."""
        window = scene.window
        first = window.center_y - (fixed_mul(sprite.row, sprite.scale) >> 16)
        foot = sprite.row - (sprite.top - sprite.z)
        last = window.center_y - (fixed_mul(foot, sprite.scale) >> 16)
        first = larger(first, 0)
        last = smaller(last, window.height - 1)
        open_rows: i64 = 0
        x = sprite.x1
        while x <= sprite.x2:
            high, low = i64(self._top[x]) + 1, i64(self._bottom[x]) - 1
            high = larger(high, first)
            low = smaller(low, last)
            if low >= high:
                open_rows += low - high + 1
            x += 1
        whole = (sprite.x2 - sprite.x1 + 1) * larger(last - first + 1, 0)
        sprite.seen = open_rows > 0 and open_rows * _LEAST_PART >= whole

    def _draw_sprite(self, scene: ScanlineScene, sprite: VisSprite) -> None:
        """``R_DrawVisSprite``, between the clip rows that are there."""
        graphics = scene.graphics
        first = graphics.patch_column[sprite.patch]
        last_column = (graphics.patch_width[sprite.patch] >> 16) - 1
        rows = size_of(sprite.step) >> scene.window.detail
        at = sprite.start
        x = sprite.x1
        while x <= sprite.x2:
            # the last column of a far sprite may fall beside the patch
            column = first + clamp(at >> 16, 0, last_column)
            self._draw_posts(
                scene,
                x,
                column,
                sprite.row,
                sprite.scale,
                rows,
                i64(self._top[x]),
                i64(self._bottom[x]),
                sprite.light,
                sprite.translation,
            )
            at += sprite.step
            x += 1

    def _draw_masked_range(self, scene: ScanlineScene, wall: WallRange, x1: i64, x2: i64) -> None:
        """``R_RenderMaskedSegRange``: what has not been drawn yet of a middle texture."""
        seg, graphics = wall.seg, scene.graphics
        front, back, side = seg.frontsector, seg.backsector, seg.sidedef
        assert back is not None
        texture: i64 = scene.textures[side.midtexture]
        first, mask = graphics.masked_column(texture), graphics.wall_mask[texture]
        lights = scene.window.light_row(light_level(scene, seg, front.lightlevel))
        if seg.linedef.flags & ML_DONTPEGBOTTOM:
            row = i64(max(front.floorheight, back.floorheight)) + graphics.texture_height[texture]
        else:
            row = i64(min(front.ceilingheight, back.ceilingheight))
        row = scene.over_eyes(row + i64(side.rowoffset))
        openings = self._walls.openings
        at = x1 - wall.x1
        end = x2 - wall.x1
        while at <= end:
            column = i64(openings[wall.masked_at + at])
            if column != COLUMN_DRAWN:
                openings[wall.masked_at + at] = COLUMN_DRAWN
                scale = to_int32(wall.scale1 + at * wall.step)
                self._draw_posts(
                    scene,
                    wall.x1 + at,
                    first + (column & mask),
                    row,
                    scale,
                    U32 // (scale & U32),
                    i64(openings[wall.top_at + at]),
                    i64(openings[wall.bottom_at + at]),
                    scene.light_of(lights, scale),
                    0,
                )
            at += 1

    def _draw_posts(
        self,
        scene: ScanlineScene,
        x: i64,
        column: i64,
        row: i64,
        scale: i64,
        step: i64,
        above: i64,
        below: i64,
        light: i64,
        translation: i64,
    ) -> None:
        """Draw a column of posts between the rows `above` and `below` (``R_DrawMaskedColumn``)."""
        graphics, window = scene.graphics, scene.window
        upper_edge = to_int32((window.center_y << 16) - fixed_mul(row, scale))
        post = graphics.first_post[column]
        end = post + graphics.posts[column]
        while post < end:
            top = graphics.post_top[post]
            start = to_int32(upper_edge + scale * top)
            stop = to_int32(start + scale * graphics.post_length[post])
            yl = to_int32(start + UNIT - 1) >> 16
            yh = to_int32(stop - 1) >> 16
            if yl <= above:
                yl = above + 1
            if yh >= below:
                yh = below - 1
            # clip rows that have left 16 bits may lie outside of the view
            if yl < 0:
                yl = 0
            if yh >= window.height:
                yh = window.height - 1
            if yl <= yh:
                self._draw_post(
                    scene, x, yl, yh, graphics.post_source[post], row - (top << 16), step, light, translation
                )
            post += 1

    def _draw_post(
        self,
        scene: ScanlineScene,
        x: i64,
        yl: i64,
        yh: i64,
        source: i64,
        row: i64,
        step: i64,
        light: i64,
        translation: i64,
    ) -> None:
        window, graphics = scene.window, scene.graphics
        if light == _FUZZ:
            # the rows at the edges of the view have no neighbour to copy
            yl = larger(yl, 1)
            yh = smaller(yh, window.height - 2)
            if yl <= yh:
                place = scene.origin + yl * scene.stride + x
                self.fuzz = draw_fuzz_column(
                    scene.canvas, place, scene.stride, yh - yl + 1, graphics.colormaps, self.fuzz
                )
            return
        place = scene.origin + yl * scene.stride + x
        row = to_int32(row + (yl - window.center_y) * step)
        if translation:
            draw_translated_column(
                scene.canvas,
                place,
                scene.stride,
                yh - yl + 1,
                graphics.pixels,
                source,
                graphics.colormaps,
                light,
                row,
                step,
                graphics.translations,
                (translation - 1) * 256,
            )
            return
        draw_column(
            scene.canvas,
            place,
            scene.stride,
            yh - yl + 1,
            graphics.pixels,
            source,
            graphics.colormaps,
            light,
            row,
            step,
        )

    def _draw_weapon(self, scene: ScanlineScene, player: Player, psp: PspDef) -> None:
        """One layer of the player's weapon (``R_DrawPSprite``)."""
        state = psp.state
        if state is None:
            return
        window, graphics = scene.window, scene.graphics
        frame = graphics.find_frame(state.sprite, i64(state.frame) & FF_FRAMEMASK)
        if frame == NO_FRAME:
            return
        patch = graphics.patch_of(frame, 0)
        width = graphics.patch_width[patch]
        left = to_int32(i64(psp.sx) - 160 * UNIT - graphics.patch_left[patch])
        right = to_int32(left + width)
        x1 = to_int32(window.projection + fixed_mul(left, window.weapon_scale)) >> 16
        x2 = (to_int32(window.projection + fixed_mul(right, window.weapon_scale)) >> 16) - 1
        if x1 > window.columns or x2 < 0:
            return
        light = self._weapon_light(scene, player, state.frame)
        made = VisSprite(patch, x1, x2, window.weapon_scale << window.detail, light)
        made.place(x1, window.weapon_step, width, graphics.flipped(frame, 0), window.columns)
        made.row = to_int32(100 * UNIT + _HALF - (i64(psp.sy) - graphics.patch_top[patch])) - window.weapon_drop
        x = made.x1
        while x <= made.x2:
            self._top[x] = -1
            self._bottom[x] = i32(window.height)
            x += 1
        self._draw_sprite(scene, made)

    def _weapon_light(self, scene: ScanlineScene, player: Player, frame: i64) -> i64:
        invisible = player.powers[PW_INVISIBILITY]
        if invisible > _BLINK_TICS or invisible & 8:
            return _FUZZ
        if scene.fixed_light >= 0:
            return scene.fixed_light
        if frame & FF_FULLBRIGHT:
            return 0
        level = (i64(player.mo.subsector.sector.lightlevel) >> 4) + scene.extra_light
        return scene.window.scale_light[scene.window.light_row(level) + scene.window.scales - 1]


def _change_look(sprite: VisSprite, look: i64) -> None:
    """Have a thing drawn in other colours or as a shadow, as `ViewRenderer.look_of` says."""
    if look == SHADOW:
        sprite.light = _FUZZ
    elif look != NORMAL:
        sprite.translation = look


def _clip_columns(clip: vec[i32], openings: vec[i32], at: i64, x1: i64, x2: i64) -> None:
    """Clip the columns `x1` to `x2` that are not clipped yet at the rows in `openings[at + x]`."""
    while x1 <= x2:
        if clip[x1] == _UNCLIPPED:
            clip[x1] = openings[at + x1]
        x1 += 1
