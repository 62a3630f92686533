"""Tallies and world maps between levels."""

import pytest

from pydoom.data import sound_ids as sfx
from pydoom.game.results import LevelStats, PlayerStats
from pydoom.screens.intermission import Intermission
from pydoom.screens.tally import DeathmatchTally, SoloTally, TeamTally, frag_sum
from pydoom.sim.ticcmd import BT_USE
from pydoom.wad import Assets
from tests.screenkit import FakeGame, blank_frame

TWO = [True, True, False, False]


@pytest.fixture
def stats() -> LevelStats:
    return results((1, 3, 0, 0))


def results(frags: tuple[int, ...]) -> LevelStats:
    """The results of a level with two players, the first with these `frags`."""
    first = PlayerStats(skills=5, sitems=4, ssecret=0, stime=61 * 35, frags=frags)
    second = PlayerStats(skills=2, frags=(-2, 0, 0, 0))
    players = (first, second, PlayerStats(), PlayerStats())
    return LevelStats(last=0, next=1, maxkills=10, maxitems=4, maxsecret=2, partime=30 * 35, players=players)


def test_numbers_count_up_one_after_another(stats: LevelStats) -> None:
    played: list[int] = []
    tally = SoloTally(stats, played.append)
    for tic in range(1, 36):
        tally.ticker(tic, False)
    assert (tally.kills, tally.items) == (-1, -1)
    tally.ticker(36, False)
    assert tally.kills == 1
    for tic in range(37, 36 + 26):
        tally.ticker(tic, False)
    assert (tally.kills, tally.items) == (50, -1)
    assert played[-1] == sfx.SFX_BAREXP
    for tic in range(62, 400):
        assert not tally.ticker(tic, False)
    assert (tally.kills, tally.items, tally.secret, tally.time, tally.par) == (50, 100, 0, 61, 30)


def test_a_key_shows_all_and_the_next_leaves(stats: LevelStats) -> None:
    played: list[int] = []
    tally = SoloTally(stats, played.append)
    assert not tally.ticker(1, True)
    assert (tally.kills, tally.items, tally.secret, tally.time, tally.par) == (50, 100, 0, 61, 30)
    assert not tally.ticker(2, False)
    assert tally.ticker(3, True)
    assert played == [sfx.SFX_BAREXP, sfx.SFX_SGCOCK]


def test_suicide_costs_a_frag(stats: LevelStats) -> None:
    assert frag_sum(stats, TWO, 0) == 2
    assert frag_sum(stats, TWO, 1) == -2


def test_a_team_shows_frags_only_when_there_were_any() -> None:
    assert not TeamTally(results((0, 2, 0, 0)), TWO, lambda _sfx: None).show_frags
    tally = TeamTally(results((0, 3, 0, 0)), TWO, lambda _sfx: None)
    assert tally.show_frags
    for tic in range(1, 500):
        tally.ticker(tic, False)
    assert (tally.kills[:2], tally.frags[:2]) == ([50, 20], [3, -2])


def test_a_deathmatch_counts_frags_both_ways(stats: LevelStats) -> None:
    tally = DeathmatchTally(stats, TWO, lambda _sfx: None)
    for tic in range(1, 100):
        tally.ticker(tic, False)
    assert tally.frags[0][:2] == [1, 3]
    assert tally.frags[1][:2] == [-2, 0]
    assert tally.totals[:2] == [2, -2]


def test_an_intermission_without_input_runs_by_itself(assets: Assets, stats: LevelStats) -> None:
    game = FakeGame()
    intermission = Intermission(assets)
    intermission.start(game, stats)
    assert game.world.random.rndindex == 10
    for _ in range(600):
        intermission.ticker(game)
    press_use(game, intermission)
    for _ in range(4 * 35 + 9):
        intermission.ticker(game)
        intermission.draw(blank_frame(), game)
    assert ("world done",) not in game.asked
    intermission.ticker(game)
    assert ("world done",) in game.asked


def press_use(game: FakeGame, intermission: Intermission) -> None:
    command = game.world.players[0].cmd
    command.buttons = BT_USE
    intermission.ticker(game)
    command.buttons = 0


def test_a_held_button_hurries_only_once(assets: Assets, stats: LevelStats) -> None:
    game = FakeGame()
    intermission = Intermission(assets)
    intermission.start(game, stats)
    game.world.players[0].cmd.buttons = BT_USE
    for _ in range(100):
        intermission.ticker(game)
    assert game.played == [sfx.SFX_BAREXP]
