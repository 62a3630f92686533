"""Levels as the rules of a game know them: names, skies, songs, par times, and which follows which.

The tables and rules of ``G_InitNew``, ``G_DoCompleted``, ``G_WorldDone`` and ``S_Start``. The contents of a level are
in `sim.level`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydoom.data import music_ids as mus
from pydoom.sim.constants import TICRATE
from pydoom.sim.fixed import to_int32
from pydoom.sim.rules import GameMode, GameVersion

if TYPE_CHECKING:
    from pydoom.sim.world import World

_NAME: Final = re.compile(r"E(\d)M(\d)|MAP(\d\d)")
_MOST_DIGITS: Final = 9
"""Most digits of a level's number on the command line; Python refuses to convert thousands."""
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
_CHEX_PARS: Final = (0, 120, 360, 480, 200, 360)
_MAP33_PAR: Final = int.from_bytes(b"Gamm", "little")
"""What the original reads past its table of par times: the beginning of the text "Gamma correction OFF"."""
NO_PARS: Final[Mapping[tuple[int, int], int]] = {}
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


class LevelNameError(ValueError):
    """There is no such level; the message lists the levels, or says how they are named."""


@dataclass(frozen=True, slots=True)
class Level:
    """A level by its numbers, both from 1. DOOM II has a single episode, whose number does not matter."""

    episode: int
    map: int

    @classmethod
    def of(cls, world: World) -> Level:
        """The level that is being played."""
        return cls(world.episode, world.map)

    @classmethod
    def parse(cls, text: str, mode: GameMode) -> Level:
        """The level called `text`: a lump's name ("E1M3", "MAP07") or one or two numbers ("1 3", "7").

        The first number is a map in DOOM II, where a second one means nothing. In DOOM the first digit of a single
        number is an episode, which starts with its first map, as with ``-warp``. Raises LevelNameError.
        """
        match = _NAME.fullmatch(text.strip().upper())
        if match is not None:
            episode, map_number, doom2_map = match.groups()
            if (doom2_map is not None) != (mode == GameMode.COMMERCIAL):
                raise LevelNameError(f"this game has no level {match[0]}: its levels are called like {_example(mode)}")
            return cls(1, int(doom2_map)) if doom2_map else cls(int(episode), int(map_number))
        words = text.split()
        if not 1 <= len(words) <= 2 or not all(word.isdecimal() and len(word) <= _MOST_DIGITS for word in words):
            raise LevelNameError("a level is an episode and a map (1 3), a map of DOOM II (7) or a name (E1M3, MAP07)")
        if mode == GameMode.COMMERCIAL:
            return cls(1, int(words[0]))
        if len(words) == 1:
            return cls(int(words[0][0]), 1)
        return cls(int(words[0]), int(words[1]))

    def lump_name(self, mode: GameMode) -> str:
        """Name of the level's lump: MAP01 or E1M1."""
        return f"MAP{self.map:02d}" if mode == GameMode.COMMERCIAL else f"E{self.episode}M{self.map}"

    def clamped(self, mode: GameMode, version: GameVersion) -> Level:
        """The level that a new game starts with: numbers out of range are clamped (``G_InitNew``)."""
        episode, map_number = self.episode, max(self.map, 1)
        if version >= GameVersion.ULTIMATE:
            episode = episode or 4
        else:
            episode = max(1, min(episode, 3))
        if mode == GameMode.SHAREWARE:
            episode = min(episode, 1)
        if mode != GameMode.COMMERCIAL:
            map_number = min(map_number, 9)
        return Level(episode, map_number)

    def sky(self, mode: GameMode) -> str:
        """Name of the sky's texture, before DeHackEd, in a game that starts on this level."""
        if mode == GameMode.COMMERCIAL:
            number = 1 if self.map < 12 else 2 if self.map < 21 else 3
        else:
            number = self.episode if 1 <= self.episode <= 4 else 1
        return f"SKY{number}"

    def music(self, mode: GameMode) -> int:
        """Number of the level's song (``S_Start``); MUS_NONE from MAP36 on, where the original stops."""
        if mode == GameMode.COMMERCIAL:
            number = mus.MUS_RUNNIN + self.map - 1
            return number if number < mus.NUMMUSIC else mus.MUS_NONE
        if self.episode < 4:
            return mus.MUS_E1M1 + (self.episode - 1) * 9 + self.map - 1
        return _EPISODE_4_MUSIC[self.map - 1]

    def par_tics(
        self,
        mode: GameMode,
        patched: Mapping[tuple[int, int], int] = NO_PARS,
        version: GameVersion = GameVersion.DOOM_1_9,
    ) -> int:
        """Par time in tics, perhaps `patched` (`GameInfo.pars`).

        Episode 4 has none: the original reads DOOM II's table there.
        """
        commercial = mode == GameMode.COMMERCIAL
        own = patched.get((0 if commercial else self.episode, self.map), 0)
        if own:
            seconds = own
        elif commercial:
            if self.map == 33:
                seconds = _MAP33_PAR
            elif self.map <= len(_DOOM2_PARS):
                seconds = _DOOM2_PARS[self.map - 1]
            else:
                seconds = 0
        elif version == GameVersion.CHEX and self.episode == 1 and self.map < len(_CHEX_PARS):
            seconds = _CHEX_PARS[self.map]
        elif self.episode < 4:
            seconds = _DOOM_PARS[self.episode - 1][self.map]
        else:
            seconds = _DOOM2_PARS[self.map]
        return to_int32(TICRATE * seconds)

    def next_map(self, mode: GameMode, *, secret_exit: bool, previous: int) -> int:
        """The map (from 0) that follows (``G_DoCompleted``).

        `previous` is the last intermission's answer, which is kept where the original's tables have no entry.
        """
        if mode == GameMode.COMMERCIAL:
            if secret_exit:
                return _SECRET_EXITS.get(self.map, previous)
            return 15 if self.map in (31, 32) else self.map
        if secret_exit:
            return 8
        if self.map == 9:
            return _AFTER_SECRET_LEVEL.get(self.episode, previous)
        return self.map

    def has_text_after(self, mode: GameMode, *, secret_exit: bool) -> bool:
        """Whether DOOM II shows a text of its story after this level (``G_WorldDone``)."""
        if mode != GameMode.COMMERCIAL:
            return False
        if self.map in _SECRET_MAPS_BEFORE_TEXT:
            return secret_exit
        return self.map in _MAPS_BEFORE_TEXT


def find_level(text: str, mode: GameMode, map_names: Sequence[str]) -> Level:
    """The level called `text` (see `Level.parse`) in a WAD with the maps `map_names`. Raises LevelNameError."""
    level = Level.parse(text, mode)
    name = level.lump_name(mode)
    if name not in map_names:
        raise LevelNameError(f"no level {name} in this WAD (it has {_summary(map_names)})")
    return level


def _example(mode: GameMode) -> str:
    return Level(1, 1).lump_name(mode)


def _summary(names: Sequence[str]) -> str:
    if not names:
        return "none"
    return f"{names[0]} to {names[-1]}" if len(names) > 1 else names[0]
