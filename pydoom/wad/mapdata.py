"""A map as arrays (the ``map*_t`` structs of ``doomdata.h``).

Numbers are the lump's own: whole map units, degrees, sector and texture names. Indexes are unsigned, so maps with more
than 32,767 of a kind work; a missing sidedef is -1. Only what node builders add is finer than the lumps.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Int32Array = NDArray[np.int32]


@dataclass(frozen=True, eq=False, slots=True)
class Sidedefs:
    """Sidedefs: offsets in pixels int32[N], upper-case texture names ("-" for none), sector numbers int32[N]."""

    textureoffset: Int32Array
    rowoffset: Int32Array
    toptexture: list[str]
    bottomtexture: list[str]
    midtexture: list[str]
    sector: Int32Array

    def __len__(self) -> int:
        return len(self.sector)


@dataclass(frozen=True, eq=False, slots=True)
class Sectors:
    """Sectors: heights in map units int32[N], flat names, light level, special and tag int32[N]."""

    floorheight: Int32Array
    ceilingheight: Int32Array
    floorpic: list[str]
    ceilingpic: list[str]
    lightlevel: Int32Array
    special: Int32Array
    tag: Int32Array

    def __len__(self) -> int:
        return len(self.tag)


@dataclass(frozen=True, eq=False, slots=True)
class MapData:
    """One map; read-only.

    - `vertexes` int32[N, 2]: x, y
    - `linedefs` int32[N, 7]: v1, v2, flags, special, tag, right sidedef, left sidedef (-1 for none)
    - `segs` int32[N, 6]: v1, v2, angle (signed BAM), linedef, side, offset
    - `subsectors` int32[N, 2]: number of segs, first seg
    - `nodes` int32[N, 14]: x, y, dx, dy, right box (top, bottom, left, right), left box, right child, left child;
      a child is a node's number, or ~ of a subsector's
    - `things` int32[N, 5]: x, y, angle in degrees, type, options
    - `blockmap` int32[N]: the lump's words: origin x, y, columns, rows, then per block the word offset of its list;
      lists begin with 0 and end with -1; offsets and line numbers are unsigned, as in the extended maps that need it
    - `reject` bytes: one bit per pair of sectors; a short lump stays short, since what the original reads past it
      depends on the level
    - `added_vertexes` int32[N, 2]: x, y in 16.16; numbered after `vertexes`, and used by segs only
    """

    name: str
    vertexes: Int32Array
    linedefs: Int32Array
    sidedefs: Sidedefs
    sectors: Sectors
    segs: Int32Array
    subsectors: Int32Array
    nodes: Int32Array
    things: Int32Array
    blockmap: Int32Array
    reject: bytes
    added_vertexes: Int32Array = field(default_factory=lambda: np.zeros((0, 2), np.int32))
