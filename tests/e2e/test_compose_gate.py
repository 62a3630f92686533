"""Who has which socket in Compose: the gate has Docker's, the bridge the gate's, the game the bridge's."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NotRequired, TypedDict

import docker
import pytest
from docker.models.containers import Container

from tests.bridges import Message, eventually
from tests.conftest import ROOT
from tests.e2e.conftest import Composed, running_names, up

pytestmark = pytest.mark.e2e

GATE = "/run/pydoom-gate/engine.sock"
BRIDGE = "/run/pydoom/bridge.sock"

PROGRAM = """
import json, socket, sys
client = socket.socket(socket.AF_UNIX)
client.settimeout(20)
client.connect({path!r})
client.sendall({data!r})
sys.stdout.write(client.makefile().{how})
"""
"""For a container whose only client program is Python."""


@pytest.fixture
def composed(engine: docker.DockerClient, docker_socket: str, run_id: str, tmp_path: Path) -> Iterator[Composed]:
    """Gate and bridge, without the game."""
    with up(docker_socket, run_id, tmp_path, "gate", "bridge") as running:
        yield running


def inside_bridge(composed: Composed, *words: str) -> str:
    """The output of a program in the bridge's container."""
    command = [*composed.command, "exec", "-T", "bridge", *words]
    done = subprocess.run(command, env=composed.environment, capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


def talk(composed: Composed, **message: object) -> Message:
    """The bridge's answer."""
    data = json.dumps(message).encode() + b"\n"
    program = PROGRAM.format(path=BRIDGE, data=data, how="readline()")
    found: Message = json.loads(inside_bridge(composed, "python3", "-c", program))
    return found


def at_the_gate(composed: Composed, line: str) -> int:
    """The status of the gate's answer to a request from the bridge's container."""
    data = f"{line} HTTP/1.1\r\nHost: docker\r\nContent-Length: 0\r\n\r\n".encode()
    program = PROGRAM.format(path=GATE, data=data, how="read()")
    return int(inside_bridge(composed, "python3", "-c", program).split()[1])


def test_only_the_gate_has_the_engine_and_the_bridge_can_do_what_the_policy_allows(
    engine: docker.DockerClient, composed: Composed, run_id: str, start_victim: Callable[[str], Container]
) -> None:
    victim = start_victim("victim")
    eventually(lambda: talk(composed, type="list")["containers"], 10)

    user, *groups = inside_bridge(composed, "sh", "-c", "id -u; id -G").split()
    assert user == "10002"
    assert set(groups) == {"10001", "10002"}, "no group of the Docker socket's"
    assert "No such file" in inside_bridge(composed, "ls", "/var/run/docker.sock")
    assert "CapPrm:\t0000000000000000" in inside_bridge(composed, "cat", "/proc/self/status")

    assert at_the_gate(composed, "GET /version") == 200
    for line in ("POST /containers/create", "GET /images/json", f"POST /containers/{victim.id}/exec"):
        assert at_the_gate(composed, line) == 403, line
    assert at_the_gate(composed, f"POST /containers/{victim.id}/stop") == 403, "the policy removes"

    assert talk(composed, type="kill", id=victim.id)["type"] == "ok"
    assert running_names(engine, run_id) == set()
    lines = inside_bridge(composed, "cat", "/var/lib/pydoom/audit.jsonl").splitlines()
    assert [json.loads(each)["event"] for each in lines] == ["intent", "result"]

    def compose(*words: str) -> None:
        subprocess.run([*composed.command, *words], env=composed.environment, check=True, capture_output=True)

    # the gate is killed and restarted, and the bridge goes on
    compose("kill", "gate")
    eventually(lambda: talk(composed, type="hello", version=1)["engine"] == "down", 15)
    compose("start", "gate")
    eventually(lambda: talk(composed, type="hello", version=1)["engine"] == "up", 15)
    second = start_victim("second")
    eventually(lambda: talk(composed, type="kill", id=second.id)["type"] == "ok", 15)


class Volume(TypedDict):
    target: str


class ComposeService(TypedDict):
    """A service of compose.yaml, as far as these tests need it."""

    volumes: NotRequired[list[Volume]]
    network_mode: NotRequired[str]
    read_only: NotRequired[bool]
    cap_drop: NotRequired[list[str]]


def services() -> dict[str, ComposeService]:
    """All of compose.yaml's, those behind a profile as well."""
    command = ["docker", "compose", "-f", str(ROOT / "compose.yaml"), "--profile", "*", "config", "--format", "json"]
    found = subprocess.run(command, capture_output=True, check=True)
    made: dict[str, ComposeService] = json.loads(found.stdout)["services"]
    return made


def test_the_gate_alone_mounts_the_engine_s_socket_and_only_the_bridge_the_gate_s(engine: docker.DockerClient) -> None:
    del engine
    made = services()
    mounts = {name: [each["target"] for each in made[name].get("volumes", ())] for name in sorted(made)}
    assert [name for name, targets in mounts.items() if "/var/run/docker.sock" in targets] == ["gate"]
    assert [name for name, targets in mounts.items() if "/run/pydoom-gate" in targets] == ["bridge", "gate"]
    for name in ("gate", "bridge"):
        found = made[name]
        assert (found["network_mode"], found["read_only"], found["cap_drop"]) == ("none", True, ["ALL"])
