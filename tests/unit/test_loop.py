"""The main loop with a window that is only a list of events."""

import gc
import os
import signal
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from pydoom.devices.gamewindow import GameWindow
from pydoom.fleetmap.site import FleetSite
from pydoom.game.events import KEY_ESCAPE, KEY_UPARROW, Event, KeyEvent
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.game.session import Session
from pydoom.run.loop import Loop
from pydoom.run.machine import ContainerLayer, Machine
from pydoom.screens.border import ViewWindow
from pydoom.screens.video import Frame
from pydoom.sim.mobj import Mobj
from pydoom.sim.world import World
from pydoom.wad import Assets


class FakeWindow(GameWindow):
    closed = False
    fullscreen = False

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.frames: list[bytes] = []
        self.close_after = 0
        self.was_closed = False
        self.grabbed = False

    def present(self, frame: NDArray[np.uint8], colours: NDArray[np.uint8]) -> None:
        assert (frame.shape, colours.shape) == ((200, 320), (256, 3))
        self.frames.append(frame.tobytes())
        if self.close_after and len(self.frames) >= self.close_after:
            self.closed = True

    def poll(self) -> list[Event]:
        events, self.events = self.events, []
        return events

    def grab_mouse(self, wanted: bool) -> None:
        self.grabbed = wanted

    def toggle_fullscreen(self) -> None:
        self.fullscreen = not self.fullscreen

    def close(self) -> None:
        self.was_closed = True


class FakeContainers(ContainerLayer):
    def __init__(self) -> None:
        self.tics = 0
        self.heard = 0
        self.overlays = 0
        self.pressed: list[Event] = []
        self.closed = False

    def hear(self) -> None:
        self.heard += 1

    def before_tic(self, session: Session) -> None:
        self.tics += 1

    def draw_overlay(self, session: Session, frame: Frame, window: ViewWindow) -> bool:
        assert (window.width, window.height) == (320, 168)
        self.overlays += 1
        return False

    def responder(self, session: Session, event: Event) -> bool:
        self.pressed.append(event)
        return isinstance(event, KeyEvent) and event.key == ord("-")

    def label_of(self, mobj: Mobj) -> str | None:
        return None

    def labels_loaded(self, labels: list[tuple[Mobj, str]]) -> None:
        pass

    def survey(self, seed: int) -> FleetSite | None:
        return None

    def summary(self) -> str:
        return ""

    def close(self) -> None:
        self.closed = True


@pytest.fixture(autouse=True)
def signals_as_before() -> Iterator[None]:
    """Restore signal handlers, which a running loop replaces."""
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.fixture
def game(assets: Assets) -> Machine:
    game = Machine(assets)
    game.session.start(Rules(), Level(1, 1))
    return game


def frames(app: Loop, count: int) -> None:
    for _ in range(count):
        app.run_frame()


def test_closing_the_window_ends_the_game(game: Machine) -> None:
    window = FakeWindow()
    window.close_after = 3
    Loop(game, window).run()
    assert window.was_closed


def test_a_level_melts_in_and_then_runs(game: Machine) -> None:
    window = FakeWindow()
    window.close_after = 60
    Loop(game, window).run()
    assert game.session.world.leveltime > 5
    assert len(set(window.frames)) > 20


def test_keys_reach_the_player(game: Machine) -> None:
    window = FakeWindow()
    app = Loop(game, window)
    frames(app, 2)
    app._melt = None
    mo = game.session.world.players[0].mo
    assert mo is not None
    before = (mo.x, mo.y)
    window.events = [KeyEvent(KEY_UPARROW)]
    frames(app, 5)
    assert (mo.x, mo.y) != before


def test_escape_opens_the_menu_which_stops_the_level(game: Machine) -> None:
    window = FakeWindow()
    app = Loop(game, window)
    frames(app, 3)
    app._melt = None
    frames(app, 3)
    window.events = [KeyEvent(KEY_ESCAPE)]
    app.run_frame()
    at = game.session.world.leveltime
    frames(app, 3)
    assert game.session.world.leveltime == at
    assert not window.grabbed


def test_a_game_paused_from_outside_shows_a_frame_and_stands_still(game: Machine) -> None:
    window = FakeWindow()
    window.close_after = 4
    Loop(game, window, start_paused=True).run()
    assert game.session.world.leveltime == 2
    assert len(set(window.frames)) == 1
    assert len(set(window.frames[0])) > 20


