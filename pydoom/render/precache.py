"""Loading a level's pictures before they are seen, so that no frame has to wait for them (``R_PrecacheLevel``)."""

from __future__ import annotations

from typing import Final

import numpy as np

from pydoom.data.flags import MF_MISSILE
from pydoom.data.mobj_ids import MT_BLOOD, MT_CLIP, MT_IFOG, MT_PUFF, MT_SHOTGUN, MT_TFOG
from pydoom.data.state_ids import S_NULL
from pydoom.render.atlas import Atlas
from pydoom.sim.world import World

_APPEARING: Final = (MT_PUFF, MT_BLOOD, MT_TFOG, MT_IFOG, MT_CLIP, MT_SHOTGUN)
"""Things that come into every level sooner or later, the last two out of dead zombies' hands."""


def precache(atlas: Atlas, world: World) -> None:
    """Load the wall textures of the level's sides, and all frames of the sprites that it will show.

    The original takes the sprites of its things only; what they shoot and what the player holds came when first seen.
    """
    sides = world.sides
    walls = {number for side in sides for number in (side.toptexture, side.midtexture, side.bottomtexture)}
    atlas.load_walls(np.array(sorted(walls - {0}), np.int64))
    masked = {seg.sidedef.midtexture for seg in world.segs if seg.backsector is not None and seg.sidedef.midtexture}
    atlas.load_masked(np.array(sorted(masked), np.int64))
    sprites = _present(world) | _to_come(world)
    first, count = atlas.frame_start, atlas.frame_count
    atlas.load_frames(np.array([int(first[s]) + i for s in sorted(sprites) for i in range(int(count[s]))], np.int64))


def _present(world: World) -> set[int]:
    """Sprites of the level's things, and of their ends: a barrel's is another one."""
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
