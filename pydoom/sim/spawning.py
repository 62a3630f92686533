"""Bringing things into the level: map things, puffs, blood, and things that come back (``p_mobj.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.flags import (
    MF_AMBUSH,
    MF_COUNTITEM,
    MF_COUNTKILL,
    MF_NOTDMATCH,
    MF_SPAWNCEILING,
)
from pydoom.data.mobj_ids import MT_BLOOD, MT_IFOG, MT_PUFF, MT_SKULL, MT_TFOG
from pydoom.data.sound_ids import SFX_ITMBK, SFX_TELEPT
from pydoom.data.state_ids import S_BLOOD2, S_BLOOD3, S_PUFF3
from pydoom.data.tables import ANG45, ANGLE_MASK
from pydoom.sim import links, mobj, movement, players, tick
from pydoom.sim.constants import MELEERANGE, ONCEILINGZ, ONFLOORZ, TICRATE
from pydoom.sim.errors import LevelError
from pydoom.sim.fixed import FRACUNIT, c_div
from pydoom.sim.geometry import point_in_subsector
from pydoom.sim.model import MAXPLAYERS, MTF_AMBUSH, MTF_NOTSINGLE, MapThing, Mobj
from pydoom.sim.rules import SK_BABY, SK_NIGHTMARE

if TYPE_CHECKING:
    from pydoom.sim.world import World

DEATHMATCH_START_TYPE: Final = 11
MAX_DEATHMATCH_STARTS: Final = 10
ITEM_RESPAWN_DELAY: Final = 30 * TICRATE
"""Tics before a picked-up item comes back in altdeath."""
RESPAWN_REACTIONTIME: Final = 18
"""Tics that a monster back from the dead stands still."""


def spawn_mobj(world: World, x: int, y: int, z: int, type: int) -> Mobj:
    """``P_SpawnMobj``: a new mobj of the given type at (x, y, z) in 16.16; z may be ONFLOORZ or ONCEILINGZ."""
    info = world.info.mobjinfo[type]
    state = world.states[info.spawnstate]
    subsector = point_in_subsector(world, x, y)
    thing = Mobj(subsector, info, state)
    thing.x = x
    thing.y = y
    if world.skill == SK_NIGHTMARE:
        thing.reactiontime = 0
    thing.lastlook = world.random.p_random() % MAXPLAYERS
    # the first state's action is not run: it could not rely on the thing yet
    thing.tics = state.tics
    thing.sprite = state.sprite
    thing.frame = state.frame
    links.link(world, thing, subsector)
    sector = subsector.sector
    thing.floorz = sector.floorheight
    thing.ceilingz = sector.ceilingheight
    if z == ONFLOORZ:
        thing.z = thing.floorz
    elif z == ONCEILINGZ:
        thing.z = thing.ceilingz - info.height
    else:
        thing.z = z
    tick.add_thinker(world, thing)
    return thing


def map_thing_angle(degrees: int) -> int:
    """The BAM angle of a map thing: its degrees rounded towards zero to an eighth of a turn."""
    return ANG45 * c_div(degrees, 45) & ANGLE_MASK


def _height_to_spawn(flags: int) -> int:
    return ONCEILINGZ if flags & MF_SPAWNCEILING else ONFLOORZ


def _shorten(world: World, thing: Mobj) -> None:
    """Take up to three tics off the first state, so that things spawned together do not move in step."""
    thing.tics -= world.random.p_random() & 3
    if thing.tics < 1:
        thing.tics = 1


def spawn_puff(world: World, x: int, y: int, z: int) -> None:
    """``P_SpawnPuff``: the smoke of a bullet; fists leave no spark."""
    z += world.random.sub_random() << 10
    puff = spawn_mobj(world, x, y, z, MT_PUFF)
    puff.momz = FRACUNIT
    _shorten(world, puff)
    if world.attackrange == MELEERANGE:
        mobj.set_mobj_state(world, puff, S_PUFF3)


def spawn_blood(world: World, x: int, y: int, z: int, damage: int) -> None:
    """``P_SpawnBlood``: the less the damage, the smaller the splash."""
    z += world.random.sub_random() << 10
    blood = spawn_mobj(world, x, y, z, MT_BLOOD)
    blood.momz = FRACUNIT * 2
    _shorten(world, blood)
    if 9 <= damage <= 12:
        mobj.set_mobj_state(world, blood, S_BLOOD2)
    elif damage < 9:
        mobj.set_mobj_state(world, blood, S_BLOOD3)


def skill_bit(skill: int) -> int:
    """The map thing option that makes a thing appear on this skill, with the shift of doom.exe for odd numbers."""
    if skill == SK_BABY:
        return 1
    if skill == SK_NIGHTMARE:
        return 4
    return 1 << ((skill - 1) & 0x1F)


def mobj_type_for(world: World, doomednum: int) -> int | None:
    """The first mobj type with this editor number, or None."""
    for info in world.info.mobjinfo:
        if info.doomednum == doomednum:
            return info.index
    return None


def spawn_map_thing(world: World, mapthing: MapThing) -> None:
    """``P_SpawnMapThing``: what a thing of the map becomes under the rules of this game.

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
            players.spawn_player(world, mapthing)
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
        raise LevelError(f"item of unknown type {mapthing.type} cannot come back")
    item = spawn_mobj(world, x, y, _height_to_spawn(world.info.mobjinfo[mobj_type].flags), mobj_type)
    item.spawnpoint = mapthing
    item.angle = map_thing_angle(mapthing.angle)
    del queue[0]


def nightmare_respawn(world: World, corpse: Mobj) -> None:
    """``P_NightmareRespawn``: a dead monster comes back where the map put it, unless something stands there."""
    mapthing = corpse.spawnpoint
    x = mapthing.x << 16
    y = mapthing.y << 16
    if not movement.check_position(world, corpse, x, y):
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
    mobj.remove_mobj(world, corpse)
