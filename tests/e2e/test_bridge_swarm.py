"""The bridge on a real Docker Swarm of three engines, all started here and gone afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest
from docker.models.services import Service
from docker.types import RestartPolicy, ServiceMode

from tests.bridges import Listed, Message, Talk, audit_lines, eventually
from tests.e2e import swarm
from tests.e2e.conftest import LABEL
from tests.e2e.real_bridge import RealBridge, RealGate

pytestmark = pytest.mark.e2e

Deploy = Callable[..., Service]


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory, engine: docker.DockerClient) -> Iterator[list[swarm.Node]]:
    reason = swarm.missing()
    if reason:
        pytest.skip(reason)
    image = b"".join(engine.images.get("busybox").save(named=True))
    with swarm.swarm(tmp_path_factory.mktemp("swarm"), image) as running:
        yield running


@pytest.fixture
def deploy(nodes: list[swarm.Node], run_id: str) -> Iterator[Deploy]:
    """Start a service of this run and wait for its tasks; all are removed afterwards."""
    manager = nodes[0].client
    services: list[Service] = []

    def start(name: str, replicas: int = 3, labels: dict[str, str] | None = None) -> Service:
        mode = ServiceMode("replicated", replicas) if replicas else ServiceMode("global")
        service: Service = manager.services.create(
            "busybox:latest",
            ["sleep", "86400"],
            name=f"{name}-{run_id}",
            labels={LABEL: run_id} | (labels or {}),
            mode=mode,
            restart_policy=RestartPolicy(condition="any", delay=2 * 10**9),
            networks=["host"],
            stop_grace_period=0,
        )
        services.append(service)
        eventually(lambda: len(running(service)) == (replicas or len(nodes)), 30)
        return service

    yield start
    for service in services:
        service.remove()
    eventually(lambda: not any(node.client.api.containers() for node in nodes), 30)


def running(service: Service) -> dict[str, str]:
    """Container IDs of the service's running tasks, with the name of each."""
    found = service.tasks({"desired-state": "running"})
    return {
        each["Status"]["ContainerStatus"]["ContainerID"]: f"{service.name}.{each.get('Slot', each['NodeID'])}"
        for each in found
        if each["Status"]["State"] == "running"
    }


def bridge_of(start_bridge: Callable[..., RealBridge], nodes: list[swarm.Node], *extra: str) -> RealBridge:
    workers = [word for node in nodes[1:] for word in ("--node", f"{node.name}={node.url}")]
    return start_bridge("--backend", "swarm", "--engine-url", nodes[0].url, *workers, *extra)


def containers(talk: Talk) -> list[Listed]:
    return talk.ask(type="list")["containers"]


def test_tasks_of_all_nodes_are_listed_with_their_node(
    nodes: list[swarm.Node], deploy: Deploy, start_bridge: Callable[..., RealBridge]
) -> None:
    web, agent = deploy("web", 3), deploy("agent", 0)
    talk = bridge_of(start_bridge, nodes).talk()
    found = containers(talk)
    assert {each["id"] for each in found} == {*running(web), *running(agent)}
    assert {each["name"] for each in found if each["name"].startswith("web")} == {f"{web.name}.{n}" for n in (1, 2, 3)}
    for each in found:
        (place,) = [node for node in nodes if node.name == each["node"]]
        place.client.api.inspect_container(each["id"])  # it really exists, with this very ID


def test_a_kill_removes_the_container_on_its_node_and_the_swarm_replaces_it(
    nodes: list[swarm.Node], deploy: Deploy, start_bridge: Callable[..., RealBridge]
) -> None:
    service = deploy("web", 3)
    talk = bridge_of(start_bridge, nodes).talk()
    before = talk.ask(type="watch")["containers"]
    assert {each["node"] for each in before} == {node.name for node in nodes}, "the swarm spreads tasks"
    for target in before:
        talk.send(type="kill", id=target["id"], weapon="shotgun")
    seen: dict[str, list[str]] = {}
    while sum(map(len, seen.values())) < 9:
        message = talk.read()
        seen.setdefault(message["type"], []).append(message.get("id") or message["container"]["id"])
    old = {each["id"] for each in before}
    assert (set(seen["ok"]), set(seen["removed"])) == (old, old)
    assert set(seen["added"]) == set(running(service))
    for node in nodes:
        assert not old & {each["Id"] for each in node.client.api.containers(all=True)}


