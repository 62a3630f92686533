import pytest

from pydoom.data import mobj_ids
from pydoom.data.info import (
    AM_CELL,
    AM_CLIP,
    AM_MISL,
    AM_SHELL,
    NUMWEAPONS,
    WP_BFG,
    WP_CHAINGUN,
    WP_CHAINSAW,
    WP_FIST,
    WP_MISSILE,
    WP_NOCHANGE,
    WP_PISTOL,
    WP_PLASMA,
    WP_SHOTGUN,
    WP_SUPERSHOTGUN,
)
from pydoom.data.sound_ids import SFX_DBCLS, SFX_PISTOL, SFX_SAWFUL, SFX_SAWHIT, SFX_SAWIDL, SFX_SAWUP, SFX_SHOTGN
from pydoom.data.state_ids import S_CHAIN2, S_CHAINFLASH2, S_PLASMAFLASH1, S_PLASMAFLASH2
from pydoom.data.tables import ANG45, ANG90, ANG180
from pydoom.sim import actions, damage, hitscan, missiles, spawning, weapon_attacks, weapons
from pydoom.sim.constants import MELEERANGE, MISSILERANGE
from pydoom.sim.enemy import senses
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.mobj import Mobj
from pydoom.sim.player import PST_DEAD, PST_LIVE, PW_STRENGTH
from pydoom.sim.rules import GameMode
from pydoom.sim.ticcmd import BT_ATTACK
from pydoom.sim.world import World
from tests.narrow import some
from tests.unit.rooms import Rooms


class Range:
    """A shooting range: the target, and all shots as (angle, distance, slope, points)."""

    def __init__(self) -> None:
        self.target: Mobj | None = None
        self.aimed: list[int] = []
        self.shots: list[tuple[int, int, int, int]] = []

    def aim(self, world: World, t1: Mobj, angle: int, distance: int) -> tuple[int, Mobj | None]:
        self.aimed.append(angle)
        return (123, self.target) if self.target is not None else (0, None)

    def shoot(self, world: World, t1: Mobj, angle: int, distance: int, slope: int, points: int) -> None:
        self.shots.append((angle, distance, slope, points))


class Armoury(Rooms):
    """A player who owns only fist and pistol, in DOOM II, where every weapon is available."""

    def __init__(self, pure_core: pytest.MonkeyPatch) -> None:
        super().__init__(GameMode.COMMERCIAL)
        actions.bind(self.world.info)
        self.room = self.sector()
        self.mo = self.thing(self.room, mobj_ids.MT_PLAYER, player=0)
        player = self.player = self.world.players[0]
        player.playerstate = PST_LIVE
        player.health = 100
        player.maxammo = [200, 50, 300, 50]
        player.ammo = [50, 0, 0, 0]
        player.weaponowned[WP_FIST] = player.weaponowned[WP_PISTOL] = True
        self.range = Range()
        pure_core.setattr(hitscan, "aim_line_attack", self.range.aim)
        pure_core.setattr(hitscan, "line_attack", self.range.shoot)
        pure_core.setattr(senses, "noise_alert", lambda world, target, emitter: None)
        self.missiles: list[tuple[Mobj, int]] = []
        pure_core.setattr(
            missiles, "spawn_player_missile", lambda world, source, kind: self.missiles.append((source, kind))
        )
        weapons.setup_psprites(self.world, player)


@pytest.fixture
def rooms(pure_core: pytest.MonkeyPatch) -> Armoury:
    return Armoury(pure_core)


def run(rooms: Armoury, tics: int) -> None:
    for _ in range(tics):
        weapons.move_psprites(rooms.world, rooms.player)
        rooms.world.leveltime += 1


def hold(rooms: Armoury, weapon: int) -> None:
    """Put `weapon` into the player's hands, ready to fire."""
    rooms.player.readyweapon = weapon
    rooms.player.weaponowned[weapon] = True
    weapons.setup_psprites(rooms.world, rooms.player)
    run(rooms, 16)
    assert some(rooms.player.psprites[0].state).index == rooms.world.info.weapons[weapon].readystate
    rooms.sounds.started.clear()


def test_weapon_comes_up_six_pixels_a_tic(rooms: Armoury) -> None:
    psp = rooms.player.psprites[0]
    assert psp.sy == 122 * FRACUNIT  # the first state acts at once
    run(rooms, 15)
    assert psp.sy == 32 * FRACUNIT
    assert some(psp.state).name == "S_PISTOL"
    assert rooms.player.pendingweapon == WP_NOCHANGE


