from collections.abc import Callable

import pytest

from pydoom.data import mobj_ids
from pydoom.data.flags import (
    MF_AMBUSH,
    MF_CORPSE,
    MF_INFLOAT,
    MF_JUSTATTACKED,
    MF_JUSTHIT,
    MF_SHADOW,
    MF_SKULLFLY,
    MF_SOLID,
)
from pydoom.data.infotables import load_info
from pydoom.data.sound_ids import SFX_BGSIT1, SFX_BGSIT2, SFX_CLAW, SFX_CYBSIT, SFX_POSIT1, SFX_POSIT3, SFX_SLOP
from pydoom.data.state_ids import S_SARG_RUN1, S_VILE_HEAL1
from pydoom.data.tables import ANG45, ANG90, ANG180
from pydoom.sim import actions, collision, damage, hitscan, links, missiles, movement, sight, spawning
from pydoom.sim.enemy import attacks, chase, dying, fast, mancubus, revenant, senses, souls, vile
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.level import ML_SOUNDBLOCK, Line
from pydoom.sim.mobj import Mobj
from pydoom.sim.rules import SK_NIGHTMARE
from pydoom.sim.specials import lines
from pydoom.sim.world import World
from tests.unit.rooms import Rooms


class Stage:
    """A fake world around a monster: who is seen, which steps are free; and what the monster did."""

    def __init__(self) -> None:
        self.sees = True
        self.looks = 0
        self.blocked: Callable[[int, int], bool] = lambda x, y: False
        self.tried: list[int] = []
        self.hits: list[tuple[Mobj, int]] = []
        self.shots: list[tuple[int, int]] = []
        self.missiles: list[Mobj] = []

    def check_sight(self, world: World, t1: Mobj, t2: Mobj) -> bool:
        self.looks += 1
        return self.sees

    def try_move(self, world: World, mobj: Mobj, x: int, y: int) -> bool:
        self.tried.append(mobj.movedir)
        if self.blocked(x, y):
            return False
        mobj.x, mobj.y = x, y
        return True

    def damage(self, world: World, target: Mobj, inflictor: Mobj | None, source: Mobj | None, points: int) -> None:
        self.hits.append((target, points))

    def shoot(self, world: World, t1: Mobj, angle: int, distance: int, slope: int, points: int) -> None:
        self.shots.append((angle, points))


class Arena(Rooms):
    """A player and an imp 200 units east of the player that is chasing."""

    def __init__(self, pure_core: pytest.MonkeyPatch) -> None:
        super().__init__()
        world = self.world
        actions.bind(world.info)
        self.room = self.sector()
        world.playeringame[0] = True
        self.mo = monster(self, mobj_ids.MT_PLAYER)
        self.mo.player = world.players[0]
        world.players[0].mo = self.mo
        world.players[0].health = 100
        self.imp = monster(self, mobj_ids.MT_TROOP, x=200)
        self.imp.target = self.mo
        stage = self.stage = Stage()
        pure_core.setattr(sight, "check_sight", stage.check_sight)
        pure_core.setattr(movement, "try_move", stage.try_move)
        pure_core.setattr(damage, "damage_mobj", stage.damage)
        pure_core.setattr(hitscan, "aim_line_attack", lambda *args: (0, None))
        pure_core.setattr(hitscan, "line_attack", stage.shoot)

        def spawn(world: World, x: int, y: int, z: int, kind: int) -> Mobj:
            thing = monster(self, kind)
            thing.x, thing.y, thing.z = x, y, z
            world.thinkers.append(thing)
            return thing

        def spawn_missile(world: World, source: Mobj, dest: Mobj, kind: int) -> Mobj:
            missile = spawn(world, source.x, source.y, source.z, kind)
            missile.target = source
            missile.momx = FRACUNIT
            stage.missiles.append(missile)
            return missile

        pure_core.setattr(spawning, "spawn_mobj", spawn)
        pure_core.setattr(missiles, "spawn_missile", spawn_missile)


@pytest.fixture
def rooms(pure_core: pytest.MonkeyPatch) -> Arena:
    return Arena(pure_core)


def monster(rooms: Arena, kind: int, x: int = 0, y: int = 0) -> Mobj:
    thing = rooms.thing(rooms.room, kind)
    thing.state = rooms.world.states[thing.info.spawnstate]
    thing.x, thing.y = x * FRACUNIT, y * FRACUNIT
    return thing


