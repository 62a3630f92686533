"""The screens after an episode's last level, or between levels of DOOM II: text, art, the cast (``f_finale.c``)."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from pydoom.data import music_ids as mus
from pydoom.data import sound_ids as sfx
from pydoom.data import strings
from pydoom.data.info import FF_FRAMEMASK
from pydoom.game import edition
from pydoom.game.events import Event, KeyEvent
from pydoom.screens.cast import CastCall
from pydoom.screens.font import SPACE_PX, Font
from pydoom.screens.video import SCREENHEIGHT, SCREENWIDTH, Frame, Picture, PictureSource, draw_patch, tile_flat
from pydoom.sim.fixed import c_div
from pydoom.sim.rules import GameMode, GameVersion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydoom.game.control import GameControl

_TEXT_SPEED: Final = 3
"""Tics from letter to letter."""
_TEXT_WAIT_TICS: Final = 250
_TEXT_LEAD_TICS: Final = 10
_TEXT_MARGIN: Final = 10
_TEXT_LINE: Final = 11
_SKIP_TICS: Final = 50
_LAST_MAP: Final = 30
_BUNNY_EPISODE: Final = 3
_BUNNY_STILL_TICS: Final = 230
_END_TICS: Final = 1130
_END_COUNT_TICS: Final = 1180
_END_X: Final = (SCREENWIDTH - 13 * 8) // 2
_END_Y: Final = (SCREENHEIGHT - 8 * 8) // 2

_EPISODE_TEXTS: Final = {
    1: ("FLOOR4_8", strings.E1TEXT),
    2: ("SFLR6_1", strings.E2TEXT),
    3: ("MFLR8_4", strings.E3TEXT),
    4: ("MFLR8_3", strings.E4TEXT),
}
_MAP_FLATS: Final = {6: "SLIME16", 11: "RROCK14", 20: "RROCK07", 30: "RROCK17", 15: "RROCK13", 31: "RROCK19"}
_MAP_TEXTS: Final = {
    "doom2": (strings.C1TEXT, strings.C2TEXT, strings.C3TEXT, strings.C4TEXT, strings.C5TEXT, strings.C6TEXT),
    "tnt": (strings.T1TEXT, strings.T2TEXT, strings.T3TEXT, strings.T4TEXT, strings.T5TEXT, strings.T6TEXT),
    "plutonia": (strings.P1TEXT, strings.P2TEXT, strings.P3TEXT, strings.P4TEXT, strings.P5TEXT, strings.P6TEXT),
}


class SpriteFrameLike(Protocol):
    """One frame of a sprite: its pictures from 8 sides or 1, and which are mirrored."""

    @property
    def patches(self) -> Sequence[Picture]:
        """The pictures."""

    @property
    def flip(self) -> Sequence[bool]:
        """Whether each is drawn mirrored."""


class FinaleSource(PictureSource, Protocol):
    """The assets, which also have flats and sprites."""

    @property
    def mission(self) -> str:
        """doom, doom2, tnt or plutonia."""

    @property
    def sprites(self) -> Mapping[str, Sequence[SpriteFrameLike]]:
        """The frames of each sprite."""

    def flat_number(self, name: str) -> int:
        """Number of a flat."""

    def flat(self, number: int) -> NDArray[np.uint8]:
        """Pixels of a flat, uint8[64,64]."""


class _FinaleStage(Enum):
    TEXT = 0
    ART = 1
    CAST = 2


class Finale:
    """The finale of the level that has just ended."""

    def __init__(self, assets: FinaleSource, font: Font) -> None:
        self._assets = assets
        self._font = font
        self._stage = _FinaleStage.TEXT
        self._count = 0
        self._text = ""
        self._flat = "FLOOR4_8"
        self._cast: CastCall | None = None
        self._end_stage = 0

    def start(self, game: GameControl) -> None:
        """Begin with the text (``F_StartFinale``)."""
        world = game.world
        mission = edition.mission_of(self._assets, world.version)
        game.sounds.change_music(mus.MUS_VICTOR if mission == "doom" else mus.MUS_READ_M, True)
        found: tuple[str, str] | None = None
        if mission == "doom":
            last_map = 5 if world.version == GameVersion.CHEX else 8
            found = _EPISODE_TEXTS.get(world.episode) if world.map == last_map else None
        elif world.map in _MAP_FLATS:
            texts = _MAP_TEXTS[mission]
            found = (_MAP_FLATS[world.map], texts[list(_MAP_FLATS).index(world.map)])
        if found is not None:
            self._flat, self._text = world.info.text(found[0]), world.info.text(found[1])
        self._stage = _FinaleStage.TEXT
        self._count = 0
        self._cast = None

    def responder(self, event: Event) -> bool:
        """In the cast call, a key kills the actor (``F_Responder``)."""
        if self._cast is None or not isinstance(event, KeyEvent) or not event.down:
            return False
        self._cast.kill()
        return True

    def ticker(self, game: GameControl) -> None:
        """Run for one tic (``F_Ticker``)."""
        world = game.world
        commercial = world.mode == GameMode.COMMERCIAL
        if commercial and self._count > _SKIP_TICS and any(player.cmd.buttons for player in world.players):
            if world.map == _LAST_MAP:
                self._start_cast(game)
            else:
                game.finale_done()
        self._count += 1
        if self._cast is not None:
            self._cast.ticker()
        elif (
            not commercial
            and self._stage is _FinaleStage.TEXT
            and self._count > len(self._text) * _TEXT_SPEED + _TEXT_WAIT_TICS
        ):
            self._count = 0
            self._stage = _FinaleStage.ART
            self._end_stage = 0
            game.force_wipe()
            if world.episode == _BUNNY_EPISODE:
                game.sounds.change_music(mus.MUS_BUNNY, False)

    def _start_cast(self, game: GameControl) -> None:
        """``F_StartCast``."""
        game.force_wipe()
        self._stage = _FinaleStage.CAST
        self._cast = CastCall(game.world.info, lambda number: game.sounds.start(None, number))
        game.sounds.change_music(mus.MUS_EVIL, True)

    # -- drawing

    def draw(self, frame: Frame, game: GameControl) -> None:
        """Draw the whole screen (``F_Drawer``)."""
        if self._cast is not None:
            self._draw_cast(frame, game, self._cast)
        elif self._stage is _FinaleStage.TEXT:
            self._draw_text(frame)
        elif game.world.episode == _BUNNY_EPISODE:
            self._draw_bunny(frame, game)
        else:
            name = {
                1: "CREDIT" if game.world.version >= GameVersion.ULTIMATE else "HELP2",
                2: "VICTORY2",
                4: "ENDPIC",
            }.get(game.world.episode)
            if name is not None:
                draw_patch(frame, 0, 0, self._assets.patch(game.world.info.text(name)))

    def _draw_text(self, frame: Frame) -> None:
        """``F_TextWrite``."""
        tile_flat(frame, self._assets.flat(self._assets.flat_number(self._flat)))
        x = y = _TEXT_MARGIN
        letters = max(0, c_div(self._count - _TEXT_LEAD_TICS, _TEXT_SPEED))
        for letter in self._text[:letters]:
            if letter == "\n":
                x = _TEXT_MARGIN
                y += _TEXT_LINE
                continue
            glyph = self._font.glyphs.get(letter)
            if glyph is None:
                x += SPACE_PX
                continue
            if x + glyph.width > SCREENWIDTH:
                return
            draw_patch(frame, x, y, glyph)
            x += glyph.width

    def _draw_cast(self, frame: Frame, game: GameControl, cast: CastCall) -> None:
        """``F_CastDrawer``."""
        draw_patch(frame, 0, 0, self._assets.patch("BOSSBACK"))
        name = cast.name
        self._font.write(frame, SCREENWIDTH // 2 - self._font.width(name) // 2, 180, name)
        sprite = self._assets.sprites[game.world.info.sprites[cast.state.sprite]]
        shown = sprite[cast.state.frame & FF_FRAMEMASK]
        draw_patch(frame, SCREENWIDTH // 2, 170, shown.patches[0], shown.flip[0])

    def _draw_bunny(self, frame: Frame, game: GameControl) -> None:
        """``F_BunnyScroll``: from right to left over two pictures, then THE END is shot to pieces."""
        left, right = self._assets.patch("PFUB2"), self._assets.patch("PFUB1")
        scrolled = SCREENWIDTH - c_div(self._count - _BUNNY_STILL_TICS, 2)
        scrolled = max(0, min(SCREENWIDTH, scrolled))
        rows = min(SCREENHEIGHT, left.height, right.height)
        frame[:rows, : SCREENWIDTH - scrolled] = left.pixels[:rows, scrolled:SCREENWIDTH]
        frame[:rows, SCREENWIDTH - scrolled :] = right.pixels[:rows, :scrolled]
        if self._count < _END_TICS:
            return
        stage = 0
        if self._count >= _END_COUNT_TICS:
            stage = min(6, (self._count - _END_COUNT_TICS) // 5)
            if stage > self._end_stage:
                game.sounds.start(None, sfx.SFX_PISTOL)
                self._end_stage = stage
        draw_patch(frame, _END_X, _END_Y, self._assets.patch(f"END{stage}"))
