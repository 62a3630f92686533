from pydoom.data.mobj_ids import MT_BARREL, MT_BLOOD, MT_CYBORG, MT_PUFF, MT_ROCKET, MT_TROOP
from pydoom.data.sound_ids import SFX_NOWAY
from pydoom.data.tables import ANG90, ANG180
from pydoom.sim import hitscan, sight
from pydoom.sim.constants import MELEERANGE, MISSILERANGE
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.level import ML_TWOSIDED
from pydoom.sim.traverse import PT_ADDLINES, PT_ADDTHINGS, path_traverse
from tests.narrow import of_kind, some

from .corridor import Corridor, spawn
from .rooms import SoundLog, of_type

UNIT = FRACUNIT
EAST = 0


def test_trace_meets_lines_and_things_nearest_first() -> None:
    world = Corridor([(0, 128)] * 3).start()
    imp = spawn(world, MT_TROOP, 400, 130)
    found = path_traverse(world, 64 * UNIT, 130 * UNIT, 700 * UNIT, 131 * UNIT, PT_ADDLINES | PT_ADDTHINGS)
    player = world.players[0].mo
    assert [(line and line.index, thing) for _, line, thing in found] == [
        (None, player),
        (7, None),
        (None, imp),
        (8, None),
    ]
    assert [frac for frac, _, _ in found] == sorted(frac for frac, _, _ in found)


def test_trace_ends_at_its_end() -> None:
    world = Corridor([(0, 128)] * 3).start()
    found = path_traverse(world, 64 * UNIT, 130 * UNIT, 300 * UNIT, 131 * UNIT, PT_ADDLINES)
    assert [some(line).index for _, line, _ in found] == [7]


def test_aim_finds_a_monster_ahead_and_nothing_beside() -> None:
    world = Corridor().start()
    player = world.players[0].mo
    imp = spawn(world, MT_TROOP, 400, 128)
    slope, target = hitscan.aim_line_attack(world, player, EAST, MISSILERANGE)
    assert target is imp
    assert -UNIT // 4 < slope < UNIT // 4
    assert hitscan.aim_line_attack(world, player, ANG90, MISSILERANGE) == (0, None)
    assert world.attackrange == MISSILERANGE


def test_aim_does_not_reach_over_a_high_step() -> None:
    world = Corridor([(0, 128), (-100, 128), (0, 128)]).start()
    deep = spawn(world, MT_TROOP, 290, 128)
    assert hitscan.aim_line_attack(world, world.players[0].mo, EAST, MISSILERANGE) == (0, None)
    assert deep.health == 60


def test_aim_without_a_shooter_starts_at_the_origin() -> None:
    world = Corridor().start()
    assert hitscan.aim_line_attack(world, None, EAST, MISSILERANGE) == (0, None)


def test_shot_hits_the_monster_and_draws_blood() -> None:
    world = Corridor().start()
    imp = spawn(world, MT_TROOP, 400, 128)
    hitscan.line_attack(world, world.players[0].mo, EAST, MISSILERANGE, 0, 10)
    assert imp.health == 50
    assert len(of_type(world, MT_BLOOD)) == 1


def test_shot_at_a_barrel_sparks() -> None:
    world = Corridor().start()
    spawn(world, MT_BARREL, 400, 128)
    hitscan.line_attack(world, world.players[0].mo, EAST, MISSILERANGE, 0, 5)
    assert len(of_type(world, MT_PUFF)) == 1
    assert not of_type(world, MT_BLOOD)


def test_shot_leaves_a_puff_four_units_before_the_wall() -> None:
    world = Corridor().start()
    hitscan.line_attack(world, world.players[0].mo, EAST, MISSILERANGE, 0, 10)
    (puff,) = of_type(world, MT_PUFF)
    assert 507 * UNIT < puff.x < 509 * UNIT