def test_flash_follows_the_weapon(rooms: Armoury) -> None:
    run(rooms, 3)
    weapon, flash = rooms.player.psprites
    assert (flash.sx, flash.sy) == (weapon.sx, weapon.sy)


def test_ready_weapon_bobs(rooms: Armoury) -> None:
    run(rooms, 20)
    rooms.player.bob = 16 * FRACUNIT
    rooms.world.leveltime = 0
    run(rooms, 1)
    psp = rooms.player.psprites[0]
    assert psp.sx == pytest.approx(17 * FRACUNIT, abs=64)
    assert psp.sy == pytest.approx(32 * FRACUNIT, abs=1024)


def test_pistol_takes_a_bullet_and_makes_noise(rooms: Armoury) -> None:
    hold(rooms, WP_PISTOL)
    rooms.player.cmd.buttons = BT_ATTACK
    run(rooms, 5)
    assert rooms.player.ammo[AM_CLIP] == 49
    assert len(rooms.range.shots) == 1
    assert rooms.sounds.numbers() == [SFX_PISTOL]
    assert rooms.mo.state.name == "S_PLAY_ATK2"


def test_first_shot_is_accurate_and_the_next_spread(rooms: Armoury) -> None:
    hold(rooms, WP_PISTOL)
    rooms.player.cmd.buttons = BT_ATTACK
    run(rooms, 5)
    assert rooms.range.shots[0][0] == rooms.mo.angle
    run(rooms, 20)
    assert rooms.player.refire == 1
    assert rooms.range.shots[1][0] != rooms.mo.angle


def test_guns_aim_ahead_then_left_then_right(rooms: Armoury) -> None:
    hold(rooms, WP_PISTOL)
    weapon_attacks.bullet_slope(rooms.world, rooms.mo)
    assert rooms.range.aimed == [0, 1 << 26, 2**32 - (1 << 26)]
    assert rooms.world.bulletslope == 0
    rooms.range.target = rooms.mo
    rooms.range.aimed.clear()
    weapon_attacks.bullet_slope(rooms.world, rooms.mo)
    assert rooms.range.aimed == [0]
    assert rooms.world.bulletslope == 123


@pytest.mark.parametrize(
    ("weapon", "pellets", "shells", "numbers"), [(WP_SHOTGUN, 7, 1, 21), (WP_SUPERSHOTGUN, 20, 2, 100)]
)
def test_shotguns_fire_pellets(rooms: Armoury, weapon: int, pellets: int, shells: int, numbers: int) -> None:
    hold(rooms, weapon)
    rooms.player.ammo[AM_SHELL] = 10
    attack = weapon_attacks.fire_shotgun if weapon == WP_SHOTGUN else weapon_attacks.fire_shotgun2
    attack(rooms.world, rooms.player, rooms.player.psprites[0])
    assert len(rooms.range.shots) == pellets
    assert {points for *_, points in rooms.range.shots} <= {5, 10, 15}
    assert {distance for _, distance, *_ in rooms.range.shots} == {MISSILERANGE}
    assert rooms.player.ammo[AM_SHELL] == 10 - shells
    assert rooms.world.random.prndindex == numbers
    assert (len({slope for _, _, slope, _ in rooms.range.shots}) > 1) == (weapon == WP_SUPERSHOTGUN)


def test_chaingun_flash_goes_with_its_barrels(rooms: Armoury) -> None:
    hold(rooms, WP_CHAINGUN)
    psp, flash = rooms.player.psprites
    psp.state = rooms.world.states[S_CHAIN2]
    weapon_attacks.fire_cgun(rooms.world, rooms.player, psp)
    assert some(flash.state).index == S_CHAINFLASH2


def test_chaingun_without_bullets_only_sounds(rooms: Armoury) -> None:
    hold(rooms, WP_CHAINGUN)
    rooms.player.ammo[AM_CLIP] = 0
    weapon_attacks.fire_cgun(rooms.world, rooms.player, rooms.player.psprites[0])
    assert rooms.sounds.numbers() == [SFX_PISTOL]
    assert rooms.range.shots == []


def test_plasma_has_two_flashes(rooms: Armoury) -> None:
    hold(rooms, WP_PLASMA)
    rooms.player.ammo[AM_CELL] = 20
    seen = set()
    for _ in range(20):
        weapon_attacks.fire_plasma(rooms.world, rooms.player, rooms.player.psprites[0])
        seen.add(some(rooms.player.psprites[1].state).index)
    assert seen == {S_PLASMAFLASH1, S_PLASMAFLASH2}
    assert rooms.player.ammo[AM_CELL] == 0
    assert len(rooms.missiles) == 20


