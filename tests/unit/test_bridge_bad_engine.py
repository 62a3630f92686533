"""Engines that hang, break, lie or flood the bridge, over real connections."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

from hostbridge.backends import docker as docker_backend
from hostbridge.backends import engine as engine_api
from hostbridge.backends.docker import DockerBackend
from hostbridge.fault import Fault
from hostbridge.faults import executioner
from hostbridge.model import Container, KillAction, RequestError
from hostbridge.policy.rules import Policy
from hostbridge.protocol.decoder import MAX_LINE
from tests.bad_answers import ENDLESS, Answer
from tests.bridges import Bridge, Talk, eventually
from tests.fake_docker import FakeDocker, summary

pytestmark = pytest.mark.slow


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[FakeDocker]:
    made = FakeDocker(tmp_path)
    yield made
    made.stop()


def test_a_kill_names_the_full_id_and_nothing_else(engine: FakeDocker, tmp_path: Path) -> None:
    # the second container's name is the first one's ID: an engine would take a stale ID for that name
    engine.containers = [summary(1, "web"), summary(2, summary(1)["Id"])]
    with Bridge(tmp_path, DockerBackend(engine.url)) as bridge, bridge.talk() as talk:
        assert talk.ask(type="kill", id=summary(1)["Id"])["type"] == "ok"
        assert engine.removed == [summary(1)["Id"]]
        assert talk.ask(type="kill", id=summary(1)["Id"])["code"] == "not-found"
        assert len(engine.removed) == 1


def test_an_engine_that_refuses_to_remove_a_container(engine: FakeDocker, tmp_path: Path) -> None:
    engine.containers = [summary(1)]
    words = json.dumps({"message": "driver failed\n" * 100_000}).encode()
    engine.hook = lambda method, path: (500, words) if method == "DELETE" else None
    with Bridge(tmp_path, DockerBackend(engine.url)) as bridge, bridge.talk() as talk:
        answer = talk.ask(type="kill", id=summary(1)["Id"])
        assert (answer["code"], len(answer["message"]) <= 1000) == ("failed", True)
        assert bridge.names() == ["c-1"]
        assert [line.get("result") for line in bridge.audited()] == [None, "failed"]


GARBAGE = [
    b"",
    b"<html>Bad gateway</html>",
    b"\xff\xfe",
    b"{}",
    b'"list"',
    b"[1]",
    b"[null]",
    b'[{"Names":["/web"]}]',
    b'[{"Id":""}]',
    b'[{"Id":"../../images/prune","State":"running"}]',
    b'[{"Id":["a"],"State":"running"}]',
    json.dumps([summary(1, Names=5)]).encode(),
    json.dumps([summary(1, Labels=[1])]).encode(),
    json.dumps([summary(1, Created="yesterday")]).encode(),
    json.dumps([summary(1, Created=None, Labels=None, Names=None), 7]).encode(),
    b"[" * 100_000,
]


@pytest.mark.parametrize("body", GARBAGE, ids=lambda body: body[:24].decode("latin1"))
def test_garbage_is_an_engine_that_is_down_and_changes_nothing(engine: FakeDocker, tmp_path: Path, body: bytes) -> None:
    engine.containers = [summary(1)]
    with Bridge(tmp_path, DockerBackend(engine.url)) as bridge, bridge.talk() as talk:
        talk.ask(type="watch")
        eventually(engine.listeners)
        engine.hook = lambda method, path: (200, body) if path.endswith("/containers/json") else None
        engine.tell("start", summary(2)["Id"])
        down = talk.read()
        assert (down["type"], down["state"]) == ("engine", "down")
        assert bridge.names() == ["c-1"]
        assert talk.ask(type="kill", id=summary(1)["Id"])["code"] == "engine-down"
        engine.containers.append(summary(2))
        engine.hook = lambda method, path: None
        eventually(lambda: bridge.names() == ["c-2", "c-1"], 2)
        assert engine.removed == []


def knows(bridge: Bridge, containers: int) -> bool:
    return len(bridge.names()) == containers


def test_unknown_events_mean_that_anything_may_have_changed(engine: FakeDocker, tmp_path: Path) -> None:
    with Bridge(tmp_path, DockerBackend(engine.url)) as bridge:
        for number, event in enumerate((b"[]\n", b"7\n", b"{}\n", b'{"Action":"start","Actor":null}\n', b'"x"\n')):
            eventually(engine.listeners)
            engine.containers.append(summary(number))
            engine.tell_raw(event)
            eventually(partial(knows, bridge, number + 1), 3)


def test_changes_while_the_event_stream_was_broken_are_fetched(engine: FakeDocker, tmp_path: Path) -> None:
    engine.containers = [summary(1), summary(2)]
    with Bridge(tmp_path, DockerBackend(engine.url)) as bridge:
        eventually(engine.listeners)
        engine.containers = [summary(2), summary(3)]
        engine.break_streams()
        eventually(lambda: bridge.names() == ["c-3", "c-2"], 2)


def test_an_engine_that_takes_connections_and_never_answers(
    engine: FakeDocker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_api, "LOOK_SECONDS", 1)
    monkeypatch.setattr(engine_api, "ACT_SECONDS", 1)
    engine.containers = [summary(1)]
    with Bridge(tmp_path, DockerBackend(engine.url)) as bridge, bridge.talk() as talk:
        talk.ask(type="watch")
        engine.go.clear()
        talk.send(type="kill", id=summary(1)["Id"], seq=1)
        while (answer := talk.read()).get("seq") != 1:
            assert answer["type"] == "engine"  # that it is down
        assert answer["code"] == "engine-down"
        assert bridge.names() == ["c-1"]
        engine.containers.append(summary(2))
        engine.tell("start", summary(2)["Id"])
        engine.go.set()
        eventually(lambda: bridge.names() == ["c-2", "c-1"], 15)
        assert engine.removed == []


@pytest.mark.parametrize("status", [300, 301, 303, 307, 308, 399])
def test_a_kill_that_is_redirected_has_failed(engine: FakeDocker, tmp_path: Path, status: int) -> None:
    engine.containers = [summary(1)]
    engine.hook = lambda method, path: (status, b"") if method == "DELETE" else None
    with Bridge(tmp_path, DockerBackend(engine.url)) as bridge, bridge.talk() as talk:
        answer = talk.ask(type="kill", id=summary(1)["Id"])
        assert (answer["code"], answer["message"]) == ("failed", f"the engine says {status}")
        assert bridge.names() == ["c-1"]
        assert [each["result"] for each in bridge.audited() if each["event"] == "result"] == ["failed"]


@pytest.mark.parametrize("status", [204, 304])
def test_a_stop_of_what_has_stopped_already_is_done(engine: FakeDocker, tmp_path: Path, status: int) -> None:
    engine.containers = [summary(1)]
    engine.hook = lambda method, path: (status, b"") if method == "POST" else None
    policy = Policy(fault=Fault.of(KillAction.STOP))
    with Bridge(tmp_path, DockerBackend(engine.url), policy) as bridge, bridge.talk() as talk:
        assert talk.ask(type="kill", id=summary(1)["Id"])["type"] == "ok"


def test_ten_thousand_containers(engine: FakeDocker, tmp_path: Path) -> None:
    engine.containers = [summary(number) for number in range(10_000)]
    with Bridge(tmp_path, DockerBackend(engine.url)) as bridge, bridge.talk() as talk:
        assert len(bridge.names()) == 10_000
        talk.send(type="list")
        found = 0
        while True:
            line = talk._file.readline()
            assert len(line) <= MAX_LINE + 1
            page = json.loads(line)
            found += len(page["containers"])
            if not page["more"]:
                break
        assert found == 10_000
        assert talk.ask(type="kill", id=summary(77)["Id"])["type"] == "ok"
        assert engine.removed == [summary(77)["Id"]]


def test_a_storm_of_events_leads_to_calls_of_bounded_size(engine: FakeDocker, tmp_path: Path) -> None:
    with Bridge(tmp_path, DockerBackend(engine.url)) as bridge:
        eventually(engine.listeners)
        engine.containers = [summary(number) for number in range(5000)]
        engine.tell_raw(
            b"".join(
                json.dumps({"Type": "container", "Action": "start", "id": each["Id"]}).encode() + b"\n"
                for each in engine.containers
            )
        )
        eventually(lambda: len(bridge.roster) == 5000, 10)
        assert max(map(len, engine.requests)) < 64 * 1024


SECONDS = 0.6


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short time limits for the engine."""
    monkeypatch.setattr(engine_api, "LOOK_SECONDS", SECONDS)
    monkeypatch.setattr(engine_api, "ACT_SECONDS", SECONDS)
    monkeypatch.setattr(executioner, "ANSWER_SECONDS", 2 * SECONDS)


