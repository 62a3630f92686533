"""Questions about one container: what the policy allows, one at a time, in bounded time and size."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from hostbridge import conversation, questions
from hostbridge.backends import inspection
from hostbridge.backends.docker import DockerBackend
from hostbridge.backends.inspection import LOG_LINES, MAX_LOG_LINE
from hostbridge.backends.simulated import SimulatedBackend
from hostbridge.faults.audit import AuditError
from hostbridge.model import Code, Details, RequestError
from hostbridge.policy.rules import Policy
from hostbridge.policy.selectors import Selector
from tests.bridges import Bridge, eventually
from tests.fake_docker import FakeDocker, summary

ID = summary(1)["Id"]


def test_inspect_tells_what_the_engine_knows(tmp_path: Path) -> None:
    backend = SimulatedBackend(1, churn=0)
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
        said = talk.ask(type="inspect", id=backend.list()[0].id, seq=4)
        assert (said["type"], said["seq"], said["image"]) == ("inspect", 4, backend.list()[0].image)
        assert said["ports"] == ["0.0.0.0:8080->80/tcp"]
        assert talk.ask(type="logs", id=backend.list()[0].id)["code"] == "denied", "off by default"


def test_logs_are_told_when_the_policy_says_so(tmp_path: Path) -> None:
    backend = SimulatedBackend(1, churn=0)
    with Bridge(tmp_path, backend, Policy(logs=True, inspect=False)) as bridge, bridge.talk() as talk:
        assert talk.ask(type="logs", id=backend.list()[0].id)["lines"] == ["listening on port 80", "GET / 200"]
        assert talk.ask(type="inspect", id=backend.list()[0].id)["code"] == "denied"


def test_hidden_and_unknown_containers_are_not_told_of(tmp_path: Path) -> None:
    backend = SimulatedBackend(2, churn=0)
    hidden, shown = backend.list()
    policy = Policy(exclude=(Selector.parse(hidden.name),))
    with Bridge(tmp_path, backend, policy) as bridge, bridge.talk() as talk:
        for identity in (hidden.id, "", "x" * 5000, shown.id[:12]):
            assert talk.ask(type="inspect", id=identity)["code"] == "not-found"
        assert talk.ask(type="inspect", id=7)["code"] == "bad-request"


class Slow(SimulatedBackend):
    """Answers questions when it is told to."""

    go = threading.Event()
    asked = threading.Event()

    def details(self, container_id: str) -> Details:
        self.asked.set()
        self.go.wait(20)
        return super().details(container_id)


def test_a_client_has_one_question_at_a_time_and_kills_do_not_wait_for_it(tmp_path: Path) -> None:
    backend = Slow(3, churn=0)
    backend.go = threading.Event()
    first, second, third = backend.list()
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
        talk.send(type="inspect", id=first.id, seq=1)
        talk.send(type="inspect", id=second.id, seq=2)
        said = talk.read()
        assert (said["seq"], said["code"]) == (2, "rate-limited")
        assert talk.ask(type="kill", id=third.id, seq=3)["type"] == "ok"
        backend.go.set()
        assert talk.read()["seq"] == 1


def test_an_engine_that_hangs_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "ANSWER_SECONDS", 0.2)
    backend = Slow(1, churn=0)
    backend.go = threading.Event()
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
        assert talk.ask(type="inspect", id=backend.list()[0].id)["code"] == "engine-down"
        backend.go.set()


class Broken(SimulatedBackend):
    """Raises any error."""

    error: Exception = ValueError("no")

    def logs(self, container_id: str) -> Sequence[str]:
        raise self.error


@pytest.mark.parametrize(
    ("error", "code"), [(ValueError("no"), "failed"), (RequestError(Code.NOT_FOUND, "gone"), "not-found")]
)
def test_a_broken_backend_is_an_answer_too(tmp_path: Path, error: Exception, code: str) -> None:
    backend = Broken(1, churn=0)
    backend.error = error
    with Bridge(tmp_path, backend, Policy(logs=True)) as bridge, bridge.talk() as talk:
        assert talk.ask(type="logs", id=backend.list()[0].id)["code"] == code


STATS = (
    b'{"memory_stats":{"usage":1000},'
    b'"cpu_stats":{"cpu_usage":{"total_usage":%d},"system_cpu_usage":%d,"online_cpus":2}}'
)
SECOND = 10**9


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers wait for figures however busy the machine is."""
    monkeypatch.setattr(inspection, "WAIT_SECONDS", 10.0)