def test_a_stop_removes_exactly_this_task_for_good(
    nodes: list[swarm.Node], deploy: Deploy, start_bridge: Callable[..., RealBridge]
) -> None:
    service = deploy("web", 3)
    talk = bridge_of(start_bridge, nodes, "--action", "stop").talk()
    target, *others = containers(talk)
    assert talk.ask(type="kill", id=target["id"])["action"] == "stop"
    service.reload()
    assert service.attrs["Spec"]["Mode"]["Replicated"]["Replicas"] == 2
    eventually(lambda: {each["id"] for each in containers(talk)} == {each["id"] for each in others}, 5)
    time.sleep(4)  # longer than the swarm waits before it starts a task again
    assert set(running(service)) == {each["id"] for each in others}


def test_without_the_node_s_engine_a_removal_is_refused_and_the_swarm_chooses_what_to_stop(
    nodes: list[swarm.Node], deploy: Deploy, start_bridge: Callable[..., RealBridge]
) -> None:
    service = deploy("web", 3)
    talk = bridge_of(start_bridge, nodes[:1], "--weapon", "pistol=stop").talk()
    far = next(each for each in containers(talk) if each["node"] == "node1")
    refused = talk.ask(type="kill", id=far["id"])
    assert refused["code"] == "denied"
    assert "--node node1=URL" in refused["message"]
    assert far["id"] in running(service)
    assert talk.ask(type="kill", id=far["id"], weapon="pistol")["type"] == "ok"
    eventually(lambda: len(running(service)) == 2, 15)


def test_a_restart_replaces_all_tasks_of_the_service(
    nodes: list[swarm.Node], deploy: Deploy, start_bridge: Callable[..., RealBridge]
) -> None:
    service = deploy("web", 2)
    talk = bridge_of(start_bridge, nodes, "--action", "restart").talk()
    before = set(running(service))
    assert talk.ask(type="kill", id=next(iter(before)))["action"] == "restart"
    eventually(lambda: len(running(service)) == 2 and not before & set(running(service)), 40)


def test_an_action_that_would_also_hit_a_protected_task_is_refused(
    nodes: list[swarm.Node], deploy: Deploy, start_bridge: Callable[..., RealBridge]
) -> None:
    service = deploy("web", 2)
    bridge = bridge_of(start_bridge, nodes, "--action", "restart", "--protect", f"{service.name}.2")
    talk = bridge.talk()
    target = next(each for each in containers(talk) if each["name"].endswith(".1"))
    before = running(service)
    refused = talk.ask(type="kill", id=target["id"])
    assert (refused["code"], f"{service.name}.2" in refused["message"]) == ("protected", True)
    assert running(service) == before


def test_a_global_service_has_no_replica_to_scale_down(
    nodes: list[swarm.Node], deploy: Deploy, start_bridge: Callable[..., RealBridge]
) -> None:
    service = deploy("agent", 0)
    talk = bridge_of(start_bridge, nodes, "--action", "stop").talk()
    before = running(service)
    assert talk.ask(type="kill", id=next(iter(before)))["code"] == "conflict"
    assert running(service) == before


