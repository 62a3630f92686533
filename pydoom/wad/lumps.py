"""All lumps of an IWAD and the PWADs over it: look-up by name, flat and sprite lists (``w_wad.c``).

The last lump of a name wins. Flats and sprites are numbered by their place between the IWAD's markers, after merging.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydoom.wad.archive import Lump, WadFile, printable
from pydoom.wad.errors import WadError
from pydoom.wad.merge import merge


class LumpDirectory:
    """Every lump of some WAD files, in load order."""

    def __init__(self, files: Sequence[WadFile]) -> None:
        self.files = tuple(files)
        self.lumps: list[Lump] = list(files[0].lumps)
        for file in files[1:]:
            self.lumps = merge(self.lumps, file.lumps)
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
        """The lumps between ``X_START`` and ``X_END``, inner markers included, or WadError."""
        found = list(_between(self.lumps, f"{letter}_START", f"{letter}_END"))
        if not found:
            raise WadError(f"{self.files[0].path}: has no lumps between {letter}_START and {letter}_END")
        return found


def _between(lumps: Sequence[Lump], start: str, end: str) -> Iterator[Lump]:
    inside = False
    for lump in lumps:
        if inside and lump.name == end:
            inside = False
        elif inside:
            yield lump
        elif lump.name == start:
            inside = True