# senses


def test_noise_is_heard_through_open_doors_and_one_sound_blocking_line(rooms: Arena) -> None:
    near, far, beyond, shut = rooms.sector(), rooms.sector(), rooms.sector(), rooms.sector(ceiling=0)
    rooms.join(rooms.room, near, flags=ML_SOUNDBLOCK)
    rooms.join(near, far)
    rooms.join(far, beyond, flags=ML_SOUNDBLOCK)
    rooms.join(rooms.room, shut)
    senses.noise_alert(rooms.world, rooms.mo, rooms.mo)
    heard = [sector.soundtarget is rooms.mo for sector in (rooms.room, near, far, beyond, shut)]
    assert heard == [True, True, True, False, False]
    assert near.soundtraversed == far.soundtraversed == 2


def test_noise_takes_the_way_with_fewer_sound_blocking_lines(rooms: Arena) -> None:
    hall, beyond = rooms.sector(), rooms.sector()
    rooms.join(rooms.room, hall, flags=ML_SOUNDBLOCK)
    rooms.join(rooms.room, hall)
    rooms.join(hall, beyond, flags=ML_SOUNDBLOCK)
    senses.noise_alert(rooms.world, rooms.mo, rooms.mo)
    assert hall.soundtraversed == 1
    assert beyond.soundtarget is rooms.mo


def test_imp_that_hears_a_noise_shouts_and_chases(rooms: Arena) -> None:
    rooms.imp.target = None
    rooms.room.soundtarget = rooms.mo
    rooms.stage.sees = False
    senses.look(rooms.world, rooms.imp)
    assert rooms.imp.target is rooms.mo
    assert rooms.sounds.numbers()[0] in (SFX_BGSIT1, SFX_BGSIT2)
    assert rooms.imp.state.index == rooms.imp.info.seestate


def test_imp_in_ambush_waits_until_it_sees_what_it_heard(rooms: Arena) -> None:
    rooms.imp.flags |= MF_AMBUSH
    rooms.room.soundtarget = rooms.mo
    rooms.stage.sees = False
    senses.look(rooms.world, rooms.imp)
    assert rooms.imp.state.index == rooms.imp.info.spawnstate
    rooms.stage.sees = True
    senses.look(rooms.world, rooms.imp)
    assert rooms.imp.state.index == rooms.imp.info.seestate


def test_the_cyberdemon_is_heard_everywhere(rooms: Arena) -> None:
    cyber = monster(rooms, mobj_ids.MT_CYBORG, x=200)
    cyber.angle = ANG180
    senses.look(rooms.world, cyber)
    assert rooms.sounds.started[0] == (None, SFX_CYBSIT)


def test_humans_shout_one_of_three_ways(rooms: Arena) -> None:
    for _ in range(10):
        zombie = monster(rooms, mobj_ids.MT_POSSESSED, x=200)
        zombie.angle = ANG180
        senses.look(rooms.world, zombie)
    assert all(SFX_POSIT1 <= number <= SFX_POSIT3 for number in rooms.sounds.numbers())


def test_monsters_look_ahead_unless_the_player_is_close(rooms: Arena) -> None:
    rooms.imp.angle = 0  # away from the player
    assert not senses.look_for_players(rooms.world, rooms.imp, False)
    assert senses.look_for_players(rooms.world, rooms.imp, True)
    rooms.imp.x = 64 * FRACUNIT
    assert senses.look_for_players(rooms.world, rooms.imp, False)


@pytest.mark.parametrize(("lastlook", "found"), [(0, True), (1, False), (2, True), (3, True)])
def test_a_search_ends_before_the_player_it_began_behind(rooms: Arena, lastlook: int, found: bool) -> None:
    rooms.imp.lastlook = lastlook
    assert senses.look_for_players(rooms.world, rooms.imp, True) == found
    assert rooms.imp.lastlook == 0


def test_two_players_are_looked_at_in_turn(rooms: Arena) -> None:
    world = rooms.world
    world.playeringame = [True] * 4
    for player in world.players:
        player.health = 100
        player.mo = rooms.mo
    rooms.stage.sees = False
    rooms.imp.lastlook = 1
    assert not senses.look_for_players(world, rooms.imp, True)
    assert rooms.stage.looks == 2
    assert rooms.imp.lastlook == 3


def test_the_dead_are_not_looked_at(rooms: Arena) -> None:
    rooms.world.players[0].health = 0
    assert not senses.look_for_players(rooms.world, rooms.imp, True)
    assert rooms.stage.looks == 0


