"""The session: how a game goes from level to level, and what it does with demos and events."""

from pathlib import Path

import pytest

from pydoom.game.control import GameControl
from pydoom.game.demo import DemoError
from pydoom.game.displays import Displays, Nothing
from pydoom.game.events import KEY_F12, Event, KeyEvent
from pydoom.game.level import Level
from pydoom.game.results import LevelStats
from pydoom.game.rules import Rules
from pydoom.game.session import Session
from pydoom.game.state import GameState
from pydoom.sim.player import PST_REBORN, PW_INVISIBILITY
from pydoom.sim.rules import SK_HARD, SK_MEDIUM, SK_NIGHTMARE, Exit
from pydoom.sim.ticcmd import BT_SPECIAL, BTS_PAUSE, TicCmd
from pydoom.wad import Assets


class FakeIntermission(Nothing):
    def __init__(self) -> None:
        self.stats: LevelStats | None = None
        self.ended = 0

    def start(self, game: GameControl, stats: LevelStats | None = None) -> None:
        self.stats = stats

    def end(self) -> None:
        self.ended += 1


class FakeFinale(Nothing):
    started = 0

    def start(self, game: GameControl, stats: LevelStats | None = None) -> None:
        self.started += 1


class FakeMenu(Nothing):
    opened = 0

    def open(self) -> None:
        self.opened += 1
        self.active = True


@pytest.fixture
def session(assets: Assets) -> Session:
    displays = Displays(intermission=FakeIntermission(), finale=FakeFinale(), menu=FakeMenu())
    return Session(assets, displays=displays)


def start(session: Session, map_number: int = 1, skill: int = SK_MEDIUM) -> None:
    session.start(Rules(skill=skill), Level(1, map_number))
    session.run_tic()


def leave(session: Session, way: Exit = Exit.NORMAL) -> None:
    session.world.exit = way
    session.run_tic()
    session.run_tic()


def test_leaving_a_level_goes_through_the_tally_to_the_next_one(session: Session) -> None:
    start(session)
    leave(session)
    assert session.gamestate == GameState.INTERMISSION
    intermission = session.displays.intermission
    assert isinstance(intermission, FakeIntermission)
    assert intermission.stats is not None
    assert (intermission.stats.last, intermission.stats.next, intermission.stats.partime) == (0, 1, 30 * 35)
    session.world_done()
    session.run_tic()
    assert (session.gamestate, session.world.map, intermission.ended) == (GameState.LEVEL, 2, 1)


@pytest.mark.parametrize(("map_number", "way", "following"), [(3, Exit.SECRET, 9), (9, Exit.NORMAL, 4)])
def test_the_secret_level_lies_between_e1m3_and_e1m4(
    session: Session, map_number: int, way: Exit, following: int
) -> None:
    start(session, map_number)
    leave(session, way)
    session.world_done()
    session.run_tic()
    assert session.world.map == following


def test_e1m8_ends_with_the_finale(session: Session) -> None:
    start(session, 8)
    leave(session)
    finale = session.displays.finale
    assert isinstance(finale, FakeFinale)
    assert (session.gamestate, finale.started) == (GameState.FINALE, 1)


def test_powers_and_keys_are_lost_and_weapons_kept(session: Session) -> None:
    start(session)
    player = session.world.players[0]
    player.powers[PW_INVISIBILITY] = 100
    player.cards[0] = True
    player.weaponowned[2] = True
    player.health = 55
    leave(session)
    session.world_done()
    session.run_tic()
    assert not any(player.powers)
    assert not any(player.cards)
    assert player.weaponowned[2]
    assert player.health == 55


def test_dying_alone_starts_the_level_again_with_nothing(session: Session) -> None:
    start(session)
    player = session.world.players[0]
    player.weaponowned[2] = True
    session.run_tic()
    player.playerstate = PST_REBORN
    session.run_tic()
    assert (session.world.leveltime, player.health, player.weaponowned[2]) == (1, 100, False)


