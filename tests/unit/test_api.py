"""`pydoom.Game`: DOOM as a machine that programs step, observe and rewind."""

import dataclasses
import json
import os
import pickle
import random
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import omg
import pytest

import pydoom
from pydoom.api import ActionError, GameError, SavedGame, ThingView, views
from pydoom.devices.null import NullWindow
from pydoom.game.events import CloseEvent, Event
from pydoom.sim.rules import GameVersion
from pydoom.wad import WadError
from tests.unit import wadmaker

DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")
FREEDOOM2 = Path("/usr/share/games/doom/freedoom2.wad")


@pytest.fixture(scope="module")
def game(wad_path: Path) -> pydoom.Game:
    """One machine for the whole file; tests that need a fresh level reset it."""
    return pydoom.Game(wad=wad_path)


def moment(game: pydoom.Game) -> tuple[object, ...]:
    """Everything observable about a game now."""
    world = game.world
    indexes = game._session.world.random
    return (
        game.tic,
        game.phase,
        (indexes.prndindex, indexes.rndindex),
        world.player,
        world.things,
        world.sectors,
        game.screen.tobytes(),
        game.palette.tobytes(),
    )


def play(game: pydoom.Game, tics: int, seed: int = 1) -> list[tuple[object, ...]]:
    """Press buttons at random; returns what was observed after each tic."""
    chance = random.Random(seed)
    moments = []
    for _ in range(tics):
        game.step(chance.sample(pydoom.BUTTONS, 3))
        moments.append(moment(game))
    return moments


def test_importing_the_package_loads_neither_the_engine_nor_numpy() -> None:
    program = "import sys, pydoom; pydoom.__version__; sys.exit('numpy' in sys.modules or 'pydoom.sim' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_the_package_exports_the_api_and_nothing_else() -> None:
    assert "Game" in dir(pydoom)
    with pytest.raises(AttributeError, match="no attribute 'Quake'"):
        _ = pydoom.Quake


def test_screens_are_indexes_and_colours(game: pydoom.Game) -> None:
    game.reset()
    game.step(tics=5)
    assert game.screen.shape == (200, 320)
    assert game.screen.dtype == np.uint8
    assert game.screen_rgb.shape == (200, 320, 3)
    assert np.array_equal(game.palette[game.screen], game.screen_rgb)
    assert len(np.unique(game.screen)) > 50


def test_a_screen_is_a_copy(game: pydoom.Game) -> None:
    game.reset()
    before = game.screen
    kept = before.copy()
    game.step("forward run", tics=20)
    assert np.array_equal(before, kept)
    assert not np.array_equal(before, game.screen)


def test_walking_forward_moves_the_player_the_way_it_looks(game: pydoom.Game) -> None:
    game.reset()
    start = game.world.player
    game.step("forward", tics=20)
    assert start.angle == 90
    assert game.world.player.y > start.y + 50
    assert game.world.player.x == pytest.approx(start.x, abs=1)


def test_firing_costs_a_bullet_and_says_so(game: pydoom.Game) -> None:
    game.reset()
    game.step(tics=20)  # the weapon comes up first
    assert game.world.player.ammo["bullets"] == 50
    game.step("attack", tics=10)
    assert game.world.player.ammo["bullets"] == 49


def test_actions_are_names_iterables_or_numbers(game: pydoom.Game) -> None:
    ends = []
    for action in ("forward run", ["run", "forward"], pydoom.Action(forward=50)):
        game.reset()
        game.step(action, tics=10)
        ends.append(game.world.player)
    assert ends[0] == ends[1] == ends[2]


@pytest.mark.parametrize(
    "wrong",
    [lambda: pydoom.Action(forward=128), lambda: pydoom.Action(weapon=8), lambda: pydoom.Action.of(["jump"])],
)
def test_actions_out_of_a_command_s_range_are_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(ActionError):
        wrong()


