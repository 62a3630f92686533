"""Ints that wrap at 32 bits and lists that overflow: what the fast paths leave to `sim.overflow`."""

import random

import pytest

from pydoom.data.mobj_ids import MT_TROOP
from pydoom.sim import collision, sight, traverse
from pydoom.sim.fixed import FRACUNIT, MAXINT, MININT, abs32, fixed_div
from pydoom.sim.geometry import approx_distance, point_on_line_side, point_to_angle
from pydoom.sim.level import Line
from pydoom.sim.overflow import extent, memory
from pydoom.sim.rules import StrayMemory
from pydoom.sim.traverse import PT_ADDLINES, PT_ADDTHINGS
from pydoom.sim.world import World
from pydoom.wad import Assets
from tests.narrow import some
from tests.viewpoints import load_world, places_of_things

from .corridor import Corridor, spawn

UNIT = FRACUNIT


def test_the_least_int_is_its_own_absolute_value() -> None:
    assert abs32(MININT) == MININT
    assert abs32(-5) == 5
    assert fixed_div(MININT, 2 * UNIT) == -(1 << 30)
    assert fixed_div(5, MININT) == MININT
    assert fixed_div(-5, MININT) == MAXINT


def test_distances_and_directions_wrap_round_the_map() -> None:
    east, west = 32767 * UNIT, -32768 * UNIT
    assert approx_distance(west - east, 0) == UNIT
    assert point_to_angle(east, 0, west, 0) == 0
    assert point_to_angle(west, 0, east, 0) == 0x7FFFFFFF  # west, as tantoangle[] rounds it


def test_side_of_a_line_wraps_round_the_map() -> None:
    line = _slanted_line(Corridor().start())
    line.v1.x = 32000 * UNIT
    near = point_on_line_side(32100 * UNIT, line.v1.y, line)
    assert point_on_line_side(32100 * UNIT - (1 << 32), line.v1.y, line) == near


def _slanted_line(world: World) -> Line:
    line = world.lines[0]
    line.dx = line.dy = 64 * UNIT
    return line


def test_level_is_near_itself_unless_it_is_too_wide_or_too_tall() -> None:
    world = Corridor().start()
    left, right, bottom, top = world.near
    assert left < 0 < right and bottom < 0 < top
    assert not world.tall
    world.vertexes[0].x = -32768 * UNIT
    world.vertexes[1].x = 32767 * UNIT
    extent.measure(world)
    left, right, *_ = world.near
    assert left > right
    world.sectors[0].floorheight = -32768 * UNIT
    extent.measure(world)
    assert world.tall


def test_plane_that_leaves_the_usual_heights_makes_the_level_tall() -> None:
    world = Corridor().start()
    extent.stretch(world, 100 * UNIT)
    assert not world.tall
    extent.stretch(world, 32000 * UNIT)
    assert world.tall
    assert world.near == memory.NOTHING_NEAR


@pytest.mark.parametrize("name", ["E1M1", "E1M8"])
def test_fast_paths_find_what_the_wrapping_ones_find(assets: Assets, name: str) -> None:
    """Traces, positions and lines of sight at random places, with and without the fast paths."""
    world = load_world(assets, name)
    near = world.near
    rng = random.Random(name)
    mobjs = [spawn(world, MT_TROOP, x >> 16, y >> 16) for x, y, _ in places_of_things(assets, name, 20, 5)]
    for _ in range(300):
        one, other = rng.sample(mobjs, 2)
        x = one.x + rng.randint(-200, 200) * UNIT
        y = one.y + rng.randint(-200, 200) * UNIT
        found = []
        for reach in (near, memory.NOTHING_NEAR):
            world.near = reach
            trace = traverse.path_traverse(world, one.x, one.y, x, y, PT_ADDLINES | PT_ADDTHINGS)
            fits = collision.check_position(world, one, x, y)
            move = world.move
            heights = (move.floorz, move.ceilingz, move.dropoffz, move.ceilingline, list(move.spechit))
            found.append((trace, fits, heights, sight.check_sight(world, one, other)))
        assert found[0] == found[1]


def test_intercepts_beyond_the_list_overwrite_other_variables() -> None:
    world = Corridor().start()
    memory.write_intercept(world, 142, 77, True)
    assert world.bulletslope == 1
    memory.write_intercept(world, 144, 0x10002, True)
    start = some(world.playerstarts[0])
    assert (start.angle, start.type, start.options) == (2, 1, 1)


def test_intercepts_far_beyond_the_list_overwrite_the_blockmap() -> None:
    world = Corridor().start()
    x, y = world.players[0].mo.x, world.players[0].mo.y
    memory.write_intercept(world, 147, 0x4000, True)
    assert world.bmapwidth == 1
    memory.write_intercept(world, 148, 0x5000, False)
    assert (world.bmaporgx, world.bmaporgy) == (0x5000, 0)
    memory.write_intercept(world, 149, 0x6000, True)
    assert world.bmapheight == 256  # more rows than that cannot be told from it
    assert len(world.blocklinks) >= 256
    traverse.path_traverse(world, x, y, x, 32767 * UNIT, PT_ADDLINES | PT_ADDTHINGS)


def test_ninth_special_line_overwrites_the_box_being_checked() -> None:
    world = Corridor().start()
    line = world.lines[5]
    world.move.spechit[:] = [line] * 9
    box = [1, 2, 3, 4]
    memory.write_special_line(world, box, line)
    assert box == [0x01C09C98 + line.index * 0x3E, 2, 3, 4]
    world.stray = StrayMemory(spechit=0x100)
    world.move.spechit[:] = [line] * 12
    memory.write_special_line(world, box, line)
    assert box[3] == 0x100 + line.index * 0x3E
    world.move.spechit[:] = [line] * 14
    memory.write_special_line(world, box, line)
    assert world.move.nofit
