import pytest

from pydoom.data import mobj_ids
from pydoom.data.sound_ids import SFX_BOSPIT, SFX_BOSSIT, SFX_TELEPT
from pydoom.data.state_ids import S_BRAINEXPLODE1
from pydoom.sim import actions, collision, missiles, movement, sight, spawning, states
from pydoom.sim.enemy import boss, brain
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.rules import SK_EASY, SK_HARD, Exit, GameMode, GameVersion
from pydoom.sim.specials import doors, floors
from pydoom.sim.specials.kinds import DoorType, FloorType
from tests.unit.rooms import Rooms


@pytest.fixture
def rooms(monkeypatch):
    """A living player in a room; moves of tagged sectors land in `rooms.moved` as (tag, type)."""
    rooms = Rooms(GameMode.RETAIL)
    actions.bind(rooms.world.info)
    rooms.world.version = GameVersion.ULTIMATE
    rooms.room = rooms.sector()
    rooms.world.playeringame[0] = True
    rooms.player = rooms.world.players[0]
    rooms.player.health = 100
    rooms.player.mo = thing(rooms, mobj_ids.MT_PLAYER)
    rooms.moved = []

    def move(world, line, kind):
        rooms.moved.append((line.tag, kind))

    monkeypatch.setattr(floors, "ev_do_floor", move)
    monkeypatch.setattr(doors, "ev_do_door", move)
    return rooms


def thing(rooms, kind, x=0, y=0):
    mobj = rooms.thing(rooms.room, kind)
    mobj.state = rooms.world.states[mobj.info.spawnstate]
    mobj.x, mobj.y = x * FRACUNIT, y * FRACUNIT
    rooms.world.thinkers.append(mobj)
    return mobj


def die(rooms, kind, episode, map):
    rooms.world.episode, rooms.world.map = episode, map
    mobj = thing(rooms, kind)
    mobj.health = 0
    boss.boss_death(rooms.world, mobj)
    return rooms.world.exit, rooms.moved


NOTHING = (Exit.NONE, [])
EXIT = (Exit.NORMAL, [])
FLOOR = (Exit.NONE, [(666, FloorType.LOWER_FLOOR_TO_LOWEST)])


@pytest.mark.parametrize(
    ("version", "episode", "map", "kind", "expected"),
    [
        (GameVersion.ULTIMATE, 1, 8, mobj_ids.MT_BRUISER, FLOOR),
        (GameVersion.ULTIMATE, 1, 7, mobj_ids.MT_BRUISER, NOTHING),
        (GameVersion.ULTIMATE, 1, 8, mobj_ids.MT_CYBORG, NOTHING),
        (GameVersion.DOOM_1_9, 1, 8, mobj_ids.MT_CYBORG, FLOOR),
        (GameVersion.ULTIMATE, 2, 8, mobj_ids.MT_CYBORG, EXIT),
        (GameVersion.DOOM_1_9, 2, 8, mobj_ids.MT_SPIDER, EXIT),
        (GameVersion.ULTIMATE, 2, 8, mobj_ids.MT_SPIDER, NOTHING),
        (GameVersion.DOOM_1_9, 3, 8, mobj_ids.MT_BRUISER, NOTHING),
        (GameVersion.ULTIMATE, 3, 8, mobj_ids.MT_SPIDER, EXIT),
        (GameVersion.ULTIMATE, 4, 6, mobj_ids.MT_CYBORG, (Exit.NONE, [(666, DoorType.BLAZE_OPEN)])),
        (GameVersion.DOOM_1_9, 4, 6, mobj_ids.MT_CYBORG, NOTHING),
        (GameVersion.ULTIMATE, 4, 8, mobj_ids.MT_SPIDER, FLOOR),
    ],
)
def test_death_of_the_last_boss_of_doom(rooms, version, episode, map, kind, expected):
    rooms.world.version = version
    assert die(rooms, kind, episode, map) == expected


@pytest.mark.parametrize(
    ("map", "kind", "expected"),
    [
        (7, mobj_ids.MT_FATSO, FLOOR),
        (7, mobj_ids.MT_BABY, (Exit.NONE, [(667, FloorType.RAISE_TO_TEXTURE)])),
        (7, mobj_ids.MT_CYBORG, NOTHING),
        (8, mobj_ids.MT_FATSO, NOTHING),
    ],
)
def test_dead_simple(rooms, map, kind, expected):
    rooms.world.mode = GameMode.COMMERCIAL
    assert die(rooms, kind, 1, map) == expected


def test_nothing_happens_while_another_boss_lives(rooms):
    other = thing(rooms, mobj_ids.MT_BRUISER)
    assert die(rooms, mobj_ids.MT_BRUISER, 1, 8) == NOTHING
    other.removed = 1
    assert die(rooms, mobj_ids.MT_BRUISER, 1, 8) == FLOOR


def test_monsters_with_a_bond_are_no_bosses(rooms):
    bonded = thing(rooms, mobj_ids.MT_BRUISER)
    bonded.bond = object()
    assert die(rooms, mobj_ids.MT_BRUISER, 1, 8) == FLOOR
    rooms.moved.clear()
    bonded.health = 0
    boss.boss_death(rooms.world, bonded)
    assert rooms.moved == []


