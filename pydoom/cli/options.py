"""What the command line can say, checked and typed."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydoom.cli.grammar import OptionsError, make_parser
from pydoom.cli.vanilla_flags import modernize
from pydoom.config.table import SETTINGS, Value

DEFAULT_SKILL: Final = 3


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


def parse_options(argv: Sequence[str] | None = None) -> Options:
    """Read the command line. Raises OptionsError; exits for --help and --version.

    The original's flags with one dash are taken as well.
    """
    given = make_parser().parse_args(modernize(sys.argv[1:] if argv is None else argv))
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
