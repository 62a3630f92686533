"""The game's window, keyboard and mouse, through pygame (``i_video.c``, ``i_input.c``).

Frames arrive as palette indexes; the window colours and scales them. It works on bare X servers without a window
manager, where it covers the screen itself instead of asking for full screen.
"""

from __future__ import annotations

import os
import warnings
from typing import Final

import numpy as np
import pygame
from numpy.typing import NDArray

from pydoom.devices.controllers import Controllers
from pydoom.devices.errors import DeviceError
from pydoom.devices.keys import doom_key, typed_char
from pydoom.devices.options import WindowOptions
from pydoom.devices.quiet import without_stderr
from pydoom.devices.viewers import without_borrowed_shift
from pydoom.game.events import (
    KEY_ENTER,
    KEY_KP_ENTER,
    KEY_WHEELDOWN,
    KEY_WHEELUP,
    CloseEvent,
    Event,
    KeyEvent,
    MouseEvent,
)

ASPECT_CORRECTION: Final = 6 / 5
"""The original's pixels were this much taller than wide: 320x200 filled a 4:3 screen."""

_DESKTOP_MARGINS_PX: Final = (64, 96)
"""Left free for panels and the window's frame."""

_REPEAT_AFTER_MS: Final = 400
_REPEAT_EVERY_MS: Final = 40


WITHOUT_WINDOW: Final = (
    "play in the terminal with --terminal, or through VNC and the browser with `python -m pydoom.kiosk`"
)
"""What to do on a machine without a display."""


def _check_driver() -> None:
    """Refuse what SDL falls back to on a machine without a display: a window that nobody can see."""
    if pygame.display.get_driver() == "offscreen" and not os.environ.get("SDL_VIDEODRIVER"):
        pygame.display.quit()
        raise pygame.error("there is no display here")


