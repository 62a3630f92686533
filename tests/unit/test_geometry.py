import math
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydoom.data.tables import ANG90, ANG180
from pydoom.game.level import Level
from pydoom.game.rules import Rules
from pydoom.game.session import Session
from pydoom.sim.fixed import FRACUNIT, fixed_div
from pydoom.sim.geometry import (
    approx_distance,
    intercept_vector,
    line_opening,
    point_in_subsector,
    point_on_divline_side,
    point_on_line_side,
    point_to_angle,
    slope_div,
)
from pydoom.sim.level import Line, Sector, Vertex
from pydoom.sim.world import World
from pydoom.wad import load

from .corridor import Corridor
from .sides import subsector_at

UNIT = FRACUNIT
units = st.integers(-4000, 4000)
fixeds = st.integers(-4000 * UNIT, 4000 * UNIT)


def sector(floor: int = 0, ceiling: int = 128) -> Sector:
    return Sector(0, floor * UNIT, ceiling * UNIT, 0, 0, 160, 0, 0)


def line(x1: int, y1: int, x2: int, y2: int, back: Sector | None = None) -> Line:
    ends = Vertex(x1 * UNIT, y1 * UNIT), Vertex(x2 * UNIT, y2 * UNIT)
    return Line(0, *ends, 0, 0, 0, (0, 0 if back else -1), sector(), back)


@pytest.mark.parametrize(("dx", "dy", "distance"), [(3, 4, 6), (-4, 3, 6), (0, -7, 7), (10, 10, 15)])
def test_distance_is_the_longer_side_and_half_the_shorter_rounded_up(dx: int, dy: int, distance: int) -> None:
    assert approx_distance(dx, dy) == distance


def test_distance_overflows_to_a_negative_number_across_the_largest_maps() -> None:
    assert approx_distance(25000 * UNIT, 25000 * UNIT) < 0


def test_front_of_a_line_is_on_its_right() -> None:
    north = line(0, 0, 0, 64)
    assert point_on_line_side(5 * UNIT, 0, north) == 0
    assert point_on_line_side(-5 * UNIT, 0, north) == 1
    assert point_on_line_side(0, 0, north) == 1
    slanted = line(0, 0, 64, 64)
    assert point_on_line_side(10 * UNIT, 0, slanted) == 0
    assert point_on_line_side(0, 10 * UNIT, slanted) == 1
    assert point_on_line_side(UNIT, UNIT, slanted) == 1


@given(fixeds, fixeds, units, units, units, units)
def test_sides_agree_with_the_cross_product_away_from_the_line(
    x: int, y: int, x1: int, y1: int, x2: int, y2: int
) -> None:
    wall = line(x1, y1, x2, y2)
    cross = wall.dx * (y - wall.v1.y) - wall.dy * (x - wall.v1.x)
    if abs(cross) > 1 << 40:
        side = int(cross > 0)
        assert point_on_line_side(x, y, wall) == side
        assert point_on_divline_side(x, y, wall.v1.x, wall.v1.y, wall.dx, wall.dy) == side


@given(fixeds, fixeds)
def test_point_to_angle_is_the_arctangent(x: int, y: int) -> None:
    if max(abs(x), abs(y)) < UNIT:
        return
    angle = point_to_angle(0, 0, x, y) / 2**32 * math.tau
    error = (angle - math.atan2(y, x) + math.pi) % math.tau - math.pi
    assert abs(error) < 0.003 or max(abs(x), abs(y)) < 16 * UNIT


def test_angles_of_the_axes() -> None:
    assert point_to_angle(5, 5, 5, 5) == 0
    assert point_to_angle(0, 0, UNIT, 0) == 0
    assert point_to_angle(0, 0, 0, UNIT) == ANG90 - 1
    assert point_to_angle(0, 0, -UNIT, 0) == ANG180 - 1


def test_slope_loses_its_top_bits_over_long_distances() -> None:
    assert slope_div(1 << 29, 1 << 30) == 0
    assert slope_div(1 << 28, 1 << 29) == 1024
    assert slope_div(5, 511) == 2048


def test_lines_cross_at_a_fraction_of_the_trace() -> None:
    frac = intercept_vector(0, 0, 100 * UNIT, 0, 25 * UNIT, -10 * UNIT, 0, 20 * UNIT)
    assert frac == UNIT // 4
    assert intercept_vector(0, 0, 100 * UNIT, 0, 0, 5 * UNIT, 20 * UNIT, 0) == 0


def test_opening_is_the_window_between_both_rooms() -> None:
    assert line_opening(line(0, 0, 64, 0, sector(24, 96))) == (96 * UNIT, 24 * UNIT, 72 * UNIT, 0)
    assert line_opening(line(0, 0, 64, 0, sector(-8, 200))) == (128 * UNIT, 0, 128 * UNIT, -8 * UNIT)
    assert line_opening(line(0, 0, 64, 0)) == (0, 0, 0, 0)


@given(fixeds, fixeds)
def test_subsector_is_what_walking_the_nodes_finds(x: int, y: int) -> None:
    world = _world()
    assert point_in_subsector(world, x, y) is subsector_at(world, x, y)


def _world(cache: list[World] = []) -> World:  # noqa: B006  # one level serves all examples
    if not cache:
        cache.append(Corridor([(0, 128)] * 5).start())
    return cache[0]


def test_subsectors_remembered_for_cells_are_those_of_every_point_in_them(wad_path: Path) -> None:
    session = Session(load(wad_path))
    session.start(Rules(), Level(1, 2))
    world = session.world
    random = Random(1)
    near_lines = [
        (int(node.x + node.dx * along) + random.randint(-2, 2), int(node.y + node.dy * along) + random.randint(-2, 2))
        for node in world.nodes
        for along in (0, 1, random.random(), random.random())
    ]
    anywhere = [
        (random.randint(-3000 * UNIT, 3000 * UNIT), random.randint(-3000 * UNIT, 3000 * UNIT)) for _ in range(2000)
    ]
    for x, y in near_lines + anywhere + near_lines:
        assert point_in_subsector(world, x, y) is subsector_at(world, x, y)


def test_fixed_division_saturates() -> None:
    assert fixed_div(1 << 20, 1) == 0x7FFFFFFF
    assert fixed_div(-1 << 20, 1) == -0x80000000
    assert fixed_div(-3, 2 * UNIT) == -1
