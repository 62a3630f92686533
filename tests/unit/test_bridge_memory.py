"""What was protected once, remembered across restarts of the bridge."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hostbridge.backends.docker import DockerBackend
from hostbridge.backends.simulated import SimulatedBackend
from hostbridge.cli import serve
from hostbridge.faults.audit import Audit
from hostbridge.fleet.roster import Delta, EngineRoster, FullListing
from hostbridge.model import Container, SetupError
from hostbridge.policy import memory as memory_file
from hostbridge.policy.judge import Judge
from hostbridge.policy.memory import MAX_BYTES, MAX_ENTRIES, InUseError, Memory
from hostbridge.policy.rules import Policy
from hostbridge.policy.selectors import Selector
from tests.bridges import Bridge, eventually
from tests.fake_docker import FakeDocker, summary
from tests.narrow import some

STRANGER = 54321
SAFE = Policy(protect=(Selector.parse("safe-*"),))
ONE, TWO = Container("1" * 64, "safe-one"), Container("2" * 64, "two")

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can play somebody else")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    return folder / "audit.jsonl.protected"


@pytest.fixture
def remember(path: Path) -> Iterator[Callable[[Policy], Judge]]:
    """A judge with the file; calling again is a restart."""
    running: list[Memory] = []

    def start(policy: Policy) -> Judge:
        for each in running:
            each.close(5)
        running[:] = [Memory(path)]
        return Judge(policy, running[0])

    yield start
    for each in running:
        each.close(5)


def ids_in(path: Path) -> list[str]:
    return [row["id"] for row in json.loads(path.read_text())["protected"]]


def test_one_that_was_protected_stays_so_after_a_restart(remember: Callable[[Policy], Judge], path: Path) -> None:
    assert remember(SAFE).judge(ONE).protected
    renamed = replace(ONE, name="renamed")
    verdict = remember(SAFE).judge(renamed)
    assert (verdict.listed, verdict.protected) == (True, True)
    assert verdict.reason == "protected by name=safe-*, when first seen"
    assert not Judge(SAFE).judge(renamed).protected
    assert oct(path.stat().st_mode & 0o777) == "0o600"


def test_one_that_was_excluded_stays_hidden(remember: Callable[[Policy], Judge]) -> None:
    policy = Policy(exclude=(Selector.parse("label=tier=db"),))
    assert not remember(policy).judge(replace(ONE, labels={"tier": "db"})).listed
    assert not remember(policy).judge(ONE).listed


def test_a_rule_that_the_user_took_out_of_the_policy_protects_no_longer(remember: Callable[[Policy], Judge]) -> None:
    assert remember(SAFE).judge(ONE).protected
    assert not remember(Policy()).judge(ONE).protected
    labelled = replace(TWO, labels={"pydoom.protect": "true"})
    assert remember(Policy()).judge(labelled).protected
    assert remember(SAFE).judge(replace(TWO, labels={})).protected, "a label is no rule of the policy"


def test_killable_ones_are_not_remembered(remember: Callable[[Policy], Judge], path: Path) -> None:
    judge = remember(SAFE)
    judge.judge(TWO)
    judge.judge(ONE)
    eventually(path.exists)
    assert ids_in(path) == [ONE.id]


def test_those_that_do_not_exist_any_more_are_forgotten(remember: Callable[[Policy], Judge], path: Path) -> None:
    judge = remember(SAFE)
    judge.judge(ONE)
    eventually(path.exists)
    judge.forget([ONE.id, "unknown"])
    eventually(lambda: ids_in(path) == [])


def test_one_that_stops_is_remembered_and_one_that_is_removed_is_not() -> None:
    judge = Judge(SAFE)
    asked: list[frozenset[str]] = []
    roster = EngineRoster(judge, asked.append)
    roster.apply(FullListing(1.0, (ONE, TWO)))
    roster.apply(FullListing(2.0, (TWO,)))
    assert asked == [frozenset({ONE.id})], "it is asked about by its ID"
    roster.apply(Delta(3.0, frozenset({ONE.id}), (replace(ONE, name="renamed", state="exited"),)))
    assert judge.judge(replace(ONE, name="renamed")).protected
    roster.apply(Delta(4.0, frozenset({ONE.id}), ()))
    assert judge.remembered() == {}


def test_one_that_is_protected_while_it_is_stopped_is_remembered() -> None:
    judge = Judge(SAFE)
    roster = EngineRoster(judge, lambda ids: None)
    roster.apply(Delta(1.0, frozenset({ONE.id}), (replace(ONE, state="exited"),)))
    assert judge.judge(replace(ONE, name="renamed")).protected


def test_all_that_are_missing_have_their_turn() -> None:
    judge = Judge(SAFE)
    asked: set[str] = set()
    many = tuple(Container(f"{number:064x}", f"safe-{number}") for number in range(350))

    def look_again(ids: frozenset[str]) -> None:
        asked.update(ids)
        there = tuple(replace(each, state="exited") for each in many if each.id in ids)
        roster.apply(Delta(2.0, ids, there))

    roster = EngineRoster(judge, look_again)
    roster.apply(FullListing(1.0, many))
    for _ in range(4):
        roster.apply(FullListing(1.0, ()))
    assert len(asked) == 350
    assert len(judge.remembered()) == 350


def test_where_absence_tells_nothing_nobody_is_forgotten() -> None:
    judge = Judge(SAFE)
    roster = EngineRoster(judge)
    roster.apply(FullListing(1.0, (ONE,)))
    roster.apply(Delta(2.0, frozenset({ONE.id}), ()))
    assert judge.judge(replace(ONE, name="renamed")).protected


def test_the_file_has_a_bound_and_keeps_the_latest(path: Path) -> None:
    memory = Memory(path)
    judge = Judge(SAFE, memory)
    for number in range(MAX_ENTRIES + 10):
        judge.judge(Container(f"{number:064x}", "safe-x"))
    memory.close(20)
    found = ids_in(path)
    assert (len(found), int(found[-1], 16)) == (MAX_ENTRIES, MAX_ENTRIES + 9)
    assert path.stat().st_size < MAX_BYTES
    Memory(path).close(5)


DAMAGED = {
    "empty": b"",
    "half": b'{"version": 1, "prot',
    "no object": b"[]",
    "no version": b'{"protected": []}',
    "a later version": b'{"version": 2, "protected": []}',
    "no list": b'{"version": 1, "protected": {}}',
    "an invalid entry": b'{"version": 1, "protected": [7]}',
    "an entry without a reason": b'{"version": 1, "protected": [{"id": "a", "listed": true}]}',
    "an invalid ID": b'{"version": 1, "protected": [{"id": 7, "listed": true, "reason": "x"}]}',
    "a long ID": b'{"version": 1, "protected": [{"id": "' + b"a" * 200 + b'", "listed": true, "reason": "x"}]}',
    "listed is a number": b'{"version": 1, "protected": [{"id": "a", "listed": 1, "reason": "x"}]}',
    "too many": b'{"version": 1, "protected": [' + b"0," * MAX_ENTRIES + b"0]}",
    "too large": b" " * (MAX_BYTES + 1),
    "not UTF-8": b"\xff",
    "deep": b"[" * 100_000,
    "a long number": b'{"version": ' + b"9" * 5_000 + b"}",
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_one_line_and_not_an_empty_memory(path: Path, name: str) -> None:
    path.write_bytes(DAMAGED[name])
    path.chmod(0o600)
    with pytest.raises(SetupError, match=r"audit\.jsonl\.protected is damaged .*remove it"):
        Memory(path)
    assert path.read_bytes() == DAMAGED[name], "and left as it is"


def test_a_bridge_with_a_damaged_file_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "log.protected").write_text("{")
    command = [sys.executable, "-m", "hostbridge", "--engine-url", f"unix://{tmp_path}/none"]
    command += ["--socket", str(tmp_path / "s"), "--audit", str(tmp_path / "log")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stderr.count("\n"), "is damaged" in done.stderr) == (2, 1, True)


@needs_root
@pytest.mark.parametrize("change", ["owner", "group", "mode", "folder", "link", "hard link", "lock"])
def test_a_file_that_somebody_else_could_change_is_refused(path: Path, change: str) -> None:
    Memory(path).close(5)
    path.write_text('{"version": 1, "protected": []}')
    path.chmod(0o600)
    if change == "owner":
        os.chown(path, STRANGER, 0)
    elif change == "group":
        os.chown(path, 0, STRANGER)
        path.chmod(0o660)
    elif change == "mode":
        path.chmod(0o606)
    elif change == "folder":
        path.parent.chmod(0o777)
    elif change == "link":
        path.rename(path.with_name("elsewhere"))
        os.chown(path.with_name("elsewhere"), STRANGER, 0)
        path.symlink_to("elsewhere")
    elif change == "hard link":
        os.link(path, path.with_name("other"))
        os.chown(path, STRANGER, STRANGER)
    else:
        os.chown(path.with_name(path.name + ".lock"), STRANGER, 0)
    with pytest.raises(SetupError, match="no safe place"):
        Memory(path)


def test_something_prepared_in_the_new_file_s_place_is_not_written_to(path: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    path.with_name(path.name + ".new").symlink_to(precious)
    memory = Memory(path)
    Judge(SAFE, memory).judge(ONE)
    memory.close(5)
    assert ids_in(path) == [ONE.id]
    assert precious.read_text() == "precious"


def test_a_disk_that_is_full_is_said_and_tried_again(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(memory_file, "RETRY_SECONDS", 0.1)
    full = [True]

    def fsync(fd: int) -> None:
        if full[0]:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    memory = Memory(path)
    judge = Judge(SAFE, memory)
    assert judge.judge(ONE).protected, "nobody waits for the disk"
    eventually(lambda: "No space left" in caplog.text)
    assert not path.exists()
    full[0] = False
    eventually(path.exists)
    memory.close(5)


def test_two_bridges_do_not_write_the_same_file(path: Path) -> None:
    first = Memory(path)
    with pytest.raises(InUseError, match="another bridge keeps"):
        Memory(path)
    first.close(5)
    Memory(path).close(5)


def test_a_second_bridge_with_the_same_log_works_with_a_memory_of_its_own(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = Audit(str(tmp_path / "log"))
    backend = DockerBackend(f"unix://{tmp_path}/none")
    first = some(serve.open_memory(log, backend))
    assert serve.open_memory(log, backend) is None
    assert "another bridge keeps" in caplog.text
    first.close(5)
    log.close()


def test_there_is_no_file_where_ids_do_not_last_or_there_is_no_log(tmp_path: Path) -> None:
    log = Audit(str(tmp_path / "log"))
    assert serve.open_memory(log, SimulatedBackend()) is None
    assert serve.open_memory(Audit("-"), DockerBackend(f"unix://{tmp_path}/none")) is None
    log.close()


def test_a_bridge_that_starts_anew_spares_what_the_old_one_did(path: Path, tmp_path: Path) -> None:
    engine = FakeDocker(tmp_path)
    engine.containers = [summary(1, "safe-web"), summary(2, "safe-gone"), summary(3, "other")]
    try:
        memory = Memory(path)
        with Bridge(tmp_path, DockerBackend(engine.url), SAFE, memory=memory) as bridge:
            eventually(lambda: len(bridge.names()) == 3)
        memory.close(5)
        assert sorted(ids_in(path)) == [summary(1)["Id"], summary(2)["Id"]]

        engine.containers = [summary(1, "renamed"), summary(3, "other")]
        memory = Memory(path)
        with Bridge(tmp_path, DockerBackend(engine.url), SAFE, memory=memory) as bridge, bridge.talk() as talk:
            answer = talk.ask(type="kill", id=summary(1)["Id"])
            assert (answer["code"], answer["message"]) == ("protected", "protected by name=safe-*, when first seen")
            eventually(lambda: ids_in(path) == [summary(1)["Id"]])
        memory.close(5)
    finally:
        engine.stop()
    assert engine.removed == []
