"""A kill that would hit other containers too: those that use the victim's namespaces and are protected."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hostbridge.backends.docker import DockerBackend
from hostbridge.backends.namespaces import dependants, joined
from hostbridge.fault import Fault
from hostbridge.model import Container, KillAction
from hostbridge.policy.rules import Policy
from hostbridge.policy.selectors import Selector
from tests.bridges import Bridge
from tests.fake_docker import FakeDocker, summary

A, B, C, D = (summary(number)["Id"] for number in range(1, 5))
SAFE = Policy(protect=(Selector.parse("safe-*"),))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[FakeDocker]:
    made = FakeDocker(tmp_path)
    yield made
    made.stop()


def kill(engine: FakeDocker, folder: Path, policy: Policy = SAFE) -> str:
    with Bridge(folder, DockerBackend(engine.url), policy) as bridge, bridge.talk() as talk:
        answer = talk.ask(type="kill", id=A)
        assert (answer["type"] == "ok") == bool(engine.removed or engine.posted)
        return str(answer.get("code", "ok"))


@pytest.mark.parametrize("mode", ["PidMode", "NetworkMode", "IpcMode"])
@pytest.mark.parametrize("reference", [A, A[:12], "victim"])
def test_a_container_whose_namespaces_a_protected_one_uses_is_spared(
    engine: FakeDocker, tmp_path: Path, mode: str, reference: str
) -> None:
    engine.containers = [summary(1, "victim"), summary(2, "safe-b", HostConfig={mode: f"container:{reference}"})]
    assert kill(engine, tmp_path) == "protected"


def test_a_container_at_the_end_of_a_chain_of_namespaces_is_spared(engine: FakeDocker, tmp_path: Path) -> None:
    engine.containers = [
        summary(1, "victim"),
        summary(2, "b", HostConfig={"PidMode": f"container:{A}"}),
        summary(3, "safe-c", HostConfig={"NetworkMode": f"container:{B}"}),
    ]
    assert kill(engine, tmp_path) == "protected"


def test_a_container_that_uses_a_protected_one_s_namespaces_is_not_spared(engine: FakeDocker, tmp_path: Path) -> None:
    engine.containers = [
        summary(1, "victim", HostConfig={"PidMode": f"container:{B}", "NetworkMode": "bridge", "IpcMode": "private"}),
        summary(2, "safe-master"),
        summary(3, "other", HostConfig={"PidMode": "host"}),
    ]
    assert kill(engine, tmp_path) == "ok"


@pytest.mark.parametrize("kind", ["exclude", "include", "label"])
def test_everything_but_targets_counts_as_protected(engine: FakeDocker, tmp_path: Path, kind: str) -> None:
    labels = {"pydoom.role": "game"} if kind == "label" else {}
    shared = {"PidMode": f"container:{A}"}
    engine.containers = [summary(1, "victim"), summary(2, "hidden", HostConfig=shared, Labels=labels)]
    policy = {
        "exclude": Policy(exclude=(Selector.parse("hidden"),)),
        "include": Policy(include=(Selector.parse("victim"),)),
        "label": Policy(),
    }[kind]
    assert kill(engine, tmp_path, policy) == "protected"


HARMLESS = (KillAction.PAUSE, KillAction.THROTTLE)
"""What the containers that share its namespaces do not notice."""


@pytest.mark.parametrize("action", list(KillAction))
def test_every_action_that_ends_the_victim_counts(engine: FakeDocker, tmp_path: Path, action: KillAction) -> None:
    engine.containers = [summary(1, "victim"), summary(2, "safe-b", HostConfig={"PidMode": f"container:{A}"})]
    policy = Policy(protect=SAFE.protect, fault=Fault.of(action))
    assert kill(engine, tmp_path, policy) == ("ok" if action in HARMLESS else "protected")


def test_an_engine_that_hides_a_protected_container_leads_to_no_kill(engine: FakeDocker, tmp_path: Path) -> None:
    engine.containers = [summary(1, "victim"), summary(2, "safe-b")]
    engine.hook = lambda method, path: (500, b"{}") if path.endswith(f"{B}/json") else None
    assert kill(engine, tmp_path) == "failed"


def test_only_protected_containers_are_inspected(engine: FakeDocker, tmp_path: Path) -> None:
    engine.containers = [summary(1, "victim"), *(summary(number, f"c-{number}") for number in range(2, 300))]
    engine.containers.append(summary(300, "safe-b", HostConfig={"PidMode": f"container:{A}"}))
    backend = DockerBackend(engine.url)
    victim = Container(A, "victim")
    hit = backend.also_hit(victim, KillAction.REMOVE, lambda each: each.name == "safe-b")
    assert [each.name for each in hit] == ["safe-b"]
    assert len(engine.requests) <= 6, "version, list, the protected one, its master, and the image of each"


def test_modes_that_share_no_namespace() -> None:
    assert joined({}) == joined({"PidMode": "", "NetworkMode": None, "IpcMode": "shareable"}) == frozenset()


def test_a_circle_of_namespaces_ends() -> None:
    ring = [Container(each, each) for each in (A, B, C)]
    joins = {A: frozenset({C}), B: frozenset({A}), C: frozenset({B}), D: frozenset()}
    assert {each.id for each in dependants(ring[0], [*ring, Container(D, "d")], joins)} == {B, C}


@pytest.mark.parametrize("mode", ["PidMode", "NetworkMode", "IpcMode"])
def test_nothing_is_killed_where_a_proxy_hides_who_shares_what(engine: FakeDocker, tmp_path: Path, mode: str) -> None:
    # as Sockguard does unless it is told not to
    engine.containers = [summary(1, "victim"), summary(2, "safe-b", HostConfig={mode: "<redacted>"})]
    assert kill(engine, tmp_path) == "engine-down"


@pytest.mark.parametrize(
    "mode", ["", "default", "bridge", "host", "none", "my_net-1.x", "ns:/proc/1/ns/net", "shareable"]
)
def test_ordinary_modes_are_understood(mode: str) -> None:
    assert joined({"NetworkMode": mode, "PidMode": None}) == frozenset()


@pytest.mark.parametrize(("action", "code"), [(KillAction.REMOVE, "protected"), (KillAction.STOP, "ok")])
def test_a_stopped_container_is_spared_a_removal_after_which_it_could_never_start(
    engine: FakeDocker, tmp_path: Path, action: KillAction, code: str
) -> None:
    guest = summary(2, "safe-b", State="exited", HostConfig={"NetworkMode": f"container:{A}"})
    engine.containers = [summary(1, "victim"), guest]
    assert kill(engine, tmp_path, Policy(protect=SAFE.protect, fault=Fault.of(action))) == code