def test_gates_let_through_what_a_swarm_needs_and_no_other_change_of_a_service(
    nodes: list[swarm.Node], deploy: Deploy, start_bridge: Callable[..., RealBridge], tmp_path: Path
) -> None:
    service = deploy("web", 3)
    flags = ["--backend", "swarm", "--action", "stop", "--weapon", "fist=restart", "--weapon", "bfg9000=remove"]
    gates = [RealGate(tmp_path / node.name, node.url, *flags) for node in nodes]
    try:
        workers = [f"--node={node.name}={gate.url}" for node, gate in zip(nodes[1:], gates[1:], strict=True)]
        talk = start_bridge("--engine-url", gates[0].url, *workers, *flags).talk()
        first, second, _ = containers(talk)
        assert talk.ask(type="kill", id=first["id"])["action"] == "stop"
        service.reload()
        assert service.attrs["Spec"]["Mode"]["Replicated"]["Replicas"] == 2
        assert talk.ask(type="kill", id=second["id"], weapon="bfg9000")["action"] == "remove"
        eventually(lambda: len(containers(talk)) == 2 and second["id"] not in running(service), 20)
        before = {each["id"] for each in containers(talk)}
        assert talk.ask(type="kill", id=min(before), weapon="fist")["action"] == "restart"
        eventually(lambda: len(containers(talk)) == 2 and not before & {each["id"] for each in containers(talk)}, 40)

        client = docker.DockerClient(base_url=gates[0].url, version=nodes[0].client.api.api_version)
        service.reload()
        evil = {"ContainerSpec": {"Image": "evil"}}
        with pytest.raises(docker.errors.APIError, match="no change of a service through but what"):
            client.api.update_service(service.id, service.version, task_template=evil, name=service.name)
        client.close()
    finally:
        for each in gates:
            each.stop()


def test_faults_are_done_and_undone_on_the_task_s_node(
    nodes: list[swarm.Node], deploy: Deploy, start_bridge: Callable[..., RealBridge]
) -> None:
    service = deploy("web", 3)
    weapons = ("fist=pause:1", "pistol=throttle:1", "shotgun=squeeze:1")
    bridge = bridge_of(start_bridge, nodes, *(word for each in weapons for word in ("--weapon", each)))
    talk = bridge.talk()
    talk.ask(type="hello", version=2)
    before = running(service)
    for target, weapon in zip(talk.ask(type="watch")["containers"], ("fist", "pistol", "shotgun"), strict=True):
        (node,) = [each for each in nodes if each.name == target["node"]]
        talk.send(type="kill", id=target["id"], weapon=weapon)
        while (said := talk.read())["type"] != "healed":
            assert said["type"] != "error", said
        assert (said["id"], said["result"]) == (target["id"], "healed")
        found = node.client.api.inspect_container(target["id"])
        limits = found["HostConfig"]
        assert (found["State"]["Paused"], limits["CpuQuota"] > 0, 0 < limits["Memory"] < 1 << 40) == (False,) * 3
    assert running(service) == before, "the swarm has not noticed"
    actions = [(each["action"], each["seconds"]) for each in audit_lines(bridge.audit) if each["event"] == "intent"]
    assert actions == [("pause", 1), ("throttle", 1), ("squeeze", 1)]


def news(talk: Talk) -> Message:
    """What became of the victim's service."""
    while (said := talk.read())["type"] not in ("recovered", "not-recovered"):
        assert said["type"] != "error", said
    return said


def test_recovery_of_a_service_is_measured(
    nodes: list[swarm.Node], deploy: Deploy, start_bridge: Callable[..., RealBridge], tmp_path: Path
) -> None:
    service = deploy("web", 2)
    policy = tmp_path / "policy.toml"
    policy.write_text('[kill.weapons]\npistol = "restart"\nshotgun = "stop"\n[recovery]\nseconds = 90\n')
    bridge = bridge_of(start_bridge, nodes, "--policy", str(policy))
    talk = bridge.talk()
    talk.socket.settimeout(90)
    talk.ask(type="hello", version=2)
    first, second = talk.ask(type="watch")["containers"]
    began = time.monotonic()
    talk.send(type="kill", id=first["id"], weapon="fist")
    said = news(talk)
    assert (said["type"], said["id"], said["service"]) == ("recovered", first["id"], service.name)
    assert 1.9 <= said["seconds"] <= time.monotonic() - began + 0.1, "the swarm waits two seconds"
    talk.send(type="kill", id=second["id"], weapon="pistol")
    before = set(running(service))
    assert news(talk)["type"] == "recovered"
    assert not before & set(running(service)), "all tasks are new"
    bridge.stop()
    policy.write_text(policy.read_text().replace("90", "2"))
    bridge.start()
    talk = bridge.talk()
    talk.ask(type="hello", version=2)
    talk.send(type="kill", id=talk.ask(type="watch")["containers"][0]["id"], weapon="shotgun")
    assert news(talk)["type"] == "not-recovered", "the service has one task fewer"
