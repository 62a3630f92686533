"""Plays by looking at the screen: finds pink demons on the screen, turns to them and says what it shows.

The screen is what a VNC viewer sees: 640x400, each of the game's pixels doubled.
"""

from __future__ import annotations

import functools
import time
from pathlib import Path

import numpy as np

from pydoom.screens.font import Font
from pydoom.screens.palette import shown_colours
from pydoom.wad import Assets, load
from tests.conftest import WAD
from tests.e2e.vnc import Viewer

VIEW_ROWS = 168
TURN_SECONDS_PER_PIXEL = 0.0022
"""How long to hold an arrow key to turn by one of 320 columns; a rough guess, since the next look corrects it."""


def game_pixels(screen: np.ndarray) -> np.ndarray:
    """The 320x200 screen inside a 640x400 screen: uint8[200, 320, 3]."""
    assert screen.shape == (400, 640, 3), screen.shape
    return screen[::2, ::2]


@functools.cache
def _assets() -> Assets:
    return load(WAD)


def demon_columns(pixels: np.ndarray) -> np.ndarray:
    """The columns of the view with several demon-pink pixels above the weapon."""
    view = pixels[20:130].astype(int)
    red, green, blue = view[..., 0], view[..., 1], view[..., 2]
    pink = (red > 110) & (red - green > 45) & (np.abs(green - blue) < 30) & (green > 40)
    return np.flatnonzero(pink.sum(axis=0) > 5)


def message_shown(pixels: np.ndarray, text: str) -> bool:
    """Whether `text` stands at the top left in the small font, every pixel of it."""
    assets = _assets()
    frame = np.zeros((200, 320), np.uint8)
    Font(assets).write_line(frame, 0, 0, text.upper())
    letters = frame[:8] != 0
    wanted = shown_colours(assets.palettes[0], gamma=0)[frame[:8]]
    return bool((pixels[:8][letters] == wanted[letters]).all())


def face_a_demon(viewer: Viewer, file: Path, tries: int = 40) -> np.ndarray:
    """Turn until a demon is in the middle of the screen; the screen then."""
    for _ in range(tries):
        pixels = game_pixels(viewer.screenshot(file))
        columns = demon_columns(pixels)
        if columns.size == 0:
            viewer.hold("right", 0.25)
            continue
        nearest = int(columns[np.abs(columns - 160).argmin()])
        middle = int(np.median(columns[np.abs(columns - nearest) < 40]))
        if abs(middle - 160) < 12:
            return pixels
        viewer.hold("right" if middle > 160 else "left", abs(middle - 160) * TURN_SECONDS_PER_PIXEL)
        time.sleep(0.05)
    raise AssertionError("no demon came into view")