def test_melee_range_is_44_units_and_the_radius(rooms: Arena) -> None:
    rooms.imp.x = 59 * FRACUNIT
    assert senses.check_melee_range(rooms.world, rooms.imp)
    rooms.imp.x = 60 * FRACUNIT
    assert not senses.check_melee_range(rooms.world, rooms.imp)


def test_whoever_was_just_hit_shoots_at_once(rooms: Arena) -> None:
    rooms.imp.flags |= MF_JUSTHIT
    rooms.imp.reactiontime = 8
    assert senses.check_missile_range(rooms.world, rooms.imp)
    assert not rooms.imp.flags & MF_JUSTHIT
    assert not senses.check_missile_range(rooms.world, rooms.imp)


def test_far_away_cyberdemons_shoot_more_often_than_imps(rooms: Arena) -> None:
    rooms.imp.reactiontime = 0
    cyber = monster(rooms, mobj_ids.MT_CYBORG, x=2000)
    cyber.target, cyber.reactiontime = rooms.mo, 0
    rooms.imp.x = 2000 * FRACUNIT
    assert sum(senses.check_missile_range(rooms.world, rooms.imp) for _ in range(256)) == 256 - count_below(200)
    assert sum(senses.check_missile_range(rooms.world, cyber) for _ in range(256)) == 256 - count_below(160)


def count_below(limit: int) -> int:
    from pydoom.data.tables import RNDTABLE

    return sum(number < limit for number in RNDTABLE)


def test_revenants_nearby_use_their_fists(rooms: Arena) -> None:
    revenant_ = monster(rooms, mobj_ids.MT_UNDEAD, x=250)
    revenant_.target, revenant_.reactiontime = rooms.mo, 0
    assert not senses.check_missile_range(rooms.world, revenant_)
    assert rooms.world.random.prndindex == 0


# walking


def test_new_direction_is_the_diagonal_first(rooms: Arena) -> None:
    rooms.imp.y = 200 * FRACUNIT
    chase.new_chase_dir(rooms.world, rooms.imp)
    assert rooms.stage.tried == [chase.DI_SOUTHWEST]
    assert rooms.imp.movecount <= 15
    assert rooms.world.random.prndindex == 1


def test_a_walled_in_monster_tries_all_ways_and_turns_back_last(rooms: Arena) -> None:
    rooms.imp.y = 50 * FRACUNIT
    rooms.imp.movedir = chase.DI_WEST
    rooms.stage.blocked = lambda x, y: True
    chase.new_chase_dir(rooms.world, rooms.imp)
    west, south, east = chase.DI_WEST, chase.DI_SOUTH, chase.DI_EAST
    sweep = rooms.stage.tried[4:-1]
    assert rooms.stage.tried[:4] == [chase.DI_SOUTHWEST, west, south, west]
    assert sweep in (list(range(1, 8)), list(range(7, 0, -1)))
    assert rooms.stage.tried[-1] == east
    assert rooms.imp.movedir == chase.DI_NODIR
    assert rooms.world.random.prndindex == 2


def test_walking_monsters_stand_on_the_floor(rooms: Arena) -> None:
    rooms.imp.movedir = chase.DI_WEST
    rooms.imp.floorz = 24 * FRACUNIT
    assert chase.move(rooms.world, rooms.imp)
    assert rooms.imp.x == 192 * FRACUNIT
    assert rooms.imp.z == 24 * FRACUNIT


def test_floating_monsters_climb_to_where_there_is_room(rooms: Arena) -> None:
    caco = monster(rooms, mobj_ids.MT_HEAD)
    caco.movedir = 0
    rooms.stage.blocked = lambda x, y: True
    rooms.world.move.floatok = True
    rooms.world.move.floorz = 64 * FRACUNIT
    assert chase.move(rooms.world, caco)
    assert caco.z == 4 * FRACUNIT
    assert caco.flags & MF_INFLOAT


