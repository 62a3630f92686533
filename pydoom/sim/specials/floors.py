"""Moving floors, staircases and the donut (``p_floor.c``, and ``EV_DoDonut`` of ``p_spec.c``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from pydoom.data.sound_ids import SFX_PSTOP, SFX_STNMOV
from pydoom.sim import thinkers
from pydoom.sim.fixed import FRACBITS, FRACUNIT, MAXINT, to_int32
from pydoom.sim.level import ML_TWOSIDED
from pydoom.sim.rules import GameVersion
from pydoom.sim.specials import planes, sectors
from pydoom.sim.specials.kinds import FloorType, MoveResult, StairType
from pydoom.sim.thinkers import Thinker

if TYPE_CHECKING:
    from pydoom.sim.level import Line, Sector
    from pydoom.sim.world import World

FLOOR_SPEED: Final = FRACUNIT
"""Fixed map units a tic."""

STAIRS_CRUSH: Final = 10
"""Crush value of stairs: the original leaves it unset, so that it is neither false nor exactly true."""


class FloorMove(Thinker):
    """A moving floor (``floormove_t``). Heights and speed are 16.16 fixed; `direction` is 1 up, -1 down.

    `newspecial` and `texture` (a flat number) are what a sector of a changing type gets at its destination. The
    original leaves them unset for the other types, and when no neighbour lies at the destination; here they are 0.
    """

    __slots__ = ("crush", "direction", "floordestheight", "newspecial", "sector", "speed", "texture", "type")

    def __init__(self, sector: Sector, type: FloorType, direction: int, speed: int, floordestheight: int) -> None:
        super().__init__()
        self.type = type
        self.crush: int = 0
        self.sector = sector
        self.direction = direction
        self.newspecial: int = 0
        self.texture: int = 0
        self.floordestheight = floordestheight
        self.speed = speed

    def think(self, world: World) -> None:
        """``T_MoveFloor``."""
        sector = self.sector
        result = planes.move_floor(world, sector, self.speed, self.floordestheight, self.crush, self.direction)
        if not world.leveltime & 7:
            world.sounds.start(sector.soundorg, SFX_STNMOV)
        if result != MoveResult.PASTDEST:
            return
        sector.specialdata = None
        changing = FloorType.DONUT_RAISE if self.direction == 1 else FloorType.LOWER_AND_CHANGE
        if self.type == changing:
            sector.special = self.newspecial
            sector.floorpic = self.texture
        thinkers.remove_thinker(world, self)
        world.sounds.start(sector.soundorg, SFX_PSTOP)


def _add_floor(world: World, floor: FloorMove) -> None:
    thinkers.add_thinker(world, floor)
    floor.sector.specialdata = floor


def ev_do_floor(world: World, line: Line, type: FloorType) -> bool:
    """Move the floors tagged by `line`; returns whether any was free to move (``EV_DoFloor``)."""
    moved = False
    for sector in sectors.tagged_sectors(world, line):
        if sector.specialdata is None:
            moved = True
            _add_floor(world, _new_floor(world, line, sector, type))
    return moved


def _new_floor(world: World, line: Line, sector: Sector, type: FloorType) -> FloorMove:
    if type in (FloorType.LOWER_FLOOR, FloorType.TURBO_LOWER):
        return _lower_to_highest(world, sector, type)
    if type in (FloorType.LOWER_FLOOR_TO_LOWEST, FloorType.LOWER_AND_CHANGE):
        floor = FloorMove(sector, type, -1, FLOOR_SPEED, sectors.lowest_floor_surrounding(sector))
        if type == FloorType.LOWER_AND_CHANGE:
            _take_from_neighbour(world, floor)
        return floor
    if type in (FloorType.RAISE_FLOOR, FloorType.RAISE_FLOOR_CRUSH):
        floor = FloorMove(
            sector, type, 1, FLOOR_SPEED, min(sectors.lowest_ceiling_surrounding(sector), sector.ceilingheight)
        )
        if type == FloorType.RAISE_FLOOR_CRUSH:
            floor.crush = 1
            floor.floordestheight = to_int32(floor.floordestheight - 8 * FRACUNIT)
        return floor
    if type == FloorType.RAISE_FLOOR_TURBO:
        return FloorMove(sector, type, 1, FLOOR_SPEED * 4, sectors.next_highest_floor(sector, sector.floorheight))
    if type == FloorType.RAISE_FLOOR_TO_NEAREST:
        return FloorMove(sector, type, 1, FLOOR_SPEED, sectors.next_highest_floor(sector, sector.floorheight))
    if type == FloorType.RAISE_TO_TEXTURE:
        dest = to_int32(sector.floorheight + _shortest_bottom_texture(world, sector))
        return FloorMove(sector, type, 1, FLOOR_SPEED, dest)
    if type == FloorType.RAISE_FLOOR_24_AND_CHANGE:
        sector.floorpic = line.frontsector.floorpic
        sector.special = line.frontsector.special
    rise = 512 if type == FloorType.RAISE_FLOOR_512 else 24
    return FloorMove(sector, type, 1, FLOOR_SPEED, to_int32(sector.floorheight + rise * FRACUNIT))


def _lower_to_highest(world: World, sector: Sector, type: FloorType) -> FloorMove:
    """Down to the highest floor around; the fast kind stops eight units above it, unless it is there already.

    In DOOM 1.2 the fast kind then goes eight units up.
    """
    dest = sectors.highest_floor_surrounding(sector)
    if type == FloorType.LOWER_FLOOR:
        return FloorMove(sector, type, -1, FLOOR_SPEED, dest)
    if dest != sector.floorheight or world.version <= GameVersion.DOOM_1_2:
        dest = to_int32(dest + 8 * FRACUNIT)
    return FloorMove(sector, type, -1, FLOOR_SPEED * 4, dest)


def _shortest_bottom_texture(world: World, sector: Sector) -> int:
    """Height (16.16) of the lowest lower texture on either side of the two-sided lines of `sector`, else MAXINT.

    A side without a lower texture counts with texture 0, the first in the WAD: that is what "-" stands for.
    """
    heights = world.catalog.texture_heights
    return min(
        (
            heights[world.sides[number].bottomtexture] << FRACBITS
            for line in sector.lines
            if line.flags & ML_TWOSIDED
            for number in line.sidenum
            if number != -1
        ),
        default=MAXINT,
    )


def _take_from_neighbour(world: World, floor: FloorMove) -> None:
    """Find the first neighbour whose floor lies at the destination: its flat and special will be taken over.

    The original looks through as many lines as the neighbour it looked at last has, reading on into the lines of the
    following sectors where those are more than the moving sector's own.
    """
    sector = floor.sector
    floor.texture = sector.floorpic
    limit = len(sector.lines)
    for index, line in enumerate(_lines_from(world, sector)):
        if index >= limit:
            return
        if not line.flags & ML_TWOSIDED or line.sidenum[1] == -1:
            continue
        front, back = (world.sides[number].sector for number in line.sidenum)
        other = back if front is sector else front
        if other.floorheight == floor.floordestheight:
            floor.texture = other.floorpic
            floor.newspecial = other.special
            return
        limit = len(other.lines)


def _lines_from(world: World, sector: Sector) -> Iterator[Line]:
    """The lines of `sector`, then those of the sectors after it, as they lie in the original's line buffer."""
    for following in world.sectors[sector.index :]:
        yield from following.lines


