"""The cost of sound: mixing effects and music, per tic for videos and per packet for listeners.

    python -m benchmarks.sound [--wad FILE] [--demo DEMO1] [--tics N]

Plays a demo, and after each tic times making its effects, its music and both, in processor time. A packet has 512
samples, 11.6 ms, of a mixer with all channels busy.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from pydoom import wad
from pydoom.audio.effects import MIXER_RATE
from pydoom.audio.mixer import Mixer
from pydoom.audio.soundtrack import TIC_FRAMES, Soundtrack
from pydoom.cli.demofile import start_demo
from pydoom.data.infotables import load_info
from pydoom.devices.speakers import Speakers
from pydoom.game.sounds import NUM_CHANNELS
from pydoom.run.headless import play_through
from pydoom.run.machine import Machine

PACKET_FRAMES: Final = 512
_REPEATS: Final = 500
_LOUD: Final = 120
_CENTER: Final = 128
_NORMAL_PITCH: Final = 127


def milliseconds(work: Callable[[], object]) -> float:
    """Processor time of one call."""
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


def report(name: str, times: list[float], available: float) -> None:
    """Print one line: median, 95 %, worst, and the share of the sound's duration."""
    middle, most, worst = np.median(times), np.percentile(times, 95), max(times)
    share = 100 * np.mean(times) / available
    print(f"{name:28} {middle:8.3f} {most:8.3f} {worst:8.3f} {share:7.1f} %", flush=True)


def by_tic(path: Path, demo: str, tics: int) -> None:
    """Measure a demo's soundtrack, with and without music."""
    available = TIC_FRAMES / MIXER_RATE * 1000
    for with_music in (True, False):
        assets, info = wad.load(path), load_info()
        track = Soundtrack(assets, info.sounds)
        speakers = Speakers(track.device, track.music) if with_music else Speakers(track.device)
        game = Machine(assets, info=info, speakers=speakers)
        session = game.session
        start_demo(session, demo)
        mixing, starting = [], []
        for _ in islice(play_through(game, draw=False), tics):
            ears = session.world.players[session.world.consoleplayer].mo
            starting.append(milliseconds(partial(session.sounds.update, ears)))
            mixing.append(milliseconds(track.tic))
        report(f"{'effects and music' if with_music else 'effects'}, a tic", mixing, available)
    report("placing effects, a tic", starting, available)


def by_packet(path: Path) -> None:
    """Measure the busiest mixer: all channels play, without music."""
    assets = wad.load(path)
    sounds = Machine(assets).session.world.info.sounds
    lengths = {sound.name: len(found.samples) for sound in sounds if (found := assets.sound(sound.name))}
    long_sounds = sorted((sound for sound in sounds if sound.name in lengths), key=lambda sound: -lengths[sound.name])
    mixer = Mixer(assets.sound, sounds)
    times = []
    for _ in range(_REPEATS):
        for channel in range(NUM_CHANNELS):
            if not mixer.playing(channel):
                mixer.start(channel, long_sounds[channel], _LOUD, _CENTER, _NORMAL_PITCH)
        times.append(milliseconds(lambda: mixer.render(PACKET_FRAMES).tobytes()))
    report(f"{NUM_CHANNELS} effects, a packet", times, PACKET_FRAMES / MIXER_RATE * 1000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wad", type=Path, default=Path("wads/doom1.wad"))
    parser.add_argument("--demo", default="DEMO1")
    parser.add_argument("--tics", type=int, default=2000)
    options, _ = parser.parse_known_args()
    print(f"{'milliseconds of processor time':28} {'median':>6} {'95 %':>8} {'worst':>8} {'of its time':>9}")
    by_tic(options.wad, options.demo, options.tics)
    by_packet(options.wad)


if __name__ == "__main__":
    main()
