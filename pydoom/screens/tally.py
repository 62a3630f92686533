"""Counting up the results of a level: single player, co-operative or deathmatch (``wi_stuff.c``).

Each tally is a row of stages: odd ones are pauses of a second, even ones count something with a shot every fourth tic.
A press of fire or use jumps to the end, the next one leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from pydoom.data import sound_ids as sfx
from pydoom.game.results import LevelStats
from pydoom.sim.constants import TICRATE
from pydoom.sim.fixed import c_div
from pydoom.sim.player import MAXPLAYERS

_LAST_STAGE: Final = 10
_LAST_DEATHMATCH_STAGE: Final = 4
_MAX_FRAGS: Final = 99

Play = Callable[[int], None]


def frag_sum(stats: LevelStats, in_game: list[bool], number: int) -> int:
    """Frags of a player; suicides count against it (``WI_fragSum``)."""
    frags = stats.players[number].frags
    return sum(frags[i] for i in range(MAXPLAYERS) if in_game[i] and i != number) - frags[number]


def percentage(count: int, total: int) -> int:
    """Share of `total` in percent."""
    return c_div(count * 100, total)


@dataclass(slots=True)
class SoloTally:
    """Kills, items, secrets (percent), time and par (seconds) of one player; -1 means not shown yet."""

    stats: LevelStats
    play: Play
    kills: int = -1
    items: int = -1
    secret: int = -1
    time: int = -1
    par: int = -1
    _stage: int = 1
    _pause: int = TICRATE

    def ticker(self, tic: int, hurried: bool) -> bool:
        """One tic; `hurried`: a key was pressed. True when the player leaves (``WI_updateStats``)."""
        stats, player = self.stats, self.stats.players[self.stats.pnum]
        kills = percentage(player.skills, stats.maxkills)
        items = percentage(player.sitems, stats.maxitems)
        secret = percentage(player.ssecret, stats.maxsecret)
        time, par = c_div(player.stime, TICRATE), c_div(stats.partime, TICRATE)
        if hurried and self._stage != _LAST_STAGE:
            hurried = False
            self.kills, self.items, self.secret, self.time, self.par = kills, items, secret, time, par
            self.play(sfx.SFX_BAREXP)
            self._stage = _LAST_STAGE
        if self._stage == _LAST_STAGE:
            if hurried:
                self.play(sfx.SFX_SGCOCK)
            return hurried
        if self._stage & 1:
            self._pause -= 1
            if not self._pause:
                self._stage += 1
                self._pause = TICRATE
        elif self._stage == 2:
            self._shoot(tic)
            self.kills = min(self.kills + 2, kills)
            self._finish_if(self.kills == kills)
        elif self._stage == 4:
            self._shoot(tic)
            self.items = min(self.items + 2, items)
            self._finish_if(self.items == items)
        elif self._stage == 6:
            self._shoot(tic)
            self.secret = min(self.secret + 2, secret)
            self._finish_if(self.secret == secret)
        else:
            self._shoot(tic)
            self.time = min(self.time + 3, time)
            self.par = min(self.par + 3, par)
            self._finish_if(self.par == par and self.time == time)
        return False

    def _shoot(self, tic: int) -> None:
        if not tic & 3:
            self.play(sfx.SFX_PISTOL)

    def _finish_if(self, done: bool) -> None:
        if done:
            self.play(sfx.SFX_BAREXP)
            self._stage += 1


@dataclass(slots=True)
class TeamTally:
    """Kills, items, secrets in percent and, if anybody killed a friend, frags of every player (lists of 4)."""

    stats: LevelStats
    in_game: list[bool]
    play: Play
    show_frags: bool = False
    """Pass in the last tally's value: the original never resets it."""
    kills: list[int] = field(default_factory=lambda: [0] * MAXPLAYERS)
    items: list[int] = field(default_factory=lambda: [0] * MAXPLAYERS)
    secret: list[int] = field(default_factory=lambda: [0] * MAXPLAYERS)
    frags: list[int] = field(default_factory=lambda: [0] * MAXPLAYERS)
    _stage: int = 1
    _pause: int = TICRATE

    def __post_init__(self) -> None:
        frags = sum(frag_sum(self.stats, self.in_game, i) for i in range(MAXPLAYERS) if self.in_game[i])
        self.show_frags = self.show_frags + frags != 0

    def ticker(self, tic: int, hurried: bool) -> bool:
        """One tic; True when the players leave (``WI_updateNetgameStats``)."""
        if hurried and self._stage != _LAST_STAGE:
            hurried = False
            for counts, goals in self._columns():
                counts[:] = goals
            self.play(sfx.SFX_BAREXP)
            self._stage = _LAST_STAGE
        if self._stage == _LAST_STAGE:
            if hurried:
                self.play(sfx.SFX_SGCOCK)
            return hurried
        if self._stage & 1:
            self._pause -= 1
            if not self._pause:
                self._stage += 1
                self._pause = TICRATE
            return False
        if not tic & 3:
            self.play(sfx.SFX_PISTOL)
        counts, goals = self._columns()[self._stage // 2 - 1]
        counting_frags = self._stage == 8
        for i in range(MAXPLAYERS):
            counts[i] = min(counts[i] + (1 if counting_frags else 2), goals[i])
        if counts == goals:
            self.play(sfx.SFX_PLDETH if counting_frags else sfx.SFX_BAREXP)
            # without frags their stage and its pause are left out
            self._stage += 3 if self._stage == 6 and not self.show_frags else 1
        return False

    def _columns(self) -> list[tuple[list[int], list[int]]]:
        """The counters and what they count to."""
        stats = self.stats
        columns = [
            (self.kills, self._goals(lambda i: percentage(stats.players[i].skills, stats.maxkills))),
            (self.items, self._goals(lambda i: percentage(stats.players[i].sitems, stats.maxitems))),
            (self.secret, self._goals(lambda i: percentage(stats.players[i].ssecret, stats.maxsecret))),
        ]
        if self.show_frags:
            columns.append((self.frags, self._goals(lambda i: frag_sum(stats, self.in_game, i))))
        return columns

    def _goals(self, goal: Callable[[int], int]) -> list[int]:
        return [goal(i) if self.in_game[i] else 0 for i in range(MAXPLAYERS)]


@dataclass(slots=True)
class DeathmatchTally:
    """Who killed whom, and how often: `frags[killer][victim]` and each player's `totals`."""

    stats: LevelStats
    in_game: list[bool]
    play: Play
    frags: list[list[int]] = field(default_factory=lambda: [[0] * MAXPLAYERS for _ in range(MAXPLAYERS)])
    totals: list[int] = field(default_factory=lambda: [0] * MAXPLAYERS)
    _stage: int = 1
    _pause: int = TICRATE

    def ticker(self, tic: int, hurried: bool) -> bool:
        """One tic; True when the players leave (``WI_updateDeathmatchStats``)."""
        if hurried and self._stage != _LAST_DEATHMATCH_STAGE:
            hurried = False
            for i in self._players():
                for j in self._players():
                    self.frags[i][j] = self.stats.players[i].frags[j]
                self.totals[i] = frag_sum(self.stats, self.in_game, i)
            self.play(sfx.SFX_BAREXP)
            self._stage = _LAST_DEATHMATCH_STAGE
        if self._stage == _LAST_DEATHMATCH_STAGE:
            if hurried:
                self.play(sfx.SFX_SLOP)
            return hurried
        if self._stage & 1:
            self._pause -= 1
            if not self._pause:
                self._stage += 1
                self._pause = TICRATE
            return False
        if not tic & 3:
            self.play(sfx.SFX_PISTOL)
        if not self._count():
            self.play(sfx.SFX_BAREXP)
            self._stage += 1
        return False

    def _players(self) -> list[int]:
        return [i for i in range(MAXPLAYERS) if self.in_game[i]]

    def _count(self) -> bool:
        """Move every number one closer to its goal; returns whether any changed."""
        counting = False
        for i in self._players():
            goals = self.stats.players[i].frags
            for j in self._players():
                if self.frags[i][j] != goals[j]:
                    step = -1 if goals[j] < 0 else 1
                    self.frags[i][j] = max(-_MAX_FRAGS, min(_MAX_FRAGS, self.frags[i][j] + step))
                    counting = True
            self.totals[i] = max(-_MAX_FRAGS, min(_MAX_FRAGS, frag_sum(self.stats, self.in_game, i)))
        return counting
