"""The revenant: homing missiles and fists (``A_SkelMissile``, ``A_Tracer``, ``A_SkelFist``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.mobj_ids import MT_SMOKE, MT_TRACER
from pydoom.data.sound_ids import SFX_SKEPCH, SFX_SKESWG
from pydoom.data.tables import ANG180, ANGLE_MASK, ANGLETOFINESHIFT, FINECOSINE, FINESINE
from pydoom.sim import damage, missiles, spawning
from pydoom.sim.enemy.attacks import face_target
from pydoom.sim.enemy.senses import check_melee_range
from pydoom.sim.fixed import FRACUNIT, c_div, fixed_mul, to_int32
from pydoom.sim.geometry import approx_distance, point_to_angle

if TYPE_CHECKING:
    from pydoom.sim.mobj import Mobj
    from pydoom.sim.world import World

TRACEANGLE: Final = 0xC000000
"""How far a homing missile turns at once, BAM (16.9 degrees)."""


def skel_missile(world: World, actor: Mobj) -> None:
    """``A_SkelMissile``: launch a missile from the shoulders that may follow the target."""
    target = actor.target
    if target is None:
        return
    face_target(world, actor)
    actor.z += 16 * FRACUNIT
    missile = missiles.spawn_missile(world, actor, target, MT_TRACER)
    actor.z -= 16 * FRACUNIT
    # the original moves it one step on without telling the blockmap
    missile.x = to_int32(missile.x + missile.momx)
    missile.y = to_int32(missile.y + missile.momy)
    missile.tracer = target


def tracer(world: World, actor: Mobj) -> None:
    """``A_Tracer``: every fourth tic leave smoke behind and turn towards the target.

    The tics are counted from the start of the program, and a missile acts every other tic: those that were launched
    out of step with the count never home.
    """
    if world.gametic & 3:
        return
    spawning.spawn_puff(world, actor.x, actor.y, actor.z)
    smoke = spawning.spawn_mobj(world, actor.x - actor.momx, actor.y - actor.momy, actor.z, MT_SMOKE)
    smoke.momz = FRACUNIT
    smoke.tics = max(smoke.tics - (world.random.p_random() & 3), 1)

    dest = actor.tracer
    if dest is None or dest.health <= 0:
        return
    exact = point_to_angle(actor.x, actor.y, dest.x, dest.y)
    actor.angle = _turned_towards(actor.angle, exact)
    fine = actor.angle >> ANGLETOFINESHIFT
    speed = actor.info.speed
    actor.momx = fixed_mul(speed, FINECOSINE[fine])
    actor.momy = fixed_mul(speed, FINESINE[fine])

    steps = max(approx_distance(dest.x - actor.x, dest.y - actor.y) // speed, 1)
    slope = c_div(to_int32(dest.z + 40 * FRACUNIT - actor.z), steps)
    if slope < actor.momz:
        actor.momz = to_int32(actor.momz - FRACUNIT // 8)
    else:
        actor.momz = to_int32(actor.momz + FRACUNIT // 8)


def _turned_towards(angle: int, exact: int) -> int:
    """`angle` turned by TRACEANGLE towards `exact`, or to it; exactly behind counts as to the left."""
    if exact == angle:
        return angle
    if (exact - angle) & ANGLE_MASK > ANG180:
        angle = (angle - TRACEANGLE) & ANGLE_MASK
        overshot = (exact - angle) & ANGLE_MASK < ANG180
    else:
        angle = (angle + TRACEANGLE) & ANGLE_MASK
        overshot = (exact - angle) & ANGLE_MASK > ANG180
    return exact if overshot else angle


def skel_whoosh(world: World, actor: Mobj) -> None:
    """``A_SkelWhoosh``: swing the fist."""
    if actor.target is None:
        return
    face_target(world, actor)
    world.sounds.start(actor, SFX_SKESWG)


def skel_fist(world: World, actor: Mobj) -> None:
    """``A_SkelFist``: the blow itself, 6 to 60 points."""
    target = actor.target
    if target is None:
        return
    face_target(world, actor)
    if check_melee_range(world, actor):
        points = (world.random.p_random() % 10 + 1) * 6
        world.sounds.start(actor, SFX_SKEPCH)
        damage.damage_mobj(world, target, actor, actor, points)
