"""A session's screens without its 3-D view, and a stand-in for the session, for tests of single screens."""

from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydoom.data.infotables import load_info
from pydoom.game.control import GameControl
from pydoom.game.events import KeyEvent
from pydoom.game.session import Session
from pydoom.game.state import GameState
from pydoom.screens.border import ViewWindow
from pydoom.screens.display import Display
from pydoom.screens.menu import Menu
from pydoom.screens.screens import make_screens
from pydoom.screens.settings import Settings
from pydoom.screens.video import Frame
from pydoom.sim.player import Player
from pydoom.sim.random import Random
from pydoom.sim.rules import GameMode, GameVersion
from pydoom.wad import Assets


class Patch:
    """A picture made by hand: colour everywhere, or what `pixels` says with 0 for holes."""

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


def stand_in(mode: GameMode = GameMode.SHAREWARE, version: GameVersion = GameVersion.DOOM_1_9) -> Any:
    """What screens read of a session; `played` collects the numbers of sounds, `asked` what else was wanted."""
    world = SimpleNamespace(
        consoleplayer=0,
        players=[Player(number) for number in range(4)],
        playeringame=[True, False, False, False],
        deathmatch=0,
        netgame=False,
        paused=False,
        episode=1,
        map=1,
        mode=mode,
        version=version,
        info=load_info(),
        random=Random(),
    )
    played: list[int] = []
    asked: list[tuple[Any, ...]] = []
    sounds = SimpleNamespace(
        start=lambda _origin, number: played.append(number),
        change_music=lambda *music: asked.append(("music", *music)),
        set_volume=lambda volume: asked.append(("volume", volume)),
        set_music_volume=lambda volume: asked.append(("music volume", volume)),
    )
    session = SimpleNamespace(
        world=world,
        sounds=sounds,
        played=played,
        asked=asked,
        gametic=0,
        gamestate=GameState.LEVEL,
        usergame=True,
        demoplayback=False,
        singledemo=False,
        viewactive=True,
        menu_active=False,
        automap_active=False,
        quit_requested=False,
        new_game=lambda *game: asked.append(("new game", *game)),
        save_game=lambda *game: asked.append(("save", *game)),
        saved_name=lambda _slot: None,
        load_slot=lambda slot: asked.append(("load", slot)),
        start_title=lambda: asked.append(("title",)),
        force_wipe=lambda: asked.append(("wipe",)),
        world_done=lambda: asked.append(("world done",)),
        finale_done=lambda: asked.append(("finale done",)),
    )

    def show_view(shown: bool) -> None:
        session.viewactive = shown

    def end() -> None:
        session.quit_requested = True

    session.show_view = show_view
    session.quit = end

    def message(text: str) -> None:
        world.players[0].message = text

    session.message = message
    return session


def session_with_screens(assets: Assets, screenblocks: int = 10) -> tuple[Session, Display, Menu]:
    """A real session with all screens; its 3-D view is black."""
    settings = Settings(screenblocks=screenblocks)
    info = load_info()
    screens = make_screens(assets, info, settings)
    session = Session(assets, info, displays=screens)

    def black_view(_game: GameControl, window: ViewWindow, frame: Frame) -> None:
        frame[window.y : window.y + window.height, window.x : window.x + window.width] = 0

    return session, Display(assets, settings, screens, black_view), screens.menu
