"""The layout of texts on the screen, in pixels of 320x200."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pydoom.screens.border import VIEW_ROWS, ViewWindow
from pydoom.screens.video import SCREENHEIGHT, SCREENWIDTH

LINE_PX: Final = 9
"""Rows from one line to the next."""
MESSAGE_PX: Final = 9
"""Rows at the top that belong to the game's messages."""
SCREEN: Final = ViewWindow(0, 0, SCREENWIDTH, SCREENHEIGHT)
ABOVE_STATUSBAR: Final = ViewWindow(0, 0, SCREENWIDTH, VIEW_ROWS)
"""The part of the screen that a page covers, whatever the size of the view."""


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the screen: columns `left` to `right` and rows `top` to `bottom`, both excluded."""

    left: int
    top: int
    right: int
    bottom: int

    def overlaps(self, other: Box) -> bool:
        """Whether they have a pixel in common."""
        beside = self.left < other.right and other.left < self.right
        return beside and self.top < other.bottom and other.top < self.bottom


@dataclass(frozen=True, slots=True)
class Part:
    """A text with its colours (`text.OutlinedText`), and where it is."""

    words: str
    colours: int
    box: Box


def counted(count: int, noun: str) -> str:
    """A number and its noun: 1 CONTAINER, 3 CONTAINERS."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}S"