def test_doors_in_the_way_are_opened_last_touched_first(rooms: Arena, pure_core: pytest.MonkeyPatch) -> None:
    door, switch = rooms.join(rooms.room), rooms.join(rooms.room)
    used: list[Line] = []

    def use(world: World, thing: Mobj, line: Line, side: int) -> bool:
        used.append(line)
        return line is door

    pure_core.setattr(lines, "use_special_line", use)
    rooms.stage.blocked = lambda x, y: True
    rooms.imp.movedir = 0
    rooms.world.move.floatok = False
    rooms.world.move.spechit[:] = [door, switch]
    assert chase.move(rooms.world, rooms.imp)
    assert used == [switch, door]
    assert rooms.imp.movedir == chase.DI_NODIR
    rooms.imp.movedir = 0
    assert not chase.move(rooms.world, rooms.imp)


def test_chasing_turns_an_eighth_at_a_time(rooms: Arena) -> None:
    rooms.imp.angle = ANG180 + 12345
    rooms.imp.movedir = chase.DI_NORTH
    rooms.imp.movecount = 5
    chase.chase(rooms.world, rooms.imp)
    assert rooms.imp.angle == ANG180 - ANG45


def test_nobody_attacks_twice_in_a_row_except_in_nightmare(rooms: Arena) -> None:
    rooms.imp.flags |= MF_JUSTATTACKED
    chase.chase(rooms.world, rooms.imp)
    assert rooms.stage.tried
    rooms.stage.tried.clear()
    rooms.world.skill = SK_NIGHTMARE
    rooms.imp.flags |= MF_JUSTATTACKED
    chase.chase(rooms.world, rooms.imp)
    assert rooms.stage.tried == []
    assert not rooms.imp.flags & MF_JUSTATTACKED


def test_close_monsters_bite(rooms: Arena) -> None:
    rooms.imp.x = 40 * FRACUNIT
    chase.chase(rooms.world, rooms.imp)
    assert rooms.imp.state.index == rooms.imp.info.meleestate


def test_with_fast_monsters_shots_do_not_wait_for_the_walk_to_end(rooms: Arena) -> None:
    rooms.imp.flags |= MF_JUSTHIT  # would shoot if checked
    rooms.imp.movedir, rooms.imp.movecount = chase.DI_WEST, 5
    chase.chase(rooms.world, rooms.imp)
    assert rooms.imp.state.index == rooms.imp.info.spawnstate
    rooms.world.fastparm = True
    chase.chase(rooms.world, rooms.imp)
    assert rooms.imp.state.index == rooms.imp.info.missilestate
    assert rooms.imp.flags & MF_JUSTATTACKED


def test_without_a_target_the_search_begins_anew(rooms: Arena) -> None:
    rooms.imp.target = None
    rooms.stage.sees = False
    rooms.imp.state = rooms.world.states[rooms.imp.info.seestate]
    chase.chase(rooms.world, rooms.imp)
    assert rooms.imp.state.index == rooms.imp.info.spawnstate


# attacks


def test_the_invisible_are_aimed_at_badly(rooms: Arena) -> None:
    rooms.imp.flags |= MF_AMBUSH
    attacks.face_target(rooms.world, rooms.imp)
    assert rooms.imp.angle == pytest.approx(ANG180, abs=1 << 20)
    assert not rooms.imp.flags & MF_AMBUSH
    assert rooms.world.random.prndindex == 0
    rooms.mo.flags |= MF_SHADOW
    attacks.face_target(rooms.world, rooms.imp)
    assert rooms.world.random.prndindex == 2
    assert abs(rooms.imp.angle - ANG180) <= 255 << 21


def test_shotgun_guy_fires_three_bullets_spread_first(rooms: Arena) -> None:
    guy = monster(rooms, mobj_ids.MT_SHOTGUY, x=200)
    guy.target = rooms.mo
    attacks.spos_attack(rooms.world, guy)
    assert len(rooms.stage.shots) == 3
    assert rooms.world.random.prndindex == 9
    from pydoom.data.tables import RNDTABLE

    angle, points = rooms.stage.shots[0]
    assert angle == (guy.angle + ((RNDTABLE[1] - RNDTABLE[2]) << 20)) % 2**32
    assert points == (RNDTABLE[3] % 5 + 1) * 3


def test_imp_claws_when_close_and_throws_otherwise(rooms: Arena) -> None:
    attacks.troop_attack(rooms.world, rooms.imp)
    assert [missile.type for missile in rooms.stage.missiles] == [mobj_ids.MT_TROOPSHOT]
    rooms.imp.x = 40 * FRACUNIT
    attacks.troop_attack(rooms.world, rooms.imp)
    (target, points) = rooms.stage.hits[0]
    assert target is rooms.mo
    assert points % 3 == 0
    assert 3 <= points <= 24
    assert rooms.sounds.numbers() == [SFX_CLAW]


