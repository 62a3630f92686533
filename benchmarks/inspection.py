"""From aiming at a container's monster to its details on the screen.

    python -m benchmarks.inspection [--looks 20] [--wad FILE]

A real game, 35 tics a second, and a real bridge. With a Docker engine that has the image `busybox`, the bridge inspects
containers that are started for it; otherwise it simulates them. Each look turns the player to a monster and takes the
time until the frames are drawn that have the engine's answer, and CPU and memory use. Before that, the monster was
either behind the player and its container unknown, or for some seconds in sight without being aimed at.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import docker

from benchmarks.fleet import ROOT, TICRATE, percentile
from pydoom.containers import connect
from pydoom.containers.fleet.roster import Entry
from pydoom.containers.layer import Containers
from pydoom.data.infotables import load_info
from pydoom.game.dehacked import patch_game
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.run.machine import Machine
from pydoom.sim import links
from pydoom.sim.mobj import Mobj
from pydoom.wad import load

CONTAINERS: Final = 4
WEST: Final = 0x80000000
ASIDE: Final = WEST + 0x12000000
"""About 25 degrees from the monster: it is in sight."""
EAST: Final = 0
EYE: Final = (1900, -3550)
TARGET: Final = (1700, -3550)
PARKED: Final = (2100, -3550)
"""Places in E1M1's courtyard, in map units: the player, the monster to look at, and the others behind the player."""
AIM_SECONDS: Final = 0.3
PATIENCE_SECONDS: Final = 10.0
AWAY_TICS: Final = 12
ASIDE_TICS: Final = 90
"""Tics that the player looks away or aside before a look."""


@dataclass(slots=True)
class Look:
    """Seconds from a turn to the frame with what the list says, with the engine's answer, with CPU and memory use."""

    listed: float
    answered: float
    used: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--looks", type=int, default=20)
    parser.add_argument("--wad", default=str(ROOT / "wads" / "doom1.wad"))
    options, _ = parser.parse_known_args()
    with victims() as (what, flags), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s"
        command = [sys.executable, "-m", "hostbridge", "-q", "--socket", str(path), "--audit", f"{folder}/audit"]
        bridge = subprocess.Popen([*command, "--dry-run", *flags], cwd=ROOT)
        try:
            for how, angle, tics in (("out of sight", EAST, AWAY_TICS), ("in sight", ASIDE, ASIDE_TICS)):
                report(f"{what}, {how} before", *play(options.wad, path, options.looks, angle, tics))
        finally:
            bridge.terminate()
            bridge.wait()


@contextlib.contextmanager
def victims() -> Iterator[tuple[str, list[str]]]:
    """Containers of their own on the Docker engine, and the bridge's flags to see only those; or simulated ones."""
    try:
        client = docker.from_env()
        client.images.get("busybox")
    except docker.errors.DockerException:
        yield "simulated containers", ["--backend", "simulated", "--fleet", str(CONTAINERS), "--churn", "0"]
        return
    label = f"pydoom.benchmark={uuid.uuid4().hex}"
    key, _, value = label.partition("=")
    made = []
    try:
        for _ in range(CONTAINERS):
            made.append(client.containers.run("busybox", ["sleep", "3600"], labels={key: value}, detach=True))
        version = client.version()["Version"]
        yield f"containers of Docker {version}", ["--include", f"label={label}"]
    finally:
        for container in made:
            container.remove(force=True)
        client.close()


def play(wad: str, path: Path, looks: int, angle: int, tics: int) -> tuple[list[Look], list[float]]:
    """The looks, and the time of each tic with its frame, in seconds."""
    assets, info = load(wad), load_info()
    patch_game(info, assets)
    machine = Machine(assets, info=info, connect=lambda renderer: connect(f"unix://{path}", assets, info, renderer))
    layer, session = machine.containers, machine.session
    assert isinstance(layer, Containers)
    session.start(Rules(nomonsters=True), Level(1, 1))
    costs: list[float] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(layer.roster.entries) < CONTAINERS or layer.roster.waiting():
        if time.monotonic() > deadline:
            raise SystemExit("the containers did not come: does the bridge run?")
        step(machine, [])
        time.sleep(1 / TICRATE)
    entries = list(layer.roster.entries.values())
    player = session.world.players[session.world.consoleplayer].mo
    found = []
    for number in range(looks):
        target = entries[number % len(entries)]
        for entry in entries:
            assert entry.mobj is not None
            entry.mobj.tics = -1  # it stands still
            move(machine, entry.mobj, TARGET if entry is target else PARKED)
        move(machine, player, EYE)
        layer.inspector.forget(target.info.id)
        player.angle = angle
        began = time.perf_counter()
        for _ in range(tics):
            step(machine, costs)
            wait(began)
        found.append(look(machine, layer, target, player, costs))
    layer.close()
    return found, costs


def look(machine: Machine, layer: Containers, target: Entry, player: Mobj, costs: list[float]) -> Look:
    """Turn to the monster, and play on until the engine's answer is on the screen."""
    player.angle = WEST
    began = time.perf_counter()
    listed = answered = 0.0
    while time.perf_counter() - began < PATIENCE_SECONDS:
        step(machine, costs)
        now = time.perf_counter() - began
        listed = listed or now
        facts = layer.inspector.facts(target.info.id)  # heard before this frame was drawn
        answered = answered or (now if facts is not None else 0.0)
        if facts is not None and facts.cpus is not None:
            return Look(listed, answered, now)
        wait(began)
    raise SystemExit("no answer came")


def step(machine: Machine, costs: list[float]) -> None:
    """Run a tic and draw its frame; note its time."""
    began = time.perf_counter()
    machine.tic()
    machine.draw()
    costs.append(time.perf_counter() - began)


def wait(began: float) -> None:
    """Wait for the next tic of a clock that was started at `began`."""
    left = 1 / TICRATE - (time.perf_counter() - began) % (1 / TICRATE)
    time.sleep(left)


def move(machine: Machine, mobj: Mobj, place: tuple[int, int]) -> None:
    """Put a thing on the floor at this place."""
    links.unset_thing_position(machine.session.world, mobj)
    mobj.x, mobj.y = place[0] << 16, place[1] << 16
    links.set_thing_position(machine.session.world, mobj)
    mobj.z = mobj.floorz = mobj.subsector.sector.floorheight


def report(what: str, looks: list[Look], costs: list[float]) -> None:
    """Print the figures."""
    for name, seconds in (
        ("aim to state and image", [each.listed for each in looks]),
        ("aim to age, restarts and ports", [each.answered for each in looks]),
        ("aim to CPU and memory use", [each.used for each in looks]),
        ("a tic and its frame", costs),
    ):
        median, most, worst = (1000 * each for each in (percentile(seconds, 50), percentile(seconds, 95), max(seconds)))
        print(f"{what}: {name}: median {median:.0f} ms, 95 % within {most:.0f} ms, worst {worst:.0f} ms")
    whole, all_but_use = (sum(each <= AIM_SECONDS for each in seconds) for seconds in
                          ([look.used for look in looks], [look.answered for look in looks]))  # fmt: skip
    print(f"{what}: within 300 ms in {whole} of {len(looks)} looks, without CPU and memory use in {all_but_use}")


if __name__ == "__main__":
    main()
