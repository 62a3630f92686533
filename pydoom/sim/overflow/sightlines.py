"""The line of sight of P_CheckSight, with 32-bit differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydoom.sim.fixed import fixed_div, fixed_mul, to_int32
from pydoom.sim.level import ML_TWOSIDED, Line, Sector
from pydoom.sim.mobj import Mobj

if TYPE_CHECKING:
    from pydoom.sim.world import World


class _Sight:
    """``strace``, ``t2x``, ``t2y``, ``sightzstart``, ``topslope`` and ``bottomslope`` of ``p_sight.c``."""

    __slots__ = ("bottomslope", "dx", "dy", "eye", "topslope", "x", "x2", "y", "y2")

    def __init__(self, t1: Mobj, t2: Mobj) -> None:
        self.x = t1.x
        self.y = t1.y
        self.x2 = t2.x
        self.y2 = t2.y
        self.dx = to_int32(t2.x - t1.x)
        self.dy = to_int32(t2.y - t1.y)
        self.eye = to_int32(t1.z + t1.height - (t1.height >> 2))
        self.topslope = to_int32(t2.z + t2.height - self.eye)
        self.bottomslope = to_int32(t2.z - self.eye)


def sees(world: World, t1: Mobj, t2: Mobj) -> bool:
    """``P_CheckSight`` behind REJECT: whether no line stands between the eyes of `t1` and all of `t2`."""
    world.validcount += 1
    sight = _Sight(t1, t2)
    pending = [len(world.bsp) - 1]
    while pending:
        number = pending.pop()
        if number < 0:
            if not _cross_subsector(world, sight, ~number):
                return False
            continue
        x, y, dx, dy, _, _, front, back = world.bsp[number]
        side1 = divline_side(sight.x, sight.y, x, y, dx, dy) & 1
        side2 = divline_side(sight.x2, sight.y2, x, y, dx, dy)
        if side1 != side2:
            pending.append(front if side1 else back)
        pending.append(back if side1 else front)
    return True


def divline_side(x: int, y: int, line_x: int, line_y: int, line_dx: int, line_dy: int) -> int:
    """``P_DivlineSide``: 0 in front, 1 behind, 2 on it. A horizontal line's "on" compares x with its y."""
    if not line_dx:
        if x == line_x:
            return 2
        return int(line_dy > 0 if x <= line_x else line_dy < 0)
    if not line_dy:
        if x == line_y:
            return 2
        return int(line_dx < 0 if y <= line_y else line_dx > 0)
    left = (line_dy >> 16) * (to_int32(x - line_x) >> 16)
    right = (to_int32(y - line_y) >> 16) * (line_dx >> 16)
    return 0 if right < left else 2 if right == left else 1


def _cross_subsector(world: World, sight: _Sight, number: int) -> bool:
    """``P_CrossSubsector``: whether no line of the subsector blocks the view."""
    for line, x1, y1, x2, y2, front, back in world.sightlines[number]:
        if line.validcount == world.validcount:
            continue
        line.validcount = world.validcount
        if divline_side(x1, y1, sight.x, sight.y, sight.dx, sight.dy) == divline_side(
            x2, y2, sight.x, sight.y, sight.dx, sight.dy
        ):
            continue
        if divline_side(sight.x, sight.y, x1, y1, line.dx, line.dy) == divline_side(
            sight.x2, sight.y2, x1, y1, line.dx, line.dy
        ):
            continue
        if line.backsector is None or back is None or not line.flags & ML_TWOSIDED:
            return False
        if not _look_through(sight, line, front, back):
            return False
    return True


def _look_through(sight: _Sight, line: Line, front: Sector, back: Sector) -> bool:
    """Narrow the view to the window between two sectors; whether anything of it is left."""
    same_floor = front.floorheight == back.floorheight
    same_ceiling = front.ceilingheight == back.ceilingheight
    if same_floor and same_ceiling:
        return True
    opentop = min(front.ceilingheight, back.ceilingheight)
    openbottom = max(front.floorheight, back.floorheight)
    if openbottom >= opentop:
        return False
    frac = _intercept(sight, line)
    if not same_floor:
        sight.bottomslope = max(sight.bottomslope, fixed_div(to_int32(openbottom - sight.eye), frac))
    if not same_ceiling:
        sight.topslope = min(sight.topslope, fixed_div(to_int32(opentop - sight.eye), frac))
    return sight.topslope > sight.bottomslope


def _intercept(sight: _Sight, line: Line) -> int:
    """``P_InterceptVector2``: where on the line of sight `line` crosses it, 16.16; 0 when they are parallel."""
    den = to_int32(fixed_mul(line.dy >> 8, sight.dx) - fixed_mul(line.dx >> 8, sight.dy))
    if not den:
        return 0
    to_x = to_int32(line.v1.x - sight.x) >> 8
    to_y = to_int32(sight.y - line.v1.y) >> 8
    return fixed_div(to_int32(fixed_mul(to_x, line.dy) + fixed_mul(to_y, line.dx)), den)
