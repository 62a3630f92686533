"""The undo journal: on disk before a container is touched, read at the next start, refused when damaged."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from hostbridge.faults import journal
from hostbridge.faults.journal import MAX_ENTRIES, FaultEntry, FaultStage, Journal, JournalError
from hostbridge.model import KillAction, SetupError

ENTRY = FaultEntry(
    "1-2", "docker unix:///x", "a" * 64, "web", KillAction.PAUSE, 20.0, 1.8e9, {"started": "now"}, FaultStage.DONE
)


def test_entries_survive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "state" / "undo.json"
    first = Journal(path)
    first.write([ENTRY, replace(ENTRY, kill="1-3", action=KillAction.SQUEEZE, undo={"before": {"Memory": 1}})])
    first.close()
    assert Journal(path).entries[0] == ENTRY
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_only_one_bridge_can_open_the_journal(tmp_path: Path) -> None:
    first = Journal(tmp_path / "undo.json")
    with pytest.raises(SetupError, match="another bridge is using it; choose another with --undo"):
        Journal(tmp_path / "undo.json")
    first.close()
    Journal(tmp_path / "undo.json").close()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"version": 2, "entries": []}',
        '{"version": 1, "entries": [{}]}',
        '{"version": 1, "entries": [7]}',
        '{"version": 1, "entries": 7}',
        '{"version": 1, "entries": ' + "[" * 5000 + "]" * 5000 + "}",
        '{"version": 1, "entries": [' + "9" * 5000 + "]}",
        "x" * (journal.MAX_BYTES + 1),
        *(
            '{"version": 1, "entries": [{"kill": "1", "engine": "e", "container_id": "c", "name": "n", '
            f'"action": {action}, "seconds": {seconds}, "until": {until}, "undo": {undo}, "stage": "done"}}]}}'
            for action, seconds, until, undo in (
                ('"paws"', 1, 1, "{}"),
                ("7", 1, 1, "{}"),
                ('"pause"', "true", 1, "{}"),
                ('"pause"', "1e9", 1, "{}"),
                ('"pause"', -1, 1, "{}"),
                ('"pause"', 1, "Infinity", "{}"),
                ('"pause"', 1, "NaN", "{}"),
                ('"pause"', 1, 1, "[]"),
            )
        ),
    ],
)
def test_damaged_journal_is_refused_and_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "undo.json"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(SetupError, match=r"it is damaged .*: move it away"):
        Journal(path)
    assert path.read_text() == text


def test_journal_that_others_could_change_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "undo.json"
    path.write_text('{"version": 1, "entries": []}')
    path.chmod(0o666)
    with pytest.raises(SetupError, match="can be changed by everyone"):
        Journal(path)


def test_failed_write_keeps_the_old_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = Journal(tmp_path / "undo.json")
    mine.write([ENTRY])

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(JournalError, match="No space left"):
        mine.write([])
    mine.close()
    monkeypatch.undo()
    assert Journal(tmp_path / "undo.json").entries == [ENTRY]


def test_number_of_faults_is_limited(tmp_path: Path) -> None:
    mine = Journal(tmp_path / "undo.json")
    mine.write([ENTRY] * MAX_ENTRIES)
    with pytest.raises(JournalError, match="too many"):
        mine.write([ENTRY] * (MAX_ENTRIES + 1))
