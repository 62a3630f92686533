"""Tables that change the colours of things: other players' clothes and tinted things (``R_InitTranslationTables``)."""

from __future__ import annotations

from typing import Final

SHADOW: Final = -1
"""A thing drawn as a shadow, whatever its flags say."""
NORMAL: Final = 0
"""A thing drawn as the original does."""
TINT: Final = 4
"""Number of the table behind those of the original's players 1 to 3: everything but grays becomes blue."""
STONE: Final = 5
"""Number of the table in which everything is gray."""

_RAMPS: Final = ((16, 48), (48, 80), (112, 128), (128, 144), (144, 152), (160, 168), (176, 192), (208, 224), (224, 232))
"""Ramps of colours in the palette, from light to dark: pink, skin, greens, browns, reds, oranges, yellows."""
_BLUES: Final = (192, 208)
_BLUE: Final = 0xC0
_GREEN: Final = 0x70
_GRAY: Final = 0x50
_CLOTHES: Final = (0x60, 0x40, 0x20)
"""First colour of gray, brown and red."""


def _clothes(first: int) -> bytes:
    table = bytearray(range(256))
    table[_GREEN : _GREEN + 16] = range(first, first + 16)
    return bytes(table)


def _ramp(colour: int, count: int, *ramps: tuple[int, int]) -> bytes:
    """A table in which `ramps` become the `count` colours from `colour` on."""
    table = bytearray(range(256))
    for first, last in ramps:
        length = last - first
        table[first:last] = bytes(colour + place * count // length for place in range(length))
    return bytes(table)


TRANSLATIONS: Final = (*map(_clothes, _CLOTHES), _ramp(_BLUE, 16, *_RAMPS), _ramp(_GRAY, 32, *_RAMPS, _BLUES))
"""256 bytes each for the translations 1 to 3, TINT and STONE."""
