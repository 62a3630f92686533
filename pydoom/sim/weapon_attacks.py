"""What each weapon does when it is fired (the ``A_Fire*`` actions of ``p_pspr.c``).

Angles are BAM, slopes and ranges 16.16. The order of random numbers (damage before spread) is part of the behaviour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.flags import MF_JUSTATTACKED
from pydoom.data.mobj_ids import MT_BFG, MT_EXTRABFG, MT_PLASMA, MT_ROCKET
from pydoom.data.sound_ids import (
    SFX_BFG,
    SFX_DSHTGN,
    SFX_PISTOL,
    SFX_PUNCH,
    SFX_SAWFUL,
    SFX_SAWHIT,
    SFX_SHOTGN,
)
from pydoom.data.state_ids import S_CHAIN1, S_PLAY_ATK2
from pydoom.data.tables import ANG45, ANG90, ANG180, ANGLE_MASK, ANGLETOFINESHIFT
from pydoom.sim import damage, hitscan, missiles, spawning, states
from pydoom.sim.constants import MELEERANGE, MISSILERANGE
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.geometry import point_to_angle
from pydoom.sim.player import PS_FLASH, PW_STRENGTH
from pydoom.sim.weapons import ammo_left, set_psprite, use_ammo

if TYPE_CHECKING:
    from pydoom.sim.mobj import Mobj
    from pydoom.sim.player import Player, PspDef
    from pydoom.sim.world import World

AIM_RANGE: Final = 16 * 64 * FRACUNIT
"""How far guns and the BFG's spray look for a target."""
_AIM_ASIDE: Final = 1 << 26
"""Guns also aim this far to the left and right, BAM (5.6 degrees)."""
_SAW_TURN: Final = ANG90 // 20
"""The saw drags its user at most this far towards the victim at once, BAM."""
_SAW_SWAY: Final = ANG90 // 21
"""Nearer than that, it is held this far beside the victim, BAM."""


def punch(world: World, player: Player, psp: PspDef) -> None:
    """``A_Punch``: 2 to 20 points, ten times that with berserk."""
    points = (world.random.p_random() % 10 + 1) << 1
    if player.powers[PW_STRENGTH]:
        points *= 10
    mo = player.mo
    angle = (mo.angle + (world.random.sub_random() << 18)) & ANGLE_MASK
    slope, target = hitscan.aim_line_attack(world, mo, angle, MELEERANGE)
    hitscan.line_attack(world, mo, angle, MELEERANGE, slope, points)
    if target is not None:
        world.sounds.start(mo, SFX_PUNCH)
        mo.angle = point_to_angle(mo.x, mo.y, target.x, target.y)


def saw(world: World, player: Player, psp: PspDef) -> None:
    """``A_Saw``: 2 to 20 points, and the saw pulls its user along and aside."""
    points = 2 * (world.random.p_random() % 10 + 1)
    mo = player.mo
    angle = (mo.angle + (world.random.sub_random() << 18)) & ANGLE_MASK
    # one more than MELEERANGE: with exactly that the puff of a fist would be drawn
    slope, target = hitscan.aim_line_attack(world, mo, angle, MELEERANGE + 1)
    hitscan.line_attack(world, mo, angle, MELEERANGE + 1, slope, points)
    if target is None:
        world.sounds.start(mo, SFX_SAWFUL)
        return
    world.sounds.start(mo, SFX_SAWHIT)
    angle = point_to_angle(mo.x, mo.y, target.x, target.y)
    mo.angle = _sawed_towards(mo.angle, angle)
    mo.flags |= MF_JUSTATTACKED


def _sawed_towards(angle: int, victim: int) -> int:
    """Where a user of the saw who looks at `angle` looks next, with the victim at `victim` (BAM)."""
    delta = (victim - angle) & ANGLE_MASK
    if delta > ANG180:
        # the original compares as signed ints
        turned = victim + _SAW_SWAY if delta - (1 << 32) < -_SAW_TURN else angle - _SAW_TURN
    else:
        turned = victim - _SAW_SWAY if delta > _SAW_TURN else angle + _SAW_TURN
    return turned & ANGLE_MASK


def fire_missile(world: World, player: Player, psp: PspDef) -> None:
    """``A_FireMissile``: one rocket."""
    use_ammo(player, world.info.weapons[player.readyweapon].ammo, 1)
    missiles.spawn_player_missile(world, player.mo, MT_ROCKET)


def fire_bfg(world: World, player: Player, psp: PspDef) -> None:
    """``A_FireBFG``: forty cells in one ball."""
    use_ammo(player, world.info.weapons[player.readyweapon].ammo, world.info.misc.bfg_cells_per_shot)
    missiles.spawn_player_missile(world, player.mo, MT_BFG)


