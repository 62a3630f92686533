"""Reports from the audit log alone: every format, hostile names, damaged lines, any span of time."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from hostbridge.cli import report
from hostbridge.cli.main import main
from hostbridge.faults.audit import Audit
from hostbridge.model import Container, KillAction, Peer, SetupError
from hostbridge.report import data, page, text
from hostbridge.report.figures import add_up, sentence
from hostbridge.report.history import MAX_LINE, History, lines_of, read

ME = Peer(1000, 1000, 42)


def write_log(path: Path, name: str = "web") -> None:
    """Six kills: two recovered, one did not, one healed, one failed, one was a dry run; and two refusals."""
    log = Audit(str(path))

    def kill(container: str, action: KillAction, result: str = "ok", seconds: float = 0, dry: bool = False) -> str:
        victim = Container(container.encode().hex().ljust(64, "0")[:64], container, "busybox")
        number = log.intent(ME, victim, action, "shotgun", dry, seconds)
        log.result(number, result, "" if result == "ok" else "the engine says no")
        return number

    log.recovery("recovered", kill(name, KillAction.REMOVE), "a", "shop/web", 2.5)
    log.recovery("recovered", kill(name, KillAction.REMOVE), "a", "shop/web", 7.5)
    log.recovery("not-recovered", kill("db", KillAction.STOP), "b", "db", 300.0)
    log.healed(kill("cache", KillAction.PAUSE, seconds=20), "c", "cache", "pause", "healed")
    kill("broken", KillAction.REMOVE, "failed")
    kill("dry", KillAction.REMOVE, dry=True)
    log.refused(ME, "d" * 64, "kill", "fist", "protected", "label pydoom.protect")
    log.refused(ME, "d" * 64, "kill", "fist", "rate-limited", "too many", unlogged=5)
    log.close()


@pytest.fixture
def history(tmp_path: Path) -> History:
    write_log(tmp_path / "log")
    return read((tmp_path / "log").open("rb"))


def test_it_adds_up(history: History) -> None:
    figures = add_up(history)
    assert (figures.done, dict(figures.by_action)) == (4, {"remove": 2, "stop": 1, "pause": 1})
    assert (figures.recovered, figures.not_recovered, figures.median_recovery, figures.longest_recovery) == (
        2,
        1,
        5,
        7.5,
    )
    assert (figures.healed, figures.failed, figures.dry_runs, figures.refused, figures.unknown) == (1, 1, 1, 7, 0)
    assert sentence(figures) == (
        "4 done (2 remove, 1 stop, 1 pause), 2 recovered (median 5.0 s), 1 not recovered, 1 healed, 1 in dry runs, "
        "1 failed, 7 refused"
    )


def test_the_terminal_gets_columns(history: History) -> None:
    lines = text.plain(history).splitlines()
    assert lines[2].split() == ["time", "(UTC)", "container", "weapon", "what", "result", "recovered"]
    assert lines[3].endswith("web        shotgun  remove          done                        shop/web after 2.5 s")
    assert "pause for 20 s  healed" in lines[6]
    assert "failed: the engine says no" in lines[7]


def test_markdown_is_a_table_that_names_cannot_leave(tmp_path: Path) -> None:
    write_log(tmp_path / "log", "a|b](http://x) <script>")
    made = text.markdown(read((tmp_path / "log").open("rb")))
    assert r"| a\|b\]\(http://x\) \<script\> |" in made


class Page(HTMLParser):
    """Collects what a page loads, and its tags."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [name for name, _ in attrs if name in ("src", "href", "onload", "onclick", "onerror")]


@pytest.mark.parametrize(
    "name", ["web", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "\x1b[31m\u202e"]
)
def test_the_page_stands_alone_whatever_a_container_is_called(tmp_path: Path, name: str) -> None:
    write_log(tmp_path / "log", name)
    made = page.render(read((tmp_path / "log").open("rb")))
    seen = Page()
    seen.feed(made)
    assert (seen.loads, "script" in seen.tags, "img" in seen.tags) == ([], False, False)
    assert (seen.tags.count("table"), seen.tags.count("tr")) == (2, 1 + 6 + 1 + 2)
    assert seen.tags.count("rect") >= 6 + 2
    assert "\x1b" not in made