def ev_build_stairs(world: World, line: Line, type: StairType) -> bool:
    """Raise a staircase from each sector tagged by `line`; returns whether any was free (``EV_BuildStairs``).

    The search for the next tagged sector continues after the last step's number, not after the first's.
    """
    if type == StairType.BUILD_8:
        speed, stairsize = FLOOR_SPEED // 4, 8 * FRACUNIT
    else:
        speed, stairsize = FLOOR_SPEED * 4, 16 * FRACUNIT
    built = False
    number = sectors.find_sector_from_line_tag(world, line, -1)
    while number >= 0:
        sector = world.sectors[number]
        if sector.specialdata is None:
            built = True
            number = _build_staircase(world, sector, speed, stairsize)
        number = sectors.find_sector_from_line_tag(world, line, number)
    return built


def _build_staircase(world: World, first: Sector, speed: int, stairsize: int) -> int:
    """Raise `first` and what follows it; returns the number of the last step's sector.

    The next step is behind the first two-sided line that has the present step in front, the same floor texture
    behind, and nothing moving there. A step that already moves is skipped but counts in the height.
    """
    texture = first.floorpic
    height = to_int32(first.floorheight + stairsize)
    step: Sector | None = first
    last = first
    while step is not None:
        floor = FloorMove(step, FloorType.LOWER_FLOOR, 1, speed, height)
        floor.crush = STAIRS_CRUSH
        _add_floor(world, floor)
        last = step
        step = None
        for line in last.lines:
            back = line.backsector
            if not line.flags & ML_TWOSIDED or line.frontsector is not last or back is None:
                continue
            if back.floorpic != texture:
                continue
            height = to_int32(height + stairsize)
            if back.specialdata is None:
                step = back
                break
    return last.index


def ev_do_donut(world: World, line: Line) -> bool:
    """Lower the pillars tagged by `line`, raise the pools around them; returns whether any was free (``EV_DoDonut``).

    A pillar whose first line is one-sided ends the whole search.
    """
    moved = False
    for pillar in sectors.tagged_sectors(world, line):
        if pillar.specialdata is not None:
            continue
        moved = True
        pool = sectors.next_sector(pillar.lines[0], pillar)
        if pool is None:
            break
        for outer in pool.lines:
            rim = outer.backsector
            if rim is pillar:
                continue
            height = world.stray.donut_floorheight if rim is None else rim.floorheight
            raising = FloorMove(pool, FloorType.DONUT_RAISE, 1, FLOOR_SPEED // 2, height)
            raising.texture = world.stray.donut_floorpic if rim is None else rim.floorpic
            _add_floor(world, raising)
            _add_floor(world, FloorMove(pillar, FloorType.LOWER_FLOOR, -1, FLOOR_SPEED // 2, height))
            break
    return moved
