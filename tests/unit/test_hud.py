"""Messages and the level's name."""

import numpy as np
import pytest

from pydoom.game.events import KEY_ENTER
from pydoom.screens.border import Border, view_window
from pydoom.screens.font import Font
from pydoom.screens.hud import HeadsUp, level_title
from pydoom.screens.settings import Settings
from pydoom.sim.rules import GameVersion
from pydoom.wad import Assets
from tests.screenkit import FakeGame, blank_frame, key


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def game() -> FakeGame:
    return FakeGame()


@pytest.fixture
def hud(assets: Assets, settings: Settings, game: FakeGame) -> HeadsUp:
    hud = HeadsUp(Font(assets), settings, "doom")
    hud.start(game)
    return hud


def shows_message(hud: HeadsUp) -> bool:
    frame = blank_frame()
    hud.draw(frame)
    return bool(frame[:8].any())


def say(game: FakeGame, text: str) -> None:
    game.world.players[0].message = text


def test_a_message_stays_four_seconds(hud: HeadsUp, game: FakeGame) -> None:
    say(game, "Picked up a stimpack.")
    tics = 0
    hud.ticker(game)
    while shows_message(hud):
        tics += 1
        hud.ticker(game)
    assert tics == 140
    assert game.world.players[0].message is None


def test_enter_shows_the_last_message_again(hud: HeadsUp, game: FakeGame) -> None:
    say(game, "Hello")
    for _ in range(200):
        hud.ticker(game)
    assert not shows_message(hud)
    assert hud.responder(key(KEY_ENTER))
    assert shows_message(hud)


def test_messages_can_be_switched_off_but_say_so(hud: HeadsUp, game: FakeGame, settings: Settings) -> None:
    settings.show_messages = False
    say(game, "Hello")
    hud.ticker(game)
    assert not shows_message(hud)
    hud.force_message()
    hud.ticker(game)
    assert shows_message(hud)


def test_a_forced_message_is_not_replaced(hud: HeadsUp, game: FakeGame) -> None:
    hud.force_message()
    say(game, "Messages ON")
    hud.ticker(game)
    say(game, "Picked up a clip.")
    hud.ticker(game)
    assert game.world.players[0].message == "Picked up a clip."


def test_text_stops_at_the_right_edge(hud: HeadsUp, game: FakeGame) -> None:
    say(game, "W" * 200)
    hud.ticker(game)
    assert shows_message(hud)


def test_old_text_is_taken_off_the_border(hud: HeadsUp, game: FakeGame, assets: Assets) -> None:
    border = Border(assets, "FLOOR7_2")
    border.fill(view_window(9))
    clean = blank_frame()
    border.draw(clean)
    frame = clean.copy()
    say(game, "Hello")
    for _ in range(141):
        hud.ticker(game)
        hud.erase(frame, border, automap=False)
        hud.draw(frame)
    assert (frame == clean).all()


def test_low_detail_erases_the_chat_s_line_in_the_middle_of_the_view(
    hud: HeadsUp, game: FakeGame, assets: Assets
) -> None:
    window = view_window(9)
    border = Border(assets, "FLOOR7_2")
    border.fill(window)
    hud.start(game)
    frame = blank_frame()
    hud._settings.low_detail = True
    hud.erase(frame, border, automap=False)
    rows, columns = np.nonzero(frame[window.y : window.y + window.height, window.x : window.x + window.width])
    assert (set(rows.tolist()), set(columns.tolist())) == (set(range(4)), set(range(144, 160)))


def test_the_border_leaves_the_view_alone(assets: Assets) -> None:
    window = view_window(5)
    border = Border(assets, "FLOOR7_2")
    border.fill(window)
    frame = blank_frame()
    border.draw(frame)
    assert not frame[window.y : window.y + window.height, window.x : window.x + window.width].any()
    assert not frame[168:].any()
    assert np.count_nonzero(frame[:168]) > 30_000


@pytest.mark.parametrize(
    ("blocks", "window"),
    [(3, (112, 60, 96, 48)), (9, (16, 12, 288, 144)), (10, (0, 0, 320, 168)), (11, (0, 0, 320, 200))],
)
def test_view_sizes(blocks: int, window: tuple[int, int, int, int]) -> None:
    size = view_window(blocks)
    assert (size.x, size.y, size.width, size.height) == window


def test_levels_have_names(game: FakeGame) -> None:
    world = game.world
    world.episode, world.map = 3, 9
    assert level_title(world, "doom") == "E3M9: Warrens"
    world.episode, world.map = 5, 1
    assert level_title(world, "doom") == "NEWLEVEL"
    world.map = 1
    assert level_title(world, "doom2") == "level 1: entryway"
    world.map = 33
    assert level_title(world, "doom2") == ""
    # later the original's arrays lie one after the other
    world.version = GameVersion.FINAL
    assert level_title(world, "doom2") == "level 1: congo"
    assert level_title(world, "plutonia") == "level 1: system control"
    assert level_title(world, "tnt") == ""
