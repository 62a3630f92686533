"""`Game`: a DOOM machine for programs, in the spirit of an emulator library.

No window, no sound card, no clock: `step` runs tics, `screen` shows, `world` tells, `save` and `load` go back in time.
The same WAD, level, skill, seed and actions always give the same game, tic by tic, and the same frames.
"""

from __future__ import annotations

import struct
import time
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from operator import attrgetter
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pydoom.api.actions import Action, as_action
from pydoom.api.errors import GameError
from pydoom.api.history import ActionLog, Beginning, GameHistory
from pydoom.api.snapshot import Snapshot
from pydoom.api.views import Moment, WorldView
from pydoom.devices.errors import DeviceError
from pydoom.devices.null import NullWindow
from pydoom.game.dehacked import DehackedError
from pydoom.game.events import CloseEvent
from pydoom.game.level import Level, LevelNameError
from pydoom.game.origin import Origin
from pydoom.game.rules import Rules
from pydoom.game.state import GameState
from pydoom.run.machine import Machine
from pydoom.screens.palette import in_colours
from pydoom.screens.settings import Settings
from pydoom.screens.video import SCREENHEIGHT, SCREENWIDTH
from pydoom.sim.constants import TICRATE
from pydoom.sim.mobj import Mobj
from pydoom.sim.ticcmd import TicCmd
from pydoom.wad import Assets, WadError, load
from pydoom.wad.find import find_add_on, find_iwad

if TYPE_CHECKING:
    from pydoom.devices.gamewindow import GameWindow

SEEDS: Final = 256
Started: TypeAlias = tuple[Rules, Level, int]
"""Rules, first level and seed of a game."""
_CHECKED: Final = attrgetter("x", "y", "z", "angle", "health", "tics", "type")
"""The fields of each thing that must be the same after a saved game has been replayed."""
_PHASES: Final = {
    GameState.LEVEL: "level",
    GameState.INTERMISSION: "intermission",
    GameState.FINALE: "finale",
    GameState.DEMOSCREEN: "title",
}


