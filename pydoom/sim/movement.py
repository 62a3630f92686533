"""Taking a step: whether a thing fits where it wants to go, and which lines it crosses on the way (``P_TryMove``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.flags import MF_DROPOFF, MF_FLOAT, MF_NOBLOCKMAP, MF_NOCLIP, MF_NOSECTOR, MF_TELEPORT
from pydoom.sim import links
from pydoom.sim.collision import check_position
from pydoom.sim.constants import MAPBLOCKSHIFT, MAXSTEP
from pydoom.sim.fixed import to_int32
from pydoom.sim.geometry import point_on_line_side
from pydoom.sim.level import Sector
from pydoom.sim.mobj import Mobj
from pydoom.sim.specials import lines as special_lines

if TYPE_CHECKING:
    from pydoom.sim.world import World


_UNCROSSING: Final = MF_TELEPORT | MF_NOCLIP


def try_move(world: World, thing: Mobj, x: int, y: int) -> bool:
    """``P_TryMove``: move `thing` to (x, y) if it fits there, and trigger the special lines it crosses."""
    move = world.move
    move.floatok = False
    if not check_position(world, thing, x, y):
        return False
    flags = thing.flags
    floorz = move.floorz
    ceilingz = move.ceilingz
    if not flags & MF_NOCLIP:
        if world.tall:
            if not _fits_tall(world, thing):
                return False
        else:
            if ceilingz - floorz < thing.height:
                return False
            move.floatok = True
            if not flags & MF_TELEPORT:
                if ceilingz - thing.z < thing.height or floorz - thing.z > MAXSTEP:
                    return False
            if not flags & (MF_DROPOFF | MF_FLOAT) and floorz - move.dropoffz > MAXSTEP:
                return False

    old_x = thing.x
    old_y = thing.y
    subsector = move.subsector
    if _stays_first(world, thing, subsector.sector, x, y):
        thing.subsector = subsector
        thing.x = x
        thing.y = y
    else:
        links.unset_thing_position(world, thing)
        thing.x = x
        thing.y = y
        links.link(world, thing, subsector)
    thing.floorz = floorz
    thing.ceilingz = ceilingz

    spechit = move.spechit
    if spechit and not thing.flags & _UNCROSSING:
        while spechit:
            line = spechit.pop()
            old_side = point_on_line_side(old_x, old_y, line)
            if line.special and point_on_line_side(thing.x, thing.y, line) != old_side:
                special_lines.cross_special_line(world, line, old_side, thing)
    return True


def _fits_tall(world: World, thing: Mobj) -> bool:
    """Whether the heights just found let `thing` go there, in a level where their differences may overflow."""
    move = world.move
    if to_int32(move.ceilingz - move.floorz) < thing.height:
        return False
    move.floatok = True
    if not thing.flags & MF_TELEPORT:
        if to_int32(move.ceilingz - thing.z) < thing.height or to_int32(move.floorz - thing.z) > MAXSTEP:
            return False
    return bool(thing.flags & (MF_DROPOFF | MF_FLOAT)) or to_int32(move.floorz - move.dropoffz) <= MAXSTEP


def _stays_first(world: World, thing: Mobj, sector: Sector, x: int, y: int) -> bool:
    """Whether moving to (x, y) in `sector` leaves the lists as they are: unlinking and linking again would put
    the thing at the head of the very lists it already heads. Saves most of the relinking.
    """
    flags = thing.flags
    if not flags & MF_NOSECTOR and not (
        thing.sprev is None and thing.subsector.sector is sector and sector.things is thing
    ):
        return False
    if flags & MF_NOBLOCKMAP:
        return True
    if thing.bprev is not None:
        return False
    origin_x = world.bmaporgx
    origin_y = world.bmaporgy
    block_x = (x - origin_x) >> MAPBLOCKSHIFT
    block_y = (y - origin_y) >> MAPBLOCKSHIFT
    width = world.bmapwidth
    return (
        block_x == (thing.x - origin_x) >> MAPBLOCKSHIFT
        and block_y == (thing.y - origin_y) >> MAPBLOCKSHIFT
        and 0 <= block_x < width
        and 0 <= block_y < world.bmapheight
        and world.blocklinks[block_y * width + block_x] is thing
    )
