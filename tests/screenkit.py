"""A session's screens without its 3-D view, and a fake of the game, for tests of single screens."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pydoom.data.infotables import load_info
from pydoom.data.mobj_ids import MT_PLAYER
from pydoom.game.control import GameControl
from pydoom.game.events import KeyEvent
from pydoom.game.level import Level
from pydoom.game.session import Session
from pydoom.game.sounds import Sounds
from pydoom.game.state import GameState
from pydoom.screens.border import ViewWindow
from pydoom.screens.display import Display
from pydoom.screens.menu import Menu
from pydoom.screens.screens import make_screens
from pydoom.screens.settings import Settings
from pydoom.screens.video import Frame, Picture
from pydoom.sim.level import NOWHERE, SoundOrigin
from pydoom.sim.mobj import Mobj
from pydoom.sim.rules import GameMode, GameVersion
from pydoom.sim.world import World
from pydoom.wad import Assets
from tests.unit.rooms import SmallCatalog


class Patch(Picture):
    """A patch made by hand: colour everywhere, or what `pixels` says with 0 for holes."""

    width = 0
    height = 0
    leftoffset = 0
    topoffset = 0
    pixels = np.zeros((0, 0), np.uint8)
    mask = np.zeros((0, 0), np.bool_)

    def __init__(self, width: int, height: int, colour: int = 1, left: int = 0, top: int = 0) -> None:
        self.width = width
        self.height = height
        self.leftoffset = left
        self.topoffset = top
        self.pixels = np.full((height, width), colour, np.uint8)
        self.mask = np.ones((height, width), np.bool_)


def blank_frame() -> NDArray[np.uint8]:
    return np.zeros((200, 320), np.uint8)


def key(number: int, *, down: bool = True) -> KeyEvent:
    return KeyEvent(number, down, number if 32 <= number < 127 else 0)


class NotedSounds(Sounds):
    """Plays nothing; `played` collects the numbers of sounds, `asked` other requests."""

    def __init__(self, world: World, asked: list[tuple[object, ...]]) -> None:
        super().__init__(world)
        self.played: list[int] = []
        self._asked = asked

    def start(self, origin: SoundOrigin | None, sfx_number: int) -> None:
        self.played.append(sfx_number)

    def change_music(self, number: int, looping: bool) -> None:
        self._asked.append(("music", number, looping))

    def set_volume(self, volume: int) -> None:
        self._asked.append(("volume", volume))

    def set_music_volume(self, volume: int) -> None:
        self._asked.append(("music volume", volume))


class FakeGame(GameControl):
    """A game without a level for tests of single screens; `asked` collects what they want of it."""

    gametic = 0
    gamestate = GameState.LEVEL
    usergame = True
    demoplayback = False
    singledemo = False
    viewactive = True
    menu_active = False
    automap_active = False
    page_name = ""
    sky_texture = 0
    quit_requested = False

    def __init__(self, mode: GameMode = GameMode.SHAREWARE, version: GameVersion = GameVersion.DOOM_1_9) -> None:
        self._world = World(SmallCatalog(), load_info(), mode, version)
        self._world.playeringame[0] = True
        self.asked: list[tuple[object, ...]] = []
        self.fleet = False
        self.saved: list[str] = []
        self._sounds = NotedSounds(self._world, self.asked)

    @property
    def world(self) -> World:
        return self._world

    @property
    def sounds(self) -> Sounds:
        return self._sounds

    @property
    def played(self) -> list[int]:
        """Numbers of the sounds played."""
        return self._sounds.played

    @property
    def in_fleet(self) -> bool:
        return False

    @property
    def has_fleet(self) -> bool:
        return self.fleet

    def new_game(self, skill: int, level: Level, in_fleet: bool = False) -> None:
        self.asked.append(("new game", skill, level, "in the fleet") if in_fleet else ("new game", skill, level))

    def saved_name(self, slot: int) -> str | None:
        return self.saved[slot] if slot < len(self.saved) else None

    def save_game(self, slot: int, description: str) -> None:
        self.asked.append(("save", slot, description))

    def load_game(self, path: Path) -> None:
        self.asked.append(("load", path))

    def load_slot(self, slot: int) -> None:
        self.asked.append(("load", slot))

    def start_title(self) -> None:
        self.asked.append(("title",))

    def world_done(self) -> None:
        self.asked.append(("world done",))

    def finale_done(self) -> None:
        self.asked.append(("finale done",))

    def show_view(self, shown: bool) -> None:
        self.viewactive = shown

    def force_wipe(self) -> None:
        self.asked.append(("wipe",))

    def frame_melts(self) -> bool:
        return False

    def message(self, text: str) -> None:
        self._world.players[0].message = text

    def quit(self) -> None:
        self.quit_requested = True


def thing_at(x: int, y: int, angle: int = 0) -> Mobj:
    """A player's mobj at a place in map units, in no sector."""
    info = load_info()
    kind = info.mobjinfo[MT_PLAYER]
    thing = Mobj(NOWHERE, kind, info.states[kind.spawnstate])
    thing.x, thing.y, thing.angle = x << 16, y << 16, angle
    return thing


def session_with_screens(assets: Assets, screenblocks: int = 10) -> tuple[Session, Display, Menu]:
    """A real session with all screens; its 3-D view is black."""
    settings = Settings(screenblocks=screenblocks)
    info = load_info()
    screens = make_screens(assets, info, settings)
    session = Session(assets, info, displays=screens)

    def black_view(_game: GameControl, window: ViewWindow, frame: Frame) -> None:
        frame[window.y : window.y + window.height, window.x : window.x + window.width] = 0

    return session, Display(assets, settings, screens, black_view), screens.menu