def test_signals_resume_and_pause(game: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    window = FakeWindow()
    app = Loop(game, window, start_paused=True)
    signals = [signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM]
    paused = []

    def poll() -> list[Event]:
        paused.append(app.paused)
        os.kill(os.getpid(), signals.pop(0))
        return []

    monkeypatch.setattr(window, "poll", poll)
    app.run()
    assert paused == [True, False, True]


def contained(assets: Assets, containers: FakeContainers) -> Machine:
    return Machine(assets, connect=lambda _renderer: containers)


def test_containers_are_asked_before_every_tic_and_draw_over_the_view(assets: Assets) -> None:
    containers = FakeContainers()
    window = FakeWindow()
    window.close_after = 60
    with contained(assets, containers) as game:
        game.session.start(Rules(), Level(1, 1))
        Loop(game, window).run()
    assert containers.tics == game.session.gametic
    assert containers.overlays > 0
    assert containers.closed


def test_containers_get_keys_before_the_menu_unless_it_is_open(assets: Assets) -> None:
    containers = FakeContainers()
    game = contained(assets, containers)
    game.session.start(Rules(), Level(1, 1))
    size = game.settings.screenblocks
    game.responder(KeyEvent(ord("-"), True))  # would make the view smaller
    assert game.settings.screenblocks == size
    game.responder(KeyEvent(KEY_ESCAPE, True))
    assert game.menu.active
    game.responder(KeyEvent(KEY_UPARROW, True))
    assert containers.pressed == [KeyEvent(ord("-"), True), KeyEvent(KEY_ESCAPE, True)]


def test_containers_never_touch_a_demo(assets: Assets) -> None:
    containers = FakeContainers()
    game = contained(assets, containers)
    game.session.play_demo(assets.demo("DEMO3"), single=True)
    window = FakeWindow()
    window.close_after = 5
    Loop(game, window).run()
    assert containers.tics == 0
    assert containers.overlays == 0
    assert containers.heard >= 2


def test_the_bridge_s_events_do_not_pile_up_while_nobody_is_watching(assets: Assets) -> None:
    containers = FakeContainers()
    game = contained(assets, containers)
    game.session.start(Rules(), Level(1, 1))
    window = FakeWindow()
    window.close_after = 4
    Loop(game, window, start_paused=True).run()
    assert containers.tics == 2
    assert containers.heard >= 3


def test_a_key_pressed_while_the_loop_waits_for_a_tic_acts_in_that_tic(
    game: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = FakeWindow()
    loop = Loop(game, window)
    frames(loop, 2)
    loop._melt = None
    now = [loop._next_tic - 0.01]

    def sleep(seconds: float) -> None:
        now[0] += seconds
        window.events = [KeyEvent(KEY_UPARROW)]

    monkeypatch.setattr("pydoom.run.loop.time.monotonic", lambda: now[0])
    monkeypatch.setattr("pydoom.run.loop.time.sleep", sleep)
    loop.run_frame()
    assert game.session.world.players[0].cmd.forwardmove > 0


def test_graphics_are_loaded_in_the_time_left_before_a_tic(game: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    loaded = []

    def load_ahead(_world: World) -> bool:
        now[0] += 0.003
        loaded.append(now[0])
        return True

    def sleep(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(game.renderer, "load_ahead", load_ahead)
    monkeypatch.setattr("pydoom.run.loop.time.monotonic", lambda: now[0])
    monkeypatch.setattr("pydoom.run.loop.time.sleep", sleep)
    loop = Loop(game, FakeWindow())
    frames(loop, 3)
    due = loop._next_tic
    now[0] = due - 0.03
    loaded.clear()
    loop.run_frame()
    assert len(loaded) == 9
    assert max(loaded) < due


def test_loading_ahead_ends_with_the_last_graphic(game: Machine) -> None:
    loop = Loop(game, FakeWindow())
    loop.run_frame()
    try:
        while loop._loading:
            loop.run_frame()
        assert not game.load_ahead()
    finally:
        gc.unfreeze()


def test_collections_begin_when_a_frame_is_shown(game: Machine) -> None:
    gc.disable()
    try:
        frames(Loop(game, FakeWindow()), 2)
        assert gc.isenabled()
    finally:
        gc.enable()
        gc.unfreeze()


def test_a_level_is_kept_from_the_garbage_collector_once_its_first_frame_is_shown(game: Machine) -> None:
    loop = Loop(game, FakeWindow())
    loop.run_frame()
    assert loop._melt is not None
    try:
        loop.run_frame()
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()
