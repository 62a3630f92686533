"""What ``make play`` runs on a machine without a display: the kiosk on the host, with simulated containers."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pydoom.kiosk.screen import screen_pixels, shows_a_frame
from tests.e2e import bot
from tests.e2e.conftest import PASSWORD, wait_for
from tests.e2e.desktop import tics
from tests.e2e.kiosks import RunningKiosk, children, command_line, start, variable
from tests.e2e.vnc import Viewer

pytestmark = pytest.mark.e2e


@pytest.fixture
def kiosk(wad_path: Path, tmp_path: Path) -> Iterator[RunningKiosk]:
    running = start(wad_path, tmp_path)
    yield running
    running.stop()


def weapon_shown(screen: Path) -> bool:
    """Whether the pistol has come up: the game has run for half a second. Looks without being a viewer."""
    width, height, pixels = screen_pixels(screen)
    image = np.frombuffer(pixels, np.uint8).reshape(height, width, 4)[..., 2::-1]
    return bool(bot.game_pixels(image)[150:168, 150:170].max(axis=(0, 1)).min() > 100)


def test_game_begins_with_the_first_viewer_and_pauses_without_one(kiosk: RunningKiosk) -> None:
    screen = kiosk.state
    time.sleep(2)  # long enough for the weapon to come up if the game ran
    assert not weapon_shown(screen), "it waits for a viewer"
    viewer = Viewer(kiosk.port, PASSWORD)
    wait_for("the pistol", lambda: weapon_shown(screen))
    viewer.client.keyDown("left")
    time.sleep(0.3)
    viewer.close()  # with the key still held: a running game would keep turning
    time.sleep(1)
    before = screen_pixels(screen)
    time.sleep(1.5)
    assert screen_pixels(screen) == before, "it stands still when nobody watches"


def test_it_ends_within_seconds_and_leaves_no_process(kiosk: RunningKiosk) -> None:
    below = children(kiosk.process.pid)
    assert len(below) >= 3, "Xvfb, x11vnc and the game"
    kiosk.process.send_signal(signal.SIGINT)
    assert kiosk.process.wait(10) == 0
    wait_for("the children to end", lambda: not any(Path(f"/proc/{pid}").exists() for pid in below), 5)
    assert not kiosk.state.exists()


def test_a_second_kiosk_of_the_same_user_does_not_disturb_the_first(kiosk: RunningKiosk, wad_path: Path) -> None:
    second = start(wad_path, kiosk.folder)
    assert second.stop() == 0
    assert shows_a_frame(kiosk.state)
    viewer = Viewer(kiosk.port, PASSWORD)
    wait_for("the pistol", lambda: weapon_shown(kiosk.state))
    viewer.close()


# -- other users of the host


def as_another_user(kiosk: RunningKiosk, *command: str) -> subprocess.CompletedProcess[str]:
    """The result of a command that another user runs against the kiosk's display."""
    if os.getuid() != 0:
        pytest.skip("only root can become another user")
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    environment = {"PATH": os.environ["PATH"], "DISPLAY": kiosk.display(), "HOME": "/nonexistent"}
    return subprocess.run(
        command, env=environment, user=65534, group=65534, extra_groups=[], capture_output=True, text=True, timeout=20
    )


def as_the_kiosk_s_user(kiosk: RunningKiosk, *command: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"DISPLAY": kiosk.display(), "XAUTHORITY": variable(kiosk.part("game"), "XAUTHORITY")}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=20)


def test_another_user_cannot_open_the_display(kiosk: RunningKiosk) -> None:
    look = ("xdotool", "getdisplaygeometry")
    assert as_the_kiosk_s_user(kiosk, *look).stdout == "640 400\n"
    refused = as_another_user(kiosk, *look)
    assert refused.returncode != 0
    assert refused.stdout == ""
    assert as_another_user(kiosk, "xdotool", "key", "Escape").returncode != 0
    for path in (kiosk.state, kiosk.state / "xauthority", kiosk.state / "Xvfb_screen0"):
        assert as_another_user(kiosk, "cat", str(path)).returncode != 0
    cookie = (kiosk.state / "xauthority").read_bytes()[-16:].hex()
    for pid in children(kiosk.process.pid):
        assert cookie not in " ".join(command_line(pid)), "command lines are for all to see"


def test_nobody_can_control_the_vnc_server_through_the_display(kiosk: RunningKiosk) -> None:
    server = kiosk.part("x11vnc")
    for run in (as_another_user, as_the_kiosk_s_user):
        run(kiosk, "timeout", "5", "x11vnc", "-sync", "-R", "stop")
        assert Path(f"/proc/{server}").exists()
    time.sleep(1)
    viewer = Viewer(kiosk.port, PASSWORD)
    wait_for("the pistol", lambda: weapon_shown(kiosk.state))
    viewer.close()
    assert kiosk.part("x11vnc") == server


def test_xvfb_does_not_listen_on_the_network(kiosk: RunningKiosk) -> None:
    with socket.socket() as probe:
        probe.settimeout(2)
        assert probe.connect_ex(("127.0.0.1", 6000 + int(kiosk.display().removeprefix(":")))) != 0


@pytest.mark.parametrize("layout", ["fr", ""])
def test_french_viewer_plays_by_position_and_types_by_letter(wad_path: Path, tmp_path: Path, layout: str) -> None:
    trace = tmp_path / "trace"
    kiosk = start(wad_path, tmp_path, game=("--warp", "E1M1", "--trace", str(trace)), KEYBOARD=layout)
    try:
        viewer = Viewer(kiosk.port, PASSWORD)
        wait_for("the level", lambda: len(tics(trace)) > 35)
        if layout:  # a French keyboard's keys in the places of W and A
            viewer.hold("z", 0.4)
            viewer.hold("q", 0.4)
            wait_for("walking", lambda: any(int(row["fwd"]) > 0 for row in tics(trace)))
            wait_for("stepping", lambda: any(int(row["side"]) < 0 for row in tics(trace)))
        viewer.type("idkfa")
        wait_for("the cheat", lambda: any(row["ammo0"] == "200" for row in tics(trace)))
        viewer.tap("&")  # the key 1, without Shift
        wait_for("the chainsaw", lambda: any(row["readyweapon"] == "7" for row in tics(trace)))
        assert not any(row["pendingweapon"] == "6" for row in tics(trace)), "not 7, the BFG"
        viewer.close()
    finally:
        kiosk.stop()


def test_unknown_layout_ends_the_kiosk_with_one_line(wad_path: Path, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="--keyboard zz: X knows no such layout"):
        start(wad_path, tmp_path, "--keyboard", "zz")
