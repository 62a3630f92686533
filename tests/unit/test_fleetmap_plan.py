"""The data centre on the drawing board: what is drawn is a level, whatever the fleet looks like."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pydoom import wad
from pydoom.fleetmap.canvas import Canvas, DraftArea, Dressing, Rect
from pydoom.fleetmap.draft import SIGN_HEIGHT, SIGN_WIDTH, Draft, Group
from pydoom.fleetmap.plan import DIFFERENT, plan, themed
from pydoom.fleetmap.stock import Stock
from pydoom.fleetmap.themes import themes
from pydoom.sim.level import ML_BLOCKING, ML_TWOSIDED
from tests.conftest import WAD

STOCK = Stock.of(wad.load(WAD))

names = st.text(st.characters(codec="utf-8"), max_size=12)
fleets = st.lists(
    st.tuples(names, st.integers(0, 40), st.integers(0, 3)), max_size=30, unique_by=lambda group: group[0]
).map(lambda groups: [Group(*group) for group in groups])


def plan_of(groups: list[Group], seed: int = 1) -> Draft:
    return plan(groups, seed, STOCK, "E1M1")


@settings(max_examples=40, deadline=None, derandomize=True)
@given(fleets, st.integers(0, 1 << 32))
def test_every_sector_is_closed_and_lines_meet_at_their_ends_only(groups: list[Group], seed: int) -> None:
    draft = plan_of(groups, seed)
    ends: dict[int, Counter[tuple[int, int]]] = defaultdict(Counter)
    covered: set[tuple[int, int, int, int]] = set()
    vertexes = {end for line in draft.lines for end in (line.start, line.end)}
    columns, rows = defaultdict(set), defaultdict(set)
    for x, y in vertexes:
        columns[x].add(y)
        rows[y].add(x)
    for line in draft.lines:
        (x1, y1), (x2, y2) = line.start, line.end
        assert (x1 == x2) != (y1 == y2), "parallel to one axis"
        assert not any(number % 8 for number in (x1, y1, x2, y2))
        inside = columns[x1] if x1 == x2 else rows[y1]
        low, high = sorted((y1, y2) if x1 == x2 else (x1, x2))
        assert not any(low < number < high for number in inside), "no other line ends on it"
        key = (*min(line.start, line.end), *max(line.start, line.end))
        assert key not in covered
        covered.add(key)
        back = line.back.sector if line.back else None
        assert bool(line.flags & ML_TWOSIDED) == (back is not None)
        assert line.back is not None or line.flags & ML_BLOCKING
        assert line.front.sector != back
        for sector in {line.front.sector, back} - {None}:
            assert sector is not None
            ends[sector].update((line.start, line.end))
    assert set(ends) == set(range(len(draft.sectors)))
    assert all(count % 2 == 0 for sector in ends.values() for count in sector.values())


@settings(max_examples=40, deadline=None, derandomize=True)
@given(fleets)
def test_every_surface_that_can_be_seen_has_a_texture_that_fits(groups: list[Group]) -> None:
    draft = plan_of(groups)
    for line in draft.lines:
        front = draft.sectors[line.front.sector]
        if line.back is None:
            _assert_fits(draft, line.front.middle, front.ceiling - front.floor)
            continue
        back = draft.sectors[line.back.sector]
        for side, here, there in ((line.front, front, back), (line.back, back, front)):
            is_sky = here.ceiling_flat == there.ceiling_flat == "F_SKY1"
            if there.ceiling < here.ceiling and not is_sky:
                _assert_fits(draft, side.upper, here.ceiling - max(there.ceiling, here.floor))
            if there.floor > here.floor:
                _assert_fits(draft, side.lower, there.floor - here.floor)
    for sector in draft.sectors:
        assert {sector.floor_flat, sector.ceiling_flat} <= STOCK.flats
        assert 0 <= sector.light <= 255
    assert {thing.type for thing in draft.things} - {1, 2, 3, 4, 11} <= STOCK.things


def _assert_fits(draft: Draft, texture: str, height: int) -> None:
    """Only textures 128 high may repeat: others show wrong colours below their end."""
    if texture in draft.signs:
        assert height == SIGN_HEIGHT
    else:
        assert STOCK.textures[texture][1] == 128 or height <= STOCK.textures[texture][1]


def test_each_group_has_room_for_half_as_many_more() -> None:
    groups = [Group(f"group {size}", size, size % 2) for size in (1, 2, 7, 40, 333)]
    places = Counter(place.group for place in plan_of(groups).places if not place.protected)
    for number, group in enumerate(groups):
        assert places[number] >= group.population * 3 // 2
    assert places[-1] >= 36, "the loading dock"


def test_protected_containers_have_places_in_the_vault_and_a_fleet_without_them_has_no_vault() -> None:
    draft = plan_of([Group("database", 1, 25)])
    assert sum(place.protected for place in draft.places) >= 25
    assert "PROTECTED" in draft.signs.values()
    assert not any(place.protected for place in plan_of([Group("database", 1)]).places)


def test_each_door_has_a_sign_with_its_groups_name_unscaled() -> None:
    draft = plan_of([Group("shop", 3), Group("mail", 1), Group("all protected", 0, 2)])
    sides = [(line, side) for line in draft.lines for side in (line.front, line.back) if side is not None]
    hung = [(line, side) for line, side in sides if side.upper in draft.signs]
    assert all(abs(line.start[0] - line.end[0]) + abs(line.start[1] - line.end[1]) == SIGN_WIDTH for line, _ in hung)
    assert not any(side.x_offset for _, side in hung)
    texts = [draft.signs[side.upper] for _, side in hung]
    assert texts.count("shop") == 2, "over its door and its end of the street"
    assert {"mail", "LOADING DOCK", "PROTECTED", "EXIT"} <= set(texts)
    assert "all protected" not in texts


@pytest.mark.parametrize("players", [1, 2, 3, 4])
def test_there_are_as_many_starts_as_players(players: int) -> None:
    draft = plan([Group("shop", 3)], 1, STOCK, "E1M1", players)
    assert [thing.type for thing in draft.things if thing.type <= 4] == list(range(1, players + 1))


def test_the_same_groups_and_seed_give_the_same_level_and_another_seed_another() -> None:
    groups = [Group("shop", 3), Group("mail", 1)]
    assert plan_of(groups) == plan_of(groups)
    assert plan_of(groups) != plan_of(groups, seed=2)


def test_a_room_keeps_its_look_when_other_groups_come_and_go() -> None:
    alone, among = plan_of([Group("mail", 4)]), plan_of([Group("mail", 4), Group("shop", 9)])
    walls = [{line.front.middle for line in draft.lines if line.back is None} for draft in (alone, among)]
    assert walls[0] <= walls[1]


def test_neighbours_do_not_look_alike() -> None:
    looks = themes(STOCK)
    rooms = themed([Group(f"group {number}", number % 3) for number in range(60)], looks, 1)
    assert len(rooms) == 40
    names = [theme.name for _, theme in rooms]
    assert all(name not in names[at + 1 : at + 1 + DIFFERENT] for at, name in enumerate(names))
    assert len(set(names)) == len(looks) >= 8


def test_a_wad_without_doom_s_textures_still_gives_a_level() -> None:
    stock = Stock({"BRICKS": (64, 128), "SW": (8, 8)}, frozenset({"F_SKY1", "GROUND"}), frozenset())
    draft = plan([Group("shop", 3, 1)], 1, stock, "E1M1")
    used = {
        name for line in draft.lines for side in (line.front, line.back) if side for name in (side.middle, side.upper)
    }
    assert used - set(draft.signs) <= {"BRICKS", "-"}


def test_a_line_runs_wherever_two_areas_touch_and_ends_where_another_begins() -> None:
    canvas = Canvas()
    low, high = (canvas.area(DraftArea(floor=floor, wall="W", riser="R")) for floor in (0, 16))
    canvas.paint(Rect(0, 0, 128, 64), low)
    canvas.paint(Rect(64, 0, 128, 64), high)
    canvas.dress((0, 0), (0, 64), Dressing("SIGN", special=11))
    sectors, lines = canvas.finish()
    assert [sector.floor for sector in sectors] == [0, 16]
    assert len(lines) == 7
    (between,) = [line for line in lines if line.back]
    assert {between.front.lower, between.back.lower if between.back else ""} == {"R", "-"}
    (dressed,) = [line for line in lines if line.special]
    assert (dressed.front.middle, dressed.start, dressed.end) == ("SIGN", (0, 0), (0, 64))
