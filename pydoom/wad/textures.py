"""Wall textures: named lists of patches, composed column by column (``R_InitTextures``, ``R_GenerateLookup``).

A column covered by one patch is read straight from that patch's lump, whatever the patch's vertical origin; only
columns under several patches are composed. Both the bytes after a short column and what happens when a composed column
is drawn as if it had posts ("Medusa") depend on that, so this module keeps the original's two kinds of columns.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.wad.archive import Lump, lump_name, printable
from pydoom.wad.errors import WadError
from pydoom.wad.patches import MAX_PIXELS, WINDOW, Patch, compose, draw_columns, windows
from pydoom.wad.posts import PatchPosts
from pydoom.wad.source import Cost, Source

_HEADER: Final = struct.Struct("<8sihhih")
_PATCH: Final = struct.Struct("<5h")

Posts = list[tuple[int, bytes]]
"""The posts of one column: (rows from the top, palette indexes)."""


@dataclass(frozen=True, slots=True)
class PatchPlace:
    """One patch of a texture: lump name and the position of its top left corner in the texture, in pixels."""

    name: str
    originx: int
    originy: int


@dataclass(frozen=True, slots=True)
class TextureDef:
    """One entry of TEXTURE1 or TEXTURE2, in pixels; `source` is the file of that lump."""

    name: str
    width: int
    height: int
    places: tuple[PatchPlace, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class _ColumnPlaces:
    """Where the original finds each column: the lump or composite bytes, and the place of the column's first pixel."""

    sources: list[bytes]
    offsets: list[int]


class Texture:
    """A wall texture; its pixels are composed when first asked for, and read-only.

    `width`, `height` in pixels; `widthmask` is what texture columns are masked with, the largest power of two not above
    the width, less one.
    """

    def __init__(self, definition: TextureDef, get_patch: Callable[[str], Patch]) -> None:
        self.name = definition.name
        self.width = definition.width
        self.height = definition.height
        self.widthmask = (1 << (definition.width.bit_length() - 1)) - 1
        self._definition = definition
        self._get_patch = get_patch
        self._masked: dict[int, tuple[Posts, list[int]]] = {}

    def __repr__(self) -> str:
        return f"<Texture {self.name} {self.width}x{self.height}>"

    @cached_property
    def patches(self) -> tuple[tuple[Patch, int, int], ...]:
        """The patches in drawing order with the position of their top left corners: (patch, originx, originy)."""
        found = tuple((self._get_patch(place.name), place.originx, place.originy) for place in self._definition.places)
        self._pay(found)
        return found

    def _pay(self, patches: tuple[tuple[Patch, int, int], ...]) -> None:
        """Charge the budget for composing these patches and their columns."""
        source, name = self._definition.source, f"texture {printable(self.name)}"
        source.spend(Cost.COLUMNS, self.width, name)
        for patch, originx, _ in patches:
            first, end = max(-originx, 0), min(self.width - originx, patch.width)
            source.spend(Cost.PATCH_COLUMNS, max(end - first, 0), name)
            source.spend(Cost.COMPOSED_POSTS, patch.posts_between(first, end), name)

    def _pay_pixels(self, count: int) -> None:
        self._definition.source.spend(Cost.PIXELS, count, f"texture {printable(self.name)}")

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """uint8[height, width]: palette indexes of all patches drawn in order, 0 in holes."""
        return self._picture[0]

    @property
    def mask(self) -> NDArray[np.bool_]:
        """bool[height, width]: where any patch has a pixel."""
        return self._picture[1]

    @cached_property
    def wall_columns(self) -> NDArray[np.uint8]:
        """uint8[width, 128]: what ``R_GetColumn`` points at for each column, the 128 bytes a wall can show."""
        columns = self._columns
        result = np.zeros((self.width, WINDOW), np.uint8)
        sharing: dict[int, list[int]] = {}
        for x, source in enumerate(columns.sources):
            sharing.setdefault(id(source), []).append(x)
        for numbers in sharing.values():
            result[numbers] = windows(columns.sources[numbers[0]], [columns.offsets[x] for x in numbers])
        result.flags.writeable = False
        return result

    def column_posts(self, x: int) -> Posts:
        """The posts ``R_DrawMaskedColumn`` finds for column x of a masked middle texture: (topdelta, pixels)."""
        return self._masked_column(x)[0]

    def column_windows(self, x: int) -> NDArray[np.uint8]:
        """uint8[posts, 128]: the bytes from the first pixel of each of `column_posts(x)` on."""
        return windows(self._columns.sources[x], self._masked_column(x)[1])

    def _masked_column(self, x: int) -> tuple[Posts, list[int]]:
        """Column x read as posts, its header being the three bytes before the first pixel; kept."""
        if x not in self._masked:
            self._masked[x] = found = self._read_masked_column(x)
            self._definition.source.spend(Cost.MASKED_POSTS, len(found[0]), f"texture {printable(self.name)}")
        return self._masked[x]

    def _read_masked_column(self, x: int) -> tuple[Posts, list[int]]:
        columns = self._columns
        start = columns.offsets[x] - 3
        if start >= 0:
            return _lenient_posts(columns.sources[x], start)
        # the first composed column's header lies before the composite: zero bytes in recorded demos
        posts, offsets = _lenient_posts(bytes(-start) + columns.sources[x], 0)
        return posts, [at + start for at in offsets]

    @cached_property
    def _columns(self) -> _ColumnPlaces:
        """``R_GenerateLookup`` and ``R_GenerateComposite``."""
        width = self.width
        count = [0] * width
        sources = [b""] * width
        offsets = [0] * width
        for patch, originx, _ in self.patches:
            for x in range(max(originx, 0), min(originx + patch.width, width)):
                count[x] += 1
                sources[x] = patch.data
                offsets[x] = patch.columnofs[x - originx] + 3
        # the original stops at the first bare column: later ones keep the last patch drawn there
        bare = count.index(0) if 0 in count else width
        shared = [x for x in range(bare) if count[x] > 1]
        composite = self._composite(shared)
        for place, x in enumerate(shared):
            sources[x] = composite
            offsets[x] = place * self.height
        return _ColumnPlaces(sources, offsets)

    def _composite(self, shared: list[int]) -> bytes:
        """All composed columns one after the other, 0 in holes."""
        self._pay_pixels(2 * len(shared) * self.height)
        height = self.height
        block = bytearray(len(shared) * height)
        starts = {x: place * height for place, x in enumerate(shared)}
        for patch, originx, originy in self.patches:
            there = range(max(originx, 0), min(originx + patch.width, self.width))
            columns = [(x - originx, starts[x]) for x in there if x in starts]
            draw_columns(patch, columns, block, height, originy)
        return bytes(block)

    @cached_property
    def _picture(self) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        patches = self.patches
        self._pay_pixels(2 * self.width * self.height)
        return compose(patches, self.width, self.height)


