"""Which graphics a level will show, to load them before they are seen (``R_PrecacheLevel``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pydoom.data.flags import MF_MISSILE
from pydoom.data.mobj_ids import MT_BLOOD, MT_CLIP, MT_IFOG, MT_PUFF, MT_SHOTGUN, MT_TFOG
from pydoom.data.state_ids import S_NULL
from pydoom.sim.world import World

_APPEARING: Final = (MT_PUFF, MT_BLOOD, MT_TFOG, MT_IFOG, MT_CLIP, MT_SHOTGUN)
"""Things that appear in every level sooner or later, the last two dropped by dead zombies."""


@dataclass(frozen=True)
class LevelGraphics:
    """Numbers of wall textures, of textures used as masked middle textures, and of sprites, sorted."""

    walls: list[int]
    masked: list[int]
    sprites: list[int]


def level_graphics(world: World) -> LevelGraphics:
    """The wall textures of the level's sides, and the sprites that it will show.

    The original takes only the sprites of its things; missiles and weapons load when first seen.
    """
    walls = {number for side in world.sides for number in (side.toptexture, side.midtexture, side.bottomtexture)}
    masked = {seg.sidedef.midtexture for seg in world.segs if seg.backsector is not None}
    return LevelGraphics(sorted(walls - {0}), sorted(masked - {0}), sorted(_present(world) | _to_come(world)))


def _present(world: World) -> set[int]:
    """Sprites of the level's things, and of their deaths: a barrel explodes in another sprite."""
    states = world.info.states
    sprites = set()
    for sector in world.sectors:
        thing = sector.things
        while thing is not None:
            sprites.add(thing.sprite)
            if thing.info.deathstate:
                sprites.add(states[thing.info.deathstate].sprite)
            thing = thing.snext
    return sprites


def _to_come(world: World) -> set[int]:
    """Sprites of missiles, blood and fog, and of the player's weapons."""
    info = world.info
    states = {kind.spawnstate for kind in info.mobjinfo if kind.flags & MF_MISSILE}
    states |= {info.mobjinfo[number].spawnstate for number in _APPEARING}
    states |= {number for weapon in info.weapons for number in (weapon.readystate, weapon.atkstate, weapon.flashstate)}
    return {info.states[number].sprite for number in states - {S_NULL}}
