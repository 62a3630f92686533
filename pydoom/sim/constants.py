"""Distances, speeds and sizes of the play simulation (``p_local.h``), 16.16 map units unless said otherwise."""

from typing import Final

from pydoom.sim.fixed import FRACUNIT, MAXINT, MININT

MAPBLOCKUNITS: Final = 128
"""Side of a blockmap block in map units."""
MAPBLOCKSIZE: Final = MAPBLOCKUNITS * FRACUNIT
MAPBLOCKSHIFT: Final = 23
"""Right shift that turns 16.16 map units into blocks."""
MAPBTOFRAC: Final = MAPBLOCKSHIFT - 16
"""Right shift that turns 16.16 map units into 16.16 blocks."""

MAXRADIUS: Final = 32 * FRACUNIT
"""Things are searched for this far around a block, though the largest monsters are wider."""
MAXSTEP: Final = 24 * FRACUNIT
"""Highest step up that a walking thing takes."""

FLOATSPEED: Final = 4 * FRACUNIT
GRAVITY: Final = FRACUNIT
MAXMOVE: Final = 30 * FRACUNIT
STOPSPEED: Final = 0x1000
FRICTION: Final = 0xE800

VIEWHEIGHT: Final = 41 * FRACUNIT
"""Height of a player's eyes above the feet."""

USERANGE: Final = 64 * FRACUNIT
MELEERANGE: Final = 64 * FRACUNIT
MISSILERANGE: Final = 32 * 64 * FRACUNIT

ONFLOORZ: Final = MININT
"""z of a spawned thing that stands on the floor."""
ONCEILINGZ: Final = MAXINT
"""z of a spawned thing that hangs from the ceiling."""

TICRATE: Final = 35
"""Tics in a second."""

TRACE_WORK: Final = 10
SIGHT_WORK: Final = 5
THINKERS_PER_WORK: Final = 10
"""Units of `World.work`: what a trace and a line of sight cost, and how many thinkers can be looked at for one unit.

As many things of a block can be, for a move, a trace or an explosion.
"""
