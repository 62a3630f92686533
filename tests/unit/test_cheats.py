"""Typed cheats."""

import pytest

from pydoom.game.cheats import CheatSequence
from pydoom.game.events import KEY_UPARROW, KeyEvent
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.game.session import Session
from pydoom.sim.player import CF_GODMODE, CF_NOCLIP, PW_INVULNERABILITY, PW_STRENGTH
from pydoom.sim.rules import SK_NIGHTMARE
from pydoom.wad import Assets


@pytest.fixture
def session(assets: Assets) -> Session:
    session = Session(assets)
    session.start(Rules(), Level(1, 1))
    session.run_tic()
    return session


def type_keys(session: Session, text: str) -> None:
    for char in text:
        assert not session.responder(KeyEvent(ord(char)))


def test_a_wrong_key_starts_the_word_again() -> None:
    word = CheatSequence("iddt")
    assert [word.check(char) for char in "idxiddt"] == [False] * 6 + [True]


def test_a_key_that_types_nothing_breaks_a_word_off(session: Session) -> None:
    type_keys(session, "iddq")
    session.responder(KeyEvent(KEY_UPARROW))
    type_keys(session, "d")
    assert not session.world.players[0].cheats & CF_GODMODE


def test_cheats_are_typed_by_letter(session: Session) -> None:
    french = {"q": "a", "d": "d", "i": "i"}  # what a US keyboard has in the place of these letters
    for char in "iddqd":
        session.responder(KeyEvent(ord(french[char]), True, ord(char)))
    assert session.world.players[0].cheats & CF_GODMODE


def test_digits_of_a_cheat_need_no_shift_on_a_french_keyboard(session: Session) -> None:
    type_keys(session, "idclev")
    for place, char in (("1", "&"), ("3", '"')):
        session.responder(KeyEvent(ord(place), True, ord(char)))
    session.run_tic()
    assert session.world.map == 3


def test_cheats_are_typed_by_place_where_letters_are_not_latin(session: Session) -> None:
    for char in "iddqd":
        session.responder(KeyEvent(ord(char), True, 0))
    assert session.world.players[0].cheats & CF_GODMODE


def test_parameters_are_what_follows_the_word() -> None:
    word = CheatSequence("idclev", 2)
    assert [word.check(char) for char in "idclev13"] == [False] * 7 + [True]
    assert word.parameter == "13"


def test_iddqd_heals_and_protects_until_typed_again(session: Session) -> None:
    player = session.world.players[0]
    player.health = 3
    type_keys(session, "iddqd")
    assert (player.health, player.cheats & CF_GODMODE, player.message) == (100, CF_GODMODE, "Degreelessness Mode On")
    type_keys(session, "iddqd")
    assert not player.cheats & CF_GODMODE


@pytest.mark.parametrize(("word", "keys"), [("idkfa", True), ("idfa", False)])
def test_idkfa_gives_all_and_idfa_all_but_keys(session: Session, word: str, keys: bool) -> None:
    player = session.world.players[0]
    type_keys(session, word)
    assert player.ammo == player.maxammo
    assert all(player.weaponowned)
    assert player.armorpoints == 200
    assert all(player.cards) == keys


@pytest.mark.parametrize("word", ["idspispopd", "idclip"])
def test_both_words_for_walking_through_walls_work(session: Session, word: str) -> None:
    type_keys(session, word)
    assert session.world.players[0].cheats & CF_NOCLIP
    type_keys(session, word)
    assert not session.world.players[0].cheats & CF_NOCLIP


def test_idbehold_toggles_powers(session: Session) -> None:
    player = session.world.players[0]
    type_keys(session, "idbeholdv")
    assert player.powers[PW_INVULNERABILITY] == 30 * 35
    type_keys(session, "idbeholdv")
    assert player.powers[PW_INVULNERABILITY] == 1
    type_keys(session, "idbeholds")
    assert player.powers[PW_STRENGTH]
    type_keys(session, "idbeholds")
    assert not player.powers[PW_STRENGTH]


def test_idclev_changes_the_level_and_ignores_missing_ones(session: Session) -> None:
    type_keys(session, "idclev13")
    session.run_tic()
    assert (session.world.episode, session.world.map) == (1, 3)
    type_keys(session, "idclev10")
    session.run_tic()
    assert (session.world.episode, session.world.map) == (1, 3)


def test_idclev_to_another_episode_starts_the_only_one_of_the_shareware_game(session: Session) -> None:
    type_keys(session, "idclev24")
    session.run_tic()
    assert (session.world.episode, session.world.map) == (1, 4)
    type_keys(session, "idclev42")
    session.run_tic()
    assert (session.world.episode, session.world.map) == (1, 4)


def test_idmypos_shows_angle_and_position(session: Session) -> None:
    type_keys(session, "idmypos")
    mo = session.world.players[0].mo
    assert mo is not None
    message = session.world.players[0].message
    assert message == f"ang=0x{mo.angle:x};x,y=(0x{mo.x & 0xFFFFFFFF:x},0x{mo.y & 0xFFFFFFFF:x})"


def test_nightmare_allows_only_idclev(session: Session) -> None:
    session.start(Rules(skill=SK_NIGHTMARE), Level(1, 1))
    session.run_tic()
    type_keys(session, "iddqd")
    assert not session.world.players[0].cheats & CF_GODMODE
    type_keys(session, "idclev12")
    session.run_tic()
    assert session.world.map == 2


def test_strange_parameters_do_no_harm(session: Session) -> None:
    for text in ("idmus99", "idmus00", "idmus!~", "idclevzz", "idclev~~", "idmus11"):
        type_keys(session, text)
        session.run_tic()
    assert session.world.map == 1
