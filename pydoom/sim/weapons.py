"""The weapon in the player's hands: its two sprites, changing weapons, ammunition (``p_pspr.c`` but for the shots).

Player sprites run through states like mobjs do, with positions on the 320x200 screen as 16.16 pixels. State actions
here take the world, the player and the sprite; what the weapons shoot is in `pydoom.sim.weapon_attacks`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.info import (
    AM_CELL,
    AM_CLIP,
    AM_MISL,
    AM_NOAMMO,
    AM_SHELL,
    NUMAMMO,
    WP_BFG,
    WP_CHAINGUN,
    WP_CHAINSAW,
    WP_FIST,
    WP_MISSILE,
    WP_NOCHANGE,
    WP_PISTOL,
    WP_PLASMA,
    WP_SHOTGUN,
    WP_SUPERSHOTGUN,
)
from pydoom.data.sound_ids import SFX_DBCLS, SFX_DBLOAD, SFX_DBOPN, SFX_SAWIDL, SFX_SAWUP
from pydoom.data.state_ids import S_NULL, S_PLAY, S_PLAY_ATK1, S_PLAY_ATK2, S_SAW
from pydoom.data.tables import FINECOSINE, FINEMASK, FINESINE
from pydoom.sim import states
from pydoom.sim.enemy import senses
from pydoom.sim.fixed import FRACBITS, FRACUNIT, to_int32
from pydoom.sim.player import PS_FLASH, PS_WEAPON, PST_DEAD
from pydoom.sim.rules import GameMode
from pydoom.sim.ticcmd import BT_ATTACK

if TYPE_CHECKING:
    from pydoom.sim.player import Player, PspDef
    from pydoom.sim.world import World

LOWERSPEED: Final = 6 * FRACUNIT
RAISESPEED: Final = 6 * FRACUNIT
WEAPONBOTTOM: Final = 128 * FRACUNIT
WEAPONTOP: Final = 32 * FRACUNIT

_HALF_TURN_MASK: Final = FINEMASK >> 1


def setup_psprites(world: World, player: Player) -> None:
    """``P_SetupPsprites``: at the start of a level, the weapon in hand comes up."""
    for psp in player.psprites:
        psp.state = None
    player.pendingweapon = player.readyweapon
    bring_up_weapon(world, player)


def move_psprites(world: World, player: Player) -> None:
    """``P_MovePsprites``: one tic of both sprites; the flash goes where the weapon is."""
    psprites = player.psprites
    for position, psp in enumerate(psprites):
        state = psp.state
        if state is not None and psp.tics != -1:
            psp.tics -= 1
            if not psp.tics:
                set_psprite(world, player, position, state.next.index)
    weapon, flash = psprites
    flash.sx = weapon.sx
    flash.sy = weapon.sy


def set_psprite(world: World, player: Player, position: int, statenum: int) -> None:
    """``P_SetPsprite``: put a sprite (PS_WEAPON, PS_FLASH) into a state and go on through states of no duration.

    Raises StateCycleError where the original would run out of stack.
    """
    world.nesting += 1
    try:
        if states.is_nested_too_deep(world):
            raise states.StateCycleError(f"a weapon's state {statenum} sets itself off again without any time passing")
        _enter_state(world, player, player.psprites[position], statenum)
    finally:
        world.nesting -= 1


def _enter_state(world: World, player: Player, psp: PspDef, statenum: int) -> None:
    table = world.states
    while True:
        begun = world.work
        if not 0 < statenum < len(table):
            # S_NULL, or past the table: patches can make a weapon count its flash up from any state
            psp.state = None
            return
        state = table[statenum]
        psp.state = state
        psp.tics = state.tics
        if state.misc1:
            psp.sx = to_int32(state.misc1 << FRACBITS)
            psp.sy = to_int32(state.misc2 << FRACBITS)
        if state.action is not None:
            state.action(world, player, psp)
            if psp.state is None:
                return
            state = psp.state  # the action may have changed it
        statenum = state.next.index
        if psp.tics:
            return
        if states.is_endless(world, begun):
            raise states.StateCycleError(f"a weapon's state {state.name} leads back to itself without any time passing")


def bring_up_weapon(world: World, player: Player) -> None:
    """``P_BringUpWeapon``: start raising the pending weapon from the bottom of the screen."""
    if player.pendingweapon == WP_NOCHANGE:
        player.pendingweapon = player.readyweapon
    if player.pendingweapon == WP_CHAINSAW:
        world.sounds.start(player.mo, SFX_SAWUP)
    upstate = world.info.weapons[player.pendingweapon].upstate
    player.pendingweapon = WP_NOCHANGE
    player.psprites[PS_WEAPON].sy = WEAPONBOTTOM
    set_psprite(world, player, PS_WEAPON, upstate)


def drop_weapon(world: World, player: Player) -> None:
    """``P_DropWeapon``: lower the weapon of a player who has died."""
    set_psprite(world, player, PS_WEAPON, world.info.weapons[player.readyweapon].downstate)


def fire_weapon(world: World, player: Player) -> None:
    """``P_FireWeapon``: shoot, or change weapons for want of ammunition; everybody hears a shot."""
    if not check_ammo(world, player):
        return
    states.set_mobj_state(world, player.mo, S_PLAY_ATK1)
    set_psprite(world, player, PS_WEAPON, world.info.weapons[player.readyweapon].atkstate)
    senses.noise_alert(world, player.mo, player.mo)


def ammo_left(player: Player, ammo: int) -> int:
    """Ammunition of a type that the player has; types past the last are read from `maxammo`, as in the original."""
    return player.ammo[ammo] if ammo < NUMAMMO else player.maxammo[ammo - NUMAMMO]


def use_ammo(player: Player, ammo: int, amount: int) -> None:
    """``DecreaseAmmo``: take away ammunition.

    With a patched weapon the type may be past the last one: then it is `maxammo` that shrinks, as in the original.
    """
    if ammo < NUMAMMO:
        player.ammo[ammo] -= amount
    else:
        player.maxammo[ammo - NUMAMMO] -= amount


def check_ammo(world: World, player: Player) -> bool:
    """``P_CheckAmmo``: whether there is enough for a shot; if not, the best other weapon becomes pending."""
    weapon = player.readyweapon
    info = world.info.weapons[weapon]
    if weapon == WP_BFG:
        needed = world.info.misc.bfg_cells_per_shot
    else:
        needed = 2 if weapon == WP_SUPERSHOTGUN else 1
    if info.ammo == AM_NOAMMO or ammo_left(player, info.ammo) >= needed:
        return True
    player.pendingweapon = _best_weapon(world, player)
    set_psprite(world, player, PS_WEAPON, info.downstate)
    return False


def _best_weapon(world: World, player: Player) -> int:
    """The weapon to change to when ammunition has run out: the original's order of preference."""
    owned = player.weaponowned
    ammo = player.ammo
    mode = world.mode
    if owned[WP_PLASMA] and ammo[AM_CELL] and mode != GameMode.SHAREWARE:
        return WP_PLASMA
    if owned[WP_SUPERSHOTGUN] and ammo[AM_SHELL] > 2 and mode == GameMode.COMMERCIAL:
        return WP_SUPERSHOTGUN
    if owned[WP_CHAINGUN] and ammo[AM_CLIP]:
        return WP_CHAINGUN
    if owned[WP_SHOTGUN] and ammo[AM_SHELL]:
        return WP_SHOTGUN
    if ammo[AM_CLIP]:
        return WP_PISTOL
    if owned[WP_CHAINSAW]:
        return WP_CHAINSAW
    if owned[WP_MISSILE] and ammo[AM_MISL]:
        return WP_MISSILE
    if owned[WP_BFG] and ammo[AM_CELL] > 40 and mode != GameMode.SHAREWARE:
        return WP_BFG
    return WP_FIST


