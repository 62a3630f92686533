"""The thinker list and one tic of the world (``p_tick.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.flags import MF_SKULLFLY
from pydoom.sim import mobj as mobjs
from pydoom.sim import spawning, user
from pydoom.sim.model import Mobj, Thinker
from pydoom.sim.specials import update

if TYPE_CHECKING:
    from pydoom.sim.world import World

REMOVED: Final = 1
"""`Thinker.removed` of a thinker that is to go when the run reaches it."""
DROPPED: Final = 2
"""`Thinker.removed` of a thinker that the run has reached."""


def add_thinker(world: World, thinker: Thinker) -> None:
    """``P_AddThinker``: append to the list; during a run the new thinker still acts in the same tic."""
    world.thinkers.append(thinker)


def remove_thinker(world: World, thinker: Thinker) -> None:
    """``P_RemoveThinker``: mark for removal; the list drops it when the run reaches it."""
    thinker.removed = thinker.removed or REMOVED


def run_thinkers(world: World) -> None:
    """``P_RunThinkers``: let every thinker act once, in order, and drop those that were removed before their turn."""
    thinkers = world.thinkers
    think = mobjs.mobj_think
    respawns = world.respawnmonsters
    dropped = False
    for thinker in thinkers:
        if thinker.removed:
            thinker.removed = DROPPED
            dropped = True
        elif type(thinker) is Mobj:
            # a mobj that stands still and waits, as most do, is served here: the call costs more than the rest
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
    for number, player in enumerate(world.players):
        if world.playeringame[number]:
            user.player_think(world, player)
    run_thinkers(world)
    update.update_specials(world)
    spawning.respawn_specials(world)
    world.leveltime += 1