@pytest.mark.parametrize(
    ("samples", "cpus"),  # the container's CPU seconds, and the machine's two CPUs'
    [
        ([(0, 0), (0.5, 2)], [None, 0.5]),
        ([(0, 0), (0, 2), (2, 4)], [None, 0, 2]),
        ([(0, 0), (0.1, 0.02), (1, 2)], [None, None, 1]),  # too short a time
        ([(0, 0), (1, 2), (1.1, 2.02), (2, 4)], [None, 1, 1.1 / 1.01, 1]),
        ([(0, 0), (0.1, 0.2), (0.2, 0.4), (0.3, 0.6), (0.4, 0.8)], [None, None, None, None, 1]),
        ([(0, 0), (9, 20_000), (10, 20_002)], [None, None, 1]),  # too long a time
        ([(5, 100), (0.1, 102), (1.1, 104)], [None, None, 1]),  # restarted
        ([(5, 100), (6, 50), (7, 52)], [None, None, 1]),  # another machine's clock
    ],
)
def test_cpu_use_is_told_from_the_second_sample_on(
    patient: None, tmp_path: Path, samples: list[tuple[float, float]], cpus: list[float | None]
) -> None:
    engine = FakeDocker(tmp_path)
    engine.containers = [summary(1)]
    coming = iter(tuple(int(each * SECOND) for each in sample) for sample in samples)
    engine.hook = lambda method, path: (200, STATS % next(coming)) if "/stats" in path else None
    backend = DockerBackend(engine.url)
    assert [backend.details(ID).cpus for _ in samples] == [
        None if each is None else pytest.approx(each) for each in cpus
    ]
    backend.close()
    engine.stop()


@pytest.mark.parametrize("answer", [b"[]", b"7", b'{"cpu_stats":{"cpu_usage":7}}', b'{"memory_stats":"x"}', b"{"])
def test_figures_that_make_no_sense_count_as_unknown(patient: None, tmp_path: Path, answer: bytes) -> None:
    engine = FakeDocker(tmp_path)
    engine.containers = [summary(1)]
    engine.hook = lambda method, path: (200, answer) if "/stats" in path else None
    backend = DockerBackend(engine.url)
    assert [backend.details(ID).cpus for _ in range(2)] == [None, None]
    backend.close()
    engine.stop()


def test_an_answer_does_not_wait_for_slow_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "WAIT_SECONDS", 0.0)
    engine, go, samples = FakeDocker(tmp_path), threading.Event(), []

    def slow(method: str, path: str) -> tuple[int, bytes] | None:
        if "/stats" not in path:
            return None
        samples.append(path)
        go.wait(20)
        return 200, STATS % (len(samples) * SECOND, len(samples) * 2 * SECOND)

    engine.containers = [summary(1)]
    engine.hook = slow
    backend = DockerBackend(engine.url)
    for _ in range(3):
        assert (backend.details(ID).memory, backend.details(ID).cpus) == (0, None)
    go.set()
    eventually(lambda: backend.details(ID).memory == 1000)
    eventually(lambda: backend.details(ID).cpus == 1)
    backend.close()
    engine.stop()


