"""The first minute: hints, the arrow, the help page and their key."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from pydoom.cli.play import _hints as hints_of
from pydoom.config import Configuration, Value
from pydoom.containers.fleet.lifecycle import Phase
from pydoom.containers.level.stage import WALKABLE_TICS
from pydoom.containers.link.events import Added, Changed, Connected, ContainerInfo, Disconnected, Listed
from pydoom.containers.picture.arrow import arrow_pixels, bearing, draw_arrow
from pydoom.containers.picture.hints import (
    EFFECT_X,
    LEFT_X,
    QUIET_TICS,
    SHOWN_TICS,
    HintBox,
    HintKeys,
    Hints,
    Whereabouts,
    help_keys,
    help_lines,
    sentence,
    side,
    where_lines,
    wrap,
)
from pydoom.containers.picture.overlay import OpenPage, nearest
from pydoom.containers.picture.screen import MESSAGE_PX
from pydoom.containers.picture.text import OutlinedText
from pydoom.game.events import KEY_F1, KEY_TAB, KeyEvent
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.screens.border import ViewWindow, view_window
from pydoom.screens.font import Font
from pydoom.screens.settings import Settings
from pydoom.screens.video import SCREENWIDTH
from pydoom.sim import links
from pydoom.sim.player import CF_NOCLIP
from pydoom.sim.rules import SK_NIGHTMARE, GameMode
from pydoom.wad import Assets
from tests.unit.containerplay import Play

KEYS = HintKeys(frozenset({ord("n")}), "N")
RIGHT, BEHIND = math.pi / 2, math.pi
PLACES = [
    Whereabouts(),
    Whereabouts(1),
    Whereabouts(1, 0.0),
    Whereabouts(3, RIGHT, walled=True, cheat="idspispopd"),
    Whereabouts(9999, BEHIND, walled=True, cheat="idspispopd", dry_run=True),
    Whereabouts(9999, -RIGHT, walled=True),
    Whereabouts(9999, BEHIND),
    Whereabouts(9999, RIGHT),
    Whereabouts(9999, 0.0, in_sight=True),
    Whereabouts(listed=False),
    Whereabouts(listed=False, away=True),
    Whereabouts(9999, RIGHT, away=True),
]


@pytest.fixture
def play(assets: Assets, monkeypatch: pytest.MonkeyPatch) -> Play:
    """A game without the weapon's line, which would be drawn as well."""
    play = Play(assets)
    play.overlay.hints.keys = KEYS
    monkeypatch.setattr(play.layer, "aim", lambda world: None)
    return play


def drawn(play: Play, screenblocks: int = 10) -> np.ndarray:
    """What the overlay draws: uint8[200,320], 1 where it draws nothing."""
    play.renderer.set_view_size(screenblocks)
    play.renderer.draw(play.world, play.world.players[0])
    frame = np.full((200, 320), 1, np.uint8)
    play.layer.draw_overlay(play.session, frame, view_window(screenblocks))
    return frame


def press(play: Play, key: int) -> bool:
    return play.layer.responder(play.session, KeyEvent(key, True, key if key < 0x7F else 0))


