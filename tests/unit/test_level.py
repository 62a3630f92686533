"""Levels by name and number, and what goes with them."""

import pytest

from pydoom.data import music_ids as mus
from pydoom.game.level import Level, LevelNameError, find_level
from pydoom.sim.rules import GameMode, GameVersion

E1 = ("E1M1", "E1M2", "E1M3")


@pytest.mark.parametrize(
    ("text", "mode", "level"),
    [
        ("E2M3", GameMode.REGISTERED, Level(2, 3)),
        ("e2m3", GameMode.REGISTERED, Level(2, 3)),
        ("MAP07", GameMode.COMMERCIAL, Level(1, 7)),
        ("2 3", GameMode.REGISTERED, Level(2, 3)),
        ("3", GameMode.REGISTERED, Level(3, 1)),
        ("17", GameMode.COMMERCIAL, Level(1, 17)),
        ("17 2", GameMode.COMMERCIAL, Level(1, 17)),
    ],
)
def test_a_level_is_named_by_its_lump_or_by_numbers(text: str, mode: GameMode, level: Level) -> None:
    assert Level.parse(text, mode) == level


@pytest.mark.parametrize("text", ["", "somewhere", "1 2 3", "9" * 5000, "E1", "MAP7", "-1", "²"])
def test_names_of_no_level_are_refused(text: str) -> None:
    with pytest.raises(LevelNameError, match=r"a level is an episode and a map"):
        Level.parse(text, GameMode.REGISTERED)


def test_a_name_of_another_game_s_level_is_refused() -> None:
    with pytest.raises(LevelNameError, match="no level MAP07: its levels are called like E1M1"):
        Level.parse("MAP07", GameMode.REGISTERED)
    with pytest.raises(LevelNameError, match="no level E1M7: its levels are called like MAP01"):
        Level.parse("E1M7", GameMode.COMMERCIAL)


def test_a_level_that_the_wad_lacks_is_refused_with_those_it_has() -> None:
    assert find_level("1 3", GameMode.SHAREWARE, E1) == Level(1, 3)
    with pytest.raises(LevelNameError, match=r"no level E3M1 in this WAD \(it has E1M1 to E1M3\)"):
        find_level("3 1", GameMode.SHAREWARE, E1)
    with pytest.raises(LevelNameError, match=r"\(it has none\)"):
        find_level("3 1", GameMode.SHAREWARE, ())


def test_names_of_lumps() -> None:
    assert Level(2, 3).lump_name(GameMode.RETAIL) == "E2M3"
    assert Level(1, 3).lump_name(GameMode.COMMERCIAL) == "MAP03"


@pytest.mark.parametrize(
    ("level", "mode", "version", "clamped"),
    [
        (Level(3, 40), GameMode.SHAREWARE, GameVersion.DOOM_1_9, Level(1, 9)),
        (Level(4, 0), GameMode.REGISTERED, GameVersion.DOOM_1_9, Level(3, 1)),
        (Level(0, 2), GameMode.RETAIL, GameVersion.ULTIMATE, Level(4, 2)),
        (Level(0, 40), GameMode.COMMERCIAL, GameVersion.DOOM_1_9, Level(1, 40)),
    ],
)
def test_numbers_out_of_range_are_clamped_as_in_the_original(
    level: Level, mode: GameMode, version: GameVersion, clamped: Level
) -> None:
    assert level.clamped(mode, version) == clamped


def test_the_sky_changes_with_the_episode_or_every_third_of_doom_ii() -> None:
    assert [Level(episode, 1).sky(GameMode.RETAIL) for episode in (1, 4, 5)] == ["SKY1", "SKY4", "SKY1"]
    assert [Level(1, number).sky(GameMode.COMMERCIAL) for number in (11, 12, 21)] == ["SKY1", "SKY2", "SKY3"]


def test_episode_4_borrows_its_songs_and_its_par_times() -> None:
    assert Level(4, 1).music(GameMode.RETAIL) == mus.MUS_E3M4
    assert Level(4, 1).par_tics(GameMode.RETAIL) == 90 * 35
    assert Level(2, 1).music(GameMode.RETAIL) == mus.MUS_E2M1


def test_levels_behind_the_last_song_are_silent() -> None:
    songs = [Level(1, number).music(GameMode.COMMERCIAL) for number in (32, 35, 36, 99)]
    assert songs == [mus.MUS_ULTIMA, mus.MUS_DM2INT, mus.MUS_NONE, mus.MUS_NONE]


@pytest.mark.parametrize(
    ("level", "mode", "secret_exit", "following"),
    [
        (Level(1, 3), GameMode.SHAREWARE, True, 8),
        (Level(1, 9), GameMode.SHAREWARE, False, 3),
        (Level(4, 9), GameMode.RETAIL, False, 2),
        (Level(1, 15), GameMode.COMMERCIAL, True, 30),
        (Level(1, 32), GameMode.COMMERCIAL, False, 15),
        (Level(1, 7), GameMode.COMMERCIAL, True, 20),
    ],
)
def test_which_map_follows(level: Level, mode: GameMode, secret_exit: bool, following: int) -> None:
    assert level.next_map(mode, secret_exit=secret_exit, previous=20) == following
