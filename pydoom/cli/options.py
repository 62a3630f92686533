"""The options of the command line, checked and typed."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from pydoom.cli.grammar import GAME_VERSIONS, NULL_SECTORS, OptionsError, make_parser
from pydoom.cli.responsefile import insert_responses
from pydoom.cli.vanilla_flags import modernize
from pydoom.config.table import SETTINGS, Value
from pydoom.game.rules import Rules
from pydoom.sim.rules import GameVersion, StrayMemory

DEFAULT_SKILL: Final = 3


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one run; ``--help all`` explains them."""

    wad: str | None
    files: tuple[Path, ...]
    patches: tuple[Path, ...]
    dehlump: bool
    nocheats: bool
    warp: tuple[str, ...]
    episode: int | None
    skill: int
    """Counts from 1; 0 has no monsters or things."""
    skill_given: bool
    loadgame: int | None
    deathmatch: int
    """0 for none, 1, or 2 for deathmatch 2.0."""
    solo_net: bool
    timer: int
    """Minutes of a deathmatch level; 0 for no end."""
    version: GameVersion | None
    pack: Literal["doom2", "tnt", "plutonia"] | None
    nodeh: bool
    stray: StrayMemory
    playdemo: str
    timedemo: str
    record: str
    longtics: bool
    shorttics: bool
    strictdemos: bool
    max_demo_bytes: int | None
    headless: bool
    no_draw: bool
    nosound: bool
    sound_socket: Path | None
    heartbeat: Path | None
    kill_note: Path | None
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
    """How a terminal shows frames; empty for a window."""
    record_video: Path | None
    video_tics: range | None
    config: Path | None
    no_config: bool
    settings: Mapping[str, Value]
    """Settings given on the command line, by their names in the configuration file."""

    @property
    def starts_level(self) -> bool:
        """Whether play starts at once instead of with the title."""
        asked_for = self.warp or self.episode or self.skill_given or self.solo_net
        return bool(asked_for or self.record or self.bridge)

    @property
    def rules(self) -> Rules:
        """The rules of games started from the command line."""
        return Rules(
            skill=self.skill - 1,
            fast=self.fast,
            respawn=self.respawn,
            nomonsters=self.nomonsters,
            deathmatch=self.deathmatch,
            netgame=self.solo_net,
            timelimit=self.timer,
        )


def parse_options(argv: Sequence[str] | None = None) -> Options:
    """Parse the command line. Raises OptionsError; exits for --help and --version.

    Also accepts the original's flags with one dash, and response files.
    """
    words = insert_responses(sys.argv[1:] if argv is None else argv)
    given = make_parser().parse_args(modernize(words))
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
        nocheats=given.nocheats,
        warp=tuple(given.warp),
        episode=given.episode,
        skill=given.skill if given.skill is not None else DEFAULT_SKILL,
        skill_given=given.skill is not None,
        loadgame=given.loadgame,
        deathmatch=given.deathmatch,
        solo_net=given.solo_net,
        timer=given.timer,
        version=GAME_VERSIONS.get(given.gameversion or ""),
        pack=given.pack,
        nodeh=given.nodeh,
        stray=_stray(given),
        playdemo=given.playdemo or "",
        timedemo=given.timedemo or "",
        record=given.record or "",
        longtics=given.longtics and not given.strictdemos,
        shorttics=given.shorttics,
        strictdemos=given.strictdemos,
        max_demo_bytes=None if given.maxdemo is None else given.maxdemo * 1024,
        headless=given.headless,
        no_draw=given.no_draw,
        nosound=given.nosound,
        sound_socket=given.sound_socket,
        heartbeat=given.heartbeat,
        kill_note=given.kill_note,
        trace=given.trace or "",
        trace_mobjs=given.trace_mobjs,
        statdump=given.statdump or "",
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


def _stray(given: Namespace) -> StrayMemory:
    floor, ceiling = NULL_SECTORS[given.setmem]
    stray = StrayMemory(reject=0xFF if given.reject_pad_with_ff else 0, null_floor=floor, null_ceiling=ceiling)
    if given.spechit is not None:
        stray = replace(stray, spechit=given.spechit)
    if given.donut is not None:
        height, flat = given.donut
        stray = replace(stray, donut_floorheight=height, donut_floorpic=flat)
    return stray
