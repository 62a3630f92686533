"""A game in progress: what ``g_game.c`` and the demo loop of ``d_main.c`` keep.

`Session` owns the `World` and decides what happens in a tic: starts and ends levels, intermissions and finales, plays
and records demos, and runs the tickers of the screens in the original's order. It needs no window and no clock:
`run_tic` is one tic. What it shows, plays and stores goes through `displays`, `sounds` and `saves`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from pydoom.data.infotables import load_info
from pydoom.files import SHARED, write_atomically
from pydoom.game import demorules, edition
from pydoom.game.cheats import Cheats
from pydoom.game.demo import DemoError, DemoHeader, DemoReader, DemoWriter, parse_demo
from pydoom.game.displays import Displays
from pydoom.game.events import KEY_F12, Event, JoystickEvent, KeyEvent, MouseEvent
from pydoom.game.level import Level
from pydoom.game.results import LevelStats, level_stats
from pydoom.game.sounds import MusicDevice, SoundDevice, Sounds
from pydoom.game.state import NO_STATE, GameAction, GameState
from pydoom.game.titleloop import TitleLoop
from pydoom.sim import actions, reborn, setup, tick
from pydoom.sim.enemy import fast
from pydoom.sim.player import MAXPLAYERS, PST_DEAD, PST_LIVE, PST_REBORN
from pydoom.sim.rules import SK_NIGHTMARE, Exit, GameMode
from pydoom.sim.specials import update
from pydoom.sim.ticcmd import BT_SPECIAL, BT_SPECIALMASK, BTS_PAUSE, BTS_SAVEGAME, BTS_SAVEMASK, BTS_SAVESHIFT, TicCmd
from pydoom.sim.world import World

if TYPE_CHECKING:
    from pydoom.data.info import GameInfo
    from pydoom.wad import Assets

TURBO_THRESHOLD: Final = 0x32
_PLAYER_NAMES: Final = ("Green", "Indigo", "Brown", "Red")


class SaveStore(Protocol):
    """Where games are kept (``p_saveg.c``). Both report trouble to the player by a message, never by an exception."""

    def save(self, session: Session, slot: int, description: str) -> None:
        """Write the running game to a slot (``G_DoSaveGame``)."""

    def load(self, session: Session, path: Path) -> None:
        """Replace the running game by a stored one (``G_DoLoadGame``)."""


class Session:
    """One run of the program; see the module's docstring. Attributes carry the original's names."""

    def __init__(
        self,
        assets: Assets,
        displays: Displays | None = None,
        sound_device: SoundDevice | None = None,
        music_device: MusicDevice | None = None,
        info: GameInfo | None = None,
    ) -> None:
        """`info`: the tables to play with, perhaps patched; fresh ones by default."""
        self.assets = assets
        self.world = World(
            assets, load_info() if info is None else info, edition.mode_of(assets), edition.version_of(assets)
        )
        self.world.playeringame[0] = True
        for player in self.world.players:
            player.playerstate = PST_LIVE  # nobody waits to come back before a level has been started
        actions.bind(self.world.info)
        update.init_pic_anims(self.world)
        update.init_switch_list(self.world)
        self.sounds = Sounds(self.world, sound_device, music_device)
        self.world.sounds = self.sounds
        self.world.hooks = self
        self.displays = displays if displays is not None else Displays()
        self.cheats = Cheats(self)
        self.saves: SaveStore | None = None

        self.gametic = 0
        self.gamestate = GameState.DEMOSCREEN
        self.wipegamestate: int = GameState.DEMOSCREEN
        self.gameaction = GameAction.NOTHING
        self.viewactive = False
        self.usergame = False
        self.sky_texture = 0
        self.levelstats = LevelStats()
        self.level_log: list[LevelStats] = []  # of every level finished, for --statdump
        self.quit_requested = False

        self.respawnparm = False  # monsters come back, from the command line or a demo's header

        # demos
        self.demoplayback = False
        self.demorecording = False
        self.singledemo = False
        self.over = False  # the one demo asked for has ended, or its recording
        self._demo: DemoReader | None = None
        self._recorder: DemoWriter | None = None
        self._record_path: Path | None = None
        self._deferred_demo: DemoReader | None = None

        # the title loop
        self.advancedemo = False
        self._title = TitleLoop(self.world.mode, self.world.version)

        # requests that the next command or tic carries out
        self.sendpause = False
        self.sendsave = False
        self._save_slot = 0
        self._save_description = ""
        self._load_path: Path | None = None
        self._deferred_game = (0, 1, 1)  # skill, episode, map

        self._oldgamestate: int = NO_STATE
        self._secretexit = False
        self._turbodetected = [False] * MAXPLAYERS
        self.level_loaded: Callable[[], None] = _nothing  # clears held keys (G_DoLoadLevel)
        self.play_observer: Callable[[], None] = _nothing  # called right after every tic's simulation or screen

    # -- what others ask for

    @property
    def demo_tics(self) -> int:
        """How many tics the demo lasts that is playing or about to; 0 without one."""
        demo = self._demo or self._deferred_demo
        return demo.length_tics if demo is not None else 0

    @property
    def page_name(self) -> str:
        """Lump of the title loop's page (``pagename``)."""
        return self._title.page

    @property
    def menu_active(self) -> bool:
        """Whether the menu is open."""
        return self.displays.menu.active

    def new_game(self, skill: int, episode: int, map_number: int) -> None:
        """Start a new game at the next tic (``G_DeferedInitNew``)."""
        self._deferred_game = (skill, episode, map_number)
        self.gameaction = GameAction.NEWGAME

    def play_demo(self, data: bytes, *, single: bool = False, allow_longtics: bool = True) -> None:
        """Play a demo from the next tic on (``G_DeferedPlayDemo``); with `single`, `over` tells its end.

        Raises DemoError when it cannot be played.
        """
        demo = parse_demo(data, allow_longtics=allow_longtics)
        self._check_map_exists(demo.header)
        self._deferred_demo = demo
        self.singledemo = single
        self.gameaction = GameAction.PLAYDEMO

    def record_demo(self, path: Path, *, longtics: bool = False) -> None:
        """Record the level that has just been started with `init_new` (``G_BeginRecording``)."""
        self._recorder = DemoWriter(demorules.header_of(self.world, respawn=self.respawnparm, longtics=longtics))
        self._record_path = path
        self.demorecording = True

    def save_game(self, slot: int, description: str) -> None:
        """Save with the next command (``G_SaveGame``); `description` has up to 24 characters."""
        self._save_slot = slot
        self._save_description = description
        self.sendsave = True

    def load_game(self, path: Path) -> None:
        """Load a saved game at the next tic (``G_LoadGame``)."""
        self._load_path = path
        self.gameaction = GameAction.LOADGAME

    def start_title(self) -> None:
        """Begin the loop of title page, credits and demos (``D_StartTitle``)."""
        self.gameaction = GameAction.NOTHING
        self._title.rewind()
        self.advancedemo = True

    def force_wipe(self) -> None:
        """Melt into the next picture even though the game state stays the same."""
        self.wipegamestate = NO_STATE

    def picture_melts(self) -> bool:
        """Whether the picture about to be drawn melts in; asked once for every picture (``D_Display``)."""
        melts = self.gamestate != self.wipegamestate
        self.wipegamestate = self.gamestate
        return melts

    def message(self, text: str) -> None:
        """Show a line at the top of the console player's screen."""
        self.world.players[self.world.consoleplayer].message = text

    # -- input

    def responder(self, event: Event) -> bool:
        """Offer an event to the screens of the present state (``G_Responder`` up to the movement keys)."""
        world = self.world
        displays = self.displays
        if (
            self.gamestate == GameState.LEVEL
            and _is_press(event, KEY_F12)
            and (self.singledemo or not world.deathmatch)
        ):
            self._next_view()
            return True
        in_demo = self.demoplayback or self.gamestate == GameState.DEMOSCREEN
        if self.gameaction == GameAction.NOTHING and not self.singledemo and in_demo:
            pressed = _is_anything_pressed(event)
            if pressed:
                displays.menu.open()
            return pressed
        if self.gamestate == GameState.LEVEL:
            return (
                displays.hud.responder(event)
                or displays.statusbar.responder(event)
                or self.cheats.responder(event)
                or displays.automap.responder(event)
            )
        return self.gamestate == GameState.FINALE and displays.finale.responder(event)

    def _next_view(self) -> None:
        world = self.world
        while True:
            world.displayplayer = (world.displayplayer + 1) % MAXPLAYERS
            if world.playeringame[world.displayplayer] or world.displayplayer == world.consoleplayer:
                return

    def add_special_buttons(self, cmd: TicCmd) -> None:
        """Put a pending pause or save into the console player's command, as the end of ``G_BuildTiccmd`` does."""
        if self.sendpause:
            self.sendpause = False
            cmd.buttons = BT_SPECIAL | BTS_PAUSE
        if self.sendsave:
            self.sendsave = False
            cmd.buttons = BT_SPECIAL | BTS_SAVEGAME | (self._save_slot << BTS_SAVESHIFT)

    # -- one tic

    def run_tic(self, cmd: TicCmd | None = None) -> None:
        """One tic with the console player's command (``RunTic`` in ``d_net.c``).

        When the single demo or the recording ends in it, `over` becomes true and the tic does not count.
        """
        if self.advancedemo:
            self._advance_demo()
        self.world.gametic = self.gametic
        self.ticker(cmd if cmd is not None else TicCmd())
        if not self.over:
            self.gametic += 1

    def ticker(self, cmd: TicCmd) -> None:
        """``G_Ticker``: game actions, commands, then the simulation or the screen of the present state."""
        world = self.world
        for number in range(MAXPLAYERS):
            if world.playeringame[number] and world.players[number].playerstate == PST_REBORN:
                self._reborn(number)
        while self.gameaction != GameAction.NOTHING:
            self._do_action(self.gameaction)
        self._take_commands(cmd)
        if self.over:
            return
        self._obey_special_buttons()
        if self._oldgamestate == GameState.INTERMISSION and self.gamestate != GameState.INTERMISSION:
            self.displays.intermission.end()
        self._oldgamestate = self.gamestate
        displays = self.displays
        if self.gamestate == GameState.LEVEL:
            self._play()
            self.play_observer()
            displays.statusbar.ticker(self)
            displays.automap.ticker(self)
            displays.hud.ticker(self)
            return
        if self.gamestate == GameState.INTERMISSION:
            displays.intermission.ticker(self)
        elif self.gamestate == GameState.FINALE:
            displays.finale.ticker(self)
        elif self._title.page_is_over():
            self.advancedemo = True
        self.play_observer()

    def _play(self) -> None:
        world = self.world
        if (
            not world.netgame
            and self.menu_active
            and not self.demoplayback
            and world.players[world.consoleplayer].viewz != 1
        ):
            return
        tick.ticker(world)
        if world.exit != Exit.NONE:
            secret = world.exit == Exit.SECRET
            # German DOOM II has no secret levels
            self._secretexit = secret and not (world.mode == GameMode.COMMERCIAL and not self.assets.has_lump("MAP31"))
            world.exit = Exit.NONE
            self.gameaction = GameAction.COMPLETED

    def _do_action(self, action: GameAction) -> None:
        if action == GameAction.LOADLEVEL:
            self._load_level()
        elif action == GameAction.NEWGAME:
            self._new_game()
        elif action == GameAction.LOADGAME:
            self._load_game()
        elif action == GameAction.SAVEGAME:
            self._save_game()
        elif action == GameAction.PLAYDEMO:
            self._play_demo()
        elif action == GameAction.COMPLETED:
            self._completed()
        elif action == GameAction.VICTORY:
            self.start_finale()
        elif action == GameAction.WORLDDONE:
            self._world_done()

    def _take_commands(self, cmd: TicCmd) -> None:
        world = self.world
        for number in range(MAXPLAYERS):
            if not world.playeringame[number]:
                continue
            player_cmd = world.players[number].cmd
            if number == world.consoleplayer:
                _copy_command(cmd, player_cmd)
            else:
                _copy_command(_NO_COMMAND, player_cmd)
            if self.demoplayback and self._demo is not None and not self._demo.read(player_cmd):
                self.check_demo_status()
            if self.demorecording and self._recorder is not None:
                self._recorder.write(player_cmd)
            self._watch_turbo(number, player_cmd)

    def _watch_turbo(self, number: int, cmd: TicCmd) -> None:
        if cmd.forwardmove > TURBO_THRESHOLD:
            self._turbodetected[number] = True
        if self._turbodetected[number] and not self.gametic & 31 and (self.gametic >> 5) % MAXPLAYERS == number:
            self.message(f"{_PLAYER_NAMES[number]} is turbo!")
            self._turbodetected[number] = False

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
                self._save_description = self._save_description or "NET GAME"
                self._save_slot = (buttons & BTS_SAVEMASK) >> BTS_SAVESHIFT
                self.gameaction = GameAction.SAVEGAME

    def _reborn(self, number: int) -> None:
        """``G_DoReborn``: alone, the level starts again; in company the player comes back somewhere."""
        if self.world.netgame:
            reborn.reborn_in_netgame(self.world, number)
        else:
            self.gameaction = GameAction.LOADLEVEL

    # -- levels

    def init_new(self, skill: int, episode: int, map_number: int) -> None:
        """Start a level at once with the rules set (``G_InitNew``); numbers out of range are clamped as there."""
        world = self.world
        if world.paused:
            world.paused = False
            self.sounds.resume()
        skill = min(skill, SK_NIGHTMARE)
        level = Level(episode, map_number).clamped(world.mode, world.version)
        world.random.clear()
        world.respawnmonsters = skill == SK_NIGHTMARE or self.respawnparm
        if self.world.fastparm or (skill == SK_NIGHTMARE and world.skill != SK_NIGHTMARE):
            fast.set_fast(world.info)
        elif skill != SK_NIGHTMARE and world.skill == SK_NIGHTMARE:
            fast.set_normal(world.info)
        for player in world.players:
            player.playerstate = PST_REBORN
        self.usergame = True
        self.demoplayback = False
        self.displays.automap.stop()
        self.viewactive = True
        world.episode = level.episode
        world.map = level.map
        world.skill = skill
        # chosen when a game starts and not when a level does: in DOOM II the sky never changes by itself
        sky = world.info.text(level.sky(world.mode))
        self.sky_texture = max(self.assets.texture_number(sky), 0)
        self._load_level()

    def _load_level(self) -> None:
        """``G_DoLoadLevel``."""
        world = self.world
        if self.wipegamestate == GameState.LEVEL:
            self.force_wipe()
        self.gamestate = GameState.LEVEL
        for number in range(MAXPLAYERS):
            self._turbodetected[number] = False
            player = world.players[number]
            if world.playeringame[number] and player.playerstate == PST_DEAD:
                player.playerstate = PST_REBORN
            player.frags[:] = [0] * MAXPLAYERS
        self.sounds.level_started()
        lump_name = Level.of(world).lump_name(world.mode)
        world.exit = Exit.NONE
        setup.setup_level(world, self.assets.map(lump_name), world.episode, world.map, world.skill)
        world.displayplayer = world.consoleplayer
        self.gameaction = GameAction.NOTHING
        self.sendpause = self.sendsave = world.paused = False
        self.level_loaded()

    def player_spawned(self, world: World) -> None:
        """The console player has been put into the level: wake the status bar and the messages."""
        del world
        self.displays.statusbar.start(self)
        self.displays.hud.start(self)

    def player_died(self, world: World) -> None:
        """The console player has been killed: the automap must not hide it."""
        del world
        self.displays.automap.stop()

    def _new_game(self) -> None:
        """``G_DoNewGame``: a game from the menu or a cheat is for one player under the normal rules."""
        self.demoplayback = False
        self.respawnparm = False
        demorules.set_single_player_rules(self.world)
        self.init_new(*self._deferred_game)
        self.gameaction = GameAction.NOTHING

    def _completed(self) -> None:
        """``G_DoCompleted``: the level is over; finale, or the tally and then the next level."""
        world = self.world
        self.gameaction = GameAction.NOTHING
        for number in range(MAXPLAYERS):
            if world.playeringame[number]:
                reborn.player_finish_level(world, number)
        self.displays.automap.stop()
        if world.mode != GameMode.COMMERCIAL:
            if world.map == 8:
                self.gameaction = GameAction.VICTORY
                return
            if world.map == 9:
                for player in world.players:
                    player.didsecret = True
        stats = level_stats(world, secret_exit=self._secretexit, previous=self.levelstats.next)
        self.levelstats = stats
        self.level_log.append(stats)
        self.gamestate = GameState.INTERMISSION
        self.viewactive = False
        self.displays.intermission.start(self, stats)

    def world_done(self) -> None:
        """The intermission is over (``G_WorldDone``): a text of DOOM II's story, or the next level."""
        world = self.world
        self.gameaction = GameAction.WORLDDONE
        if self._secretexit:
            world.players[world.consoleplayer].didsecret = True
        if Level.of(world).has_text_after(world.mode, secret_exit=self._secretexit):
            self.start_finale()

    def _world_done(self) -> None:
        """``G_DoWorldDone``."""
        self.gamestate = GameState.LEVEL
        self.world.map = self.levelstats.next + 1
        self._load_level()
        self.gameaction = GameAction.NOTHING
        self.viewactive = True

    def start_finale(self) -> None:
        """``F_StartFinale``: a text screen and what comes after it."""
        self.gameaction = GameAction.NOTHING
        self.gamestate = GameState.FINALE
        self.viewactive = False
        self.displays.automap.stop()
        self.displays.finale.start(self)

    # -- saved games

    def _save_game(self) -> None:
        self.gameaction = GameAction.NOTHING
        if self.saves is not None:
            self.saves.save(self, self._save_slot, self._save_description)
        self._save_description = ""

    def _load_game(self) -> None:
        self.gameaction = GameAction.NOTHING
        if self.saves is not None and self._load_path is not None:
            self.saves.load(self, self._load_path)

    # -- demos

    def _check_map_exists(self, header: DemoHeader) -> None:
        name = Level(header.episode, header.map).lump_name(self.world.mode)
        if name not in self.assets.map_names:
            raise DemoError(f"the demo plays on {name}, which this WAD does not have")

    def _play_demo(self) -> None:
        """``G_DoPlayDemo``."""
        self.gameaction = GameAction.NOTHING
        demo = self._deferred_demo
        if demo is None:
            return
        header = demo.header
        self.respawnparm = header.respawn
        demorules.set_rules(self.world, header)
        self.init_new(header.skill, header.episode, header.map)
        self.usergame = False
        self.demoplayback = True
        self._demo = demo

    def check_demo_status(self) -> bool:
        """End the demo being played or recorded (``G_CheckDemoStatus``); True when the title loop goes on.

        Raises OSError when a recording cannot be written.
        """
        if self.demoplayback:
            self.demoplayback = False
            self._demo = None
            if self.singledemo:
                self.over = True
                return False
            self.respawnparm = False
            demorules.set_single_player_rules(self.world)
            self.advancedemo = True
            return True
        if self.demorecording and self._recorder is not None and self._record_path is not None:
            self.demorecording = False
            write_atomically(self._record_path, self._recorder.finish(), mode=SHARED)
            self.over = True
        return False

    def _advance_demo(self) -> None:
        """The next step of the title loop (``D_DoAdvanceDemo``)."""
        world = self.world
        world.players[world.consoleplayer].playerstate = PST_LIVE
        self.advancedemo = False
        self.usergame = False
        world.paused = False
        self.gameaction = GameAction.NOTHING
        for step in self._title.following():
            if not step.demo:
                self.gamestate = GameState.DEMOSCREEN
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


_NO_COMMAND: Final = TicCmd()


def _nothing() -> None:
    """Nobody wants to know."""


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
