"""What the command line can say, checked and typed."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from pydoom import __version__
from pydoom.config.table import SECTIONS, SETTINGS, Setting, Value
from pydoom.devices.options import TERMINAL_MODES

DEFAULT_SKILL: Final = 3
_MAP_NAME: Final = re.compile(r"E(\d)M(\d)|MAP(\d\d)")


class OptionsError(Exception):
    """The command line makes no sense; the message says why."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one run; see `parse_options` for their meaning. `skill` counts from 1."""

    wad: str | None
    files: tuple[Path, ...]
    patches: tuple[Path, ...]
    dehlump: bool
    warp: tuple[str, ...]
    skill: int
    skill_given: bool
    playdemo: str
    timedemo: str
    record: str
    longtics: bool
    headless: bool
    no_draw: bool
    nosound: bool
    sound_socket: Path | None
    trace: str
    trace_mobjs: range | None
    statdump: str
    bridge: str
    no_safety: bool
    monsters: str
    start_paused: bool
    fast: bool
    respawn: bool
    nomonsters: bool
    turbo: int
    save_folder: Path | None
    kiosk: bool
    borderless: bool
    window_position: tuple[int, int] | None
    terminal: str
    """How a terminal shows pictures; empty for a window."""
    record_video: Path | None
    video_tics: range | None
    config: Path | None
    no_config: bool
    settings: Mapping[str, Value]
    """Settings given on the command line, by their names in the configuration file."""

    @property
    def starts_level(self) -> bool:
        """Whether play begins at once instead of with the title."""
        return bool(self.warp or self.skill_given or self.record or self.bridge)

    def level_numbers(self, commercial: bool) -> tuple[int, int]:
        """Episode and map to start with. Raises OptionsError for words that name no level."""
        words = self.warp
        if not words:
            return 1, 1
        match = _MAP_NAME.fullmatch(words[0].upper()) if len(words) == 1 else None
        if match is not None:
            episode, map_number, doom2_map = match.groups()
            return (1, int(doom2_map)) if doom2_map else (int(episode), int(map_number))
        if len(words) <= 2 and all(word.isdecimal() for word in words):
            numbers = [int(word) for word in words]
            if commercial:
                return 1, numbers[-1]
            return (numbers[0], numbers[1]) if len(numbers) == 2 else (1, numbers[0])
        raise OptionsError(
            f"--warp {' '.join(words)}: say an episode and a map (1 3), a map (7) or its name (E1M3, MAP07)"
        )


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise OptionsError(f"{message} (--help lists the options)")


def parse_options(argv: Sequence[str] | None = None) -> Options:
    """Read the command line. Raises OptionsError; exits for --help and --version."""
    parser = _make_parser()
    given = parser.parse_args(argv)
    if given.playdemo and given.timedemo:
        raise OptionsError("--playdemo and --timedemo exclude each other")
    if given.record and (given.playdemo or given.timedemo):
        raise OptionsError("--record cannot record a demo being played")
    if given.record_video and given.no_draw:
        raise OptionsError("--record-video and --no-draw exclude each other")
    if given.terminal and (given.headless or given.kiosk):
        raise OptionsError("--terminal excludes --headless and --kiosk")
    return Options(
        wad=given.wad,
        files=tuple(given.file),
        patches=tuple(given.deh),
        dehlump=given.dehlump,
        warp=tuple(given.warp),
        skill=given.skill or DEFAULT_SKILL,
        skill_given=given.skill is not None,
        playdemo=given.playdemo,
        timedemo=given.timedemo,
        record=given.record,
        longtics=given.longtics,
        headless=given.headless,
        no_draw=given.no_draw,
        nosound=given.nosound,
        sound_socket=given.sound_socket,
        trace=given.trace,
        trace_mobjs=given.trace_mobjs,
        statdump=given.statdump,
        bridge=given.bridge,
        no_safety=given.no_safety,
        monsters=given.monsters,
        start_paused=given.start_paused,
        fast=given.fast,
        respawn=given.respawn,
        nomonsters=given.nomonsters,
        turbo=given.turbo,
        save_folder=given.save_folder,
        kiosk=given.kiosk,
        borderless=given.borderless,
        window_position=given.window_position,
        terminal=given.terminal,
        record_video=given.record_video,
        video_tics=given.video_tics,
        config=given.config,
        no_config=given.no_config,
        settings={setting.key: vars(given)[setting.key] for setting in SETTINGS if setting.key in given},
    )


def _make_parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="pydoom", description="DOOM in Python, where every Docker container is a monster.")
    parser.add_argument("--version", action="version", version=f"pydoom {__version__}")
    _add_game_options(parser.add_argument_group("game"))
    _add_container_options(parser.add_argument_group("containers"))
    _add_demo_options(parser.add_argument_group("demos and traces"))
    _add_device_options(parser.add_argument_group("picture and sound"))
    _add_settings(parser)
    return parser


