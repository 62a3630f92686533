"""Containers on the automap: dots, and names as far as they fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.containers.fleet.lifecycle import STANDING
from pydoom.containers.picture.screen import LINE_PX, MESSAGE_PX
from pydoom.containers.picture.text import BLUE, RED, WHITE, YELLOW, OutlinedText
from pydoom.screens.automap_lines import MAP_HEIGHT, MAP_WIDTH
from pydoom.screens.border import ViewWindow

if TYPE_CHECKING:
    from pydoom.containers.fleet.roster import MonsterRoster
    from pydoom.screens.automap import Automap
    from pydoom.screens.video import Frame

_MAP: Final = ViewWindow(0, 0, MAP_WIDTH, MAP_HEIGHT)
_MOST_NAMES: Final = 40
_NAME_ROOM_PX: Final = 140
_DOT_PX: Final = 2


def draw_map_marks(frame: Frame, automap: Automap, roster: MonsterRoster, text: OutlinedText, marked: str) -> None:
    """Draw a dot for each living container monster if the automap's cheat is on, and always for the `marked` ID."""
    taken: list[tuple[int, int, int]] = []  # left, right and top of the names
    entries = sorted(roster.entries.values(), key=lambda entry: entry.info.id != marked)
    for entry in entries:
        if entry.phase not in STANDING or entry.mobj is None:
            continue
        is_marked = entry.info.id == marked
        if not (automap.cheating or is_marked):
            continue
        x, y = automap.pixel(entry.mobj.x, entry.mobj.y)
        if not (0 <= x < MAP_WIDTH and 0 <= y < MAP_HEIGHT):
            continue
        colour = YELLOW if is_marked else BLUE if entry.info.protected else RED
        frame[max(y - 1, 0) : min(y + _DOT_PX, MAP_HEIGHT), max(x - 1, 0) : x + _DOT_PX] = colour
        name = text.fit(roster.names(entry.info), _NAME_ROOM_PX)
        width = text.width(name)
        left, top = x + 4, max(min(y - 4, MAP_HEIGHT - text.height), MESSAGE_PX)
        if left + width > MAP_WIDTH:
            left = max(x - 4 - width, 0)
        right = left + width
        covered = any(x1 < right and left < x2 and abs(y1 - top) < LINE_PX for x1, x2, y1 in taken)
        if len(taken) < _MOST_NAMES and not covered:
            taken.append((left, right, top))
            text.draw(frame, _MAP, left, top, name, YELLOW if is_marked else WHITE)
