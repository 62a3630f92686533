"""The kiosk, with a real x11vnc, under attack by clients that try to lock its players out."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pydoom.kiosk import guesses
from tests.e2e.conftest import PASSWORD, wait_for
from tests.e2e.kiosks import RunningKiosk, connected, log_in, start
from tests.e2e.vnc import Viewer

pytestmark = pytest.mark.e2e


@pytest.fixture
def kiosk(wad_path: Path, tmp_path: Path) -> Iterator[RunningKiosk]:
    running = start(wad_path, tmp_path)
    yield running
    running.stop()


def files_of(kiosk: RunningKiosk) -> int:
    """How many file descriptors x11vnc has open."""
    return len(os.listdir(f"/proc/{kiosk.part('x11vnc')}/fd"))


def turns(viewer: Viewer, folder: Path) -> bool:
    """Whether a key turns the view: the game is playable."""
    before = viewer.screenshot(folder / "before.png")
    viewer.hold("left", 0.3)
    wait_for("the view to turn", lambda: (viewer.screenshot(folder / "after.png") != before).mean() > 0.2, 20)
    return True


def test_idle_connections_lock_out_neither_the_player_nor_a_newcomer(kiosk: RunningKiosk, tmp_path: Path) -> None:
    playing = Viewer(kiosk.port, PASSWORD)
    assert turns(playing, tmp_path)
    idle = [connected(kiosk.port) for _ in range(340)]
    assert turns(playing, tmp_path)
    newcomer = Viewer(kiosk.port, PASSWORD)
    assert turns(newcomer, tmp_path)
    newcomer.close()
    playing.close()
    for connection in idle:
        connection.close()
    assert files_of(kiosk) < 30


def test_short_connections_do_not_exhaust_the_vnc_server(kiosk: RunningKiosk, tmp_path: Path) -> None:
    at_first = files_of(kiosk)

    def come_and_go() -> None:
        for number in range(12):
            connection, admitted = log_in(kiosk.port, PASSWORD)
            assert admitted
            if number % 3:
                connection.sendall(b"\1")  # some leave in the middle of things
            connection.close()

    with ThreadPoolExecutor(8) as viewers:
        for each in [viewers.submit(come_and_go) for _ in range(8)]:
            each.result(120)
    wait_for("x11vnc to notice that they have gone", lambda: files_of(kiosk) <= at_first + 4)
    viewer = Viewer(kiosk.port, PASSWORD)
    assert turns(viewer, tmp_path)
    viewer.close()


def test_guesses_are_limited_and_the_player_plays_on(kiosk: RunningKiosk, tmp_path: Path) -> None:
    playing = Viewer(kiosk.port, PASSWORD)
    judged, enough = 0, threading.Event()

    def guess_forever() -> None:
        nonlocal judged
        number = 0
        while not enough.is_set():
            number += 1
            with contextlib.suppress(OSError, EOFError):
                connection, admitted = log_in(kiosk.port, f"{number:04}")
                assert not admitted
                judged += 1
                connection.close()

    began = time.monotonic()
    guessers = [threading.Thread(target=guess_forever, daemon=True) for _ in range(6)]
    for guesser in guessers:
        guesser.start()
    assert turns(playing, tmp_path)
    connection, admitted = log_in(kiosk.port, PASSWORD)
    assert admitted, "a right password gets in meanwhile, even from the same address"
    connection.close()
    seconds = time.monotonic() - began
    enough.set()
    assert judged <= guesses.GUESSABLE.burst + seconds * guesses.GUESSABLE.per_second + 2
    playing.close()
    for guesser in guessers:
        guesser.join(60)


def test_vnc_server_that_exits_is_replaced_and_the_rest_goes_on(kiosk: RunningKiosk, tmp_path: Path) -> None:
    old = {name: kiosk.part(name) for name in ("x11vnc", "Xvfb", "front", "game")}
    os.kill(old["x11vnc"], signal.SIGKILL)
    wait_for("another x11vnc", lambda: "restarting the VNC server" in kiosk.output())
    viewer = Viewer(kiosk.port, PASSWORD)
    assert turns(viewer, tmp_path)
    viewer.close()
    new = {name: kiosk.part(name) for name in old}
    assert new.pop("x11vnc") != old.pop("x11vnc")
    assert new == old
