"""Frames in a terminal: time to encode them, bytes, and the frame rate through lines of given speeds.

    python -m benchmarks.terminal [--wad FILE] [--frames N] [--seconds S]

Frames are consecutive ones of demos, from ten seconds after their start. `ms` and `KB` are medians and 95th
percentiles per frame; `at 10` and `at 100` how many such frames a second fit a line of 10 or 100 Mbit/s.
Then the game's own terminal window plays DEMO1, 35 tics a second, into a pseudo-terminal whose reader
reads at a given rate: how many frames a second arrive whole, how long it takes from a key to the end of a frame
that shows it, and how long showing a frame blocked the game at worst.
"""

from __future__ import annotations

import argparse
import fcntl
import math
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pydoom import wad
from pydoom.cli.demofile import start_demo
from pydoom.devices.terminal import TerminalWindow
from pydoom.devices.terminal_blocks import HalfBlocks
from pydoom.devices.terminal_encoder import FrameEncoder
from pydoom.devices.terminal_graphics import KittyGraphics
from pydoom.devices.terminal_sixel import Sixels
from pydoom.game.events import KeyEvent
from pydoom.run.headless import play_through
from pydoom.run.machine import Machine

SIZES = ((80, 24), (160, 50), (240, 67))
RATES_MBIT = (2, 10, 100)
FIRST_TIC = 350
CELL_PX = (10, 20)
TIC_S = 1 / 35
_ANSWERS = {b"\x1b[5n": b"\x1b[0n", b"\x1b[16t": b"\x1b[6;20;10t", b"\x1b[c": b"\x1b[?62c"}
_TELLING = re.compile(rb"\x1b\[5n|\x1b\[16t|\x1b\[c|\x1b\[\?2026l|keys (\d+) ")
_LONGEST_QUESTION = 12
_SHORTEST_SLEEP_S = 0.002
Shown = tuple[NDArray[np.uint8], NDArray[np.uint8]]


def frames_of(path: Path, demo: str, count: int) -> list[Shown]:
    """Frames and colours of a demo's consecutive tics."""
    game = Machine(wad.load(path))
    start_demo(game.session, demo)
    found: list[Shown] = []
    for number, _ in enumerate(play_through(game)):
        if number >= FIRST_TIC:
            found.append((game.display.framebuffer.copy(), game.colours().copy()))
        if len(found) == count:
            break
    return found


def encoder(kind: str, columns: int, rows: int) -> FrameEncoder:
    """What draws in a terminal of this size, whose last line is for the status."""
    if kind == "blocks":
        return HalfBlocks(columns, rows - 1)
    return (KittyGraphics if kind == "kitty" else Sixels)(columns, rows - 1, cell_px=CELL_PX)


def encode(path: Path, count: int) -> None:
    """Print time and bytes of each way to draw."""
    print(f"{'demo':6} {'terminal':>8} {'':8} {'ms':>6} {'95 %':>6} {'KB':>7} {'95 %':>7} {'at 10':>6} {'at 100':>6}")
    for demo in ("DEMO1", "DEMO3"):
        frames = frames_of(path, demo, count)
        for columns, rows in SIZES:
            for kind in ("blocks", "kitty", "sixel"):
                drawing = encoder(kind, columns, rows)
                taken, sizes = [], []
                for frame, colours in frames:
                    start = time.thread_time()  # of this thread alone, whatever else the machine does
                    sizes.append(len(drawing.draw(frame, colours)))
                    taken.append((time.thread_time() - start) * 1000)
                a_second = " ".join(f"{mbit * 1e6 / 8 / np.mean(sizes[1:]):6.0f}" for mbit in (10, 100))
                ms, late_ms = np.percentile(taken, (50, 95))
                size, large = np.percentile(sizes, (50, 95)) / 1000
                print(
                    f"{demo:6} {f'{columns}x{rows}':>8} {kind:8} {ms:6.2f} {late_ms:6.2f} {size:7.1f} {large:7.1f} "
                    f"{a_second}",
                    flush=True,
                )


