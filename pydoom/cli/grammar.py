"""The command line's grammar and its help pages: short by default, ``--help TOPIC`` for the rest."""

from __future__ import annotations

import argparse
import difflib
import re
import shutil
import textwrap
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, NoReturn

from pydoom import __version__
from pydoom.config.table import SECTIONS, SETTINGS, Setting, Value
from pydoom.core import core_name
from pydoom.devices.options import TERMINAL_MODES
from pydoom.sim.fixed import to_int32
from pydoom.sim.rules import GameVersion

TOPICS: Final = ("settings", "keys", "rules", "all")
"""Pages of help besides the first."""
_KEYS: Final = "keys"
_METAVARS: Final = {"resolution": "WIDTHxHEIGHT", "screenshots": "FOLDER"}
GAME_VERSIONS: Final = {
    "1.2": GameVersion.DOOM_1_2,
    "1.5": GameVersion.DOOM_1_5,
    "1.666": GameVersion.DOOM_1_666,
    "1.7": GameVersion.DOOM_1_7,
    "1.8": GameVersion.DOOM_1_8,
    "1.9": GameVersion.DOOM_1_9,
    "hacx": GameVersion.HACX,
    "ultimate": GameVersion.ULTIMATE,
    "final": GameVersion.FINAL,
    "final2": GameVersion.FINAL2,
    "chex": GameVersion.CHEX,
}
"""Executables that can be imitated, by the names that ``-gameversion`` knows."""
NULL_SECTORS: Final = {
    "dos622": (0x00199257, 0x007006F4),
    "dos71": (0x00C90F9E, 0x00700465),
    "dosbox": (to_int32(0xF1000000), 0),
}
"""Floor and ceiling of the sector that each system has at address 0, by the names that ``-setmem`` knows."""
PACKS: Final = ("doom2", "tnt", "plutonia")
"""Missions of DOOM II's maps, as ``-pack`` knows them."""
TURBO_UNSAID: Final = 200
_MOST_DIGITS: Final = 9
_C_INT: Final = re.compile(r"([+-]?)(0x[0-9a-f]{1,16}|0[0-7]{0,16}|[1-9][0-9]{0,16})", re.IGNORECASE | re.ASCII)
_HELP_COLUMN: Final = 30
_LEAST_COLUMNS: Final = 11
"""Least width of help texts, as in argparse."""
_USAGE: Final = "pydoom [options]\n       pydoom doctor [options]"
_EXAMPLES: Final = """\
examples:
  pydoom                         play; the title first, Esc opens the menu
  pydoom --warp E1M3 --skill 4   start in a level
  pydoom --bridge simulated      simulated containers to shoot at
  pydoom --terminal              play in this terminal
  pydoom doctor                  what is missing here, and what to type

more help:
  pydoom --help settings         window, view, volumes, mouse, controllers
  pydoom --help keys             keys
  pydoom --help rules            multiplayer rules, versions of the original
  pydoom --help all              everything
  pydoom fleetmap --help         write a data centre to a WAD file
  pydoom picturediff --help      compare a frame of a demo with another engine's
"""


class OptionsError(Exception):
    """The command line cannot be parsed; the message says why."""


class Parser(argparse.ArgumentParser):
    """Raises OptionsError instead of ending the program, and suggests corrections for misspelt options."""

    def error(self, message: str) -> NoReturn:
        """Refuse the command line."""
        raise OptionsError(f"{message} (pydoom --help lists the options)")

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse the command line; raises OptionsError."""
        given, strange = self.parse_known_args(args, namespace)
        if strange:
            self.error(self._about(strange[0]))
        return given

    def _about(self, word: str) -> str:
        if word.lower() == "doctor":
            return "doctor comes first: pydoom doctor [options]"
        if not word.startswith("-"):
            if word.lower().endswith(".wad"):
                return f"{word}: use --wad {word} for a whole game, or --file {word} for an add-on"
            return f"{word!r} does not belong to an option"
        name = word.partition("=")[0]
        known = [option for option in self._option_string_actions if option.startswith("--")]
        close = difflib.get_close_matches("--" + name.lstrip("-").lower(), known, 1)
        return f"unknown option {name}" + (f"; did you mean {close[0]}?" if close else "")


class _HelpAction(argparse.Action):
    """``--help [TOPIC]`` prints a page and ends the program."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: object, values: Any, option_string: str | None = None
    ) -> None:
        make_parser(values or "").print_help()
        parser.exit()