def test_bfg_takes_forty_cells(rooms: Armoury) -> None:
    hold(rooms, WP_BFG)
    rooms.player.ammo[AM_CELL] = 40
    weapon_attacks.fire_bfg(rooms.world, rooms.player, rooms.player.psprites[0])
    assert rooms.player.ammo[AM_CELL] == 0
    assert rooms.missiles == [(rooms.mo, mobj_ids.MT_BFG)]


def test_rocket_launcher_wants_a_new_press_of_the_button(rooms: Armoury) -> None:
    hold(rooms, WP_MISSILE)
    rooms.player.ammo[AM_MISL] = 5
    rooms.player.attackdown = True
    rooms.player.cmd.buttons = BT_ATTACK
    run(rooms, 5)
    assert rooms.missiles == []
    rooms.player.cmd.buttons = 0
    run(rooms, 1)
    rooms.player.cmd.buttons = BT_ATTACK
    run(rooms, 12)
    assert rooms.missiles == [(rooms.mo, mobj_ids.MT_ROCKET)]


def test_berserk_makes_the_fist_ten_times_as_hard(rooms: Armoury) -> None:
    hold(rooms, WP_FIST)
    weapon_attacks.punch(rooms.world, rooms.player, rooms.player.psprites[0])
    rooms.world.random.clear()
    rooms.player.powers[PW_STRENGTH] = 1
    weapon_attacks.punch(rooms.world, rooms.player, rooms.player.psprites[0])
    rooms.world.random.clear()
    first, second = rooms.range.shots
    assert first[1] == MELEERANGE
    assert first[3] in range(2, 21)
    weapon_attacks.punch(rooms.world, rooms.player, rooms.player.psprites[0])
    assert second[3] == rooms.range.shots[2][3]


def test_punch_turns_to_the_victim(rooms: Armoury) -> None:
    victim = rooms.range.target = rooms.thing(rooms.room, mobj_ids.MT_TROOP)
    victim.y = 40 * FRACUNIT
    weapon_attacks.punch(rooms.world, rooms.player, rooms.player.psprites[0])
    assert rooms.mo.angle == pytest.approx(ANG90, abs=1 << 19)


def test_saw_sounds_of_air_or_flesh_and_reaches_slightly_further(rooms: Armoury) -> None:
    hold(rooms, WP_CHAINSAW)
    weapon_attacks.saw(rooms.world, rooms.player, rooms.player.psprites[0])
    rooms.range.target = rooms.thing(rooms.room, mobj_ids.MT_TROOP)
    weapon_attacks.saw(rooms.world, rooms.player, rooms.player.psprites[0])
    assert rooms.sounds.numbers() == [SFX_SAWFUL, SFX_SAWHIT]
    assert rooms.range.shots[0][1] == MELEERANGE + 1


