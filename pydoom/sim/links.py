"""Where things are: the lists of things in each sector and each blockmap block (``p_maputl.c``).

The newest thing comes first. Lists are linked through the mobjs, and a mobj that is unlinked keeps its own `bnext`
and `snext`: a walk that has reached it continues from there, as in the original.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydoom.data.flags import MF_NOBLOCKMAP, MF_NOSECTOR
from pydoom.sim.constants import MAPBLOCKSHIFT, THINKERS_PER_WORK
from pydoom.sim.geometry import point_in_subsector
from pydoom.sim.level import Subsector
from pydoom.sim.mobj import Mobj

if TYPE_CHECKING:
    from pydoom.sim.world import World


def unset_thing_position(world: World, thing: Mobj) -> None:
    """``P_UnsetThingPosition``: take a thing out of its sector's and its block's list."""
    flags = thing.flags
    if not flags & MF_NOSECTOR:
        following = thing.snext
        previous = thing.sprev
        if following is not None:
            following.sprev = previous
        if previous is not None:
            previous.snext = following
        else:
            thing.subsector.sector.things = following
    if not flags & MF_NOBLOCKMAP:
        following = thing.bnext
        previous = thing.bprev
        if following is not None:
            following.bprev = previous
        if previous is not None:
            previous.bnext = following
        else:
            block = block_index(world, thing.x, thing.y)
            if block >= 0:
                world.blocklinks[block] = following


def set_thing_position(world: World, thing: Mobj) -> None:
    """``P_SetThingPosition``: put a thing at the head of the lists its x and y belong to, and set its subsector."""
    link(world, thing, point_in_subsector(world, thing.x, thing.y))


def link(world: World, thing: Mobj, subsector: Subsector) -> None:
    """``P_SetThingPosition`` where the subsector of the thing's x and y is already known."""
    thing.subsector = subsector
    flags = thing.flags
    if not flags & MF_NOSECTOR:
        sector = subsector.sector
        head = sector.things
        thing.sprev = None
        thing.snext = head
        if head is not None:
            head.sprev = thing
        sector.things = thing
    if not flags & MF_NOBLOCKMAP:
        thing.bprev = None
        block = block_index(world, thing.x, thing.y)
        if block >= 0:
            blocklinks = world.blocklinks
            head = blocklinks[block]
            thing.bnext = head
            if head is not None:
                head.bprev = thing
            blocklinks[block] = thing
        else:
            thing.bnext = None


def block_index(world: World, x: int, y: int) -> int:
    """Index into `world.blocklinks` and `world.blocklines` of the block that (x, y) is in; -1 off the map."""
    # differences have 32 bits: 9 of them count the blocks, and the highest is the sign
    block_x = (x - world.bmaporgx) >> MAPBLOCKSHIFT & 0x1FF
    block_y = (y - world.bmaporgy) >> MAPBLOCKSHIFT & 0x1FF
    width = world.bmapwidth
    if block_x < width and block_y < world.bmapheight and block_x < 0x100 > block_y:
        return block_y * width + block_x
    return -1


def block_things(world: World, block_x: int, block_y: int) -> Iterator[Mobj]:
    """``P_BlockThingsIterator``: the things of one block, following `bnext` only when the next one is asked for.

    Looking at them counts as work of the tic.
    """
    if 0 <= block_x < world.bmapwidth and 0 <= block_y < world.bmapheight:
        thing = world.blocklinks[block_y * world.bmapwidth + block_x]
        looked_at = 0
        while thing is not None:
            looked_at += 1
            if not looked_at % THINKERS_PER_WORK:
                world.work += 1
            yield thing
            thing = thing.bnext
