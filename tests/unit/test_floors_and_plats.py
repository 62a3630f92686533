import pytest

from pydoom.data import mobj_ids
from pydoom.data.sound_ids import SFX_PSTART, SFX_PSTOP, SFX_STNMOV
from pydoom.sim.fixed import FRACUNIT, MAXINT, to_int32
from pydoom.sim.level import ML_TWOSIDED
from pydoom.sim.specials import ceilings, floors, lines, planes, plats, sectors
from pydoom.sim.specials.ceilings import Ceiling
from pydoom.sim.specials.floors import FloorMove
from pydoom.sim.specials.kinds import CeilingType, FloorType, MoveResult, PlatStatus, PlatType, StairType
from pydoom.sim.specials.plats import Plat
from tests.narrow import of_kind
from tests.unit.rooms import FLATS, TEXTURES, Rooms

STEP = FLATS.index("STEP")


class Pit(Rooms):
    """A pit with tag 1 between a low and a high room, and a switch line with that tag in the low room."""

    def __init__(self) -> None:
        super().__init__()
        self.low = self.sector(floor=-16, ceiling=200, floorpic=STEP, special=7)
        self.pit = self.sector(floor=0, ceiling=128, tag=1, special=5)
        self.high = self.sector(floor=40, ceiling=160)
        self.join(self.low, self.pit, bottom=TEXTURES.index("WALL64"))
        self.join(self.pit, self.high, bottom=TEXTURES.index("WALL24"))
        self.line = self.join(self.low, tag=1)


@pytest.fixture
def rooms() -> Pit:
    return Pit()


@pytest.mark.parametrize(
    ("kind", "units"),
    [
        (FloorType.LOWER_FLOOR, 40),
        (FloorType.LOWER_FLOOR_TO_LOWEST, -16),
        (FloorType.LOWER_AND_CHANGE, -16),
        (FloorType.TURBO_LOWER, 48),
        (FloorType.RAISE_FLOOR, 128),
        (FloorType.RAISE_FLOOR_CRUSH, 120),
        (FloorType.RAISE_FLOOR_TO_NEAREST, 40),
        (FloorType.RAISE_FLOOR_TURBO, 40),
        (FloorType.RAISE_FLOOR_24, 24),
        (FloorType.RAISE_FLOOR_24_AND_CHANGE, 24),
        (FloorType.RAISE_FLOOR_512, 512),
        (FloorType.RAISE_TO_TEXTURE, 24),
    ],
)
def test_floor_goes_where_its_kind_says(rooms: Pit, kind: FloorType, units: int) -> None:
    assert floors.ev_do_floor(rooms.world, rooms.line, kind)
    assert of_kind(FloorMove, rooms.pit.specialdata).floordestheight == units * FRACUNIT
    rooms.run(600)
    assert rooms.pit.floorheight == units * FRACUNIT
    assert rooms.pit.specialdata is None


def test_moving_floor_grinds_every_eighth_tic_and_thuds_at_the_end(rooms: Pit) -> None:
    floors.ev_do_floor(rooms.world, rooms.line, FloorType.RAISE_FLOOR_24)
    rooms.run(25)
    assert rooms.sounds.numbers() == [SFX_STNMOV] * 4 + [SFX_PSTOP]


def test_sector_already_moving_is_left_alone(rooms: Pit) -> None:
    assert floors.ev_do_floor(rooms.world, rooms.line, FloorType.RAISE_FLOOR_24)
    assert not floors.ev_do_floor(rooms.world, rooms.line, FloorType.LOWER_FLOOR)


def test_turbo_lower_at_its_destination_already_does_not_rise(rooms: Pit) -> None:
    rooms.pit.floorheight = 40 * FRACUNIT
    floors.ev_do_floor(rooms.world, rooms.line, FloorType.TURBO_LOWER)
    assert of_kind(FloorMove, rooms.pit.specialdata).floordestheight == 40 * FRACUNIT


def test_lower_and_change_takes_flat_and_special_of_the_neighbour_down_there(rooms: Pit) -> None:
    floors.ev_do_floor(rooms.world, rooms.line, FloorType.LOWER_AND_CHANGE)
    assert (rooms.pit.floorpic, rooms.pit.special) == (0, 5)
    rooms.run(20)
    assert (rooms.pit.floorpic, rooms.pit.special) == (STEP, 7)


def test_lower_and_change_stops_searching_after_as_many_lines_as_the_neighbour_has() -> None:
    rooms = Rooms()
    small = rooms.sector(floor=8)
    pit = rooms.sector(floor=64, tag=1)
    target = rooms.sector(floor=0, floorpic=STEP)
    rooms.join(pit, small)  # the small room has this one line only, so the search ends here
    rooms.join(pit, target)
    line = rooms.join(target, tag=1)
    floors.ev_do_floor(rooms.world, line, FloorType.LOWER_AND_CHANGE)
    assert of_kind(FloorMove, pit.specialdata).texture == 0


