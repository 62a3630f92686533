"""A machine that plays DOOM: a session with its screens and its renderer, without a window and without a clock.

Everything that plays drives one: the window's loop, headless runs, the API, recordings, benchmarks. It knows the steps
of the original's main loop (``D_DoomLoop``): `tic`, `draw`, and what a frame costs that nobody draws (`skip_frame`).
What a game is connected to (saved games, speakers, containers) goes in when the machine is made
(``D_DoomMain`` does that between its start-up messages), so that there is no order of calls to get wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from pydoom.data.info import GameInfo
from pydoom.data.infotables import load_info
from pydoom.devices.speakers import Speakers
from pydoom.game.dehacked import patch_game
from pydoom.game.savegame import SaveFolder
from pydoom.game.session import NO_COMMANDS, Session, TicObserver
from pydoom.game.state import GameState
from pydoom.game.ticcmd import Controls
from pydoom.render.choice import make_renderer
from pydoom.render.interface import ViewRenderer
from pydoom.screens.border import ViewWindow
from pydoom.screens.display import Display
from pydoom.screens.enlarge import Enlarger
from pydoom.screens.palette import shown_colours
from pydoom.screens.screens import make_screens
from pydoom.screens.settings import Settings
from pydoom.screens.video import SCREENHEIGHT, SCREENWIDTH
from pydoom.screens.wipe import melt_delays
from pydoom.sim.rules import GameMode, GameVersion, StrayMemory
from pydoom.sim.ticcmd import TicCmd

if TYPE_CHECKING:
    from pydoom.game.control import GameControl
    from pydoom.game.events import Event
    from pydoom.game.rules import Rules
    from pydoom.screens.video import Frame
    from pydoom.screens.wipe import Melt
    from pydoom.sim.mobj import Mobj
    from pydoom.wad import Assets

ORIGINAL_SIZE: Final = (SCREENWIDTH, SCREENHEIGHT)


class ContainerLayer(Protocol):
    """What ties containers to monsters. While a demo is played or recorded it may only hear."""

    def hear(self) -> None:
        """Take in the bridge's news, which must not pile up, and leave the level alone. Must not wait for anything."""

    def before_tic(self, session: Session) -> None:
        """At a tic boundary: hear, and spawn, remove and raise monsters. Must not wait for anything."""

    def draw_overlay(self, session: Session, frame: Frame, window: ViewWindow) -> bool:
        """Draw names into the 3-D view, which is `window`, or over the automap or the intermission; below the menu.

        Returns whether the border around the view was drawn over.
        """

    def responder(self, session: Session, event: Event) -> bool:
        """True when the event is consumed."""

    def label_of(self, mobj: Mobj) -> str | None:
        """What to save with a monster, so that it finds its container again; None for all others."""

    def labels_loaded(self, labelled: list[tuple[Mobj, str]]) -> None:
        """A saved game has been loaded; these are its monsters with labels."""

    def summary(self) -> str:
        """One line for places with room for text below the frame."""

    def close(self) -> None:
        """The game ends."""


@dataclass(frozen=True, slots=True)
class FrameRecord:
    """What a trace tells of a frame: `screen` is 64,000 palette indexes, `view` x, y, width, height or None."""

    melts: bool
    palette: int
    screen: bytes
    view: tuple[int, int, int, int] | None


