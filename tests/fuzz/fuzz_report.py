"""Files that the bridge writes and reads again: the audit log for reports, and the undo journal."""

from __future__ import annotations

import json
import random
import tempfile
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar, Final

from hostbridge.faults.journal import Journal
from hostbridge.model import SetupError
from hostbridge.report import data, history, page, text
from tests.fuzz import mutate
from tests.fuzz.fuzz_settings import one_line
from tests.fuzz.harness import Fuzzer

_KILL: Final = {"time": "2026-01-02T03:04:05.678+00:00", "kill": "1-2-3"}
LOG: Final[tuple[dict[str, Any], ...]] = (
    _KILL
    | {"event": "intent", "uid": 1000, "gid": 1000, "pid": 7, "id": "f" * 64, "name": "web-1", "image": "nginx:1.27"}
    | {"node": "", "action": "pause", "weapon": "fist", "seconds": 20, "dry_run": False},
    _KILL | {"event": "result", "result": "ok", "message": ""},
    _KILL | {"event": "healed", "result": "ok"},
    _KILL | {"event": "recovered", "service": "web", "seconds": 3.5},
    _KILL | {"event": "question", "uid": 1000, "request": "logs", "id": "f" * 64, "name": "web-1"},
    _KILL | {"event": "refused", "uid": 1000, "id": "f" * 64, "weapon": "pistol", "result": "protected", "unlogged": 3},
    _KILL | {"event": "probe", "probe": "shop", "state": "failing", "reason": "503"},
    _KILL | {"event": "hook", "hook": "ops", "result": "dropped", "count": 3, "reason": "queue full"},
)


MARKUP: Final = (
    *("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</title><svg onload=x>", "&lt;b&gt;", "<!--"),
    *("]]>", "| a | b |", "[x](javascript:y)", "`x`", "\x1b[31m", "\u202e", "\ud800", "<![CDATA[", "</style><b>"),
)


class _Parts(HTMLParser):
    """Names of the elements and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names |= {tag, *(f"{tag} {name}" for name, _ in attrs)}


class ReportFuzzer(Fuzzer):
    """Whatever is in an audit log, a report is made in every format: text without control characters, JSON that can be
    read, and a page without other elements than a report has.
    """

    name = "report"
    short_inputs: ClassVar[int] = 300

    def open(self) -> None:
        self._usual = _Parts()
        for log in (LOG, LOG[:2], LOG[-1:], ()):
            whole = "".join(json.dumps(each) + "\n" for each in log).encode()
            self._usual.feed(page.render(history.read(history.lines_of(BytesIO(whole)))))

    def make(self, random: random.Random) -> bytes:
        odds = random.choice((0.0, 0.05, 0.3))
        records = [mutate.mutated_value(random, random.choice(LOG), odds) for _ in range(random.randint(1, 12))]
        for each in records:
            if isinstance(each, dict) and random.random() < 0.1:
                each[random.choice(("name", "image", "weapon", "message", "service"))] = random.choice(MARKUP)
        log = b"".join(json.dumps(each).encode("ascii") + b"\n" for each in records)
        return mutate.mutated_bytes(random, log, 3) if random.random() < 0.2 else log

    def check(self, data_: bytes) -> None:
        found = history.read(history.lines_of(BytesIO(data_)))
        for report in (text.plain(found), text.markdown(found)):
            assert all(each.isprintable() or each == "\n" for each in report), "a control character in a report"
        json.loads(data.dump(found))
        rendered = page.render(found)
        rendered.encode("utf-8")
        parts = _Parts()
        parts.feed(rendered)
        assert parts.names <= self._usual.names, f"markup out of the log: {parts.names - self._usual.names}"


ENTRY: Final[dict[str, Any]] = {
    "kill": "1-2-3", "engine": "docker", "container_id": "f" * 64, "name": "web-1", "action": "pause", "seconds": 20.0,
    "until": 1.7e9, "undo": {}, "stage": "done",
}  # fmt: skip


class JournalFuzzer(Fuzzer):
    """An undo journal is read, or refused with one line; what was read can be written and is then read again."""

    name = "journal"
    short_inputs: ClassVar[int] = 100

    def open(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fuzz-")
        self._path = Path(self._folder.name) / "undo.json"

    def close(self) -> None:
        self._folder.cleanup()

    def make(self, random: random.Random) -> bytes:
        value = mutate.mutated_value(random, {"version": 1, "entries": [ENTRY, ENTRY]}, random.choice((0.02, 0.2)))
        written = json.dumps(value).encode("ascii")
        return mutate.mutated_bytes(random, written, 3) if random.random() < 0.3 else written

    def check(self, data: bytes) -> None:
        self._path.write_bytes(data)
        self._path.chmod(0o600)
        try:
            journal = Journal(self._path)
        except SetupError as error:
            one_line(error)
            return
        entries = journal.entries
        try:
            journal.write(entries)
        finally:
            journal.close()
        again = Journal(self._path)
        again.close()
        assert again.entries == entries
