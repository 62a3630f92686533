"""REJECT and BLOCKMAP of random levels: nothing that can be seen or touched is missing."""

import random
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pydoom.data import mobj_ids
from pydoom.fleetmap import reject
from pydoom.fleetmap.blockmap import build_blockmap
from pydoom.fleetmap.build import build
from pydoom.fleetmap.draft import Draft, DraftLine, DraftSector
from pydoom.fleetmap.errors import FleetMapError
from pydoom.fleetmap.reject import build_reject, is_door
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.geometry import point_in_subsector
from pydoom.sim.mobj import Mobj
from pydoom.sim.sight import check_sight
from pydoom.sim.world import World
from pydoom.wad import Assets
from pydoom.wad.maps import LUMP_NAMES
from tests.drafts import CEILING, FLOOR, GridLevel, border, grid_level
from tests.viewpoints import load_world

levels = st.builds(
    grid_level,
    seed=st.integers(0, 2**32),
    columns=st.integers(1, 7),
    rows=st.integers(1, 7),
    sectors=st.integers(2, 30),
    solid=st.floats(0.2, 0.6),
)


def rejected(reject: bytes, count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    bits = np.unpackbits(np.frombuffer(reject, np.uint8), bitorder="little")[: count * count]
    return bits.reshape(count, count)


def somebody(world: World, x: float, y: float) -> Mobj:
    fixed_x, fixed_y = int(x * FRACUNIT), int(y * FRACUNIT)
    info = world.info.mobjinfo[mobj_ids.MT_PLAYER]
    mobj = Mobj(point_in_subsector(world, fixed_x, fixed_y), info, world.states[info.spawnstate])
    mobj.x, mobj.y, mobj.z, mobj.height = fixed_x, fixed_y, mobj.subsector.sector.floorheight, info.height
    return mobj


@given(levels)
@settings(max_examples=60, deadline=None)
def test_whoever_can_be_seen_is_not_rejected_whatever_doors_do(assets: Assets, level: GridLevel) -> None:
    built = build(level.draft)
    world = load_world(assets, built.read())
    count = len(world.sectors)
    bits = rejected(built.lumps["REJECT"], count)
    world.reject = bytes(len(built.lumps["REJECT"]))
    for sector, drafted in zip(world.sectors, level.draft.sectors, strict=True):
        if is_door(drafted):
            sector.ceilingheight = sector.floorheight + 128 * FRACUNIT
    chance = random.Random(1)
    # a fraction keeps clear of the original's mistake of comparing x with the height of a partition
    places = [somebody(world, x + 0.37, y + 0.41) for x, y, _ in level.points()]
    for _ in range(400):
        one, other = chance.choice(places), chance.choice(places)
        if check_sight(world, one, other):
            pair = one.subsector.sector.index, other.subsector.sector.index
            assert not bits[pair], (one.x / FRACUNIT, one.y / FRACUNIT, other.x / FRACUNIT, other.y / FRACUNIT)


@given(levels)
@settings(max_examples=30, deadline=None)
def test_a_sector_sees_itself_and_sight_goes_both_ways(level: GridLevel) -> None:
    bits = rejected(build_reject(level.draft), len(level.draft.sectors))
    assert not bits.diagonal().any()
    assert (bits == bits.T).all()


def rooms_along_a_corridor(count: int) -> Draft:
    """A corridor from west to east, and north of it `count` rooms, each behind a door: sectors 0, then room, door..."""
    sectors = [DraftSector(0, 128, FLOOR, CEILING, 160)]
    lines: list[DraftLine | None] = [border((0, -128), (count * 512, -128), None, 0)]
    for number in range(count):
        x, room, door = 512 * number, 2 * number + 1, 2 * number + 2
        sectors += [DraftSector(0, 128, FLOOR, CEILING, 160), DraftSector(0, 0, FLOOR, CEILING, 160)]
        lines += [
            border((x, 0), (x + 192, 0), 0, None),
            border((x + 192, 0), (x + 320, 0), 0, door),
            border((x + 320, 0), (x + 512, 0), 0, None),
            border((x + 192, 0), (x + 192, 16), door, None),
            border((x + 320, 0), (x + 320, 16), None, door),
            border((x + 16, 16), (x + 192, 16), None, room),
            border((x + 192, 16), (x + 320, 16), door, room),
            border((x + 320, 16), (x + 496, 16), None, room),
            border((x + 16, 16), (x + 16, 512), room, None),
            border((x + 496, 16), (x + 496, 512), None, room),
            border((x + 16, 512), (x + 496, 512), room, None),
        ]
    lines += [border((0, -128), (0, 0), 0, None), border((count * 512, -128), (count * 512, 0), None, 0)]
    return Draft("E1M1", tuple(sectors), tuple(line for line in lines if line is not None), ())


def test_rooms_side_by_side_do_not_see_each_other() -> None:
    draft = rooms_along_a_corridor(12)
    bits = rejected(build_reject(draft), len(draft.sectors))
    rooms = range(1, len(draft.sectors), 2)
    assert all(bits[one, other] for one in rooms for other in rooms if one != other)
    assert not bits[0].any(), "the corridor sees all rooms and doors"


def test_where_doors_are_too_many_to_look_through_everything_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reject, "MAX_STEPS", 10)
    assert not any(build_reject(rooms_along_a_corridor(6)))


