import contextlib
from collections.abc import Callable

import pytest

from pydoom.data.flags import MF_CORPSE, MF_SKULLFLY
from pydoom.data.mobj_ids import (
    MT_CLIP,
    MT_MISC0,
    MT_POSSESSED,
    MT_ROCKET,
    MT_SKULL,
    MT_TFOG,
    MT_TROOP,
    MT_TROOPSHOT,
)
from pydoom.data.state_ids import S_BLOOD1, S_LIGHTDONE, S_NULL, S_PISTOL, S_POSS_RUN1, S_ROCKET, S_TFOG
from pydoom.sim import (
    actions,
    hitscan,
    mapthings,
    missiles,
    motion,
    movement,
    spawning,
    states,
    thinkers,
    tick,
    weapons,
)
from pydoom.sim.constants import THINKERS_PER_WORK
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.level import MapThing
from pydoom.sim.mobj import Mobj
from pydoom.sim.player import PS_WEAPON
from pydoom.sim.rules import SK_NIGHTMARE, GameVersion
from pydoom.sim.thinkers import Thinker
from pydoom.sim.ticcmd import BT_ATTACK
from pydoom.sim.world import World
from pydoom.wad import mapcheck

from .corridor import Corridor, spawn
from .rooms import of_type

UNIT = FRACUNIT


class Recorder(Thinker):
    """A thinker that records its calls, and may act."""

    def __init__(self, log: list[str], name: str, act: Callable[[World], None] | None = None) -> None:
        super().__init__()
        self.log = log
        self.name = name
        self.act = act

    def think(self, world: World) -> None:
        self.log.append(self.name)
        if self.act:
            self.act(world)


@pytest.mark.usefixtures("pure_core")
def test_thinker_added_during_the_run_acts_in_the_same_tic() -> None:
    world = Corridor().start()
    log: list[str] = []
    late = Recorder(log, "late")

    def add_late(w: World) -> None:
        if late not in w.thinkers:
            thinkers.add_thinker(w, late)

    thinkers.add_thinker(world, Recorder(log, "first", add_late))
    tick.run_thinkers(world)
    assert log == ["first", "late"]


@pytest.mark.usefixtures("pure_core")
def test_removed_thinker_stays_in_the_list_until_the_run_reaches_it() -> None:
    world = Corridor().start()
    world.thinkers.clear()
    log: list[str] = []
    earlier, later = Recorder(log, "earlier"), Recorder(log, "later")

    def remove_both(w: World) -> None:
        thinkers.remove_thinker(w, earlier)
        thinkers.remove_thinker(w, later)

    remover = Recorder(log, "remover", remove_both)
    for thinker in (earlier, remover, later):
        thinkers.add_thinker(world, thinker)
    tick.run_thinkers(world)
    assert log == ["earlier", "remover"]
    assert world.thinkers == [earlier, remover]
    tick.run_thinkers(world)
    assert world.thinkers == [remover]


def test_paused_world_stands_still() -> None:
    world = Corridor().start()
    world.paused = True
    tick.ticker(world)
    assert world.leveltime == 0
    world.paused = False
    tick.ticker(world)
    assert world.leveltime == 1


def test_waiting_mobj_changes_state_when_its_tics_are_over() -> None:
    world = Corridor().start()
    fog = spawn(world, MT_TFOG, 60, 60)
    assert (fog.state.index, fog.tics) == (S_TFOG, 6)
    for _ in range(5):
        tick.run_thinkers(world)
    assert fog.state.index == S_TFOG
    tick.run_thinkers(world)
    assert fog.state is world.states[S_TFOG].next


def test_last_state_removes_the_mobj() -> None:
    world = Corridor().start()
    fog = spawn(world, MT_TFOG, 60, 60)
    assert not states.set_mobj_state(world, fog, S_NULL)
    assert fog.removed
    assert world.sectors[0].things is not fog


def test_endless_states_without_time_are_reported() -> None:
    world = Corridor().start()
    state = world.states[S_TFOG]
    state.tics, state.next = 0, state
    with pytest.raises(states.StateCycleError, match="S_TFOG of MT_TFOG"):
        states.set_mobj_state(world, spawn(world, MT_TFOG, 60, 60), S_TFOG)


