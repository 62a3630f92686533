"""Extended BSP trees, as node builders write them for levels beyond 16-bit numbers, made from a map's own tree."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

LEAF = 0x8000
LONG_LEAF = 0x80000000
DEEPBSP = b"xNd4\0\0\0\0"


@dataclass
class Tree:
    """A tree in the layout of ZDoom's format; every number can be changed before packing."""

    kept: int
    added: list[tuple[int, int]] = field(default_factory=list)
    """x, y in 16.16."""
    counts: list[int] = field(default_factory=list)
    """Segs of each subsector."""
    segs: list[list[int]] = field(default_factory=list)
    """v1, v2, linedef, side."""
    nodes: list[list[int]] = field(default_factory=list)
    """x, y, dx, dy, two boxes, two children."""

    @classmethod
    def of(cls, lumps: Mapping[str, bytes]) -> Tree:
        """The tree in SEGS, SSECTORS and NODES, whose subsectors must lie one after the other."""
        segs = [[v1, v2, line, side] for v1, v2, _, line, side, _ in struct.iter_unpack("<2Hh2Hh", lumps["SEGS"])]
        counts = [count for count, _ in struct.iter_unpack("<2H", lumps["SSECTORS"])]
        nodes = []
        for *geometry, right, left in struct.iter_unpack("<12h2H", lumps["NODES"]):
            children = [child - LEAF + LONG_LEAF if child & LEAF else child for child in (right, left)]
            nodes.append([*geometry, *children])
        return cls(len(lumps["VERTEXES"]) // 4, [], counts, segs, nodes)

    def plain(self) -> bytes:
        """The NODES lump of an XNOD tree, without its signature."""
        parts = [struct.pack("<2I", self.kept, len(self.added))]
        parts += [struct.pack("<2i", *place) for place in self.added]
        parts += [struct.pack(f"<I{len(self.counts)}I", len(self.counts), *self.counts)]
        parts += [struct.pack("<I", len(self.segs)), *(struct.pack("<2IHB", *seg) for seg in self.segs)]
        parts += [struct.pack("<I", len(self.nodes)), *(struct.pack("<12h2I", *node) for node in self.nodes)]
        return b"".join(parts)

    def zdoom(self, *, deflated: bool = False) -> dict[str, bytes]:
        """The three lumps in ZDoom's format."""
        nodes = b"ZNOD" + zlib.compress(self.plain()) if deflated else b"XNOD" + self.plain()
        return {"SEGS": b"", "SSECTORS": b"", "NODES": nodes}

    def split(self, number: int, place: tuple[int, int]) -> None:
        """Put a vertex at `place`, 16.16, between the ends of a seg, and cut the seg there."""
        self.added.append(place)
        first, second, line, side = self.segs[number]
        middle = self.kept + len(self.added) - 1
        self.segs[number : number + 1] = [[first, middle, line, side], [middle, second, line, side]]
        subsector = 0
        while sum(self.counts[: subsector + 1]) <= number:
            subsector += 1
        self.counts[subsector] += 1


def deepbsp(lumps: Mapping[str, bytes]) -> dict[str, bytes]:
    """SEGS, SSECTORS and NODES in DeePBSP's format, version 4."""
    tree = Tree.of(lumps)
    segs = struct.iter_unpack("<2H4h", lumps["SEGS"])
    subsectors = struct.iter_unpack("<2H", lumps["SSECTORS"])
    return {
        "SEGS": b"".join(struct.pack("<2i4h", *seg) for seg in segs),
        "SSECTORS": b"".join(struct.pack("<Hi", *each) for each in subsectors),
        "NODES": DEEPBSP + b"".join(struct.pack("<12h2I", *node) for node in tree.nodes),
    }
