"""Picking things up (``P_TouchSpecialThing`` and ``P_Give*`` of ``p_inter.c``).

A thing is recognised by its sprite, as in the original. Amounts of ammunition are counted in clips: one clip is 10
bullets, 4 shells, 20 cells or 1 rocket, doubled on the easiest and the hardest skill.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from pydoom.data import strings
from pydoom.data.flags import MF_COUNTITEM, MF_DROPPED, MF_SHADOW
from pydoom.data.info import (
    AM_CELL,
    AM_CLIP,
    AM_MISL,
    AM_SHELL,
    NUMAMMO,
    WP_BFG,
    WP_CHAINGUN,
    WP_CHAINSAW,
    WP_FIST,
    WP_MISSILE,
    WP_PISTOL,
    WP_PLASMA,
    WP_SHOTGUN,
    WP_SUPERSHOTGUN,
)
from pydoom.data.sound_ids import SFX_GETPOW, SFX_ITEMUP, SFX_WPNUP
from pydoom.data.sprite_ids import (
    SPR_AMMO,
    SPR_ARM1,
    SPR_ARM2,
    SPR_BFUG,
    SPR_BKEY,
    SPR_BON1,
    SPR_BON2,
    SPR_BPAK,
    SPR_BROK,
    SPR_BSKU,
    SPR_CELL,
    SPR_CELP,
    SPR_CLIP,
    SPR_CSAW,
    SPR_LAUN,
    SPR_MEDI,
    SPR_MEGA,
    SPR_MGUN,
    SPR_PINS,
    SPR_PINV,
    SPR_PLAS,
    SPR_PMAP,
    SPR_PSTR,
    SPR_PVIS,
    SPR_RKEY,
    SPR_ROCK,
    SPR_RSKU,
    SPR_SBOX,
    SPR_SGN2,
    SPR_SHEL,
    SPR_SHOT,
    SPR_SOUL,
    SPR_STIM,
    SPR_SUIT,
    SPR_YKEY,
    SPR_YSKU,
)
from pydoom.sim import states
from pydoom.sim.fixed import FRACUNIT, to_int32
from pydoom.sim.player import (
    INFRATICS,
    INVISTICS,
    INVULNTICS,
    IRONTICS,
    IT_BLUECARD,
    IT_BLUESKULL,
    IT_REDCARD,
    IT_REDSKULL,
    IT_YELLOWCARD,
    IT_YELLOWSKULL,
    PW_ALLMAP,
    PW_INFRARED,
    PW_INVISIBILITY,
    PW_INVULNERABILITY,
    PW_IRONFEET,
    PW_STRENGTH,
)
from pydoom.sim.rules import SK_BABY, SK_NIGHTMARE, GameMode, GameVersion

if TYPE_CHECKING:
    from pydoom.sim.mobj import Mobj
    from pydoom.sim.player import Player
    from pydoom.sim.world import World

BONUSADD: Final = 6
"""Added to the counter behind the golden flash of the screen."""
MAXHEALTH: Final = 100
"""The health that stimpacks and medikits heal up to."""

_POWER_TICS: Final = {
    PW_INVULNERABILITY: INVULNTICS,
    PW_INVISIBILITY: INVISTICS,
    PW_INFRARED: INFRATICS,
    PW_IRONFEET: IRONTICS,
}


def give_ammo(world: World, player: Player, ammo: int, clips: int) -> bool:
    """``P_GiveAmmo``: `clips` clips of `ammo`, half a clip for 0; False when the player can carry no more of it.

    A player who had none left switches to its weapon, if that is better than the one in hand.
    """
    if ammo >= NUMAMMO:
        return False  # a weapon without ammunition; for a patch's impossible types the original stops with an error
    had = player.ammo[ammo]
    if had == player.maxammo[ammo]:
        return False
    clip = world.info.clipammo[ammo]
    amount = clips * clip if clips else clip // 2
    if world.skill in (SK_BABY, SK_NIGHTMARE):
        amount <<= 1
    player.ammo[ammo] = min(had + amount, player.maxammo[ammo])
    if not had:
        _change_to_weapon_for(player, ammo)
    return True


def _change_to_weapon_for(player: Player, ammo: int) -> None:
    ready = player.readyweapon
    owned = player.weaponowned
    if ammo == AM_CLIP:
        if ready == WP_FIST:
            player.pendingweapon = WP_CHAINGUN if owned[WP_CHAINGUN] else WP_PISTOL
    elif ammo == AM_SHELL:
        if ready in (WP_FIST, WP_PISTOL) and owned[WP_SHOTGUN]:
            player.pendingweapon = WP_SHOTGUN
    elif ammo == AM_CELL:
        if ready in (WP_FIST, WP_PISTOL) and owned[WP_PLASMA]:
            player.pendingweapon = WP_PLASMA
    elif ammo == AM_MISL:
        if ready == WP_FIST and owned[WP_MISSILE]:
            player.pendingweapon = WP_MISSILE


def give_weapon(world: World, player: Player, weapon: int, dropped: bool) -> bool:
    """``P_GiveWeapon``: the weapon and its clips; False when the thing stays where it is.

    Placed weapons stay for everybody in net games (but not in altdeath), so there they are given here, sound and all.
    """
    ammo = world.info.weapons[weapon].ammo
    if world.netgame and world.deathmatch != 2 and not dropped:
        if player.weaponowned[weapon]:
            return False
        player.bonuscount += BONUSADD
        player.weaponowned[weapon] = True
        give_ammo(world, player, ammo, 5 if world.deathmatch else 2)
        player.pendingweapon = weapon
        if player.number == world.consoleplayer:
            world.sounds.start(None, SFX_WPNUP)
        return False

    gave_ammo = give_ammo(world, player, ammo, 1 if dropped else 2)
    if player.weaponowned[weapon]:
        return gave_ammo
    player.weaponowned[weapon] = True
    player.pendingweapon = weapon
    return True


def give_body(player: Player, points: int) -> bool:
    """``P_GiveBody``: health up to 100; False when there is no need."""
    if player.health >= MAXHEALTH:
        return False
    player.health = min(player.health + points, MAXHEALTH)
    player.mo.health = player.health
    return True


def give_armor(player: Player, armortype: int) -> bool:
    """``P_GiveArmor``: 100 points for each class; False when the player's armor is as good."""
    points = armortype * 100
    if player.armorpoints >= points:
        return False
    player.armortype = armortype
    player.armorpoints = points
    return True


