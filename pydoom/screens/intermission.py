"""The screens between two levels: the tally, and where to go next (``wi_stuff.c``)."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Final

from pydoom.data import music_ids as mus
from pydoom.game.results import LevelStats
from pydoom.screens.intermission_map import MAPPED_EPISODES, WorldMap
from pydoom.screens.tally import DeathmatchTally, SoloTally, TeamTally
from pydoom.screens.video import SCREENHEIGHT, SCREENWIDTH, Frame, Picture, PictureSource, draw_patch
from pydoom.screens.widgets import NOT_A_NUMBER
from pydoom.sim.constants import TICRATE
from pydoom.sim.player import MAXPLAYERS
from pydoom.sim.rules import GameMode, GameVersion
from pydoom.sim.ticcmd import BT_ATTACK, BT_USE

if TYPE_CHECKING:
    from pydoom.game.control import GameControl

_TITLE_Y: Final = 2
_LINE_SPACING: Final = 33
_SOLO_X: Final = 50
_SOLO_Y: Final = 50
_TIME_X: Final = 16
_TIME_Y: Final = SCREENHEIGHT - 32
_TEAM_X: Final = 32
_TEAM_Y: Final = 50
_TEAM_SPACING: Final = 64
_MATRIX_X: Final = 42
_MATRIX_Y: Final = 68
_MATRIX_SPACING: Final = 40
_TOTALS_X: Final = 269
_SHOW_NEXT_TICS: Final = 4 * TICRATE
_LAST_WAIT_TICS: Final = 10
_COMMERCIAL_MAPS: Final = 32
_LONGEST_TIME: Final = 61 * 59
_MAP31: Final = 30


def _shown_stats(stats: LevelStats, version: GameVersion) -> LevelStats:
    """Results as they are shown (``WI_initVariables``): no division by 0, and no map for episode 4."""
    return replace(
        stats,
        epsd=stats.epsd - 3 if version < GameVersion.ULTIMATE and stats.epsd > 2 else stats.epsd,
        maxkills=stats.maxkills or 1,
        maxitems=stats.maxitems or 1,
        maxsecret=stats.maxsecret or 1,
    )


class _TallyStage(Enum):
    TALLY = 0
    SHOW_NEXT = 1
    LEAVING = 2


class Intermission:
    """The screens from the end of a level until `game.world_done()`."""

    def __init__(self, pictures: PictureSource) -> None:
        self._pictures = pictures
        patch = pictures.patch
        self._digits = [patch(f"WINUM{digit}") for digit in range(10)]
        self._minus = patch("WIMINUS") if pictures.has_lump("WIMINUS") else None
        self._percent = patch("WIPCNT")
        self._colon = patch("WICOLON")
        self._sucks = patch("WISUCKS")
        self._player_signs = [patch(f"STPB{number}") for number in range(MAXPLAYERS)]
        self._stats = LevelStats()
        self._tally: SoloTally | TeamTally | DeathmatchTally | None = None
        self._stage = _TallyStage.TALLY
        self._tic = 0
        self._count = 0
        self._hurried = False
        self._pointer_on = False
        self._team_frags = False
        self._map: WorldMap | None = None
        self._commercial = False
        self._background = ""

    def start(self, game: GameControl, stats: LevelStats) -> None:
        """Begin with the tally (``WI_Start``)."""
        world = game.world
        self._stats = stats = _shown_stats(stats, world.version)
        self._commercial = world.mode == GameMode.COMMERCIAL
        self._named = not game.in_fleet
        self._tic = 0
        self._hurried = False
        self._stage = _TallyStage.TALLY
        self._map = None
        self._background = "INTERPIC"
        if not self._commercial and stats.epsd < MAPPED_EPISODES:
            self._map = WorldMap(self._pictures, stats.epsd)
            self._background = f"WIMAP{stats.epsd}"

        def play(sfx: int) -> None:
            game.sounds.start(None, sfx)

        if world.deathmatch:
            self._tally = DeathmatchTally(stats, world.playeringame, play)
        elif world.netgame:
            self._tally = TeamTally(stats, world.playeringame, play, self._team_frags)
            self._team_frags = self._tally.show_frags
        else:
            self._tally = SoloTally(stats, play)
        self._start_animations(game)

    @property
    def shows_tally(self) -> bool:
        """Whether the level's results are shown, rather than the map to the next level."""
        return self._stage is _TallyStage.TALLY

    def end(self) -> None:
        """Forget the level's pictures (``WI_End``)."""
        self._map = None
        self._tally = None

    def _start_animations(self, game: GameControl) -> None:
        if self._map is not None:
            self._map.start(self._tic, game.world.random.m_random)

    def ticker(self, game: GameControl) -> None:
        """Run for one tic (``WI_Ticker``)."""
        self._tic += 1
        if self._tic == 1:
            game.sounds.change_music(mus.MUS_DM2INT if self._commercial else mus.MUS_INTER, True)
        self._check_buttons(game)
        if self._map is not None:
            self._map.ticker(self._tic, self._stats.next, self._stage is _TallyStage.TALLY)
        if self._stage is _TallyStage.TALLY:
            self._tick_tally(game)
        elif self._stage is _TallyStage.SHOW_NEXT:
            self._count -= 1
            if not self._count or self._hurried:
                self._leave()
            else:
                self._pointer_on = (self._count & 31) < 20
        else:
            self._count -= 1
            if not self._count:
                game.world_done()

    def _check_buttons(self, game: GameControl) -> None:
        """``WI_checkForAccelerate``."""
        world = game.world
        for number in range(MAXPLAYERS):
            if not world.playeringame[number]:
                continue
            player = world.players[number]
            attack = bool(player.cmd.buttons & BT_ATTACK)
            use = bool(player.cmd.buttons & BT_USE)
            if (attack and not player.attackdown) or (use and not player.usedown):
                self._hurried = True
            player.attackdown = attack
            player.usedown = use

    def _tick_tally(self, game: GameControl) -> None:
        assert self._tally is not None
        hurried, self._hurried = self._hurried, False
        if not self._tally.ticker(self._tic, hurried):
            return
        if self._commercial:
            self._leave()
        else:
            self._stage = _TallyStage.SHOW_NEXT
            self._count = _SHOW_NEXT_TICS
            self._start_animations(game)

    def _leave(self) -> None:
        """``WI_initNoState``."""
        self._stage = _TallyStage.LEAVING
        self._hurried = False
        self._count = _LAST_WAIT_TICS

    # -- drawing

    def draw(self, frame: Frame, game: GameControl) -> None:
        """Draw the whole screen (``WI_Drawer``)."""
        self._put(frame, 0, 0, self._background)
        if self._map is not None:
            self._map.draw(frame)
        if self._stage is not _TallyStage.TALLY:
            if self._stage is _TallyStage.LEAVING:
                self._pointer_on = True
            self._draw_next(frame)
            return
        self._draw_finished(frame)
        if isinstance(self._tally, DeathmatchTally):
            self._draw_deathmatch(frame, self._tally)
        elif isinstance(self._tally, TeamTally):
            self._draw_team(frame, self._tally, game)
        elif self._tally is not None:
            self._draw_solo(frame, self._tally)

    def _put(self, frame: Frame, x: int, y: int, name: str) -> None:
        draw_patch(frame, x, y, self._pictures.patch(name))

    def _put_centred(self, frame: Frame, y: int, picture: Picture) -> None:
        draw_patch(frame, (SCREENWIDTH - picture.width) // 2, y, picture)

    def _level_name(self, level: int) -> Picture | None:
        if not self._named:
            return None
        name = f"CWILV{level:02d}" if self._commercial else f"WILV{self._stats.epsd}{level}"
        return self._pictures.patch(name) if self._pictures.has_lump(name) else None

    def _draw_finished(self, frame: Frame) -> None:
        """``WI_drawLF``: "<level> Finished!"; MAP33 has no name."""
        y = _TITLE_Y
        name = self._level_name(self._stats.last)
        if name is not None and (not self._commercial or self._stats.last < _COMMERCIAL_MAPS):
            self._put_centred(frame, y, name)
            y += 5 * name.height // 4
        self._put_centred(frame, y, self._pictures.patch("WIF"))

    def _draw_entering(self, frame: Frame) -> None:
        """``WI_drawEL``: "Entering <level>"."""
        self._put_centred(frame, _TITLE_Y, self._pictures.patch("WIENTER"))
        name = self._level_name(self._stats.next)
        if name is not None:
            self._put_centred(frame, _TITLE_Y + 5 * name.height // 4, name)

    def _draw_next(self, frame: Frame) -> None:
        """``WI_drawShowNextLoc`` after background and animations."""
        stats = self._stats
        if self._map is not None:
            last = stats.next - 1 if stats.last == 8 else stats.last
            for level in range(last + 1):
                self._map.draw_splat(frame, level)
            if stats.didsecret:
                self._map.draw_splat(frame, 8)
            if self._pointer_on:
                self._map.draw_pointer(frame, stats.next)
        if not self._commercial or stats.next != _MAP31:
            self._draw_entering(frame)

    def _draw_solo(self, frame: Frame, tally: SoloTally) -> None:
        """``WI_drawStats``."""
        line = 3 * self._digits[0].height // 2
        right = SCREENWIDTH - _SOLO_X
        for number, (name, count) in enumerate(
            (("WIOSTK", tally.kills), ("WIOSTI", tally.items), ("WISCRT2", tally.secret))
        ):
            self._put(frame, _SOLO_X, _SOLO_Y + number * line, name)
            self._draw_percent(frame, right, _SOLO_Y + number * line, count)
        self._put(frame, _TIME_X, _TIME_Y, "WITIME")
        self._draw_time(frame, SCREENWIDTH // 2 - _TIME_X, _TIME_Y, tally.time)
        if self._stats.epsd < MAPPED_EPISODES:
            self._put(frame, SCREENWIDTH // 2 + _TIME_X, _TIME_Y, "WIPAR")
            self._draw_time(frame, SCREENWIDTH - _TIME_X, _TIME_Y, tally.par)

    def _draw_team(self, frame: Frame, tally: TeamTally, game: GameControl) -> None:
        """``WI_drawNetgameStats``."""
        patch = self._pictures.patch
        star = patch("STFST01")
        left = _TEAM_X + star.width // 2 + (0 if tally.show_frags else 32)
        titles = ["WIOSTK", "WIOBJ" if self._pictures.has_lump("WIOBJ") else "WIOSTI", "WIOSTS"]
        if tally.show_frags:
            titles.append("WIFRGS")
        for column, name in enumerate(titles, start=1):
            title = patch(name)
            draw_patch(frame, left + column * _TEAM_SPACING - title.width, _TEAM_Y, title)
        y = _TEAM_Y + patch("WIOSTK").height
        for number, sign in enumerate(self._player_signs):
            if not game.world.playeringame[number]:
                continue
            draw_patch(frame, left - sign.width, y, sign)
            if number == self._stats.pnum:
                draw_patch(frame, left - sign.width, y, star)
            x = left + _TEAM_SPACING
            for counts in (tally.kills, tally.items, tally.secret):
                self._draw_percent(frame, x - self._percent.width, y + 10, counts[number])
                x += _TEAM_SPACING
            if tally.show_frags:
                self._draw_number(frame, x, y + 10, tally.frags[number])
            y += _LINE_SPACING

    def _draw_deathmatch(self, frame: Frame, tally: DeathmatchTally) -> None:
        """``WI_drawDeathmatchStats``."""
        total = self._pictures.patch("WIMSTT")
        draw_patch(frame, _TOTALS_X - total.width // 2, _MATRIX_Y - _LINE_SPACING + 10, total)
        self._put(frame, 10, 100, "WIKILRS")
        self._put(frame, 5, 50, "WIVCTMS")
        digit_width = self._digits[0].width
        players = [number for number in range(MAXPLAYERS) if tally.in_game[number]]
        for number in players:
            sign = self._player_signs[number]
            half = sign.width // 2
            x = _MATRIX_X + _MATRIX_SPACING * (number + 1)
            y = _MATRIX_Y + _LINE_SPACING * number
            draw_patch(frame, x - half, _MATRIX_Y - _LINE_SPACING, sign)
            draw_patch(frame, _MATRIX_X - half, y, sign)
            if number == self._stats.pnum:
                self._put(frame, x - half, _MATRIX_Y - _LINE_SPACING, "STFDEAD0")
                self._put(frame, _MATRIX_X - half, y, "STFST01")
        for killer in players:
            y = _MATRIX_Y + 10 + _LINE_SPACING * killer
            for victim in players:
                x = _MATRIX_X + _MATRIX_SPACING * (victim + 1)
                self._draw_number(frame, x + digit_width, y, tally.frags[killer][victim], 2)
            self._draw_number(frame, _TOTALS_X + digit_width, y, tally.totals[killer], 2)

    def _draw_number(self, frame: Frame, x: int, y: int, number: int, digits: int = -1) -> int:
        """Draw a number left of `x`, with all its digits for -1; returns where it begins (``WI_drawNum``)."""
        if digits < 0:
            digits = len(str(abs(number)))
        negative, number = number < 0, abs(number)
        if number == NOT_A_NUMBER:
            return 0
        for _ in range(digits):
            x -= self._digits[0].width
            draw_patch(frame, x, y, self._digits[number % 10])
            number //= 10
        if negative and self._minus is not None:
            x -= 8
            draw_patch(frame, x, y, self._minus)
        return x

    def _draw_percent(self, frame: Frame, x: int, y: int, number: int) -> None:
        """``WI_drawPercent``."""
        if number >= 0:
            draw_patch(frame, x, y, self._percent)
            self._draw_number(frame, x, y, number)

    def _draw_time(self, frame: Frame, x: int, y: int, seconds: int) -> None:
        """Minutes and seconds, or "sucks" after an hour (``WI_drawTime``)."""
        if seconds < 0:
            return
        if seconds > _LONGEST_TIME:
            draw_patch(frame, x - self._sucks.width, y, self._sucks)
            return
        divisor = 1
        while True:
            x = self._draw_number(frame, x, y, seconds // divisor % 60, 2) - self._colon.width
            divisor *= 60
            if divisor == 60 or seconds // divisor:
                draw_patch(frame, x, y, self._colon)
            if not seconds // divisor:
                return
