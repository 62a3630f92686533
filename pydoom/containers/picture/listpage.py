"""The list of all containers, with a filter and a choice of orders, and the last deaths.

It covers everything above the status bar, whatever the size of the view. One line has the cursor: its container is
described below the list, with what it uses and its last lines if the bridge tells them, and Enter marks it, so that the
arrow points to it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from pydoom.containers.fleet.lifecycle import STANDING, Phase
from pydoom.containers.fleet.names import elide, sentences
from pydoom.containers.fleet.roster import Entry
from pydoom.containers.fleet.words import recovery_text, time_left
from pydoom.containers.picture.figures import age, draw_row, image_forms, lay_out, state_of, usage_figures
from pydoom.containers.picture.labels import break_name
from pydoom.containers.picture.screen import ABOVE_STATUSBAR, LINE_PX, counted
from pydoom.containers.picture.text import BLUE, GREEN, GREY, RED, WHITE, YELLOW, OutlinedText
from pydoom.game.events import (
    KEY_BACKSPACE,
    KEY_DOWNARROW,
    KEY_END,
    KEY_ENTER,
    KEY_HOME,
    KEY_LEFTARROW,
    KEY_PGDN,
    KEY_PGUP,
    KEY_RIGHTARROW,
    KEY_UPARROW,
    KeyEvent,
)
from pydoom.screens.video import darken

if TYPE_CHECKING:
    from pydoom.containers.fleet.inspector import Inspector
    from pydoom.containers.fleet.record import Death, DeathRecord
    from pydoom.containers.fleet.roster import MonsterRoster
    from pydoom.containers.link.events import RecoveryNews
    from pydoom.screens.border import ViewWindow
    from pydoom.screens.video import Frame

ROWS: Final = 10
"""Containers on a page, if the bridge tells nothing more about one of them."""
LOG_ROWS: Final = 5
"""Rows for a container's last lines, which the list then lacks."""
LONGEST_FILTER: Final = 24
_DARK: Final = 22
"""Row of COLORMAP that darkens the view under the page."""
_BACKGROUND: Final = 0
"""Background colour of the page outside the view."""

_HEAD_ROW, _COLUMNS_ROW, _FIRST_ROW, _FEED_ROW, _FEED_ROWS = 1, 2, 3, 15, 3
_ROWS_OF_A_LINE: Final = 2
_LOG_X: Final = 4
_NAME_X, _IMAGE_X, _STATE_X, _AGE_X, _RIGHT = 10, 130, 194, 270, 318

_STEPS: Final = {KEY_UPARROW: -1, KEY_DOWNARROW: 1, KEY_HOME: -1_000_000, KEY_END: 1_000_000}
_PAGES: Final = {KEY_PGUP: -1, KEY_PGDN: 1}


class Order(Enum):
    """What the list is sorted by; the value is its name on the page."""

    AGE = "AGE"
    NAME = "NAME"
    IMAGE = "IMAGE"
    SERVICE = "SERVICE"
    STATE = "STATE"


_KEYS: Final[dict[Order, Callable[[Entry], Any]]] = {
    Order.AGE: lambda entry: (entry.phase is Phase.GONE, -entry.info.created),
    Order.NAME: lambda entry: entry.info.name.lower(),
    Order.IMAGE: lambda entry: (entry.info.image, entry.info.name.lower()),
    Order.SERVICE: lambda entry: (not entry.info.service, entry.info.service, entry.info.name.lower()),
    Order.STATE: lambda entry: (state_of(entry)[0], entry.info.name.lower()),
}


@dataclass(slots=True)
class Selection:
    """The player's choices on the list: filter, order, the container under the cursor, the marked one."""

    words: str = ""
    order: Order = Order.AGE
    cursor: str = ""
    marked: str = ""


