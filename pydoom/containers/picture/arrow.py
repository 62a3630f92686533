"""The arrow at the edge of the view that points to a container out of sight."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pydoom.containers.picture.screen import MESSAGE_PX
from pydoom.containers.picture.text import YELLOW, OutlinedText
from pydoom.sim.geometry import point_to_angle

if TYPE_CHECKING:
    from pydoom.screens.border import ViewWindow
    from pydoom.screens.video import Frame
    from pydoom.sim.mobj import Mobj

_SIZE_PX: Final = 15
"""Width and height of the arrow's image; odd, so that it has a middle."""
_MARGIN_PX: Final = 3
_DIRECTIONS: Final = 32
_OUTLINE: Final = 0
_COLOUR: Final = YELLOW + 5
_NAME_ROOM_PX: Final = 110
_CIRCLE: Final = 1 << 32


def bearing(eye: Mobj, target: Mobj) -> float:
    """Where `target` is, seen from `eye`: radians clockwise from straight ahead, from -pi to pi."""
    angle_bam = (eye.angle - point_to_angle(eye.x, eye.y, target.x, target.y)) % _CIRCLE
    turn = angle_bam / _CIRCLE * math.tau
    return turn - math.tau if turn > math.pi else turn


def draw_arrow(frame: Frame, window: ViewWindow, turn: float, text: OutlinedText, name: str = "") -> None:
    """Draw the arrow in the direction of `turn`, as `bearing` gives it: up is straight ahead, down is behind.

    `name` is written beside it. The message row stays free.
    """
    half = _SIZE_PX // 2
    inset = half + _MARGIN_PX
    left, right = window.x + inset, window.x + window.width - 1 - inset
    top, bottom = max(window.y, MESSAGE_PX) + inset, window.y + window.height - 1 - inset
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    across, up = math.sin(turn), math.cos(turn)
    reach = min(
        (right - left) / 2 / max(abs(across), 1e-6),
        (bottom - top) / 2 / max(abs(up), 1e-6),
    )
    x, y = round(middle_x + across * reach), round(middle_y - up * reach)
    pixels = arrow_pixels(round(turn / math.tau * _DIRECTIONS) % _DIRECTIONS)
    part = frame[y - half : y + half + 1, x - half : x + half + 1]
    drawn = pixels >= 0
    part[drawn] = pixels[drawn]
    if name:
        width = text.width(name)
        name_x = max(min(x - width // 2, window.x + window.width - 1 - width), window.x + 1)
        name_y = y + half + 2 if y < middle_y else y - half - 2 - text.height
        if abs(x - middle_x) > window.width // 4:  # beside the arrow would be outside the view
            name_x = x - half - 2 - width if across > 0 else x + half + 3
            name_y = y - text.height // 2
        name_y = max(min(name_y, window.y + window.height - text.height), MESSAGE_PX)
        text.draw(frame, window, name_x, name_y, name, YELLOW)


@lru_cache(_DIRECTIONS)
def arrow_pixels(direction: int) -> NDArray[np.int16]:
    """The arrow's image, int16[15,15], -1 where nothing is drawn. Directions count clockwise from 0, up, to 31."""
    turn = direction / _DIRECTIONS * math.tau
    half = _SIZE_PX // 2
    rows, columns = np.mgrid[-half : half + 1, -half : half + 1]
    # the arrow's own axes: `ahead` to its tip, `aside` across
    ahead = columns * math.sin(turn) - rows * math.cos(turn)
    aside = np.abs(columns * math.cos(turn) + rows * math.sin(turn))

    def shape(grown: float) -> NDArray[np.bool_]:
        head = (ahead >= -1 - grown) & (aside <= (6 - ahead) * 0.8 + grown)
        shaft = (ahead < 0) & (ahead >= -6 - grown) & (aside <= 1.5 + grown)
        either: NDArray[np.bool_] = head | shaft
        return either

    inside, outside = shape(0), shape(1)
    return np.where(inside, _COLOUR, np.where(outside, _OUTLINE, -1)).astype(np.int16)


def name_for(text: OutlinedText, names: tuple[str, ...]) -> str:
    """The longest form of a name that fits beside the arrow."""
    return text.fit(names, _NAME_ROOM_PX)
