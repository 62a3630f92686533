"""Engines that hang, break, lie or drown the bridge, spoken to through the real Docker SDK."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from hostbridge.backends import docker as docker_backend
from hostbridge.backends.docker import DockerBackend
from hostbridge.protocol.decoder import MAX_LINE
from tests.bridges import Bridge, eventually
from tests.fake_docker import FakeDocker, summary


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[FakeDocker]:
    made = FakeDocker(tmp_path)
    yield made
    made.stop()


def test_a_kill_names_the_full_id_and_nothing_else(engine: FakeDocker, tmp_path: Path) -> None:
    # the second one's name is the first one's ID: an engine given an ID that is gone would take it for a name
    engine.containers = [summary(1, "web"), summary(2, summary(1)["Id"])]
    with Bridge(tmp_path, DockerBackend(engine.url)) as bridge, bridge.talk() as talk:
        assert talk.ask(type="kill", id=summary(1)["Id"])["type"] == "ok"
        assert engine.removed == [summary(1)["Id"]]
        assert talk.ask(type="kill", id=summary(1)["Id"])["code"] == "not-found"
        assert len(engine.removed) == 1


def test_an_engine_that_refuses_to_remove(engine: FakeDocker, tmp_path: Path) -> None:
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


def test_events_nobody_understands_mean_that_anything_may_have_changed(engine: FakeDocker, tmp_path: Path) -> None:
    with Bridge(tmp_path, DockerBackend(engine.url)) as bridge:
        for number, event in enumerate((b"[]\n", b"7\n", b"{}\n", b'{"Action":"start","Actor":null}\n', b'"x"\n')):
            eventually(engine.listeners)
            engine.containers.append(summary(number))
            engine.tell_raw(event)
            eventually(partial(knows, bridge, number + 1), 3)


def test_what_happened_while_the_event_stream_was_broken_is_asked_for(engine: FakeDocker, tmp_path: Path) -> None:
    engine.containers = [summary(1), summary(2)]
    with Bridge(tmp_path, DockerBackend(engine.url)) as bridge:
        eventually(engine.listeners)
        engine.containers = [summary(2), summary(3)]
        engine.break_streams()
        eventually(lambda: bridge.names() == ["c-3", "c-2"], 2)


def test_an_engine_that_takes_connections_and_never_answers(
    engine: FakeDocker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docker_backend, "TIMEOUT_SECONDS", 1)
    monkeypatch.setattr(docker_backend, "LIST_SECONDS", 1)
    engine.containers = [summary(1)]
    with Bridge(tmp_path, DockerBackend(engine.url)) as bridge, bridge.talk() as talk:
        talk.ask(type="watch")
        engine.go.clear()
        assert talk.ask(type="kill", id=summary(1)["Id"], seq=1)["code"] == "engine-down"
        assert bridge.names() == ["c-1"]
        engine.containers.append(summary(2))
        engine.tell("start", summary(2)["Id"])
        engine.go.set()
        eventually(lambda: bridge.names() == ["c-2", "c-1"], 3)
        assert engine.removed == []


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


def test_a_storm_is_asked_about_with_questions_an_engine_can_take(engine: FakeDocker, tmp_path: Path) -> None:
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