class Machine:
    """One game that can be played; see the module's docstring. Nothing has begun: `session` starts levels and demos.

    `info` holds the tables after `patch_game`; without them only the patch that the IWAD itself needs is applied.
    Frames have the `resolution`, in pixels. `save_folder` is where games are saved; without it none are. `connect`
    makes the containers; it is given the renderer, which tells where things are in a frame. `controls` turn events into
    commands; `observers` see every tic. `renderer` is one of `render.choice.RENDERERS`. See `Session` for
    `rules`, `version` and `stray`.
    """

    __slots__ = (
        "_cmd",
        "_drawn",
        "_levels_loaded",
        "containers",
        "controls",
        "display",
        "hud",
        "menu",
        "renderer",
        "session",
        "settings",
    )

    def __init__(
        self,
        assets: Assets,
        settings: Settings | None = None,
        info: GameInfo | None = None,
        resolution: tuple[int, int] = ORIGINAL_SIZE,
        *,
        save_folder: Path | None = None,
        speakers: Speakers | None = None,
        connect: Callable[[ViewRenderer], ContainerLayer] | None = None,
        controls: Controls | None = None,
        observers: Sequence[TicObserver] = (),
        renderer: str = "auto",
        rules: Rules | None = None,
        version: GameVersion | None = None,
        stray: StrayMemory | None = None,
    ) -> None:
        if info is None:
            info = load_info()
            patch_game(info, assets)
        self.settings = settings = settings if settings is not None else Settings()
        view = _ViewDrawer(assets, settings, resolution, renderer)
        self.renderer = view.renderer
        self.containers = connect(self.renderer) if connect is not None else None
        speakers = speakers if speakers is not None else Speakers()
        screens = make_screens(assets, info, settings, version)
        self.hud, self.menu = screens.hud, screens.menu
        self.session = session = Session(
            assets,
            info,
            displays=screens,
            sound_device=speakers.sound,
            music_device=speakers.music,
            saves=None if save_folder is None else SaveFolder(save_folder, self.containers),
            observers=observers,
            rules=rules,
            version=version,
            stray=stray,
        )
        session.sounds.set_volume(settings.sfx_volume)
        session.sounds.set_music_volume(settings.music_volume)
        self.controls = controls if controls is not None else Controls()
        self._levels_loaded = session.levels_loaded
        self.display = Display(
            assets,
            settings,
            screens,
            view,
            border_flat=info.text("GRNROCK" if session.world.mode == GameMode.COMMERCIAL else "FLOOR7_2"),
            enlarger=None if resolution == ORIGINAL_SIZE else Enlarger(*resolution, assets.colormaps),
        )
        if self.containers is not None:
            self.display.overlay = self._draw_overlay
        self._cmd = TicCmd()
        self._drawn = False

    # -- time

    def responder(self, event: Event) -> None:
        """Offer an event to containers, menu, screens and controls, until one takes it (``D_ProcessEvents``)."""
        self._release_keys()
        if not (
            self._container_responder(event)
            or self.menu.responder(event, self.session)
            or self.session.responder(event)
        ):
            self.controls.responder(event)

    def commands(self) -> Mapping[int, TicCmd]:
        """The console player's command for the next tic, from events that nothing else took (``G_BuildTiccmd``)."""
        session, controls, world = self.session, self.controls, self.session.world
        controls.mouse_sensitivity = self.settings.mouse_sensitivity
        controls.build(self._cmd, world.players[world.consoleplayer], world.mode)
        if controls.pause_pressed:
            controls.pause_pressed = False
            session.pause()
        return {world.consoleplayer: self._cmd}

    def tic(self, commands: Mapping[int, TicCmd] = NO_COMMANDS) -> None:
        """Run one tic with the players' commands by their numbers (``M_Ticker`` and ``G_Ticker``)."""
        if self.containers is not None:
            if self._in_demo():
                self.containers.hear()
            else:
                self.containers.before_tic(self.session)
        self.menu.ticker()
        self.session.run_tic(commands)
        self._drawn = False
        self._release_keys()

    def hear(self) -> None:
        """Take in what the bridge says while the game stands still."""
        if self.containers is not None:
            self.containers.hear()

    def update_sounds(self) -> None:
        """Let the sounds follow the player and their origins; once a frame (``S_UpdateSounds``)."""
        session = self.session
        session.sounds.update(session.world.players[session.world.consoleplayer].mo)

    def close(self) -> None:
        """End the game: finish a recording, let go of the bridge. Raises OSError when a recording is not written."""
        try:
            self.session.check_demo_status()
        finally:
            if self.containers is not None:
                self.containers.close()

    def __enter__(self) -> Machine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _release_keys(self) -> None:
        """No key is held into a level that has been loaded since (``G_DoLoadLevel``)."""
        if self.session.levels_loaded != self._levels_loaded:
            self._levels_loaded = self.session.levels_loaded
            self.controls.clear()

    # -- frames

    @property
    def drawn(self) -> bool:
        """Whether the frame of the last tic has been drawn."""
        return self._drawn

    @property
    def picture(self) -> NDArray[np.uint8]:
        """The frame drawn last, palette indexes uint8[H,W]: the screen itself and not a copy."""
        return self.display.picture

    def colours(self) -> NDArray[np.uint8]:
        """What to show the indexes of `picture` as: uint8[256,3], after the palette and the gamma correction."""
        palettes = self.session.assets.palettes
        return shown_colours(palettes[self.display.palette], self.settings.gamma)

    def draw(self) -> Melt | None:
        """Draw a frame of the present state; returns the melt that leads to it, if there is to be one."""
        self._drawn = True
        return self.display.draw(self.session)

    def skip_frame(self) -> None:
        """Pay for the frame of the last tic without drawing it: the random numbers of its melt, if it would melt in.

        Costs nothing when that frame has been drawn.
        """
        if not self._drawn:
            self._drawn = True
            if self.session.frame_melts():
                melt_delays(self.session.world.random.m_random)

    def record(self, *, melts: bool) -> FrameRecord:
        """The frame drawn last, as a trace keeps it."""
        display, window = self.display, self.display.window
        in_level = self.session.gamestate == GameState.LEVEL
        view = (window.x, window.y, window.width, window.height) if in_level else None
        return FrameRecord(melts, display.palette, display.frame.tobytes(), view)

    # -- containers

    def _in_demo(self) -> bool:
        session = self.session
        return session.demoplayback or session.demorecording or session.singledemo

    def _container_responder(self, event: Event) -> bool:
        """Give the containers' pages the keys before the menu, unless it is open."""
        layer = self.containers
        if layer is None or self._in_demo() or self.menu.active:
            return False
        return layer.responder(self.session, event)

    def _draw_overlay(self, frame: Frame) -> bool:
        if self.containers is None or self._in_demo():
            return False
        return self.containers.draw_overlay(self.session, frame, self.display.window)


class _ViewDrawer:
    """Lets the renderer draw the 3-D view into a display's picture, at the view size that the settings say."""

    def __init__(self, assets: Assets, settings: Settings, resolution: tuple[int, int], renderer: str) -> None:
        self._settings = settings
        self._size = (settings.screenblocks, int(settings.low_detail))
        self.renderer = make_renderer(assets, *resolution, *self._size, wanted=renderer)

    def __call__(self, game: GameControl, _window: ViewWindow, picture: NDArray[np.uint8]) -> None:
        """Draw what the displayed player sees into `picture`, uint8[H,W]."""
        size = (self._settings.screenblocks, int(self._settings.low_detail))
        if size != self._size:
            self._size = size
            self.renderer.set_view_size(*size)
        self.renderer.frame = picture
        world = game.world
        self.renderer.draw(world, world.players[world.displayplayer], game.sky_texture)
