"""What the header of a demo says about the rules of play: written when recording, obeyed in playback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydoom.game.demo import VERSION_1_9, VERSION_LONGTICS, DemoHeader

if TYPE_CHECKING:
    from pydoom.sim.world import World


def header_of(world: World, *, respawn: bool, longtics: bool) -> DemoHeader:
    """The header of a recording of the level that has just begun (``G_BeginRecording``)."""
    return DemoHeader(
        version=VERSION_LONGTICS if longtics else VERSION_1_9,
        skill=world.skill,
        episode=world.episode,
        map=world.map,
        deathmatch=world.deathmatch,
        respawn=respawn,
        fast=world.fastparm,
        nomonsters=world.nomonsters,
        consoleplayer=world.consoleplayer,
        playeringame=list(world.playeringame),
    )


def set_rules(world: World, header: DemoHeader) -> None:
    """Play by the rules of a demo (``G_DoPlayDemo``); whether monsters come back is the session's."""
    world.deathmatch = header.deathmatch
    world.fastparm = header.fast
    world.nomonsters = header.nomonsters
    world.consoleplayer = header.consoleplayer
    world.playeringame[:] = header.playeringame
    if header.playeringame[1]:
        world.netgame = True


def set_single_player_rules(world: World) -> None:
    """Play alone and by the normal rules, as games from the menu do (``G_DoNewGame``)."""
    world.netgame = False
    world.deathmatch = 0
    world.playeringame[:] = [True, False, False, False]
    world.fastparm = False
    world.nomonsters = False
    world.consoleplayer = 0
