"""Plats: floors that go down and up, once or forever (``p_plats.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.sound_ids import SFX_PSTART, SFX_PSTOP, SFX_STNMOV
from pydoom.sim import thinkers
from pydoom.sim.constants import TICRATE
from pydoom.sim.fixed import FRACUNIT, to_int32
from pydoom.sim.specials import planes, sectors
from pydoom.sim.specials.kinds import MoveResult, PlatStatus, PlatType
from pydoom.sim.thinkers import Thinker

if TYPE_CHECKING:
    from pydoom.sim.level import Line, Sector
    from pydoom.sim.world import World

PLAT_SPEED: Final = FRACUNIT
"""Fixed map units a tic."""
PLAT_WAIT: Final = 3 * TICRATE
"""Tics a plat waits at its ends."""

_CHANGING: Final = (PlatType.RAISE_AND_CHANGE, PlatType.RAISE_TO_NEAREST_AND_CHANGE)


class Plat(Thinker):
    """A moving plat (``plat_t``). Heights and speed are 16.16 fixed, `wait` and `count` tics.

    A plat in stasis stays in the thinker list but does nothing.
    """

    __slots__ = ("count", "crush", "high", "low", "oldstatus", "sector", "speed", "status", "tag", "type", "wait")

    def __init__(self, sector: Sector, type: PlatType, tag: int) -> None:
        super().__init__()
        self.sector = sector
        self.speed: int = PLAT_SPEED
        self.low: int = 0
        self.high: int = 0
        self.wait: int = 0
        self.count: int = 0
        self.status: PlatStatus = PlatStatus.UP
        self.oldstatus: PlatStatus = PlatStatus.UP
        self.crush: int = 0
        self.tag = tag
        self.type = type

    def think(self, world: World) -> None:
        """``T_PlatRaise``."""
        status = self.status
        if status == PlatStatus.UP:
            self._move_up(world)
        elif status == PlatStatus.DOWN:
            result = planes.move_floor(world, self.sector, self.speed, self.low, 0, -1)
            if result == MoveResult.PASTDEST:
                self.count = self.wait
                self.status = PlatStatus.WAITING
                world.sounds.start(self.sector.soundorg, SFX_PSTOP)
        elif status == PlatStatus.WAITING:
            self.count -= 1
            if not self.count:
                at_bottom = self.sector.floorheight == self.low
                self.status = PlatStatus.UP if at_bottom else PlatStatus.DOWN
                world.sounds.start(self.sector.soundorg, SFX_PSTART)

    def _move_up(self, world: World) -> None:
        sector = self.sector
        result = planes.move_floor(world, sector, self.speed, self.high, self.crush, 1)
        if self.type in _CHANGING and not world.leveltime & 7:
            world.sounds.start(sector.soundorg, SFX_STNMOV)
        if result == MoveResult.CRUSHED and not self.crush:
            self.count = self.wait
            self.status = PlatStatus.DOWN
            world.sounds.start(sector.soundorg, SFX_PSTART)
        elif result == MoveResult.PASTDEST:
            self.count = self.wait
            self.status = PlatStatus.WAITING
            world.sounds.start(sector.soundorg, SFX_PSTOP)
            if self.type != PlatType.PERPETUAL_RAISE:
                remove_active_plat(world, self)


def ev_do_plat(world: World, line: Line, type: PlatType, amount: int = 0) -> bool:
    """Start the plats tagged by `line`; returns whether any was free to start (``EV_DoPlat``).

    `amount` is how far RAISE_AND_CHANGE rises, in map units. Perpetual plats of that tag in stasis resume.
    """
    if type == PlatType.PERPETUAL_RAISE:
        _activate_in_stasis(world, line.tag)
    started = False
    for sector in sectors.tagged_sectors(world, line):
        if sector.specialdata is not None:
            continue
        started = True
        plat = Plat(sector, type, line.tag)
        thinkers.add_thinker(world, plat)
        sector.specialdata = plat
        if type in _CHANGING:
            _start_changing(world, line, plat, amount)
        elif type == PlatType.PERPETUAL_RAISE:
            plat.low = sectors.lowest_floor_surrounding(sector)
            plat.high = max(sectors.highest_floor_surrounding(sector), sector.floorheight)
            plat.wait = PLAT_WAIT
            plat.status = PlatStatus(world.random.p_random() & 1)
            world.sounds.start(sector.soundorg, SFX_PSTART)
        else:
            plat.speed = PLAT_SPEED * (8 if type == PlatType.BLAZE_DOWN_WAIT_UP_STAY else 4)
            plat.low = sectors.lowest_floor_surrounding(sector)
            plat.high = sector.floorheight
            plat.wait = PLAT_WAIT
            plat.status = PlatStatus.DOWN
            world.sounds.start(sector.soundorg, SFX_PSTART)
        add_active_plat(world, plat)
    return started


def _start_changing(world: World, line: Line, plat: Plat, amount: int) -> None:
    """A plat that takes on the floor texture in front of `line` and rises slowly."""
    sector = plat.sector
    plat.speed = PLAT_SPEED // 2
    sector.floorpic = world.sides[line.sidenum[0]].sector.floorpic
    if plat.type == PlatType.RAISE_TO_NEAREST_AND_CHANGE:
        plat.high = sectors.next_highest_floor(sector, sector.floorheight)
        sector.special = 0  # slime no longer hurts
    else:
        plat.high = to_int32(sector.floorheight + amount * FRACUNIT)
    world.sounds.start(sector.soundorg, SFX_STNMOV)


def _activate_in_stasis(world: World, tag: int) -> None:
    """Resume the stopped plats of that tag (``P_ActivateInStasis``)."""
    for plat in world.specials.activeplats:
        if isinstance(plat, Plat) and plat.tag == tag and plat.status == PlatStatus.IN_STASIS:
            plat.status = plat.oldstatus


def ev_stop_plat(world: World, line: Line) -> None:
    """Put the plats with the tag of `line` into stasis (``EV_StopPlat``)."""
    for plat in world.specials.activeplats:
        if isinstance(plat, Plat) and plat.status != PlatStatus.IN_STASIS and plat.tag == line.tag:
            plat.oldstatus = plat.status
            plat.status = PlatStatus.IN_STASIS


def add_active_plat(world: World, plat: Plat) -> None:
    """Enter a plat into the first free slot (``P_AddActivePlat``). A 31st stops the original; here it gets a slot."""
    active = world.specials.activeplats
    if None in active:
        active[active.index(None)] = plat
    else:
        active.append(plat)


def remove_active_plat(world: World, plat: Plat) -> None:
    """End a plat and free its slot (``P_RemoveActivePlat``)."""
    active = world.specials.activeplats
    active[active.index(plat)] = None
    plat.sector.specialdata = None
    thinkers.remove_thinker(world, plat)
