"""One tic of the world: players, thinkers, specials, returning items (``p_tick.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydoom.data.flags import MF_SKULLFLY
from pydoom.sim import mapthings, motion, user
from pydoom.sim.mobj import Mobj
from pydoom.sim.specials import update
from pydoom.sim.thinkers import DROPPED

if TYPE_CHECKING:
    from pydoom.sim.world import World


def run_thinkers(world: World) -> None:
    """``P_RunThinkers``: let every thinker act once, in order, and drop those that were removed before their turn."""
    thinkers = world.thinkers
    think = motion.mobj_think
    respawns = world.respawnmonsters
    dropped = False
    for thinker in thinkers:
        if thinker.removed:
            thinker.removed = DROPPED
            dropped = True
        elif type(thinker) is Mobj:
            # most mobjs stand still and wait; they are handled here, since the call would cost more than the rest
            tics = thinker.tics
            if (
                (tics > 1 or (tics == -1 and not respawns))
                and thinker.z == thinker.floorz
                and not thinker.momx
                and not thinker.momy
                and not thinker.momz
                and not thinker.flags & MF_SKULLFLY
            ):
                if tics > 1:
                    thinker.tics = tics - 1
            else:
                think(world, thinker)
        else:
            thinker.think(world)
    if dropped:
        thinkers[:] = [thinker for thinker in thinkers if thinker.removed != DROPPED]


def ticker(world: World) -> None:
    """``P_Ticker``: one tic of players, thinkers, specials and returning items; nothing while the game is paused."""
    if world.paused:
        return
    world.spawned = world.work = world.looped = 0
    for number, player in enumerate(world.players):
        if world.playeringame[number]:
            user.player_think(world, player)
    run_thinkers(world)
    update.update_specials(world)
    mapthings.respawn_specials(world)
    world.leveltime += 1