class TestWords:
    def test_the_courtyard_s_hint_says_how_many_where_and_how_to_get_there(self) -> None:
        assert where_lines(PLACES[3]) == ["3 CONTAINERS ARE BEHIND THE WALL", "ON YOUR RIGHT: TYPE IDSPISPOPD"]

    def test_one_container_is_singular(self) -> None:
        assert where_lines(Whereabouts(1, 0.0)) == ["1 CONTAINER IS IN THIS LEVEL:", "IT IS AHEAD: FOLLOW THE ARROW"]

    def test_a_container_in_sight_is_not_said_to_be_on_the_way(self) -> None:
        assert where_lines(Whereabouts(2, None, in_sight=True)) == ["2 CONTAINERS ARE HERE: AIM AND SHOOT"]

    def test_without_a_bridge_nothing_is_said_to_be_running_or_not(self) -> None:
        assert where_lines(Whereabouts(listed=False)) == ["WAITING FOR THE BRIDGE"]
        assert where_lines(Whereabouts(listed=False, away=True)) == ["THE BRIDGE IS AWAY"]
        assert where_lines(Whereabouts(away=True)) == ["THE BRIDGE IS AWAY"]
        assert where_lines(Whereabouts(1, 0.0, away=True)) == [
            "THE BRIDGE IS AWAY:", "1 CONTAINER IS IN THIS LEVEL:", "IT IS AHEAD: FOLLOW THE ARROW"]  # fmt: skip

    @pytest.mark.parametrize(
        ("degrees", "words"),
        [(0, "AHEAD"), (44, "AHEAD"), (46, "ON YOUR RIGHT"), (-46, "ON YOUR LEFT"), (136, "BEHIND YOU")],
    )
    def test_sides(self, degrees: float, words: str) -> None:
        assert side(math.radians(degrees)) == words

    @pytest.mark.parametrize("where", PLACES)
    def test_all_lines_fit_on_the_screen_and_on_the_help_page(self, assets: Assets, where: Whereabouts) -> None:
        width = Font(assets).width
        keys = help_keys(HintKeys(frozenset(), "PAD_LEFTSTICK", "PAD_BACK"))
        for line, _ in help_lines(where):
            assert LEFT_X + width(line) <= SCREENWIDTH
        assert all(EFFECT_X + width(effect) <= SCREENWIDTH for _, effect in keys)
        assert all(LEFT_X + min(map(width, forms)) < EFFECT_X for forms, _ in keys)
        assert len(help_lines(where)) + len(keys) + 2 <= 168 // 9

    def test_the_help_names_the_keys_of_the_settings(self) -> None:
        changed: dict[str, Value] = {
            "keys.forward": ("pad_up", "e"), "keys.left": ("s",), "keys.backward": ("d",), "keys.right": ("f",),
            "keys.fire": ("enter",), "mouse.fire": "right", "keys.use": ("pad_a",), "keys.menu": (), "keys.map": (),
            **{f"keys.weapon_{number}": (letter,) for number, letter in enumerate("yuiophj", 1)},
        }  # fmt: skip
        shown = {effect: forms[0] for forms, effect in help_keys(hints_of(Settings(), Configuration(changed)).keys)}
        assert shown == {
            "HINTS, DETAILS: ON OR OFF": "N, X", "MOVE AND TURN": "ESDF", "FIRE": "ENTER, RIGHT MOUSE",
            "OPEN DOORS": "PAD_A", "WEAPONS": "Y U I O P H J", "THE GAME'S OWN HELP": "F1"}  # fmt: skip

    def test_without_settings_the_help_names_the_default_keys(self) -> None:
        keys = hints_of(Settings(), Configuration()).keys
        assert keys == HintKeys(keys.keys, "N", inspect_keys=keys.inspect_keys, inspect_key_name="X")

    @pytest.mark.parametrize("name", ["pad_rightshoulder", "printscreen", "backspace"])
    def test_keys_with_long_names_stay_in_their_column(self, assets: Assets, name: str) -> None:
        actions = (
            "forward",
            "backward",
            "left",
            "right",
            "fire",
            "use",
            "menu",
            "map",
            "hints",
            "weapon_1",
            "weapon_2",
        )
        keys = hints_of(Settings(), Configuration({f"keys.{action}": (name,) for action in actions})).keys
        text, written = OutlinedText(Font(assets)), []

        def draw(_frame: np.ndarray, _window: ViewWindow, x: int, _y: int, words: str, _colours: int = 0) -> None:
            written.append((x, words))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(text, "draw", draw)
            frame = np.zeros((200, 320), np.uint8)
            HintBox(text, assets.colormaps, keys).draw_help(frame, view_window(10), Whereabouts(1, 0.0))
        beside = [words for (x, words), (after, _) in pairwise(written) if (x, after) == (LEFT_X, EFFECT_X)]
        assert len(beside) == 9
        assert all(LEFT_X + text.width(words) < EFFECT_X for words in beside)

    def test_a_map_without_a_key_is_not_suggested(self) -> None:
        keys = HintKeys(map_key_name="")
        assert sentence(PLACES[2], keys).endswith("Press F1 for help")

    def test_the_log_says_the_same_as_a_sentence(self) -> None:
        assert sentence(PLACES[3], KEYS) == (
            "3 containers are behind the wall on your right: type idspispopd to walk through walls. "
            "Press TAB twice for the list of containers, F1 for help"
        )

    def test_lines_are_wrapped_at_words(self) -> None:
        assert wrap("one two three", len, 7) == ["one two", "three"]
        assert wrap("immeasurable", len, 3) == ["immeasurable"]


