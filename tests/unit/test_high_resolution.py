"""Frames larger than 320x200: the view at its own size under the enlarged graphics."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pydoom.cli.main import main
from pydoom.config import Configuration
from pydoom.game.events import KEY_ESCAPE, KEY_TAB, KeyEvent
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.render.arrays.view import ViewTables
from pydoom.render.choice import make_renderer
from pydoom.run.machine import Machine
from pydoom.screens.border import view_window
from pydoom.screens.enlarge import Enlarger
from pydoom.screens.settings import Settings
from pydoom.screens.video import SEE_THROUGH, darken
from pydoom.screens.wipe import Melt
from pydoom.wad import Assets

pytestmark = pytest.mark.slow

BLANK_COLORMAPS = np.zeros((34, 256), np.uint8)
SIZES = ((640, 400), (1280, 800), (1920, 1200), (960, 600), (1000, 700), (333, 201), (321, 1200), (1919, 200))


def in_level(assets: Assets, size: tuple[int, int], screenblocks: int = 10, *, low_detail: bool = False) -> Machine:
    game = Machine(assets, Settings(screenblocks=screenblocks, low_detail=low_detail), resolution=size)
    game.session.start(Rules(), Level(1, 1))
    step(game, 3)
    return game


def step(game: Machine, tics: int = 1) -> NDArray[np.uint8]:
    for _ in range(tics):
        game.tic()
    game.draw()
    return game.frame


def press(game: Machine, key: int) -> None:
    for down in (True, False):
        game.responder(KeyEvent(key, down))


def enlarged(frame: NDArray[np.uint8], times: int) -> NDArray[np.uint8]:
    return frame.repeat(times, axis=0).repeat(times, axis=1)


def view_alone(game: Machine, size: tuple[int, int]) -> NDArray[np.uint8]:
    """The renderer's own frame of the same moment."""
    session, settings = game.session, game.settings
    renderer = make_renderer(session.assets, *size, settings.screenblocks, int(settings.low_detail))
    renderer.fuzz_position = game.renderer.fuzz_position
    renderer.draw(session.world, session.world.players[0], session.sky_texture)
    return renderer.frame


@pytest.mark.parametrize("screenblocks", [5, 9, 10, 11])
def test_the_view_is_the_renderer_s_own_and_the_rest_repeats_the_small_frame(assets: Assets, screenblocks: int) -> None:
    small, large = in_level(assets, (320, 200), screenblocks), in_level(assets, (640, 400), screenblocks)
    for _ in range(20):
        around, frame = step(small), step(large)
        window = small.display.window
        expected = enlarged(around, 2)
        rows = slice(window.y * 2, (window.y + window.height) * 2)
        columns = slice(window.x * 2, (window.x + window.width) * 2)
        expected[rows, columns] = view_alone(large, (640, 400))[rows, columns]
        assert (frame == expected).all()


def test_messages_and_the_menu_lie_over_the_view(assets: Assets) -> None:
    small, large = in_level(assets, (320, 200)), in_level(assets, (960, 600))
    bare = step(small).copy()
    step(large)
    for game in (small, large):
        game.session.message("A MESSAGE")
        press(game, KEY_ESCAPE)
        # the menu stops the world: nothing but the graphics differs from the bare frames
        game.session.world.players[0].message = None
        game.hud.force_message()
        game.session.message("A MESSAGE")
        step(game)
    over = small.display.framebuffer != bare
    assert over[:168].sum() > 5000
    same = large.display.framebuffer == enlarged(small.display.framebuffer, 3)
    assert same[enlarged(over.view(np.uint8), 3).view(np.bool_)].all()
    view = view_alone(large, (960, 600))
    untouched = np.full((200, 320), SEE_THROUGH, np.uint16)
    small.menu.draw(untouched)
    small.hud.draw(untouched)
    holes = enlarged((untouched == SEE_THROUGH)[:168].view(np.uint8), 3).view(np.bool_)
    assert (large.display.framebuffer[:504][holes] == view[:504][holes]).all()


def test_the_automap_and_the_title_are_the_small_ones_enlarged(assets: Assets) -> None:
    games = [in_level(assets, size) for size in ((320, 200), (1280, 800))]
    for game in games:
        press(game, KEY_TAB)
    small, large = (step(game) for game in games)
    assert (large == enlarged(small, 4)).all()
    for game in games:
        game.session.start_title()
    small, large = (step(game) for game in games)
    assert (large == enlarged(small, 4)).all()


def test_at_320x200_the_framebuffer_is_the_frame_itself(assets: Assets) -> None:
    display = Machine(assets).display
    assert display.framebuffer is display.frame
    assert display.enlarger is None


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("screenblocks", "low_detail"), [(3, False), (9, True), (10, True), (10, False), (11, True)])
def test_frames_of_any_size_can_be_played_in(
    assets: Assets, size: tuple[int, int], screenblocks: int, low_detail: bool
) -> None:
    game = in_level(assets, size, screenblocks, low_detail=low_detail)
    assert step(game).shape == size[::-1]
    press(game, KEY_ESCAPE)
    step(game)
    press(game, KEY_ESCAPE)
    press(game, KEY_TAB)
    step(game)
    game.session.start_title()
    game.session.run_tic()
    melt = game.display.draw(game.session)
    assert melt is not None
    melt.step(20)
    assert game.display.melting(melt).shape == size[::-1]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("screenblocks", range(3, 12))
