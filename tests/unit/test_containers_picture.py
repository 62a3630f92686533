"""Containers on the screen: names, the list, the map and the tally."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from pydoom.containers.link.events import (
    Removed,
)
from pydoom.containers.picture.pages import age
from pydoom.game.displays import Displays
from pydoom.game.events import KEY_PGDN, KEY_PGUP, KEY_TAB, KeyEvent
from pydoom.game.state import GameState
from pydoom.screens.automap import Automap
from pydoom.screens.border import view_window
from pydoom.screens.intermission import Intermission
from pydoom.screens.statusbar import StatusBar
from pydoom.sim import links
from pydoom.sim.rules import Exit
from pydoom.wad import Assets
from tests.unit.containerplay import Play


@pytest.fixture
def play(assets: Assets) -> Play:
    automap, intermission = Automap(assets, StatusBar(assets)), Intermission(assets)
    return Play(assets, displays=Displays(automap=automap, intermission=intermission))


class TestLabels:
    @pytest.fixture
    def facing(self, play: Play) -> Play:
        """The player looks at the only container monster, 200 units away."""
        (container,) = play.fleet(1, tics=2)
        monster, player = play.monster(container), play.player
        for mobj, x in ((monster, 1700), (player, 1900)):
            links.unset_thing_position(play.world, mobj)
            mobj.x, mobj.y = x << 16, -3550 << 16
            links.set_thing_position(play.world, mobj)
            mobj.z = mobj.floorz = mobj.subsector.sector.floorheight
        player.angle = 0x80000000
        play.world.players[0].viewz = player.z + (41 << 16)
        return play

    def draw(self, play: Play, screenblocks: int = 10) -> NDArray[np.bool_]:
        play.renderer.set_view_size(screenblocks)
        play.renderer.draw(play.world, play.world.players[0])
        frame = np.full((200, 320), 1, np.uint8)
        play.layer.draw_overlay(play.session, frame, view_window(screenblocks))
        drawn: NDArray[np.bool_] = frame != 1
        return drawn

    def test_the_name_is_over_the_monster(self, facing: Play) -> None:
        rows, columns = self.draw(facing).nonzero()
        assert rows.size
        assert abs(columns.mean() - 160) < 3
        assert 40 < rows.mean() < 84

    @pytest.mark.parametrize("screenblocks", [4, 8, 10])
    def test_it_stays_inside_the_view(self, facing: Play, screenblocks: int) -> None:
        window = view_window(screenblocks)
        drawn = self.draw(facing, screenblocks)
        inside = np.zeros_like(drawn)
        inside[window.y : window.y + window.height, window.x : window.x + window.width] = True
        assert drawn.any()
        assert not (drawn & ~inside).any()

    def test_a_protected_monster_is_drawn_in_blue(self, facing: Play) -> None:
        (entry,) = facing.layer.roster.entries.values()
        pictures = []
        for protected in (False, True):
            entry.info = replace(entry.info, protected=protected)
            facing.renderer.draw(facing.world, facing.world.players[0])
            pictures.append(facing.renderer.frame.copy())
        changed = pictures[1][pictures[0] != pictures[1]]
        assert changed.size > 1000
        assert np.isin(changed, [*range(192, 208), *range(240, 248), 0]).all()

    def test_none_behind_the_player_or_behind_a_wall_or_dead(self, facing: Play) -> None:
        facing.player.angle = 0
        assert not self.draw(facing).any()
        facing.player.angle = 0x80000000
        facing.shoot(next(iter(facing.layer.roster.entries.values())).info)
        assert not self.draw(facing).any()

    @pytest.mark.parametrize("turn", [-39, 39])
    def test_it_is_whole_at_the_edges_of_the_view(self, facing: Play, turn: int) -> None:
        (entry,) = facing.layer.roster.entries.values()
        entry.info = replace(entry.info, name="LEADTRY-LEGACY-C")
        whole = self.draw(facing).sum()
        facing.player.angle = (0x80000000 + turn * 0x100000000 // 360) % 0x100000000
        assert self.draw(facing).sum() == whole

    def test_walls_hide_names(self, play: Play) -> None:
        play.fleet(30)
        assert not self.draw(play).any()


class TestPages:
    def press(self, play: Play, key: int) -> None:
        event = KeyEvent(key, True)
        if not play.layer.responder(play.session, event):
            play.session.responder(event)

    def picture(self, play: Play) -> np.ndarray:
        frame = np.full((200, 320), 90, np.uint8)
        play.layer.draw_overlay(play.session, frame, view_window(10))
        return frame

    def automap(self, play: Play) -> Automap:
        automap = play.session.displays.automap
        assert isinstance(automap, Automap)
        return automap

    def test_tab_leads_from_view_to_map_to_list_and_back(self, play: Play, assets: Assets) -> None:
        play.fleet(30)
        automap = self.automap(play)
        steps = []
        for _ in range(4):
            self.press(play, KEY_TAB)
            steps.append((automap.active, play.overlay.listing))
        assert steps == [(True, False), (False, True), (False, False), (True, False)]

    def test_the_list_covers_the_view_only_and_has_pages(self, play: Play) -> None:
        play.fleet(30)
        play.overlay.listing = True
        first = self.picture(play)
        assert (first[168:] == 90).all()
        assert (first[:168] != 90).mean() > 0.9
        self.press(play, KEY_PGDN)
        second = self.picture(play)
        assert (first != second).any()
        for _ in range(5):
            self.press(play, KEY_PGUP)
        assert (self.picture(play) == first).all()

    def test_the_map_shows_dots_and_names_when_it_cheats(self, play: Play, assets: Assets) -> None:
        play.fleet(5)
        automap = self.automap(play)
        self.press(play, KEY_TAB)
        automap.ticker(play.session)
        assert (self.picture(play) == 90).all()
        automap.cheating = 1
        automap._toggle_whole_map(play.world)
        assert (self.picture(play) != 90).sum() > 100

    def test_the_tally_names_who_died_and_by_which_weapon(self, play: Play, assets: Assets) -> None:
        fleet = play.fleet(8)
        for each in fleet[:7]:
            play.shoot(each)
            play.tell(Removed(each.id))
        assert [(death.name, death.weapon) for death in play.layer.record.level] == [
            (f"name-{number}", "pistol") for number in range(7)
        ]
        intermission = play.session.displays.intermission
        assert isinstance(intermission, Intermission)
        play.world.exit = Exit.NORMAL
        for _ in range(3):
            play.session.run_tic()
        assert play.session.gamestate == GameState.INTERMISSION
        first = self.picture(play)
        assert (first != 90).any()
        for _ in range(70):  # seven deaths do not fit
            play.session.run_tic()
        assert (self.picture(play) != first).any()
        intermission._leave()
        assert (self.picture(play) == 90).all()
        play.session.init_new(2, 1, 2)
        play.run(3)
        assert play.layer.record.level == []

    def test_ages_are_short(self) -> None:
        assert [age(seconds) for seconds in (-1, 5, 90, 7200, 86400 * 12)] == [
            "0 SEC", "5 SEC", "1 MIN", "2 HR", "12 D"]  # fmt: skip
