"""Noise spreads as in the original, and leaves the last opening behind."""

import sys

import pytest

from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.game.session import Session
from pydoom.sim.constants import THINKERS_PER_WORK
from pydoom.sim.enemy import senses
from pydoom.sim.geometry import line_opening
from pydoom.sim.level import ML_SOUNDBLOCK, ML_TWOSIDED, Sector
from pydoom.wad import Assets


class PlainNoise:
    """``P_RecursiveSound`` as it is written: `heard` by sector number, `last` opening."""

    def __init__(self) -> None:
        self.heard: dict[int, int] = {}
        self.last = (0, 0, 0, 0)

    def spread(self, sector: Sector, soundblocks: int) -> None:
        if self.heard.get(sector.index, 99) <= soundblocks + 1:
            return
        self.heard[sector.index] = soundblocks + 1
        for line in sector.lines:
            if not line.flags & ML_TWOSIDED or line.backsector is None:
                continue
            self.last = line_opening(line)
            if self.last[2] <= 0:
                continue
            other = line.backsector if line.frontsector is sector else line.frontsector
            if not line.flags & ML_SOUNDBLOCK:
                self.spread(other, soundblocks)
            elif not soundblocks:
                self.spread(other, 1)


@pytest.mark.parametrize("map_number", range(1, 10))
def test_noise_reaches_the_same_sectors_and_leaves_the_same_opening(assets: Assets, map_number: int) -> None:
    session = Session(assets)
    session.start(Rules(), Level(1, map_number))
    world = session.world
    mo = world.players[0].mo
    assert mo is not None
    plain = PlainNoise()
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(10_000)
    try:
        plain.spread(mo.subsector.sector, 0)
    finally:
        sys.setrecursionlimit(limit)
    senses.noise_alert(world, mo, mo)
    heard = {sector.index: sector.soundtraversed for sector in world.sectors if sector.soundtarget is mo}
    assert heard == plain.heard
    move = world.move
    assert (move.opentop, move.openbottom, move.lowfloor) == (plain.last[0], plain.last[1], plain.last[3])


def test_noise_counts_as_work_of_the_tic(assets: Assets) -> None:
    session = Session(assets)
    session.start(Rules(), Level(1, 1))
    world = session.world
    mo = world.players[0].mo
    assert mo is not None
    world.work = 0
    senses.noise_alert(world, mo, mo)
    heard = sum(len(sector.lines) for sector in world.sectors if sector.soundtarget is mo)
    assert world.work >= heard // THINKERS_PER_WORK > 0
