"""The rules that differ between the executables of DOOM, each in the last version before a change and in the next."""

from pathlib import Path

import pytest

from pydoom import wad
from pydoom.data import mobj_ids, strings
from pydoom.data.flags import MF_COUNTKILL, MF_SOLID
from pydoom.data.infotables import load_info
from pydoom.data.sound_ids import SFX_GETPOW, SFX_ITEMUP
from pydoom.data.state_ids import S_GIBS
from pydoom.game import dsg
from pydoom.game.cheats import Cheats
from pydoom.game.dehacked import DehackedError, patch_game
from pydoom.game.demo import VERSION_UNSAID, parse_demo
from pydoom.game.edition import mission_of, mode_of, rules_for, version_of
from pydoom.game.events import KeyEvent
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.game.savegame import SaveFolder
from pydoom.game.saves import NoSaves
from pydoom.game.session import Session
from pydoom.game.state import GameState
from pydoom.game.titleloop import title_steps
from pydoom.screens.finale import Finale
from pydoom.screens.font import Font
from pydoom.screens.hud import level_title
from pydoom.screens.palette import RADIATIONPAL, palette_number
from pydoom.screens.screens import make_screens
from pydoom.screens.settings import Settings
from pydoom.sim import crushing, damage, pickups, sight
from pydoom.sim.enemy import attacks, chase, senses
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.level import ML_TWOSIDED
from pydoom.sim.rules import Exit, GameMode, GameVersion
from pydoom.sim.specials import floors, lines, update
from pydoom.sim.specials.kinds import FloorType
from tests.screenkit import FakeGame
from tests.unit import wadmaker
from tests.unit.corridor import Corridor, spawn
from tests.unit.rooms import Rooms

V = GameVersion


def iwad(folder: Path, *lumps: tuple[str, bytes], name: str = "doom.wad", doom2: bool = False) -> wad.Assets:
    path = folder / name
    rooms = [(n.replace("E1M1", "MAP01") if doom2 else n, data) for n, data in wadmaker.small_lumps()]
    path.write_bytes(wadmaker.pack_wad([*rooms, *lumps]))
    return wad.load(path)


# -- which executable


@pytest.mark.parametrize(
    ("first_bytes", "version"),
    [
        ((b"\x6d",), V.DOOM_1_9),
        ((b"\x6c",), V.DOOM_1_8),
        ((b"\x6b",), V.DOOM_1_7),
        ((b"\x6a",), V.DOOM_1_666),
        ((b"\x68", b"\x6a"), V.DOOM_1_666),
        ((b"", b"\x04"), V.DOOM_1_2),
        ((b"\x68", b"\x69"), V.DOOM_1_9),
        ((), V.DOOM_1_9),
    ],
)
def test_the_first_demo_whose_version_is_known_tells_the_executable(
    tmp_path: Path, first_bytes: tuple[bytes, ...], version: V
) -> None:
    demos = [(f"DEMO{number}", data) for number, data in enumerate(first_bytes, start=1)]
    assert version_of(iwad(tmp_path, *demos)) == version
    assert version_of(iwad(tmp_path, *demos, name="doom2.wad", doom2=True)) == version


def test_add_ons_do_not_change_the_executable(tmp_path: Path) -> None:
    pwad = tmp_path / "old.wad"
    pwad.write_bytes(wadmaker.pack_wad([("DEMO1", b"\x6a")], b"PWAD"))
    path = iwad(tmp_path).path
    assert version_of(wad.load(path, pwad)) == V.DOOM_1_9


@pytest.mark.parametrize(
    ("name", "doom2", "version"),
    [
        ("tnt.wad", True, V.FINAL),
        ("plutonia.wad", True, V.FINAL),
        ("HACX.WAD", True, V.HACX),
        ("chex.wad", False, V.CHEX),
    ],
)
def test_the_file_s_name_tells_the_executables_of_other_games(
    tmp_path: Path, name: str, doom2: bool, version: V
) -> None:
    assert version_of(iwad(tmp_path, ("DEMO1", b"\x6a"), name=name, doom2=doom2)) == version


def test_the_ultimate_doom_has_its_own_executable_and_earlier_ones_take_its_wad_for_the_registered_one(
    tmp_path: Path,
) -> None:
    assets = iwad(tmp_path, ("E4M1", b""))
    assert (version_of(assets), mode_of(assets, V.ULTIMATE)) == (V.ULTIMATE, GameMode.RETAIL)
    assert mode_of(assets, V.HACX) == GameMode.REGISTERED