class Window:
    """An open window. Raises DeviceError when there is no display."""

    def __init__(self, width_px: int, height_px: int, options: WindowOptions) -> None:
        self._frame_size = (width_px, height_px)
        self._options = options
        self.closed = False
        self.fullscreen = options.fullscreen
        self._flags = pygame.NOFRAME if options.borderless else pygame.RESIZABLE
        self._before: tuple[tuple[int, int], tuple[int, int]] | None = None  # place and size of the window
        self._mouse_buttons = 0
        self._grabbed = False
        self._held: set[int] = set()
        if options.cover_screen or options.position is not None:
            x, y = options.position or (0, 0)
            os.environ["SDL_VIDEO_WINDOW_POS"] = f"{x},{y}"
        try:
            with without_stderr():
                pygame.display.init()
            if options.for_people:
                _check_driver()
            if pygame.display.get_driver() == "x11":
                # otherwise SDL shows finished frames through OpenGL: without a graphics card 2 ms instead of 0.3
                os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")
            self._surface = self._open()
            self._controllers = Controllers(options.controllers)
        except pygame.error as error:
            raise DeviceError(f"no window: {error}; {WITHOUT_WINDOW}") from error
        pygame.display.set_caption(options.title)
        self._show_pointer()
        pygame.key.set_repeat(_REPEAT_AFTER_MS, _REPEAT_EVERY_MS)  # not the system's: a virtual screen has none

    def _open(self) -> pygame.Surface:
        options = self._options
        width, height = self._frame_size
        tall = round(height * ASPECT_CORRECTION) if options.aspect else height
        desktop = pygame.display.get_desktop_sizes()[0]
        if options.cover_screen:
            return pygame.display.set_mode(desktop, pygame.NOFRAME)
        if self.fullscreen:
            return pygame.display.set_mode((0, 0), pygame.FULLSCREEN)
        room = desktop[0] - _DESKTOP_MARGINS_PX[0], desktop[1] - _DESKTOP_MARGINS_PX[1]
        scale: float = options.scale or min(room[0] // width, room[1] // tall)
        if not scale:
            scale = min(room[0] / width, room[1] / tall)
        return self._window_of((int(width * scale), int(tall * scale)))

    def _window_of(self, size: tuple[int, int]) -> pygame.Surface:
        """Make the display a window of this size."""
        with warnings.catch_warnings():
            # a window that covered the screen gets back the size that the window manager saw last, which was the
            # screen's: pygame warns of that, and a second call changes it
            warnings.filterwarnings("ignore", "Requested window was forcibly resized", RuntimeWarning)
            surface = pygame.display.set_mode(size, self._flags)
            if surface.get_size() != size:
                surface = pygame.display.set_mode(size, self._flags)
        return surface

    def present(self, frame: NDArray[np.uint8], colours: NDArray[np.uint8]) -> None:
        """Show a frame: palette indexes uint8[H,W] in C order, colours uint8[256,3]."""
        height, width = frame.shape
        # zero-copy: the surface looks at the array's own bytes
        indexed = pygame.image.frombuffer(frame.data, (width, height), "P")
        indexed.set_palette(colours.tolist())
        target = self._target(width, height)
        if target.size == (width, height):
            self._surface.blit(indexed, target)
        else:
            coloured = indexed.convert(self._surface)
            if target.size == self._surface.get_size():
                pygame.transform.scale(coloured, target.size, self._surface)
            else:
                self._surface.fill(0)
                self._surface.blit(pygame.transform.scale(coloured, target.size), target)
        pygame.display.flip()

    def _target(self, width: int, height: int) -> pygame.Rect:
        """The largest rectangle of the right shape in the window, preferring whole multiples of the frame."""
        available_width, available_height = self._surface.get_size()
        tall = height * ASPECT_CORRECTION if self._options.aspect else height
        if (available_width, available_height) in ((width, height), (width * 2, height * 2)):
            tall = height  # a screen made for square pixels, such as a virtual one
        factor = min(available_width / width, available_height / tall)
        size = (int(width * factor), int(tall * factor))
        return pygame.Rect((available_width - size[0]) // 2, (available_height - size[1]) // 2, *size)

    def poll(self) -> list[Event]:
        """What has happened since the last call."""
        events: list[Event] = []
        dx = dy = 0
        for happened in pygame.event.get():
            if happened.type == pygame.QUIT:
                events.append(CloseEvent())
            elif happened.type == pygame.KEYDOWN:
                self._key_down(happened, events)
            elif happened.type == pygame.KEYUP:
                self._key_up(_key_of(happened), events)
            elif happened.type == pygame.MOUSEMOTION:
                dx += happened.rel[0]
                dy -= happened.rel[1]
            elif happened.type in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
                self._mouse_button(happened, events)
            elif happened.type == pygame.MOUSEWHEEL:
                self._wheel(happened.y, events)
            elif happened.type == pygame.VIDEORESIZE:
                self._surface = pygame.display.get_surface() or self._surface
            elif happened.type == pygame.WINDOWFOCUSLOST:
                for key in list(self._held):
                    self._key_up(key, events)
                events += self._controllers.release()
            else:
                events += self._controllers.translate(happened)
        if self._options.cover_screen:
            events = without_borrowed_shift(events)
        if (dx or dy) and self._grabbed:
            events.append(MouseEvent(self._mouse_buttons, dx, dy))
        return events

    def _key_down(self, happened: pygame.event.Event, events: list[Event]) -> None:
        key = _key_of(happened)
        if not key:
            return
        repeat = key in self._held
        self._held.add(key)
        if key in (KEY_ENTER, KEY_KP_ENTER) and happened.mod & pygame.KMOD_ALT:
            if not repeat:
                self.toggle_fullscreen()
            return
        events.append(KeyEvent(key, True, typed_char(happened.unicode, happened.key), repeat))

    def _key_up(self, key: int, events: list[Event]) -> None:
        if key:
            self._held.discard(key)
            events.append(KeyEvent(key, False))

    def _mouse_button(self, happened: pygame.event.Event, events: list[Event]) -> None:
        bit = {1: 1, 2: 4, 3: 2}.get(happened.button, 0)
        if not bit:
            return
        if happened.type == pygame.MOUSEBUTTONDOWN:
            self._mouse_buttons |= bit
        else:
            self._mouse_buttons &= ~bit
        events.append(MouseEvent(self._mouse_buttons))

    def _wheel(self, notches: int, events: list[Event]) -> None:
        key = KEY_WHEELUP if notches > 0 else KEY_WHEELDOWN
        for _ in range(abs(notches)):
            events += [KeyEvent(key), KeyEvent(key, False)]

    def grab_mouse(self, wanted: bool) -> None:
        """Hold the pointer in the window (while playing) or let it go (menu, pause, demos)."""
        wanted = wanted and self._options.grab_mouse
        if wanted == self._grabbed:
            return
        self._grabbed = wanted
        pygame.event.set_grab(wanted)
        self._show_pointer()
        pygame.mouse.get_rel()

    def toggle_fullscreen(self) -> None:
        """Change between window and full screen; a window that covers its screen already stays as it is."""
        if self._options.cover_screen:
            return
        self.fullscreen = not self.fullscreen
        if self.fullscreen:
            self._before = pygame.display.get_window_position(), pygame.display.get_window_size()
            if len(pygame.display.get_desktop_sizes()) == 1:
                # without a window manager the window only grows, from where it is
                pygame.display.set_window_position((0, 0))
            self._surface = self._open()
        elif self._before is None:
            self._surface = self._open()
        else:
            position, size = self._before
            self._surface = self._window_of(size)
            pygame.display.set_window_position(position)
        self._show_pointer()

    def _show_pointer(self) -> None:
        pygame.mouse.set_visible(not (self._options.cover_screen or self.fullscreen or self._grabbed))

    def close(self) -> None:
        """Close the window."""
        self.closed = True
        pygame.display.quit()


def _key_of(happened: pygame.event.Event) -> int:
    # events that programs post may have no place
    return doom_key(happened.key, getattr(happened, "scancode", 0))