@pytest.mark.parametrize(
    ("victim", "expected"),
    [
        (ANG90, ANG90 - ANG90 // 21),  # far to the left: held just beside
        (ANG90 // 40, ANG90 // 20),  # slightly left: sways past
        (2**32 - ANG90, 2**32 - ANG90 + ANG90 // 21),
        (2**32 - ANG90 // 40, 2**32 - ANG90 // 20),
        (ANG180, ANG180 - ANG90 // 21),
    ],
)
def test_saw_sways_beside_its_victim(victim: int, expected: int) -> None:
    assert weapon_attacks._sawed_towards(0, victim) == expected


def test_idle_chainsaw_hums_every_other_state(rooms: Armoury) -> None:
    rooms.player.readyweapon = WP_CHAINSAW
    weapons.setup_psprites(rooms.world, rooms.player)
    assert rooms.sounds.numbers() == [SFX_SAWUP]
    run(rooms, 15)
    rooms.sounds.started.clear()
    run(rooms, 16)
    assert rooms.sounds.numbers() == [SFX_SAWIDL] * 2


def test_super_shotgun_snaps_shut(rooms: Armoury) -> None:
    weapons.close_shotgun2(rooms.world, rooms.player, rooms.player.psprites[0])
    assert SFX_DBCLS in rooms.sounds.numbers()


@pytest.mark.parametrize(
    ("mode", "owned", "ammo", "expected"),
    [
        (GameMode.COMMERCIAL, range(NUMWEAPONS), [9, 9, 9, 9], WP_PLASMA),
        (GameMode.SHAREWARE, range(NUMWEAPONS), [9, 9, 9, 9], WP_CHAINGUN),
        (GameMode.COMMERCIAL, range(NUMWEAPONS), [9, 9, 0, 9], WP_SUPERSHOTGUN),
        (GameMode.COMMERCIAL, range(NUMWEAPONS), [0, 2, 0, 9], WP_SHOTGUN),
        (GameMode.RETAIL, range(NUMWEAPONS), [0, 9, 0, 9], WP_SHOTGUN),
        (GameMode.RETAIL, [WP_FIST], [1, 0, 0, 9], WP_PISTOL),
        (GameMode.RETAIL, range(NUMWEAPONS), [0, 0, 0, 9], WP_CHAINSAW),
        (GameMode.RETAIL, [WP_MISSILE], [0, 0, 0, 9], WP_MISSILE),
        (GameMode.RETAIL, [WP_BFG], [0, 0, 41, 0], WP_BFG),
        (GameMode.RETAIL, [WP_BFG], [0, 0, 40, 0], WP_FIST),
        (GameMode.SHAREWARE, [WP_BFG], [0, 0, 41, 0], WP_FIST),
    ],
)
def test_next_weapon_when_ammunition_runs_out(
    rooms: Armoury, mode: GameMode, owned: range | list[int], ammo: list[int], expected: int
) -> None:
    rooms.world.mode = mode
    player = rooms.player
    player.weaponowned = [weapon in owned for weapon in range(NUMWEAPONS)]
    player.ammo = [*ammo]
    player.readyweapon = WP_MISSILE
    player.ammo[AM_MISL] = 0 if expected != WP_MISSILE else ammo[AM_MISL]
    assert weapons._best_weapon(rooms.world, player) == expected


def test_empty_gun_goes_down_and_the_next_comes_up(rooms: Armoury) -> None:
    hold(rooms, WP_SHOTGUN)
    rooms.player.cmd.buttons = BT_ATTACK
    run(rooms, 1)
    assert rooms.player.pendingweapon == WP_PISTOL
    rooms.player.cmd.buttons = 0
    run(rooms, 40)
    assert rooms.player.readyweapon == WP_PISTOL
    assert rooms.sounds.numbers() == []
    assert SFX_SHOTGN not in rooms.sounds.numbers()


def test_the_dead_keep_the_weapon_down(rooms: Armoury) -> None:
    hold(rooms, WP_PISTOL)
    rooms.player.playerstate = PST_DEAD
    rooms.player.health = 0
    run(rooms, 60)
    assert rooms.player.psprites[0].sy == 128 * FRACUNIT
    assert some(rooms.player.psprites[0].state).name == "S_PISTOLDOWN"


def test_bfg_spray_is_forty_rays_of_fifteen_dice(rooms: Armoury, pure_core: pytest.MonkeyPatch) -> None:
    hits = []
    spawned = []
    pure_core.setattr(damage, "damage_mobj", lambda world, *hit: hits.append(hit))
    pure_core.setattr(spawning, "spawn_mobj", lambda world, x, y, z, kind: spawned.append((z, kind)))
    ball = rooms.thing(rooms.room, mobj_ids.MT_BFG)
    ball.target = rooms.mo
    ball.angle = ANG90
    victim = rooms.range.target = rooms.thing(rooms.room, mobj_ids.MT_CYBORG)
    rooms.world.random.clear()
    weapon_attacks.bfg_spray(rooms.world, ball)
    assert rooms.range.aimed[0] == ANG45
    assert rooms.range.aimed[39] == ANG45 + ANG90 // 40 * 39
    assert len(hits) == 40
    assert all(hit[:3] == (victim, rooms.mo, rooms.mo) and 15 <= hit[3] <= 120 for hit in hits)
    assert spawned[0] == (victim.height >> 2, mobj_ids.MT_EXTRABFG)
    assert rooms.world.random.prndindex == 40 * 15 % 256


def test_patched_weapon_without_a_real_ammunition_type_eats_the_maximum(rooms: Armoury) -> None:
    weapons.use_ammo(rooms.player, 5, 3)
    assert rooms.player.maxammo == [200, 47, 300, 50]
    assert weapons.ammo_left(rooms.player, 5) == 47


def test_weapon_that_a_patch_lowers_without_another_to_raise_comes_up_again(rooms: Armoury) -> None:
    hold(rooms, WP_PISTOL)
    psp = rooms.player.psprites[0]
    psp.sy = weapons.WEAPONBOTTOM
    weapons.lower(rooms.world, rooms.player, psp)
    assert (rooms.player.readyweapon, rooms.player.pendingweapon) == (WP_PISTOL, WP_NOCHANGE)
    run(rooms, 20)
    assert some(psp.state).name == "S_PISTOL"