def make_parser(topic: str = "all") -> Parser:
    """A parser for the options on the help page `topic`: all of them, the first page's (empty), or a topic's."""
    parser = Parser(
        prog="pydoom",
        usage=_USAGE,
        description="DOOM in Python, where every Docker container is a monster.",
        epilog=_EXAMPLES if topic in ("", "all") else None,
        formatter_class=partial(argparse.RawDescriptionHelpFormatter, max_help_position=_HELP_COLUMN),
        add_help=False,
    )
    if topic in ("", "all"):
        _add_game_options(parser.add_argument_group("game"))
        _add_container_options(parser.add_argument_group("containers"))
        _add_device_options(parser.add_argument_group("video and sound"))
        _add_demo_options(parser.add_argument_group("demos, traces and videos"))
        _add_general_options(parser.add_argument_group("general"))
    if topic in ("rules", "all"):
        _add_multiplayer_options(parser.add_argument_group("rules of multiplayer games"))
        _add_compatibility_options(parser.add_argument_group("versions of the original"))
    for section in SECTIONS:
        if topic in ("all", _KEYS if section == _KEYS else "settings"):
            _add_section(parser, section)
    return parser


def _add_general_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--config", metavar="FILE", type=_path, help="another configuration file")
    group.add_argument("--no-config", action="store_true", help="neither read nor write a configuration file")
    group.add_argument(
        "--version",
        action="version",
        version=f"pydoom {__version__} ({core_name()} core)",
        help="the program's version",
    )
    group.add_argument(
        "-h",
        "--help",
        action=_HelpAction,
        nargs="?",
        choices=TOPICS,
        metavar="TOPIC",
        help=f"this page, or {', '.join(TOPICS)}",
    )


def _add_game_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--wad", metavar="FILE", type=_name, help="the IWAD; searched for in the usual places by default"
    )
    group.add_argument(
        "--file",
        metavar="PWAD",
        type=_path,
        nargs="+",
        action="extend",
        default=[],
        help="add-on WADs, merged in order",
    )
    group.add_argument(
        "--deh", metavar="PATCH", type=_path, nargs="+", action="extend", default=[], help="DeHackEd patches, in order"
    )
    group.add_argument("--dehlump", action="store_true", help="also apply the DeHackEd patches in add-on WADs")
    group.add_argument(
        "--warp",
        metavar="LEVEL",
        nargs="+",
        default=[],
        help="start in a level: E1M3, 1 3 or MAP07; 3 is E3M1",
    )
    group.add_argument("--episode", type=int, choices=range(1, 5), metavar="N", help="start in an episode, 1 to 4")
    group.add_argument(
        "--skill",
        type=int,
        choices=range(6),
        metavar="N",
        help="1 (easiest) to 5 (nightmare), 0 has no things; default 3",
    )
    group.add_argument(
        "--loadgame", metavar="SLOT", type=int, choices=range(10), help="load the game in a slot, from 0"
    )
    group.add_argument("--fast", action="store_true", help="fast monsters")
    group.add_argument("--respawn", action="store_true", help="monsters respawn")
    group.add_argument("--nomonsters", action="store_true", help="no monsters")
    group.add_argument(
        "--turbo",
        metavar="PERCENT",
        nargs="?",
        const=TURBO_UNSAID,
        type=_turbo,
        default=100,
        help=f"walking speed, 10 to 400; {TURBO_UNSAID} without a value",
    )
    group.add_argument("--save-folder", metavar="DIR", type=_path, help="where saved games are kept")


def _add_multiplayer_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--solo-net", action="store_true", help="play alone by the rules of a network game")
    group.add_argument("--deathmatch", action="store_const", const=1, default=0, help="deathmatch")
    group.add_argument(
        "--altdeath", dest="deathmatch", action="store_const", const=2, help="deathmatch 2.0: items respawn"
    )
    group.add_argument(
        "--timer", metavar="MINUTES", type=_natural, default=0, help="end each deathmatch level after this time"
    )
    group.add_argument("--avg", dest="timer", action="store_const", const=20, help="the same as --timer 20")


