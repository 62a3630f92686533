"""The gate in front of a real Docker engine: everything the bridge needs works through it, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable

import docker
import pytest
from docker.models.containers import Container

from tests.bridges import eventually
from tests.e2e.conftest import running_names
from tests.e2e.real_bridge import RealBridge, RealGate
from tests.narrow import some

pytestmark = pytest.mark.e2e

Start = Callable[[str], Container]
StartBridge = Callable[..., RealBridge]


def state_of(engine: docker.DockerClient, container: Container) -> str:
    found = engine.api.containers(all=True, filters={"id": container.id})
    return str(found[0]["State"]) if found else "gone"


def test_every_action_and_a_wound_work_through_the_gate(
    engine: docker.DockerClient, start_victim: Start, start_gate: Callable[..., RealGate], start_bridge: StartBridge
) -> None:
    weapons = {"fist": "pause", "pistol": "stop", "shotgun": "kill", "chainsaw": "restart", "bfg9000": "remove"}
    flags = ["--wound", *(word for pair in weapons.items() for word in ("--weapon", "=".join(pair)))]
    victims = {weapon: start_victim(action) for weapon, action in weapons.items()}
    gate = start_gate("--details", *flags)
    talk = start_bridge("--details", "--engine-url", gate.url, *flags).talk()
    eventually(lambda: all(each["memory"] for each in talk.ask(type="list")["containers"]), 10)
    restarted = victims["chainsaw"]
    began = restarted.attrs["State"]["StartedAt"]
    for weapon, victim in victims.items():
        assert talk.ask(type="wound", id=victim.id, weapon=weapon)["type"] == "ok"
        victim.reload()
        assert victim.attrs["HostConfig"]["CpuShares"] == 128
        assert talk.ask(type="kill", id=victim.id, weapon=weapon)["type"] == "ok"
    states = {weapon: state_of(engine, victim) for weapon, victim in victims.items()}
    assert states == {
        "fist": "paused",
        "pistol": "exited",
        "shotgun": "exited",
        "chainsaw": "running",
        "bfg9000": "gone",
    }
    restarted.reload()
    assert restarted.attrs["State"]["StartedAt"] != began


def test_the_bridge_hears_events_through_the_gate(
    start_victim: Start, start_gate: Callable[..., RealGate], start_bridge: StartBridge
) -> None:
    talk = start_bridge("--engine-url", start_gate().url).talk()
    talk.ask(type="watch")
    victim = start_victim("newcomer")
    assert talk.read()["container"]["id"] == victim.id
    victim.remove(force=True)
    assert talk.read() == {"type": "removed", "id": victim.id}


FORBIDDEN: dict[str, Callable[[docker.DockerClient, str], object]] = {
    "run": lambda client, _: client.containers.run("busybox", detach=True),
    "mount the host": lambda client, _: client.containers.create("busybox", volumes=["/:/host"]),
    "privileged": lambda client, _: client.containers.create("busybox", privileged=True),
    "exec": lambda client, victim: client.api.exec_create(victim, ["id"]),
    "attach": lambda client, victim: client.api.attach(victim),
    "logs": lambda client, victim: client.api.logs(victim),
    "copy out": lambda client, victim: client.api.get_archive(victim, "/"),
    "copy in": lambda client, victim: client.api.put_archive(victim, "/", b""),
    "commit": lambda client, victim: client.api.commit(victim),
    "rename": lambda client, victim: client.api.rename(victim, "other"),
    "start": lambda client, victim: client.api.start(victim),
    "more memory": lambda client, victim: client.api.update_container(victim, mem_limit="1g"),
    "remove with volumes": lambda client, victim: client.api.remove_container(victim, v=True, force=True),
    "prune": lambda client, _: client.containers.prune(),
    "pull": lambda client, _: client.api.pull("busybox"),
    "remove an image": lambda client, _: client.images.remove("busybox"),
    "import": lambda client, _: client.api.import_image_from_data(b"x"),
    "volume": lambda client, _: client.volumes.create("x"),
    "network": lambda client, _: client.networks.create("x"),
    "swarm": lambda client, _: client.swarm.init(),
    "plugin": lambda client, _: client.plugins.list(),
    "secrets": lambda client, _: client.secrets.list(),
}


def test_everything_else_gets_403(
    engine: docker.DockerClient, run_id: str, start_victim: Start, start_gate: Callable[..., RealGate]
) -> None:
    victim = some(start_victim("victim").id)
    client = docker.DockerClient(base_url=start_gate("--wound").url, version=engine.api.api_version)
    try:
        for what, attempt in FORBIDDEN.items():
            with pytest.raises(docker.errors.APIError) as caught:
                attempt(client, victim)
            assert some(caught.value.response).status_code == 403, what
            assert "the gate" in str(caught.value.explanation), what
    finally:
        client.close()
    assert running_names(engine, run_id) == {"victim"}


def test_no_action_on_a_protected_container_gets_through(
    engine: docker.DockerClient, run_id: str, start_victim: Start, start_gate: Callable[..., RealGate]
) -> None:
    protected, other = some(start_victim("billing").id), some(start_victim("victim").id)
    weapons = ("--weapon", "fist=pause", "--weapon", "pistol=throttle:20", "--action", "stop", "--wound")
    client = docker.DockerClient(
        base_url=start_gate("--protect", f"billing-{run_id}", *weapons).url, version=engine.api.api_version
    )
    attempts: list[Callable[[str], object]] = [
        lambda victim: client.api.pause(victim),
        lambda victim: client.api.unpause(victim),
        lambda victim: client.api.update_container(victim, cpu_shares=128),
        lambda victim: client.api.update_container(victim, cpu_period=100_000, cpu_quota=5_000),
        lambda victim: client.api.stop(victim, timeout=1),
    ]
    try:
        for attempt in attempts:
            if attempt is not attempts[1]:  # lets through what undoes a fault
                with pytest.raises(docker.errors.APIError, match="the gate protects"):
                    attempt(protected)
            attempt(other)
    finally:
        client.close()
    assert running_names(engine, run_id) == {"billing"}


def test_docker_s_own_command_line_cannot_run_anything(start_gate: Callable[..., RealGate], run_id: str) -> None:
    environment = os.environ | {"DOCKER_HOST": start_gate().url, "DOCKER_API_VERSION": "1.41"}
    for words in (("run", "--rm", "busybox", "true"), ("run", "-v", "/:/host", "busybox"), ("pull", "busybox")):
        done = subprocess.run(["docker", *words], env=environment, capture_output=True, text=True, timeout=30)
        assert done.returncode != 0
        assert "the gate does not let" in done.stderr


def test_a_policy_that_only_stops_cannot_remove(
    engine: docker.DockerClient,
    run_id: str,
    start_victim: Start,
    start_gate: Callable[..., RealGate],
    start_bridge: StartBridge,
) -> None:
    victim = start_victim("victim")
    gate = start_gate("--action", "stop")
    answer = start_bridge("--engine-url", gate.url).talk().ask(type="kill", id=victim.id)
    assert (answer["code"], "it was started without remove" in answer["message"]) == ("denied", True)
    assert running_names(engine, run_id) == {"victim"}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_bridge_reconnects_to_a_gate_that_came_back(
    engine: docker.DockerClient,
    run_id: str,
    start_victim: Start,
    start_gate: Callable[..., RealGate],
    start_bridge: StartBridge,
    how: signal.Signals,
) -> None:
    victim = start_victim("victim")
    gate = start_gate()
    talk = start_bridge("--engine-url", gate.url).talk()
    talk.ask(type="watch")
    gate.stop(how)
    down = talk.read()
    assert (down["type"], down["state"]) == ("engine", "down")
    assert talk.ask(type="kill", id=victim.id)["code"] == "engine-down"
    gate.start()
    assert talk.read()["state"] == "up"
    talk.send(type="kill", id=victim.id)
    assert {talk.read()["type"], talk.read()["type"]} == {"ok", "removed"}
    assert running_names(engine, run_id) == set()