def give_card(player: Player, card: int) -> None:
    """``P_GiveCard``."""
    if not player.cards[card]:
        player.bonuscount = BONUSADD
        player.cards[card] = True


def give_power(player: Player, power: int) -> bool:
    """``P_GivePower``: False when the player has it already and it does not wear off."""
    tics = _POWER_TICS.get(power)
    if tics is not None:
        player.powers[power] = tics
        if power == PW_INVISIBILITY:
            player.mo.flags |= MF_SHADOW
        return True
    if power == PW_STRENGTH:
        give_body(player, 100)
    elif player.powers[power]:
        return False
    player.powers[power] = 1
    return True


_Take = Callable[["World", "Player", "Mobj"], bool]


class _Item(NamedTuple):
    """What touching a sprite does: `take` says whether it was taken; an empty message leaves the last one."""

    take: _Take
    message: str
    sound: int = SFX_ITEMUP


def _ammo(ammo: int, clips: int) -> _Take:
    return lambda world, player, special: give_ammo(world, player, ammo, clips)


def _weapon(weapon: int) -> _Take:
    return lambda world, player, special: give_weapon(world, player, weapon, False)


def _droppable_weapon(weapon: int) -> _Take:
    return lambda world, player, special: give_weapon(world, player, weapon, bool(special.flags & MF_DROPPED))


def _power(power: int) -> _Take:
    return lambda world, player, special: give_power(player, power)


