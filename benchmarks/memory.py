"""Memory over a long stay in the title loop: its pages and demos at full speed, without a window.

    python -m benchmarks.memory [--wad FILE] [--tics N] [--resolution WxH]

The default is an hour's 126,000 tics. Growth means resident memory over the second half of the run; a
short run is still loading graphics then.
"""

from __future__ import annotations

import argparse
import resource
import sys
from pathlib import Path

import numpy as np

from pydoom import wad
from pydoom.run.machine import Machine

SAMPLES = 20
HOUR_TICS = 126_000


def resident_kib() -> int:
    """Resident memory of this process now, or its peak where the system reports only that."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() // 1024
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most // 1024 if sys.platform == "darwin" else most


def samples(wad_path: Path, tics: int, resolution: tuple[int, int]) -> list[int]:
    """KiB after every twentieth of `tics`."""
    game = Machine(wad.load(wad_path), resolution=resolution)
    session = game.session
    session.start_title()
    found = []
    for tic in range(1, tics + 1):
        game.tic()
        game.draw()
        game.colours()
        if tic % max(tics // SAMPLES, 1) == 0:
            found.append(resident_kib())
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wad", type=Path, default=Path("wads/doom1.wad"))
    parser.add_argument("--tics", type=int, default=HOUR_TICS)
    parser.add_argument("--resolution", default="320x200")
    options, _ = parser.parse_known_args()
    width, height = map(int, options.resolution.split("x"))
    found = samples(options.wad, options.tics, (width, height))
    step = max(options.tics // SAMPLES, 1)
    for number, kib in enumerate(found, 1):
        print(f"after {number * step:7} tics: {kib / 1024:6.1f} MiB")
    half = len(found) // 2
    slope = float(np.polyfit(np.arange(len(found) - half) * step, found[half:], 1)[0])
    print(
        f"growth over the second half: {slope * 1000:+.1f} KiB in 1,000 tics, {slope * HOUR_TICS / 1024:+.1f} MiB/hour"
    )


if __name__ == "__main__":
    main()
