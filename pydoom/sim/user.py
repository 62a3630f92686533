"""What a player does each tic: walk, look, bob, die, use up powers (``p_user.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.flags import MF_JUSTATTACKED, MF_NOCLIP, MF_SHADOW
from pydoom.data.info import WP_BFG, WP_CHAINSAW, WP_FIST, WP_PLASMA, WP_SHOTGUN, WP_SUPERSHOTGUN
from pydoom.data.state_ids import S_PLAY, S_PLAY_RUN1
from pydoom.data.tables import (
    ANG90,
    ANG180,
    ANGLE_MASK,
    ANGLETOFINESHIFT,
    FINEANGLES,
    FINECOSINE,
    FINEMASK,
    FINESINE,
)
from pydoom.sim import hitscan, states, weapons
from pydoom.sim.constants import VIEWHEIGHT
from pydoom.sim.fixed import FRACUNIT, MAXINT, MININT, fixed_mul, to_int32
from pydoom.sim.geometry import point_to_angle
from pydoom.sim.player import (
    CF_NOCLIP,
    CF_NOMOMENTUM,
    PST_DEAD,
    PST_LIVE,
    PST_REBORN,
    PW_INFRARED,
    PW_INVISIBILITY,
    PW_INVULNERABILITY,
    PW_IRONFEET,
    PW_STRENGTH,
    Player,
)
from pydoom.sim.rules import GameMode
from pydoom.sim.specials import sectors
from pydoom.sim.ticcmd import BT_CHANGE, BT_SPECIAL, BT_USE, BT_WEAPONMASK, BT_WEAPONSHIFT

if TYPE_CHECKING:
    from pydoom.sim.world import World

MAXBOB: Final = 0x100000
"""Largest bob of the view: 16 map units."""
MOVE_SCALE: Final = 2048
"""16.16 thrust for one unit of `TicCmd.forwardmove`."""
CHAINSAW_PULL: Final = 0xC800 // 512
"""`TicCmd.forwardmove` of a player whom a running chain saw drags along."""
ANG5: Final = ANG90 // 18
DEAD_VIEWHEIGHT: Final = 6 * FRACUNIT
INVERSECOLORMAP: Final = 32
"""The colormap of invulnerability."""
BRIGHT_COLORMAP: Final = 1
"""The colormap of light amplification: almost full bright."""
BLINK_TICS: Final = 4 * 32
"""A power's colours blink when fewer tics are left."""


def thrust(player: Player, angle: int, move: int) -> None:
    """``P_Thrust``: push a player by `move` (16.16) in the direction `angle`."""
    fine = (angle & ANGLE_MASK) >> ANGLETOFINESHIFT
    mo = player.mo
    momx = mo.momx + fixed_mul(move, FINECOSINE[fine])
    momy = mo.momy + fixed_mul(move, FINESINE[fine])
    if not (MININT <= momx <= MAXINT and MININT <= momy <= MAXINT):
        momx = to_int32(momx)
        momy = to_int32(momy)
    mo.momx = momx
    mo.momy = momy


