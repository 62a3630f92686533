"""The window, on SDL's dummy screen."""

from collections.abc import Iterator

import numpy as np
import pygame
import pytest

from pydoom.devices.keys import doom_key, typed_char
from pydoom.devices.options import WindowOptions
from pydoom.devices.window import Window
from pydoom.game import events as ev
from pydoom.game.events import KeyEvent, MouseEvent

COLOURS = np.arange(256, dtype=np.uint8)[:, None].repeat(3, axis=1)


@pytest.fixture(autouse=True)
def dummy_screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    yield
    pygame.display.quit()


def shown() -> np.ndarray:
    surface = pygame.display.get_surface()
    assert surface is not None
    return pygame.surfarray.array3d(surface).transpose(1, 0, 2)


def post(kind: int, **fields: object) -> None:
    pygame.event.post(pygame.event.Event(kind, fields))


def test_indexes_are_shown_in_their_colours_and_whole_multiples() -> None:
    window = Window(320, 200, WindowOptions(scale=2, aspect=False))
    picture = np.arange(320 * 200, dtype=np.uint32).reshape(200, 320).astype(np.uint8)
    window.present(picture, COLOURS)
    pixels = shown()
    assert pixels.shape == (400, 640, 3)
    assert (pixels[::2, ::2, 0] == picture).all()
    assert (pixels[1::2, 1::2, 2] == picture).all()


def test_pixels_are_taller_than_wide_as_on_the_screens_of_old() -> None:
    window = Window(320, 200, WindowOptions(scale=2))
    window.present(np.full((200, 320), 7, np.uint8), COLOURS)
    pixels = shown()
    assert pixels.shape == (480, 640, 3)
    assert (pixels == 7).all()


def test_keys_become_the_original_s() -> None:
    window = Window(320, 200, WindowOptions(scale=1))
    window.poll()
    post(pygame.KEYDOWN, key=pygame.K_LCTRL, unicode="", mod=0, scancode=0)
    post(pygame.KEYDOWN, key=pygame.K_a, unicode="A", mod=0, scancode=0)
    post(pygame.KEYUP, key=pygame.K_a, mod=0, scancode=0)
    keys = [event for event in window.poll() if isinstance(event, KeyEvent)]
    assert keys == [KeyEvent(ev.KEY_RCTRL, True), KeyEvent(ord("a"), True, ord("A")), KeyEvent(ord("a"), False)]


def test_losing_the_focus_releases_held_keys() -> None:
    window = Window(320, 200, WindowOptions(scale=1))
    post(pygame.KEYDOWN, key=pygame.K_UP, unicode="", mod=0, scancode=0)
    window.poll()
    post(pygame.WINDOWFOCUSLOST)
    assert KeyEvent(ev.KEY_UPARROW, False) in window.poll()


def test_mouse_buttons_and_the_close_button() -> None:
    window = Window(320, 200, WindowOptions(scale=1))
    window.poll()
    post(pygame.MOUSEBUTTONDOWN, button=1, pos=(0, 0))
    post(pygame.QUIT)
    assert MouseEvent(1) in window.poll()
    assert window.closed


def test_keys_the_game_does_not_know_are_nothing() -> None:
    assert doom_key(pygame.K_F15) == 0
    assert doom_key(pygame.K_KP_ENTER) == ev.KEY_ENTER
    assert typed_char("ä") == 0
    assert typed_char("") == 0