def _add_compatibility_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--gameversion",
        metavar="VERSION",
        choices=tuple(GAME_VERSIONS),
        help=f"imitate this version of the original: {', '.join(GAME_VERSIONS)}",
    )
    group.add_argument("--pack", choices=PACKS, help="take an IWAD with the maps of DOOM II for this game")
    group.add_argument("--nodeh", action="store_true", help="leave out the DeHackEd patch that a game needs")
    group.add_argument(
        "--spechit", metavar="ADDRESS", type=_c_int, help="address for emulating moves over too many special lines"
    )
    group.add_argument(
        "--donut", metavar=("HEIGHT", "FLAT"), nargs=2, type=_c_int, help="memory contents for emulating broken donuts"
    )
    group.add_argument(
        "--reject_pad_with_ff", action="store_true", help="let nobody see past the end of a REJECT that is too short"
    )
    group.add_argument(
        "--setmem", choices=tuple(NULL_SECTORS), default="dos622", help="system whose memory lies behind broken lines"
    )
    group.add_argument("--shorttics", action="store_true", help="turn in the coarse steps that demos record")
    group.add_argument("--nocheats", action="store_true", help="ignore the cheats in DeHackEd patches")
    group.add_argument(
        "--strictdemos", action="store_true", help="limit demos to what the original can record and play"
    )
    group.add_argument("--maxdemo", metavar="KIB", type=_positive, help="end a recording at this size")


def _add_container_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--bridge", metavar="URL", default="", help="unix:///PATH of the host bridge, or simulated")
    group.add_argument("--no-safety", action="store_true", help="let anything kill containers, not only the player")
    group.add_argument(
        "--monsters",
        choices=("demon", "label", "memory"),
        default="demon",
        help="what containers become: demons, by their label pydoom.monster, or tougher with more memory",
    )
    group.add_argument(
        "--start-paused", action="store_true", help="wait for SIGUSR1; SIGUSR2 pauses again (for the kiosk)"
    )


def _add_device_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--headless", action="store_true", help="no window and no sound; needs no display")
    group.add_argument(
        "--terminal",
        metavar="MODE",
        nargs="?",
        const="auto",
        default="",
        choices=TERMINAL_MODES,
        help=f"play in this terminal instead of a window: {', '.join(TERMINAL_MODES)}",
    )
    group.add_argument("--nosound", action="store_true", help="no sound")
    group.add_argument(
        "--heartbeat", metavar="PATH", type=_path, help="count the frames shown in a file (for the kiosk)"
    )
    group.add_argument(
        "--sound-socket", metavar="PATH", type=_path, help="send the sound to a Unix socket (for the kiosk)"
    )
    group.add_argument(
        "--kill-note", metavar="PATH", type=_path, help="keep what a kill does in a file (for the kiosk's page)"
    )
    group.add_argument("--borderless", action="store_true", help="a window without decorations")
    group.add_argument("--window-position", metavar="X,Y", type=_position, help="where the window opens")
    group.add_argument("--kiosk", action="store_true", help="cover a virtual screen that has no window manager")


def _add_demo_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--playdemo", metavar="NAME|FILE", type=_name, help="play a demo, then quit")
    group.add_argument(
        "--timedemo", metavar="NAME|FILE", type=_name, help="play a demo as fast as possible; prints tics/s"
    )
    group.add_argument("--record", metavar="FILE", type=_name, help="record a demo")
    group.add_argument("--longtics", action="store_true", help="record fine turns (version 111 instead of 1.9)")
    group.add_argument("--no-draw", action="store_true", help="draw nothing in a headless or timed demo")
    group.add_argument(
        "--record-video",
        metavar="FILE",
        type=_path,
        help="record video and sound (.mp4, .mkv, .webm) or an animation (.webp, .gif)",
    )
    group.add_argument(
        "--video-tics", metavar="A:B", type=_tic_range, help="record only tics A to B; a timed demo ends there"
    )
    group.add_argument("--trace", metavar="PREFIX", type=_name, help="write PREFIX.tics.csv and PREFIX.frames.csv")
    group.add_argument(
        "--trace-mobjs", metavar="A:B", type=_tic_range, help="add every mobj and sector of tics A to B to the trace"
    )
    group.add_argument(
        "--statdump", metavar="FILE", type=_name, help="write the results of finished levels; - is stdout"
    )


