"""Automap, menus and finale agree with frames of the original, pixel for pixel.

The checksums are CRC-32 of the upper 168 rows of Chocolate Doom's own frames of E1M1's start without monsters, taken
in this order; those of the finale are of whole frames. Where its "screen shot" message was shown, we say it too.
"""

import zlib
from pathlib import Path

import pytest

from pydoom.data import strings
from pydoom.game import events as ev
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.game.session import Session
from pydoom.screens.display import Display
from pydoom.screens.finale import Finale
from pydoom.screens.font import Font
from pydoom.screens.menu import Menu
from pydoom.wad import load
from tests.screenkit import FakeGame, blank_frame, key, session_with_screens

pytestmark = pytest.mark.golden

ZOOM_TICS = 15
PAN_TICS = 18
MESSAGE_TICS = 150


class Player:
    """Presses keys and looks at the screen."""

    def __init__(self, session: Session, display: Display, menu: Menu) -> None:
        self.session = session
        self.display = display
        self.menu = menu

    def tics(self, count: int) -> None:
        for _ in range(count):
            self.session.run_tic()
            self.menu.ticker()

    def send(self, number: int, down: bool = True) -> None:
        event = key(number, down=down)
        if not self.menu.responder(event, self.session):
            self.session.responder(event)

    def press(self, *keys: int | str) -> None:
        for k in keys:
            number = ord(k) if isinstance(k, str) else k
            self.send(number)
            self.tics(1)
            self.send(number, down=False)

    def hold(self, number: int, count: int) -> None:
        self.send(number)
        self.tics(count)
        self.send(number, down=False)

    def sees(self, *, message: bool = True) -> set[str]:
        """Checksums of the screen with the skull in either state."""
        if message:
            self.session.message(strings.SCREENSHOT)
        sums = set()
        for _ in range(2):
            self.tics(8)
            self.display.draw(self.session)
            sums.add(f"{zlib.crc32(self.display.frame[:168].tobytes()):08x}")
        return sums


@pytest.fixture
def player(wad_path: Path) -> Player:
    session, display, menu = session_with_screens(load(wad_path), screenblocks=9)
    session.start(Rules(nomonsters=True), Level(1, 1))
    player = Player(session, display, menu)
    player.tics(3)
    player.press(ev.KEY_TAB)
    return player


def test_automap_and_menus_are_the_original_s(player: Player) -> None:
    player.press(*"iddt")
    assert "ae3736d7" in player.sees()
    player.press(*"iddt")
    assert "e6df845d" in player.sees()
    player.press("g")
    assert "39ae5528" in player.sees(message=False)
    player.press("m")
    player.tics(MESSAGE_TICS)
    assert "58f428a1" in player.sees(message=False)
    player.press("0")
    assert "74a0ca8b" in player.sees()
    player.press("0")
    assert "301b9657" in player.sees()
    player.hold(ev.KEY_EQUALS, ZOOM_TICS)
    player.press("f")
    player.hold(ev.KEY_LEFTARROW, PAN_TICS)
    player.press("m")
    player.tics(MESSAGE_TICS)
    assert "42213499" in player.sees(message=False)
    check_menus(player)


def check_menus(player: Player) -> None:
    """With the automap as the checks before left it."""
    player.press(ev.KEY_ESCAPE)
    assert "64181265" in player.sees()
    player.press(ev.KEY_ENTER)
    assert "a0f62ccd" in player.sees()
    player.press(ev.KEY_ENTER)
    assert "f3336966" in player.sees()
    player.press(ev.KEY_ESCAPE, ev.KEY_F1)
    assert "32e50a77" in player.sees()
    player.press(ev.KEY_ENTER)
    assert "ae3c1432" in player.sees()
    player.press(ev.KEY_ESCAPE, ev.KEY_F4)
    assert "0aab54ed" in player.sees()
    player.press(ev.KEY_BACKSPACE)
    assert "1697ea52" in player.sees()
    player.press(ev.KEY_ESCAPE, ev.KEY_F2)
    assert "cd02004e" in player.sees()
    player.press(ev.KEY_ESCAPE, ev.KEY_F3)
    assert "532258cf" in player.sees()


def test_the_finale_of_episode_1_is_the_original_s(wad_path: Path) -> None:
    assets = load(wad_path)
    session = FakeGame()
    session.world.map = 8
    finale = Finale(assets, Font(assets))
    finale.start(session)
    sums = {}
    for tic in range(1, 1700):
        finale.ticker(session)
        if tic in (583, 694, 1699):
            frame = blank_frame()
            finale.draw(frame, session)
            sums[tic] = f"{zlib.crc32(frame.tobytes()):08x}"
    assert sums == {583: "b7ba84b3", 694: "41d35b31", 1699: "c42af4f7"}
