"""``hostbridge up``: one command for the bridge and the game's container."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container

from tests.bridges import eventually
from tests.e2e.conftest import free_port, running_names
from tests.e2e.real_bridge import TEST_LABEL
from tests.e2e.vnc import Viewer

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


class Up:
    """``hostbridge up`` as its users start it, in a folder that every user can reach, until the game is ready."""

    def __init__(self, engine: docker.DockerClient, folder: Path, run_id: str) -> None:
        self.engine = engine
        self.path = folder / "socket" / "bridge.sock"
        self.name = f"pydoom-up-{run_id}"
        self.vnc = free_port()
        command = [
            *(sys.executable, "-m", "hostbridge", "up", "--socket", str(self.path)),
            *("--audit", str(folder / "log" / "audit.jsonl"), "--include", f"label={TEST_LABEL}={run_id}"),
            *("--vnc-port", str(self.vnc), "--web-port", str(free_port()), "--name", self.name),
            *("--password", "secret"),
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.line = next(text for text in self.process.stdout if "ready" in text)
        self.bridge = int(Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text())

    @property
    def gate(self) -> Path:
        """The last address of an engine on the bridge's command line."""
        words = Path(f"/proc/{self.bridge}/cmdline").read_bytes().decode().split("\0")
        at = max(number for number, word in enumerate(words) if word == "--engine-url")
        return Path(words[at + 1].removeprefix("unix://"))

    def listed(self) -> list[str]:
        shell = f"echo list | nc -U {self.path}"
        return subprocess.run(shell, shell=True, capture_output=True, text=True, timeout=10).stdout.split()

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(how)
        return self.process.wait(40)

    def games(self) -> list[Container]:
        return self.engine.containers.list(all=True, filters={"name": self.name})


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/tmp") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture
def up(engine: docker.DockerClient, folder: Path, run_id: str) -> Iterator[Up]:
    running = Up(engine, folder, run_id)
    yield running
    if running.process.poll() is None:
        running.end()
    for each in running.games():
        each.remove(force=True)


def test_up_starts_the_game_says_where_it_is_and_cleans_up(
    engine: docker.DockerClient, start_victim: Callable[[str], Container], run_id: str, tmp_path: Path, up: Up
) -> None:
    victim = start_victim("victim")
    assert f"127.0.0.1:{up.vnc}" in up.line
    (game,) = up.games()
    assert game.attrs["State"]["Health"]["Status"] == "healthy"
    assert game.attrs["HostConfig"]["ReadonlyRootfs"]
    assert game.attrs["Config"]["User"] not in ("", "root", "0")
    viewer = Viewer(up.vnc, "secret")
    assert viewer.screenshot(tmp_path / "screen.png").shape[1] >= 320
    viewer.close()
    eventually(lambda: up.listed() == [victim.name])
    subprocess.run(f"echo kill {up.name} | nc -U {up.path}; echo kill {victim.name} | nc -U {up.path}", shell=True)
    eventually(lambda: running_names(engine, run_id) == set(), 20)
    game.reload()
    assert game.status == "running"
    assert up.end() == 0
    assert up.games() == []
    assert not up.path.exists()


def test_the_bridge_of_up_reaches_the_engine_through_a_gate_only(up: Up) -> None:
    gate = up.gate
    assert gate.name == "engine.sock"
    assert gate.stat().st_mode & 0o777 == 0o600
    if os.getuid() == 0:
        status = dict(line.split(":", 1) for line in Path(f"/proc/{up.bridge}/status").read_text().splitlines())
        found = {key: set(status[key].split()) for key in ("Uid", "Gid", "Groups", "CapEff")}
        assert found == {"Uid": {"10002"}, "Gid": {"10001"}, "Groups": {"10001"}, "CapEff": {"0" * 16}}
        assert gate.stat().st_uid == 10002
    os.kill(up.bridge, signal.SIGKILL)
    assert up.process.wait(40) != 0, "it does not stay without its bridge"
    assert up.games() == []


def test_the_bridge_ends_with_up_even_when_that_is_killed(up: Up) -> None:
    folder = up.gate.parent.parent
    up.end(signal.SIGKILL)
    eventually(lambda: not Path(f"/proc/{up.bridge}").exists(), 15)
    shutil.rmtree(folder)


def test_a_name_in_use_is_one_line(engine: docker.DockerClient, start_victim: Callable[[str], Container]) -> None:
    victim = start_victim("taken")
    command = [sys.executable, "-m", "hostbridge", "up", "-q", "--name", str(victim.name)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert "--name" in result.stderr