def test_old_figures_are_not_told(patient: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeDocker(tmp_path)
    engine.containers = [summary(1)]
    engine.hook = lambda method, path: (200, STATS % (SECOND, SECOND)) if "/stats" in path else None
    backend = DockerBackend(engine.url)
    assert backend.details(ID).memory == 1000
    monkeypatch.setattr(inspection, "FRESH_SECONDS", -1.0)
    assert backend.details(ID).memory == 0
    backend.close()
    engine.stop()


def frame(kind: int, text: bytes) -> bytes:
    return bytes([kind, 0, 0, 0]) + len(text).to_bytes(4, "big") + text


@pytest.mark.parametrize(
    ("sent", "lines"),
    [
        (frame(1, b"one\n") + frame(2, b"\x1b[31mtwo\x1b[0m\x07\n"), ["one", "two"]),
        (b"a terminal's\r\ntext\n", ["a terminal's", "text"]),
        (b"", []),
        (frame(1, b"x" * 5000), ["x" * MAX_LOG_LINE]),
        (frame(1, b"cut")[:-1], ["cu"]),
        (bytes([1, 0, 0, 0, 255, 255, 255, 255]) + b"short", ["short"]),
        (frame(1, b"\xff\xfe\n"), ["\ufffd\ufffd"]),
        (frame(1, b"n\n" * 100), ["n"] * LOG_LINES),
    ],
)
def test_log_lines_are_whole_clean_and_few(tmp_path: Path, sent: bytes, lines: list[str]) -> None:
    engine = FakeDocker(tmp_path)
    engine.containers = [summary(1)]
    engine.hook = lambda method, path: (200, sent) if "/logs" in path else None
    backend = DockerBackend(engine.url)
    assert list(backend.logs(ID)) == lines
    backend.close()
    engine.stop()


def test_a_connection_that_ends_meanwhile_ends(tmp_path: Path) -> None:
    backend = Slow(1, churn=0)
    backend.go, backend.asked = threading.Event(), threading.Event()
    with Bridge(tmp_path, backend) as bridge:
        with bridge.talk() as talk:
            talk.send(type="inspect", id=backend.list()[0].id)
            assert backend.asked.wait(10)
        assert len(bridge.server.admission) == 1, "the answer is still awaited"
        backend.go.set()
        eventually(lambda: len(bridge.server.admission) == 0)


def test_hello_says_what_may_be_asked(tmp_path: Path) -> None:
    with Bridge(tmp_path, SimulatedBackend(1, churn=0), Policy(inspect=False, logs=True)) as bridge:
        with bridge.talk() as talk:
            hello = talk.ask(type="hello", version=2)
        assert (hello["inspect"], hello["logs"]) == (False, True)


def test_a_question_is_in_the_audit_log_once_a_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = SimulatedBackend(2, churn=0)
    one, two = backend.list()
    with Bridge(tmp_path, backend, Policy(logs=True)) as bridge, bridge.talk() as talk:
        for identity in (one.id, one.id, two.id, one.id):
            assert talk.ask(type="inspect", id=identity)["type"] == "inspect"
        assert talk.ask(type="logs", id=one.id)["type"] == talk.ask(type="logs", id=one.id)["type"] == "logs"
        eventually(lambda: len(bridge.audited()) == 3)
        monkeypatch.setattr(questions, "LOG_AGAIN_SECONDS", 0.0)
        talk.ask(type="inspect", id=two.id)
        eventually(lambda: len(bridge.audited()) == 4)
    told = [(each["event"], each["request"], each["id"], each["name"]) for each in bridge.audited()]
    assert told == [
        ("question", "inspect", one.id, one.name),
        ("question", "inspect", two.id, two.name),
        ("question", "logs", one.id, one.name),
        ("question", "inspect", two.id, two.name),
    ]


def test_inspections_do_not_flood_the_audit_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "INSPECTIONS_LOGGED", 2)
    monkeypatch.setattr(questions, "LOG_AGAIN_SECONDS", 0.0)
    backend = SimulatedBackend(1, churn=0)
    with Bridge(tmp_path, backend, Policy(logs=True)) as bridge, bridge.talk() as talk:
        identity = backend.list()[0].id
        for _ in range(6):
            assert talk.ask(type="inspect", id=identity)["type"] == "inspect"
        for _ in range(3):
            assert talk.ask(type="logs", id=identity)["type"] == "logs"
        eventually(lambda: len(bridge.audited()) == 5)
    assert [each["request"] for each in bridge.audited()] == ["inspect"] * 2 + ["logs"] * 3


def test_nobody_reads_lines_while_the_audit_log_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = SimulatedBackend(1, churn=0)
    identity = backend.list()[0].id
    with Bridge(tmp_path, backend, Policy(logs=True)) as bridge, bridge.talk() as talk:

        def fail(*told: object) -> None:
            raise AuditError("no space left")

        monkeypatch.setattr(bridge.audit, "question", fail)
        assert [talk.ask(type="logs", id=identity)["code"] for _ in range(2)] == ["denied", "denied"]
        assert talk.ask(type="inspect", id=identity)["type"] == "inspect"
        monkeypatch.undo()
        assert talk.ask(type="logs", id=identity)["type"] == "logs"
        assert [each["request"] for each in bridge.audited()].count("logs") == 1, "it is there before the lines are"


def test_a_connection_asks_only_so_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "AT_ONCE", 3)
    monkeypatch.setattr(conversation, "A_MINUTE", 1)
    backend = SimulatedBackend(1, churn=0)
    identity = backend.list()[0].id
    with Bridge(tmp_path, backend) as bridge:
        with bridge.talk() as talk:
            told = [talk.ask(type="inspect", id=identity) for _ in range(5)]
            assert [each.get("code", "") for each in told] == ["", "", "", "rate-limited", "rate-limited"]
            assert talk.ask(type="kill", id=identity)["type"] == "ok", "kills have a budget of their own"
        with bridge.talk() as other:
            assert other.ask(type="inspect", id=identity)["code"] == "not-found"


def test_all_connections_together_ask_only_so_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "ALL_AT_ONCE", 3)
    monkeypatch.setattr(questions, "ALL_A_MINUTE", 1)
    backend = SimulatedBackend(1, churn=0)
    codes = []
    with Bridge(tmp_path, backend) as bridge:
        for _ in range(5):
            with bridge.talk() as talk:
                codes.append(talk.ask(type="inspect", id=backend.list()[0].id).get("code", ""))
    assert codes == ["", "", "", "rate-limited", "rate-limited"]
