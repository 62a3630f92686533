"""The composed game has no network, although its ports are published, and every service has limits."""

from __future__ import annotations

import json
import socket
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import docker
import pytest
import yaml

from tests.conftest import ROOT
from tests.e2e.conftest import PASSWORD, Composed
from tests.e2e.vnc import Viewer

pytestmark = pytest.mark.e2e

LOOK_AROUND = """
import json, os, socket, sys
def answers(family, kind, address):
    with socket.socket(family, kind) as probe:
        probe.settimeout(3)
        try:
            probe.connect(address)
            probe.send(b"x")
            return "reached"
        except OSError as error:
            return type(error).__name__
def names(name):
    try:
        return socket.gethostbyname(name)
    except OSError as error:
        return type(error).__name__
inet = socket.AF_INET
targets = json.loads(sys.argv[1])
print(json.dumps({
    "interfaces": sorted(os.listdir("/sys/class/net")),
    "tcp": {f"{host}:{port}": answers(inet, socket.SOCK_STREAM, (host, port)) for host, port in targets},
    "udp": {f"{host}:{port}": answers(inet, socket.SOCK_DGRAM, (host, port)) for host, port in targets},
    "names": {name: names(name) for name in ("door", "bridge", "example.org", "host.docker.internal")},
}))
"""


def container_of(engine: docker.DockerClient, composed: Composed, service: str) -> Any:
    result = subprocess.run(
        [*composed.command, "ps", "--quiet", service],
        env=composed.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return engine.containers.get(result.stdout.strip())


def test_game_reaches_nothing_while_players_reach_it(
    engine: docker.DockerClient, composed: Composed, tmp_path: Path
) -> None:
    door = container_of(engine, composed, "door")
    (network,) = door.attrs["NetworkSettings"]["Networks"].values()
    with socket.create_server(("0.0.0.0", 0)) as service_of_the_host:
        port = service_of_the_host.getsockname()[1]
        targets = [
            *((network["Gateway"], port), (network["Gateway"], composed.web_port)),
            *((network["IPAddress"], 5900), (network["IPAddress"], 6080), ("172.17.0.1", port)),
            *(("192.0.2.1", 80), ("8.8.8.8", 53), ("169.254.169.254", 80)),
        ]
        looked = look_around(container_of(engine, composed, "game"), targets)
        assert looked["interfaces"] == ["lo"]
        for kind in ("tcp", "udp"):
            assert set(looked[kind].values()) == {"OSError"}, "no route, not a refusal"
        assert set(looked["names"].values()) == {"gaierror"}
        # the same test in the door's container shows that these targets do answer elsewhere
        assert look_around(door, targets[:1])["tcp"] == {f"{network['Gateway']}:{port}": "reached"}

    with urllib.request.urlopen(f"http://127.0.0.1:{composed.web_port}/", timeout=10) as page:
        assert b"pydoom" in page.read()
    viewer = Viewer(composed.vnc_port, PASSWORD)
    assert viewer.screenshot(tmp_path / "screen.png").std() > 10
    viewer.close()


def look_around(container: Any, targets: list[tuple[str, int]]) -> dict[str, Any]:
    status, said = container.exec_run(["python3", "-c", LOOK_AROUND, json.dumps(targets)])
    assert status == 0, said.decode()
    found: dict[str, Any] = json.loads(said)
    return found


def test_services_that_are_not_always_started_have_the_same_limits() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    wanted = ("restart", "read_only", "cap_drop", "security_opt", "init", "pids_limit", "mem_limit", "logging")
    assert {name for name, service in services.items() if not set(wanted) <= set(service)} == set()


def test_every_service_has_limits_and_comes_back(engine: docker.DockerClient, composed: Composed) -> None:
    for service in ("gate", "bridge", "game", "door"):
        container = container_of(engine, composed, service)
        host = container.attrs["HostConfig"]
        assert host["RestartPolicy"]["Name"] == "unless-stopped"
        assert 0 < host["PidsLimit"] <= 512
        assert 0 < host["Memory"] <= 1 << 30
        assert host["LogConfig"]["Type"] == "local"
        assert host["LogConfig"]["Config"] == {"max-size": "10m", "max-file": "3"}
        assert host["ReadonlyRootfs"]
        assert host["CapDrop"] == ["ALL"]
        assert "no-new-privileges:true" in host["SecurityOpt"]
        assert container.attrs["Config"]["User"] not in ("", "0", "root") or service == "gate"
        ports = host["PortBindings"] or {}
        assert {binding["HostIp"] for bindings in ports.values() for binding in bindings} <= {"127.0.0.1"}
        assert bool(ports) == (service == "door")
        if service != "door":
            assert host["NetworkMode"] == "none"
