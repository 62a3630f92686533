"""The commands of the docs that need Docker."""

from __future__ import annotations

import subprocess
from pathlib import Path

import docker
import pytest

from tests.conftest import ROOT
from tests.docs_commands import Command, all_commands, environment, run
from tests.e2e.conftest import free_port

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("command", [command for command in all_commands() if command.needs_docker], ids=str)
def test_command_works(
    command: Command, engine: docker.DockerClient, docker_socket: str, run_id: str, tmp_path: Path
) -> None:
    # a reader also has an engine at the usual place and free ports
    env = environment(tmp_path) | {
        "COMPOSE_PROJECT_NAME": f"pydoom-docs-{run_id}",
        "DOCKER_HOST": f"unix://{docker_socket}",
        "DOCKER_SOCKET": docker_socket,
        "VNC_PORT": str(free_port()),
        "WEB_PORT": str(free_port()),
    }
    try:
        run(command, tmp_path, ROOT, env)
    finally:
        Path("/tmp/gameday.html").unlink(missing_ok=True)
        if "docker compose" in command.text:
            files = ["-f", "compose.yaml", "-f", "compose.demo.yaml"]
            down = ["docker", "compose", *files, "down", "-v", "-t", "3", "--remove-orphans"]
            subprocess.run(down, cwd=ROOT, env=env, capture_output=True, check=True)
