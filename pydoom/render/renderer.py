"""The renderer: one call draws one 3-D view (``R_RenderPlayerView``).

Order as in the original: walls while walking the tree, then floors, ceilings and sky, then sprites and masked middle
textures back to front, then the weapon.
"""

from __future__ import annotations

import numpy as np

from pydoom.render.arith import I64, U8
from pydoom.render.atlas import Atlas
from pydoom.render.bsp import Visible, Walker
from pydoom.render.camera import Camera, camera_of, sky_texture_name
from pydoom.render.fuzz import Fuzz
from pydoom.render.level import Level
from pydoom.render.masked import (
    MaskedColumns,
    join,
    merge,
    sections,
    sprite_columns,
    visible_posts,
    wall_columns,
    weapon_columns,
)
from pydoom.render.pixels import Painter
from pydoom.render.planes import Planes, assign_planes, build_spans, sky_strips
from pydoom.render.things import Sprites, clip_sprites, project_sprites
from pydoom.render.view import BASE_WIDTH, View
from pydoom.render.walls import Columns, Ranges, Strips, build_walls, no_walls
from pydoom.sim.model import ML_MAPPED, Player
from pydoom.sim.world import World
from pydoom.wad.assets import Assets

MAXDRAWSEGS = 256


class _Translation:
    """A list of the world as an array, remade only when it has changed."""

    def __init__(self) -> None:
        self._list: list[int] = []
        self._array: I64 = np.zeros(0, np.int64)

    def of(self, values: list[int]) -> I64:
        if values != self._list:
            self._list = values.copy()
            self._array = np.array(values, np.int64)
        return self._array


