"""What is known about the container aimed at, in a line or two above the weapon's line.

State and health, image, project and service come from the bridge's list, so they are there at once; since when it is
up, restarts, CPU and memory in use, and ports come with the answer to a question. When the view is too narrow for all
of it, the widest part is shortened first, and as a last resort the last ones are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from pydoom.containers.fleet.lifecycle import STANDING, Phase
from pydoom.containers.fleet.names import elide
from pydoom.containers.fleet.words import in_capitals, state
from pydoom.containers.picture.screen import LINE_PX, Box
from pydoom.containers.picture.text import BLUE, GREEN, GREY, RED, WHITE, OutlinedText

if TYPE_CHECKING:
    from pydoom.containers.fleet.roster import Entry
    from pydoom.containers.link.events import Inspected
    from pydoom.screens.border import ViewWindow
    from pydoom.screens.video import Frame

_GAP_PX: Final = 8
"""Gap between two parts of a line."""
_MARGIN_PX: Final = 1
_WIDE_PX: Final = 256
_WIDE_LINES: Final = 2
_NARROW_LINES: Final = 3
"""Most lines in a view of at least `_WIDE_PX`, and in a narrower one."""
_SHARE: Final = 3
"""The lines cover at most this part of the view's height: a third."""
_KEPT: Final = 64
"""Number of layouts that are cached."""
_UNITS: Final = ("B", "KB", "MB", "GB", "TB")
_HEALTH_COLOURS: Final = {"healthy": GREEN, "unhealthy": RED, "starting": BLUE}


