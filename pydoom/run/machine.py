"""A machine that plays DOOM: a session with its screens and its renderer, without a window and without a clock.

Everything that plays drives one: the window's loop, headless runs, the API, recordings, benchmarks. It knows the steps
of the original's main loop (``D_DoomLoop``): `tic`, `draw`, and the random numbers of a skipped frame (`skip_frame`). A
game's connections (saved games, speakers, containers) are given at construction (``D_DoomMain`` does that between its
start-up messages), so that there is no order of calls to get wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from pydoom.data.info import GameInfo
from pydoom.data.infotables import load_info
from pydoom.devices.speakers import Speakers
from pydoom.fleetmap.site import FleetSite
from pydoom.game.dehacked import patch_game
from pydoom.game.events import KeyEvent
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
    """Ties containers to monsters. While a demo is played or recorded, only `hear` is called."""

    def hear(self) -> None:
        """Take in the bridge's events, which must not pile up, without changing the level. Must not wait."""

    def before_tic(self, session: Session) -> None:
        """At a tic boundary: hear, then spawn, remove and raise monsters. Must not wait."""

    def draw_overlay(self, session: Session, frame: Frame, window: ViewWindow) -> bool:
        """Draw names into the 3-D view, which is `window`, or over the automap or the intermission; below the menu.

        Returns whether the border around the view was drawn over.
        """

    def responder(self, session: Session, event: Event) -> bool:
        """True when the event is consumed."""

    def label_of(self, mobj: Mobj) -> str | None:
        """The label to save with a monster, so that it finds its container again; None for all other mobjs."""

    def labels_loaded(self, labelled: list[tuple[Mobj, str]]) -> None:
        """Take back the labelled monsters of a loaded game."""

    def survey(self, seed: int) -> FleetSite | None:
        """The fleet's groups, to build a level from; None before the bridge has sent its list."""

    def summary(self) -> str:
        """One line about the containers, for outputs with room for text below the frame."""

    def close(self) -> None:
        """End the connection to the bridge."""


@dataclass(frozen=True, slots=True)
class FrameRecord:
    """A frame as traces record it: `screen` is 64,000 palette indexes, `view` x, y, width, height or None."""

    melts: bool
    palette: int
    screen: bytes
    view: tuple[int, int, int, int] | None


class Machine:
    """One game that can be played; see the module's docstring. Nothing runs yet: `session` starts levels and demos.

    `info` holds the tables after `patch_game`; without them only the patch that the IWAD itself needs is applied.
    Frames have the `resolution`, in pixels. `save_folder` is where games are saved; without it, none are. `connect`
    makes the containers; it receives the renderer, which knows where things are in a frame. `controls` turn events into
    commands; `observers` see every tic. `renderer` is one of `render.choice.RENDERERS`. See `Session` for
    `rules`, `version` and `stray`; `map_seed` decides how the rooms of levels built from the fleet look.
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
        map_seed: int = 1,
    ) -> None:
        if info is None:
            info = load_info()
            patch_game(info, assets, version=version)
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
        session.datacentre.repainted = self.renderer.forget_graphics
        if self.containers is not None:
            session.datacentre.survey = partial(self.containers.survey, map_seed)
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
        """Offer an event to containers, menu, screens and controls, until one takes it (``D_ProcessEvents``).

        A key that repeats is only for those before the screens, which have texts.
        """
        self._release_keys()
        if not (
            self._container_responder(event)
            or self.menu.responder(event, self.session)
            or (isinstance(event, KeyEvent) and event.repeat)
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
        """Take in the bridge's events while the game stands still."""
        if self.containers is not None:
            self.containers.hear()

    def update_sounds(self) -> None:
        """Update sounds for the positions of player and origins, once a frame (``S_UpdateSounds``)."""
        session = self.session
        session.sounds.update(session.world.players[session.world.consoleplayer].mo)

    def close(self) -> None:
        """End the game: finish a recording, leave the bridge. Raises OSError when a recording cannot be written."""
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
        """Forget held keys after a level load (``G_DoLoadLevel``)."""
        if self.session.levels_loaded != self._levels_loaded:
            self._levels_loaded = self.session.levels_loaded
            self.controls.clear()

    # -- frames

    @property
    def drawn(self) -> bool:
        """Whether the frame of the last tic has been drawn."""
        return self._drawn

    @property
    def frame(self) -> NDArray[np.uint8]:
        """The last drawn frame, palette indexes uint8[H,W]: the screen itself, not a copy."""
        return self.display.framebuffer

    def colours(self) -> NDArray[np.uint8]:
        """The colours of `frame`'s indexes, uint8[256,3], after palette and gamma correction."""
        palettes = self.session.assets.palettes
        return shown_colours(palettes[self.display.palette], self.settings.gamma)

    def draw(self) -> Melt | None:
        """Draw a frame of the current state; returns the melt that leads to it, if any."""
        self._drawn = True
        return self.display.draw(self.session)

    def load_ahead(self) -> bool:
        """Load one of the graphics that the level will show; returns whether there may be more to load."""
        session = self.session
        return session.gamestate == GameState.LEVEL and self.renderer.load_ahead(session.world)

    def skip_frame(self) -> None:
        """Skip the frame of the last tic, but draw the random numbers of its melt, if it would melt in.

        Does nothing when that frame has been drawn.
        """
        if not self._drawn:
            self._drawn = True
            if self.session.frame_melts():
                melt_delays(self.session.world.random.m_random)

    def record(self, *, melts: bool) -> FrameRecord:
        """The last drawn frame, as traces record it."""
        display, window = self.display, self.display.window
        in_level = self.session.gamestate == GameState.LEVEL
        view = (window.x, window.y, window.width, window.height) if in_level else None
        return FrameRecord(melts, display.palette, display.frame.tobytes(), view)

    # -- containers

    def _in_demo(self) -> bool:
        session = self.session
        return session.demoplayback or session.demorecording or session.singledemo

    def _container_responder(self, event: Event) -> bool:
        """Offer keys to the containers' pages before the menu, unless the menu is open."""
        layer = self.containers
        if layer is None or self._in_demo() or self.menu.active:
            return False
        return layer.responder(self.session, event)

    def _draw_overlay(self, frame: Frame) -> bool:
        if self.containers is None or self._in_demo():
            return False
        return self.containers.draw_overlay(self.session, frame, self.display.window)


class _ViewDrawer:
    """Draws the 3-D view into a display's framebuffer, at the view size in the settings."""

    def __init__(self, assets: Assets, settings: Settings, resolution: tuple[int, int], renderer: str) -> None:
        self._settings = settings
        self._size = (settings.screenblocks, int(settings.low_detail))
        self.renderer = make_renderer(assets, *resolution, *self._size, wanted=renderer)

    def __call__(self, game: GameControl, _window: ViewWindow, frame: NDArray[np.uint8]) -> None:
        """Draw what the displayed player sees into `frame`, uint8[H,W]."""
        size = (self._settings.screenblocks, int(self._settings.low_detail))
        if size != self._size:
            self._size = size
            self.renderer.set_view_size(*size)
        self.renderer.frame = frame
        world = game.world
        self.renderer.draw(world, world.players[world.displayplayer], game.sky_texture)
