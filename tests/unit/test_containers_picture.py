"""Containers on the screen: names over heads, the list, the map and the tally."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from pydoom.containers.fleet.record import Death
from pydoom.containers.fleet.roster import Entry
from pydoom.containers.link.events import Added, ContainerInfo, KillDone, Listed, Removed
from pydoom.containers.picture.figures import age, image_forms
from pydoom.containers.picture.labels import MOST_DIM
from pydoom.containers.picture.listpage import ROWS, Order
from pydoom.containers.picture.overlay import OpenPage
from pydoom.containers.picture.screen import MESSAGE_PX, Box, counted
from pydoom.containers.picture.tallypage import Tally, _lines
from pydoom.containers.picture.text import BLUE, GREY, PALE_BLUE, YELLOW, OutlinedText
from pydoom.game.displays import Displays
from pydoom.game.events import (
    KEY_BACKSPACE,
    KEY_DOWNARROW,
    KEY_ENTER,
    KEY_ESCAPE,
    KEY_F1,
    KEY_LEFTARROW,
    KEY_PGDN,
    KEY_PGUP,
    KEY_RIGHTARROW,
    KEY_TAB,
    KeyEvent,
)
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.game.state import GameState
from pydoom.run.machine import Machine
from pydoom.screens.automap import Automap
from pydoom.screens.border import ViewWindow, view_window
from pydoom.screens.font import Font
from pydoom.screens.intermission import Intermission
from pydoom.screens.settings import Settings
from pydoom.screens.statusbar import StatusBar
from pydoom.screens.video import Frame
from pydoom.sim import links
from pydoom.sim.rules import Exit
from pydoom.wad import Assets
from tests.unit.containerplay import Play

NOTHING = 1
"""Colour of frames before anything is drawn."""


@pytest.fixture
def play(assets: Assets, monkeypatch: pytest.MonkeyPatch) -> Play:
    """A game without hints and the weapon's line, which would be drawn as well."""
    automap, intermission = Automap(assets, StatusBar(assets)), Intermission(assets)
    play = Play(assets, displays=Displays(automap=automap, intermission=intermission))
    play.overlay.hints.settings.show_hints = False
    monkeypatch.setattr(play.layer, "aim", lambda world: None)
    return play


def stand(play: Play, container: ContainerInfo, x: int, y: int) -> None:
    """Put a container's monster at a place in the courtyard and keep it there."""
    monster = play.monster(container)
    links.unset_thing_position(play.world, monster)
    monster.x, monster.y = x << 16, y << 16
    links.set_thing_position(play.world, monster)
    monster.z = monster.floorz = monster.subsector.sector.floorheight


def look(play: Play) -> None:
    """Let the player look west, from the courtyard's middle."""
    player = play.player
    links.unset_thing_position(play.world, player)
    player.x, player.y = 1900 << 16, -3550 << 16
    links.set_thing_position(play.world, player)
    player.z = player.floorz = player.subsector.sector.floorheight
    player.angle = 0x80000000
    play.world.players[0].viewz = player.z + (41 << 16)


def drawn(play: Play, screenblocks: int = 10) -> np.ndarray:
    """The overlay alone, over a real view that is then wiped."""
    play.renderer.set_view_size(screenblocks)
    play.renderer.draw(play.world, play.world.players[0])
    frame = np.full((200, 320), NOTHING, np.uint8)
    play.layer.draw_overlay(play.session, frame, view_window(screenblocks))
    return frame


def shows(frame: np.ndarray, colours: int) -> bool:
    """Whether any text has these colours."""
    return bool(np.isin(frame, range(colours, colours + 3)).any())


