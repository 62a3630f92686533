"""What the bridge spares, on a real Docker engine whose containers change."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Literal, TypedDict, Unpack

import docker
import pytest
from docker.models.containers import Container

from tests.bridges import Message, eventually
from tests.e2e.conftest import LABEL, running_names
from tests.e2e.real_bridge import RealBridge
from tests.narrow import some

pytestmark = pytest.mark.e2e

Start = Callable[..., Container]


class RestartPolicy(TypedDict, total=False):
    Name: Literal["always", "on-failure"]
    MaximumRetryCount: int


class RunOptions(TypedDict, total=False):
    """How a container is run: keywords of the SDK's `run`."""

    labels: dict[str, str]
    ipc_mode: str
    network_mode: str
    pid_mode: str
    restart_policy: RestartPolicy


@pytest.fixture
def start(engine: docker.DockerClient, run_id: str, start_victim: Start) -> Start:
    """Start a container with this run's label; keywords are the SDK's. `start_victim` removes them all afterwards."""
    del start_victim

    def run(
        name: str, image: str = "busybox", command: tuple[str, ...] = ("sleep", "86400"), **more: Unpack[RunOptions]
    ) -> Container:
        options: RunOptions = {"network_mode": "none", "labels": {LABEL: run_id}, **more}
        return engine.containers.run(image, [*command], name=f"{name}-{run_id}", detach=True, **options)

    return run


@pytest.fixture
def repository(engine: docker.DockerClient, run_id: str) -> Iterator[str]:
    """A name for images of this test; they are removed afterwards."""
    name = f"pydoom-test-{run_id}"
    yield name
    for image in engine.images.list(name):
        engine.images.remove(str(image.id), force=True)


def build(engine: docker.DockerClient, tag: str, content: str) -> str:
    """Make an image that differs by its content, as a newer one of the same tag does; return its ID."""
    image, _ = engine.images.build(
        fileobj=BytesIO(f"FROM busybox\nLABEL content={content}\n".encode()), tag=tag, rm=True
    )
    return str(image.id)


def test_protection_by_image_holds_when_the_tag_moves_and_however_the_container_was_started(
    engine: docker.DockerClient, repository: str, run_id: str, start: Start, start_bridge: Callable[..., RealBridge]
) -> None:
    old_id = build(engine, f"{repository}:1", "old")
    named = start("named", f"{repository}:1")
    by_id = start("by-id", old_id)
    by_short_id = start("by-short-id", old_id.removeprefix("sha256:")[:12])
    in_full = start("in-full", f"docker.io/library/{repository}:1")
    other = start("other")
    bridge = start_bridge("--protect", f"image={repository}:*")
    talk = bridge.talk()

    def fates() -> dict[str, bool]:
        return {each["name"].split("-")[0]: each["protected"] for each in talk.ask(type="list")["containers"]}

    eventually(lambda: fates()["by"] and fates() == {"named": True, "by": True, "in": True, "other": False})
    assert build(engine, f"{repository}:1", "new") != old_id
    listed = {each["Id"]: each["Image"] for each in engine.api.containers()}
    assert listed[named.id].startswith(("sha256:", old_id[7:19])), "the engine itself does not name it any more"
    named.rename(f"renamed-{run_id}")
    for each in (named, by_id, by_short_id, in_full):
        assert talk.ask(type="kill", id=each.id)["code"] == "protected"
    bridge.stop()
    bridge.start()
    talk = bridge.talk()
    for each in (named, in_full):
        assert talk.ask(type="kill", id=each.id)["code"] == "protected", "a new bridge asks what was configured"
    assert talk.ask(type="kill", id=other.id)["type"] == "ok"
    assert {"renamed", "by-id", "by-short-id", "in-full"} == running_names(engine, run_id)


@pytest.mark.parametrize("mode", ["pid_mode", "network_mode", "ipc_mode"])
def test_a_container_whose_kill_would_also_hit_a_protected_one_is_spared(
    engine: docker.DockerClient, run_id: str, start: Start, start_bridge: Callable[..., RealBridge], mode: str
) -> None:
    master = start("master", ipc_mode="shareable")
    guarded = {LABEL: run_id, "pydoom.protect": "true"}
    guest = start("guest", labels=guarded, **{mode: f"container:{master.name}"})
    talk = start_bridge().talk()
    answer = talk.ask(type="kill", id=master.id)
    assert (answer["code"], str(guest.name) in answer["message"]) == ("protected", True)
    assert running_names(engine, run_id) == {"master", "guest"}
    guest.remove(force=True)
    eventually(lambda: talk.ask(type="kill", id=master.id)["type"] == "ok")


