from pathlib import Path
from random import Random

from pydoom.data.flags import MF_MISSILE, MF_NOCLIP, MF_SKULLFLY
from pydoom.data.mobj_ids import MT_MISC0, MT_POSSESSED, MT_ROCKET, MT_SKULL, MT_TROOP, MT_TROOPSHOT
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.game.session import Session
from pydoom.sim import actions, collision, crushing, links, movement, tick
from pydoom.sim.constants import ONFLOORZ
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.level import BOXBOTTOM, BOXLEFT, BOXRIGHT, BOXTOP, ML_BLOCKING, ML_BLOCKMONSTERS
from pydoom.sim.mobj import Mobj
from pydoom.sim.world import World
from pydoom.wad import load

from .corridor import Corridor, spawn
from .sides import box_on_line_side

UNIT = FRACUNIT


def move_to(world: World, thing: Mobj, x: int, y: int) -> bool:
    return movement.try_move(world, thing, x * UNIT, y * UNIT)


def test_player_walks_through_an_open_window() -> None:
    world = Corridor().start()
    player = world.players[0].mo
    assert move_to(world, player, 300, 128)
    assert player.subsector.sector is world.sectors[1]


def test_walls_stop_everything() -> None:
    world = Corridor().start()
    assert not move_to(world, world.players[0].mo, 128, 250)
    assert not world.move.floatok


def test_a_wall_blocks_exactly_when_the_box_of_a_thing_crosses_it(wad_path: Path) -> None:
    session = Session(load(wad_path))
    session.start(Rules(), Level(1, 2))
    world = session.world
    monster = spawn(world, MT_TROOP, 0, 0)
    world.blocklinks = [None] * len(world.blocklinks)  # nobody else is in the way
    walls = [line for line in world.lines if line.backsector is None or line.flags & (ML_BLOCKING | ML_BLOCKMONSTERS)]
    random = Random(1)
    answers = []
    for _ in range(2000):
        near = random.choice(walls)
        along, radius = random.random(), monster.radius
        x = int(near.v1.x + near.dx * along) + random.randint(-2 * radius, 2 * radius)
        y = int(near.v1.y + near.dy * along) + random.randint(-2 * radius, 2 * radius)
        box = [y + radius, y - radius, x - radius, x + radius]
        crossed = any(_overlap(line.bbox, box) and box_on_line_side(box, line) == -1 for line in walls)
        assert collision.check_position(world, monster, x, y) is not crossed
        answers.append(crossed)
    assert 200 < sum(answers) < 1800


def _overlap(one: list[int], other: list[int]) -> bool:
    return (
        one[BOXLEFT] < other[BOXRIGHT]
        and other[BOXLEFT] < one[BOXRIGHT]
        and one[BOXBOTTOM] < other[BOXTOP]
        and other[BOXBOTTOM] < one[BOXTOP]
    )


def test_step_of_24_units_is_climbed_and_25_is_not() -> None:
    assert move_to(*_player(Corridor([(0, 128), (24, 128)])), 250, 128)
    assert not move_to(*_player(Corridor([(0, 128), (25, 128)])), 250, 128)


def _player(corridor: Corridor) -> tuple[World, Mobj]:
    world = corridor.start()
    return world, world.players[0].mo


def test_too_high_step_says_that_a_floating_monster_could_rise_over_it() -> None:
    world, player = _player(Corridor([(0, 128), (40, 128)]))
    assert not move_to(world, player, 250, 128)
    assert world.move.floatok
    assert world.move.floorz == 40 * UNIT


def test_monsters_do_not_walk_over_a_drop_that_players_take() -> None:
    world, player = _player(Corridor([(0, 128), (-25, 128)]))
    monster = spawn(world, MT_TROOP, 60, 60)
    assert not move_to(world, monster, 250, 60)
    assert move_to(world, player, 250, 128)


def test_lines_can_block_monsters_alone() -> None:
    corridor = Corridor()
    corridor.window(1)[2] |= ML_BLOCKMONSTERS
    world, player = _player(corridor)
    monster = spawn(world, MT_TROOP, 60, 60)
    assert not move_to(world, monster, 250, 60)
    assert move_to(world, player, 250, 128)


def test_low_ceiling_is_remembered_with_the_line_that_lowers_it() -> None:
    world, player = _player(Corridor([(0, 128), (0, 50)]))
    assert not move_to(world, player, 250, 128)
    assert world.move.ceilingline is world.lines[5]
    assert world.move.ceilingz == 50 * UNIT


def test_solid_things_block_each_other() -> None:
    world = Corridor().start()
    first = spawn(world, MT_TROOP, 60, 60)
    spawn(world, MT_TROOP, 60, 150)
    assert not move_to(world, first, 60, 111)
    assert move_to(world, first, 60, 110)


def test_noclip_goes_anywhere() -> None:
    world, player = _player(Corridor())
    player.flags |= MF_NOCLIP
    assert move_to(world, player, 1000, 1000)


def test_missile_hits_what_it_flies_into() -> None:
    world = Corridor().start()
    imp = spawn(world, MT_TROOP, 128, 200)
    missile = spawn(world, MT_ROCKET, 128, 160)
    missile.target = world.players[0].mo
    assert not move_to(world, missile, 128, 175)
    assert imp.health < 60


def test_fireball_does_not_hurt_its_own_kind() -> None:
    world = Corridor().start()
    imp = spawn(world, MT_TROOP, 128, 200)
    fireball = spawn(world, MT_TROOPSHOT, 128, 160)
    fireball.target = spawn(world, MT_TROOP, 40, 40)
    assert fireball.flags & MF_MISSILE
    before = world.random.prndindex
    assert not move_to(world, fireball, 128, 175)
    assert imp.health == 60
    assert world.random.prndindex == before


