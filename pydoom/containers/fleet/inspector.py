"""Asks the bridge about the container that the player looks at, and keeps the answers for a while.

One question is under way at a time, and none goes out too soon after the one before, so that sweeping the view over a
crowd costs the engine little. While nothing is to be asked about the one aimed at, the nearest containers in sight are
asked about, so that their figures are there when the player turns to them. Nothing here waits: the picture says in each
frame what the player looks at, each tic may send a question, and the answer comes with the bridge's other events.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pydoom.containers.link.events import Connected, Inspected, LinesRead, NotTold
from pydoom.sim.constants import TICRATE

if TYPE_CHECKING:
    from pydoom.containers.fleet.roster import Entry

PACE_TICS: Final = 4
"""Least tics from one question to the next."""
SECOND_TICS: Final = 20
MOST_TRIES: Final = 4
"""Tics after which a container is inspected again while its CPU use is unknown, which takes two samples; and how often
it is asked about so soon."""
REPEAT_TICS: Final = 2 * TICRATE
"""Tics after which what is looked at is asked about again."""
GLIMPSE_PACE_TICS: Final = 12
"""Least tics from one question to the next about what is only in sight."""
GLIMPSE_TICS: Final = 7 * TICRATE
"""Tics after which what is only in sight is asked about again."""
STALE_TICS: Final = 10 * TICRATE
"""Tics after which an answer no longer counts."""
GLANCE_TICS: Final = TICRATE
"""Tics after which nothing is looked at any more, if no frame has said so again."""
REFUSED_TICS: Final = 20 * TICRATE
"""Tics after which a question that the bridge does not allow is asked again: its audit log may have been full."""
LOST_TICS: Final = 10 * TICRATE
"""Tics after which an answer is no longer expected."""
MOST_KEPT: Final = 64
"""Number of containers whose answers are kept."""
INSPECT: Final = "inspect"
LOGS: Final = "logs"

_FOREVER: Final = 1 << 40


@dataclass(slots=True)
class Known:
    """The last answers about one container, and the tic of each."""

    facts: Inspected | None = None
    facts_tic: int = -_FOREVER
    lines: tuple[str, ...] | None = None
    lines_tic: int = -_FOREVER
    tries: int = 0  # to learn its CPU use
    due: dict[str, int] = field(default_factory=dict)  # the tic from which on to ask again, by request


class Inspector:
    """What is known about the containers that the player looks at. `send` passes a question on: an ID and a request."""

    def __init__(self, send: Callable[[str, str], None]) -> None:
        self._send = send
        self._may: frozenset[str] = frozenset()  # requests that the bridge answers
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._tic = 0
        self._subject = ""
        self._in_sight: tuple[str, ...] = ()
        self._wants_lines = False
        self._glance_tic = -_FOREVER
        self._asked: tuple[str, str] | None = None  # the question under way
        self._asked_tic = -_FOREVER
        self._quiet_until = 0

    @property
    def may_inspect(self) -> bool:
        """Whether the bridge says more about a container than its list does."""
        return INSPECT in self._may

    @property
    def may_read_logs(self) -> bool:
        """Whether the bridge tells a container's last lines."""
        return LOGS in self._may

    def look_at(self, entry: Entry, lines: bool = False) -> None:
        """Note that a frame shows this container's details; on the list, with its last `lines`."""
        if lines:
            self._in_sight = ()
        self._subject = entry.info.id if entry.exists else ""
        self._wants_lines = lines
        self._glance_tic = self._tic

    def glimpse(self, entries: Iterable[Entry]) -> None:
        """Note that a frame shows these containers' monsters, the nearest first; call `look_at` after it."""
        self._in_sight = tuple(entry.info.id for entry in entries if entry.exists)
        self._subject = ""
        self._glance_tic = self._tic

    def facts(self, container_id: str) -> Inspected | None:
        """The last answer to an inspection, if it is not too old."""
        known = self._known.get(container_id)
        return known.facts if known is not None and self._tic - known.facts_tic <= STALE_TICS else None

    def lines(self, container_id: str) -> tuple[str, ...] | None:
        """The last lines of a container, if they are not too old."""
        known = self._known.get(container_id)
        return known.lines if known is not None and self._tic - known.lines_tic <= STALE_TICS else None

    def tick(self) -> None:
        """Run for one tic: send a question if it is time."""
        self._tic += 1
        if self._asked is not None and self._tic - self._asked_tic > LOST_TICS:
            self._asked = None
        if self._asked is not None or self._tic < self._quiet_until or self._tic - self._glance_tic > GLANCE_TICS:
            return
        request = self._due(self._subject) if self._subject else ""
        if request:
            self._ask(self._subject, request)
        elif self._tic - self._asked_tic >= GLIMPSE_PACE_TICS:
            unknown = next(filter(self._is_little_known, self._in_sight), None)
            if unknown is not None:
                self._ask(unknown, INSPECT)

    def _ask(self, container_id: str, request: str) -> None:
        self._asked, self._asked_tic = (container_id, request), self._tic
        self._quiet_until = self._tic + PACE_TICS
        self._send(container_id, request)

    def connected(self, event: Connected) -> None:
        """Begin anew with a bridge."""
        self._may = frozenset(request for request, allowed in ((INSPECT, event.inspect), (LOGS, event.logs)) if allowed)
        self.disconnected()

    def disconnected(self) -> None:
        """Forget everything: what the bridge has said is out of date."""
        self._asked = None
        self._known.clear()

    def forget(self, container_id: str) -> None:
        """Forget a container that is gone."""
        self._known.pop(container_id, None)

    def hear(self, event: Inspected | LinesRead | NotTold) -> None:
        """Take in an answer."""
        request = INSPECT if isinstance(event, Inspected) else LOGS if isinstance(event, LinesRead) else event.request
        if self._asked != (event.id, request):
            return  # too late
        self._asked = None
        known = self._of(event.id)
        pause = REPEAT_TICS
        if isinstance(event, Inspected):
            known.facts, known.facts_tic = event, self._tic
            known.tries = known.tries + 1 if event.cpus is None else 0
            if 0 < known.tries < MOST_TRIES:
                pause = SECOND_TICS
        elif isinstance(event, LinesRead):
            known.lines, known.lines_tic = event.lines, self._tic
        elif event.code == "denied":
            pause = REFUSED_TICS
        elif event.code == "rate-limited":
            self._quiet_until = self._tic + TICRATE
        known.due[request] = self._tic + pause

    def _due(self, container_id: str) -> str:
        """The question to ask next about a container; empty for none."""
        known = self._of(container_id)
        wanted = (INSPECT, LOGS) if self._wants_lines else (INSPECT,)
        due = [each for each in wanted if each in self._may and self._tic >= known.due.get(each, 0)]
        return due[0] if due else ""

    def _is_little_known(self, container_id: str) -> bool:
        """Whether a container in sight is to be inspected."""
        known = self._known.get(container_id)
        if INSPECT not in self._may or known is None:
            return INSPECT in self._may
        lacks = known.facts is None or known.facts.cpus is None or self._tic - known.facts_tic >= GLIMPSE_TICS
        return lacks and self._tic >= known.due.get(INSPECT, 0)

    def _of(self, container_id: str) -> Known:
        known = self._known.pop(container_id, None) or Known()
        self._known[container_id] = known
        if len(self._known) > MOST_KEPT:
            self._known.popitem(last=False)
        return known
