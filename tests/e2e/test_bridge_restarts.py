"""Containers that a real engine restarts: the same ID comes back, and its restarts are counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import docker
import pytest
from docker.models.containers import Container

from tests.bridges import Talk, eventually
from tests.e2e.conftest import LABEL
from tests.e2e.real_bridge import RealBridge
from tests.narrow import some

pytestmark = pytest.mark.e2e

MORTAL = ["sh", "-c", "trap 'exit 1' USR1; while :; do sleep 0.1; done"]
"""Ends on SIGUSR1 from within: a signal sent by the engine would count as a stop by hand."""


def status(container: Container) -> str:
    container.reload()
    return container.status


@pytest.fixture
def start_mortal(engine: docker.DockerClient, run_id: str) -> Iterator[Callable[[str], Container]]:
    def start(policy: str) -> Container:
        container: Container = engine.containers.run(  # type: ignore[call-overload]  # unless-stopped is not in its stubs
            "busybox", MORTAL, name=f"{policy}-{run_id}", labels={LABEL: run_id}, detach=True, network_mode="none",
            restart_policy={"Name": policy}, stop_signal="SIGKILL",
        )  # fmt: skip
        return container

    yield start
    for container in engine.containers.list(all=True, filters={"label": f"{LABEL}={run_id}"}, sparse=True):
        container.remove(force=True)


def die(container: Container) -> None:
    assert container.exec_run(["sh", "-c", "kill -USR1 1"]).exit_code == 0


def rises(talk: Talk, container: Container) -> int:
    """Read until the container runs again; returns its restarts. It may never be seen gone."""
    while True:
        line = talk.read()
        if line["type"] in ("added", "changed") and line["container"]["restarts"]:
            assert (line["container"]["id"], line["container"]["name"]) == (container.id, container.name)
            return int(line["container"]["restarts"])


@pytest.mark.parametrize("policy", ["always", "unless-stopped"])
def test_a_container_whose_process_dies_comes_back_and_its_restarts_are_counted(
    policy: str, start_mortal: Callable[[str], Container], start_bridge: Callable[..., RealBridge]
) -> None:
    container = start_mortal(policy)
    talk = start_bridge().talk()
    (listed,) = talk.ask(type="watch")["containers"]
    assert (listed["id"], listed["restarts"]) == (container.id, 0)
    for times in (1, 2):
        die(container)
        while (found := rises(talk, container)) < times:
            continue
        assert found == times
    container.reload()
    assert (container.status, container.attrs["RestartCount"]) == ("running", 2)


@pytest.mark.parametrize("policy", ["always", "unless-stopped"])
@pytest.mark.parametrize("action", ["kill", "stop"])
def test_a_container_that_is_shot_stays_down_as_if_stopped_by_hand(
    policy: str, action: str, start_mortal: Callable[[str], Container], start_bridge: Callable[..., RealBridge]
) -> None:
    container = start_mortal(policy)
    bridge = start_bridge("--action", action)
    talk = bridge.talk()
    assert talk.ask(type="kill", id=container.id)["action"] == action
    eventually(lambda: status(container) == "exited", 10)
    time.sleep(2)  # longer than the engine takes to restart it
    container.reload()
    assert (container.status, container.attrs["RestartCount"], bridge.names()) == ("exited", 0, [])
    # started by hand it is a target again: a corpse that rises
    talk.ask(type="watch")
    container.start()
    added = talk.read()
    assert (added["type"], added["container"]["id"], added["container"]["restarts"]) == ("added", container.id, 1)
    assert talk.ask(type="kill", id=container.id)["type"] in ("ok", "removed")


def test_the_action_restart_brings_a_container_back_at_once(
    start_mortal: Callable[[str], Container], start_bridge: Callable[..., RealBridge]
) -> None:
    container = start_mortal("always")
    bridge = start_bridge("--action", "restart")
    talk = bridge.talk()
    assert talk.ask(type="kill", id=container.id)["action"] == "restart"

    def restarts() -> list[int]:
        return [each["restarts"] for each in talk.ask(type="list")["containers"]]

    eventually(lambda: restarts() == [1], 10)
    container.reload()
    assert container.status == "running"


def test_a_removed_container_is_gone_for_good(
    engine: docker.DockerClient, start_mortal: Callable[[str], Container], start_bridge: Callable[..., RealBridge]
) -> None:
    container = start_mortal("always")
    bridge = start_bridge()
    assert bridge.talk().ask(type="kill", id=container.id)["action"] == "remove"
    time.sleep(1)
    assert bridge.names() == []
    with pytest.raises(docker.errors.NotFound):
        engine.api.inspect_container(some(container.id))
