"""A game in progress: what ``g_game.c`` and the demo loop of ``d_main.c`` keep.

`Session` owns the `World` and decides what happens in a tic: starts and ends levels, intermissions and finales, plays
and records demos, and runs the tickers of the screens in the original's order. It needs no window and no clock:
`run_tic` is one tic. What it shows, plays and stores goes through `displays`, `sounds` and `saves`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from pydoom.data.infotables import load_info
from pydoom.game import demotape, edition, requests
from pydoom.game.cheats import Cheats
from pydoom.game.control import GameStatus
from pydoom.game.demo import DemoError, parse_demo
from pydoom.game.demotape import DemoTape
from pydoom.game.displays import Displays
from pydoom.game.events import KEY_F12, Event, JoystickEvent, KeyEvent, MouseEvent
from pydoom.game.level import Level
from pydoom.game.requests import GameRequest
from pydoom.game.results import LevelStats, level_stats
from pydoom.game.rules import Rules
from pydoom.game.saves import NoSaves, SaveStore
from pydoom.game.sounds import MusicDevice, SoundDevice, Sounds
from pydoom.game.state import NO_STATE, GameState, SessionState
from pydoom.game.titleloop import TitleLoop
from pydoom.game.turbo import TurboWatch
from pydoom.sim import actions, reborn, setup, tick
from pydoom.sim.enemy import fast
from pydoom.sim.player import MAXPLAYERS, PST_DEAD, PST_LIVE, PST_REBORN
from pydoom.sim.rules import SK_NIGHTMARE, Exit, GameMode
from pydoom.sim.specials import update
from pydoom.sim.ticcmd import (
    BT_SPECIAL,
    BT_SPECIALMASK,
    BTS_PAUSE,
    BTS_SAVEGAME,
    BTS_SAVEMASK,
    BTS_SAVESHIFT,
    TicCmd,
)
from pydoom.sim.world import World

if TYPE_CHECKING:
    from pydoom.data.info import GameInfo
    from pydoom.wad import Assets

_NO_COMMAND: Final = TicCmd()
NO_COMMANDS: Final[Mapping[int, TicCmd]] = {}


class TicObserver(Protocol):
    """Somebody who watches every tic (a trace)."""

    def tic_played(self, game: GameStatus) -> None:
        """The simulation or the screen of the present state has just done a tic."""


class Session(SessionState):
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
    ) -> None:
        """`info`: the tables to play with, perhaps patched; fresh ones by default."""
        super().__init__()
        info = load_info() if info is None else info
        self.assets: Final = assets
        self.world: Final = World(assets, info, edition.mode_of(assets), edition.version_of(assets))
        self._rules.apply(self.world)
        for player in self.world.players:
            player.playerstate = PST_LIVE  # nobody waits to come back before a level has been started
        actions.bind(info)
        update.init_pic_anims(self.world)
        update.init_switch_list(self.world)
        self.sounds: Final = Sounds(self.world, sound_device, music_device)
        self.world.sounds = self.sounds
        self.world.hooks = self
        self.displays: Final = displays if displays is not None else Displays()
        self._saves = saves if saves is not None else NoSaves()
        self._observers = tuple(observers)
        self._cheats = Cheats(self)
        self._demo = DemoTape()
        self._title = TitleLoop(self.world.mode, self.world.version)
        self._turbo = TurboWatch()
        self._request: GameRequest | None = None
        self._advancedemo = False
        self._sendpause = False
        self._sendsave: int | None = None  # the slot
        self._save_description = ""
        self._oldgamestate: int = NO_STATE
        self._secretexit = False
        self._levelstats = LevelStats()

    # -- what is to be seen of it, besides its state

    @property
    def demoplayback(self) -> bool:
        """Whether a demo plays."""
        return self._demo.playing

    @property
    def demorecording(self) -> bool:
        """Whether a demo is recorded."""
        return self._demo.recording

    @property
    def demo_tics(self) -> int:
        """How many tics the demo lasts that is playing or about to; 0 without one."""
        request = self._request
        return request.demo.length_tics if isinstance(request, requests.PlayDemo) else self._demo.length_tics

    @property
    def page_name(self) -> str:
        """Lump of the title loop's page (``pagename``)."""
        return self._title.page

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

    # -- what others ask for

    def new_game(self, skill: int, level: Level) -> None:
        """Start a new game at the next tic (``G_DeferedInitNew``)."""
        self._request = requests.NewGame(self._rules.alone(skill), level)

    def play_demo(self, data: bytes, *, single: bool = False, allow_longtics: bool = True) -> None:
        """Play a demo from the next tic on (``G_DeferedPlayDemo``); with `single`, `over` tells its end.

        Raises DemoError when it cannot be played.
        """
        demo = parse_demo(data, allow_longtics=allow_longtics)
        name = Level(demo.header.episode, demo.header.map).lump_name(self.world.mode)
        if name not in self.assets.map_names:
            raise DemoError(f"the demo plays on {name}, which this WAD does not have")
        self._singledemo = single
        self._request = requests.PlayDemo(demo)

    def record_demo(self, path: Path, *, longtics: bool = False) -> None:
        """Record the level that has just been started (``G_BeginRecording``)."""
        self._demo.record(path, demotape.header_of(self._rules, Level.of(self.world), longtics=longtics))

    def save_game(self, slot: int, description: str) -> None:
        """Save with the next command (``G_SaveGame``); `description` has up to 24 characters."""
        self._sendsave = slot
        self._save_description = description

    def load_game(self, path: Path) -> None:
        """Go on with a saved game at the next tic (``G_LoadGame``)."""
        self._request = requests.LoadGame(path)

    def load_slot(self, slot: int) -> None:
        """Go on with the game saved in a slot at the next tic."""
        self.load_game(self._saves.path(slot))

    def pause(self) -> None:
        """Pause or go on with the next command."""
        self._sendpause = True

    def start_title(self) -> None:
        """Begin the loop of title page, credits and demos (``D_StartTitle``)."""
        self._request = None
        self._title.rewind()
        self._advancedemo = True

    def quit(self) -> None:
        """End the program after this tic."""
        self._quit_requested = True

    def show_view(self, shown: bool) -> None:
        """The automap has been closed, or covers the view."""
        self._viewactive = shown

    def force_wipe(self) -> None:
        """Melt into the next frame even though the game state stays the same."""
        self._wipegamestate = NO_STATE

    def frame_melts(self) -> bool:
        """Whether the frame about to be drawn melts in; to be asked once for every frame (``D_Display``)."""
        melts = self._gamestate != self._wipegamestate
        self._wipegamestate = self._gamestate
        return melts

    def message(self, text: str) -> None:
        """Show a line at the top of the console player's screen."""
        self.world.players[self.world.consoleplayer].message = text

    # -- input

    def responder(self, event: Event) -> bool:
        """Offer an event to the screens of the present state (``G_Responder`` up to the movement keys)."""
        displays = self.displays
        in_level = self._gamestate == GameState.LEVEL
        if in_level and _is_press(event, KEY_F12) and (self._singledemo or not self.world.deathmatch):
            self._next_view()
            return True
        in_demo = self.demoplayback or self._gamestate == GameState.DEMOSCREEN
        if self._request is None and not self._singledemo and in_demo:
            pressed = _is_anything_pressed(event)
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

    def _next_view(self) -> None:
        world = self.world
        while True:
            world.displayplayer = (world.displayplayer + 1) % MAXPLAYERS
            if world.playeringame[world.displayplayer] or world.displayplayer == world.consoleplayer:
                return

    # -- one tic

    def run_tic(self, commands: Mapping[int, TicCmd] = NO_COMMANDS) -> None:
        """One tic with the players' commands by their numbers (``RunTic`` in ``d_net.c``); who has none stands still.

        When the single demo or the recording ends in it, `over` becomes true and the tic does not count.
        """
        if self._advancedemo:
            self._advance_demo()
        self.world.gametic = self._gametic
        self._ticker(commands)
        if not self._over:
            self._gametic += 1

    def _ticker(self, commands: Mapping[int, TicCmd]) -> None:
        """``G_Ticker``: requests, commands, then the simulation or the screen of the present state."""
        special = self._take_special_buttons()
        for player in self.world.players:
            if self.world.playeringame[player.number] and player.playerstate == PST_REBORN:
                self._reborn(player.number)
        while self._request is not None:
            request, self._request = self._request, None
            self._carry_out(request)
        self._take_commands(commands, special)
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
        elif self._title.page_is_over():
            self._advancedemo = True
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

    # -- commands

    def _take_special_buttons(self) -> int:
        """Buttons of a pending pause or save, which go into the console player's command (``G_BuildTiccmd``)."""
        buttons = 0
        if self._sendpause:
            self._sendpause = False
            buttons = BT_SPECIAL | BTS_PAUSE
        if self._sendsave is not None:
            buttons = BT_SPECIAL | BTS_SAVEGAME | (self._sendsave << BTS_SAVESHIFT)
            self._sendsave = None
        return buttons

    def _take_commands(self, commands: Mapping[int, TicCmd], special: int) -> None:
        world = self.world
        for number in range(MAXPLAYERS):
            if not world.playeringame[number]:
                continue
            cmd = world.players[number].cmd
            _copy_command(commands.get(number, _NO_COMMAND), cmd)
            if special and number == world.consoleplayer:
                cmd.buttons = special
            if not self._demo.read(cmd):
                self.check_demo_status()
            self._demo.write(cmd)
            message = self._turbo.message(number, cmd.forwardmove, self._gametic)
            if message:
                self.message(message)

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
                self._request = requests.SaveGame(slot, self._save_description or "NET GAME")

    # -- requests

    def _carry_out(self, request: GameRequest) -> None:
        match request:
            case requests.LoadLevel():
                self._load_level()
            case requests.NewGame(rules, level):
                self.start(rules, level)
            case requests.LoadGame(path):
                self._saves.load(self, path)
            case requests.SaveGame(slot, description):
                self._saves.save(self, slot, description)
                self._save_description = ""
            case requests.PlayDemo(demo):
                header = demo.header
                self.start(demotape.rules_of(header, self._rules), Level(header.episode, header.map))
                self._usergame = False
                self._demo.play(demo)
            case requests.Completed(secret_exit):
                self._complete_level(secret_exit)
            case requests.Victory():
                self._start_finale()
            case requests.WorldDone():
                self.world.map = self._levelstats.next + 1
                self._load_level()
                self._viewactive = True

    def _reborn(self, number: int) -> None:
        """``G_DoReborn``: alone, the level starts again; in company the player comes back somewhere."""
        if self.world.netgame:
            reborn.reborn_in_netgame(self.world, number)
        else:
            self._request = requests.LoadLevel()

    def start(self, rules: Rules, level: Level) -> None:
        """Start a game at once by these rules; a level out of range is clamped."""
        self._rules = rules
        rules.apply(self.world)
        self.init_new(rules.skill, level.episode, level.map)

    def init_new(self, skill: int, episode: int, map_number: int) -> None:
        """Start a level at once by the rules in force but for the skill (``G_InitNew``)."""
        world = self.world
        if world.paused:
            world.paused = False
            self.sounds.resume()
        skill = min(skill, SK_NIGHTMARE)
        level = Level(episode, map_number).clamped(world.mode, world.version)
        self._rules = replace(self._rules, skill=skill)
        world.random.clear()
        world.respawnmonsters = skill == SK_NIGHTMARE or self._rules.respawn
        if world.fastparm or (skill == SK_NIGHTMARE and world.skill != SK_NIGHTMARE):
            fast.set_fast(world.info)
        elif skill != SK_NIGHTMARE and world.skill == SK_NIGHTMARE:
            fast.set_normal(world.info)
        for player in world.players:
            player.playerstate = PST_REBORN
        self._usergame = True
        self._demo.stop_playing()
        self.displays.automap.stop()
        self._viewactive = True
        world.episode, world.map, world.skill = level.episode, level.map, skill
        # chosen when a game starts and not when a level does: in DOOM II the sky never changes by itself
        self._sky_texture = max(self.assets.texture_number(world.info.text(level.sky(world.mode))), 0)
        self._load_level()

    def _load_level(self) -> None:
        """``G_DoLoadLevel``."""
        world = self.world
        if self._wipegamestate == GameState.LEVEL:
            self.force_wipe()
        self._gamestate = GameState.LEVEL
        for player in world.players:
            self._turbo.level_started(player.number)
            if world.playeringame[player.number] and player.playerstate == PST_DEAD:
                player.playerstate = PST_REBORN
            player.frags[:] = [0] * MAXPLAYERS
        self.sounds.level_started()
        world.exit = Exit.NONE
        level = Level.of(world)
        setup.setup_level(world, self.assets.map(level.lump_name(world.mode)), level.episode, level.map, world.skill)
        world.displayplayer = world.consoleplayer
        self._request = None
        self._sendpause = world.paused = False
        self._sendsave = None
        self._levels_loaded += 1

    def player_spawned(self, _world: World) -> None:
        """The console player has been put into the level: wake the screens of a level."""
        self.displays.statusbar.start(self)
        self.displays.hud.start(self)
        self.displays.automap.start(self)

    def player_died(self, _world: World) -> None:
        """The console player has been killed: the automap must not hide it."""
        self.displays.automap.stop()

    def _complete_level(self, secret_exit: bool) -> None:
        """``G_DoCompleted``: the level is over; finale, or the tally and then the next level."""
        world = self.world
        self._secretexit = secret_exit
        for number in range(MAXPLAYERS):
            if world.playeringame[number]:
                reborn.player_finish_level(world, number)
        self.displays.automap.stop()
        if world.mode != GameMode.COMMERCIAL:
            if world.map == 8:
                self._request = requests.Victory()
                return
            if world.map == 9:
                for player in world.players:
                    player.didsecret = True
        stats = self._levelstats = level_stats(world, secret_exit=secret_exit, previous=self._levelstats.next)
        self._level_log += (stats,)
        self._gamestate = GameState.INTERMISSION
        self._viewactive = False
        self.displays.intermission.start(self, stats)

    def world_done(self) -> None:
        """The intermission is over (``G_WorldDone``): a text of DOOM II's story, or the next level."""
        world = self.world
        self._request = requests.WorldDone()
        if self._secretexit:
            world.players[world.consoleplayer].didsecret = True
        if Level.of(world).has_text_after(world.mode, secret_exit=self._secretexit):
            self._start_finale()

    def finale_done(self) -> None:
        """The text is over: enter the next level."""
        self._request = requests.WorldDone()

    def _start_finale(self) -> None:
        """``F_StartFinale``: a text screen and what comes after it."""
        self._request = None
        self._gamestate = GameState.FINALE
        self._viewactive = False
        self.displays.automap.stop()
        self.displays.finale.start(self)

    # -- demos

    def check_demo_status(self) -> bool:
        """End the demo being played or recorded (``G_CheckDemoStatus``); True when the title loop goes on.

        Raises OSError when a recording cannot be written.
        """
        if self._demo.playing:
            self._demo.stop_playing()
            if self._singledemo:
                self._over = True
                return False
            self._rules = self._rules.alone(self._rules.skill)
            self._rules.apply(self.world)
            self._advancedemo = True
            return True
        if self._demo.recording:
            self._demo.stop_recording()
            self._over = True
        return False

    def _advance_demo(self) -> None:
        """The next step of the title loop (``D_DoAdvanceDemo``)."""
        world = self.world
        world.players[world.consoleplayer].playerstate = PST_LIVE
        self._advancedemo = False
        self._usergame = False
        world.paused = False
        self._request = None
        for step in self._title.following():
            if not step.demo:
                self._gamestate = GameState.DEMOSCREEN
                self._title.show(step)
                if step.music:
                    self.sounds.change_music(step.music, False)
                return
            # a WAD without this demo, or with one of another version: the original gives up, we go on
            if self.assets.has_lump(step.demo):
                try:
                    self.play_demo(self.assets.demo(step.demo), allow_longtics=False)
                except DemoError:
                    continue
                return


def _copy_command(source: TicCmd, target: TicCmd) -> None:
    target.forwardmove = source.forwardmove
    target.sidemove = source.sidemove
    target.angleturn = source.angleturn
    target.chatchar = source.chatchar
    target.buttons = source.buttons
    target.consistancy = source.consistancy


def _is_anything_pressed(event: Event) -> bool:
    if isinstance(event, KeyEvent):
        return event.down
    return isinstance(event, MouseEvent | JoystickEvent) and bool(event.buttons)


def _is_press(event: Event, key: int) -> bool:
    return isinstance(event, KeyEvent) and event.down and event.key == key
