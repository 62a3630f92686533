"""The boss brain of DOOM II's last level and the cubes it spits (``A_Brain*``, ``A_Spawn*``)."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from pydoom.data.mobj_ids import (
    MT_BABY,
    MT_BOSSTARGET,
    MT_BRUISER,
    MT_FATSO,
    MT_HEAD,
    MT_KNIGHT,
    MT_PAIN,
    MT_ROCKET,
    MT_SERGEANT,
    MT_SHADOWS,
    MT_SPAWNFIRE,
    MT_SPAWNSHOT,
    MT_TROOP,
    MT_UNDEAD,
    MT_VILE,
)
from pydoom.data.sound_ids import SFX_BOSCUB, SFX_BOSDTH, SFX_BOSPIT, SFX_BOSPN, SFX_BOSSIT, SFX_TELEPT
from pydoom.data.state_ids import S_BRAINEXPLODE1
from pydoom.sim import collision, missiles, spawning, states
from pydoom.sim.constants import THINKERS_PER_WORK
from pydoom.sim.enemy.attacks import target_or_origin
from pydoom.sim.enemy.senses import look_for_players
from pydoom.sim.fixed import FRACUNIT, c_div, to_int32
from pydoom.sim.mobj import Mobj
from pydoom.sim.rules import SK_EASY, Exit

if TYPE_CHECKING:
    from pydoom.sim.world import World

_SPAWNED: Final = (
    MT_TROOP,
    MT_SERGEANT,
    MT_SHADOWS,
    MT_PAIN,
    MT_HEAD,
    MT_VILE,
    MT_UNDEAD,
    MT_BABY,
    MT_FATSO,
    MT_KNIGHT,
    MT_BRUISER,
)
"""What comes out of a cube, for random numbers below each of _SPAWNED_BELOW; a baron for the rest."""
_SPAWNED_BELOW: Final = (50, 90, 120, 130, 160, 162, 172, 192, 222, 246)


def find_brain_targets(world: World) -> None:
    """Note the spots to spit at, in thinker order; the original loses them in saved games, we do not."""
    world.work += len(world.thinkers) // THINKERS_PER_WORK
    world.braintargets = [
        thinker
        for thinker in world.thinkers
        if type(thinker) is Mobj and not thinker.removed and thinker.type == MT_BOSSTARGET
    ]


def brain_awake(world: World, actor: Mobj) -> None:
    """``A_BrainAwake``: the brain has seen a player."""
    find_brain_targets(world)
    world.braintargeton = 0
    world.sounds.start(None, SFX_BOSSIT)


def brain_pain(world: World, actor: Mobj) -> None:
    """``A_BrainPain``."""
    world.sounds.start(None, SFX_BOSPN)


def brain_scream(world: World, actor: Mobj) -> None:
    """``A_BrainScream``: a row of explosions across the wall."""
    for x in range(to_int32(actor.x - 196 * FRACUNIT), to_int32(actor.x + 320 * FRACUNIT), 8 * FRACUNIT):
        _spawn_explosion(world, x, actor.y - 320 * FRACUNIT)
    world.sounds.start(None, SFX_BOSDTH)


def brain_explode(world: World, actor: Mobj) -> None:
    """``A_BrainExplode``: each explosion makes the next."""
    _spawn_explosion(world, actor.x + world.random.sub_random() * 2048, actor.y)


def _spawn_explosion(world: World, x: int, y: int) -> None:
    """A rocket that explodes instead of flying, at a random height."""
    p_random = world.random.p_random
    explosion = spawning.spawn_mobj(world, x, y, 128 + p_random() * 2 * FRACUNIT, MT_ROCKET)
    explosion.momz = p_random() * 512
    states.set_mobj_state(world, explosion, S_BRAINEXPLODE1)
    explosion.tics = max(explosion.tics - (p_random() & 7), 1)


def brain_die(world: World, actor: Mobj) -> None:
    """``A_BrainDie``: the game is won."""
    world.exit = Exit.NORMAL


def brain_spit(world: World, actor: Mobj) -> None:
    """``A_BrainSpit``: send a cube to the next target spot; on the two easy skills only every other time.

    Without target spots the original crashes; here nothing is spat.
    """
    world.brain_easy ^= 1
    if world.skill <= SK_EASY and not world.brain_easy:
        return
    targets = world.braintargets
    if not targets:
        return
    target = targets[world.braintargeton]
    world.braintargeton = (world.braintargeton + 1) % len(targets)
    cube = missiles.spawn_missile(world, actor, target, MT_SPAWNSHOT)
    cube.target = target
    cube.reactiontime = _flight_time(actor, target, cube)
    world.sounds.start(None, SFX_BOSPIT)


def _flight_time(actor: Mobj, target: Mobj, cube: Mobj) -> int:
    """How many times the cube's state comes round until it arrives.

    Measured along y alone, as in the original; along x where that would divide by zero.
    """
    if cube.momy:
        tics = c_div(to_int32(target.y - actor.y), cube.momy)
    else:
        tics = c_div(to_int32(target.x - actor.x), cube.momx) if cube.momx else 1
    return c_div(tics, cube.state.tics)


def spawn_sound(world: World, actor: Mobj) -> None:
    """``A_SpawnSound``: the cube hums."""
    world.sounds.start(actor, SFX_BOSCUB)
    spawn_fly(world, actor)


def spawn_fly(world: World, actor: Mobj) -> None:
    """``A_SpawnFly``: when the cube arrives, it turns into a monster, which crushes what stands there."""
    actor.reactiontime -= 1
    if actor.reactiontime:
        return
    target = target_or_origin(world, actor)
    fog = spawning.spawn_mobj(world, target.x, target.y, target.z, MT_SPAWNFIRE)
    world.sounds.start(fog, SFX_TELEPT)
    kind = _SPAWNED[bisect_right(_SPAWNED_BELOW, world.random.p_random())]
    monster = spawning.spawn_mobj(world, target.x, target.y, target.z, kind)
    if look_for_players(world, monster, True):
        states.set_mobj_state(world, monster, monster.info.seestate)
    collision.teleport_move(world, monster, monster.x, monster.y)
    states.remove_mobj(world, actor)
