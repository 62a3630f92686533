"""How evenly frames come while somebody plays, and what pauses there are: level loads, slow frames, collections.

    python -m benchmarks.pacing [--wad FILE] [--map E1M1 ...] [--seconds 20] [--width 320 --height 200]

The real loop plays each map in a real window with random keys, on SDL's dummy display or the one SDL_VIDEODRIVER names.
The time between frames is by the clock, so other work on the machine shows in it; everything else is processor time.
A level starts with `load`, the tic that loads it, its `first` frame, and `collect`, collections until it has melted in.
While playing, `ahead` is the slowest load of a graphic in the time between tics, `collect` the longest collection.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pydoom.core import core_name
from pydoom.devices.options import WindowOptions
from pydoom.devices.window import Window
from pydoom.game.events import KEY_DOWNARROW, KEY_LEFTARROW, KEY_RCTRL, KEY_RIGHTARROW, KEY_UPARROW, Event, KeyEvent
from pydoom.game.level import find_level
from pydoom.game.rules import Rules
from pydoom.game.session import NO_COMMANDS
from pydoom.run.loop import Loop
from pydoom.run.machine import Machine
from pydoom.screens.wipe import Melt
from pydoom.sim.ticcmd import TicCmd
from pydoom.wad import load

KEYS = (KEY_UPARROW, KEY_UPARROW, KEY_LEFTARROW, KEY_RIGHTARROW, KEY_DOWNARROW, KEY_RCTRL, ord(" "))


class PlayedWindow(Window):
    """A window in which keys are pressed at random; it closes after some seconds and remembers when frames came."""

    def __init__(self, width: int, height: int, seconds: float) -> None:
        super().__init__(width, height, WindowOptions(scale=1, aspect=False))
        self.moments: list[float] = []
        self._chance = random.Random(1)
        self._until = time.monotonic() + seconds
        self._down: dict[int, int] = {}

    def present(self, frame: NDArray[np.uint8], colours: NDArray[np.uint8]) -> None:
        super().present(frame, colours)
        self.moments.append(time.monotonic())

    def poll(self) -> list[Event]:
        self.closed = time.monotonic() > self._until
        events = super().poll()
        for key in [key for key, tics in self._down.items() if tics == 0]:
            del self._down[key]
            events.append(KeyEvent(key, False))
        self._down = {key: tics - 1 for key, tics in self._down.items()}
        if self._chance.random() < 0.1:
            key = self._chance.choice(KEYS)
            self._down[key] = self._chance.randrange(35)
            events.append(KeyEvent(key))
        return events


class TimedMachine(Machine):
    """A machine that notes the milliseconds of processor time of its tics, frames and loads."""

    __slots__ = ("frames", "loads", "tics")

    tics: list[float]
    frames: list[float]
    loads: list[float]

    def tic(self, commands: Mapping[int, TicCmd] = NO_COMMANDS) -> None:
        began = time.process_time()
        super().tic(commands)
        self.tics.append((time.process_time() - began) * 1000)

    def draw(self) -> Melt | None:
        began = time.process_time()
        melt = super().draw()
        self.frames.append((time.process_time() - began) * 1000)
        return melt

    def load_ahead(self) -> bool:
        began = time.process_time()
        more = super().load_ahead()
        self.loads.append((time.process_time() - began) * 1000)
        return more


class Collections:
    """Notes the milliseconds of processor time of garbage collections, in `pauses` those after the melt."""

    def __init__(self, machine: TimedMachine) -> None:
        self.loading = 0.0
        self.pauses = [0.0]
        self._machine = machine
        self._began = 0.0

    def __call__(self, phase: str, _info: Mapping[str, int]) -> None:
        now = time.process_time()
        if phase == "start":
            self._began = now
        elif len(self._machine.frames) > 1:
            self.pauses.append((now - self._began) * 1000)
        else:
            self.loading += (now - self._began) * 1000


def play(path: Path, name: str, seconds: float, size: tuple[int, int]) -> str:
    """A line of the table for one map."""
    assets = load(path)
    machine = TimedMachine(assets, resolution=size)
    machine.tics, machine.frames, machine.loads = [], [], [0.0]
    session = machine.session
    session.new_game(Rules().skill, find_level(name, session.world.mode, assets.map_names))
    window = PlayedWindow(*size, seconds)
    collections = Collections(machine)
    gc.collect()
    gc.callbacks.append(collections)
    try:
        Loop(machine, window).run()
    finally:
        gc.callbacks.remove(collections)
        gc.unfreeze()
    gaps = np.diff(window.moments) * 1000
    return (
        f"{name:6}{1000 / gaps.mean():7.2f}{np.percentile(gaps, 99):7.1f}{gaps.max():7.1f} |"
        f"{machine.tics[0]:7.1f}{machine.frames[0]:7.1f}{collections.loading:9.1f} |{max(machine.loads):7.1f}"
        f"{np.median(machine.tics[1:]):7.2f}{max(machine.tics[1:]):7.1f}"
        f"{np.median(machine.frames[1:]):7.2f}{max(machine.frames[1:]):7.1f}{max(collections.pauses):9.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wad", type=Path, default=Path("wads/doom1.wad"))
    parser.add_argument("--map", nargs="+", default=["E1M1", "E1M7"])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--width", type=int, default=320)
    parser.add_argument("--height", type=int, default=200)
    options, _ = parser.parse_known_args()
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
    print(f"{core_name()} core, {options.width}x{options.height}, {options.seconds:g} s a map; milliseconds")
    print(f"{'':6}{'between frames':>21} |{'starting a level':>23} |{'playing':>46}")
    print(
        f"{'':6}{'fps':>7}{'99 %':>7}{'worst':>7} |{'load':>7}{'first':>7}{'collect':>9} |{'ahead':>7}"
        f"{'tic':>7}{'worst':>7}{'frame':>7}{'worst':>7}{'collect':>9}"
    )
    for name in options.map:
        print(play(options.wad, name, options.seconds, (options.width, options.height)), flush=True)


if __name__ == "__main__":
    main()
