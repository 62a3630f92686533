"""Names over the heads of container monsters.

Only of those whose sprites the renderer has really drawn, as far as they are not hidden. A monster's place on the
screen is found with the arithmetic of ``R_ProjectSprite``. Labels are drawn from near to far, whole and into the 3-D
view only, and one that would cover a nearer one moves up or is left out, so that what is there can be read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydoom.containers.fleet.lifecycle import Phase
from pydoom.containers.fleet.roster import Entry
from pydoom.containers.picture.text import BLUE, WHITE, OutlinedText
from pydoom.data.tables import ANGLETOFINESHIFT, FINECOSINE, FINESINE
from pydoom.sim.fixed import FRACUNIT, fixed_div, fixed_mul

if TYPE_CHECKING:
    from pydoom.screens.border import ViewWindow
    from pydoom.screens.video import Frame
    from pydoom.sim.mobj import Mobj
    from pydoom.sim.world import World

NEAR: Final = 4 * FRACUNIT
FAR: Final = 1200 * FRACUNIT
"""Names further away would be a heap of letters."""
MOST_LABELS: Final = 32
GAP: Final = 6 * FRACUNIT
"""Between the monster's head and its name, in map units."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a label goes: its middle `x` and its bottom `y` on the screen; `distance` in 16.16 map units."""

    distance: int
    x: int
    y: int
    entry: Entry


class Labels:
    """Draws the names."""

    def __init__(self, text: OutlinedText, seen: Callable[[], Collection[Mobj]]) -> None:
        """`seen` tells which things the present picture shows (`ViewRenderer.seen_things`)."""
        self._text = text
        self._seen = seen

    def draw(self, world: World, frame: Frame, window: ViewWindow, entries: Iterable[Entry]) -> None:
        """Draw the names of the living that the displayed player sees into the window of `frame`, uint8[200,320]."""
        seen = set(map(id, self._seen()))
        spots = _project(world, window, (entry for entry in entries if id(entry.mobj) in seen))
        spots.sort(key=lambda spot: spot.distance)
        taken: list[tuple[int, int, int, int]] = []
        for spot in spots[:MOST_LABELS]:
            text, colours = spot.entry.label, BLUE if spot.entry.info.protected else WHITE
            height, width = self._text.size(text)
            x = max(min(spot.x - width // 2, window.x + window.width - width), window.x)
            y = max(spot.y - height, window.y)
            if y + height > window.y + window.height:
                continue
            row = _free_row(taken, x, y, width, height, window.y)
            if row is not None:
                taken.append((x, row, width, height))
                self._text.draw(frame, window, x, row, text, colours)


def _project(world: World, window: ViewWindow, entries: Iterable[Entry]) -> list[_Spot]:
    """Those that are in front of the viewer and near enough, as ``R_ProjectSprite`` finds their place."""
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
        if mobj is None or entry.phase is not Phase.ALIVE:
            continue
        dx, dy = mobj.x - eye_x, mobj.y - eye_y
        distance = fixed_mul(dx, cosine) + fixed_mul(dy, sine)
        if not NEAR <= distance <= FAR:
            continue
        aside = fixed_mul(dx, sine) - fixed_mul(dy, cosine)
        if abs(aside) > distance << 1:
            continue
        scale = fixed_div(projection, distance)
        x = window.x + ((projection + fixed_mul(aside, scale)) >> 16)
        head = mobj.z + mobj.height + GAP - viewer.viewz
        y = middle_row - (fixed_mul(fixed_mul(head, scale), window.row_scale) >> 16)
        spots.append(_Spot(distance, x, y, entry))
    return spots


def _free_row(taken: list[tuple[int, int, int, int]], x: int, y: int, width: int, height: int, top: int) -> int | None:
    """The row for a label that shall not cover those drawn: `y`, or one or two lines higher."""
    for row in (y, y - height, y - 2 * height):
        if row < top:
            return None
        if not any(x < tx + tw and tx < x + width and row < ty + th and ty < row + height for tx, ty, tw, th in taken):
            return row
    return None