def test_a_container_in_a_restart_loop_stays_listed_and_a_kill_removes_it(
    engine: docker.DockerClient, run_id: str, start: Start, start_bridge: Callable[..., RealBridge]
) -> None:
    bridge = start_bridge()
    talk = bridge.talk()
    talk.ask(type="watch")
    loop = start("loop", command=("sh", "-c", "exit 1"), restart_policy={"Name": "always"})
    added = talk.read()
    assert (added["type"], added["container"]["id"]) == ("added", loop.id)
    until = time.monotonic() + 5
    states = set()
    while time.monotonic() < until:
        assert bridge.names() == [loop.name]
        states.add(engine.api.containers(all=True, filters={"id": loop.id})[0]["State"])
        time.sleep(0.05)
    assert "restarting" in states
    talk.send(type="kill", id=loop.id, seq=1)
    lines: list[Message] = []
    while not any(line.get("seq") == 1 for line in lines):
        lines.append(talk.read())
    assert lines[-1]["type"] == "ok"
    assert {line["type"] for line in lines} <= {"changed", "removed", "ok"}
    assert engine.api.containers(all=True, filters={"id": loop.id}) == []
    assert bridge.names() == []


def test_a_killed_container_does_not_reappear_briefly(
    engine: docker.DockerClient, start: Start, start_bridge: Callable[..., RealBridge]
) -> None:
    victims = [start(f"victim-{number}") for number in range(8)]
    talk = start_bridge("--details").talk()
    talk.ask(type="watch")
    for number, each in enumerate(victims):
        talk.send(type="kill", id=each.id, seq=number)
    gone: set[str] = set()
    answered = 0
    while answered < len(victims) or len(gone) < len(victims):
        line = talk.read()
        if line["type"] == "ok":
            answered += 1
        elif line["type"] == "removed":
            gone.add(line["id"])
        else:
            assert line["container"]["id"] not in gone, json.dumps(line)
    assert talk.ask(type="list")["containers"] == []


def test_one_protected_by_its_name_stays_so_through_a_rename_a_stop_and_a_restart_of_the_bridge(
    engine: docker.DockerClient, run_id: str, start: Start, start_bridge: Callable[..., RealBridge]
) -> None:
    safe, stopped, removed = start("safe-one"), start("safe-two"), start("safe-three")
    bridge = start_bridge("--protect", "safe-*")
    memory = bridge.audit.with_name(bridge.audit.name + ".protected")

    def remembered() -> set[str | None]:
        rows = json.loads(memory.read_text())["protected"] if memory.exists() else ()
        # the machine may run games and bridges of others, which are remembered, too
        return {row["id"] for row in rows} & {safe.id, stopped.id, removed.id}

    eventually(lambda: remembered() == {safe.id, stopped.id, removed.id})
    bridge.stop(signal.SIGKILL)
    safe.rename(f"renamed-{run_id}")
    stopped.kill()
    stopped.rename(f"other-{run_id}")
    removed.remove(force=True)
    bridge.start()
    talk = bridge.talk()
    assert talk.ask(type="kill", id=safe.id)["code"] == "protected"
    # forgotten is what does not exist any more, and not what does not run
    eventually(lambda: remembered() == {safe.id, stopped.id})
    stopped.start()
    eventually(lambda: talk.ask(type="kill", id=stopped.id)["code"] == "protected")
    assert running_names(engine, run_id) == {"renamed", "other"}


def test_the_namespaces_of_a_stopped_protected_container_are_not_removed(
    engine: docker.DockerClient, run_id: str, start: Start, start_bridge: Callable[..., RealBridge]
) -> None:
    master = start("master")
    guest = start("guest", labels={LABEL: run_id, "pydoom.protect": "1"}, network_mode=f"container:{master.name}")
    guest.stop(timeout=0)
    talk = start_bridge("--weapon", "pistol=stop").talk()
    answer = talk.ask(type="kill", id=master.id)
    assert (answer["code"], some(guest.name) in answer["message"]) == ("protected", True)
    assert talk.ask(type="kill", id=master.id, weapon="pistol")["type"] == "ok", "it can be started again"
