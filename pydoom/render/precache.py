"""Loading a level's pictures before they are seen, so that no frame has to wait for them (``R_PrecacheLevel``)."""

from __future__ import annotations

import numpy as np

from pydoom.render.atlas import Atlas
from pydoom.sim.world import World


def precache(atlas: Atlas, world: World) -> None:
    """Load the wall textures of the level's sides, and all frames of the sprites of its things."""
    sides = world.sides
    walls = {number for side in sides for number in (side.toptexture, side.midtexture, side.bottomtexture)}
    atlas.load_walls(np.array(sorted(walls - {0}), np.int64))
    masked = {seg.sidedef.midtexture for seg in world.segs if seg.backsector is not None and seg.sidedef.midtexture}
    atlas.load_masked(np.array(sorted(masked), np.int64))
    sprites = set()
    for sector in world.sectors:
        thing = sector.things
        while thing is not None:
            sprites.add(thing.sprite)
            thing = thing.snext
    first, count = atlas.frame_start, atlas.frame_count
    atlas.load_frames(np.array([int(first[s]) + i for s in sorted(sprites) for i in range(int(count[s]))], np.int64))