def _add_game_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--wad", metavar="FILE", help="the IWAD; searched for in the usual places by default")
    group.add_argument(
        "--file", metavar="PWAD", type=Path, nargs="+", action="extend", default=[], help="add-on WADs, merged in order"
    )
    group.add_argument(
        "--deh", metavar="PATCH", type=Path, nargs="+", action="extend", default=[], help="DeHackEd patches, in order"
    )
    group.add_argument("--dehlump", action="store_true", help="also take the DeHackEd patches in add-on WADs")
    group.add_argument("--warp", metavar="LEVEL", nargs="+", default=[], help="start in a level: 1 3, 7, E1M3 or MAP07")
    group.add_argument("--skill", type=int, choices=range(1, 6), help="1 (easiest) to 5 (nightmare); default 3")
    group.add_argument("--fast", action="store_true", help="fast monsters")
    group.add_argument("--respawn", action="store_true", help="monsters come back")
    group.add_argument("--nomonsters", action="store_true", help="no monsters")
    group.add_argument("--turbo", metavar="PERCENT", type=_turbo, default=100, help="walking speed, 10 to 400")
    group.add_argument("--save-folder", metavar="DIR", type=Path, help="where saved games are kept")


def _add_container_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--bridge", metavar="URL", default="", help="unix:///PATH of the host bridge, or simulated")
    group.add_argument("--no-safety", action="store_true", help="anything may kill a container, not only the player")
    group.add_argument(
        "--monsters",
        choices=("demon", "label", "memory"),
        default="demon",
        help="what containers become: demons, what their label pydoom.monster says, or the tougher the more memory",
    )
    group.add_argument(
        "--start-paused", action="store_true", help="stand still until SIGUSR1; SIGUSR2 pauses again (for the kiosk)"
    )


def _add_demo_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--playdemo", metavar="NAME|FILE", default="", help="play a demo, then quit")
    group.add_argument(
        "--timedemo", metavar="NAME|FILE", default="", help="play a demo as fast as it goes; prints tics/s"
    )
    group.add_argument("--record", metavar="FILE", default="", help="record what is played")
    group.add_argument("--longtics", action="store_true", help="record fine turns (version 111 instead of 1.9)")
    group.add_argument("--no-draw", action="store_true", help="with a headless or timed demo: draw nothing")
    group.add_argument("--trace", metavar="PREFIX", default="", help="write PREFIX.tics.csv and PREFIX.frames.csv")
    group.add_argument(
        "--trace-mobjs", metavar="A:B", type=_tic_range, help="add every mobj and sector of tics A to B to the trace"
    )
    group.add_argument(
        "--statdump", metavar="FILE", default="", help="write the results of finished levels; - is stdout"
    )


def _add_device_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--headless", action="store_true", help="no window, no sound, no display needed")
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
        "--sound-socket", metavar="PATH", type=Path, help="mix the sound for listeners at a Unix socket (for the kiosk)"
    )
    group.add_argument(
        "--record-video", metavar="FILE", type=Path, help="record pictures and sound: .mp4, .webm or .mkv"
    )
    group.add_argument(
        "--video-tics", metavar="A:B", type=_tic_range, help="record only tics A to B; a timed demo ends with the last"
    )
    group.add_argument("--borderless", action="store_true", help="a window without frame")
    group.add_argument("--window-position", metavar="X,Y", type=_position, help="where the window opens")
    group.add_argument("--kiosk", action="store_true", help="cover a virtual screen that has no window manager")


def _add_settings(parser: argparse.ArgumentParser) -> None:
    """The settings of the configuration file; what is not given here comes from there."""
    group = parser.add_argument_group("settings", "Kept in a configuration file; flags count for this run only.")
    group.add_argument("--config", metavar="FILE", type=Path, help="another configuration file")
    group.add_argument("--no-config", action="store_true", help="neither read nor write a configuration file")
    for section in SECTIONS:
        group = parser.add_argument_group(f"settings: {section}")
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
    keys = isinstance(setting.default, tuple)
    group.add_argument(
        setting.option,
        dest=setting.key,
        metavar="KEY,..." if keys else setting.name.upper(),
        type=_setting_value(setting),
        default=argparse.SUPPRESS,
        help=setting.explanation,
    )


def _setting_value(setting: Setting) -> Callable[[str], Value]:
    def value(text: str) -> Value:
        try:
            return setting.from_text(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text!r} is not {error}") from error

    return value


def _turbo(text: str) -> int:
    if not text.isdecimal() or not 10 <= int(text) <= 400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 10 to 400")
    return int(text)


def _tic_range(text: str) -> range:
    first, colon, last = text.partition(":")
    if not (colon and first.isdecimal() and last.isdecimal() and int(first) <= int(last)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a range of tics such as 0:35")
    return range(int(first), int(last) + 1)


def _position(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(-?\d+),(-?\d+)", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a position such as 0,0")
    return int(match[1]), int(match[2])
