"""Tics per second of headless timedemos: each core of ours and Chocolate Doom's own -timedemo, in one run.

    python -m benchmarks.timedemo [--wad FILE] [--demo DEMO1 ...] [--runs N] [--core PYTHON ...]

Without `--core` the Python that runs this plays; `--core build/compiled/venv/bin/python` (made by `make
test-compiled`) adds the compiled core beside it. All play the same demo, in turn, in processes of their own; the best
of N runs counts, since other load on the machine only makes a run slower. `undrawn window` is Chocolate Doom's -noblit:
it draws the frame, and shows it nowhere, as we do.

Then comes what drawing adds to a tic, in milliseconds of processor time: the difference of two whole runs, so that
starting up does not count. Last come our slowest frames, in processor time: the first of the level, and the slowest
of all others, with the level's graphics loaded between them as the game's loop does.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydoom.cli.demofile import start_demo
from pydoom.run.headless import play_through
from pydoom.run.machine import Machine
from pydoom.wad import load

_CHOCOLATE_RESULT = re.compile(r"timed (\d+) gametics in (\d+) realtics")
_PYDOOM_RESULT = re.compile(r"timed (\d+) gametics.* ([\d.]+) tics/s")


@dataclass(frozen=True, slots=True)
class Run:
    """One timedemo: the engine's own figures, and the processor time of its whole process."""

    tics: int
    tics_per_second: float
    processor_seconds: float


def _timed(command: list[str], environment: Mapping[str, str]) -> tuple[str, float]:
    """The output of a command, and the processor time it took in seconds."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(environment)
    ) as process:
        assert process.stdout is not None
        text = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return text, used.ru_utime + used.ru_stime


def play_pydoom(wad: Path, demo: str, draw: bool, python: str = sys.executable) -> Run:
    """One headless timedemo of ours in a new process of this Python."""
    command = [python, "-m", "pydoom", "--wad", str(wad.resolve()), "--headless", "--timedemo", demo]
    # run outside the sources, so that a Python with pydoom installed uses that one
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        text, seconds = _timed(command if draw else [*command, "--no-draw"], os.environ)
    match = _PYDOOM_RESULT.search(text)
    if match is None:
        raise RuntimeError(f"no result in: {text!r}")
    return Run(int(match[1]), float(match[2]), seconds)


def play_chocolate(wad: Path, demo: str, *options: str) -> Run | None:
    """One timedemo of Chocolate Doom without window, sound or user settings; None if not installed."""
    program = shutil.which("chocolate-doom", path=os.environ["PATH"] + ":/usr/games")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"HOME": home, "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
        command = [program, "-iwad", str(wad), "-timedemo", demo.lower(), "-nosound", "-nogui", *options]
        text, seconds = _timed(command, environment)
    match = _CHOCOLATE_RESULT.search(text)
    if match is None:
        raise RuntimeError(f"no result in: {text!r}")
    # its clock ticks 35 times a second: a demo may take none at all
    return Run(int(match[1]), int(match[1]) * 35 / max(int(match[2]), 1), seconds)


def core_of(python: str) -> str:
    """The name of the core that a Python runs."""
    with tempfile.TemporaryDirectory() as folder:
        text = subprocess.run(
            [python, "-m", "pydoom", "--version"], capture_output=True, text=True, check=True, cwd=folder
        ).stdout
    return text.partition("(")[2].partition(" core")[0]


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
            while game.load_ahead():
                pass
    return times[0], max(times[1:])


Play = Callable[[], Run | None]


def _table(players: Mapping[str, tuple[Play, Play]], runs: int, demo: str) -> list[str]:
    """Lines of one demo: speed without and with drawing, and what drawing adds."""
    silent = {name: [run for run in (play() for _ in range(runs)) if run] for name, (play, _) in players.items()}
    drawn = {name: [run for run in (play() for _ in range(runs)) if run] for name, (_, play) in players.items()}
    lines = []
    for title, results in (("no drawing", silent), ("drawing", drawn)):
        speeds = [max((run.tics_per_second for run in results[name]), default=None) for name in players]
        lines.append(
            f"{demo:6} {title:16}" + "".join(f" {speed:14,.0f}" if speed else f"{'-':>15}" for speed in speeds)
        )
    added = []
    for name in players:
        if drawn[name] and silent[name]:
            least = [min(run.processor_seconds for run in results[name]) for results in (drawn, silent)]
            added.append(f" {(least[0] - least[1]) / drawn[name][0].tics * 1000:14.3f}")
        else:
            added.append(f"{'-':>15}")
    return [*lines, f"{demo:6} {'a frame, ms':16}" + "".join(added)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wad", type=Path, default=Path("wads/doom1.wad"))
    parser.add_argument("--demo", nargs="+", default=["DEMO1", "DEMO2", "DEMO3"])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--core", nargs="+", default=[], metavar="PYTHON", help="compare with pydoom of these Pythons")
    options = parser.parse_args()
    pythons = {core_of(python): python for python in (sys.executable, *map(os.path.abspath, options.core))}
    print(f"best of {options.runs} runs each, tics per second")
    columns = [*pythons, "Chocolate Doom", "undrawn window"]
    print(f"{'':23}" + "".join(f" {name:>14}" for name in columns))
    for demo in options.demo:
        players: dict[str, tuple[Play, Play]] = {}
        for name, python in pythons.items():
            players[name] = (
                partial(play_pydoom, options.wad, demo, False, python),
                partial(play_pydoom, options.wad, demo, True, python),
            )
        silent = partial(play_chocolate, options.wad, demo, "-nodraw")
        players["Chocolate Doom"] = (silent, partial(play_chocolate, options.wad, demo))
        players["undrawn window"] = (silent, partial(play_chocolate, options.wad, demo, "-noblit"))
        print("\n".join(_table(players, options.runs, demo)), flush=True)
    for demo in options.demo:
        each = [slowest_frames(options.wad, demo) for _ in range(options.runs)]
        first, worst = (min(times) for times in zip(*each, strict=True))
        print(f"{demo:6} worst frame: the first {first:.0f} ms, after it {worst:.1f} ms", flush=True)


if __name__ == "__main__":
    main()
