"""The game's image started by hand: anyone who reaches its ports needs the password from its log."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from tests.conftest import ROOT
from tests.e2e.conftest import free_port, wait_for
from tests.e2e.kiosks import log_in
from tests.e2e.vnc import Viewer

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def image(engine: docker.DockerClient) -> Iterator[str]:
    tag = f"pydoom-test-kiosk:{os.getpid()}"
    command = ["docker", "build", "--quiet", "--build-arg", "PYDOOM_BASE", "--target", "game", "--tag", tag, str(ROOT)]
    result = subprocess.run(command, env=os.environ | {"DOCKER_BUILDKIT": "1"}, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[-4000:]
    yield tag
    engine.images.remove(tag)


@pytest.fixture
def start(engine: docker.DockerClient, image: str) -> Iterator[Callable[..., tuple[Any, int]]]:
    """Start the image without a bridge; return the container and its VNC port."""
    started: list[Any] = []

    def run(*options: str, **environment: str) -> tuple[Any, int]:
        port = free_port()
        container = engine.containers.run(
            image,
            [*options, "--", "-warp", "1", "1"],
            environment=environment,
            ports={"5900/tcp": ("127.0.0.1", port)},
            detach=True,
        )
        started.append(container)
        return container, port

    yield run
    for container in started:
        container.remove(force=True)


def log_of(container: Any) -> str:
    text: bytes = container.logs()
    return text.decode()


def test_without_a_password_the_log_has_a_random_one(start: Callable[..., tuple[Any, int]], tmp_path: Path) -> None:
    container, port = start()
    wait_for("the password", lambda: "VNC password" in log_of(container), 60)
    found = re.search(r"the VNC password is (\S{8}), made for this run", log_of(container))
    assert found is not None, log_of(container)
    for guess in ("1234", ""):
        connection, admitted = log_in(port, guess)
        connection.close()
        assert not admitted
    viewer = Viewer(port, found[1])
    assert viewer.screenshot(tmp_path / "screen.png").std() > 10
    viewer.close()


def test_a_guessable_password_needs_the_flag(start: Callable[..., tuple[Any, int]]) -> None:
    container, _ = start(VNC_PASSWORD="1234")
    assert container.wait(timeout=60)["StatusCode"] == 2
    assert "easily guessed" in log_of(container)
    container, port = start("--allow-guessable-password", VNC_PASSWORD="1234")
    wait_for("the kiosk", lambda: "the VNC password is the default" in log_of(container), 60)
    connection, admitted = log_in(port, "1234")
    connection.close()
    assert admitted
