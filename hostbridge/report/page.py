"""A report as one self-contained HTML file: figures, a drawn timeline, tables. Readable in print.

Built with the standard library's element tree, so that no name from an engine can turn into markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from hostbridge.host.logs import printable
from hostbridge.report import rows
from hostbridge.report.figures import add_up, sentence
from hostbridge.report.history import Deed, History

MAX_ROWS: Final = 200
"""Most kills in the drawing; the table has all of them."""

MAX_PROBE_ROWS: Final = 32
MAX_SPANS_DRAWN: Final = 2000
"""Most times in the row of one probe."""

WIDTH: Final = 1000
NAMES: Final = 260  # the part for names
ROW: Final = 22
TICKS: Final = 6

STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1c1c1c; background: #fff; max-width: 65rem; margin: 2rem auto;
       padding: 0 1rem }
h1 { font-size: 1.6rem } h2 { font-size: 1.2rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100%; font-size: .9rem }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ccc; overflow-wrap: anywhere }
tr { break-inside: avoid } svg { width: 100%; height: auto } .key span { margin-right: 1.5rem }
svg text { font: 12px system-ui, sans-serif; fill: #1c1c1c }
.grid { stroke: #ddd } .shot { fill: #a4161a } .fault { fill: #e09f3e } .gone { fill: #b8b8b8 } .well { fill: #2d6a4f }
.lost { fill: #a4161a; opacity: .35 } .up { fill: #95d5b2 } .failing { fill: #d00000 } .unknown { fill: #e5e5e5 }
@media print { body { margin: 0; max-width: none } }
"""

KEY: Final = (
    ("shot", "the shot"),
    ("fault", "under a fault"),
    ("gone", "until as many as before were well"),
    ("well", "recovered"),
    ("lost", "not recovered"),
    ("up", "probe up"),
    ("failing", "probe failing"),
    ("unknown", "nobody asked"),
)


def render(history: History) -> str:
    """The page."""
    html = Element("html", lang="en")
    head = SubElement(html, "head")
    SubElement(head, "meta", charset="utf-8")
    SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    # nothing in this file may run or load anything, whatever a container is called
    policy = {"http-equiv": "Content-Security-Policy", "content": "default-src 'none'; style-src 'unsafe-inline'"}
    SubElement(head, "meta", policy)
    SubElement(head, "title").text = "What was shot and what recovered"
    SubElement(head, "style").text = STYLE
    body = SubElement(html, "body")
    SubElement(body, "h1").text = "What was shot and what recovered"
    span = history.span()
    if span:
        SubElement(body, "p").text = f"{span[0]:%Y-%m-%d %H:%M:%S} to {span[1]:%Y-%m-%d %H:%M:%S} UTC"
    SubElement(body, "p").text = sentence(add_up(history)) + "."
    if span and (history.deeds or history.probes):
        SubElement(body, "h2").text = "Timeline"
        _draw(body, history)
    if history.probes:
        SubElement(body, "h2").text = "Probes"
        _table(body, rows.PROBE_COLUMNS, rows.probe_rows(history))
    if history.deeds:
        SubElement(body, "h2").text = "Kills"
        _table(body, rows.COLUMNS, map(rows.deed_row, history.deeds))
    if history.refusals:
        SubElement(body, "h2").text = "Refused"
        _table(body, rows.REFUSED_COLUMNS, rows.refusal_rows(history))
    if history.unreadable:
        SubElement(body, "p").text = f"{history.unreadable} lines of the log could not be read."
    return "<!DOCTYPE html>\n" + tostring(html, encoding="unicode", method="html") + "\n"


def _table(body: Element, head: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    table = SubElement(body, "table")
    row = SubElement(SubElement(table, "thead"), "tr")
    for title in head:
        SubElement(row, "th", scope="col").text = title
    rest = SubElement(table, "tbody")
    for line in lines:
        row = SubElement(rest, "tr")
        for cell in line:
            SubElement(row, "td").text = printable(cell)


def _draw(body: Element, history: History) -> None:
    deeds = history.deeds[:MAX_ROWS]
    probes = sorted({each.probe for each in history.probes})[:MAX_PROBE_ROWS]
    start = min([each.time for each in deeds] + [each.start for each in history.probes])
    end = max([_end(each) for each in deeds] + [each.end for each in history.probes])
    length = max((end - start).total_seconds(), 1.0)
    height = ROW * (len(probes) + len(deeds) + 1) + 6
    svg = SubElement(body, "svg", viewBox=f"0 0 {WIDTH} {height}", role="img")
    SubElement(
        svg, "title"
    ).text = (
        "When probes failed, when each container was shot, how long its fault lasted, when its service had recovered"
    )

    def place(moment: datetime) -> float:
        return NAMES + (WIDTH - NAMES - 10) * (moment - start).total_seconds() / length

    for number in range(TICKS):
        moment = start + timedelta(seconds=length * number / (TICKS - 1))
        x = f"{place(moment):.1f}"
        SubElement(svg, "line", {"x1": x, "x2": x, "y1": "0", "y2": str(height - ROW), "class": "grid"})
        anchor = "end" if number == TICKS - 1 else "middle"
        SubElement(svg, "text", {"x": x, "y": str(height - 6), "text-anchor": anchor}).text = f"{moment:%H:%M:%S}"
    for row, probe in enumerate(probes):
        _label(svg, probe, row * ROW)
        for each in [each for each in history.probes if each.probe == probe][:MAX_SPANS_DRAWN]:
            _box(svg, each.state, place(each.start), row * ROW + 7, max(place(each.end) - place(each.start), 1), 8)
    for row, deed in enumerate(deeds, len(probes)):
        _draw_deed(svg, deed, row * ROW, place(deed.time), place(_end(deed)))
    key = SubElement(body, "p", {"class": "key"})
    for kind, words in KEY:
        entry = SubElement(key, "span")
        box = SubElement(entry, "svg", viewBox="0 0 10 10", style="width: .8em; height: .8em")
        SubElement(box, "rect", {"width": "10", "height": "10", "class": kind})
        box.tail = f" {words}"


def _draw_deed(svg: Element, deed: Deed, top: int, x: float, end: float) -> None:
    _label(svg, deed.name, top)
    kind = "fault" if deed.seconds else {None: "", True: "gone", False: "lost"}[deed.recovered]
    if kind and end > x:
        _box(svg, kind, x, top + 7, end - x, 8)
    if deed.recovered:
        _box(svg, "well", end - 2, top + 3, 5, 16)
    _box(svg, "shot", x - 2, top + 3, 5, 16)


def _label(svg: Element, name: str, top: int) -> None:
    name = printable(name)
    label = SubElement(svg, "text", {"x": str(NAMES - 10), "y": str(top + 15), "text-anchor": "end"})
    label.text = name if len(name) <= 34 else f"{name[:16]}…{name[-16:]}"


def _box(svg: Element, kind: str, x: float, y: float, width: float, height: float) -> None:
    place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "width": f"{width:.1f}", "height": f"{height:.1f}", "class": kind}
    SubElement(svg, "rect", place)


def _end(deed: Deed) -> datetime:
    """When it was over, as far as the log says."""
    ends = [deed.time]
    if deed.healed_at:
        ends.append(deed.healed_at)
    if deed.recovered is not None:
        ends.append(deed.time + timedelta(seconds=deed.recovery_seconds))
    return max(ends)