def test_raise_and_change_takes_over_at_once(rooms: Pit) -> None:
    floors.ev_do_floor(rooms.world, rooms.line, FloorType.RAISE_FLOOR_24_AND_CHANGE)
    assert (rooms.pit.floorpic, rooms.pit.special) == (STEP, 7)


def test_side_without_lower_texture_counts_as_the_first_texture() -> None:
    rooms = Rooms()
    pit, room = rooms.sector(tag=1), rooms.sector()
    rooms.join(pit, room)
    line = rooms.join(room, tag=1)
    floors.ev_do_floor(rooms.world, line, FloorType.RAISE_TO_TEXTURE)
    assert of_kind(FloorMove, pit.specialdata).floordestheight == 72 * FRACUNIT


def test_raise_to_texture_without_two_sided_lines_overflows() -> None:
    rooms = Rooms()
    pit = rooms.sector(floor=8, tag=1)
    line = rooms.join(pit, tag=1)
    floors.ev_do_floor(rooms.world, line, FloorType.RAISE_TO_TEXTURE)
    assert of_kind(FloorMove, pit.specialdata).floordestheight == to_int32(8 * FRACUNIT + MAXINT)


def test_next_highest_floor_forgets_its_threshold_at_the_22nd_neighbour() -> None:
    rooms = Rooms()
    pit = rooms.sector(floor=0)
    for height in [*range(100, 121), 300, 50, 301]:
        rooms.join(pit, rooms.sector(floor=height))
    # the 22nd, at 300, becomes the height to compare with: the one at 50 is not seen any more
    assert sectors.next_highest_floor(pit, 0) == 100 * FRACUNIT


@pytest.mark.parametrize(("kind", "rise", "speed"), [(StairType.BUILD_8, 8, 0.25), (StairType.TURBO_16, 16, 4)])
def test_stairs_rise_step_by_step_through_the_same_flat(kind: StairType, rise: int, speed: float) -> None:
    rooms = Rooms()
    steps = [rooms.sector(tag=9 if number == 0 else 0, floorpic=STEP) for number in range(4)]
    landing = rooms.sector(floorpic=0)
    for below, above in zip(steps, [*steps[1:], landing], strict=True):
        rooms.join(below, above)
    line = rooms.join(landing, tag=9)
    assert floors.ev_build_stairs(rooms.world, line, kind)
    assert [of_kind(FloorMove, step.specialdata).floordestheight for step in steps] == [
        n * rise * FRACUNIT for n in (1, 2, 3, 4)
    ]
    assert {of_kind(FloorMove, step.specialdata).speed for step in steps} == {int(speed * FRACUNIT)}
    assert landing.specialdata is None


def test_stairs_do_not_go_through_the_back_of_a_line() -> None:
    rooms = Rooms()
    first, second = rooms.sector(tag=9), rooms.sector()
    rooms.join(second, first)
    floors.ev_build_stairs(rooms.world, rooms.join(first, tag=9), StairType.BUILD_8)
    assert second.specialdata is None


def test_moving_step_is_skipped_but_its_height_counts() -> None:
    rooms = Rooms()
    first, moving, other = rooms.sector(tag=9), rooms.sector(tag=3), rooms.sector()
    rooms.join(first, moving)
    rooms.join(first, other)
    floors.ev_do_floor(rooms.world, rooms.join(other, tag=3), FloorType.RAISE_FLOOR_24)
    floors.ev_build_stairs(rooms.world, rooms.join(other, tag=9), StairType.BUILD_8)
    assert of_kind(FloorMove, other.specialdata).floordestheight == 24 * FRACUNIT


def test_search_for_stairs_goes_on_after_the_last_step() -> None:
    rooms = Rooms()
    first, skipped, last = rooms.sector(tag=9), rooms.sector(tag=9), rooms.sector()
    rooms.join(first, last)
    floors.ev_build_stairs(rooms.world, rooms.join(first, tag=9), StairType.BUILD_8)
    assert skipped.specialdata is None


def test_stairs_hurt_but_give_way(rooms: Pit) -> None:
    thing = rooms.obstacle(rooms.pit)
    thing.health = 100
    result = planes.move_floor(rooms.world, rooms.pit, FRACUNIT, 8 * FRACUNIT, floors.STAIRS_CRUSH, 1)
    assert result == MoveResult.CRUSHED
    assert rooms.pit.floorheight == 0
    assert thing.health == 90


