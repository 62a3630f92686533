"""Hurting and killing (``P_DamageMobj`` and ``P_KillMobj`` of ``p_inter.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.flags import (
    MF_CORPSE,
    MF_COUNTKILL,
    MF_DROPOFF,
    MF_DROPPED,
    MF_FLOAT,
    MF_JUSTHIT,
    MF_NOCLIP,
    MF_NOGRAVITY,
    MF_SHOOTABLE,
    MF_SKULLFLY,
    MF_SOLID,
)
from pydoom.data.info import WP_CHAINSAW
from pydoom.data.mobj_ids import (
    MT_CHAINGUN,
    MT_CHAINGUY,
    MT_CLIP,
    MT_POSSESSED,
    MT_SHOTGUN,
    MT_SHOTGUY,
    MT_SKULL,
    MT_VILE,
    MT_WOLFSS,
)
from pydoom.data.tables import ANG180, ANGLE_MASK, ANGLETOFINESHIFT, FINECOSINE, FINESINE
from pydoom.sim import spawning, states, weapons
from pydoom.sim.constants import ONFLOORZ
from pydoom.sim.fixed import FRACUNIT, c_div, fixed_mul, to_int32
from pydoom.sim.geometry import point_to_angle
from pydoom.sim.player import CF_GODMODE, PST_DEAD, PW_INVULNERABILITY
from pydoom.sim.rules import SK_BABY, GameVersion

if TYPE_CHECKING:
    from pydoom.sim.mobj import Mobj
    from pydoom.sim.player import Player
    from pydoom.sim.world import World

BASETHRESHOLD: Final = 100
"""Tics a monster keeps chasing whoever hurt it."""
SECTOR_END_OF_GAME: Final = 11
"""Sector special in which a player never dies: the episode's end hurts down to one point."""
DEADLY: Final = 1000
"""From this many points on neither God mode nor invulnerability help."""

_DROPS: Final = {
    MT_WOLFSS: MT_CLIP,
    MT_POSSESSED: MT_CLIP,
    MT_SHOTGUY: MT_SHOTGUN,
    MT_CHAINGUY: MT_CHAINGUN,
}


def damage_mobj(world: World, target: Mobj, inflictor: Mobj | None, source: Mobj | None, damage: int) -> None:
    """``P_DamageMobj``: hurt `target` by `damage` points.

    `inflictor` is what did it (missile, barrel or attacker), from where the target is pushed; `source` is who is to
    blame and will be chased. Either is None for slime, crushers and the like.
    """
    bond = target.bond
    if bond is not None and not bond.damaged(target, inflictor, source):
        return
    if not target.flags & MF_SHOOTABLE or target.health <= 0:
        return
    if target.flags & MF_SKULLFLY:
        target.momx = target.momy = target.momz = 0
    player = target.player
    if player is not None and world.skill == SK_BABY:
        damage >>= 1
    if inflictor is not None and not target.flags & MF_NOCLIP and not _holds_chainsaw(source):
        _push(world, target, inflictor, damage)

    if player is not None:
        if target.subsector.sector.special == SECTOR_END_OF_GAME and damage >= target.health:
            damage = target.health - 1
        if damage < DEADLY and (player.cheats & CF_GODMODE or player.powers[PW_INVULNERABILITY]):
            return
        damage = _hurt_player(player, source, damage)

    target.health -= damage
    if target.health <= 0:
        kill_mobj(world, source, target, inflictor)
        return
    if world.random.p_random() < target.info.painchance and not target.flags & MF_SKULLFLY:
        target.flags |= MF_JUSTHIT
        states.set_mobj_state(world, target, target.info.painstate)
    target.reactiontime = 0
    if source is not None:
        _provoke(world, target, source)


def _holds_chainsaw(source: Mobj | None) -> bool:
    """A chainsaw does not push its victim out of reach."""
    return source is not None and source.player is not None and source.player.readyweapon == WP_CHAINSAW


