"""Fitting what stands in a sector to its floor and ceiling after they moved (``P_ChangeSector`` of ``p_map.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydoom.data.flags import MF_DROPPED, MF_SHOOTABLE, MF_SOLID
from pydoom.data.mobj_ids import MT_BLOOD
from pydoom.data.state_ids import S_GIBS
from pydoom.sim import collision, damage, links, spawning, states
from pydoom.sim.fixed import c_div, to_int32
from pydoom.sim.level import BOXBOTTOM, BOXLEFT, BOXRIGHT, BOXTOP, Sector
from pydoom.sim.mobj import Mobj
from pydoom.sim.rules import GameVersion

if TYPE_CHECKING:
    from pydoom.sim.world import World


def height_clip(world: World, thing: Mobj) -> bool:
    """``P_ThingHeightClip``: adjust `thing` to a floor or ceiling that has moved; whether it still fits."""
    on_floor = thing.z == thing.floorz
    collision.check_position(world, thing, thing.x, thing.y)
    floorz = thing.floorz = world.move.floorz
    ceilingz = thing.ceilingz = world.move.ceilingz
    if on_floor:
        thing.z = floorz
    elif to_int32(thing.z + thing.height) > ceilingz:
        thing.z = to_int32(ceilingz - thing.height)
    return to_int32(ceilingz - floorz) >= thing.height


def change_sector(world: World, sector: Sector, crunch: bool) -> bool:
    """``P_ChangeSector``: adjust everything near a sector whose floor or ceiling has moved.

    True when something does not fit; with `crunch` it is hurt every fourth tic.
    """
    move = world.move
    move.nofit = False
    move.crushchange = crunch
    box = sector.blockbox
    for block_x in range(box[BOXLEFT], box[BOXRIGHT] + 1):
        for block_y in range(box[BOXBOTTOM], box[BOXTOP] + 1):
            for thing in links.block_things(world, block_x, block_y):
                if not height_clip(world, thing):
                    _squeeze(world, thing)
    return move.nofit


def _squeeze(world: World, thing: Mobj) -> None:
    """The part of ``PIT_ChangeSector`` for things that do not fit: corpses become gibs, dropped items vanish."""
    if thing.health <= 0:
        states.set_mobj_state(world, thing, S_GIBS)
        if world.version > GameVersion.DOOM_1_2:
            thing.flags &= ~MF_SOLID
        thing.height = 0
        thing.radius = 0
        return
    if thing.flags & MF_DROPPED:
        states.remove_mobj(world, thing)
        return
    if not thing.flags & MF_SHOOTABLE:
        return
    world.move.nofit = True
    if world.move.crushchange and not world.leveltime & 3:
        damage.damage_mobj(world, thing, None, None, 10)
        blood = spawning.spawn_mobj(world, thing.x, thing.y, thing.z + c_div(thing.height, 2), MT_BLOOD)
        blood.momx = world.random.sub_random() << 12
        blood.momy = world.random.sub_random() << 12
