import pytest

from pydoom.data import mobj_ids
from pydoom.data.sound_ids import SFX_BOSPIT, SFX_BOSSIT, SFX_TELEPT
from pydoom.data.state_ids import S_BRAINEXPLODE1
from pydoom.sim import actions, collision, missiles, movement, sight, spawning, states
from pydoom.sim.enemy import boss, brain
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.mobj import Mobj
from pydoom.sim.rules import SK_EASY, SK_HARD, Exit, GameMode, GameVersion
from pydoom.sim.specials.doors import Door
from pydoom.sim.specials.floors import FloorMove
from pydoom.sim.specials.kinds import DoorType, FloorType
from pydoom.sim.world import World
from tests.unit.rooms import Leash, Rooms, of_type

Move = tuple[int, FloorType | DoorType]


class BossRoom(Rooms):
    """A living player in a room, and the sectors that bosses' deaths move."""

    def __init__(self) -> None:
        super().__init__(GameMode.RETAIL)
        actions.bind(self.world.info)
        self.world.version = GameVersion.ULTIMATE
        self.room = self.sector()
        self.world.playeringame[0] = True
        self.player = self.world.players[0]
        self.player.health = 100
        self.player.mo = thing(self, mobj_ids.MT_PLAYER)
        self.tagged = [self.sector(tag=tag) for tag in (666, 667)]

    @property
    def moved(self) -> list[Move]:
        """The sectors that move, as (tag, type)."""
        found: list[Move] = []
        for sector in self.tagged:
            mover = sector.specialdata
            if mover is not None:
                assert isinstance(mover, FloorMove | Door)
                found.append((sector.tag, mover.type))
        return found


@pytest.fixture
def rooms() -> BossRoom:
    return BossRoom()


def thing(rooms: BossRoom, kind: int, x: int = 0, y: int = 0) -> Mobj:
    mobj = rooms.thing(rooms.room, kind)
    mobj.state = rooms.world.states[mobj.info.spawnstate]
    mobj.x, mobj.y = x * FRACUNIT, y * FRACUNIT
    rooms.world.thinkers.append(mobj)
    return mobj


def die(rooms: BossRoom, kind: int, episode: int, map: int) -> tuple[Exit, list[Move]]:
    rooms.world.episode, rooms.world.map = episode, map
    mobj = thing(rooms, kind)
    mobj.health = 0
    boss.boss_death(rooms.world, mobj)
    return rooms.world.exit, rooms.moved


NOTHING: tuple[Exit, list[Move]] = (Exit.NONE, [])
EXIT: tuple[Exit, list[Move]] = (Exit.NORMAL, [])
FLOOR: tuple[Exit, list[Move]] = (Exit.NONE, [(666, FloorType.LOWER_FLOOR_TO_LOWEST)])


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
def test_death_of_the_last_boss_of_doom(
    rooms: BossRoom, version: GameVersion, episode: int, map: int, kind: int, expected: tuple[Exit, list[Move]]
) -> None:
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
def test_dead_simple(rooms: BossRoom, map: int, kind: int, expected: tuple[Exit, list[Move]]) -> None:
    rooms.world.mode = GameMode.COMMERCIAL
    assert die(rooms, kind, 1, map) == expected


def test_nothing_happens_while_another_boss_lives(rooms: BossRoom) -> None:
    other = thing(rooms, mobj_ids.MT_BRUISER)
    assert die(rooms, mobj_ids.MT_BRUISER, 1, 8) == NOTHING
    other.removed = 1
    assert die(rooms, mobj_ids.MT_BRUISER, 1, 8) == FLOOR


def test_monsters_with_a_bond_are_no_bosses(rooms: BossRoom) -> None:
    bonded = thing(rooms, mobj_ids.MT_BRUISER)
    bonded.bond = Leash()
    assert die(rooms, mobj_ids.MT_BRUISER, 1, 8) == FLOOR
    rooms.tagged[0].specialdata = None
    bonded.health = 0
    boss.boss_death(rooms.world, bonded)
    assert rooms.moved == []


def test_nothing_happens_when_all_players_are_dead(rooms: BossRoom) -> None:
    rooms.player.health = 0
    assert die(rooms, mobj_ids.MT_BRUISER, 1, 8) == NOTHING


