"""Maps with faults that the original ignores: the same demo must save the same game in Chocolate Doom."""

from pathlib import Path

import pytest

from pydoom import wad
from pydoom.data.infotables import load_info
from pydoom.wad.archive import read_wad
from tests import trees
from tests.e2e.test_dehacked_chocolate import (
    CHOCOLATE,
    CRISPY,
    FREEDOOM,
    TICS,
    assert_same_games,
    demo_that_saves,
    saved_by_chocolate,
    saved_by_us,
)
from tests.unit import wadmaker

GOLDEN = Path(__file__).parents[1] / "golden/data"
MAPS = Path(__file__).parent / "maps"


@pytest.mark.e2e
@pytest.mark.skipif(CHOCOLATE is None, reason="chocolate-doom is not installed")
@pytest.mark.skipif(not FREEDOOM.is_file(), reason="Freedoom is not installed")
def test_unused_sidedefs_may_refer_to_any_sector(tmp_path: Path) -> None:
    level, demo = MAPS / "unused-sidedefs.pwad", (MAPS / "unused-sidedefs.lmp").read_bytes()
    session, ours = saved_by_us(tmp_path, wad.load(FREEDOOM, level), load_info(), demo)
    assert_same_games(session, ours, saved_by_chocolate(tmp_path, FREEDOOM, demo, "-file", level))


@pytest.mark.e2e
@pytest.mark.skipif(CRISPY is None, reason="crispy-doom is not installed")
@pytest.mark.skipif(not FREEDOOM.is_file(), reason="Freedoom is not installed")
@pytest.mark.parametrize("kind", ["DOOM", "XNOD", "ZNOD", "DeePBSP"])
def test_extended_trees_play_the_same_way_in_crispy_doom(tmp_path: Path, kind: str) -> None:
    content = read_wad(FREEDOOM).lumps
    start = [lump.name for lump in content].index("E1M2")
    lumps = {lump.name: lump.data for lump in content[start + 1 : start + 11]}
    if kind == "DeePBSP":
        lumps |= trees.deepbsp(lumps)
    elif kind != "DOOM":
        lumps |= trees.Tree.of(lumps).zdoom(deflated=kind == "ZNOD")
    level = tmp_path / "level.wad"
    level.write_bytes(wadmaker.pack_wad([("E1M1", b""), *lumps.items()], b"PWAD"))
    demo = demo_that_saves((GOLDEN / "e1m1_s2.lmp").read_bytes(), TICS)
    session, ours = saved_by_us(tmp_path, wad.load(FREEDOOM, level), load_info(), demo)
    theirs = saved_by_chocolate(tmp_path, FREEDOOM, demo, "-file", level, program=CRISPY)
    assert_same_games(session, ours, theirs)
