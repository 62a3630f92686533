"""Tables that change the colours of things: other players' clothes and tinted things (``R_InitTranslationTables``)."""

from __future__ import annotations

from typing import Final

TINT: Final = 4
"""Number of the table behind those of the original's players 1 to 3: everything but grays becomes blue."""

_RAMPS: Final = ((16, 48), (48, 80), (112, 128), (128, 144), (144, 152), (160, 168), (176, 192), (208, 224), (224, 232))
"""Ramps of colours in the palette, from light to dark: pink, skin, greens, browns, reds, oranges, yellows."""
_BLUE: Final = 0xC0
_GREEN: Final = 0x70
_CLOTHES: Final = (0x60, 0x40, 0x20)
"""First colour of gray, brown and red."""


def _clothes(first: int) -> bytes:
    table = bytearray(range(256))
    table[_GREEN : _GREEN + 16] = range(first, first + 16)
    return bytes(table)


def _tint() -> bytes:
    table = bytearray(range(256))
    for first, last in _RAMPS:
        length = last - first
        table[first:last] = bytes(_BLUE + place * 16 // length for place in range(length))
    return bytes(table)


TRANSLATIONS: Final = (*map(_clothes, _CLOTHES), _tint())
"""256 bytes each for the translations 1 to 3 and TINT."""
