"""Playing, from the command line: finds the WAD, reads the settings, starts what was asked for.

Everything a user can get wrong ends with one line on stderr and exit status 2.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydoom.cli.demofile import start_demo
from pydoom.cli.grammar import OptionsError
from pydoom.cli.options import Options, parse_options
from pydoom.config import ConfigError, ConfigFile, Configuration, Value, default_path
from pydoom.containers import BridgeError
from pydoom.containers.picture.summary import summary
from pydoom.data.infotables import load_info
from pydoom.devices.errors import DeviceError
from pydoom.devices.null import NullWindow
from pydoom.devices.recording import Recorder, RecordingWindow
from pydoom.files import why_not_writable
from pydoom.game.dehacked import DehackedError, patch_game
from pydoom.game.demo import DemoError
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.game.savegame import SaveFolder
from pydoom.game.statdump import format_stats
from pydoom.game.trace import TraceWriter
from pydoom.run import headless
from pydoom.run.assembly import ORIGINAL_SIZE, Game, assemble
from pydoom.run.loop import App, PictureWindow
from pydoom.screens import endoom
from pydoom.sim.errors import LevelError
from pydoom.sim.rules import GameMode
from pydoom.sim.states import StateCycleError
from pydoom.wad import Assets, WadError, load
from pydoom.wad.advice import FETCH, advice
from pydoom.wad.fetch import ask, fetch
from pydoom.wad.find import find_iwad, user_folder

if TYPE_CHECKING:
    from pydoom.containers.layer import Containers
    from pydoom.game.session import Session

USER_ERROR: Final = 2
MAX_WARNINGS: Final = 20
"""Warnings about patches that are shown; the rest would hide the first ones."""


class UserError(Exception):
    """Something the user asked for cannot be done; the message says why."""


def main(argv: Sequence[str] | None = None) -> int:
    """Play as the options say; returns the exit status."""
    try:
        run(parse_options(argv))
    except ConfigError as error:
        return _fail(f"{error} (mend it, or play without it: --no-config)")
    except (
        UserError,
        OptionsError,
        WadError,
        DehackedError,
        DemoError,
        LevelError,
        StateCycleError,
        DeviceError,
        BridgeError,
    ) as error:
        return _fail(str(error))
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        return _fail(f"{name}{error.strerror or error}")
    except RecursionError:
        # the original would crash: actions of states that lead into each other
        return _fail("the game goes round in circles within one tic; a DeHackEd patch must be to blame")
    except KeyboardInterrupt:
        return 130
    return 0


def _fail(message: str) -> int:
    print(f"pydoom: {' '.join(message.split())}", file=sys.stderr)
    return USER_ERROR


def run(options: Options) -> None:
    """Do what the options ask for. Raises the errors `main` turns into one line."""
    _check_places(options)
    assets = _load(_find_wad(options), options)
    configuration, config_file = _configure(options)
    info = load_info()
    for warning in patch_game(info, assets, options.patches, lumps=options.dehlump)[:MAX_WARNINGS]:
        _warn(warning)
    demo_name = options.timedemo or options.playdemo
    frames_traced = bool(options.trace) and not (options.no_draw and demo_name)
    if frames_traced and configuration.resolution != ORIGINAL_SIZE:
        raise UserError("--trace is of the original's pictures: it needs --resolution 320x200")
    saves = None if demo_name and (options.timedemo or options.headless) else _open_saves(options)
    with ExitStack() as cleanup:
        trace = None
        if options.trace:
            trace = cleanup.enter_context(
                TraceWriter(options.trace, mobj_tics=options.trace_mobjs, frames=frames_traced)
            )
        game = assemble(
            assets,
            configuration.settings(),
            info,
            configuration.resolution,
            saves=saves,
            observers=() if trace is None else (trace,),
        )
        session = game.session
        if demo_name:
            start_demo(session, demo_name)
        if options.statdump:
            cleanup.callback(_write_stats, session, options.statdump)
        if demo_name and (options.timedemo or options.headless):
            recorder = _open_recorder(options, session, wait=True)
            if recorder is not None:
                cleanup.callback(recorder.close)
            timing = headless.time_demo(game, draw=not options.no_draw, trace=trace, recorder=recorder)
            if options.timedemo:
                print(timing, flush=True)
            return
        if not demo_name:
            _begin(session, options)
        fullscreen = _play(game, options, configuration, trace, saves)
        if config_file is not None:
            _save_settings(config_file, configuration.changes(game.settings, fullscreen))


def _warn(message: str) -> None:
    print(f"pydoom: warning: {message}", file=sys.stderr)


def _configure(options: Options) -> tuple[Configuration, ConfigFile | None]:
    """The settings of this run, and the file to keep changes in, if any.

    What shows nothing reads no file unless told to, so that it is the same for everybody.
    """
    shown = not (options.headless or options.timedemo)
    if options.no_config or not (shown or options.config):
        return Configuration(options.settings), None
    path = options.config or default_path()
    try:
        file = ConfigFile(path)
    except OSError as error:
        if options.config:
            raise
        _warn(f"{path}: settings not read: {error.strerror or error}")
        return Configuration(options.settings), None
    for warning in file.warnings[:MAX_WARNINGS]:
        _warn(warning)
    # a kiosk's player is not the one whose file this is
    return Configuration(file.values, options.settings), None if options.kiosk or not shown else file


def _save_settings(file: ConfigFile, changes: Mapping[str, Value]) -> None:
    try:
        file.save(changes)
    except OSError as error:
        _warn(f"{file.path}: settings not saved: {error.strerror or error}")


def _find_wad(options: Options) -> Path:
    path = find_iwad(options.wad)
    if path is not None:
        return path
    folder = user_folder()
    if ask(folder):
        return fetch(folder)
    raise UserError(
        f"no DOOM WAD found: give one with --wad, put one into wads/, or fetch the shareware one with `{FETCH}`"
    )


def _load(wad: Path, options: Options) -> Assets:
    try:
        return load(wad, *options.files)
    except WadError as error:
        if options.files:
            raise
        raise UserError(f"{error}: {advice(wad)}") from error


def _check_places(options: Options) -> None:
    """Complain now about places for files that are written at the end, rather than then."""
    for flag, name in (("--record", options.record), ("--statdump", options.statdump.removeprefix("-"))):
        trouble = why_not_writable(Path(name).parent) if name else ""
        if trouble:
            raise UserError(f"{flag} {name}: {trouble}; choose another folder")


def _begin(session: Session, options: Options) -> None:
    """Start a level, a recording or the title loop."""
    if not options.starts_level:
        session.start_title()
        return
    rules = Rules(skill=options.skill - 1, fast=options.fast, respawn=options.respawn, nomonsters=options.nomonsters)
    session.start(rules, _level(options, session))
    if options.record:
        path = Path(options.record)
        session.record_demo(path if path.suffix else path.with_suffix(".lmp"), longtics=options.longtics)


def _level(options: Options, session: Session) -> Level:
    commercial = session.world.mode == GameMode.COMMERCIAL
    level = Level(*options.level_numbers(commercial))
    name = level.lump_name(session.world.mode)
    if name not in session.assets.map_names:
        raise UserError(f"no level {name} in this WAD (it has {_summary(session.assets.map_names)})")
    return level


def _summary(names: Sequence[str]) -> str:
    if not names:
        return "none"
    return f"{names[0]} to {names[-1]}" if len(names) > 1 else names[0]


def _open_saves(options: Options) -> SaveFolder:
    saves = SaveFolder(options.save_folder or user_folder() / "saves")
    trouble = "" if options.headless else why_not_writable(saves.directory)
    if trouble:
        _warn(f"games cannot be saved in {saves.directory}: {trouble}; choose a folder with --save-folder")
    return saves


def _play(
    game: Game, options: Options, configuration: Configuration, trace: TraceWriter | None, saves: SaveFolder | None
) -> bool | None:
    """Play until the end; returns whether the game covered the screen then, None without a window."""
    session = game.session
    session.sounds.set_volume(game.settings.sfx_volume)
    window = _open_window(options, configuration)
    _open_sound(game, options)
    containers = _connect(options, game, saves)
    if options.terminal and containers is not None:
        _show_status(window, containers)
    recorder = _open_recorder(options, session, wait=False)
    if recorder is not None:
        session.sounds.set_music_volume(game.settings.music_volume)
        window = RecordingWindow(window, recorder)
    app = App(
        game,
        window,
        containers=containers,
        trace=trace,
        start_paused=options.start_paused,
        configuration=configuration,
    )
    app.controls.lowres_turn = session.demorecording and not options.longtics
    app.controls.set_turbo(options.turbo)
    app.run()
    if session.quit_requested:
        _say_goodbye(session.assets)
    if recorder is not None and recorder.shortfall:
        _warn(recorder.shortfall)
    return None if options.headless or options.kiosk else window.fullscreen


def _say_goodbye(assets: Assets) -> None:
    """Show the original's farewell where somebody sees it (``I_Endoom``)."""
    columns, rows = shutil.get_terminal_size()
    if sys.stdout.isatty() and columns >= endoom.COLUMNS and rows > endoom.ROWS and assets.has_lump(endoom.LUMP):
        print(endoom.to_ansi(assets.lump(endoom.LUMP)), end="")