def test_crushing_plane_stays_where_it_crushes(rooms: Pit) -> None:
    rooms.obstacle(rooms.pit)
    assert planes.move_floor(rooms.world, rooms.pit, FRACUNIT, 8 * FRACUNIT, 1, 1) == MoveResult.CRUSHED
    assert rooms.pit.floorheight == FRACUNIT
    # but a last step that does not fit is taken back, and counts as arrived
    assert planes.move_floor(rooms.world, rooms.pit, FRACUNIT, FRACUNIT, 1, 1) == MoveResult.PASTDEST
    assert rooms.pit.floorheight == FRACUNIT


def test_rising_ceiling_is_never_stopped(rooms: Pit) -> None:
    rooms.obstacle(rooms.pit).height *= 2
    assert planes.move_ceiling(rooms.world, rooms.pit, FRACUNIT, 200 * FRACUNIT, 0, 1) == MoveResult.OK
    assert rooms.pit.ceilingheight == 129 * FRACUNIT


def test_donut_lowers_the_pillar_and_raises_the_pool() -> None:
    rooms = Rooms()
    pillar, pool = rooms.sector(floor=64, tag=2), rooms.sector(floor=-24, special=7)
    rim = rooms.sector(floor=0, floorpic=STEP)
    rooms.join(pool, pillar)  # the pool is in front of the pillar's lines
    rooms.join(pool, rim)
    assert floors.ev_do_donut(rooms.world, rooms.join(rim, tag=2))
    rooms.run(140)
    assert pillar.floorheight == pool.floorheight == 0
    assert (pool.floorpic, pool.special) == (STEP, 0)


def test_donut_without_rim_uses_what_lies_at_address_zero() -> None:
    rooms = Rooms()
    pillar, pool = rooms.sector(floor=64, tag=2), rooms.sector(floor=-24)
    rooms.join(pool, pillar)  # the pool is in front of the pillar's lines
    floors.ev_do_donut(rooms.world, rooms.join(pool, tag=2))
    move = of_kind(FloorMove, pool.specialdata)
    assert (move.floordestheight, move.texture) == (0, 0x16)


def test_donut_whose_pillar_has_a_one_sided_line_does_nothing_more() -> None:
    rooms = Rooms()
    pillar = rooms.sector(tag=2)
    assert floors.ev_do_donut(rooms.world, rooms.join(pillar, tag=2))
    assert rooms.world.thinkers == []


def test_lift_goes_down_waits_three_seconds_and_comes_back(rooms: Pit) -> None:
    plats.ev_do_plat(rooms.world, rooms.line, PlatType.DOWN_WAIT_UP_STAY)
    rooms.run(5)
    assert rooms.pit.floorheight == -16 * FRACUNIT
    rooms.run(105)
    assert of_kind(Plat, rooms.pit.specialdata).status == PlatStatus.UP
    rooms.run(5)
    assert rooms.pit.floorheight == 0
    assert rooms.pit.specialdata is None
    assert rooms.sounds.numbers() == [SFX_PSTART, SFX_PSTOP, SFX_PSTART, SFX_PSTOP]


def test_lift_goes_back_down_when_something_is_on_its_way_up(rooms: Pit) -> None:
    plats.ev_do_plat(rooms.world, rooms.line, PlatType.DOWN_WAIT_UP_STAY)
    rooms.run(110)
    rooms.obstacle(rooms.pit)
    rooms.run(1)
    assert of_kind(Plat, rooms.pit.specialdata).status == PlatStatus.DOWN


def test_perpetual_plat_draws_its_first_direction(rooms: Pit) -> None:
    plats.ev_do_plat(rooms.world, rooms.line, PlatType.PERPETUAL_RAISE)
    assert rooms.world.random.prndindex == 1
    plat = of_kind(Plat, rooms.pit.specialdata)
    assert (plat.low, plat.high, plat.status) == (-16 * FRACUNIT, 40 * FRACUNIT, PlatStatus.UP)


def test_stopped_plat_goes_on_where_it_was(rooms: Pit) -> None:
    plats.ev_do_plat(rooms.world, rooms.line, PlatType.PERPETUAL_RAISE)
    rooms.run(3)
    plats.ev_stop_plat(rooms.world, rooms.line)
    rooms.run(10)
    assert rooms.pit.floorheight == 3 * FRACUNIT
    assert not plats.ev_do_plat(rooms.world, rooms.line, PlatType.PERPETUAL_RAISE)
    rooms.run(1)
    assert rooms.pit.floorheight == 4 * FRACUNIT


def test_plat_that_rises_to_the_nearest_floor_takes_the_texture_and_heals_the_slime(rooms: Pit) -> None:
    plats.ev_do_plat(rooms.world, rooms.line, PlatType.RAISE_TO_NEAREST_AND_CHANGE)
    assert (rooms.pit.floorpic, rooms.pit.special) == (STEP, 0)
    rooms.run(81)
    assert rooms.pit.floorheight == 40 * FRACUNIT
    assert rooms.pit.specialdata is None


