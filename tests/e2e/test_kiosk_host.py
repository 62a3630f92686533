"""What ``make play`` runs on a machine without a display: the kiosk on the host, with simulated containers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pydoom.kiosk.screen import screen_pixels
from tests.conftest import ROOT
from tests.e2e import bot
from tests.e2e.conftest import PASSWORD, free_port, wait_for
from tests.e2e.vnc import Viewer

pytestmark = pytest.mark.e2e


@pytest.fixture
def kiosk(wad_path: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    missing = [program for program in ("Xvfb", "x11vnc") if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    port = free_port()
    command = [
        *(sys.executable, "-m", "pydoom.kiosk", "--vnc-port", str(port), "--web-port", "0"),
        *("--", "--wad", str(wad_path), "--bridge", "simulated"),
    ]
    environment = os.environ | {"VNC_PASSWORD": PASSWORD, "TMPDIR": str(tmp_path)}
    with (tmp_path / "output").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    wait_for("the kiosk", lambda: b"VNC on port" in (tmp_path / "output").read_bytes() or process.poll(), 60)
    assert process.poll() is None, (tmp_path / "output").read_text()
    yield process, port
    process.send_signal(signal.SIGTERM)
    process.wait(20)


def children(pid: int) -> set[int]:
    """All processes below `pid`."""
    found: set[int] = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            child = int(stat.parent.name)
            found |= {child} | children(child)
    return found


def weapon_shown(screen: Path) -> bool:
    """Whether the pistol has come up: the game has run for half a second. Looks without being a viewer."""
    width, height, pixels = screen_pixels(screen)
    picture = np.frombuffer(pixels, np.uint8).reshape(height, width, 4)[..., 2::-1]
    return bool(bot.game_pixels(picture)[150:168, 150:170].max(axis=(0, 1)).min() > 100)


def test_game_begins_with_the_first_viewer_and_pauses_without_one(
    kiosk: tuple[subprocess.Popen[bytes], int], tmp_path: Path
) -> None:
    _, port = kiosk
    screen = tmp_path / f"pydoom-kiosk-{os.getuid()}"
    time.sleep(2)  # long enough for the weapon to come up, if the game were running
    assert not weapon_shown(screen), "it waits for a viewer"
    viewer = Viewer(port, PASSWORD)
    wait_for("the pistol", lambda: weapon_shown(screen))
    viewer.client.keyDown("left")
    time.sleep(0.3)
    viewer.close()  # with the key still held: a game that ran on would turn on
    time.sleep(1)
    before = screen_pixels(screen)
    time.sleep(1.5)
    assert screen_pixels(screen) == before, "it stands still when nobody watches"


def test_it_ends_within_seconds_and_leaves_no_process(kiosk: tuple[subprocess.Popen[bytes], int]) -> None:
    process, _ = kiosk
    below = children(process.pid)
    assert len(below) >= 3, "Xvfb, x11vnc and the game"
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    wait_for("the children to end", lambda: not any(Path(f"/proc/{pid}").exists() for pid in below), 5)
