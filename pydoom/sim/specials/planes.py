"""Moving the floor or the ceiling of a sector by one tic (``T_MovePlane`` of ``p_floor.c``).

`crush` is 0, 1 or another true value: only 1 makes a plane stay where it crushes, any true value hurts what is in the
way. Building stairs relies on that difference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydoom.sim import crushing
from pydoom.sim.specials.kinds import MoveResult

if TYPE_CHECKING:
    from pydoom.sim.level import Sector
    from pydoom.sim.world import World

_OK = MoveResult.OK
_CRUSHED = MoveResult.CRUSHED
_PASTDEST = MoveResult.PASTDEST


def move_floor(world: World, sector: Sector, speed: int, dest: int, crush: int, direction: int) -> MoveResult:
    """Move the floor by `speed` (16.16 a tic) towards `dest`, up for `direction` 1, down for -1.

    A last step that does not fit is taken back but counts as arrived all the same, as in the original.
    """
    crunch = crush != 0
    lastpos = sector.floorheight
    if direction == 1:
        arrives = lastpos + speed > dest
        sector.floorheight = dest if arrives else lastpos + speed
    else:
        arrives = lastpos - speed < dest
        sector.floorheight = dest if arrives else lastpos - speed
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
        arrives = lastpos + speed > dest
        sector.ceilingheight = dest if arrives else lastpos + speed
        if crushing.change_sector(world, sector, crunch) and arrives:
            sector.ceilingheight = lastpos
            crushing.change_sector(world, sector, crunch)
        return _PASTDEST if arrives else _OK
    arrives = lastpos - speed < dest
    sector.ceilingheight = dest if arrives else lastpos - speed
    if crushing.change_sector(world, sector, crunch):
        if crush == 1 and not arrives:
            return _CRUSHED
        sector.ceilingheight = lastpos
        crushing.change_sector(world, sector, crunch)
        return _PASTDEST if arrives else _CRUSHED
    return _PASTDEST if arrives else _OK