_STATES: Final = {
    Phase.WAITING: ("WAITING", WHITE),
    Phase.ALIVE: ("ALIVE", GREEN),
    Phase.DYING: ("DYING", RED),
    Phase.SUFFERING: ("SUFFERING", BLUE),
    Phase.RISING: ("RISING", GREEN),
    Phase.LEAVING: ("GONE", RED),
    Phase.GONE: ("GONE", RED),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One part: its wordings from the longest to the shortest, and its colours."""

    forms: tuple[str, ...]
    colours: int = WHITE


def age(seconds: float) -> str:
    """An age in a few characters: 42 SEC, 13 MIN, 5 HR, 12 D."""
    for size, unit in ((86400, "D"), (3600, "HR"), (60, "MIN")):
        if seconds >= size:
            return f"{min(int(seconds // size), 9999)} {unit}"
    return f"{max(int(seconds), 0)} SEC"


@lru_cache(_KEPT)
def image_forms(image: str) -> tuple[str, ...]:
    """An image's name from the longest form to the shortest: it loses registry and folder first, then the digest."""
    short = image.rpartition("/")[2]
    bare = short.partition("@")[0]
    return tuple(dict.fromkeys((image, short, bare, *(elide(bare, length) for length in range(20, 5, -1)))))


def state_of(entry: Entry) -> tuple[str, int]:
    """A container's state as the list shows it, and its colour."""
    phase, colours = _STATES[entry.phase]
    if entry.phase in STANDING and entry.faults:
        return state(entry.faults[0].action), BLUE
    if entry.phase is Phase.ALIVE and entry.info.protected:
        return "PROTECTED", BLUE
    if entry.phase is Phase.GONE and entry.outcome:
        return in_capitals(entry.outcome), colours
    return phase, colours


def figures_of(entry: Entry, facts: Inspected | None, now: float) -> list[Figure]:
    """Everything there is to say about a container, the most important first; `now` is in seconds since 1970."""
    return [*list_figures(entry), *usage_figures(entry, facts, now)]


def list_figures(entry: Entry) -> Iterator[Figure]:
    """What the bridge's list says."""
    info = entry.info
    word, colours = state_of(entry)
    if entry.phase is Phase.ALIVE and not entry.faults:
        word, colours = info.state.upper(), WHITE
    yield Figure((word, elide(word, 8)), colours)
    if info.health:
        health = info.health.upper()
        yield Figure((health, elide(health, 8)), _HEALTH_COLOURS.get(info.health, WHITE))
    if info.image:
        yield Figure(image_forms(info.image), GREY)
    if info.service:
        whole = f"{info.project}/{info.service}" if info.project else info.service
        lengths = (elide(info.service, length) for length in range(20, 5, -1))
        yield Figure(tuple(dict.fromkeys((whole, info.service, *lengths))), GREY)


def usage_figures(entry: Entry, facts: Inspected | None, now: float) -> Iterator[Figure]:
    """What the answer to an inspection says; nothing without one."""
    if facts is None:
        return
    if facts.started:
        yield Figure((f"UP {age(now - facts.started)}",))
    if facts.cpus is not None:
        yield Figure((f"CPU {facts.cpus * 100:.0f}%",))
    if facts.memory:
        memory = size(facts.memory)
        limit = f" OF {size(facts.memory_limit)}" if facts.memory_limit else ""
        yield Figure((f"MEM {memory}{limit}", f"{memory}{limit}", memory))
    restarts = max(facts.restarts, entry.info.restarts)
    whole = "1 RESTART" if restarts == 1 else f"{restarts} RESTARTS"
    yield Figure((whole, f"x{restarts}"), RED if restarts else GREY)
    if facts.ports:
        yield Figure(ports_forms(facts.ports), GREY)


def size(count: int) -> str:
    """A number of bytes in a few characters: 900 B, 34 KB, 128 MB, 1.5 GB."""
    power = min(max(count.bit_length() - 1, 0) // 10, len(_UNITS) - 1)
    value = count / 1024**power
    if value >= 1000 and power < len(_UNITS) - 1:
        value, power = value / 1024, power + 1
    whole = f"{value:.1f}".removesuffix(".0") if value < 10 else f"{value:.0f}"
    return f"{whole} {_UNITS[power]}"


@lru_cache(_KEPT)
def ports_forms(ports: tuple[str, ...]) -> tuple[str, ...]:
    """Ports as docker writes them, from the longest wording to the shortest: without addresses, then only so many."""
    brief = tuple(dict.fromkeys(map(_brief_port, ports)))
    some = (f"{', '.join(brief[:count])} +{len(brief) - count}" for count in range(min(len(brief) - 1, 4), 0, -1))
    last = f"{len(brief)} PORTS" if len(brief) > 1 else elide(brief[0], 12)
    return tuple(dict.fromkeys((", ".join(ports), ", ".join(brief), *some, last)))


def _brief_port(port: str) -> str:
    """A port without the address it is bound to, and without its usual protocol: 8080->80."""
    outside, arrow, inside = port.rpartition("->")
    return f"{outside.rpartition(':')[2]}{arrow}{inside.removesuffix('/tcp')}"


@lru_cache(_KEPT)
def lay_out(text: OutlinedText, figures: tuple[Figure, ...], room_px: int, lines: int) -> list[list[tuple[str, int]]]:
    """The parts, in wordings that fit into so many lines of `room_px`, each with its colours. Do not change the list.

    Cached, since the same is drawn in many frames.
    """
    for count in range(len(figures), 0, -1):
        rows = _lay_out_all(text, figures[:count], room_px, lines)
        if rows:
            return rows
    return []


def _lay_out_all(
    text: OutlinedText, figures: Sequence[Figure], room_px: int, lines: int
) -> list[list[tuple[str, int]]]:
    """All parts as `lay_out` returns them; empty if they do not fit.

    Shortens the widest part until all fit, then gives back what room is left, to the first parts first.
    """
    forms = [0] * len(figures)
    rows = _flow(text, figures, forms, room_px)
    while not _fits(text, rows, room_px, lines):
        longer = [number for number, form in enumerate(forms) if form + 1 < len(figures[number].forms)]
        if not longer:
            return []
        forms[max(longer, key=lambda number: text.width(figures[number].forms[forms[number]]))] += 1
        rows = _flow(text, figures, forms, room_px)
    for number in range(len(figures)):
        while forms[number]:
            forms[number] -= 1
            wider = _flow(text, figures, forms, room_px)
            if not _fits(text, wider, room_px, lines):
                forms[number] += 1
                break
            rows = wider
    return rows


def _fits(text: OutlinedText, rows: Sequence[Sequence[tuple[str, int]]], room_px: int, lines: int) -> bool:
    return len(rows) <= lines and all(_width(text, row) <= room_px for row in rows)


def draw_figures(
    frame: Frame, window: ViewWindow, text: OutlinedText, figures: Sequence[Figure], bottom: int
) -> list[Box]:
    """Draw the lines at the left edge of the view, above the row `bottom`; returns the boxes that they cover."""
    lines = _WIDE_LINES if window.width >= _WIDE_PX else _NARROW_LINES
    lines = min(lines, window.height // _SHARE // LINE_PX)
    rows = lay_out(text, tuple(figures), window.width - 2 * _MARGIN_PX, lines)
    boxes = []
    for number, row in enumerate(rows):
        top = bottom - _MARGIN_PX - (len(rows) - number) * LINE_PX
        boxes.append(draw_row(frame, window, text, row, window.x + _MARGIN_PX, top))
    return boxes


def draw_row(
    frame: Frame, window: ViewWindow, text: OutlinedText, row: Sequence[tuple[str, int]], left: int, top: int
) -> Box:
    """Draw one line; returns the part of the screen it covers."""
    x = left
    for words, colours in row:
        text.draw(frame, window, x, top, words, colours)
        x += text.width(words) + _GAP_PX
    return Box(left, top, left + _width(text, row), top + text.height)


def _width(text: OutlinedText, row: Sequence[tuple[str, int]]) -> int:
    return sum(text.width(words) for words, _ in row) + _GAP_PX * (len(row) - 1)


def _flow(
    text: OutlinedText, figures: Sequence[Figure], forms: Sequence[int], room_px: int
) -> list[list[tuple[str, int]]]:
    """The parts in the wordings that `forms` says, in as few lines as they need, in their order."""
    rows: list[list[tuple[str, int]]] = []
    for figure, form in zip(figures, forms, strict=True):
        part = figure.forms[form], figure.colours
        if rows and _width(text, [*rows[-1], part]) <= room_px:
            rows[-1].append(part)
        else:
            rows.append([part])
    return rows