def test_shot_into_the_sky_vanishes() -> None:
    corridor = Corridor()
    corridor.flats[1][1] = "F_SKY1"
    world = corridor.start()
    hitscan.line_attack(world, world.players[0].mo, EAST, MISSILERANGE, UNIT // 2, 10)
    assert not of_type(world, MT_PUFF)


def test_shot_at_a_sky_hack_wall_vanishes_below_the_ceiling_too() -> None:
    corridor = Corridor([(0, 128), (0, 40)])
    corridor.flats = [["FLOOR0", "F_SKY1"], ["FLOOR0", "F_SKY1"]]
    world = corridor.start()
    # the line's front is the eastern room, whose ceiling is below the shot
    hitscan.line_attack(world, world.players[0].mo, EAST, MISSILERANGE, UNIT // 4, 10)
    assert not of_type(world, MT_PUFF)


def test_punch_at_a_wall_leaves_no_spark() -> None:
    world = Corridor(things=((230, 128, 0, 1, 7),)).start()
    world.lines[5].flags &= ~ML_TWOSIDED
    hitscan.line_attack(world, world.players[0].mo, EAST, MELEERANGE, 0, 10)
    (puff,) = of_type(world, MT_PUFF)
    assert puff.state.name == "S_PUFF3"


def test_using_a_wall_grunts() -> None:
    world = Corridor(things=((30, 128, 180, 1, 7),)).start()
    sounds = of_kind(SoundLog, world.sounds)
    hitscan.use_lines(world, world.players[0])
    assert SFX_NOWAY in sounds.numbers()


def test_using_from_afar_is_silent() -> None:
    world = Corridor(things=((128, 128, 180, 1, 7),)).start()
    sounds = of_kind(SoundLog, world.sounds)
    before = len(sounds.started)
    hitscan.use_lines(world, world.players[0])
    assert len(sounds.started) == before


def test_blast_hurts_less_with_distance_and_never_bosses() -> None:
    world = Corridor().start()
    near = spawn(world, MT_TROOP, 160, 60)
    far = spawn(world, MT_TROOP, 60, 60)
    boss = spawn(world, MT_CYBORG, 60, 180)
    rocket = spawn(world, MT_ROCKET, 128, 60)
    hitscan.radius_attack(world, rocket, world.players[0].mo, 128)
    assert near.health == 60 - (128 - (32 - 20))
    assert far.health == 60 - (128 - (68 - 20))
    assert boss.health == 4000


def test_blast_does_not_go_through_walls() -> None:
    world = Corridor([(0, 128), (128, 128), (0, 128)], things=((128, 128, 0, 1, 7),)).start()
    imp = spawn(world, MT_TROOP, 540, 128)
    rocket = spawn(world, MT_ROCKET, 250, 128)
    hitscan.radius_attack(world, rocket, None, 512)
    assert imp.health == 60


def test_things_in_line_see_each_other() -> None:
    world = Corridor().start()
    imp = spawn(world, MT_TROOP, 400, 100)
    assert sight.check_sight(world, imp, world.players[0].mo)
    assert sight.check_sight(world, world.players[0].mo, imp)


def test_closed_door_hides() -> None:
    world = Corridor([(0, 128), (0, 0), (0, 128)]).start()
    imp = spawn(world, MT_TROOP, 600, 100)
    assert not sight.check_sight(world, imp, world.players[0].mo)
    world.sectors[1].ceilingheight = 64 * UNIT
    assert sight.check_sight(world, imp, world.players[0].mo)


def test_high_step_hides_what_stands_behind_it() -> None:
    world = Corridor([(0, 256), (100, 256), (0, 256)]).start()
    imp = spawn(world, MT_TROOP, 540, 100)
    assert not sight.check_sight(world, imp, world.players[0].mo)


def test_reject_decides_before_any_line_is_looked_at() -> None:
    corridor = Corridor()
    corridor.reject = bytes([0b0100])  # from sector 1 to sector 0
    world = corridor.start()
    imp = spawn(world, MT_TROOP, 400, 100)
    assert not sight.check_sight(world, imp, world.players[0].mo)
    assert sight.check_sight(world, world.players[0].mo, imp)


def test_aim_to_the_west_works_as_well() -> None:
    world = Corridor(things=((400, 128, 180, 1, 7),)).start()
    imp = spawn(world, MT_TROOP, 100, 128)
    assert hitscan.aim_line_attack(world, world.players[0].mo, ANG180, MISSILERANGE)[1] is imp
