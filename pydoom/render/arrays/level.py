"""The level as arrays: geometry once a level, heights and light once a frame.

Sector fields change a few at a time, so they are compared with the last frame's and only the differences are stored.
"""

from __future__ import annotations

from itertools import pairwise
from operator import attrgetter, ne
from typing import Final

import numpy as np

from pydoom.render.arrays.arith import I32, I64, Bool
from pydoom.sim.level import BOXBOTTOM, BOXLEFT, BOXRIGHT, BOXTOP, Sector, Seg
from pydoom.sim.world import World

_SECTOR_FIELDS: Final = attrgetter("floorheight", "ceilingheight", "floorpic", "ceilingpic", "lightlevel")
FLOOR: Final = 0
CEILING: Final = 1
FLOORPIC: Final = 2
CEILINGPIC: Final = 3
LIGHT: Final = 4

_SIDE_FIELDS: Final = attrgetter("textureoffset", "rowoffset", "toptexture", "bottomtexture", "midtexture")

NO_SECTOR: Final = -1

Box = tuple[int, int, int, int]
"""Top, bottom, left, right, 16.16."""


class LevelArrays:
    """Arrays of one level of a world.

    - `vertex_x`, `vertex_y` int32[V]
    - segs: `seg_v1`, `seg_v2` vertex numbers, `seg_front` the subsector's sector, `seg_own_front` the sidedef's,
      `seg_back` (the row behind the last sector when there is none), `seg_angle`, `seg_offset`,
      `seg_slant` -1 horizontal, 1 vertical, else 0, `seg_flags` the linedef's; all int64[S]; `seg_has_back` bool[S]
    - `seg_sectors`: of each seg, the numbers of the subsector's sector and of the one behind it, or NO_SECTOR
    - `nodes`: the world's, as tuples; `boxes`: of each node's front and back child
    - `subsectors`: of each, its sector's number, its first seg and the one after its last
    - `segs`: the world's (`world_segs`), but that those of several subsectors are there once for each
    - `sectors` int64[5, sectors + 1]: FLOOR, CEILING, FLOORPIC, CEILINGPIC, LIGHT; `fields` the same as tuples

    Behind a two-sided line without a left side is a sector of its own, the last one (what was at address 0).
    """

    def __init__(self, world: World) -> None:
        self.world_segs = world.segs
        self.segs, self.subsectors = _segs_of_subsectors(world)
        self.sector_objects: list[Sector] = world.sectors
        vertex_number = {id(vertex): number for number, vertex in enumerate(world.vertexes)}
        self.vertex_x: I32 = np.array([vertex.x for vertex in world.vertexes], np.int32)
        self.vertex_y: I32 = np.array([vertex.y for vertex in world.vertexes], np.int32)
        backs = (seg.backsector for seg in world.segs)
        nowhere = next((sector for sector in backs if sector is not None and sector.index < 0), None)
        self._sectors = world.sectors if nowhere is None else [*world.sectors, nowhere]
        count = len(self._sectors)
        self._init_segs(world, vertex_number, count)
        self.nodes = world.bsp
        self.boxes = [(_box(node.bbox[0]), _box(node.bbox[1])) for node in world.nodes]
        self.fields = [_SECTOR_FIELDS(sector) for sector in self._sectors]
        self.sectors: I64 = np.zeros((5, count + 1), np.int64)
        self.sectors[:, :count] = np.array(self.fields, np.int64).T

    def _init_segs(self, world: World, vertex_number: dict[int, int], none: int) -> None:
        segs = self.segs

        def array(values: list[int]) -> I64:
            return np.array(values, np.int64)

        self.seg_v1 = array([vertex_number[id(seg.v1)] for seg in segs])
        self.seg_v2 = array([vertex_number[id(seg.v2)] for seg in segs])
        self.seg_angle = array([seg.angle for seg in segs])
        self.seg_offset = array([seg.offset for seg in segs])
        self.seg_own_front = array([seg.frontsector.index for seg in segs])
        self.seg_back = array([none if seg.backsector is None else seg.backsector.index % none for seg in segs])
        self.seg_has_back: Bool = self.seg_back < none
        self.seg_slant = array([-1 if seg.v1.y == seg.v2.y else 1 if seg.v1.x == seg.v2.x else 0 for seg in segs])
        self.seg_flags = array([seg.linedef.flags for seg in segs])
        self._seen_sides = [_SIDE_FIELDS(seg.sidedef) for seg in segs]
        self._sides: I64 = np.array(self._seen_sides, np.int64).T.copy()
        self.seg_front = self.seg_own_front.copy()
        for sector, first, end in self.subsectors:
            self.seg_front[first:end] = sector
        backs = np.where(self.seg_has_back, self.seg_back, NO_SECTOR)
        self.seg_sectors = list(zip(self.seg_front.tolist(), backs.tolist(), strict=True))

    def refresh(self) -> None:
        """Take over what changed in the sectors since the last frame."""
        fields = list(map(_SECTOR_FIELDS, self._sectors))
        if fields == self.fields:
            return
        changed = [number for number, differs in enumerate(map(ne, fields, self.fields)) if differs]
        self.sectors[:, changed] = np.array([fields[number] for number in changed]).T
        self.fields = fields

    def side_fields(self, numbers: list[int]) -> I64:
        """int64[5, len(numbers)]: texture offset, row offset, top, bottom and middle texture of these segs' sides."""
        segs, seen = self.segs, self._seen_sides
        for number in numbers:
            fields = _SIDE_FIELDS(segs[number].sidedef)
            if fields != seen[number]:
                seen[number] = fields
                self._sides[:, number] = fields
        return self._sides.take(numbers, axis=1)


def _segs_of_subsectors(world: World) -> tuple[list[Seg], list[tuple[int, int, int]]]:
    """The segs, and the `subsectors` of `LevelArrays`: in damaged levels subsectors share segs, each in its sector."""
    segs = world.segs
    subsectors = [(sub.sector.index, sub.firstline, sub.firstline + sub.numlines) for sub in world.subsectors]
    ordered = sorted((first, end) for _, first, end in subsectors)
    if all(end <= following for (_, end), (following, _) in pairwise(ordered)):
        return segs, subsectors
    own: list[Seg] = []
    renumbered = []
    for sector, first, end in subsectors:
        renumbered.append((sector, len(own), len(own) + end - first))
        own += segs[first:end]
    return own, renumbered


def _box(edges: list[int]) -> Box:
    return edges[BOXTOP], edges[BOXBOTTOM], edges[BOXLEFT], edges[BOXRIGHT]
