"""The main loop (``D_DoomLoop``): events -> command -> tic (35 a second) -> picture -> window.

To follow one frame, read `App.run_frame` from top to bottom. The loop never waits for anything but the clock: the
bridge's messages arrive through a queue that the `ContainerLayer` empties.
"""

from __future__ import annotations

import signal
import time
from types import FrameType
from typing import TYPE_CHECKING, Final, Protocol

from pydoom.config import Configuration
from pydoom.data import strings
from pydoom.game.events import KEY_F12, KeyEvent
from pydoom.game.state import GameState
from pydoom.game.ticcmd import Controls
from pydoom.screens.screenshot import ScreenshotError, save_screenshot
from pydoom.sim.constants import TICRATE
from pydoom.sim.ticcmd import TicCmd

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pydoom.game.events import Event
    from pydoom.game.session import Session
    from pydoom.game.trace import TraceWriter
    from pydoom.run.assembly import Game
    from pydoom.screens.border import ViewWindow
    from pydoom.screens.video import Frame
    from pydoom.screens.wipe import Melt

TIC_SECONDS: Final = 1 / TICRATE
MAX_TICS_BEHIND: Final = 8
"""More tics than this are dropped when the machine cannot keep up, instead of running in fast motion."""
_PAUSED_SLEEP_SECONDS: Final = 0.05


class ContainerLayer(Protocol):
    """What ties containers to monsters. While a demo is played or recorded it may only hear."""

    def hear(self) -> None:
        """Take in the bridge's news, which must not pile up, and leave the level alone. Must not wait for anything."""

    def before_tic(self, session: Session) -> None:
        """At a tic boundary: hear, and spawn, remove and raise monsters. Must not wait for anything."""

    def draw_overlay(self, session: Session, frame: Frame, window: ViewWindow) -> None:
        """Draw names into the 3-D view, which is `window`, or over the automap or the intermission; below the menu."""

    def responder(self, session: Session, event: Event) -> bool:
        """True when the event is consumed."""

    def close(self) -> None:
        """The game ends."""


class PictureWindow(Protocol):
    """A window or its null twin."""

    closed: bool
    fullscreen: bool

    def present(self, picture: NDArray[np.uint8], colours: NDArray[np.uint8]) -> None:
        """Show palette indexes uint8[H,W] in colours uint8[256,3]."""

    def poll(self) -> list[Event]:
        """What happened since the last call."""

    def grab_mouse(self, wanted: bool) -> None:
        """Hold or free the pointer."""

    def toggle_fullscreen(self) -> None:
        """Change between window and full screen."""

    def close(self) -> None:
        """Close the window."""