def test_state_that_spawns_endlessly_is_reported() -> None:
    world = Corridor().start()
    state = world.states[S_TFOG]
    state.tics, state.next = 0, state

    def spawn_another(world: World, mobj: Mobj) -> None:
        spawning.spawn_mobj(world, mobj.x, mobj.y, mobj.z, MT_TFOG)

    state.action = spawn_another
    with pytest.raises(states.StateCycleError, match="more than 20000 things in one tic: MT_TFOG"):
        states.set_mobj_state(world, spawn(world, MT_TFOG, 60, 60), S_TFOG)


def test_states_that_endlessly_set_each_other_off_are_reported() -> None:
    world = Corridor().start()
    state = world.states[S_TFOG]

    def set_off(world: World, mobj: Mobj) -> None:
        states.set_mobj_state(world, mobj, S_TFOG)

    state.action = set_off
    with pytest.raises(states.StateCycleError, match="S_TFOG of MT_TFOG sets itself off again"):
        states.set_mobj_state(world, spawn(world, MT_TFOG, 60, 60), S_TFOG)
    assert not world.nesting


def test_costly_actions_of_states_without_time_are_given_up_sooner() -> None:
    world = Corridor().start()
    state = world.states[S_TFOG]
    state.tics, state.next = 0, state
    calls = []

    def spray(world: World, mobj: Mobj) -> None:
        calls.append(mobj)
        for _ in range(40):
            hitscan.aim_line_attack(world, mobj, 0, 1024 * UNIT)

    state.action = spray
    with pytest.raises(states.StateCycleError, match="S_TFOG of MT_TFOG leads back to itself"):
        states.set_mobj_state(world, spawn(world, MT_TFOG, 60, 60), S_TFOG)
    assert len(calls) < states.WORK_LIMIT / 400


@pytest.mark.parametrize(
    "act",
    [
        lambda world, mobj: hitscan.radius_attack(world, mobj, None, 128),
        lambda world, mobj: movement.try_move(world, mobj, mobj.x, mobj.y),
        lambda world, mobj: hitscan.aim_line_attack(world, mobj, 0, 64 * UNIT),
    ],
    ids=["explosions", "moves", "aiming"],
)
def test_actions_that_look_at_a_crowd_are_given_up_sooner(act: Callable[[World, Mobj], object]) -> None:
    world = Corridor().start()
    crowd = 1000
    for _ in range(crowd):
        spawn(world, MT_TROOP, 60, 100).flags = 0  # in the same block, but not on the way
    calls = []

    def look(world: World, mobj: Mobj) -> None:
        calls.append(mobj)
        act(world, mobj)

    state = world.states[S_TFOG]
    state.tics, state.next, state.action = 0, state, look
    with pytest.raises(states.StateCycleError, match="S_TFOG of MT_TFOG leads back to itself"):
        states.set_mobj_state(world, spawn(world, MT_TFOG, 60, 60), S_TFOG)
    assert len(calls) < 1.1 * states.WORK_LIMIT / (crowd / THINKERS_PER_WORK)


def test_state_changes_that_set_off_several_others_each_are_given_up() -> None:
    world = Corridor().start()
    state = world.states[S_TFOG]

    def set_off_two(world: World, mobj: Mobj) -> None:
        if world.nesting < states.NESTING_LIMIT // 2:
            states.set_mobj_state(world, mobj, S_TFOG)
            states.set_mobj_state(world, mobj, S_TFOG)

    state.action = set_off_two
    with pytest.raises(states.StateCycleError, match="sets itself off again"):
        states.set_mobj_state(world, spawn(world, MT_TFOG, 60, 60), S_TFOG)
    assert not world.nesting


def test_work_of_one_tic_does_not_count_in_the_next() -> None:
    world = Corridor().start()
    world.work = world.looped = states.WORK_LIMIT
    tick.ticker(world)
    assert world.looped < states.WORK_LIMIT


def test_a_level_full_of_things_takes_no_more() -> None:
    world = Corridor().start()
    world.thinkers += [Thinker()] * (spawning.THINKER_LIMIT - len(world.thinkers) - 1)
    spawn(world, MT_TFOG, 60, 60)
    with pytest.raises(states.StateCycleError, match="things in the level: MT_TFOG again"):
        spawn(world, MT_TFOG, 60, 60)


