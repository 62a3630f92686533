"""What a map is made for, when that is not DOOM 1.9.

Maps in another format are refused by name. Boom and its successors keep DOOM's format and add types of lines and
sectors, which do nothing here, as in the original: such a map plays, and `foreign_features` says what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from pydoom.wad.mapdata import Int32Array, MapData

LAST_LINE_TYPE: Final = 141
"""DOOM's last linedef type; up to this one everything is the original's."""

_BOOM_TYPES: Final = (LAST_LINE_TYPE + 1, 269)
_MBF_TYPES: Final = (270, 272)
_MBF21_TYPES: Final = (1024, 1026)
_GENERALIZED: Final = (0x2F80, 0x7FFF)
_BOOM_SECTORS: Final = (32, 0x0FFF)
_MBF21_SECTORS: Final = (0x1000, 0x3FFF)
_SHOWN: Final = 5


def refusal(lumps: Sequence[str]) -> str | None:
    """Why a map whose marker is followed by these lumps cannot be played; None when it is in DOOM's format."""
    if lumps[:1] == ["TEXTMAP"]:
        return "is in the text format UDMF and needs an engine that reads it, such as GZDoom or DSDA-Doom"
    if "BEHAVIOR" in lumps:
        return "is in Hexen's format and needs an engine that reads it, such as GZDoom or DSDA-Doom"
    return None


def foreign_features(data: MapData) -> str | None:
    """The features of this map that do nothing in DOOM, and its engine; None for a map made for DOOM."""
    lines, sectors = data.linedefs[:, 3], data.sectors.special
    parts = []
    engine = ""
    for name, line_ranges, sector_ranges in (
        ("Boom", (_BOOM_TYPES, _GENERALIZED), (_BOOM_SECTORS,)),
        ("MBF", (_MBF_TYPES,), ()),
        ("MBF21", (_MBF21_TYPES,), (_MBF21_SECTORS,)),
    ):
        found_lines, found_sectors = _within(lines, line_ranges), _within(sectors, sector_ranges)
        if found_lines or found_sectors:
            engine = name
        parts += [f"linedef type {number}" for number in found_lines]
        parts += [f"sector type {number}" for number in found_sectors]
    if not parts:
        return None
    more = f" and {len(parts) - _SHOWN} more" if len(parts) > _SHOWN else ""
    return f"was made for {engine}: {', '.join(parts[:_SHOWN])}{more} do nothing in DOOM"


def _within(values: Int32Array, ranges: Iterable[tuple[int, int]]) -> list[int]:
    """The different values that lie in one of these ranges, ends included."""
    found: set[int] = set()
    for low, high in ranges:
        found.update(values[(values >= low) & (values <= high)].tolist())
    return sorted(found)
