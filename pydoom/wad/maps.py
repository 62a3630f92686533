"""Reading a map's lumps into `MapData` (the loading half of ``p_setup.c``).

Numbers are the lump's own: whole map units, degrees, sector and texture names. Indexes are unsigned, so maps with more
than 32,767 of a kind work; a missing sidedef is -1. Everything that points at something else is checked here once
(`mapcheck`), so the simulation and the renderer can follow indexes unchecked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.wad.archive import Lump, lump_name, printable
from pydoom.wad.blockmap import build_blockmap, read_blockmap
from pydoom.wad.errors import WadError
from pydoom.wad.mapcheck import checked
from pydoom.wad.mapdata import Int32Array, MapData, Sectors, Sidedefs
from pydoom.wad.nodes import read_tree

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

_REBUILT: Final = ("REJECT", "BLOCKMAP")
"""Lumps that a map can do without, or with ones that lie past the end of the file."""


def read_map(name: str, lumps: Mapping[str, Lump]) -> MapData:
    """Decode a map from its lumps by name, or raise WadError."""
    lumps = {lump: content for lump, content in lumps.items() if content.content is not None or lump not in _REBUILT}
    missing = [lump for lump in LUMP_NAMES if lump not in lumps and lump not in _REBUILT]
    if missing:
        raise WadError(f"map {printable(name)} is incomplete: no {missing[0]} lump")
    sides = _records(lumps["SIDEDEFS"], _SIDEDEF)
    sectors = _records(lumps["SECTORS"], _SECTOR)
    vertexes, linedefs = _words(lumps["VERTEXES"], 2), _linedefs(lumps["LINEDEFS"])
    tree = read_tree(name, lumps, vertexes, linedefs)
    data = MapData(
        name=name,
        vertexes=vertexes[: tree.kept],
        linedefs=linedefs,
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
        segs=tree.segs,
        subsectors=tree.subsectors,
        nodes=tree.nodes,
        things=_words(lumps["THINGS"], 5),
        blockmap=np.zeros(0, np.int32),
        reject=lumps["REJECT"].data if "REJECT" in lumps else b"",
        added_vertexes=tree.added_vertexes,
    )
    data = checked(data)
    blockmap = read_blockmap(lumps.get("BLOCKMAP"), len(data.linedefs))
    if blockmap is None:
        try:
            blockmap = build_blockmap(data.vertexes, data.linedefs[:, 0:2])
        except WadError as error:
            raise WadError(f"map {printable(name)} is damaged: {error}") from None
    return replace(data, blockmap=blockmap)


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
