"""The kiosk's health check sees each of its processes stand still."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.e2e.conftest import wait_for
from tests.e2e.kiosks import RunningKiosk, start
from tests.e2e.vnc import Viewer

pytestmark = pytest.mark.e2e

PARTS = ("Xvfb", "x11vnc", "front", "game")


@pytest.fixture
def kiosk(wad_path: Path, tmp_path: Path) -> Iterator[RunningKiosk]:
    running = start(wad_path, tmp_path, web=True)
    yield running
    running.stop()


def check(kiosk: RunningKiosk) -> str:
    """What is wrong with the kiosk; empty when all is well."""
    command = [sys.executable, "-m", "pydoom.kiosk", "--health", "--vnc-port", str(kiosk.port)]
    environment = os.environ | {"TMPDIR": str(kiosk.folder)}
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert (result.returncode == 0) == (result.stderr == "")
    return result.stderr


def test_kiosk_is_healthy_while_it_waits_and_while_somebody_plays(kiosk: RunningKiosk) -> None:
    wait_for("health", lambda: not check(kiosk))
    assert "--start-paused" in Path(f"/proc/{kiosk.part('game')}/cmdline").read_text(), "the check is no viewer"
    viewer = Viewer(kiosk.port, "e2e-pass")
    wait_for("health", lambda: not check(kiosk))
    viewer.close()


def test_any_process_that_stands_still_is_unhealthy_until_it_goes_on(kiosk: RunningKiosk) -> None:
    signs = {"Xvfb": "Xvfb", "x11vnc": "x11vnc", "front": "the VNC port", "game": "the game"}
    for part in PARTS:
        pid = kiosk.part(part)
        os.kill(pid, signal.SIGSTOP)
        try:
            problem = check(kiosk)
            assert signs[part] in problem, problem
        finally:
            os.kill(pid, signal.SIGCONT)
        wait_for(f"health after {part}", lambda: not check(kiosk))


def test_no_kiosk_is_unhealthy(kiosk: RunningKiosk) -> None:
    kiosk.stop()
    assert "no kiosk is ready" in check(kiosk)
