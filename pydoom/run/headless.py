"""Demos as fast as they go: ``--timedemo`` and headless ``--playdemo``.

One tic, one picture, as the original's timedemo does it: tic 0 runs before the first picture, and a melt costs its
random numbers but no time.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tqdm import tqdm

from pydoom.game.state import GameState
from pydoom.game.trace import TraceWriter
from pydoom.run.assembly import Game, skip_picture
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


@dataclass(frozen=True, slots=True)
class Picture:
    """What a trace tells about a picture: `screen` is 64,000 palette indexes, `view` x, y, width, height or None."""

    melts: bool
    palette: int
    screen: bytes
    view: tuple[int, int, int, int] | None


def draw_picture(game: Game) -> Picture:
    """Draw the present state and skip the melt that may begin with it."""
    display = game.display
    melts = display.draw(game.session) is not None
    window = display.window
    view = (window.x, window.y, window.width, window.height) if game.session.gamestate == GameState.LEVEL else None
    return Picture(melts, display.palette, display.frame.tobytes(), view)


def play_through(game: Game, *, draw: bool = True) -> Iterator[Picture | None]:
    """Run the session's single demo tic by tic to its end; yields the picture after each tic, None without one."""
    session = game.session
    session.run_tic()
    if session.over:
        return
    yield None
    while True:
        session.run_tic()
        if session.over:
            return
        if draw:
            yield draw_picture(game)
        else:
            skip_picture(session)
            yield None


def time_demo(game: Game, *, draw: bool, trace: TraceWriter | None = None, recorder: Recorder | None = None) -> Timing:
    """Run the session's single demo to its end and say how long it took.

    With a `recorder`, progress is shown on a terminal, and the demo ends with the last tic that is to be recorded.
    """
    session = game.session
    start = time.perf_counter()
    pictures: Iterable[Picture | None] = play_through(game, draw=draw)
    if recorder is not None:
        pictures = tqdm(pictures, total=recorder.tics_of(session.demo_tics), unit="tic", desc="recording", disable=None)
    for picture in pictures:
        if trace is not None and picture is not None:
            trace.frame(session, picture.melts, picture.palette, picture.screen, picture.view)
        if recorder is not None:
            session.sounds.update(session.world.players[session.world.consoleplayer].mo)
            recorder.tic(game.display.picture, game.colours())
            if recorder.over:
                break
    return Timing(session.gametic, time.perf_counter() - start)