@pytest.mark.parametrize("answer", ENDLESS.values(), ids=ENDLESS.keys())
@pytest.mark.parametrize("call", ["list", "look", "examine", "act", "wound"])
def test_no_answer_exceeds_its_limits_on_time_and_size(
    engine: FakeDocker, call: str, answer: Answer, hurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docker_backend, "MAX_LIST", 1 << 20)
    backend = DockerBackend(engine.url)
    engine.containers = [summary(1)]
    backend.list()
    engine.answer = answer
    began = time.monotonic()
    identity = summary(1)["Id"]
    victim = Container(identity, "c-1")
    calls: dict[str, Callable[[], object]] = {
        "list": backend.list,
        "look": lambda: backend.look([identity]),
        "examine": lambda: backend.examine(identity),
        "act": lambda: backend.act(victim, KillAction.REMOVE),
        "wound": lambda: backend.wound(victim),
    }
    with pytest.raises(RequestError) as caught:
        calls[call]()
    assert caught.value.code == "engine-down"
    assert time.monotonic() - began < 10 * SECONDS, "and not forever"


@pytest.mark.parametrize("answer", ["drips its body", "never ends its body", "drips its head"])
def test_a_kill_is_answered_in_time_whatever_the_engine_does(
    engine: FakeDocker, tmp_path: Path, answer: str, hurried: None
) -> None:
    engine.containers = [summary(1)]
    with Bridge(tmp_path, DockerBackend(engine.url)) as bridge, bridge.talk() as talk:
        engine.answer = ENDLESS[answer]
        assert talk.ask(type="kill", id=summary(1)["Id"])["code"] == "engine-down"
        engine.answer = None
        eventually(lambda: bridge.names() == ["c-1"] and bridge.roster.engine == "up")
        assert talk.ask(type="kill", id=summary(1)["Id"])["type"] == "ok"


