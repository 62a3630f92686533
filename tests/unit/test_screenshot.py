"""Screenshots: numbered PNG files with the frame's own palette, by key."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pydoom.config import Configuration, Value
from pydoom.game import events as ev
from pydoom.game.events import KeyEvent
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.run.loop import Loop
from pydoom.run.machine import Machine
from pydoom.screens.screenshot import ScreenshotError, save_screenshot
from pydoom.wad import load
from tests.unit.test_loop import FakeWindow

PICTURE = np.arange(200 * 320, dtype=np.uint32).astype(np.uint8).reshape(200, 320)
COLOURS = np.arange(768, dtype=np.uint32).astype(np.uint8).reshape(256, 3)


def test_screenshot_is_the_frame_with_its_palette(tmp_path: Path) -> None:
    path = save_screenshot(tmp_path / "new" / "folder", PICTURE, COLOURS)
    with Image.open(path) as image:
        assert (image.mode, image.size) == ("P", (320, 200))
        assert np.array_equal(np.asarray(image), PICTURE)
        assert image.getpalette() == COLOURS.ravel().tolist()


def test_screenshots_take_the_next_free_number(tmp_path: Path) -> None:
    (tmp_path / "DOOM0001.png").touch()
    names = [save_screenshot(tmp_path, PICTURE, COLOURS).name for _ in range(3)]
    assert names == ["DOOM0000.png", "DOOM0002.png", "DOOM0003.png"]
    assert len(list(tmp_path.iterdir())) == 4


def test_screenshot_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ScreenshotError, match=r"no screenshot: Not a directory|no screenshot: File exists"):
        save_screenshot(tmp_path / "file" / "folder", PICTURE, COLOURS)


@pytest.fixture
def app(wad_path: Path, tmp_path: Path) -> Loop:
    settings: dict[str, Value] = {
        "video.screenshots": str(tmp_path),
        "keys.fullscreen": ("f9",),
        "game.always_run": True,
    }
    configuration = Configuration(settings)
    game = Machine(load(wad_path), controls=configuration.controls())
    game.session.start(Rules(), Level(1, 1))
    return Loop(game, FakeWindow(), configuration=configuration)


def press(app: Loop, *keys: int) -> None:
    assert isinstance(app.window, FakeWindow)
    app.window.events = [KeyEvent(key) for key in keys]
    app.run_frame()


@pytest.mark.parametrize("key", [ev.KEY_PRINTSCREEN, ev.KEY_F12])
def test_key_saves_what_is_on_the_screen(app: Loop, tmp_path: Path, key: int) -> None:
    press(app)
    frame = app.machine.display.frame.copy()
    press(app, key)
    with Image.open(tmp_path / "DOOM0000.png") as image:
        assert np.array_equal(np.asarray(image), frame)


def test_f12_switches_the_view_between_players_if_there_are_several(app: Loop, tmp_path: Path) -> None:
    app.session.world.playeringame[1] = True
    app.session.play_demo(bytes((109, 2, 1, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0)) + bytes(80) + b"\x80", single=True)
    press(app, ev.KEY_F12)
    assert list(tmp_path.iterdir()) == []


def test_bound_key_covers_the_screen(app: Loop) -> None:
    press(app, ev.KEY_F9)
    assert app.window.fullscreen


def test_settings_reach_the_controls(app: Loop) -> None:
    assert app.machine.controls.always_run
    press(app, ord("w"))
    assert app.session.world.players[0].cmd.forwardmove == 50
