"""The players' results of a finished level: for the intermission and ``--statdump`` (``wbstartstruct_t``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydoom.game.level import Level
from pydoom.sim.player import MAXPLAYERS, Player

if TYPE_CHECKING:
    from pydoom.sim.world import World

_NO_FRAGS: Final = (0,) * MAXPLAYERS


@dataclass(frozen=True, slots=True)
class PlayerStats:
    """One player's results of a level (``wbplayerstruct_t``); `stime` in tics, `frags` by victim."""

    present: bool = False
    skills: int = 0
    sitems: int = 0
    ssecret: int = 0
    stime: int = 0
    frags: tuple[int, ...] = _NO_FRAGS


@dataclass(frozen=True, slots=True)
class LevelStats:
    """Everybody's results of a level.

    `epsd` counts episodes from 0, `last` and `next` count maps from 0; `partime` in tics; `pnum` is the player whose
    screen it is.
    """

    epsd: int = 0
    didsecret: bool = False
    last: int = 0
    next: int = 0
    maxkills: int = 0
    maxitems: int = 0
    maxsecret: int = 0
    partime: int = 0
    pnum: int = 0
    players: tuple[PlayerStats, ...] = (PlayerStats(),) * MAXPLAYERS


def level_stats(world: World, *, secret_exit: bool, previous: int) -> LevelStats:
    """The results of the finished level; `previous` is as in `Level.next_map`."""
    level = Level.of(world)
    return LevelStats(
        epsd=level.episode - 1,
        didsecret=world.players[world.consoleplayer].didsecret,
        last=level.map - 1,
        next=level.next_map(world.mode, secret_exit=secret_exit, previous=previous),
        maxkills=world.totalkills,
        maxitems=world.totalitems,
        maxsecret=world.totalsecret,
        partime=level.par_tics(world.mode, world.info.pars, world.version),
        pnum=world.consoleplayer,
        players=tuple(_player_stats(world, player) for player in world.players),
    )


def _player_stats(world: World, player: Player) -> PlayerStats:
    return PlayerStats(
        present=world.playeringame[player.number],
        skills=player.killcount,
        sitems=player.itemcount,
        ssecret=player.secretcount,
        stime=world.leveltime,
        frags=tuple(player.frags),
    )
