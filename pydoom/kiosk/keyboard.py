"""The keyboard layout of the virtual screen.

VNC viewers and browsers report what a key types, not which key it is. x11vnc looks for a key of the virtual keyboard
that types it; so if that has the viewer's layout, the game gets the right key, and text is right as well.
"""

from __future__ import annotations

import os
import queue
import re
import subprocess
import threading
from typing import TYPE_CHECKING, Final

from pydoom.kiosk.errors import KioskError

if TYPE_CHECKING:
    from pydoom.kiosk.screen import Screen

_LAYOUT: Final = re.compile(r"([a-z]{2,12})(?:\(([a-z0-9_-]{1,32})\))?")
_SECONDS: Final = 10.0
PAGE_LAYOUTS: Final = frozenset({"us", "fr", "de", "ru", "ua", "us(dvorak)"})
"""Those that the browser page tells apart (web/keyboard.js)."""


def is_layout(text: str) -> bool:
    """Whether a text looks like one of XKB's names, such as fr, de or us(dvorak)."""
    return _LAYOUT.fullmatch(text) is not None


def use_layout(screen: Screen, layout: str) -> None:
    """Set the virtual keyboard's layout by XKB's name. Raises `KioskError` if there is no such layout."""
    match = _LAYOUT.fullmatch(layout)
    if match is None:
        raise KioskError(f"--keyboard {layout}: layouts have names like fr, de or us(dvorak)")
    words = ["setxkbmap", "-layout", match[1], *(["-variant", match[2]] if match[2] else [])]
    try:
        subprocess.run(words, env=os.environ | screen.environment(), check=True, capture_output=True, timeout=_SECONDS)
    except FileNotFoundError as error:
        raise KioskError("setxkbmap is not installed (Debian: apt install x11-xkb-utils)") from error
    except OSError as error:
        raise KioskError(f"--keyboard {layout}: cannot run setxkbmap: {error.strerror}") from error
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise KioskError(f"--keyboard {layout}: X knows no such layout") from error


class LayoutFollower:
    """Sets the layout of the last page to connect, in a thread of its own: setxkbmap may take seconds.

    A layout that could not be set is tried again when the next page asks for it.
    """

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._layout = "us"
        self._wanted: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._follow, name="keyboard", daemon=True).start()

    def want(self, layout: str) -> None:
        """Set this layout soon, unless another one is wanted before."""
        self._wanted.put(layout)

    def _follow(self) -> None:
        while True:
            layout = self._wanted.get()
            if layout == self._layout or not self._wanted.empty():
                continue
            try:
                use_layout(self._screen, layout)
            except KioskError as error:
                print(f"pydoom: {error}", flush=True)
            else:
                self._layout = layout
