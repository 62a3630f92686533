"""The scan-line renderer: one call draws one 3-D view (``R_RenderPlayerView``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from librt.vecs import extend, vec
from mypy_extensions import i64, u8
from numpy.typing import NDArray

from pydoom.game.level import Level
from pydoom.render.camera import camera_of
from pydoom.render.detail import draw_doubled
from pydoom.render.interface import ViewRenderer
from pydoom.render.precache import LevelLoader
from pydoom.render.scanline.bsp import ScanlineWalker
from pydoom.render.scanline.graphics import Graphics
from pydoom.render.scanline.scene import ScanlineScene
from pydoom.render.scanline.sprites import ScanlineSprites
from pydoom.render.scanline.visplanes import Visplanes
from pydoom.render.scanline.walls import Walls
from pydoom.render.scanline.window import ScanlineWindow
from pydoom.sim.mobj import Mobj
from pydoom.sim.player import Player
from pydoom.sim.world import World
from pydoom.wad.assets import Assets


class ScanlineRenderer(ViewRenderer):
    """Draws views of a world into `frame`, one column or span at a time.

    Each view is drawn in memory of our own: the frame is copied there and, but for what is beside the view, back.
    """

    def __init__(
        self, assets: Assets, width: int = 320, height: int = 200, screenblocks: int = 10, detail: int = 0
    ) -> None:
        self.assets = assets
        self.look_of: Callable[[Mobj], int] | None = None
        self._width = width
        self._height = height
        self.frame: NDArray[np.uint8] = np.zeros((height, width), np.uint8)
        # an empty vec with room for the frame: extending it copies the frame there, always to the same place
        self._room = vec[u8](capacity=width * height)
        self._graphics: Graphics | None = None
        self._loader = LevelLoader()
        self._fuzz: i64 = 0
        self._begin_window(screenblocks, detail)

    def _begin_window(self, screenblocks: int, detail: int) -> None:
        self._window = ScanlineWindow(self._width, self._height, screenblocks, detail)
        self._planes = Visplanes(self._window)
        self._walls = Walls(self._window, self._planes)
        self._sprites = ScanlineSprites(self._window, self._walls)
        self._walker = ScanlineWalker(self._window, self._planes, self._walls, self._sprites)

    @property
    def fuzz_position(self) -> int:
        """Place in the table of shadows, 0 to 49, carried from frame to frame (``fuzzpos``)."""
        return self._fuzz

    @fuzz_position.setter
    def fuzz_position(self, position: int) -> None:
        self._fuzz = position

    def set_view_size(self, screenblocks: int, detail: int = 0) -> None:
        """Change the view window: 3 to 11 screen blocks, detail 0 high or 1 low (``R_SetViewSize``)."""
        self._begin_window(screenblocks, detail)

    @property
    def counts(self) -> tuple[int, int]:
        """Visplanes and wall ranges of the last frame; the original has room for 128 and 256."""
        return self._planes.count, int(self._walls.count)

    def seen_things(self) -> list[Mobj]:
        """The things that the last frame shows enough of, nearest first."""
        return self._sprites.seen_things()

    def draw(self, world: World, player: Player, sky_texture: int | None = None) -> None:
        """Draw what `player` sees, and mark the linedefs seen for the automap.

        `sky_texture` is the sky's wall texture number; without it the sky follows from the level's number.
        """
        window = self._window
        left, top = int(window.left), int(window.top)
        view = self.frame[top : top + int(window.height), left : left + int(window.width)]
        if not window.detail:
            place = window.top * window.screen_width + window.left
            drawn = self._draw(world, player, sky_texture, self.frame, place)
            view[:] = drawn[top : top + view.shape[0], left : left + view.shape[1]]
            return
        fuzz = self._fuzz

        def draw_half(half: NDArray[np.uint8]) -> None:
            self._fuzz = fuzz
            half[:] = self._draw(world, player, sky_texture, half, 0)

        draw_doubled(view, draw_half)

    def _draw(
        self, world: World, player: Player, sky_texture: int | None, frame: NDArray[np.uint8], place: i64
    ) -> NDArray[np.uint8]:
        """Draw a view into a copy of `frame`, its first pixel at `place`; the next call reuses the copy's memory."""
        pixels: Iterable[u8] = frame.reshape(-1)
        canvas = extend(self._room, pixels)
        scene = self._set_up(world, player, sky_texture, canvas, frame.shape[1], place)
        sprites = self._sprites
        self._planes.clear()
        self._walls.clear(self._window)
        sprites.clear()
        sprites.look_of = self.look_of
        sprites.fuzz = self._fuzz
        self._walker.walk(scene)
        self._planes.draw(scene)
        sprites.draw(scene, player)
        self._fuzz = sprites.fuzz
        return np.frombuffer(memoryview(canvas), np.uint8).reshape(frame.shape)

    def forget_graphics(self) -> None:
        """Load everything anew: textures have changed."""
        self._graphics = None

    def load_ahead(self, world: World) -> bool:
        """Load one of the graphics that the level will show; returns whether there may be more to load."""
        return self._loader.load_one(self._graphics_of(world), world)

    def _graphics_of(self, world: World) -> Graphics:
        if self._graphics is None:
            self._graphics = Graphics(self.assets, world.info.sprites)
        return self._graphics

    def _set_up(
        self, world: World, player: Player, sky_texture: int | None, canvas: vec[u8], stride: i64, place: i64
    ) -> ScanlineScene:
        """``R_SetupFrame``."""
        graphics = self._graphics_of(world)
        if sky_texture is None:
            sky = world.info.text(Level.of(world).sky(world.mode))
            sky_texture = max(self.assets.texture_number(sky), 0)
        camera = camera_of(world, player, sky_texture)
        return ScanlineScene(world, self._window, graphics, camera, canvas, stride, place)
