"""A game in progress: the state machine of ``g_game.c``.

`Session` decides what happens in a tic: it carries out requests, gives the players their commands, and runs the
simulation and the tickers of the screens in the original's order. The way through the levels is in `flow`, the title
loop and demos are in `demoflow`. It needs no window and no clock: `run_tic` is one tic. What it shows, plays and stores
goes through `displays`, `sounds` and `saves`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from pydoom.data.infotables import load_info
from pydoom.game import requests
from pydoom.game.cheats import Cheats
from pydoom.game.control import GameControl, GameStatus
from pydoom.game.datacentre import DataCentre
from pydoom.game.demoflow import DemoFlow
from pydoom.game.displays import Displays
from pydoom.game.events import KEY_F12, Event
from pydoom.game.flow import make_world
from pydoom.game.input import is_anything_pressed, is_press, show_next_view
from pydoom.game.level import Level
from pydoom.game.requests import GameRequest
from pydoom.game.rules import Rules
from pydoom.game.saves import NoSaves, SaveStore
from pydoom.game.sounds import MusicDevice, SoundDevice, Sounds
from pydoom.game.state import NO_STATE, GameState
from pydoom.sim import reborn, tick
from pydoom.sim.player import MAXPLAYERS, PST_REBORN
from pydoom.sim.rules import Exit, GameMode, GameVersion, StrayMemory
from pydoom.sim.ticcmd import (
    BT_SPECIAL,
    BT_SPECIALMASK,
    BTS_PAUSE,
    BTS_SAVEGAME,
    BTS_SAVEMASK,
    BTS_SAVESHIFT,
    TicCmd,
)

if TYPE_CHECKING:
    from pydoom.data.info import GameInfo
    from pydoom.wad import Assets

NO_COMMANDS: Final[Mapping[int, TicCmd]] = {}


class TicObserver(Protocol):
    """Something that watches every tic, such as a trace."""

    def tic_played(self, game: GameStatus) -> None:
        """Called after a tic of the simulation or of the current state's screen."""


