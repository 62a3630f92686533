"""The audit log under attack: forged lines, moved and swapped files, a disk that fills up, several writers."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostbridge.cli import serve
from hostbridge.faults import audit
from hostbridge.faults.audit import Audit, AuditError
from hostbridge.model import Container, KillAction, Peer, SetupError
from tests.bridges import Message, Talk, audit_lines, eventually

ME = Peer(1000, 1000, 1)
WEB = Container("a" * 64, "web")


@given(st.text(st.characters() | st.characters(categories=["Cs", "Cc"])), st.text())
def test_no_name_and_no_weapon_makes_a_second_line(
    tmp_path_factory: pytest.TempPathFactory, name: str, weapon: str
) -> None:
    path = tmp_path_factory.mktemp("audit") / "log"
    log = Audit(str(path))
    log.intent(ME, Container("a" * 64, name), KillAction.REMOVE, weapon, False)
    log.close()
    data = path.read_bytes()
    assert (data.count(b"\n"), data.isascii()) == (1, True)
    assert json.loads(data)["name"] == name[: audit.MAX_VALUE]


def test_an_engine_s_endless_words_are_cut(tmp_path: Path) -> None:
    log = Audit(str(tmp_path / "log"))
    log.result("1", "failed", "x" * 10_000_000)
    assert (tmp_path / "log").stat().st_size < 2000


@pytest.mark.parametrize("instead", ["fifo", "endless", "folder", "nothing"])
def test_bridge_ends_with_a_summary_whatever_has_taken_the_log_s_place(
    tmp_path: Path, instead: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "log"
    log = Audit(str(path))
    log.result(log.intent(ME, WEB, KillAction.STOP, "", False), "ok")
    path.rename(tmp_path / "log.1")
    if instead == "fifo":
        os.mkfifo(path)
    elif instead == "endless":
        path.symlink_to("/dev/zero")
    elif instead == "folder":
        path.mkdir()
    with caplog.at_level("INFO"):
        thread = threading.Thread(target=serve.summarise, args=(log, 0), daemon=True)
        thread.start()
        thread.join(20)
    assert not thread.is_alive()
    assert "this session: " in caplog.text
    log.close()


def test_a_rotated_log_is_reopened(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = Audit(str(path))
    log.intent(ME, WEB, KillAction.STOP, "", False)
    path.rename(tmp_path / "log.1")
    log.result("1", "ok")
    assert [each["event"] for each in audit_lines(tmp_path / "log.1")] == ["intent"]
    assert [each["event"] for each in audit_lines(path)] == ["result"]
    path.unlink()
    log.result("2", "ok")
    assert [each["kill"] for each in audit_lines(path)] == ["2"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_swapped_into_the_log_s_place_is_not_written_to(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = Audit(str(path))
    precious = tmp_path / "precious"
    precious.write_text("")
    swaps: tuple[Callable[[], None], ...] = (
        path.mkdir,
        lambda: path.symlink_to(precious),
        lambda: os.mkfifo(path),
    )
    for swap in swaps:
        path.unlink()
        swap()
        with pytest.raises(AuditError):
            log.intent(ME, WEB, KillAction.REMOVE, "", False)
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        log.result("1", "ok")  # it continues as soon as the place is free
    assert precious.read_text() == ""


@pytest.mark.parametrize("kind", ["symlink", "fifo", "open to all"])
def test_the_log_does_not_start_in_a_place_prepared_by_others(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "log"
    if kind == "symlink":
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.touch()
        path.chmod(0o666)
    with pytest.raises(SetupError, match="cannot write the audit log"):
        Audit(str(path))
    assert not (tmp_path / "elsewhere").exists()


def test_half_a_line_of_a_bridge_that_was_killed_does_not_spoil_the_next(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b'{"event":"int')
    log = Audit(str(path))
    log.intent(ME, WEB, KillAction.REMOVE, "", False)
    half, whole = path.read_text().splitlines()
    assert (half, json.loads(whole)["event"]) == ('{"event":"int', "intent")


def test_several_bridges_and_threads_may_share_a_log(tmp_path: Path) -> None:
    path = tmp_path / "log"
    logs = [Audit(str(path)) for _ in range(3)]

    def write(log: Audit) -> None:
        for _ in range(20):
            log.intent(ME, WEB, KillAction.REMOVE, "", False)

    threads = [threading.Thread(target=write, args=(log,)) for log in logs for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(audit_lines(path)) == 120


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "hostbridge", "--backend", "simulated", "--fleet", "3", "--churn", "0"]
    running = subprocess.Popen([*command, "--socket", str(tmp_path / "s"), "--audit", str(tmp_path / "log")])
    eventually((tmp_path / "s").exists, 10)
    yield running
    running.send_signal(signal.SIGTERM)
    assert running.wait(10) == 0


def kill_one(path: Path) -> Message:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(path))
        talk = Talk(client)
        return talk.ask(type="kill", id=talk.ask(type="list")["containers"][0]["id"])


def test_a_disk_that_fills_up_in_the_middle_of_a_line_stops_the_killing(
    bridge: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    assert kill_one(tmp_path / "s")["type"] == "ok"
    before = log.read_bytes()
    room, unlimited = len(before) + 10, resource.RLIM_INFINITY
    resource.prlimit(bridge.pid, resource.RLIMIT_FSIZE, (room, unlimited))
    answer = kill_one(tmp_path / "s")
    assert (answer["code"], "audit" in answer["message"]) == ("denied", True)
    assert log.read_bytes() == before, "the half that did fit is taken back"
    resource.prlimit(bridge.pid, resource.RLIMIT_FSIZE, (unlimited, unlimited))
    assert kill_one(tmp_path / "s")["type"] == "ok"
    assert [each["event"] for each in audit_lines(log)] == ["intent", "result"] * 2


def test_a_log_that_cannot_be_reopened_stops_the_killing(bridge: subprocess.Popen[bytes], tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.unlink()
    log.mkdir()
    assert kill_one(tmp_path / "s")["code"] == "denied"
    log.rmdir()
    assert kill_one(tmp_path / "s")["type"] == "ok"
    assert [each["event"] for each in audit_lines(log)] == ["intent", "result"]


def test_a_user_the_system_does_not_know_has_no_home_to_log_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    assert audit.default_path() == "-"
