"""An X server for one test, with keys pressed by position, optionally a window manager, and the game in a window.

Keys are pressed as keycodes: the physical key, whatever the layout makes of it.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import ROOT
from tests.e2e.vnc import wait_for

_ROWS: Final = {
    10: "1 2 3 4 5 6 7 8 9 0 - =",
    24: "q w e r t y u i o p [ ]",
    38: "a s d f g h j k l ; ' `",
    52: "z x c v b n m , . /",
    67: "F1 F2 F3 F4 F5 F6 F7 F8 F9 F10",
    79: "KP7 KP8 KP9 KP- KP4 KP5 KP6 KP+ KP1 KP2 KP3",
}
KEYCODES: Final = {"Esc": 9, "Tab": 23, "Enter": 36, "Ctrl": 37, "Shift": 50, "Alt": 64, "Space": 65} | {
    name: first + number for first, names in _ROWS.items() for number, name in enumerate(names.split())
}
"""Keycodes, by the labels of a US keyboard."""


class Desktop:
    """A running X server. It raises no errors itself: a test that presses keys checks what they did."""

    def __init__(self, display: str) -> None:
        self.environment = os.environ | {"DISPLAY": display, "SDL_VIDEODRIVER": "x11", "SDL_AUDIODRIVER": "dummy"}

    def run(self, *words: str) -> str:
        """The output of an X program."""
        return subprocess.run(words, env=self.environment, check=True, capture_output=True, text=True).stdout

    def use_layout(self, *words: str) -> None:
        """Switch to a country's keyboard layout, by XKB's name."""
        self.run("setxkbmap", *words)

    def press(self, keys: str) -> None:
        """Press and release keys one after the other, by name."""
        for key in keys.split():
            self.hold(key, 0.06)
            time.sleep(0.06)

    def hold(self, keys: str, seconds: float) -> None:
        """Hold keys together."""
        codes = [str(KEYCODES[key]) for key in keys.split()]
        self.run("xdotool", *(word for code in codes for word in ("keydown", code)))
        time.sleep(seconds)
        self.run("xdotool", *(word for code in reversed(codes) for word in ("keyup", code)))

    @contextmanager
    def game(self, folder: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        """The game in a window, with its output in `folder`/output; ended afterwards if it is still running."""
        command = [sys.executable, "-m", "pydoom", "--no-config", "--nosound", *words]
        with (folder / "output").open("wb") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_for("the game's window", lambda: self.windows() or process.poll() is not None, 60)
            assert process.poll() is None, (folder / "output").read_text()
            yield process
        finally:
            process.terminate()
            process.wait(30)

    def is_managed(self) -> bool:
        """Whether there is a window manager: it numbers its desktops."""
        found = subprocess.run(["xdotool", "get_desktop"], env=self.environment, capture_output=True)
        return found.returncode == 0 and bool(found.stdout.strip())

    def windows(self) -> list[str]:
        """The visible windows of programs."""
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--class", "main"],
            env=self.environment,
            capture_output=True,
            text=True,
        )
        return found.stdout.split()

    def geometry(self) -> tuple[int, ...]:
        """Place and size of the window: x, y, width, height."""
        said = self.run("xdotool", "getwindowgeometry", "--shell", self.windows()[-1])
        values = dict(line.split("=") for line in said.splitlines() if "=" in line)
        return tuple(int(values[name]) for name in ("X", "Y", "WIDTH", "HEIGHT"))


@contextmanager
def desktop(*, window_manager: str = "", size: str = "1280x1024") -> Iterator[Desktop]:
    """An X server, optionally with a window manager; skips the test if a program is missing."""
    needed = ["Xvfb", "xdotool", "setxkbmap", *([window_manager] if window_manager else [])]
    missing = [program for program in needed if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    receiver, sender = os.pipe()
    command = ["Xvfb", "-displayfd", str(sender), "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(command, pass_fds=[sender], stderr=subprocess.DEVNULL)
    os.close(sender)
    manager: subprocess.Popen[bytes] | None = None
    try:
        with os.fdopen(receiver) as stream:
            display = Desktop(f":{stream.readline().strip()}")
        if window_manager:
            quiet = subprocess.DEVNULL
            manager = subprocess.Popen([window_manager], env=display.environment, stdout=quiet, stderr=quiet)
            wait_for("the window manager", display.is_managed)
        yield display
    finally:
        for process in (manager, server):
            if process is not None:
                process.terminate()
                process.wait(20)


def tics(trace: Path) -> list[dict[str, str]]:
    """The complete rows written to a trace so far."""
    file = trace.with_name(trace.name + ".tics.csv")
    return list(csv.DictReader(file.read_text().splitlines())) if file.exists() else []
