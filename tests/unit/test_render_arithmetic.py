"""The renderers' arithmetic and view tables against each other: whole arrays, and one number at a time."""

import numpy as np
import pytest
from numpy.typing import NDArray

from pydoom.render.arrays import arith
from pydoom.render.arrays.bsp import _angle_of, is_behind
from pydoom.render.arrays.view import ViewTables
from pydoom.render.scanline import arithmetic
from pydoom.render.scanline.window import ScanlineWindow
from pydoom.sim.fixed import fixed_div, fixed_mul


@pytest.fixture
def numbers() -> NDArray[np.int64]:
    """int64[4, 3000]: 32-bit values of all sizes, with zeros and equal ones among them."""
    values = np.random.default_rng(1).integers(-(1 << 31) + 1, 1 << 31, (4, 3000))
    values >>= np.arange(3000) % 31
    values[0, ::17] = 0
    values[1, ::19] = 0
    values[1, ::23] = values[0, ::23]
    return values


def test_products_and_quotients_are_cut_to_32_bits(numbers: NDArray[np.int64]) -> None:
    a, b, *_ = numbers
    pairs = list(zip(a.tolist(), b.tolist(), strict=True))
    assert arith.fixed_mul(a, b).tolist() == [fixed_mul(x, y) for x, y in pairs]
    assert arith.fixed_div(a, b).tolist() == [fixed_div(x, y) for x, y in pairs]
    assert arith.fixed_mul(a, b).tolist() == [arithmetic.fixed_mul(x, y) for x, y in pairs]
    assert arith.fixed_div(a, b).tolist() == [arithmetic.fixed_div(x, y) for x, y in pairs]


@pytest.mark.parametrize(
    ("other", "distance"),
    [(0, 0), (100 << 16, fixed_div(100 << 16, 65535)), (20000 << 16, arith.MAXINT), (-1 << 31, arith.MAXINT)],
)
def test_the_lowest_difference_has_the_distance_of_the_other_one(other: int, distance: int) -> None:
    lowest = -1 << 31
    for x, y in ((lowest, other), (other, lowest)):
        assert arith.point_to_dist(np.array([x]), np.array([y])).tolist() == [distance]
        assert arithmetic.distance_of(x, y) == distance


def test_angles_and_distances(numbers: NDArray[np.int64]) -> None:
    x, y, *_ = numbers
    pairs = list(zip(x.tolist(), y.tolist(), strict=True))
    angles = arith.point_to_angle(x.astype(np.int32), y.astype(np.int32))
    assert angles.tolist() == [arithmetic.angle_of(*pair) for pair in pairs]
    assert [_angle_of(*pair) & 0xFFFFFFFF for pair in pairs] == angles.tolist()
    assert arith.point_to_dist(x, y).tolist() == [arithmetic.distance_of(*pair) for pair in pairs]


def test_angles_of_points_as_far_as_the_least_int() -> None:
    """It is its own absolute value, is less than every other, and loses its only bit in SlopeDiv."""
    least = -(1 << 31)
    near, edge = 5 << 16, (1 << 31) - 1
    expected = {
        (least, near): 0x40000000,
        (near, least): 0,
        (least, -near): 0xBFFFFFFF,
        (least, least): 0xBFFFFFFF,
        (least, 0): 0x60000000,
        (0, least): 0xE0000000,
        (least, edge): 0x40000000,
    }
    for (x, y), angle in expected.items():
        array = arith.point_to_angle(np.array([x], np.int32), np.array([y], np.int32)).tolist()
        assert (array, arithmetic.angle_of(x, y), _angle_of(x, y)) == ([angle], angle, angle), (x, y)


def test_sides_of_lines(numbers: NDArray[np.int64]) -> None:
    x, y, line_x, line_y = numbers
    rng = np.random.default_rng(2)
    dx, dy = rng.integers(-50, 51, (2, len(x))) << 16
    dx[::5] = 0
    dy[1::5] = 0
    line_x, line_y = line_x >> 16 << 16, line_y >> 16 << 16
    rows = list(zip(*(each.tolist() for each in (x, y, line_x, line_y, dx, dy)), strict=True))
    assert arith.point_on_line_side(x, y, line_x, line_y, dx, dy).tolist() == [
        arithmetic.is_behind(*row) for row in rows
    ]
    nodes = [(*row[2:], row[4] >> 16, row[5] >> 16, 0, 0) for row in rows]
    for row, node in zip(rows, nodes, strict=True):
        assert is_behind(node, *row[:2]) == arithmetic.is_behind(*row)


def test_ragged_counts_within_each_group() -> None:
    offsets, ends = arith.ragged(np.array([2, 0, 3]))
    assert offsets.tolist() == [0, 1, 0, 1, 2]
    assert ends.tolist() == [2, 2, 5]


@pytest.mark.parametrize("size", [(320, 200), (640, 400), (1280, 800), (1001, 601), (1920, 1200)])
@pytest.mark.parametrize("screenblocks", [3, 9, 10, 11])
@pytest.mark.parametrize("detail", [0, 1])
def test_view_tables(size: tuple[int, int], screenblocks: int, detail: int) -> None:
    view, window = ViewTables(*size, screenblocks, detail), ScanlineWindow(*size, screenblocks, detail)
    assert (view.left, view.top, view.width, view.height) == (window.left, window.top, window.width, window.height)
    assert (view.columns, view.scales, view.sky_iscale) == (window.columns, window.scales, window.sky_step)
    weapon = (view.psprite_scale, view.psprite_iscale, view.psprite_drop)
    assert weapon == (window.weapon_scale, window.weapon_step, window.weapon_drop)
    assert view.x_to_angle.tolist() == [*window.x_to_angle]
    assert view.angle_to_x.tolist() == [*window.angle_to_x]
    assert view.yslope.tolist() == [*window.row_slope]
    assert view.distscale.tolist() == [*window.column_stretch]
    assert view.scale_light.tolist() == [*window.scale_light]
    assert view.z_light.tolist() == [*window.distance_light]


def test_view_windows_of_the_original() -> None:
    windows = {blocks: ViewTables(320, 200, blocks) for blocks in range(3, 12)}
    assert [(w.left, w.top, w.width, w.height) for w in windows.values()] == [
        (112, 60, 96, 48),
        (96, 52, 128, 64),
        (80, 44, 160, 80),
        (64, 36, 192, 96),
        (48, 28, 224, 112),
        (32, 20, 256, 128),
        (16, 12, 288, 144),
        (0, 0, 320, 168),
        (0, 0, 320, 200),
    ]


@pytest.mark.parametrize("detail", [0, 1])
@pytest.mark.parametrize("screenblocks", range(3, 12))
def test_sky_and_weapon_are_where_the_original_has_them(screenblocks: int, detail: int) -> None:
    view = ViewTables(320, 200, screenblocks, detail)
    assert view.sky_iscale == (1 << 16) * 320 // view.columns >> detail
    assert view.psprite_drop == 0
