"""Loading the graphics that a level will show before they are seen (``R_PrecacheLevel``).

The original does this while the level loads. A renderer here loads what is seen when it is first seen, so a level's
first frame is early, and the loop loads the rest in the time it has to spare, one graphic after another.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

from pydoom.data.flags import MF_MISSILE
from pydoom.data.mobj_ids import MT_BLOOD, MT_CLIP, MT_IFOG, MT_PUFF, MT_SHOTGUN, MT_TFOG
from pydoom.data.state_ids import S_NULL
from pydoom.sim.level import Seg
from pydoom.sim.world import World

_APPEARING: Final = (MT_PUFF, MT_BLOOD, MT_TFOG, MT_IFOG, MT_CLIP, MT_SHOTGUN)
"""Things that appear in every level sooner or later, the last two dropped by dead zombies."""


class GraphicsStore(Protocol):
    """Where a renderer keeps its graphics; loading one again does nothing."""

    def load_wall(self, texture: int) -> None:
        """Load a wall texture."""

    def load_masked(self, texture: int) -> None:
        """Load a texture used as a masked middle texture."""

    def frames_of(self, sprite: int) -> int:
        """How many frames a sprite has."""

    def load_frame(self, sprite: int, frame: int) -> None:
        """Load a frame of a sprite, with all its rotations."""


class LevelLoader:
    """Loads the graphics of a world's level one by one; starts again when the world gets another level."""

    def __init__(self) -> None:
        self._segs: list[Seg] = []
        self._steps: Iterator[None] = iter(())

    def load_one(self, store: GraphicsStore, world: World) -> bool:
        """Load one graphic; returns whether there may be more to load."""
        if self._segs is not world.segs:
            self._segs = world.segs
            self._steps = _load_level(store, world)
        for _ in self._steps:
            return True
        return False


def _load_level(store: GraphicsStore, world: World) -> Iterator[None]:
    """Load the wall textures of the level's sides and the sprites it will show; pauses after each graphic.

    The original takes only the sprites of its things; missiles and weapons load when first seen.
    """
    walls = {number for side in world.sides for number in (side.toptexture, side.midtexture, side.bottomtexture)}
    masked = {seg.sidedef.midtexture for seg in world.segs if seg.backsector is not None}
    for texture in sorted(walls - {0}):
        store.load_wall(texture)
        yield
    for texture in sorted(masked - {0}):
        store.load_masked(texture)
        yield
    for sprite in sorted(_present(world) | _to_come(world)):
        for frame in range(store.frames_of(sprite)):
            store.load_frame(sprite, frame)
            yield


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
