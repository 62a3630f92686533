"""Bringing mobjs into the level, and the puffs and blood of shots (``p_mobj.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.mobj_ids import MT_BLOOD, MT_PUFF
from pydoom.data.state_ids import S_BLOOD2, S_BLOOD3, S_PUFF3
from pydoom.data.tables import ANG45, ANGLE_MASK
from pydoom.sim import links, states, thinkers
from pydoom.sim.constants import MELEERANGE, ONCEILINGZ, ONFLOORZ
from pydoom.sim.fixed import FRACUNIT, c_div, to_int32
from pydoom.sim.geometry import point_in_subsector
from pydoom.sim.mobj import Mobj
from pydoom.sim.player import MAXPLAYERS
from pydoom.sim.rules import SK_NIGHTMARE

if TYPE_CHECKING:
    from pydoom.sim.world import World


SPAWN_LIMIT: Final = 20_000
"""Things spawned in one tic that count as an endless loop: the original has no memory for a tenth of them."""
THINKER_LIMIT: Final = 160_000
"""Thinkers on a level that count as an endless loop.

A map may have 65,536 things, and a special each in 32,768 sectors (`pydoom.wad.mapcheck`); the game may then double
the former. The original's memory (16 MiB) has no room for as many.
"""


def spawn_mobj(world: World, x: int, y: int, z: int, type: int) -> Mobj:
    """``P_SpawnMobj``: a new mobj of the given type at (x, y, z) in 16.16; z may be ONFLOORZ or ONCEILINGZ.

    Coordinates past 32 bits wrap, as the sums that callers pass do in the original. Raises StateCycleError when a
    patched state spawns endlessly.
    """
    world.spawned += 1
    if world.spawned > SPAWN_LIMIT:
        raise states.StateCycleError(
            f"more than {SPAWN_LIMIT} things in one tic: {world.info.mobjinfo[type].name} again"
        )
    if len(world.thinkers) >= THINKER_LIMIT:
        raise states.StateCycleError(
            f"more than {THINKER_LIMIT} things in the level: {world.info.mobjinfo[type].name} again"
        )
    x, y, z = to_int32(x), to_int32(y), to_int32(z)
    info = world.info.mobjinfo[type]
    state = world.states[info.spawnstate]
    subsector = point_in_subsector(world, x, y)
    thing = Mobj(subsector, info, state)
    thing.x = x
    thing.y = y
    if world.skill == SK_NIGHTMARE:
        thing.reactiontime = 0
    thing.lastlook = world.random.p_random() % MAXPLAYERS
    # the first state's action is not run, since the thing is not complete yet
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
        thing.z = to_int32(thing.ceilingz - info.height)
    else:
        thing.z = z
    thinkers.add_thinker(world, thing)
    return thing


def map_thing_angle(degrees: int) -> int:
    """The BAM angle of a map thing: its degrees rounded towards zero to an eighth of a turn."""
    return ANG45 * c_div(degrees, 45) & ANGLE_MASK


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
        states.set_mobj_state(world, puff, S_PUFF3)


def spawn_blood(world: World, x: int, y: int, z: int, damage: int) -> None:
    """``P_SpawnBlood``: the less the damage, the smaller the splash."""
    z += world.random.sub_random() << 10
    blood = spawn_mobj(world, x, y, z, MT_BLOOD)
    blood.momz = FRACUNIT * 2
    _shorten(world, blood)
    if 9 <= damage <= 12:
        states.set_mobj_state(world, blood, S_BLOOD2)
    elif damage < 9:
        states.set_mobj_state(world, blood, S_BLOOD3)
