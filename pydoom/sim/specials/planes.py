"""Moving the floor or the ceiling of a sector by one tic (``T_MovePlane`` of ``p_floor.c``).

`crush` is 0, 1 or another true value: only 1 makes a plane stay where it crushes, any true value hurts what is in the
way. Building stairs relies on that difference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydoom.sim import crushing
from pydoom.sim.fixed import to_int32
from pydoom.sim.overflow import extent
from pydoom.sim.specials.kinds import MoveResult

if TYPE_CHECKING:
    from pydoom.sim.level import Sector
    from pydoom.sim.world import World

_OK = MoveResult.OK
_CRUSHED = MoveResult.CRUSHED
_PASTDEST = MoveResult.PASTDEST


def _mind_height(world: World, height: int) -> None:
    """Note that a floor or ceiling of the level is at `height`."""
    low, high = world.heights
    if not low <= height <= high:
        extent.stretch(world, height)


def move_floor(world: World, sector: Sector, speed: int, dest: int, crush: int, direction: int) -> MoveResult:
    """Move the floor by `speed` (16.16 a tic) towards `dest`, up for `direction` 1, down for -1.

    A last step that does not fit is taken back but counts as arrived all the same, as in the original.
    """
    crunch = crush != 0
    lastpos = sector.floorheight
    if direction == 1:
        reached = to_int32(lastpos + speed)
        arrives = reached > dest
    else:
        reached = to_int32(lastpos - speed)
        arrives = reached < dest
    sector.floorheight = dest if arrives else reached
    _mind_height(world, sector.floorheight)
    if crushing.change_sector(world, sector, crunch):
        if direction == 1 and crush == 1 and not arrives:
            return _CRUSHED
        sector.floorheight = lastpos
        crushing.change_sector(world, sector, crunch)
        return _PASTDEST if arrives else _CRUSHED
    return _PASTDEST if arrives else _OK


def move_ceiling(world: World, sector: Sector, speed: int, dest: int, crush: int, direction: int) -> MoveResult:
    """Move the ceiling by `speed` (16.16 a tic) towards `dest`, up for `direction` 1, down for -1.

    On its way up, what does not fit never stops a ceiling.
    """
    crunch = crush != 0
    lastpos = sector.ceilingheight
    if direction == 1:
        reached = to_int32(lastpos + speed)
        arrives = reached > dest
        sector.ceilingheight = dest if arrives else reached
        _mind_height(world, sector.ceilingheight)
        if crushing.change_sector(world, sector, crunch) and arrives:
            sector.ceilingheight = lastpos
            crushing.change_sector(world, sector, crunch)
        return _PASTDEST if arrives else _OK
    reached = to_int32(lastpos - speed)
    arrives = reached < dest
    sector.ceilingheight = dest if arrives else reached
    _mind_height(world, sector.ceilingheight)
    if crushing.change_sector(world, sector, crunch):
        if crush == 1 and not arrives:
            return _CRUSHED
        sector.ceilingheight = lastpos
        crushing.change_sector(world, sector, crunch)
        return _PASTDEST if arrives else _CRUSHED
    return _PASTDEST if arrives else _OK
