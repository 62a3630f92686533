"""All lumps of an IWAD and the PWADs over it: look-up by name, flat and sprite lists (``w_wad.c``, ``w_merge.c``).

The last lump of a name wins. Flats and sprites are numbered by their place between the IWAD's markers; a PWAD's own
``FF_START``/``SS_START`` sections replace those of the same name and append new ones, as DeuTex does when merging.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pydoom.wad.archive import Lump, WadFile, printable
from pydoom.wad.errors import WadError


class LumpDirectory:
    """Every lump of some WAD files, in load order."""

    def __init__(self, files: Sequence[WadFile]) -> None:
        self.files = tuple(files)
        self.lumps: list[Lump] = [lump for file in files for lump in file.lumps]
        self._last: dict[str, int] = {lump.name: number for number, lump in enumerate(self.lumps)}

    def __contains__(self, name: str) -> bool:
        return name.upper() in self._last

    def number(self, name: str) -> int:
        """Number of the last lump of this name, -1 when there is none (``W_CheckNumForName``)."""
        return self._last.get(name.upper(), -1)

    def find(self, name: str) -> Lump | None:
        """The last lump of this name, or None."""
        number = self.number(name)
        return None if number < 0 else self.lumps[number]

    def get(self, name: str) -> Lump:
        """The last lump of this name, or WadError."""
        lump = self.find(name)
        if lump is None:
            raise WadError(f"{self.files[0].path}: has no lump {printable(name)}")
        return lump

    def section(self, letter: str) -> list[Lump]:
        """The lumps between ``X_START`` and ``X_END``, inner markers included, with the PWADs' sections merged in."""
        base = self.files[0]
        merged = list(_between(base.lumps, (f"{letter}_START",), (f"{letter}_END",)))
        if not merged:
            raise WadError(f"{base.path}: has no lumps between {letter}_START and {letter}_END")
        places = {lump.name: place for place, lump in enumerate(merged)}
        starts = (f"{letter}_START", f"{letter}{letter}_START")
        ends = (f"{letter}_END", f"{letter}{letter}_END")
        for file in self.files[1:]:
            for lump in _between(file.lumps, starts, ends):
                if lump.name in places:
                    merged[places[lump.name]] = lump
                else:
                    places[lump.name] = len(merged)
                    merged.append(lump)
        return merged


def _between(lumps: Iterable[Lump], starts: tuple[str, ...], ends: tuple[str, ...]) -> Iterator[Lump]:
    inside = False
    for lump in lumps:
        if inside and lump.name in ends:
            inside = False
        elif inside:
            yield lump
        elif lump.name in starts:
            inside = True
