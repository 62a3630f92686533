"""Sprites: which lump shows which frame from which side (``R_InstallSpriteLump``, ``R_InitSpriteDefs``).

Lump names are a sprite's four letters, a frame letter, a rotation digit (0: the same from all sides; 1 to 8:
anticlockwise from the front), and perhaps a second frame and rotation that show the lump mirrored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from pydoom.wad.archive import Lump, printable
from pydoom.wad.errors import WadError
from pydoom.wad.patches import Patch

MAX_FRAMES: Final = 29


@dataclass(frozen=True, eq=False)
class SpriteFrame:
    """One frame of a sprite: 8 lumps for 8 sides if `rotate`, else 1; `flip` says which are mirrored."""

    rotate: bool
    lump_names: tuple[str, ...]
    flip: tuple[bool, ...]
    get_patch: Callable[[str], Patch] = field(repr=False)

    @cached_property
    def patches(self) -> tuple[Patch, ...]:
        """The patches, 8 or 1; decoded when first asked for."""
        return tuple(self.get_patch(name) for name in self.lump_names)


class _FrameInProgress:
    """``sprtemp``: the lumps found so far for one frame; `rotate` is None before the first."""

    def __init__(self) -> None:
        self.rotate: bool | None = None
        self.lumps: list[str | None] = [None] * 8
        self.flip = [False] * 8

    def install(self, what: str, lump: str, rotation: int, flipped: bool) -> None:
        if rotation == 0:
            if self.rotate is not None:
                raise WadError(f"sprite {what} has more than one lump for all rotations")
            self.rotate = False
            self.lumps[0], self.flip[0] = lump, flipped
            return
        if self.rotate is False:
            raise WadError(f"sprite {what} has both rotations and a lump for all rotations")
        if self.lumps[rotation - 1] is not None:
            raise WadError(f"sprite {what} has two lumps for rotation {rotation}")
        self.rotate = True
        self.lumps[rotation - 1], self.flip[rotation - 1] = lump, flipped

    def finish(self, what: str, get_patch: Callable[[str], Patch]) -> SpriteFrame:
        if self.rotate is None:
            raise WadError(f"sprite {what} has no lumps")
        count = 8 if self.rotate else 1
        names = [name for name in self.lumps[:count] if name is not None]
        if len(names) < count:
            raise WadError(f"sprite {what} is missing rotations")
        return SpriteFrame(self.rotate, tuple(names), tuple(self.flip[:count]), get_patch)


def read_sprites(lumps: Iterable[Lump], get_patch: Callable[[str], Patch]) -> dict[str, list[SpriteFrame]]:
    """All sprites among `lumps` by their four letters; those the engine cannot use are silently left out.

    The original only looks at the names of its own table; a sprite it does not know may be incomplete. So broken
    sprites are kept aside, and the error is raised when one is asked for.
    """
    found: dict[str, list[Lump]] = {}
    for lump in lumps:
        if len(lump.name) >= 6:
            found.setdefault(lump.name[:4], []).append(lump)
    sprites = _SpriteTable()
    for name, own in found.items():
        try:
            sprites[name] = _frames(name, own, get_patch)
        except WadError as error:
            sprites.broken[name] = error
    return sprites


class _SpriteTable(dict[str, list[SpriteFrame]]):
    """Sprites by name; an inconsistent one raises its WadError when looked up."""

    def __init__(self) -> None:
        super().__init__()
        self.broken: dict[str, WadError] = {}

    def __missing__(self, name: str) -> list[SpriteFrame]:
        if name in self.broken:
            raise self.broken[name]
        raise KeyError(name)


def _frames(sprite: str, lumps: list[Lump], get_patch: Callable[[str], Patch]) -> list[SpriteFrame]:
    temp: dict[int, _FrameInProgress] = {}
    for lump in lumps:
        name = lump.name.ljust(8, "\0")
        for place, flipped in ((4, False), (6, True)):
            if name[place] == "\0":
                continue
            frame = ord(name[place]) - ord("A")
            rotation = ord(name[place + 1]) - ord("0")
            if not (0 <= frame < MAX_FRAMES and 0 <= rotation <= 8):
                raise WadError(f"sprite lump {printable(lump.name)} has bad frame characters")
            what = f"{printable(sprite)} frame {chr(frame + ord('A'))}"
            temp.setdefault(frame, _FrameInProgress()).install(what, lump.name, rotation, flipped)
    nothing = _FrameInProgress()
    return [
        temp.get(frame, nothing).finish(f"{printable(sprite)} frame {chr(frame + ord('A'))}", get_patch)
        for frame in range(max(temp) + 1)
    ]
