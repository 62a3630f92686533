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
        *(
            json.dumps({"time": time, "event": "intent", "kill": "1", "uid": 1, "name": "x", "action": "stop"}).encode()
            for time in ("9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00", "1969-12-31T23:59:59+00:00")
        ),
        b'{"time":"2026-11-29T10:00:00+00:00","event":"refused","uid":1,"result":"x","unlogged":-5}',
        b'{"time":"2026-11-29T10:00:00+00:00","event":"refused","uid":1,"result":"x","unlogged":1e300}',
        b'{"time":"2026-11-29T10:00:00+00:00","event":"refused","uid":1e300,"result":"x"}',
    ],
)
def test_lines_that_cannot_be_read_are_counted_and_left_out(tmp_path: Path, line: bytes) -> None:
    write_log(tmp_path / "log")
    spoiled = io.BytesIO(line + b"\n" + (tmp_path / "log").read_bytes())
    found = read(lines_of(spoiled))
    assert (found.unreadable, len(found.deeds)) == (1, 6)
    for render in report.FORMATS.values():
        assert render(found)


@pytest.mark.parametrize("seconds", [0.1, 999_999_999])
@pytest.mark.parametrize("first", ["8999-12-31T23:59:59+00:00", "1970-01-01T00:00:00+00:00"])
def test_a_clock_that_jumps_leaves_a_report(first: str, seconds: float) -> None:
    """Whatever order the times have, and however far apart they are."""
    lines = [
        {"time": first, "event": "intent", "kill": "1", "uid": 1, "name": "x", "action": "pause", "seconds": seconds},
        {"time": "2026-11-29T10:00:00+00:00", "event": "healed", "kill": "1", "result": "healed"},
        {"time": first, "event": "recovered", "kill": "1", "service": "x", "seconds": seconds},
    ]
    found = read(json.dumps(line).encode() for line in lines)
    assert found.unreadable == 0
    for render in report.FORMATS.values():
        assert render(found)


def test_times_of_any_zone_are_told_in_utc() -> None:
    line = b'{"time":"2026-11-29T12:00:00+02:00","event":"intent","kill":"1","uid":1,"name":"x","action":"stop"}'
    assert "2026-11-29 10:00:00" in text.plain(read([line]))


def test_events_of_a_newer_bridge_are_passed_over() -> None:
    found = read([b'{"time":"2026-11-29T10:00:00+00:00","event":"portal","url":"x"}'])
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


def probe_log(path: Path, *lines: tuple[int, str, str, str]) -> History:
    """What is read from a log with these lines about probes: second, name, state, reason."""
    path.write_text("".join(map(probe_line, lines)))
    return read(path.open("rb"))


def probe_line(line: tuple[int, str, str, str]) -> str:
    second, name, state, reason = line
    time = (NOON + timedelta(seconds=second)).isoformat(timespec="milliseconds")
    return json.dumps({"time": time, "event": "probe", "probe": name, "state": state, "reason": reason}) + "\n"


NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
PROBED = (
    (0, "web", "up", "200"),
    (0, "shop", "up", "200"),
    (10, "shop", "failing", "503"),
    (12, "shop", "failing", "timeout"),
    (25, "shop", "up", "200"),
    (30, "shop", "failing", "refused"),
    (31, "shop", "unknown", "no helper"),
    (36, "shop", "up", "200"),
    (40, "web", "unknown", "bridge stopped"),
    (40, "shop", "unknown", "bridge stopped"),
)


def test_probes_failures_are_added_up(tmp_path: Path) -> None:
    history = probe_log(tmp_path / "log", *PROBED)
    shop, web = add_up(history).probes
    assert (shop.probe, shop.failures, shop.failing_seconds, shop.longest_seconds) == ("shop", 2, 16, 15)
    assert (web.probe, web.failures, web.unknown_seconds) == ("web", 0, 0)
    assert len(history.probes) == 7, "from the end of the bridge on, nothing is known or missed"
    assert sentence(add_up(history)) == "0 done, probes failed 2 times for 16.0 s"


def test_probes_failures_are_listed_and_drawn(tmp_path: Path) -> None:
    history = probe_log(tmp_path / "log", *PROBED)
    said = text.plain(history)
    assert "2026-11-29 12:00:10  shop   failing  503, timeout  15.0 s\n" in said
    assert "2026-11-29 12:00:31  shop   unknown  no helper     5.0 s\n" in said
    assert "## Probes" in text.markdown(history)
    html = page.render(history)
    assert html.count('class="failing"') == 3, "two failures, and the key"
    assert "Kills" not in html
    assert [each["state"] for each in json.loads(data.dump(history))["probes"]].count("failing") == 2


def test_probe_that_still_fails_lasts_to_the_end_of_the_log(tmp_path: Path) -> None:
    history = probe_log(tmp_path / "log", *PROBED[:3], (20, "web", "failing", "503"))
    assert "10.0 s, and on" in text.plain(history)


def test_probe_without_trouble_is_said_to_be_up(tmp_path: Path) -> None:
    assert "web    up     " in text.plain(probe_log(tmp_path / "log", *PROBED[:2]))


def test_span_of_time_cuts_the_probes_failures(tmp_path: Path) -> None:
    probe_log(tmp_path / "log", *PROBED)
    for first, last, failing in ((12, 20, 8), (20, 100, 6), (26, 29, 0), (11, 12, 1)):
        since, until = NOON + timedelta(seconds=first), NOON + timedelta(seconds=last)
        history = read((tmp_path / "log").open("rb"), since, until)
        total = sum(each.seconds for each in history.probes if each.state == "failing")
        assert total <= failing, (first, last)
        assert all(since <= each.start <= each.end <= until for each in history.probes)


def test_messages_that_reached_no_hook_are_counted(tmp_path: Path) -> None:
    log = Audit(str(tmp_path / "log"))
    for count in (2, 3):
        log.hook("ops", "dropped", count, "queue full")
    log.close()
    history = read((tmp_path / "log").open("rb"))
    assert history.lost_messages == {"ops": 5}
    assert sentence(add_up(history)) == "0 done, 5 messages not delivered to hooks"


@pytest.mark.parametrize(
    "line",
    [
        (0, "shop", "exploded", "503"),
        (0, "\x1b[31m<b>|", "failing", "\x1b[0m<i>|"),
    ],
)
def test_hostile_lines_about_probes_do_no_harm(tmp_path: Path, line: tuple[int, str, str, str]) -> None:
    history = probe_log(tmp_path / "log", line)
    assert bool(history.probes) != bool(history.unreadable)
    for made in (text.plain(history), text.markdown(history), page.render(history), sentence(add_up(history))):
        assert "\x1b" not in made
        if "<table>" in made:
            assert "<i>" not in made


def test_log_with_endless_probes_is_bounded(tmp_path: Path) -> None:
    lines = [(number, f"probe-{number}", "failing", "503") for number in range(3000)]
    lines += [(number, "probe-0", "failing", str(number)) for number in range(3000, 3100)]
    history = probe_log(tmp_path / "log", *lines)
    assert len(history.probes) == 1000
    assert len(history.probes[0].reasons) == 8
    assert page.render(history).count('class="failing"') == 33
