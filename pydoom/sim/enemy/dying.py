"""Pain, screams and bodies: what every monster, barrel and player does when hurt (``A_Pain`` to ``A_Explode``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.flags import MF_SOLID
from pydoom.data.mobj_ids import MT_CYBORG, MT_SPIDER
from pydoom.data.sound_ids import (
    SFX_BGDTH1,
    SFX_BGDTH2,
    SFX_PDIEHI,
    SFX_PLDETH,
    SFX_PODTH1,
    SFX_PODTH2,
    SFX_PODTH3,
    SFX_SLOP,
)
from pydoom.sim import hitscan
from pydoom.sim.rules import GameMode

if TYPE_CHECKING:
    from pydoom.sim.mobj import Mobj
    from pydoom.sim.world import World

_HUMAN_DEATH_SOUNDS: Final = frozenset((SFX_PODTH1, SFX_PODTH2, SFX_PODTH3))
_IMP_DEATH_SOUNDS: Final = frozenset((SFX_BGDTH1, SFX_BGDTH2))


def pain(world: World, actor: Mobj) -> None:
    """``A_Pain``."""
    if actor.info.painsound:
        world.sounds.start(actor, actor.info.painsound)


def scream(world: World, actor: Mobj) -> None:
    """``A_Scream``: the sound of death; the two bosses are heard everywhere."""
    sound = actor.info.deathsound
    if not sound:
        return
    if sound in _HUMAN_DEATH_SOUNDS:
        sound = SFX_PODTH1 + world.random.p_random() % 3
    elif sound in _IMP_DEATH_SOUNDS:
        sound = SFX_BGDTH1 + world.random.p_random() % 2
    world.sounds.start(None if actor.type in (MT_SPIDER, MT_CYBORG) else actor, sound)


def xscream(world: World, actor: Mobj) -> None:
    """``A_XScream``: torn to pieces."""
    world.sounds.start(actor, SFX_SLOP)


def player_scream(world: World, actor: Mobj) -> None:
    """``A_PlayerScream``: in DOOM II a louder one for those who died far below zero health."""
    high = world.mode == GameMode.COMMERCIAL and actor.health < -50
    world.sounds.start(actor, SFX_PDIEHI if high else SFX_PLDETH)


def fall(world: World, actor: Mobj) -> None:
    """``A_Fall``: the body can be walked over from now on."""
    actor.flags &= ~MF_SOLID


def explode(world: World, thing: Mobj) -> None:
    """``A_Explode``: the blast of a rocket or barrel, 128 points at its centre."""
    hitscan.radius_attack(world, thing, thing.target, 128)
