"""Fireballs, rockets and plasma on their way out of the barrel (``p_mobj.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.flags import MF_SHADOW
from pydoom.data.tables import ANGLE_MASK, ANGLETOFINESHIFT, FINECOSINE, FINESINE
from pydoom.sim import hitscan, movement, spawning, states
from pydoom.sim.fixed import FRACUNIT, c_div, fixed_mul, to_int32
from pydoom.sim.geometry import approx_distance, point_to_angle
from pydoom.sim.mobj import Mobj

if TYPE_CHECKING:
    from pydoom.sim.world import World

LAUNCH_HEIGHT: Final = 32 * FRACUNIT
"""Missiles start this far above their shooter's feet."""
AIM_RANGE: Final = 16 * 64 * FRACUNIT
AIM_STEP: Final = 1 << 26
"""BAM: how far to either side a player's missile looks for a target."""


def check_missile_spawn(world: World, missile: Mobj) -> None:
    """``P_CheckMissileSpawn``: move a new missile forward a bit, where it may explode at once."""
    missile.tics -= world.random.p_random() & 3
    if missile.tics < 1:
        missile.tics = 1
    missile.x = to_int32(missile.x + (missile.momx >> 1))
    missile.y = to_int32(missile.y + (missile.momy >> 1))
    missile.z = to_int32(missile.z + (missile.momz >> 1))
    if not movement.try_move(world, missile, missile.x, missile.y):
        states.explode_missile(world, missile)


def _launch(world: World, source: Mobj, type: int) -> Mobj:
    missile = spawning.spawn_mobj(world, source.x, source.y, source.z + LAUNCH_HEIGHT, type)
    if missile.info.seesound:
        world.sounds.start(missile, missile.info.seesound)
    missile.target = source
    return missile


def _direct(missile: Mobj, angle: int) -> None:
    missile.angle = angle
    fine = angle >> ANGLETOFINESHIFT
    missile.momx = fixed_mul(missile.info.speed, FINECOSINE[fine])
    missile.momy = fixed_mul(missile.info.speed, FINESINE[fine])


def spawn_missile(world: World, source: Mobj, dest: Mobj, type: int) -> Mobj:
    """``P_SpawnMissile``: a monster's missile towards `dest`, less well aimed when that is hard to see."""
    missile = _launch(world, source, type)
    angle = point_to_angle(source.x, source.y, dest.x, dest.y)
    if dest.flags & MF_SHADOW:
        angle = (angle + (world.random.sub_random() << 20)) & ANGLE_MASK
    _direct(missile, angle)
    flight = c_div(approx_distance(dest.x - source.x, dest.y - source.y), missile.info.speed)
    missile.momz = c_div(to_int32(dest.z - source.z), max(flight, 1))
    check_missile_spawn(world, missile)
    return missile


def spawn_player_missile(world: World, source: Mobj, type: int) -> None:
    """``P_SpawnPlayerMissile``: a player's missile, aimed at what is straight ahead or a little to the side."""
    angle = source.angle
    slope, target = hitscan.aim_line_attack(world, source, angle, AIM_RANGE)
    if target is None:
        angle = (angle + AIM_STEP) & ANGLE_MASK
        slope, target = hitscan.aim_line_attack(world, source, angle, AIM_RANGE)
        if target is None:
            angle = (angle - 2 * AIM_STEP) & ANGLE_MASK
            slope, target = hitscan.aim_line_attack(world, source, angle, AIM_RANGE)
        if target is None:
            angle = source.angle
            slope = 0
    missile = _launch(world, source, type)
    _direct(missile, angle)
    missile.momz = fixed_mul(missile.info.speed, slope)
    check_missile_spawn(world, missile)