class TestWhen:
    def test_the_hint_is_shown_at_the_start_and_again_after_a_minute_without_a_hit(self) -> None:
        hints = Hints()
        hints.tick(ready=False, hit=False)
        assert not hints.visible
        seen = []
        for _ in range(SHOWN_TICS + QUIET_TICS + 10):
            hints.tick(ready=True, hit=False)
            seen.append(hints.visible)
        assert seen[0]
        assert seen.count(True) == SHOWN_TICS + SHOWN_TICS
        assert not seen[SHOWN_TICS]
        assert seen[QUIET_TICS]

    def test_a_hit_hides_the_hint_and_restarts_the_minute(self) -> None:
        hints = Hints()
        hints.tick(ready=True, hit=False)
        for number in range(3 * QUIET_TICS):
            hints.tick(ready=True, hit=number % 100 == 0)
            assert not hints.visible

    def test_a_new_level_starts_over(self) -> None:
        hints = Hints()
        hints.tick(ready=True, hit=False)
        hints.tick(ready=True, hit=True)
        hints.new_level()
        hints.tick(ready=True, hit=False)
        assert hints.visible

    def test_the_setting_turns_hints_off(self) -> None:
        hints = Hints(Settings(show_hints=False))
        hints.tick(ready=True, hit=False)
        assert not hints.visible
        assert hints.toggle()
        assert hints.visible


class TestInTheLevel:
    def test_the_hint_and_an_arrow_to_the_right_are_drawn_at_the_start(self, play: Play) -> None:
        play.fleet(3)
        frame = drawn(play)
        assert (frame[:MESSAGE_PX] == 1).all()
        assert (frame[20:50, 60:260] != 1).any()
        arrow = (frame == 231).nonzero()
        assert arrow[1].min() > 290
        where = play.layer.whereabouts(play.session)
        assert (where.count, where.walled, where.cheat) == (3, True, "idspispopd")
        assert side(where.turn or 0.0) == "ON YOUR RIGHT"

    def test_containers_are_announced_once(self, assets: Assets) -> None:
        said: list[str] = []
        play = Play(assets, announce=said.append)
        play.fleet(3, tics=60)
        play.session.start(Rules(), Level(1, 2))
        play.run(60)
        assert len(said) == 1
        assert said[0].startswith("3 containers are behind the wall on your right")

    def test_no_cheat_is_suggested_where_none_works(self, play: Play) -> None:
        play.fleet(1)
        play.world.skill = SK_NIGHTMARE
        assert play.layer.whereabouts(play.session).cheat == ""
        play.world.skill = 2
        play.world.mode = GameMode.COMMERCIAL
        assert play.layer.whereabouts(play.session).cheat == "idclip"

    def test_a_player_with_noclip_is_told_to_follow_the_arrow(self, play: Play) -> None:
        play.fleet(1)
        play.world.players[0].cheats |= CF_NOCLIP
        assert not play.layer.whereabouts(play.session).walled

    def test_a_player_in_the_courtyard_is_not_told_about_a_wall(self, play: Play) -> None:
        (container,) = play.fleet(1)
        player, monster = play.player, play.monster(container)
        links.unset_thing_position(play.world, player)
        player.x, player.y = monster.x + (200 << 16), monster.y
        links.set_thing_position(play.world, player)
        assert not play.layer.whereabouts(play.session).walled

    def test_the_wall_is_forgotten_soon_after_the_secret_door_has_opened(self, play: Play) -> None:
        play.fleet(1)
        assert play.layer.whereabouts(play.session).walled
        play.run(WALKABLE_TICS + 1)
        assert play.layer.whereabouts(play.session).walled
        for sector in play.world.sectors:  # as if all doors opened and lifts came down
            sector.floorheight, sector.ceilingheight = 0, 256 << 16
        play.run(WALKABLE_TICS + 1)
        assert not play.layer.whereabouts(play.session).walled

    def test_the_whereabouts_know_the_bridge_and_its_list(self, play: Play) -> None:
        def known() -> tuple[bool, bool, str]:
            where = play.layer.whereabouts(play.session)
            return where.listed, where.away, play.layer.status()

        assert known() == (False, False, "WAITING FOR BRIDGE")
        play.tell(Disconnected("gone"))
        assert known() == (False, True, "BRIDGE AWAY")
        play.tell(Connected(), Listed(()))
        assert known() == (True, False, "")
        play.tell(Disconnected("gone"))
        assert known() == (True, True, "BRIDGE AWAY")

    def test_in_other_levels_the_hint_is_to_follow_the_arrow(self, assets: Assets) -> None:
        play = Play(assets, episode_map=2)
        play.fleet(2, tics=60)
        where = play.layer.whereabouts(play.session)
        assert not where.walled
        assert "FOLLOW THE ARROW" in where_lines(where)[1]

    def test_the_hint_mentions_a_dry_run(self, play: Play) -> None:
        play.tell(Connected(dry_run=True), Listed((ContainerInfo("1", "web"),)), tics=30)
        assert play.layer.whereabouts(play.session).dry_run

    def test_a_hint_is_inside_the_view_or_absent_if_the_view_is_too_small(self, play: Play) -> None:
        play.fleet(3)
        for screenblocks in range(3, 12):
            window = view_window(screenblocks)
            marked = drawn(play, screenblocks) != 1
            marked[window.y : window.y + window.height, window.x : window.x + window.width] = False
            assert not marked.any()

    def test_the_key_turns_hint_and_arrow_off_and_on(self, play: Play) -> None:
        play.fleet(3)
        assert not press(play, ord("n"))  # the game may use it as well
        assert (drawn(play) == 1).all()
        assert not play.overlay.hints.settings.show_hints
        press(play, ord("n"))
        assert (drawn(play) != 1).any()

    def test_f1_shows_the_help_and_again_lets_the_game_show_its_own(self, play: Play) -> None:
        play.fleet(3)
        assert press(play, KEY_F1)
        assert (drawn(play)[:168] == 1).sum() == 0
        pages = []
        for key, consumed in ((KEY_F1, False), (KEY_F1, True), (ord("w"), True), (KEY_F1, True), (KEY_TAB, False)):
            assert press(play, key) is consumed
            pages.append(play.overlay.page)
        assert pages == [OpenPage.NONE, OpenPage.HELP, OpenPage.NONE, OpenPage.HELP, OpenPage.NONE]

    def test_pages_close_with_their_level(self, play: Play) -> None:
        press(play, KEY_F1)
        play.session.start(Rules(), Level(1, 2))
        play.run(3)
        assert play.overlay.page is OpenPage.NONE


