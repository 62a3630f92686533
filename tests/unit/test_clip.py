"""The README's clip: what `make clip` records shows containers that are shot and gone, always in the same way."""

from pathlib import Path

import av
import pytest

from pydoom.wad import WadError
from pydoom.wad.find import find_iwad
from tests.narrow import some
from tools.clip import Scene, record


@pytest.fixture(scope="module")
def freedoom() -> Path:
    try:
        found = find_iwad("freedoom1.wad")
    except WadError:
        found = None
    if found is None:
        pytest.skip("Freedoom is not installed")
    return found.path


@pytest.mark.slow
def test_the_clip_shows_containers_being_shot(freedoom: Path, tmp_path: Path) -> None:
    scene = Scene(freedoom, tmp_path / "clip.mkv")
    try:
        scene.prepare()
        record(scene, tmp_path)
    finally:
        scene.game.close()
    deaths = list(scene.containers.record.feed)
    assert len(deaths) >= 3
    assert {death.what for death in deaths} == {"is removed"}
    assert {path.stem for path in tmp_path.glob("*.png")} == {"monsters", "rocket", "automap", "list"}
    with av.open(str(tmp_path / "clip.mkv")) as file:
        assert 8 <= some(file.duration) / av.time_base <= 12
