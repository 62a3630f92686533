"""Teleporters (``p_telept.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.flags import MF_MISSILE
from pydoom.data.mobj_ids import MT_TELEPORTMAN, MT_TFOG
from pydoom.data.sound_ids import SFX_TELEPT
from pydoom.data.tables import ANGLETOFINESHIFT, FINECOSINE, FINESINE
from pydoom.sim import collision, rules, spawning
from pydoom.sim.fixed import to_int32
from pydoom.sim.mobj import Mobj
from pydoom.sim.specials import sectors

if TYPE_CHECKING:
    from pydoom.sim.level import Line, Sector
    from pydoom.sim.world import World

FREEZE: Final = 18
"""Tics for which a player cannot move after a teleport."""
FOG_DISTANCE: Final = 20
"""Map units from the destination to its fog, in the direction looked at."""


def ev_teleport(world: World, line: Line, side: int, thing: Mobj) -> bool:
    """Move `thing` to the first teleport destination in a sector tagged by `line` (``EV_Teleport``).

    Missiles do not teleport, nor does anything that crosses from the back (the way out). The executable of Final DOOM
    does not set the height of what arrives.
    """
    if thing.flags & MF_MISSILE or side == 1:
        return False
    for sector in sectors.tagged_sectors(world, line):
        destination = _destination_in(world, sector)
        if destination is not None:
            return _teleport_to(world, thing, destination)
    return False


def _destination_in(world: World, sector: Sector) -> Mobj | None:
    for thinker in world.thinkers:
        if isinstance(thinker, Mobj) and thinker.type == MT_TELEPORTMAN and not thinker.removed:
            if thinker.subsector.sector is sector:
                return thinker
    return None


def _teleport_to(world: World, thing: Mobj, destination: Mobj) -> bool:
    oldx, oldy, oldz = thing.x, thing.y, thing.z
    if not collision.teleport_move(world, thing, destination.x, destination.y):
        return False
    if world.version != rules.GameVersion.FINAL:
        thing.z = thing.floorz
    player = thing.player
    if player is not None:
        player.viewz = to_int32(thing.z + player.viewheight)
    fog = spawning.spawn_mobj(world, oldx, oldy, oldz, MT_TFOG)
    world.sounds.start(fog, SFX_TELEPT)
    fine = destination.angle >> ANGLETOFINESHIFT
    fogx = destination.x + FOG_DISTANCE * FINECOSINE[fine]
    fogy = destination.y + FOG_DISTANCE * FINESINE[fine]
    fog = spawning.spawn_mobj(world, fogx, fogy, thing.z, MT_TFOG)
    world.sounds.start(fog, SFX_TELEPT)
    if player is not None:
        thing.reactiontime = FREEZE
    thing.angle = destination.angle
    thing.momx = thing.momy = thing.momz = 0
    return True
