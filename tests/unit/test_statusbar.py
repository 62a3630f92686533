"""The status bar."""

import pytest

from pydoom.data.info import AM_CLIP, WP_FIST, WP_PISTOL
from pydoom.screens.statusbar import StatusBar
from pydoom.screens.video import Frame
from pydoom.sim.player import IT_REDCARD, IT_REDSKULL, Player
from pydoom.wad import Assets
from tests.screenkit import FakeGame, blank_frame

AMMO = (slice(171, 190), slice(0, 44))
ARMS = (slice(168, 200), slice(104, 141))
RED_KEY = (slice(191, 197), slice(239, 247))


@pytest.fixture
def game() -> FakeGame:
    return FakeGame()


@pytest.fixture
def player(game: FakeGame) -> Player:
    player: Player = game.world.players[0]
    player.health = 100
    player.readyweapon = WP_PISTOL
    player.ammo[AM_CLIP] = 50
    return player


@pytest.fixture
def bar(assets: Assets, game: FakeGame, player: Player) -> StatusBar:
    bar = StatusBar(assets)
    bar.start(game)
    return bar


def drawn(bar: StatusBar, game: FakeGame, **how: bool) -> Frame:
    frame = blank_frame()
    bar.ticker(game)
    bar.draw(frame, game, **how)
    return frame


def test_each_tic_costs_one_random_number(bar: StatusBar, game: FakeGame) -> None:
    bar.ticker(game)
    bar.ticker(game)
    assert game.world.random.rndindex == 2


def test_only_changes_are_drawn(bar: StatusBar, game: FakeGame, player: Player) -> None:
    assert drawn(bar, game)[168:].all(axis=1).any()
    assert not drawn(bar, game)[:, :143].any()
    player.ammo[AM_CLIP] = 49
    frame = drawn(bar, game)
    assert frame[AMMO].any()
    assert not frame[ARMS].any()


def test_the_menu_may_have_covered_the_numbers(bar: StatusBar, game: FakeGame) -> None:
    drawn(bar, game)
    game.menu_active = True
    drawn(bar, game)
    game.menu_active = False
    assert drawn(bar, game)[AMMO].any()


def test_all_is_drawn_again_for_the_automap(bar: StatusBar, game: FakeGame) -> None:
    first = drawn(bar, game)
    bar.automap_entered()
    again = drawn(bar, game, fullscreen=True, automap=True)
    # the numbers of the arms take what is behind them from the empty bar
    first[ARMS] = again[ARMS]
    assert (again == first).all()


def test_nothing_is_drawn_under_a_full_screen_view(bar: StatusBar, game: FakeGame) -> None:
    assert not drawn(bar, game, fullscreen=True).any()


def test_a_fist_needs_no_ammo(bar: StatusBar, game: FakeGame, player: Player) -> None:
    with_pistol = drawn(bar, game)
    player.readyweapon = WP_FIST
    with_fist = drawn(bar, game, refresh=True)
    assert (with_pistol[AMMO] != with_fist[AMMO]).any()
    player.ammo[AM_CLIP] = 7
    assert (drawn(bar, game, refresh=True)[AMMO] == with_fist[AMMO]).all()


def test_a_skull_hides_the_card_of_its_colour(bar: StatusBar, game: FakeGame, player: Player) -> None:
    player.cards[IT_REDCARD] = True
    card = drawn(bar, game)[RED_KEY]
    player.cards[IT_REDSKULL] = True
    assert (drawn(bar, game)[RED_KEY] != card).any()


def test_deathmatch_shows_frags_instead_of_arms(bar: StatusBar, game: FakeGame, player: Player) -> None:
    alone = drawn(bar, game)
    game.world.deathmatch = 1
    none = drawn(bar, game, refresh=True)
    assert (alone[ARMS] != none[ARMS]).any()
    player.frags = [2, 3, 0, 0]
    one = drawn(bar, game)
    player.frags = [4, 3, 0, 0]
    minus_one = drawn(bar, game)
    assert (one[ARMS] != minus_one[ARMS]).any()


def test_the_palette_follows_pain_even_without_a_bar(bar: StatusBar, game: FakeGame, player: Player) -> None:
    player.damagecount = 20
    drawn(bar, game, fullscreen=True)
    assert bar.palette == 4
