"""One frame: what is drawn in which order, and what is left from the previous frame (``D_Display``).

The screen persists from frame to frame, since the status bar and the border are only drawn where they changed.
The 3-D view is drawn by a callback, so that this module does not know the renderer.

In high resolution the view has a framebuffer of its own, of any size; everything else, still 320x200, is laid over it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pydoom.game.state import GameState
from pydoom.screens.border import Border, BorderSource, ViewWindow, view_window
from pydoom.screens.enlarge import Enlarger
from pydoom.screens.settings import Settings
from pydoom.screens.title import TitlePage, draw_pause
from pydoom.screens.video import SCREENHEIGHT, SCREENWIDTH, SEE_THROUGH, Frame
from pydoom.screens.wipe import Melt, melt_delays
from pydoom.sim.fixed import FRACUNIT

if TYPE_CHECKING:
    from pydoom.game.control import GameControl
    from pydoom.screens.screens import Screens

_BORDER_DRAWS: Final = 3
"""How many frames in a row the border is drawn when it may be damaged; the original had three screen pages."""

DrawView = Callable[["GameControl", ViewWindow, NDArray[np.uint8]], None]
"""Draws the 3-D view into a framebuffer of any size; the window is in pixels of 320x200."""


def _view_size(settings: Settings) -> tuple[int, bool, int]:
    """The arguments of R_SetViewSize, and a count of its calls."""
    return settings.screenblocks, settings.low_detail, settings.view_set


def _no_overlay(_frame: Frame) -> bool:
    """Draw nothing: the default of `Display.overlay`."""
    return False


class Display:
    """The screen of a game. `frame` is changed in place and never replaced.

    `framebuffer`, uint8[H,W], is what is shown: `frame` itself, uint8[200,320], or with an `enlarger` its own, and
    `frame` is then uint16[200,320].
    """

    def __init__(
        self,
        assets: BorderSource,
        settings: Settings,
        screens: Screens,
        draw_view: DrawView,
        *,
        border_flat: str = "FLOOR7_2",
        enlarger: Enlarger | None = None,
    ) -> None:
        self.frame: Frame
        if enlarger is None:
            self.frame = self.framebuffer = np.zeros((SCREENHEIGHT, SCREENWIDTH), np.uint8)
        else:
            self.frame = np.zeros((SCREENHEIGHT, SCREENWIDTH), np.uint16)
            self.framebuffer = enlarger.framebuffer
        self.enlarger = enlarger
        self.palette = 0
        """PLAYPAL number to show the frame with."""
        height, width = self.framebuffer.shape
        self._row_scale = FRACUNIT * width * SCREENHEIGHT // (height * SCREENWIDTH)
        self.window = view_window(settings.screenblocks, self._row_scale)
        self.overlay: Callable[[Frame], bool] = _no_overlay
        """Draws more over the 3-D view, the automap or the intermission, below messages and menu.

        Returns whether it covers the view's border, which is then redrawn when it no longer does."""
        self._assets = assets
        self._settings = settings
        self._statusbar = screens.statusbar
        self._hud = screens.hud
        self._automap = screens.automap
        self._intermission = screens.intermission
        self._finale = screens.finale
        self._menu = screens.menu
        self._draw_view = draw_view
        self._border = Border(assets, border_flat)
        self._title = TitlePage(assets)
        self._view_size = _view_size(settings)
        self._gamma = settings.gamma
        self._old_state: GameState | None = None
        self._border_draws = 0
        self._was_fullscreen = False
        self._menu_was_active = False
        self._view_was_active = False
        self._help_was_shown = False
        self._border_covered = False

    def draw(self, game: GameControl) -> Melt | None:
        """Draw the next frame. Returns the melt from the previous frame to it, if there is one."""
        self._follow_view_size()
        self._follow_gamma()
        melts = game.frame_melts()
        before = self.framebuffer.copy() if melts else None
        state = game.gamestate
        if state == GameState.LEVEL:
            if game.gametic:
                self._draw_level(game, melts)
        else:
            self._draw_screen(game, state)
            if state != self._old_state:
                self.palette = 0
        if state == GameState.LEVEL:
            self._draw_border(game)
        self._menu_was_active = self._menu.active
        self._view_was_active = game.viewactive
        self._help_was_shown = self._menu.help_shown
        self._old_state = state
        if game.world.paused:
            draw_pause(self.frame, self._assets, self.window, self._automap.active)
        self._menu.draw(self.frame)
        if self.enlarger is not None:
            self.enlarger.lay_over(self.frame)
        if before is None:
            return None
        return Melt(before, self.framebuffer, melt_delays(game.world.random.m_random))

    def melting(self, melt: Melt) -> NDArray[np.uint8]:
        """A frame of the melt in progress, with the menu over it, which can be used meanwhile."""
        melting = self.framebuffer.copy()
        melt.draw(melting)
        if self.enlarger is None:
            self._menu.draw(melting)
        else:
            menu = np.full((SCREENHEIGHT, SCREENWIDTH), SEE_THROUGH, np.uint16)
            self._menu.draw(menu)
            self.enlarger.lay_over(menu, melting)
        return melting

    def _follow_view_size(self) -> None:
        """``R_ExecuteSetViewSize`` and what D_Display does about it: the border is drawn even if nothing changed."""
        size = _view_size(self._settings)
        if size != self._view_size:
            self._view_size = size
            self.window = view_window(self._settings.screenblocks, self._row_scale)
            self._old_state = None
            self._border_draws = _BORDER_DRAWS

    def _follow_gamma(self) -> None:
        """Show palette 0 after the gamma key, until the status bar chooses a different one than before."""
        if self._settings.gamma != self._gamma:
            self._gamma = self._settings.gamma
            self.palette = 0

    def _draw_level(self, game: GameControl, melts: bool) -> None:
        frame, window, automap = self.frame, self.window, self._automap.active
        self._hud.erase(frame, self._border, automap)
        if automap:
            self._automap.draw(frame, game)
        refresh = melts or (self._was_fullscreen and not window.fullscreen)
        refresh = refresh or (self._help_was_shown and not self._menu.help_shown)
        self._statusbar.draw(frame, game, fullscreen=window.fullscreen, automap=automap, refresh=refresh)
        self._was_fullscreen = window.fullscreen
        if self._statusbar.palette_changed:
            self.palette = self._statusbar.palette
        if not automap:
            self._draw_view(game, window, self.framebuffer)
            if self.enlarger is not None:
                frame[window.y : window.y + window.height, window.x : window.x + window.width] = SEE_THROUGH
        self._border_covered = self.overlay(frame)
        self._hud.draw(frame, automap and not self._border_covered)

    def _draw_screen(self, game: GameControl, state: GameState) -> None:
        if state == GameState.INTERMISSION:
            self._intermission.draw(self.frame, game)
            self.overlay(self.frame)
        elif state == GameState.FINALE:
            self._finale.draw(self.frame, game)
        else:
            self._title.draw(self.frame, game)

    def _draw_border(self, game: GameControl) -> None:
        if self._old_state != GameState.LEVEL:
            self._view_was_active = False
            self._border.fill(self.window)
        if self._automap.active or not self.window.bordered:
            return
        if self._border_covered:
            self._border_draws = _BORDER_DRAWS
            return
        if self._menu.active or self._menu_was_active or not self._view_was_active:
            self._border_draws = _BORDER_DRAWS
        if self._border_draws:
            self._border.draw(self.frame)
            self._border_draws -= 1