def test_executables_before_final_doom_take_its_wads_for_doom_ii(tmp_path: Path) -> None:
    assets = iwad(tmp_path, name="tnt.wad", doom2=True)
    assert [mission_of(assets, version) for version in (V.DOOM_1_9, V.ULTIMATE, V.FINAL, V.CHEX)] == [
        *("doom2", "doom2", "tnt", "tnt")
    ]


def test_deathmatch_2_came_after_doom_1_2() -> None:
    assert rules_for(V.DOOM_1_2, Rules(deathmatch=2)).deathmatch == 1
    assert rules_for(V.DOOM_1_5, Rules(deathmatch=2)).deathmatch == 2


def test_chex_quest_needs_its_patch_which_may_be_next_to_the_wad(tmp_path: Path) -> None:
    assets = iwad(tmp_path, name="chex.wad")
    with pytest.raises(DehackedError, match=r"put chex\.deh \(in chexdeh\.zip of the idgames archive\) next to .*chex"):
        patch_game(load_info(), assets)
    assert patch_game(load_info(), assets, own=False) == []
    (tmp_path / "Chex.deh").write_text("Patch File for DeHackEd v3.0\n\nThing 1\nMass = 7\n")
    info = load_info()
    assert patch_game(info, assets) == []
    assert info.mobjinfo[0].mass == 7
    with pytest.raises(DehackedError, match=r"put chex\.deh"):
        patch_game(load_info(), iwad(tmp_path / "..", name="doom.wad"), version=V.CHEX)


def test_the_french_doom_ii_takes_its_patch(tmp_path: Path) -> None:
    assets = iwad(tmp_path, ("WIOBJ", b""), name="doom2f.wad", doom2=True)
    (warning,) = patch_game(load_info(), assets)
    assert "french.deh" in warning
    (tmp_path / "french.deh").write_text("Patch File for DeHackEd v3.0\n\nThing 1\nMass = 7\n")
    info = load_info()
    assert patch_game(info, assets) == []
    assert info.mobjinfo[0].mass == 7


# -- demos and saves


@pytest.mark.parametrize(("version", "code"), [(V.DOOM_1_2, VERSION_UNSAID), (V.DOOM_1_666, 106), (V.FINAL2, 109)])
def test_recordings_have_the_executable_s_header(wad_path: Path, tmp_path: Path, version: V, code: int) -> None:
    session = Session(wad.load(wad_path), version=version)
    session.start(Rules(skill=3), Level(1, 2))
    session.record_demo(tmp_path / "mine.lmp")
    session.run_tic()
    session.check_demo_status()
    header = parse_demo((tmp_path / "mine.lmp").read_bytes(), version).header
    assert (header.version, header.skill, header.map) == (code, 3, 2)


def test_saves_name_the_executable_and_another_one_refuses_them(wad_path: Path, tmp_path: Path) -> None:
    assets, saves = wad.load(wad_path), SaveFolder(tmp_path)
    old = Session(assets, saves=saves, version=V.DOOM_1_666)
    old.start(Rules(), Level(1, 1))
    old.save_game(0, "old")
    for _ in range(3):
        old.run_tic()
    data = saves.path(0).read_bytes()
    assert data[dsg.DESCRIPTION_SIZE :].startswith(b"version 106\0")
    old.load_slot(0)
    old.run_tic()
    assert old.world.leveltime <= 3
    new = Session(assets, saves=saves, version=V.DOOM_1_9)
    new.start(Rules(), Level(1, 1))
    new.load_slot(0)
    new.run_tic()
    assert new.world.players[0].message == "saved by doom 1.666: needs --gameversion 1.666"


# -- screens


def test_only_the_ultimate_doom_and_the_first_final_doom_look_for_a_fourth_demo() -> None:
    last_demos = {version: title_steps(GameMode.RETAIL, version)[-1].demo for version in GameVersion}
    assert [version for version, demo in last_demos.items() if demo == "DEMO4"] == [V.ULTIMATE, V.FINAL]


def test_levels_after_the_last_of_doom_ii_have_no_name_before_hacx() -> None:
    world = FakeGame(GameMode.COMMERCIAL).world
    world.map = 33
    for version, title in ((V.DOOM_1_2, ""), (V.DOOM_1_9, ""), (V.HACX, "level 1: congo"), (V.FINAL, "level 1: congo")):
        world.version = version
        assert level_title(world, "doom2") == title