def _lenient_posts(data: bytes, at: int) -> tuple[Posts, list[int]]:
    """The posts of the column at `at`, and where their pixels are; bytes that are not posts are no posts."""
    posts = PatchPosts()
    try:
        posts.read_column(data, at)
    except WadError:
        return [], []
    found = zip(posts.top, posts.length, posts.place, strict=True)
    return [(top, data[place : place + rows].ljust(rows, b"\0")) for top, rows, place in found], posts.place


def read_patch_names(lump: Lump) -> list[str]:
    """PNAMES: the patch names texture definitions refer to by number."""
    data = lump.data
    count = int.from_bytes(data[:4], "little")
    if len(data) < 4 or 4 + 8 * count > len(data):
        raise lump.source.error(f"PNAMES is damaged: {count} names in {len(data)} bytes")
    return [lump_name(data[4 + 8 * i : 12 + 8 * i]) for i in range(count)]


def read_texture_defs(lump: Lump, patch_names: list[str]) -> list[TextureDef]:
    """TEXTURE1 or TEXTURE2: the definitions in the lump's order."""
    data = lump.data
    count = int.from_bytes(data[:4], "little")
    if len(data) < 4 or 4 + 4 * count > len(data):
        raise lump.source.error(f"{lump.name} is damaged: {count} textures in {len(data)} bytes")
    return [_read_texture_def(lump, data, at, patch_names) for at in struct.unpack_from(f"<{count}i", data, 4)]


def _read_texture_def(lump: Lump, data: bytes, at: int, patch_names: list[str]) -> TextureDef:
    if not 0 <= at <= len(data) - _HEADER.size:
        raise lump.source.error(f"{lump.name} is damaged: bad texture directory")
    raw_name, _, width, height, _, count = _HEADER.unpack_from(data, at)
    name = lump_name(raw_name)
    first = at + _HEADER.size
    if width <= 0 or height <= 0 or width * height > MAX_PIXELS:
        raise lump.source.error(f"texture {printable(name)} is damaged: {width}x{height} pixels")
    if count < 0 or first + count * _PATCH.size > len(data):
        raise lump.source.error(f"texture {printable(name)} is damaged: {count} patches do not fit into {lump.name}")
    lump.source.spend(Cost.PLACES, count + 1, f"texture {printable(name)}")
    places = []
    for number in range(count):
        originx, originy, patch, _, _ = _PATCH.unpack_from(data, first + number * _PATCH.size)
        if not 0 <= patch < len(patch_names):
            raise lump.source.error(
                f"texture {printable(name)} is damaged: it names patch {patch} of {len(patch_names)}"
            )
        places.append(PatchPlace(patch_names[patch], originx, originy))
    return TextureDef(name, width, height, tuple(places), lump.source)