# -- settings: without the flag, the value comes from the configuration file


def _add_section(parser: argparse.ArgumentParser, section: str) -> None:
    # the formatter leaves texts unwrapped, because of the examples
    about = (
        textwrap.fill(SECTIONS[section], max(shutil.get_terminal_size().columns - 4, _LEAST_COLUMNS))
        if section == _KEYS
        else None
    )
    group = parser.add_argument_group(section, about)
    for setting in SETTINGS:
        if setting.section == section:
            _add_setting(group, setting)


def _add_setting(group: argparse._ArgumentGroup, setting: Setting) -> None:
    if isinstance(setting.default, bool):
        group.add_argument(
            setting.option,
            dest=setting.key,
            action=argparse.BooleanOptionalAction,
            default=argparse.SUPPRESS,
            help=setting.explanation,
        )
        return
    keys = setting.default if isinstance(setting.default, tuple) else ()
    group.add_argument(
        setting.option,
        dest=setting.key,
        metavar=_metavar(setting),
        type=_setting_value(setting),
        default=argparse.SUPPRESS,
        help=f"{setting.explanation} ({', '.join(keys)})" if keys else setting.explanation,
    )


def _metavar(setting: Setting) -> str:
    if isinstance(setting.default, tuple):
        return "KEY,..."
    if isinstance(setting.default, int):
        return "N"
    return "BUTTON" if setting.section == "mouse" else _METAVARS.get(setting.name, setting.name.upper())


def _setting_value(setting: Setting) -> Callable[[str], Value]:
    def value(text: str) -> Value:
        try:
            return setting.from_text(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text!r} is not {error}") from error

    return value


# -- values


def _turbo(text: str) -> int:
    return max(10, min(_natural(text), 400))  # as in the original


def _shown(text: str) -> str:
    return repr(text if len(text) < 40 else f"{text[:40]}...")


def _name(text: str) -> str:
    """A name; an empty one, as of a script's unset variable, must not mean that the option was not given."""
    if not text:
        raise argparse.ArgumentTypeError("expected a name, which is empty here")
    return text


def _path(text: str) -> Path:
    return Path(_name(text))


def _natural(text: str) -> int:
    if not text.isdecimal() or len(text) > _MOST_DIGITS:
        raise argparse.ArgumentTypeError(f"{_shown(text)} is not a number from 0 to {10**_MOST_DIGITS - 1}")
    return int(text)


def _positive(text: str) -> int:
    number = _natural(text)
    if not number:
        raise argparse.ArgumentTypeError("0 is too small")
    return number


def _c_int(text: str) -> int:
    """A number as ``M_StrToInt`` reads it (decimal, 0x hexadecimal, 0 octal), wrapped to 32 bits."""
    match = _C_INT.fullmatch(text.strip())
    if match is None:
        raise argparse.ArgumentTypeError(f"{_shown(text)} is not a number such as 0x01C09C98")
    sign, digits = match.groups()
    base = 16 if digits.lower().startswith("0x") else 8 if digits.startswith("0") else 10
    return to_int32(int(f"{sign}{digits}", base))


def _tic_range(text: str) -> range:
    first, colon, last = text.partition(":")
    numbers = first.isdecimal() and last.isdecimal() and max(len(first), len(last)) <= _MOST_DIGITS
    if not (colon and numbers and int(first) <= int(last)):
        raise argparse.ArgumentTypeError(f"{_shown(text)} is not a range of tics such as 0:35")
    return range(int(first), int(last) + 1)


def _position(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(-?\d{1,9}),(-?\d{1,9})", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{_shown(text)} is not a position such as 0,0")
    return int(match[1]), int(match[2])
