"""The long form of `unit/test_renderer.py`: both renderers at random views of all maps, at all sizes and view options::

    python -m tests.compare_renderers [--views N] [--seed N] [--wad FILE ...]

For each map it draws N views at each resolution, in high and low detail, each time with another view size, so that
all sizes are used. It stops at the first pixel that differs, and says where. To compare the compiled core, use a Python
that has it: ``make test-compiled`` leaves one in ``build/compiled``.
"""

from __future__ import annotations

import argparse
import itertools
import random
from pathlib import Path
from typing import Final

from pydoom import wad
from pydoom.core import core_name
from tests.conftest import WAD
from tests.unit.test_renderer import assert_same_views
from tests.viewpoints import load_world, odd_views

SIZES: Final = ((320, 200), (640, 400), (1280, 800))
VIEW_SIZES: Final = range(3, 12)
"""Screen blocks."""


def compare(path: Path, views: int, seed: int) -> int:
    """Compare both renderers in all maps of a WAD; return the number of views."""
    assets = wad.load(path)
    chance = random.Random(seed)
    rounds = itertools.cycle(VIEW_SIZES)
    count = 0
    for name in assets.map_names:
        world = load_world(assets, name)
        for size, detail in itertools.product(SIZES, (0, 1)):
            blocks, number = next(rounds), chance.getrandbits(32)
            try:
                assert_same_views(assets, world, odd_views(world, views, number), *size, blocks, detail)
            except AssertionError as error:
                raise AssertionError(f"{path.name} {name} {size} {blocks=} {detail=} seed={number}: {error}") from error
            count += views
        print(f"{path.name} {name}: the same", flush=True)
    return count


def main() -> None:
    """Read the command line and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    freedoom = Path("/usr/share/games/doom").glob("freedoom[12].wad")
    parser.add_argument("--wad", type=Path, nargs="+", default=[WAD, *sorted(freedoom)])
    parser.add_argument("--views", type=int, default=20, help="views of each map, resolution and detail")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    count = sum(compare(path, options.views, options.seed) for path in options.wad)
    print(f"{core_name()} core: {count} views, no pixel differs")


if __name__ == "__main__":
    main()
