"""Seconds from the start of the program until its window shows a level, in turn with Chocolate Doom's.

    python -m benchmarks.firstframe [--wad FILE] [--starts 5] [--core PYTHON ...]

Both run in windows on an X server of the benchmark's own (Xvfb) whose screen is a file, start at E1M1 and are ended as
soon as a part of the screen is no longer black. `--core` also starts pydoom of other Pythons, as in `timedemo`.
"""

from __future__ import annotations

import argparse
import mmap
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.timedemo import core_of

SIZE = (800, 600)
LIT_PIXELS = 10_000
"""So many pixels are no longer black when the first frame melts in; a pointer or a frame has fewer."""
PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True)
class Screen:
    """The X server's screen: its display, and its memory as a file."""

    display: str
    pixels: mmap.mmap

    def lit(self) -> int:
        """How many pixels are not black, counted from every 8th."""
        width, height = SIZE
        pixels = np.frombuffer(self.pixels, np.uint32, offset=len(self.pixels) - 4 * width * height)
        return 8 * int(np.count_nonzero(pixels[::8] & 0xFFFFFF))


@contextmanager
def screen() -> Iterator[Screen]:
    """An X server that keeps its screen in a file."""
    with tempfile.TemporaryDirectory() as folder:
        reading, writing = os.pipe()
        size = "{}x{}x24".format(*SIZE)
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-fbdir", folder, "-nolisten", "tcp"],
            pass_fds=[writing],
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        try:
            with os.fdopen(reading) as numbers:
                display = numbers.readline().strip()
            with (Path(folder) / "Xvfb_screen0").open("rb") as file:
                yield Screen(f":{display}", mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ))
        finally:
            server.terminate()
            server.wait()


def start(command: list[str], on: Screen) -> float:
    """Seconds until the program shows something. Raises RuntimeError when it ends before."""
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"HOME": home, "DISPLAY": on.display, "SDL_AUDIODRIVER": "dummy"}
        environment.pop("SDL_VIDEODRIVER", None)
        began = time.monotonic()
        process = subprocess.Popen(
            command, env=environment, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            while on.lit() < LIT_PIXELS:
                if process.poll() is not None or time.monotonic() - began > PATIENCE_S:
                    raise RuntimeError(f"{command[0]} showed nothing")
                time.sleep(0.002)
            return time.monotonic() - began
        finally:
            process.kill()
            process.wait()
            _wait_for_black(on)


def _wait_for_black(on: Screen) -> None:
    until = time.monotonic() + PATIENCE_S
    while on.lit() >= LIT_PIXELS and time.monotonic() < until:
        time.sleep(0.01)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wad", type=Path, default=Path("wads/doom1.wad"))
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--core", nargs="+", default=[], metavar="PYTHON", help="compare with pydoom of these Pythons")
    options, _ = parser.parse_known_args()
    if shutil.which("Xvfb") is None:
        print("not measured: Xvfb is not installed")
        return
    wad = str(options.wad.resolve())
    programs = {
        core_of(python): [python, "-m", "pydoom", "--wad", wad, "--warp", "E1M1", "--no-config"]
        for python in (sys.executable, *map(os.path.abspath, options.core))
    }
    chocolate = shutil.which("chocolate-doom", path=os.environ["PATH"] + ":/usr/games")
    if chocolate is not None:
        programs["Chocolate Doom"] = [chocolate, "-iwad", wad, "-warp", "1", "1", "-window", "-nogui"]
    taken: dict[str, list[float]] = {name: [] for name in programs}
    with screen() as on:
        for _ in range(options.starts):
            for name, command in programs.items():
                taken[name].append(start(command, on))
    print(f"seconds to the first frame of E1M1, {options.starts} starts: median and best")
    for name, seconds in taken.items():
        print(f"{name:>16} {statistics.median(seconds):6.3f} {min(seconds):6.3f}", flush=True)


if __name__ == "__main__":
    main()
