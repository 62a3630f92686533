import pytest

from pydoom.data import mobj_ids
from pydoom.data.flags import MF_CORPSE, MF_DROPPED, MF_JUSTHIT, MF_NOGRAVITY, MF_SHOOTABLE, MF_SKULLFLY, MF_SOLID
from pydoom.data.info import WP_CHAINSAW, WP_PISTOL
from pydoom.sim import damage, spawning
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.hooks import PlayerHooks
from pydoom.sim.mobj import Mobj
from pydoom.sim.player import CF_GODMODE, PST_DEAD, PST_LIVE, PW_INVULNERABILITY
from pydoom.sim.random import Random
from pydoom.sim.rules import SK_BABY
from pydoom.sim.world import World
from tests.narrow import some
from tests.unit.rooms import Leash, Rooms


class Hand(Random):
    """A random-number stream that always gives the same number and counts."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.calls = 0

    def p_random(self) -> int:
        self.calls += 1
        return self.number

    def sub_random(self) -> int:
        self.calls += 2
        return 0


class Duel(Rooms):
    """A player and a zombieman 100 units east of the player; what is spawned lands in `spawned`."""

    def __init__(self, pure_core: pytest.MonkeyPatch) -> None:
        super().__init__()
        world = self.world
        self.room = self.sector()
        world.playeringame[0] = True
        self.player = world.players[0]
        self.player.playerstate = PST_LIVE
        self.player.readyweapon = WP_PISTOL
        self.mo = self.thing(self.room, mobj_ids.MT_PLAYER, player=0)
        self.mo.health = self.player.health = 100
        self.zombie = thing(self, mobj_ids.MT_POSSESSED)
        self.zombie.x = 100 * FRACUNIT
        self.spawned: list[Mobj] = []

        def spawn(world: World, x: int, y: int, z: int, kind: int) -> Mobj:
            self.spawned.append(thing(self, kind))
            return self.spawned[-1]

        pure_core.setattr(spawning, "spawn_mobj", spawn)
        world.random = Hand(255)


@pytest.fixture
def rooms(pure_core: pytest.MonkeyPatch) -> Duel:
    return Duel(pure_core)


def thing(rooms: Duel, kind: int) -> Mobj:
    mobj = rooms.thing(rooms.room, kind)
    mobj.state = rooms.world.states[mobj.info.spawnstate]
    return mobj


def test_damage_pushes_away_from_the_inflictor(rooms: Duel) -> None:
    damage.damage_mobj(rooms.world, rooms.zombie, rooms.mo, rooms.mo, 8)
    assert rooms.zombie.health == 12
    assert rooms.zombie.momx == pytest.approx(8 * FRACUNIT // 8, abs=2)
    assert rooms.zombie.target is rooms.mo
    assert rooms.zombie.threshold == 100
    assert rooms.zombie.state.index == rooms.zombie.info.seestate


def test_a_chainsaw_does_not_push(rooms: Duel) -> None:
    rooms.player.readyweapon = WP_CHAINSAW
    damage.damage_mobj(rooms.world, rooms.zombie, rooms.mo, rooms.mo, 8)
    assert rooms.zombie.momx == 0


def test_the_dying_sometimes_fall_forward_off_a_ledge(rooms: Duel) -> None:
    rooms.zombie.z = 65 * FRACUNIT
    damage.damage_mobj(rooms.world, rooms.zombie, rooms.mo, rooms.mo, 24)
    assert rooms.zombie.momx == pytest.approx(-4 * 24 * FRACUNIT // 8, abs=16)


def test_telefrag_thrust_overflows_as_in_c(rooms: Duel) -> None:
    damage.damage_mobj(rooms.world, rooms.zombie, rooms.mo, rooms.mo, 10000)
    overflown = 10000 * 8192 * 100 - 2 * 2**32
    assert overflown < 0
    assert rooms.zombie.momx == pytest.approx(overflown / 100, abs=2000)


def test_pain_needs_a_number_below_the_chance(rooms: Duel) -> None:
    rooms.world.random = Hand(199)
    damage.damage_mobj(rooms.world, rooms.zombie, None, None, 1)
    assert rooms.zombie.flags & MF_JUSTHIT
    assert rooms.zombie.state.index == rooms.zombie.info.painstate
    other = thing(rooms, mobj_ids.MT_POSSESSED)
    rooms.world.random = Hand(200)
    damage.damage_mobj(rooms.world, other, None, None, 1)
    assert not other.flags & MF_JUSTHIT
    assert rooms.world.random.calls == 1


def test_a_monster_keeps_to_its_enemy_while_the_threshold_lasts(rooms: Duel) -> None:
    imp = thing(rooms, mobj_ids.MT_TROOP)
    damage.damage_mobj(rooms.world, rooms.zombie, rooms.mo, rooms.mo, 1)
    damage.damage_mobj(rooms.world, rooms.zombie, imp, imp, 1)
    assert rooms.zombie.target is rooms.mo
    rooms.zombie.threshold = 0
    damage.damage_mobj(rooms.world, rooms.zombie, imp, imp, 1)
    assert rooms.zombie.target is imp


def test_an_arch_vile_turns_on_anybody_and_nobody_on_it(rooms: Duel) -> None:
    vile = thing(rooms, mobj_ids.MT_VILE)
    vile.threshold = 50
    damage.damage_mobj(rooms.world, vile, rooms.mo, rooms.mo, 1)
    assert vile.target is rooms.mo
    damage.damage_mobj(rooms.world, rooms.zombie, vile, vile, 1)
    assert rooms.zombie.target is None


def test_a_hurt_flying_skull_stops(rooms: Duel) -> None:
    skull = thing(rooms, mobj_ids.MT_SKULL)
    skull.flags |= MF_SKULLFLY
    skull.momx = skull.momz = FRACUNIT
    damage.damage_mobj(rooms.world, skull, None, None, 1)
    assert (skull.momx, skull.momz) == (0, 0)


def test_zombieman_drops_a_clip(rooms: Duel) -> None:
    damage.damage_mobj(rooms.world, rooms.zombie, rooms.mo, rooms.mo, 20)
    assert rooms.zombie.flags & MF_CORPSE
    assert not rooms.zombie.flags & MF_SHOOTABLE
    assert rooms.zombie.height == 14 * FRACUNIT
    assert rooms.zombie.state.index == rooms.zombie.info.deathstate
    assert rooms.player.killcount == 1
    assert [drop.type for drop in rooms.spawned] == [mobj_ids.MT_CLIP]
    assert rooms.spawned[0].flags & MF_DROPPED


def test_death_far_below_zero_tears_to_pieces(rooms: Duel) -> None:
    damage.damage_mobj(rooms.world, rooms.zombie, None, None, 40)
    assert rooms.zombie.state.index == rooms.zombie.info.deathstate
    other = thing(rooms, mobj_ids.MT_POSSESSED)
    damage.damage_mobj(rooms.world, other, None, None, 41)
    assert other.state.index == other.info.xdeathstate


def test_death_is_up_to_three_tics_shorter_but_never_none(rooms: Duel) -> None:
    rooms.world.random = Hand(3)
    damage.damage_mobj(rooms.world, rooms.zombie, None, None, 20)
    assert rooms.zombie.tics == 5 - 3


def test_alone_all_deaths_count_for_the_player(rooms: Duel) -> None:
    damage.damage_mobj(rooms.world, rooms.zombie, None, None, 20)
    assert rooms.player.killcount == 1
    rooms.world.netgame = True
    damage.damage_mobj(rooms.world, thing(rooms, mobj_ids.MT_POSSESSED), None, None, 20)
    assert rooms.player.killcount == 1


def test_a_dead_lost_soul_stays_in_the_air(rooms: Duel) -> None:
    skull = thing(rooms, mobj_ids.MT_SKULL)
    damage.damage_mobj(rooms.world, skull, None, None, 100)
    assert skull.flags & MF_NOGRAVITY


def test_green_armor_takes_a_third_and_blue_half(rooms: Duel) -> None:
    player = rooms.player
    player.armortype, player.armorpoints = 1, 100
    damage.damage_mobj(rooms.world, rooms.mo, None, None, 20)
    assert (player.health, rooms.mo.health, player.armorpoints) == (86, 86, 94)
    player.armortype, player.armorpoints = 2, 5
    damage.damage_mobj(rooms.world, rooms.mo, None, None, 20)
    assert (player.health, player.armorpoints, player.armortype) == (71, 0, 0)
    assert player.damagecount == 14 + 15


def test_easiest_skill_halves_damage(rooms: Duel) -> None:
    rooms.world.skill = SK_BABY
    damage.damage_mobj(rooms.world, rooms.mo, None, None, 9)
    assert rooms.player.health == 96


@pytest.mark.parametrize("invulnerable", [True, False])
def test_gods_and_the_invulnerable_die_of_telefrags_only(rooms: Duel, invulnerable: bool) -> None:
    if invulnerable:
        rooms.player.powers[PW_INVULNERABILITY] = 100
    else:
        rooms.player.cheats = CF_GODMODE
    damage.damage_mobj(rooms.world, rooms.mo, None, None, 999)
    assert rooms.player.health == 100
    damage.damage_mobj(rooms.world, rooms.mo, None, None, 1000)
    assert rooms.player.health == 0


def test_nobody_dies_in_the_sector_that_ends_the_episode(rooms: Duel) -> None:
    rooms.room.special = 11
    damage.damage_mobj(rooms.world, rooms.mo, None, None, 500)
    assert rooms.player.health == rooms.mo.health == 1


def test_a_dead_player_drops_the_weapon_and_closes_the_automap(rooms: Duel) -> None:
    died: list[World] = []

    class Hooks(PlayerHooks):
        def player_spawned(self, world: World) -> None:
            pass

        def player_died(self, world: World) -> None:
            died.append(world)

    rooms.world.hooks = Hooks()
    damage.damage_mobj(rooms.world, rooms.mo, None, None, 200)
    assert rooms.player.playerstate == PST_DEAD
    assert not rooms.mo.flags & MF_SOLID
    assert rooms.player.frags[0] == 1
    assert died == [rooms.world]
    weapon = rooms.world.info.weapons[WP_PISTOL]
    assert some(rooms.player.psprites[0].state).index == weapon.downstate


def test_a_bond_may_forbid_damage(rooms: Duel) -> None:
    hand = rooms.world.random = Hand(255)
    rooms.zombie.bond = Leash(allows=False)
    damage.damage_mobj(rooms.world, rooms.zombie, rooms.mo, rooms.mo, 100)
    assert rooms.zombie.health == 20
    assert hand.calls == 0


def test_a_bond_hears_of_the_death(rooms: Duel) -> None:
    bond = rooms.zombie.bond = Leash()
    missile = thing(rooms, mobj_ids.MT_ROCKET)
    damage.damage_mobj(rooms.world, rooms.zombie, missile, rooms.mo, 100)
    assert bond.deaths == [(rooms.zombie, missile, rooms.mo)]
