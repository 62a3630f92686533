"""Merging a PWAD into what is loaded, like DeuTex's ``-merge`` (``w_merge.c``).

All flats of the PWAD go to the end of the flat section, all its sprites to the end of the sprite section; what they
replace is removed. A sprite lump is replaced when every view it shows has a newer lump, whatever its
name: TROOA0 alone replaces all of TROOA1 to TROOA8. Everything else is appended, and the last of equal names wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pydoom.wad.archive import Lump

View = tuple[str, str, str]
"""One side of a sprite's frame: sprite, frame letter, rotation digit 1 to 8."""


def merge(loaded: Sequence[Lump], pwad: Sequence[Lump]) -> list[Lump]:
    """All lumps after `pwad` has been merged into `loaded`, in their new order."""
    flats = section(pwad, "F")
    sprites = section(pwad, "S")
    flat_names = {lump.name for lump in flats}
    newest: dict[View, Lump] = {}
    for lump in [*section(loaded, "S"), *sprites]:
        newest.update(dict.fromkeys(_views(lump.name), lump))

    def needed(lump: Lump) -> bool:
        views = list(_views(lump.name))
        return not views or any(newest[view] is lump for view in views)

    merged: list[Lump] = []
    end = ""
    added: Sequence[Lump] = ()
    stays: Callable[[Lump], bool] = needed
    for lump in loaded:
        if end and lump.name == end:
            merged += filter(stays, added) if end == "S_END" else added
            merged.append(lump)
            end = ""
        elif end:
            if stays(lump):
                merged.append(lump)
        else:
            merged.append(lump)
            if lump.name == "F_START":
                end, added, stays = "F_END", flats, lambda lump: lump.name not in flat_names
            elif lump.name == "S_START":
                end, added, stays = "S_END", sprites, needed
    return [*merged, *_outside_sections(pwad)]


def section(lumps: Sequence[Lump], letter: str) -> Sequence[Lump]:
    """What lies between the first ``X_START`` (or ``XX_START``) and the first ``X_END`` (or ``XX_END``) after it."""
    names = [lump.name for lump in lumps]
    start = _first(names, f"{letter}_START", f"{letter}{letter}_START")
    end = _first(names, f"{letter}_END", f"{letter}{letter}_END")
    return lumps[start + 1 : end] if 0 <= start < end else ()


def _first(names: Sequence[str], *wanted: str) -> int:
    return next((names.index(name) for name in wanted if name in names), -1)


def _views(name: str) -> Iterator[View]:
    """The views a sprite lump shows; none when its name is not that of a sprite lump (``ValidSpriteLumpName``)."""
    if len(name) not in (6, 8) or not all("0" <= digit <= "9" for digit in name[5::2]):
        return
    for place in range(4, len(name), 2):
        rotation = name[place + 1]
        # 0 and the nonsensical 9 aside, a digit is one rotation
        for each in "12345678" if rotation == "0" else rotation:
            yield name[:4], name[place], each


def _outside_sections(pwad: Sequence[Lump]) -> Iterator[Lump]:
    ends: tuple[str, ...] = ()
    for lump in pwad:
        if ends:
            if lump.name in ends:
                ends = ()
        elif lump.name in ("F_START", "FF_START"):
            ends = ("F_END", "FF_END")
        elif lump.name in ("S_START", "SS_START"):
            ends = ("S_END", "SS_END")
        else:
            yield lump
