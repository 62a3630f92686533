"""Signs: the names of groups in the WAD's own small font, enlarged, each a patch for a texture of its own.

The plate is one of the WAD's wall textures, darkened by the WAD's own colour maps, so a sign looks as if it belonged
to the level. A short name is written three times as large as in messages, a longer one twice, on two lines if need be;
what still does not fit loses its middle, since names of groups differ at their ends as often as at their beginnings.
"""

from __future__ import annotations

import struct
import unicodedata
import zlib
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.fleetmap.draft import SIGN_HEIGHT, SIGN_WIDTH
from pydoom.wad import Assets

PLATES: Final = ("METAL1", "SUPPORT2", "SHAWN2", "BROWN96", "STARGR1", "STARTAN3")
"""Textures for the plate, the first that the WAD has."""

_FIRST_GLYPH, _LAST_GLYPH = ord("!"), ord("_")
_SPACE_PX: Final = 4
_MARGIN_PX: Final = 4
"""Kept free on the left and right of a line."""
_FRAME_PX: Final = 2
_FRAME_SHADE, _PLATE_SHADE = 6, 22
"""Rows of COLORMAP for the plate's rim and for its face: 0 is the texture's own brightness, 31 nearly black."""
_LETTER_ROWS: Final = 8
"""Height of a line before it is enlarged."""
_LARGEST_SCALE, _USUAL_SCALE = 3, 2
_MISSING: Final = "?"
_SEPARATORS: Final = "-_ ./:"

Pixels = NDArray[np.uint8]


def sign_patches(signs: Mapping[str, str], assets: Assets) -> dict[str, bytes]:
    """The patches of these signs, by the texture's name: each SIGN_WIDTH x SIGN_HEIGHT, with its text."""
    font, plate = _Letters(assets), _plate(assets)
    return {name: pack_patch(_painted(plate, font.lines(text))) for name, text in signs.items()}


def plain_text(text: str) -> str:
    """The text in the font's characters: capitals without accents, and ? for what it lacks.

    A text of nothing that the font has becomes a number, so that two such groups have different signs.
    """
    words = " ".join(text.split())
    bare = "".join(char for char in unicodedata.normalize("NFKD", words) if not unicodedata.combining(char))
    shown = "".join(char if _in_font(char) or char == " " else _MISSING for char in bare.upper())
    if shown.strip(_MISSING + " ") or not words:
        return shown
    return f"#{zlib.crc32(text.encode('utf-8', 'replace')) & 0xFFFF:04X}"


def pack_patch(pixels: Pixels) -> bytes:
    """A patch lump without holes from palette indexes uint8[height, width], of at most 254 rows."""
    height, width = pixels.shape
    column = height + 5
    body = np.full((width, column), 0xFF, np.uint8)
    # topdelta, length, a spare byte, the pixels, a spare byte that is seen when a wall is rounded up, the end
    body[:, :3] = 0, height, 0
    body[:, 3:-2] = pixels.T
    body[:, -2] = pixels[-1]
    start = 8 + 4 * width
    offsets = np.arange(start, start + width * column, column, dtype="<u4")
    return struct.pack("<4h", width, height, 0, 0) + offsets.tobytes() + body.tobytes()


