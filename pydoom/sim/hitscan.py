"""Aiming, shooting, using lines and explosions (``p_map.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.flags import MF_NOBLOOD, MF_SHOOTABLE
from pydoom.data.mobj_ids import MT_CYBORG, MT_SPIDER
from pydoom.data.sound_ids import SFX_NOWAY
from pydoom.data.tables import ANGLETOFINESHIFT, FINECOSINE, FINESINE
from pydoom.sim import damage, links, sight, spawning
from pydoom.sim.constants import MAPBLOCKSHIFT, MAXRADIUS, USERANGE
from pydoom.sim.fixed import FRACUNIT, abs32, c_div, fixed_div, fixed_mul, to_int32
from pydoom.sim.geometry import point_on_line_side
from pydoom.sim.level import ML_TWOSIDED, Line
from pydoom.sim.mobj import Mobj
from pydoom.sim.openings import leave_opening
from pydoom.sim.player import Player
from pydoom.sim.specials import lines as special_lines
from pydoom.sim.traverse import PT_ADDLINES, PT_ADDTHINGS, path_traverse, start_of_trace

if TYPE_CHECKING:
    from pydoom.sim.world import World

TOP_SLOPE: Final = 100 * FRACUNIT // 160
"""Steepest slope that is aimed at: what a screen of 320x200 shows."""
GUN_HEIGHT: Final = 8 * FRACUNIT
"""Shots start this far above the middle of the shooter."""


def aim_line_attack(world: World, t1: Mobj | None, angle: int, distance: int) -> tuple[int, Mobj | None]:
    """``P_AimLineAttack``: (slope, target) of the nearest thing to shoot at in the direction `angle`, or (0, None).

    Without a shooter it is aimed from the origin of the map, as Chocolate Doom does where the original would read
    through a null pointer.
    """
    x, y, z, height = (0, 0, 0, 0) if t1 is None else (t1.x, t1.y, t1.z, t1.height)
    fine = angle >> ANGLETOFINESHIFT
    x2 = to_int32(x + (distance >> 16) * FINECOSINE[fine])
    y2 = to_int32(y + (distance >> 16) * FINESINE[fine])
    shootz = to_int32(z + (height >> 1) + GUN_HEIGHT)
    topslope = TOP_SLOPE
    bottomslope = -TOP_SLOPE
    world.attackrange = distance

    for frac, line, thing in path_traverse(world, x, y, x2, y2, PT_ADDLINES | PT_ADDTHINGS):
        if line is not None:
            if not line.flags & ML_TWOSIDED:
                break
            opentop, openbottom, _ = leave_opening(world, line)
            if openbottom >= opentop:
                break
            dist = fixed_mul(distance, frac)
            front = line.frontsector
            back = line.backsector
            if back is None or front.floorheight != back.floorheight:
                slope = fixed_div(to_int32(openbottom - shootz), dist)
                if slope > bottomslope:
                    bottomslope = slope
            if back is None or front.ceilingheight != back.ceilingheight:
                slope = fixed_div(to_int32(opentop - shootz), dist)
                if slope < topslope:
                    topslope = slope
            if topslope <= bottomslope:
                break
            continue
        if thing is None or thing is t1 or not thing.flags & MF_SHOOTABLE:
            continue
        dist = fixed_mul(distance, frac)
        thing_top = fixed_div(to_int32(thing.z + thing.height - shootz), dist)
        if thing_top < bottomslope:
            continue
        thing_bottom = fixed_div(to_int32(thing.z - shootz), dist)
        if thing_bottom > topslope:
            continue
        return c_div(to_int32(min(thing_top, topslope) + max(thing_bottom, bottomslope)), 2), thing
    return 0, None


def line_attack(world: World, t1: Mobj, angle: int, distance: int, slope: int, points: int) -> None:
    """``P_LineAttack``: shoot from `t1` along `angle` and `slope`; the first thing or wall met is hit."""
    fine = angle >> ANGLETOFINESHIFT
    x2 = to_int32(t1.x + (distance >> 16) * FINECOSINE[fine])
    y2 = to_int32(t1.y + (distance >> 16) * FINESINE[fine])
    shootz = to_int32(t1.z + (t1.height >> 1) + GUN_HEIGHT)
    world.attackrange = distance

    x1, y1 = start_of_trace(world, t1.x, t1.y)
    dx = to_int32(x2 - x1)
    dy = to_int32(y2 - y1)
    for frac, line, thing in path_traverse(world, t1.x, t1.y, x2, y2, PT_ADDLINES | PT_ADDTHINGS):
        if line is not None:
            if line.special:
                special_lines.shoot_special_line(world, t1, line)
            if not _stops_shot(world, line, slope, shootz, fixed_mul(distance, frac)):
                continue
            close = frac - fixed_div(4 * FRACUNIT, distance)
            z = to_int32(shootz + fixed_mul(slope, fixed_mul(close, distance)))
            if not _hits_sky(world, line, z):
                spawning.spawn_puff(world, x1 + fixed_mul(dx, close), y1 + fixed_mul(dy, close), z)
            return
        if thing is None or thing is t1 or not thing.flags & MF_SHOOTABLE:
            continue
        dist = fixed_mul(distance, frac)
        if fixed_div(to_int32(thing.z + thing.height - shootz), dist) < slope:
            continue
        if fixed_div(to_int32(thing.z - shootz), dist) > slope:
            continue
        close = frac - fixed_div(10 * FRACUNIT, distance)
        x = x1 + fixed_mul(dx, close)
        y = y1 + fixed_mul(dy, close)
        z = shootz + fixed_mul(slope, fixed_mul(close, distance))
        _wound(world, t1, thing, x, y, z, points)
        return


def _stops_shot(world: World, line: Line, slope: int, shootz: int, dist: int) -> bool:
    """Whether a shot with `slope` hits the wall of `line`, `dist` away, rather than flying through its window."""
    if not line.flags & ML_TWOSIDED:
        return True
    opentop, openbottom, _ = leave_opening(world, line)
    front = line.frontsector
    back = line.backsector
    if back is None or front.floorheight != back.floorheight:
        if fixed_div(to_int32(openbottom - shootz), dist) > slope:
            return True
    if back is None or front.ceilingheight != back.ceilingheight:
        if fixed_div(to_int32(opentop - shootz), dist) < slope:
            return True
    return False


def _hits_sky(world: World, line: Line, z: int) -> bool:
    """Whether a shot that ends at `line` in height `z` went into the sky: above its ceiling, or at a sky hack wall."""
    front = line.frontsector
    if front.ceilingpic != world.skyflatnum:
        return False
    back = line.backsector
    return z > front.ceilingheight or (back is not None and back.ceilingpic == world.skyflatnum)


def _wound(world: World, shooter: Mobj, thing: Mobj, x: int, y: int, z: int, points: int) -> None:
    if thing.flags & MF_NOBLOOD:
        spawning.spawn_puff(world, x, y, z)
    else:
        spawning.spawn_blood(world, x, y, z, points)
    if points:
        damage.damage_mobj(world, thing, shooter, shooter, points)


def use_lines(world: World, player: Player) -> None:
    """``P_UseLines``: use the first special line in front of the player; a closed wall answers with a grunt."""
    user = player.mo
    fine = user.angle >> ANGLETOFINESHIFT
    x2 = to_int32(user.x + (USERANGE >> 16) * FINECOSINE[fine])
    y2 = to_int32(user.y + (USERANGE >> 16) * FINESINE[fine])
    for _, line, _ in path_traverse(world, user.x, user.y, x2, y2, PT_ADDLINES):
        if line is None:
            continue
        if line.special:
            special_lines.use_special_line(world, user, line, point_on_line_side(user.x, user.y, line))
            return
        if leave_opening(world, line)[2] <= 0:
            world.sounds.start(user, SFX_NOWAY)
            return


def radius_attack(world: World, spot: Mobj, source: Mobj | None, points: int) -> None:
    """``P_RadiusAttack``: an explosion at `spot` hurts what it can see, less by one each map unit away from it."""
    # the original adds MAXRADIUS before it shifts, which shifts it out of the 32 bits, so it has no effect
    reach = to_int32((points + MAXRADIUS) << 16)
    low_x = to_int32(spot.x - reach - world.bmaporgx) >> MAPBLOCKSHIFT
    high_x = to_int32(spot.x + reach - world.bmaporgx) >> MAPBLOCKSHIFT
    low_y = to_int32(spot.y - reach - world.bmaporgy) >> MAPBLOCKSHIFT
    high_y = to_int32(spot.y + reach - world.bmaporgy) >> MAPBLOCKSHIFT
    for block_y in range(low_y, high_y + 1):
        for block_x in range(low_x, high_x + 1):
            for thing in links.block_things(world, block_x, block_y):
                if not thing.flags & MF_SHOOTABLE or thing.type in (MT_CYBORG, MT_SPIDER):
                    continue
                dist = max(abs32(to_int32(thing.x - spot.x)), abs32(to_int32(thing.y - spot.y)))
                dist = to_int32(dist - thing.radius) >> 16
                if dist < 0:
                    dist = 0
                if dist < points and sight.check_sight(world, thing, spot):
                    damage.damage_mobj(world, thing, spot, source, points - dist)
