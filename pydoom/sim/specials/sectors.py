"""Searches among the neighbours of a sector, and what a sector does to the player standing in it (``p_spec.c``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from pydoom.sim import damage, rules
from pydoom.sim.fixed import FRACUNIT, MAXINT, MININT
from pydoom.sim.level import ML_TWOSIDED
from pydoom.sim.player import CF_GODMODE, PW_IRONFEET

if TYPE_CHECKING:
    from pydoom.sim.level import Line, Sector
    from pydoom.sim.player import Player
    from pydoom.sim.world import World

# sector specials that act on a player standing there; the others are used up when the level starts
STROBE_HURT: Final = 4
HELLSLIME: Final = 5
NUKAGE: Final = 7
SECRET: Final = 9
EXIT_SUPER_DAMAGE: Final = 11
SUPER_HELLSLIME: Final = 16

MAX_ADJOINING_SECTORS: Final = 20
_DAMAGE_INTERVAL_MASK: Final = 0x1F


def next_sector(line: Line, sector: Sector) -> Sector | None:
    """The sector on the other side of `line`, None for a line not marked two-sided (``getNextSector``)."""
    if not line.flags & ML_TWOSIDED:
        return None
    if line.frontsector is sector:
        return line.backsector
    return line.frontsector


def neighbours(sector: Sector) -> Iterator[Sector]:
    """The sectors behind the two-sided lines of `sector`, in line order, as often as they share a line with it."""
    for line in sector.lines:
        other = next_sector(line, sector)
        if other is not None:
            yield other


def lowest_floor_surrounding(sector: Sector) -> int:
    """Lowest floor of `sector` and its neighbours, 16.16 (``P_FindLowestFloorSurrounding``)."""
    return min(sector.floorheight, min((other.floorheight for other in neighbours(sector)), default=MAXINT))


def highest_floor_surrounding(sector: Sector) -> int:
    """Highest floor of the neighbours but at least -500 map units, 16.16 (``P_FindHighestFloorSurrounding``)."""
    return max(-500 * FRACUNIT, max((other.floorheight for other in neighbours(sector)), default=MININT))


def next_highest_floor(sector: Sector, currentheight: int) -> int:
    """Lowest of the neighbours' floors above `currentheight`, or that itself (``P_FindNextHighestFloor``).

    The original's list has room for 20 heights. The 22nd higher neighbour overwrites the height to compare with, so
    that from there on only floors above that one count; a 23rd crashes the original; here it counts.
    """
    threshold = currentheight
    heights: list[int] = []
    for other in neighbours(sector):
        if other.floorheight > threshold:
            if len(heights) == MAX_ADJOINING_SECTORS + 1:
                threshold = other.floorheight
            heights.append(other.floorheight)
    return min(heights, default=currentheight)


def lowest_ceiling_surrounding(sector: Sector) -> int:
    """Lowest ceiling of the neighbours, MAXINT without any, 16.16 (``P_FindLowestCeilingSurrounding``)."""
    return min((other.ceilingheight for other in neighbours(sector)), default=MAXINT)


def highest_ceiling_surrounding(sector: Sector) -> int:
    """Highest ceiling of the neighbours but at least 0, 16.16 (``P_FindHighestCeilingSurrounding``)."""
    return max(0, max((other.ceilingheight for other in neighbours(sector)), default=0))


def min_surrounding_light(sector: Sector, limit: int) -> int:
    """Darkest light level of the neighbours but at most `limit` (``P_FindMinSurroundingLight``)."""
    return min(limit, min((other.lightlevel for other in neighbours(sector)), default=limit))


def find_sector_from_line_tag(world: World, line: Line, start: int) -> int:
    """Number of the first sector after number `start` with the tag of `line`, or -1 (``P_FindSectorFromLineTag``)."""
    tag = line.tag
    sectors = world.sectors
    for number in range(start + 1, len(sectors)):
        if sectors[number].tag == tag:
            return number
    return -1


def tagged_sectors(world: World, line: Line) -> Iterator[Sector]:
    """All sectors with the tag of `line`, in order. Tag 0 is a tag like any other."""
    tag = line.tag
    return (sector for sector in world.sectors if sector.tag == tag)


def player_in_special_sector(world: World, player: Player) -> None:
    """Hurt, reward or exit: a player's origin is in a sector with a special (``P_PlayerInSpecialSector``).

    Called every tic. The original stops with an error at a special it does not know; here that does nothing.
    """
    mobj = player.mo
    sector = mobj.subsector.sector
    if mobj.z != sector.floorheight:  # still falling
        return
    special = sector.special
    if special == HELLSLIME:
        if not player.powers[PW_IRONFEET]:
            _hurt(world, player, 10)
    elif special == NUKAGE:
        if not player.powers[PW_IRONFEET]:
            _hurt(world, player, 5)
    elif special in (SUPER_HELLSLIME, STROBE_HURT):
        # the suit leaks: a random number is drawn each tic, not only in those that hurt
        if not player.powers[PW_IRONFEET] or world.random.p_random() < 5:
            _hurt(world, player, 20)
    elif special == SECRET:
        player.secretcount += 1
        sector.special = 0
    elif special == EXIT_SUPER_DAMAGE:
        player.cheats &= ~CF_GODMODE
        _hurt(world, player, 20)
        if player.health <= 10:
            world.exit = rules.Exit.NORMAL


def _hurt(world: World, player: Player, points: int) -> None:
    """Damage by the floor, every 32nd tic of the level."""
    if not world.leveltime & _DAMAGE_INTERVAL_MASK:
        damage.damage_mobj(world, player.mo, None, None, points)
