"""The tally at a level's end: which containers died, by service, in the free space of the intermission's first page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydoom.containers.fleet.names import SHORT_WEAPONS, elide
from pydoom.containers.fleet.words import recovery_text
from pydoom.containers.picture.listpage import recovery_colours
from pydoom.containers.picture.screen import LINE_PX, SCREEN, counted
from pydoom.containers.picture.text import WHITE, YELLOW, OutlinedText

if TYPE_CHECKING:
    from pydoom.containers.fleet.record import Death
    from pydoom.containers.link.events import RecoveryNews
    from pydoom.screens.video import Frame

_TOP: Final = 110
_LINES: Final = 6
_PAGE_TICS: Final = 70
_NAME_X: Final = 8
_NAME_ROOM_PX: Final = 110
_HOW_X: Final = 124
_RIGHT: Final = 316
_GAP_PX: Final = 6


@dataclass(frozen=True, slots=True)
class _TallyLine:
    """One group of deaths: its name and its fate, each from the longest wording to the shortest.

    `recovery` is the slowest of the group, or one that did not happen.
    """

    names: tuple[str, ...]
    how: tuple[str, ...]
    recovery: RecoveryNews | None


class Tally:
    """Draws the tally. When the groups do not fit on one page, the pages rotate, beginning with the first."""

    def __init__(self, text: OutlinedText) -> None:
        self._text = text
        self._began: int | None = None

    def hide(self) -> None:
        """Note that the tally is hidden: next time it begins with its first page."""
        self._began = None

    def draw(self, frame: Frame, deaths: Sequence[Death], tic: int) -> None:
        """Draw the page for this `tic` of the game."""
        if self._began is None:
            self._began = tic
        if not deaths:
            return
        lines = _lines(deaths)
        rows = _LINES - 1
        pages = -(-len(lines) // rows)
        page = (tic - self._began) // _PAGE_TICS % pages
        head = counted(len({death.info.id for death in deaths}), "CONTAINER")
        if pages > 1:
            head += f", PAGE {page + 1}/{pages}"
        self._text.draw(frame, SCREEN, (SCREEN.width - self._text.width(head)) // 2, _TOP, head, YELLOW)
        for row, line in enumerate(lines[page * rows : (page + 1) * rows], 1):
            y = _TOP + row * LINE_PX
            self._text.draw(frame, SCREEN, _NAME_X, y, self._text.fit(line.names, _NAME_ROOM_PX), WHITE)
            back = recovery_text(line.recovery)
            left = _RIGHT - self._text.width(back) - _GAP_PX if back else _RIGHT
            self._text.draw(frame, SCREEN, _HOW_X, y, self._text.fit(line.how, left - _HOW_X), WHITE)
            if back:
                self._text.draw(frame, SCREEN, left + _GAP_PX, y, back, recovery_colours(line.recovery))


def _lines(deaths: Sequence[Death]) -> list[_TallyLine]:
    """A line for each service, most kills first; a container without a service is a group of its own.

    Where several projects have a service of the same name, the projects stay in the shorter wordings.
    """
    groups: dict[tuple[str, str], list[Death]] = {}
    for death in deaths:
        info = death.info
        key = (info.project, info.service) if info.service else ("", info.id)
        groups.setdefault(key, []).append(death)
    namesakes = Counter(service for _, service in groups)
    return [
        _line(group, ambiguous=namesakes[group[0].info.service] > 1)
        for group in sorted(groups.values(), key=_kills, reverse=True)
    ]


def _kills(group: Sequence[Death]) -> int:
    """The number of containers in the group; one that rose counts again for each time it was killed again.

    Repeated hits in a dry run, or with faults that end by themselves, count once for each container.
    """
    counts = Counter(death.info.id for death in group if death.is_kill)
    return sum(max(counts[each], 1) for each in {death.info.id for death in group})


def _line(group: Sequence[Death], *, ambiguous: bool) -> _TallyLine:
    first = group[0]
    info, kills = first.info, _kills(group)
    count = f" x{kills}" if kills > 1 else ""
    if all(death.info.id == info.id for death in group):
        names = tuple(f"{name}{count}" for name in first.names)
    else:
        name = info.service or info.name
        whole = f"{info.project} {name}" if info.project else name
        short = f"{name} {info.project}" if ambiguous and info.project else name
        shorter = (elide(short, length) for length in range(20, 7, -1))
        names = tuple(f"{each}{count}" for each in (whole, short, *shorter))
    fates = ", ".join(dict.fromkeys(death.fate for death in group))
    weapons = list(dict.fromkeys(death.weapon for death in group if death.weapon))
    brief = list(dict.fromkeys(SHORT_WEAPONS.get(weapon, weapon) for weapon in weapons))
    return _TallyLine(names, tuple(_how(fates, weapons, brief)), _slowest(group))


def _slowest(group: Sequence[Death]) -> RecoveryNews | None:
    """The recovery that did not happen, or else the one that took longest; None while nothing is known."""
    known = [death.recovery for death in group if death.recovery is not None]
    return max(known, key=lambda news: (not news.back, news.seconds), default=None)


def _how(fates: str, weapons: Sequence[str], brief: Sequence[str]) -> Iterable[str]:
    """What became of a group, and the weapons, from the longest wording to the shortest."""
    if weapons:
        yield f"{fates} ({', '.join(weapons)})"
        yield f"{fates} ({', '.join(brief)})"
    if len(brief) > 1:
        yield f"{fates} ({brief[0]}, ...)"
        yield f"{fates} ({counted(len(brief), 'weapon').lower()})"
    yield fates
    yield fates.split(", ")[0]
