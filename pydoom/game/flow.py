"""The way through the levels: how a game starts, how a level ends and which comes next (``g_game.c``).

`LevelFlow` owns the `World`, and starts the screens that go with a level, its results or its story. What happens in a
tic, and when, is decided by `game.session`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pydoom.game import edition, requests
from pydoom.game.commands import TicCommands
from pydoom.game.control import GameControl
from pydoom.game.datacentre import DataCentre, map_after
from pydoom.game.displays import Displays
from pydoom.game.level import Level
from pydoom.game.requests import GameRequest
from pydoom.game.results import LevelStats, level_stats
from pydoom.game.rules import Rules
from pydoom.game.sounds import Sounds
from pydoom.game.state import NO_STATE, GameState, SessionState
from pydoom.sim import actions, reborn, setup
from pydoom.sim.enemy import fast
from pydoom.sim.player import MAXPLAYERS, PST_DEAD, PST_LIVE, PST_REBORN
from pydoom.sim.rules import SK_NIGHTMARE, Exit, GameMode, GameVersion, StrayMemory
from pydoom.sim.specials import update
from pydoom.sim.world import World

if TYPE_CHECKING:
    from pydoom.data.info import GameInfo
    from pydoom.fleetmap.site import FleetSite
    from pydoom.wad import Assets


def make_world(assets: Assets, info: GameInfo, version: GameVersion | None, stray: StrayMemory) -> World:
    """A world without a level yet, for the game of this WAD; `version` overrides the executable it shipped with."""
    version = version if version is not None else edition.version_of(assets)
    world = World(assets, info, edition.mode_of(assets, version), version)
    world.stray = stray
    for player in world.players:
        player.playerstate = PST_LIVE  # nobody waits to respawn before a level has been started
    actions.bind(info)
    update.init_pic_anims(world)
    update.init_switch_list(world)
    return world


class LevelFlow(SessionState, ABC):
    """The levels of a session."""

    @property
    @abstractmethod
    def _control(self) -> GameControl:
        """The session, as the screens see it."""

    def __init__(
        self,
        assets: Assets,
        world: World,
        displays: Displays,
        sounds: Sounds,
        rules: Rules,
        datacentre: DataCentre,
    ) -> None:
        super().__init__(rules)
        self.assets: Final = assets
        self.datacentre: Final = datacentre
        self._in_fleet = False
        self.world: Final = world
        self.sounds: Final = sounds
        rules.apply(world)
        world.sounds = sounds
        world.hooks = self
        self.displays: Final = displays
        self._commands = TicCommands(self.world, self._demo)
        self._request: GameRequest | None = None
        self._secretexit = False
        self._levelstats = LevelStats()

    def show_view(self, shown: bool) -> None:
        """Note that the automap was closed (`shown`) or now covers the view."""
        self._viewactive = shown

    def force_wipe(self) -> None:
        """Melt into the next frame even though the game state stays the same."""
        self._wipegamestate = NO_STATE

    def frame_melts(self) -> bool:
        """Whether the frame about to be drawn melts in; ask once for every frame (``D_Display``)."""
        melts = self._gamestate != self._wipegamestate
        self._wipegamestate = self._gamestate
        return melts

    def message(self, text: str) -> None:
        """Show a line at the top of the console player's screen."""
        self.world.players[self.world.consoleplayer].message = text

    # -- the beginning of a level

    @property
    def in_fleet(self) -> bool:
        """Whether the levels of this game are built from the fleet."""
        return self._in_fleet

    def start(self, rules: Rules, level: Level, in_fleet: bool = False, site: FleetSite | None = None) -> None:
        """Start a game at once with these rules (``G_InitNew``); a skill or a level out of range is clamped.

        `in_fleet`: its levels are built from the fleet, the first one on `site`, if given.
        """
        self._in_fleet = in_fleet
        world = self.world
        if world.paused:
            world.paused = False
            self.sounds.resume()
        skill = min(rules.skill, SK_NIGHTMARE)
        level = level.clamped(world.mode, world.version)
        self._rules = replace(rules, skill=skill)
        self._rules.apply(world)
        world.random.clear()
        world.respawnmonsters = skill == SK_NIGHTMARE or rules.respawn
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
        self._choose_sky()
        self._load_level(site)

    def _choose_sky(self) -> None:
        """Choose the sky when a game starts: in DOOM II it then stays the same except in the last executables."""
        world = self.world
        name = world.info.text(Level.of(world).sky(world.mode))
        self._sky_texture = max(self.assets.texture_number(name), 0)

    def _load_level(self, site: FleetSite | None = None) -> None:
        """``G_DoLoadLevel``; a level of the fleet's is built on `site`, or as the fleet is now."""
        world = self.world
        if world.mode == GameMode.COMMERCIAL and world.version in (GameVersion.FINAL2, GameVersion.CHEX):
            self._choose_sky()
        if self._wipegamestate == GameState.LEVEL:
            self.force_wipe()
        self._gamestate = GameState.LEVEL
        for player in world.players:
            if world.playeringame[player.number] and player.playerstate == PST_DEAD:
                player.playerstate = PST_REBORN
            player.frags[:] = [0] * MAXPLAYERS
        self.sounds.level_started()
        world.exit = Exit.NONE
        level = Level.of(world)
        name = level.lump_name(world.mode)
        source = self.datacentre.enter(name, site) if self._in_fleet else self.assets.map(name)
        setup.setup_level(world, source, level.episode, level.map, world.skill)
        world.displayplayer = world.consoleplayer
        self._request = None
        world.paused = False
        self._commands.level_started()
        self._levels_loaded += 1

    def player_spawned(self, _world: World) -> None:
        """Start the screens of a level: the console player has been spawned."""
        self.displays.statusbar.start(self._control)
        self.displays.hud.start(self._control)
        self.displays.automap.start(self._control)

    def player_died(self, _world: World) -> None:
        """Close the automap: it must not hide the death of the console player."""
        self.displays.automap.stop()

    # -- the end of a level

    def _complete_level(self, secret_exit: bool) -> None:
        """``G_DoCompleted``: end the level, with a finale, or the tally and then the next level."""
        world = self.world
        self._secretexit = secret_exit
        for number in range(MAXPLAYERS):
            if world.playeringame[number]:
                reborn.player_finish_level(world, number)
        self.displays.automap.stop()
        if world.mode != GameMode.COMMERCIAL and not self._in_fleet:
            if world.map == 8 or (world.version == GameVersion.CHEX and world.map == 5):
                self._request = requests.Victory()
                return
            if world.map == 9:
                for player in world.players:
                    player.didsecret = True
        stats = level_stats(world, secret_exit=secret_exit, previous=self._levelstats.next)
        if self._in_fleet:
            stats = replace(stats, next=map_after(Level.of(world)))
        self._levelstats = stats
        self._level_log += (stats,)
        self._gamestate = GameState.INTERMISSION
        self._viewactive = False
        self.displays.intermission.start(self._control, stats)

    def world_done(self) -> None:
        """Leave the intermission (``G_WorldDone``) for a text of DOOM II's story or the next level."""
        world = self.world
        self._request = requests.WorldDone()
        if self._secretexit:
            world.players[world.consoleplayer].didsecret = True
        if not self._in_fleet and Level.of(world).has_text_after(world.mode, secret_exit=self._secretexit):
            self._start_finale()

    def finale_done(self) -> None:
        """Leave the text screen and enter the next level."""
        self._request = requests.WorldDone()

    def _start_finale(self) -> None:
        """``F_StartFinale``: a text screen and what comes after it."""
        self._request = None
        self._gamestate = GameState.FINALE
        self._viewactive = False
        self.displays.automap.stop()
        self.displays.finale.start(self._control)
