"""Maps with faults that the original does not mind: the same demo must save the same game in Chocolate Doom."""

from pathlib import Path

import pytest

from pydoom import wad
from pydoom.data.infotables import load_info
from tests.e2e.test_dehacked_chocolate import (
    CHOCOLATE,
    FREEDOOM,
    assert_same_games,
    saved_by_chocolate,
    saved_by_us,
)

MAPS = Path(__file__).parent / "maps"


@pytest.mark.e2e
@pytest.mark.skipif(CHOCOLATE is None, reason="chocolate-doom is not installed")
@pytest.mark.skipif(not FREEDOOM.is_file(), reason="Freedoom is not installed")
def test_sidedefs_that_no_line_uses_may_name_any_sector(tmp_path: Path) -> None:
    level, demo = MAPS / "unused-sidedefs.pwad", (MAPS / "unused-sidedefs.lmp").read_bytes()
    session, ours = saved_by_us(tmp_path, wad.load(FREEDOOM, level), load_info(), demo)
    assert_same_games(session, ours, saved_by_chocolate(tmp_path, FREEDOOM, demo, "-file", level))
