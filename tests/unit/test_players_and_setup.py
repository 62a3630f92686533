import pytest

from pydoom.data.flags import MF_AMBUSH, MF_NOCLIP, MF_TRANSLATION
from pydoom.data.info import AM_CLIP, WP_BFG, WP_CHAINSAW, WP_FIST, WP_PISTOL, WP_PLASMA, WP_SHOTGUN, WP_SUPERSHOTGUN
from pydoom.data.mobj_ids import MT_BARREL, MT_PLAYER, MT_POSSESSED, MT_TFOG
from pydoom.data.tables import ANG90, FINETANGENT
from pydoom.sim import reborn, setup, tick, user
from pydoom.sim.errors import LevelError
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.level import ML_TWOSIDED, Line, MapThing, Sector, Vertex
from pydoom.sim.player import CF_NOCLIP, PST_DEAD, PST_REBORN, PW_INVISIBILITY, PW_INVULNERABILITY, PW_STRENGTH
from pydoom.sim.rules import SK_BABY, SK_HARD, SK_NIGHTMARE, GameMode, StrayMemory
from pydoom.sim.ticcmd import BT_CHANGE, BT_USE
from pydoom.sim.world import World

from .corridor import Corridor
from .rooms import of_type

UNIT = FRACUNIT
STARTS = [(32 + 48 * number, 64, 90 * number, 11, 7) for number in range(4)]


def with_things(*things: tuple[int, int, int, int, int]) -> Corridor:
    return Corridor(things=((128, 128, 90, 1, 7), *things))


def press(world: World, buttons: int = 0, forward: int = 0, side: int = 0, turn: int = 0, tics: int = 1) -> None:
    for _ in range(tics):
        cmd = world.players[0].cmd
        cmd.buttons, cmd.forwardmove, cmd.sidemove, cmd.angleturn = buttons, forward, side, turn
        tick.ticker(world)


# players


def test_new_player_has_a_pistol_and_fifty_bullets() -> None:
    player = with_things().start().players[0]
    assert (player.health, player.ammo[AM_CLIP], player.readyweapon) == (100, 50, WP_PISTOL)
    assert player.weaponowned[WP_FIST]
    assert player.mo.angle == ANG90


def test_patched_player_starts_with_what_the_patch_says() -> None:
    world = with_things().start()
    world.info.misc.initial_health = 150
    world.info.misc.initial_bullets = 7
    reborn.player_reborn(world, 0)
    assert (world.players[0].health, world.players[0].ammo[AM_CLIP]) == (150, 7)


def test_reborn_player_keeps_frags_and_counts() -> None:
    world = with_things().start()
    player = world.players[0]
    player.frags[2] = 7
    player.killcount = 3
    player.ammo[AM_CLIP] = 200
    reborn.player_reborn(world, 0)
    assert (player.frags[2], player.killcount, player.ammo[AM_CLIP]) == (7, 3, 50)
    assert player.usedown


def test_keys_and_powers_do_not_carry_over_to_the_next_level() -> None:
    world = with_things().start()
    player = world.players[0]
    player.cards[0] = True
    player.powers[PW_INVISIBILITY] = 50
    reborn.player_finish_level(world, 0)
    assert not any(player.cards)
    assert not any(player.powers)


def test_other_players_wear_other_colours() -> None:
    corridor = with_things((64, 64, 0, 2, 7))
    world = corridor.start(netgame=True, playeringame=[True, True, False, False])
    assert [body.flags & MF_TRANSLATION for body in of_type(world, MT_PLAYER)] == [0, 1 << 26]


def test_deathmatch_players_start_apart_with_all_keys() -> None:
    world = with_things(*STARTS).start(deathmatch=1, netgame=True, playeringame=[True] * 4)
    places = {(player.mo.x, player.mo.y) for player in world.players}
    assert len(places) == 4
    assert all(all(player.cards) for player in world.players)


def test_deathmatch_needs_four_starts() -> None:
    with pytest.raises(LevelError, match="CORRIDOR: only 3 deathmatch starts, 4 required"):
        with_things(*STARTS[:3]).start(deathmatch=1, netgame=True)


def test_dead_player_returns_at_the_start_with_a_fog() -> None:
    world = with_things((64, 64, 0, 2, 7)).start(netgame=True, playeringame=[True, True, False, False])
    press(world)
    corpse = world.players[1].mo
    corpse.x = 400 * UNIT
    world.players[1].playerstate = PST_REBORN
    reborn.reborn_in_netgame(world, 1)
    assert world.players[1].mo is not corpse
    assert corpse.player is None
    assert world.bodyqueue == [corpse]
    assert len(of_type(world, MT_TFOG)) == 1


def test_thirty_third_body_removes_the_first() -> None:
    world = with_things((64, 64, 0, 2, 7)).start(netgame=True, playeringame=[True, True, False, False])
    first = world.players[1].mo
    for _ in range(33):
        world.players[1].mo.flags = 0  # dead bodies do not block
        world.players[1].playerstate = PST_REBORN
        reborn.reborn_in_netgame(world, 1)
    assert first.removed
    assert len(world.bodyqueue) == 32


