"""What the deaths of the last bosses set off (``A_BossDeath``, ``A_KeenDie``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.mobj_ids import MT_BABY, MT_BRUISER, MT_CYBORG, MT_FATSO, MT_SPIDER
from pydoom.sim.constants import THINKERS_PER_WORK
from pydoom.sim.enemy.dying import fall
from pydoom.sim.level import Line, Vertex
from pydoom.sim.mobj import Mobj
from pydoom.sim.rules import Exit, GameMode, GameVersion
from pydoom.sim.specials import doors, floors
from pydoom.sim.specials.kinds import DoorType, FloorType

if TYPE_CHECKING:
    from pydoom.sim.world import World

TAG_BOSS: Final = 666
TAG_ARACHNOTRONS: Final = 667

_ULTIMATE_BOSSES: Final = {
    1: {(8, MT_BRUISER)},
    2: {(8, MT_CYBORG)},
    3: {(8, MT_SPIDER)},
    4: {(6, MT_CYBORG), (8, MT_SPIDER)},
}
"""Per episode: the maps and the bosses that end them, since The Ultimate DOOM."""


def boss_death(world: World, actor: Mobj) -> None:
    """``A_BossDeath``: when the last boss of its kind dies in the right level, open the way or end the level.

    Monsters with a bond are no bosses, living or dying: the level's end must not hang on somebody's container.
    """
    if actor.bond is not None or not _is_boss_here(world, actor.type):
        return
    if not any(world.playeringame[player.number] and player.health > 0 for player in world.players):
        return  # nobody left to see it
    if _another_lives(world, actor):
        return

    episode = world.episode
    if world.mode == GameMode.COMMERCIAL:
        if actor.type == MT_FATSO:
            floors.ev_do_floor(world, _tagged_line(actor, TAG_BOSS), FloorType.LOWER_FLOOR_TO_LOWEST)
        else:
            floors.ev_do_floor(world, _tagged_line(actor, TAG_ARACHNOTRONS), FloorType.RAISE_TO_TEXTURE)
    elif episode == 1 or (episode == 4 and world.map == 8):
        floors.ev_do_floor(world, _tagged_line(actor, TAG_BOSS), FloorType.LOWER_FLOOR_TO_LOWEST)
    elif episode == 4 and world.map == 6:
        doors.ev_do_door(world, _tagged_line(actor, TAG_BOSS), DoorType.BLAZE_OPEN)
    else:
        world.exit = Exit.NORMAL


def _is_boss_here(world: World, kind: int) -> bool:
    """Whether the death of this type matters in this level; ``CheckBossEnd`` for DOOM.

    Up to DOOM v1.9 any boss ends any eighth map, save that barons only do so in the first episode; The Ultimate DOOM
    and later executables know one boss for each level.
    """
    if world.mode == GameMode.COMMERCIAL:
        return world.map == 7 and kind in (MT_FATSO, MT_BABY)
    if world.version < GameVersion.ULTIMATE:
        return world.map == 8 and (kind != MT_BRUISER or world.episode == 1)
    bosses = _ULTIMATE_BOSSES.get(world.episode)
    return world.map == 8 if bosses is None else (world.map, kind) in bosses


def _another_lives(world: World, actor: Mobj) -> bool:
    world.work += len(world.thinkers) // THINKERS_PER_WORK
    kind = actor.type
    return any(
        type(thinker) is Mobj
        and not thinker.removed
        and thinker is not actor
        and thinker.type == kind
        and thinker.health > 0
        and thinker.bond is None
        for thinker in world.thinkers
    )


def _tagged_line(actor: Mobj, tag: int) -> Line:
    """A line outside the map that has nothing but a tag, as sector movers want one (``junk``)."""
    nowhere = Vertex(0, 0)
    return Line(-1, nowhere, nowhere, 0, 0, tag, (-1, -1), actor.subsector.sector, None)


def keen_die(world: World, actor: Mobj) -> None:
    """``A_KeenDie``: the last Commander Keen opens the door to the exit."""
    fall(world, actor)
    if not _another_lives(world, actor):
        doors.ev_do_door(world, _tagged_line(actor, TAG_BOSS), DoorType.OPEN)
