"""The mancubus: three volleys of two fireballs, each spread another way (``A_FatRaise``, ``A_FatAttack1`` to ``3``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.mobj_ids import MT_FATSHOT
from pydoom.data.sound_ids import SFX_MANATK
from pydoom.data.tables import ANG90, ANGLE_MASK, ANGLETOFINESHIFT, FINECOSINE, FINESINE
from pydoom.sim import missiles
from pydoom.sim.enemy.attacks import face_target, target_or_origin
from pydoom.sim.fixed import fixed_mul

if TYPE_CHECKING:
    from pydoom.sim.mobj import Mobj
    from pydoom.sim.world import World

FATSPREAD: Final = ANG90 // 8
"""BAM; 11.25 degrees."""


def fat_raise(world: World, actor: Mobj) -> None:
    """``A_FatRaise``: raise the arms."""
    face_target(world, actor)
    world.sounds.start(actor, SFX_MANATK)


def _throw(world: World, actor: Mobj, target: Mobj, turn: int) -> None:
    """A fireball at the target, turned by `turn` BAM after it has been aimed."""
    missile = missiles.spawn_missile(world, actor, target, MT_FATSHOT)
    if turn:
        missile.angle = (missile.angle + turn) & ANGLE_MASK
        fine = missile.angle >> ANGLETOFINESHIFT
        missile.momx = fixed_mul(missile.info.speed, FINECOSINE[fine])
        missile.momy = fixed_mul(missile.info.speed, FINESINE[fine])


def fat_attack1(world: World, actor: Mobj) -> None:
    """``A_FatAttack1``: one straight ahead, one to the left."""
    face_target(world, actor)
    actor.angle = (actor.angle + FATSPREAD) & ANGLE_MASK
    target = target_or_origin(world, actor)
    _throw(world, actor, target, 0)
    _throw(world, actor, target, FATSPREAD)


def fat_attack2(world: World, actor: Mobj) -> None:
    """``A_FatAttack2``: one straight ahead, one far to the right."""
    face_target(world, actor)
    actor.angle = (actor.angle - FATSPREAD) & ANGLE_MASK
    target = target_or_origin(world, actor)
    _throw(world, actor, target, 0)
    _throw(world, actor, target, -FATSPREAD * 2)


def fat_attack3(world: World, actor: Mobj) -> None:
    """``A_FatAttack3``: one slightly to the right, one slightly to the left."""
    face_target(world, actor)
    target = target_or_origin(world, actor)
    _throw(world, actor, target, -FATSPREAD // 2)
    _throw(world, actor, target, FATSPREAD // 2)
