"""The window, on SDL's dummy display: shapes, full screen, its events; controllers, by synthetic events."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pygame
import pytest

from pydoom.devices.controllers import Controllers
from pydoom.devices.options import ControllerOptions, WindowOptions
from pydoom.devices.viewers import without_borrowed_shift
from pydoom.devices.window import Window
from pydoom.game import events as ev
from pydoom.game.events import CloseEvent, Event, JoystickEvent, KeyEvent


@pytest.fixture(autouse=True)
def dummy_display(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    yield
    pygame.quit()


def events_of(window: Window, *happened: pygame.event.Event) -> list[Event]:
    window.poll()
    for each in happened:
        pygame.event.post(each)
    return window.poll()


def shown(window: Window) -> pygame.Rect:
    """The part of the window that a white frame covers."""
    window.present(np.ones((200, 320), np.uint8), np.full((256, 3), 255, np.uint8))
    surface = pygame.display.get_surface()
    assert surface is not None
    white = pygame.surfarray.array3d(surface).min(axis=2) == 255
    columns, rows = white.any(axis=1).nonzero()[0], white.any(axis=0).nonzero()[0]
    return pygame.Rect(columns[0], rows[0], len(columns), len(rows))


@pytest.mark.parametrize(("aspect", "size"), [(True, (640, 480)), (False, (640, 400))])
def test_window_has_the_shape_asked_for(aspect: bool, size: tuple[int, int]) -> None:
    window = Window(320, 200, WindowOptions(scale=2, aspect=aspect))
    assert pygame.display.get_window_size() == size
    assert shown(window).size == size


def test_a_frame_larger_than_the_screen_is_shown_smaller() -> None:
    Window(1920, 1200, WindowOptions(aspect=False))
    width, height = pygame.display.get_window_size()
    desktop = pygame.display.get_desktop_sizes()[0]
    assert width <= desktop[0]
    assert height <= desktop[1]
    assert abs(width * 1200 - height * 1920) <= 1920


def test_the_close_button_is_an_event_that_the_menu_may_ask_about() -> None:
    window = Window(320, 200, WindowOptions(scale=2))
    assert events_of(window, pygame.event.Event(pygame.QUIT)) == [CloseEvent()]
    assert not window.closed


def test_a_signal_before_the_game_listens_ends_it_without_a_question() -> None:
    script = (
        "import os, signal\n"
        "from pydoom.config import Configuration\n"
        "from pydoom.devices.window import Window\n"
        "window = Window(320, 200, Configuration().window(position=None, borderless=False, cover_screen=False))\n"
        "os.kill(os.getpid(), signal.SIGTERM)\n"
        "window.poll()\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[2], timeout=60)
    assert ended.returncode == -signal.SIGTERM


def test_the_frame_keeps_its_shape_when_the_window_changes_its_own() -> None:
    window = Window(320, 200, WindowOptions(scale=2))
    pygame.display.set_mode((1000, 480), pygame.RESIZABLE)
    events_of(window, pygame.event.Event(pygame.VIDEORESIZE, size=(1000, 480), w=1000, h=480))
    assert shown(window) == pygame.Rect(180, 0, 640, 480)


def test_alt_enter_changes_to_full_screen_and_back() -> None:
    window = Window(320, 200, WindowOptions(scale=2))
    press = pygame.event.Event(pygame.KEYDOWN, key=pygame.K_RETURN, mod=pygame.KMOD_LALT, unicode="\r")
    release = pygame.event.Event(pygame.KEYUP, key=pygame.K_RETURN, mod=pygame.KMOD_LALT, unicode="\r")
    assert events_of(window, press) == []
    assert window.fullscreen
    assert pygame.display.get_window_size() == pygame.display.get_desktop_sizes()[0]
    assert events_of(window, press) == []  # held, it does not change back
    assert window.fullscreen
    assert events_of(window, release, press) == [KeyEvent(ev.KEY_ENTER, False)]
    assert not window.fullscreen
    assert pygame.display.get_window_size() == (640, 480)
    events_of(window, release)
    plain = pygame.event.Event(pygame.KEYDOWN, key=pygame.K_RETURN, mod=0, unicode="\r")
    assert events_of(window, plain) == [KeyEvent(ev.KEY_ENTER)]


def pressed(key: int, scancode: int, text: str) -> pygame.event.Event:
    return pygame.event.Event(pygame.KEYDOWN, key=key, scancode=scancode, mod=0, unicode=text)


@pytest.mark.parametrize(
    ("press", "key", "char", "letter"),
    [
        (pressed(pygame.K_q, pygame.KSCAN_A, "q"), "a", "q", "q"),  # French
        (pressed(pygame.K_AMPERSAND, pygame.KSCAN_1, "&"), "1", "&", "1"),
        (pressed(233, pygame.KSCAN_2, "é"), "2", "", "2"),
        (pressed(pygame.K_AMPERSAND, pygame.KSCAN_1, "1"), "1", "1", "1"),  # with Shift
        (pressed(0x44B, pygame.KSCAN_S, "ы"), "s", "", "s"),  # Russian
        (pressed(pygame.K_z, pygame.KSCAN_Y, "z"), "y", "z", "z"),  # German
        (pressed(pygame.K_LESS, pygame.KSCAN_NONUSBACKSLASH, "<"), "<", "<", "<"),
        (pressed(pygame.K_q, pygame.KSCAN_A, "\x11"), "a", "q", "q"),  # with Ctrl
        (pressed(pygame.K_a, 0, "a"), "a", "a", "a"),  # of no keyboard at all
    ],
)
def test_a_key_is_its_place_and_what_it_types(press: pygame.event.Event, key: str, char: str, letter: str) -> None:
    window = Window(320, 200, WindowOptions(scale=1))
    event = events_of(window, press)[0]
    assert event == KeyEvent(ord(key), True, ord(char) if char else 0)
    assert isinstance(event, KeyEvent)
    assert event.letter == letter


def test_a_key_that_is_held_says_so() -> None:
    window = Window(320, 200, WindowOptions(scale=1))
    press = pressed(pygame.K_a, pygame.KSCAN_A, "a")
    first, held = events_of(window, press, press)
    assert held == KeyEvent(ord("a"), True, ord("a"), repeat=True)
    assert not isinstance(first, KeyEvent) or not first.repeat
    assert 300 < pygame.key.get_repeat()[0] < 700


SHIFT = KeyEvent(ev.KEY_RSHIFT)
LET_GO = KeyEvent(ev.KEY_RSHIFT, False)


@pytest.mark.parametrize(
    ("sign", "us_key", "digit"), [("&", "7", "1"), ('"', "'", "3"), ("(", "9", "5"), ("_", "-", "8")]
)
def test_sign_typed_without_shift_is_a_french_digit(sign: str, us_key: str, digit: str) -> None:
    key = KeyEvent(ord(us_key), True, ord(sign))
    up = KeyEvent(ord(us_key), False)
    wanted = KeyEvent(ord(digit), True, ord(sign))
    assert without_borrowed_shift([SHIFT, key, LET_GO]) == [wanted]
    # with a Shift that is held for longer, or that was down before, it is what it is on a US keyboard
    assert without_borrowed_shift([SHIFT, key, up, LET_GO]) == [SHIFT, key, up, LET_GO]
    assert without_borrowed_shift([key, LET_GO]) == [key, LET_GO]


def test_other_signs_that_take_shift_stay() -> None:
    events: list[Event] = [CloseEvent(), SHIFT, KeyEvent(ord("1"), True, ord("!")), LET_GO, SHIFT]
    assert without_borrowed_shift(events) == events


def test_window_over_the_whole_screen_stays_so() -> None:
    window = Window(320, 200, WindowOptions(cover_screen=True))
    window.toggle_fullscreen()
    assert not window.fullscreen


def test_each_notch_of_the_wheel_is_a_key() -> None:
    window = Window(320, 200, WindowOptions(scale=1))
    wheel = pygame.event.Event(pygame.MOUSEWHEEL, x=0, y=-2, flipped=False)
    down, up = KeyEvent(ev.KEY_WHEELDOWN), KeyEvent(ev.KEY_WHEELDOWN, False)
    assert events_of(window, wheel) == [down, up, down, up]


def test_window_that_loses_the_focus_releases_all_keys() -> None:
    window = Window(320, 200, WindowOptions(scale=1))
    press = pygame.event.Event(pygame.KEYDOWN, key=pygame.K_UP, mod=0, unicode="")
    button = pygame.event.Event(pygame.CONTROLLERBUTTONDOWN, button=pygame.CONTROLLER_BUTTON_A, instance_id=0)
    events_of(window, press, button)
    released = events_of(window, pygame.event.Event(pygame.WINDOWFOCUSLOST))
    assert released == [KeyEvent(ev.KEY_UPARROW, False), KeyEvent(ev.KEY_PAD_A, False)]


# -- controllers


@pytest.fixture
def controllers() -> Controllers:
    return Controllers(ControllerOptions(deadzone=50))


def axis(number: int, value: int) -> pygame.event.Event:
    return pygame.event.Event(pygame.CONTROLLERAXISMOTION, axis=number, value=value, instance_id=0)


def test_sticks_walk_step_and_turn_beyond_the_dead_zone(controllers: Controllers) -> None:
    assert controllers.translate(axis(pygame.CONTROLLER_AXIS_LEFTY, -16000)) == []
    assert controllers.translate(axis(pygame.CONTROLLER_AXIS_LEFTY, -17000)) == [JoystickEvent(y=-1)]
    assert controllers.translate(axis(pygame.CONTROLLER_AXIS_LEFTY, -32768)) == []
    assert controllers.translate(axis(pygame.CONTROLLER_AXIS_RIGHTX, 32767)) == [JoystickEvent(x=1, y=-1)]
    assert controllers.translate(axis(pygame.CONTROLLER_AXIS_LEFTX, 32767)) == [JoystickEvent(x=1, y=-1, strafe=1)]
    assert controllers.release() == [JoystickEvent()]


def test_triggers_are_keys(controllers: Controllers) -> None:
    assert controllers.translate(axis(pygame.CONTROLLER_AXIS_TRIGGERRIGHT, 20000)) == [
        KeyEvent(ev.KEY_PAD_RIGHTTRIGGER)
    ]
    assert controllers.translate(axis(pygame.CONTROLLER_AXIS_TRIGGERRIGHT, 0)) == [
        KeyEvent(ev.KEY_PAD_RIGHTTRIGGER, False)
    ]


def test_controller_without_names_has_the_usual_buttons(controllers: Controllers) -> None:
    press = pygame.event.Event(pygame.JOYBUTTONDOWN, button=0, instance_id=7, joy=0)
    assert controllers.translate(press) == [KeyEvent(ev.KEY_PAD_A)]
    assert controllers.translate(pygame.event.Event(pygame.JOYBUTTONDOWN, button=40, instance_id=7, joy=0)) == []
    hat = pygame.event.Event(pygame.JOYHATMOTION, hat=0, value=(-1, 1), instance_id=7, joy=0)
    assert controllers.translate(hat) == [KeyEvent(ev.KEY_PAD_LEFT), KeyEvent(ev.KEY_PAD_UP)]
    stick = pygame.event.Event(pygame.JOYAXISMOTION, axis=1, value=0.9, instance_id=7, joy=0)
    assert controllers.translate(stick) == [JoystickEvent(y=1)]


def test_unplugged_controller_releases_its_buttons(controllers: Controllers) -> None:
    controllers.translate(pygame.event.Event(pygame.JOYBUTTONDOWN, button=1, instance_id=7, joy=0))
    gone = pygame.event.Event(pygame.JOYDEVICEREMOVED, instance_id=7)
    assert controllers.translate(gone) == [KeyEvent(ev.KEY_PAD_B, False)]


def test_controllers_can_be_switched_off() -> None:
    controllers = Controllers(ControllerOptions(enabled=False))
    assert controllers.translate(pygame.event.Event(pygame.JOYBUTTONDOWN, button=1, instance_id=7, joy=0)) == []
