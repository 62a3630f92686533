"""The loops over pixels: columns and spans of textures, and shadows (``r_draw.c``).

Nine tenths of a frame's time is spent here, so the loops are written for the compiler: 64-bit integers that need no
truncation to 32 bits, since only a texture coordinate's low bits matter, and no attribute access.
Compiled, a pixel takes 0.8 to 1 ns with its three checked indexes.
"""

from __future__ import annotations

from typing import Final

from librt.vecs import append, vec
from mypy_extensions import i64, u8

FUZZ_SIGNS: Final = "+-+-++-++-+++-+++----+--++++-+-++--++----++++-++-+"
"""fuzzoffset: + copies from the row below, - from the row above."""
FUZZ_LENGTH: Final = 50
_FUZZ_LIGHT: Final = 6 * 256
"""Offset of the colormap that darkens shadows."""


def _fuzz_offsets() -> vec[i64]:
    offsets = vec[i64]()
    for sign in FUZZ_SIGNS:
        offsets = append(offsets, i64(1) if sign == "+" else i64(-1))
    return offsets


_FUZZ_OFFSETS: Final[vec[i64]] = _fuzz_offsets()


def draw_column(
    frame: vec[u8],
    place: i64,
    stride: i64,
    count: i64,
    pixels: vec[u8],
    source: i64,
    colormaps: vec[u8],
    light: i64,
    row: i64,
    step: i64,
) -> None:
    """Draw `count` pixels down from `frame[place]` (``R_DrawColumn``).

    `source`: place of the column's 128 rows in `pixels`; `row`, `step` 16.16; `light`: offset in `colormaps`.
    """
    end = place + count * stride
    while place < end:
        frame[place] = colormaps[light + i64(pixels[source + ((row >> 16) & 127)])]
        place += stride
        row += step


def draw_translated_column(
    frame: vec[u8],
    place: i64,
    stride: i64,
    count: i64,
    pixels: vec[u8],
    source: i64,
    colormaps: vec[u8],
    light: i64,
    row: i64,
    step: i64,
    colours: vec[u8],
    translation: i64,
) -> None:
    """`draw_column` through 256 `colours` from `translation` on, rows not masked (``R_DrawTranslatedColumn``)."""
    end = place + count * stride
    last = len(pixels) - 1
    while place < end:
        at = source + (row >> 16)
        if at < 0:
            at = 0
        elif at > last:
            at = last
        frame[place] = colormaps[light + i64(colours[translation + i64(pixels[at])])]
        place += stride
        row += step


def draw_fuzz_column(frame: vec[u8], place: i64, stride: i64, count: i64, colormaps: vec[u8], fuzz: i64) -> i64:
    """Darken `count` pixels, starting at `fuzz` in the table; returns the next place (``R_DrawFuzzColumn``)."""
    offsets = _FUZZ_OFFSETS
    end = place + count * stride
    while place < end:
        frame[place] = colormaps[_FUZZ_LIGHT + i64(frame[place + offsets[fuzz] * stride])]
        place += stride
        fuzz += 1
        if fuzz == FUZZ_LENGTH:
            fuzz = 0
    return fuzz


def draw_span(
    frame: vec[u8],
    place: i64,
    count: i64,
    pixels: vec[u8],
    source: i64,
    colormaps: vec[u8],
    light: i64,
    position: i64,
    step: i64,
) -> None:
    """Draw `count` pixels from `frame[place]` on (``R_DrawSpan``).

    `source`: place of the 64x64 flat in `pixels`; `position`, `step`: x in the upper, y in the lower 16 bits, 6.10.
    """
    end = place + count
    while place < end:
        frame[place] = colormaps[light + i64(pixels[source + ((position >> 4) & 0xFC0) + ((position >> 26) & 63)])]
        place += 1
        position += step
