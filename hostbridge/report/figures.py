"""The sums of a history."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hostbridge.report.history import History, ProbeSpan


@dataclass(frozen=True, slots=True)
class ProbeFigures:
    """One probe: how often it failed, and how long in all and at most."""

    probe: str
    failures: int
    failing_seconds: float
    longest_seconds: float
    unknown_seconds: float


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a report. Seconds are None if nothing was measured."""

    done: int
    by_action: tuple[tuple[str, int], ...]  # most first
    dry_runs: int
    failed: int
    unknown: int  # started, but the log has no result
    healed: int
    left_alone: int  # faults that somebody else had changed, or whose container was gone
    to_be_healed: int
    recovered: int
    not_recovered: int
    median_recovery: float | None
    longest_recovery: float | None
    refused: int  # including those not logged one by one
    probes: tuple[ProbeFigures, ...]  # by name
    lost_messages: int  # that have not reached their hook


def add_up(history: History) -> Figures:
    """Add up a history."""
    done = [each for each in history.deeds if each.is_done]
    times = [each.recovery_seconds for each in done if each.recovered]
    return Figures(
        done=len(done),
        by_action=tuple(Counter(each.action for each in done).most_common()),
        dry_runs=sum(each.dry_run and each.result == "ok" for each in history.deeds),
        failed=sum(each.result not in ("ok", "") for each in history.deeds),
        unknown=sum(not each.result for each in history.deeds),
        healed=sum(each.healed == "healed" for each in done),
        left_alone=sum(each.healed in ("changed", "gone") for each in done),
        to_be_healed=sum(bool(each.seconds) and not each.healed for each in done),
        recovered=len(times),
        not_recovered=sum(each.recovered is False for each in done),
        median_recovery=statistics.median(times) if times else None,
        longest_recovery=max(times, default=None),
        refused=sum(1 + each.unlogged for each in history.refusals),
        probes=tuple(probe_figures(history.probes)),
        lost_messages=sum(history.lost_messages.values()),
    )


def probe_figures(spans: Sequence[ProbeSpan]) -> Iterator[ProbeFigures]:
    """The figures of each probe, by name."""
    by_probe: dict[str, list[ProbeSpan]] = {}
    for each in spans:
        by_probe.setdefault(each.probe, []).append(each)
    for name, found in sorted(by_probe.items()):
        failing = [each.seconds for each in found if each.state == "failing"]
        unknown = sum(each.seconds for each in found if each.state == "unknown")
        yield ProbeFigures(name, len(failing), sum(failing), max(failing, default=0.0), unknown)


def sentence(figures: Figures) -> str:
    """The figures in one line."""
    kinds = ", ".join(f"{count} {action}" for action, count in figures.by_action)
    parts = [f"{figures.done} done" + (f" ({kinds})" if kinds else "")]
    if figures.recovered:
        parts.append(f"{figures.recovered} recovered (median {figures.median_recovery:.1f} s)")
    for count, what in (
        (figures.not_recovered, "not recovered"),
        (figures.healed, "healed"),
        (figures.to_be_healed, "not healed yet"),
        (figures.dry_runs, "in dry runs"),
        (figures.failed, "failed"),
        (figures.unknown, "without a result"),
        (figures.refused, "refused"),
        (figures.lost_messages, "messages not delivered to hooks"),
    ):
        if count:
            parts.append(f"{count} {what}")
    failures = sum(each.failures for each in figures.probes)
    if failures:
        often = "once" if failures == 1 else f"{failures} times"
        parts.append(f"probes failed {often} for {sum(each.failing_seconds for each in figures.probes):.1f} s")
    return ", ".join(parts)
