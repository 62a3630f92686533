"""The automap."""

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydoom.data import strings
from pydoom.game import events as ev
from pydoom.screens.automap import Automap, EnteredListener
from pydoom.screens.automap_lines import MAP_HEIGHT, MAP_WIDTH, _draw_dots, clip
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.level import ML_DONTDRAW, ML_MAPPED, Line, Sector, Vertex
from pydoom.sim.player import PW_ALLMAP
from pydoom.wad import Assets
from tests.screenkit import FakeGame, blank_frame, key, thing_at

RED, BROWN, GREY, WHITE, GREEN, UNSEEN = 176, 64, 96, 209, 112, 99


@pytest.fixture
def game() -> FakeGame:
    """A square room of 1024 units, unseen, with a step of floor height across it; the player in the middle."""
    game = FakeGame()
    world = game.world
    low, high = Sector(0, 0, 100, 0, 0, 0, 0, 0), Sector(1, 8, 100, 0, 0, 0, 0, 0)
    corners = [Vertex(x << 16, y << 16) for x, y in ((0, 0), (1024, 0), (1024, 1024), (0, 1024), (512, 0), (512, 1024))]
    walls = [Line(i, corners[i], corners[(i + 1) % 4], 1, 0, 0, (i, -1), low, None) for i in range(4)]
    world.vertexes = corners
    world.lines = [*walls, Line(4, corners[4], corners[5], 4, 0, 0, (4, 5), low, high)]
    world.sectors = [low, high]
    world.bmaporgx = world.bmaporgy = 0
    world.players[0].mo = thing_at(512, 500)
    return game


class Entries(EnteredListener):
    """Counts how often the map was opened."""

    def __init__(self) -> None:
        self.count = 0

    def automap_entered(self) -> None:
        self.count += 1


@pytest.fixture
def entries() -> Entries:
    return Entries()


@pytest.fixture
def automap(assets: Assets, game: FakeGame, entries: Entries) -> Automap:
    automap = Automap(assets, entries)
    automap.ticker(game)
    press(automap, ev.KEY_TAB)
    return automap


def press(automap: Automap, *keys: int | str) -> None:
    for k in keys:
        number = ord(k) if isinstance(k, str) else k
        automap.responder(key(number))
        automap.responder(key(number, down=False))


def colours(automap: Automap, game: FakeGame) -> set[int]:
    frame = blank_frame()
    automap.draw(frame, game)
    assert not frame[MAP_HEIGHT:].any()
    return set(np.unique(frame).tolist()) - {0}


def test_tab_opens_and_closes(automap: Automap, game: FakeGame, entries: Entries) -> None:
    assert automap.active
    assert not game.viewactive
    assert entries.count == 1
    press(automap, ev.KEY_TAB)
    assert not automap.active
    assert game.viewactive


def test_only_seen_lines_are_drawn(automap: Automap, game: FakeGame) -> None:
    assert colours(automap, game) == {WHITE, GREY}
    game.world.lines[4].flags |= ML_MAPPED
    assert BROWN in colours(automap, game)
    game.world.lines[4].flags |= ML_DONTDRAW
    assert BROWN not in colours(automap, game)


def test_the_computer_map_shows_the_rest_in_grey(automap: Automap, game: FakeGame) -> None:
    game.world.players[0].powers[PW_ALLMAP] = 1
    assert UNSEEN in colours(automap, game)


def test_iddt_shows_lines_then_things(automap: Automap, game: FakeGame) -> None:
    game.world.sectors[0].things = thing_at(600, 600)
    press(automap, *"iddt")
    assert {RED, BROWN} <= colours(automap, game)
    assert GREEN not in colours(automap, game)
    press(automap, *"iddt")
    assert GREEN in colours(automap, game)
    press(automap, *"iddt")
    assert RED not in colours(automap, game)


def test_arrows_pan_only_when_not_following(automap: Automap, game: FakeGame) -> None:
    assert not automap.responder(key(ev.KEY_RIGHTARROW))
    press(automap, "f")
    assert game.world.players[0].message == strings.AMSTR_FOLLOWOFF
    before = automap.x
    assert automap.responder(key(ev.KEY_RIGHTARROW))
    automap.ticker(game)
    assert automap.x > before
    for _ in range(500):
        automap.ticker(game)
    assert automap.x + automap.width // 2 == 1024 << 16


def test_zooming_stops_at_both_ends(automap: Automap, game: FakeGame) -> None:
    automap.responder(key(ev.KEY_EQUALS))
    for _ in range(300):
        automap.ticker(game)
    assert automap.scale == 168 * FRACUNIT // 32
    automap.responder(key(ev.KEY_EQUALS, down=False))
    automap.responder(key(ev.KEY_MINUS))
    for _ in range(500):
        automap.ticker(game)
    assert round(automap.height / FRACUNIT) == 1024


