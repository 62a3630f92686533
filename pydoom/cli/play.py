"""Playing, from the command line: finds the WAD, reads the settings, starts the game.

Everything a user can get wrong ends with one line on stderr and exit status 2.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydoom.audio.dmx import Dmx, dmx_of
from pydoom.cli.demofile import read_demo
from pydoom.cli.grammar import OptionsError
from pydoom.cli.options import Options, parse_options
from pydoom.config import ConfigError, ConfigFile, Configuration, Value, default_path, keyhelp
from pydoom.containers import BridgeError, connect
from pydoom.data.infotables import load_info
from pydoom.devices.errors import DeviceError
from pydoom.devices.heartbeat import Heartbeat
from pydoom.devices.null import NullWindow
from pydoom.devices.speakers import Speakers
from pydoom.files import SHARED, why_not_writable, write_atomically
from pydoom.fleetmap.errors import FleetMapError
from pydoom.game.dehacked import DehackedError, patch_game
from pydoom.game.demo import DemoError
from pydoom.game.dsg import SaveError
from pydoom.game.edition import mission_of, mode_of, rules_for, version_of
from pydoom.game.level import Level, LevelNameError, find_level
from pydoom.game.oldsaves import adopt_old_saves
from pydoom.game.origin import Origin, folder_name
from pydoom.game.savegame import read as read_saved_game
from pydoom.game.statdump import format_stats
from pydoom.game.trace import TraceWriter
from pydoom.render.choice import RendererError
from pydoom.run import headless
from pydoom.run.loop import Loop
from pydoom.run.machine import ORIGINAL_SIZE, Machine
from pydoom.screens import endoom
from pydoom.sim.errors import LevelError
from pydoom.sim.states import StateCycleError
from pydoom.wad import Assets, OtherGameError, WadError, load
from pydoom.wad.advice import FETCH, advice
from pydoom.wad.find import FoundIwad, find_add_on, find_iwad, user_folder

if TYPE_CHECKING:
    from pydoom.containers.layer import Containers
    from pydoom.containers.picture.hints import Hints
    from pydoom.data.info import GameInfo
    from pydoom.devices.gamewindow import GameWindow
    from pydoom.devices.recording import Recorder
    from pydoom.game.session import Session
    from pydoom.game.ticcmd import Controls
    from pydoom.render.interface import ViewRenderer
    from pydoom.screens.settings import Settings

USER_ERROR: Final = 2
_SAVES: Final = "saves"
"""The folder of saved games in the user's data folder."""
LONGEST_WAIT: Final = 2.0
"""Seconds to wait for the fleet before the first level is built from it."""
_BETWEEN_LOOKS: Final = 0.01
MAX_WARNINGS: Final = 20
"""Most warnings about patches to show; more would hide the first ones."""


EXTENDED_FORMAT: Final = "Doom 1.91 demo format, which the original cannot play"


class UserError(Exception):
    """A request of the user's cannot be met; the message says why."""


def main(argv: Sequence[str] | None = None) -> int:
    """Play as the options say; returns the exit status."""
    try:
        run(parse_options(argv))
    except ConfigError as error:
        return _fail(f"{error} (fix it, or play without it: --no-config)")
    except (
        UserError,
        OptionsError,
        RendererError,
        WadError,
        DehackedError,
        DemoError,
        LevelError,
        StateCycleError,
        DeviceError,
        BridgeError,
        FleetMapError,
    ) as error:
        return _fail(str(error))
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        return _fail(f"{name}{error.strerror or error}")
    except RecursionError:
        # actions of states that lead into each other; the original would crash
        return _fail("the game is in an endless loop within one tic, probably because of a DeHackEd patch")
    except KeyboardInterrupt:
        return 130
    return 0


def _fail(message: str) -> int:
    print(f"pydoom: {' '.join(message.split())}", file=sys.stderr)
    return USER_ERROR


