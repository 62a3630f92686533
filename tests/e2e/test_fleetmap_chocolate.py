"""Data centres in Chocolate Doom: the same demo has the same frames, the same statistics, and saves the same game.

`PYDOOM_FLEET_LEVELS=FIRST:LAST` plays the levels of these numbers instead of two; 0:20 takes some minutes.
"""

import os
import random
from pathlib import Path

import pytest

from pydoom import wad
from pydoom.data.infotables import load_info
from pydoom.fleetmap.draft import Group
from pydoom.fleetmap.inhabit import inhabit
from pydoom.fleetmap.plan import plan
from pydoom.fleetmap.stock import Stock
from pydoom.fleetmap.wadfile import wad_of
from pydoom.run.machine import Machine
from pydoom.screens.settings import Settings
from pydoom.wad.archive import read_wad
from pydoom.wad.pack import pack_wad
from tests.e2e import bent_maps, tapped
from tests.e2e.test_dehacked_chocolate import (
    CHOCOLATE,
    assert_same_games,
    demo_that_saves,
    saved_by_chocolate,
    saved_by_us,
)
from tests.narrow import some

FREEDOOM = (Path("/usr/share/games/doom/freedoom1.wad"), Path("/usr/share/games/doom/freedoom2.wad"))
PADDING = bytes(128)
"""As many bytes as a column's drawer can read past the end of a lump, where the original shows what is in memory."""
TICS = 350
FIRST, LAST = (int(number) for number in os.environ.get("PYDOOM_FLEET_LEVELS", "0:2").split(":"))

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(CHOCOLATE is None, reason="chocolate-doom is not installed"),
    pytest.mark.skipif(not all(iwad.is_file() for iwad in FREEDOOM), reason="Freedoom is not installed"),
]


@pytest.fixture(scope="module")
def tap(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tapped.build_tap(tmp_path_factory.mktemp("tap"))


@pytest.fixture(scope="module")
def iwads(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Freedoom's IWADs, with padded patches."""
    folder = tmp_path_factory.mktemp("padded")
    return padded(FREEDOOM[0], folder), padded(FREEDOOM[1], folder)


def padded(iwad: Path, folder: Path) -> Path:
    lumps = []
    ends = None
    for lump in read_wad(iwad).lumps:
        if lump.name in ("S_START", "P_START"):
            ends = f"{lump.name[0]}_END"
        elif lump.name == ends:
            ends = None
        lumps.append((lump.name, lump.data + PADDING if ends and lump.data else lump.data))
    path = folder / iwad.name
    path.write_bytes(pack_wad(lumps, "IWAD"))
    return path


def fleet_level(iwads: tuple[Path, Path], folder: Path, number: int) -> tuple[Path, Path, bytes]:
    """The IWAD, a data centre of up to 20 groups over it, and a demo in it; determined by `number` alone."""
    chance = random.Random(number)
    iwad = iwads[number % 2]
    groups = [
        Group(f"service-{group}", chance.choice((1, 2, 3, 8, 20)), chance.choice((0, 0, 1)))
        for group in range(chance.randrange(21))
    ]
    draft = plan(groups, number, Stock.of(wad.load(iwad)), "MAP01" if number % 2 else "E1M1", 1)
    level = folder / "fleet.wad"
    level.write_bytes(wad_of(inhabit(draft, groups), wad.load(iwad)))
    return iwad, level, bent_maps.random_demo(chance, TICS)


@pytest.mark.parametrize("number", range(FIRST, LAST))
def test_demo_in_a_data_centre_is_the_same_in_chocolate_doom(
    tap: Path, iwads: tuple[Path, Path], tmp_path: Path, number: int
) -> None:
    iwad, level, demo = fleet_level(iwads, tmp_path, number)
    assets = wad.load(iwad, level)
    theirs = tapped.frames_of(some(CHOCOLATE), tap, tmp_path / "tapped", iwad, demo, "-file", level)
    ours = tapped.our_frames(Machine(assets, Settings(screenblocks=10)), demo)
    assert len(theirs) > TICS - 5
    assert tapped.first_difference(ours, theirs) == ""
    saving = demo_that_saves(demo, TICS)
    session, saved = saved_by_us(tmp_path, assets, load_info(), saving)
    assert_same_games(session, saved, saved_by_chocolate(tmp_path, iwad, saving, "-file", level))
