"""The menu."""

from dataclasses import replace

import pytest

from pydoom.data import sound_ids as sfx
from pydoom.game import events as ev
from pydoom.game.events import CloseEvent, Event, JoystickEvent, KeyEvent, MouseEvent
from pydoom.game.level import Level
from pydoom.screens.font import Font
from pydoom.screens.hud import HeadsUp
from pydoom.screens.menu import Menu
from pydoom.screens.settings import Settings
from pydoom.sim.rules import GameMode, GameVersion
from pydoom.wad import Assets
from tests.screenkit import FakeGame, blank_frame, key


class PlayedMenu(Menu):
    """A menu with the game that it controls."""

    game: FakeGame

    def take(self, event: Event) -> bool:
        return self.responder(event, self.game)


@pytest.fixture
def game() -> FakeGame:
    return FakeGame()


@pytest.fixture
def menu(assets: Assets, game: FakeGame) -> PlayedMenu:
    return make_menu(assets, game)


def make_menu(assets: Assets, game: FakeGame) -> PlayedMenu:
    """A menu of a game with two saved games."""
    settings, font, world = Settings(), Font(assets), game.world
    hud = HeadsUp(font, settings, "doom")
    menu = PlayedMenu(world.info, world.mode, world.version, assets, font, settings, hud)
    game.saved = ["FIRST", "SECOND"]
    menu.game = game
    return menu


def press(menu: PlayedMenu, *keys: int | str) -> list[bool]:
    return [menu.take(key(ord(k) if isinstance(k, str) else k)) for k in keys]


DOWN, UP, LEFT, RIGHT = ev.KEY_DOWNARROW, ev.KEY_UPARROW, ev.KEY_LEFTARROW, ev.KEY_RIGHTARROW
ENTER, ESCAPE, BACK = ev.KEY_ENTER, ev.KEY_ESCAPE, ev.KEY_BACKSPACE


def test_escape_opens_and_closes(menu: PlayedMenu, game: FakeGame) -> None:
    assert press(menu, "w") == [False]
    press(menu, ESCAPE)
    assert menu.active
    press(menu, ESCAPE)
    assert not menu.active
    assert game.played == [sfx.SFX_SWTCHN, sfx.SFX_SWTCHX]


def test_a_new_game_starts_with_episode_and_skill(menu: PlayedMenu, game: FakeGame) -> None:
    press(menu, ESCAPE, ENTER, ENTER, UP, ENTER)
    assert game.asked == [("new game", 1, Level(1, 1))]
    assert not menu.active


def test_with_a_bridge_a_new_game_asks_where(menu: PlayedMenu, game: FakeGame) -> None:
    game.fleet = True
    press(menu, ESCAPE, ENTER, ENTER, ENTER)
    press(menu, ESCAPE, ENTER, DOWN, ENTER, ENTER, ENTER)
    press(menu, ESCAPE, ENTER, "d", ENTER, ENTER)
    assert game.asked == [
        ("new game", 2, Level(1, 1), "in the fleet"),
        ("new game", 2, Level(1, 1)),
        ("new game", 2, Level(1, 1), "in the fleet"),
    ]


def test_nightmare_asks_first(menu: PlayedMenu, game: FakeGame) -> None:
    press(menu, ESCAPE, ENTER, ENTER, "n", ENTER)
    assert press(menu, "q") == [False]
    press(menu, "n")
    assert game.asked == []
    press(menu, ESCAPE, ENTER, ENTER, "n", ENTER, "y")
    assert game.asked == [("new game", 4, Level(1, 1))]


def test_shareware_has_only_the_first_episode(menu: PlayedMenu, game: FakeGame) -> None:
    press(menu, ESCAPE, ENTER, DOWN, ENTER)
    press(menu, "x")
    assert game.asked == []
    assert not menu.active


def test_doom_2_has_no_episodes(assets: Assets) -> None:
    game = FakeGame(GameMode.COMMERCIAL)
    press(make_menu(assets, game), ESCAPE, ENTER, ENTER)
    assert game.asked == [("new game", 2, Level(1, 1))]


def test_ultimate_doom_has_four_episodes(assets: Assets) -> None:
    game = FakeGame(GameMode.RETAIL, GameVersion.ULTIMATE)
    press(make_menu(assets, game), ESCAPE, ENTER, UP, ENTER, ENTER)
    assert game.asked == [("new game", 2, Level(4, 1))]


def test_the_cursor_skips_gaps_and_wraps(menu: PlayedMenu) -> None:
    press(menu, ESCAPE, "o", ENTER, "s", DOWN, RIGHT)
    assert menu.settings.mouse_sensitivity == 6
    press(menu, DOWN, DOWN, DOWN, ENTER)
    assert not menu.settings.show_messages


def test_sliders_stop_at_their_ends(menu: PlayedMenu, game: FakeGame) -> None:
    press(menu, ev.KEY_F4, *[RIGHT] * 20)
    assert menu.settings.sfx_volume == 15
    press(menu, DOWN, *[LEFT] * 20)
    assert menu.settings.music_volume == 0
    assert game.asked[-1] == ("music volume", 0)


def test_keys_change_the_view_size(menu: PlayedMenu) -> None:
    press(menu, "=", "=", "=")
    assert menu.settings.screenblocks == 11
    press(menu, *["-"] * 20)
    assert menu.settings.screenblocks == 3


def test_a_game_is_saved_under_a_typed_name(menu: PlayedMenu, game: FakeGame) -> None:
    press(menu, ev.KEY_F2, DOWN, DOWN, ENTER, *"my game!x", BACK, ENTER)
    assert game.asked == [("save", 2, "MY GAME!")]
    assert not menu.active