class Session(DemoFlow):
    """One run of the program; see the module's docstring."""

    def __init__(
        self,
        assets: Assets,
        info: GameInfo | None = None,
        *,
        displays: Displays | None = None,
        sound_device: SoundDevice | None = None,
        music_device: MusicDevice | None = None,
        saves: SaveStore | None = None,
        observers: Sequence[TicObserver] = (),
        rules: Rules | None = None,
        version: GameVersion | None = None,
        stray: StrayMemory | None = None,
    ) -> None:
        """`info`: the tables to play with, perhaps patched; fresh ones by default.

        `rules` hold until a game starts with others, `version` is the executable to imitate instead of the one
        that shipped with the WAD, `stray` the memory contents where it reads past its own variables.
        """
        info = info if info is not None else load_info()
        datacentre = DataCentre(assets, info)
        world = make_world(assets, info, version, stray if stray is not None else StrayMemory())
        super().__init__(
            assets,
            world,
            displays if displays is not None else Displays(),
            Sounds(world, sound_device, music_device),
            rules if rules is not None else Rules(),
            datacentre,
        )
        self._saves = saves if saves is not None else NoSaves()
        self._observers = tuple(observers)
        self._cheats = Cheats(self)
        self._oldgamestate: int = NO_STATE

    # -- properties, besides its state

    @property
    def _control(self) -> GameControl:
        return self

    @property
    def has_fleet(self) -> bool:
        """Whether levels can be built from a fleet: there is a bridge."""
        return self.datacentre.is_open

    @property
    def level_over(self) -> bool:
        """Whether the level has been finished, and its results are counted at the next tic."""
        return isinstance(self._request, requests.Completed)

    @property
    def menu_active(self) -> bool:
        """Whether the menu is open."""
        return self.displays.menu.active

    @property
    def automap_active(self) -> bool:
        """Whether the automap covers the view."""
        return self.displays.automap.active

    def saved_name(self, slot: int) -> str | None:
        """The name of the game saved in a slot, None when it is empty."""
        return self._saves.description(slot)

    def saved_path(self, slot: int) -> Path:
        """The file of the game saved in a slot."""
        return self._saves.path(slot)

    # -- requests from outside

    def new_game(self, skill: int, level: Level, in_fleet: bool = False) -> None:
        """Start a new game at the next tic (``G_DeferedInitNew``), perhaps in levels built from the fleet."""
        self._request = requests.NewGame(self._rules.alone(skill), level, in_fleet)

    def rebuild_level(self) -> None:
        """Start the level of a new game again at the next tic: the fleet it was built from was not known yet."""
        self._request = requests.NewGame(self._rules, Level.of(self.world), in_fleet=True)

    def save_game(self, slot: int, description: str) -> None:
        """Save with the next command (``G_SaveGame``); `description` has up to 24 characters."""
        self._commands.save(slot, description)

    def load_game(self, path: Path) -> None:
        """Load a saved game at the next tic (``G_LoadGame``)."""
        self._request = requests.LoadGame(path)

    def load_slot(self, slot: int) -> None:
        """Load the game saved in a slot at the next tic."""
        self.load_game(self.saved_path(slot))

    def pause(self) -> None:
        """Pause or resume with the next command."""
        self._commands.pause()

    def quit(self) -> None:
        """End the program after this tic."""
        self._quit_requested = True

    # -- input

    def responder(self, event: Event) -> bool:
        """Offer an event to the screens of the current state (``G_Responder`` up to the movement keys)."""
        displays = self.displays
        in_level = self._gamestate == GameState.LEVEL
        if in_level and is_press(event, KEY_F12) and (self._singledemo or not self.world.deathmatch):
            show_next_view(self.world)
            return True
        in_demo = self.demoplayback or self._gamestate == GameState.DEMOSCREEN
        if self._request is None and not self._singledemo and in_demo:
            pressed = is_anything_pressed(event)
            if pressed:
                displays.menu.open()
            return pressed
        if in_level:
            return (
                displays.hud.responder(event)
                or displays.statusbar.responder(event)
                or self._cheats.responder(event)
                or displays.automap.responder(event)
            )
        return self._gamestate == GameState.FINALE and displays.finale.responder(event)

    # -- one tic

    def run_tic(self, commands: Mapping[int, TicCmd] = NO_COMMANDS) -> None:
        """One tic with the commands by player number (``RunTic`` in ``d_net.c``); a player without one stands still.

        If the single demo or the recording ends in it, `over` becomes true and the tic does not count.
        """
        self._advance_demo()
        self.world.gametic = self._gametic
        self._ticker(commands)
        if not self._over:
            self._gametic += 1

    def _ticker(self, commands: Mapping[int, TicCmd]) -> None:
        """``G_Ticker``: requests, commands, then the simulation or the screen of the current state."""
        special = self._commands.special_buttons()
        for player in self.world.players:
            if self.world.playeringame[player.number] and player.playerstate == PST_REBORN:
                self._reborn(player.number)
        while self._request is not None:
            request, self._request = self._request, None
            self._carry_out(request)
        self._commands.give(commands, special, self._gametic, self.check_demo_status, self.message)
        if self._over:
            return
        self._obey_special_buttons()
        if self._oldgamestate == GameState.INTERMISSION and self._gamestate != GameState.INTERMISSION:
            self.displays.intermission.end()
        self._oldgamestate = self._gamestate
        self._tick_state()

    def _tick_state(self) -> None:
        displays = self.displays
        state = self._gamestate
        if state == GameState.LEVEL:
            self._play()
        elif state == GameState.INTERMISSION:
            displays.intermission.ticker(self)
        elif state == GameState.FINALE:
            displays.finale.ticker(self)
        else:
            self._page_ticker()
        for observer in self._observers:
            observer.tic_played(self)
        if state == GameState.LEVEL:
            displays.statusbar.ticker(self)
            displays.automap.ticker(self)
            displays.hud.ticker(self)

    def _play(self) -> None:
        world = self.world
        stands_still = self.menu_active and not world.netgame and not self.demoplayback
        if stands_still and world.players[world.consoleplayer].viewz != 1:
            return
        tick.ticker(world)
        if world.exit != Exit.NONE:
            # German DOOM II has no secret levels
            no_secrets = world.mode == GameMode.COMMERCIAL and not self.assets.has_lump("MAP31")
            self._request = requests.Completed(world.exit == Exit.SECRET and not no_secrets)
            world.exit = Exit.NONE

    def _obey_special_buttons(self) -> None:
        world = self.world
        for number in range(MAXPLAYERS):
            buttons = world.players[number].cmd.buttons
            if not world.playeringame[number] or not buttons & BT_SPECIAL:
                continue
            if buttons & BT_SPECIALMASK == BTS_PAUSE:
                world.paused = not world.paused
                if world.paused:
                    self.sounds.pause()
                else:
                    self.sounds.resume()
            elif buttons & BT_SPECIALMASK == BTS_SAVEGAME:
                slot = (buttons & BTS_SAVEMASK) >> BTS_SAVESHIFT
                self._request = requests.SaveGame(slot, self._commands.take_description())

    # -- requests

    def _carry_out(self, request: GameRequest) -> None:
        match request:
            case requests.LoadLevel():
                self._load_level()
            case requests.NewGame(rules, level, in_fleet):
                self.start(rules, level, in_fleet)
            case requests.LoadGame(path):
                self._saves.load(self, path)
            case requests.SaveGame(slot, description):
                self._saves.save(self, slot, description)
            case requests.PlayDemo(demo):
                self._start_demo(demo)
            case requests.Completed(secret_exit):
                self._complete_level(secret_exit)
            case requests.Victory():
                self._start_finale()
            case requests.WorldDone():
                self.world.map = self._levelstats.next + 1
                self._load_level()
                self._viewactive = True

    def _reborn(self, number: int) -> None:
        """``G_DoReborn``: a single player restarts the level; in a netgame the player respawns."""
        if self.world.netgame:
            reborn.reborn_in_netgame(self.world, number)
        else:
            self._request = requests.LoadLevel()
