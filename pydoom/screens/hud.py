"""Messages at the top of the screen and the level's name on the automap (``hu_stuff.c``, ``hu_lib.c``).

The text is drawn on a persistent screen: over the view it vanishes with the next frame, over the border of a small
view it must be erased, so each line counts how many more frames need that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data import strings
from pydoom.game.events import KEY_ENTER, Event, KeyEvent
from pydoom.screens.border import Border
from pydoom.screens.font import Font
from pydoom.screens.settings import Settings
from pydoom.screens.video import Frame
from pydoom.sim.rules import GameVersion

if TYPE_CHECKING:
    from pydoom.game.control import GameControl
    from pydoom.sim.world import World

MESSAGE_TICS: Final = 4 * 35
MAX_LINE_LENGTH: Final = 80
TITLE_BOTTOM: Final = 167
"""Row below the level's name on the automap."""
_ERASE_TIMES: Final = 4


class _TextLine:
    """A line of text and its row (``hu_textline_t``)."""

    __slots__ = ("_erase_times", "text", "y")

    def __init__(self, y: int) -> None:
        self.y = y
        self.text = ""
        self._erase_times = 1

    def set(self, text: str) -> None:
        self.text = text[:MAX_LINE_LENGTH]
        self.needs_erasing()

    def needs_erasing(self) -> None:
        self._erase_times = _ERASE_TIMES

    def erase(self, frame: Frame, border: Border, font: Font, automap: bool, low_detail: bool) -> None:
        """``HUlib_eraseTextLine``."""
        if self._erase_times:
            if not automap:
                border.erase_rows(frame, self.y, self.y + font.height + 1, halved=low_detail)
            self._erase_times -= 1


_LAST_OF_CHEX: Final = 4
_FIRST_WITHOUT_NAME: Final = 33
_FIRST_NAMES: Final = {"doom2": 0, "plutonia": 32, "tnt": 64}


DATA_CENTRE: Final = "THE DATA CENTRE"
"""The title of every level that is built from the fleet."""


def level_title(world: World, mission: str) -> str:
    """The name shown on the automap; `mission` is doom, doom2, plutonia or tnt.

    In the original the names of the three commercial missions lie one after the other, and a MAP33 takes the next
    mission's first; up to DOOM 1.9 it has none. In Chex Quest all levels from the fifth on have its name.
    """
    if mission == "doom":
        names, number = strings.MAPNAMES, (world.episode - 1) * 9 + world.map - 1
        if world.version == GameVersion.CHEX and number < len(names):
            number = min(number, _LAST_OF_CHEX)
    else:
        if mission == "doom2" and world.version <= GameVersion.DOOM_1_9 and world.map >= _FIRST_WITHOUT_NAME:
            return ""
        names = strings.MAPNAMES_COMMERCIAL + strings.MAPNAMES_PLUTONIA + strings.MAPNAMES_TNT
        number = _FIRST_NAMES[mission] + world.map - 1
    if 0 <= number < len(names):
        return world.info.text(names[number])
    return "NEWLEVEL" if mission == "doom" else ""


class HeadsUp:
    """One line of messages, shown for four seconds each, and the level title."""

    def __init__(self, font: Font, settings: Settings, mission: str) -> None:
        self._font = font
        self._settings = settings
        self._mission = mission
        self._message = _TextLine(0)
        self._title = _TextLine(TITLE_BOTTOM - font.height)
        self._chat = _TextLine(font.height + 1)
        """What the original types chat into: here, too, it is erased when a level begins."""
        self._message_on = False
        self._was_on = True
        self._tics_left = 0
        self._protected = False
        self._force = False

    def start(self, game: GameControl) -> None:
        """Begin a level (``HU_Start``)."""
        self._message = _TextLine(0)
        self._title = _TextLine(TITLE_BOTTOM - self._font.height)
        self._chat.needs_erasing()
        self._title.set(DATA_CENTRE if game.in_fleet else level_title(game.world, self._mission))
        self._message_on = False
        self._was_on = True
        self._protected = False
        self._force = False

    def force_message(self) -> None:
        """Show the next message even with messages off, and let nothing replace it while it is shown."""
        self._force = True

    def ticker(self, game: GameControl) -> None:
        """Run for one tic: take the player's message, let the shown one time out (``HU_Ticker``)."""
        if self._tics_left:
            self._tics_left -= 1
            if not self._tics_left:
                self._message_on = False
                self._protected = False
        if not self._settings.show_messages and not self._force:
            return
        player = game.world.players[game.world.consoleplayer]
        if player.message and (not self._protected or self._force):
            self._message.set(player.message)
            player.message = None
            self._message_on = True
            self._tics_left = MESSAGE_TICS
            self._protected = self._force
            self._force = False

    def responder(self, event: Event) -> bool:
        """The message-refresh key (enter) shows the last message again (``HU_Responder``)."""
        if isinstance(event, KeyEvent) and event.down and event.key == KEY_ENTER:
            self._message_on = True
            self._tics_left = MESSAGE_TICS
            return True
        return False

    def erase(self, frame: Frame, border: Border, automap: bool) -> None:
        """Erase old text from the border; call this before anything else is drawn (``HU_Erase``)."""
        if self._was_on and not self._message_on:
            self._message.needs_erasing()
        self._was_on = self._message_on
        for line in (self._message, self._title, self._chat):
            line.erase(frame, border, self._font, automap, self._settings.low_detail)

    def draw(self, frame: Frame, automap: bool = False) -> None:
        """Write the message, and the level's name when the `automap` is shown (``HU_Drawer``)."""
        if self._message_on:
            self._font.write_line(frame, 0, self._message.y, self._message.text)
        if automap:
            self._font.write_line(frame, 0, self._title.y, self._title.text)
