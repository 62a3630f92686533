"""Tics per second of headless timedemos, compared with Chocolate Doom's own -timedemo in the same run.

    python -m benchmarks.timedemo [--wad FILE] [--demo DEMO1 ...] [--runs N]

Both engines play the same demo, in turn, in processes of their own; the best of N runs counts, since other load
on the machine only makes a run slower. Last come our slowest frames, in processor time: the first of the level,
which loads its graphics, and the slowest of all others.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pydoom.cli.demofile import start_demo
from pydoom.run.headless import play_through
from pydoom.run.machine import Machine
from pydoom.wad import load

_CHOCOLATE_RESULT = re.compile(r"timed (\d+) gametics in (\d+) realtics")
_PYDOOM_RESULT = re.compile(r"([\d.]+) tics/s")


def pydoom_tics_per_second(wad: Path, demo: str, draw: bool) -> float:
    """The speed of one headless timedemo of ours in a new process."""
    command = [sys.executable, "-m", "pydoom", "--wad", str(wad), "--headless", "--timedemo", demo]
    if not draw:
        command.append("--no-draw")
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    match = _PYDOOM_RESULT.search(result.stdout)
    if match is None:
        raise RuntimeError(f"no result in: {result.stdout!r}")
    return float(match[1])


def chocolate_tics_per_second(wad: Path, demo: str, draw: bool) -> float | None:
    """The speed of one timedemo of Chocolate Doom without window, sound or user settings; None if not installed."""
    program = shutil.which("chocolate-doom", path=os.environ["PATH"] + ":/usr/games")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"HOME": home, "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
        command = [program, "-iwad", str(wad), "-timedemo", demo.lower(), "-nosound", "-nogui"]
        if not draw:
            command.append("-nodraw")
        result = subprocess.run(command, capture_output=True, text=True, env=environment)
    match = _CHOCOLATE_RESULT.search(result.stderr)
    if match is None:
        raise RuntimeError(f"no result in: {result.stderr!r}")
    # its clock ticks 35 times a second: a demo may take none at all
    return int(match[1]) * 35 / max(int(match[2]), 1)


def slowest_frames(wad: Path, demo: str) -> tuple[float, float]:
    """Milliseconds of the first frame of a demo, and of the slowest after it."""
    game = Machine(load(wad))
    start_demo(game.session, demo)
    times = []
    for _ in play_through(game, draw=False):
        if game.session.gametic > 1:
            began = time.process_time()
            game.draw()
            times.append((time.process_time() - began) * 1000)
    return times[0], max(times[1:])


def _best(runs: int, measure: Callable[[], float | None]) -> float | None:
    return max((value for value in (measure() for _ in range(runs)) if value is not None), default=None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wad", type=Path, default=Path("wads/doom1.wad"))
    parser.add_argument("--demo", nargs="+", default=["DEMO1", "DEMO2", "DEMO3"])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(f"best of {options.runs} runs each, tics per second")
    print(f"{'demo':6} {'':12} {'pydoom':>8} {'Chocolate Doom':>15} {'ratio':>7}")
    for demo in options.demo:
        for draw in (False, True):
            ours = _best(options.runs, lambda: pydoom_tics_per_second(options.wad, demo, draw))  # noqa: B023
            theirs = _best(options.runs, lambda: chocolate_tics_per_second(options.wad, demo, draw))  # noqa: B023
            assert ours is not None
            yardstick = f"{theirs:15,.0f} {ours / theirs:7.4f}" if theirs else f"{'not installed':>15}"
            print(f"{demo:6} {'drawing' if draw else 'no drawing':12} {ours:8,.0f} {yardstick}", flush=True)
    for demo in options.demo:
        each = [slowest_frames(options.wad, demo) for _ in range(options.runs)]
        first, worst = (min(times) for times in zip(*each, strict=True))
        print(f"{demo:6} worst frame: the first {first:.0f} ms, after it {worst:.1f} ms", flush=True)


if __name__ == "__main__":
    main()
