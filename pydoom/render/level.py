"""The level as arrays: geometry once a level, heights and light once a frame.

Sector fields change a few at a time, so they are compared with the last frame's and only the differences are stored.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Final

import numpy as np

from pydoom.render.arith import I32, I64, Bool, to_int32
from pydoom.sim.model import BOXBOTTOM, BOXLEFT, BOXRIGHT, BOXTOP, Sector
from pydoom.sim.world import World

_SECTOR_FIELDS: Final = attrgetter("floorheight", "ceilingheight", "floorpic", "ceilingpic", "lightlevel")
FLOOR: Final = 0
CEILING: Final = 1
FLOORPIC: Final = 2
CEILINGPIC: Final = 3
LIGHT: Final = 4

_SIDE_FIELDS: Final = attrgetter("textureoffset", "rowoffset", "toptexture", "bottomtexture", "midtexture")

SEG_INVISIBLE: Final = 0
"""Same planes and light on both sides: only a middle texture could be seen."""
SEG_WINDOW: Final = 1
SEG_SOLID: Final = 2


class NodeSides:
    """Which side of each BSP node a point is on (``R_PointOnSide``), with upright and level partitions kept apart."""

    def __init__(self, x: I64, y: I64, dx: I64, dy: I64) -> None:
        self._count = len(x)
        self._upright = (dx == 0).nonzero()[0]
        self._level = ((dx != 0) & (dy == 0)).nonzero()[0]
        self._slanted = ((dx != 0) & (dy != 0)).nonzero()[0]
        self._upright_x = x.take(self._upright)
        upward = dy.take(self._upright)
        self._upright_sides = (upward > 0).astype(np.int64), (upward < 0).astype(np.int64)
        self._level_y = y.take(self._level)
        rightward = dx.take(self._level)
        self._level_sides = (rightward < 0).astype(np.int64), (rightward > 0).astype(np.int64)
        self._x, self._y, self._dx, self._dy = (each.take(self._slanted) for each in (x, y, dx, dy))

    def of(self, x: int, y: int) -> I64:
        """int64[N]: 0 in front of each node's partition line, 1 behind."""
        sides = np.empty(self._count, np.int64)
        sides[self._upright] = np.where(self._upright_x >= x, *self._upright_sides)
        sides[self._level] = np.where(self._level_y >= y, *self._level_sides)
        dx = to_int32(x - self._x)
        dy = to_int32(y - self._y)
        left = to_int32((dx * (self._dy >> 16)) >> 16)
        right = to_int32((dy * (self._dx >> 16)) >> 16)
        # products of different sign are told apart by the signs of their factors, 0 counting as positive
        differ = (self._dy ^ self._dx ^ dx ^ dy) < 0
        sides[self._slanted] = np.where(differ, (self._dy ^ dx) < 0, right >= left)
        return sides


