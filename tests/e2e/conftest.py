"""A real Docker engine with containers to shoot at, and the composed game around it.

Everything a test starts carries a label with this run's id, and the bridge under test sees only containers with it: the
tests cannot touch a developer's own containers.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container
from selenium import webdriver

from tests.conftest import ROOT
from tests.e2e.real_bridge import TEST_LABEL as LABEL
from tests.e2e.real_bridge import RealBridge, RealGate
from tests.e2e.vnc import Viewer, wait_for

PASSWORD = "e2e-pass"
USUAL_ENGINE = "unix:///var/run/docker.sock"
BASE_VARIABLE = "PYDOOM_BASE"
"""Names the images' base; without it the one pinned by digest is pulled."""
CHROMIUM_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --window-size=900,700"
)


@pytest.fixture(scope="session")
def engine() -> Iterator[docker.DockerClient]:
    """The Docker engine that DOCKER_HOST (or the default socket) names, with a busybox image to make victims of."""
    try:
        client = docker.from_env()
        client.ping()
    except docker.errors.DockerException as error:
        pytest.skip(f"no Docker engine: {error}")
    if not client.images.list("busybox"):
        try:
            client.images.pull("busybox", tag="latest")
        except docker.errors.APIError as error:
            pytest.skip(f"no busybox image: {error}")
    with pytest.MonkeyPatch.context() as patch:
        # otherwise docker's command line would follow the caller's context to another engine
        patch.setenv("DOCKER_HOST", os.environ.get("DOCKER_HOST", USUAL_ENGINE))
        if BASE_VARIABLE not in os.environ and _has_own(client, "debian:trixie-slim"):
            patch.setenv(BASE_VARIABLE, "debian:trixie-slim")
        yield client
    client.close()


def _has_own(client: docker.DockerClient, image: str) -> bool:
    """Whether the engine has an image of this name that was made on this machine and never pulled."""
    try:
        return not client.images.get(image).attrs["RepoDigests"]
    except docker.errors.ImageNotFound:
        return False


@pytest.fixture(scope="session")
def docker_socket(engine: docker.DockerClient) -> str:
    """The engine's socket as a file on this machine."""
    host = os.environ["DOCKER_HOST"]
    if not host.startswith("unix://"):
        pytest.skip(f"the engine is not on a Unix socket of this machine: {host}")
    return host.removeprefix("unix://")


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    """A headless Chromium."""
    with chromium(tmp_path / "profile") as chrome:
        yield chrome


@contextmanager
def chromium(profile: Path, *flags: str) -> Iterator[webdriver.Chrome]:
    """A headless Chromium with more command-line flags."""
    driver, program = shutil.which("chromedriver"), shutil.which("chromium") or shutil.which("google-chrome")
    if driver is None or program is None:
        pytest.skip("no Chromium with its driver (Debian: apt install chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*CHROMIUM_FLAGS.split(), f"--user-data-dir={profile}", *flags):
        options.add_argument(flag)
    chrome = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        yield chrome
    finally:
        chrome.quit()


@pytest.fixture
def run_id() -> str:
    return uuid.uuid4().hex[:12]


@pytest.fixture
def start_victim(engine: docker.DockerClient, run_id: str) -> Iterator[Callable[[str], Container]]:
    """Start a sleeping container with this run's label; all are removed afterwards."""

    def start(name: str) -> Container:
        return engine.containers.run(
            "busybox",
            ["sleep", "86400"],
            name=f"{name}-{run_id}",
            labels={LABEL: run_id},
            detach=True,
            network_mode="none",
        )

    yield start
    for container in engine.containers.list(all=True, filters={"label": f"{LABEL}={run_id}"}, sparse=True):
        container.remove(force=True)


@pytest.fixture
def start_bridge(tmp_path: Path, run_id: str) -> Iterator[Callable[..., RealBridge]]:
    """Start a bridge that sees only this run's containers; keywords are environment variables."""
    running: list[RealBridge] = []

    def start(*extra: str, **environment: str) -> RealBridge:
        running.append(RealBridge(tmp_path, run_id, *extra, environment=environment))
        return running[-1]

    yield start
    for bridge in running:
        if bridge.process.poll() is None:
            bridge.stop()


@pytest.fixture
def start_gate(docker_socket: str, tmp_path: Path) -> Iterator[Callable[..., RealGate]]:
    """Start a gate before the engine."""
    running: list[RealGate] = []

    def start(*extra: str) -> RealGate:
        running.append(RealGate(tmp_path / "engine.sock", f"unix://{docker_socket}", *extra))
        return running[-1]

    yield start
    for each in running:
        if each.process.poll() is None:
            each.stop()


def running_names(engine: docker.DockerClient, run_id: str) -> set[str]:
    """The names (without the run's suffix) of this run's containers that the engine has running."""
    found = engine.api.containers(filters={"label": f"{LABEL}={run_id}"})
    return {container["Names"][0].strip("/").removesuffix(f"-{run_id}") for container in found}


@dataclass
class Composed:
    """A running composed pydoom: its ports on 127.0.0.1 and its compose command line."""

    vnc_port: int
    web_port: int
    command: list[str]
    environment: dict[str, str]

    def logs(self, service: str) -> str:
        result = subprocess.run(
            [*self.command, "logs", "--no-color", "--no-log-prefix", service],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return result.stdout


def need_compose() -> None:
    """Skip the test where there is no docker compose."""
    if (
        shutil.which("docker") is None
        or subprocess.run(["docker", "compose", "version"], capture_output=True).returncode
    ):
        pytest.skip("docker compose is not installed")


def build(*services: str) -> None:
    """`docker compose build` of the project's own compose file."""
    need_compose()
    command = ["docker", "compose", "-f", str(ROOT / "compose.yaml"), "build", *services]
    subprocess.run(command, check=True, timeout=900)


@contextmanager
def up(docker_socket: str, run_id: str, folder: Path, *services: str) -> Iterator[Composed]:
    """`docker compose up --build --wait` of the project's own compose file, its bridge narrowed to this run's label."""
    need_compose()
    vnc_port, web_port = free_port(), free_port()
    environment = os.environ | {
        "VNC_PORT": str(vnc_port),
        "WEB_PORT": str(web_port),
        "VNC_PASSWORD": PASSWORD,
        "PYDOOM_INCLUDE": f"label={LABEL}={run_id}",
        "DOCKER_SOCKET": docker_socket,
    }
    command = ["docker", "compose", "-p", f"pydoom-{run_id}", "-f", str(ROOT / "compose.yaml")]
    running = Composed(vnc_port, web_port, command, environment)
    try:
        subprocess.run(
            [*command, "up", "--build", "--wait", "--wait-timeout", "120", *services],
            env=environment,
            check=True,
            timeout=900,
        )
        yield running
    except BaseException:
        for each in services or ("gate", "bridge", "game"):
            print(f"--- {each}", running.logs(each), sep="\n")
        raise
    finally:
        subprocess.run([*command, "down", "-v", "-t", "5"], env=environment, check=True, capture_output=True)


@pytest.fixture
def composed(engine: docker.DockerClient, docker_socket: str, run_id: str, tmp_path: Path) -> Iterator[Composed]:
    """The whole composed pydoom."""
    with up(docker_socket, run_id, tmp_path) as running:
        yield running


@pytest.fixture
def viewer(composed: Composed) -> Iterator[Viewer]:
    watching = Viewer(composed.vnc_port, PASSWORD)
    yield watching
    watching.close()


def free_port() -> int:
    """A TCP port of 127.0.0.1 that is free right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


__all__ = ["LABEL", "PASSWORD", "Composed", "build", "running_names", "up", "wait_for"]