def weapon_ready(world: World, player: Player, psp: PspDef) -> None:
    """``A_WeaponReady``: the weapon can be fired or changed; otherwise it bobs with the player's steps."""
    mo = player.mo
    if mo.state.index in (S_PLAY_ATK1, S_PLAY_ATK2):
        states.set_mobj_state(world, mo, S_PLAY)
    weapon = player.readyweapon
    if weapon == WP_CHAINSAW and psp.state is world.states[S_SAW]:
        world.sounds.start(mo, SFX_SAWIDL)

    if player.pendingweapon != WP_NOCHANGE or not player.health:
        set_psprite(world, player, PS_WEAPON, world.info.weapons[weapon].downstate)
        return

    if player.cmd.buttons & BT_ATTACK:
        # rocket launcher and BFG want a new press of the button for each shot
        if not player.attackdown or weapon not in (WP_MISSILE, WP_BFG):
            player.attackdown = True
            fire_weapon(world, player)
            return
    else:
        player.attackdown = False

    bob = player.bob
    angle = (128 * world.leveltime) & FINEMASK
    psp.sx = FRACUNIT + ((bob * FINECOSINE[angle]) >> FRACBITS)
    psp.sy = WEAPONTOP + ((bob * FINESINE[angle & _HALF_TURN_MASK]) >> FRACBITS)


