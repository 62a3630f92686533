"""From a draft to the lumps of a level, in the order of a WAD (``doomdata.h``).

Everything is as an editor and a node builder of the time would leave it: one sidedef for each side of a line, vertexes
shared by all lines that end there, segs with whole offsets. Numbers that do not fit their lumps are an error, since
the original reads them without a check.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pydoom.fleetmap.blockmap import build_blockmap
from pydoom.fleetmap.draft import Draft, DraftSide, Point
from pydoom.fleetmap.errors import FleetMapError
from pydoom.fleetmap.nodes import NodeLine, build_tree
from pydoom.fleetmap.reject import build_reject
from pydoom.wad.archive import Lump
from pydoom.wad.mapdata import MapData
from pydoom.wad.maps import read_map

NO_SIDE: Final = 0xFFFF
MAX_COUNT: Final = 0x7FFF
"""Most records of a kind: the original numbers them by signed words."""


@dataclass(frozen=True, slots=True)
class BuiltLevel:
    """A level's `lumps` by name, in their order, without the marker `name` before them."""

    name: str
    lumps: Mapping[str, bytes]

    def read(self) -> MapData:
        """The level as the game loads it; its textures and flats are not looked up."""
        return read_map(self.name, {name: Lump(name, memoryview(data)) for name, data in self.lumps.items()})


def build(draft: Draft) -> BuiltLevel:
    """Build the level; raises FleetMapError when it does not fit the format."""
    if not draft.lines:
        raise FleetMapError("the level has no lines")
    numbers: dict[Point, int] = {}
    for line in draft.lines:
        for end in (line.start, line.end):
            numbers.setdefault(end, len(numbers))
    sides: list[DraftSide] = []
    lines: list[tuple[int, ...]] = []
    for line in draft.lines:
        right = len(sides)
        sides.append(line.front)
        left = NO_SIDE
        if line.back is not None:
            left = len(sides)
            sides.append(line.back)
        lines.append((numbers[line.start], numbers[line.end], line.flags, line.special, line.tag, right, left))
    tree = build_tree([NodeLine(*line.start, *line.end, line.back is not None) for line in draft.lines], list(numbers))
    lumps = {
        "THINGS": _packed("<5h", ((t.x, t.y, t.angle, t.type, t.options) for t in draft.things)),
        "LINEDEFS": _packed("<7H", lines),
        "SIDEDEFS": _packed(
            "<2h8s8s8sH",
            ((s.x_offset, s.y_offset, _name(s.upper), _name(s.lower), _name(s.middle), s.sector) for s in sides),
        ),
        "VERTEXES": _packed("<2h", tree.vertexes),
        "SEGS": _packed("<6H", tree.segs),
        "SSECTORS": _packed("<2H", tree.subsectors),
        "NODES": _packed("<12h2H", tree.nodes),
        "SECTORS": _packed(
            "<2h8s8s3h",
            (
                (s.floor, s.ceiling, _name(s.floor_flat), _name(s.ceiling_flat), s.light, s.special, s.tag)
                for s in draft.sectors
            ),
        ),
        "REJECT": build_reject(draft),
        "BLOCKMAP": _packed(
            "<h", ((word,) for word in build_blockmap([(*line.start, *line.end) for line in draft.lines]))
        ),
    }
    for kind, count in (
        ("linedefs", len(lines)),
        ("sidedefs", len(sides)),
        ("sectors", len(draft.sectors)),
        ("vertexes", len(tree.vertexes)),
        ("segs", len(tree.segs)),
        ("subsectors", len(tree.subsectors)),
        ("things", len(draft.things)),
    ):
        if count > MAX_COUNT:
            raise FleetMapError(f"the level is too large: {count:,} {kind}, of at most {MAX_COUNT:,}")
    return BuiltLevel(draft.name, lumps)


def _packed(layout: str, records: Iterable[tuple[object, ...]]) -> bytes:
    try:
        return b"".join([struct.pack(layout, *record) for record in records])
    except struct.error as error:
        raise FleetMapError(f"the level does not fit the format of its lumps: {error}") from error


def _name(name: str) -> bytes:
    return name.encode("ascii")