def test_patched_species_hurt_their_own_kind() -> None:
    world = Corridor().start()
    world.info.misc.species_infighting = 1
    imp = spawn(world, MT_TROOP, 128, 200)
    fireball = spawn(world, MT_TROOPSHOT, 128, 160)
    fireball.target = spawn(world, MT_TROOP, 40, 40)
    assert not move_to(world, fireball, 128, 175)
    assert imp.health < 60


def test_missile_flies_over_low_things() -> None:
    world = Corridor().start()
    spawn(world, MT_TROOP, 128, 200)
    missile = spawn(world, MT_ROCKET, 128, 160)
    missile.z = 57 * UNIT
    assert move_to(world, missile, 128, 175)


def test_special_lines_come_in_the_order_they_were_found() -> None:
    corridor = Corridor([(0, 128)] * 3)
    for room in (1, 2):
        corridor.window(room)[3] = 48
    world, player = _player(corridor)
    player.radius = 140 * UNIT  # touches both windows
    player.flags |= MF_MISSILE
    for line in world.lines:
        line.backsector = line.backsector or line.frontsector  # so that no wall ends the search
    collision.check_position(world, player, 384 * UNIT, 128 * UNIT)
    assert [line.index for line in world.move.spechit] == [7, 8]


def test_moved_thing_heads_the_lists_of_its_place() -> None:
    world = Corridor().start()
    first = spawn(world, MT_POSSESSED, 60, 60)
    second = spawn(world, MT_POSSESSED, 60, 110)
    assert world.sectors[0].things is second
    assert move_to(world, first, 61, 60)
    assert world.sectors[0].things is first
    assert first.snext is second
    assert second.sprev is first


def test_staying_first_keeps_the_lists() -> None:
    world = Corridor().start()
    spawn(world, MT_POSSESSED, 60, 110)
    newest = spawn(world, MT_POSSESSED, 60, 60)
    follower = newest.snext
    assert move_to(world, newest, 62, 60)
    assert newest.snext is follower
    assert world.blocklinks[links.block_index(world, newest.x, newest.y)] is newest


def test_player_picks_up_things_walked_over() -> None:
    world, player = _player(Corridor())
    armor = spawn(world, MT_MISC0, 128, 180)
    assert move_to(world, player, 128, 160)
    assert armor.removed
    assert world.players[0].armorpoints == 100


def test_teleporting_player_kills_what_stands_there() -> None:
    world, player = _player(Corridor())
    imp = spawn(world, MT_TROOP, 384, 128)
    assert collision.teleport_move(world, player, 384 * UNIT, 128 * UNIT)
    assert imp.health <= 0
    assert player.subsector.sector is world.sectors[1]


def test_teleporting_monster_is_refused_where_something_stands() -> None:
    world, _ = _player(Corridor())
    spawn(world, MT_TROOP, 384, 128)
    other = spawn(world, MT_TROOP, 60, 60)
    assert not collision.teleport_move(world, other, 384 * UNIT, 128 * UNIT)
    assert other.x == 60 * UNIT


def test_rising_floor_lifts_things_and_reports_what_does_not_fit() -> None:
    world, player = _player(Corridor())
    sector = world.sectors[0]
    sector.floorheight = 16 * UNIT
    assert not crushing.change_sector(world, sector, False)
    assert player.z == 16 * UNIT
    sector.ceilingheight = 60 * UNIT
    assert crushing.change_sector(world, sector, False)
    assert world.players[0].health == 100


def test_crusher_hurts_every_fourth_tic() -> None:
    world, _ = _player(Corridor())
    world.sectors[0].ceilingheight = 40 * UNIT
    for tic in range(8):
        world.leveltime = tic
        crushing.change_sector(world, world.sectors[0], True)
    assert world.players[0].health == 80


def test_missile_wraps_around_the_coordinates() -> None:
    world, _ = _player(Corridor())
    missile = spawn(world, MT_ROCKET, 128, 128)
    links.unset_thing_position(world, missile)
    missile.x = -0x80000000 + 5 * UNIT
    missile.z = 40 * UNIT
    links.set_thing_position(world, missile)
    missile.momx = -20 * UNIT
    missile.target = world.players[0].mo
    tick.run_thinkers(world)
    assert missile.x == 0x80000000 - 15 * UNIT


def test_things_may_be_off_the_map() -> None:
    world, _ = _player(Corridor())
    stray = spawn(world, MT_TROOP, 5000, 5000)
    assert links.block_index(world, stray.x, stray.y) == -1
    assert stray.bnext is None
    assert stray.z > ONFLOORZ


def test_skull_that_wakes_its_victim_stops_the_victim_and_flies_on() -> None:
    """The original keeps what it checks in a global, which the victim's first step overwrites."""
    world = Corridor().start()
    actions.bind(world.info)
    victim = spawn(world, MT_TROOP, 100, 128)
    victim.info.painchance = 0
    world.reject = b"\xff" * len(world.reject)  # it sees nobody to attack, so it walks
    skull = spawn(world, MT_SKULL, 150, 128)
    skull.flags |= MF_SKULLFLY
    skull.momx = -20 * UNIT
    assert not move_to(world, skull, 130, 128)
    assert skull.flags & MF_SKULLFLY
    assert skull.momx == -20 * UNIT
    assert victim.target is skull
    assert victim.state.index == victim.info.spawnstate  # put back to sleep