def calc_height(world: World, player: Player) -> None:
    """``P_CalcHeight``: where the eyes are, bobbing with the walk and sinking after a fall."""
    mo = player.mo
    bob = to_int32(fixed_mul(mo.momx, mo.momx) + fixed_mul(mo.momy, mo.momy)) >> 2
    player.bob = bob = min(bob, MAXBOB)
    if player.cheats & CF_NOMOMENTUM or not world.onground:
        # the original limits viewz to the ceiling here, and then forgets it
        player.viewz = to_int32(mo.z + player.viewheight)
        return

    fine = (FINEANGLES // 20 * world.leveltime) & FINEMASK
    swing = fixed_mul(bob >> 1 if bob >= 0 else -(-bob >> 1), FINESINE[fine])
    if player.playerstate == PST_LIVE:
        player.viewheight += player.deltaviewheight
        if player.viewheight > VIEWHEIGHT:
            player.viewheight = VIEWHEIGHT
            player.deltaviewheight = 0
        if player.viewheight < VIEWHEIGHT // 2:
            player.viewheight = VIEWHEIGHT // 2
            if player.deltaviewheight <= 0:
                player.deltaviewheight = 1
        if player.deltaviewheight:
            player.deltaviewheight += FRACUNIT // 4
            if not player.deltaviewheight:
                player.deltaviewheight = 1
    eyes = mo.z + player.viewheight + swing
    highest = mo.ceilingz - 4 * FRACUNIT
    player.viewz = min(to_int32(eyes), to_int32(highest)) if world.tall else min(eyes, highest)


def move_player(world: World, player: Player) -> None:
    """``P_MovePlayer``: turn and push as the ticcmd says; in the air only turning works."""
    cmd = player.cmd
    mo = player.mo
    mo.angle = angle = (mo.angle + (cmd.angleturn << 16)) & ANGLE_MASK
    world.onground = onground = mo.z <= mo.floorz
    if cmd.forwardmove and onground:
        thrust(player, angle, cmd.forwardmove * MOVE_SCALE)
    if cmd.sidemove and onground:
        thrust(player, angle - ANG90, cmd.sidemove * MOVE_SCALE)
    if (cmd.forwardmove or cmd.sidemove) and mo.state.index == S_PLAY:
        states.set_mobj_state(world, mo, S_PLAY_RUN1)


def death_think(world: World, player: Player) -> None:
    """``P_DeathThink``: sink to the floor and turn towards the killer; "use" respawns."""
    weapons.move_psprites(world, player)
    mo = player.mo
    if player.viewheight > DEAD_VIEWHEIGHT:
        player.viewheight -= FRACUNIT
    if player.viewheight < DEAD_VIEWHEIGHT:
        player.viewheight = DEAD_VIEWHEIGHT
    player.deltaviewheight = 0
    world.onground = mo.z <= mo.floorz
    calc_height(world, player)

    attacker = player.attacker
    if attacker is not None and attacker is not mo:
        angle = point_to_angle(mo.x, mo.y, attacker.x, attacker.y)
        delta = (angle - mo.angle) & ANGLE_MASK
        if delta < ANG5 or delta > -ANG5 & ANGLE_MASK:
            # looking at the killer, so the red fades
            mo.angle = angle
            if player.damagecount:
                player.damagecount -= 1
        elif delta < ANG180:
            mo.angle = (mo.angle + ANG5) & ANGLE_MASK
        else:
            mo.angle = (mo.angle - ANG5) & ANGLE_MASK
    elif player.damagecount:
        player.damagecount -= 1

    if player.cmd.buttons & BT_USE:
        player.playerstate = PST_REBORN


def player_think(world: World, player: Player) -> None:
    """``P_PlayerThink``: one tic of a player."""
    mo = player.mo
    cmd = player.cmd
    if player.cheats & CF_NOCLIP:
        mo.flags |= MF_NOCLIP
    else:
        mo.flags &= ~MF_NOCLIP
    if mo.flags & MF_JUSTATTACKED:
        cmd.angleturn = 0
        cmd.forwardmove = CHAINSAW_PULL
        cmd.sidemove = 0
        mo.flags &= ~MF_JUSTATTACKED
    if player.playerstate == PST_DEAD:
        death_think(world, player)
        return

    if mo.reactiontime:
        mo.reactiontime -= 1
    else:
        move_player(world, player)
    calc_height(world, player)
    if mo.subsector.sector.special:
        sectors.player_in_special_sector(world, player)

    if cmd.buttons & BT_SPECIAL:
        cmd.buttons = 0
    if cmd.buttons & BT_CHANGE:
        _change_weapon(world, player, (cmd.buttons & BT_WEAPONMASK) >> BT_WEAPONSHIFT)
    if cmd.buttons & BT_USE:
        if not player.usedown:
            hitscan.use_lines(world, player)
            player.usedown = True
    else:
        player.usedown = False
    weapons.move_psprites(world, player)
    _count_down(player)


def _change_weapon(world: World, player: Player, weapon: int) -> None:
    """Note the weapon that a number key asks for; keys 1 and 3 stand for two weapons each."""
    owned = player.weaponowned
    if weapon == WP_FIST and owned[WP_CHAINSAW]:
        if not (player.readyweapon == WP_CHAINSAW and player.powers[PW_STRENGTH]):
            weapon = WP_CHAINSAW
    if weapon == WP_SHOTGUN and owned[WP_SUPERSHOTGUN] and world.mode == GameMode.COMMERCIAL:
        if player.readyweapon != WP_SUPERSHOTGUN:
            weapon = WP_SUPERSHOTGUN
    if owned[weapon] and weapon != player.readyweapon:
        # not even cheats bring these into the shareware game
        if weapon not in (WP_PLASMA, WP_BFG) or world.mode != GameMode.SHAREWARE:
            player.pendingweapon = weapon


def _count_down(player: Player) -> None:
    """Let powers and flashes run out, and choose the colormap they ask for."""
    powers = player.powers
    if powers[PW_STRENGTH]:
        powers[PW_STRENGTH] += 1  # counts up, for the red of berserk to fade
    if powers[PW_INVULNERABILITY]:
        powers[PW_INVULNERABILITY] -= 1
    if powers[PW_INVISIBILITY]:
        powers[PW_INVISIBILITY] -= 1
        if not powers[PW_INVISIBILITY]:
            player.mo.flags &= ~MF_SHADOW
    if powers[PW_INFRARED]:
        powers[PW_INFRARED] -= 1
    if powers[PW_IRONFEET]:
        powers[PW_IRONFEET] -= 1
    if player.damagecount:
        player.damagecount -= 1
    if player.bonuscount:
        player.bonuscount -= 1

    player.fixedcolormap = 0
    if powers[PW_INVULNERABILITY]:
        if powers[PW_INVULNERABILITY] > BLINK_TICS or powers[PW_INVULNERABILITY] & 8:
            player.fixedcolormap = INVERSECOLORMAP
    elif powers[PW_INFRARED] and (powers[PW_INFRARED] > BLINK_TICS or powers[PW_INFRARED] & 8):
        player.fixedcolormap = BRIGHT_COLORMAP
