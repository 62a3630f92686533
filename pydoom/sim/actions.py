"""Ties the names in the state table to what they do (the function pointers of ``info.c``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from pydoom.data.state_ids import S_BLOOD1, S_CHAIN1, S_LIGHTDONE
from pydoom.sim import weapon_attacks, weapons
from pydoom.sim.enemy import attacks, boss, brain, chase, dying, mancubus, revenant, senses, souls, vile

if TYPE_CHECKING:
    from pydoom.data.info import GameInfo

MOBJ_ACTIONS: Final[dict[str, Callable[..., None]]] = {
    "A_BFGSpray": weapon_attacks.bfg_spray,
    "A_BabyMetal": chase.baby_metal,
    "A_BossDeath": boss.boss_death,
    "A_BrainAwake": brain.brain_awake,
    "A_BrainDie": brain.brain_die,
    "A_BrainExplode": brain.brain_explode,
    "A_BrainPain": brain.brain_pain,
    "A_BrainScream": brain.brain_scream,
    "A_BrainSpit": brain.brain_spit,
    "A_BruisAttack": attacks.bruis_attack,
    "A_BspiAttack": attacks.bspi_attack,
    "A_CPosAttack": attacks.cpos_attack,
    "A_CPosRefire": attacks.cpos_refire,
    "A_Chase": chase.chase,
    "A_CyberAttack": attacks.cyber_attack,
    "A_Explode": dying.explode,
    "A_FaceTarget": attacks.face_target,
    "A_Fall": dying.fall,
    "A_FatAttack1": mancubus.fat_attack1,
    "A_FatAttack2": mancubus.fat_attack2,
    "A_FatAttack3": mancubus.fat_attack3,
    "A_FatRaise": mancubus.fat_raise,
    "A_Fire": vile.fire,
    "A_FireCrackle": vile.fire_crackle,
    "A_HeadAttack": attacks.head_attack,
    "A_Hoof": chase.hoof,
    "A_KeenDie": boss.keen_die,
    "A_Look": senses.look,
    "A_Metal": chase.metal,
    "A_Pain": dying.pain,
    "A_PainAttack": souls.pain_attack,
    "A_PainDie": souls.pain_die,
    "A_PlayerScream": dying.player_scream,
    "A_PosAttack": attacks.pos_attack,
    "A_SPosAttack": attacks.spos_attack,
    "A_SargAttack": attacks.sarg_attack,
    "A_Scream": dying.scream,
    "A_SkelFist": revenant.skel_fist,
    "A_SkelMissile": revenant.skel_missile,
    "A_SkelWhoosh": revenant.skel_whoosh,
    "A_SkullAttack": souls.skull_attack,
    "A_SpawnFly": brain.spawn_fly,
    "A_SpawnSound": brain.spawn_sound,
    "A_SpidRefire": attacks.spid_refire,
    "A_StartFire": vile.start_fire,
    "A_Tracer": revenant.tracer,
    "A_TroopAttack": attacks.troop_attack,
    "A_VileAttack": vile.vile_attack,
    "A_VileChase": vile.vile_chase,
    "A_VileStart": vile.vile_start,
    "A_VileTarget": vile.vile_target,
    "A_XScream": dying.xscream,
}
"""Actions of mobjs: called with the world and the mobj."""

PSPRITE_ACTIONS: Final[dict[str, Callable[..., None]]] = {
    "A_BFGsound": weapon_attacks.bfg_sound,
    "A_CheckReload": weapons.check_reload,
    "A_CloseShotgun2": weapons.close_shotgun2,
    "A_FireBFG": weapon_attacks.fire_bfg,
    "A_FireCGun": weapon_attacks.fire_cgun,
    "A_FireMissile": weapon_attacks.fire_missile,
    "A_FirePistol": weapon_attacks.fire_pistol,
    "A_FirePlasma": weapon_attacks.fire_plasma,
    "A_FireShotgun": weapon_attacks.fire_shotgun,
    "A_FireShotgun2": weapon_attacks.fire_shotgun2,
    "A_GunFlash": weapons.gun_flash,
    "A_Light0": weapons.light0,
    "A_Light1": weapons.light1,
    "A_Light2": weapons.light2,
    "A_LoadShotgun2": weapons.load_shotgun2,
    "A_Lower": weapons.lower,
    "A_OpenShotgun2": weapons.open_shotgun2,
    "A_Punch": weapon_attacks.punch,
    "A_Raise": weapons.raise_weapon,
    "A_ReFire": weapons.refire,
    "A_Saw": weapon_attacks.saw,
    "A_WeaponReady": weapons.weapon_ready,
}
"""Actions of player sprites: called with the world, the player and the sprite."""


_MOBJ_ARGUMENTS: Final = 2
_PSPRITE_ARGUMENTS: Final = 3


def bind(info: GameInfo) -> None:
    """Give every state the callable behind its `action_name`. Raises KeyError for an unknown name.

    A patch may give actions of weapons to things and the reverse, with which the original would use stray memory:
    they do nothing there.
    """
    of_things = thing_states(info)
    of_weapons = weapon_states(info)
    for state in info.states:
        name = state.action_name
        if not name:
            state.action = None
        elif name in MOBJ_ACTIONS:
            action = MOBJ_ACTIONS[name]
            state.action = _only(action, _MOBJ_ARGUMENTS) if state.index in of_weapons else action
        else:
            action = PSPRITE_ACTIONS[name]
            state.action = _only(action, _PSPRITE_ARGUMENTS) if state.index in of_things else action


def _only(action: Callable[..., None], arguments: int) -> Callable[..., None]:
    def guarded(*given: object) -> None:
        if len(given) == arguments:
            action(*given)

    return guarded


def weapon_states(info: GameInfo) -> frozenset[int]:
    """Numbers of the states that player sprites can be in: the unpatched game's, what weapons name, what follows."""
    named = [
        number
        for weapon in info.weapons
        for number in (weapon.upstate, weapon.downstate, weapon.readystate, weapon.atkstate, weapon.flashstate)
    ]
    # the plasma rifle has two flashes, the chaingun one for each state that fires it
    offsets = [1, *(state.index - S_CHAIN1 for state in info.states if state.action_name == "A_FireCGun")]
    flashes = [weapon.flashstate + offset for weapon in info.weapons for offset in offsets]
    return _reachable(info, [*range(S_LIGHTDONE, S_BLOOD1), *named, *flashes])


def thing_states(info: GameInfo) -> frozenset[int]:
    """Numbers of the states that mobjs can be in: the unpatched game's, what mobj types name, and what follows."""
    named = [
        number
        for thing in info.mobjinfo
        for number in (
            thing.spawnstate,
            thing.seestate,
            thing.painstate,
            thing.meleestate,
            thing.missilestate,
            thing.deathstate,
            thing.xdeathstate,
            thing.raisestate,
        )
    ]
    return _reachable(info, [*range(S_BLOOD1, len(info.states)), *named])


def _reachable(info: GameInfo, states: list[int]) -> frozenset[int]:
    """Those of these states that exist, and all that follow them."""
    found: set[int] = set()
    for number in states:
        while number not in found and 0 <= number < len(info.states):
            found.add(number)
            number = info.states[number].next.index
    return frozenset(found)
