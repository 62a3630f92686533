"""All graphics of the 3-D view in one byte array, loaded when first seen (``R_GetColumn``, ``R_InitSprites``).

A wall column is the 128 bytes ``R_GetColumn`` points at. Sprites are kept as their raw lumps, because a post is drawn
with its row masked by 127 and no length check: the bytes after a short post are part of what is drawn. Past a lump's
end there are 128 zero bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from pydoom.render.arrays.arith import I64, U8, Bool
from pydoom.wad.assets import Assets
from pydoom.wad.patches import Patch

COLUMN_BYTES: Final = 128
FLAT_BYTES: Final = 4096
NO_FRAME: Final = -1


_Kind = TypeVar("_Kind", np.uint8, np.int64)


class _Growing(Generic[_Kind]):
    """An array that grows by doubling; `array` holds `size` used elements and spare room behind."""

    def __init__(self, dtype: type[_Kind], capacity: int) -> None:
        self.array: NDArray[_Kind] = np.zeros(capacity, dtype)
        self.size = 0

    def append(self, values: NDArray[_Kind]) -> int:
        """Add `values` at the end and return where they begin."""
        start = self.size
        end = start + len(values)
        if end > len(self.array):
            grown = np.zeros(max(end, 2 * len(self.array)), self.array.dtype)
            grown[:start] = self.array[:start]
            self.array = grown
        self.array[start:end] = values
        self.size = end
        return start


class PostTable:
    """Columns made of posts, of sprites and masked middle textures alike.

    - `first`, `count` int64[columns]: the posts of a column
    - `topdelta`, `length`, `source` int64[posts]: rows from the patch's top, rows, place of the pixels in the atlas
    """

    def __init__(self) -> None:
        self._first = _Growing(np.int64, 4096)
        self._count = _Growing(np.int64, 4096)
        self._topdelta = _Growing(np.int64, 8192)
        self._length = _Growing(np.int64, 8192)
        self._source = _Growing(np.int64, 8192)
        self._bind()

    def _bind(self) -> None:
        self.first = self._first.array
        self.count = self._count.array
        self.topdelta = self._topdelta.array
        self.length = self._length.array
        self.source = self._source.array

    def add(self, first: Sequence[int], topdelta: Sequence[int], length: Sequence[int], source: I64) -> int:
        """Add a graphic's columns, column x with the posts from `first[x]` to `first[x + 1]` - 1.

        Returns the first column's number.
        """
        firsts = np.array(first, np.int64)
        start = self._first.append(self._topdelta.size + firsts[:-1])
        self._count.append(firsts[1:] - firsts[:-1])
        self._topdelta.append(np.array(topdelta, np.int64))
        self._length.append(np.array(length, np.int64))
        self._source.append(source)
        self._bind()
        return start


class Atlas:
    """Pixels, and tables that say where each graphic is.

    - `pixels` uint8[...]: wall columns, sprite lumps, posts of masked textures
    - `wall_start`, `wall_mask` int64[textures]: place of column 0, and the mask of column numbers; -1 not loaded yet
    - `masked_start` int64[textures]: number in `posts` of a masked texture's column 0; -1 not loaded yet
    - `flats` uint8[flats * 4096]
    - sprites: `frame_start` int64[sprites] and `frame_count`: rows of the frame tables; `frame_rotates` bool[frames];
      `frame_patch` int64[frames, 8] patch numbers, -1 until loaded; `frame_flip` bool[frames, 8];
      `patch_columns` (number in `posts` of column 0), `patch_width`, `patch_left`, `patch_top` int64[patches], the
      last three 16.16
    - `colormaps` uint8[34 * 256]
    """

    def __init__(self, assets: Assets, sprite_names: list[str]) -> None:
        self._assets = assets
        self._pixels = _Growing(np.uint8, 1 << 20)
        self.pixels: U8 = self._pixels.array
        self.posts = PostTable()
        count = len(assets.textures)
        self.wall_start: I64 = np.full(count, -1, np.int64)
        self.wall_mask: I64 = np.array([texture.widthmask for texture in assets.textures], np.int64)
        self.masked_start: I64 = np.full(count, -1, np.int64)
        self.texture_height: I64 = np.array(assets.texture_heights, np.int64) << 16
        self.flats: U8 = np.concatenate(
            [assets.flat(number).ravel() for number in range(len(assets.flat_names))]
            or [np.zeros(FLAT_BYTES, np.uint8)]
        )
        self.colormaps: U8 = np.ascontiguousarray(assets.colormaps).ravel()
        self._frames = [frame for name in sprite_names for frame in assets.sprites.get(name, [])]
        counts = np.array([len(assets.sprites.get(name, [])) for name in sprite_names], np.int64)
        self.frame_count: I64 = counts
        self.frame_start: I64 = counts.cumsum() - counts
        self.frame_rotates: Bool = np.array([frame.rotate for frame in self._frames], np.bool_)
        self.frame_patch: I64 = np.full((len(self._frames), 8), -1, np.int64)
        self.frame_flip: Bool = np.zeros((len(self._frames), 8), np.bool_)
        self._patch_numbers: dict[str, int] = {}
        self._patch_rows: list[tuple[int, int, int, int]] = []
        self._bind_patches()

    def _add_pixels(self, values: U8) -> int:
        start = self._pixels.append(values)
        self.pixels = self._pixels.array
        return start

    @staticmethod
    def _missing(starts: I64, numbers: I64) -> list[int]:
        """Which of these graphics have no place yet."""
        places = starts.take(numbers, mode="clip")
        if not len(places) or places.min() >= 0:
            return []
        return sorted(set(numbers[places < 0].tolist()))

    def load_walls(self, textures: I64) -> None:
        """Load the wall columns of these textures if missing."""
        for number in self._missing(self.wall_start, textures):
            columns = self._assets.textures[number].wall_columns
            self.wall_start[number] = self._add_pixels(columns.ravel())

    def load_masked_walls(self, textures: I64) -> None:
        """Load the posts of these masked middle textures if missing."""
        for number in self._missing(self.masked_start, textures):
            texture = self._assets.textures[number]
            columns = [texture.column_posts(x) for x in range(texture.width)]
            posts = [post for column in columns for post in column]
            start = self._add_pixels(np.concatenate([texture.column_windows(x).ravel() for x in range(texture.width)]))
            self.masked_start[number] = self.posts.add(
                [0, *accumulate(map(len, columns))],
                [top for top, _ in posts],
                [len(pixels) for _, pixels in posts],
                start + COLUMN_BYTES * np.arange(len(posts)),
            )

    def load_frames(self, frames: I64) -> None:
        """Load the patches of these sprite frames (rows of the frame tables) if missing."""
        missing = self._missing(self.frame_patch[:, 0], frames)
        if not missing:
            return
        for row in missing:
            frame = self._frames[row]
            for side, (patch, flip) in enumerate(zip(frame.patches, frame.flip, strict=True)):
                self.frame_patch[row, side] = self._load_patch(patch)
                self.frame_flip[row, side] = flip
        self._bind_patches()

    def load_wall(self, texture: int) -> None:
        """Load a wall texture."""
        self.load_walls(np.array([texture]))

    def load_masked(self, texture: int) -> None:
        """Load a texture used as a masked middle texture."""
        self.load_masked_walls(np.array([texture]))

    def frames_of(self, sprite: int) -> int:
        """How many frames a sprite has."""
        return int(self.frame_count[sprite])

    def load_frame(self, sprite: int, frame: int) -> None:
        """Load a frame of a sprite, with all its rotations."""
        self.load_frames(np.array([self.frame_start[sprite] + frame]))

    def _load_patch(self, patch: Patch) -> int:
        number = self._patch_numbers.get(patch.name)
        if number is None:
            data = np.frombuffer(patch.data + bytes(COLUMN_BYTES), np.uint8)
            start = self._add_pixels(data)
            posts = patch.posts
            places = start + np.array(posts.place, np.int64)
            columns = self.posts.add(posts.first, posts.top, posts.length, places)
            number = self._patch_numbers[patch.name] = len(self._patch_rows)
            self._patch_rows.append((columns, patch.width << 16, patch.leftoffset << 16, patch.topoffset << 16))
        return number

    def _bind_patches(self) -> None:
        rows = np.array(self._patch_rows, np.int64).reshape(-1, 4)
        self.patch_columns: I64 = rows[:, 0].copy()
        self.patch_width: I64 = rows[:, 1].copy()
        self.patch_left: I64 = rows[:, 2].copy()
        self.patch_top: I64 = rows[:, 3].copy()

    def find_frame(self, sprite: int, frame: int) -> int:
        """Row of a sprite's frame in the frame tables, loaded; NO_FRAME when the WAD has none."""
        if not 0 <= sprite < len(self.frame_count) or frame >= self.frame_count[sprite]:
            return NO_FRAME
        row = int(self.frame_start[sprite]) + frame
        if self.frame_patch[row, 0] < 0:
            self.load_frames(np.array([row]))
        return row