def _card(card: int, message: str) -> _Take:
    """A key; in net games it stays for the others."""

    def take(world: World, player: Player, special: Mobj) -> bool:
        if not player.cards[card]:
            player.message = world.info.text(message)
        give_card(player, card)
        return not world.netgame

    return take


def _take_clip(world: World, player: Player, special: Mobj) -> bool:
    return give_ammo(world, player, AM_CLIP, 0 if special.flags & MF_DROPPED else 1)


def _take_green_armor(world: World, player: Player, special: Mobj) -> bool:
    return give_armor(player, world.info.misc.green_armor_class)


def _take_blue_armor(world: World, player: Player, special: Mobj) -> bool:
    return give_armor(player, world.info.misc.blue_armor_class)


def _take_health_bonus(world: World, player: Player, special: Mobj) -> bool:
    player.health = min(player.health + 1, world.info.misc.max_health)
    player.mo.health = player.health
    return True


def _take_armor_bonus(world: World, player: Player, special: Mobj) -> bool:
    player.armorpoints += 1
    if world.version > GameVersion.DOOM_1_2:
        player.armorpoints = min(player.armorpoints, world.info.misc.max_armor)
    if not player.armortype:
        player.armortype = 1
    return True


def _take_soulsphere(world: World, player: Player, special: Mobj) -> bool:
    misc = world.info.misc
    player.health = min(player.health + misc.soulsphere_health, misc.max_soulsphere)
    player.mo.health = player.health
    return True


def _take_megasphere(world: World, player: Player, special: Mobj) -> bool:
    if world.mode != GameMode.COMMERCIAL:
        return False
    player.health = world.info.misc.megasphere_health
    player.mo.health = player.health
    give_armor(player, 2)
    return True


def _take_stimpack(world: World, player: Player, special: Mobj) -> bool:
    return give_body(player, 10)


def _take_medikit(world: World, player: Player, special: Mobj) -> bool:
    if not give_body(player, 25):
        return False
    # checked after the healing, so the original never shows GOTMEDINEED
    player.message = world.info.text(strings.GOTMEDINEED if player.health < 25 else strings.GOTMEDIKIT)
    return True


def _take_berserk(world: World, player: Player, special: Mobj) -> bool:
    give_power(player, PW_STRENGTH)
    if player.readyweapon != WP_FIST:
        player.pendingweapon = WP_FIST
    return True


def _take_backpack(world: World, player: Player, special: Mobj) -> bool:
    if not player.backpack:
        player.maxammo = [2 * most for most in player.maxammo]
        player.backpack = True
    for ammo in range(NUMAMMO):
        give_ammo(world, player, ammo, 1)
    return True