class Renderer:
    """Draws views of a world into `frame`, uint8[height, width] of palette indexes.

    Only the view window is written. The frame keeps its contents: what a broken map leaves undrawn shows the last
    frame, as in the original. `frame` may be replaced by any C-contiguous array of the same shape.
    """

    def __init__(
        self, assets: Assets, width: int = 320, height: int = 200, screenblocks: int = 10, detail: int = 0
    ) -> None:
        self.assets = assets
        self.frame: U8 = np.zeros((height, width), np.uint8)
        self.view = View(width, height, screenblocks, detail)
        self._half = self._half_frame()
        self._atlas: Atlas | None = None
        self._level: Level | None = None
        self._walker: Walker | None = None
        self._painter = Painter()
        self._textures = _Translation()
        self._flats = _Translation()
        self._fuzz = Fuzz(np.ascontiguousarray(assets.colormaps).ravel())

    @property
    def fuzz_position(self) -> int:
        """Place in the table of shadows, 0 to 49, carried from frame to frame (``fuzzpos``)."""
        return self._fuzz.position

    @fuzz_position.setter
    def fuzz_position(self, position: int) -> None:
        self._fuzz.position = position

    def set_view_size(self, screenblocks: int, detail: int = 0) -> None:
        """Change the view window: 3 to 11 screen blocks, detail 0 high or 1 low (``R_SetViewSize``)."""
        self.view = View(self.view.screen_width, self.view.screen_height, screenblocks, detail)
        self._half = self._half_frame()
        self._walker = None

    def _half_frame(self) -> U8:
        """What low detail draws into: the view window at half its width."""
        return np.zeros((self.view.height, self.view.columns), np.uint8)

    def draw(self, world: World, player: Player) -> None:
        """Draw what `player` sees, and mark the linedefs seen for the automap."""
        level, walker, atlas = self._prepare(world)
        sky_texture = max(self.assets.texture_number(sky_texture_name(world)), 0)
        camera = camera_of(world, player, sky_texture)
        view = self.view
        if view.detail:
            self._painter.aim(self._half, 0, 0)
        else:
            self._painter.aim(self.frame, view.left, view.top)
        found = walker.walk(camera.x, camera.y, camera.angle)
        self._limit(found)
        for number in found.segs:
            level.segs[number].linedef.flags |= ML_MAPPED
        if found.segs:
            textures = self._textures.of(world.texturetranslation)
            ranges, columns, strips = build_walls(level, view, atlas, camera, found, textures)
            self._paint_strips(atlas, strips)
            planes = assign_planes(level, view, camera, found, ranges, columns)
            self._draw_planes(atlas, camera, planes, self._flats.of(world.flattranslation))
        else:
            textures = np.zeros(0, np.int64)
            ranges, columns = no_walls()
        sprites = project_sprites(level, view, atlas, camera, found)
        masked = self._masked_columns(level, atlas, camera, ranges, columns, sprites, textures)
        masked += weapon_columns(view, atlas, camera, level, player)
        if masked:
            self._draw_masked(atlas, join(masked))
        if view.detail:
            window = self.frame[view.top : view.top + view.height, view.left : view.left + view.width]
            window[:, 0::2] = window[:, 1::2] = self._half

    def _prepare(self, world: World) -> tuple[Level, Walker, Atlas]:
        if self._atlas is None:
            self._atlas = Atlas(self.assets, world.info.sprites)
        if self._level is None or self._level.segs is not world.segs:
            self._level = Level(world)
            self._walker = None
        if self._walker is None:
            self._walker = Walker(self._level, self.view)
        self._level.refresh()
        return self._level, self._walker, self._atlas

    def _limit(self, found: Visible) -> None:
        """At the original's size the ranges it has no room for are missing here, too."""
        if self.view.screen_width == BASE_WIDTH and len(found.segs) > MAXDRAWSEGS:
            del found.segs[MAXDRAWSEGS:], found.starts[MAXDRAWSEGS:]
            del found.stops[MAXDRAWSEGS:], found.subsectors[MAXDRAWSEGS:]

    def _paint_strips(self, atlas: Atlas, strips: Strips) -> None:
        self._painter.strips(
            atlas.pixels,
            atlas.colormaps,
            strips.x,
            strips.top,
            strips.count,
            strips.source,
            strips.colormap,
            strips.frac,
            strips.step,
        )

    def _draw_planes(self, atlas: Atlas, camera: Camera, planes: Planes, flat_translation: I64) -> None:
        view = self.view
        spans = build_spans(view, camera, planes, flat_translation)
        skies = [number for number, pic in enumerate(planes.pic) if pic == camera.sky_flat and planes.size[number]]
        order = [(skies, spans)]
        if planes.overlapping and skies:
            order = [
                ([number], spans.of_plane(number)) if number in skies else ([], spans.of_plane(number))
                for number in range(len(planes.pic))
            ]
        for sky, part in order:
            if sky:
                self._paint_strips(atlas, sky_strips(view, atlas, camera, planes, sky))
            self._painter.spans(
                atlas.flats,
                atlas.colormaps,
                part.x,
                part.y,
                part.count,
                part.source,
                part.colormap,
                part.position,
                part.step,
            )

    def _masked_columns(
        self,
        level: Level,
        atlas: Atlas,
        camera: Camera,
        ranges: Ranges,
        columns: Columns,
        sprites: Sprites | None,
        textures: I64,
    ) -> list[MaskedColumns]:
        """Columns of sprites and masked middle textures in drawing order: a list of one or none."""
        view = self.view
        clipping = clip_sprites(level, view, ranges, columns, sprites)
        things = sprite_columns(view, atlas, sprites, clipping) if sprites is not None else None
        if not clipping.masked:
            return [things] if things is not None else []
        walls, turns = wall_columns(level, view, atlas, camera, ranges, columns, clipping, textures)
        if sprites is None or things is None:
            return [walls]
        owner = np.arange(len(sprites.x1)).repeat(sprites.width)
        return [merge(walls, turns, things, owner)]

    def _draw_masked(self, atlas: Atlas, columns: MaskedColumns) -> None:
        painter = self._painter
        for shadow, posts in sections(visible_posts(self.view, atlas, columns)):
            if shadow:
                self._fuzz.draw(painter.flat, painter.stride, painter.origin, self.view, posts)
                continue
            painter.posts(atlas.pixels, atlas.colormaps, posts)
