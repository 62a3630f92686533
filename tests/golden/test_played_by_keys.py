"""Menus, automap, cheats, view sizes, several players, tallies, finale and title loop: every frame, colour and sound.

The same keys were given to Chocolate Doom. Each frame's indexes and colours have to be the same, those of melts
included, and so have the sounds asked for and the random numbers drawn.
"""

from pathlib import Path

import pytest

from pydoom.wad import Assets, load
from tests.golden import keyboard, recordings
from tests.golden.exit_rooms import write_exit_rooms

pytestmark = pytest.mark.golden


@pytest.fixture(scope="module")
def wads(wad_path: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Assets]:
    rooms = tmp_path_factory.mktemp("rooms") / "doom1.wad"
    write_exit_rooms(wad_path, rooms)
    return {"shareware": load(wad_path), "rooms": load(rooms)}


@pytest.mark.parametrize("name", keyboard.PLAYED)
def test_every_frame_and_sound_is_the_original_s(wads: dict[str, Assets], name: str, tmp_path: Path) -> None:
    played = keyboard.Keyboard(wads[keyboard.read_script(name).wad], name, tmp_path)
    assert recordings.first_difference(list(played.rows()), keyboard.golden(name), keyboard.COLUMNS) == ""