def test_fog_of_a_west_looking_start_appears_far_away() -> None:
    assert reborn._fog_direction(180) == (FINETANGENT[2048], FINETANGENT[0])
    with pytest.raises(LevelError, match="looks at 405 degrees"):
        reborn._fog_direction(405)


def test_first_spawn_of_a_level_avoids_starts_that_are_taken() -> None:
    world = with_things().start()
    assert not reborn.check_spot(world, 1, MapThing(128, 128, 0, 11, 7))
    assert reborn.check_spot(world, 1, MapThing(64, 128, 0, 11, 7))


# a player's tic


def test_forward_key_pushes_in_the_direction_of_view() -> None:
    world = with_things().start()
    press(world, forward=50)
    body = world.players[0].mo
    assert body.y > 128 * UNIT
    assert abs(body.x - 128 * UNIT) < UNIT // 16


def test_in_the_air_keys_only_turn() -> None:
    world = with_things().start()
    body = world.players[0].mo
    body.z = 50 * UNIT
    press(world, forward=50, turn=1024)
    assert (body.momx, body.momy) == (0, 0)
    assert body.angle == ANG90 + (1024 << 16)


def test_view_stands_41_units_above_the_floor() -> None:
    world = with_things().start()
    press(world)
    assert world.players[0].viewz == 41 * UNIT


def test_view_is_not_lowered_under_the_ceiling_in_the_air() -> None:
    world = Corridor([(0, 60), (0, 128)]).start()
    body = world.players[0].mo
    body.z = 3 * UNIT
    user.move_player(world, world.players[0])
    user.calc_height(world, world.players[0])
    assert world.players[0].viewz == 44 * UNIT


def test_noclip_cheat_frees_the_body_each_tic() -> None:
    world = with_things().start()
    world.players[0].cheats = CF_NOCLIP
    press(world)
    assert world.players[0].mo.flags & MF_NOCLIP


def test_dead_player_sinks_to_the_floor_and_asks_to_be_reborn() -> None:
    world = with_things().start()
    player = world.players[0]
    player.playerstate = PST_DEAD
    press(world, tics=40)
    assert player.viewheight == 6 * UNIT
    press(world, BT_USE)
    assert player.playerstate == PST_REBORN


def test_key_one_chooses_the_chain_saw_before_the_fist() -> None:
    world = with_things().start()
    player = world.players[0]
    player.weaponowned[WP_CHAINSAW] = True
    user._change_weapon(world, player, WP_FIST)
    assert player.pendingweapon == WP_CHAINSAW
    player.readyweapon = WP_CHAINSAW
    player.powers[PW_STRENGTH] = 1
    user._change_weapon(world, player, WP_FIST)
    assert player.pendingweapon == WP_FIST


def test_key_three_chooses_the_super_shotgun_in_doom_2() -> None:
    world = with_things().start()
    player = world.players[0]
    player.weaponowned[WP_SHOTGUN] = player.weaponowned[WP_SUPERSHOTGUN] = True
    press(world, BT_CHANGE | WP_SHOTGUN << 3)
    assert player.pendingweapon == WP_SUPERSHOTGUN


@pytest.mark.parametrize("weapon", [WP_PLASMA, WP_BFG])
def test_shareware_knows_no_plasma(weapon: int) -> None:
    world = with_things().start(mode=GameMode.SHAREWARE)
    player = world.players[0]
    player.weaponowned[weapon] = True
    pending = player.pendingweapon
    user._change_weapon(world, player, weapon)
    assert player.pendingweapon == pending


def test_invulnerability_shows_inverse_colours_and_blinks_at_the_end() -> None:
    world = with_things().start()
    player = world.players[0]
    shown = {}
    for tics in (200, 129, 9, 8, 1):
        player.powers[PW_INVULNERABILITY] = tics
        user._count_down(player)
        shown[tics] = player.fixedcolormap
    assert shown == {200: 32, 129: 0, 9: 32, 8: 0, 1: 0}


# setup


@pytest.mark.parametrize(("skill", "options", "appears"), [
    (SK_BABY, 1, True), (SK_BABY, 2, False), (SK_HARD, 4, True), (SK_NIGHTMARE, 4, True), (SK_NIGHTMARE, 3, False),
])  # fmt: skip
def test_things_appear_on_their_skills(skill: int, options: int, appears: bool) -> None:
    world = with_things((400, 128, 0, 3004, options)).start(skill)
    assert bool(of_type(world, MT_POSSESSED)) is appears
    assert world.totalkills == appears


def test_multiplayer_things_stay_away_in_single_player() -> None:
    assert not of_type(with_things((400, 128, 0, 2035, 7 | 16)).start(), MT_BARREL)
    assert of_type(with_things((400, 128, 0, 2035, 7 | 16)).start(netgame=True), MT_BARREL)