def test_all_levels_of_chex_quest_after_the_fifth_have_its_name() -> None:
    world = FakeGame(GameMode.RETAIL, V.CHEX).world
    titles = []
    for world.episode, world.map in ((1, 1), (1, 5), (1, 6), (2, 1), (4, 9), (5, 1)):
        titles.append(level_title(world, "doom"))
    assert titles == [strings.MAPNAMES[0], *[strings.MAPNAMES[4]] * 4, "NEWLEVEL"]


def test_pain_is_green_in_chex_quest() -> None:
    player = FakeGame().world.players[0]
    player.damagecount = 40
    assert palette_number(player, V.FINAL2) != RADIATIONPAL
    assert palette_number(player, V.CHEX) == RADIATIONPAL
    player.damagecount, player.bonuscount = 0, 8
    assert palette_number(player, V.CHEX) == palette_number(player, V.FINAL2)


def test_the_story_of_chex_quest_ends_after_five_levels(wad_path: Path) -> None:
    assets = wad.load(wad_path)
    game = FakeGame(GameMode.RETAIL, V.CHEX)
    for game.world.map, text in ((8, ""), (5, strings.E1TEXT)):
        finale = Finale(assets, Font(assets))
        finale.start(game)
        assert finale._text == text


@pytest.mark.parametrize(
    ("version", "map_number", "victory"),
    [(V.FINAL2, 5, False), (V.CHEX, 5, True), (V.CHEX, 4, False), (V.CHEX, 8, True), (V.FINAL2, 8, True)],
)
def test_the_last_level_of_an_episode(wad_path: Path, version: V, map_number: int, victory: bool) -> None:
    session = Session(wad.load(wad_path), version=version, saves=NoSaves())
    session.start(Rules(), Level(1, map_number))
    session.world.exit = Exit.NORMAL
    session.run_tic()
    session.run_tic()
    assert session.gamestate == (GameState.FINALE if victory else GameState.INTERMISSION)


