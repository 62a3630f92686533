"""Faults that heal, on a real engine: each kind, a bridge killed at any moment, and changes by others."""

from __future__ import annotations

import contextlib
import json
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.models.containers import Container
from docker.models.networks import Network

from hostbridge.backends.base import Healing
from hostbridge.backends.docker import DockerBackend
from hostbridge.backends.engine import Engine
from hostbridge.fault import Fault
from hostbridge.faults.audit import Audit
from hostbridge.faults.healer import Healer
from hostbridge.faults.journal import FaultEntry, Journal
from hostbridge.model import KillAction
from tests.bridges import eventually
from tests.e2e.conftest import LABEL
from tests.e2e.real_bridge import RealBridge, RealGate

pytestmark = pytest.mark.e2e

UNDOABLE = ("pause", "disconnect", "throttle", "squeeze")
UNTOUCHED = {
    "paused": False,
    "networks": {"front": ["web"], "back": []},
    "cpu": 0.0,
    "memory": 0,
}


@pytest.fixture
def networks(engine: docker.DockerClient, run_id: str) -> Iterator[tuple[Network, Network]]:
    made = tuple(engine.networks.create(f"{name}-{run_id}", labels={LABEL: run_id}) for name in ("front", "back"))
    yield made[0], made[1]
    for network in made:
        network.remove()


@pytest.fixture
def web(engine: docker.DockerClient, run_id: str, networks: tuple[Network, Network]) -> Iterator[Container]:
    """A container with two networks and an alias in one of them."""
    front, back = networks
    made = engine.containers.create("busybox", ["sleep", "86400"], name=f"web-{run_id}", labels={LABEL: run_id},
                                    network=front.name)  # fmt: skip
    front.disconnect(made)
    front.connect(made, aliases=["web"])
    made.start()
    back.connect(made)
    yield made
    with contextlib.suppress(docker.errors.NotFound):
        made.remove(force=True)


def condition(container: Container) -> dict[str, Any]:
    """Everything that faults change, for comparing a container with itself; no limit counts as 0."""
    container.reload()
    limits = container.attrs["HostConfig"]
    networks = {
        name.split("-")[0]: [each for each in found["Aliases"] or () if not str(container.id).startswith(each)]
        for name, found in container.attrs["NetworkSettings"]["Networks"].items()
    }
    quota, memory = limits["CpuQuota"], limits["Memory"]
    return {
        "paused": container.attrs["State"]["Paused"],
        "networks": networks,
        "cpu": limits["NanoCpus"] / 1e9 or max(0, quota) / (limits["CpuPeriod"] or 100_000),
        "memory": memory if memory < 1 << 60 else 0,
    }


DURING = {
    "pause": UNTOUCHED | {"paused": True},
    "disconnect": UNTOUCHED | {"networks": {}},
    "throttle": UNTOUCHED | {"cpu": 0.05},
    "squeeze": UNTOUCHED | {"memory": 64 << 20},
}