def run(options: Options) -> None:
    """Run what the options ask for. Raises the errors `main` turns into one line."""
    _check_places(options)
    _check_map(options)
    wad = _find_wad(options)
    assets = _load(wad.path, options)
    assets.warn = _warn
    version = options.version if options.version is not None else version_of(assets)
    configuration, config_file = _configure(options)
    info = load_info()
    warnings = patch_game(
        info,
        assets,
        options.patches,
        version=version,
        own=not options.nodeh,
        lumps=options.dehlump,
        cheats=not options.nocheats,
    )
    for warning in warnings[:MAX_WARNINGS]:
        _warn(warning)
    name = options.timedemo or options.playdemo
    demo = read_demo(name, assets, version, strict=options.strictdemos) if name else None
    if options.longtics and options.record:
        _warn(f"recording in the {EXTENDED_FORMAT}; --strictdemos prevents it")
    if demo is not None and demo.longtics:
        _warn(f"{name} is in the {EXTENDED_FORMAT}; --strictdemos refuses it")
    level = _level(options, assets) if demo is None and options.starts_level else None
    timed = demo is not None and bool(options.timedemo or options.headless)
    frames_traced = bool(options.trace) and not (options.no_draw and demo is not None)
    if frames_traced and configuration.resolution != ORIGINAL_SIZE:
        raise UserError("--trace compares the original's frames: it needs --resolution 320x200")
    with ExitStack() as cleanup:
        trace = None
        if options.trace:
            trace = cleanup.enter_context(
                TraceWriter(options.trace, mobj_tics=options.trace_mobjs, frames=frames_traced)
            )
        dmx = dmx_of(version, mission_of(assets, version))
        speakers, complaint = (Speakers(), "") if timed else _open_speakers(options, assets, info, dmx)
        recorder = None
        if options.record_video is not None:
            from pydoom.devices.recording import Recorder

            recorder = Recorder(
                options.record_video, assets, info.sounds, options.video_tics, wait=timed, heard=speakers, dmx=dmx
            )
            cleanup.callback(recorder.close)
            speakers = recorder.speakers
        settings = configuration.settings()
        machine = cleanup.enter_context(
            Machine(
                assets,
                settings,
                info,
                configuration.resolution,
                save_folder=None if timed else _save_folder(options, assets),
                speakers=speakers,
                connect=partial(_connect, options, assets, info, settings, configuration)
                if options.bridge and not timed
                else None,
                controls=_controls(options, configuration),
                observers=() if trace is None else (trace,),
                renderer=configuration.renderer,
                rules=rules_for(version, options.rules),
                version=version,
                stray=options.stray,
                map_seed=configuration.map_seed,
            )
        )
        session = machine.session
        if not timed and options.save_folder is None:
            _adopt_old_saves(options, session)
        if demo is not None:
            demo.start(session)
        if options.statdump:
            cleanup.callback(_write_stats, session, options.statdump)
        if timed:
            timing = headless.time_demo(machine, draw=not options.no_draw, trace=trace, recorder=recorder)
            if options.timedemo:
                print(timing, flush=True)
            return
        if demo is None:
            in_fleet = configuration.in_fleet and bool(options.bridge) and not options.record
            if in_fleet:
                _await_fleet(session)
            _begin(session, options, level, in_fleet)
        window = _open_window(options, configuration, machine.containers.summary if machine.containers else str)
        if not options.headless and str(wad.path) != options.wad:
            print(f"pydoom: playing {wad.path} ({wad.reason})", file=sys.stderr, flush=True)
        if complaint:
            _warn(complaint)
        _play(machine, window, options, configuration, trace=trace, recorder=recorder)
        if config_file is not None:
            fullscreen = None if options.headless or options.kiosk else window.fullscreen
            _save_settings(config_file, configuration.changes(machine.settings, fullscreen))


def _say(message: str) -> None:
    print(f"pydoom: {message}", file=sys.stderr, flush=True)


def _warn(message: str) -> None:
    print(f"pydoom: warning: {message}", file=sys.stderr)


