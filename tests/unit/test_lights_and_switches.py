import pytest

from pydoom.data import info, mobj_ids
from pydoom.data.sound_ids import SFX_SWTCHN, SFX_TELEPT
from pydoom.sim import collision, spawning
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.mobj import Mobj
from pydoom.sim.player import CF_GODMODE, PW_IRONFEET
from pydoom.sim.rules import Exit, GameMode, GameVersion
from pydoom.sim.specials import lights, lines, sectors, switches, update
from pydoom.sim.world import World
from tests.unit.rooms import FLATS, TEXTURES, Rooms

SW1, SW2 = TEXTURES.index("SW1BRN1"), TEXTURES.index("SW2BRN1")
SW1EXIT, SW2EXIT = TEXTURES.index("SW1EXIT"), TEXTURES.index("SW2EXIT")


class LampRooms(Rooms):
    """A room with a player, a dark neighbour, and a switch line that is tagged for the lamp."""

    def __init__(self) -> None:
        super().__init__()
        self.room = self.sector(light=160)
        self.dark = self.sector(light=96)
        self.lamp = self.sector(light=128, tag=1)
        self.join(self.room, self.dark)
        self.join(self.lamp, self.room)
        self.join(self.lamp, self.dark)
        self.line = self.join(self.room, tag=1, middle=SW1)
        self.player = self.thing(self.room, mobj_ids.MT_PLAYER, player=0)
        self.monster = self.thing(self.room, mobj_ids.MT_POSSESSED)


@pytest.fixture
def rooms() -> LampRooms:
    return LampRooms()


def use(rooms: LampRooms, special: int, thing: Mobj | None = None) -> bool:
    rooms.line.special = special
    return lines.use_special_line(rooms.world, thing or rooms.player, rooms.line, 0)


def cross(rooms: LampRooms, special: int, thing: Mobj | None = None) -> None:
    rooms.line.special = special
    lines.cross_special_line(rooms.world, rooms.line, 0, thing or rooms.player)


def test_button_springs_back_after_a_second(rooms: LampRooms) -> None:
    use(rooms, 138)
    side = rooms.world.sides[rooms.line.sidenum[0]]
    assert side.midtexture == SW2
    rooms.run(34)
    assert side.midtexture == SW2
    rooms.run(1)
    assert side.midtexture == SW1
    assert rooms.line.special == 138
    assert rooms.lamp.lightlevel == 255


def test_button_clicks_from_everywhere_at_first_and_springs_back_at_the_origin_of_the_map(rooms: LampRooms) -> None:
    use(rooms, 138)
    rooms.run(35)
    (pressed, _), (sprung, _) = rooms.sounds.started
    assert pressed is None
    assert sprung is not None
    assert (sprung.x, sprung.y) == (0, 0)


def test_second_switch_clicks_where_the_first_running_button_is(rooms: LampRooms) -> None:
    other = rooms.join(rooms.dark, special=139, tag=1, middle=SW1)
    use(rooms, 138)
    lines.use_special_line(rooms.world, rooms.player, other, 0)
    assert rooms.sounds.started[1] == (rooms.room.soundorg, SFX_SWTCHN)


def test_switch_whose_action_does_nothing_stays_as_it_is(rooms: LampRooms) -> None:
    rooms.line.tag = 77  # nothing has this tag
    use(rooms, 103)
    assert rooms.line.special == 103
    assert rooms.sounds.started == []


def test_one_time_switch_is_used_up(rooms: LampRooms) -> None:
    use(rooms, 103)
    assert rooms.line.special == 0
    rooms.run(100)
    assert rooms.world.sides[rooms.line.sidenum[0]].midtexture == SW2


def test_only_the_front_of_a_switch_works(rooms: LampRooms) -> None:
    rooms.line.special = 103
    assert not lines.use_special_line(rooms.world, rooms.player, rooms.line, 1)


def test_switch_list_order_decides_which_part_flips(rooms: LampRooms) -> None:
    line = rooms.join(rooms.room, tag=1, top=SW1EXIT, bottom=SW1)
    switches.change_switch_texture(rooms.world, line, use_again=False)
    side = rooms.world.sides[line.sidenum[0]]
    assert (side.toptexture, side.bottomtexture) == (SW1EXIT, SW2)


