"""Saves of pydoom's that Chocolate Doom loaded, played for a second or two without input, and saved again.

``NAME.pydoom.dsg.xz`` is the first file, ``NAME.chocolate.dsg.xz`` the second. Played by pydoom for as many tics, the
first must become the second, pointers excepted.
"""

import lzma
from pathlib import Path

import pytest

from pydoom.game import archive, savegame
from pydoom.game.session import Session
from pydoom.wad import Assets
from tests.savegames import without_pointers

SAVES = Path(__file__).parent / "data" / "saves"
NAMES = sorted(path.name.split(".")[0] for path in SAVES.glob("*.pydoom.dsg.xz"))


@pytest.mark.golden
@pytest.mark.parametrize("name", NAMES)
def test_loaded_game_continues_as_in_the_original(assets: Assets, name: str) -> None:
    ours, theirs = (
        lzma.decompress((SAVES / f"{name}.{writer}.dsg.xz").read_bytes()) for writer in ("pydoom", "chocolate")
    )
    session = Session(assets)
    start, end = savegame.parse(ours, session), savegame.parse(theirs, session)
    savegame.resume(session, start)
    for _ in range(end.header.leveltime - start.header.leveltime):
        session.run_tic()
    assert without_pointers(archive.archive(session.world, end.header.description)) == without_pointers(end)
