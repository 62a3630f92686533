import pytest

from pydoom.data import mobj_ids, strings
from pydoom.data.sound_ids import SFX_BDOPN, SFX_DORCLS, SFX_DOROPN, SFX_OOF
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.level import ML_SECRET
from pydoom.sim.mobj import Mobj
from pydoom.sim.player import IT_BLUECARD, IT_REDSKULL
from pydoom.sim.specials import doors, lines, plats
from pydoom.sim.specials.kinds import DoorType, FloorType, PlatType
from tests.narrow import of_kind
from tests.unit.rooms import Rooms


class House(Rooms):
    """A room with a closed door to a corridor; the door's line can be used by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.room = self.sector(ceiling=128)
        self.door = self.sector(ceiling=0, tag=5)
        self.corridor = self.sector(ceiling=100)
        self.line = self.join(self.room, self.door, special=1)
        self.join(self.door, self.corridor)
        self.player = self.thing(self.room, mobj_ids.MT_PLAYER, player=0)
        self.monster = self.thing(self.room, mobj_ids.MT_POSSESSED)

    @property
    def moving_door(self) -> doors.Door:
        return of_kind(doors.Door, self.door.specialdata)


@pytest.fixture
def house() -> House:
    return House()


def use(rooms: House, special: int, thing: Mobj | None = None) -> bool:
    rooms.line.special = special
    return lines.use_special_line(rooms.world, thing or rooms.player, rooms.line, 0)


def test_door_opens_to_four_units_below_the_lowest_ceiling_around(house: House) -> None:
    assert use(house, 1)
    house.run(49)
    assert house.door.ceilingheight == 96 * FRACUNIT
    assert house.sounds.numbers() == [SFX_DOROPN]


def test_door_closes_again_after_150_tics(house: House) -> None:
    use(house, 1)
    house.run(49)  # 48 steps of 2 units, and one more to notice that the end is reached
    house.run(149)
    assert house.moving_door.direction == doors.WAITING
    house.run(1)
    assert house.moving_door.direction == doors.DOWN
    assert house.sounds.numbers() == [SFX_DOROPN, SFX_DORCLS]
    house.run(49)
    assert house.door.ceilingheight == 0
    assert house.door.specialdata is None
    house.run(1)
    assert house.world.thinkers == []


def test_blazing_door_moves_four_times_as_fast(house: House) -> None:
    use(house, 117)
    house.run(12)
    assert house.door.ceilingheight == 96 * FRACUNIT
    assert house.sounds.numbers() == [SFX_BDOPN]


def test_door_that_stays_open_uses_up_its_line(house: House) -> None:
    use(house, 31)
    assert house.line.special == 0
    house.run(300)
    assert house.door.ceilingheight == 96 * FRACUNIT
    assert house.door.specialdata is None


def test_using_a_moving_door_reverses_it(house: House) -> None:
    use(house, 1)
    house.run(5)
    use(house, 1)
    assert house.moving_door.direction == doors.DOWN
    use(house, 1)
    assert house.moving_door.direction == doors.UP


def test_monsters_open_doors_but_never_close_them(house: House) -> None:
    assert use(house, 1, house.monster)
    house.run(5)
    use(house, 1, house.monster)
    assert house.moving_door.direction == doors.UP


def test_monsters_do_not_use_secret_lines_nor_most_doors(house: House) -> None:
    house.line.flags |= ML_SECRET
    assert not use(house, 1, house.monster)
    house.line.flags &= ~ML_SECRET
    assert not use(house, 31, house.monster)


def test_locked_door_refuses_without_its_key(house: House) -> None:
    assert use(house, 26)
    assert house.world.players[0].message == strings.PD_BLUEK
    assert house.sounds.started == [(None, SFX_OOF)]
    assert house.door.specialdata is None


@pytest.mark.parametrize(("special", "card"), [(26, IT_BLUECARD), (28, IT_REDSKULL)])
def test_locked_door_opens_with_card_or_skull(house: House, special: int, card: int) -> None:
    house.world.players[0].cards[card] = True
    use(house, special)
    assert house.moving_door.type == DoorType.NORMAL


def test_monster_cannot_open_a_locked_door(house: House) -> None:
    assert use(house, 32, house.monster)
    assert house.door.specialdata is None


def test_locked_switch_names_the_object(house: House) -> None:
    house.line.tag = 5
    use(house, 133)
    assert house.world.players[0].message == strings.PD_BLUEO
    assert house.line.special == 133
    house.world.players[0].cards[IT_BLUECARD] = True
    use(house, 133)
    assert house.moving_door.type == DoorType.BLAZE_OPEN
    assert house.line.special == 0


def test_closing_door_goes_back_up_when_something_is_in_the_way(house: House) -> None:
    use(house, 1)
    house.run(49 + 150 + 5)
    house.obstacle(house.door)
    height = house.door.ceilingheight
    house.run(1)
    assert house.door.ceilingheight == height
    assert house.moving_door.direction == doors.UP


def test_door_closing_for_good_waits_for_who_is_in_the_way(house: House) -> None:
    house.door.ceilingheight = 96 * FRACUNIT
    house.line.tag = 5
    doors.ev_do_door(house.world, house.line, DoorType.CLOSE)
    house.obstacle(house.door)
    house.run(10)
    assert house.moving_door.direction == doors.DOWN
    assert house.door.ceilingheight == 96 * FRACUNIT


def test_close_30_then_open_stays_shut_for_thirty_seconds(house: House) -> None:
    house.door.ceilingheight = 20 * FRACUNIT
    house.line.tag = 5
    doors.ev_do_door(house.world, house.line, DoorType.CLOSE_30_THEN_OPEN)
    house.run(11 + 30 * 35 - 1)
    assert house.door.ceilingheight == 0
    house.run(11)
    assert house.door.ceilingheight == 20 * FRACUNIT


def test_door_already_open_makes_no_sound_when_asked_to_open(house: House) -> None:
    house.door.ceilingheight = 96 * FRACUNIT
    house.line.tag = 5
    assert doors.ev_do_door(house.world, house.line, DoorType.OPEN)
    assert house.sounds.started == []


def test_closing_a_plat_through_a_door_line_sets_its_wait(house: House) -> None:
    house.line.tag = 5
    plats.ev_do_plat(house.world, house.line, PlatType.DOWN_WAIT_UP_STAY)
    use(house, 1)
    assert of_kind(plats.Plat, house.door.specialdata).wait == -1


def test_closing_a_floor_through_a_door_line_writes_its_new_special(house: House) -> None:
    house.line.tag = 5
    from pydoom.sim.specials import floors

    floors.ev_do_floor(house.world, house.line, FloorType.RAISE_FLOOR_24)
    use(house, 1)
    assert of_kind(floors.FloorMove, house.door.specialdata).newspecial == -1


def test_door_line_without_a_back_side_does_nothing(house: House) -> None:
    line = house.join(house.room, special=1)
    assert lines.use_special_line(house.world, house.player, line, 0)
    assert house.world.thinkers == []