def test_largest_map_that_is_read_leaves_room_for_things_in_the_game() -> None:
    world = Corridor().start()
    world.thinkers += [Thinker()] * (mapcheck.MAX_RECORDS + mapcheck.MAX_SECTORS + spawning.SPAWN_LIMIT)
    spawn(world, MT_TFOG, 60, 60)


@pytest.mark.parametrize("action", ["A_FirePistol", "A_ReFire", "A_GunFlash", "A_FireCGun", "A_Saw"])
def test_weapon_whose_state_sets_itself_off_endlessly_is_reported(action: str) -> None:
    world = Corridor().start()
    actions.bind(world.info)
    player = world.players[0]
    player.cmd.buttons = BT_ATTACK
    for state in world.states[S_LIGHTDONE:S_BLOOD1]:
        state.action, state.tics = actions.PSPRITE_ACTIONS[action], 1
    with contextlib.suppress(states.StateCycleError):
        weapons.set_psprite(world, player, PS_WEAPON, S_PISTOL)
    assert not world.nesting


def test_gravity_pulls_twice_as_hard_in_the_first_tic() -> None:
    world = Corridor().start()
    thing = spawn(world, MT_TROOP, 60, 60)
    thing.z = 60 * UNIT
    tick.run_thinkers(world)
    assert (thing.z, thing.momz) == (60 * UNIT, -2 * UNIT)
    tick.run_thinkers(world)
    assert (thing.z, thing.momz) == (58 * UNIT, -3 * UNIT)


def test_hard_landing_bends_the_players_knees() -> None:
    world = Corridor().start()
    body = world.players[0].mo
    body.z, body.momz = UNIT, -9 * UNIT
    motion.z_movement(world, body)
    assert (body.z, body.momz) == (0, 0)
    assert world.players[0].deltaviewheight == -9 * UNIT >> 3


def test_friction_slows_and_stops() -> None:
    world = Corridor().start()
    thing = spawn(world, MT_TROOP, 60, 60)
    thing.momx = UNIT
    motion.xy_movement(world, thing)
    assert (thing.x, thing.momx) == (61 * UNIT, 0xE800)
    thing.momx = 0xFFF
    motion.xy_movement(world, thing)
    assert thing.momx == 0


def test_corpse_slides_on_while_it_hangs_over_a_step() -> None:
    world = Corridor([(0, 128), (-16, 128)]).start()
    corpse = spawn(world, MT_TROOP, 262, 60)
    corpse.flags |= MF_CORPSE
    movement.try_move(world, corpse, corpse.x, corpse.y)
    corpse.z = corpse.floorz
    corpse.momx = UNIT // 2
    motion.xy_movement(world, corpse)
    assert corpse.floorz == 0
    assert corpse.momx == UNIT // 2


def test_fast_things_move_in_two_halves_only_towards_east_and_north(pure_core: pytest.MonkeyPatch) -> None:
    world = Corridor().start()
    tried: list[tuple[int, int]] = []

    def try_move(world: World, thing: Mobj, x: int, y: int) -> bool:
        tried.append((x, y))
        return True

    pure_core.setattr(movement, "try_move", try_move)
    thing = spawn(world, MT_TROOP, 60, 60)
    thing.momx, thing.momy = 20 * UNIT, -3
    motion.xy_movement(world, thing)
    assert tried == [(70 * UNIT, 60 * UNIT - 1), (70 * UNIT, 60 * UNIT - 2)]
    tried.clear()
    thing.momx, thing.momy = -20 * UNIT, 0
    motion.xy_movement(world, thing)
    assert tried == [(40 * UNIT, 60 * UNIT)]


@pytest.mark.parametrize(("version", "momz"), [(GameVersion.DOOM_1_9, 0), (GameVersion.ULTIMATE, 8 * UNIT)])
def test_charging_skull_bounces_off_the_floor_since_ultimate_doom(version: GameVersion, momz: int) -> None:
    world = Corridor().start()
    world.version = version
    skull = spawn(world, MT_SKULL, 60, 60)
    skull.flags |= MF_SKULLFLY
    skull.z, skull.momz = 4 * UNIT, -8 * UNIT
    motion.z_movement(world, skull)
    assert skull.momz == momz


