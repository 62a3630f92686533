"""The renderer: one call draws one 3-D view (``R_RenderPlayerView``).

The tree is walked first, as a whole. Then come all walls, then floors, ceilings and sky, then sprites and masked middle
textures back to front, then the weapon: the original's order of pixels.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pydoom.game.level import Level
from pydoom.render.arrays.arith import I64, U8
from pydoom.render.arrays.atlas import Atlas
from pydoom.render.arrays.bsp import Visible, Walker
from pydoom.render.arrays.fuzz import Fuzz
from pydoom.render.arrays.level import LevelArrays
from pydoom.render.arrays.masked import (
    PostStrips,
    merge,
    sections,
    sprite_columns,
    visible_posts,
    wall_columns,
    weapon_columns,
)
from pydoom.render.arrays.pixels import Painter, keep_freed_memory
from pydoom.render.arrays.planes import Spans, assign_planes, build_spans, sky_strips
from pydoom.render.arrays.scene import Scene
from pydoom.render.arrays.seen import seen_things
from pydoom.render.arrays.things import Clipping, Sprites, change_looks, clip_sprites, project_sprites
from pydoom.render.arrays.view import BASE_WIDTH, ViewTables
from pydoom.render.arrays.walls import Columns, Ranges, Strips, build_walls, no_walls
from pydoom.render.camera import camera_of
from pydoom.render.detail import draw_doubled
from pydoom.render.interface import ViewRenderer
from pydoom.render.precache import LevelLoader
from pydoom.sim.level import ML_MAPPED
from pydoom.sim.mobj import Mobj
from pydoom.sim.player import Player
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


class NumpyRenderer(ViewRenderer):
    """Draws views of a world into `frame`, all walls, planes or sprites of a frame at once."""

    def __init__(
        self, assets: Assets, width: int = 320, height: int = 200, screenblocks: int = 10, detail: int = 0
    ) -> None:
        self.assets = assets
        self.frame: U8 = np.zeros((height, width), np.uint8)
        self.view = ViewTables(width, height, screenblocks, detail)
        self._atlas: Atlas | None = None
        self._loader = LevelLoader()
        self._level: LevelArrays | None = None
        self._walker: Walker | None = None
        self._painter = Painter()
        keep_freed_memory()
        self._textures = _Translation()
        self._flats = _Translation()
        self.look_of: Callable[[Mobj], int] | None = None
        self._sprites: tuple[Sprites, Clipping] | None = None
        self._fuzz = Fuzz(np.ascontiguousarray(assets.colormaps).ravel())

    def seen_things(self) -> list[Mobj]:
        """The things that the last frame shows enough of, nearest first."""
        return [] if self._sprites is None else seen_things(self.view, *self._sprites)

    @property
    def fuzz_position(self) -> int:
        """Place in the table of shadows, 0 to 49, carried from frame to frame (``fuzzpos``)."""
        return self._fuzz.position

    @fuzz_position.setter
    def fuzz_position(self, position: int) -> None:
        self._fuzz.position = position

    def set_view_size(self, screenblocks: int, detail: int = 0) -> None:
        """Change the view window: 3 to 11 screen blocks, detail 0 high or 1 low (``R_SetViewSize``)."""
        self.view = ViewTables(self.view.screen_width, self.view.screen_height, screenblocks, detail)
        self._walker = None

    def draw(self, world: World, player: Player, sky_texture: int | None = None) -> None:
        """Draw what `player` sees, and mark the linedefs seen for the automap.

        `sky_texture` is the sky's wall texture number; without it the sky follows from the level's number.
        """
        view = self.view
        scene = self._set_up(world, player, sky_texture)
        if not view.detail:
            self._painter.aim(self.frame, view.left, view.top)
            self._draw(scene, player)
            return
        fuzz = self.fuzz_position

        def draw_half(half: U8) -> None:
            self.fuzz_position = fuzz
            self._painter.aim(half, 0, 0)
            self._draw(scene, player)

        draw_doubled(self.frame[view.top : view.top + view.height, view.left : view.left + view.width], draw_half)

    def _draw(self, scene: Scene, player: Player) -> None:
        """Draw a view where the painter aims."""
        found = self._walk(scene)
        ranges, columns = self._draw_walls(scene, found)
        self._draw_planes(scene, found, ranges, columns)
        self._draw_masked(scene, found, ranges, columns, player)

    def forget_graphics(self) -> None:
        """Load everything anew: textures have changed."""
        self._atlas = None

    def load_ahead(self, world: World) -> bool:
        """Load one of the graphics that the level will show; returns whether there may be more to load."""
        return self._loader.load_one(self._atlas_of(world), world)

    def _atlas_of(self, world: World) -> Atlas:
        if self._atlas is None:
            self._atlas = Atlas(self.assets, world.info.sprites)
        return self._atlas

    def _set_up(self, world: World, player: Player, sky_texture: int | None) -> Scene:
        """``R_SetupFrame``."""
        atlas = self._atlas_of(world)
        if self._level is None or self._level.world_segs is not world.segs:
            self._level = LevelArrays(world)
            self._walker = None
        self._level.refresh()
        if sky_texture is None:
            sky = world.info.text(Level.of(world).sky(world.mode))
            sky_texture = max(self.assets.texture_number(sky), 0)
        return Scene(
            self._level,
            atlas,
            self.view,
            camera_of(world, player, sky_texture),
            self._textures.of(world.texturetranslation),
            self._flats.of(world.flattranslation),
        )

    def _walk(self, scene: Scene) -> Visible:
        """Find the wall ranges and sectors in view, and mark the lines."""
        if self._walker is None:
            self._walker = Walker(scene.level, scene.view)
        camera = scene.camera
        found = self._walker.walk(camera.x, camera.y, camera.angle)
        if self.view.screen_width == BASE_WIDTH and len(found.segs) > MAXDRAWSEGS:
            # at the original's size, the ranges it has no room for are missing here, too
            for ranges in (found.segs, found.starts, found.stops, found.subsectors):
                del ranges[MAXDRAWSEGS:]
        segs = scene.level.segs
        for number in found.segs:
            segs[number].linedef.flags |= ML_MAPPED
        return found

    def _draw_walls(self, scene: Scene, found: Visible) -> tuple[Ranges, Columns]:
        if not found.segs:
            return no_walls()
        ranges, columns, strips = build_walls(scene, found)
        self._paint_strips(scene.atlas, strips)
        return ranges, columns

    def _draw_planes(self, scene: Scene, found: Visible, ranges: Ranges, columns: Columns) -> None:
        if not found.segs:
            return
        planes = assign_planes(scene, found, ranges, columns)
        spans = build_spans(scene, planes)
        sky = scene.camera.sky_flat
        skies = [number for number, pic in enumerate(planes.pic) if pic == sky and planes.size[number]]
        if planes.overlapping and skies:
            for number in range(len(planes.pic)):
                if number in skies:
                    self._paint_strips(scene.atlas, sky_strips(scene, planes, [number]))
                else:
                    self._paint_spans(scene.atlas, spans.of_plane(number))
            return
        if skies:
            self._paint_strips(scene.atlas, sky_strips(scene, planes, skies))
        self._paint_spans(scene.atlas, spans)

    def _draw_masked(self, scene: Scene, found: Visible, ranges: Ranges, columns: Columns, player: Player) -> None:
        """Sprites, masked middle textures and the weapon (``R_DrawMasked``)."""
        sprites = project_sprites(scene, found)
        clipping = clip_sprites(scene, ranges, columns, sprites)
        self._sprites = None if sprites is None else (sprites, clipping)
        if sprites is not None and self.look_of is not None:
            change_looks(sprites, self.look_of)
        parts = []
        if sprites is not None:
            parts.append(sprite_columns(scene, sprites, clipping))
        if clipping.masked:
            walls, turns = wall_columns(scene, ranges, columns, clipping)
            if sprites is None:
                parts.append(walls)
            else:
                owner = np.arange(len(sprites.x1)).repeat(sprites.width)
                parts = [merge(walls, turns, parts[0], owner)]
        parts += weapon_columns(scene, player)
        if parts:
            self._paint_posts(scene, visible_posts(scene, np.concatenate(parts, axis=1)))

    def _paint_posts(self, scene: Scene, posts: PostStrips) -> None:
        painter = self._painter
        for shadow, part in sections(posts):
            if shadow:
                self._fuzz.draw(painter.flat, painter.stride, painter.origin, scene.view, part)
            else:
                painter.posts(scene.atlas.pixels, scene.atlas.colormaps, part)

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

    def _paint_spans(self, atlas: Atlas, spans: Spans) -> None:
        self._painter.spans(
            atlas.flats,
            atlas.colormaps,
            spans.x,
            spans.y,
            spans.count,
            spans.source,
            spans.colormap,
            spans.position,
            spans.step,
        )
