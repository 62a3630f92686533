"""The main loop (``D_DoomLoop``): events -> command -> tic (35 a second) -> frame -> window.

To follow one frame, read `Loop.run_frame` from top to bottom. The loop waits only for the clock: the
bridge's messages arrive through a queue that the container layer empties.
"""

from __future__ import annotations

import gc
import signal
import time
from types import FrameType
from typing import TYPE_CHECKING, Final

from pydoom.config import Configuration
from pydoom.data import strings
from pydoom.game.events import KEY_F12, KeyEvent
from pydoom.game.state import GameState
from pydoom.run.memory import settle_memory
from pydoom.screens.screenshot import ScreenshotError, save_screenshot
from pydoom.sim.constants import TICRATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pydoom.devices.gamewindow import GameWindow
    from pydoom.devices.heartbeat import Heartbeat
    from pydoom.game.events import Event
    from pydoom.game.trace import TraceWriter
    from pydoom.run.machine import Machine
    from pydoom.screens.wipe import Melt

TIC_SECONDS: Final = 1 / TICRATE
MAX_TICS_BEHIND: Final = 8
"""Most tics to catch up at once; the rest is dropped instead of running in fast motion."""
_PAUSED_SLEEP_SECONDS: Final = 0.05
_LOADING_MARGIN_SECONDS: Final = 0.004
"""Graphics are loaded until so long before the next tic: the last one that begins takes less, and is not late."""


class Loop:
    """A machine in a window, by the clock. `paused` stops everything (nobody is watching)."""

    def __init__(
        self,
        machine: Machine,
        window: GameWindow,
        *,
        trace: TraceWriter | None = None,
        start_paused: bool = False,
        configuration: Configuration | None = None,
        heartbeat: Heartbeat | None = None,
    ) -> None:
        configuration = configuration if configuration is not None else Configuration()
        self.machine = machine
        self.session = machine.session
        self.window = window
        self.paused = start_paused
        self.quit = False
        self._keys = configuration.key_map()
        self._screenshot_keys = configuration.screenshot_keys()
        self._fullscreen_keys = configuration.fullscreen_keys()
        self._screenshot_folder = configuration.screenshot_folder()
        self._trace = trace
        self._heartbeat = heartbeat
        self._melt: Melt | None = None
        self._next_tic = 0.0
        self._levels_loaded = 0
        self._settled = False
        self._loading = False

    # -- the loop

    def run(self) -> None:
        """Play until the player quits, the window closes or the one demo ends; closes the window, not the machine."""
        self._catch_signals()
        try:
            self._run_tic()
            self._run_tic()
            self._draw()
            self._next_tic = time.monotonic()
            while not (self.quit or self.session.quit_requested or self.session.over):
                self.run_frame()
        finally:
            self.window.close()

    def run_frame(self) -> None:
        """Run one turn of the loop: input, the tics that are due, one frame."""
        tics = 0 if self.paused else self._wait_for_tics()
        self._read_events()  # after the wait: keys pressed during it belong to the tic that is now due
        if self.paused:
            self._hold()
            return
        if self._melt is not None:
            self._step_melt(tics)
            return
        for _ in range(tics):
            self._run_tic()
            if self.session.over or self.session.quit_requested:
                return
        self.machine.update_sounds()
        self._draw()

    def _read_events(self) -> None:
        session = self.session
        for happened in self.window.poll():
            if self._is_hotkey(happened):
                continue
            for event in self._keys.translate(
                happened, menu_active=self.machine.menu.active, map_active=session.automap_active
            ):
                self.machine.responder(event)
        if self.window.closed:
            self.quit = True
        playing = session.gamestate == GameState.LEVEL and not session.demoplayback
        self.window.grab_mouse(playing and not (self.paused or session.world.paused or self.machine.menu.active))

    def _is_hotkey(self, event: Event) -> bool:
        """Handle an event for the window rather than the game; returns whether it was one."""
        if not isinstance(event, KeyEvent) or not event.down or event.repeat:
            return False
        if event.key in self._fullscreen_keys:
            self.window.toggle_fullscreen()
            return True
        # with several players, F12 switches the view between them
        if event.key in self._screenshot_keys and not (
            event.key == KEY_F12 and sum(self.session.world.playeringame) > 1
        ):
            self._take_screenshot()
            return True
        return False

    def _take_screenshot(self) -> None:
        session = self.session
        try:
            save_screenshot(self._screenshot_folder, self.machine.frame, self.machine.colours())
        except ScreenshotError as error:
            session.message(str(error))
        else:
            session.message(session.world.info.text(strings.SCREENSHOT))

    def _wait_for_tics(self) -> int:
        """Load graphics, then sleep until the next tic is due; returns how many are due by then."""
        if self._loading:
            self._load_ahead()
        now = time.monotonic()
        if now < self._next_tic:
            time.sleep(self._next_tic - now)
            now = time.monotonic()
        tics = int((now - self._next_tic) / TIC_SECONDS) + 1
        self._next_tic += tics * TIC_SECONDS
        return min(tics, MAX_TICS_BEHIND)

    def _load_ahead(self) -> None:
        """Load what the level will show, as long as there is time before the next tic."""
        until = self._next_tic - _LOADING_MARGIN_SECONDS
        while time.monotonic() < until:
            if not self.machine.load_ahead():
                self._loading = False
                gc.freeze()  # like the level itself: what is loaded now stays
                return

    def _run_tic(self) -> None:
        self.machine.tic(self.machine.commands())
        if self.session.levels_loaded != self._levels_loaded:
            self._levels_loaded = self.session.levels_loaded
            self._settled = False
            self._loading = True

    # -- frames

    def _draw(self) -> None:
        self._melt = self.machine.draw()
        if self._trace is not None:
            frame = self.machine.record(melts=self._melt is not None)
            self._trace.frame(self.session, frame.melts, frame.palette, frame.screen, frame.view)
        if self._melt is None:
            self._present(self.machine.frame)

    def _step_melt(self, tics: int) -> None:
        """Advance the melt; the game stands still meanwhile."""
        melt = self._melt
        if melt is None:
            return
        if melt.step(tics):
            self._melt = None
            self._present(self.machine.frame)
            return
        self._present(self.machine.display.melting(melt))

    def _present(self, frame: NDArray[np.uint8]) -> None:
        self.window.present(frame, self.machine.colours())
        if self._heartbeat is not None:
            self._heartbeat.beat()
        if not self._settled:
            self._settled = True
            settle_memory()

    # -- pausing while nobody watches

    def _hold(self) -> None:
        """Keep the last frame on the screen and stop the clock, while nobody is watching."""
        self.machine.hear()
        self._melt = None
        self._present(self.machine.frame)
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