def test_missile_bursts_at_a_wall() -> None:
    world = Corridor().start()
    rocket = spawn(world, MT_ROCKET, 240, 240)
    rocket.z = 40 * UNIT
    rocket.momy = 20 * UNIT
    rocket.target = world.players[0].mo
    tick.run_thinkers(world)
    assert rocket.state.index != S_ROCKET
    assert rocket.momy == 0


def test_missile_vanishes_at_a_wall_with_sky_behind() -> None:
    corridor = Corridor([(0, 128), (0, 30)])
    corridor.flats[0][1] = "F_SKY1"
    world = corridor.start()
    rocket = spawn(world, MT_ROCKET, 270, 60)
    world.sectors[0].ceilingheight = 35 * UNIT
    world.lines[5].frontsector, world.lines[5].backsector = world.sectors[1], world.sectors[0]
    rocket.z, rocket.momx = 28 * UNIT, -20 * UNIT
    rocket.target = world.players[0].mo
    motion.xy_movement(world, rocket)
    assert rocket.removed


def test_monsters_missile_flies_at_its_target() -> None:
    world = Corridor().start()
    imp = spawn(world, MT_TROOP, 400, 128)
    fireball = missiles.spawn_missile(world, imp, world.players[0].mo, MT_TROOPSHOT)
    assert fireball.target is imp
    assert fireball.momx < -9 * UNIT
    assert abs(fireball.momy) < UNIT
    assert fireball.x < imp.x


def test_players_missile_is_aimed_up_at_a_floating_target() -> None:
    world = Corridor().start()
    skull = spawn(world, MT_SKULL, 400, 128)
    skull.z = 72 * UNIT
    missiles.spawn_player_missile(world, world.players[0].mo, MT_ROCKET)
    (rocket,) = of_type(world, MT_ROCKET)
    assert rocket.momz > 0


def test_dead_monster_returns_in_nightmare_after_twelve_seconds() -> None:
    world = Corridor(things=((128, 128, 0, 1, 7), (400, 128, 90, 3004, 7))).start(SK_NIGHTMARE)
    world.respawnmonsters = True
    (zombie,) = of_type(world, MT_POSSESSED)
    from pydoom.sim import damage

    damage.damage_mobj(world, zombie, None, None, 20)
    for _ in range(12 * 35):
        tick.run_thinkers(world)
        world.leveltime += 1
    assert of_type(world, MT_POSSESSED) == [zombie]
    for _ in range(35 * 120):
        tick.run_thinkers(world)
        world.leveltime += 1
    (alive,) = of_type(world, MT_POSSESSED)
    assert alive is not zombie
    assert alive.health == 20
    assert alive.spawnpoint is zombie.spawnpoint


def test_items_return_in_altdeath_after_thirty_seconds() -> None:
    starts = [(32 + 48 * number, 64, 0, 11, 7) for number in range(4)]
    world = Corridor(things=((128, 128, 0, 1, 7), (400, 128, 0, 2018, 7), *starts)).start(deathmatch=2, netgame=True)
    (armor,) = of_type(world, MT_MISC0)
    states.remove_mobj(world, armor)
    world.leveltime = 30 * 35 - 1
    mapthings.respawn_specials(world)
    assert not of_type(world, MT_MISC0)
    world.leveltime += 1
    mapthings.respawn_specials(world)
    assert len(of_type(world, MT_MISC0)) == 1
    assert world.item_respawn_queue == []


def test_queue_of_items_forgets_the_oldest_of_128() -> None:
    world = Corridor().start()
    for number in range(130):
        clip = spawn(world, MT_CLIP, 60, 60)
        clip.spawnpoint = MapThing(number, 0, 0, 2007, 7)
        states.remove_mobj(world, clip)
    assert len(world.item_respawn_queue) == 127
    assert world.item_respawn_queue[0][0].x == 3


def test_state_of_another_kind_set_by_an_action_counts() -> None:
    world = Corridor().start()
    zombie = spawn(world, MT_POSSESSED, 60, 60)

    def jump(world: World, thing: Mobj) -> None:
        thing.tics = 17

    world.states[S_POSS_RUN1].action = jump
    assert states.set_mobj_state(world, zombie, S_POSS_RUN1)
    assert zombie.tics == 17