class Level:
    """Arrays of one level of a world.

    - `vertex_x`, `vertex_y` int32[V]
    - segs: `seg_v1`, `seg_v2` vertex numbers, `seg_front` the subsector's sector, `seg_own_front` the sidedef's,
      `seg_back` (the row behind the last sector when there is none), `seg_angle`, `seg_offset`,
      `seg_slant` -1 horizontal, 1 vertical, else 0, `seg_flags` the linedef's; all int64[S]; `seg_has_back` bool[S]
    - nodes: `node_*` int64[N], `sides`; `boxes` int64[4, 2N], box of child c of node n at 2n + c
    - `sectors` int64[5, sectors + 1]: FLOOR, CEILING, FLOORPIC, CEILINGPIC, LIGHT; `fields` the same as tuples
    - `seg_kind` int64[S]: SEG_INVISIBLE, SEG_WINDOW or SEG_SOLID at the present heights
    """

    def __init__(self, world: World) -> None:
        self.segs = world.segs
        self.sector_objects: list[Sector] = world.sectors
        vertex_number = {id(vertex): number for number, vertex in enumerate(world.vertexes)}
        self.vertex_x: I32 = np.array([vertex.x for vertex in world.vertexes], np.int32)
        self.vertex_y: I32 = np.array([vertex.y for vertex in world.vertexes], np.int32)
        self._init_segs(world, vertex_number)
        self._init_nodes(world)
        count = len(world.sectors)
        self.fields = [_SECTOR_FIELDS(sector) for sector in world.sectors]
        self.sectors: I64 = np.zeros((5, count + 1), np.int64)
        self.sectors[:, :count] = np.array(self.fields, np.int64).T
        self.seg_kind: I64 = np.zeros(0, np.int64)
        self._find_seg_kinds()

    def _init_segs(self, world: World, vertex_number: dict[int, int]) -> None:
        segs = world.segs
        none = len(world.sectors)

        def array(values: list[int]) -> I64:
            return np.array(values, np.int64)

        self.seg_v1 = array([vertex_number[id(seg.v1)] for seg in segs])
        self.seg_v2 = array([vertex_number[id(seg.v2)] for seg in segs])
        self.seg_angle = array([seg.angle for seg in segs])
        self.seg_offset = array([seg.offset for seg in segs])
        self.seg_own_front = array([seg.frontsector.index for seg in segs])
        self.seg_back = array([none if seg.backsector is None else seg.backsector.index for seg in segs])
        self.seg_has_back: Bool = self.seg_back < none
        self.seg_slant = array([-1 if seg.v1.y == seg.v2.y else 1 if seg.v1.x == seg.v2.x else 0 for seg in segs])
        self.seg_flags = array([seg.linedef.flags for seg in segs])
        self._seen_sides = [_SIDE_FIELDS(seg.sidedef) for seg in segs]
        self._sides: I64 = np.array(self._seen_sides, np.int64).T.copy()
        self.seg_front = self.seg_own_front.copy()
        for sub in world.subsectors:
            self.seg_front[sub.firstline : sub.firstline + sub.numlines] = sub.sector.index
        self.sub_first: I64 = array([sub.firstline for sub in world.subsectors])
        self.sub_end: I64 = self.sub_first + array([sub.numlines for sub in world.subsectors])
        self.sub_sector: list[int] = [sub.sector.index for sub in world.subsectors]

    def _init_nodes(self, world: World) -> None:
        nodes = world.nodes
        fields = np.array([(node.x, node.y, node.dx, node.dy) for node in nodes], np.int64).reshape(-1, 4)
        self.node_x, self.node_y, self.node_dx, self.node_dy = (fields[:, i].copy() for i in range(4))
        self.node_children: I64 = np.array([node.children for node in nodes], np.int64).reshape(-1)
        self.sides = NodeSides(self.node_x, self.node_y, self.node_dx, self.node_dy)
        boxes = np.array([box for node in nodes for box in node.bbox], np.int64).reshape(-1, 4)
        self.boxes: I64 = np.ascontiguousarray(boxes[:, [BOXTOP, BOXBOTTOM, BOXLEFT, BOXRIGHT]].T)

    def refresh(self) -> None:
        """Take over what changed in the sectors since the last frame."""
        fields = list(map(_SECTOR_FIELDS, self.sector_objects))
        if fields == self.fields:
            return
        for number, (new, old) in enumerate(zip(fields, self.fields, strict=True)):
            if new != old:
                self.sectors[:, number] = new
        self.fields = fields
        self._find_seg_kinds()

    def side_fields(self, numbers: list[int]) -> I64:
        """int64[5, len(numbers)]: texture offset, row offset, top, bottom and middle texture of these segs' sides."""
        segs, seen = self.segs, self._seen_sides
        for number in numbers:
            fields = _SIDE_FIELDS(segs[number].sidedef)
            if fields != seen[number]:
                seen[number] = fields
                self._sides[:, number] = fields
        return self._sides.take(numbers, axis=1)

    def _find_seg_kinds(self) -> None:
        front = self.sectors.take(self.seg_front, axis=1)
        back = self.sectors.take(self.seg_back, axis=1)
        solid = ~self.seg_has_back
        solid |= back[CEILING] <= front[FLOOR]
        solid |= back[FLOOR] >= front[CEILING]
        differs = (front != back).any(axis=0)
        self.seg_kind = np.where(solid, SEG_SOLID, differs)
