"""A history as table rows, the same for every format that has tables."""

from __future__ import annotations

from typing import Final

from hostbridge.report.history import Deed, History, ProbeSpan

COLUMNS: Final = ("time (UTC)", "container", "weapon", "what", "result", "recovered")
PROBE_COLUMNS: Final = ("time (UTC)", "probe", "state", "why", "for")
REFUSED_COLUMNS: Final = ("time (UTC)", "user", "container", "why")


def deed_row(deed: Deed) -> tuple[str, ...]:
    """One kill."""
    what = f"{deed.action} for {deed.seconds:g} s" if deed.seconds else deed.action
    name = f"{deed.name} on {deed.node}" if deed.node else deed.name
    return (f"{deed.time:%Y-%m-%d %H:%M:%S}", name, deed.weapon or "-", what, _result(deed), _return(deed))


def refusal_rows(history: History) -> list[tuple[str, ...]]:
    """All refusals."""
    return [
        (
            f"{each.time:%Y-%m-%d %H:%M:%S}",
            f"uid {each.uid}",
            each.id[:12],
            each.message + (f" (and {each.unlogged} more before it)" if each.unlogged else ""),
        )
        for each in history.refusals
    ]


def probe_rows(history: History) -> list[tuple[str, ...]]:
    """Each time that a probe failed or nobody asked, and those that did neither."""
    troubled = [each for each in history.probes if each.state != "up"]
    fine = sorted({each.probe for each in history.probes} - {each.probe for each in troubled})
    return [*map(_probe_row, troubled), *(("-", name, "up", "", "all the time") for name in fine)]


def _probe_row(span: ProbeSpan) -> tuple[str, ...]:
    length = f"{span.seconds:.1f} s" + (", and on" if span.lasts else "")
    return (f"{span.start:%Y-%m-%d %H:%M:%S}", span.probe, span.state, ", ".join(span.reasons), length)


def _result(deed: Deed) -> str:
    if deed.dry_run and deed.result == "ok":
        return "dry run"
    if deed.result == "ok":
        return {"healed": "healed", "changed": "changed by others", "gone": "gone"}.get(deed.healed, "done")
    return f"{deed.result}: {deed.message}" if deed.result else "not known"


def _return(deed: Deed) -> str:
    if deed.recovered is None:
        return "-"
    service = f"{deed.service} " if deed.service != deed.name else ""
    return f"{service}after {deed.recovery_seconds:.1f} s" if deed.recovered else f"{service}did not"
