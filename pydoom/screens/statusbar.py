"""The status bar (``st_stuff.c``): ammo, health, arms, face, armour, keys, all ammo, and the palette of the screen.

The bar is drawn on a persistent screen, and only changes are redrawn, as in the original: a full refresh
comes with a new level, with the automap, and when a help screen or a melt covered it. Typed cheats are
in `game.cheats`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pydoom.data.info import AM_NOAMMO
from pydoom.screens.face import Face, face_names
from pydoom.screens.palette import palette_number
from pydoom.screens.video import SCREENHEIGHT, SCREENWIDTH, Frame, PictureSource, draw_patch
from pydoom.screens.widgets import NOT_A_NUMBER, ST_Y, Badge, Icon, Number, Percent
from pydoom.sim.player import NUMCARDS, Player
from pydoom.sim.weapons import ammo_left

if TYPE_CHECKING:
    from pydoom.game.control import GameControl
    from pydoom.game.events import Event

ST_HEIGHT: Final = SCREENHEIGHT - ST_Y
_ARMSBG_X: Final = 104
_FACE_X: Final = 143
_AMMO_Y: Final = (173, 179, 191, 185)
"""Rows of bullets, shells, cells and rockets."""


class StatusBar:
    """State, ticker and drawer of the bar.

    `palette` is the PLAYPAL number the last `draw` chose, `palette_changed` whether it differs from the one before.
    """

    def __init__(self, pictures: PictureSource) -> None:
        self._pictures = pictures
        self._face = Face()
        self._tall = [pictures.patch(f"STTNUM{digit}") for digit in range(10)]
        self._short = [pictures.patch(f"STYSNUM{digit}") for digit in range(10)]
        self._percent = pictures.patch("STTPRCNT")
        self._minus = pictures.patch("STTMINUS") if pictures.has_lump("STTMINUS") else None
        self._keys = [pictures.patch(f"STKEYS{key}") for key in range(NUMCARDS)]
        self._arms_background = pictures.patch("STARMS")
        self._faces = [pictures.patch(name) for name in face_names()]
        self._backdrop: Frame = np.zeros((SCREENHEIGHT, SCREENWIDTH), np.uint8)
        self._key_icons = [-1, -1, -1]
        self._frag_count = 0
        self._first_time = True
        self._menu_was_open = False
        self._shown: tuple[int, ...] = ()
        self.palette = 0
        self.palette_changed = False
        self._chosen: int | None = None
        self._create_widgets()

    def _create_widgets(self) -> None:
        """``ST_createWidgets``."""
        tall, short, minus = self._tall, self._short, self._minus
        self._ready = Number(44, 171, tall, 3, minus)
        self._health = Percent(Number(90, 171, tall, 3, minus), self._percent)
        self._armsbg = Badge(_ARMSBG_X, ST_Y, self._arms_background)
        self._arms = [
            Icon(111 + i % 3 * 12, 172 + i // 3 * 10, (self._pictures.patch(f"STGNUM{i + 2}"), short[i + 2]))
            for i in range(6)
        ]
        self._frags = Number(138, 171, tall, 2, minus)
        self._face_icon = Icon(_FACE_X, ST_Y, self._faces)
        self._armor = Percent(Number(221, 171, tall, 3, minus), self._percent)
        self._keyboxes = [Icon(239, y, self._keys) for y in (171, 181, 191)]
        self._ammo = [Number(288, y, short, 3, minus) for y in _AMMO_Y]
        self._max_ammo = [Number(314, y, short, 3, minus) for y in _AMMO_Y]

    def start(self, game: GameControl) -> None:
        """Begin a level (``ST_Start``)."""
        self._first_time = True
        self.palette = 0
        self._chosen = None
        self._key_icons = [-1, -1, -1]
        self._face.start(_player(game))
        self._create_widgets()

    def responder(self, event: Event) -> bool:
        """Consumes nothing."""
        return False

    def automap_entered(self) -> None:
        """Redraw the whole bar, since the automap now covers the view (AM_MSGENTERED)."""
        self._first_time = True

    def ticker(self, game: GameControl) -> None:
        """Run for one tic: one M_Random for the face, whether or not the bar is drawn (``ST_Ticker``)."""
        random_number = game.world.random.m_random()
        player = _player(game)
        for i in range(3):
            if player.cards[i + 3]:
                self._key_icons[i] = i + 3
            else:
                self._key_icons[i] = i if player.cards[i] else -1
        self._face.update(player, random_number)
        own = game.world.consoleplayer
        self._frag_count = sum(-frags if number == own else frags for number, frags in enumerate(player.frags))

    def draw(
        self, frame: Frame, game: GameControl, *, fullscreen: bool = False, automap: bool = False, refresh: bool = False
    ) -> None:
        """Draw what changed since the last call onto the persistent `frame`; choose the palette (``ST_Drawer``).

        `fullscreen`: the view covers the bar, so nothing is drawn unless the automap is shown. `refresh`: draw all.
        """
        player = _player(game)
        self.palette = palette_number(player, game.world.version)
        self.palette_changed = self.palette != self._chosen
        self._chosen = self.palette
        refresh = refresh or self._first_time
        self._first_time = False
        if fullscreen and not automap:
            return
        if refresh:
            self._draw_background(frame, game)
        if self._menu_was_open:
            self._forget_numbers()
        self._menu_was_open = game.menu_active
        self._draw_widgets(frame, game, player, refresh)

    def _forget_numbers(self) -> None:
        """Redraw all numbers, as the original always does: the menu may have covered them."""
        self._shown = ()
        for number in (self._ready, self._frags, self._health.number, self._armor.number):
            number.forget()
        for number in (*self._ammo, *self._max_ammo):
            number.forget()

    def _draw_background(self, frame: Frame, game: GameControl) -> None:
        """``ST_refreshBackground``."""
        pictures, backdrop = self._pictures, self._backdrop
        if pictures.has_lump("STBAR"):
            draw_patch(backdrop, 0, 0, pictures.patch("STBAR"))
        else:  # DOOM 1.0 had the bar in two parts
            draw_patch(backdrop, 0, 0, pictures.patch("STMBARL"))
            draw_patch(backdrop, _ARMSBG_X, 0, pictures.patch("STMBARR"))
        if game.world.netgame:
            # of the console player when the program starts; a demo of another player changes nothing
            draw_patch(backdrop, _FACE_X, 0, pictures.patch("STFB0"))
        frame[ST_Y:] = backdrop[:ST_HEIGHT]

    def _draw_widgets(self, frame: Frame, game: GameControl, player: Player, refresh: bool) -> None:
        """``ST_drawWidgets``."""
        world, backdrop = game.world, self._backdrop
        ammo = world.info.weapons[player.readyweapon].ammo
        ready = NOT_A_NUMBER if ammo == AM_NOAMMO else ammo_left(player, ammo)
        points = ready, player.health, player.armorpoints, self._frag_count, self._face.index, world.deathmatch
        shown = (*points, *player.ammo, *player.maxammo, *player.weaponowned, *self._key_icons)
        if shown == self._shown and not refresh:
            return
        self._shown = shown
        self._ready.draw(frame, backdrop, ready, refresh)
        for kind in range(4):
            self._ammo[kind].draw(frame, backdrop, player.ammo[kind], refresh)
            self._max_ammo[kind].draw(frame, backdrop, player.maxammo[kind], refresh)
        self._health.draw(frame, backdrop, player.health, refresh)
        self._armor.draw(frame, backdrop, player.armorpoints, refresh)
        self._armsbg.draw(frame, backdrop, not world.deathmatch, refresh)
        if not world.deathmatch:
            for i in range(6):
                self._arms[i].draw(frame, backdrop, int(player.weaponowned[i + 1]), refresh)
        self._face_icon.draw(frame, backdrop, self._face.index, refresh)
        for box, key in zip(self._keyboxes, self._key_icons, strict=True):
            box.draw(frame, backdrop, key, refresh)
        if world.deathmatch:
            self._frags.draw(frame, backdrop, self._frag_count, refresh)


def _player(game: GameControl) -> Player:
    return game.world.players[game.world.consoleplayer]
