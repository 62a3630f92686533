"""Random levels through the node builder: the simulation and both renderers must find in them what was drafted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pydoom.fleetmap.build import build
from pydoom.fleetmap.nodes import NodeLine, build_tree
from pydoom.render.arrays.renderer import NumpyRenderer
from pydoom.render.scanline.renderer import ScanlineRenderer
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.geometry import point_in_subsector
from pydoom.wad import Assets, MapData
from tests.drafts import GridLevel, grid_level, octagon
from tests.viewpoints import load_world, stand

levels = st.builds(
    grid_level,
    seed=st.integers(0, 2**32),
    columns=st.integers(1, 9),
    rows=st.integers(1, 9),
    sectors=st.integers(1, 12),
    solid=st.floats(0, 0.6),
)


def leaves(data: MapData) -> list[list[list[int]]]:
    """The segs of each subsector."""
    return [data.segs[first : first + count].tolist() for count, first in data.subsectors.tolist()]


@given(levels)
@settings(max_examples=60, deadline=None)
def test_every_point_is_in_the_sector_where_it_was_drafted(assets: Assets, level: GridLevel) -> None:
    world = load_world(assets, build(level.draft).read())
    for x, y, sector in level.points():
        assert point_in_subsector(world, int(x * FRACUNIT), int(y * FRACUNIT)).sector.index == sector, (x, y)


@given(levels)
@settings(max_examples=60, deadline=None)
def test_segs_of_a_subsector_face_each_other_and_one_sector(level: GridLevel) -> None:
    data = build(level.draft).read()
    points = data.vertexes.tolist()
    for segs in leaves(data):
        sectors = {data.sidedefs.sector[data.linedefs[line, 5 + side]] for _, _, _, line, side, _ in segs}
        assert len(sectors) == 1
        for first, second, *_ in segs:
            (x1, y1), (x2, y2) = points[first], points[second]
            for ends in segs:
                for x, y in (points[end] for end in ends[:2]):
                    assert (x - x1) * (y2 - y1) - (y - y1) * (x2 - x1) >= 0


@given(levels)
@settings(max_examples=60, deadline=None)
def test_segs_cover_each_side_of_a_line_once(level: GridLevel) -> None:
    data = build(level.draft).read()
    points = data.vertexes.tolist()
    covered: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for first, second, angle, line, side, offset in data.segs.tolist():
        start, end = data.linedefs[line, :2].tolist()[:: -1 if side else 1]
        (x1, y1), (x2, y2) = points[first], points[second]
        length = abs(x2 - x1) + abs(y2 - y1)
        assert offset == abs(x1 - points[start][0]) + abs(y1 - points[start][1])
        dx, dy = points[end][0] - points[start][0], points[end][1] - points[start][1]
        assert (
            angle >> 16 & 0xFFFF
            == {(1, 0): 0, (0, 1): 0x4000, (-1, 0): 0x8000, (0, -1): 0xC000}[np.sign(dx), np.sign(dy)]
        )
        covered.setdefault((line, side), []).append((offset, offset + length))
    for number, (start, end, *_, left) in enumerate(data.linedefs.tolist()):
        whole = sum(abs(a - b) for a, b in zip(points[start], points[end], strict=True))
        for side in range(1 + (left >= 0)):
            parts = sorted(covered.pop((number, side)))
            assert [0, *(last for _, last in parts)] == [*(first for first, _ in parts), whole]
    assert not covered


@given(levels)
@settings(max_examples=60, deadline=None)
def test_boxes_of_nodes_hold_their_segs_and_no_more(level: GridLevel) -> None:
    data = build(level.draft).read()
    segs, nodes = leaves(data), data.nodes.tolist()

    def box(child: int) -> list[int]:
        if child >= 0:
            (top, bottom, left, right), other = nodes[child][4:8], nodes[child][8:12]
            return [max(top, other[0]), min(bottom, other[1]), min(left, other[2]), max(right, other[3])]
        ends = data.vertexes[[end for seg in segs[~child] for end in seg[:2]]]
        (left, bottom), (right, top) = ends.min(axis=0).tolist(), ends.max(axis=0).tolist()
        return [top, bottom, left, right]

    for node in nodes:
        assert node[4:8] == box(node[12])
        assert node[8:12] == box(node[13])


@pytest.mark.parametrize("seed", range(4))
def test_renderers_agree_and_paint_every_pixel(assets: Assets, seed: int) -> None:
    level = grid_level(seed, 6, 6)
    world = load_world(assets, build(level.draft).read())
    chance = np.random.default_rng(seed)
    places = [(x, y) for x, y, sector in level.points() if level.draft.sectors[sector].ceiling >= 56]
    renderers = [NumpyRenderer(assets, 320, 200, 11, 0), ScanlineRenderer(assets, 320, 200, 11, 0)]
    for x, y in chance.permutation(places)[:12].tolist():
        player = stand(world, int(x * FRACUNIT), int(y * FRACUNIT), int(chance.integers(2**32)))
        for psprite in player.psprites:
            psprite.state = None
        frames = []
        for renderer in renderers:
            for colour in (0, 255):
                renderer.frame[:] = colour
                renderer.draw(world, player)
                frames.append(renderer.frame.copy())
        assert all((frame == frames[0]).all() for frame in frames), (x, y)


@pytest.mark.parametrize("cut", [8, 24, 32])
def test_pillars_with_slanted_corners_are_solid_all_around(assets: Assets, cut: int) -> None:
    level = grid_level(1, 1, 1, 1, 0)
    middle_x, middle_y = (level.xs[0] + level.xs[1]) // 2, (level.ys[0] + level.ys[1]) // 2
    draft = octagon(level.draft, 0, (middle_x, middle_y), 48, cut)
    data = build(draft).read()
    for segs in leaves(data):
        for first, second, *_ in segs:
            (x1, y1), (x2, y2) = data.vertexes[[first, second]].tolist()
            for x, y in data.vertexes[[end for seg in segs for end in seg[:2]]].tolist():
                assert (x - x1) * (y2 - y1) - (y - y1) * (x2 - x1) >= 0


def test_lines_at_any_angle_are_cut_within_one_unit() -> None:
    vertexes = [(0, 0), (0, 1000), (1000, 1000), (1000, 0), (300, 301), (703, 299), (500, 777)]
    rim = [(0, 1), (1, 2), (2, 3), (3, 0)]
    triangle = [(4, 5), (5, 6), (6, 4)]
    lines = [NodeLine(*vertexes[a], *vertexes[b], two_sided=False) for a, b in [*rim, *triangle]]
    tree = build_tree(lines, vertexes)
    assert len(tree.nodes) == len(tree.subsectors) - 1
    for first, second, _, number, _, _ in tree.segs:
        line = lines[number]
        dx, dy = line.x2 - line.x1, line.y2 - line.y1
        for x, y in (tree.vertexes[first], tree.vertexes[second]):
            assert abs((x - line.x1) * dy - (y - line.y1) * dx) <= np.hypot(dx, dy)


def test_a_level_of_three_thousand_lines_stays_shallow() -> None:
    data = build(grid_level(5, 40, 40).draft).read()
    assert len(data.linedefs) > 2500
    depths = {len(data.nodes) - 1: 1}
    deepest = 0
    for number in range(len(data.nodes) - 1, -1, -1):
        for child in data.nodes[number, 12:14].tolist():
            if child >= 0:
                depths[child] = depths[number] + 1
            deepest = max(deepest, depths[number] + 1)
    assert deepest <= 24
    assert len(data.segs) < 2.2 * len(data.sidedefs)
