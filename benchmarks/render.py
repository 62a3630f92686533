"""Time of one 3-D view, by size and by phase, at fixed random viewpoints of Episode 1.

    python -m benchmarks.render [--wad FILE] [--views N] [--repeats N] [--no-chocolate] [--renderer NAME]

The viewpoints are the positions of the maps' own things, in random directions, with the pistol up; on one core.
Each view is drawn several times and the best counts, in processor time, since other load on the machine only makes a
run slower. The numpy renderer's phases are timed too. Chocolate Doom cannot draw given viewpoints: for it, a timedemo
with drawing minus one without gives the time per frame, next to the same difference for pydoom.
"""

from __future__ import annotations

import argparse
import gc
import time
from pathlib import Path

import numpy as np

from benchmarks.timedemo import Run, play_chocolate, play_pydoom
from pydoom import wad
from pydoom.core import core_name
from pydoom.data import state_ids
from pydoom.render.arrays.renderer import NumpyRenderer
from pydoom.render.choice import RENDERERS, make_renderer, renderer_name
from pydoom.render.interface import ViewRenderer
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.player import Player
from pydoom.sim.world import World
from tests.viewpoints import load_world, places_of_things, stand

SIZES = ((320, 200), (640, 400), (1280, 800), (1920, 1200))
MAPS = tuple(f"E1M{number}" for number in range(1, 10))
PHASES = {
    "_set_up": "set up",
    "_walk": "BSP walk",
    "_draw_walls": "walls",
    "_draw_planes": "floors, ceilings, sky",
    "_draw_masked": "sprites, weapon",
}


class TimedRenderer(NumpyRenderer):
    """A renderer that adds up the seconds of each phase in `seconds`."""

    seconds: dict[str, float]

    def __getattribute__(self, name: str) -> object:
        value = super().__getattribute__(name)
        if name not in PHASES:
            return value

        def timed(*arguments: object) -> object:
            start = time.perf_counter()
            try:
                return value(*arguments)
            finally:
                self.seconds[name] = time.perf_counter() - start

        return timed


def viewpoints(assets: wad.Assets, per_map: int) -> list[tuple[World, tuple[int, int, int]]]:
    """Worlds and (x, y, angle) of all views."""
    views = []
    for name in MAPS:
        world = load_world(assets, name)
        views += [(world, place) for place in places_of_things(assets, name, per_map, seed=1)]
    return views


def armed(world: World, place: tuple[int, int, int]) -> Player:
    """A player there, with the pistol in its hands."""
    player = stand(world, *place)
    weapon = player.psprites[0]
    weapon.state = world.states[state_ids.S_PISTOL]
    weapon.sx, weapon.sy = FRACUNIT, 32 * FRACUNIT
    return player


def measure(renderer: ViewRenderer, views: list[tuple[World, tuple[int, int, int]]], repeats: int) -> list[float]:
    """Best milliseconds of each view."""
    best = []
    for world, place in views:
        player = armed(world, place)
        renderer.draw(world, player)
        times = []
        for _ in range(repeats):
            start = time.process_time()
            renderer.draw(world, player)
            times.append(time.process_time() - start)
        best.append(min(times) * 1000)
    return best


def measure_phases(
    renderer: TimedRenderer, views: list[tuple[World, tuple[int, int, int]]], repeats: int
) -> dict[str, float]:
    """Median over the views of each phase's best microseconds."""
    rows = []
    for world, place in views:
        player = armed(world, place)
        samples = []
        for _ in range(repeats):
            renderer.seconds = {}
            renderer.draw(world, player)
            samples.append([renderer.seconds[name] for name in PHASES])
        rows.append(np.min(samples, axis=0))
    return dict(zip(PHASES, (np.median(rows, axis=0) * 1e6).tolist(), strict=True))


def seconds_per_frame(drawn: Run | None, silent: Run | None) -> float | None:
    """The processor seconds that drawing adds to a tic."""
    if drawn is None or silent is None:
        return None
    return (drawn.processor_seconds - silent.processor_seconds) / drawn.tics


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wad", type=Path, default=Path("wads/doom1.wad"))
    parser.add_argument("--views", type=int, default=12, help="viewpoints a map")
    parser.add_argument("--repeats", type=int, default=31)
    parser.add_argument(
        "--renderer", choices=RENDERERS, default="auto", help="the renderer to measure (default: %(default)s)"
    )
    parser.add_argument("--no-chocolate", action="store_true", help="skip the comparison with Chocolate Doom")
    options, _ = parser.parse_known_args()
    assets = wad.load(options.wad)
    views = viewpoints(assets, options.views)
    gc.disable()
    name = renderer_name(options.renderer)
    print(f"{name} renderer, {core_name()} core, {len(views)} views, best of {options.repeats} each, milliseconds")
    print(f"{'size':>10} {'median':>8} {'p95':>8} {'worst':>8}")
    for width, height in SIZES:
        best = measure(make_renderer(assets, width, height, wanted=name), views, options.repeats)
        median, p95 = np.median(best), np.percentile(best, 95)
        line = f"{f'{width}x{height}':>10} {median:8.2f} {p95:8.2f} {max(best):8.2f}"
        if name == "numpy":
            phases = measure_phases(TimedRenderer(assets, width, height), views, options.repeats)
            line += "   microseconds: " + ", ".join(f"{PHASES[phase]} {value:.0f}" for phase, value in phases.items())
        print(line, flush=True)
    if options.no_chocolate:
        return
    demo = "DEMO1"
    ours = seconds_per_frame(play_pydoom(options.wad, demo, True), play_pydoom(options.wad, demo, False))
    theirs = seconds_per_frame(play_chocolate(options.wad, demo), play_chocolate(options.wad, demo, "-nodraw"))
    assert ours is not None
    line = f"DEMO1, what drawing a whole frame adds to a tic: pydoom {ours * 1000:.2f} ms"
    if theirs:
        line += f", Chocolate Doom {theirs * 1000:.2f} ms, ratio {ours / theirs:.1f}"
    print(line)


if __name__ == "__main__":
    main()
