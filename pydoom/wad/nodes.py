"""BSP trees: the lumps SEGS, SSECTORS and NODES in DOOM's format and in those that go beyond 16-bit numbers.

Node builders write extended trees for levels with more than 32,767 segs or subsectors, and for segs that end between
whole map units. Read as in Crispy Doom (``p_extnodes.c``):

- DeePBSP version 4 ("xNd4"): DOOM's three lumps with wider numbers
- ZDoom's extended nodes, plain ("XNOD") or deflated ("ZNOD"): everything in NODES, with vertexes of their own

What an extended tree leaves out or rounds is computed: a seg's offset and, in ZDoom's, its angle. A tree is refused
with one line if it is cut short, inconsistent, or larger than any level needs; its references are
checked by `mapcheck`.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.sim.fixed import to_int32
from pydoom.sim.geometry import point_to_angle
from pydoom.wad.archive import Lump, printable
from pydoom.wad.errors import WadError
from pydoom.wad.mapdata import Int32Array

MAX_RECORDS: Final = 262_144
"""Most of each kind in an extended tree."""

_DEEPBSP: Final = b"xNd4\0\0\0\0"
_ZDOOM: Final = b"XNOD"
_ZDOOM_DEFLATED: Final = b"ZNOD"
_SIGNATURE_BYTES: Final = 4
_GL_SIGNATURES: Final = (b"XGLN", b"XGL2", b"XGL3", b"ZGLN", b"ZGL2", b"ZGL3")
_LEAF: Final = 0x8000
"""Marks a subsector among DOOM's 16-bit children; the sign does among 32-bit ones."""

_NODE: Final = np.dtype([("geometry", "<i2", 12), ("children", "<u2", 2)])
_LONG_NODE: Final = np.dtype([("geometry", "<i2", 12), ("children", "<i4", 2)])
_SEG: Final = np.dtype([("ends", "<u2", 2), ("angle", "<i2"), ("linedef", "<u2"), ("side", "<i2"), ("offset", "<i2")])
_DEEPBSP_SEG: Final = np.dtype(
    [("ends", "<i4", 2), ("angle", "<i2"), ("linedef", "<u2"), ("side", "<i2"), ("offset", "<u2")]
)
_ZDOOM_SEG: Final = np.dtype([("ends", "<i4", 2), ("linedef", "<u2"), ("side", "u1")])
_SUBSECTOR: Final = np.dtype([("count", "<u2"), ("first", "<u2")])
_DEEPBSP_SUBSECTOR: Final = np.dtype([("count", "<u2"), ("first", "<i4")])
_LONGEST_TREE: Final = 16 + MAX_RECORDS * (8 + 4 + _ZDOOM_SEG.itemsize + _LONG_NODE.itemsize)

Records = NDArray[np.void]


@dataclass(frozen=True, eq=False, slots=True)
class Tree:
    """A tree as `MapData` has it.

    `kept` of the map's own vertexes are numbered before `added_vertexes`, int32[N, 2] 16.16.
    """

    kept: int
    added_vertexes: Int32Array
    segs: Int32Array
    subsectors: Int32Array
    nodes: Int32Array


class _Damaged(Exception):
    """A tree cannot be read."""


def read_tree(name: str, lumps: Mapping[str, Lump], vertexes: Int32Array, linedefs: Int32Array) -> Tree:
    """The tree of a map with these `vertexes` int32[N, 2], map units, and `linedefs` int32[N, 7]; or WadError."""
    signature = bytes(lumps["SSECTORS"].view[:_SIGNATURE_BYTES])
    if signature in _GL_SIGNATURES:
        raise WadError(
            f"map {printable(name)} has only nodes for OpenGL ({signature.decode()}): "
            "rebuild its nodes in DOOM's own format, or as XNOD or ZNOD"
        )
    try:
        return _read_tree(lumps, vertexes, linedefs)
    except _Damaged as error:
        raise WadError(f"map {printable(name)} is damaged: {error}") from None


def _read_tree(lumps: Mapping[str, Lump], vertexes: Int32Array, linedefs: Int32Array) -> Tree:
    nodes = lumps["NODES"].view
    signature = bytes(nodes[:_SIGNATURE_BYTES])
    if signature == _ZDOOM:
        return _zdoom_tree(nodes[_SIGNATURE_BYTES:], vertexes, linedefs)
    if signature == _ZDOOM_DEFLATED:
        return _zdoom_tree(_inflated(nodes[_SIGNATURE_BYTES:]), vertexes, linedefs)
    if bytes(nodes[: len(_DEEPBSP)]) == _DEEPBSP:
        return _deepbsp_tree(lumps, vertexes, linedefs)
    return _plain_tree(lumps, len(vertexes))


# -- the formats


def _plain_tree(lumps: Mapping[str, Lump], vertex_count: int) -> Tree:
    """DOOM's own (``P_LoadSegs``, ``P_LoadSubsectors``, ``P_LoadNodes``)."""
    segs = _records(lumps["SEGS"].view, _SEG)
    subsectors = _records(lumps["SSECTORS"].view, _SUBSECTOR)
    nodes = _records(lumps["NODES"].view, _NODE)
    children = nodes["children"].astype(np.int32)
    return Tree(
        vertex_count,
        _no_vertexes(),
        _columns(segs["ends"], segs["angle"].astype(np.int32) << 16, segs["linedef"], segs["side"], segs["offset"]),
        _columns(subsectors["count"], subsectors["first"]),
        _columns(nodes["geometry"], np.where(children & _LEAF, ~(children & ~_LEAF), children)),
    )


