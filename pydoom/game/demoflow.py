"""Demos in a game: the title loop that plays them, a single demo, and recordings.

The demo loop of ``d_main.c`` and the demo part of ``g_game.c``. `DemoFlow` decides what comes after a page or a demo;
`demotape` holds the demo that is running, `titleloop` the order of pages and demos.
"""

from __future__ import annotations

from abc import ABC
from functools import cached_property
from pathlib import Path

from pydoom.game import demotape, requests
from pydoom.game.demo import DemoError, DemoReader, parse_demo
from pydoom.game.flow import LevelFlow
from pydoom.game.level import Level
from pydoom.game.state import GameState
from pydoom.game.titleloop import TitleLoop
from pydoom.sim.player import PST_LIVE


class DemoFlow(LevelFlow, ABC):
    """The title loop, demos and recordings of a session."""

    _advancedemo = False

    @cached_property
    def _title(self) -> TitleLoop:
        return TitleLoop(self.world.mode, self.world.version)

    @property
    def demo_tics(self) -> int:
        """Length in tics of the demo that is playing or about to; 0 without one."""
        request = self._request
        return request.demo.length_tics if isinstance(request, requests.PlayDemo) else self._demo.length_tics

    @property
    def page_name(self) -> str:
        """Lump of the title loop's page (``pagename``)."""
        return self._title.page

    # -- the title loop

    def start_title(self) -> None:
        """Begin the loop of title page, credits and demos (``D_StartTitle``)."""
        self._request = None
        self._title.rewind()
        self._advancedemo = True

    def _page_ticker(self) -> None:
        """One tic of a page (``D_PageTicker``)."""
        if self._title.page_is_over():
            self._advancedemo = True

    def _advance_demo(self) -> None:
        """The next step of the title loop, if it is time for it (``D_DoAdvanceDemo``)."""
        if not self._advancedemo:
            return
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
            # a WAD without this demo, or with one of another version: the original stops with an error, we carry on
            if self.assets.has_lump(step.demo):
                try:
                    self.play_demo(self.assets.demo(step.demo), allow_longtics=False)
                except DemoError:
                    continue
                return

    # -- demos

    def play_demo(self, data: bytes, *, single: bool = False, allow_longtics: bool = True) -> None:
        """Play a demo from the next tic on (``G_DeferedPlayDemo``); with `single`, `over` becomes true at its end.

        Raises DemoError when it cannot be played.
        """
        demo = parse_demo(data, self.world.version, allow_longtics=allow_longtics)
        name = Level(demo.header.episode, demo.header.map).lump_name(self.world.mode)
        if name not in self.assets.map_names:
            raise DemoError(f"the demo plays on {name}, which this WAD does not have")
        self._singledemo = single
        self._request = requests.PlayDemo(demo)

    def _start_demo(self, demo: DemoReader) -> None:
        """Start the demo's level with the demo's rules (``G_DoPlayDemo``)."""
        header = demo.header
        self.start(demotape.rules_of(header, self._rules), Level(header.episode, header.map))
        self._usergame = False
        self._demo.play(demo)

    def record_demo(self, path: Path, *, longtics: bool = False, max_bytes: int | None = None) -> None:
        """Record the level that has just been started (``G_BeginRecording``), until `over`: the file is full."""
        world = self.world
        header = demotape.header_of(self._rules, Level.of(world), world.version, longtics=longtics)
        self._demo.record(path, header, max_bytes)

    def check_demo_status(self) -> bool:
        """End the demo being played or recorded (``G_CheckDemoStatus``); True when the title loop continues.

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
