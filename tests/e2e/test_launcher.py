"""``hostbridge up``: what dockerdoomd did, with a real engine."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container

from tests.conftest import ROOT
from tests.e2e import bot
from tests.e2e.conftest import LABEL, PASSWORD, free_port, running_names, wait_for
from tests.e2e.vnc import Viewer

pytestmark = pytest.mark.e2e


def test_up_starts_the_game_says_where_and_leaves_nothing_behind(
    engine: docker.DockerClient,
    docker_socket: str,
    run_id: str,
    start_victim: Callable[[str], Container],
    tmp_path: Path,
) -> None:
    start_victim("survivor")
    name, vnc_port = f"pydoom-up-{run_id}", free_port()
    output = tmp_path / "output"
    command = [
        *(sys.executable, "-m", "hostbridge", "up", "--name", name, "--password", PASSWORD),
        *("--vnc-port", str(vnc_port), "--web-port", str(free_port()), "--include", f"label={LABEL}={run_id}"),
        *("--audit", str(tmp_path / "audit.jsonl")),
    ]
    with output.open("wb") as log:
        up = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for("the game", lambda: f"VNC on 127.0.0.1:{vnc_port}" in output.read_text() or up.poll(), 600)
        assert up.poll() is None, output.read_text()
        viewer = Viewer(vnc_port, PASSWORD)
        wait_for("a picture", lambda: bot.game_pixels(viewer.picture(tmp_path / "up.png")).std() > 20)
        viewer.close()
    finally:
        up.send_signal(signal.SIGINT)
        stopping = time.monotonic()
        up.wait(30)
    assert time.monotonic() - stopping < 20
    assert not engine.containers.list(all=True, filters={"name": name}, sparse=True)
    assert running_names(engine, run_id) == {"survivor"}
