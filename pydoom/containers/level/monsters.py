"""Puts container monsters into the level, takes them out and raises them again.

The only part of this package that changes the world, always between two tics. The monsters are the game's own with
a bond; they do not count as kills while the level lasts; `layer` adds them at its end.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from pydoom.containers.level.placement import Place
from pydoom.data.flags import MF_COUNTKILL
from pydoom.data.mobj_ids import MT_TFOG
from pydoom.data.sound_ids import SFX_SLOP, SFX_TELEPT
from pydoom.sim import collision, links, spawning, states
from pydoom.sim.constants import ONFLOORZ

_HELD_TICS: Final = 2
"""`Mobj.tics` of a held monster: more than pass until it is held again, so that its state does not change."""
_LONGEST_RISE: Final = 32
"""Most states of a resurrection that are checked: patches may make them a cycle."""

if TYPE_CHECKING:
    from pydoom.containers.level.bonds import ContainerBond
    from pydoom.sim.mobj import Mobj
    from pydoom.sim.world import World


def spawn(world: World, place: Place, bond: ContainerBond, species: int, fog: bool) -> Mobj:
    """Spawn a monster at `place` with this bond; with `fog` where a player may be looking."""
    x, y = place
    monster = spawning.spawn_mobj(world, x, y, ONFLOORZ, species)
    digest = hashlib.sha256(bond.entry.info.id.encode("utf-8", "replace")).digest()
    monster.angle = digest[8] << 24
    if monster.tics > 0:  # so that the fleet does not move in step
        monster.tics = 1 + digest[9] % monster.tics
    monster.bond = bond
    set_flags(monster)
    if fog:
        _fog(world, monster)
    return monster


def set_flags(monster: Mobj) -> None:
    """Take a monster out of the level's kill count."""
    monster.flags &= ~MF_COUNTKILL


def leave(world: World, monster: Mobj) -> None:
    """Take a monster out of the level without a corpse."""
    if monster.removed:
        return
    monster.bond = None
    _fog(world, monster)
    states.remove_mobj(world, monster)


def can_rise(world: World, corpse: Mobj) -> bool:
    """Whether there is room for the corpse to stand up where it lies."""
    info = corpse.info
    height, radius = corpse.height, corpse.radius
    corpse.height, corpse.radius = info.height, info.radius
    fits = collision.check_position(world, corpse, corpse.x, corpse.y)
    fits = fits and world.move.ceilingz - world.move.floorz >= info.height
    corpse.height, corpse.radius = height, radius
    return fits


def rise(world: World, corpse: Mobj) -> None:
    """Resurrect a corpse as an arch-vile does (``A_VileChase``)."""
    info = corpse.info
    corpse.momx = corpse.momy = 0
    world.sounds.start(corpse, SFX_SLOP)
    links.unset_thing_position(world, corpse)
    corpse.height, corpse.radius = info.height, info.radius
    corpse.flags = info.flags
    links.set_thing_position(world, corpse)
    set_flags(corpse)
    corpse.health = info.spawnhealth
    corpse.target = None
    states.set_mobj_state(world, corpse, info.raisestate or info.spawnstate)


def hold(world: World, monster: Mobj) -> None:
    """Keep a monster still for one tic, in its first frame and without thinking; a rising one gets up first.

    Nothing needs to be undone: a monster that is no longer held thinks again, also in a saved game.
    """
    monster.momx = monster.momy = 0
    if _is_getting_up(world, monster):
        return
    state = world.states[monster.info.spawnstate]
    monster.state, monster.sprite, monster.frame = state, state.sprite, state.frame
    monster.tics = _HELD_TICS
    monster.target = None


def _is_getting_up(world: World, monster: Mobj) -> bool:
    """Whether the monster is still being resurrected."""
    info = monster.info
    if not info.raisestate:
        return False
    state, upright = world.states[info.raisestate], world.states[info.seestate]
    for _ in range(_LONGEST_RISE):
        if state is upright:
            return False
        if state is monster.state:
            return True
        state = state.next
    return False


def _fog(world: World, monster: Mobj) -> None:
    fog = spawning.spawn_mobj(world, monster.x, monster.y, monster.z, MT_TFOG)
    world.sounds.start(fog, SFX_TELEPT)
