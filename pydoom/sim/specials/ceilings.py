"""Ceilings that come down, go up or crush forever (``p_ceilng.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.sound_ids import SFX_PSTOP, SFX_STNMOV
from pydoom.sim import thinkers
from pydoom.sim.fixed import FRACUNIT, to_int32
from pydoom.sim.specials import planes, sectors
from pydoom.sim.specials.kinds import CeilingType, MoveResult
from pydoom.sim.thinkers import Thinker

if TYPE_CHECKING:
    from pydoom.sim.level import Line, Sector
    from pydoom.sim.world import World

CEILING_SPEED: Final = FRACUNIT
"""Fixed map units a tic."""

_PERPETUAL: Final = (
    CeilingType.CRUSH_AND_RAISE,
    CeilingType.FAST_CRUSH_AND_RAISE,
    CeilingType.SILENT_CRUSH_AND_RAISE,
)
_SLOWED_BY_CRUSHING: Final = (
    CeilingType.SILENT_CRUSH_AND_RAISE,
    CeilingType.CRUSH_AND_RAISE,
    CeilingType.LOWER_AND_CRUSH,
)


class Ceiling(Thinker):
    """A moving ceiling (``ceiling_t``). Heights and speed are 16.16 fixed.

    `direction` is 1 up, -1 down, 0 in stasis: it stays in the thinker list but does nothing.
    """

    __slots__ = (
        "bottomheight",
        "crush",
        "direction",
        "olddirection",
        "sector",
        "speed",
        "tag",
        "topheight",
        "type",
    )

    def __init__(self, sector: Sector, type: CeilingType) -> None:
        super().__init__()
        self.type = type
        self.sector = sector
        self.bottomheight: int = 0
        self.topheight: int = 0
        self.speed: int = CEILING_SPEED
        self.crush: int = 0
        self.direction: int = -1
        self.tag: int = sector.tag
        self.olddirection: int = 0

    def think(self, world: World) -> None:
        """``T_MoveCeiling``."""
        if self.direction == 1:
            self._move_up(world)
        elif self.direction == -1:
            self._move_down(world)

    def _move_up(self, world: World) -> None:
        result = planes.move_ceiling(world, self.sector, self.speed, self.topheight, 0, 1)
        self._rumble(world)
        if result == MoveResult.PASTDEST:
            if self.type == CeilingType.RAISE_TO_HIGHEST:
                remove_active_ceiling(world, self)
            elif self.type in _PERPETUAL:
                if self.type == CeilingType.SILENT_CRUSH_AND_RAISE:
                    world.sounds.start(self.sector.soundorg, SFX_PSTOP)
                self.direction = -1

    def _move_down(self, world: World) -> None:
        kind = self.type
        result = planes.move_ceiling(world, self.sector, self.speed, self.bottomheight, self.crush, -1)
        self._rumble(world)
        if result == MoveResult.PASTDEST:
            if kind in _PERPETUAL:
                if kind == CeilingType.SILENT_CRUSH_AND_RAISE:
                    world.sounds.start(self.sector.soundorg, SFX_PSTOP)
                if kind != CeilingType.FAST_CRUSH_AND_RAISE:
                    self.speed = CEILING_SPEED
                self.direction = 1
            elif kind in (CeilingType.LOWER_AND_CRUSH, CeilingType.LOWER_TO_FLOOR):
                remove_active_ceiling(world, self)
        elif result == MoveResult.CRUSHED and kind in _SLOWED_BY_CRUSHING:
            self.speed = CEILING_SPEED // 8

    def _rumble(self, world: World) -> None:
        if not world.leveltime & 7 and self.type != CeilingType.SILENT_CRUSH_AND_RAISE:
            world.sounds.start(self.sector.soundorg, SFX_STNMOV)


def ev_do_ceiling(world: World, line: Line, type: CeilingType) -> bool:
    """Start the ceilings tagged by `line`; returns whether any was free to start (``EV_DoCeiling``).

    Crushers of that tag in stasis resume first, which does not count.
    """
    if type in _PERPETUAL:
        _activate_in_stasis(world, line.tag)
    started = False
    for sector in sectors.tagged_sectors(world, line):
        if sector.specialdata is not None:
            continue
        started = True
        ceiling = Ceiling(sector, type)
        thinkers.add_thinker(world, ceiling)
        sector.specialdata = ceiling
        if type == CeilingType.RAISE_TO_HIGHEST:
            ceiling.topheight = sectors.highest_ceiling_surrounding(sector)
            ceiling.direction = 1
        else:
            ceiling.bottomheight = sector.floorheight
            if type != CeilingType.LOWER_TO_FLOOR:
                ceiling.bottomheight = to_int32(ceiling.bottomheight + 8 * FRACUNIT)
        if type in _PERPETUAL:
            ceiling.crush = 1
            ceiling.topheight = sector.ceilingheight
        if type == CeilingType.FAST_CRUSH_AND_RAISE:
            ceiling.speed = CEILING_SPEED * 2
        add_active_ceiling(world, ceiling)
    return started


def add_active_ceiling(world: World, ceiling: Ceiling) -> None:
    """Enter a ceiling into the first free slot; without one it can be neither stopped nor ended.

    ``P_AddActiveCeiling``, which silently drops the 31st moving ceiling.
    """
    active = world.specials.activeceilings
    if None in active:
        active[active.index(None)] = ceiling


def remove_active_ceiling(world: World, ceiling: Ceiling) -> None:
    """End a ceiling if it has a slot (``P_RemoveActiveCeiling``)."""
    active = world.specials.activeceilings
    if ceiling in active:
        active[active.index(ceiling)] = None
        ceiling.sector.specialdata = None
        thinkers.remove_thinker(world, ceiling)


def _activate_in_stasis(world: World, tag: int) -> None:
    """Resume the stopped ceilings of that tag (``P_ActivateInStasisCeiling``)."""
    for ceiling in world.specials.activeceilings:
        if isinstance(ceiling, Ceiling) and ceiling.tag == tag and ceiling.direction == 0:
            ceiling.direction = ceiling.olddirection


def ev_ceiling_crush_stop(world: World, line: Line) -> bool:
    """Stop the ceilings with the tag of `line`; returns whether any was moving (``EV_CeilingCrushStop``)."""
    stopped = False
    for ceiling in world.specials.activeceilings:
        if isinstance(ceiling, Ceiling) and ceiling.tag == line.tag and ceiling.direction != 0:
            ceiling.olddirection = ceiling.direction
            ceiling.direction = 0
            stopped = True
    return stopped
