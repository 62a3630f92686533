"""What most monsters do when they attack: turn, shoot, bite or throw something (the ``A_*Attack`` actions).

Angles are BAM; ranges and slopes 16.16. The order of random numbers (spread before damage, one spread is two
numbers) is part of the behaviour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydoom.data.flags import MF_AMBUSH, MF_SHADOW
from pydoom.data.mobj_ids import MT_ARACHPLAZ, MT_BRUISERSHOT, MT_HEADSHOT, MT_ROCKET, MT_TROOPSHOT
from pydoom.data.sound_ids import SFX_CLAW, SFX_PISTOL, SFX_SHOTGN
from pydoom.data.tables import ANGLE_MASK
from pydoom.sim import damage, hitscan, missiles, sight, states
from pydoom.sim.constants import MELEERANGE, MISSILERANGE
from pydoom.sim.enemy.senses import check_melee_range
from pydoom.sim.geometry import point_to_angle
from pydoom.sim.mobj import Mobj
from pydoom.sim.rules import GameVersion

if TYPE_CHECKING:
    from pydoom.sim.world import World


def target_or_origin(world: World, actor: Mobj) -> Mobj:
    """``P_SubstNullMobj`` for the actor's target: the target, or a nothing at the middle of the map's coordinates."""
    if actor.target is not None:
        return actor.target
    nothing = Mobj(actor.subsector, world.info.mobjinfo[0], world.states[0])
    nothing.flags = 0
    return nothing


def face_target(world: World, actor: Mobj) -> None:
    """``A_FaceTarget``: turn to the target, inexactly when it is hard to see; this also ends an ambush."""
    target = actor.target
    if target is None:
        return
    actor.flags &= ~MF_AMBUSH
    angle = point_to_angle(actor.x, actor.y, target.x, target.y)
    if target.flags & MF_SHADOW:
        angle = (angle + (world.random.sub_random() << 21)) & ANGLE_MASK
    actor.angle = angle


def _shoot(world: World, actor: Mobj, angle: int, slope: int) -> None:
    """One bullet of a soldier: spread up to 22.5 degrees each way, 3 to 15 points."""
    angle = (angle + (world.random.sub_random() << 20)) & ANGLE_MASK
    points = (world.random.p_random() % 5 + 1) * 3
    hitscan.line_attack(world, actor, angle, MISSILERANGE, slope, points)


def pos_attack(world: World, actor: Mobj) -> None:
    """``A_PosAttack``: the zombieman's pistol."""
    if actor.target is None:
        return
    face_target(world, actor)
    angle = actor.angle
    slope, _ = hitscan.aim_line_attack(world, actor, angle, MISSILERANGE)
    world.sounds.start(actor, SFX_PISTOL)
    _shoot(world, actor, angle, slope)


def spos_attack(world: World, actor: Mobj) -> None:
    """``A_SPosAttack``: three bullets of the shotgun guy, or of the spider mastermind."""
    if actor.target is None:
        return
    world.sounds.start(actor, SFX_SHOTGN)
    face_target(world, actor)
    angle = actor.angle
    slope, _ = hitscan.aim_line_attack(world, actor, angle, MISSILERANGE)
    for _ in range(3):
        _shoot(world, actor, angle, slope)


def cpos_attack(world: World, actor: Mobj) -> None:
    """``A_CPosAttack``: one bullet of the chaingunner."""
    if actor.target is None:
        return
    world.sounds.start(actor, SFX_SHOTGN)
    face_target(world, actor)
    angle = actor.angle
    slope, _ = hitscan.aim_line_attack(world, actor, angle, MISSILERANGE)
    _shoot(world, actor, angle, slope)


def cpos_refire(world: World, actor: Mobj) -> None:
    """``A_CPosRefire``: cease fire when the target is dead or out of sight; 40 in 256 times nobody looks."""
    _refire(world, actor, 40)


def spid_refire(world: World, actor: Mobj) -> None:
    """``A_SpidRefire``: the same for the spiders, which check more often."""
    _refire(world, actor, 10)


def _refire(world: World, actor: Mobj, regardless: int) -> None:
    face_target(world, actor)
    if world.random.p_random() < regardless:
        return
    target = actor.target
    if target is None or target.health <= 0 or not sight.check_sight(world, actor, target):
        states.set_mobj_state(world, actor, actor.info.seestate)


def bspi_attack(world: World, actor: Mobj) -> None:
    """``A_BspiAttack``: the arachnotron's plasma."""
    if actor.target is None:
        return
    face_target(world, actor)
    missiles.spawn_missile(world, actor, actor.target, MT_ARACHPLAZ)


def troop_attack(world: World, actor: Mobj) -> None:
    """``A_TroopAttack``: the imp claws (3 to 24 points) or throws a fireball."""
    target = actor.target
    if target is None:
        return
    face_target(world, actor)
    if check_melee_range(world, actor):
        world.sounds.start(actor, SFX_CLAW)
        damage.damage_mobj(world, target, actor, actor, (world.random.p_random() % 8 + 1) * 3)
        return
    missiles.spawn_missile(world, actor, target, MT_TROOPSHOT)


def sarg_attack(world: World, actor: Mobj) -> None:
    """``A_SargAttack``: the demon's bite, 4 to 40 points; in DOOM 1.2 it bites whatever is in front of it."""
    target = actor.target
    if target is None:
        return
    face_target(world, actor)
    if world.version >= GameVersion.DOOM_1_5 and not check_melee_range(world, actor):
        return
    points = (world.random.p_random() % 10 + 1) * 4
    if world.version <= GameVersion.DOOM_1_2:
        hitscan.line_attack(world, actor, actor.angle, MELEERANGE, 0, points)
    else:
        damage.damage_mobj(world, target, actor, actor, points)


def head_attack(world: World, actor: Mobj) -> None:
    """``A_HeadAttack``: the cacodemon bites (10 to 60 points) or spits."""
    target = actor.target
    if target is None:
        return
    face_target(world, actor)
    if check_melee_range(world, actor):
        damage.damage_mobj(world, target, actor, actor, (world.random.p_random() % 6 + 1) * 10)
        return
    missiles.spawn_missile(world, actor, target, MT_HEADSHOT)


def cyber_attack(world: World, actor: Mobj) -> None:
    """``A_CyberAttack``: the cyberdemon's rocket."""
    if actor.target is None:
        return
    face_target(world, actor)
    missiles.spawn_missile(world, actor, actor.target, MT_ROCKET)


def bruis_attack(world: World, actor: Mobj) -> None:
    """``A_BruisAttack``: baron and hell knight claw (10 to 80 points) or throw, without turning first."""
    target = actor.target
    if target is None:
        return
    if check_melee_range(world, actor):
        world.sounds.start(actor, SFX_CLAW)
        damage.damage_mobj(world, target, actor, actor, (world.random.p_random() % 8 + 1) * 10)
        return
    missiles.spawn_missile(world, actor, target, MT_BRUISERSHOT)