@pytest.mark.parametrize("kind", UNDOABLE)
def test_each_kind_is_done_and_undone_through_a_gate(
    start_gate: Callable[..., RealGate], start_bridge: Callable[..., RealBridge], web: Container, kind: str
) -> None:
    policy = ("--action", f"{kind}:4")
    bridge = start_bridge("--engine-url", start_gate(*policy).url, *policy)
    talk = bridge.talk()
    talk.ask(type="hello", version=2)
    talk.ask(type="watch")
    talk.send(type="kill", id=web.id, weapon="shotgun")
    said = [talk.read()]
    while not {"ok", "fault"} <= {each["type"] for each in said}:
        said.append(talk.read())
    until = next(each["until"] for each in said if each["type"] == "fault")
    assert condition(web) == DURING[kind] or time.time() >= until, "nothing was done"
    while said[-1]["type"] != "healed":
        said.append(talk.read())
    assert (said[-1]["action"], said[-1]["result"]) == (kind, "healed")
    assert condition(web) == UNTOUCHED
    lines = [json.loads(line) for line in bridge.audit.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["intent", "result", "healed"]
    assert len({line["kill"] for line in lines}) == 1


@pytest.mark.parametrize("kind", ["remove", "stop", "kill", "restart"])
def test_what_cannot_be_undone_is_done(start_bridge: Callable[..., RealBridge], web: Container, kind: str) -> None:
    bridge = start_bridge("--action", kind)
    began = web.attrs["State"]["StartedAt"]
    assert bridge.talk().ask(type="kill", id=web.id)["action"] == kind

    def done() -> bool:
        try:
            web.reload()
        except docker.errors.NotFound:
            return kind == "remove"
        return web.status == "exited" if kind in ("stop", "kill") else web.attrs["State"]["StartedAt"] != began

    eventually(done, 15)


@pytest.mark.parametrize("kind", UNDOABLE)
def test_next_bridge_undoes_the_faults_of_a_killed_one(
    start_bridge: Callable[..., RealBridge], web: Container, kind: str
) -> None:
    bridge = start_bridge("--action", f"{kind}:3")
    assert bridge.talk().ask(type="kill", id=web.id)["type"] == "ok"
    bridge.stop(signal.SIGKILL)
    assert condition(web) == DURING[kind]
    time.sleep(3)
    assert condition(web) == DURING[kind], "nobody is there to undo it"
    bridge.start()
    eventually(lambda: condition(web) == UNTOUCHED, 15)


def test_the_end_of_the_bridge_undoes_what_it_has_done(start_bridge: Callable[..., RealBridge], web: Container) -> None:
    bridge = start_bridge("--action", "pause:3600")
    assert bridge.talk().ask(type="kill", id=web.id)["type"] == "ok"
    assert condition(web)["paused"]
    assert bridge.stop() == 0
    assert condition(web) == UNTOUCHED


class Killed(BaseException):
    """Stands for SIGKILL: nothing of this bridge runs after it."""


class DyingEngine(Engine):
    """An engine whose bridge is killed at the n-th change, before or after the engine gets it."""

    changes_left = -1
    before = True

    def post(self, path: str, query: Any = None, body: object = None) -> None:
        self.changes_left -= 1
        if self.changes_left == 0 and self.before:
            raise Killed
        super().post(path, query, body)
        if self.changes_left == 0:
            raise Killed


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def a_bridge(home: Path, engine: DyingEngine | None = None) -> tuple[Healer, Journal, list[str]]:
    """A healer on the real engine, its journal, and the results of its healing."""
    backend = DockerBackend("")
    if engine is not None:
        backend.engine = engine
        backend._undoing._engine = engine
    journal = Journal(home / "undo.json")
    ended: list[str] = []

    def note(entry: FaultEntry, how: Healing) -> None:
        ended.append(str(how))

    return Healer(backend, journal, Audit(str(home / "audit.jsonl")), ended=note), journal, ended


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize(
    ("kind", "change"),
    [(kind, change) for kind in UNDOABLE for change in ((1, 2, 3, 4) if kind == "disconnect" else (1, 2))],
)
def test_wherever_the_bridge_is_killed_the_next_one_restores_the_container(
    home: Path, web: Container, kind: str, change: int, before: bool
) -> None:
    backend = DockerBackend("")
    dying = DyingEngine(backend.engine.endpoint)
    dying.changes_left, dying.before = change, before
    healer, journal, _ = a_bridge(home, dying)
    (seen,) = backend.look([str(web.id)])
    fault = Fault.of(KillAction(kind), 60)
    try:
        healer.inflict("1", seen, fault)
        (pending,) = healer._pending.values()
        healer._heal(pending)
    except Killed:
        pass
    journal.close()
    left = json.loads((home / "undo.json").read_text())
    left["entries"][0]["until"] = 0  # long ago
    (home / "undo.json").write_text(json.dumps(left))
    healer, journal, ended = a_bridge(home)
    healer.start()
    eventually(lambda: ended, 15)
    assert condition(web) == UNTOUCHED
    healer.close(5)
    assert json.loads((home / "undo.json").read_text())["entries"] == []


@pytest.mark.parametrize("kind", UNDOABLE)
def test_changes_by_somebody_else_are_left_alone(
    home: Path, web: Container, networks: tuple[Network, Network], kind: str
) -> None:
    healer, _, ended = a_bridge(home)
    healer.start()
    (seen,) = DockerBackend("").look([str(web.id)])
    healer.inflict("1", seen, Fault.of(KillAction(kind), 1.5))
    if kind == "pause":
        web.unpause()
        web.restart(timeout=0)
        web.pause()  # by somebody else, for a reason of their own
    elif kind == "disconnect":
        networks[1].connect(web)
    elif kind == "throttle":
        web.update(cpu_period=100_000, cpu_quota=70_000)
    else:
        web.update(mem_limit="100m", memswap_limit="100m")
    theirs = condition(web)
    eventually(lambda: ended, 15)
    assert ended == ["changed"]
    assert condition(web) == theirs
    healer.close(5)
    if kind == "pause":
        web.unpause()


def test_a_container_removed_meanwhile_needs_no_healing(
    home: Path, engine: docker.DockerClient, start_victim: Callable[[str], Container]
) -> None:
    victim = start_victim("victim")
    healer, _, ended = a_bridge(home)
    healer.start()
    (seen,) = DockerBackend("").look([str(victim.id)])
    healer.inflict("1", seen, Fault(KillAction.PAUSE, 1))
    victim.remove(force=True)
    eventually(lambda: ended == ["gone"], 15)
    healer.close(5)


def test_existing_limits_are_restored_to_the_byte(home: Path, engine: docker.DockerClient, run_id: str) -> None:
    limits: Any = {"nano_cpus": 500_000_000, "mem_limit": "256m", "memswap_limit": "300m"}
    made = engine.containers.run("busybox", ["sleep", "86400"], labels={LABEL: run_id}, detach=True, **limits)
    try:
        before = condition(made), made.attrs["HostConfig"]["MemorySwap"]
        healer, _, ended = a_bridge(home)
        healer.start()
        (seen,) = DockerBackend("").look([str(made.id)])
        healer.inflict("1", seen, Fault.of(KillAction.THROTTLE, 1))
        healer.inflict("2", seen, Fault.of(KillAction.SQUEEZE, 1))
        during = condition(made)
        assert (during["cpu"], during["memory"]) == (0.05, 64 << 20)
        eventually(lambda: len(ended) == 2, 15)
        assert (condition(made), made.attrs["HostConfig"]["MemorySwap"]) == before
        healer.close(5)
    finally:
        made.remove(force=True)


def test_a_container_is_inspected_and_its_last_lines_are_read(
    engine: docker.DockerClient, start_bridge: Callable[..., RealBridge], run_id: str, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("[inspect]\nlogs = true\n")
    policy.chmod(0o600)
    options: Any = {"ports": {"80/tcp": ("127.0.0.1", None)}, "mem_limit": "64m"}
    busy = ["sh", "-c", "echo hello; while :; do :; done"]
    made = engine.containers.run("busybox", busy, labels={LABEL: run_id}, detach=True, **options)
    try:
        talk = start_bridge("--policy", str(policy)).talk()
        assert eventually(lambda: talk.ask(type="logs", id=made.id).get("lines")) == ["hello"]
        said = talk.ask(type="inspect", id=made.id)
        assert said["image"] == "busybox"
        assert abs(said["started"] - time.time()) < 60

        def use() -> float | None:
            time.sleep(0.3)  # the engine measures once a second
            return talk.ask(type="inspect", id=made.id)["cpus"]

        assert eventually(use, 30)
        assert said["ports"][0].startswith("127.0.0.1:") and said["ports"][0].endswith("->80/tcp")
    finally:
        made.remove(force=True)
