"""The report of finished levels."""

from dataclasses import replace
from typing import TypedDict, Unpack

from pydoom.game.results import LevelStats, PlayerStats
from pydoom.game.statdump import format_stats


class Changes(TypedDict, total=False):
    epsd: int
    last: int
    partime: int
    maxkills: int
    players: tuple[PlayerStats, ...]


def finished(**changes: Unpack[Changes]) -> LevelStats:
    nobody = PlayerStats()
    stats = LevelStats(
        last=0,
        next=1,
        maxkills=4,
        maxitems=37,
        maxsecret=3,
        partime=30 * 35,
        players=(player(), nobody, nobody, nobody),
    )
    return replace(stats, **changes)


def player(frags: tuple[int, ...] = (0, 0, 0, 0)) -> PlayerStats:
    return PlayerStats(present=True, skills=1, sitems=10, stime=2314, frags=frags)


def test_report_of_one_level() -> None:
    assert format_stats([finished()]) == (
        "===========================================\n"
        "E1M1 / MAP01\n"
        "===========================================\n"
        "\n"
        "Time: 1:06 (par: 0:30)\n"
        "\n"
        "Player 1 (Green):\n"
        "\tKills: 1 / 4 (25%)\n"
        "\tItems: 10 / 37 (27%)\n"
        "\tSecrets: 0 / 3 (0%)\n"
        "\n"
    )


def test_the_game_is_guessed_from_par_times() -> None:
    assert "\nE1M2\n" in format_stats([finished(last=1, partime=75 * 35)])
    assert "\nMAP02\n" in format_stats([finished(last=1, partime=90 * 35)])
    assert "\nE3M1\n" in format_stats([finished(epsd=2)])
    assert "\nMAP10\n" in format_stats([finished(last=9)])


def test_two_players_get_a_table_of_frags() -> None:
    first, third = player(frags=(1, 0, 5, 0)), PlayerStats(present=True, frags=(2, 0, 0, 0))
    report = format_stats([finished(players=(first, PlayerStats(), third, PlayerStats()))])
    assert "Player 3 (Brown):" in report
    assert "Frags:\n\t\tGreen\tBrown\t\n" in report
    assert "\tGreen\t|1\t5\t\n\tBrown\t|2\t0\t\n" in report


def test_a_level_without_monsters_shows_a_plain_zero() -> None:
    assert "Kills: 0\n" in format_stats([finished(maxkills=0)])