def test_the_same_seed_and_actions_give_the_same_game(game: pydoom.Game, wad_path: Path) -> None:
    game.reset(seed=7)
    first = play(game, 50)
    assert play(pydoom.Game(wad=wad_path, seed=7), 50) == first


def test_another_seed_gives_another_game(game: pydoom.Game) -> None:
    game.reset(seed=0)
    original = play(game, 60)
    game.reset(seed=1)
    assert play(game, 60) != original


def test_seed_zero_is_the_original_s_game(game: pydoom.Game) -> None:
    game.reset(seed=0)
    zero = moment(game)
    game.reset(seed=256)
    assert moment(game) == zero


def test_reset_forgets_everything(game: pydoom.Game) -> None:
    game.reset(map="E1M3", skill=5)
    first = moment(game)
    play(game, 40)
    game.reset()
    assert moment(game) == first
    game.reset(map="E1M1", skill=3)


def test_looking_at_the_screen_changes_nothing(game: pydoom.Game) -> None:
    chance = random.Random(3)
    actions = [chance.sample(pydoom.BUTTONS, 3) for _ in range(60)]
    ends = []
    for looks in (True, False):
        game.reset()
        for action in actions:
            game.step(action)
            if looks:
                _ = game.screen
        ends.append(moment(game)[2:6])
    assert ends[0] == ends[1]


@pytest.mark.parametrize("level", ["E1M1", "E1M3", "E1M8"])
def test_a_loaded_game_continues_exactly_as_the_saved_one_did(game: pydoom.Game, level: str) -> None:
    game.reset(map=level, skill=4)
    play(game, 60)
    saved = game.save()
    here = moment(game)
    future = play(game, 70, seed=2)
    for _ in range(2):
        game.load(saved)
        assert moment(game) == here
        assert play(game, 70, seed=2) == future
    game.reset(map="E1M1", skill=3)


def test_loading_leads_back_to_an_earlier_level(game: pydoom.Game) -> None:
    game.reset(map="E1M1")
    play(game, 20)
    saved = game.save()
    future = play(game, 30)
    game.reset(map="E1M2", skill=5)
    play(game, 20)
    game.load(saved)
    assert game.map == "E1M1"
    assert play(game, 30) == future
    game.reset(map="E1M1", skill=3)


def test_saved_game_is_replayed_in_another_game(game: pydoom.Game, wad_path: Path) -> None:
    game.reset(map="E1M2", skill=5, seed=9)
    play(game, 50)
    game.step("attack forward", tics=60)
    saved, here = game.save(), moment(game)
    future = play(game, 30, seed=2)
    other = pydoom.Game(wad=wad_path, fast=True)
    other.load(SavedGame.from_bytes(saved.to_bytes()))
    assert moment(other) == here
    again = other.save()
    assert play(other, 30, seed=2) == future
    other.load(saved)
    assert moment(other) == here
    other.load(again)
    assert moment(other) == here
    other.reset()
    assert (other.map, other.world.skill) == ("E1M1", 3)
    game.reset(map="E1M1", skill=3)


def test_branches_of_one_game_keep_their_own_histories(game: pydoom.Game, wad_path: Path) -> None:
    game.reset()
    play(game, 10)
    fork = game.save()
    ends = []
    for seed in (1, 2):
        game.load(fork)
        play(game, 20, seed)
        ends.append((game.save(), moment(game)))
    other = pydoom.Game(wad=wad_path)
    for saved, end in ends:
        other.load(pickle.loads(pickle.dumps(saved)))
        assert moment(other) == end


