"""Time to show a frame: palette, scaling, window; and to lay the 2-D graphics over a large view before that.

    python -m benchmarks.present [--wad FILE] [--frames N]

On SDL's dummy display, and where Xvfb is installed, also on a real X server, whose own time to take a frame is
then included. Frames are random pixels: their content makes no difference.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pydoom import wad
from pydoom.game.events import KEY_ESCAPE, KeyEvent
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.run.machine import Machine

CASES: tuple[tuple[tuple[int, int], int, bool], ...] = (
    ((320, 200), 1, False),
    ((320, 200), 2, False),
    ((320, 200), 2, True),
    ((640, 400), 1, False),
    ((640, 400), 1, True),
    ((1280, 800), 1, False),
)
"""Size of the frame, scale of the window, whether to correct the aspect."""


def milliseconds(work: Callable[[], object], times: int) -> tuple[float, float]:
    """Median and worst milliseconds of `work`."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return float(np.median(taken)) * 1000, max(taken) * 1000


def show(times: int) -> None:
    """Measure on this process's display."""
    import pygame

    from pydoom.devices.options import WindowOptions
    from pydoom.devices.window import Window

    generator = np.random.default_rng(1)
    for (width, height), scale, aspect in CASES:
        window = Window(width, height, WindowOptions(scale=scale, aspect=aspect))
        frame = generator.integers(0, 256, (height, width), np.uint8)
        colours = generator.integers(0, 256, (256, 3), np.uint8)
        size = "{}x{}".format(*pygame.display.get_window_size())
        median, worst = milliseconds(lambda: window.present(frame, colours), times)  # noqa: B023
        print(
            f"{pygame.display.get_driver():>10} {f'{width}x{height}':>10} {size:>10} {median:8.2f} {worst:8.2f}",
            flush=True,
        )
        window.close()


def lay_over(path: Path, times: int) -> None:
    """Measure the cost of the graphics over the view: with a message, without and with the menu."""
    assets = wad.load(path)
    for size in ((640, 400), (1280, 800), (1920, 1200)):
        game = Machine(assets, resolution=size)
        session, display = game.session, game.display
        session.start(Rules(), Level(1, 1))
        session.message("PICKED UP A CLIP.")
        for _ in range(3):
            session.run_tic()
        display.draw(session)
        assert display.enlarger is not None
        enlarger = display.enlarger
        plain, _ = milliseconds(lambda: enlarger.lay_over(display.frame), times)  # noqa: B023
        game.menu.responder(KeyEvent(KEY_ESCAPE), session)
        display.draw(session)
        menu, _ = milliseconds(lambda: enlarger.lay_over(display.frame), times)  # noqa: B023
        print(f"{'{}x{}'.format(*size):>10} {plain:12.2f} {menu:10.2f}", flush=True)


def with_xvfb(times: int) -> None:
    """Measure in another process, on its own X server."""
    if shutil.which("Xvfb") is None:
        print(f"{'Xvfb':>10} is not installed")
        return
    reading, writing = os.pipe()
    with tempfile.TemporaryFile() as log:
        command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1920x1200x24", "-nolisten", "tcp", "-noreset"]
        server = subprocess.Popen(command, pass_fds=[writing], stdout=log, stderr=log)
        os.close(writing)
        try:
            with os.fdopen(reading) as numbers:
                display = numbers.readline().strip()
            environment = os.environ | {"DISPLAY": f":{display}", "SDL_VIDEODRIVER": "x11"}
            command = [sys.executable, "-m", "benchmarks.present", "--only-show", "--frames", str(times)]
            subprocess.run(command, env=environment, check=True)
        finally:
            server.terminate()
            server.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wad", type=Path, default=Path("wads/doom1.wad"))
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--only-show", action="store_true", help=argparse.SUPPRESS)
    options, _ = parser.parse_known_args()
    if options.only_show:
        show(options.frames)
        return
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    print(f"{options.frames} frames each, milliseconds")
    print(f"{'display':>10} {'frame':>10} {'window':>10} {'median':>8} {'worst':>8}", flush=True)
    show(options.frames)
    with_xvfb(options.frames)
    print(f"{'frame':>10} {'laying over':>12} {'with menu':>10}", flush=True)
    lay_over(options.wad, options.frames)


if __name__ == "__main__":
    main()
