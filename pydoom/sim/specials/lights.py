"""Lights that flicker, flash, strobe and glow, and lines that switch lights (``p_lights.c``).

Light levels are 0 to 255, counts are tics.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.sim import thinkers
from pydoom.sim.specials import sectors
from pydoom.sim.thinkers import Thinker

if TYPE_CHECKING:
    from pydoom.sim.level import Line, Sector
    from pydoom.sim.world import World

GLOW_SPEED: Final = 8
STROBE_BRIGHT: Final = 5
FAST_DARK: Final = 15
SLOW_DARK: Final = 35


class FireFlicker(Thinker):
    """A fire's light (``fireflicker_t``)."""

    __slots__ = ("count", "maxlight", "minlight", "sector")

    def __init__(self, sector: Sector, maxlight: int, minlight: int) -> None:
        super().__init__()
        self.sector = sector
        self.count: int = 4
        self.maxlight = maxlight
        self.minlight = minlight

    def think(self, world: World) -> None:
        """``T_FireFlicker``."""
        self.count -= 1
        if self.count:
            return
        amount = (world.random.p_random() & 3) * 16
        sector = self.sector
        if sector.lightlevel - amount < self.minlight:
            sector.lightlevel = self.minlight
        else:
            sector.lightlevel = self.maxlight - amount
        self.count = 4


class LightFlash(Thinker):
    """A broken light: mostly bright, dark for a few tics now and then (``lightflash_t``).

    `maxtime` and `mintime` are masks for the random duration of the bright and the dark spell.
    """

    __slots__ = ("count", "maxlight", "maxtime", "minlight", "mintime", "sector")

    def __init__(self, sector: Sector, maxlight: int, minlight: int) -> None:
        super().__init__()
        self.sector = sector
        self.count: int = 0
        self.maxlight = maxlight
        self.minlight = minlight
        self.maxtime: int = 64
        self.mintime: int = 7

    def think(self, world: World) -> None:
        """``T_LightFlash``."""
        self.count -= 1
        if self.count:
            return
        sector = self.sector
        if sector.lightlevel == self.maxlight:
            sector.lightlevel = self.minlight
            self.count = (world.random.p_random() & self.mintime) + 1
        else:
            sector.lightlevel = self.maxlight
            self.count = (world.random.p_random() & self.maxtime) + 1


class Strobe(Thinker):
    """A light that is bright for `brighttime` and dark for `darktime` in turn (``strobe_t``)."""

    __slots__ = ("brighttime", "count", "darktime", "maxlight", "minlight", "sector")

    def __init__(self, sector: Sector, maxlight: int, minlight: int, darktime: int) -> None:
        super().__init__()
        self.sector = sector
        self.count: int = 1
        self.minlight = minlight
        self.maxlight = maxlight
        self.darktime = darktime
        self.brighttime: int = STROBE_BRIGHT

    def think(self, world: World) -> None:
        """``T_StrobeFlash``."""
        self.count -= 1
        if self.count:
            return
        sector = self.sector
        if sector.lightlevel == self.minlight:
            sector.lightlevel = self.maxlight
            self.count = self.brighttime
        else:
            sector.lightlevel = self.minlight
            self.count = self.darktime


class Glow(Thinker):
    """A light that swells and fades; `direction` is 1 or -1 (``glow_t``)."""

    __slots__ = ("direction", "maxlight", "minlight", "sector")

    def __init__(self, sector: Sector, maxlight: int, minlight: int) -> None:
        super().__init__()
        self.sector = sector
        self.minlight = minlight
        self.maxlight = maxlight
        self.direction: int = -1

    def think(self, world: World) -> None:
        """``T_Glow``: a step that reaches the limit is taken back."""
        sector = self.sector
        if self.direction == -1:
            if sector.lightlevel - GLOW_SPEED <= self.minlight:
                self.direction = 1
            else:
                sector.lightlevel -= GLOW_SPEED
        elif self.direction == 1:
            if sector.lightlevel + GLOW_SPEED >= self.maxlight:
                self.direction = -1
            else:
                sector.lightlevel += GLOW_SPEED


def spawn_fire_flicker(world: World, sector: Sector) -> None:
    """``P_SpawnFireFlicker``."""
    light = sector.lightlevel
    thinkers.add_thinker(world, FireFlicker(sector, light, sectors.min_surrounding_light(sector, light) + 16))
    sector.special = 0


def spawn_light_flash(world: World, sector: Sector) -> None:
    """``P_SpawnLightFlash``."""
    light = sector.lightlevel
    flash = LightFlash(sector, light, sectors.min_surrounding_light(sector, light))
    flash.count = (world.random.p_random() & flash.maxtime) + 1
    thinkers.add_thinker(world, flash)
    sector.special = 0


def spawn_strobe_flash(world: World, sector: Sector, darktime: int, in_sync: bool) -> None:
    """A strobe; those in sync all start at once, the others draw their start (``P_SpawnStrobeFlash``)."""
    light = sector.lightlevel
    minlight = sectors.min_surrounding_light(sector, light)
    strobe = Strobe(sector, light, 0 if minlight == light else minlight, darktime)
    if not in_sync:
        strobe.count = (world.random.p_random() & 7) + 1
    thinkers.add_thinker(world, strobe)
    sector.special = 0


def spawn_glowing_light(world: World, sector: Sector) -> None:
    """``P_SpawnGlowingLight``."""
    light = sector.lightlevel
    thinkers.add_thinker(world, Glow(sector, light, sectors.min_surrounding_light(sector, light)))
    sector.special = 0


def ev_start_light_strobing(world: World, line: Line) -> None:
    """Slow strobes in the tagged sectors where nothing moves (``EV_StartLightStrobing``)."""
    for sector in sectors.tagged_sectors(world, line):
        if sector.specialdata is None:
            spawn_strobe_flash(world, sector, SLOW_DARK, False)


def ev_turn_tag_lights_off(world: World, line: Line) -> None:
    """Make each tagged sector as dark as its darkest neighbour (``EV_TurnTagLightsOff``)."""
    for sector in sectors.tagged_sectors(world, line):
        sector.lightlevel = sectors.min_surrounding_light(sector, sector.lightlevel)


def ev_light_turn_on(world: World, line: Line, bright: int) -> None:
    """Set the light of the tagged sectors to `bright`, or for 0 to that of the brightest neighbour.

    ``EV_LightTurnOn``, which uses the level found for the first sector for all that follow.
    """
    for sector in sectors.tagged_sectors(world, line):
        if not bright:
            bright = max(0, max((other.lightlevel for other in sectors.neighbours(sector)), default=0))
        sector.lightlevel = bright