class ThrottledTerminal:
    """The other end of a pseudo-terminal: takes so many bytes a second, and answers questions as it comes to them."""

    def __init__(self, mbit: float, columns: int, rows: int) -> None:
        self.ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._rate = mbit * 1e6 / 8
        self._pressed = 0
        self._due = 0.0
        self.frames = 0
        self.key_s: list[float] = []
        """From each key to a frame that knows of it, in seconds."""

    def read_for(self, seconds: float, *, press: bool = False, frames: float = math.inf) -> None:
        """Take what comes, for so long or until so many frames have come, and press a key now and then if told."""
        free_at = time.monotonic()
        until = free_at + seconds
        rest = b""
        self._pressed_at = math.inf
        self._due = free_at
        while (now := time.monotonic()) < until and self.frames < frames:
            if press and self._pressed_at == math.inf and now >= self._due:
                os.write(self.ours, b"k")
                self._pressed += 1
                self._pressed_at = now
            if select.select([self.ours], [], [], 0.005)[0]:
                data = os.read(self.ours, max(256, min(4096, int(self._rate * 0.004))))
                free_at = max(free_at, now) + len(data) / self._rate
                if free_at - time.monotonic() > _SHORTEST_SLEEP_S:
                    time.sleep(free_at - time.monotonic())
                rest = self._take(rest + data)

    def _take(self, data: bytes) -> bytes:
        """Note frames and answer questions; what may be the beginning of one is given back."""
        end = 0
        for match in _TELLING.finditer(data):
            end = match.end()
            if match[0] in _ANSWERS:
                os.write(self.ours, _ANSWERS[match[0]])
            elif match[1] is None:
                self.frames += 1
            elif int(match[1]) >= self._pressed and self._pressed_at < math.inf:
                now = time.monotonic()
                self.key_s.append(now - self._pressed_at)
                self._pressed_at = math.inf
                self._due = now + 0.3 + 0.02 * (len(self.key_s) * 7 % 10)
        return data[max(end, len(data) - _LONGEST_QUESTION) :]

    def close(self) -> None:
        """Give both ends back."""
        os.close(self.ours)
        os.close(self.theirs)


def play(path: Path, mode: str) -> None:
    """Show DEMO1 in this terminal, 35 tics a second, with the keys heard in the status line. Runs until it is ended."""
    game = Machine(wad.load(path))
    start_demo(game.session, "DEMO1")
    tics = play_through(game)
    for _ in range(FIRST_TIC):
        next(tics)
    keys, longest = 0, 0.0
    window = TerminalWindow(mode, status=lambda: f"keys {keys} ")
    due = time.monotonic()
    try:
        while not window.closed:
            keys += sum(1 for event in window.poll() if isinstance(event, KeyEvent) and event.down)
            due = max(due + TIC_S, time.monotonic() - TIC_S)
            time.sleep(max(0.0, due - time.monotonic()))
            if next(tics, None) is None:
                break
            start = time.perf_counter()
            window.present(game.display.framebuffer, game.colours())
            longest = max(longest, time.perf_counter() - start)
    finally:
        window.close()
        print(f"{longest * 1000:.1f}", file=sys.stderr)


def throttled(path: Path, seconds: float) -> None:
    """Print the frame rate and the time from key to frame, through lines of several rates."""
    print(
        f"\n{'terminal':>8} {'':8} {'Mbit/s':>7} {'fps':>10} {'key to frame, ms':>20} {'95 %':>6} "
        f"{'longest present, ms':>20}"
    )
    for columns, rows in SIZES:
        for mode in ("blocks", "kitty", "sixel"):
            for mbit in RATES_MBIT:
                terminal = ThrottledTerminal(mbit, columns, rows)
                command = [sys.executable, "-m", "benchmarks.terminal", "--wad", str(path), "--play", mode]
                game = subprocess.Popen(
                    command,
                    stdin=terminal.theirs,
                    stdout=terminal.theirs,
                    stderr=subprocess.PIPE,
                    text=True,
                    env=os.environ | {"TERM": "xterm-256color"},
                )
                terminal.read_for(60, frames=1)
                terminal.read_for(2)
                terminal.frames = 0
                terminal.read_for(seconds, press=True)
                frames, key_s = terminal.frames, terminal.key_s or [math.nan]
                os.write(terminal.ours, b"\x03")
                terminal.read_for(2)
                _, told = game.communicate(timeout=60)
                middle, late = np.percentile(key_s, (50, 95)) * 1000
                print(
                    f"{f'{columns}x{rows}':>8} {mode:8} {mbit:7} {frames / seconds:10.1f} {middle:20.0f} "
                    f"{late:6.0f} {float(told.split()[-1]):20.1f}",
                    flush=True,
                )
                terminal.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wad", type=Path, default=Path("wads/doom1.wad"))
    parser.add_argument("--frames", type=int, default=350)
    parser.add_argument("--seconds", type=float, default=8, help="of play through each line")
    parser.add_argument("--play", metavar="MODE", help=argparse.SUPPRESS)
    options, _ = parser.parse_known_args()
    if options.play:
        play(options.wad, options.play)
        return
    encode(options.wad, options.frames)
    throttled(options.wad, options.seconds)


if __name__ == "__main__":
    main()
