"""Probes, hooks and recovery on a real engine: what a fault does to a service, seen from outside and told at once."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container

from tests import certificates
from tests.bridges import AuditLine, Message, Talk, audit_lines, eventually
from tests.conftest import ROOT
from tests.e2e.conftest import free_port
from tests.e2e.real_bridge import TEST_LABEL, RealBridge
from tests.webservers import WebServer

pytestmark = pytest.mark.e2e

CHECK = "hostbridge probe --check --policy policy.toml"
COMPOSED = "PYDOOM_POLICY=./policy.toml PROBE_NETWORK=shop_default docker compose --profile probes up --build"
SERVE = "mkdir -p /www; echo fine > /www/index.html; exec httpd -f -p 8080 -h /www"


@contextmanager
def helping(policy: Path, path: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """``hostbridge probe`` as its users start it."""
    command = [sys.executable, "-m", "hostbridge", "probe", "--policy", str(policy), "--to", f"unix:{path}"]
    process = subprocess.Popen(command, env=os.environ | environment)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) in (0, -signal.SIGKILL)


def until(talk: Talk, *kinds: str, **fields: object) -> Message:
    """The next message of one of these kinds, with these fields."""
    while True:
        said = talk.read()
        if said["type"] in kinds and fields.items() <= said.items():
            return said


def watching(bridge: RealBridge) -> Talk:
    talk = bridge.talk()
    assert talk.ask(type="hello", version=2)["version"] == 2
    talk.send(type="watch")
    return talk


@pytest.fixture
def web(engine: docker.DockerClient, run_id: str) -> Iterator[tuple[Container, int]]:
    """A web server in a container, and its port on this machine; it starts again when it is killed."""
    port = free_port()
    container = engine.containers.run("busybox", ["sh", "-c", SERVE], name=f"web-{run_id}", detach=True,
                                      labels={TEST_LABEL: run_id}, ports={"8080/tcp": ("127.0.0.1", port)},
                                      restart_policy={"Name": "always"})  # fmt: skip
    yield container, port
    with suppress(docker.errors.NotFound):
        container.remove(force=True)


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_fault_is_seen_from_outside_and_told_at_once(
    start_bridge: Callable[..., RealBridge], web: tuple[Container, int], tmp_path: Path
) -> None:
    container, port = web
    folder = tmp_path / "certificates"
    folder.mkdir()
    certificates.make(folder, "IP:127.0.0.1")
    with WebServer(204, folder) as hook:
        policy = written(tmp_path / "policy.toml", f"""
            [kill]
            action = "pause:5"
            [[probe]]
            name = "web"
            url = "http://127.0.0.1:{port}/"
            every = 0.5
            timeout = 2
            [[hook]]
            name = "ops"
            url = "{hook.url()}"
            ca = "{folder}/cert.pem"
            token_env = "HOOK_TOKEN"
            """)  # fmt: skip
        path = tmp_path / "probes" / "probes.sock"
        bridge = start_bridge("--policy", str(policy), "--probes", f"unix:{path}")
        talk = watching(bridge)
        with helping(policy, path, HOOK_TOKEN="hunter2") as helper:
            until(talk, "probe", name="web", state="up")
            talk.send(type="kill", id=container.id, weapon="pistol")
            until(talk, "probe", state="failing", reason="timeout")
            # a request that hung is answered as soon as the container goes on, before the bridge has said so, or after
            both = {"healed", "probe up"}
            while both:
                said = until(talk, "healed", "probe")
                both.discard(f"{said['type']} {said.get('state', '')}".strip())
            expected = {"fault", "healed", "recovered", "probe"}
            eventually(lambda: expected <= {each.json["event"] for each in hook.received}, 15)
            helper.kill()
            until(talk, "probe", state="unknown")
        with helping(policy, path, HOOK_TOKEN="hunter2"):
            until(talk, "probe", state="up")
        bridge.stop()
    told = [each.json for each in hook.received]
    assert {each.headers["Authorization"] for each in hook.received} == {"Bearer hunter2"}
    fault = next(each for each in told if each["event"] == "fault")
    assert (fault["container"]["id"], fault["weapon"], fault["result"]) == (container.id, "pistol", "ok")
    states = [each["state"] for each in audit_lines(bridge.audit) if each["event"] == "probe"]
    assert (states[:2], states[-1]) == (["up", "failing"], "unknown")
    assert "hunter2" not in bridge.audit.read_text()


def test_service_that_does_not_come_back_is_reported_after_the_policy_s_time(
    engine: docker.DockerClient, start_bridge: Callable[..., RealBridge], run_id: str, tmp_path: Path
) -> None:
    compose = written(tmp_path / "compose.yaml", f"""
        name: shop-{run_id}
        services:
          web:
            image: busybox
            init: true
            command: ["sleep", "86400"]
            network_mode: none
            deploy: {{ replicas: 3 }}
            labels: {{ {TEST_LABEL}: "{run_id}" }}
        """)  # fmt: skip
    command = ["docker", "compose", "-f", str(compose)]
    policy = written(tmp_path / "policy.toml", '[kill]\naction = "remove"\n[recovery]\nseconds = 3\n')
    try:
        subprocess.run([*command, "up", "-d", "--wait"], check=True, capture_output=True, timeout=120)
        talk = watching(start_bridge("--policy", str(policy)))
        first, second = [each["id"] for each in until(talk, "snapshot")["containers"]][:2]
        killed = time.monotonic()
        talk.send(type="kill", id=first)
        said = until(talk, "recovered", "not-recovered")
        assert (said["type"], said["id"], said["service"]) == ("not-recovered", first, f"shop-{run_id}/web")
        assert 2.9 <= said["seconds"] <= time.monotonic() - killed + 0.1
        talk.send(type="kill", id=second)
        until(talk, "ok")
        subprocess.run([*command, "up", "-d", "--wait"], check=True, capture_output=True, timeout=120)
        said = until(talk, "recovered", "not-recovered")
        assert (said["type"], said["id"]) == ("recovered", second)
    finally:
        subprocess.run([*command, "down", "-t", "0"], check=True, capture_output=True, timeout=120)


def test_check_asks_each_probe_once(tmp_path: Path) -> None:
    with WebServer() as good, WebServer(503) as bad:
        text = f'[[probe]]\nname = "good"\nurl = "{good.url()}"\n'
        written(tmp_path / "policy.toml", text)
        done = shell(CHECK, tmp_path)
        assert (done.returncode, done.stdout.split()) == (0, ["good", "up", "200"])
        written(tmp_path / "policy.toml", f'{text}[[probe]]\nname = "bad"\nurl = "{bad.url()}"\n')
        done = shell(CHECK, tmp_path)
        assert (done.returncode, done.stdout.split()) == (1, ["good", "up", "200", "bad", "failing", "503"])


def shell(line: str, folder: Path, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    env = {**os.environ, **(environment or {}), "PATH": path}
    return subprocess.run(["bash", "-euc", line], cwd=folder, env=env, capture_output=True, text=True, timeout=900)


@pytest.mark.slow
def test_composed_prober_asks_services_by_name_and_comes_back(
    engine: docker.DockerClient, docker_socket: str, run_id: str, tmp_path: Path
) -> None:
    if shutil.which("docker") is None:
        pytest.skip("docker's command line is not installed")
    name, network = f"probes-{run_id}", engine.networks.create(f"shop-{run_id}_default")
    shop = engine.containers.run(
        "busybox", ["sh", "-c", SERVE], detach=True, network=network.name, name=f"web-{run_id}"
    )
    place = f'url = "http://web-{run_id}:8080/"\naddresses = ["private"]\n'
    policy = written(tmp_path / "policy.toml", f'[[probe]]\nname = "web"\n{place}')
    policy.chmod(0o644)
    # the line of the docs, with other names, and without the game
    line = COMPOSED.replace("./policy.toml", str(policy)).replace("shop_default", str(network.name))
    line = line.replace("docker compose", f"docker compose -p {name} -f {ROOT}/compose.yaml")
    environment = {"DOCKER_SOCKET": docker_socket, "PYDOOM_INCLUDE": f"label={TEST_LABEL}={run_id}"}
    command = ["docker", "compose", "-p", name, "-f", str(ROOT / "compose.yaml"), "--profile", "probes"]

    def states() -> list[AuditLine]:
        done = subprocess.run([*command, "exec", "-T", "bridge", "cat", "/var/lib/pydoom/audit.jsonl"],
                              capture_output=True, text=True, env=os.environ | environment)  # fmt: skip
        return [each for text in done.stdout.splitlines() if (each := json.loads(text))["event"] == "probe"]

    try:
        done = shell(f"{line} -d gate bridge prober", tmp_path, environment)
        assert done.returncode == 0, done.stderr
        eventually(lambda: [each["state"] for each in states()] == ["up"], 60)
        prober = engine.containers.get(f"{name}-prober-1")
        prober.exec_run(["sh", "-c", "kill 1"])  # as if it had died: not by the engine, which would leave it dead
        eventually(lambda: engine.containers.get(f"{name}-prober-1").attrs["RestartCount"] > 0, 60)
        shop.stop(timeout=1)  # seen by the new one only; a prober that is away for less than a second is not audited
        eventually(lambda: states()[-1]["state"] == "failing", 60)
    finally:
        subprocess.run(
            [*command, "down", "-v", "-t", "3"], env=os.environ | environment, check=True, capture_output=True
        )
        shop.remove(force=True)
        network.remove()
