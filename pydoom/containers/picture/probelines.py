"""The lines that say which probes fail, in the upper left corner of the view and the automap: CHECKOUT: 503.

Nothing is there while all is well. The message row stays free, and so does the hint's box.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from pydoom.containers.fleet.words import probe_forms
from pydoom.containers.link.events import ProbeNews
from pydoom.containers.picture.screen import LINE_PX, MESSAGE_PX, Box, Part
from pydoom.containers.picture.text import GREY, RED, OutlinedText

if TYPE_CHECKING:
    from pydoom.screens.border import ViewWindow
    from pydoom.screens.video import Frame

MOST_LINES: Final = 4
"""Most lines; the last one then says how many more there are."""
_MARGIN_PX: Final = 1


def draw_probe_lines(
    frame: Frame, window: ViewWindow, text: OutlinedText, probes: Sequence[ProbeNews], above: Sequence[Box] = ()
) -> list[Box]:
    """Draw what is wrong with `probes`, below the boxes `above`; returns the parts of the screen that are covered."""
    return text.draw_parts(frame, window, probe_parts(window, text, probes, above))


def probe_parts(
    window: ViewWindow, text: OutlinedText, probes: Sequence[ProbeNews], above: Sequence[Box] = ()
) -> list[Part]:
    """The lines in the upper half of `window`, below the boxes `above`.

    A view that is too small for `MOST_LINES` has one line for all probes, so that there is room for a name.
    """
    if not probes:
        return []
    room_px, half_px = window.width - 2 * _MARGIN_PX, window.height // 2
    is_small = half_px < MOST_LINES * LINE_PX
    lines = [probe_line(room_px, text, probes)] if is_small else probe_lines(room_px, text, probes)
    left = window.x + _MARGIN_PX
    top = max(window.y + _MARGIN_PX, MESSAGE_PX, *(box.bottom for box in above))
    parts = []
    for words, colours in lines:
        if top + text.height > window.y + half_px:
            break
        parts.append(Part(words, colours, Box(left, top, left + text.width(words), top + text.height)))
        top += LINE_PX
    return parts


def probe_line(room_px: int, text: OutlinedText, probes: Sequence[ProbeNews]) -> tuple[str, int]:
    """One line for all of them, and its colours."""
    failing = sum(each.is_failing for each in probes)
    if failing > 1:
        return text.fit((f"{failing} PROBES FAIL", f"{failing} FAIL"), room_px), RED
    return probe_lines(room_px, text, probes[:1])[0]


def probe_lines(room_px: int, text: OutlinedText, probes: Sequence[ProbeNews]) -> list[tuple[str, int]]:
    """The lines and their colours: red for a probe that fails, grey for one that nobody asks."""
    shown = probes if len(probes) <= MOST_LINES else probes[: MOST_LINES - 1]
    lines = [(text.fit(probe_forms(each), room_px), RED if each.is_failing else GREY) for each in shown]
    more = probes[len(shown) :]
    if more:
        lines.append((f"{len(more)} MORE", RED if any(each.is_failing for each in more) else GREY))
    return lines