def test_zero_shows_the_whole_level_and_back(automap: Automap) -> None:
    scale = automap.scale
    press(automap, "0")
    assert automap.scale < scale
    press(automap, "0")
    assert abs(automap.scale - scale) <= 2


def test_ten_marks_then_the_first_again(automap: Automap, game: FakeGame) -> None:
    press(automap, *"m" * 11)
    assert game.world.players[0].message == "Marked Spot 0"
    assert all(mark == automap.marks[0] for mark in automap.marks)
    press(automap, "c")
    assert automap.marks == [None] * 10


def test_a_new_level_forgets_marks(automap: Automap, game: FakeGame) -> None:
    press(automap, "m", ev.KEY_TAB, ev.KEY_TAB)
    assert automap.marks[0] is not None
    game.world.map = 2
    press(automap, ev.KEY_TAB, ev.KEY_TAB)
    assert automap.marks[0] is None


def test_a_level_wider_than_32767_units_is_drawn_as_by_the_original(automap: Automap, game: FakeGame) -> None:
    """Made with the original's ``am_map.c``: the window's edges have changed places, and a wall goes all through it."""
    world = game.world
    corners = [
        Vertex(564133888, 405340160),
        Vertex(563740672, -465240064),
        Vertex(-571211776, -517079040),
        Vertex(-603979776, -45613056),
    ]
    world.vertexes = corners
    ends = ((2, 2), (1, 3))
    world.lines = [
        Line(i, corners[a], corners[b], 1 | ML_MAPPED, 0, 0, (i, -1), world.sectors[0], None)
        for i, (a, b) in enumerate(ends)
    ]
    mobj = world.players[0].mo
    mobj.x, mobj.y, mobj.angle = 80283833, 332312328, 510097996
    world.map = 2
    press(automap, ev.KEY_TAB, ev.KEY_TAB)
    assert (automap.x, automap.y, automap.scale) == (-1606811167, 238239996, -1271)
    frame = blank_frame()
    automap.draw(frame, game)
    assert zlib.crc32(frame[:MAP_HEIGHT].tobytes()) == 2393844216


def test_a_level_wider_than_32767_units_measures_negative(automap: Automap, game: FakeGame) -> None:
    for corner, x in zip(game.world.vertexes, (-20000, 20000, 20000, -20000, 0, 0), strict=True):
        corner.x = x << 16
    game.world.map = 2
    press(automap, ev.KEY_TAB, ev.KEY_TAB)
    assert automap.scale < 0
    assert automap.pixel(automap.x, automap.y) == (0, MAP_HEIGHT)
    game.world.lines[0].flags |= ML_MAPPED
    colours(automap, game)


def test_the_first_corner_is_not_looked_at_as_the_farthest(automap: Automap, game: FakeGame) -> None:
    game.world.vertexes[0].x = 4096 << 16
    game.world.map = 2
    press(automap, ev.KEY_TAB, ev.KEY_TAB, "f")
    automap.responder(key(ev.KEY_RIGHTARROW))
    for _ in range(2000):
        automap.ticker(game)
    assert automap.x + automap.width // 2 == 1024 << 16


def test_the_grid_follows_the_blockmap(automap: Automap, game: FakeGame) -> None:
    press(automap, "g")
    assert 104 in colours(automap, game)


@given(st.tuples(*[st.integers(-2000, 2000)] * 4))
def test_clipped_lines_stay_on_the_map(line: tuple[int, int, int, int]) -> None:
    clipped = clip(*line)
    if clipped is not None:
        x1, y1, x2, y2 = clipped
        assert 0 <= min(x1, x2) <= max(x1, x2) < MAP_WIDTH
        assert 0 <= min(y1, y2) <= max(y1, y2) < MAP_HEIGHT


def stepped_dots(x1: int, y1: int, x2: int, y2: int) -> set[tuple[int, int]]:
    """Bresenham's line, one dot at a time with an error term."""
    dx, dy = abs(x2 - x1), abs(y2 - y1)
    step_x, step_y = (1 if x2 >= x1 else -1), (1 if y2 >= y1 else -1)
    flat = dx > dy
    error = 2 * min(dx, dy) - max(dx, dy)
    x, y = x1, y1
    dots = {(y, x)}
    while (x, y) != (x2, y2):
        if error >= 0:
            x, y = (x, y + step_y) if flat else (x + step_x, y)
            error -= 2 * max(dx, dy)
        x, y = (x + step_x, y) if flat else (x, y + step_y)
        error += 2 * min(dx, dy)
        dots.add((y, x))
    return dots


@given(st.integers(0, 319), st.integers(0, 167), st.integers(0, 319), st.integers(0, 167))
def test_lines_are_made_of_bresenham_s_dots(x1: int, y1: int, x2: int, y2: int) -> None:
    frame = blank_frame()
    _draw_dots(frame, np.array([[x1, y1, x2, y2]], np.int64), np.array([7], np.uint8))
    assert {(y, x) for y, x in np.argwhere(frame).tolist()} == stepped_dots(x1, y1, x2, y2)
