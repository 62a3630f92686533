"""The screens after the last level."""

import numpy as np
import pytest

from pydoom.data import mobj_ids as mt
from pydoom.data import music_ids as mus
from pydoom.data import sound_ids as sfx
from pydoom.data import strings
from pydoom.data.infotables import load_info
from pydoom.screens.cast import CAST, CastCall
from pydoom.screens.endoom import to_ansi
from pydoom.screens.finale import Finale
from pydoom.screens.font import Font
from pydoom.screens.video import Frame
from pydoom.sim.rules import GameMode
from pydoom.wad import Assets
from tests.screenkit import FakeGame, blank_frame, key


@pytest.fixture
def game() -> FakeGame:
    game = FakeGame()
    game.world.map = 8
    return game


@pytest.fixture
def finale(assets: Assets, game: FakeGame) -> Finale:
    finale = Finale(assets, Font(assets))
    finale.start(game)
    return finale


def drawn(finale: Finale, game: FakeGame) -> Frame:
    frame = blank_frame()
    finale.draw(frame, game)
    return frame


def test_a_letter_appears_every_three_tics(finale: Finale, game: FakeGame) -> None:
    empty = drawn(finale, game)
    for _ in range(12):
        finale.ticker(game)
    assert (drawn(finale, game) == empty).all()
    finale.ticker(game)
    assert (drawn(finale, game) != empty).any()


def test_after_the_text_comes_a_full_screen_graphic(finale: Finale, game: FakeGame) -> None:
    tics = 0
    while ("wipe",) not in game.asked:
        finale.ticker(game)
        tics += 1
    assert tics == len(strings.E1TEXT) * 3 + 251
    before = drawn(finale, game)
    finale.ticker(game)
    assert (drawn(finale, game) == before).all()
    assert game.asked[0] == ("music", mus.MUS_VICTOR, True)


def test_doom_2_goes_on_when_a_button_is_pressed(assets: Assets) -> None:
    game = FakeGame(GameMode.COMMERCIAL)
    game.world.map = 6
    finale = Finale(assets, Font(assets))
    finale.start(game)
    game.world.players[0].cmd.buttons = 1
    for _ in range(51):
        finale.ticker(game)
    assert ("finale done",) not in game.asked
    finale.ticker(game)
    assert game.asked[-1] == ("finale done",)


def test_after_map_30_the_cast_is_called(assets: Assets) -> None:
    game = FakeGame(GameMode.COMMERCIAL)
    game.world.map = 30
    finale = Finale(assets, Font(assets))
    finale.start(game)
    assert not finale.responder(key(32))
    for _ in range(51):
        finale.ticker(game)
    game.world.players[0].cmd.buttons = 1
    finale.ticker(game)
    assert ("music", mus.MUS_EVIL, True) in game.asked
    assert finale.responder(key(32))


def test_every_actor_dies_when_told_and_the_next_comes() -> None:
    info = load_info()
    played: list[int] = []
    cast = CastCall(info, played.append)
    names = []
    for _ in CAST:
        names.append(cast.name)
        cast.kill()
        while cast.name == names[-1]:
            cast.ticker()
    assert names == [name for name, _ in CAST]
    assert cast.name == strings.CC_ZOMBIE
    assert info.mobjinfo[mt.MT_CYBORG].deathsound in played


def test_a_zombie_walks_then_shoots() -> None:
    played: list[int] = []
    cast = CastCall(load_info(), played.append)
    for _ in range(200):
        cast.ticker()
    assert sfx.SFX_PISTOL in played
    assert cast.name == strings.CC_ZOMBIE


def test_endoom_becomes_coloured_text() -> None:
    lump = bytes([ord("A"), 0x1F, 0xDB, 0x1F, ord(" "), 0x84]) + bytes([32, 7]) * 77
    text = to_ansi(lump + b"rest")
    assert text.startswith("\x1b[0;97;44mA█\x1b[0;31;40;5m ")
    assert text.endswith("\x1b[0m\n")
    assert to_ansi(b"") == ""


def test_the_wad_s_endoom_has_25_lines(assets: Assets) -> None:
    assert to_ansi(assets.lump("ENDOOM")).count("\n") == 25


def test_text_pages_cover_the_screen(finale: Finale, game: FakeGame) -> None:
    frame = blank_frame()
    frame[:] = 251
    finale.draw(frame, game)
    assert not np.count_nonzero(frame == 251)