def _deepbsp_tree(lumps: Mapping[str, Lump], vertexes: Int32Array, linedefs: Int32Array) -> Tree:
    segs = _records(lumps["SEGS"].view, _DEEPBSP_SEG)
    subsectors = _records(lumps["SSECTORS"].view, _DEEPBSP_SUBSECTOR)
    nodes = _records(lumps["NODES"].view[len(_DEEPBSP) :], _LONG_NODE)
    places = vertexes << 16
    offsets = _offsets(places, linedefs, segs["ends"], segs["linedef"], segs["side"])
    return Tree(
        len(vertexes),
        _no_vertexes(),
        _columns(segs["ends"], segs["angle"].astype(np.int32) << 16, segs["linedef"], segs["side"], offsets),
        _columns(subsectors["count"], subsectors["first"]),
        _long_nodes(nodes),
    )


def _zdoom_tree(data: bytes | memoryview, vertexes: Int32Array, linedefs: Int32Array) -> Tree:
    """``P_LoadNodes_ZDBSP``."""
    reader = _Reader(data)
    kept, added = reader.number("vertexes"), reader.number("vertexes")
    if kept > len(vertexes):
        raise _Damaged(f"its nodes were built for {kept:,} vertexes, and it has {len(vertexes):,}")
    added_vertexes = reader.records("vertexes", added, np.dtype([("place", "<i4", 2)]))["place"]
    counts = reader.records("subsectors", reader.number("subsectors"), np.dtype([("count", "<u4")]))["count"]
    segs = reader.records("segs", reader.number("segs"), _ZDOOM_SEG)
    nodes = reader.records("nodes", reader.number("nodes"), _LONG_NODE)
    ends = counts.cumsum(dtype=np.int64)
    if len(ends) and ends[-1] != len(segs):
        raise _Damaged(f"its nodes have {len(segs):,} segs, but {ends[-1]:,} in all subsectors")
    places = np.concatenate([vertexes[:kept] << 16, added_vertexes])
    sides = np.minimum(segs["side"], 1)
    return Tree(
        kept,
        _frozen(added_vertexes),
        _columns(
            segs["ends"],
            _angles(places, segs["ends"]),
            segs["linedef"],
            sides,
            _offsets(places, linedefs, segs["ends"], segs["linedef"], sides),
        ),
        _columns(counts, ends - counts),
        _long_nodes(nodes),
    )


def _inflated(data: memoryview) -> bytes:
    """Inflate a tree, up to the size of the largest allowed."""
    stream = zlib.decompressobj()
    try:
        plain = stream.decompress(data, _LONGEST_TREE)
    except zlib.error as error:
        raise _Damaged(f"its nodes cannot be inflated ({error})") from None
    if not stream.eof:
        cut = not stream.unconsumed_tail
        raise _Damaged("its nodes are cut short" if cut else f"its nodes inflate to more than {_LONGEST_TREE:,} bytes")
    return plain


class _Reader:
    """Takes counted records from the front of a ZDoom tree."""

    def __init__(self, data: bytes | memoryview) -> None:
        self._data = memoryview(data)

    def number(self, what: str) -> int:
        """The next count, bounded."""
        count = int.from_bytes(self._take(4, what), "little")
        if count > MAX_RECORDS:
            raise _Damaged(f"its nodes claim {count:,} {what}, and {MAX_RECORDS:,} is the most")
        return count

    def records(self, what: str, count: int, dtype: np.dtype[np.void]) -> Records:
        """The next `count` records."""
        return np.frombuffer(self._take(count * dtype.itemsize, what), dtype, count)

    def _take(self, size: int, what: str) -> memoryview:
        if size > len(self._data):
            raise _Damaged(f"its nodes are cut short (in the {what})")
        taken, self._data = self._data[:size], self._data[size:]
        return taken


# -- what is computed


def _angles(places: Int32Array, ends: Int32Array) -> Int32Array:
    """int32[N]: the BAM angle of each seg from its first to its second vertex; 0 where one is missing."""
    points = places.tolist()
    angles = [
        point_to_angle(*points[first], *points[second]) if 0 <= first < len(points) and 0 <= second < len(points) else 0
        for first, second in ends.tolist()
    ]
    return np.array(angles, np.uint32).view(np.int32)


def _offsets(
    places: Int32Array, linedefs: Int32Array, ends: Int32Array, lines: Int32Array, sides: Int32Array
) -> Int32Array:
    """int32[N]: how far each seg is from the beginning of its side, in whole map units (``GetOffset``)."""
    points, line_ends = places.tolist(), linedefs[:, 0:2].tolist()
    offsets = []
    for first, line, side in zip(ends[:, 0].tolist(), lines.tolist(), sides.tolist(), strict=True):
        start = line_ends[line][1 if side else 0] if line < len(line_ends) else -1
        offset = 0
        if 0 <= first < len(points) and 0 <= start < len(points):
            dx, dy = ((to_int32(points[first][axis] - points[start][axis])) >> 16 for axis in (0, 1))
            offset = math.isqrt(max(to_int32(dx * dx + dy * dy), 0))
        offsets.append(offset)
    return np.array(offsets, np.int32)


# -- records to arrays


def _records(data: memoryview, dtype: np.dtype[np.void]) -> Records:
    """All complete records: the original divides a lump's length by the record's size."""
    return np.frombuffer(data, dtype, len(data) // dtype.itemsize)


def _long_nodes(nodes: Records) -> Int32Array:
    children = nodes["children"]
    return _columns(nodes["geometry"], np.where(children < 0, ~(children & 0x7FFFFFFF), children))


def _columns(*parts: NDArray[np.generic]) -> Int32Array:
    return _frozen(np.column_stack([part.astype(np.int32) for part in parts]))


def _no_vertexes() -> Int32Array:
    return _frozen(np.zeros((0, 2), np.int32))


def _frozen(values: NDArray[np.generic]) -> Int32Array:
    result = values.astype(np.int32)
    result.flags.writeable = False
    return result