def test_deaf_monsters_lie_in_ambush() -> None:
    (zombie,) = of_type(with_things((400, 128, 0, 3004, 7 | 8)).start(), MT_POSSESSED)
    assert zombie.flags & MF_AMBUSH


def test_nomonsters_leaves_the_barrels() -> None:
    world = with_things((400, 128, 0, 3004, 7), (400, 60, 0, 2035, 7)).start(nomonsters=True)
    assert not of_type(world, MT_POSSESSED)
    assert of_type(world, MT_BARREL)


def test_doom_2_monster_ends_the_list_of_things_in_doom() -> None:
    world = with_things((400, 128, 0, 69, 7), (400, 60, 0, 2035, 7)).start(mode=GameMode.REGISTERED)
    assert not of_type(world, MT_BARREL)


def test_nightmare_monsters_react_at_once() -> None:
    (zombie,) = of_type(with_things((400, 128, 0, 3004, 7)).start(SK_NIGHTMARE), MT_POSSESSED)
    assert zombie.reactiontime == 0


def test_unknown_thing_is_one_clear_line() -> None:
    with pytest.raises(LevelError, match=r"^map CORRIDOR: thing of unknown type 4999 at \(5, -6\)$"):
        with_things((5, -6, 0, 4999, 7)).start()


def test_missing_player_start_is_one_clear_line() -> None:
    with pytest.raises(LevelError, match=r"^map CORRIDOR: it has no start for player 1$"):
        Corridor(things=()).start()


def test_unknown_textures_and_flats_are_one_clear_line() -> None:
    corridor = with_things()
    corridor.texture = "NOSUCH"
    with pytest.raises(LevelError, match="there is no texture NOSUCH"):
        corridor.start()
    corridor = with_things()
    corridor.flats[1][0] = "NOFLAT"
    with pytest.raises(LevelError, match="there is no flat NOFLAT"):
        corridor.start()


def test_broken_references_are_one_clear_line() -> None:
    corridor = with_things()
    corridor.lines[0][0] = 999
    with pytest.raises(LevelError, match="a reference to something that does not exist"):
        _start_unchecked(corridor)
    corridor = with_things()
    corridor.lines[0][5] = -1
    with pytest.raises(LevelError, match="linedef 0 has no right sidedef"):
        _start_unchecked(corridor)


def _start_unchecked(corridor: Corridor) -> None:
    """Start a corridor whose blockmap was made before its lines were broken."""
    corridor.blocks = with_things().blockmap()
    corridor.start()


def test_every_block_lists_line_0_first() -> None:
    world = with_things().start()
    assert all(block[0] is world.lines[0] for block in world.blocklines)


def test_two_sided_line_without_back_side_has_stray_memory_behind_it() -> None:
    corridor = with_things()
    corridor.lines[0][2] |= ML_TWOSIDED
    world = corridor.start()
    seg = next(seg for seg in world.segs if seg.linedef.index == 0)
    assert seg.backsector is not None
    assert (seg.backsector.floorheight, seg.backsector.ceilingheight) == (0x00199257, 0x007006F4)
    world = corridor.start(stray=StrayMemory(null_floor=5, null_ceiling=6))
    assert {
        (seg.backsector.floorheight, seg.backsector.ceilingheight)
        for seg in world.segs
        if seg.linedef.index == 0 and seg.backsector is not None
    } == {(5, 6)}


def test_short_reject_continues_with_a_zone_block_header() -> None:
    assert setup.padded_reject(b"\1\2", 2, 5) == b"\1\2"
    assert setup.padded_reject(b"", 4, 5) == bytes([44, 0])
    padded = setup.padded_reject(b"", 20, 5)
    assert padded[:16] == bytes([44, 0, 0, 0, 0, 0, 0, 0, 50, 0, 0, 0, 0x11, 0x4A, 0x1D, 0])
    assert padded[16:] == bytes(34)
    assert setup.padded_reject(b"", 20, 5, 0xFF) == padded[:16] + b"\xff" * 34


def test_sector_box_misses_edges_of_open_outlines() -> None:
    start, end = Vertex(50, 0), Vertex(10, 0)
    room = Sector(0, 0, 0, 0, 0, 0, 0, 0)
    falling = Line(0, start, end, 0, 0, 0, (0, -1), room, None)
    assert setup.sector_box([falling])[2:] == [10, -0x80000000]
    assert setup.sector_box([falling, falling])[2:] == [10, 50]


def test_sector_sounds_come_from_its_middle() -> None:
    world = with_things().start()
    assert (world.sectors[1].soundorg.x, world.sectors[1].soundorg.y) == (384 * UNIT, 128 * UNIT)


def test_second_level_replaces_the_first() -> None:
    world = with_things((400, 128, 0, 3004, 7)).start()
    world.leveltime = 99
    setup.setup_level(world, with_things().mapdata(), 1, 2, 2)
    assert not of_type(world, MT_POSSESSED)
    assert (world.leveltime, world.map, world.totalkills) == (0, 2, 0)