def test_a_saved_game_can_be_pickled_and_loaded_in_another_process(
    game: pydoom.Game, wad_path: Path, tmp_path: Path
) -> None:
    game.reset(seed=3)
    play(game, 40)
    (tmp_path / "saved").write_bytes(pickle.dumps(game.save()))
    program = (
        "import pickle, sys, pydoom\n"
        "game = pydoom.Game(sys.argv[1])\n"
        "game.load(pickle.load(open(sys.argv[2], 'rb')))\n"
        "print(game.tic, game.world.player)\n"
    )
    command = [sys.executable, "-c", program, str(wad_path), str(tmp_path / "saved")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said == f"{game.tic} {game.world.player}\n"


def test_a_saved_game_of_other_wads_is_refused_and_the_game_goes_on(game: pydoom.Game, tmp_path: Path) -> None:
    add_on = tmp_path / "lump.wad"
    wad = omg.WAD()
    wad.data["README"] = omg.Lump(b"nothing")
    wad.to_file(str(add_on))
    game.reset()
    other = pydoom.Game(game._assets.path, files=[add_on])
    other.step(tics=5)
    before = moment(other)
    with pytest.raises(GameError, match="this was saved in DOOM shareware, or with other versions"):
        other.load(SavedGame.from_bytes(game.save().to_bytes()))
    assert moment(other) == before


def changed(data: bytes, **head: object) -> bytes:
    magic, line, log = data.split(b"\n", 2)
    return b"\n".join((magic, json.dumps(json.loads(line) | head).encode(), log))


def with_log(data: bytes, log: bytes) -> bytes:
    return b"\n".join((*data.split(b"\n", 2)[:2], zlib.compress(log)))


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: pickle.dumps(print),
        lambda data: data[:40],
        lambda data: data[:-3],
        lambda data: data[:-8] + b"damaged!",
        lambda data: changed(data, skill=6),
        lambda data: changed(data, skill=True),
        lambda data: changed(data, seed=-1),
        lambda data: changed(data, map=7),
        lambda data: changed(data, fast=1),
        lambda data: changed(data, wads=[[]]),
        lambda data: changed(data, state=10**30),
        lambda data: data.replace(b"{", b"[" * 60_000, 1),
        lambda data: with_log(data, b"x" * 10),
        lambda data: with_log(data, b"\x80\0\0\0\0" + b"\1\0\0\0"),
        lambda data: with_log(data, bytes(5) + b"\xff\xff\xff\xff"),
        lambda data: with_log(data, bytes(40_000_000)),
    ],
)
def test_malformed_bytes_are_one_clear_error(game: pydoom.Game, damage: Callable[[bytes], bytes]) -> None:
    game.reset()
    game.step("forward", tics=3)
    with pytest.raises(GameError, match="saved game"):
        SavedGame.from_bytes(damage(game.save().to_bytes()))


@pytest.mark.parametrize("head", [{"state": 1}, {"map": "E9M9"}, {"seed": 200}])
def test_history_with_a_wrong_checksum_changes_nothing(game: pydoom.Game, head: dict[str, object]) -> None:
    game.reset()
    game.step("forward attack", tics=40)
    before = moment(game)
    with pytest.raises(GameError):
        game.load(SavedGame.from_bytes(changed(game.save().to_bytes(), **head)))
    assert moment(game) == before


class ClosedSoon(NullWindow):
    """A window that its player closes after a few polls."""

    def __init__(self, polls: int) -> None:
        self.left = polls

    def poll(self) -> list[Event]:
        self.left -= 1
        return [CloseEvent()] if not self.left else []

    def close(self) -> None:
        self.closed = True