class App:
    """A running game. `paused` stops everything from outside (nobody is watching)."""

    def __init__(
        self,
        game: Game,
        window: PictureWindow,
        *,
        containers: ContainerLayer | None = None,
        trace: TraceWriter | None = None,
        start_paused: bool = False,
        configuration: Configuration | None = None,
    ) -> None:
        configuration = configuration if configuration is not None else Configuration()
        self.game = game
        self.session = game.session
        self.window = window
        self.controls = Controls(configuration.bindings())
        self.controls.always_run = configuration.always_run
        self.paused = start_paused
        self.quit = False
        self._keys = configuration.key_map()
        self._screenshot_keys = configuration.screenshot_keys()
        self._fullscreen_keys = configuration.fullscreen_keys()
        self._screenshot_folder = configuration.screenshot_folder()
        self._containers = containers
        self._trace = trace
        self._cmd = TicCmd()
        self._melt: Melt | None = None
        self._next_tic = 0.0
        self._levels_loaded = self.session.levels_loaded
        if containers is not None:
            game.display.overlay = self._draw_names

    def _draw_names(self, frame: Frame) -> None:
        if self._containers is not None and not self._in_demo():
            self._containers.draw_overlay(self.session, frame, self.game.display.window)

    def _list_responder(self, event: Event) -> bool:
        return self._containers is not None and not self._in_demo() and self._containers.responder(self.session, event)

    def _in_demo(self) -> bool:
        session = self.session
        return session.demoplayback or session.demorecording or session.singledemo

    # -- the loop

    def run(self) -> None:
        """Play until the player quits, the window closes or the one demo ends."""
        self._catch_signals()
        self._run_tic()
        self._run_tic()
        self._draw()
        self._next_tic = time.monotonic() + TIC_SECONDS
        try:
            while not (self.quit or self.session.quit_requested or self.session.over):
                self.run_frame()
        finally:
            self.session.check_demo_status()
            if self._containers is not None:
                self._containers.close()
            self.window.close()

    def run_frame(self) -> None:
        """One turn of the loop: input, the tics that are due, one picture."""
        self._read_events()
        if self.paused:
            self._hold()
            return
        tics = self._wait_for_tics()
        if self._melt is not None:
            self._step_melt(tics)
            return
        for _ in range(tics):
            self._run_tic()
            if self.session.over or self.session.quit_requested:
                return
        listener = self.session.world.players[self.session.world.consoleplayer].mo
        self.session.sounds.update(listener)
        self._draw()

    def _read_events(self) -> None:
        session = self.session
        for happened in self.window.poll():
            if self._is_hotkey(happened):
                continue
            for event in self._keys.translate(
                happened, menu_active=self.game.menu.active, map_active=session.automap_active
            ):
                if not (
                    self.game.menu.responder(event, session) or self._list_responder(event) or session.responder(event)
                ):
                    self.controls.responder(event)
        if self.window.closed:
            self.quit = True
        playing = session.gamestate == GameState.LEVEL and not session.demoplayback
        self.window.grab_mouse(playing and not (self.paused or session.world.paused or self.game.menu.active))

    def _is_hotkey(self, event: Event) -> bool:
        """Whether the event is for the window and not for the game; does what it asks for."""
        if not isinstance(event, KeyEvent) or not event.down:
            return False
        if event.key in self._fullscreen_keys:
            self.window.toggle_fullscreen()
            return True
        # F12 looks through other players' eyes where there are any
        if event.key in self._screenshot_keys and not (
            event.key == KEY_F12 and sum(self.session.world.playeringame) > 1
        ):
            self._take_screenshot()
            return True
        return False

    def _take_screenshot(self) -> None:
        session = self.session
        try:
            save_screenshot(self._screenshot_folder, self.game.display.picture, self.game.colours())
        except ScreenshotError as error:
            session.message(str(error))
        else:
            session.message(session.world.info.text(strings.SCREENSHOT))

    def _wait_for_tics(self) -> int:
        """Sleep until the next tic is due; how many are due by then."""
        now = time.monotonic()
        if now < self._next_tic:
            time.sleep(self._next_tic - now)
            now = time.monotonic()
        tics = int((now - self._next_tic) / TIC_SECONDS) + 1
        self._next_tic += tics * TIC_SECONDS
        return min(tics, MAX_TICS_BEHIND)

    def _run_tic(self) -> None:
        session = self.session
        controls = self.controls
        if self._containers is not None:
            if self._in_demo():
                self._containers.hear()
            else:
                self._containers.before_tic(session)
        self.game.menu.ticker()
        controls.mouse_sensitivity = self.game.settings.mouse_sensitivity
        controls.build(self._cmd, session.world.players[session.world.consoleplayer], session.world.mode)
        if controls.pause_pressed:
            controls.pause_pressed = False
            session.pause()
        session.run_tic({session.world.consoleplayer: self._cmd})
        if session.levels_loaded != self._levels_loaded:
            self._levels_loaded = session.levels_loaded
            controls.clear()

    # -- pictures

    def _draw(self) -> None:
        display = self.game.display
        self._melt = display.draw(self.session)
        if self._trace is not None:
            window = display.window
            in_level = self.session.gamestate == GameState.LEVEL
            view = (window.x, window.y, window.width, window.height) if in_level else None
            self._trace.frame(self.session, self._melt is not None, display.palette, display.frame.tobytes(), view)
        if self._melt is None:
            self._present(display.picture)

    def _step_melt(self, tics: int) -> None:
        """The game stands still while one picture melts into the next."""
        melt = self._melt
        if melt is None:
            return
        display = self.game.display
        if melt.step(tics):
            self._melt = None
            self._present(display.picture)
            return
        self._present(display.melting(melt))

    def _present(self, picture: NDArray[np.uint8]) -> None:
        self.window.present(picture, self.game.colours())

    # -- pausing from outside

    def _hold(self) -> None:
        """Nobody is watching: keep the last picture on the screen and let the clock stand still."""
        if self._containers is not None:
            self._containers.hear()
        if self._melt is not None:
            self._melt = None
        self._present(self.game.display.picture)
        time.sleep(_PAUSED_SLEEP_SECONDS)
        self._next_tic = time.monotonic()

    def _catch_signals(self) -> None:
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        if hasattr(signal, "SIGUSR1"):
            signal.signal(signal.SIGUSR1, self._resume)
            signal.signal(signal.SIGUSR2, self._pause)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.quit = True

    def _resume(self, _number: int, _frame: FrameType | None) -> None:
        self.paused = False
        self.session.sounds.resume()

    def _pause(self, _number: int, _frame: FrameType | None) -> None:
        self.paused = True
        self.session.sounds.pause()
