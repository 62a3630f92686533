"""The audit log, read back: each kill with its result, its healing and its recovery, and how the probes were.

The log may have any size and age, and other programs may have written to it: an unreadable line is counted
and left out. Everything in it comes from engines and clients, so no output format may trust it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final

from hostbridge import parsing
from hostbridge.faults.audit import STOPPED
from hostbridge.parsing import ParseError

MAX_LINE: Final = 64 * 1024
MAX_KILLS: Final = 100_000
"""Most kills in one report; the newest are kept."""

MAX_PROBES: Final = 1000
MAX_REASONS: Final = 8
"""Most reasons that are kept of one failure of a probe."""
MAX_SPANS: Final = 100_000
"""Most spans of probes in one report; what comes later is left out."""

_STATES: Final = frozenset({"up", "failing", "unknown"})
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)
MOST: Final = 10**9
"""Largest plausible count and number of seconds."""

_WORD: Final = re.compile(r"[a-z-]{1,20}")


@dataclass(slots=True)
class Deed:
    """One kill or wound that was started, and its outcome."""

    number: str
    time: datetime
    uid: int
    name: str
    image: str
    node: str
    action: str
    weapon: str
    seconds: float  # until it is undone; 0 for never
    dry_run: bool
    result: str = ""  # ``ok``, an error code, or empty if the log has none
    message: str = ""
    healed: str = ""  # the result of undoing it
    healed_at: datetime | None = None
    service: str = ""
    recovered: bool | None = None  # None if unknown so far, or if nothing was expected back
    recovery_seconds: float = 0.0

    @property
    def is_done(self) -> bool:
        """Whether it was carried out."""
        return self.result == "ok" and not self.dry_run


@dataclass(frozen=True, slots=True)
class Refusal:
    """A kill or wound that was refused, and how many earlier ones were not logged."""

    time: datetime
    uid: int
    id: str
    weapon: str
    result: str
    message: str
    unlogged: int


@dataclass(slots=True)
class ProbeSpan:
    """A time in which a probe was in one state: ``up``, ``failing`` or ``unknown``."""

    probe: str
    state: str
    reasons: list[str]  # each that was given, in order
    start: datetime
    end: datetime
    lasts: bool = True  # the log, or the span of time, ends before it does

    @property
    def seconds(self) -> float:
        """How long it lasted, as far as the log says."""
        return (self.end - self.start).total_seconds()


@dataclass(slots=True)
class History:
    """What the log says about a span of time."""

    deeds: list[Deed] = field(default_factory=list)  # in order of time
    refusals: list[Refusal] = field(default_factory=list)
    probes: list[ProbeSpan] = field(default_factory=list)  # in order of their start
    lost_messages: dict[str, int] = field(default_factory=dict)  # by hook, how many have not reached it
    unreadable: int = 0  # lines

    def span(self) -> tuple[datetime, datetime] | None:
        """The first and the last moment in it."""
        times = [each.time for each in self.deeds] + [each.time for each in self.refusals]
        times += [each.healed_at for each in self.deeds if each.healed_at]
        times += [moment for each in self.probes for moment in (each.start, each.end)]
        return (min(times), max(times)) if times else None


def read(lines: Iterable[bytes], since: datetime | None = None, until: datetime | None = None) -> History:
    """Everything started or refused between two moments, with its outcome, even if that came later."""
    history = History()
    deeds: dict[str, Deed] = {}
    watch = _ProbeWatch(history.probes, since, until)
    for line in lines:
        if not line.strip():
            continue
        try:
            record = parsing.json_object(line) if len(line) <= MAX_LINE else {}
            _take(history, deeds, watch, record, since, until)
        except (ParseError, ValueError, LookupError, TypeError, OverflowError):
            history.unreadable += 1
    watch.end()
    history.deeds = sorted(deeds.values(), key=lambda each: each.time)
    return history


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file, each cut off after `MAX_LINE` bytes to limit memory."""
    while line := file.readline(MAX_LINE + 1):
        whole = line
        while len(line) > MAX_LINE and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE + 1)
        yield whole