class _Letters:
    """The font's glyphs as pixels and masks, each _LETTER_ROWS high, on one line with the others."""

    def __init__(self, assets: Assets) -> None:
        self._assets = assets
        self._glyphs: dict[str, tuple[Pixels, NDArray[np.bool_]]] = {}

    def lines(self, text: str) -> list[tuple[Pixels, NDArray[np.bool_]]]:
        """The text's lines, enlarged to fit the sign: pixels and mask of each."""
        text = plain_text(text)
        for scale in (_LARGEST_SCALE, _USUAL_SCALE):
            if self._fits(text, scale):
                return [self._written(text, scale)]
        return [self._written(part, _USUAL_SCALE) for part in self._two_lines(text)]

    def _two_lines(self, text: str) -> tuple[str, str]:
        """The text in two lines, divided at a separator near its middle; if that is too long, its two ends."""
        for at in _breaks(text):
            first, second = text[:at].rstrip(), text[at:].lstrip()
            if self._fits(first, _USUAL_SCALE) and self._fits(second, _USUAL_SCALE):
                return first, second
        first, second = f"{text[: len(text) // 2]}..", text[len(text) // 2 :]
        while not self._fits(first, _USUAL_SCALE):
            first = f"{first[:-3]}.."
        while not self._fits(second, _USUAL_SCALE):
            second = second[1:]
        return first, second

    def _fits(self, text: str, scale: int) -> bool:
        return self._width(text) * scale <= SIGN_WIDTH - 2 * _MARGIN_PX

    def _width(self, text: str) -> int:
        return sum(self._glyph(char)[0].shape[1] for char in text)

    def _written(self, text: str, scale: int) -> tuple[Pixels, NDArray[np.bool_]]:
        glyphs = [self._glyph(char) for char in text] or [self._glyph(" ")]
        pixels = np.concatenate([pixels for pixels, _ in glyphs], axis=1)
        mask = np.concatenate([mask for _, mask in glyphs], axis=1)
        return pixels.repeat(scale, 0).repeat(scale, 1), mask.repeat(scale, 0).repeat(scale, 1)

    def _glyph(self, char: str) -> tuple[Pixels, NDArray[np.bool_]]:
        if char not in self._glyphs:
            self._glyphs[char] = self._read(char)
        return self._glyphs[char]

    def _read(self, char: str) -> tuple[Pixels, NDArray[np.bool_]]:
        lump = f"STCFN{ord(char):03d}"
        if char == " " or not self._assets.has_lump(lump):
            blank = (_LETTER_ROWS, _SPACE_PX)
            return np.zeros(blank, np.uint8), np.zeros(blank, np.bool_)
        patch = self._assets.patch(lump)
        pixels = np.zeros((_LETTER_ROWS, patch.width), np.uint8)
        mask = np.zeros((_LETTER_ROWS, patch.width), np.bool_)
        # small characters hang lower by their offset
        top = min(max(-patch.topoffset, 0), _LETTER_ROWS)
        rows = min(patch.height, _LETTER_ROWS - top)
        pixels[top : top + rows], mask[top : top + rows] = patch.pixels[:rows], patch.mask[:rows]
        return pixels, mask


def _in_font(char: str) -> bool:
    return _FIRST_GLYPH <= ord(char) <= _LAST_GLYPH


def _breaks(text: str) -> Sequence[int]:
    """Where a text may be divided: behind its separators, those nearest its middle first, then in its middle."""
    middle = len(text) / 2
    found = [at + 1 for at, char in enumerate(text[:-1]) if char in _SEPARATORS]
    return [*sorted(found, key=lambda at: abs(at - middle)), len(text) // 2]


def _plate(assets: Assets) -> Pixels:
    """The empty sign, uint8[SIGN_HEIGHT, SIGN_WIDTH]."""
    name = next((name for name in PLATES if assets.texture_number(name) > 0), None)
    if name is None:
        wall = np.zeros((1, 1), np.uint8)
    else:
        wall = assets.textures[assets.texture_number(name)].pixels
    rows, columns = np.arange(SIGN_HEIGHT) % wall.shape[0], np.arange(SIGN_WIDTH) % wall.shape[1]
    tiled = wall[np.ix_(rows, columns)]
    plate: Pixels = assets.colormaps[_FRAME_SHADE][tiled]
    inside = (slice(_FRAME_PX, -_FRAME_PX),) * 2
    plate[inside] = assets.colormaps[_PLATE_SHADE][tiled[inside]]
    return plate


def _painted(plate: Pixels, lines: Sequence[tuple[Pixels, NDArray[np.bool_]]]) -> Pixels:
    """The plate with these lines of text on it, centred."""
    picture = plate.copy()
    top = (SIGN_HEIGHT - sum(len(pixels) for pixels, _ in lines)) // 2
    for pixels, mask in lines:
        height, width = pixels.shape
        left = (SIGN_WIDTH - width) // 2
        place = picture[top : top + height, left : left + width]
        place[mask] = pixels[mask]
        top += height
    return picture