def test_pause_button_stops_the_level_and_starts_it_again(session: Session) -> None:
    start(session)
    pause = TicCmd()
    pause.buttons = BT_SPECIAL | BTS_PAUSE
    session.run_tic({0: pause})
    at = session.world.leveltime
    session.run_tic()
    session.run_tic()
    assert session.world.leveltime == at
    session.run_tic({0: pause})
    assert session.world.leveltime == at + 1


def test_the_open_menu_stops_a_single_player_game(session: Session) -> None:
    start(session)
    session.run_tic()
    at = session.world.leveltime
    session.displays.menu.open()
    session.run_tic()
    assert session.world.leveltime == at


def test_numbers_out_of_range_are_clamped_as_in_the_original(session: Session) -> None:
    session.start(Rules(skill=77), Level(3, 40))
    world = session.world
    assert (world.skill, world.episode, world.map) == (SK_NIGHTMARE, 1, 9)


def test_nightmare_halves_the_demon_s_states_and_leaving_it_doubles_them(session: Session) -> None:
    running = next(state for state in session.world.states if state.name == "S_SARG_RUN1")
    session.start(Rules(skill=SK_NIGHTMARE), Level(1, 1))
    assert running.tics == 1
    session.start(Rules(skill=SK_HARD), Level(1, 1))
    assert running.tics == 2


def test_a_demo_for_a_map_the_wad_lacks_is_refused(session: Session) -> None:
    data = bytes((109, 2, 2, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0x80))
    with pytest.raises(DemoError, match="E2M1"):
        session.play_demo(data)


def test_a_single_demo_ends_without_counting_its_last_tic(session: Session) -> None:
    data = bytes((109, 2, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0)) + bytes(4 * 3) + b"\x80"
    session.play_demo(data, single=True)
    for _ in range(4):
        session.run_tic()
    assert (session.over, session.gametic) == (True, 3)


def test_title_loop_shows_the_title_then_the_first_demo(session: Session) -> None:
    session.start_title()
    session.run_tic()
    assert (session.gamestate, session.page_name) == (GameState.DEMOSCREEN, "TITLEPIC")
    for _ in range(171):
        session.run_tic()
    assert session.demoplayback
    assert (session.world.episode, session.world.map, session.usergame) == (1, 5, False)


def test_any_key_during_the_title_opens_the_menu(session: Session) -> None:
    session.start_title()
    session.run_tic()
    assert session.responder(KeyEvent(ord("x")))
    assert session.menu_active


def test_f12_switches_the_view_to_the_next_player(session: Session) -> None:
    start(session)
    session.world.playeringame[1] = True
    event: Event = KeyEvent(KEY_F12)
    session.responder(event)
    assert session.world.displayplayer == 1
    session.responder(event)
    assert session.world.displayplayer == 0


def test_a_recording_plays_back_in_sync(session: Session, assets: Assets, tmp_path: Path) -> None:
    session.start(Rules(), Level(1, 1))
    session.record_demo(tmp_path / "mine.lmp")
    seen = []
    for tic in range(200):
        cmd = TicCmd()
        cmd.forwardmove = 50 if tic % 50 < 30 else -25
        cmd.angleturn = 700 if tic % 40 < 20 else -333
        cmd.buttons = tic // 10 % 2
        session.run_tic({0: cmd})
        mo = session.world.players[0].mo
        assert mo is not None
        seen.append((mo.x, mo.y, mo.angle, session.world.random.prndindex))
    session.check_demo_status()
    again = Session(assets)
    again.play_demo((tmp_path / "mine.lmp").read_bytes(), single=True)
    for expected in seen:
        again.run_tic()
        mo = again.world.players[0].mo
        assert mo is not None
        assert (mo.x, mo.y, mo.angle, again.world.random.prndindex) == expected
    again.run_tic()
    assert again.over


def test_a_game_from_the_menu_is_for_one_player_under_normal_rules(session: Session) -> None:
    world = session.world
    world.nomonsters = world.fastparm = True
    world.playeringame[1] = True
    session.new_game(SK_HARD, Level(1, 2))
    session.run_tic()
    assert (world.skill, world.map, world.nomonsters, world.fastparm) == (SK_HARD, 2, False, False)
    assert world.playeringame == [True, False, False, False]