class TestLabels:
    @pytest.fixture
    def facing(self, play: Play) -> Play:
        """The player looks at the only container monster, 200 units away."""
        (container,) = play.fleet(1, tics=2)
        stand(play, container, 1700, -3550)
        look(play)
        return play

    def test_the_name_is_over_the_monster(self, facing: Play) -> None:
        rows, columns = (drawn(facing) != NOTHING).nonzero()
        assert rows.size
        assert abs(columns.mean() - 160) < 3
        assert 30 < rows.mean() < 84

    @pytest.mark.parametrize("screenblocks", [4, 8, 10])
    def test_the_name_stays_inside_the_view(self, facing: Play, screenblocks: int) -> None:
        window = view_window(screenblocks)
        marked = drawn(facing, screenblocks) != NOTHING
        inside = np.zeros_like(marked)
        inside[window.y : window.y + window.height, window.x : window.x + window.width] = True
        assert marked.any()
        assert not (marked & ~inside).any()

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

    def test_no_name_behind_the_player_or_a_wall_or_for_the_dead(self, facing: Play) -> None:
        facing.player.angle = 0
        assert (drawn(facing) == NOTHING).all()
        facing.player.angle = 0x80000000
        facing.shoot(next(iter(facing.layer.roster.entries.values())).info)
        assert (drawn(facing) == NOTHING).all()

    @pytest.mark.parametrize("turn", [-39, 39])
    def test_the_name_is_whole_at_the_edges_of_the_view(self, facing: Play, turn: int) -> None:
        (entry,) = facing.layer.roster.entries.values()
        facing.layer.roster.describe(entry, replace(entry.info, name="LEADTRY-CAP"))
        facing.player.angle = (0x80000000 + turn * 0x100000000 // 360) % 0x100000000
        columns = (drawn(facing) != NOTHING).nonzero()[1]
        assert np.ptp(columns) + 1 == facing.overlay.text.width("LEADTRY-CAP")

    def test_walls_hide_names(self, play: Play) -> None:
        play.fleet(30)
        assert (drawn(play) == NOTHING).all()

    def test_the_name_aimed_at_is_bright_and_joined_to_its_monster_and_others_are_dim(self, facing: Play) -> None:
        other = ContainerInfo("other", "other")
        facing.tell(Added(other), tics=2)
        stand(facing, other, 1600, -3470)
        frame = drawn(facing)
        assert shows(frame, YELLOW)
        assert shows(frame, GREY)
        lines = [column for column in range(320) if (frame[:, column] == YELLOW).sum() >= 8]
        assert len(lines) == 1
        assert abs(lines[0] - 160) < 3

    def test_protected_names_are_light_blue_and_say_so_when_aimed_at(self, facing: Play) -> None:
        (entry,) = facing.layer.roster.entries.values()
        short = np.ptp((drawn(facing) != NOTHING).nonzero()[1])
        facing.layer.roster.describe(entry, replace(entry.info, protected=True))
        frame = drawn(facing)
        assert shows(frame, BLUE)
        assert not shows(frame, YELLOW)
        assert np.ptp((frame != NOTHING).nonzero()[1]) > short + 50
        facing.player.angle = 0x80000000 + 0x10000000
        assert shows(drawn(facing), PALE_BLUE)

    def test_no_name_covers_another_or_the_message_row(self, play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
        fleet = play.fleet(40, tics=2)
        for number, each in enumerate(fleet):
            stand(play, each, 1840 - number % 8 * 60, -3700 + number // 8 * 64)
        look(play)
        text, boxes = play.overlay.text, []

        def draw(_frame: np.ndarray, _window: ViewWindow, x: int, y: int, name: str, _colours: int) -> None:
            boxes.append(Box(x, y, x + text.width(name), y + text.height))

        monkeypatch.setattr(text, "draw", draw)
        frame = drawn(play)
        assert (frame[:MESSAGE_PX] == NOTHING).all()
        assert 3 <= len(boxes) <= MOST_DIM + 1
        assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


class TestPages:
    def press(self, play: Play, key: int) -> None:
        event = KeyEvent(key, True, key if key < 0x7F else 0)
        if not play.layer.responder(play.session, event):
            play.session.responder(event)

    def write(self, play: Play, word: str) -> None:
        for character in word:
            self.press(play, ord(character))

    def listed(self, play: Play) -> list[str]:
        return [entry.info.name for entry in play.overlay.list.entries(play.layer.roster)]

    def drawn(self, play: Play, screenblocks: int = 10) -> np.ndarray:
        frame = np.full((200, 320), 90, np.uint8)
        play.layer.draw_overlay(play.session, frame, view_window(screenblocks))
        return frame

    def automap(self, play: Play) -> Automap:
        automap = play.session.displays.automap
        assert isinstance(automap, Automap)
        return automap

    def test_tab_leads_from_view_to_map_to_list_and_back(self, play: Play) -> None:
        play.fleet(30)
        automap = self.automap(play)
        steps = []
        for _ in range(4):
            self.press(play, KEY_TAB)
            steps.append((automap.active, play.overlay.page))
        assert steps == [(True, OpenPage.NONE), (False, OpenPage.LIST), (False, OpenPage.NONE), (True, OpenPage.NONE)]

    def test_f1_on_the_map_shows_the_help_over_it_and_other_keys_return_to_the_map(self, play: Play) -> None:
        play.fleet(3)
        automap = self.automap(play)
        self.press(play, KEY_TAB)
        automap.ticker(play.session)
        self.press(play, KEY_F1)
        page = self.drawn(play)
        assert np.isin(page[9:16, 12:200], range(YELLOW, YELLOW + 6)).any()
        for screenblocks in (3, 11):
            assert (self.drawn(play, screenblocks) == page).all(), "the map is as large whatever the view"
        assert play.layer.responder(play.session, KeyEvent(ord("w"), True, ord("w")))
        assert (automap.active, play.overlay.page) == (True, OpenPage.NONE)
        assert (self.drawn(play) != page).any()
        self.press(play, KEY_F1)
        self.press(play, KEY_TAB)
        assert (automap.active, play.overlay.page) == (False, OpenPage.LIST)

    def test_the_level_s_name_is_not_written_over_a_page(self, play: Play, assets: Assets) -> None:
        game = Machine(assets, Settings(), connect=lambda renderer: play.layer)
        game.session.start(Rules(), Level(1, 1))
        game.tic()
        game.session.responder(KeyEvent(KEY_TAB, True))
        for _ in range(2):
            game.tic()
            game.draw()
        red = range(176, 184)
        assert np.isin(game.display.frame[160:167, :160], red).any()
        play.overlay.page = OpenPage.HELP
        game.draw()
        assert not np.isin(game.display.frame[160:167, :160], red).any()

    def test_the_list_covers_all_above_the_status_bar_and_has_pages(self, play: Play) -> None:
        play.fleet(30)
        play.overlay.page = OpenPage.LIST
        first = self.drawn(play)
        assert (first[168:] == 90).all()
        assert (first[:168] != 90).mean() > 0.9
        self.press(play, KEY_PGDN)
        second = self.drawn(play)
        assert (first != second).any()
        for _ in range(5):
            self.press(play, KEY_PGUP)
        assert (self.drawn(play) == first).all()

    @pytest.mark.parametrize("screenblocks", [3, 6, 9])
    def test_the_list_says_the_same_whatever_the_size_of_the_view(self, play: Play, screenblocks: int) -> None:
        play.fleet(30)
        play.overlay.page = OpenPage.LIST
        full, reduced = self.drawn(play), self.drawn(play, screenblocks)
        text = np.isin(full, [*range(80, 86), *range(112, 118)])
        assert text.sum() > 1000
        assert (full[text] == reduced[text]).all()

    def test_the_list_reports_that_it_covers_the_border(self, play: Play) -> None:
        frame = np.zeros((200, 320), np.uint8)
        assert not play.layer.draw_overlay(play.session, frame, view_window(6))
        play.overlay.page = OpenPage.LIST
        assert play.layer.draw_overlay(play.session, frame, view_window(6))

    def test_typing_filters_by_name_image_service_project_and_state(self, play: Play) -> None:
        made = [
            ContainerInfo("1", "shop-web-1", "nginx:1", project="shop", service="web"),
            ContainerInfo("2", "blog-db-1", "postgres:16", project="blog", service="db", protected=True),
            ContainerInfo("3", "lonely", "redis:7", state="paused"),
        ]
        play.tell(Listed(tuple(made)), tics=30)
        play.overlay.page = OpenPage.LIST
        for words, found in (("web", ["shop-web-1"]), ("postgres", ["blog-db-1"]), ("blog", ["blog-db-1"]),
                             ("protected", ["blog-db-1"]), ("paused", ["lonely"]), ("nothing", [])):  # fmt: skip
            self.write(play, words)
            assert self.listed(play) == found
            self.drawn(play)
            self.press(play, KEY_ESCAPE)
        assert len(self.listed(play)) == 3
        self.write(play, "lonelyx")
        self.press(play, KEY_BACKSPACE)
        assert self.listed(play) == ["lonely"]

    def test_escape_clears_the_filter_then_closes_the_list(self, play: Play) -> None:
        play.overlay.page = OpenPage.LIST
        self.write(play, "web")
        self.press(play, KEY_ESCAPE)
        assert (play.overlay.page, play.overlay.list.selection.words) == (OpenPage.LIST, "")
        self.press(play, KEY_ESCAPE)
        assert play.overlay.page is OpenPage.NONE

    def test_held_keys_repeat_in_the_filter_and_close_nothing(self, play: Play) -> None:
        play.overlay.page = OpenPage.LIST
        for key in (ord("w"), ord("w"), KEY_BACKSPACE, KEY_TAB, KEY_ESCAPE, KEY_ENTER):
            assert play.layer.responder(play.session, KeyEvent(key, True, key if key < 0x7F else 0, repeat=True))
        assert (play.overlay.page, play.overlay.list.selection.words) == (OpenPage.LIST, "w")
        assert not play.overlay.list.selection.marked

    def test_released_keys_and_the_fire_key_go_to_the_game(self, play: Play) -> None:
        play.overlay.page = OpenPage.LIST
        assert play.layer.responder(play.session, KeyEvent(ord("w"), True, ord("w")))
        assert not play.layer.responder(play.session, KeyEvent(ord("w"), False))
        assert not play.layer.responder(play.session, KeyEvent(0x9D, True))

    def test_left_and_right_change_the_order(self, play: Play) -> None:
        made = [
            ContainerInfo("1", "b", "x:1", created=3, service="s"),
            ContainerInfo("2", "a", "y:1", created=2, protected=True),
            ContainerInfo("3", "c", "w:1", created=1, service="r"),
        ]
        play.tell(Listed(tuple(made)), tics=30)
        play.overlay.page = OpenPage.LIST
        orders = {}
        for _ in Order:
            orders[play.overlay.list.selection.order] = "".join(self.listed(play))
            self.press(play, KEY_RIGHTARROW)
        assert orders == {Order.AGE: "bac", Order.NAME: "abc", Order.IMAGE: "cba", Order.SERVICE: "cba",
                          Order.STATE: "bca"}  # fmt: skip
        self.press(play, KEY_LEFTARROW)
        assert play.overlay.list.selection.order is Order.STATE

    def test_enter_marks_the_cursor_s_container_and_again_unmarks_it(self, play: Play) -> None:
        play.fleet(5)
        play.overlay.page = OpenPage.LIST
        self.press(play, KEY_DOWNARROW)
        self.press(play, KEY_ENTER)
        assert play.overlay.list.selection.marked == "id-3"  # the second newest
        self.press(play, KEY_ENTER)
        assert play.overlay.list.selection.marked == ""

    def test_the_cursor_stays_on_its_container_while_others_come_and_go(self, play: Play) -> None:
        play.fleet(5)
        play.overlay.page = OpenPage.LIST
        self.press(play, KEY_DOWNARROW)
        play.tell(Added(ContainerInfo("new", "new", created=99)))
        self.drawn(play)
        assert play.overlay.list.selection.cursor == "id-3"
        play.tell(Removed("id-3"), tics=5)
        self.drawn(play)
        assert play.overlay.list.selection.cursor == "id-2"

    def test_an_empty_list_can_be_used(self, play: Play) -> None:
        play.overlay.page = OpenPage.LIST
        for key in (KEY_DOWNARROW, KEY_PGDN, KEY_ENTER, KEY_BACKSPACE):
            self.press(play, key)
        assert (self.drawn(play)[:168] != 90).any()
        assert play.overlay.list.selection.marked == ""

    def test_nothing_on_the_list_is_wider_than_its_column(self, play: Play) -> None:
        made = [
            ContainerInfo(f"{n}", "W" * 100, f"registry.example/{'W' * 90}@sha256:{'f' * 64}", "W" * 50, n % 2 == 0,
                          created=1.0, project="W" * 60, service="W" * 60)
            for n in range(ROWS)
        ]  # fmt: skip
        play.tell(Listed(tuple(made)), tics=30)
        play.overlay.page = OpenPage.LIST
        frame = self.drawn(play)
        for gap in (128, 192, 268):
            assert not np.isin(frame[3 * 9 : 13 * 9, gap], [*range(80, 100), *range(112, 118), *range(193, 201)]).any()

    def test_images_lose_their_registry_first(self) -> None:
        forms = image_forms("registry.example:5000/team/api:1.4@sha256:abc")
        assert forms[:3] == ("registry.example:5000/team/api:1.4@sha256:abc", "api:1.4@sha256:abc", "api:1.4")

    def test_the_map_shows_dots_and_names_when_it_cheats(self, play: Play) -> None:
        play.fleet(5)
        automap = self.automap(play)
        self.press(play, KEY_TAB)
        automap.ticker(play.session)
        assert (self.drawn(play) == 90).all()
        play.overlay.list.selection.marked = "id-0"
        automap._toggle_whole_map(play.world)
        marked = (self.drawn(play) != 90).sum()
        assert marked > 20
        automap.cheating = 1
        assert (self.drawn(play) != 90).sum() > marked + 80

    def test_text_that_has_not_changed_is_not_measured_again(self, assets: Assets) -> None:
        font, measured = Font(assets), []
        usual = font.width

        def width(text: str) -> int:
            measured.append(text)
            return usual(text)

        font.width = width  # type: ignore[method-assign]
        text = OutlinedText(font)
        for _ in range(3):
            assert text.fit(("a long name", "name"), usual("name")) == "name"
        assert measured == ["a long name", "name"]

    def test_ages_are_short(self) -> None:
        assert [age(seconds) for seconds in (-1, 5, 90, 7200, 86400 * 12)] == [
            "0 SEC", "5 SEC", "1 MIN", "2 HR", "12 D"]  # fmt: skip

    def test_one_is_one_container(self) -> None:
        assert [counted(number, "CONTAINER") for number in (0, 1, 2)] == ["0 CONTAINERS", "1 CONTAINER", "2 CONTAINERS"]

    @pytest.mark.parametrize("resolution", [(320, 200), (640, 400)])
    def test_the_border_is_whole_again_when_the_list_closes(
        self, play: Play, assets: Assets, resolution: tuple[int, int]
    ) -> None:
        game = Machine(assets, Settings(screenblocks=5), resolution=resolution)
        game.session.start(Rules(), Level(1, 1))
        game.tic()
        for _ in range(5):
            game.draw()
        before = game.display.frame[:168].copy()
        page = OpenPage.NONE

        def overlay(frame: Frame) -> bool:
            play.overlay.page = page
            return play.layer.draw_overlay(play.session, frame, view_window(5))

        game.display.overlay = overlay
        page = OpenPage.LIST
        for _ in range(3):
            game.draw()
            assert (game.display.frame[:168, :80] != before[:, :80]).any()
        page = OpenPage.NONE
        game.draw()
        window = view_window(5)
        after = game.display.frame[:168].copy()
        view = (slice(window.y, window.y + window.height), slice(window.x, window.x + window.width))
        after[view] = before[view] = 0
        assert (after == before).all()


class TestTally:
    def death(self, name: str, weapon: str = "pistol", service: str = "", what: str = "is gone") -> Death:
        info = ContainerInfo(name, name, project="shop" if service else "", service=service)
        return Death(info, (name,), weapon, what)

    def end_level(self, play: Play) -> Intermission:
        intermission = play.session.displays.intermission
        assert isinstance(intermission, Intermission)
        play.world.exit = Exit.NORMAL
        for _ in range(3):
            play.layer.before_tic(play.session)
            play.session.run_tic()
        assert play.session.gamestate == GameState.INTERMISSION
        return intermission

    def drawn(self, play: Play) -> np.ndarray:
        frame = np.full((200, 320), 90, np.uint8)
        play.layer.draw_overlay(play.session, frame, view_window(10))
        return frame

    def test_the_tally_names_the_dead_and_its_pages_rotate(self, play: Play) -> None:
        fleet = play.fleet(8)
        for each in fleet[:7]:
            play.shoot(each)
            play.tell(Removed(each.id))
        assert [(death.info.name, death.weapon) for death in play.layer.record.level] == [
            (f"name-{number}", "pistol") for number in range(7)
        ]
        intermission = self.end_level(play)
        first = self.drawn(play)
        assert (first != 90).any()
        for _ in range(70):  # seven deaths do not fit
            play.session.run_tic()
        assert (self.drawn(play) != first).any()
        intermission._leave()
        assert (self.drawn(play) == 90).all()
        play.session.start(Rules(), Level(1, 2))
        play.run(3)
        assert play.layer.record.level == []

    @pytest.mark.parametrize("tics", [0, 1, 69, 70])
    def test_the_tally_starts_with_its_first_page_at_each_level_s_end(self, play: Play, tics: int) -> None:
        for number in range(20):
            play.layer.record.add(self.death(f"name-{number}"))
        wanted = np.full((200, 320), 90, np.uint8)
        Tally(play.overlay.text).draw(wanted, play.layer.record.level, 0)
        play.run(tics)
        self.end_level(play)
        assert (self.drawn(play) == wanted).all()

    def test_the_tally_groups_by_service_with_most_deaths_first(self) -> None:
        deaths = [
            self.death("lonely", "fist"),
            self.death("shop-web-1", "rocket launcher", "web"),
            self.death("shop-web-2", "pistol", "web", "is restarted"),
        ]
        web, lonely = _lines(deaths)
        assert web.names[:2] == ("shop web x2", "web x2")
        assert web.how[:2] == ("gone, restarted (rocket launcher, pistol)", "gone, restarted (rocket, pistol)")
        assert (lonely.names, lonely.how[0]) == (("lonely",), "gone (fist)")

    def test_services_of_the_same_name_are_told_apart_by_their_projects(self, play: Play) -> None:
        deaths = []
        for project in ("shop", "blog"):
            for number in range(2):
                info = ContainerInfo(f"{project}-{number}", "x", project=project, service="payment-service")
                deaths.append(Death(info, ("x",), "pistol", "is gone"))
        shown = [play.overlay.text.fit(line.names, 110) for line in _lines(deaths)]
        assert [words.rpartition(" ")[0][-4:] for words in shown] == ["shop", "blog"], shown

    def test_the_tally_counts_a_container_once_and_how_often_it_rose(
        self, play: Play, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (victim,) = play.fleet(1)
        for _ in range(2):
            play.shoot(victim)
            play.tell(KillDone(victim.id, "restart", False), tics=300)
        assert len(play.layer.record.level) == 2
        written: list[str] = []
        monkeypatch.setattr(play.overlay.text, "draw", lambda *args: written.append(args[4]))
        self.end_level(play)
        self.drawn(play)
        assert written[:2] == ["1 CONTAINER", "name-0 x2"]

    @pytest.mark.parametrize("what", ["lives: dry run", "is paused", "is disconnected"])
    def test_hits_that_kill_nobody_do_not_multiply_a_container(self, what: str) -> None:
        hits = [self.death("shop-web-1", service="web", what=what)] * 3
        (line,) = _lines(hits)
        assert line.names == ("shop-web-1",)
        (line,) = _lines([*hits, self.death("shop-web-2", service="web")])
        assert line.names[:2] == ("shop web x2", "web x2")

    def test_both_columns_fit(self, play: Play) -> None:
        names = tuple("W" * length for length in (90, 20, 16, 8))
        for number in range(4):
            info = ContainerInfo(f"{number}", names[0], service="W" * 80, project="W" * 80)
            for weapon in ("rocket launcher", "plasma rifle", "super shotgun", "chainsaw"):
                play.layer.record.add(Death(info, names, weapon, "is restarted"))
        self.end_level(play)
        frame = self.drawn(play)
        assert (frame[:, 120:124] == 90)[119:].all()
        assert (frame[:, 317:] == 90).all()

    def test_container_kills_count_as_kills_in_the_level_s_results(self, play: Play) -> None:
        (victim,) = play.fleet(1)
        total = play.world.totalkills
        play.shoot(victim)
        play.tell(Removed(victim.id))
        self.end_level(play)
        stats = play.session.level_log[-1]
        assert (stats.players[0].skills, stats.maxkills) == (1, total + 1)


def test_an_entry_that_was_restarted_says_how_often() -> None:
    assert Entry(ContainerInfo("1", "web", restarts=2)).suffix == " x2"
    assert Entry(ContainerInfo("1", "web")).suffix == ""