def test_closing_the_window_ends_the_step_and_the_next_one_is_an_error(
    wad_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pydoom.api.game._open_window", lambda: ClosedSoon(3))
    game = pydoom.Game(wad=wad_path, headless=False)
    before = game.tic
    game.step("forward", tics=100)
    assert game.closed
    assert game.tic == before + 3
    with pytest.raises(GameError, match="window has been closed"):
        game.step()
    here = moment(game)
    other = pydoom.Game(wad=wad_path)
    other.load(SavedGame.from_bytes(game.save().to_bytes()))  # it holds the tics that were played, and no more
    assert moment(other) == here


def test_a_window_without_a_display_is_one_clear_error(wad_path: Path) -> None:
    program = (
        "import sys, pydoom\n"
        "try: pydoom.Game(sys.argv[1], headless=False)\n"
        "except pydoom.GameError as error: print('said:', error)\n"
    )
    environment = {name: value for name, value in os.environ.items() if name not in DISPLAYS}
    said = subprocess.run(
        [sys.executable, "-c", program, str(wad_path)], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert "said: headless=False needs a display: " in said
    assert "Traceback" not in said


def test_things_are_a_sequence_that_keeps_its_moment(game: pydoom.Game) -> None:
    game.reset()
    game.step(tics=5)
    things, kept = game.world.things, game.world.things
    assert things is kept
    early = list(things[:3])
    whole = tuple(game.world.things)
    game.step("attack forward run", tics=40)
    assert tuple(things) == whole
    assert things[:3] == tuple(early)
    assert things != game.world.things
    assert things[-1].id == len(things) - 1
    assert pickle.loads(pickle.dumps(things)) == things
    with pytest.raises(IndexError):
        things[len(things)]


def test_things_that_are_never_accessed_are_not_copied(game: pydoom.Game, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[int] = []
    copy = views._thing

    def noted(number: int, *rest: Any) -> ThingView:
        copied.append(number)
        return copy(number, *rest)

    monkeypatch.setattr(views, "_thing", noted)
    game.reset()
    for _ in range(3):
        assert len(game.world.things) > 50
        _ = game.world.things[7]
        game.step()
    assert copied == [7, 7, 7]


def test_views_cannot_be_written(game: pydoom.Game) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(game.world.player, "health", 200)  # noqa: B010  # not what the type checker lets pass
    with pytest.raises(AttributeError):
        setattr(game.world, "player", None)  # noqa: B010


def test_the_world_has_things_and_sectors(game: pydoom.Game) -> None:
    game.reset()
    world = game.world
    assert sum(thing.is_player for thing in world.things) == 1
    assert sum(thing.is_monster for thing in world.things) == world.totals[0]
    assert [sector.index for sector in world.sectors] == list(range(len(world.sectors)))
    here = next(thing for thing in world.things if thing.is_player)
    assert world.sectors[here.sector].floor == world.player.z


class GameOptions(TypedDict, total=False):
    map: str
    skill: int
    screenblocks: int


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"map": "E4M1"}, "no map 'E4M1' in this WAD"),
        ({"map": "E1M"}, "no map"),
        ({"skill": 0}, "skill must be from 1 to 5"),
        ({"screenblocks": 2}, "screenblocks"),
    ],
)
def test_what_cannot_be_played_is_one_clear_error(wad_path: Path, options: GameOptions, message: str) -> None:
    with pytest.raises(GameError, match=message):
        pydoom.Game(wad=wad_path, **options)


def test_a_game_begins_with_the_first_map_of_its_wad(wad_path: Path) -> None:
    assert pydoom.Game(wad_path).map == "E1M1"
    if not FREEDOOM2.is_file():
        pytest.skip(f"{FREEDOOM2} is missing: install Debian's package freedoom")
    assert pydoom.Game(FREEDOOM2).map == "MAP01"


def test_a_missing_wad_is_an_error() -> None:
    with pytest.raises(WadError):
        pydoom.Game(wad="no-such.wad")


def test_a_game_without_the_patch_it_needs_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "chex.wad").write_bytes(wadmaker.small_wad())
    with pytest.raises(GameError, match=r"Chex Quest needs its DeHackEd patch: put chex\.deh"):
        pydoom.Game(tmp_path / "chex.wad")


def test_the_name_of_a_link_tells_the_game(wad_path: Path, tmp_path: Path) -> None:
    (tmp_path / "chex.wad").symlink_to(wad_path)
    (tmp_path / "chex.deh").write_text("Patch File for DeHackEd v3.0\n")
    assert pydoom.Game(tmp_path / "chex.wad")._session.world.version == GameVersion.CHEX
