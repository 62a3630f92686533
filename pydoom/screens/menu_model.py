"""The parts of menus (``menuitem_t``, ``menu_t`` of ``m_menu.c``), and the menu as their pages see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from pydoom.screens.settings import Settings
from pydoom.screens.video import Frame

if TYPE_CHECKING:
    from pydoom.game.control import GameControl

LINE_HEIGHT: Final = 16
"""Pixels from one line of a menu to the next."""
SAVE_SLOTS: Final = 6

Choose: TypeAlias = "Callable[[GameControl, int], None]"
"""The effect of choosing an item; receives the item's number."""

Draw: TypeAlias = "Callable[[MenuControl, Frame, MenuPage], None]"
"""Draws what is behind the lines of a page."""

Answer: TypeAlias = "Callable[[GameControl, int], None]"
"""The effect of the key that answers a question."""


class ItemKind(IntEnum):
    """What the cursor may do with an item."""

    GAP = -1
    """Skipped."""
    DISABLED = 0
    """Can be pointed at but not chosen: an empty save slot."""
    CHOICE = 1
    SLIDER = 2
    """The arrow keys change it: its action receives 0 for left, 1 for right."""


@dataclass(slots=True)
class MenuItem:
    """One line: the lump of its patch, its effect (given its own number), and the letter that jumps to it."""

    picture: str
    action: Choose | None
    hotkey: str = ""
    kind: ItemKind = ItemKind.CHOICE


@dataclass(slots=True)
class MenuPage:
    """A menu: its lines from (x, y) down, LINE_HEIGHT apart, and what is drawn behind them."""

    items: list[MenuItem]
    draw: Draw
    x: int
    y: int
    previous: MenuPage | None = None
    last_on: int = 0
    """The item the cursor was on when the page was left."""


class MessageForcer(Protocol):
    """The HUD, as far as the menu knows it."""

    def force_message(self) -> None:
        """Show the next message even with messages off."""


class MenuControl(Protocol):
    """What a page may ask of the menu it is in."""

    settings: Settings
    hud: MessageForcer
    save_names: list[str]
    """The names of the saved games by slot."""
    quick_slot: int
    """The slot that quick saves go to, negative before one has been chosen."""
    help_shown: bool
    """Whether the frame drawn last is covered by a help page (``inhelpscreens``)."""

    @property
    def typing_slot(self) -> int | None:
        """The slot whose name is being typed."""

    def text(self, original: str) -> str:
        """A text after DeHackEd."""

    def sound(self, game: GameControl, number: int) -> None:
        """Play a sound everywhere."""

    def open(self) -> None:
        """Show the main menu (``M_StartControlPanel``)."""

    def close(self) -> None:
        """``M_ClearMenus``."""

    def go_to(self, page: MenuPage, item: int | None = None) -> None:
        """Show another page, the cursor where it was last (``M_SetupNextMenu``) or at `item`."""

    def remember_item(self) -> None:
        """Next time this page opens, the cursor is here."""

    def ask(self, message: str, answer: Answer | None = None, *, yes_or_no: bool = False) -> None:
        """Show a message until a key is pressed, then call `answer` with the key (``M_StartMessage``)."""

    def read_save_names(self, game: GameControl) -> None:
        """Look again what is in the slots (``M_ReadSaveStrings``)."""

    def start_typing(self, slot: int) -> None:
        """Let the player type the name of the game in `slot` (``M_SaveSelect``)."""

    def picture(self, frame: Frame, x: int, y: int, name: str) -> None:
        """Draw a picture, or nothing when the WAD lacks it."""

    def write(self, frame: Frame, x: int, y: int, text: str) -> None:
        """Write in the small font."""

    def width(self, text: str) -> int:
        """Width of `text` in pixels."""


def gap() -> MenuItem:
    """A line the cursor skips."""
    return MenuItem("", None, kind=ItemKind.GAP)
