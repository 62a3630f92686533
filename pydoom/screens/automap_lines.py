"""Drawing lines on the automap: map to screen, clipping, and Bresenham's dots (the second half of ``am_map.c``).

All lines of a frame are drawn at once. Lines that need clipping are clipped one at a time, with the
original's repeated integer divisions; the dots of all lines are computed and written in one batch.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.screens.video import SCREENWIDTH, Frame
from pydoom.sim.fixed import c_div, to_int32

MAP_WIDTH: Final = SCREENWIDTH
MAP_HEIGHT: Final = 168

_LEFT: Final = 1
_RIGHT: Final = 2
_BOTTOM: Final = 4
_TOP: Final = 8
_MOST_CUTS: Final = 64
"""More than a line is ever cut, unless the products wrap: then the original may go on forever."""

Lines = NDArray[np.int64]


def to_screen(lines: Lines, left: int, bottom: int, scale: int) -> Lines:
    """Screen coordinates of map lines: both int64[N,4] of x1, y1, x2, y2; `scale` is 16.16 pixels a map unit."""
    distances = _wrap(lines - np.array((left, bottom, left, bottom), np.int64))
    pixels = _wrap(distances * scale >> 16) >> 16
    pixels[:, 1::2] = MAP_HEIGHT - pixels[:, 1::2]
    return pixels


def _wrap(values: Lines) -> Lines:
    """Signed 32-bit overflow."""
    return (values + 0x80000000 & 0xFFFFFFFF) - 0x80000000


def draw_lines(
    frame: Frame, lines: Lines, colours: NDArray[np.uint8], left: int, bottom: int, right: int, top: int, scale: int
) -> None:
    """Draw map lines int64[N,4] in their order; the window's edges and `scale` are 16.16 (``AM_drawMline``)."""
    if not len(lines):
        return
    x1, y1, x2, y2 = lines.T
    # the order matters where sums have wrapped, and the window's edges have changed places
    above1, above2 = y1 > top, y2 > top
    before1, before2 = x1 < left, x2 < left
    outside = (
        (above1 & above2)
        | ((y1 < bottom) & ~above1 & (y2 < bottom) & ~above2)
        | (before1 & before2)
        | ((x1 > right) & ~before1 & (x2 > right) & ~before2)
    )
    kept = np.nonzero(~outside)[0]
    screen = to_screen(lines[kept], left, bottom, scale)
    x1, y1, x2, y2 = screen.T
    inside = (
        (x1 >= 0)
        & (x1 < MAP_WIDTH)
        & (x2 >= 0)
        & (x2 < MAP_WIDTH)
        & (y1 >= 0)
        & (y1 < MAP_HEIGHT)
        & (y2 >= 0)
        & (y2 < MAP_HEIGHT)
    )
    for number in np.nonzero(~inside)[0].tolist():
        clipped = clip(*screen[number].tolist())
        if clipped is not None:
            screen[number] = clipped
            inside[number] = True
    _draw_dots(frame, screen[inside], colours[kept[inside]])


def _outcode(x: int, y: int) -> int:
    code = _TOP if y < 0 else _BOTTOM if y >= MAP_HEIGHT else 0
    return code | (_LEFT if x < 0 else _RIGHT if x >= MAP_WIDTH else 0)


def clip(x1: int, y1: int, x2: int, y2: int) -> tuple[int, int, int, int] | None:
    """The part of a screen line inside the map, None for nothing (``AM_clipMline``)."""
    code1, code2 = _outcode(x1, y1), _outcode(x2, y2)
    if code1 & code2:
        return None
    for _ in range(_MOST_CUTS):
        if not code1 | code2:
            return x1, y1, x2, y2
        outside = code1 or code2
        dx, dy = x2 - x1, y2 - y1
        if outside & _TOP:
            x, y = x1 + c_div(to_int32(dx * y1), -dy), 0
        elif outside & _BOTTOM:
            x, y = x1 + c_div(to_int32(dx * (y1 - MAP_HEIGHT)), -dy), MAP_HEIGHT - 1
        elif outside & _RIGHT:
            x, y = MAP_WIDTH - 1, y1 + c_div(to_int32(dy * (MAP_WIDTH - 1 - x1)), dx)
        else:
            x, y = 0, y1 + c_div(to_int32(dy * -x1), dx)
        if outside == code1:
            x1, y1 = x, y
            code1 = _outcode(x, y)
        else:
            x2, y2 = x, y
            code2 = _outcode(x, y)
        if code1 & code2:
            return None
    return None


def _draw_dots(frame: Frame, lines: Lines, colours: NDArray[np.uint8]) -> None:
    """Bresenham's dots of screen lines that are wholly on the map (``AM_drawFline``).

    The original's error term makes dot k of a line `(2*k*minor + major) // (2*major)` steps aside, which needs no loop.
    """
    x1, y1 = lines[:, 0], lines[:, 1]
    dx, dy = lines[:, 2] - x1, lines[:, 3] - y1
    adx, ady = np.abs(dx), np.abs(dy)
    flat = adx > ady
    major = np.where(flat, adx, ady)
    minor = np.where(flat, ady, adx)
    counts = major + 1
    line = np.repeat(np.arange(len(lines)), counts)
    starts = np.cumsum(counts) - counts
    step = np.arange(len(line)) - starts[line]
    half = np.maximum(major, 1)
    aside = (2 * step * minor[line] + half[line]) // (2 * half[line])
    along_x = flat[line]
    x = x1[line] + np.where(along_x, step, aside) * np.sign(dx)[line]
    y = y1[line] + np.where(along_x, aside, step) * np.sign(dy)[line]
    frame[y, x] = colours[line]