class ListPage:
    """The list page. `selection.marked` is the ID of the container that the arrow points to, or empty."""

    def __init__(self, text: OutlinedText, colormaps: NDArray[np.uint8]) -> None:
        self.selection = Selection()
        self._text = text
        self._colormaps = colormaps
        self._index = 0  # of the cursor, in case its container is no longer listed
        self._rows = ROWS

    def entries(self, roster: MonsterRoster) -> list[Entry]:
        """The entries that match the filter, in order."""
        words = self.selection.words.lower()
        found = [entry for entry in roster.entries.values() if not words or words in _searched(entry)]
        found.sort(key=_KEYS[self.selection.order])
        return found

    def press(self, event: KeyEvent, roster: MonsterRoster) -> bool:
        """Handle a key press; True when it was for the list."""
        chosen = self.selection
        if event.key in _STEPS:
            self._move(_STEPS[event.key], self.entries(roster))
        elif event.key in _PAGES:
            self._move(_PAGES[event.key] * self._rows, self.entries(roster))
        elif event.key in (KEY_LEFTARROW, KEY_RIGHTARROW):
            orders = list(Order)
            step = 1 if event.key == KEY_RIGHTARROW else -1
            chosen.order = orders[(orders.index(chosen.order) + step) % len(orders)]
        elif event.key == KEY_ENTER:
            self._place_cursor(self.entries(roster))
            chosen.marked = "" if chosen.marked == chosen.cursor else chosen.cursor
        elif event.key == KEY_BACKSPACE:
            chosen.words = chosen.words[:-1]
        else:
            return self._type(chr(event.char or event.key) if (event.char or event.key) < 0x7F else "")
        return True

    def clear_filter(self) -> bool:
        """Clear the filter; False when there was none."""
        had, self.selection.words = bool(self.selection.words), ""
        return had

    def draw(
        self,
        frame: Frame,
        window: ViewWindow,
        roster: MonsterRoster,
        record: DeathRecord,
        listed: bool = True,
        inspector: Inspector | None = None,
    ) -> None:
        """Draw the page over the screen above the status bar; the message row and the last one stay free.

        Unless `listed`, the bridge has not sent its list, and the number of containers is not known. `inspector` knows
        more about the container under the cursor.
        """
        cover(frame, window, self._colormaps)
        tells = inspector is not None and inspector.may_inspect
        reads = inspector is not None and inspector.may_read_logs
        self._rows = ROWS - tells - (LOG_ROWS if reads else 0)
        entries = self.entries(roster)
        self._place_cursor(entries)
        first = self._index // self._rows * self._rows
        self._draw_head(frame, roster, len(entries), first, listed)
        now = time.time()
        for row, entry in enumerate(entries[first : first + self._rows], _FIRST_ROW):
            self._draw_entry(frame, row, entry, roster, now)
        if entries:
            self._draw_detail(frame, _FIRST_ROW + self._rows, entries[self._index])
        if entries and inspector is not None:
            self._draw_inspection(frame, _FIRST_ROW + self._rows + 2, entries[self._index], inspector, now)
        for row, death in enumerate(list(record.feed)[:_FEED_ROWS], _FEED_ROW):
            self._draw_death(frame, row, death)

    # -- parts of the page

    def _draw_head(self, frame: Frame, roster: MonsterRoster, shown: int, first: int, listed: bool) -> None:
        chosen = self.selection
        living = sum(entry.exists for entry in roster.entries.values())
        self._write(frame, 4, _HEAD_ROW, counted(living, "CONTAINER") if listed else "NO LIST YET", WHITE)
        find = f"FIND: {chosen.words}_" if chosen.words else "TYPE TO FIND"
        self._write(frame, _IMAGE_X, _HEAD_ROW, find, YELLOW if chosen.words else GREY)
        if shown > self._rows:
            page = f"{first // self._rows + 1}/{-(-shown // self._rows)}"
            self._write(frame, _RIGHT - self._text.width(page), _HEAD_ROW, page, WHITE)
        for x, order in ((_NAME_X, Order.NAME), (_IMAGE_X, Order.IMAGE), (_STATE_X, Order.STATE), (_AGE_X, Order.AGE)):
            x = _RIGHT - self._text.width(order.value) if order is Order.AGE else x
            self._write(frame, x, _COLUMNS_ROW, order.value, YELLOW if order is chosen.order else GREY)

    def _draw_entry(self, frame: Frame, row: int, entry: Entry, roster: MonsterRoster, now: float) -> None:
        info, chosen = entry.info, self.selection
        colours = YELLOW if info.id in (chosen.cursor, chosen.marked) else WHITE
        if info.id == chosen.cursor:
            self._write(frame, 2, row, ">", YELLOW)
        self._write(frame, _NAME_X, row, self._text.fit(roster.names(info), _IMAGE_X - _NAME_X - 4), colours)
        self._write(frame, _IMAGE_X, row, self._text.fit(image_forms(info.image), _STATE_X - _IMAGE_X - 4), GREY)
        word, state_colours = state_of(entry)
        suffers = entry.phase in STANDING and bool(entry.faults)
        when, when_colours = age(now - info.created) if info.created else "", WHITE
        room = _AGE_X - _STATE_X - 2
        if suffers:
            when, when_colours = time_left(entry.faults[0], now), BLUE
            room = _RIGHT - self._text.width(when) - 4 - _STATE_X
        self._write(frame, _STATE_X, row, self._text.fit((word, elide(word, 8)), room), state_colours)
        self._write(frame, _RIGHT - self._text.width(when), row, when, when_colours)

    def _draw_death(self, frame: Frame, row: int, death: Death) -> None:
        back = recovery_text(death.recovery)
        left = _RIGHT - self._text.width(back) if back else _RIGHT
        forms = sentences(death.names, death.what, death.weapon)
        self._write(frame, 4, row, self._text.fit(forms, left - 8), WHITE if death.is_rehearsed else RED)
        if back:
            self._write(frame, left, row, back, recovery_colours(death.recovery))

    def _draw_detail(self, frame: Frame, row: int, entry: Entry) -> None:
        info = entry.info
        service = f"SERVICE {info.service}" if info.service else "NO SERVICE"
        forms = [service, f"SERVICE {elide(info.service)}"]
        if info.project:
            forms.insert(0, f"{service} OF {info.project}")
        if self.selection.order is Order.SERVICE:
            self._write(frame, _NAME_X, row, "SORTED BY SERVICE:", YELLOW)
        left = _NAME_X + (self._text.width("SORTED BY SERVICE: ") if self.selection.order is Order.SERVICE else 0)
        self._write(frame, left, row, self._text.fit(forms, _RIGHT - left), GREY)
        hint = "ENTER: UNMARK" if self.selection.marked == info.id else "ENTER: MARK"
        hint_x = _RIGHT - self._text.width(hint)
        images = [f"IMAGE {image}" for image in image_forms(info.image)]
        self._write(frame, _NAME_X, row + 1, self._text.fit(images, hint_x - _NAME_X - 4), GREY)
        self._write(frame, hint_x, row + 1, hint, GREY)

    def _draw_inspection(self, frame: Frame, row: int, entry: Entry, inspector: Inspector, now: float) -> None:
        """Draw what the container under the cursor uses, and its last lines, as far as the bridge tells them."""
        inspector.look_at(entry, lines=True)
        if inspector.may_inspect:
            facts = inspector.facts(entry.info.id)
            for parts in lay_out(self._text, tuple(usage_figures(entry, facts, now)), _RIGHT - _NAME_X, 1):
                draw_row(frame, ABOVE_STATUSBAR, self._text, parts, _NAME_X, row * LINE_PX)
            row += 1
        if inspector.may_read_logs:
            lines = inspector.lines(entry.info.id)
            shown = log_rows(lines, self._text.width, _RIGHT - _LOG_X) if lines is not None else []
            for number, line in enumerate(shown[-LOG_ROWS:], row):
                self._write(frame, _LOG_X, number, line, GREEN)
            if lines is not None and not shown:
                self._write(frame, _LOG_X, row, "IT HAS WRITTEN NOTHING", GREY)

    def _write(self, frame: Frame, x: int, row: int, text: str, colours: int) -> None:
        self._text.draw(frame, ABOVE_STATUSBAR, x, row * LINE_PX, text, colours)

    # -- the cursor and the filter

    def _place_cursor(self, entries: Sequence[Entry]) -> None:
        """Keep the cursor on its container wherever that is now, or at its position if the container is gone."""
        cursor = self.selection.cursor
        found = next((number for number, entry in enumerate(entries) if entry.info.id == cursor), None)
        self._index = found if found is not None else max(min(self._index, len(entries) - 1), 0)
        self.selection.cursor = entries[self._index].info.id if entries else ""

    def _move(self, step: int, entries: Sequence[Entry]) -> None:
        self._place_cursor(entries)
        if entries:
            self._index = max(min(self._index + step, len(entries) - 1), 0)
            self.selection.cursor = entries[self._index].info.id

    def _type(self, character: str) -> bool:
        if not character or not (character.isalnum() or character in "-_./:@"):
            return False
        if len(self.selection.words) < LONGEST_FILTER:
            self.selection.words += character.lower()
        return True


