"""The command line: reads the options, finds the WAD, starts what was asked for.

Everything a user can get wrong ends with one line on stderr and exit status 2.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydoom import headless
from pydoom.app import App, ContainerLayer, PictureWindow
from pydoom.assembly import Game, assemble
from pydoom.containers import BridgeError
from pydoom.data.info import load_info
from pydoom.devices.errors import DeviceError
from pydoom.devices.null import NullWindow
from pydoom.game.dehacked import DehackedError, patch_game
from pydoom.game.demo import MAX_DEMO_SIZE, DemoError
from pydoom.game.levelflow import map_lump_name
from pydoom.game.savegame import SaveFolder
from pydoom.game.statdump import format_stats
from pydoom.game.trace import TraceWriter
from pydoom.options import Options, OptionsError, parse_options
from pydoom.screens.settings import Settings
from pydoom.screens.video import SCREENHEIGHT, SCREENWIDTH
from pydoom.sim.errors import LevelError
from pydoom.sim.mobj import StateCycleError
from pydoom.sim.rules import GameMode
from pydoom.wad import Assets, WadError, load
from pydoom.wad.fetch import ask, fetch
from pydoom.wad.find import find_iwad, user_folder

if TYPE_CHECKING:
    from pydoom.game.session import Session

USER_ERROR: Final = 2
MAX_WARNINGS: Final = 20
"""Warnings about patches that are shown; the rest would hide the first ones."""


class UserError(Exception):
    """Something the user asked for cannot be done; the message says why."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit status."""
    try:
        run(parse_options(argv))
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
    assets = load(_find_wad(options), *options.files)
    settings = Settings(screenblocks=options.screenblocks)
    info = load_info()
    for warning in patch_game(info, assets, options.patches, lumps=options.dehlump)[:MAX_WARNINGS]:
        print(f"pydoom: warning: {warning}", file=sys.stderr)
    game = assemble(assets, settings, info)
    session = game.session
    demo_name = options.timedemo or options.playdemo
    with ExitStack() as cleanup:
        if demo_name:
            _start_demo(session, demo_name)
        trace = None
        if options.trace:
            drawn = not (options.no_draw and demo_name)
            trace = cleanup.enter_context(
                TraceWriter(session, options.trace, mobj_tics=options.trace_mobjs, frames=drawn)
            )
        if options.statdump:
            cleanup.callback(_write_stats, session, options.statdump)
        if demo_name and (options.timedemo or options.headless):
            timing = headless.time_demo(game, draw=not options.no_draw, trace=trace)
            if options.timedemo:
                print(timing, flush=True)
            return
        if not demo_name:
            _begin(session, options)
        _play(game, options, trace)


def _find_wad(options: Options) -> Path:
    path = find_iwad(options.wad)
    if path is not None:
        return path
    folder = user_folder()
    if ask(folder):
        return fetch(folder)
    raise UserError(
        "no DOOM WAD found: give one with --wad, put one into wads/, or fetch the shareware one with "
        "`python -m pydoom.wad.fetch --yes`"
    )


def _start_demo(session: Session, name: str) -> None:
    data, in_wad = _read_demo(name, session.assets)
    try:
        session.play_demo(data, single=True, allow_longtics=not in_wad)
    except DemoError as error:
        raise DemoError(f"{name}: {error}") from error


def _read_demo(name: str, assets: Assets) -> tuple[bytes, bool]:
    """The bytes of a demo lump or file, and whether it is a lump."""
    path = Path(name)
    if len(path.parts) == 1 and not path.suffix and assets.has_lump(name.upper()):
        return assets.demo(name.upper()), True
    for candidate in (path, Path(name + ".lmp")):
        if candidate.is_dir() or not candidate.exists():
            continue
        with candidate.open("rb") as stream:
            data = stream.read(MAX_DEMO_SIZE + 1)
        if len(data) > MAX_DEMO_SIZE:
            raise DemoError(f"{candidate} is too long for a demo: it may never end")
        return data, False
    raise UserError(f"no demo {name}: neither a lump of the WAD nor a file")


def _begin(session: Session, options: Options) -> None:
    """Start a level, a recording or the title loop."""
    world = session.world
    session.respawnparm = options.respawn
    world.fastparm = options.fast
    world.nomonsters = options.nomonsters
    if not options.starts_level:
        session.start_title()
        return
    episode, map_number = _level(options, session)
    session.init_new(options.skill - 1, episode, map_number)
    if options.record:
        path = Path(options.record)
        session.record_demo(path if path.suffix else path.with_suffix(".lmp"), longtics=options.longtics)


def _level(options: Options, session: Session) -> tuple[int, int]:
    commercial = session.world.mode == GameMode.COMMERCIAL
    numbers = options.level_numbers(commercial)
    name = map_lump_name(session.world.mode, *numbers)
    if name not in session.assets.map_names:
        raise UserError(f"no level {name} in this WAD (it has {_summary(session.assets.map_names)})")
    return numbers


def _summary(names: Sequence[str]) -> str:
    if not names:
        return "none"
    return f"{names[0]} to {names[-1]}" if len(names) > 1 else names[0]


def _play(game: Game, options: Options, trace: TraceWriter | None) -> None:
    session = game.session
    saves = SaveFolder(options.save_folder or user_folder() / "saves")
    session.saves = saves
    game.menu.slots = saves
    window = _open_window(options)
    _open_sound(game, options)
    app = App(
        game,
        window,
        containers=_connect(options, session),
        trace=trace,
        start_paused=options.start_paused,
    )
    app.controls.lowres_turn = session.demorecording and not options.longtics
    app.controls.set_turbo(options.turbo)
    app.run()


def _open_window(options: Options) -> PictureWindow:
    if options.headless:
        return NullWindow()
    # here and not above, because importing pygame takes a while and headless machines may lack its libraries
    from pydoom.devices.window import Window

    return Window(SCREENWIDTH, SCREENHEIGHT, options.window)


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
    mixer = open_mixer(session.assets.sound, session.world.info.sounds)
    if mixer is None:
        return
    session.sounds.device = mixer
    music = open_music(session.assets)
    if music is not None:
        session.sounds.connect_music(music)
        session.sounds.set_music_volume(game.settings.music_volume)


def _connect(options: Options, session: Session) -> ContainerLayer | None:
    if not options.bridge:
        return None
    from pydoom.containers import connect

    return connect(options.bridge, session, safety=not options.no_safety, species=options.monsters)


def _write_stats(session: Session, target: str) -> None:
    print(f"Statistics captured for {len(session.level_log)} level(s)")
    text = format_stats(session.level_log)
    if target == "-":
        sys.stdout.write(text)
    else:
        Path(target).write_text(text, encoding="ascii")