def test_chex_quest_has_its_own_par_times() -> None:
    pars = [Level(1, number).par_tics(GameMode.RETAIL, version=V.CHEX) // 35 for number in range(1, 7)]
    assert pars == [120, 360, 480, 200, 360, 180]


@pytest.mark.parametrize(
    ("version", "skies"), [(V.FINAL, ["SKY1"] * 2), (V.FINAL2, ["SKY1", "SKY3"]), (V.CHEX, ["SKY1", "SKY3"])]
)
def test_the_sky_of_doom_ii_changes_in_the_last_executables(tmp_path: Path, version: V, skies: list[str]) -> None:
    assets = iwad(tmp_path, *wadmaker.room("MAP21"), doom2=True)
    assets._texture_numbers |= {"SKY1": 1, "SKY2": 2, "SKY3": 3}
    session = Session(assets, version=version)
    session.start(Rules(), Level(1, 1))
    shown = [session.sky_texture]
    session.world.map = 21
    session._load_level()
    assert [f"SKY{number}" for number in (*shown, session.sky_texture)] == skies


@pytest.mark.parametrize(
    ("mode", "version", "episodes"),
    [
        (GameMode.REGISTERED, V.DOOM_1_9, 3),
        (GameMode.REGISTERED, V.HACX, 3),
        (GameMode.RETAIL, V.ULTIMATE, 4),
        (GameMode.RETAIL, V.CHEX, 1),
    ],
)
def test_episodes_in_the_menu(wad_path: Path, mode: GameMode, version: V, episodes: int) -> None:
    assets = wad.load(wad_path)
    assets.mode = "retail" if mode == GameMode.RETAIL else "registered"
    menu = make_screens(assets, load_info(), Settings(), version).menu
    assert len(menu._pages.episode.items) == episodes
    menu._pages.new_game(FakeGame(mode, version), 0)
    assert menu._page is (menu._pages.skill if version == V.CHEX else menu._pages.episode)


def test_the_map_cheat_works_in_deathmatches_up_to_1_8(wad_path: Path) -> None:
    for version, cheating in ((V.DOOM_1_2, 1), (V.DOOM_1_8, 1), (V.DOOM_1_9, 0)):
        session = Session(wad.load(wad_path), version=version)
        automap = make_screens(session.assets, session.world.info, Settings(), version).automap
        session.start(Rules(deathmatch=1), Level(1, 1))
        automap.start(session)
        automap.active = True
        for letter in "iddt":
            automap.responder(KeyEvent(ord(letter), True, ord(letter)))
        assert automap.cheating == cheating


@pytest.mark.parametrize(
    ("version", "typed", "level"),
    [
        (V.DOOM_1_9, "41", None),
        (V.ULTIMATE, "41", Level(4, 1)),
        (V.CHEX, "37", Level(1, 5)),
        (V.CHEX, "12", Level(1, 2)),
        (V.FINAL2, "37", Level(3, 7)),
    ],
)
def test_levels_that_idclev_leads_to(
    wad_path: Path, monkeypatch: pytest.MonkeyPatch, version: V, typed: str, level: Level | None
) -> None:
    assets = wad.load(wad_path)
    assets.mode = "retail"
    session = Session(assets, version=version)
    assets.map_names = ["E1M2", "E1M5", "E3M7", "E4M1"]
    started: list[Level] = []
    monkeypatch.setattr(session, "new_game", lambda _skill, level: started.append(level))
    Cheats(session)._change_level(typed)
    assert started == ([] if level is None else [level])


# -- the simulation


def test_armor_bonuses_go_past_200_in_doom_1_2() -> None:
    for version, points in ((V.DOOM_1_2, 201), (V.DOOM_1_5, 200)):
        rooms = Rooms()
        rooms.world.version = version
        player = rooms.world.players[0]
        player.armorpoints = 200
        pickups._take_armor_bonus(rooms.world, player, rooms.thing(rooms.sector(), mobj_ids.MT_MISC3))
        assert (player.armorpoints, player.armortype) == (points, 1)


def test_powers_sound_like_other_items_in_doom_1_2() -> None:
    for version, sound in ((V.DOOM_1_2, SFX_ITEMUP), (V.DOOM_1_5, SFX_GETPOW)):
        world = Corridor().start(version=version)
        special = spawn(world, mobj_ids.MT_MISC15, 128, 128)
        pickups.touch_special_thing(world, special, world.players[0].mo)
        assert world.sounds.numbers()[-1] == sound  # type: ignore[attr-defined]


@pytest.mark.parametrize(("special", "known"), [(98, True), (99, False), (104, True), (105, False), (141, False)])
def test_doom_1_2_knows_fewer_lines_to_cross(pure_core: pytest.MonkeyPatch, special: int, known: bool) -> None:
    crossed: list[int] = []
    pure_core.setattr(lines, "CROSS_ONCE", {special: lambda *_: crossed.append(special)})
    pure_core.setattr(lines, "CROSS_AGAIN", {})
    for version in (V.DOOM_1_2, V.DOOM_1_5):
        rooms = Rooms()
        rooms.world.version = version
        room = rooms.sector()
        line = rooms.join(room, special=special)
        crossed.clear()
        lines.cross_special_line(rooms.world, line, 0, rooms.thing(room, mobj_ids.MT_PLAYER, player=0))
        assert crossed == [special] * (known or version > V.DOOM_1_2)


def test_missiles_trigger_the_lines_of_monsters_in_doom_1_2() -> None:
    for version, left in ((V.DOOM_1_2, 0), (V.DOOM_1_5, 10)):
        rooms = Rooms()
        rooms.world.version = version
        room = rooms.sector()
        line = rooms.join(room, rooms.sector(), special=10)
        lines.cross_special_line(rooms.world, line, 0, rooms.thing(room, mobj_ids.MT_ROCKET))
        assert line.special == left


def test_a_fast_floor_that_is_down_already_goes_up_in_doom_1_2() -> None:
    for version, height in ((V.DOOM_1_2, 8), (V.DOOM_1_5, 0)):
        rooms = Rooms()
        rooms.world.version = version
        pit = rooms.sector(tag=1)
        rooms.join(pit, rooms.sector())
        floors.ev_do_floor(rooms.world, rooms.join(pit, tag=1), FloorType.TURBO_LOWER)
        mover = pit.specialdata
        assert isinstance(mover, floors.FloorMove)
        assert mover.floordestheight == height * FRACUNIT


def test_fire_flickers_since_doom_1_4() -> None:
    for version, thinkers in ((V.DOOM_1_2, 0), (V.DOOM_1_5, 1)):
        rooms = Rooms()
        rooms.world.version = version
        update._spawn_sector_special(rooms.world, rooms.sector(special=17))
        assert len(rooms.world.thinkers) == thinkers


def test_crushed_corpses_stay_solid_in_doom_1_2() -> None:
    for version, solid in ((V.DOOM_1_2, MF_SOLID), (V.DOOM_1_5, 0)):
        world = Corridor().start(version=version)
        imp = spawn(world, mobj_ids.MT_TROOP, 100, 100)
        imp.health = 0
        crushing._squeeze(world, imp)
        assert imp.state is world.states[S_GIBS]
        assert imp.flags & MF_SOLID == solid


def test_monsters_reach_further_in_doom_1_2() -> None:
    """44 units and the target's radius: a player's is 16."""
    for version, distance, reaches in ((V.DOOM_1_2, 63, True), (V.DOOM_1_2, 64, False), (V.DOOM_1_5, 60, False)):
        world = Corridor().start(version=version)
        demon = spawn(world, mobj_ids.MT_SERGEANT, 128 + distance, 128)
        demon.target = world.players[0].mo
        assert senses.check_melee_range(world, demon) == reaches


def test_demons_bite_whatever_is_in_front_of_them_in_doom_1_2() -> None:
    for version, hurt in ((V.DOOM_1_2, mobj_ids.MT_TROOP), (V.DOOM_1_5, mobj_ids.MT_PLAYER)):
        world = Corridor().start(version=version)
        demon = spawn(world, mobj_ids.MT_SERGEANT, 180, 128)
        demon.target = world.players[0].mo
        imp = spawn(world, mobj_ids.MT_TROOP, 150, 128)
        attacks.sarg_attack(world, demon)
        bitten = imp if imp.health < imp.info.spawnhealth else world.players[0].mo
        assert bitten.type == hurt
        assert bitten.health < bitten.info.spawnhealth


def test_monsters_may_turn_on_themselves_in_doom_1_2() -> None:
    for version in (V.DOOM_1_2, V.DOOM_1_5):
        world = Corridor().start(version=version)
        imp = spawn(world, mobj_ids.MT_TROOP, 200, 128)
        damage.damage_mobj(world, imp, None, imp, 1)
        assert (imp.target is imp) == (version == V.DOOM_1_2)


def test_anger_at_the_dead_lasts_in_doom_1_2() -> None:
    for version, threshold in ((V.DOOM_1_2, 99), (V.DOOM_1_5, 0)):
        world = Corridor().start(version=version)
        imp = spawn(world, mobj_ids.MT_TROOP, 200, 128)
        imp.target = spawn(world, mobj_ids.MT_TROOP, 220, 128)
        imp.target.health, imp.threshold = 0, 100
        chase.chase(world, imp)
        assert imp.threshold == threshold


def test_monsters_drop_nothing_in_chex_quest() -> None:
    for version, dropped in ((V.FINAL2, 1), (V.CHEX, 0)):
        world = Corridor().start(version=version)
        soldier = spawn(world, mobj_ids.MT_POSSESSED, 200, 128)
        assert soldier.flags & MF_COUNTKILL
        damage.damage_mobj(world, soldier, None, None, 100)
        assert sum(getattr(thinker, "type", None) == mobj_ids.MT_CLIP for thinker in world.thinkers) == dropped


SIGHTS = {
    "open": (((0, 128), (0, 128), (0, 128)), True),
    "a closed door": (((0, 128), (0, 0), (0, 128)), False),
    "a step that is too high": (((0, 128), (100, 128), (0, 128)), False),
    "a window that both look through": (((0, 128), (30, 90), (0, 128)), True),
    "a ceiling that is too low": (((0, 128), (0, 20), (0, 128)), False),
}


@pytest.mark.parametrize("name", SIGHTS)
@pytest.mark.parametrize("version", [V.DOOM_1_2, V.DOOM_1_5])
def test_sight_ends_at_the_same_walls_in_doom_1_2(name: str, version: V) -> None:
    rooms, sees = SIGHTS[name]
    world = Corridor(rooms).start(version=version)
    imp = spawn(world, mobj_ids.MT_TROOP, 700, 128)
    assert sight.check_sight(world, imp, world.players[0].mo) == sees
    assert sight.check_sight(world, world.players[0].mo, imp) == sees


def test_a_one_sided_wall_ends_sight_in_doom_1_2() -> None:
    corridor = Corridor(((0, 128), (0, 128)))
    window = corridor.window(1)
    window[6] = -1
    window[2] &= ~ML_TWOSIDED
    world = corridor.start(version=V.DOOM_1_2)
    imp = spawn(world, mobj_ids.MT_TROOP, 400, 128)
    assert not sight.check_sight(world, imp, world.players[0].mo)


def test_sight_in_doom_1_2_crosses_lines_that_are_only_flagged_one_sided() -> None:
    for version, sees in ((V.DOOM_1_2, True), (V.DOOM_1_5, False)):
        corridor = Corridor(((0, 128), (0, 128)))
        corridor.window(1)[2] &= ~ML_TWOSIDED
        world = corridor.start(version=version)
        imp = spawn(world, mobj_ids.MT_TROOP, 400, 128)
        assert sight.check_sight(world, imp, world.players[0].mo) == sees
