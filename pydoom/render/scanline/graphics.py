"""All graphics of the 3-D view in one row of bytes, loaded when first seen (``R_GetColumn``, ``R_InitSprites``).

A wall column is the 128 bytes ``R_GetColumn`` points at. Sprites are kept as their raw lumps with zero bytes behind,
because a post is drawn with its row masked by 127 and no length check: what follows a short post is part of
what is drawn. The tables hold only numbers, so that drawing touches no Python object.
"""

from __future__ import annotations

from typing import Final, final

from librt.vecs import append, extend, vec
from mypy_extensions import i64, u8

from pydoom.render.colours import TRANSLATIONS
from pydoom.wad.assets import Assets
from pydoom.wad.patches import Patch
from pydoom.wad.sprites import SpriteFrame

COLUMN_BYTES: Final = 128
_LUMP_PADDING: Final = bytes(COLUMN_BYTES + 4)
_SIDES: Final = 8
NOT_LOADED: Final = -1
NO_FRAME: Final = -1


@final
class Graphics:
    """Pixels, and tables that say where each graphic is; the methods load a graphic when first asked for it.

    - `pixels`: flats, wall columns, sprite lumps, posts of masked textures; `flats`: where flat 0 begins
    - `colormaps`: 34 times 256; `translations`: of each translation 1 to 5 the 256 colours
    - `wall_mask`[textures]: what column numbers are masked with; `texture_height`[textures] 16.16
    - `first_post`, `posts`[columns]: the posts of a column of a sprite or masked texture; of each post `post_top` (rows
      from the patch's top), `post_length` and `post_source` (place of its pixels)
    - `frame_rotates`[frames]; `patch_column` (column 0 of a patch), `patch_width`, `patch_left`, `patch_top` 16.16
    """

    def __init__(self, assets: Assets, sprite_names: list[str]) -> None:
        self._assets = assets
        self.colormaps = vec[u8](assets.colormaps.tobytes())
        self.translations = vec[u8](b"".join(TRANSLATIONS))
        self.flats: i64 = 0
        self.pixels = vec[u8](b"".join(assets.flat(number).tobytes() for number in range(len(assets.flat_names))))
        count = len(assets.textures)
        self.texture_height = vec[i64]([height << 16 for height in assets.texture_heights])
        self.wall_mask = vec[i64]([texture.widthmask for texture in assets.textures])
        self._wall_start = vec[i64]([NOT_LOADED] * count)
        self._masked_column = vec[i64]([NOT_LOADED] * count)
        self.first_post = vec[i64]()
        self.posts = vec[i64]()
        self.post_top = vec[i64]()
        self.post_length = vec[i64]()
        self.post_source = vec[i64]()
        self._frames: list[SpriteFrame] = []
        self._frame_start = vec[i64]()
        self._frame_count = vec[i64]()
        for name in sprite_names:
            frames = assets.sprites.get(name, [])
            self._frame_start = append(self._frame_start, len(self._frames))
            self._frame_count = append(self._frame_count, len(frames))
            self._frames += frames
        self.frame_rotates = vec[bool]([frame.rotate for frame in self._frames])
        self._frame_patch = vec[i64]([NOT_LOADED] * (_SIDES * len(self._frames)))
        self._frame_flip = vec[bool]([False] * (_SIDES * len(self._frames)))
        self._patch_numbers: dict[str, int] = {}
        self.patch_column = vec[i64]()
        self.patch_width = vec[i64]()
        self.patch_left = vec[i64]()
        self.patch_top = vec[i64]()

    def wall_start(self, texture: i64) -> i64:
        """Place of a wall texture's column 0 in `pixels`."""
        start = self._wall_start[texture]
        if start == NOT_LOADED:
            start = self._add(self._assets.textures[texture].wall_columns.tobytes())
            self._wall_start[texture] = start
        return start

    def masked_column(self, texture: i64) -> i64:
        """Number in the tables of posts of a masked middle texture's column 0."""
        first = self._masked_column[texture]
        if first == NOT_LOADED:
            wall = self._assets.textures[texture]
            first = len(self.posts)
            for x in range(wall.width):
                posts = wall.column_posts(x)
                start = self._add(wall.column_windows(x).tobytes())
                self._begin_column(len(posts))
                for top, rows in posts:
                    self._add_post(top, len(rows), start)
                    start += COLUMN_BYTES
            self._masked_column[texture] = first
        return first

    def find_frame(self, sprite: i64, frame: i64) -> i64:
        """Number of a sprite's frame; NO_FRAME when the WAD has none."""
        if frame >= self._frame_count[sprite]:
            return NO_FRAME
        return self._frame_start[sprite] + frame

    def load_wall(self, texture: int) -> None:
        """Load a wall texture."""
        self.wall_start(texture)

    def load_masked(self, texture: int) -> None:
        """Load a texture used as a masked middle texture."""
        self.masked_column(texture)

    def frames_of(self, sprite: int) -> int:
        """How many frames a sprite has."""
        return self._frame_count[sprite]

    def load_frame(self, sprite: int, frame: int) -> None:
        """Load a frame of a sprite, with all its rotations."""
        self.patch_of(self._frame_start[sprite] + frame, 0)

    def patch_of(self, frame: i64, side: i64) -> i64:
        """Number of a frame's patch seen from a side, 0 to 7 when it rotates, else 0."""
        at = frame * _SIDES + side
        if self._frame_patch[at] == NOT_LOADED:
            found = self._frames[frame]
            for each, (patch, flip) in enumerate(zip(found.patches, found.flip, strict=True)):
                self._frame_patch[frame * _SIDES + each] = self._load_patch(patch)
                self._frame_flip[frame * _SIDES + each] = flip
        return self._frame_patch[at]

    def flipped(self, frame: i64, side: i64) -> bool:
        """Whether the patch that `patch_of` returns is shown mirrored."""
        return self._frame_flip[frame * _SIDES + side]

    def _load_patch(self, patch: Patch) -> int:
        number = self._patch_numbers.get(patch.name)
        if number is None:
            start = self._add(patch.data + _LUMP_PADDING)
            self.patch_column = append(self.patch_column, len(self.posts))
            posts = patch.posts
            for x in range(patch.width):
                first, end = posts.first[x], posts.first[x + 1]
                self._begin_column(end - first)
                for post in range(first, end):
                    self._add_post(posts.top[post], posts.length[post], start + posts.place[post])
            number = self._patch_numbers[patch.name] = len(self.patch_width)
            self.patch_width = append(self.patch_width, patch.width << 16)
            self.patch_left = append(self.patch_left, patch.leftoffset << 16)
            self.patch_top = append(self.patch_top, patch.topoffset << 16)
        return number

    def _add(self, data: bytes) -> i64:
        start = len(self.pixels)
        self.pixels = extend(self.pixels, data)
        return start

    def _begin_column(self, posts: i64) -> None:
        """A column in the tables; its posts follow."""
        self.first_post = append(self.first_post, len(self.post_top))
        self.posts = append(self.posts, posts)

    def _add_post(self, top: i64, length: i64, source: i64) -> None:
        self.post_top = append(self.post_top, top)
        self.post_length = append(self.post_length, length)
        self.post_source = append(self.post_source, source)