def test_exit_switch_ends_the_level_with_an_ordinary_click(rooms: LampRooms) -> None:
    rooms.world.sides[rooms.line.sidenum[0]].midtexture = SW1EXIT
    assert use(rooms, 11)
    assert rooms.world.exit == Exit.NORMAL
    assert rooms.world.sides[rooms.line.sidenum[0]].midtexture == SW2EXIT
    assert rooms.sounds.numbers() == [SFX_SWTCHN]


@pytest.mark.parametrize(("special", "exit"), [(52, Exit.NORMAL), (124, Exit.SECRET)])
def test_exit_lines_stay_when_crossed(rooms: LampRooms, special: int, exit: Exit) -> None:
    cross(rooms, special)
    assert (rooms.world.exit, rooms.line.special) == (exit, special)


def test_line_crossed_once_is_used_up_even_without_effect(rooms: LampRooms) -> None:
    rooms.line.tag = 77
    cross(rooms, 2)
    assert rooms.line.special == 0


def test_line_for_every_crossing_stays(rooms: LampRooms) -> None:
    cross(rooms, 86)
    assert rooms.line.special == 86


def test_monsters_cross_only_doors_lifts_and_teleporters(rooms: LampRooms) -> None:
    for special in lines.CROSS_ONCE:
        cross(rooms, special, rooms.monster)
        assert (rooms.line.special == 0) == (special in {4, 10, 39, 125}), special


@pytest.mark.parametrize("kind", [mobj_ids.MT_ROCKET, mobj_ids.MT_TROOPSHOT, mobj_ids.MT_BFG])
def test_missiles_trigger_nothing(rooms: LampRooms, kind: int) -> None:
    cross(rooms, 4, rooms.thing(rooms.room, kind))
    assert rooms.line.special == 4


def test_shot_monster_switch_opens_only_the_repeatable_door(rooms: LampRooms) -> None:
    rooms.line.special = 24
    lines.shoot_special_line(rooms.world, rooms.monster, rooms.line)
    assert rooms.line.special == 24
    rooms.line.special = 46
    lines.shoot_special_line(rooms.world, rooms.monster, rooms.line)
    assert rooms.lamp.specialdata is not None


def test_shot_line_flips_whether_or_not_anything_moved(rooms: LampRooms) -> None:
    rooms.line.tag = 77
    rooms.line.special = 24
    lines.shoot_special_line(rooms.world, rooms.player, rooms.line)
    assert rooms.line.special == 0
    assert rooms.world.sides[rooms.line.sidenum[0]].midtexture == SW2


def test_every_special_of_the_original_is_known() -> None:
    crossed = set(lines.CROSS_ONCE) | set(lines.CROSS_AGAIN)
    used = set(lines.SWITCH_ONCE) | set(lines.SWITCH_AGAIN) | set(lines.SWITCH_EXITS) | {1, 26, 27, 28}
    used |= {31, 32, 33, 34, 117, 118}
    shot = set(lines.SHOOT_ONCE) | set(lines.SHOOT_AGAIN)
    assert crossed | used | shot == set(range(1, 142)) - {48, 78, 85}
    assert not crossed & used and not shot & (crossed | used)


def test_light_turned_on_to_the_brightest_neighbour(rooms: LampRooms) -> None:
    lights.ev_light_turn_on(rooms.world, rooms.line, 0)
    assert rooms.lamp.lightlevel == 160


def test_light_found_for_the_first_sector_serves_the_others(rooms: LampRooms) -> None:
    second = rooms.sector(light=0, tag=1)
    rooms.join(second, rooms.dark)
    lights.ev_light_turn_on(rooms.world, rooms.line, 0)
    assert second.lightlevel == 160


def test_lights_off_goes_down_to_the_darkest_neighbour(rooms: LampRooms) -> None:
    lights.ev_turn_tag_lights_off(rooms.world, rooms.line)
    assert rooms.lamp.lightlevel == 96


def test_strobe_is_bright_for_five_tics_and_dark_for_fifteen(rooms: LampRooms) -> None:
    lights.spawn_strobe_flash(rooms.world, rooms.lamp, lights.FAST_DARK, in_sync=True)
    seen = []
    for _ in range(41):
        rooms.run(1)
        seen.append(rooms.lamp.lightlevel)
    assert seen == [96] * 15 + [128] * 5 + [96] * 15 + [128] * 5 + [96]
    assert rooms.world.random.prndindex == 0


