"""Names over the heads of container monsters.

Only monsters whose sprites the renderer has drawn and that are not hidden. The one aimed at comes first: bright, in
full, in several rows if need be, and joined to its monster by a line. The others are dim and short, from near to far,
and only where there is room right above their monsters: a name elsewhere would seem to belong to another monster. A
monster's place on the screen is found with the arithmetic of ``R_ProjectSprite``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydoom.containers.fleet.lifecycle import STANDING
from pydoom.containers.fleet.roster import Entry
from pydoom.containers.fleet.words import state, time_left
from pydoom.containers.picture.screen import LINE_PX, MESSAGE_PX, Box
from pydoom.containers.picture.text import BLUE, GREY, PALE_BLUE, YELLOW, OutlinedText
from pydoom.data.tables import ANGLETOFINESHIFT, FINECOSINE, FINESINE
from pydoom.sim.fixed import FRACUNIT, fixed_div, fixed_mul

if TYPE_CHECKING:
    from pydoom.containers.fleet.roster import MonsterRoster
    from pydoom.screens.border import ViewWindow
    from pydoom.screens.video import Frame
    from pydoom.sim.mobj import Mobj
    from pydoom.sim.world import World

NEAR: Final = 4 * FRACUNIT
FAR: Final = 1200 * FRACUNIT
"""Greatest distance of a dim name."""
AIM_FAR: Final = 2048 * FRACUNIT
"""The range of a shot (``MISSILERANGE``)."""
MOST_DIM: Final = 6
"""Most dim names at once: as many as can be read at a glance."""
MOST_TRIED: Final = 40
"""Most monsters considered for a dim name."""
DIM_ROOM_PX: Final = 96
GAP: Final = 6 * FRACUNIT
"""Gap between a monster's head and its name, in map units."""
LEADER_PX: Final = 10
"""Shortest line from a bright name to its monster's head."""
NAME_SHARE: Final = 3
"""A name covers at most this part of the view's height: a third."""
SEPARATORS: Final = "-_./: "
"""Characters after which a long name is broken."""
_SPACE_PX: Final = 3
"""Gap beside a name or a line, in pixels."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """A monster's position on the screen: its middle `x`, `half_px` to each side, the row `y` above its head.

    `distance` is in 16.16 map units.
    """

    distance: int
    x: int
    y: int
    half_px: int
    entry: Entry


class Labels:
    """Draws the names over monsters' heads."""

    def __init__(self, text: OutlinedText, seen: Callable[[], Collection[Mobj]]) -> None:
        """`seen` returns the things that the current frame shows (`ViewRenderer.seen_things`)."""
        self._text = text
        self._seen = seen
        self._spots: list[_Spot] = []  # from near to far
        self._aimed: _Spot | None = None

    def look(self, world: World, window: ViewWindow, roster: MonsterRoster) -> None:
        """Find the monsters that the displayed player sees, and the one aimed at."""
        seen = set(map(id, self._seen()))
        spots = project(world, window, (entry for entry in roster.entries.values() if id(entry.mobj) in seen))
        spots.sort(key=lambda spot: spot.distance)
        middle = window.x + window.width // 2
        self._spots = spots
        self._aimed = next((spot for spot in spots if abs(spot.x - middle) <= spot.half_px), None)

    @property
    def aimed(self) -> Entry | None:
        """The container whose monster the player aims at."""
        return self._aimed.entry if self._aimed is not None else None

    @property
    def nearest(self) -> list[Entry]:
        """The nearest containers whose monsters are in sight, as many as have names."""
        return [spot.entry for spot in self._spots[:MOST_DIM]]

    @property
    def seen_any(self) -> bool:
        """Whether any container's monster is in sight."""
        return bool(self._spots)

    def shows(self, entry: Entry) -> bool:
        """Whether the container's monster is in sight."""
        return any(spot.entry is entry for spot in self._spots)

    def draw(
        self,
        frame: Frame,
        window: ViewWindow,
        roster: MonsterRoster,
        marked: str = "",
        taken: Sequence[Box] = (),
    ) -> None:
        """Draw the names of the living found by `look` in the `window` of `frame`, uint8[200,320].

        The container with the ID `marked` is written as brightly as the one aimed at. No name covers a part of the
        screen that is `taken`.
        """
        spots, aimed = self._spots, self._aimed
        bright = [spot for spot in spots if spot is aimed or spot.entry.info.id == marked]
        bright.sort(key=lambda spot: spot is not aimed)
        boxes = list(taken)
        for spot in bright:
            self._draw_bright(frame, window, roster, spot, boxes)
        dim = [spot for spot in spots if spot not in bright and spot.distance <= FAR]
        left = MOST_DIM
        for spot in dim[:MOST_TRIED]:
            left -= self._draw_dim(frame, window, roster, spot, boxes)
            if not left:
                break

    def _draw_bright(
        self, frame: Frame, window: ViewWindow, roster: MonsterRoster, spot: _Spot, taken: list[Box]
    ) -> None:
        colours = BLUE if spot.entry.info.protected else YELLOW
        rows, box = self._bright_box(window, roster, spot, taken)
        if box is None:
            return
        taken.append(box)
        for number, row in enumerate(rows):
            x = box.left + (box.right - box.left - self._text.width(row)) // 2
            self._text.draw(frame, window, x, box.top + number * LINE_PX, row, colours)
        column = min(max(spot.x, box.left), box.right - 1)
        bottom = min(spot.y, window.y + window.height)
        line = Box(column - 1, box.bottom, column + 2, bottom)
        if box.bottom < bottom and not any(line.overlaps(other) for other in taken):
            frame[box.bottom : bottom, max(column - 1, window.x) : column + 2] = 0
            frame[box.bottom : bottom, column] = colours
            taken.append(_with_space(line))

    def _bright_box(
        self, window: ViewWindow, roster: MonsterRoster, spot: _Spot, taken: Sequence[Box]
    ) -> tuple[list[str], Box | None]:
        """The whole name in as many rows as it needs, or a shorter one if there is no room for that; and its box."""
        room = window.width - 2
        names = label_forms(roster, spot.entry, time.time())
        forms = [f"{names[0]} (PROTECTED)", *names] if spot.entry.info.protected else names
        fitting = self._text.fit(forms, room)
        choices = [[fitting]] if fitting == forms[0] else [break_name(forms[0], self._text.width, room), [fitting]]
        for rows in choices:
            box = self._box(window, spot.x, spot.y - LEADER_PX, rows)
            small = len(rows) == 1 or len(rows) * LINE_PX <= window.height // NAME_SHARE
            free = _below(box, taken, window) if box is not None and small else None
            if free is not None:
                return rows, free
        return [], None

    def _draw_dim(self, frame: Frame, window: ViewWindow, roster: MonsterRoster, spot: _Spot, taken: list[Box]) -> bool:
        """Draw a dim name if there is room for it; returns whether there was."""
        forms = label_forms(roster, spot.entry, time.time())
        text = self._text.fit(forms, min(DIM_ROOM_PX, window.width - 2))
        box = self._box(window, spot.x, spot.y, [text])
        if box is None or any(box.overlaps(other) for other in taken):
            return False
        taken.append(_with_space(box))
        colours = PALE_BLUE if spot.entry.info.protected else GREY
        self._text.draw(frame, window, box.left, box.top, text, colours)
        return True

    def _box(self, window: ViewWindow, x: int, bottom: int, rows: Sequence[str]) -> Box | None:
        """The box of a text centred on `x`, moved into the view; None when it would be below the view."""
        width = max(map(self._text.width, rows))
        height = self._text.height + (len(rows) - 1) * LINE_PX
        left = max(min(x - width // 2, window.x + window.width - width), window.x)
        top = max(bottom - height, window.y, MESSAGE_PX)
        if top + height > window.y + window.height:
            return None
        return Box(left, top, left + width, top + height)


def _with_space(box: Box) -> Box:
    """The box and the gaps beside it."""
    return Box(box.left - _SPACE_PX, box.top, box.right + _SPACE_PX, box.bottom)


def _below(box: Box, taken: Sequence[Box], window: ViewWindow) -> Box | None:
    """The box, moved down to where nothing is taken; None if that is below the view."""
    height = box.bottom - box.top
    for _ in range(len(taken) + 1):
        under = max((other.bottom for other in taken if box.overlaps(other)), default=None)
        if under is None:
            return box
        box = Box(box.left, under, box.right, under + height)
        if box.bottom > window.y + window.height:
            return None
    return None


def break_name(name: str, width: Callable[[str], int], room: int) -> list[str]:
    """Break a name into rows of at most `room` pixels, after a separator where there is one."""
    rows, rest = [], name
    while rest:
        most = 1
        while most < len(rest) and width(rest[: most + 1]) <= room:
            most += 1
        if most < len(rest):
            ends = [at + 1 for at in range(most // 2, most) if rest[at] in SEPARATORS]
            most = ends[-1] if ends else most
        rows.append(rest[:most].strip())
        rest = rest[most:]
    return rows


def label_forms(roster: MonsterRoster, entry: Entry, now: float) -> Sequence[str]:
    """What is written over a head, from the longest form to the shortest: its name, and what it suffers from.

    A fault that ends says in how many seconds; `now` is in seconds since 1970.
    """
    names = roster.labels(entry)
    if not entry.faults:
        return names
    fault = entry.faults[0]
    word, left = state(fault.action), time_left(fault, now)
    whole = f"{word} {left}".rstrip()
    return [*(f"{name} {whole}" for name in names[:-1]), *(f"{name} {left or word}" for name in names), left or word]


def project(world: World, window: ViewWindow, entries: Iterable[Entry]) -> list[_Spot]:
    """The monsters in front of the viewer and near enough, positioned as by ``R_ProjectSprite``."""
    viewer = world.players[world.displayplayer]
    eye = viewer.mo
    fine = eye.angle >> ANGLETOFINESHIFT
    sine, cosine = FINESINE[fine], FINECOSINE[fine]
    half_width = window.width // 2
    projection = half_width << 16
    middle_row = window.y + window.height // 2
    spots = []
    eye_x, eye_y = eye.x, eye.y
    for entry in entries:
        mobj = entry.mobj
        if mobj is None or entry.phase not in STANDING:
            continue
        dx, dy = mobj.x - eye_x, mobj.y - eye_y
        distance = fixed_mul(dx, cosine) + fixed_mul(dy, sine)
        if not NEAR <= distance <= AIM_FAR:
            continue
        aside = fixed_mul(dx, sine) - fixed_mul(dy, cosine)
        if abs(aside) > distance << 1:
            continue
        scale = fixed_div(projection, distance)
        x = window.x + ((projection + fixed_mul(aside, scale)) >> 16)
        head = mobj.z + mobj.height + GAP - viewer.viewz
        y = middle_row - (fixed_mul(fixed_mul(head, scale), window.row_scale) >> 16)
        spots.append(_Spot(distance, x, y, fixed_mul(mobj.radius, scale) >> 16, entry))
    return spots