class Game:
    """One game; any number of them can live in a process.

    `wad` is a path, a file name to search for, or `None` for the first IWAD found in the usual places; `files` are
    add-on WADs. `map` is a lump's name ("E1M3", "MAP07"), or `None` for the first map that they hold. `skill` is 1
    (easiest) to 5 (nightmare).

    The original has no seed: every game begins with the first entry of its table of 256 random numbers, and so do
    games with seed 0. Any other `seed` begins `seed % 256` entries further on, so there are 256 different games.

    With `headless=False` a window shows every step, in real time. Raises GameError or WadError with one clear line.
    """

    def __init__(
        self,
        wad: str | PathLike[str] | None = None,
        map: str | None = None,
        skill: int = 3,
        headless: bool = True,
        *,
        seed: int = 0,
        files: Iterable[str | PathLike[str]] = (),
        fast: bool = False,
        respawn: bool = False,
        monsters: bool = True,
        screenblocks: int = 10,
    ) -> None:
        self._skill = _skill_number(skill)
        if not 3 <= screenblocks <= 11:
            raise GameError(f"screenblocks must be from 3 to 11, not {screenblocks}")
        self._assets = _load(wad, files)
        try:
            self._machine = Machine(self._assets, Settings(screenblocks=screenblocks))
        except DehackedError as error:
            raise GameError(str(error)) from error
        self._session = self._machine.session
        self._rules = Rules(skill=self._skill, fast=fast, respawn=respawn, nomonsters=not monsters)
        self._level = self._first_level() if map is None else self._find_level(map)
        self._cmd = TicCmd()
        self._moment = Moment()
        self._blank = Snapshot(self._machine)
        self._window: GameWindow = NullWindow() if headless else _open_window()
        self._clock = None if headless else _Clock()
        self.reset(seed=seed)

    # -- time

    def reset(self, *, seed: int = 0, map: str | None = None, skill: int | None = None) -> None:
        """Start over, as a new `Game` with this seed; a given map or skill is kept for later resets."""
        number = self._skill if skill is None else _skill_number(skill)
        self._level = self._level if map is None else self._find_level(map)
        self._skill = number
        self._begin(replace(self._rules, skill=self._skill), self._level, seed % SEEDS)

    def _begin(self, rules: Rules, level: Level, seed: int) -> None:
        self._moment.end()
        self._blank.restore()
        session = self._session
        session.world.random.start = seed
        session.start(rules, level)
        # as the program does: a first tic without a frame
        Action().fill(self._cmd)
        self._tic()
        self._started = (rules, level, seed)
        self._log = ActionLog()

    def step(self, action: Action | str | Iterable[str] | None = None, tics: int = 1) -> None:
        """Hold `action` for `tics` tics, 35 of which are a second.

        An action is an `Action`, button names ("forward run attack", or any iterable of them), or None for nothing.

        A step ends early when the player closes the window; see `closed`.
        """
        if tics < 0:
            raise GameError(f"tics must not be negative, not {tics}")
        if self._window.closed:
            raise GameError("the game's window has been closed")
        held = as_action(action)
        held.fill(self._cmd)
        self._moment.end()
        for done in range(tics):
            self._machine.skip_frame()  # whether anybody looked at a frame must not matter
            self._tic()
            if self._clock is not None:
                self._show(self._clock)
                if self._window.closed:
                    tics = done + 1
                    break
        self._log.add(held, tics)

    def _tic(self) -> None:
        machine, session = self._machine, self._session
        machine.tic({0: self._cmd})
        machine.update_sounds()
        if session.gamestate != session.wipegamestate:
            machine.draw()  # the first frame of a screen sets up what later frames only update

    def _draw(self) -> None:
        if not self._machine.drawn:
            self._machine.draw()

    def _show(self, clock: _Clock) -> None:
        self._draw()
        if any(isinstance(event, CloseEvent) for event in self._window.poll()):
            self._window.close()
            return
        self._window.present(self._machine.frame, self._machine.colours())
        clock.wait()

    # -- observations

    @property
    def screen(self) -> NDArray[np.uint8]:
        """The frame as palette indexes, uint8[200,320]: a copy. Drawn only when asked for."""
        self._draw()
        return self._machine.frame.copy()

    @property
    def palette(self) -> NDArray[np.uint8]:
        """The colours of `screen`'s indexes now, uint8[256,3]: red when hurt, green in a radiation suit."""
        self._draw()
        return self._machine.colours()

    @property
    def screen_rgb(self) -> NDArray[np.uint8]:
        """The frame in colours, uint8[200,320,3]."""
        self._draw()
        return in_colours(self._machine.frame, self._machine.colours())

    @property
    def world(self) -> WorldView:
        """Player, things and sectors, read-only."""
        return WorldView(self._session.world, self._moment)

    @property
    def phase(self) -> str:
        """What is showing: "level", "intermission", "finale" or "title"."""
        return _PHASES[self._session.gamestate]

    @property
    def tic(self) -> int:
        """Tics since the game began, whatever the level."""
        return self._session.gametic

    @property
    def map(self) -> str:
        """The lump name of the current map."""
        world = self._session.world
        return Level.of(world).lump_name(world.mode)

    @property
    def maps(self) -> tuple[str, ...]:
        """The lump names of the WAD's maps."""
        return tuple(self._assets.map_names)

    # -- time travel

    def save(self) -> SavedGame:
        """The exact state of the game: unlike the original's saved games, nothing is lost."""
        return SavedGame(self._history(), self, Snapshot(self._machine), self._started)

    def load(self, saved: SavedGame) -> None:
        """Return to a saved moment, as often as wanted.

        A moment of this `Game` is restored at once. One from another `Game`, or another process, is replayed from its
        beginning. Raises GameError, and leaves this game unchanged, for a moment from other WADs or other rules.
        """
        if saved.game is self and saved.snapshot is not None and saved.started is not None:
            self._moment.end()
            saved.snapshot.restore()
            self._started = saved.started
            self._log = saved.history.log.copy()
            return
        here = self.save()
        try:
            self._replay(saved.history)
        except BaseException:
            self.load(here)
            raise

    def _history(self) -> GameHistory:
        rules, level, seed = self._started
        beginning = Beginning(
            Origin.of(self._assets).title,
            _digests(self._assets.paths),
            level.lump_name(self._session.world.mode),
            rules.skill + 1,
            seed,
            rules.fast,
            rules.respawn,
            not rules.nomonsters,
        )
        return GameHistory(beginning, self._log.copy(), self._checksum())

    def _replay(self, history: GameHistory) -> None:
        begun = history.beginning
        if begun.wads != _digests(self._assets.paths):
            raise GameError(f"this was saved in {begun.game}, or with other versions of its WADs")
        rules = Rules(skill=begun.skill - 1, fast=begun.fast, respawn=begun.respawn, nomonsters=not begun.monsters)
        self._begin(rules, self._find_level(begun.map), begun.seed)
        for action, tics in history.log:
            action.fill(self._cmd)
            for _ in range(tics):
                self._machine.skip_frame()
                self._tic()
        if self._checksum() != history.state:
            raise GameError("replayed, the saved game differs: it is damaged, or from another version of pydoom")
        self._log = history.log.copy()

    def _checksum(self) -> int:
        """CRC-32 of all positions and states, and of how many random numbers were used."""
        session = self._session
        world = session.world
        numbers = [session.gametic, world.random.prndindex, world.random.rndindex]
        for thinker in world.thinkers:
            if isinstance(thinker, Mobj):
                numbers += _CHECKED(thinker)
        return zlib.crc32(struct.pack(f"<{len(numbers)}q", *numbers))

    # -- the end

    @property
    def closed(self) -> bool:
        """Whether the window of `headless=False` has been closed; the next step raises GameError then."""
        return self._window.closed

    def close(self) -> None:
        """Close the window, if there is one."""
        self._window.close()

    def __enter__(self) -> Game:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _first_level(self) -> Level:
        """The first map, in order of names, that this game can play. Raises GameError when the WAD has none."""
        mode = self._session.world.mode
        for name in self._assets.map_names:
            with suppress(LevelNameError):
                return Level.parse(name, mode)
        raise GameError("this WAD has no map to play")

    def _find_level(self, name: str) -> Level:
        """The level of a map's lump name. Raises GameError when the WAD does not have it."""
        names = self._assets.map_names
        if name.upper() not in names:
            raise GameError(f"no map {name!r} in this WAD (it has {', '.join(names)})")
        try:
            return Level.parse(name, self._session.world.mode)
        except LevelNameError as error:
            raise GameError(str(error)) from error


