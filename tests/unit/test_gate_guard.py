"""The gate judges containers itself: what the policy protects cannot be hit, whatever a bridge asks for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hostbridge.cli import gate as gate_command
from hostbridge.cli import options
from hostbridge.policy.rules import Policy
from hostbridge.policy.selectors import Selector
from tests.fake_docker import IMAGE_ID, FakeDocker, summary
from tests.gates import RunningGate, status_of

POLICY = Policy(
    exclude=(Selector.parse("hidden"),),
    protect=(Selector.parse("image=postgres:*"), Selector.parse("db-*"), Selector.parse("label=tier=data")),
)
NETWORK = "ab" * 32
ACTIONS = [
    ("DELETE", "containers/{id}?force=1", None),
    ("POST", "containers/{id}/stop?t=5", None),
    ("POST", "containers/{id}/kill", None),
    ("POST", "containers/{id}/kill?signal=SIGTERM", None),
    ("POST", "containers/{id}/restart?t=5", None),
    ("POST", "containers/{id}/pause", None),
    ("POST", f"networks/{NETWORK}/disconnect", {"Container": "{id}"}),
    ("POST", f"networks/{NETWORK}/connect", {"Container": "{id}", "EndpointConfig": {}}),
    ("POST", "containers/{id}/update", {"NanoCpus": 1000}),
    ("POST", "containers/{id}/update", {"CpuPeriod": 100000, "CpuQuota": 1000}),
    ("POST", "containers/{id}/update", {"Memory": 1 << 20, "MemorySwap": 1 << 20}),
    ("POST", "containers/{id}/update", {"CpuShares": 128}),
]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[FakeDocker]:
    made = FakeDocker(tmp_path)
    yield made
    made.stop()


def ask(gate: RunningGate, method: str, path: str, body: dict[str, Any] | None, container_id: str) -> bytes:
    text = (json.dumps(body) if body is not None else "").replace("{id}", container_id)
    target = f"/v1.41/{path.replace('{id}', container_id)}"
    head = f"{method} {target} HTTP/1.1\r\nHost: d\r\nContent-Length: {len(text)}\r\n\r\n"
    return gate.ask((head + text).encode())


@pytest.mark.parametrize(("method", "path", "body"), ACTIONS)
def test_no_action_reaches_a_protected_container(
    engine: FakeDocker, tmp_path: Path, method: str, path: str, body: dict[str, Any] | None
) -> None:
    spared = [
        summary(1, "db-1"),
        summary(2, Image="postgres:16"),
        summary(3, Image=IMAGE_ID, ConfigImage="docker.io/library/postgres:16"),
        summary(4, Labels={"tier": "data"}),
        summary(5, Labels={"pydoom.protect": ""}),
        summary(6, Labels={"pydoom.role": "game"}),
        summary(7, "hidden"),
    ]
    engine.containers = [*spared, summary(9)]
    with RunningGate(tmp_path, engine.url, policy=POLICY) as gate:
        for each in spared:
            assert b"the gate protects" in ask(gate, method, path, body, each["Id"])
        assert not engine.removed
        assert not engine.posted
        assert b"the gate protects" not in ask(gate, method, path, body, summary(9)["Id"])
        assert engine.removed or engine.posted


def test_image_known_by_its_id_only_is_looked_up(engine: FakeDocker, tmp_path: Path) -> None:
    tagged, unknown = "sha256:" + "1" * 64, "sha256:" + "2" * 64
    engine.containers = [summary(1, Image=tagged, ImageID=tagged), summary(2, Image="22222222", ImageID=unknown)]
    engine.tags[tagged] = ["postgres:16"]
    with RunningGate(tmp_path, engine.url, policy=POLICY) as gate:
        for each in engine.containers:
            assert b"the gate protects" in ask(gate, "DELETE", "containers/{id}?force=1", None, each["Id"])


def test_what_only_undoes_a_fault_is_let_through(engine: FakeDocker, tmp_path: Path) -> None:
    limited = {"NanoCpus": 50_000_000, "Memory": 1 << 26, "MemorySwap": 1 << 26}
    engine.containers = [summary(1, "db-1", HostConfig=limited)]
    undoing = [
        ("unpause", None),
        ("update", {"NanoCpus": 2_000_000_000}),
        ("update", {"Memory": 1 << 30, "MemorySwap": -1}),
        ("update", {"Memory": (1 << 63) - 4096, "MemorySwap": (1 << 63) - 4096}),
    ]
    worse = [
        ("update", {"NanoCpus": 10_000_000}),
        ("update", {"Memory": 1 << 25, "MemorySwap": 1 << 30}),
        ("update", {"Memory": 1 << 26, "MemorySwap": 1 << 25}),
        ("update", {"CpuShares": 2}),
    ]
    with RunningGate(tmp_path, engine.url, policy=POLICY) as gate:
        for what, body in undoing:
            assert b"the gate protects" not in ask(gate, "POST", f"containers/{{id}}/{what}", body, summary(1)["Id"])
        for what, body in worse:
            assert b"the gate protects" in ask(gate, "POST", f"containers/{{id}}/{what}", body, summary(1)["Id"])


def test_nothing_is_hit_that_the_engine_says_nothing_sensible_about(engine: FakeDocker, tmp_path: Path) -> None:
    engine.containers = [summary(1)]
    container = summary(1)["Id"]
    with RunningGate(tmp_path, engine.url, policy=POLICY) as gate:
        for status, body in ((200, b"{}"), (200, b"[]"), (200, b'{"Id": "%s"}' % container.encode()), (500, b"")):
            engine.hook = lambda method, path, answer=(status, body): answer if method == "GET" else None  # type: ignore[misc]
            assert status_of(ask(gate, "DELETE", "containers/{id}?force=1", None, container)) in (500, 502)
        engine.hook = lambda method, path: (404, b'{"message": "No such container"}') if method == "GET" else None
        assert status_of(ask(gate, "DELETE", "containers/{id}?force=1", None, container)) == 404
    assert not engine.removed


def test_another_container_s_id_as_a_name_is_not_hit(engine: FakeDocker, tmp_path: Path) -> None:
    """The engine also resolves names, and a name may look like an ID."""
    wanted = summary(1)["Id"]
    engine.hook = lambda method, path: (200, json.dumps({"Id": summary(2)["Id"]}).encode()) if method == "GET" else None
    with RunningGate(tmp_path, engine.url, policy=POLICY) as gate:
        assert status_of(ask(gate, "DELETE", "containers/{id}?force=1", None, wanted)) == 404
    assert not engine.removed


def test_gate_s_flags_add_to_its_policy(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text('[containers]\nprotect = ["db"]\n')
    chosen = gate_command.parser().parse_args(["--policy", str(path), "--protect", "cache", "--only-labelled"])
    policy = options.targets_of(options.actions_of(chosen), chosen)
    assert [str(each) for each in policy.protect] == ["name=db", "name=cache"]
    assert policy.only_labelled