def _open_window(options: Options, configuration: Configuration) -> PictureWindow:
    if options.headless:
        return NullWindow()
    if options.terminal:
        from pydoom.devices.terminal import TerminalWindow  # not every system has terminals

        return TerminalWindow(options.terminal)
    # here and not above, because importing pygame takes a while and headless machines may lack its libraries
    from pydoom.devices.window import Window

    opening = configuration.window(
        position=options.window_position, borderless=options.borderless, cover_screen=options.kiosk
    )
    return Window(*configuration.resolution, opening)


def _open_sound(game: Game, options: Options) -> None:
    if options.headless or options.nosound:
        return
    if options.sound_socket is not None:
        from pydoom.devices.stream import open_stream

        open_stream(options.sound_socket, game.session, game.settings.music_volume)
        return
    from pydoom.devices.mixer import open_mixer
    from pydoom.devices.music import open_music

    session = game.session
    try:
        mixer = open_mixer(session.assets.sound, session.world.info.sounds)
    except DeviceError as error:
        _warn(str(error))
        return
    session.sounds.device = mixer
    music = open_music(session.assets)
    if music is not None:
        session.sounds.connect_music(music)
        session.sounds.set_music_volume(game.settings.music_volume)


def _open_recorder(options: Options, session: Session, *, wait: bool) -> Recorder | None:
    if options.record_video is None:
        return None
    return Recorder(options.record_video, session, options.video_tics, wait=wait)


def _show_status(window: PictureWindow, containers: Containers) -> None:
    """Let a terminal say below the picture what there is to know about the containers."""
    from pydoom.devices.terminal import TerminalWindow

    if isinstance(window, TerminalWindow):
        window.status = lambda: summary(containers.roster, containers.status())


def _connect(options: Options, game: Game, saves: SaveFolder | None) -> Containers | None:
    if not options.bridge:
        return None
    from pydoom.containers import connect

    containers = connect(
        options.bridge, game.session, game.view.renderer, safety=not options.no_safety, species=options.monsters
    )
    if saves is not None:
        saves.keep_labels(containers)
    containers.complain = _warn
    return containers


def _write_stats(session: Session, target: str) -> None:
    print(f"Statistics captured for {len(session.level_log)} level(s)")
    text = format_stats(session.level_log)
    if target == "-":
        sys.stdout.write(text)
    else:
        path = Path(target)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")
