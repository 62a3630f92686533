"""How much a user may do: one rate for everything that writes to the audit log, and budgets by user and by session."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hostbridge.backends.simulated import SimulatedBackend
from hostbridge.fault import Fault
from hostbridge.faults import audit as audit_module
from hostbridge.faults import budget, executioner
from hostbridge.faults.audit import Audit, AuditError
from hostbridge.faults.budget import DEFAULT_PER_MINUTE, Budgets
from hostbridge.model import Code, Container, KillAction, Peer, RequestError
from hostbridge.policy.rules import Policy
from hostbridge.policy.selectors import Selector
from tests.bridges import Bridge, eventually

ANN, BOB = Peer(1000, 1000, 1, "1"), Peer(1001, 1001, 2, "2")


def times(budgets: Budgets, who: Peer) -> int:
    """How often `who` may act right now."""
    count = 0
    while count < 1000:
        try:
            budgets.take(who)
        except RequestError as error:
            assert error.code is Code.RATE_LIMITED
            break
        count += 1
    return count


def test_there_is_a_default_rate() -> None:
    budgets = Budgets(Policy())
    assert times(budgets, ANN) == DEFAULT_PER_MINUTE
    assert times(budgets, BOB) == DEFAULT_PER_MINUTE, "another user's is another's"


@pytest.mark.parametrize("per_minute", [1, 500])
def test_the_policy_s_rate_replaces_the_default(per_minute: int) -> None:
    assert times(Budgets(Policy(kills_per_minute=per_minute)), ANN) == per_minute


def test_a_bucket_refills() -> None:
    now = [0.0]
    bucket = budget.Bucket(60, clock=lambda: now[0])
    assert sum(bucket.take() for _ in range(100)) == 60
    now[0] = 2.5
    assert sum(bucket.take() for _ in range(100)) == 2
    now[0] = 1e9
    assert sum(bucket.take() for _ in range(100)) == 60


def test_a_session_has_one_budget_and_its_user_another() -> None:
    budgets = Budgets(Policy(kill_budget=5, session_budget=2))
    sessions = [Peer(10001, 10001, 0, f"connection {number}") for number in range(4)]
    assert [times(budgets, each) for each in sessions] == [2, 2, 1, 0]


def test_the_memory_of_sessions_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MAX_SESSIONS", 10)
    budgets = Budgets(Policy(session_budget=1, kills_per_minute=1000))
    for number in range(100):
        budgets.take(Peer(1, 1, number, str(number)))
    assert len(budgets._sessions) == 10


def test_a_process_keeps_its_session_when_it_reconnects(tmp_path: Path) -> None:
    backend = SimulatedBackend(10, churn=0)
    with Bridge(tmp_path, backend, Policy(session_budget=3)) as bridge:
        codes = []
        for each in backend.list()[:5]:
            with bridge.talk() as talk:
                codes.append(talk.ask(type="kill", id=each.id).get("code", "ok"))
        assert codes == ["ok"] * 3 + ["rate-limited"] * 2
        script = "import sys; sys.path[:0] = sys.argv[3:]; from tests.bridges import Talk; import socket\n"
        script += "s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])\n"
        script += "print(Talk(s).ask(type='kill', id=sys.argv[2])['type'])"
        command = [sys.executable, "-c", script, str(bridge.path), backend.list()[0].id, *sys.path]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "ok\n", "another process"


@pytest.mark.parametrize("action", [KillAction.RESTART, KillAction.PAUSE])
@pytest.mark.parametrize("dry_run", [False, True])
def test_nothing_writes_to_the_log_without_a_rate(tmp_path: Path, action: KillAction, dry_run: bool) -> None:
    backend = SimulatedBackend(2, churn=0)
    policy = Policy(fault=Fault.of(action), dry_run=dry_run, wound=True)
    with Bridge(tmp_path, backend, policy) as bridge, bridge.talk() as talk:
        talk.ask(type="kill", id="nobody")
        (user,) = bridge.executioner._budgets._users.values()
        now = user.deeds.clock()
        user.deeds.clock = user.refusals.clock = lambda: now  # however long it takes
        for number in range(600):
            talk.ask(type=("kill", "wound")[number % 2], id=backend.list()[number % 2].id)
        lines = len(bridge.audited())
        most = 3 * DEFAULT_PER_MINUTE + DEFAULT_PER_MINUTE
        assert lines <= most, "a deed has two lines and one of what came back, a refusal one"


def test_wounds_use_up_rate_and_budget(tmp_path: Path) -> None:
    backend = SimulatedBackend(10, churn=0)
    with Bridge(tmp_path, backend, Policy(wound=True, kill_budget=3)) as bridge, bridge.talk() as talk:
        first, *others = backend.list()
        assert talk.ask(type="wound", id=first.id)["type"] == "ok"
        assert talk.ask(type="wound", id=first.id)["type"] == "ok", "once is enough"
        assert talk.ask(type="kill", id=first.id)["type"] == "ok"
        assert talk.ask(type="wound", id=others[0].id)["type"] == "ok"
        assert talk.ask(type="wound", id=others[1].id)["code"] == "rate-limited"
        assert talk.ask(type="kill", id=others[1].id)["code"] == "rate-limited"


class Unwoundable(SimulatedBackend):
    def wound(self, container: Container) -> None:
        raise RequestError(Code.FAILED, "cgroup not found")


def test_a_failing_wound_is_not_retried_forever(tmp_path: Path) -> None:
    backend = Unwoundable(1, churn=0)
    (only,) = backend.list()
    with Bridge(tmp_path, backend, Policy(wound=True)) as bridge, bridge.talk() as talk:
        for _ in range(20):
            assert talk.ask(type="wound", id=only.id)["code"] == "failed"
        events = [line["event"] for line in bridge.audited()]
        assert events.count("intent") == executioner.WOUND_TRIES
        assert events.count("refused") == 20 - executioner.WOUND_TRIES


def test_a_refused_wound_is_logged_like_a_kill(tmp_path: Path) -> None:
    backend = SimulatedBackend(0, churn=0)
    safe = backend.create("safe")
    policy = Policy(wound=True, protect=(Selector.parse("safe"),))
    with Bridge(tmp_path, backend, policy) as bridge, bridge.talk() as talk:
        assert talk.ask(type="wound", id=safe.id, weapon="pistol")["code"] == "protected"
        assert talk.ask(type="kill", id=safe.id, weapon="pistol")["code"] == "protected"
        wound, kill = bridge.audited()
        assert (wound["event"], wound["request"], wound["id"], wound["result"]) == (
            "refused", "wound", safe.id, "protected",
        )  # fmt: skip
        assert kill["request"] == "kill"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_module, "WAIT_SECONDS", 0.3)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[int]:
    """A reader of the log who holds a lock on it."""
    fd = os.open(tmp_path / "audit.jsonl", os.O_RDONLY | os.O_CREAT, 0o600)
    fcntl.flock(fd, fcntl.LOCK_EX)
    yield fd
    os.close(fd)


def test_a_reader_who_locks_the_log_delays_nobody(reader: int, tmp_path: Path) -> None:
    backend = SimulatedBackend(1, churn=0)
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
        assert talk.ask(type="kill", id=backend.list()[0].id)["type"] == "ok"


def test_a_writer_who_never_lets_go_has_kills_refused_in_time(tmp_path: Path, impatient: None) -> None:
    backend = SimulatedBackend(1, churn=0)
    (only,) = backend.list()
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk, (tmp_path / "audit.jsonl.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        began = time.monotonic()
        answer = talk.ask(type="kill", id=only.id)
        assert (answer["code"], "another process holds the lock" in answer["message"]) == ("denied", True)
        assert time.monotonic() - began < 3
        assert backend.killed == []
        fcntl.flock(lock, fcntl.LOCK_UN)
        assert talk.ask(type="kill", id=only.id)["type"] == "ok"


def test_a_hung_disk_delays_nobody_forever(tmp_path: Path, impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()
    monkeypatch.setattr(os, "fsync", lambda fd: go.wait(20))
    monkeypatch.setattr(executioner, "ANSWER_SECONDS", 0.6)
    backend = SimulatedBackend(2, churn=0)
    first, second = backend.list()
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as one, bridge.talk() as two:
        one.send(type="kill", id=first.id)
        assert two.ask(type="kill", id=second.id)["code"] == "denied"
        assert one.read()["code"] == "engine-down"
        assert two.ask(type="ping")["type"] == "pong"
        go.set()
        eventually(lambda: not bridge.executioner._under_way)
        assert backend.killed == [], "what was answered with an error is not done afterwards"


def test_the_last_check_comes_after_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    class Noting(SimulatedBackend):
        def examine(self, container_id: str) -> Container | None:
            order.append("look")
            return super().examine(container_id)

        def act(self, container: Container, action: KillAction) -> None:
            order.append("act")
            super().act(container, action)

    backend = Noting(1, churn=0)
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
        intent, result = bridge.audit.intent, bridge.audit.result

        def note_intent(*words: object) -> str:
            order.append("intent")
            return intent(*words)  # type: ignore[arg-type]

        def note_result(*words: object) -> None:
            order.append("result")
            result(*words)  # type: ignore[arg-type]

        monkeypatch.setattr(bridge.audit, "intent", note_intent)
        monkeypatch.setattr(bridge.audit, "result", note_result)
        assert talk.ask(type="kill", id=backend.list()[0].id)["type"] == "ok"
        assert order == ["intent", "look", "act", "result"]


def test_a_check_that_takes_too_long_is_not_followed_by_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executioner, "ANSWER_SECONDS", 0.3)

    class Slow(SimulatedBackend):
        def examine(self, container_id: str) -> Container | None:
            time.sleep(0.6)
            return super().examine(container_id)

    backend = Slow(1, churn=0)
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
        answer = talk.ask(type="kill", id=backend.list()[0].id)
        assert (answer["code"], "nothing was done" in answer["message"]) == ("engine-down", True)
        assert talk.ask(type="kill", id=backend.list()[0].id)["code"] == "conflict", "it is still under way"
        eventually(lambda: [line.get("result") for line in bridge.audited() if line["event"] != "refused"][1:])
        assert backend.killed == []
        assert bridge.audited()[-1]["result"] == "engine-down"


def test_a_log_error_is_reported_to_people(tmp_path: Path, impatient: None) -> None:
    log = Audit(str(tmp_path / "log"))
    with log._lock, pytest.raises(AuditError, match="too slow"):
        log.result("1", "ok")
