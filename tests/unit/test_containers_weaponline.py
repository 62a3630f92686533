"""What the weapon in hand does, in the corner of the screen: always readable, never over anything else."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest

from pydoom.containers.fleet.words import meaning_forms, seconds_text, time_left
from pydoom.containers.link.events import Connected, Disconnected, KillMeaning, Suffering
from pydoom.containers.picture.overlay import OpenPage
from pydoom.containers.picture.screen import Box
from pydoom.containers.picture.text import GREEN, WHITE, YELLOW, OutlinedText
from pydoom.containers.picture.weaponline import Aim, draw_weapon_line
from pydoom.data.info import WP_NOCHANGE, WP_PISTOL, WP_SHOTGUN
from pydoom.game.displays import Displays
from pydoom.game.events import KEY_TAB, KeyEvent
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.run.machine import Machine
from pydoom.screens.automap import Automap
from pydoom.screens.border import ViewWindow, view_window
from pydoom.screens.font import Font
from pydoom.screens.hud import TITLE_BOTTOM
from pydoom.screens.settings import Settings
from pydoom.screens.statusbar import StatusBar
from pydoom.wad import Assets
from tests.unit.containerplay import Play

NOTHING = 1
MEANINGS = [
    KillMeaning("remove"),
    KillMeaning("kill", 0.0, "SIGTERM"),
    KillMeaning("disconnect", 20.0),
    KillMeaning("squeeze", 86400.0),
    KillMeaning("w" * 16, 1e7, "SIGRTMAX-14"),
]


@pytest.fixture
def play(assets: Assets) -> Play:
    play = Play(assets, displays=Displays(automap=Automap(assets, StatusBar(assets))))
    play.overlay.hints.settings.show_hints = False
    return play


def drawn(play: Play, screenblocks: int = 10) -> np.ndarray:
    frame = np.full((200, 320), NOTHING, np.uint8)
    play.layer.draw_overlay(play.session, frame, view_window(screenblocks))
    return frame


def corner(frame: np.ndarray) -> np.ndarray:
    """The lower right part of the view at full width."""
    return frame[140:168, 160:]


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("meaning", MEANINGS, ids=lambda meaning: meaning.action)
@pytest.mark.parametrize("screenblocks", range(3, 12))
def test_it_is_whole_in_the_lower_right_corner_of_every_view(
    assets: Assets, screenblocks: int, meaning: KillMeaning, dry_run: bool
) -> None:
    window, text = view_window(screenblocks), OutlinedText(Font(assets))
    frame = np.full((200, 320), NOTHING, np.uint8)
    boxes = draw_weapon_line(frame, window, text, Aim(meaning, dry_run))
    assert len(boxes) == 1 + dry_run
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    covered = np.zeros((200, 320), bool)
    known = meaning.action != "w" * 16
    for box in boxes:
        assert box.left >= window.x or not known
        assert box.top > window.y + window.height // 2
        assert box.right < window.x + window.width and box.bottom < window.y + window.height
        covered[box.top : box.bottom, max(box.left, 0) : box.right] = True
    assert not (frame != NOTHING)[~covered].any()


def test_a_view_that_is_too_narrow_has_a_shorter_form_never_another_action(assets: Assets) -> None:
    text = OutlinedText(Font(assets))
    for meaning in MEANINGS[:-1]:
        assert text.width(meaning_forms(meaning)[-1]) < view_window(3).width


def test_it_says_the_action_its_seconds_and_its_signal() -> None:
    assert [meaning_forms(meaning)[0] for meaning in MEANINGS[:4]] == [
        "REMOVE", "KILL SIGTERM", "DISCONNECT 20 S", "SQUEEZE 24 HR"]  # fmt: skip


def test_durations_are_short() -> None:
    assert [seconds_text(seconds) for seconds in (0.5, 20, 90.4, 599, 1200, 86400, math.inf)] == [
        "0.5 S", "20 S", "90.4 S", "599 S", "20 MIN", "24 HR", ""]  # fmt: skip
    assert seconds_text(1.7e308) == "9999 HR"
    assert [time_left(Suffering("pause", until), 100.0) for until in (112.3, 100, 50, math.inf)] == [
        "13 S", "0 S", "0 S", ""]  # fmt: skip


def test_it_follows_the_weapon_from_the_moment_of_the_change(play: Play) -> None:
    player = play.world.players[0]
    player.readyweapon, player.pendingweapon = WP_PISTOL, WP_NOCHANGE
    play.tell(Connected(weapons={"shotgun": KillMeaning("pause", 20)}))
    before = drawn(play)
    player.pendingweapon = WP_SHOTGUN
    assert (drawn(play) != before).any()
    changing = drawn(play)
    player.readyweapon, player.pendingweapon = WP_SHOTGUN, WP_NOCHANGE
    assert (drawn(play) == changing).all()


def test_a_dry_run_is_green_and_the_real_thing_yellow(play: Play) -> None:
    assert np.isin(corner(drawn(play)), range(YELLOW, YELLOW + 6)).any()
    play.tell(Connected(dry_run=True))
    frame = corner(drawn(play))
    assert np.isin(frame, range(GREEN, GREEN + 6)).any()
    assert np.isin(frame, range(WHITE, WHITE + 6)).any()
    assert not np.isin(frame, range(YELLOW, YELLOW + 6)).any()


@pytest.mark.parametrize("page", [OpenPage.NONE, OpenPage.LIST, OpenPage.HELP])
def test_it_is_on_the_view_and_on_every_page_over_it(play: Play, page: OpenPage) -> None:
    play.overlay.page = page
    frame = drawn(play)
    assert np.isin(frame[159:168, 260:], range(YELLOW, YELLOW + 6)).any()


def open_map(play: Play) -> Automap:
    play.session.responder(KeyEvent(KEY_TAB, True))
    automap = play.session.displays.automap
    assert isinstance(automap, Automap)
    automap.ticker(play.session)
    return automap


def test_it_is_on_the_automap(play: Play) -> None:
    open_map(play)
    assert np.isin(drawn(play)[151:160, 260:], range(YELLOW, YELLOW + 6)).any()


def test_it_leaves_the_automap_s_row_of_the_level_s_name_free(play: Play) -> None:
    play.tell(Connected(dry_run=True, meaning=KillMeaning("disconnect", 20)))
    open_map(play)
    frame = drawn(play)
    assert (frame[TITLE_BOTTOM - play.overlay.text.height : 168] == NOTHING).all()
    assert np.isin(frame[151:160, 100:], range(GREEN, GREEN + 6)).any()


def test_no_name_on_the_automap_covers_it_or_the_level_s_name(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    play.tell(Connected(dry_run=True, meaning=KillMeaning("disconnect", 20)))
    play.fleet(60)
    automap = open_map(play)
    automap.cheating = 1
    places = iter([(number % 10 * 32, 130 + number // 10 * 7) for number in range(60)])
    monkeypatch.setattr(automap, "pixel", lambda x, y: next(places))
    text, boxes = play.overlay.text, []

    def draw(_frame: np.ndarray, _window: ViewWindow, x: int, y: int, words: str, _colours: int = 0) -> None:
        boxes.append(Box(x, y, x + text.width(words), y + text.height))

    monkeypatch.setattr(text, "draw", draw)
    drawn(play)
    assert len(boxes) > 10
    assert max(box.bottom for box in boxes) <= TITLE_BOTTOM - text.height
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def test_it_is_away_while_the_bridge_is(play: Play) -> None:
    play.tell(Disconnected("gone"))
    assert play.layer.aim(play.world) is None
    play.tell(Connected())
    assert play.layer.aim(play.world) is not None


@pytest.mark.parametrize("screenblocks", [3, 5, 8, 10, 11])
def test_a_warning_stands_above_it_where_both_would_not_fit_beside_each_other(
    play: Play, monkeypatch: pytest.MonkeyPatch, screenblocks: int
) -> None:
    play.tell(Connected(dry_run=True, meaning=KillMeaning("disconnect", 20)))
    monkeypatch.setattr(play.layer, "status", lambda: "12 WAITING FOR ROOM")
    text, boxes = play.overlay.text, []

    def draw(_frame: np.ndarray, _window: ViewWindow, x: int, y: int, words: str, _colours: int = 0) -> None:
        boxes.append((x, y, x + text.width(words), y + text.height))

    monkeypatch.setattr(text, "draw", draw)
    drawn(play, screenblocks)
    assert len(boxes) == 3
    for (left, top, right, bottom), (x, y, x_end, y_end) in combinations(boxes, 2):
        assert right <= x or x_end <= left or bottom <= y or y_end <= top


@pytest.mark.parametrize("status", ["BRIDGE AWAY", "WAITING FOR BRIDGE", "ENGINE DOWN", "9999 WAITING FOR ROOM"])
@pytest.mark.parametrize("page", ["map", OpenPage.LIST, OpenPage.HELP])
def test_a_warning_is_on_the_map_and_on_every_page_and_covers_nothing(
    play: Play, monkeypatch: pytest.MonkeyPatch, page: OpenPage | str, status: str
) -> None:
    play.tell(Connected(dry_run=True, meaning=KillMeaning("disconnect", 20)))
    play.fleet(60)
    monkeypatch.setattr(play.layer, "status", lambda: status)
    if isinstance(page, OpenPage):
        play.overlay.page = page
    else:
        open_map(play).cheating = 1
    text, boxes, words = play.overlay.text, [], []

    def draw(_frame: np.ndarray, _window: ViewWindow, x: int, y: int, shown: str, _colours: int = 0) -> None:
        if shown.strip():
            boxes.append(Box(x, y, x + text.width(shown), y + text.height))
            words.append(shown)

    monkeypatch.setattr(text, "draw", draw)
    drawn(play)
    (number,) = [number for number, shown in enumerate(words) if shown == status[: len(shown)] and len(shown) > 8]
    assert boxes[number].left == 1
    assert boxes[number].bottom < 168
    assert not [shown for box, shown in zip(boxes, words, strict=True) if boxes[number].overlaps(box)][1:]


def test_the_list_page_counts_no_containers_before_the_bridge_has(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    play.overlay.page = OpenPage.LIST
    words: list[str] = []
    monkeypatch.setattr(play.overlay.text, "draw", lambda *args: words.append(args[4]))
    drawn(play)
    assert "0 CONTAINERS" not in words
    assert {"NO LIST YET", "WAITING FOR BRIDGE"} <= set(words)
    play.fleet(0)
    drawn(play)
    assert "0 CONTAINERS" in words


def test_a_demo_shows_none(assets: Assets, play: Play) -> None:
    game = Machine(assets, Settings(), connect=lambda renderer: play.layer)
    game.session.start(Rules(), Level(1, 1))
    game.tic()
    game.draw()
    shown = game.display.frame.copy()
    assert np.isin(shown[159:167, 260:], range(YELLOW, YELLOW + 6)).any()
    game.session.play_demo(assets.lump("DEMO1"))
    for _ in range(60):
        game.tic()
        game.draw()
    assert game.session.demoplayback
    assert not np.isin(game.display.frame[159:167, 260:], range(YELLOW, YELLOW + 6)).any()
