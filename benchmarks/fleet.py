"""A fleet of 1,000 containers: how long the bridge takes to answer, and what a level full of their monsters costs.

    python -m benchmarks.fleet [--fleet 1000] [--churn 50] [--seconds 10] [--wad FILE] [--map 2] [--real]

Bridge: a real process with the simulated backend and `churn` arrivals and departures a second, asked for its list again
and again over the socket. Game: one level in which every container has its monster, all of them awake, with tics and
frames timed separately. With --real the bridge lists the containers of the Docker engine instead.
"""

from __future__ import annotations

import argparse
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pydoom.containers.layer import Containers
from pydoom.containers.level.species import Species, SpeciesRule
from pydoom.containers.link.events import BridgeEvent, BridgeLink, Connected, ContainerInfo, Listed, Order
from pydoom.containers.picture.overlay import Overlay
from pydoom.data.infotables import load_info
from pydoom.game.dehacked import patch_game
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.render.interface import ViewRenderer
from pydoom.run.machine import Machine
from pydoom.screens.font import Font
from pydoom.sim import states
from pydoom.wad import load

ROOT = Path(__file__).resolve().parent.parent
TICRATE = 35


def percentile(values: list[float], percent: float) -> float:
    """The percentile: the value that `percent` of the values do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * percent / 100))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fleet", type=int, default=1000)
    parser.add_argument("--churn", type=float, default=50, help="arrivals and departures a second")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--wad", default=str(ROOT / "wads" / "doom1.wad"))
    parser.add_argument("--map", type=int, default=2, help="map of episode 1; the second has room for 1,000")
    parser.add_argument("--real", action="store_true", help="list the Docker engine's containers (kills nothing)")
    options, _ = parser.parse_known_args()
    bridge(options)
    game(options)


def bridge(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s"
        flags = ["--backend", "simulated", "--fleet", str(options.fleet), "--churn", str(options.churn * 60)]
        if options.real:
            flags = ["--dry-run"]
        command = [
            sys.executable,
            "-m",
            "hostbridge",
            "-q",
            "--socket",
            str(path),
            "--audit",
            f"{folder}/audit",
            *flags,
        ]
        process = subprocess.Popen(command, cwd=ROOT)
        try:
            while not ask(path):
                time.sleep(0.1)
            for request in (b"list\n", b'{"type":"list"}\n'):
                measure(path, request, options.seconds)
            status = Path(f"/proc/{process.pid}/status").read_text()
            memory = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
            print(f"bridge: {int(memory) / 1024:.0f} MB at most")
        finally:
            process.terminate()
            process.wait()


def measure(path: Path, request: bytes, seconds: float) -> None:
    times, size = [], 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.perf_counter()
        size = len(ask(path, request))
        times.append((time.perf_counter() - began) * 1000)
        time.sleep(0.005)
    print(
        f"bridge: {request.decode().strip()} of {size} bytes: median {percentile(times, 50):.2f} ms, "
        f"99 % within {percentile(times, 99):.2f} ms ({len(times)} times)"
    )


def ask(path: Path, request: bytes = b"list\n") -> bytes:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except OSError:
            return b""
        client.sendall(request)
        client.shutdown(socket.SHUT_WR)
        data = b""
        while chunk := client.recv(1 << 20):
            data += chunk
        return data


class Fleet(BridgeLink):
    """A client whose bridge lists `count` containers and sends nothing more."""

    def __init__(self, count: int) -> None:
        found = tuple(ContainerInfo(f"{number:064x}", f"container-{number}", created=number) for number in range(count))
        self._news: list[BridgeEvent] = [Connected(), Listed(found)]

    def events(self) -> Iterator[BridgeEvent]:
        while self._news:
            yield self._news.pop(0)

    def send(self, order: Order) -> None:
        pass

    def close(self) -> None:
        pass


def game(options: argparse.Namespace) -> None:
    assets = load(options.wad)
    info = load_info()
    patch_game(info, assets)

    def connect(renderer: ViewRenderer) -> Containers:
        species = Species(SpeciesRule.DEMON, info, assets.sprites)
        return Containers(Fleet(options.fleet), Overlay(Font(assets), assets.colormaps, renderer.seen_things), species)

    played = Machine(assets, info=info, connect=connect)
    session, layer = played.session, played.containers
    assert isinstance(layer, Containers)
    session.start(Rules(), Level(1, options.map))
    session.world.players[0].cheats |= 2  # God mode: the benchmark is not about dying
    began = time.perf_counter()
    for _ in range(500):
        layer.before_tic(session)
        if layer.status() or (layer.roster.entries and not layer.roster.waiting()):
            break
    placing = time.perf_counter() - began
    monsters = [entry.mobj for entry in layer.roster.entries.values() if entry.mobj is not None]
    waiting = len(layer.roster.waiting())
    print(f"game: {len(monsters)} monsters placed, {waiting} waiting for room, in {placing * 1000:.0f} ms")
    for number, monster in enumerate(monsters):  # awake, targeting the player, and out of step
        monster.target = session.world.players[0].mo
        states.set_mobj_state(session.world, monster, monster.info.seestate)
        monster.tics = 1 + number % max(monster.tics, 1)
    run(played)


def run(played: Machine) -> None:
    tics, frames = [], []
    for _ in range(TICRATE * 10):
        began = time.process_time()
        played.tic()
        middle = time.process_time()
        played.draw()
        tics.append((middle - began) * 1000)
        frames.append((time.process_time() - middle) * 1000)
    both = [tic + frame for tic, frame in zip(tics, frames, strict=True)]
    for name, times in (("tic", tics), ("frame", frames), ("both", both)):
        middle, most, worst = percentile(times, 50), percentile(times, 95), max(times)
        print(f"game: {name}: processor time median {middle:.1f} ms, 95 % within {most:.1f} ms, worst {worst:.1f} ms")
    budget = 1000 / TICRATE
    print(f"game: {sum(each <= budget for each in both) * 100 // len(both)} % of the tics within {budget:.1f} ms")


if __name__ == "__main__":
    main()