_ITEMS: Final = {
    SPR_ARM1: _Item(_take_green_armor, strings.GOTARMOR),
    SPR_ARM2: _Item(_take_blue_armor, strings.GOTMEGA),
    SPR_BON1: _Item(_take_health_bonus, strings.GOTHTHBONUS),
    SPR_BON2: _Item(_take_armor_bonus, strings.GOTARMBONUS),
    SPR_SOUL: _Item(_take_soulsphere, strings.GOTSUPER, SFX_GETPOW),
    SPR_MEGA: _Item(_take_megasphere, strings.GOTMSPHERE, SFX_GETPOW),
    SPR_BKEY: _Item(_card(IT_BLUECARD, strings.GOTBLUECARD), ""),
    SPR_YKEY: _Item(_card(IT_YELLOWCARD, strings.GOTYELWCARD), ""),
    SPR_RKEY: _Item(_card(IT_REDCARD, strings.GOTREDCARD), ""),
    SPR_BSKU: _Item(_card(IT_BLUESKULL, strings.GOTBLUESKUL), ""),
    SPR_YSKU: _Item(_card(IT_YELLOWSKULL, strings.GOTYELWSKUL), ""),
    SPR_RSKU: _Item(_card(IT_REDSKULL, strings.GOTREDSKULL), ""),
    SPR_STIM: _Item(_take_stimpack, strings.GOTSTIM),
    SPR_MEDI: _Item(_take_medikit, ""),
    SPR_PINV: _Item(_power(PW_INVULNERABILITY), strings.GOTINVUL, SFX_GETPOW),
    SPR_PSTR: _Item(_take_berserk, strings.GOTBERSERK, SFX_GETPOW),
    SPR_PINS: _Item(_power(PW_INVISIBILITY), strings.GOTINVIS, SFX_GETPOW),
    SPR_SUIT: _Item(_power(PW_IRONFEET), strings.GOTSUIT, SFX_GETPOW),
    SPR_PMAP: _Item(_power(PW_ALLMAP), strings.GOTMAP, SFX_GETPOW),
    SPR_PVIS: _Item(_power(PW_INFRARED), strings.GOTVISOR, SFX_GETPOW),
    SPR_CLIP: _Item(_take_clip, strings.GOTCLIP),
    SPR_AMMO: _Item(_ammo(AM_CLIP, 5), strings.GOTCLIPBOX),
    SPR_ROCK: _Item(_ammo(AM_MISL, 1), strings.GOTROCKET),
    SPR_BROK: _Item(_ammo(AM_MISL, 5), strings.GOTROCKBOX),
    SPR_CELL: _Item(_ammo(AM_CELL, 1), strings.GOTCELL),
    SPR_CELP: _Item(_ammo(AM_CELL, 5), strings.GOTCELLBOX),
    SPR_SHEL: _Item(_ammo(AM_SHELL, 1), strings.GOTSHELLS),
    SPR_SBOX: _Item(_ammo(AM_SHELL, 5), strings.GOTSHELLBOX),
    SPR_BPAK: _Item(_take_backpack, strings.GOTBACKPACK),
    SPR_BFUG: _Item(_weapon(WP_BFG), strings.GOTBFG9000, SFX_WPNUP),
    SPR_MGUN: _Item(_droppable_weapon(WP_CHAINGUN), strings.GOTCHAINGUN, SFX_WPNUP),
    SPR_CSAW: _Item(_weapon(WP_CHAINSAW), strings.GOTCHAINSAW, SFX_WPNUP),
    SPR_LAUN: _Item(_weapon(WP_MISSILE), strings.GOTLAUNCHER, SFX_WPNUP),
    SPR_PLAS: _Item(_weapon(WP_PLASMA), strings.GOTPLASMA, SFX_WPNUP),
    SPR_SHOT: _Item(_droppable_weapon(WP_SHOTGUN), strings.GOTSHOTGUN, SFX_WPNUP),
    SPR_SGN2: _Item(_droppable_weapon(WP_SUPERSHOTGUN), strings.GOTSHOTGUN2, SFX_WPNUP),
}


def touch_special_thing(world: World, special: Mobj, toucher: Mobj) -> None:
    """``P_TouchSpecialThing``: the player's mobj `toucher` walks over `special`.

    A sprite that is no item (a patch may make one special) stays where it is; the original ends the program there.
    """
    delta = to_int32(special.z - toucher.z)
    if delta > toucher.height or delta < -8 * FRACUNIT:
        return  # out of reach
    player = toucher.player
    if toucher.health <= 0 or player is None:
        return  # a player's corpse may slide over things
    item = _ITEMS.get(special.sprite)
    if item is None or not item.take(world, player, special):
        return
    if item.message:
        player.message = world.info.text(item.message)
    if special.flags & MF_COUNTITEM:
        player.itemcount += 1
    states.remove_mobj(world, special)
    player.bonuscount += BONUSADD
    if player.number == world.consoleplayer:
        # powers have a sound of their own since DOOM 1.4
        is_plain = item.sound == SFX_GETPOW and world.version <= GameVersion.DOOM_1_2
        world.sounds.start(None, SFX_ITEMUP if is_plain else item.sound)