def _configure(options: Options) -> tuple[Configuration, ConfigFile | None]:
    """The settings of this run, and the file to keep changes in, if any.

    Headless runs read no file unless told to, so that they are the same for everybody.
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
    # a kiosk's player does not own this file
    return Configuration(file.values, options.settings), None if options.kiosk or not shown else file


def _save_settings(file: ConfigFile, changes: Mapping[str, Value]) -> None:
    try:
        file.save(changes)
    except OSError as error:
        _warn(f"{file.path}: settings not saved: {error.strerror or error}")


def _find_wad(options: Options) -> FoundIwad:
    found = find_iwad(options.wad)
    if found is not None:
        return found
    from pydoom.wad.fetch import ask, fetch

    folder = user_folder()
    if ask(folder):
        return FoundIwad(fetch(folder), "just fetched")
    raise UserError(
        f"no DOOM WAD found: give one with --wad, put one into wads/, or fetch the shareware one with `{FETCH}`"
    )


def _load(wad: Path, options: Options) -> Assets:
    try:
        assets = load(wad, *map(find_add_on, options.files))
    except OtherGameError:
        raise
    except WadError as error:
        if options.files:
            raise
        raise UserError(f"{error}: {advice(wad)}") from error
    if options.pack is not None and assets.mission != "doom":
        assets.mission = options.pack
    return assets


def _check_places(options: Options) -> None:
    """Check folders now for files that are written at the end."""
    for flag, name in (("--record", options.record), ("--statdump", options.statdump.removeprefix("-"))):
        if not name:
            continue
        trouble = why_not_writable(Path(name).parent)
        if trouble:
            raise UserError(f"{flag} {name}: {trouble}; choose another folder")
        if Path(name).name in ("", "..") or Path(name).is_dir():
            raise UserError(f"{flag} {name}: this is a folder; give the name of a file")
        if Path(name).exists() and not Path(name).is_file():
            raise UserError(f"{flag} {name}: this is a pipe or a device; give the name of a file")


def _check_map(options: Options) -> None:
    """Refuse a data centre without a fleet, or in a demo, which does not hold its level."""
    if options.settings.get("game.map") != "fleet":
        return
    if not options.bridge:
        raise UserError("--map fleet builds a level from the containers behind a bridge: it needs --bridge")
    if options.record:
        raise UserError(
            "--record: a demo does not hold the level it plays in; "
            "write one to a WAD with pydoom fleetmap, and record in it with --file"
        )


def _await_fleet(session: Session) -> None:
    """Wait a moment for the bridge's list; a level that is built without it is built again when it comes."""
    deadline = time.monotonic() + LONGEST_WAIT
    while session.datacentre.survey() is None and time.monotonic() < deadline:
        time.sleep(_BETWEEN_LOOKS)


def _begin(session: Session, options: Options, level: Level | None, in_fleet: bool) -> None:
    """Start a level, a recording, a saved game or the title loop; `in_fleet`: the level is built from the fleet."""
    if options.loadgame is not None:
        if session.saved_name(options.loadgame) is None:
            raise UserError(f"--loadgame {options.loadgame}: there is no saved game in that slot")
        try:
            read_saved_game(session.saved_path(options.loadgame), session)
        except SaveError as error:
            raise UserError(f"--loadgame {options.loadgame}: {error}") from error
        session.load_slot(options.loadgame)
        return
    if level is None:
        session.start_title()
        return
    session.start(rules_for(session.world.version, options.rules), level, in_fleet)
    if options.record:
        path = Path(options.record)
        session.record_demo(
            path if path.suffix else path.with_suffix(".lmp"),
            longtics=options.longtics,
            max_bytes=options.max_demo_bytes,
        )


def _level(options: Options, assets: Assets) -> Level:
    """The level to start in. Raises UserError when the WAD does not have it."""
    words = " ".join(options.warp)
    mode = mode_of(assets, options.version)
    start = Level(options.episode or 1, 1).lump_name(mode)
    try:
        return find_level(words or start, mode, assets.map_names)
    except LevelNameError as error:
        raise UserError(f"--warp {words}: {error}" if words else str(error)) from error


def _save_folder(options: Options, assets: Assets) -> Path:
    """Where games are saved, a folder for each game; warns if none can be."""
    folder = options.save_folder or user_folder() / _SAVES / folder_name(Origin.of(assets), options.patches)
    trouble = "" if options.headless else why_not_writable(folder)
    if trouble:
        _warn(f"games cannot be saved in {folder}: {trouble}; choose a folder with --save-folder")
    return folder


def _adopt_old_saves(options: Options, session: Session) -> None:
    """Copy those old saves that fit this game from the folder that all games used to share."""
    shared = user_folder() / _SAVES
    folder = shared / folder_name(Origin.of(session.assets), options.patches)
    try:
        count = adopt_old_saves(shared, folder, session)
    except OSError as error:
        _warn(f"the saved games in {shared} were not copied to {folder}: {error.strerror or error}")
        return
    if count:
        _say(f"each game now has its own folder for saves: copied {count} of this game from {shared} to {folder}")


def _controls(options: Options, configuration: Configuration) -> Controls:
    controls = configuration.controls()
    controls.lowres_turn = options.shorttics or (bool(options.record) and not options.longtics)
    controls.set_turbo(options.turbo)
    return controls


