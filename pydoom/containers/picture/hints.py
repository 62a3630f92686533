"""Hints where the containers are and how to get there: at a level's start, on F1, and after a while without a hit.

Nothing here looks at the level: the layer finds out the `Whereabouts`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pydoom.containers.fleet.names import LONGEST_ELIDED, SHORTEST_ELIDED, elide
from pydoom.containers.picture.listpage import cover
from pydoom.containers.picture.screen import ABOVE_STATUSBAR, LINE_PX, MESSAGE_PX, Box, counted
from pydoom.containers.picture.text import BLUE, GREY, WHITE, YELLOW, OutlinedText
from pydoom.screens.settings import Settings
from pydoom.screens.video import darken
from pydoom.sim.constants import TICRATE

if TYPE_CHECKING:
    from pydoom.screens.border import ViewWindow
    from pydoom.screens.video import Frame

SHOWN_TICS: Final = 10 * TICRATE
QUIET_TICS: Final = 60 * TICRATE
"""Tics without a hit after which the hint is shown again."""
_DARK: Final = 20
"""Row of COLORMAP that darkens the view under the hint."""
_MARGIN_PX: Final = 4
_HINT_TOP: Final = MESSAGE_PX + 14
LEFT_X: Final = 12
EFFECT_X: Final = 124
"""Left edges of the help page's columns."""


