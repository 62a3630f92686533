"""Lost souls and the pain elementals that spit them (``A_SkullAttack``, ``A_PainAttack``, ``A_PainDie``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.flags import MF_SKULLFLY
from pydoom.data.mobj_ids import MT_SKULL
from pydoom.data.tables import ANG90, ANG180, ANG270, ANGLE_MASK, ANGLETOFINESHIFT, FINECOSINE, FINESINE
from pydoom.sim import damage, movement, spawning
from pydoom.sim.constants import THINKERS_PER_WORK
from pydoom.sim.enemy.attacks import face_target
from pydoom.sim.enemy.dying import fall
from pydoom.sim.fixed import FRACUNIT, c_div, fixed_mul, to_int32
from pydoom.sim.geometry import approx_distance
from pydoom.sim.mobj import Mobj

if TYPE_CHECKING:
    from pydoom.sim.world import World

SKULLSPEED: Final = 20 * FRACUNIT
"""16.16 map units a tic of an attacking lost soul."""
MOST_SKULLS: Final = 20
"""With more than this many lost souls in the level no pain elemental spits another."""


def skull_attack(world: World, actor: Mobj) -> None:
    """``A_SkullAttack``: fly at the target like a missile."""
    dest = actor.target
    if dest is None:
        return
    actor.flags |= MF_SKULLFLY
    world.sounds.start(actor, actor.info.attacksound)
    face_target(world, actor)
    fine = actor.angle >> ANGLETOFINESHIFT
    actor.momx = fixed_mul(SKULLSPEED, FINECOSINE[fine])
    actor.momy = fixed_mul(SKULLSPEED, FINESINE[fine])
    steps = max(approx_distance(dest.x - actor.x, dest.y - actor.y) // SKULLSPEED, 1)
    actor.momz = c_div(to_int32(dest.z + (dest.height >> 1) - actor.z), steps)


def _shoot_skull(world: World, actor: Mobj, angle: int) -> None:
    """``A_PainShootSkull``: a lost soul flies out of `actor` at `angle` (BAM), or dies where it has no room."""
    world.work += len(world.thinkers) // THINKERS_PER_WORK
    skulls = sum(type(thing) is Mobj and thing.type == MT_SKULL and not thing.removed for thing in world.thinkers)
    if skulls > MOST_SKULLS:
        return
    fine = angle >> ANGLETOFINESHIFT
    prestep = 4 * FRACUNIT + 3 * (actor.info.radius + world.info.mobjinfo[MT_SKULL].radius) // 2
    skull = spawning.spawn_mobj(
        world,
        actor.x + fixed_mul(prestep, FINECOSINE[fine]),
        actor.y + fixed_mul(prestep, FINESINE[fine]),
        actor.z + 8 * FRACUNIT,
        MT_SKULL,
    )
    if not movement.try_move(world, skull, skull.x, skull.y):
        damage.damage_mobj(world, skull, actor, actor, 10000)
        return
    skull.target = actor.target
    skull_attack(world, skull)


def pain_attack(world: World, actor: Mobj) -> None:
    """``A_PainAttack``: spit a lost soul at the target."""
    if actor.target is None:
        return
    face_target(world, actor)
    _shoot_skull(world, actor, actor.angle)


def pain_die(world: World, actor: Mobj) -> None:
    """``A_PainDie``: burst into three lost souls, to the left, back and right."""
    fall(world, actor)
    for turn in (ANG90, ANG180, ANG270):
        _shoot_skull(world, actor, (actor.angle + turn) & ANGLE_MASK)
