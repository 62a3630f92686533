"""A game recorded by pydoom plays the same in pydoom and, to its level statistics, in Chocolate Doom."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pydoom.game.demo import parse_demo
from pydoom.game.displays import Displays
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.game.session import Session
from pydoom.game.statdump import format_stats
from pydoom.screens.intermission import Intermission
from pydoom.sim.ticcmd import TicCmd
from pydoom.wad import Assets, load
from tests.golden import recordings

pytestmark = pytest.mark.golden

SCRIPT = "inter_e1m1_s1"
"""The player's commands: from the start of E1M1 through its exit into E1M2."""


def record(assets: Assets, path: Path) -> list[str]:
    """Play the scripted game as if at the keyboard; returns its tic rows."""
    session, rows = traced_session(assets)
    session.start(Rules(skill=1), Level(1, 1))
    session.record_demo(path)
    script = parse_demo(recordings.demo_bytes(assets, SCRIPT))
    cmd = TicCmd()
    while script.read(cmd):
        session.run_tic({0: cmd})
    session.check_demo_status()
    return rows


def traced_session(assets: Assets) -> tuple[Session, list[str]]:
    """A session, and the rows of the tics that it plays."""
    observer = recordings.TicRows()
    return Session(assets, displays=Displays(intermission=Intermission(assets)), observers=[observer]), observer.rows


def test_recorded_game_plays_in_sync_here_and_in_chocolate_doom(wad_path: Path, tmp_path: Path) -> None:
    assets = load(wad_path)
    played = record(assets, tmp_path / "mine.lmp")
    session, replayed = traced_session(assets)
    session.play_demo((tmp_path / "mine.lmp").read_bytes(), single=True)
    while not session.over:
        session.run_tic()
    assert replayed == played
    assert len(session.level_log) == 1
    assert chocolate_stats(wad_path, tmp_path) == format_stats(session.level_log)


def chocolate_stats(wad: Path, folder: Path) -> str:
    program = shutil.which("chocolate-doom", path=os.environ["PATH"] + ":/usr/games")
    if program is None:
        pytest.skip("Chocolate Doom is not installed (Debian: apt install chocolate-doom)")
    environment = os.environ | {"HOME": str(folder), "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    subprocess.run(
        [
            *(program, "-iwad", str(wad), "-timedemo", "mine", "-nodraw", "-nosound", "-nogui"),
            *("-statdump", "stats.txt"),
        ],
        cwd=folder,
        env=environment,
        capture_output=True,
        check=False,  # a timedemo ends with its result as an error
        timeout=120,
    )
    return (folder / "stats.txt").read_text()
