"""``hostbridge up``: one command for the bridge and the game's container."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container

from tests.bridges import eventually
from tests.e2e.conftest import free_port, running_names
from tests.e2e.vnc import Viewer

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_up_starts_the_game_says_where_it_is_and_cleans_up(
    engine: docker.DockerClient, start_victim: Callable[[str], Container], run_id: str, tmp_path: Path
) -> None:
    victim = start_victim("victim")
    path = tmp_path / "socket" / "bridge.sock"
    vnc, web, name = free_port(), free_port(), f"pydoom-up-{run_id}"
    command = [
        *(sys.executable, "-m", "hostbridge", "up", "--socket", str(path), "--audit", str(tmp_path / "audit.jsonl")),
        *("--vnc-port", str(vnc), "--web-port", str(web), "--name", name, "--password", "secret"),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = next(text for text in process.stdout if "ready" in text)
        assert f"127.0.0.1:{vnc}" in line
        game = engine.containers.get(name)
        assert game.attrs["State"]["Health"]["Status"] == "healthy"
        assert game.attrs["HostConfig"]["ReadonlyRootfs"]
        assert game.attrs["Config"]["User"] not in ("", "root", "0")
        viewer = Viewer(vnc, "secret")
        assert viewer.screenshot(tmp_path / "screen.png").shape[1] >= 320
        viewer.close()
        shell = f"echo list | nc -U {path}"
        listed = subprocess.run(shell, shell=True, capture_output=True, text=True, timeout=10).stdout.split()
        assert victim.name in listed
        assert name not in listed
        subprocess.run(f"echo kill {name} | nc -U {path}; echo kill {victim.name} | nc -U {path}", shell=True)
        eventually(lambda: running_names(engine, run_id) == set(), 20)
        game.reload()
        assert game.status == "running"
    finally:
        process.send_signal(signal.SIGINT)
        status = process.wait(30)
    assert status == 0
    assert not engine.containers.list(all=True, filters={"name": name})
    assert not path.exists()


def test_a_name_in_use_is_one_line(engine: docker.DockerClient, start_victim: Callable[[str], Container]) -> None:
    victim = start_victim("taken")
    command = [sys.executable, "-m", "hostbridge", "up", "-q", "--name", str(victim.name)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert "--name" in result.stderr