def test_plat_raised_by_an_amount_keeps_its_special(rooms: Pit) -> None:
    rooms.line.special = 67
    player = rooms.thing(rooms.low, mobj_ids.MT_PLAYER, player=0)
    assert lines.use_special_line(rooms.world, player, rooms.line, 0)
    rooms.run(65)
    assert (rooms.pit.floorheight, rooms.pit.special) == (32 * FRACUNIT, 5)


def test_more_than_thirty_plats_can_move() -> None:
    rooms = Rooms()
    lifts = [rooms.sector(tag=1) for _ in range(31)]
    plats.ev_do_plat(rooms.world, rooms.join(lifts[0], tag=1), PlatType.DOWN_WAIT_UP_STAY)
    rooms.run(200)
    assert all(lift.specialdata is None for lift in lifts)


def test_crusher_slows_down_on_what_it_crushes_and_recovers_at_the_bottom(rooms: Pit) -> None:
    ceilings.ev_do_ceiling(rooms.world, rooms.line, CeilingType.CRUSH_AND_RAISE)
    crusher = of_kind(Ceiling, rooms.pit.specialdata)
    thing = rooms.obstacle(rooms.pit)
    rooms.run(1)
    thing.height = 0
    assert crusher.speed == FRACUNIT // 8
    rooms.run(8 * 119 + 1)
    assert rooms.pit.ceilingheight == 8 * FRACUNIT
    assert (crusher.direction, crusher.speed) == (1, FRACUNIT)
    rooms.run(121)
    assert (rooms.pit.ceilingheight, crusher.direction) == (128 * FRACUNIT, -1)


def test_fast_crusher_does_not_slow_down(rooms: Pit) -> None:
    ceilings.ev_do_ceiling(rooms.world, rooms.line, CeilingType.FAST_CRUSH_AND_RAISE)
    rooms.obstacle(rooms.pit)
    rooms.run(3)
    assert of_kind(Ceiling, rooms.pit.specialdata).speed == 2 * FRACUNIT


def test_silent_crusher_only_thuds(rooms: Pit) -> None:
    ceilings.ev_do_ceiling(rooms.world, rooms.line, CeilingType.SILENT_CRUSH_AND_RAISE)
    rooms.run(121)
    assert rooms.sounds.numbers() == [SFX_PSTOP]


def test_stopped_crusher_goes_on_when_started_again(rooms: Pit) -> None:
    ceilings.ev_do_ceiling(rooms.world, rooms.line, CeilingType.CRUSH_AND_RAISE)
    rooms.run(10)
    assert ceilings.ev_ceiling_crush_stop(rooms.world, rooms.line)
    assert not ceilings.ev_ceiling_crush_stop(rooms.world, rooms.line)
    rooms.run(10)
    assert rooms.pit.ceilingheight == 118 * FRACUNIT
    assert not ceilings.ev_do_ceiling(rooms.world, rooms.line, CeilingType.CRUSH_AND_RAISE)
    rooms.run(1)
    assert rooms.pit.ceilingheight == 117 * FRACUNIT


def test_ceiling_lowered_to_the_floor_is_done(rooms: Pit) -> None:
    ceilings.ev_do_ceiling(rooms.world, rooms.line, CeilingType.LOWER_TO_FLOOR)
    rooms.run(129)
    assert rooms.pit.ceilingheight == rooms.pit.floorheight
    assert rooms.pit.specialdata is None


def test_thirty_first_ceiling_never_ends() -> None:
    rooms = Rooms()
    crushers = [rooms.sector(ceiling=16, tag=1) for _ in range(31)]
    ceilings.ev_do_ceiling(rooms.world, rooms.join(crushers[0], tag=1), CeilingType.LOWER_TO_FLOOR)
    rooms.run(40)
    assert [sector.specialdata is None for sector in crushers] == [True] * 30 + [False]


def test_line_40_moves_only_the_ceiling(rooms: Pit) -> None:
    rooms.line.special = 40
    player = rooms.thing(rooms.low, mobj_ids.MT_PLAYER, player=0)
    lines.cross_special_line(rooms.world, rooms.line, 0, player)
    rooms.run(80)
    assert (rooms.pit.floorheight, rooms.pit.ceilingheight) == (0, 200 * FRACUNIT)
    assert rooms.line.special == 0


def test_two_sided_flag_decides_who_is_a_neighbour(rooms: Pit) -> None:
    for line in rooms.pit.lines:
        line.flags &= ~ML_TWOSIDED
    assert sectors.lowest_floor_surrounding(rooms.pit) == 0
    assert sectors.highest_floor_surrounding(rooms.pit) == -500 * FRACUNIT
    assert sectors.lowest_ceiling_surrounding(rooms.pit) == MAXINT
    assert sectors.highest_ceiling_surrounding(rooms.pit) == 0
