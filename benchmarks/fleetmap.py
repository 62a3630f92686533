"""The data centre: how long it takes to build, and what a frame and a tic in it cost beside E1M2 with as many monsters.

    python -m benchmarks.fleetmap [--containers 1000] [--groups 100] [--views 60] [--tics 105] [--wad FILE]

Both levels get the same number of demons: in the data centre in their places, in E1M2 on a grid over its floor.
Frames are those from where monsters stand; tics run with all monsters awake. Times are milliseconds of processor time.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from pydoom.data.mobj_ids import MT_SERGEANT
from pydoom.fleetmap.build import build
from pydoom.fleetmap.doomednums import DEMON
from pydoom.fleetmap.draft import Group
from pydoom.fleetmap.inhabit import inhabit
from pydoom.fleetmap.plan import plan
from pydoom.fleetmap.signs import sign_patches
from pydoom.fleetmap.stock import Stock
from pydoom.fleetmap.wadfile import wad_of
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.render.choice import make_renderer
from pydoom.run.machine import Machine
from pydoom.sim import states
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.geometry import point_in_subsector
from pydoom.sim.mobj import Mobj
from pydoom.wad import Assets, MapData, load
from pydoom.wad.archive import read_wad
from pydoom.wad.pack import pack_wad
from tests.viewpoints import load_world, stand

ROOT = Path(__file__).resolve().parent.parent
LEAST_ROOM = 56
STEP = 64
"""Room for a demon in E1M2, in map units: height, and distance to the next."""
GOD_MODE = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--containers", type=int, default=1000)
    parser.add_argument("--groups", type=int, default=100)
    parser.add_argument("--views", type=int, default=60)
    parser.add_argument("--tics", type=int, default=105)
    parser.add_argument("--wad", default=str(ROOT / "wads" / "doom1.wad"))
    options, _ = parser.parse_known_args()
    assets = load(options.wad)
    groups = [Group(f"group-{number}", options.containers // options.groups) for number in range(options.groups)]
    stock = Stock.of(assets)
    began = time.process_time()
    draft = plan(groups, 1, stock, "E1M1")
    planned = time.process_time()
    build(draft)
    ended = time.process_time()
    sign_patches(draft.signs, assets)
    print(
        f"{options.containers} containers in {options.groups} groups: plan {1000 * (planned - began):.0f} ms, "
        f"build {1000 * (ended - planned):.0f} ms, signs {1000 * (time.process_time() - ended):.0f} ms"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "level.wad"
        for name, number, data in (
            ("data centre", 1, wad_of(inhabit(draft, groups), assets)),
            ("E1M2", 2, crowded(assets, options.wad, sum(group.population for group in groups))),
        ):
            path.write_bytes(data)
            compare(name, load(options.wad, path), number, options)


def compare(name: str, assets: Assets, number: int, options: argparse.Namespace) -> None:
    """Print what frames and tics cost in map `number` of episode 1."""
    frames = frame_times(assets, assets.map(f"E1M{number}"), options.views)
    count, tics = tic_times(assets, number, options.tics)
    print(
        f"{name} with {count} demons: frame {median(frames):.1f} ms (95th percentile {high(frames):.1f}), "
        f"tic {median(tics):.1f} ms (95th percentile {high(tics):.1f})"
    )


def crowded(assets: Assets, wad: str, count: int) -> bytes:
    """A WAD with E1M2 and so many demons more, on random points of a grid where there is floor and room."""
    data = assets.map("E1M2")
    world = load_world(assets, data, skill=0)
    boxes = [bounds(data, sector) for sector in range(len(data.sectors))]
    (low_x, low_y), (high_x, high_y) = data.vertexes.min(axis=0).tolist(), data.vertexes.max(axis=0).tolist()
    places = []
    for x in range(low_x, high_x, STEP):
        for y in range(low_y, high_y, STEP):
            sector = point_in_subsector(world, x * FRACUNIT, y * FRACUNIT).sector
            left, bottom, right, top = boxes[sector.index]
            room = sector.ceilingheight - sector.floorheight >= LEAST_ROOM * FRACUNIT
            if left < x < right and bottom < y < top and room:
                places.append((x, y, 0, DEMON, 7))
    chosen = random.Random(1).sample(places, min(count, len(places)))
    lumps = read_wad(wad).lumps
    start = [lump.name for lump in lumps].index("E1M2")
    level = {lump.name: lump.data for lump in lumps[start : start + 11]}
    level["THINGS"] += np.array(chosen, "<i2").tobytes()
    return pack_wad(level.items())


def bounds(data: MapData, sector: int) -> tuple[int, int, int, int]:
    """The box around a sector: left, bottom, right, top."""
    sides = np.flatnonzero(data.sidedefs.sector == sector)
    lines = data.linedefs[np.isin(data.linedefs[:, 5], sides) | np.isin(data.linedefs[:, 6], sides)]
    ends = data.vertexes[lines[:, :2].ravel()]
    (left, bottom), (right, top) = ends.min(axis=0).tolist(), ends.max(axis=0).tolist()
    return left, bottom, right, top


def frame_times(assets: Assets, data: MapData, views: int) -> list[float]:
    """Milliseconds of frames from where demons stand."""
    world = load_world(assets, data)
    renderer = make_renderer(assets, 320, 200, 11)
    chance = random.Random(1)
    demons = data.things[data.things[:, 3] == DEMON].tolist()
    times = []
    for number in range(views + 3):
        x, y, *_ = chance.choice(demons)
        player = stand(world, (x + 24) * FRACUNIT, y * FRACUNIT, chance.getrandbits(32))
        began = time.process_time()
        renderer.draw(world, player)
        if number >= 3:  # the first load textures
            times.append(1000 * (time.process_time() - began))
    return times


def tic_times(assets: Assets, number: int, tics: int) -> tuple[int, list[float]]:
    """How many demons there are, and milliseconds of tics with all of them awake."""
    machine = Machine(assets)
    session = machine.session
    session.start(Rules(), Level(1, number))
    world = session.world
    machine.tic()
    world.players[0].cheats |= GOD_MODE
    demons = [thing for thing in world.thinkers if isinstance(thing, Mobj) and thing.type == MT_SERGEANT]
    for each, demon in enumerate(demons):  # targeting the player, and out of step
        demon.target = world.players[0].mo
        states.set_mobj_state(world, demon, demon.info.seestate)
        demon.tics = 1 + each % max(demon.tics, 1)
    times = []
    for _ in range(tics):
        began = time.process_time()
        machine.tic()
        times.append(1000 * (time.process_time() - began))
    return len(demons), times


def high(values: list[float]) -> float:
    """The 95th percentile."""
    return sorted(values)[int(0.95 * (len(values) - 1))]


if __name__ == "__main__":
    main()
