"""Every demo plays exactly as in the original: every tic, every column, to the last tic."""

import pytest

from pydoom.game.trace import FRAME_COLUMNS, TIC_COLUMNS
from pydoom.render.choice import renderer_name
from pydoom.wad import Assets
from tests.golden import recordings

pytestmark = pytest.mark.golden

DRAWN_COLUMNS = frozenset({"line_crc"})
"""The flag "seen on the automap" is set by drawing."""


@pytest.mark.parametrize("name", recordings.ALL_DEMOS)
def test_every_tic_and_every_frame_is_the_original_s(assets: Assets, name: str) -> None:
    recording = recordings.play(assets, name)
    tics = recordings.first_difference(recording.tics, recordings.golden_tics(name), TIC_COLUMNS)
    frames = recordings.first_difference(recording.frames, recordings.golden_frames(name, 10), FRAME_COLUMNS)
    assert (tics, frames) == ("", "")


@pytest.mark.parametrize("screenblocks", [9, 11])
@pytest.mark.parametrize("name", recordings.WAD_DEMOS)
def test_every_frame_of_other_view_sizes_is_the_original_s(assets: Assets, name: str, screenblocks: int) -> None:
    recording = recordings.play(assets, name, screenblocks=screenblocks, trace_tics=False)
    golden = recordings.golden_frames(name, screenblocks)
    assert recordings.first_difference(recording.frames, golden, FRAME_COLUMNS) == ""


def test_every_frame_of_the_other_renderer_is_the_original_s(assets: Assets) -> None:
    other = "numpy" if renderer_name() == "scanline" else "scanline"
    recording = recordings.play(assets, "demo3", trace_tics=False, renderer=other)
    golden = recordings.golden_frames("demo3", 10)
    assert recordings.first_difference(recording.frames, golden, FRAME_COLUMNS) == ""


@pytest.mark.parametrize("name", ["demo1", "inter_e1m1_s1"])
def test_the_game_is_the_same_without_drawing(assets: Assets, name: str) -> None:
    recording = recordings.play(assets, name, draw=False)
    golden = recordings.golden_tics(name)
    assert recordings.first_difference(recording.tics, golden, TIC_COLUMNS, DRAWN_COLUMNS) == ""


@pytest.mark.parametrize("name", recordings.RULE_DEMOS)
def test_several_players_and_other_rules_are_the_original_s(assets: Assets, name: str) -> None:
    recording = recordings.play(assets, name, draw=False)
    golden = recordings.golden_tics(name)
    assert recordings.first_difference(recording.tics, golden, TIC_COLUMNS, DRAWN_COLUMNS) == ""