class TestArrow:
    def test_bearings_are_clockwise_from_ahead(self, play: Play) -> None:
        (container,) = play.fleet(1)
        monster, player = play.monster(container), play.player
        player.angle = 0x40000000  # north
        for dx, dy, degrees in ((0, 100, 0), (100, 0, 90), (0, -100, 180), (-100, 0, -90)):
            monster.x, monster.y = player.x + (dx << 16), player.y + (dy << 16)
            turn = math.degrees(bearing(player, monster))
            assert min(abs(turn - degrees), abs(abs(turn - degrees) - 360)) < 1

    @pytest.mark.parametrize("screenblocks", [3, 5, 10, 11])
    @pytest.mark.parametrize("degrees", range(-180, 181, 15))
    def test_arrow_and_name_stay_inside_the_view_at_its_edge(
        self, assets: Assets, screenblocks: int, degrees: int
    ) -> None:
        window = view_window(screenblocks)
        frame = np.full((200, 320), 1, np.uint8)
        draw_arrow(frame, window, math.radians(degrees), OutlinedText(Font(assets)), "A-NAME")
        rows, columns = (frame != 1).nonzero()
        assert rows.min() >= max(window.y, MESSAGE_PX)
        assert rows.max() < window.y + window.height
        assert columns.min() >= window.x
        assert columns.max() < window.x + window.width

    def test_the_arrow_points_at_the_container(self) -> None:
        up, right = arrow_pixels(0), arrow_pixels(8)
        assert (np.rot90(up, -1) == right).mean() > 0.95
        tip = (up > 0).nonzero()[0]
        assert tip.min() <= 2

    def test_the_arrow_points_to_the_marked_container_else_to_the_nearest_target(self, play: Play) -> None:
        fleet = play.fleet(4)
        precious = ContainerInfo("precious", "precious", protected=True)
        play.tell(Added(precious), tics=10)
        monster, player = play.monster(precious), play.player
        monster.x, monster.y = player.x + (10 << 16), player.y
        found = nearest(play.layer.roster, player)
        assert found is not None
        assert found.info.id != "precious"
        for each in fleet:
            play.layer.roster.entries[each.id].phase = Phase.DYING
        found = nearest(play.layer.roster, player)
        assert found is not None
        assert found.info.id == "precious"
        unmarked = drawn(play)
        play.overlay.list.selection.marked = "precious"
        assert (drawn(play) != unmarked).any()

    def test_containers_under_a_fault_are_found_only_if_all_are(self, play: Play) -> None:
        near, far = play.fleet(2)
        for number, each in enumerate((near, far)):
            play.monster(each).x, play.monster(each).y = play.player.x + (number * 100 << 16), play.player.y
        play.tell(Changed(replace(near, state="paused")))
        found = nearest(play.layer.roster, play.player)
        assert found is not None
        assert found.info.id == far.id
        play.tell(Changed(replace(far, state="paused")))
        assert {play.phase(near), play.phase(far)} == {Phase.SUFFERING}
        found = nearest(play.layer.roster, play.player)
        assert found is not None
        assert found.info.id == near.id
        assert "ON THE WAY" not in where_lines(play.layer.whereabouts(play.session))[0]

    def test_no_arrow_points_to_a_marked_container_that_is_gone(self, play: Play) -> None:
        play.overlay.list.selection.marked = "long-gone"
        play.fleet(0)
        assert not (drawn(play) == 231).any()