class SavedGame:
    """A saved moment of a game, made by `Game.save`; keeps its game alive.

    It can be pickled, or turned into `bytes` and back, and loaded in another process: there the game is replayed
    up to the moment, at a few thousand tics a second. Like every pickle, a pickled one can run any code when it is
    loaded: unpickle only what you trust, and read files from elsewhere with `from_bytes`, which trusts nothing.
    """

    __slots__ = ("game", "history", "snapshot", "started")

    def __init__(
        self,
        history: GameHistory,
        game: Game | None = None,
        snapshot: Snapshot | None = None,
        started: Started | None = None,
    ) -> None:
        self.history = history
        self.game = game
        self.snapshot = snapshot
        self.started = started

    def to_bytes(self) -> bytes:
        """The moment as bytes, for `from_bytes` here or elsewhere: a few hundred, and a few more for each step."""
        return self.history.pack()

    @classmethod
    def from_bytes(cls, data: bytes) -> SavedGame:
        """Read what `to_bytes` wrote, from any source. Raises GameError for anything else."""
        return cls(GameHistory.parse(data))

    def __reduce__(self) -> tuple[Callable[[bytes], SavedGame], tuple[bytes]]:
        return SavedGame.from_bytes, (self.to_bytes(),)


class _Clock:
    """Keeps a game with a window at 35 tics a second."""

    def __init__(self) -> None:
        self._next = 0.0

    def wait(self) -> None:
        now = time.monotonic()
        if now < self._next:
            time.sleep(self._next - now)
        self._next = max(self._next, now - 1 / TICRATE) + 1 / TICRATE


def _skill_number(skill: int) -> int:
    """The original's skill number, which counts from 0."""
    if not 1 <= skill <= 5:
        raise GameError(f"skill must be from 1 to 5, not {skill}")
    return skill - 1


def _open_window() -> GameWindow:
    from pydoom.devices.options import WindowOptions
    from pydoom.devices.window import Window  # machines without a display may lack its libraries

    try:
        return Window(SCREENWIDTH, SCREENHEIGHT, WindowOptions(grab_mouse=False, for_people=True))
    except DeviceError as error:
        raise GameError(f"headless=False needs a display: {error.__cause__ or error}") from error


def _load(wad: str | PathLike[str] | None, files: Iterable[str | PathLike[str]]) -> Assets:
    found = find_iwad(None if wad is None else fspath(wad))
    if found is None:
        raise WadError("no DOOM WAD found: pass wad=, or fetch the shareware one with `python -m pydoom.wad.fetch`")
    add_ons = tuple(find_add_on(Path(file)).absolute() for file in files)
    paths = (found.path.absolute(), *add_ons)  # not resolved: the name of a link may tell which game it is
    return _load_once(paths, tuple(each.stat().st_mtime_ns for each in paths))


@lru_cache(maxsize=8)
def _digests(paths: tuple[Path, ...]) -> tuple[str, ...]:
    """The SHA-256 digests of files."""
    return tuple(sha256(path.read_bytes()).hexdigest() for path in paths)


@lru_cache(maxsize=2)
def _load_once(paths: tuple[Path, ...], _modified: tuple[int, ...]) -> Assets:
    """Assets are read-only, so all games of a process share them."""
    return load(*paths)
