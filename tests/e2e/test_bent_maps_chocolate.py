"""Bent levels in pydoom and in Chocolate Doom: after some seconds of random play the saved games must be the same.

`PYDOOM_BENT_MAPS=FIRST:LAST` tries the levels of these seeds instead of a few; an hour is good for about 8,000.
"""

import os
import subprocess
from pathlib import Path

import pytest

from pydoom import wad
from pydoom.data.infotables import load_info
from pydoom.game.dehacked import patch_game
from tests.e2e import bent_maps
from tests.e2e.test_dehacked_chocolate import (
    CHOCOLATE,
    assert_same_games,
    demo_that_saves,
    saved_by_chocolate,
    saved_by_us,
)

FREEDOOM = (Path("/usr/share/games/doom/freedoom1.wad"), Path("/usr/share/games/doom/freedoom2.wad"))
TICS = 400
FIRST, LAST = (int(number) for number in os.environ.get("PYDOOM_BENT_MAPS", "0:10").split(":"))


@pytest.mark.e2e
@pytest.mark.skipif(CHOCOLATE is None, reason="chocolate-doom is not installed")
@pytest.mark.skipif(not all(iwad.is_file() for iwad in FREEDOOM), reason="Freedoom is not installed")
@pytest.mark.parametrize("seed", range(FIRST, LAST))
def test_bent_level_plays_the_same_in_chocolate_doom(tmp_path: Path, seed: int) -> None:
    iwad, pwad, patch, demo = bent_maps.bent(FREEDOOM, seed, TICS)
    level, dehacked = tmp_path / "bent.wad", tmp_path / "bent.deh"
    level.write_bytes(pwad)
    dehacked.write_bytes(patch or b"Patch File for DeHackEd v3.0\n")
    info = load_info()
    assets = wad.load(iwad, level)
    patch_game(info, assets, [dehacked])
    saving = demo_that_saves(demo, TICS)
    theirs = saved_if_it_can(tmp_path, iwad, saving, "-file", level, "-deh", dehacked)
    if theirs is None:
        assert "PYDOOM_BENT_MAPS" in os.environ, "the usual levels neither end nor make the original give up"
        return
    session, ours = saved_by_us(tmp_path, assets, info, saving)
    assert_same_games(session, ours, theirs)


def saved_if_it_can(folder: Path, iwad: Path, demo: bytes, *options: str | Path) -> bytes | None:
    """The game that a demo saves in Chocolate Doom; None when it does not come so far."""
    try:
        return saved_by_chocolate(folder, iwad, demo, *options)
    except (AssertionError, subprocess.TimeoutExpired):
        return None
