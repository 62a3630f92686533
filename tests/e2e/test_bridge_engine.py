"""The bridge on a real Docker engine: every container here was made by the test, and the bridge sees no other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable

import docker
import pytest
from docker.models.containers import Container

from tests.bridges import Listed, eventually
from tests.e2e.conftest import LABEL, running_names
from tests.e2e.real_bridge import RealBridge
from tests.narrow import some

pytestmark = pytest.mark.e2e


Starter = Callable[[str], Container]


def test_the_original_s_shell_lines_list_and_kill(
    engine: docker.DockerClient, start_victim: Starter, run_id: str, start_bridge: Callable[..., RealBridge]
) -> None:
    for name in ("one", "two", "three"):
        start_victim(name)
    bridge = start_bridge()
    assert sorted(bridge.names()) == sorted(f"{name}-{run_id}" for name in ("one", "two", "three"))
    assert bridge.shell(f'echo "kill two-{run_id}" | nc -U SOCKET') == ""
    eventually(lambda: running_names(engine, run_id) == {"one", "three"}, 15)
    assert sorted(bridge.names()) == sorted(f"{name}-{run_id}" for name in ("one", "three"))

    def audited() -> list[tuple[str, str]]:
        lines = [json.loads(line) for line in bridge.audit.read_text().splitlines()]
        return [(line["event"], line.get("result", "")) for line in lines]

    eventually(lambda: audited() == [("intent", ""), ("result", "ok")])


def test_watching_a_real_engine(
    engine: docker.DockerClient, start_victim: Starter, start_bridge: Callable[..., RealBridge]
) -> None:
    first = start_victim("first")
    bridge = start_bridge()
    talk = bridge.talk()
    assert [each["id"] for each in talk.ask(type="watch")["containers"]] == [first.id]
    second = start_victim("second")
    added = talk.read()
    assert (added["type"], added["container"]["id"], added["container"]["image"]) == ("added", second.id, "busybox")
    second.pause()
    assert talk.read()["container"]["state"] == "paused"
    second.remove(force=True)
    assert talk.read() == {"type": "removed", "id": second.id}
    talk.send(type="kill", id=first.id, weapon="shotgun", seq=1)
    assert {talk.read()["type"], talk.read()["type"]} == {"removed", "ok"}
    assert talk.ask(type="kill", id=first.id)["code"] == "not-found"


def test_rules_hold_on_a_real_engine(
    engine: docker.DockerClient, run_id: str, start_victim: Starter, start_bridge: Callable[..., RealBridge]
) -> None:
    plain = start_victim("plain")

    def start(name: str, **labels: str) -> Container:
        return engine.containers.run(
            "busybox", name=f"{name}-{run_id}", detach=True, network_mode="none", labels={LABEL: run_id} | labels
        )

    safe = start("safe", **{"pydoom.protect": "true"})
    start("game", **{"pydoom.role": "game"})
    bridge = start_bridge("--exclude", "plain-*")
    assert bridge.names() == [safe.name]
    bridge.shell(f"echo 'kill {safe.name}' | nc -U SOCKET; echo 'kill {plain.name}' | nc -U SOCKET")
    talk = bridge.talk()
    assert talk.ask(type="kill", id=safe.id)["code"] == "protected"
    assert talk.ask(type="kill", id=plain.id)["code"] == "not-found"
    assert running_names(engine, run_id) == {"plain", "safe", "game"}


def test_a_container_recreated_under_its_name_is_not_killed_by_the_old_id(
    engine: docker.DockerClient, start_victim: Starter, start_bridge: Callable[..., RealBridge]
) -> None:
    old = start_victim("web")
    bridge = start_bridge()
    talk = bridge.talk()
    assert talk.ask(type="list")["containers"][0]["id"] == old.id
    old.remove(force=True)
    new = start_victim("web")
    assert talk.ask(type="kill", id=old.id)["code"] == "not-found"
    new.reload()
    assert new.status == "running"


def test_pieces_and_half_closes(start_victim: Starter, start_bridge: Callable[..., RealBridge]) -> None:
    name = start_victim("web").name
    bridge = start_bridge()
    assert bridge.shell("(printf li; sleep 0.2; printf 'st\\n') | nc -U SOCKET") == f"{name}\n"
    assert bridge.shell("printf list | nc -N -U SOCKET") == f"{name}\n"


def test_it_ends_cleanly_and_starts_again_after_a_crash(start_bridge: Callable[..., RealBridge]) -> None:
    bridge = start_bridge()
    bridge.stop(signal.SIGKILL)
    assert bridge.path.exists()
    bridge.start()
    assert bridge.names() == []
    assert bridge.stop(signal.SIGINT) == 0
    assert not bridge.path.exists()
    assert not os.path.exists(f"{bridge.path}.lock")


def test_ping_says_whether_the_bridge_answers(start_bridge: Callable[..., RealBridge]) -> None:
    bridge = start_bridge()
    command = [sys.executable, "-m", "hostbridge", "ping", "--socket", str(bridge.path)]
    assert "docker engine is up" in subprocess.run(command, capture_output=True, text=True, check=True).stdout
    bridge.stop()
    assert subprocess.run(command, capture_output=True).returncode == 1


def test_details_include_memory_and_restarts(
    engine: docker.DockerClient, run_id: str, start_victim: Starter, start_bridge: Callable[..., RealBridge]
) -> None:
    plain = start_victim("plain")
    flaky = engine.containers.run(
        "busybox", ["sh", "-c", "sleep 1; exit 1"], name=f"flaky-{run_id}", labels={LABEL: run_id}, detach=True,
        network_mode="none", restart_policy={"Name": "on-failure", "MaximumRetryCount": 50},
    )  # fmt: skip
    talk = start_bridge("--details").talk()

    def listed() -> dict[str, Listed]:
        return {each["id"]: each for each in talk.ask(type="list")["containers"]}

    # fetched in the background: the first list does not wait for it
    eventually(lambda: 0 < listed()[some(plain.id)]["memory"] < 1 << 30, 10)
    eventually(lambda: flaky.id in (found := listed()) and found[flaky.id]["restarts"] > 1, 20)