def fire_plasma(world: World, player: Player, psp: PspDef) -> None:
    """``A_FirePlasma``: one cell, with one of two flashes."""
    weapon = world.info.weapons[player.readyweapon]
    use_ammo(player, weapon.ammo, 1)
    set_psprite(world, player, PS_FLASH, weapon.flashstate + (world.random.p_random() & 1))
    missiles.spawn_player_missile(world, player.mo, MT_PLASMA)


def bullet_slope(world: World, mo: Mobj) -> None:
    """``P_BulletSlope``: set `world.bulletslope` to aim at who is ahead, else slightly left, else slightly right."""
    for turn in (0, _AIM_ASIDE, -_AIM_ASIDE):
        angle = (mo.angle + turn) & ANGLE_MASK
        world.bulletslope, target = hitscan.aim_line_attack(world, mo, angle, AIM_RANGE)
        if target is not None:
            return


def gun_shot(world: World, mo: Mobj, accurate: bool) -> None:
    """``P_GunShot``: one bullet along `world.bulletslope`: 5, 10 or 15 points, spread unless `accurate`."""
    points = 5 * (world.random.p_random() % 3 + 1)
    angle = mo.angle
    if not accurate:
        angle = (angle + (world.random.sub_random() << 18)) & ANGLE_MASK
    hitscan.line_attack(world, mo, angle, MISSILERANGE, world.bulletslope, points)


def _pull_trigger(world: World, player: Player, shells: int, flash: int = 0) -> None:
    """What all guns do before the bullets fly: ammunition, flash number `flash` of the weapon, aim."""
    weapon = world.info.weapons[player.readyweapon]
    states.set_mobj_state(world, player.mo, S_PLAY_ATK2)
    use_ammo(player, weapon.ammo, shells)
    set_psprite(world, player, PS_FLASH, weapon.flashstate + flash)
    bullet_slope(world, player.mo)


def fire_pistol(world: World, player: Player, psp: PspDef) -> None:
    """``A_FirePistol``: the first shot of a series is accurate."""
    world.sounds.start(player.mo, SFX_PISTOL)
    _pull_trigger(world, player, 1)
    gun_shot(world, player.mo, not player.refire)


def fire_shotgun(world: World, player: Player, psp: PspDef) -> None:
    """``A_FireShotgun``: seven pellets."""
    world.sounds.start(player.mo, SFX_SHOTGN)
    _pull_trigger(world, player, 1)
    for _ in range(7):
        gun_shot(world, player.mo, False)


def fire_shotgun2(world: World, player: Player, psp: PspDef) -> None:
    """``A_FireShotgun2``: twenty pellets, spread twice as wide and up and down too."""
    mo = player.mo
    world.sounds.start(mo, SFX_DSHTGN)
    _pull_trigger(world, player, 2)
    random = world.random
    for _ in range(20):
        points = 5 * (random.p_random() % 3 + 1)
        angle = (mo.angle + (random.sub_random() << ANGLETOFINESHIFT)) & ANGLE_MASK
        slope = world.bulletslope + (random.sub_random() << 5)
        hitscan.line_attack(world, mo, angle, MISSILERANGE, slope, points)


def fire_cgun(world: World, player: Player, psp: PspDef) -> None:
    """``A_FireCGun``: one bullet of the chaingun; with the last bullet gone there is still the sound."""
    world.sounds.start(player.mo, SFX_PISTOL)
    if not ammo_left(player, world.info.weapons[player.readyweapon].ammo):
        return
    assert psp.state is not None
    _pull_trigger(world, player, 1, psp.state.index - S_CHAIN1)
    gun_shot(world, player.mo, not player.refire)


def bfg_sound(world: World, player: Player, psp: PspDef) -> None:
    """``A_BFGsound``."""
    world.sounds.start(player.mo, SFX_BFG)


def bfg_spray(world: World, mo: Mobj) -> None:
    """``A_BFGSpray``: as the ball explodes, forty rays from the shooter, each for 15 to 120 points.

    The rays start at the shooter's current position, in the direction the ball flew.
    """
    shooter = mo.target
    p_random = world.random.p_random
    for ray in range(40):
        angle = (mo.angle - ANG45 + ANG90 // 40 * ray) & ANGLE_MASK
        _, target = hitscan.aim_line_attack(world, shooter, angle, AIM_RANGE)
        if target is None:
            continue
        spawning.spawn_mobj(world, target.x, target.y, target.z + (target.height >> 2), MT_EXTRABFG)
        points = sum((p_random() & 7) + 1 for _ in range(15))
        damage.damage_mobj(world, target, shooter, shooter, points)