@dataclass(frozen=True, slots=True)
class HintKeys:
    """The keys that turn hints and arrow on and off, and details, and the names of these keys and others in the hints.

    From `moving` to `menu` are the help page's words for the keys that do it, from the longest to the shortest; they
    begin as the default settings have them. An action without keys has an empty name, or no words.
    """

    keys: frozenset[int] = frozenset()
    key_name: str = ""
    map_key_name: str = "TAB"
    moving: tuple[str, ...] = ("ARROWS, WASD", "ARROWS", "UP, ...")
    firing: tuple[str, ...] = ("CTRL, MOUSE", "CTRL")
    using: tuple[str, ...] = ("SPACE, E", "SPACE")
    weapons: tuple[str, ...] = ("1 TO 7",)
    menu: tuple[str, ...] = ("ESCAPE",)
    inspect_keys: frozenset[int] = frozenset()
    inspect_key_name: str = ""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The contents of a hint: how many containers there are, and where the nearest is.

    `turn`: radians clockwise from straight ahead, None when none has a monster here. `in_sight`: it can be seen.
    `walled`: a wall is in between, which only `cheat` passes (if not empty). `dry_run`: kills change nothing; else a
    shot with the weapon in hand makes a container what `outcome` says, as in "is removed". `listed`: the bridge has
    sent its list. `away`: the bridge is not connected any more.
    """

    count: int = 0
    turn: float | None = None
    in_sight: bool = False
    walled: bool = False
    cheat: str = ""
    dry_run: bool = False
    outcome: str = "is removed"
    listed: bool = True
    away: bool = False


def side(turn: float) -> str:
    """A direction in words."""
    if abs(turn) < math.pi / 4:
        return "AHEAD"
    if abs(turn) > math.pi * 3 / 4:
        return "BEHIND YOU"
    return "ON YOUR RIGHT" if turn > 0 else "ON YOUR LEFT"


def where_lines(where: Whereabouts) -> list[str]:
    """How many containers there are, where they are and how to get there, in one to three lines.

    Without a bridge, they begin with that; without its list, nothing else is known.
    """
    if where.away:
        known = where.listed and where.count
        return ["THE BRIDGE IS AWAY:", *_where_lines(where)] if known else ["THE BRIDGE IS AWAY"]
    return _where_lines(where) if where.listed else ["WAITING FOR THE BRIDGE"]


def _where_lines(where: Whereabouts) -> list[str]:
    if not where.count:
        return ["NO CONTAINERS ARE RUNNING:", "START ONE AND IT APPEARS HERE"]
    subject = counted(where.count, "CONTAINER") + (" IS" if where.count == 1 else " ARE")
    if where.in_sight:
        return [f"{subject} HERE: AIM AND SHOOT"]
    if where.turn is None:
        return [f"{subject} ON THE WAY"]
    if where.walled:
        how = f"TYPE {where.cheat.upper()}" if where.cheat else "FIND THE SECRET DOOR"
        place = side(where.turn).replace("BEHIND YOU", "AT YOUR BACK")
        return [f"{subject} BEHIND THE WALL", f"{place}: {how}"]
    which = "IT IS" if where.count == 1 else "NEAREST"
    return [f"{subject} IN THIS LEVEL:", f"{which} {side(where.turn)}: FOLLOW THE ARROW"]


def sentence(where: Whereabouts, keys: HintKeys) -> str:
    """The hint as one sentence, for logs."""
    text = " ".join(where_lines(where)).lower().replace("arrow", "yellow arrow")
    if where.cheat:
        text = text.replace(f"type {where.cheat}", f"type {where.cheat} to walk through walls")
    pages = f"{keys.map_key_name} twice for the list of containers, F1 for help" if keys.map_key_name else "F1 for help"
    return f"{text}. Press {pages}"


@dataclass(slots=True)
class Hints:
    """Times the hint. `settings.show_hints` turns hints and arrow off."""

    settings: Settings = field(default_factory=Settings)
    keys: HintKeys = field(default_factory=HintKeys)
    _shown_tics: int = 0
    _quiet_tics: int = 0
    _told: bool = False

    @property
    def visible(self) -> bool:
        """Whether the hint is to be drawn now."""
        return self.settings.show_hints and self._shown_tics > 0

    def new_level(self) -> None:
        """Begin a level."""
        self._shown_tics = self._quiet_tics = 0
        self._told = False

    def tick(self, ready: bool, hit: bool) -> None:
        """Run for one tic; `ready`: the containers have their places; `hit`: one has been hit in this tic."""
        self._shown_tics = max(self._shown_tics - 1, 0)
        self._quiet_tics += 1
        if hit:
            self._shown_tics = self._quiet_tics = 0
        if ready and (not self._told or self._quiet_tics >= QUIET_TICS):
            self.show()

    def toggle(self) -> bool:
        """Turn hints and arrow on or off; returns whether they are on."""
        self.settings.show_hints = not self.settings.show_hints
        if self.settings.show_hints:
            self.show()
        return self.settings.show_hints

    def toggle_inspection(self) -> bool:
        """Turn the details of the container aimed at on or off; returns whether they are on."""
        self.settings.show_inspection = not self.settings.show_inspection
        return self.settings.show_inspection

    def show(self) -> None:
        """Show the hint for a while from now on."""
        self._told = True
        self._shown_tics = SHOWN_TICS
        self._quiet_tics = 0


class HintBox:
    """Draws the hint over the view, and the page that F1 shows."""

    def __init__(self, text: OutlinedText, colormaps: NDArray[np.uint8], keys: HintKeys) -> None:
        self._text = text
        self._colormaps = colormaps
        self._keys = keys

    def draw(self, frame: Frame, window: ViewWindow, where: Whereabouts) -> list[Box]:
        """Draw the hint into the upper part of the view; returns the parts of the screen it covers: one or none.

        A view that is too small shows none.
        """
        room = window.width - 2 * _MARGIN_PX
        lines = [(line, WHITE) for text in where_lines(where) for line in wrap(text, self._text.width, room)]
        if where.dry_run:
            lines += [(line, WHITE) for line in wrap("DRY RUN: NOTHING IS DONE TO THEM", self._text.width, room)]
        lines.append((self._text.fit(_reminders(self._keys), room), GREY))
        width = max(self._text.width(line) for line, _ in lines)
        left = window.x + (window.width - width) // 2
        top = max(_HINT_TOP, window.y + _MARGIN_PX)
        box = Box(
            left - _MARGIN_PX, top - _MARGIN_PX, left + width + _MARGIN_PX, top + len(lines) * LINE_PX + _MARGIN_PX // 2
        )
        if width > room or box.bottom > window.y + window.height // 2:
            return []
        darken(frame[box.top : box.bottom, box.left : box.right], self._colormaps, _DARK)
        for row, (line, colours) in enumerate(lines):
            x = window.x + (window.width - self._text.width(line)) // 2
            self._text.draw(frame, window, x, top + row * LINE_PX, line, colours)
        return [box]

    def draw_help(self, frame: Frame, window: ViewWindow, where: Whereabouts) -> None:
        """Draw the page that F1 shows: what containers are, where they are, and the keys."""
        cover(frame, window, self._colormaps)
        room = ABOVE_STATUSBAR.width - LEFT_X
        lines = [
            (line, colours)
            for text, colours in help_lines(where)
            for line in wrap(text, self._text.width, room) or [""]
        ]
        keys = help_keys(self._keys)
        for row, (line, colours) in enumerate(lines, 1):
            self._text.draw(frame, ABOVE_STATUSBAR, LEFT_X, row * LINE_PX, line, colours)
        for row, (forms, effect) in enumerate(keys, len(lines) + 2):
            key = self._text.fit(forms, EFFECT_X - LEFT_X - _MARGIN_PX)
            self._text.draw(frame, ABOVE_STATUSBAR, LEFT_X, row * LINE_PX, key, WHITE)
            self._text.draw(frame, ABOVE_STATUSBAR, EFFECT_X, row * LINE_PX, effect, GREY)


def help_lines(where: Whereabouts) -> list[tuple[str, int]]:
    """What the help page says about containers, each line with its colours."""
    kill = f"DRY RUN: NONE {where.outcome}" if where.dry_run else f"SHOOT IT, AND IT {where.outcome}"
    lines = [
        ("EVERY CONTAINER IS A MONSTER", YELLOW),
        (kill.upper(), WHITE),
        ("BLUE ONES ARE PROTECTED", BLUE),
        ("", WHITE),
    ]
    return lines + [(line, YELLOW) for line in where_lines(where)]


def help_keys(keys: HintKeys) -> list[tuple[tuple[str, ...], str]]:
    """The keys on the help page, from the longest wording to the shortest, and what they do."""
    name = keys.map_key_name
    names = tuple(filter(None, (keys.key_name, keys.inspect_key_name)))
    effects = [effect for effect, key in (("HINTS", keys.key_name), ("DETAILS", keys.inspect_key_name)) if key]
    switches = ((", ".join(names),) if names else (), f"{', '.join(effects)}: ON OR OFF")
    rows = [
        ((f"{name} TWICE", f"{elide(name, SHORTEST_ELIDED)} TWICE") if name else (), "LIST: FIND, SORT, MARK"),
        ((name,) if name else (), "MAP (IDDT SHOWS ALL)"),
        switches,
        (keys.moving, "MOVE AND TURN"),
        (keys.firing, "FIRE"),
        (keys.using, "OPEN DOORS"),
        (keys.weapons, "WEAPONS"),
        (keys.menu, "MENU"),
        (("F1",), "THE GAME'S OWN HELP"),
    ]
    return [
        ((*forms, *(elide(forms[-1], length) for length in range(LONGEST_ELIDED, SHORTEST_ELIDED - 1, -1))), effect)
        for forms, effect in rows
        if forms
    ]


def wrap(text: str, width: Callable[[str], int], room: int) -> list[str]:
    """Wrap `text` into lines of at most `room` pixels, as far as its words allow."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _reminders(keys: HintKeys) -> list[str]:
    """Reminders of the keys, from the longest wording to the shortest."""
    parts = [f"{keys.map_key_name} TWICE: LIST", "F1: HELP"] if keys.map_key_name else ["F1: HELP"]
    whole = [*parts, f"{keys.key_name}: NO HINTS"] if keys.key_name else parts
    return ["   ".join(whole), "   ".join(parts), *parts]