def test_strobe_among_equal_lights_goes_black(rooms: LampRooms) -> None:
    lamp = rooms.sector(light=100)
    lights.spawn_strobe_flash(rooms.world, lamp, lights.SLOW_DARK, in_sync=False)
    rooms.run(8)
    assert lamp.lightlevel == 0
    assert rooms.world.random.prndindex == 1


def test_glow_turns_before_it_reaches_its_limits(rooms: LampRooms) -> None:
    lights.spawn_glowing_light(rooms.world, rooms.lamp)
    levels = set()
    for _ in range(30):
        rooms.run(1)
        levels.add(rooms.lamp.lightlevel)
    assert levels == {104, 112, 120}


def test_flash_and_flicker_draw_a_number_at_each_change(rooms: LampRooms) -> None:
    lights.spawn_light_flash(rooms.world, rooms.lamp)
    lights.spawn_fire_flicker(rooms.world, rooms.room)
    assert rooms.world.random.prndindex == 1
    rooms.run(4)
    assert rooms.world.random.prndindex >= 2
    assert rooms.room.lightlevel in range(112, 161)


def test_level_start_turns_sector_specials_into_thinkers(rooms: LampRooms) -> None:
    kinds = {1: "LightFlash", 2: "Strobe", 3: "Strobe", 4: "Strobe", 8: "Glow", 10: "Door", 12: "Strobe", 13: "Strobe"}
    kinds |= {14: "Door", 17: "FireFlicker"}
    made = [rooms.sector(special=special) for special in kinds]
    secret = rooms.sector(special=9)
    update.spawn_specials(rooms.world)
    assert [type(thinker).__name__ for thinker in rooms.world.thinkers] == list(kinds.values())
    assert [sector.special for sector in made] == [4 if special == 4 else 0 for special in kinds]
    assert secret.special == 9
    assert rooms.world.totalsecret == 1


def test_scrolling_wall_moves_one_unit_a_tic(rooms: LampRooms) -> None:
    rooms.line.special = 48
    update.spawn_specials(rooms.world)
    rooms.run(10)
    assert rooms.world.sides[rooms.line.sidenum[0]].textureoffset == 10 * FRACUNIT


def test_animated_flats_show_each_other_in_turn(rooms: LampRooms) -> None:
    first = FLATS.index("NUKAGE1")
    rooms.run(1)
    shown = [rooms.world.flattranslation[first : first + 3]]
    rooms.run(8)
    shown.append(rooms.world.flattranslation[first : first + 3])
    assert shown == [[2, 3, 1], [3, 1, 2]]
    assert rooms.world.flattranslation[0] == 0


@pytest.mark.parametrize(
    ("mode", "sets"),
    [(GameMode.SHAREWARE, 1), (GameMode.REGISTERED, 2), (GameMode.RETAIL, 2), (GameMode.COMMERCIAL, 3)],
)
def test_each_game_adds_its_own_switches(mode: GameMode, sets: int) -> None:
    rooms = Rooms(mode)
    rooms.world.info.switches = [
        info.SwitchInfo("SW1BRN1", "SW2BRN1", 1),
        info.SwitchInfo("SW1EXIT", "SW2EXIT", 2),
        info.SwitchInfo("WALL64", "WALL24", 3),
    ]
    update.init_switch_list(rooms.world)
    assert len(rooms.world.specials.switches) == 2 * sets


def test_time_limit_ends_a_deathmatch_level(rooms: LampRooms) -> None:
    rooms.world.timelimit, rooms.world.deathmatch = 1, 1
    update.spawn_specials(rooms.world)
    rooms.run(60 * 35 - 1)
    before = rooms.world.exit
    rooms.run(1)
    assert (before, rooms.world.exit) == (Exit.NONE, Exit.NORMAL)


@pytest.mark.parametrize(("special", "points"), [(5, 10), (7, 5), (4, 20), (16, 20)])
def test_slime_hurts_every_32nd_tic(rooms: LampRooms, special: int, points: int) -> None:
    rooms.room.special = special
    player = rooms.world.players[0]
    player.health = rooms.player.health = 100
    for rooms.world.leveltime in range(33):
        sectors.player_in_special_sector(rooms.world, player)
        assert player.health == 100 - points * (2 if rooms.world.leveltime == 32 else 1)