def test_programs_get_json(history: History) -> None:
    found = json.loads(data.dump(history))
    assert found["figures"]["by_action"] == {"remove": 2, "stop": 1, "pause": 1}
    assert [each["name"] for each in found["kills"]] == ["web", "web", "db", "cache", "broken", "dry"]
    assert found["kills"][3]["healed"] == "healed"
    assert found["refusals"][1]["unlogged"] == 5


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b"7",
        b'{"event":"intent"}',
        b'{"time":"now","event":"intent","kill":"1","uid":1,"name":"x","action":"remove"}',
        b'{"time":"2026-11-29T10:00:00+00:00","event":7}',
        b'{"time":"2026-11-29T10:00:00+00:00","event":"intent","kill":1,"uid":1,"name":"x","action":"remove"}',
        b'{"time":"2026-11-29T10:00:00+00:00","event":"intent","kill":"1","uid":1e999,"name":"x","action":"remove"}',
        b'{"time":"2026-11-29T10:00:00+00:00","event":"intent","kill":"1","uid":1,"name":"x","action":"\\u001b[31mred"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b"9" * 5000,
        b"x" * (3 * MAX_LINE),
    ],
)
def test_lines_that_cannot_be_read_are_counted_and_left_out(tmp_path: Path, line: bytes) -> None:
    write_log(tmp_path / "log")
    spoiled = io.BytesIO(line + b"\n" + (tmp_path / "log").read_bytes())
    found = read(lines_of(spoiled))
    assert (found.unreadable, len(found.deeds)) == (1, 6)
    for render in report.FORMATS.values():
        assert render(found)


def test_events_of_a_newer_bridge_are_passed_over() -> None:
    found = read([b'{"time":"2026-11-29T10:00:00+00:00","event":"probe","url":"x"}'])
    assert (found.unreadable, found.deeds) == (0, [])


def test_a_span_of_time_holds_the_kills_of_it_and_what_became_of_them() -> None:
    def line(minute: int, **fields: object) -> bytes:
        stamp = datetime(2026, 11, 29, 10, minute, tzinfo=UTC).isoformat()
        return json.dumps({"time": stamp, **fields}).encode()

    lines = []
    for number, minute in ((1, 0), (2, 10), (3, 20)):
        start = {"event": "intent", "kill": str(number), "uid": 0, "name": f"c{number}", "action": "stop"}
        lines += [line(minute, **start), line(minute, event="result", kill=str(number), result="ok")]
    lines.append(line(40, event="recovered", kill="2", service="c2", seconds=1800.0))
    noon = datetime(2026, 11, 29, 10, tzinfo=UTC)
    found = read(lines, noon + timedelta(minutes=5), noon + timedelta(minutes=15))
    assert [(each.name, each.recovered) for each in found.deeds] == [("c2", True)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("2h", datetime(2026, 11, 29, 8, tzinfo=UTC)),
        ("7d", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-29T11:30:00+02:00", datetime(2026, 11, 29, 9, 30, tzinfo=UTC)),
    ],
)
def test_times_are_given_as_people_say_them(words: str, expected: datetime) -> None:
    assert report.moment(words, datetime(2026, 11, 29, 10, tzinfo=UTC)) == expected


@pytest.mark.parametrize("words", ["yesterday", "", "999999d", "2026-13-01", "2h30m"])
def test_other_times_are_refused(words: str) -> None:
    with pytest.raises(SetupError, match="is not a time"):
        report.moment(words, datetime(2026, 11, 29, 10, tzinfo=UTC))


def test_the_command_reads_several_logs_and_writes_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_log(tmp_path / "log.1")
    # another bridge's: its kills have other numbers
    (tmp_path / "log").write_text((tmp_path / "log.1").read_text().replace('"kill":"', '"kill":"x'))
    logs = [str(tmp_path / "log.1"), str(tmp_path / "log")]
    assert main(["report", *logs]) == 0
    assert capsys.readouterr().out.startswith("8 done")
    assert main(["report", *logs, "--format", "html", "--output", str(tmp_path / "r.html")]) == 0
    assert (tmp_path / "r.html").read_text().startswith("<!DOCTYPE html>")
    assert main(["report", str(tmp_path / "none")]) == 2
    assert "cannot read the audit log" in capsys.readouterr().err


def test_an_empty_log_is_a_report_too(tmp_path: Path) -> None:
    for render in report.FORMATS.values():
        assert "0 done" in render(History()) or '"done": 0' in render(History())


def test_a_bridge_that_has_written_nothing_yet_has_a_report_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "--audit", str(tmp_path / "none")]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("0 done")
    assert "there is no audit log yet at" in told.err
