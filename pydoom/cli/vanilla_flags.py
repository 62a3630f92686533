"""The flags of the original and of Chocolate Doom, with one dash and in any case, and their equivalents here.

``-iwad doom.wad -warp 1 3`` works as it is (``m_argv.c``). A flag that does nothing here is refused by
name, with an alternative. docs/flags.md shows this table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pydoom.cli.grammar import OptionsError


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag: the options it stands for, or why it is refused and an alternative.

    A flag with neither is always in effect here; `dropped` is then the number of its arguments.
    """

    name: str
    ours: tuple[str, ...] = ()
    refusal: str = ""
    dropped: int = 0
    holds: str = ""


_SAME: Final = (
    *(
        "altdeath",
        "avg",
        "borderless",
        "config",
        "deathmatch",
        "deh",
        "dehlump",
        "donut",
        "episode",
        "fast",
        "file",
        "fullscreen",
    ),
    *("gameversion", "headless", "loadgame", "longtics", "maxdemo", "nocheats", "nodeh", "nomonsters", "nosound"),
    *("pack", "playdemo", "record", "reject_pad_with_ff", "respawn", "response", "setmem", "shorttics", "skill"),
    *("solo-net", "spechit", "statdump", "strictdemos", "timedemo", "timer", "turbo", "version", "warp"),
)
"""Flags that differ from our options only in the number of dashes."""

_OTHER_NAMES: Final = {
    "-1": ("--no-fullscreen", "--scale=1"),
    "-2": ("--no-fullscreen", "--scale=2"),
    "-3": ("--no-fullscreen", "--scale=3"),
    "-asciidisplay": ("--terminal",),  # dockerdoom's
    "-help": ("--help",),
    "-iwad": ("--wad",),
    "-merge": ("--file",),
    "-noblit": ("--headless",),
    "-nodraw": ("--no-draw",),
    "-nofullscreen": ("--no-fullscreen",),
    "-nojoy": ("--no-controller",),
    "-nograbmouse": ("--no-grab",),
    "-nomusic": ("--music-volume", "0"),
    "-nosfx": ("--sfx-volume", "0"),
    "-savedir": ("--save-folder",),
    "-window": ("--no-fullscreen",),
}

_HOLDS: Final = {
    "-mb": (1, "memory is taken as needed"),
    "-mmap": (0, "WADs are read whole"),
    "-noautoload": (0, "nothing is loaded that was not asked for"),
    "-nogui": (0, "errors are lines on stderr"),
    "-nomusicpacks": (0, "there are no music packs"),
    "-oldsync": (0, "there is no network to keep in step with"),
}
"""Flags that are always in effect here: the number of their arguments, and why."""

_NO_NETWORK: Final = "there are no network games; --solo-net plays by their rules alone"
_ONE_WINDOW: Final = "use --scale N or --resolution WIDTHxHEIGHT, or change the window's size"
_MERGED: Final = "use --file: add-ons are merged with their flats and sprites"
_DEVELOPER: Final = "F12 and PrintScreen save screenshots; --file and --warp load and start levels"
_REFUSED: Final = {
    "-aa": _MERGED,
    "-af": _MERGED,
    "-as": _MERGED,
    "-autojoin": _NO_NETWORK,
    "-cdrom": "use --save-folder and --config",
    "-comdev": _DEVELOPER,
    "-connect": _NO_NETWORK,
    "-control": "there are no external control drivers; use --controller or the mouse",
    "-debugfile": "use --trace PREFIX, which writes every tic",
    "-dedicated": _NO_NETWORK,
    "-devparm": _DEVELOPER,
    "-display": "set SDL_VIDEO_FULLSCREEN_DISPLAY, or use --window-position X,Y",
    "-drone": _NO_NETWORK,
    "-dumpsubstconfig": "there are no music packs to configure",
    "-dup": _NO_NETWORK,
    "-extraconfig": "all settings are in one file: use --config",
    "-extratics": _NO_NETWORK,
    "-geometry": _ONE_WINDOW,
    "-height": _ONE_WINDOW,
    "-left": _NO_NETWORK,
    "-localsearch": _NO_NETWORK,
    "-net": _NO_NETWORK,
    "-netlog": _NO_NETWORK,
    "-netdemo": "use --solo-net with --playdemo",
    "-nodes": _NO_NETWORK,
    "-nomouse": "use --no-grab; the mouse is left alone then",
    "-nwtmerge": _MERGED,
    "-opldev": "music always goes through the emulated OPL chip",
    "-port": _NO_NETWORK,
    "-privateserver": _NO_NETWORK,
    "-query": _NO_NETWORK,
    "-regdev": _DEVELOPER,
    "-right": _NO_NETWORK,
    "-search": _NO_NETWORK,
    "-server": _NO_NETWORK,
    "-servername": _NO_NETWORK,
    "-shdev": _DEVELOPER,
    "-statcopy": "use --statdump FILE",
    "-testcontrols": "try keys in a level: --warp 1 1",
    "-wart": "use --file LEVEL.WAD with --warp",
    "-width": _ONE_WINDOW,
    "-zonescan": "Python looks after memory",
    "-zonezero": "Python looks after memory",
}

FLAGS: Final = tuple(
    sorted(
        (
            *(Flag(f"-{name}", (f"--{name}",)) for name in _SAME),
            *(Flag(name, ours) for name, ours in _OTHER_NAMES.items()),
            *(Flag(name, dropped=dropped, holds=why) for name, (dropped, why) in _HOLDS.items()),
            *(Flag(name, refusal=why) for name, why in _REFUSED.items()),
        ),
        key=lambda flag: flag.name,
    )
)
_BY_NAME: Final = {flag.name: flag for flag in FLAGS}


def modernize(words: Sequence[str]) -> list[str]:
    """The command line with the original's flags translated into ours. Raises OptionsError for refused ones."""
    return list(_modernized(iter(words)))


def _modernized(words: Iterable[str]) -> Iterable[str]:
    rest = iter(words)
    for word in rest:
        flag = _BY_NAME.get(word.lower())
        if flag is None:
            yield word
            continue
        if flag.refusal:
            raise OptionsError(f"{flag.name} is not supported: {flag.refusal}")
        yield from flag.ours
        for _ in range(flag.dropped):
            next(rest, None)