def held(menu: PlayedMenu, number: int, times: int) -> None:
    for _ in range(times):
        menu.take(replace(key(number), repeat=True))


def test_held_keys_repeat_in_names_and_move_the_cursor(menu: PlayedMenu, game: FakeGame) -> None:
    press(menu, ev.KEY_F2)
    held(menu, DOWN, 2)
    press(menu, ENTER)
    held(menu, ord("a"), 5)
    held(menu, BACK, 2)
    held(menu, ENTER, 3)
    assert menu.typing_slot == 2
    press(menu, ENTER)
    assert game.asked == [("save", 2, "AAA")]


def test_a_held_key_neither_chooses_nor_answers_nor_closes(menu: PlayedMenu, game: FakeGame) -> None:
    press(menu, ESCAPE)
    held(menu, ENTER, 2)
    held(menu, ESCAPE, 2)
    assert menu.active
    press(menu, ESCAPE, ev.KEY_F10)
    held(menu, ord("y"), 2)
    assert not game.quit_requested


@pytest.mark.parametrize(
    ("answer", "quits"),
    [
        (KeyEvent(ord("z"), True, ord("y")), True),  # German: Y is where Z is
        (KeyEvent(ord("y"), True, ord("z")), False),
        (KeyEvent(ord("y"), True, 0), True),  # Russian: the key types no Latin letter
        (KeyEvent(ord("y"), True, ord("Y")), True),
    ],
)
def test_questions_are_answered_by_letter(menu: PlayedMenu, game: FakeGame, answer: KeyEvent, quits: bool) -> None:
    press(menu, ev.KEY_F10)
    menu.take(answer)
    assert game.quit_requested == quits


def test_letters_jump_to_lines_by_what_they_type(menu: PlayedMenu) -> None:
    press(menu, ESCAPE)
    menu.take(KeyEvent(ord("a"), True, ord("q")))  # French
    press(menu, ENTER)
    assert menu.active  # the question whether to quit


def test_escape_keeps_the_old_name(menu: PlayedMenu, game: FakeGame) -> None:
    press(menu, ev.KEY_F2, ENTER, *"abc", ESCAPE)
    assert menu.save_names[0] == "FIRST"
    assert game.asked == []


def test_names_end_after_23_letters(menu: PlayedMenu) -> None:
    press(menu, ev.KEY_F2, DOWN, DOWN, ENTER, *["i"] * 40)
    assert menu.save_names[2] == "I" * 23


def test_only_games_that_exist_can_be_loaded(menu: PlayedMenu, game: FakeGame) -> None:
    press(menu, ev.KEY_F3, "3", ENTER)
    assert menu.active
    press(menu, "2", ENTER)
    assert game.asked == [("load", 1)]


def test_saving_needs_a_game(menu: PlayedMenu, game: FakeGame) -> None:
    game.usergame = False
    press(menu, ev.KEY_F2, "x")
    assert not menu.active
    press(menu, ev.KEY_F6, ev.KEY_F7)
    assert game.played[-1] == sfx.SFX_OOF


def test_quicksave_asks_for_a_slot_once(menu: PlayedMenu, game: FakeGame) -> None:
    press(menu, ev.KEY_F9, "x")
    press(menu, ev.KEY_F6, DOWN, ENTER, ENTER)
    assert game.asked == [("save", 1, "SECOND")]
    press(menu, ev.KEY_F6, "y", ev.KEY_F9, "y")
    assert game.asked[1:] == [("save", 1, "SECOND"), ("load", 1)]


def test_ending_the_game_returns_to_the_title(menu: PlayedMenu, game: FakeGame) -> None:
    press(menu, ev.KEY_F7, "y")
    assert game.asked == [("title",)]


def test_quitting_asks_one_of_eight_questions(menu: PlayedMenu, game: FakeGame) -> None:
    game.gametic = 11
    press(menu, ev.KEY_F10, "n")
    assert not game.quit_requested
    press(menu, ev.KEY_F10, "y")
    assert game.quit_requested
    assert sfx.SFX_POPAIN in game.played


def test_a_second_click_on_the_close_button_quits(menu: PlayedMenu, game: FakeGame) -> None:
    menu.take(CloseEvent())
    assert not game.quit_requested
    menu.take(CloseEvent())
    assert game.quit_requested


def test_gamma_goes_round(menu: PlayedMenu, game: FakeGame) -> None:
    press(menu, *[ev.KEY_F11] * 4)
    assert menu.settings.gamma == 4
    assert game.world.players[0].message == "Gamma correction level 4"
    press(menu, ev.KEY_F11)
    assert menu.settings.gamma == 0


def test_help_covers_the_screen(menu: PlayedMenu) -> None:
    press(menu, ev.KEY_F1)
    frame = blank_frame()
    menu.draw(frame)
    assert menu.help_shown
    press(menu, ENTER, ENTER)
    menu.draw(frame)
    assert not menu.help_shown


def test_the_skull_blinks(menu: PlayedMenu) -> None:
    press(menu, ESCAPE)
    before, after = blank_frame(), blank_frame()
    menu.draw(before)
    for _ in range(10):
        menu.ticker()
    menu.draw(after)
    assert (before != after).any()


def test_mouse_and_gamepad_move_the_cursor(menu: PlayedMenu, game: FakeGame) -> None:
    press(menu, ESCAPE)
    for event in (MouseEvent(0, 0, -31), MouseEvent(1, 0, 0), JoystickEvent(0, 0, 1), JoystickEvent(1, 0, 0)):
        for _ in range(20):
            menu.ticker()
        assert menu.take(event)
    assert not menu.settings.show_messages
    assert sfx.SFX_PSTOP in game.played
