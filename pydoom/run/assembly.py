"""Puts a game together: session, screens, 3-D view (what ``D_DoomMain`` does between its start-up messages).

Everything that plays is made here, windows and sound cards excepted; `loop` and `headless` run what this makes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pydoom.data.info import GameInfo
from pydoom.data.infotables import load_info
from pydoom.game.control import GameControl
from pydoom.game.dehacked import patch_game
from pydoom.game.saves import SaveStore
from pydoom.game.session import Session, TicObserver
from pydoom.render.renderer import Renderer
from pydoom.screens.border import ViewWindow
from pydoom.screens.display import Display
from pydoom.screens.enlarge import Enlarger
from pydoom.screens.hud import HeadsUp
from pydoom.screens.menu import Menu
from pydoom.screens.palette import shown_colours
from pydoom.screens.screens import make_screens
from pydoom.screens.settings import Settings
from pydoom.screens.video import SCREENHEIGHT, SCREENWIDTH
from pydoom.screens.wipe import melt_delays
from pydoom.sim.rules import GameMode

if TYPE_CHECKING:
    from pydoom.wad import Assets

ORIGINAL_SIZE: Final = (SCREENWIDTH, SCREENHEIGHT)


@dataclass(slots=True)
class Game:
    """A session with everything that shows it."""

    session: Session
    settings: Settings
    view: View
    display: Display
    hud: HeadsUp
    menu: Menu

    def colours(self) -> NDArray[np.uint8]:
        """What to show the picture's indexes as: uint8[256,3], after the palette and the gamma correction."""
        palettes = self.session.assets.palettes
        return shown_colours(palettes[self.display.palette], self.settings.gamma)


class View:
    """The 3-D view of a display: lets the renderer draw into its picture, at the view size wanted."""

    def __init__(self, assets: Assets, settings: Settings, resolution: tuple[int, int] = ORIGINAL_SIZE) -> None:
        self._settings = settings
        self._size = (settings.screenblocks, int(settings.low_detail))
        self.renderer = Renderer(assets, *resolution, *self._size)

    def __call__(self, game: GameControl, _window: ViewWindow, picture: NDArray[np.uint8]) -> None:
        """Draw what the displayed player sees into `picture`."""
        size = (self._settings.screenblocks, int(self._settings.low_detail))
        if size != self._size:
            self._size = size
            self.renderer.set_view_size(*size)
        self.renderer.frame = picture
        world = game.world
        self.renderer.draw(world, world.players[world.displayplayer], game.sky_texture)


def assemble(
    assets: Assets,
    settings: Settings | None = None,
    info: GameInfo | None = None,
    resolution: tuple[int, int] = ORIGINAL_SIZE,
    *,
    saves: SaveStore | None = None,
    observers: Sequence[TicObserver] = (),
) -> Game:
    """A game that has not begun: nothing on the screen, no level loaded. Its pictures have the `resolution`, in pixels.

    `info`: tables after `patch_game`; without them only the patch that the IWAD itself needs is taken.
    """
    if info is None:
        info = load_info()
        patch_game(info, assets)
    settings = settings if settings is not None else Settings()
    screens = make_screens(assets, info, settings)
    session = Session(assets, info, displays=screens, saves=saves, observers=observers)
    view = View(assets, settings, resolution)
    display = Display(
        assets,
        settings,
        screens,
        view,
        border_flat=info.text("GRNROCK" if session.world.mode == GameMode.COMMERCIAL else "FLOOR7_2"),
        enlarger=None if resolution == ORIGINAL_SIZE else Enlarger(*resolution, assets.colormaps),
    )
    return Game(session, settings, view, display, screens.hud, screens.menu)


def skip_picture(session: Session) -> None:
    """What a picture that is not drawn costs: the random numbers of its melt, if it would melt in."""
    if session.frame_melts():
        melt_delays(session.world.random.m_random)