def refire(world: World, player: Player, psp: PspDef) -> None:
    """``A_ReFire``: shoot again without lowering the weapon while the button is held."""
    if player.cmd.buttons & BT_ATTACK and player.pendingweapon == WP_NOCHANGE and player.health:
        player.refire += 1
        fire_weapon(world, player)
    else:
        player.refire = 0
        check_ammo(world, player)


def check_reload(world: World, player: Player, psp: PspDef) -> None:
    """``A_CheckReload``: the super shotgun changes weapons before reloading for nothing."""
    check_ammo(world, player)


def lower(world: World, player: Player, psp: PspDef) -> None:
    """``A_Lower``: the weapon goes down; at the bottom the pending one comes up, unless the player is dead."""
    psp.sy = to_int32(psp.sy + LOWERSPEED)
    if psp.sy < WEAPONBOTTOM:
        return
    if player.playerstate == PST_DEAD:
        psp.sy = WEAPONBOTTOM
        return
    if not player.health:
        set_psprite(world, player, PS_WEAPON, S_NULL)
        return
    # a patched state may lower a weapon when none is pending, where the original reads past its table of weapons
    if player.pendingweapon != WP_NOCHANGE:
        player.readyweapon = player.pendingweapon
    bring_up_weapon(world, player)


def raise_weapon(world: World, player: Player, psp: PspDef) -> None:
    """``A_Raise``: the weapon comes up; at the top it is ready."""
    psp.sy = to_int32(psp.sy - RAISESPEED)
    if psp.sy > WEAPONTOP:
        return
    psp.sy = WEAPONTOP
    set_psprite(world, player, PS_WEAPON, world.info.weapons[player.readyweapon].readystate)


def gun_flash(world: World, player: Player, psp: PspDef) -> None:
    """``A_GunFlash``: the muzzle flash, and the player's mobj raises its gun."""
    states.set_mobj_state(world, player.mo, S_PLAY_ATK2)
    set_psprite(world, player, PS_FLASH, world.info.weapons[player.readyweapon].flashstate)


def light0(world: World, player: Player, psp: PspDef) -> None:
    """``A_Light0``: the flash no longer lights the room."""
    player.extralight = 0


def light1(world: World, player: Player, psp: PspDef) -> None:
    """``A_Light1``: the flash lights the room a little."""
    player.extralight = 1


def light2(world: World, player: Player, psp: PspDef) -> None:
    """``A_Light2``: the flash lights the room brightly."""
    player.extralight = 2


def open_shotgun2(world: World, player: Player, psp: PspDef) -> None:
    """``A_OpenShotgun2``: break the super shotgun open."""
    world.sounds.start(player.mo, SFX_DBOPN)


def load_shotgun2(world: World, player: Player, psp: PspDef) -> None:
    """``A_LoadShotgun2``: put in two shells."""
    world.sounds.start(player.mo, SFX_DBLOAD)


def close_shotgun2(world: World, player: Player, psp: PspDef) -> None:
    """``A_CloseShotgun2``: snap it shut, and fire again if the button is held."""
    world.sounds.start(player.mo, SFX_DBCLS)
    refire(world, player, psp)
