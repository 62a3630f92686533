"""Map lumps as arrays (the ``map*_t`` structs of ``doomdata.h``, the loading half of ``p_setup.c``).

Numbers are the lump's own: whole map units, degrees, sector and texture names. Indexes are unsigned, so maps with more
than 32,767 of a kind work; a missing sidedef is -1. Everything that points at something else is checked here once, so
the simulation and the renderer can follow indexes without looking.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.wad.archive import Lump, lump_name, printable
from pydoom.wad.errors import WadError

Int32Array = NDArray[np.int32]

NF_SUBSECTOR: Final = 0x8000

LUMP_NAMES: Final = (
    "THINGS",
    "LINEDEFS",
    "SIDEDEFS",
    "VERTEXES",
    "SEGS",
    "SSECTORS",
    "NODES",
    "SECTORS",
    "REJECT",
    "BLOCKMAP",
)
"""The lumps that follow a map's name, in the original's order."""


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
    - `segs` int32[N, 6]: v1, v2, angle (signed BAM >> 16), linedef, side, offset
    - `subsectors` int32[N, 2]: number of segs, first seg
    - `nodes` int32[N, 14]: x, y, dx, dy, right box (top, bottom, left, right), left box, right child, left child;
      children are unsigned and carry NF_SUBSECTOR
    - `things` int32[N, 5]: x, y, angle in degrees, type, options
    - `blockmap` int32[N]: the lump's words: origin x, y, columns, rows, then per block the word offset of its list;
      lists begin with 0 and end with -1; offsets and line numbers are unsigned, as in the extended maps that need it
    - `reject` bytes: one bit per pair of sectors; a short lump stays short, since what the original finds behind it
      depends on the level
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


def read_map(name: str, lumps: Mapping[str, Lump]) -> MapData:
    """Decode a map from its lumps by name, or raise WadError."""
    missing = [lump for lump in LUMP_NAMES if lump not in lumps]
    if missing:
        raise WadError(f"map {printable(name)} is incomplete: no {missing[0]} lump")
    sides = _records(lumps["SIDEDEFS"], _SIDEDEF)
    sectors = _records(lumps["SECTORS"], _SECTOR)
    if len(sectors) > MAX_SECTORS:
        raise WadError(f"map {printable(name)} is damaged: {len(sectors)} sectors")
    data = MapData(
        name=name,
        vertexes=_words(lumps["VERTEXES"], 2),
        linedefs=_linedefs(lumps["LINEDEFS"]),
        sidedefs=Sidedefs(
            _frozen(sides["textureoffset"]),
            _frozen(sides["rowoffset"]),
            _names(sides["toptexture"]),
            _names(sides["bottomtexture"]),
            _names(sides["midtexture"]),
            _frozen(sides["sector"]),
        ),
        sectors=Sectors(
            _frozen(sectors["floorheight"]),
            _frozen(sectors["ceilingheight"]),
            _names(sectors["floorpic"]),
            _names(sectors["ceilingpic"]),
            _frozen(sectors["lightlevel"]),
            _frozen(sectors["special"]),
            _frozen(sectors["tag"]),
        ),
        segs=_words(lumps["SEGS"], 6, unsigned=(0, 1, 3)),
        subsectors=_words(lumps["SSECTORS"], 2, unsigned=(0, 1)),
        nodes=_words(lumps["NODES"], 14, unsigned=(12, 13)),
        things=_words(lumps["THINGS"], 5),
        blockmap=_blockmap(lumps["BLOCKMAP"]),
        reject=lumps["REJECT"].data,
    )
    _check(data)
    return data


MAX_SECTORS: Final = 32768

_SIDEDEF: Final = np.dtype(
    [
        ("textureoffset", "<i2"),
        ("rowoffset", "<i2"),
        ("toptexture", "V8"),
        ("bottomtexture", "V8"),
        ("midtexture", "V8"),
        ("sector", "<u2"),
    ]
)
_SECTOR: Final = np.dtype(
    [
        ("floorheight", "<i2"),
        ("ceilingheight", "<i2"),
        ("floorpic", "V8"),
        ("ceilingpic", "V8"),
        ("lightlevel", "<i2"),
        ("special", "<i2"),
        ("tag", "<i2"),
    ]
)


def _records(lump: Lump, dtype: np.dtype[np.void]) -> NDArray[np.void]:
    """As many whole records as the lump holds: the original divides its length by the record's size."""
    return np.frombuffer(lump.data, dtype, len(lump.view) // dtype.itemsize)


def _frozen(values: NDArray[np.void]) -> Int32Array:
    result = values.astype(np.int32)
    result.flags.writeable = False
    return result


def _names(column: NDArray[np.void]) -> list[str]:
    known: dict[bytes, str] = {}
    return [known.setdefault(raw, lump_name(raw)) for raw in (value.tobytes() for value in column)]


def _words(lump: Lump, columns: int, unsigned: tuple[int, ...] = ()) -> Int32Array:
    count = len(lump.view) // (2 * columns)
    words = np.frombuffer(lump.data, "<i2", count * columns).reshape(count, columns).astype(np.int32)
    for column in unsigned:
        words[:, column] &= 0xFFFF
    words.flags.writeable = False
    return words


def _linedefs(lump: Lump) -> Int32Array:
    lines = _words(lump, 7, unsigned=(0, 1, 5, 6)).copy()
    sides = lines[:, 5:7]
    sides[sides == 0xFFFF] = -1
    lines.flags.writeable = False
    return lines


def _blockmap(lump: Lump) -> Int32Array:
    words = np.frombuffer(lump.data, "<i2", len(lump.view) // 2).astype(np.int32)
    lists = words[4:]
    lists[lists != -1] &= 0xFFFF
    words.flags.writeable = False
    return words


def _check(data: MapData) -> None:
    """Raise WadError unless every index in the map is inside what it points into."""

    def need(good: bool, what: str) -> None:
        if not good:
            raise WadError(f"map {printable(data.name)} is damaged: {what}")

    lines, segs, nodes = data.linedefs, data.segs, data.nodes
    need(len(lines) > 0 and len(segs) > 0 and len(data.subsectors) > 0 and len(data.sectors) > 0, "it has no geometry")
    need(_inside(lines[:, 0:2], len(data.vertexes)), "a linedef names a vertex that is not there")
    need(_inside(lines[:, 5], len(data.sidedefs)), "a linedef has no right sidedef")
    need(_inside(lines[:, 6] + 1, len(data.sidedefs) + 1), "a linedef names a sidedef that is not there")
    need(_inside(data.sidedefs.sector, len(data.sectors)), "a sidedef names a sector that is not there")
    need(_inside(segs[:, 0:2], len(data.vertexes)), "a seg names a vertex that is not there")
    need(_inside(segs[:, 3], len(lines)), "a seg names a linedef that is not there")
    need(_inside(segs[:, 4], 2), "a seg names a side that is not there")
    need(bool((lines[segs[:, 3], 5 + segs[:, 4]] >= 0).all()), "a seg lies on a side that is not there")
    need(bool((data.subsectors[:, 0] > 0).all()), "a subsector has no segs")
    need(bool((data.subsectors.sum(axis=1) <= len(segs)).all()), "a subsector names segs that are not there")
    children = nodes[:, 12:14]
    leaf = (children & NF_SUBSECTOR) != 0
    need(_inside(children[leaf] & ~NF_SUBSECTOR, len(data.subsectors)), "a node names a subsector that is not there")
    need(_inside(children[~leaf], len(nodes)), "a node names a node that is not there")
    need(_is_tree(children.tolist()), "its nodes are not a tree")
    need(_is_blockmap(data.blockmap, len(lines)), "its blockmap is broken")


def _inside(indexes: Int32Array, size: int) -> bool:
    return bool(((indexes >= 0) & (indexes < size)).all())


def _is_tree(children: list[list[int]]) -> bool:
    """Whether walking down from the last node reaches no node twice."""
    pending = [len(children) - 1] if children else []
    seen = set(pending)
    while pending:
        for child in children[pending.pop()]:
            if child & NF_SUBSECTOR:
                continue
            if child in seen:
                return False
            seen.add(child)
            pending.append(child)
    return True


def _is_blockmap(blockmap: Int32Array, line_count: int) -> bool:
    """Whether every block's list lies in the lump, ends there, and names lines that exist."""
    if len(blockmap) < 5:
        return False
    width, height = int(blockmap[2]), int(blockmap[3])
    if width <= 0 or height <= 0 or 4 + width * height > len(blockmap):
        return False
    starts = blockmap[4 : 4 + width * height]
    ends = np.flatnonzero(blockmap == -1)
    if not _inside(starts, len(blockmap)) or not len(ends) or starts.max() > ends[-1]:
        return False
    # the original skips no word: the 0 that opens each list is a line number too
    first_end = ends[np.searchsorted(ends, starts)]
    reach = np.zeros(len(blockmap) + 1, np.int32)
    np.add.at(reach, starts, 1)
    np.add.at(reach, first_end, -1)
    listed = blockmap[reach[:-1].cumsum() > 0]
    # lists that share their tails cost nothing, but their total length is what a level keeps in memory
    return bool((listed < line_count).all()) and int((first_end - starts).sum()) <= 4_000_000
