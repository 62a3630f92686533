"""A plain, slow renderer of the 3-D view, the independent check of ``pydoom.render``.

It follows the original's rules one column and one span at a time (``r_bsp.c r_segs.c r_plane.c r_things.c
r_draw.c``), in the order the original draws, with C's 32-bit arithmetic spelled out. It shares nothing with the fast
renderer but the trigonometry tables: it makes its own view tables and reads pictures through the assets' public
columns and posts. Limits that crash the original are absent; the silent ones (256 wall ranges, 128 sprites) apply at
320 pixels width only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import ceil

import numpy as np

from pydoom.data.info import FF_FRAMEMASK, FF_FULLBRIGHT
from pydoom.data.tables import FINECOSINE, FINESINE, FINETANGENT, TANTOANGLE
from pydoom.sim.level import (
    BOXBOTTOM,
    BOXLEFT,
    BOXRIGHT,
    BOXTOP,
    ML_DONTPEGBOTTOM,
    ML_DONTPEGTOP,
    NF_SUBSECTOR,
    Sector,
    Seg,
)
from pydoom.sim.mobj import Mobj
from pydoom.sim.player import Player
from pydoom.sim.rules import GameMode
from pydoom.sim.world import World
from pydoom.wad import Assets
from pydoom.wad.patches import Patch
from pydoom.wad.sprites import SpriteFrame

MASK = 0xFFFFFFFF
UNIT = 1 << 16
ANG45, ANG90, ANG180, ANG270 = 0x20000000, 0x40000000, 0x80000000, 0xC0000000
MAXINT, MININT = 0x7FFFFFFF, -0x80000000
MF_SHADOW, MF_TRANSLATION, MF_TRANSSHIFT = 0x40000, 0xC000000, 26
FUZZ_SIGNS = [1 if sign == "+" else -1 for sign in "+-+-++-++-+++-+++----+--++++-+-++--++----++++-++-+"]
SIL_BOTTOM, SIL_TOP = 1, 2
EMPTY = 1 << 20


def i32(value: int) -> int:
    return ((value + 0x80000000) & MASK) - 0x80000000


def mul(a: int, b: int) -> int:
    return i32((a * b) >> 16)


def div(a: int, b: int) -> int:
    if (abs(a) >> 14) >= abs(b):
        return MININT if (a ^ b) < 0 else MAXINT
    quotient = (abs(a) << 16) // abs(b)
    return -quotient if (a ^ b) < 0 else quotient


def c_div(a: int, b: int) -> int:
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def clamp(value: int, low: int, high: int) -> int:
    return max(low, min(high, value))


def slope(num: int, den: int) -> int:
    return 2048 if den < 512 else min(((num << 3) & MASK) // (den >> 8), 2048)


def on_side(x: int, y: int, lx: int, ly: int, dx: int, dy: int) -> int:
    """0 for the front, 1 for the back of the line through (lx, ly) along (dx, dy)."""
    if not dx:
        return int(dy > 0) if x <= lx else int(dy < 0)
    if not dy:
        return int(dx < 0) if y <= ly else int(dx > 0)
    px, py = i32(x - lx), i32(y - ly)
    if (dy < 0) ^ (dx < 0) ^ (px < 0) ^ (py < 0):
        return int((dy < 0) != (px < 0))
    return 0 if mul(py, dx >> 16) < mul(dy >> 16, px) else 1


@dataclass
class Plane:
    height: int
    pic: int
    light: int
    columns: dict[int, tuple[int, int]] = field(default_factory=dict)


@dataclass
class DrawSeg:
    seg: Seg
    x1: int
    x2: int
    scale1: int
    scale2: int
    scalestep: int
    silhouette: int = 0
    bottomheight: int = 0
    topheight: int = 0
    topclip: dict[int, int] | None = None
    bottomclip: dict[int, int] | None = None
    masked: dict[int, int] | None = None


@dataclass
class Sprite:
    x1: int
    x2: int
    scale: int
    iscale: int
    startfrac: int
    texturemid: int
    patch: Patch
    colormap: np.ndarray | None
    gx: int = 0
    gy: int = 0
    gz: int = 0
    gzt: int = 0
    translation: int = 0


class ReferenceRenderer:
    """Draws one view a call into `frame`, uint8[height, width]."""

    def __init__(
        self, assets: Assets, width: int = 320, height: int = 200, screenblocks: int = 10, detail: int = 0
    ) -> None:
        self.assets = assets
        self.width, self.height = width, height
        self.frame = np.zeros((height, width), np.uint8)
        self.fuzzpos = 0
        self.detail = detail
        self.set_view_size(screenblocks)

    def set_view_size(self, screenblocks: int) -> None:
        w, h = (320, 200) if screenblocks >= 11 else (screenblocks * 32, (screenblocks * 168 // 10) & ~7)
        x, y = (320 - w) // 2, 0 if w == 320 else (168 - h) // 2
        # in other sizes, the pixels that lie on these
        left, right = (ceil(edge * self.width / 320) for edge in (x, x + w))
        top, bottom = (ceil(edge * self.height / 200) for edge in (y, y + h))
        self.w, self.h = right - left, bottom - top
        self.window = self.view = self.frame[top : top + self.h, left : left + self.w]
        if self.detail:
            # every drawn column is shown twice
            self.w //= 2
            self.view = np.zeros((self.h, self.w), np.uint8)
        self.centerx, self.centery = self.w // 2, self.h // 2
        self.projection = self.centerx << 16
        focal = div(self.projection, FINETANGENT[2048 + 1024])
        angletox = []
        for tangent in FINETANGENT:
            if tangent > 2 * UNIT:
                x = -1
            elif tangent < -2 * UNIT:
                x = self.w + 1
            else:
                x = clamp((self.projection - mul(tangent, focal) + UNIT - 1) >> 16, -1, self.w + 1)
            angletox.append(x)
        self.xtoangle = []
        for x in range(self.w + 1):
            i = next(i for i, column in enumerate(angletox) if column <= x)
            self.xtoangle.append(((i << 19) - ANG90) & MASK)
        self.angletox = [clamp(x, 0, self.w) for x in angletox]
        self.clipangle = self.xtoangle[0]
        self.yslope = [
            div((self.w << self.detail) // 2 * UNIT, abs(((y - self.h // 2) << 16) + UNIT // 2)) for y in range(self.h)
        ]
        self.distscale = [div(UNIT, abs(FINECOSINE[angle >> 19])) for angle in self.xtoangle[: self.w]]
        self.pspscale = UNIT * self.w // 320
        self.pspiscale = UNIT * 320 // self.w
        # other shapes of view than the original's: the weapon stays at the bottom, the sky reaches the top
        blocks = min(screenblocks, 11)
        base_width, base_height = (320, 200) if blocks == 11 else (blocks * 32, (blocks * 168 // 10) & ~7)
        shown_width = self.w << self.detail
        self.drop = (self.h // 2 * 320 << 16) // shown_width - (base_height // 2 * 320 << 16) // base_width
        self.skyiscale = min(self.pspiscale >> self.detail, 100 * UNIT // self.centery)
        self.scales = 48 * max(1, self.width // 320)
        start = [(15 - i) * 2 * 32 // 16 for i in range(16)]
        self.scalelight = [
            [clamp(s - j * 320 // (self.w << self.detail) // 2, 0, 31) for j in range(self.scales)] for s in start
        ]
        self.zlight = [
            [clamp(s - (div(160 * UNIT, (j + 1) << 20) >> 12) // 2, 0, 31) for j in range(128)] for s in start
        ]

    # -- geometry

    def angle_to(self, x: int, y: int) -> int:
        x, y = i32(x - self.viewx), i32(y - self.viewy)
        if not x and not y:
            return 0
        ax, ay = abs(x), abs(y)
        steep = ay >= ax
        tan = TANTOANGLE[slope(ax, ay) if steep else slope(ay, ax)]
        if x >= 0:
            if y >= 0:
                angle = ANG90 - 1 - tan if steep else tan
            else:
                angle = ANG270 + tan if steep else -tan
        elif y >= 0:
            angle = ANG90 + tan if steep else ANG180 - 1 - tan
        else:
            angle = ANG270 - 1 - tan if steep else ANG180 + tan
        return angle & MASK

    def distance_to(self, x: int, y: int) -> int:
        dx, dy = abs(i32(x - self.viewx)), abs(i32(y - self.viewy))
        dx, dy = max(dx, dy), min(dx, dy)
        frac = div(dy, dx) if dx else 0
        return div(dx, FINESINE[(TANTOANGLE[frac >> 5] + ANG90) >> 19])

    def columns_of(self, angle1: int, angle2: int) -> tuple[int, int] | None:
        """Screen columns between two view angles (left, right); None when outside the view."""
        span = (angle1 - angle2) & MASK
        clip = self.clipangle
        over = (angle1 + clip) & MASK
        if over > 2 * clip:
            if over - 2 * clip >= span:
                return None
            angle1 = clip
        over = (clip - angle2) & MASK
        if over > 2 * clip:
            if over - 2 * clip >= span:
                return None
            angle2 = -clip
        x1 = self.angletox[((angle1 + ANG90) & MASK) >> 19]
        x2 = self.angletox[((angle2 + ANG90) & MASK) >> 19]
        return None if x1 == x2 else (x1, x2 - 1)

    def wall_scale(self, visangle: int, normal: int, distance: int) -> int:
        sinea = FINESINE[((ANG90 + visangle - self.viewangle) & MASK) >> 19]
        sineb = FINESINE[((ANG90 + visangle - normal) & MASK) >> 19]
        num, den = mul(self.projection, sineb) << self.detail, mul(distance, sinea)
        if den > num >> 16:
            return clamp(div(num, den), 256, 64 * UNIT)
        return 64 * UNIT

    # -- the frame

    def draw(self, world: World, player: Player) -> None:
        self.world, self.player = world, player
        mo = player.mo
        self.viewx, self.viewy, self.viewz, self.viewangle = mo.x, mo.y, player.viewz, mo.angle
        self.extralight = player.extralight
        self.fixed = self.assets.colormaps[player.fixedcolormap] if player.fixedcolormap else None
        self.sin, self.cos = FINESINE[mo.angle >> 19], FINECOSINE[mo.angle >> 19]
        self.solid = [False] * self.w
        self.ceilingclip, self.floorclip = [-1] * self.w, [self.h] * self.w
        self.planes: list[Plane] = []
        self.drawsegs: list[DrawSeg] = []
        self.sprites: list[Sprite] = []
        self.sectors_seen: set[int] = set()
        base = (mo.angle - ANG90 & MASK) >> 19
        self.basex, self.basey = div(FINECOSINE[base], self.projection), -div(FINESINE[base], self.projection)
        self.walk(len(world.nodes) - 1 if world.nodes else NF_SUBSECTOR)
        for plane in self.planes:
            self.draw_plane(plane)
        self.draw_masked()
        if self.detail:
            self.window[:] = self.view.repeat(2, axis=1)

    def walk(self, number: int) -> None:
        if number & NF_SUBSECTOR:
            self.subsector(number & ~NF_SUBSECTOR)
            return
        node = self.world.nodes[number]
        side = on_side(self.viewx, self.viewy, node.x, node.y, node.dx, node.dy)
        self.walk(node.children[side])
        if self.box_visible(node.bbox[side ^ 1]):
            self.walk(node.children[side ^ 1])

    def box_visible(self, box: list[int]) -> bool:
        top, bottom, left, right = box[BOXTOP], box[BOXBOTTOM], box[BOXLEFT], box[BOXRIGHT]
        column = 0 if self.viewx <= left else 1 if self.viewx < right else 2
        row = 0 if self.viewy >= top else 1 if self.viewy > bottom else 2
        if column == row == 1:
            return True
        x1, y1, x2, y2 = {
            (0, 0): (right, top, left, bottom),
            (0, 1): (right, top, left, top),
            (0, 2): (right, bottom, left, top),
            (1, 0): (left, top, left, bottom),
            (1, 2): (right, bottom, right, top),
            (2, 0): (left, top, right, bottom),
            (2, 1): (left, bottom, right, bottom),
            (2, 2): (left, bottom, right, top),
        }[row, column]
        angle1 = (self.angle_to(x1, y1) - self.viewangle) & MASK
        angle2 = (self.angle_to(x2, y2) - self.viewangle) & MASK
        if (angle1 - angle2) & MASK >= ANG180:
            return True
        columns = self.columns_of(angle1, angle2)
        return columns is not None and not all(self.solid[columns[0] : columns[1] + 1])

    def subsector(self, number: int) -> None:
        sub = self.world.subsectors[number]
        self.front = front = sub.sector
        sky = self.world.skyflatnum
        self.floor: Plane | None = None
        self.ceiling: Plane | None = None
        if front.floorheight < self.viewz:
            self.floor = self.find_plane(front.floorheight, front.floorpic, front.lightlevel)
        if front.ceilingheight > self.viewz or front.ceilingpic == sky:
            self.ceiling = self.find_plane(front.ceilingheight, front.ceilingpic, front.lightlevel)
        if front.index not in self.sectors_seen:
            self.sectors_seen.add(front.index)
            self.add_sprites(front)
        for seg in self.world.segs[sub.firstline : sub.firstline + sub.numlines]:
            self.add_seg(seg)

    def add_seg(self, seg: Seg) -> None:
        angle1, angle2 = self.angle_to(seg.v1.x, seg.v1.y), self.angle_to(seg.v2.x, seg.v2.y)
        if (angle1 - angle2) & MASK >= ANG180:
            return
        self.angle1 = angle1
        columns = self.columns_of((angle1 - self.viewangle) & MASK, (angle2 - self.viewangle) & MASK)
        if columns is None:
            return
        front, back = self.front, seg.backsector
        solid = back is None or back.ceilingheight <= front.floorheight or back.floorheight >= front.ceilingheight
        if (
            back is not None
            and not solid
            and (
                (back.ceilingheight, back.floorheight) == (front.ceilingheight, front.floorheight)
                and (back.ceilingpic, back.floorpic) == (front.ceilingpic, front.floorpic)
                and back.lightlevel == front.lightlevel
                and not seg.sidedef.midtexture
            )
        ):
            return
        x = columns[0]
        while x <= columns[1]:
            if self.solid[x]:
                x += 1
                continue
            start = x
            while x <= columns[1] and not self.solid[x]:
                x += 1
            self.store_range(seg, start, x - 1)
        if solid:
            self.solid[columns[0] : columns[1] + 1] = [True] * (columns[1] + 1 - columns[0])

    # -- visplanes

    def find_plane(self, height: int, pic: int, light: int) -> Plane:
        if pic == self.world.skyflatnum:
            height = light = 0
        for plane in self.planes:
            if (plane.height, plane.pic, plane.light) == (height, pic, light):
                return plane
        self.planes.append(Plane(height, pic, light))
        return self.planes[-1]

    def check_plane(self, plane: Plane | None, start: int, stop: int) -> Plane:
        assert plane is not None
        if all(x not in plane.columns for x in range(start, stop + 1)):
            return plane
        self.planes.append(Plane(plane.height, plane.pic, plane.light))
        return self.planes[-1]

    # -- walls

    def light_row(self, sector: Sector, seg: Seg) -> list[int]:
        number = (sector.lightlevel >> 4) + self.extralight
        if seg.v1.y == seg.v2.y:
            number -= 1
        elif seg.v1.x == seg.v2.x:
            number += 1
        return self.scalelight[clamp(number, 0, 15)]

    def shade(self, row: list[int], scale: int) -> np.ndarray:
        if self.fixed is not None:
            fixed: np.ndarray = self.fixed
            return fixed
        lit: np.ndarray = self.assets.colormaps[row[min((scale & MASK) >> 12, self.scales - 1)]]
        return lit

    def store_range(self, seg: Seg, start: int, stop: int) -> None:
        if self.width == 320 and len(self.drawsegs) == 256:
            return
        world, viewz, front, back, side, line = (
            self.world,
            self.viewz,
            self.front,
            seg.backsector,
            seg.sidedef,
            seg.linedef,
        )
        line.flags |= 256
        heights = self.assets.texture_heights
        normal = (seg.angle + ANG90) & MASK
        offset_angle = min(abs(i32(i32(normal) - i32(self.angle1))), ANG90)
        hyp = self.distance_to(seg.v1.x, seg.v1.y)
        distance = mul(hyp, FINESINE[(ANG90 - offset_angle) >> 19])
        scale = scale2 = self.wall_scale((self.viewangle + self.xtoangle[start]) & MASK, normal, distance)
        step = 0
        if stop > start:
            scale2 = self.wall_scale((self.viewangle + self.xtoangle[stop]) & MASK, normal, distance)
            step = c_div(scale2 - scale, stop - start)
        ds = DrawSeg(seg, start, stop, scale, scale2, step)
        top, bottom = front.ceilingheight - viewz, front.floorheight - viewz
        high = low = mid_texture = top_texture = bottom_texture = 0
        mid_mid = top_mid = bottom_mid = 0
        masked = False
        if back is None:
            mid_texture = world.texturetranslation[side.midtexture]
            mark_floor = mark_ceiling = True
            if line.flags & ML_DONTPEGBOTTOM:
                mid_mid = front.floorheight + (heights[side.midtexture] << 16) - viewz
            else:
                mid_mid = top
            mid_mid += side.rowoffset
            ds.silhouette, ds.bottomheight, ds.topheight = SIL_TOP | SIL_BOTTOM, MAXINT, MININT
            ds.topclip = dict.fromkeys(range(start, stop + 1), self.h)
            ds.bottomclip = dict.fromkeys(range(start, stop + 1), -1)
        else:
            if front.floorheight > back.floorheight:
                ds.silhouette, ds.bottomheight = SIL_BOTTOM, front.floorheight
            elif back.floorheight > viewz:
                ds.silhouette, ds.bottomheight = SIL_BOTTOM, MAXINT
            if front.ceilingheight < back.ceilingheight:
                ds.silhouette |= SIL_TOP
                ds.topheight = front.ceilingheight
            elif back.ceilingheight < viewz:
                ds.silhouette |= SIL_TOP
                ds.topheight = MININT
            if back.ceilingheight <= front.floorheight:
                ds.bottomclip, ds.bottomheight = dict.fromkeys(range(start, stop + 1), -1), MAXINT
                ds.silhouette |= SIL_BOTTOM
            if back.floorheight >= front.ceilingheight:
                ds.topclip, ds.topheight = dict.fromkeys(range(start, stop + 1), self.h), MININT
                ds.silhouette |= SIL_TOP
            high, low = back.ceilingheight - viewz, back.floorheight - viewz
            if front.ceilingpic == back.ceilingpic == world.skyflatnum:
                top = high
            closed = back.ceilingheight <= front.floorheight or back.floorheight >= front.ceilingheight
            same_light = back.lightlevel == front.lightlevel
            mark_floor = closed or low != bottom or back.floorpic != front.floorpic or not same_light
            mark_ceiling = closed or high != top or back.ceilingpic != front.ceilingpic or not same_light
            if high < top:
                top_texture = world.texturetranslation[side.toptexture]
                if line.flags & ML_DONTPEGTOP:
                    top_mid = top
                else:
                    top_mid = back.ceilingheight + (heights[side.toptexture] << 16) - viewz
            if low > bottom:
                bottom_texture = world.texturetranslation[side.bottomtexture]
                bottom_mid = top if line.flags & ML_DONTPEGBOTTOM else low
            top_mid += side.rowoffset
            bottom_mid += side.rowoffset
            if side.midtexture:
                masked = True
                ds.masked = {}
        textured = bool(mid_texture or top_texture or bottom_texture or masked)
        turn = (normal - self.angle1) & MASK
        flat_turn = min((-turn) & MASK if turn > ANG180 else turn, ANG90)
        offset = mul(hyp, FINESINE[flat_turn >> 19])
        if turn < ANG180:
            offset = -offset
        offset = i32(offset + side.textureoffset + seg.offset)
        center_angle = (ANG90 + self.viewangle - normal) & MASK
        lights = self.light_row(front, seg)
        if front.floorheight >= viewz:
            mark_floor = False
        if front.ceilingheight <= viewz and front.ceilingpic != world.skyflatnum:
            mark_ceiling = False
        center = (self.centery << 16) >> 4
        top, bottom, high, low = top >> 4, bottom >> 4, high >> 4, low >> 4
        top_frac, top_step = i32(center - mul(top, scale)), -mul(step, top)
        bottom_frac, bottom_step = i32(center - mul(bottom, scale)), -mul(step, bottom)
        high_frac, high_step = i32(center - mul(high, scale)), -mul(step, high)
        low_frac, low_step = i32(center - mul(low, scale)), -mul(step, low)
        if mark_ceiling:
            self.ceiling = self.check_plane(self.ceiling, start, stop)
        if mark_floor:
            self.floor = self.check_plane(self.floor, start, stop)
        cc, fc = self.ceilingclip, self.floorclip
        for x in range(start, stop + 1):
            yl = max((top_frac + 4095) >> 12, cc[x] + 1)
            if mark_ceiling and cc[x] + 1 <= min(yl - 1, fc[x] - 1):
                assert self.ceiling is not None
                self.ceiling.columns[x] = (cc[x] + 1, min(yl - 1, fc[x] - 1))
            yh = min(bottom_frac >> 12, fc[x] - 1)
            if mark_floor and max(yh + 1, cc[x] + 1) <= fc[x] - 1:
                assert self.floor is not None
                self.floor.columns[x] = (max(yh + 1, cc[x] + 1), fc[x] - 1)
            column = 0
            if textured:
                fine = ((center_angle + self.xtoangle[x]) & MASK) >> 19
                tangent = FINETANGENT[fine] if fine < 4096 else FINESINE[fine - 4096]
                column = i32(offset - mul(tangent, distance)) >> 16
            colormap = self.shade(lights, scale)
            iscale = MASK // (scale & MASK)
            if mid_texture:
                self.wall_column(mid_texture, column, x, yl, yh, mid_mid, iscale, colormap)
                cc[x], fc[x] = self.h, -1
            else:
                if top_texture:
                    mid = min(high_frac >> 12, fc[x] - 1)
                    if mid >= yl:
                        self.wall_column(top_texture, column, x, yl, mid, top_mid, iscale, colormap)
                        cc[x] = mid
                    else:
                        cc[x] = yl - 1
                elif mark_ceiling:
                    cc[x] = yl - 1
                if bottom_texture:
                    mid = max((low_frac + 4095) >> 12, cc[x] + 1)
                    if mid <= yh:
                        self.wall_column(bottom_texture, column, x, mid, yh, bottom_mid, iscale, colormap)
                        fc[x] = mid
                    else:
                        fc[x] = yh + 1
                elif mark_floor:
                    fc[x] = yh + 1
                if ds.masked is not None:
                    ds.masked[x] = column
            scale = i32(scale + step)
            top_frac, bottom_frac = i32(top_frac + top_step), i32(bottom_frac + bottom_step)
            high_frac, low_frac = i32(high_frac + high_step), i32(low_frac + low_step)
        if (ds.silhouette & SIL_TOP or masked) and ds.topclip is None:
            ds.topclip = {x: cc[x] for x in range(start, stop + 1)}
        if (ds.silhouette & SIL_BOTTOM or masked) and ds.bottomclip is None:
            ds.bottomclip = {x: fc[x] for x in range(start, stop + 1)}
        if masked and not ds.silhouette & SIL_TOP:
            ds.silhouette, ds.topheight = ds.silhouette | SIL_TOP, MININT
        if masked and not ds.silhouette & SIL_BOTTOM:
            ds.silhouette, ds.bottomheight = ds.silhouette | SIL_BOTTOM, MAXINT
        self.drawsegs.append(ds)

    def wall_column(
        self, texture: int, column: int, x: int, yl: int, yh: int, texturemid: int, iscale: int, colormap: np.ndarray
    ) -> None:
        picture = self.assets.textures[texture]
        source = picture.wall_columns[column & picture.widthmask]
        self.column(x, yl, yh, lambda row: int(source[row & 127]), texturemid, iscale, colormap)

    def column(
        self,
        x: int,
        yl: int,
        yh: int,
        texel: Callable[[int], int],
        texturemid: int,
        iscale: int,
        colormap: np.ndarray,
    ) -> None:
        frac = i32(texturemid + (yl - self.centery) * iscale)
        for y in range(yl, yh + 1):
            self.view[y, x] = colormap[texel(frac >> 16)]
            frac = i32(frac + iscale)

    # -- planes

    def sky_texture(self) -> int:
        world = self.world
        if world.mode == GameMode.COMMERCIAL:
            name = "SKY1" if world.map < 12 else "SKY2" if world.map < 21 else "SKY3"
        else:
            name = f"SKY{world.episode}" if 1 <= world.episode <= 4 else "SKY1"
        return self.assets.texture_number(name)

    def draw_plane(self, plane: Plane) -> None:
        if plane.pic == self.world.skyflatnum:
            texture = self.sky_texture()
            for x, (top, bottom) in sorted(plane.columns.items()):
                angle = ((self.viewangle + self.xtoangle[x]) & MASK) >> 22
                self.wall_column(texture, angle, x, top, bottom, 100 * UNIT, self.skyiscale, self.assets.colormaps[0])
            return
        source = self.assets.flat(self.world.flattranslation[plane.pic]).reshape(-1)
        height = abs(plane.height - self.viewz)
        lights = self.zlight[clamp((plane.light >> 4) + self.extralight, 0, 15)]
        for y in range(self.h):
            x = 0
            while x < self.w:
                top, bottom = plane.columns.get(x, (EMPTY, -1))
                if not top <= y <= bottom:
                    x += 1
                    continue
                start = x
                while x < self.w:
                    top, bottom = plane.columns.get(x, (EMPTY, -1))
                    if not top <= y <= bottom:
                        break
                    x += 1
                self.span(y, start, x - 1, source, height, lights)

    def span(self, y: int, x1: int, x2: int, source: np.ndarray, height: int, lights: list[int]) -> None:
        distance = mul(height, self.yslope[y])
        xstep, ystep = mul(distance, self.basex), mul(distance, self.basey)
        length = mul(distance, self.distscale[x1])
        angle = ((self.viewangle + self.xtoangle[x1]) & MASK) >> 19
        xfrac = i32(self.viewx + mul(FINECOSINE[angle], length))
        yfrac = i32(-self.viewy - mul(FINESINE[angle], length))
        if self.fixed is not None:
            colormap = self.fixed
        else:
            colormap = self.assets.colormaps[lights[min((distance & MASK) >> 20, 127)]]
        position = (xfrac << 10) & 0xFFFF0000 | (yfrac >> 6) & 0xFFFF
        step = (xstep << 10) & 0xFFFF0000 | (ystep >> 6) & 0xFFFF
        for x in range(x1, x2 + 1):
            self.view[y, x] = colormap[source[position >> 26 | (position >> 4) & 0xFC0]]
            position = (position + step) & MASK

    # -- things

    def add_sprites(self, sector: Sector) -> None:
        lights = self.scalelight[clamp((sector.lightlevel >> 4) + self.extralight, 0, 15)]
        thing = sector.things
        while thing is not None:
            self.project_sprite(thing, lights)
            thing = thing.snext

    def sprite_frame(self, sprite: int, frame: int) -> SpriteFrame | None:
        frames = self.assets.sprites.get(self.world.info.sprites[sprite], [])
        number = frame & FF_FRAMEMASK
        return frames[number] if number < len(frames) else None

    def project_sprite(self, thing: Mobj, lights: list[int]) -> None:
        dx, dy = i32(thing.x - self.viewx), i32(thing.y - self.viewy)
        tz = i32(mul(dx, self.cos) + mul(dy, self.sin))
        if tz < 4 * UNIT:
            return
        xscale = div(self.projection, tz)
        tx = -i32(mul(dy, self.cos) - mul(dx, self.sin))
        if abs(tx) > i32(tz << 2):
            return
        frame = self.sprite_frame(thing.sprite, thing.frame)
        if frame is None:
            return
        rotation = 0
        if frame.rotate:
            rotation = ((self.angle_to(thing.x, thing.y) - thing.angle + ANG45 // 2 * 9) & MASK) >> 29
        patch, flip = frame.patches[rotation], frame.flip[rotation]
        tx = i32(tx - (patch.leftoffset << 16))
        x1 = i32(self.projection + mul(tx, xscale)) >> 16
        if x1 > self.w:
            return
        tx = i32(tx + (patch.width << 16))
        x2 = (i32(self.projection + mul(tx, xscale)) >> 16) - 1
        if x2 < 0:
            return
        if self.width == 320 and len(self.sprites) == 128:
            return
        iscale = div(UNIT, xscale)
        colormap: np.ndarray | None
        if thing.flags & MF_SHADOW:
            colormap = None
        elif self.fixed is not None:
            colormap = self.fixed
        elif thing.frame & FF_FULLBRIGHT:
            colormap = self.assets.colormaps[0]
        else:
            colormap = self.shade(lights, xscale << self.detail)
        top = thing.z + (patch.topoffset << 16)
        sprite = Sprite(
            max(x1, 0),
            min(x2, self.w - 1),
            xscale << self.detail,
            -iscale if flip else iscale,
            (patch.width << 16) - 1 if flip else 0,
            top - self.viewz,
            patch,
            colormap,
            thing.x,
            thing.y,
            thing.z,
            top,
            (thing.flags & MF_TRANSLATION) >> MF_TRANSSHIFT,
        )
        sprite.startfrac += sprite.iscale * (sprite.x1 - x1)
        self.sprites.append(sprite)

    def draw_masked(self) -> None:
        for sprite in sorted(self.sprites, key=lambda each: each.scale):
            self.draw_sprite(sprite)
        for ds in reversed(self.drawsegs):
            if ds.masked is not None:
                self.draw_masked_range(ds, ds.x1, ds.x2)
        self.draw_weapon()

    def draw_sprite(self, sprite: Sprite) -> None:
        bottom: dict[int, int] = {}
        top: dict[int, int] = {}
        for ds in reversed(self.drawsegs):
            if ds.x1 > sprite.x2 or ds.x2 < sprite.x1 or (not ds.silhouette and ds.masked is None):
                continue
            r1, r2 = max(ds.x1, sprite.x1), min(ds.x2, sprite.x2)
            low, high = sorted((ds.scale1, ds.scale2))
            v1, v2 = ds.seg.v1, ds.seg.v2
            if high < sprite.scale or (
                low < sprite.scale and not on_side(sprite.gx, sprite.gy, v1.x, v1.y, i32(v2.x - v1.x), i32(v2.y - v1.y))
            ):
                if ds.masked is not None:
                    self.draw_masked_range(ds, r1, r2)
                continue
            for x in range(r1, r2 + 1):
                if ds.silhouette & SIL_BOTTOM and sprite.gz < ds.bottomheight:
                    assert ds.bottomclip is not None
                    bottom.setdefault(x, ds.bottomclip[x]) if bottom.get(x) != -2 else bottom.update(
                        {x: ds.bottomclip[x]}
                    )
                if ds.silhouette & SIL_TOP and sprite.gzt > ds.topheight:
                    assert ds.topclip is not None
                    top.setdefault(x, ds.topclip[x]) if top.get(x) != -2 else top.update({x: ds.topclip[x]})
        bottom = {x: self.h if bottom.get(x, -2) == -2 else bottom[x] for x in range(sprite.x1, sprite.x2 + 1)}
        top = {x: -1 if top.get(x, -2) == -2 else top[x] for x in range(sprite.x1, sprite.x2 + 1)}
        self.draw_vissprite(sprite, top, bottom)

    def draw_vissprite(self, sprite: Sprite, top: dict[int, int], bottom: dict[int, int]) -> None:
        frac = sprite.startfrac
        patch = sprite.patch
        for x in range(sprite.x1, sprite.x2 + 1):
            column = frac >> 16
            frac += sprite.iscale
            if not 0 <= column < patch.width:
                continue
            self.masked_column(
                x,
                zip((delta_post for delta_post in patch.posts[column]), patch.windows(column), strict=True),
                sprite.texturemid,
                sprite.scale,
                abs(sprite.iscale) >> self.detail,
                top[x],
                bottom[x],
                sprite.colormap,
                sprite.translation,
            )

    def masked_column(
        self,
        x: int,
        posts: Iterable[tuple[tuple[int, bytes], np.ndarray]],
        texturemid: int,
        scale: int,
        iscale: int,
        top: int,
        bottom: int,
        colormap: np.ndarray | None,
        translation: int = 0,
    ) -> None:
        topscreen = i32((self.centery << 16) - mul(texturemid, scale))
        for (delta, pixels), source in posts:
            start = i32(topscreen + scale * delta)
            stop = i32(start + scale * len(pixels))
            yl = max(i32(start + UNIT - 1) >> 16, top + 1)
            yh = min(i32(stop - 1) >> 16, bottom - 1)
            if yl > yh:
                continue
            mid = texturemid - (delta << 16)
            if colormap is None:
                self.fuzz_column(x, yl, yh)
            elif translation:
                self.column(x, yl, yh, self.translated(pixels, source, translation), mid, iscale, colormap)
            else:
                self.column(x, yl, yh, self.plain(source), mid, iscale, colormap)

    @staticmethod
    def plain(source: np.ndarray) -> Callable[[int], int]:
        return lambda row: int(source[row & 127])

    @staticmethod
    def translated(pixels: bytes, source: np.ndarray, translation: int) -> Callable[[int], int]:
        first = {1: 0x60, 2: 0x40, 3: 0x20}[translation]

        def texel(row: int) -> int:
            value = int(source[clamp(row, 0, 127)])
            return first + (value & 15) if 0x70 <= value <= 0x7F else value

        return texel

    def fuzz_column(self, x: int, yl: int, yh: int) -> None:
        dark = self.assets.colormaps[6]
        for y in range(max(yl, 1), min(yh, self.h - 2) + 1):
            self.view[y, x] = dark[self.view[y + FUZZ_SIGNS[self.fuzzpos], x]]
            self.fuzzpos = (self.fuzzpos + 1) % 50

    def draw_masked_range(self, ds: DrawSeg, x1: int, x2: int) -> None:
        assert ds.masked is not None and ds.topclip is not None and ds.bottomclip is not None
        seg, world = ds.seg, self.world
        front, back = seg.frontsector, seg.backsector
        assert back is not None
        texture = world.texturetranslation[seg.sidedef.midtexture]
        picture = self.assets.textures[texture]
        lights = self.light_row(front, seg)
        if seg.linedef.flags & ML_DONTPEGBOTTOM:
            mid = max(front.floorheight, back.floorheight) + (picture.height << 16) - self.viewz
        else:
            mid = min(front.ceilingheight, back.ceilingheight) - self.viewz
        mid += seg.sidedef.rowoffset
        for x in range(x1, x2 + 1):
            column = ds.masked.pop(x, None)
            if column is None:
                continue
            # the column number is kept in 16 bits, and the highest means drawn already
            column = (column + 0x8000 & 0xFFFF) - 0x8000
            if column == 0x7FFF:
                continue
            scale = i32(ds.scale1 + (x - ds.x1) * ds.scalestep)
            column &= picture.widthmask
            self.masked_column(
                x,
                zip(picture.column_posts(column), picture.column_windows(column), strict=True),
                mid,
                scale,
                MASK // (scale & MASK),
                ds.topclip[x],
                ds.bottomclip[x],
                self.shade(lights, scale),
            )

    def draw_weapon(self) -> None:
        player = self.player
        light = player.mo.subsector.sector.lightlevel
        lights = self.scalelight[clamp((light >> 4) + self.extralight, 0, 15)]
        for psp in player.psprites:
            if psp.state is None:
                continue
            frame = self.sprite_frame(psp.state.sprite, psp.state.frame)
            if frame is None:
                continue
            patch, flip = frame.patches[0], frame.flip[0]
            tx = psp.sx - 160 * UNIT - (patch.leftoffset << 16)
            x1 = (self.projection + mul(tx, self.pspscale)) >> 16
            if x1 > self.w:
                continue
            tx += patch.width << 16
            x2 = ((self.projection + mul(tx, self.pspscale)) >> 16) - 1
            if x2 < 0:
                continue
            invisible = player.powers[2]
            colormap: np.ndarray | None
            if invisible > 4 * 32 or invisible & 8:
                colormap = None
            elif self.fixed is not None:
                colormap = self.fixed
            elif psp.state.frame & FF_FULLBRIGHT:
                colormap = self.assets.colormaps[0]
            else:
                colormap = self.assets.colormaps[lights[self.scales - 1]]
            iscale = self.pspiscale
            sprite = Sprite(
                max(x1, 0),
                min(x2, self.w - 1),
                self.pspscale << self.detail,
                -iscale if flip else iscale,
                (patch.width << 16) - 1 if flip else 0,
                100 * UNIT + UNIT // 2 - (psp.sy - (patch.topoffset << 16)) - self.drop,
                patch,
                colormap,
            )
            sprite.startfrac += sprite.iscale * (sprite.x1 - x1)
            columns = range(sprite.x1, sprite.x2 + 1)
            self.draw_vissprite(sprite, dict.fromkeys(columns, -1), dict.fromkeys(columns, self.h))