def test_last_keen_opens_the_door(rooms: BossRoom) -> None:
    first, second = thing(rooms, mobj_ids.MT_KEEN), thing(rooms, mobj_ids.MT_KEEN)
    first.health = 0
    boss.keen_die(rooms.world, first)
    assert rooms.moved == []
    second.health = 0
    boss.keen_die(rooms.world, second)
    assert rooms.moved == [(666, DoorType.OPEN)]


class IconRoom(BossRoom):
    """A spitter south of two target spots."""

    def __init__(self, pure_core: pytest.MonkeyPatch) -> None:
        super().__init__()

        def spawn(world: World, x: int, y: int, z: int, kind: int) -> Mobj:
            mobj = thing(self, kind)
            mobj.x, mobj.y, mobj.z = x, y, z
            return mobj

        def spit(world: World, source: Mobj, dest: Mobj, kind: int) -> Mobj:
            cube = spawn(world, source.x, source.y, source.z, kind)
            cube.momy = 10 * FRACUNIT
            return cube

        pure_core.setattr(spawning, "spawn_mobj", spawn)
        pure_core.setattr(missiles, "spawn_missile", spit)
        self.targets = [thing(self, mobj_ids.MT_BOSSTARGET, y=300), thing(self, mobj_ids.MT_BOSSTARGET, y=600)]
        self.spitter = thing(self, mobj_ids.MT_BOSSSPIT)
        self.world.skill = SK_HARD
        brain.brain_awake(self.world, self.spitter)


@pytest.fixture
def icon(pure_core: pytest.MonkeyPatch) -> IconRoom:
    return IconRoom(pure_core)


def cubes(rooms: BossRoom) -> list[Mobj]:
    return of_type(rooms.world, mobj_ids.MT_SPAWNSHOT)


def test_brain_spits_at_its_targets_in_turn(icon: IconRoom) -> None:
    for _ in range(3):
        brain.brain_spit(icon.world, icon.spitter)
    assert [cube.target for cube in cubes(icon)] == [icon.targets[0], icon.targets[1], icon.targets[0]]
    assert [cube.reactiontime for cube in cubes(icon)] == [10, 20, 10]
    assert icon.sounds.started == [(None, SFX_BOSSIT)] + [(None, SFX_BOSPIT)] * 3


def test_on_easy_skills_the_brain_spits_every_other_time(icon: IconRoom) -> None:
    icon.world.skill = SK_EASY
    for _ in range(4):
        brain.brain_spit(icon.world, icon.spitter)
    assert len(cubes(icon)) == 2


def test_brain_without_targets_does_nothing(icon: IconRoom) -> None:
    icon.world.braintargets = []
    brain.brain_spit(icon.world, icon.spitter)
    assert cubes(icon) == []


def test_cube_becomes_a_monster_that_crushes_what_stands_there(icon: IconRoom, pure_core: pytest.MonkeyPatch) -> None:
    moved: list[tuple[Mobj, int, int]] = []
    pure_core.setattr(collision, "teleport_move", lambda world, mobj, x, y: moved.append((mobj, x, y)))
    pure_core.setattr(movement, "try_move", lambda *args: True)
    pure_core.setattr(states, "remove_mobj", lambda world, mobj: setattr(mobj, "removed", 1))
    pure_core.setattr(sight, "check_sight", lambda *args: True)
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
def test_what_comes_out_of_a_cube(number: int, kind: int) -> None:
    from bisect import bisect_right

    assert brain._SPAWNED[bisect_right(brain._SPAWNED_BELOW, number)] == kind


def test_brain_scream_is_a_row_of_65_explosions(icon: IconRoom) -> None:
    icon.world.random.clear()
    brain.brain_scream(icon.world, icon.spitter)
    rockets = of_type(icon.world, mobj_ids.MT_ROCKET)
    assert len(rockets) == 65
    assert all(rocket.state.index == S_BRAINEXPLODE1 and rocket.tics >= 1 for rocket in rockets)
    assert icon.world.random.prndindex == 65 * 3


def test_death_of_the_brain_ends_the_level(icon: IconRoom) -> None:
    brain.brain_die(icon.world, icon.spitter)
    assert icon.world.exit == Exit.NORMAL
