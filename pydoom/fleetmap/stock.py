"""What a WAD has to build with: wall textures, flats and things."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pydoom.data.infotables import load_info

if TYPE_CHECKING:
    from pydoom.data.info import GameInfo
    from pydoom.wad import Assets

TALL: Final = 128
"""Height of textures that repeat on walls of any height; the others show wrong colours where they end."""


@dataclass(frozen=True)
class Stock:
    """Textures with width and height in pixels, flats, and the editor's numbers of things with a sprite."""

    textures: Mapping[str, tuple[int, int]]
    flats: frozenset[str]
    things: frozenset[int]

    @classmethod
    def of(cls, assets: Assets, info: GameInfo | None = None) -> Stock:
        """What these assets have; `info` are the tables of the game's things."""
        info = info if info is not None else load_info()
        sprites = {number for number, name in enumerate(info.sprites) if name in assets.sprites}
        return cls(
            {texture.name: (texture.width, texture.height) for texture in reversed(assets.textures)},
            frozenset(assets.flat_names),
            frozenset(
                kind.doomednum
                for kind in info.mobjinfo
                if kind.doomednum > 0 and info.states[kind.spawnstate].sprite in sprites
            ),
        )

    def walls(self, names: Iterable[str], width: int = 256) -> tuple[str, ...]:
        """Those of the names that can cover a wall of any height and begin anew after `width`."""
        return tuple(name for name in names if self._is_wall(name) and width % self.textures[name][0] == 0)

    def fitting(self, names: Iterable[str], width: int, height: int) -> tuple[str, ...]:
        """Those of the names that cover a wall of just this width, and at least this height."""
        found = (name for name in names if name in self.textures)
        return tuple(n for n in found if width % self.textures[n][0] == 0 and self.textures[n][1] >= height)

    def floors(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of the names that are flats of the WAD."""
        return tuple(name for name in names if name in self.flats)

    def kinds(self, numbers: Iterable[int]) -> tuple[int, ...]:
        """Those of the editor's numbers that the WAD has sprites for."""
        return tuple(number for number in numbers if number in self.things)

    def wall(self, *names: str) -> str:
        """The first of the names that covers walls, else the most ordinary wall there is."""
        return next(iter(self.walls(names)), self.plain_wall)

    def flat(self, *names: str) -> str:
        """The first of the names that is a flat, else the most ordinary one there is."""
        return next(iter(self.floors(names)), self.plain_flat)

    @cached_property
    def plain_wall(self) -> str:
        """A wall texture that every room can have."""
        known = self.walls(("STARTAN2", "STARTAN3", "STARG3", "GRAY5", "BROWN1", "STONE2"))
        others = (name for name in sorted(self.textures) if self._is_wall(name) and not name.startswith(("SKY", "SW")))
        return next(iter((*known, *others)))

    @cached_property
    def plain_flat(self) -> str:
        """A flat that every room can have."""
        known = self.floors(("FLOOR4_8", "FLAT5_5", "FLAT1", "CEIL3_5"))
        others = (name for name in sorted(self.flats) if name != "F_SKY1" and not name.endswith(("_START", "_END")))
        return next(iter((*known, *others)))

    def _is_wall(self, name: str) -> bool:
        return self.textures.get(name, (0, 0))[1] == TALL
