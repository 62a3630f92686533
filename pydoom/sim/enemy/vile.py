"""The arch-vile: resurrection and hellfire (``A_VileChase``, ``A_VileTarget``, ``A_VileAttack``, ``A_Fire``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydoom.data.flags import MF_CORPSE
from pydoom.data.mobj_ids import MT_FIRE, MT_VILE
from pydoom.data.sound_ids import SFX_BAREXP, SFX_FLAME, SFX_FLAMST, SFX_SLOP, SFX_VILATK
from pydoom.data.state_ids import S_VILE_HEAL1
from pydoom.data.tables import ANGLETOFINESHIFT, FINECOSINE, FINESINE
from pydoom.sim import collision, damage, hitscan, links, sight, spawning, states
from pydoom.sim.constants import MAPBLOCKSHIFT, MAXRADIUS
from pydoom.sim.enemy.attacks import face_target
from pydoom.sim.enemy.chase import DI_NODIR, XSPEED, YSPEED, chase
from pydoom.sim.fixed import FRACUNIT, abs32, c_div, fixed_mul, to_int32

if TYPE_CHECKING:
    from pydoom.sim.mobj import Mobj
    from pydoom.sim.world import World


def vile_chase(world: World, actor: Mobj) -> None:
    """``A_VileChase``: raise a corpse lying where the next step would lead, or chase as everybody does."""
    if actor.movedir != DI_NODIR:
        corpse = _corpse_ahead(world, actor)
        if corpse is not None:
            _raise(world, actor, corpse)
            return
    chase(world, actor)


def _corpse_ahead(world: World, actor: Mobj) -> Mobj | None:
    """First corpse in blockmap order, columns first, that the next step touches and that has room to stand up."""
    x = to_int32(actor.x + actor.info.speed * XSPEED[actor.movedir])
    y = to_int32(actor.y + actor.info.speed * YSPEED[actor.movedir])
    left = to_int32(x - world.bmaporgx - MAXRADIUS * 2) >> MAPBLOCKSHIFT
    right = to_int32(x - world.bmaporgx + MAXRADIUS * 2) >> MAPBLOCKSHIFT
    bottom = to_int32(y - world.bmaporgy - MAXRADIUS * 2) >> MAPBLOCKSHIFT
    top = to_int32(y - world.bmaporgy + MAXRADIUS * 2) >> MAPBLOCKSHIFT
    for bx in range(left, right + 1):
        for by in range(bottom, top + 1):
            for thing in links.block_things(world, bx, by):
                if _can_be_raised(world, thing, x, y):
                    return thing
    return None


def _can_be_raised(world: World, thing: Mobj, x: int, y: int) -> bool:
    """``PIT_VileCheck``: a monster's corpse lying still, touched from (`x`, `y`), and with room at its old height.

    A crushed corpse has no height to give back: what rises from it is a ghost, as in the original.
    """
    if not thing.flags & MF_CORPSE or thing.tics != -1 or not thing.info.raisestate:
        return False
    reach = thing.info.radius + world.info.mobjinfo[MT_VILE].radius
    if abs32(to_int32(thing.x - x)) > reach or abs32(to_int32(thing.y - y)) > reach:
        return False
    thing.momx = thing.momy = 0
    thing.height <<= 2
    fits = collision.check_position(world, thing, thing.x, thing.y)
    thing.height >>= 2
    return fits


def _raise(world: World, actor: Mobj, corpse: Mobj) -> None:
    victim = actor.target
    actor.target = corpse
    face_target(world, actor)
    actor.target = victim
    states.set_mobj_state(world, actor, S_VILE_HEAL1)
    world.sounds.start(corpse, SFX_SLOP)
    info = corpse.info
    states.set_mobj_state(world, corpse, info.raisestate)
    corpse.height <<= 2
    corpse.flags = info.flags
    corpse.health = info.spawnhealth
    corpse.target = None


def vile_start(world: World, actor: Mobj) -> None:
    """``A_VileStart``: raise the arms."""
    world.sounds.start(actor, SFX_VILATK)


def vile_target(world: World, actor: Mobj) -> None:
    """``A_VileTarget``: light the fire at the target."""
    target = actor.target
    if target is None:
        return
    face_target(world, actor)
    # the original really spawns it at (x, x); fire() moves it to where it belongs
    flame = spawning.spawn_mobj(world, target.x, target.x, target.z, MT_FIRE)
    actor.tracer = flame
    flame.target = actor
    flame.tracer = target
    fire(world, flame)


def fire(world: World, flame: Mobj) -> None:
    """``A_Fire``: keep the fire in front of the victim's eyes while the arch-vile sees the victim."""
    victim = flame.tracer
    vile = flame.target
    if victim is None or vile is None or not sight.check_sight(world, vile, victim):
        return
    fine = victim.angle >> ANGLETOFINESHIFT
    links.unset_thing_position(world, flame)
    flame.x = to_int32(victim.x + fixed_mul(24 * FRACUNIT, FINECOSINE[fine]))
    flame.y = to_int32(victim.y + fixed_mul(24 * FRACUNIT, FINESINE[fine]))
    flame.z = victim.z
    links.set_thing_position(world, flame)


def start_fire(world: World, flame: Mobj) -> None:
    """``A_StartFire``."""
    world.sounds.start(flame, SFX_FLAMST)
    fire(world, flame)


def fire_crackle(world: World, flame: Mobj) -> None:
    """``A_FireCrackle``."""
    world.sounds.start(flame, SFX_FLAME)
    fire(world, flame)


def vile_attack(world: World, actor: Mobj) -> None:
    """``A_VileAttack``: hit whoever is still in sight, throw them up and let the fire explode."""
    target = actor.target
    if target is None:
        return
    face_target(world, actor)
    if not sight.check_sight(world, actor, target):
        return
    world.sounds.start(actor, SFX_BAREXP)
    damage.damage_mobj(world, target, actor, actor, 20)
    target.momz = c_div(1000 * FRACUNIT, target.info.mass)

    flame = actor.tracer
    if flame is None:
        return
    # between the arch-vile and its victim; the blockmap is not told, as in the original
    fine = actor.angle >> ANGLETOFINESHIFT
    flame.x = to_int32(target.x - fixed_mul(24 * FRACUNIT, FINECOSINE[fine]))
    flame.y = to_int32(target.y - fixed_mul(24 * FRACUNIT, FINESINE[fine]))
    hitscan.radius_attack(world, flame, actor, 70)