def test_a_hundred_rooms_need_a_tenth_of_the_steps_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = rooms_along_a_corridor(100)
    usual = build_reject(draft)
    monkeypatch.setattr(reject, "MAX_STEPS", reject.MAX_STEPS // 10)
    assert build_reject(draft) == usual


@given(levels)
@settings(max_examples=40, deadline=None)
def test_each_line_is_listed_in_every_block_that_it_touches(level: GridLevel) -> None:
    ends = [(*line.start, *line.end) for line in level.draft.lines]
    words = build_blockmap(ends)
    left, bottom, columns, rows = words[:4]
    listed: dict[int, set[int]] = {}
    for block, at in enumerate(words[4 : 4 + columns * rows]):
        assert words[at] == 0
        listed[block] = set(words[at + 1 : words.index(-1, at)])
    for number, (x1, y1, x2, y2) in enumerate(ends):
        steps = max(abs(x2 - x1), abs(y2 - y1)) // 8
        touched = set()
        for step in range(steps + 1):
            x, y = x1 + (x2 - x1) * step // steps - left, y1 + (y2 - y1) * step // steps - bottom
            assert x % 128
            assert y % 128
            touched.add(y // 128 * columns + x // 128)
        assert touched == {block for block, lines in listed.items() if number in lines}


def test_blocks_with_the_same_lines_share_a_list() -> None:
    ends = [(0, 0, 0, 4000), (0, 4000, 4000, 4000), (4000, 4000, 4000, 0), (4000, 0, 0, 0)]
    words = build_blockmap(ends)
    columns, rows = words[2:4]
    assert (columns, rows) == (32, 32)
    assert len(set(words[4 : 4 + columns * rows])) == 9, "four sides, four corners, nothing"
    assert len(words) == 4 + columns * rows + 4 * 3 + 4 * 4 + 2


def test_a_slanted_line_is_only_in_the_blocks_it_crosses() -> None:
    words = build_blockmap([(0, 0, 1000, 1000)])
    columns, rows = words[2:4]
    empty = sum(words[words[4 + block] + 1] == -1 for block in range(columns * rows))
    assert empty >= columns * rows - 3 * columns


def test_a_block_map_beyond_the_original_s_offsets_is_refused() -> None:
    with pytest.raises(FleetMapError, match=r"the level is too large: its block map has \d\d,\d\d\d words"):
        build_blockmap([(0, 0, 30000, 0), (0, 0, 0, 30000)])


def test_a_level_is_packed_as_the_original_reads_it() -> None:
    draft = rooms_along_a_corridor(1)
    lumps = build(draft).lumps
    assert tuple(lumps) == LUMP_NAMES
    assert lumps["SECTORS"][:26] == struct.pack("<2h8s8s3h", 0, 128, FLOOR.encode(), CEILING.encode(), 160, 0, 0)
    assert lumps["LINEDEFS"][10:14] == b"\0\0\xff\xff", "the first line has no back"


def test_a_level_without_lines_is_refused() -> None:
    with pytest.raises(FleetMapError, match="no lines"):
        build(Draft("E1M1", (), (), ()))


def test_numbers_beyond_16_bits_are_refused() -> None:
    draft = Draft("E1M1", (DraftSector(0, 40000, FLOOR, CEILING, 160),), rooms_along_a_corridor(1).lines[:1], ())
    with pytest.raises(FleetMapError, match="does not fit the format"):
        build(draft)
