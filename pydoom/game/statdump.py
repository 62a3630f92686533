"""The results of finished levels as text, in the format of ``statdump.exe`` (``statdump.c``)."""

from collections.abc import Iterable
from typing import Final

from pydoom.game.results import LevelStats, PlayerStats
from pydoom.sim.constants import TICRATE
from pydoom.sim.fixed import c_div

_MAX_LEVELS: Final = 32
_DOOM_PARS: Final = (30, 75, 120, 90, 165, 180, 180, 30, 165)
_DOOM2_PARS: Final = (30, 90, 120, 120, 90, 150, 120, 120, 270)
_COLORS: Final = ("Green", "Indigo", "Brown", "Red")
_BANNER: Final = "=" * 43


def format_stats(levels: Iterable[LevelStats]) -> str:
    """The report of up to 32 levels."""
    kept = list(levels)[:_MAX_LEVELS]
    game = _guess_game(kept)
    return "".join(_format_level(level, game) for level in kept)


def _guess_game(levels: list[LevelStats]) -> str:
    """ "doom", "doom2" or "" from episodes and par times alone, since statdump.exe knew no more."""
    for level in levels:
        if level.epsd > 0:
            return "doom"
        if level.last >= 9:
            return "doom2"
        doom = level.partime == _DOOM_PARS[level.last] * TICRATE
        doom2 = level.partime == _DOOM2_PARS[level.last] * TICRATE
        if doom != doom2:
            return "doom" if doom else "doom2"
    return ""


def _format_level(level: LevelStats, game: str) -> str:
    doom_name = f"E{level.epsd + 1}M{level.last + 1}"
    doom2_name = f"MAP{level.last + 1:02d}"
    name = {"doom": doom_name, "doom2": doom2_name}.get(game, f"{doom_name} / {doom2_name}")
    seconds = _to_short(level.players[0].stime // TICRATE)
    par = _to_short(c_div(level.partime, TICRATE))
    lines = [_BANNER, name, _BANNER, "", f"Time: {_clock(seconds)} (par: {_clock(par)})", ""]
    present = [number for number, player in enumerate(level.players) if player.present]
    for number in present:
        lines += _player_lines(number, level.players[number], level)
    if len(present) >= 2:
        lines += _frag_lines(level, present)
    return "\n".join(lines) + "\n\n"


def _player_lines(number: int, player: PlayerStats, level: LevelStats) -> list[str]:
    return [
        f"Player {number + 1} ({_COLORS[number]}):",
        f"\tKills: {_share(player.skills, level.maxkills)}",
        f"\tItems: {_share(player.sitems, level.maxitems)}",
        f"\tSecrets: {_share(player.ssecret, level.maxsecret)}",
    ]


def _share(amount: int, total: int) -> str:
    if not total:
        return "0"
    return f"{amount} / {total} ({c_div(_to_short(amount * 100), total)}%)"


def _frag_lines(level: LevelStats, present: list[int]) -> list[str]:
    lines = ["Frags:", "\t\t" + "".join(f"{_COLORS[number]}\t" for number in present)]
    lines.append("\t\t-------------------------------- VICTIMS")
    for killer in present:
        frags = "".join(f"{level.players[killer].frags[victim]}\t" for victim in present)
        lines.append(f"\t{_COLORS[killer]}\t|{frags}")
    return [*lines, "\t\t|", "\t     KILLERS"]


def _clock(seconds: int) -> str:
    return f"{c_div(seconds, 60)}:{seconds - 60 * c_div(seconds, 60):02d}"


def _to_short(value: int) -> int:
    # statdump.exe is a 16-bit program
    return ((value + 0x8000) & 0xFFFF) - 0x8000