class _ProbeWatch:
    """Turns lines about probes into spans, those that began before `since` cut to it."""

    def __init__(self, spans: list[ProbeSpan], since: datetime | None, until: datetime | None) -> None:
        self._spans = spans
        self._since, self._until = since, until
        self._open: dict[str, ProbeSpan] = {}
        self._last: datetime | None = None

    def saw(self, time: datetime) -> None:
        """Note that the log goes on at least until then."""
        if self._until is None or time <= self._until:
            self._last = max(self._last or time, time)

    def change(self, probe: str, state: str, reason: str, time: datetime) -> None:
        """A probe is in this state from then on."""
        if self._until is not None and time > self._until:
            return
        old = self._open.get(probe)
        if old is None and len(self._open) >= MAX_PROBES:
            return
        if old is not None and old.state == state:
            if reason not in old.reasons and len(old.reasons) < MAX_REASONS:
                old.reasons.append(reason)
            return
        if old is not None:
            self._close(old, time, lasts=False)
        self._open[probe] = ProbeSpan(probe, state, [reason], time, time)

    def end(self) -> None:
        """The log is over."""
        for each in self._open.values():
            if each.reasons == [STOPPED]:
                continue  # the log's last word on it, and no failure
            self._close(each, max(self._last or each.start, each.start), lasts=each.state != "unknown")
        self._spans.sort(key=lambda each: each.start)

    def _close(self, span: ProbeSpan, end: datetime, lasts: bool) -> None:
        if self._since is not None:
            if end < self._since:
                return
            span.start = max(span.start, self._since)
        span.end, span.lasts = max(end, span.start), lasts
        if len(self._spans) < MAX_SPANS:
            self._spans.append(span)


def _take(
    history: History,
    deeds: dict[str, Deed],
    watch: _ProbeWatch,
    record: Mapping[str, Any],
    since: datetime | None,
    until: datetime | None,
) -> None:
    event, time = _text(record["event"]), _time(record["time"])
    watch.saw(time)
    if event == "intent":
        if _is_within(time, since, until):
            deed = _deed(record, time)
            deeds[deed.number] = deed
            if len(deeds) > MAX_KILLS:
                del deeds[next(iter(deeds))]
    elif event == "refused":
        if _is_within(time, since, until):
            history.refusals.append(_refusal(record, time))
            if len(history.refusals) > MAX_KILLS:
                del history.refusals[: MAX_KILLS // 10]
    elif event == "probe":
        if record["state"] not in _STATES:
            raise ValueError("not a state of a probe")
        watch.change(_text(record["probe"]), record["state"], _text(record["reason"]), time)
    elif event == "hook":
        if _is_within(time, since, until):
            hook = _text(record["hook"])
            history.lost_messages[hook] = history.lost_messages.get(hook, 0) + int(_number(record["count"]))
    elif event in ("result", "healed", "recovered", "not-recovered"):
        found = deeds.get(_text(record["kill"]))
        if found is not None:
            _complete(found, event, record, time)


def _deed(record: Mapping[str, Any], time: datetime) -> Deed:
    return Deed(
        number=_text(record["kill"]),
        time=time,
        uid=_whole(record["uid"]),
        name=_text(record["name"]),
        image=_text(record.get("image", "")),
        node=_text(record.get("node", "")),
        action=_action(record["action"]),
        weapon=_text(record.get("weapon", "")),
        seconds=_number(record.get("seconds", 0)),
        dry_run=record.get("dry_run") is True,
    )


def _refusal(record: Mapping[str, Any], time: datetime) -> Refusal:
    return Refusal(
        time,
        _whole(record["uid"]),
        _text(record.get("id", "")),
        _text(record.get("weapon", "")),
        _text(record["result"]),
        _text(record.get("message", "")),
        _whole(record.get("unlogged", 0), least=0),
    )


def _complete(deed: Deed, event: str, record: Mapping[str, Any], time: datetime) -> None:
    if event == "result":
        deed.result, deed.message = _text(record["result"]), _text(record.get("message", ""))
    elif event == "healed":
        deed.healed, deed.healed_at = _text(record["result"]), time
    else:
        deed.service = _text(record["service"])
        deed.recovered = event == "recovered"
        deed.recovery_seconds = _number(record["seconds"])


def _is_within(time: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or time >= since) and (until is None or time <= until)


def _time(value: object) -> datetime:
    """A plausible moment, in UTC: sums of it and any number of seconds here are moments, too."""
    found = datetime.fromisoformat(_text(value))
    found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    if not EARLIEST <= found <= LATEST:
        raise ValueError("not a plausible time")
    return found


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _action(value: object) -> str:
    """A word, which reports may print as it is."""
    if not _WORD.fullmatch(_text(value)):
        raise ValueError("not an action")
    return _text(value)


def _whole(value: object, least: int = -1) -> int:
    """A count or a user's number; an unknown user is -1."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value < 1 << 32:
        raise TypeError("not a whole number")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < MOST:
        raise TypeError("not a number")
    return float(value)
