"""Walking the BSP tree front to back, and clipping segs against what is already solid (``r_bsp.c``)."""

from __future__ import annotations

from typing import final

from librt.vecs import append, vec
from mypy_extensions import i32, i64

from pydoom.render.scanline.arithmetic import ANG90, ANG180, U32, is_behind
from pydoom.render.scanline.scene import ScanlineScene
from pydoom.render.scanline.sprites import ScanlineSprites
from pydoom.render.scanline.visplanes import NO_PLANE, Visplanes
from pydoom.render.scanline.walls import Walls
from pydoom.render.scanline.window import ScanlineWindow
from pydoom.sim.level import BOXBOTTOM, BOXLEFT, BOXRIGHT, BOXTOP, Node, Sector, Seg


@final
class ScanlineWalker:
    """Finds what is in view and hands it to planes, walls and sprites.

    `_next_open`[columns + 1]: the first column from each on that no solid wall hides, or one on the way there; the
    last is behind the view and always open.
    """

    def __init__(self, window: ScanlineWindow, planes: Visplanes, walls: Walls, sprites: ScanlineSprites) -> None:
        self._planes = planes
        self._walls = walls
        self._sprites = sprites
        self._next_open = vec[i32]([0] * int(window.columns + 1))
        self._pending = vec[i64]([0])
        self._floor_of = vec[i64]()
        self._ceiling_of = vec[i64]()
        self._seen = vec[bool]()
        self._left: i64 = 0
        self._right: i64 = 0

    def walk(self, scene: ScanlineScene) -> None:
        """Go through the whole tree (``R_RenderBSPNode``), with a stack of our own: trees of odd maps may be deep.

        A number on the stack is a node whose near side is done; popping it visits the far side.
        """
        self._clear(scene)
        nodes = scene.world.nodes
        depth: i64 = 0
        number: i64 = len(nodes) - 1  # without nodes ~0, the only subsector
        while True:
            while number >= 0:
                node = nodes[number]
                side = 1 if self._behind(scene, node) else 0
                if depth == len(self._pending):
                    self._pending = append(self._pending, 0)
                self._pending[depth] = number * 2 + (side ^ 1)
                depth += 1
                number = _child(node, side)
            self._subsector(scene, ~number)
            while depth:
                depth -= 1
                passed = self._pending[depth]
                node = nodes[passed >> 1]
                box = node.bbox[1] if passed & 1 else node.bbox[0]
                if self._box_in_view(scene, box):
                    number = _child(node, passed & 1)
                    break
            else:
                return

    def _clear(self, scene: ScanlineScene) -> None:
        x: i64 = 0
        while x <= scene.window.columns:
            self._next_open[x] = i32(x)
            x += 1
        sectors = len(scene.world.sectors)
        if len(self._seen) != sectors:
            self._seen = vec[bool]([False] * sectors)
            self._floor_of = vec[i64]([NO_PLANE] * sectors)
            self._ceiling_of = vec[i64]([NO_PLANE] * sectors)
        number: i64 = 0
        while number < sectors:
            self._seen[number] = False
            number += 1

    def _behind(self, scene: ScanlineScene, node: Node) -> bool:
        return is_behind(scene.x, scene.y, node.x, node.y, node.dx, node.dy)

    def _box_in_view(self, scene: ScanlineScene, box: list[int]) -> bool:
        """Whether something of a node's box may be seen (``R_CheckBBox``)."""
        top, bottom, left, right = i64(box[BOXTOP]), i64(box[BOXBOTTOM]), i64(box[BOXLEFT]), i64(box[BOXRIGHT])
        x, y = scene.x, scene.y
        # the corners at the left and right end as seen: from below (or above) the box x grows, from its left y falls
        if y >= top:
            if x <= left:
                x1, y1, x2, y2 = right, top, left, bottom
            elif x < right:
                x1, y1, x2, y2 = right, top, left, top
            else:
                x1, y1, x2, y2 = right, bottom, left, top
        elif y > bottom:
            if x <= left:
                x1, y1, x2, y2 = left, top, left, bottom
            elif x < right:
                return True
            else:
                x1, y1, x2, y2 = right, bottom, right, top
        elif x <= left:
            x1, y1, x2, y2 = left, top, right, bottom
        elif x < right:
            x1, y1, x2, y2 = left, bottom, right, bottom
        else:
            x1, y1, x2, y2 = left, bottom, right, top
        angle1 = (scene.angle_to(x1, y1) - scene.angle) & U32
        angle2 = (scene.angle_to(x2, y2) - scene.angle) & U32
        if (angle1 - angle2) & U32 >= ANG180:
            return True
        return self._to_columns(scene, angle1, angle2) and self._open_from(self._left) <= self._right

    def _to_columns(self, scene: ScanlineScene, angle1: i64, angle2: i64) -> bool:
        """Put the screen columns between two view angles into `_left` and `_right`; False when there are none."""
        window = scene.window
        clip = window.clip_angle
        span = (angle1 - angle2) & U32
        over = (angle1 + clip) & U32
        if over > 2 * clip:
            if over - 2 * clip >= span:
                return False
            angle1 = clip
        over = (clip - angle2) & U32
        if over > 2 * clip:
            if over - 2 * clip >= span:
                return False
            angle2 = -clip
        x1 = window.angle_to_x[((angle1 + ANG90) & U32) >> 19]
        x2 = window.angle_to_x[((angle2 + ANG90) & U32) >> 19]
        self._left, self._right = x1, x2 - 1
        return x1 < x2

    def _open_from(self, x: i64) -> i64:
        """The first open column from `x` on; later searches take the shortcut."""
        following = self._next_open
        while True:
            there = i64(following[x])
            if there == x:
                return x
            following[x] = following[there]
            x = there

    def _subsector(self, scene: ScanlineScene, number: i64) -> None:
        """``R_Subsector``."""
        subsector = scene.world.subsectors[number]
        front = subsector.sector
        if not self._seen[front.index]:
            self._seen[front.index] = True
            self._find_planes(scene, front)
            self._sprites.add_sector(scene, front)
        self._walls.floor = self._floor_of[front.index]
        self._walls.ceiling = self._ceiling_of[front.index]
        segs = scene.world.segs
        at: i64 = subsector.firstline
        end = at + i64(subsector.numlines)
        while at < end:
            self._seg(scene, segs[at], front)
            at += 1

    def _find_planes(self, scene: ScanlineScene, sector: Sector) -> None:
        floor: i64 = NO_PLANE
        ceiling: i64 = NO_PLANE
        if sector.floorheight < scene.z:
            floor = self._find(scene, sector.floorheight, sector.floorpic, sector.lightlevel)
        if sector.ceilingheight > scene.z or sector.ceilingpic == scene.sky_flat:
            ceiling = self._find(scene, sector.ceilingheight, sector.ceilingpic, sector.lightlevel)
        self._floor_of[sector.index] = floor
        self._ceiling_of[sector.index] = ceiling

    def _find(self, scene: ScanlineScene, height: i64, flat: i64, light: i64) -> i64:
        if flat == scene.sky_flat:
            return self._planes.find(0, flat, 0)
        return self._planes.find(height, flat, light)

    def _seg(self, scene: ScanlineScene, seg: Seg, front: Sector) -> None:
        """``R_AddLine``, and its clipping against solid columns."""
        angle1 = scene.angle_to(seg.v1.x, seg.v1.y)
        angle2 = scene.angle_to(seg.v2.x, seg.v2.y)
        if (angle1 - angle2) & U32 >= ANG180:
            return
        if not self._to_columns(scene, (angle1 - scene.angle) & U32, (angle2 - scene.angle) & U32):
            return
        left, right = self._left, self._right
        x = self._open_from(left)
        if x > right:
            return
        back = seg.backsector
        solid = back is None or back.ceilingheight <= front.floorheight or back.floorheight >= front.ceilingheight
        if back is not None and not solid and _same_on_both_sides(seg, front, back):
            return
        following = self._next_open
        while x <= right:
            start = x
            while x <= right and i64(following[x]) == x:
                x += 1
            self._walls.store(scene, seg, front, angle1, start, x - 1)
            if solid:
                self._close(start, x)
            x = self._open_from(x)

    def _close(self, start: i64, end: i64) -> None:
        """Hide columns from `start` to before `end` for good."""
        following = self._next_open
        while start < end:
            following[start] = i32(end)
            start += 1


def _child(node: Node, side: i64) -> i64:
    """A node's child; mypyc would make an object of a tuple indexed by a variable."""
    if side:
        return node.children[1]
    return node.children[0]


def _same_on_both_sides(seg: Seg, front: Sector, back: Sector) -> bool:
    """Whether there is nothing to see of a two-sided line: same planes and light, no texture."""
    return (
        back.ceilingheight == front.ceilingheight
        and back.floorheight == front.floorheight
        and back.ceilingpic == front.ceilingpic
        and back.floorpic == front.floorpic
        and back.lightlevel == front.lightlevel
        and not seg.sidedef.midtexture
    )
