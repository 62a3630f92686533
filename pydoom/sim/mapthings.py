"""From the things of a map to mobjs, at a level's start and when they respawn (``p_mobj.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.flags import MF_AMBUSH, MF_COUNTITEM, MF_COUNTKILL, MF_NOTDMATCH, MF_SPAWNCEILING
from pydoom.data.mobj_ids import MT_IFOG, MT_SKULL, MT_TFOG
from pydoom.data.sound_ids import SFX_ITMBK, SFX_TELEPT
from pydoom.sim import collision, reborn, states
from pydoom.sim.constants import ONCEILINGZ, ONFLOORZ, TICRATE
from pydoom.sim.errors import LevelError
from pydoom.sim.geometry import point_in_subsector
from pydoom.sim.level import MTF_AMBUSH, MTF_EASY, MTF_HARD, MTF_NORMAL, MTF_NOTSINGLE, MapThing
from pydoom.sim.mobj import Mobj
from pydoom.sim.player import MAXPLAYERS
from pydoom.sim.rules import SK_BABY, SK_EASY, SK_HARD, SK_MEDIUM, SK_NIGHTMARE
from pydoom.sim.spawning import map_thing_angle, spawn_mobj

if TYPE_CHECKING:
    from pydoom.sim.world import World


DEATHMATCH_START_TYPE: Final = 11
MAX_DEATHMATCH_STARTS: Final = 10
ITEM_RESPAWN_DELAY: Final = 30 * TICRATE
"""Tics before a picked-up item comes back in altdeath."""
RESPAWN_REACTIONTIME: Final = 18
"""Tics that a respawned monster stands still."""

_SKILL_OPTIONS: Final = {
    SK_BABY: MTF_EASY,
    SK_EASY: MTF_EASY,
    SK_MEDIUM: MTF_NORMAL,
    SK_HARD: MTF_HARD,
    SK_NIGHTMARE: MTF_HARD,
}


def _height_to_spawn(flags: int) -> int:
    return ONCEILINGZ if flags & MF_SPAWNCEILING else ONFLOORZ


def skill_bit(skill: int) -> int:
    """The map thing option that makes a thing appear on this skill; for other numbers as doom.exe shifts."""
    return _SKILL_OPTIONS.get(skill, 1 << ((skill - 1) & 0x1F))


def mobj_type_for(world: World, doomednum: int) -> int | None:
    """The first mobj type with this editor number, or None."""
    for info in world.info.mobjinfo:
        if info.doomednum == doomednum:
            return info.index
    return None


def spawn_map_thing(world: World, mapthing: MapThing) -> None:
    """``P_SpawnMapThing``: spawn a thing of the map, if the rules of this game allow it.

    Raises LevelError for a type that does not exist.
    """
    type = mapthing.type
    if type == DEATHMATCH_START_TYPE:
        if len(world.deathmatchstarts) < MAX_DEATHMATCH_STARTS:
            world.deathmatchstarts.append(mapthing)
        return
    if type <= 0:
        return
    if type <= MAXPLAYERS:
        world.playerstarts[type - 1] = mapthing
        if not world.deathmatch:
            reborn.spawn_player(world, mapthing)
        return
    if mapthing.options & MTF_NOTSINGLE and not world.netgame:
        return
    if not mapthing.options & skill_bit(world.skill):
        return
    mobj_type = mobj_type_for(world, type)
    if mobj_type is None:
        raise LevelError(f"thing of unknown type {type} at ({mapthing.x}, {mapthing.y})")
    flags = world.info.mobjinfo[mobj_type].flags
    if world.deathmatch and flags & MF_NOTDMATCH:
        return
    if world.nomonsters and (mobj_type == MT_SKULL or flags & MF_COUNTKILL):
        return

    thing = spawn_mobj(world, mapthing.x << 16, mapthing.y << 16, _height_to_spawn(flags), mobj_type)
    thing.spawnpoint = mapthing
    if thing.tics > 0:
        thing.tics = 1 + world.random.p_random() % thing.tics
    if thing.flags & MF_COUNTKILL:
        world.totalkills += 1
    if thing.flags & MF_COUNTITEM:
        world.totalitems += 1
    thing.angle = map_thing_angle(mapthing.angle)
    if mapthing.options & MTF_AMBUSH:
        thing.flags |= MF_AMBUSH


def respawn_specials(world: World) -> None:
    """``P_RespawnSpecials``: in altdeath the oldest picked-up item returns after 30 seconds, one a tic at most."""
    queue = world.item_respawn_queue
    if world.deathmatch != 2 or not queue or world.leveltime - queue[0][1] < ITEM_RESPAWN_DELAY:
        return
    mapthing, _ = queue[0]
    x = mapthing.x << 16
    y = mapthing.y << 16
    fog = spawn_mobj(world, x, y, point_in_subsector(world, x, y).sector.floorheight, MT_IFOG)
    world.sounds.start(fog, SFX_ITMBK)
    mobj_type = mobj_type_for(world, mapthing.type)
    if mobj_type is None:
        raise LevelError(f"item of unknown type {mapthing.type} cannot respawn")
    item = spawn_mobj(world, x, y, _height_to_spawn(world.info.mobjinfo[mobj_type].flags), mobj_type)
    item.spawnpoint = mapthing
    item.angle = map_thing_angle(mapthing.angle)
    del queue[0]


def nightmare_respawn(world: World, corpse: Mobj) -> None:
    """``P_NightmareRespawn``: a dead monster comes back where the map put it, unless something stands there."""
    mapthing = corpse.spawnpoint
    x = mapthing.x << 16
    y = mapthing.y << 16
    if not collision.check_position(world, corpse, x, y):
        return
    fog = spawn_mobj(world, corpse.x, corpse.y, corpse.subsector.sector.floorheight, MT_TFOG)
    world.sounds.start(fog, SFX_TELEPT)
    fog = spawn_mobj(world, x, y, point_in_subsector(world, x, y).sector.floorheight, MT_TFOG)
    world.sounds.start(fog, SFX_TELEPT)

    monster = spawn_mobj(world, x, y, _height_to_spawn(corpse.info.flags), corpse.type)
    monster.spawnpoint = mapthing
    monster.angle = map_thing_angle(mapthing.angle)
    if mapthing.options & MTF_AMBUSH:
        monster.flags |= MF_AMBUSH
    monster.reactiontime = RESPAWN_REACTIONTIME
    states.remove_mobj(world, corpse)
