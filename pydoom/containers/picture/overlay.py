"""Decides what a frame shows of the containers, and handles the keys that open their pages.

TAB leads from the view to the automap, then to the list of containers, and back to the view. F1 shows the containers'
help first, then the game's own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from enum import Enum, auto
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pydoom.containers.fleet.lifecycle import STANDING, Phase
from pydoom.containers.fleet.roster import Entry
from pydoom.containers.picture.arrow import bearing, draw_arrow, name_for
from pydoom.containers.picture.figures import draw_figures, figures_of
from pydoom.containers.picture.hints import HintBox, Hints, Whereabouts
from pydoom.containers.picture.labels import Labels
from pydoom.containers.picture.listpage import ListPage
from pydoom.containers.picture.mapmarks import draw_map_marks
from pydoom.containers.picture.probelines import draw_probe_lines, probe_line, probe_parts
from pydoom.containers.picture.screen import ABOVE_STATUSBAR, Box
from pydoom.containers.picture.tallypage import Tally
from pydoom.containers.picture.text import WHITE, OutlinedText
from pydoom.containers.picture.weaponline import Aim, draw_weapon_line, top_of, weapon_line
from pydoom.game.events import KEY_ENTER, KEY_ESCAPE, KEY_F1, KEY_TAB, Event, KeyEvent
from pydoom.game.state import GameState
from pydoom.screens.automap import Automap
from pydoom.screens.hud import TITLE_BOTTOM
from pydoom.screens.intermission import Intermission
from pydoom.sim.geometry import approx_distance

if TYPE_CHECKING:
    from pydoom.containers.fleet.inspector import Inspector
    from pydoom.containers.fleet.record import DeathRecord
    from pydoom.containers.fleet.roster import MonsterRoster
    from pydoom.containers.link.events import ProbeNews
    from pydoom.game.datacentre import RoomName
    from pydoom.game.displays import AutomapDisplay
    from pydoom.game.session import Session
    from pydoom.screens.border import ViewWindow
    from pydoom.screens.font import Font
    from pydoom.screens.video import Frame
    from pydoom.sim.mobj import Mobj
    from pydoom.sim.world import World


class OpenPage(Enum):
    """What covers the view or the automap."""

    NONE = auto()
    LIST = auto()
    HELP = auto()


class Overlay:
    """Draws over the view, the automap and the intermission. `page` is what covers the view now.

    `seen_any`: the last view showed a living container's monster.
    """

    def __init__(
        self,
        font: Font,
        colormaps: NDArray[np.uint8],
        seen: Callable[[], Collection[Mobj]],
        hints: Hints | None = None,
    ) -> None:
        """`seen` returns the things that the current frame shows (`ViewRenderer.seen_things`)."""
        self.text = OutlinedText(font)
        self.page = OpenPage.NONE
        self.seen_any = False
        self.list = ListPage(self.text, colormaps)
        self.hints = hints if hints is not None else Hints()
        self._labels = Labels(self.text, seen)
        self._tally = Tally(self.text)
        self._box = HintBox(self.text, colormaps, self.hints.keys)
        self._inspector: Inspector | None = None

    def inspect_with(self, inspector: Inspector) -> None:
        """Show what `inspector` knows about the container aimed at, or under the list's cursor."""
        self._inspector = inspector

    def draw(
        self,
        session: Session,
        frame: Frame,
        window: ViewWindow,
        roster: MonsterRoster,
        record: DeathRecord,
        where: Callable[[], Whereabouts],
        status: str,
        aim: Aim | None = None,
        probes: Sequence[ProbeNews] = (),
    ) -> bool:
        """Draw what belongs to this frame; `status` says what is wrong, and is usually empty.

        `aim` is what the weapon in hand does, None while no bridge is connected; `probes` are those that are not up.
        Returns whether a page covers the border around the view, or the automap.
        """
        if session.gamestate == GameState.INTERMISSION:
            self._draw_tally(session, frame, record)
            return False
        automap = session.displays.automap
        covered = ABOVE_STATUSBAR if automap.active else window
        if self.page is OpenPage.LIST:
            self.list.draw(frame, covered, roster, record, where().listed, self._wanted_inspector())
        elif self.page is OpenPage.HELP:
            self._box.draw_help(frame, covered, where())
        elif automap.active:
            rooms = session.datacentre.rooms if session.in_fleet else ()
            self._draw_map(frame, automap, roster, status, aim, probes, rooms)
            return False
        else:
            self._draw_view(session, frame, window, roster, where, status, aim, probes)
            return False
        line = draw_weapon_line(frame, ABOVE_STATUSBAR, self.text, aim) if aim is not None else []
        room = self._room_beside(line)
        if status:
            status = self.text.fit((status, status.removesuffix(" FOR ROOM")), room)
            self._draw_status(frame, ABOVE_STATUSBAR, status, line)
        elif probes:
            words, colours = probe_line(room, self.text, probes)
            self._draw_status(frame, ABOVE_STATUSBAR, words, line, colours)
        return True

    def new_level(self) -> None:
        """Begin a level."""
        self.page = OpenPage.NONE
        self.seen_any = False
        self.hints.new_level()

    def responder(self, session: Session, event: Event, roster: MonsterRoster) -> bool:
        """Open and close pages, and pass keys to the list; True when the event is consumed."""
        if not isinstance(event, KeyEvent) or not event.down or session.gamestate != GameState.LEVEL:
            return False
        if self.page is OpenPage.LIST:
            return self._list_responder(event, roster)
        if event.repeat:
            return False
        if self.page is OpenPage.HELP:
            self.page = OpenPage.NONE
            if event.key not in (KEY_F1, KEY_TAB):
                return True
            if event.key == KEY_F1:  # these two lead on to the next page
                return False
        if event.key == KEY_TAB:
            if session.displays.automap.active:  # this key closes it
                self.page = OpenPage.LIST
        elif event.key == KEY_F1:
            self.page = OpenPage.HELP
            return True
        elif event.key in self.hints.keys.keys and not session.displays.automap.active:
            session.message("hints on" if self.hints.toggle() else "hints off")
        elif event.key in self.hints.keys.inspect_keys and not session.displays.automap.active:
            session.message("details on" if self.hints.toggle_inspection() else "details off")
        return False

    def _list_responder(self, event: KeyEvent, roster: MonsterRoster) -> bool:
        if event.repeat and event.key in (KEY_TAB, KEY_ESCAPE, KEY_ENTER):
            return True
        if event.key == KEY_TAB or (event.key == KEY_ESCAPE and not self.list.clear_filter()):
            self.page = OpenPage.NONE
            return True
        return event.key == KEY_ESCAPE or self.list.press(event, roster)

    def _draw_tally(self, session: Session, frame: Frame, record: DeathRecord) -> None:
        intermission = session.displays.intermission
        if isinstance(intermission, Intermission) and intermission.shows_tally:
            self._tally.draw(frame, record.level, session.gametic)
        else:
            self._tally.hide()

    def _draw_map(
        self,
        frame: Frame,
        automap: AutomapDisplay,
        roster: MonsterRoster,
        status: str,
        aim: Aim | None,
        probes: Sequence[ProbeNews],
        rooms: Sequence[RoomName],
    ) -> None:
        """Draw over the automap, above the level's name."""
        window = replace(ABOVE_STATUSBAR, height=TITLE_BOTTOM - self.text.height)
        line = [part.box for part in weapon_line(window, self.text, aim)] if aim is not None else []
        taken = [*line, self._status_box(window, status, line)] if status else line
        lines = probe_parts(window, self.text, probes)
        taken = [*taken, *(part.box for part in lines)]
        if isinstance(automap, Automap):
            draw_map_marks(frame, automap, roster, self.text, self.list.selection.marked, taken, rooms)
        if aim is not None:
            draw_weapon_line(frame, window, self.text, aim)  # over the dots
        self.text.draw_parts(frame, window, lines)
        self._draw_status(frame, window, status, line)

    def _draw_view(
        self,
        session: Session,
        frame: Frame,
        window: ViewWindow,
        roster: MonsterRoster,
        where: Callable[[], Whereabouts],
        status: str,
        aim: Aim | None,
        probes: Sequence[ProbeNews],
    ) -> None:
        world = session.world
        line = draw_weapon_line(frame, window, self.text, aim) if aim is not None else []
        self._labels.look(world, window, roster)
        self.seen_any = self._labels.seen_any
        shows_hints = self.hints.settings.show_hints and not session.menu_active  # the menu is where they are
        hint = self._box.draw(frame, window, where()) if shows_hints and self.hints.visible else []
        above = [*hint, *draw_probe_lines(frame, window, self.text, probes, hint)]
        marked = self.list.selection.marked
        below = [*line, self._status_box(window, status, line)] if status else line
        below = [*below, *self._draw_figures(frame, window, top_of(below, window.y + window.height))]
        self._labels.draw(frame, window, roster, marked, [*above, *below])
        bottom = top_of(below, window.y + window.height)
        if shows_hints:
            top = max((box.bottom for box in above), default=window.y)
            self._draw_arrow(world, frame, replace(window, y=top, height=bottom - top), roster)
        self._draw_status(frame, window, status, line)

    def _wanted_inspector(self) -> Inspector | None:
        """The inspector, if the player wants to see what it knows."""
        return self._inspector if self.hints.settings.show_inspection else None

    def _draw_figures(self, frame: Frame, window: ViewWindow, bottom: int) -> list[Box]:
        """Draw what is known about the container aimed at, above the row `bottom`; returns the boxes covered."""
        inspector, entry = self._wanted_inspector(), self._labels.aimed
        if inspector is None or not inspector.may_inspect:
            return []
        inspector.glimpse(self._labels.nearest)
        if entry is None:
            return []
        inspector.look_at(entry)
        figures = figures_of(entry, inspector.facts(entry.info.id), time.time())
        return draw_figures(frame, window, self.text, figures, bottom)

    def _draw_status(
        self, frame: Frame, window: ViewWindow, status: str, line: Sequence[Box], colours: int = WHITE
    ) -> None:
        if status:
            box = self._status_box(window, status, line)
            self.text.draw(frame, window, box.left, box.top, status, colours)

    def _status_box(self, window: ViewWindow, status: str, line: Sequence[Box]) -> Box:
        """The box of `status` in the lower left corner, above the weapon's `line` if there is no room beside it."""
        left, bottom = window.x + 1, window.y + window.height
        right = left + self.text.width(status)
        if any(box.left <= right for box in line):
            bottom = top_of(line, bottom)
        top = bottom - self.text.height - 1
        return Box(left, top, right, top + self.text.height)

    def _room_beside(self, line: Sequence[Box]) -> int:
        """The room beside the weapon's `line` on a page, which needs the row above it, in pixels."""
        return min((box.left for box in line), default=ABOVE_STATUSBAR.width) - 3

    def _draw_arrow(self, world: World, frame: Frame, window: ViewWindow, roster: MonsterRoster) -> None:
        """Point to the marked container unless it is in sight, or to the nearest when none is in sight."""
        eye = world.players[world.displayplayer].mo
        entry = roster.entries.get(self.list.selection.marked)
        if entry is None or entry.phase not in STANDING or entry.mobj is None:
            entry = None if self.seen_any else nearest(roster, eye)
            name = ""
        else:
            name = name_for(self.text, roster.names(entry.info))
        if entry is not None and entry.mobj is not None and not self._labels.shows(entry):
            draw_arrow(frame, window, bearing(eye, entry.mobj), self.text, name)


def nearest(roster: MonsterRoster, eye: Mobj) -> Entry | None:
    """The standing container whose monster is nearest to `eye`; None when no monster stands in the level.

    First those alive, unprotected before protected ones; those under a fault only if none is alive, because they wait
    for it to end.
    """
    best, least = None, None
    for entry in roster.entries.values():
        mobj = entry.mobj
        if entry.phase not in STANDING or mobj is None:
            continue
        suffers = entry.phase is Phase.SUFFERING
        distance = (suffers, entry.info.protected, approx_distance(mobj.x - eye.x, mobj.y - eye.y))
        if least is None or distance < least:
            best, least = entry, distance
    return best