def test_chaingunner_stops_when_the_target_is_dead(rooms: Arena) -> None:
    guy = monster(rooms, mobj_ids.MT_CHAINGUY, x=200)
    guy.target = rooms.mo
    rooms.world.random.prndindex = 2  # 220 comes next
    attacks.cpos_refire(rooms.world, guy)
    assert guy.state.index == guy.info.spawnstate
    rooms.mo.health = 0
    attacks.cpos_refire(rooms.world, guy)
    assert guy.state.index == guy.info.seestate


def test_mancubus_throws_two_at_once_and_turns_the_second(rooms: Arena) -> None:
    fatso = monster(rooms, mobj_ids.MT_FATSO, x=200)
    fatso.target = rooms.mo
    mancubus.fat_attack2(rooms.world, fatso)
    first, second = rooms.stage.missiles
    assert first.angle == 0
    assert second.angle == 2**32 - 2 * mancubus.FATSPREAD
    assert fatso.angle == pytest.approx(ANG180 - mancubus.FATSPREAD, abs=1 << 20)


def test_mancubus_without_a_target_throws_at_the_middle_of_the_map(rooms: Arena) -> None:
    fatso = monster(rooms, mobj_ids.MT_FATSO, x=200)
    aim = attacks.target_or_origin(rooms.world, fatso)
    assert (aim.x, aim.y, aim.z, aim.flags) == (0, 0, 0, 0)


@pytest.mark.parametrize(("gametic", "homes"), [(0, True), (1, False), (2, False), (4, True)])
def test_revenant_missiles_home_every_fourth_tic_of_the_program(
    rooms: Arena, pure_core: pytest.MonkeyPatch, gametic: int, homes: bool
) -> None:
    pure_core.setattr(spawning, "spawn_puff", lambda *args: None)
    missile = monster(rooms, mobj_ids.MT_TRACER, x=-200)
    missile.tracer = rooms.mo
    missile.angle = ANG90
    rooms.world.gametic = gametic
    revenant.tracer(rooms.world, missile)
    assert (missile.angle == ANG90 - revenant.TRACEANGLE) == homes


def test_homing_missiles_do_not_overshoot(rooms: Arena) -> None:
    assert revenant._turned_towards(0, 1000) == 1000
    assert revenant._turned_towards(1000, 0) == 0
    assert revenant._turned_towards(0, ANG180) == revenant.TRACEANGLE
    assert revenant._turned_towards(0, 2**32 - ANG90) == 2**32 - revenant.TRACEANGLE


def test_lost_soul_flies_at_the_middle_of_its_target(rooms: Arena) -> None:
    skull = monster(rooms, mobj_ids.MT_SKULL, x=200)
    skull.target = rooms.mo
    souls.skull_attack(rooms.world, skull)
    assert skull.flags & MF_SKULLFLY
    assert skull.momx == pytest.approx(-20 * FRACUNIT, abs=64)
    assert skull.momz == (rooms.mo.height >> 1) // 10


def test_pain_elemental_spits_at_most_21_souls(rooms: Arena) -> None:
    elemental = monster(rooms, mobj_ids.MT_PAIN, x=200)
    elemental.target = rooms.mo
    rooms.world.thinkers = [monster(rooms, mobj_ids.MT_SKULL) for _ in range(20)]
    souls.pain_attack(rooms.world, elemental)
    assert len(rooms.world.thinkers) == 21
    souls.pain_attack(rooms.world, elemental)
    assert len(rooms.world.thinkers) == 21
    rooms.world.thinkers[0].removed = 1
    souls.pain_attack(rooms.world, elemental)
    assert len(rooms.world.thinkers) == 22


def test_soul_without_room_dies_at_once(rooms: Arena) -> None:
    elemental = monster(rooms, mobj_ids.MT_PAIN, x=200)
    rooms.stage.blocked = lambda x, y: True
    souls.pain_die(rooms.world, elemental)
    assert [points for _, points in rooms.stage.hits] == [10000] * 3
    assert not elemental.flags & MF_SOLID


# the arch-vile