def test_the_holes_in_the_graphics_are_where_the_view_is(size: tuple[int, int], screenblocks: int) -> None:
    window, view = view_window(screenblocks), ViewTables(*size, screenblocks)
    frame = np.ones((200, 320), np.uint16)
    frame[window.y : window.y + window.height, window.x : window.x + window.width] = SEE_THROUGH
    enlarger = Enlarger(*size, BLANK_COLORMAPS)
    enlarger.lay_over(frame)
    assert not enlarger.framebuffer[view.top : view.top + view.height, view.left : view.left + view.width].any()
    assert (enlarger.framebuffer == 0).sum() == view.height * view.width


@pytest.mark.parametrize("size", SIZES)
def test_each_pixel_shows_the_one_it_lies_on_wherever_holes_are(size: tuple[int, int]) -> None:
    generator = np.random.default_rng(1)
    frame = generator.integers(0, 256, (200, 320)).astype(np.uint16)
    frame[20:60][generator.random((40, 320)) < 0.5] = SEE_THROUGH
    frame[80:90, 17:300] = SEE_THROUGH
    frame[85, 100:110] = 7
    frame[100:103] = SEE_THROUGH
    enlarger = Enlarger(*size, BLANK_COLORMAPS)
    enlarger.framebuffer[:] = below = generator.integers(0, 256, size[::-1], np.uint8)
    width, height = size
    large = frame[np.arange(height) * 200 // height][:, np.arange(width) * 320 // width]
    expected = np.where(large < SEE_THROUGH, large, below)
    enlarger.lay_over(frame)
    assert (enlarger.framebuffer == expected).all()


def test_graphics_can_darken_the_view(assets: Assets) -> None:
    frame = np.full((200, 320), SEE_THROUGH, np.uint16)
    frame[5, 5] = 80
    darken(frame[:168, 8:300], assets.colormaps, 22)
    frame[100, 100] = 81
    enlarger = Enlarger(640, 400, assets.colormaps)
    enlarger.framebuffer[:] = 90
    enlarger.lay_over(frame)
    dark = int(assets.colormaps[22, 90])
    shown = enlarger.framebuffer
    assert dark != 90
    assert (shown[0, 15], shown[0, 16], shown[335, 599], shown[336, 599], shown[0, 600]) == (
        90,
        dark,
        dark,
        90,
        90,
    )
    assert (shown[10:12, 10:12] == 80).all()
    assert (shown[200:202, 200:202] == 81).all()


def test_a_small_screen_is_darkened_at_once(assets: Assets) -> None:
    frame = np.full((200, 320), 90, np.uint8)
    darken(frame[:, :100], assets.colormaps, 22)
    assert (frame[0, 99], frame[0, 100]) == (assets.colormaps[22, 90], 90)


def test_a_large_melt_is_the_small_one_enlarged() -> None:
    generator = np.random.default_rng(1)
    old, new = generator.integers(0, 256, (2, 200, 320), np.uint8)
    delays = [-number % 16 for number in range(320)]
    small, large = Melt(old, new, delays), Melt(enlarged(old, 3), enlarged(new, 3), delays)
    for _ in range(30):
        small.step()
        large.step()
        frame, big_frame = np.zeros((200, 320), np.uint8), np.zeros((600, 960), np.uint8)
        small.draw(frame)
        large.draw(big_frame)
        assert (big_frame == enlarged(frame, 3)).all()


def test_the_menu_stays_in_place_while_a_large_frame_melts(assets: Assets) -> None:
    game = in_level(assets, (640, 400))
    game.session.start_title()
    game.session.run_tic()
    melt = game.display.draw(game.session)
    assert melt is not None
    without = game.display.melting(melt)
    press(game, KEY_ESCAPE)
    menu = np.full((200, 320), SEE_THROUGH, np.uint16)
    game.menu.draw(menu)
    letters = enlarged((menu < SEE_THROUGH).view(np.uint8), 2).view(np.bool_)
    frame = game.display.melting(melt)
    assert letters.any()
    assert (frame[letters] == enlarged(menu.astype(np.uint8), 2)[letters]).all()
    assert (frame[~letters] == without[~letters]).all()


def test_views_of_another_shape_say_so_to_what_is_drawn_over_them(assets: Assets) -> None:
    shapes = {size: Machine(assets, resolution=size).display.window.row_scale for size in SIZES[:5]}
    assert shapes == {(1000, 700): (1 << 16) * 1000 * 200 // (700 * 320)} | dict.fromkeys(SIZES[:4], 1 << 16)


@pytest.mark.parametrize(
    "size", ["640", "640x", "x400", "319x200", "320x199", "1921x1200", "640*400", "64\u0660x400", "-1x5"]
)
def test_a_bad_size_ends_with_one_line(wad_path: Path, size: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--wad", str(wad_path), "--headless", f"--resolution={size}"]) == 2
    error = capsys.readouterr().err
    assert "320x200 to 1920x1200" in error
    assert error.count("\n") == 1


def test_the_size_is_a_setting() -> None:
    assert Configuration().resolution == (320, 200)
    assert Configuration({"video.resolution": "1280x800"}).resolution == (1280, 800)


def test_frames_of_another_size_are_not_traced(
    wad_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = tmp_path / "ten.lmp"
    demo.write_bytes(bytes([109, 2, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0]) + bytes(4) * 10 + b"\x80")
    command = ["--wad", str(wad_path), "--headless", "--timedemo", str(demo), "--resolution", "640x400"]
    assert main([*command, "--trace", str(tmp_path / "trace")]) == 2
    error = capsys.readouterr().err
    assert "--resolution 320x200" in error
    assert error.count("\n") == 1
    assert main([*command, "--trace", str(tmp_path / "trace"), "--no-draw"]) == 0
    assert main(command) == 0
