"""Demos as fast as they go: ``--timedemo`` and headless ``--playdemo``.

One tic, one frame, as in the original's timedemo: tic 0 runs before the first frame, and a melt costs its random
numbers but no time.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydoom.game.trace import TraceWriter
from pydoom.run.machine import FrameRecord, Machine
from pydoom.run.memory import settle_memory
from pydoom.sim.constants import TICRATE

if TYPE_CHECKING:
    from pydoom.devices.recording import Recorder


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a demo took."""

    gametics: int
    seconds: float

    @property
    def tics_per_second(self) -> float:
        """Speed; infinite for a demo without tics."""
        return self.gametics / self.seconds if self.seconds else float("inf")

    def __str__(self) -> str:
        realtics = round(self.seconds * TICRATE)
        return (
            f"timed {self.gametics} gametics in {realtics} realtics: "
            f"{self.seconds:.2f} seconds, {self.tics_per_second:.1f} tics/s"
        )


def play_through(machine: Machine, *, draw: bool = True, record: bool = True) -> Iterator[FrameRecord | None]:
    """Run the session's single demo tic by tic to its end; yields the frame after each tic, None without one.

    Frames are drawn with `draw`, and copied with `record`.
    """
    session = machine.session
    machine.tic()
    if session.over:
        return
    yield None
    while True:
        machine.tic()
        if session.over:
            return
        if draw:
            melts = machine.draw() is not None
            yield machine.record(melts=melts) if record else None
        else:
            machine.skip_frame()
            yield None


def time_demo(
    machine: Machine, *, draw: bool, trace: TraceWriter | None = None, recorder: Recorder | None = None
) -> Timing:
    """Run the session's single demo to its end and return how long it took.

    With a `recorder`, progress is shown on a terminal, and the demo ends with the last tic to record.
    """
    session = machine.session
    settle_memory()
    start = time.perf_counter()
    frames: Iterable[FrameRecord | None] = play_through(machine, draw=draw, record=trace is not None)
    if recorder is not None:
        from tqdm import tqdm  # slow to import, and seldom needed

        frames = tqdm(frames, total=recorder.tics_of(session.demo_tics), unit="tic", desc="recording", disable=None)
    for frame in frames:
        if trace is not None and frame is not None:
            trace.frame(session, frame.melts, frame.palette, frame.screen, frame.view)
        if recorder is not None:
            machine.update_sounds()
            recorder.tic(machine.frame, machine.colours())
            if recorder.over:
                break
    return Timing(session.gametic, time.perf_counter() - start)
