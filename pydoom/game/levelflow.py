"""Which levels there are and which follows which, their skies, songs and par times; what is counted at their end.

The tables and rules of ``G_InitNew``, ``G_DoCompleted``, ``G_WorldDone`` and ``S_Start``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data import music_ids as mus
from pydoom.game.displays import LevelStats
from pydoom.sim.constants import TICRATE
from pydoom.sim.fixed import to_int32
from pydoom.sim.rules import GameMode, GameVersion

if TYPE_CHECKING:
    from pydoom.sim.world import World

_DOOM_PARS: Final = (
    (0, 30, 75, 120, 90, 165, 180, 180, 30, 165),
    (0, 90, 90, 90, 120, 90, 360, 240, 30, 170),
    (0, 90, 45, 90, 150, 90, 90, 165, 30, 135),
)
_DOOM2_PARS: Final = (
    *(30, 90, 120, 120, 90, 150, 120, 120, 270, 90),
    *(210, 150, 150, 150, 210, 150, 420, 150, 210, 150),
    *(240, 150, 180, 150, 150, 300, 330, 420, 300, 180),
    *(120, 30),
)
_MAP33_PAR: Final = int.from_bytes(b"Gamm", "little")
"""What the original finds behind its table of par times: the beginning of the text "Gamma correction OFF"."""
_AFTER_SECRET_LEVEL: Final = {1: 3, 2: 5, 3: 6, 4: 2}
"""Per episode, the map (from 0) that follows ExM9."""
_SECRET_EXITS: Final = {15: 30, 31: 31}
_EPISODE_4_MUSIC: Final = (
    mus.MUS_E3M4,
    mus.MUS_E3M2,
    mus.MUS_E3M3,
    mus.MUS_E1M5,
    mus.MUS_E2M7,
    mus.MUS_E2M4,
    mus.MUS_E2M6,
    mus.MUS_E2M5,
    mus.MUS_E1M9,
)
_MAPS_BEFORE_TEXT: Final = frozenset({6, 11, 20, 30})
_SECRET_MAPS_BEFORE_TEXT: Final = frozenset({15, 31})


def par_time(mode: GameMode, episode: int, map_number: int) -> int:
    """Par time of a level in tics. Episode 4 has none: the original reads DOOM II's table there."""
    if mode == GameMode.COMMERCIAL:
        if map_number == 33:
            seconds = _MAP33_PAR
        elif map_number <= len(_DOOM2_PARS):
            seconds = _DOOM2_PARS[map_number - 1]
        else:
            seconds = 0
    elif episode < 4:
        seconds = _DOOM_PARS[episode - 1][map_number]
    else:
        seconds = _DOOM2_PARS[map_number]
    return to_int32(TICRATE * seconds)


def next_map(mode: GameMode, episode: int, map_number: int, secret_exit: bool, previous: int) -> int:
    """The map (from 0) that follows; `previous` is what the last intermission said, which stays where DOOM II's
    tables have no entry for a secret exit."""
    if mode == GameMode.COMMERCIAL:
        if secret_exit:
            return _SECRET_EXITS.get(map_number, previous)
        return 15 if map_number in (31, 32) else map_number
    if secret_exit:
        return 8
    if map_number == 9:
        return _AFTER_SECRET_LEVEL.get(episode, previous)
    return map_number


def text_follows(map_number: int, secret_exit: bool) -> bool:
    """Whether DOOM II tells a piece of its story after this map."""
    if map_number in _SECRET_MAPS_BEFORE_TEXT:
        return secret_exit
    return map_number in _MAPS_BEFORE_TEXT


def level_stats(world: World, secret_exit: bool, previous: int) -> LevelStats:
    """What the players did in the level that is over, for the intermission; `previous` is as in `next_map`."""
    stats = LevelStats(
        epsd=world.episode - 1,
        didsecret=world.players[world.consoleplayer].didsecret,
        last=world.map - 1,
        next=next_map(world.mode, world.episode, world.map, secret_exit, previous),
        maxkills=world.totalkills,
        maxitems=world.totalitems,
        maxsecret=world.totalsecret,
        partime=par_time(world.mode, world.episode, world.map),
        pnum=world.consoleplayer,
    )
    for number, result in enumerate(stats.players):
        player = world.players[number]
        result.present = world.playeringame[number]
        result.skills = player.killcount
        result.sitems = player.itemcount
        result.ssecret = player.secretcount
        result.stime = world.leveltime
        result.frags = list(player.frags)
    return stats


def level_in_range(mode: GameMode, version: GameVersion, episode: int, map_number: int) -> tuple[int, int]:
    """Episode and map number as a new game takes them: those out of range are clamped."""
    if version >= GameVersion.ULTIMATE:
        episode = episode or 4
    else:
        episode = max(1, min(episode, 3))
    if mode == GameMode.SHAREWARE:
        episode = min(episode, 1)
    map_number = max(map_number, 1)
    if mode != GameMode.COMMERCIAL:
        map_number = min(map_number, 9)
    return episode, map_number


def sky_texture(mode: GameMode, episode: int, map_number: int) -> str:
    """Name of the sky of a game that starts on this level."""
    if mode == GameMode.COMMERCIAL:
        number = 1 if map_number < 12 else 2 if map_number < 21 else 3
    else:
        number = episode if 1 <= episode <= 4 else 1
    return f"SKY{number}"


def map_lump_name(mode: GameMode, episode: int, map_number: int) -> str:
    """Name of the level's lump: MAP01 or E1M1."""
    if mode == GameMode.COMMERCIAL:
        return f"MAP{map_number:02d}"
    return f"E{episode}M{map_number}"


def music_number(mode: GameMode, episode: int, map_number: int) -> int:
    """Number of the level's music (``S_Start``)."""
    if mode == GameMode.COMMERCIAL:
        return mus.MUS_RUNNIN + map_number - 1
    if episode < 4:
        return mus.MUS_E1M1 + (episode - 1) * 9 + map_number - 1
    return _EPISODE_4_MUSIC[map_number - 1]