class Graveyard(Arena):
    """An arch-vile walking west towards a dead imp that lies still."""

    def __init__(self, pure_core: pytest.MonkeyPatch) -> None:
        super().__init__(pure_core)
        corpse = monster(self, mobj_ids.MT_TROOP, x=150)
        corpse.flags = MF_CORPSE
        corpse.tics = -1
        corpse.health = -3
        corpse.height >>= 2
        self.corpse = corpse
        self.vile = monster(self, mobj_ids.MT_VILE, x=200)
        self.vile.target = self.mo
        self.vile.movedir = chase.DI_WEST
        self.has_room = True
        pure_core.setattr(links, "block_things", lambda world, x, y: iter([corpse]))
        pure_core.setattr(collision, "check_position", lambda *args: self.has_room)


@pytest.fixture
def graveyard(pure_core: pytest.MonkeyPatch) -> Graveyard:
    return Graveyard(pure_core)


def test_arch_vile_raises_the_dead(graveyard: Graveyard) -> None:
    vile.vile_chase(graveyard.world, graveyard.vile)
    corpse = graveyard.corpse
    assert graveyard.vile.state.index == S_VILE_HEAL1
    assert graveyard.vile.target is graveyard.mo
    assert corpse.state.index == corpse.info.raisestate
    assert (corpse.health, corpse.height, corpse.flags) == (60, 56 * FRACUNIT, corpse.info.flags)
    assert corpse.target is None
    assert (corpse, SFX_SLOP) in graveyard.sounds.started


def test_crushed_corpse_becomes_a_ghost(graveyard: Graveyard) -> None:
    graveyard.corpse.height = graveyard.corpse.radius = 0
    vile.vile_chase(graveyard.world, graveyard.vile)
    assert graveyard.corpse.health == 60
    assert graveyard.corpse.height == graveyard.corpse.radius == 0


@pytest.mark.parametrize("why", ["no room", "still falling", "out of reach", "cannot be raised"])
def test_arch_vile_leaves_other_corpses(graveyard: Graveyard, why: str) -> None:
    corpse = graveyard.corpse
    if why == "no room":
        graveyard.has_room = False
    elif why == "still falling":
        corpse.tics = 3
    elif why == "out of reach":
        corpse.x = 0
    else:
        corpse.info = graveyard.world.info.mobjinfo[mobj_ids.MT_SKULL]
    vile.vile_chase(graveyard.world, graveyard.vile)
    assert corpse.health == -3
    assert graveyard.vile.state.index != S_VILE_HEAL1


def test_arch_vile_throws_its_victim_up(rooms: Arena, pure_core: pytest.MonkeyPatch) -> None:
    blasts = []
    pure_core.setattr(hitscan, "radius_attack", lambda world, *blast: blasts.append(blast))
    actor = monster(rooms, mobj_ids.MT_VILE, x=200)
    actor.target = rooms.mo
    actor.tracer = monster(rooms, mobj_ids.MT_FIRE)
    vile.vile_attack(rooms.world, actor)
    assert rooms.stage.hits == [(rooms.mo, 20)]
    assert rooms.mo.momz == 10 * FRACUNIT
    assert blasts == [(actor.tracer, actor, 70)]
    assert actor.tracer.x == pytest.approx(24 * FRACUNIT, abs=64)


# death, and the tables


def test_screams_vary(rooms: Arena) -> None:
    for _ in range(8):
        dying.scream(rooms.world, rooms.imp)
    assert len(set(rooms.sounds.numbers())) == 2
    assert rooms.world.random.prndindex == 8


def test_fast_demons_get_faster_with_every_new_game() -> None:
    info = load_info()
    tics = info.states[S_SARG_RUN1].tics
    fast.set_fast(info)
    assert info.states[S_SARG_RUN1].tics == tics // 2
    assert info.mobjinfo[mobj_ids.MT_TROOPSHOT].speed == 20 * FRACUNIT
    for _ in range(5):
        fast.set_fast(info)
    assert info.states[S_SARG_RUN1].tics == 1  # never 0, which would loop forever
    info = load_info()
    fast.set_fast(info)
    fast.set_normal(info)
    assert info.states[S_SARG_RUN1].tics == tics
    assert info.mobjinfo[mobj_ids.MT_BRUISERSHOT].speed == 15 * FRACUNIT


def test_every_action_in_the_state_table_is_bound() -> None:
    info = load_info()
    actions.bind(info)
    assert all((state.action is not None) == bool(state.action_name) for state in info.states)
    named = {state.action_name for state in info.states if state.action_name}
    assert named == set(actions.MOBJ_ACTIONS) | set(actions.PSPRITE_ACTIONS)