def is_listed(bridge: Bridge, number: int) -> bool:
    return f"c-{number}" in bridge.names()


def test_a_flood_of_events_does_not_freeze_the_roster(engine: FakeDocker, tmp_path: Path) -> None:
    with Bridge(tmp_path, DockerBackend(engine.url)) as bridge:
        eventually(engine.listeners)
        over = threading.Event()
        event = json.dumps({"Type": "container", "Action": "start", "id": summary(7)["Id"]}).encode() + b"\n"

        def flood() -> None:
            while not over.is_set():
                engine.tell_raw(event * 100)
                time.sleep(0.001)

        thread = threading.Thread(target=flood)
        thread.start()
        try:
            for number in range(3):
                engine.containers.append(summary(number))
                eventually(partial(is_listed, bridge, number), 5)
            assert len(bridge.feed._touched) < 10, "and nothing piles up"
        finally:
            over.set()
            thread.join()


def test_an_endless_event_is_not_kept(engine: FakeDocker, tmp_path: Path) -> None:
    with Bridge(tmp_path, DockerBackend(engine.url)) as bridge, bridge.talk() as talk:
        eventually(engine.listeners)
        talk.ask(type="watch")
        engine.tell_raw(b"x" * 3_000_000)
        assert talk.read()["state"] == "down"
        engine.containers = [summary(1)]
        eventually(lambda: bridge.names() == ["c-1"], 3)


@contextmanager
def connected(path: Path) -> Iterator[socket.socket]:
    """A connection to a bridge that is just starting."""

    def connect() -> bool:
        with suppress(OSError):
            client.connect(str(path))
            return True
        return False

    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        eventually(connect, 10)
        yield client


@pytest.mark.parametrize("answer", [*ENDLESS, "takes requests and says nothing"])
def test_sigterm_ends_the_bridge_whatever_the_engine_does(engine: FakeDocker, tmp_path: Path, answer: str) -> None:
    engine.containers = [summary(1)]
    command = [sys.executable, "-m", "hostbridge", "--engine-url", engine.url, "-q"]
    command += ["--socket", str(tmp_path / "s"), "--audit", str(tmp_path / "log")]
    bridge = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        with connected(tmp_path / "s") as client:
            talk = Talk(client)
            assert talk.ask(type="list")["containers"]
            engine.answer = ENDLESS.get(answer)
            if answer not in ENDLESS:
                engine.go.clear()
            talk.send(type="kill", id=summary(1)["Id"])
            eventually(lambda: (tmp_path / "log").stat().st_size)
            bridge.terminate()
            assert bridge.wait(6) == 0
    finally:
        engine.go.set()
        if bridge.poll() is None:
            bridge.kill()
            bridge.wait()


def test_sigterm_ends_a_bridge_that_still_waits_for_its_first_list(engine: FakeDocker, tmp_path: Path) -> None:
    engine.go.clear()
    command = [sys.executable, "-m", "hostbridge", "--engine-url", engine.url, "-q"]
    command += ["--socket", str(tmp_path / "s"), "--audit", str(tmp_path / "log")]
    bridge = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    eventually(lambda: engine.requests, 10)
    bridge.terminate()
    assert bridge.wait(3) == 0
