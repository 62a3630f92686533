"""What menus are made of (``menuitem_t``, ``menu_t`` of ``m_menu.c``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, TypeAlias

from pydoom.screens.video import Frame

if TYPE_CHECKING:
    from pydoom.game.control import GameControl

Choose: TypeAlias = "Callable[[GameControl, int], None]"
"""What choosing an item does to a game; it is given the item's number."""

Answer: TypeAlias = "Callable[[GameControl, int], None]"
"""What is done with the key that answers a question."""


class ItemKind(IntEnum):
    """What the cursor may do with an item."""

    GAP = -1
    """Skipped."""
    DISABLED = 0
    """Can be pointed at but not chosen: an empty save slot."""
    CHOICE = 1
    SLIDER = 2
    """The arrow keys change it: its action gets 0 for left, 1 for right."""


@dataclass(slots=True)
class MenuItem:
    """One line: the lump of its picture, what it does (given its own number), and the letter that jumps to it."""

    picture: str
    action: Choose | None
    hotkey: str = ""
    kind: ItemKind = ItemKind.CHOICE


@dataclass(slots=True)
class MenuPage:
    """A menu: its lines from (x, y) down, 16 pixels apart, and what is drawn behind them."""

    items: list[MenuItem]
    draw: Callable[[Frame], None]
    x: int
    y: int
    previous: MenuPage | None = None
    last_on: int = 0
    """The item the cursor was on when the page was left."""


def gap() -> MenuItem:
    """A line the cursor skips."""
    return MenuItem("", None, kind=ItemKind.GAP)