def test_nothing_happens_when_all_players_are_dead(rooms):
    rooms.player.health = 0
    assert die(rooms, mobj_ids.MT_BRUISER, 1, 8) == NOTHING


def test_last_keen_opens_the_door(rooms):
    first, second = thing(rooms, mobj_ids.MT_KEEN), thing(rooms, mobj_ids.MT_KEEN)
    first.health = 0
    boss.keen_die(rooms.world, first)
    assert rooms.moved == []
    second.health = 0
    boss.keen_die(rooms.world, second)
    assert rooms.moved == [(666, DoorType.OPEN)]


@pytest.fixture
def icon(rooms, monkeypatch):
    """A spitter south of two target spots."""

    def spawn(world, x, y, z, kind):
        mobj = thing(rooms, kind)
        mobj.x, mobj.y, mobj.z = x, y, z
        return mobj

    def spit(world, source, dest, kind):
        cube = spawn(world, source.x, source.y, source.z, kind)
        cube.momy = 10 * FRACUNIT
        return cube

    monkeypatch.setattr(spawning, "spawn_mobj", spawn)
    monkeypatch.setattr(missiles, "spawn_missile", spit)
    rooms.targets = [thing(rooms, mobj_ids.MT_BOSSTARGET, y=300), thing(rooms, mobj_ids.MT_BOSSTARGET, y=600)]
    rooms.spitter = thing(rooms, mobj_ids.MT_BOSSSPIT)
    rooms.world.skill = SK_HARD
    brain.brain_awake(rooms.world, rooms.spitter)
    return rooms


def cubes(rooms):
    return [mobj for mobj in rooms.world.thinkers if mobj.type == mobj_ids.MT_SPAWNSHOT]


def test_brain_spits_at_its_targets_in_turn(icon):
    for _ in range(3):
        brain.brain_spit(icon.world, icon.spitter)
    assert [cube.target for cube in cubes(icon)] == [icon.targets[0], icon.targets[1], icon.targets[0]]
    assert [cube.reactiontime for cube in cubes(icon)] == [10, 20, 10]
    assert icon.sounds.started == [(None, SFX_BOSSIT)] + [(None, SFX_BOSPIT)] * 3


def test_on_easy_skills_the_brain_spits_every_other_time(icon):
    icon.world.skill = SK_EASY
    for _ in range(4):
        brain.brain_spit(icon.world, icon.spitter)
    assert len(cubes(icon)) == 2


def test_brain_without_targets_does_nothing(icon):
    icon.world.braintargets = []
    brain.brain_spit(icon.world, icon.spitter)
    assert cubes(icon) == []


def test_cube_becomes_a_monster_that_crushes_what_stands_there(icon, monkeypatch):
    moved = []
    monkeypatch.setattr(collision, "teleport_move", lambda world, mobj, x, y: moved.append((mobj, x, y)))
    monkeypatch.setattr(movement, "try_move", lambda *args: True)
    monkeypatch.setattr(states, "remove_mobj", lambda world, mobj: setattr(mobj, "removed", 1))
    monkeypatch.setattr(sight, "check_sight", lambda *args: True)
    brain.brain_spit(icon.world, icon.spitter)
    cube = cubes(icon)[0]
    for _ in range(9):
        brain.spawn_fly(icon.world, cube)
    assert not cube.removed
    brain.spawn_fly(icon.world, cube)
    assert cube.removed
    monster, x, y = moved[0]
    assert (x, y) == (0, 300 * FRACUNIT)
    assert monster.type == mobj_ids.MT_TROOP  # the first random number is 8
    assert monster.target is icon.player.mo
    assert SFX_TELEPT in icon.sounds.numbers()


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (0, mobj_ids.MT_TROOP),
        (49, mobj_ids.MT_TROOP),
        (50, mobj_ids.MT_SERGEANT),
        (120, mobj_ids.MT_PAIN),
        (160, mobj_ids.MT_VILE),
        (162, mobj_ids.MT_UNDEAD),
        (245, mobj_ids.MT_KNIGHT),
        (246, mobj_ids.MT_BRUISER),
        (255, mobj_ids.MT_BRUISER),
    ],
)
def test_what_comes_out_of_a_cube(number, kind):
    from bisect import bisect_right

    assert brain._SPAWNED[bisect_right(brain._SPAWNED_BELOW, number)] == kind


def test_brain_scream_is_a_row_of_65_explosions(icon):
    icon.world.random.clear()
    brain.brain_scream(icon.world, icon.spitter)
    rockets = [mobj for mobj in icon.world.thinkers if mobj.type == mobj_ids.MT_ROCKET]
    assert len(rockets) == 65
    assert all(rocket.state.index == S_BRAINEXPLODE1 and rocket.tics >= 1 for rocket in rockets)
    assert icon.world.random.prndindex == 65 * 3


def test_death_of_the_brain_ends_the_level(icon):
    brain.brain_die(icon.world, icon.spitter)
    assert icon.world.exit == Exit.NORMAL