def test_radiation_suit_leaks_in_the_worst_slime_only(rooms: LampRooms) -> None:
    player = rooms.world.players[0]
    player.powers[PW_IRONFEET] = 100
    rooms.room.special = 7
    sectors.player_in_special_sector(rooms.world, player)
    assert rooms.world.random.prndindex == 0
    rooms.room.special = 16
    sectors.player_in_special_sector(rooms.world, player)
    assert rooms.world.random.prndindex == 1


def test_secret_is_found_once_and_only_on_the_floor(rooms: LampRooms) -> None:
    player = rooms.world.players[0]
    rooms.room.special = 9
    rooms.player.z = FRACUNIT
    sectors.player_in_special_sector(rooms.world, player)
    assert player.secretcount == 0
    rooms.player.z = 0
    sectors.player_in_special_sector(rooms.world, player)
    sectors.player_in_special_sector(rooms.world, player)
    assert (player.secretcount, rooms.room.special) == (1, 0)


def test_last_room_of_the_episode_takes_god_mode_and_ends_with_the_player(rooms: LampRooms) -> None:
    rooms.world.leveltime = 1  # hurts every 32nd tic only
    player = rooms.world.players[0]
    player.cheats, player.health = CF_GODMODE, 11
    rooms.room.special = 11
    sectors.player_in_special_sector(rooms.world, player)
    assert (player.cheats, rooms.world.exit) == (0, Exit.NONE)
    player.health = 10
    sectors.player_in_special_sector(rooms.world, player)
    assert rooms.world.exit == Exit.NORMAL


class Pad(LampRooms):
    """A teleport destination in the lamp's sector; things are moved without looking at the map."""

    def __init__(self, pure_core: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.fogs: list[tuple[int, int, int, int]] = []

        def teleport_move(world: World, thing: Mobj, x: int, y: int) -> bool:
            thing.x, thing.y, thing.floorz = x, y, 32 * FRACUNIT
            return True

        def spawn_mobj(world: World, x: int, y: int, z: int, kind: int) -> Mobj:
            self.fogs.append((x, y, z, kind))
            return self.player

        pure_core.setattr(collision, "teleport_move", teleport_move)
        pure_core.setattr(spawning, "spawn_mobj", spawn_mobj)
        pad = self.thing(self.lamp, mobj_ids.MT_TELEPORTMAN)
        pad.x, pad.y, pad.angle = 100 * FRACUNIT, 200 * FRACUNIT, 0x40000000
        self.world.thinkers.append(pad)


@pytest.fixture
def pad(pure_core: pytest.MonkeyPatch) -> Pad:
    return Pad(pure_core)


def test_teleporter_moves_turns_stops_and_freezes_the_player(pad: Pad) -> None:
    pad.player.momx = 5
    cross(pad, 97)
    player = pad.player
    assert (player.x, player.y, player.z) == (100 * FRACUNIT, 200 * FRACUNIT, 32 * FRACUNIT)
    assert (player.angle, player.momx, player.reactiontime) == (0x40000000, 0, 18)
    assert player.player is not None
    assert player.player.viewz == player.z + player.player.viewheight
    assert [fog[3] for fog in pad.fogs] == [mobj_ids.MT_TFOG] * 2
    assert abs(pad.fogs[1][1] - 220 * FRACUNIT) < 1000
    assert pad.sounds.numbers() == [SFX_TELEPT, SFX_TELEPT]


def test_teleporter_does_not_work_from_its_back(pad: Pad) -> None:
    pad.line.special = 97
    lines.cross_special_line(pad.world, pad.line, 1, pad.player)
    assert pad.fogs == []


def test_monster_teleporter_ignores_players_and_keeps_its_special(pad: Pad) -> None:
    cross(pad, 125)
    assert (pad.fogs, pad.line.special) == ([], 125)
    cross(pad, 125, pad.monster)
    assert len(pad.fogs) == 2
    assert pad.line.special == 0


def test_final_doom_leaves_the_height_of_what_arrives(pad: Pad) -> None:
    pad.world.version = GameVersion.FINAL
    cross(pad, 97)
    assert pad.player.z == 0


def test_removed_destination_does_not_count(pad: Pad) -> None:
    pad.world.thinkers[0].removed = 1
    cross(pad, 97)
    assert pad.fogs == []
