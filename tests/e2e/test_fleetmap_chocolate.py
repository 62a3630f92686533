"""Data centres in Chocolate Doom: the same demo has the same frames, the same statistics, and saves the same game.

`PYDOOM_FLEET_LEVELS=FIRST:LAST` plays the levels of these numbers instead of two; 0:20 takes some minutes.
"""

import os
import random
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from pydoom import wad
from pydoom.data.infotables import load_info
from pydoom.fleetmap.doomednums import PLAYER_1
from pydoom.fleetmap.draft import DraftThing, Group
from pydoom.fleetmap.inhabit import inhabit
from pydoom.fleetmap.plan import plan
from pydoom.fleetmap.stock import Stock
from pydoom.fleetmap.wadfile import wad_of
from pydoom.game.demo import HEADER_SIZE
from pydoom.game.session import Session
from pydoom.game.statdump import format_stats
from pydoom.run.machine import Machine
from pydoom.screens.settings import Settings
from pydoom.sim.ticcmd import BT_USE
from tests.e2e import bent_maps, tapped
from tests.e2e.test_dehacked_chocolate import (
    CHOCOLATE,
    CRISPY,
    PATIENCE_S,
    assert_same_games,
    demo_that_saves,
    saved_by_chocolate,
    saved_by_us,
)
from tests.narrow import some

FREEDOOM = (Path("/usr/share/games/doom/freedoom1.wad"), Path("/usr/share/games/doom/freedoom2.wad"))
TICS = 350
FOUR_PLAYERS_TICS = 140
EXIT_SWITCH = 11
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
    return tapped.padded(FREEDOOM[0], folder), tapped.padded(FREEDOOM[1], folder)


def exit_level(iwad: Path, folder: Path) -> Path:
    """A data centre whose player stands in front of the exit's switch."""
    groups = [Group("web", 5), Group("db", 2, 1)]
    draft = inhabit(plan(groups, 1, Stock.of(wad.load(iwad)), "E1M1", 1), groups)
    (switch,) = (line for line in draft.lines if line.special == EXIT_SWITCH)
    (x1, y1), (x2, y2) = switch.start, switch.end
    # the front is on the right of the line
    right_x, right_y = (y2 > y1) - (y2 < y1), (x1 > x2) - (x1 < x2)
    facing = {(0, -1): 90, (0, 1): 270, (1, 0): 180, (-1, 0): 0}[right_x, right_y]
    start = DraftThing((x1 + x2) // 2 + 24 * right_x, (y1 + y2) // 2 + 24 * right_y, facing, PLAYER_1)
    things = tuple(start if thing.type == PLAYER_1 else thing for thing in draft.things)
    level = folder / "exit.wad"
    level.write_bytes(wad_of(replace(draft, things=things), wad.load(iwad)))
    return level


def fleet_level(iwads: tuple[Path, Path], folder: Path, number: int) -> tuple[Path, Path, bytes]:
    """The IWAD, a data centre over it, and a demo in it; determined by `number` alone.

    It has up to 20 groups; each tenth level has a thousand containers in a hundred.
    """
    chance = random.Random(number)
    iwad = iwads[number % 2]
    groups = [
        Group(f"service-{group}", chance.choice((1, 2, 3, 8, 20)), chance.choice((0, 0, 1)))
        for group in range(chance.randrange(21))
    ]
    if number % 10 == 9:
        groups = [Group(f"namespace-{group}", 9, 1) for group in range(100)]
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
    config = tmp_path / "extra.cfg"
    config.write_text("vanilla_savegame_limit 0\n")
    theirs_saved = saved_by_chocolate(tmp_path, iwad, saving, "-file", level, "-extraconfig", config)
    assert_same_games(session, saved, theirs_saved)


def test_four_players_see_the_same_in_chocolate_doom(tap: Path, iwads: tuple[Path, Path], tmp_path: Path) -> None:
    groups = [Group("web", 12), Group("db", 3, 1)]
    level = tmp_path / "fleet.wad"
    draft = plan(groups, 4, Stock.of(wad.load(iwads[0])), "E1M1", players=4)
    level.write_bytes(wad_of(inhabit(draft, groups), wad.load(iwads[0])))
    moves = [bent_maps.random_demo(random.Random(player), FOUR_PLAYERS_TICS)[HEADER_SIZE:-1] for player in range(4)]
    header = bytes([109, 2, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1])
    together = b"".join(move[at : at + 4] for at in range(0, 4 * FOUR_PLAYERS_TICS, 4) for move in moves)
    demo = header + together + b"\x80"
    theirs = tapped.frames_of(some(CHOCOLATE), tap, tmp_path / "tapped", iwads[0], demo, "-file", level)
    ours = tapped.our_frames(Machine(wad.load(iwads[0], level), Settings(screenblocks=10)), demo)
    assert len(theirs) > FOUR_PLAYERS_TICS - 5
    assert tapped.first_difference(ours, theirs) == ""


def test_the_exit_ends_the_level_with_the_same_statistics(iwads: tuple[Path, Path], tmp_path: Path) -> None:
    level = exit_level(iwads[0], tmp_path)
    header = bytes([109, 2, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0])
    use, rest = bytes([0, 0, 0, BT_USE]), bytes(4)
    demo = header + rest * 20 + use + rest * 60 + b"\x80"
    session = Session(wad.load(iwads[0], level), load_info())
    session.play_demo(demo, single=True)
    while not session.over:
        session.run_tic()
    assert len(session.level_log) == 1
    (tmp_path / "exit.lmp").write_bytes(demo)
    environment = os.environ | {"HOME": str(tmp_path), "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    command: list[str | Path] = [
        some(CHOCOLATE),
        "-iwad",
        iwads[0],
        "-file",
        level,
        "-timedemo",
        "exit",
        "-nodraw",
        "-nosound",
        "-nogui",
    ]
    subprocess.run(
        [*command, "-statdump", "stats.txt"], cwd=tmp_path, env=environment, capture_output=True, timeout=PATIENCE_S
    )
    assert (tmp_path / "stats.txt").read_text() == format_stats(session.level_log)
    assert "Kills: 0 / 8" in format_stats(session.level_log)


@pytest.mark.skipif(CRISPY is None, reason="crispy-doom is not installed")
def test_demo_in_a_data_centre_saves_the_same_game_in_crispy_doom(iwads: tuple[Path, Path], tmp_path: Path) -> None:
    iwad, level, demo = fleet_level(iwads, tmp_path, 1)
    saving = demo_that_saves(demo, TICS)
    session, saved = saved_by_us(tmp_path, wad.load(iwad, level), load_info(), saving)
    assert_same_games(session, saved, saved_by_chocolate(tmp_path, iwad, saving, "-file", level, program=CRISPY))