def log_rows(lines: Sequence[str], width: Callable[[str], int], room: int) -> list[str]:
    """The last lines of a log in rows of at most `room` pixels; a line has two rows at most."""
    found: list[str] = []
    for line in lines[-LOG_ROWS:]:
        rows = break_name(line.strip(), width, room)
        found += rows if len(rows) <= _ROWS_OF_A_LINE else [rows[0], f"{rows[1][:-2]}.."]
    return found


def recovery_colours(news: RecoveryNews | None) -> int:
    """The colours of what is said about a recovery."""
    return GREEN if news is not None and news.back else RED


def _searched(entry: Entry) -> str:
    info = entry.info
    return f"{info.name}\n{info.service}\n{info.project}\n{info.image}\n{state_of(entry)[0]}".lower()


def cover(frame: Frame, window: ViewWindow, colormaps: NDArray[np.uint8]) -> None:
    """Prepare the screen for a page: darken the view and cover its border above the status bar."""
    bottom = window.y + window.height
    darken(frame[window.y : bottom, window.x : window.x + window.width], colormaps, _DARK)
    rows = max(ABOVE_STATUSBAR.height, bottom)
    frame[: window.y] = _BACKGROUND
    frame[bottom:rows] = _BACKGROUND
    frame[window.y : bottom, : window.x] = _BACKGROUND
    frame[window.y : bottom, window.x + window.width :] = _BACKGROUND
