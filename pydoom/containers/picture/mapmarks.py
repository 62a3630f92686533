"""Containers on the automap: dots, and names as far as they fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from pydoom.containers.fleet.lifecycle import STANDING
from pydoom.containers.fleet.names import LONGEST_ELIDED, elide
from pydoom.containers.picture.screen import LINE_PX, MESSAGE_PX, Box
from pydoom.containers.picture.text import BLUE, GREY, RED, WHITE, YELLOW, OutlinedText
from pydoom.screens.automap_lines import MAP_HEIGHT, MAP_WIDTH
from pydoom.screens.border import ViewWindow
from pydoom.screens.hud import TITLE_BOTTOM

if TYPE_CHECKING:
    from pydoom.containers.fleet.roster import MonsterRoster
    from pydoom.game.datacentre import RoomName
    from pydoom.screens.automap import Automap
    from pydoom.screens.video import Frame

_MAP: Final = ViewWindow(0, 0, MAP_WIDTH, MAP_HEIGHT)
_MOST_NAMES: Final = 40
"""Most names of containers."""
_NAME_ROOM_PX: Final = 140
_DOT_PX: Final = 2


def draw_map_marks(
    frame: Frame,
    automap: Automap,
    roster: MonsterRoster,
    text: OutlinedText,
    marked: str,
    taken: Sequence[Box] = (),
    rooms: Sequence[RoomName] = (),
) -> None:
    """Draw a dot for each living container monster if the automap's cheat is on, and always for the `marked` ID.

    In the data centre its `rooms` have their names. No name covers another, the level's name or a part of the screen
    that is `taken`.
    """
    boxes = _draw_room_names(frame, automap, text, taken, rooms)
    most = len(boxes) + _MOST_NAMES
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
        if len(boxes) >= most:
            continue
        name = text.fit(roster.names(entry.info), _NAME_ROOM_PX)
        box = _name_box(x, y, text.width(name), text.height)
        if not any(box.overlaps(other) for other in (*boxes, *taken)):
            boxes.append(box)
            text.draw(frame, _MAP, box.left, box.top, name, YELLOW if is_marked else WHITE)


def _draw_room_names(
    frame: Frame, automap: Automap, text: OutlinedText, taken: Sequence[Box], rooms: Sequence[RoomName]
) -> list[Box]:
    """Draw the names of rooms in their middles or a line beside, as many as fit; returns where they are."""
    boxes: list[Box] = []
    for room in rooms:
        x, y = automap.pixel(room.x, room.y)
        if not (0 <= x < MAP_WIDTH and MESSAGE_PX <= y < TITLE_BOTTOM - 2 * text.height - LINE_PX):
            continue
        name = text.fit((room.name, elide(room.name, LONGEST_ELIDED)), _NAME_ROOM_PX)
        width = text.width(name)
        left = min(max(x - width // 2, 0), MAP_WIDTH - width)
        for top in (y - text.height // 2 + lines * LINE_PX for lines in (0, -1, 1)):
            box = Box(left, top, left + width, top + LINE_PX)
            if top >= MESSAGE_PX and not any(box.overlaps(other) for other in (*boxes, *taken)):
                boxes.append(box)
                text.draw(frame, _MAP, left, top, name, GREY)
                break
    return boxes


def _name_box(x: int, y: int, width: int, height: int) -> Box:
    """The box of a name beside the dot at column `x` and row `y`, between the message and the level's name."""
    top = max(min(y - 4, TITLE_BOTTOM - 2 * height - 1), MESSAGE_PX)
    left = x + 4 if x + 4 + width <= MAP_WIDTH else max(x - 4 - width, 0)
    return Box(left, top, left + width, top + max(height, LINE_PX))