def _push(world: World, target: Mobj, inflictor: Mobj, damage: int) -> None:
    """Throw the target away from the inflictor; the dying sometimes fall forwards."""
    angle = point_to_angle(inflictor.x, inflictor.y, target.x, target.y)
    # overflows for a telefrag's 10,000 points, with the original's result
    thrust = c_div(to_int32(damage * (FRACUNIT >> 3) * 100), target.info.mass)
    if (
        damage < 40
        and damage > target.health
        and to_int32(target.z - inflictor.z) > 64 * FRACUNIT
        and world.random.p_random() & 1
    ):
        angle = (angle + ANG180) & ANGLE_MASK
        thrust = to_int32(thrust * 4)
    fine = angle >> ANGLETOFINESHIFT
    target.momx = to_int32(target.momx + fixed_mul(thrust, FINECOSINE[fine]))
    target.momy = to_int32(target.momy + fixed_mul(thrust, FINESINE[fine]))


def _hurt_player(player: Player, source: Mobj | None, damage: int) -> int:
    """Take what the armor absorbs off `damage`, charge the rest to the player and return it."""
    if player.armortype:
        saved = c_div(damage, 3 if player.armortype == 1 else 2)
        if player.armorpoints <= saved:
            saved = player.armorpoints
            player.armortype = 0
        player.armorpoints -= saved
        damage -= saved
    player.health = max(player.health - damage, 0)
    player.attacker = source
    player.damagecount = min(player.damagecount + damage, 100)
    return damage


def _provoke(world: World, target: Mobj, source: Mobj) -> None:
    """The hurt monster turns on `source`, unless it is busy with another; nobody is ever angry with an arch-vile.

    Up to DOOM 1.2 it may even turn on itself.
    """
    if (target.threshold and target.type != MT_VILE) or source.type == MT_VILE:
        return
    if source is target and world.version >= GameVersion.DOOM_1_5:
        return
    target.target = source
    target.threshold = BASETHRESHOLD
    info = target.info
    if target.state is world.states[info.spawnstate] and info.seestate:
        states.set_mobj_state(world, target, info.seestate)


def kill_mobj(world: World, source: Mobj | None, target: Mobj, inflictor: Mobj | None = None) -> None:
    """``P_KillMobj``: `target` dies by the hand of `source`; counts, death state and what it drops.

    `inflictor` is only passed on to what the target is bound to.
    """
    target.flags &= ~(MF_SHOOTABLE | MF_FLOAT | MF_SKULLFLY)
    if target.type != MT_SKULL:
        target.flags &= ~MF_NOGRAVITY
    target.flags |= MF_CORPSE | MF_DROPOFF
    target.height >>= 2
    if target.bond is not None:
        target.bond.killed(target, inflictor, source)

    _count_kill(world, source, target)
    if target.player is not None:
        _kill_player(world, source, target, target.player)

    info = target.info
    torn = target.health < -info.spawnhealth and info.xdeathstate
    states.set_mobj_state(world, target, info.xdeathstate if torn else info.deathstate)
    target.tics = max(target.tics - (world.random.p_random() & 3), 1)

    item = _DROPS.get(target.type)
    if item is not None and world.version != GameVersion.CHEX:
        dropped = spawning.spawn_mobj(world, target.x, target.y, ONFLOORZ, item)
        dropped.flags |= MF_DROPPED


def _count_kill(world: World, source: Mobj | None, target: Mobj) -> None:
    if source is not None and source.player is not None:
        if target.flags & MF_COUNTKILL:
            source.player.killcount += 1
        if target.player is not None:
            source.player.frags[target.player.number] += 1
    elif not world.netgame and target.flags & MF_COUNTKILL:
        # alone, all deaths count for the player, whoever caused them
        world.players[0].killcount += 1


def _kill_player(world: World, source: Mobj | None, target: Mobj, player: Player) -> None:
    if source is None:
        player.frags[player.number] += 1
    target.flags &= ~MF_SOLID
    player.playerstate = PST_DEAD
    weapons.drop_weapon(world, player)
    if player.number == world.consoleplayer and world.hooks is not None:
        world.hooks.player_died(world)
