"""The line that says what the weapon in hand does to a container, and whether this is a dry run.

It is in the lower right corner of the view and of the pages over it while a bridge is connected, and on the automap
above the level's name, which may be as wide as the screen. Hints and messages are elsewhere; names keep clear of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydoom.containers.fleet.words import meaning_forms
from pydoom.containers.picture.screen import Box, Part
from pydoom.containers.picture.text import GREEN, WHITE, YELLOW, OutlinedText

if TYPE_CHECKING:
    from pydoom.containers.link.events import KillMeaning
    from pydoom.screens.border import ViewWindow
    from pydoom.screens.video import Frame

DRY_RUN: Final = "DRY RUN"
_MARGIN_PX: Final = 1
_GAP_PX: Final = 4


@dataclass(frozen=True, slots=True)
class Aim:
    """What the weapon in hand does to a container, and whether it is a dry run."""

    meaning: KillMeaning
    dry_run: bool = False


def weapon_line(window: ViewWindow, text: OutlinedText, aim: Aim) -> list[Part]:
    """The parts of the line in the lower right corner of `window`.

    "DRY RUN" is before the line, or above it if the view is too narrow for both.
    """
    room = window.width - 2 * _MARGIN_PX
    whole = meaning_forms(aim.meaning)
    beside = room - (text.width(DRY_RUN) + _GAP_PX if aim.dry_run else 0)
    fits = text.width(whole[0]) <= beside
    words = whole[0] if fits else text.fit(whole, room)
    right = window.x + window.width - _MARGIN_PX
    top = window.y + window.height - _MARGIN_PX - text.height
    box = Box(right - text.width(words), top, right, top + text.height)
    if not aim.dry_run:
        return [Part(words, YELLOW, box)]
    width = text.width(DRY_RUN)
    left, row = (box.left - _GAP_PX - width, top) if fits else (right - width, top - text.height - _MARGIN_PX)
    return [Part(words, WHITE, box), Part(DRY_RUN, GREEN, Box(left, row, left + width, row + text.height))]


def draw_weapon_line(frame: Frame, window: ViewWindow, text: OutlinedText, aim: Aim) -> list[Box]:
    """Draw the line into the lower right corner of `window`; returns the parts of the screen it covers."""
    return text.draw_parts(frame, window, weapon_line(window, text, aim))


def top_of(boxes: Sequence[Box], otherwise: int) -> int:
    """The first row that any of `boxes` covers; `otherwise` if there is none."""
    return min((box.top for box in boxes), default=otherwise)
