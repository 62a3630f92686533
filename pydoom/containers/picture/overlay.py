"""What the player sees of the containers besides their monsters, and the key that leads to their list.

TAB goes from the view to the automap, from there to the list of containers, and back to the view.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pydoom.containers.picture.labels import Labels
from pydoom.containers.picture.pages import ListPage, draw_map_marks, draw_tally
from pydoom.containers.picture.text import OutlinedText
from pydoom.game.events import KEY_PGDN, KEY_PGUP, KEY_TAB, Event, KeyEvent
from pydoom.game.state import GameState
from pydoom.screens.automap import Automap
from pydoom.screens.border import ViewWindow
from pydoom.screens.font import Font
from pydoom.screens.intermission import Intermission

if TYPE_CHECKING:
    from pydoom.containers.fleet.record import Record
    from pydoom.containers.fleet.roster import MonsterRoster
    from pydoom.game.session import Session
    from pydoom.screens.video import Frame
    from pydoom.sim.mobj import Mobj

_TURNS: Final = {KEY_PGUP: -1, KEY_PGDN: 1}
_FULL_VIEW: Final = ViewWindow(0, 0, 320, 168)


class Overlay:
    """Draws over the view, the automap and the intermission. `listing` while the list is open."""

    def __init__(self, font: Font, colormaps: NDArray[np.uint8], seen: Callable[[], Collection[Mobj]]) -> None:
        """`seen` tells which things the present picture shows (`ViewRenderer.seen_things`)."""
        self.listing = False
        self._text = OutlinedText(font)
        self._labels = Labels(self._text, seen)
        self._list = ListPage(self._text, colormaps)
        self._window = _FULL_VIEW

    def draw(
        self, session: Session, frame: Frame, window: ViewWindow, roster: MonsterRoster, record: Record, status: str
    ) -> None:
        """Draw what belongs to the present picture; `status` is a line on what is wrong, usually empty."""
        self._window = window
        entries = roster.entries.values()
        if session.gamestate == GameState.INTERMISSION:
            intermission = session.displays.intermission
            if isinstance(intermission, Intermission) and intermission.shows_tally:
                draw_tally(frame, record.level, self._text, session.gametic)
            return
        automap = session.displays.automap
        if automap.active:
            if isinstance(automap, Automap):
                draw_map_marks(frame, automap, entries, self._text)
        elif self.listing:
            self._list.draw(frame, window, entries, record)
        else:
            self._labels.draw(session.world, frame, window, entries)
            if status:
                bottom = window.y + window.height - self._text.height - 1
                self._text.draw(frame, window, window.x + 1, bottom, status)

    def responder(self, session: Session, event: Event, count: int) -> bool:
        """Open, turn or close the list of `count` containers; True when the event is consumed."""
        if not isinstance(event, KeyEvent) or not event.down or session.gamestate != GameState.LEVEL:
            return False
        if event.key == KEY_TAB:
            if self.listing:
                self.listing = False
                return True
            self.listing = session.displays.automap.active  # which closes with this key
            return False
        if self.listing and event.key in _TURNS:
            self._list.turn(_TURNS[event.key], self._window.height, count)
            return True
        return False
