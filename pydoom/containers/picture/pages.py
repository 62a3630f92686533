"""Pages over the picture: the list of containers with the kill feed, their marks on the automap, and the tally."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pydoom.containers.fleet.lifecycle import Phase
from pydoom.containers.fleet.messages import elide
from pydoom.containers.fleet.roster import Entry
from pydoom.containers.picture.text import BLUE, GREEN, RED, WHITE, OutlinedText
from pydoom.screens.automap_lines import MAP_HEIGHT, MAP_WIDTH
from pydoom.screens.border import ViewWindow
from pydoom.screens.video import SCREENHEIGHT, SCREENWIDTH, Frame, darken
from pydoom.sim.fixed import fixed_mul

if TYPE_CHECKING:
    from pydoom.containers.fleet.record import Death, Record
    from pydoom.screens.automap import Automap

LINE_PX: Final = 9
NAME_CHARACTERS: Final = 20
_STATE_X: Final = 176
_AGE_X: Final = 268
_FEED_LINES: Final = 3
_DARK: Final = 22
"""Row of COLORMAP the view is darkened with, under a page."""

_TALLY_TOP: Final = 112
_TALLY_LINES: Final = 5
_TALLY_PAGE_TICS: Final = 70
_MAP: Final = ViewWindow(0, 0, MAP_WIDTH, MAP_HEIGHT)
_SCREEN: Final = ViewWindow(0, 0, SCREENWIDTH, SCREENHEIGHT)
_MOST_NAMES: Final = 40
_DOT_PX: Final = 2

_STATES: Final = {
    Phase.WAITING: ("WAITING", WHITE),
    Phase.ALIVE: ("ALIVE", GREEN),
    Phase.DYING: ("DYING", RED),
    Phase.STOPPED: ("STOPPED", BLUE),
    Phase.RISING: ("RISING", GREEN),
    Phase.LEAVING: ("GONE", RED),
    Phase.GONE: ("GONE", RED),
}


def age(seconds: float) -> str:
    """How old in a few characters: 42 SEC, 13 MIN, 5 HR, 12 D."""
    for size, unit in ((86400, "D"), (3600, "HR"), (60, "MIN")):
        if seconds >= size:
            return f"{min(int(seconds // size), 9999)} {unit}"
    return f"{max(int(seconds), 0)} SEC"


class ListPage:
    """All containers with state and age, some at a time, and the last deaths."""

    def __init__(self, text: OutlinedText, colormaps: NDArray[np.uint8]) -> None:
        self._text = text
        self._colormaps = colormaps
        self.first = 0

    def turn(self, pages: int, window_height: int, count: int) -> None:
        """Go forward or back."""
        rows = self._rows(window_height)
        last = max((count - 1) // rows * rows, 0)
        self.first = min(max(self.first + pages * rows, 0), last)

    def draw(self, frame: Frame, window: ViewWindow, entries: Iterable[Entry], record: Record) -> None:
        """Draw the page over the view, darkened; the line of messages stays free."""
        entries = sorted(entries, key=lambda entry: (entry.phase is Phase.GONE, -entry.info.created))
        view = frame[window.y : window.y + window.height, window.x : window.x + window.width]
        darken(view, self._colormaps, _DARK)
        rows = self._rows(window.height)
        if self.first >= len(entries):
            self.first = 0
        now = time.time()
        living = sum(entry.phase is not Phase.GONE for entry in entries)
        self._write(frame, window, 4, 1, f"{living} CONTAINERS", WHITE)
        if len(entries) > rows:
            self._write(frame, window, 176, 1, f"PAGE {self.first // rows + 1}/{-(-len(entries) // rows)}", WHITE)
        for row, entry in enumerate(entries[self.first : self.first + rows], 2):
            state, colours = _STATES[entry.phase]
            if entry.phase is Phase.ALIVE and entry.info.protected:
                state, colours = "PROTECTED", BLUE
            elif entry.phase is Phase.ALIVE and entry.info.state != "running":
                state = entry.info.state.upper()[:9]
            self._write(frame, window, 4, row, elide(entry.info.name, NAME_CHARACTERS), WHITE)
            self._write(frame, window, _STATE_X, row, state, colours)
            if entry.info.created:
                self._write(frame, window, _AGE_X, row, age(now - entry.info.created), WHITE)
        bottom = window.height // LINE_PX
        for row, death in enumerate(list(record.feed)[:_FEED_LINES]):
            self._write(frame, window, 4, bottom - _FEED_LINES + row, sentence(death), RED)

    def _rows(self, window_height: int) -> int:
        return max(window_height // LINE_PX - _FEED_LINES - 3, 1)

    def _write(self, frame: Frame, window: ViewWindow, x: int, row: int, text: str, colours: int) -> None:
        self._text.draw(frame, window, window.x + x, window.y + row * LINE_PX, text, colours)


def sentence(death: Death) -> str:
    """A death in one line."""
    how = f" ({death.weapon})" if death.weapon else ""
    return f"{elide(death.name, NAME_CHARACTERS)} {death.what}{how}".upper()


def draw_map_marks(frame: Frame, automap: Automap, entries: Iterable[Entry], text: OutlinedText) -> None:
    """A dot on the automap for each living container monster when its cheat is on, and names as far as they fit."""
    if not automap.cheating:
        return
    taken: list[tuple[int, int, int]] = []  # left, right and top of the names
    for entry in entries:
        if entry.phase is not Phase.ALIVE or entry.mobj is None:
            continue
        x = fixed_mul(entry.mobj.x - automap.x, automap.scale) >> 16
        y = MAP_HEIGHT - (fixed_mul(entry.mobj.y - automap.y, automap.scale) >> 16)
        if not (0 <= x < MAP_WIDTH and 0 <= y < MAP_HEIGHT):
            continue
        colour = BLUE if entry.info.protected else RED
        frame[max(y - 1, 0) : min(y + _DOT_PX, MAP_HEIGHT), max(x - 1, 0) : x + _DOT_PX] = colour
        name = elide(entry.info.name, NAME_CHARACTERS)
        width = text.size(name)[1]
        left, top = x + 4, max(min(y - 4, MAP_HEIGHT - text.height), 0)
        if left + width > MAP_WIDTH:
            left = max(x - 4 - width, 0)
        right = left + width
        covered = any(x1 < right and left < x2 and abs(y1 - top) < LINE_PX for x1, x2, y1 in taken)
        if len(taken) < _MOST_NAMES and not covered:
            taken.append((left, right, top))
            text.draw(frame, _MAP, left, top, name)


def draw_tally(frame: Frame, deaths: Sequence[Death], text: OutlinedText, tic: int) -> None:
    """Who died in this level, by which weapon, in the free space of the intermission's first page.

    When there are more than fit, they take turns.
    """
    if not deaths:
        return
    lines = [sentence(death) for death in deaths]
    if len(lines) > _TALLY_LINES:
        rows = _TALLY_LINES - 1
        pages = -(-len(lines) // rows)
        page = tic // _TALLY_PAGE_TICS % pages
        lines = [f"{len(lines)} CONTAINERS, PAGE {page + 1}/{pages}", *lines[page * rows : (page + 1) * rows]]
    for row, line in enumerate(lines):
        _, width = text.size(line)
        text.draw(frame, _SCREEN, (SCREENWIDTH - width) // 2, _TALLY_TOP + row * LINE_PX, line)
