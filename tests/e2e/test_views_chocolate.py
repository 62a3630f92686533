"""Views of all sizes and bent levels, drawn by Debian's Chocolate Doom itself: every pixel and colour is the same."""

from pathlib import Path

import pytest

from pydoom import wad
from pydoom.game.demo import HEADER_SIZE
from pydoom.run.machine import Machine
from pydoom.screens.settings import Settings
from tests.e2e import bent_maps, tapped
from tests.e2e.test_bent_maps_chocolate import FREEDOOM
from tests.e2e.test_bent_maps_chocolate import TICS as BENT_TICS
from tests.e2e.test_dehacked_chocolate import CHOCOLATE
from tests.narrow import some

DEMOS = Path(__file__).parents[1] / "golden/data"
TICS = 105
SIZES = range(3, 12)


@pytest.fixture(scope="module")
def tap(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tapped.build_tap(tmp_path_factory.mktemp("tap"))


@pytest.fixture(scope="module")
def shareware(wad_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shareware WAD, with padded patches."""
    return tapped.padded(wad_path, tmp_path_factory.mktemp("padded"))


@pytest.mark.e2e
@pytest.mark.skipif(CHOCOLATE is None, reason="chocolate-doom is not installed")
@pytest.mark.parametrize("low_detail", [False, True], ids=["high", "low"])
@pytest.mark.parametrize("size", SIZES)
def test_view_of_each_size_is_chocolate_doom_s(
    shareware: Path, tap: Path, tmp_path: Path, size: int, low_detail: bool
) -> None:
    level = (size + (4 if low_detail else 0)) % 9 + 1  # each level once in either detail
    recorded = (DEMOS / f"e1m{level}_s2.lmp").read_bytes()
    demo = recorded[: HEADER_SIZE + 4 * TICS] + b"\x80"
    settings = Settings(screenblocks=size, low_detail=low_detail)
    ours = tapped.our_frames(Machine(wad.load(shareware), settings), demo)
    theirs = tapped.frames_of(some(CHOCOLATE), tap, tmp_path, shareware, demo, screenblocks=size, low_detail=low_detail)
    assert len(theirs) > TICS - 5
    assert tapped.first_difference(ours, theirs) == ""


@pytest.mark.e2e
@pytest.mark.skipif(CHOCOLATE is None, reason="chocolate-doom is not installed")
@pytest.mark.skipif(not all(iwad.is_file() for iwad in FREEDOOM), reason="Freedoom is not installed")
@pytest.mark.parametrize(
    ("seed", "size", "frames"),
    [(500002, 11, BENT_TICS - 5), (520062, 3, BENT_TICS - 5), (520740, 10, 30)],
    ids=["heights wrap", "clip lines wrap", "far walls are drawn over near ones until the original stops"],
)
def test_bent_level_looks_as_in_chocolate_doom(tap: Path, tmp_path: Path, seed: int, size: int, frames: int) -> None:
    iwad, pwad, patch, demo = bent_maps.bent(FREEDOOM, seed, BENT_TICS)
    assert not patch
    level = tmp_path / "bent.wad"
    level.write_bytes(pwad)
    ours = tapped.our_frames(Machine(wad.load(iwad, level), Settings(screenblocks=size)), demo)
    theirs = tapped.frames_of(some(CHOCOLATE), tap, tmp_path, iwad, demo, "-file", level, screenblocks=size)
    assert len(theirs) > frames
    assert tapped.first_difference(ours[: len(theirs)], theirs) == ""