def _play(
    machine: Machine,
    window: GameWindow,
    options: Options,
    configuration: Configuration,
    *,
    trace: TraceWriter | None,
    recorder: Recorder | None,
) -> None:
    """Play until the end."""
    if recorder is not None:
        from pydoom.devices.recording import RecordingWindow

        window = RecordingWindow(window, recorder)
    loop = Loop(
        machine,
        window,
        trace=trace,
        start_paused=options.start_paused,
        configuration=configuration,
        heartbeat=None if options.heartbeat is None else Heartbeat(options.heartbeat),
    )
    loop.run()
    if machine.session.quit_requested:
        _say_goodbye(machine.session.assets)
    if recorder is not None and recorder.shortfall:
        _warn(recorder.shortfall)


def _say_goodbye(assets: Assets) -> None:
    """Show the original's farewell screen, if on a terminal (``I_Endoom``)."""
    columns, rows = shutil.get_terminal_size()
    if sys.stdout.isatty() and columns >= endoom.COLUMNS and rows > endoom.ROWS and assets.has_lump(endoom.LUMP):
        print(endoom.to_ansi(assets.lump(endoom.LUMP)), end="")


def _open_window(options: Options, configuration: Configuration, status: Callable[[], str]) -> GameWindow:
    """Open the window or terminal; a terminal has a line for the `status`."""
    if options.headless:
        return NullWindow()
    if options.terminal:
        from pydoom.devices.terminal import TerminalWindow  # not every system has terminals

        return TerminalWindow(options.terminal, status=status)
    # imported here, because pygame is slow to import and headless machines may lack its libraries
    from pydoom.devices.window import Window

    opening = configuration.window(
        position=options.window_position, borderless=options.borderless, cover_screen=options.kiosk
    )
    return Window(*configuration.resolution, opening)


def _open_speakers(options: Options, assets: Assets, info: GameInfo, dmx: Dmx) -> tuple[Speakers, str]:
    """Open the sound devices; also returns why there is no sound, to report once everything else works."""
    if options.headless or options.nosound:
        return Speakers(), ""
    if options.sound_socket is not None:
        from pydoom.devices.stream import open_stream

        return open_stream(options.sound_socket, assets, info.sounds, dmx), ""
    from pydoom.devices.mixer import open_mixer
    from pydoom.devices.music import open_music

    try:
        mixer = open_mixer(assets.sound, info.sounds)
    except DeviceError as error:
        return Speakers(), str(error)
    music = open_music(assets, dmx)
    return Speakers(mixer) if music is None else Speakers(mixer, music), ""


def _connect(
    options: Options,
    assets: Assets,
    info: GameInfo,
    settings: Settings,
    configuration: Configuration,
    renderer: ViewRenderer,
) -> Containers:
    return connect(
        options.bridge,
        assets,
        info,
        renderer,
        safety=not options.no_safety,
        species=options.monsters,
        hints=_hints(settings, configuration),
        complain=_warn,
        announce=None if options.terminal else _say,  # a terminal has a line for the containers
        explain=lambda text: _explain(options, text),
    )


def _explain(options: Options, text: str) -> None:
    """Say what a kill does in the log, and in the file that the kiosk's page reads."""
    if not options.terminal:
        _say(text)
    note = options.kill_note
    if note is None:
        return
    new = note.with_name(f"{note.name}.new")
    try:
        new.write_text(text, "utf-8")
        new.replace(note)  # whole or not at all; nothing waits for the disk
    except OSError as error:
        _warn(f"--kill-note {note}: {error.strerror or error}")


def _hints(settings: Settings, configuration: Configuration) -> Hints:
    """The hints to containers, with these settings."""
    from pydoom.containers.picture.hints import HintKeys, Hints

    keys = HintKeys(
        configuration.hint_keys(),
        configuration.key_name("hints"),
        configuration.key_name("map"),
        keyhelp.moving(configuration),
        keyhelp.firing(configuration),
        keyhelp.using(configuration),
        keyhelp.weapons(configuration),
        keyhelp.menu(configuration),
        configuration.inspect_keys(),
        configuration.key_name("inspect"),
    )
    return Hints(settings, keys)


def _write_stats(session: Session, target: str) -> None:
    print(f"Statistics captured for {len(session.level_log)} level(s)")
    text = format_stats(session.level_log)
    if target == "-":
        sys.stdout.write(text)
    else:
        write_atomically(Path(target), text.encode("ascii"), mode=SHARED)
