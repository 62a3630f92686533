"""The data centre as the game plays it: built from the plan and walked through."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pydoom import wad
from pydoom.data import mobj_ids
from pydoom.fleetmap.build import build
from pydoom.fleetmap.draft import SIGN_HEIGHT, SIGN_WIDTH, Draft, DraftPlace, Group
from pydoom.fleetmap.hall import HALL
from pydoom.fleetmap.inhabit import inhabit
from pydoom.fleetmap.plan import plan, sign_names
from pydoom.fleetmap.signs import sign_patches
from pydoom.fleetmap.stock import Stock
from pydoom.sim import collision, sight
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.geometry import point_in_subsector
from pydoom.sim.mobj import Mobj
from pydoom.sim.specials.doors import MANUAL_DOORS
from pydoom.sim.world import World
from tests.conftest import WAD
from tests.viewpoints import load_world

ASSETS = wad.load(WAD)
ASSETS.reserve_textures(sign_names(), SIGN_WIDTH, SIGN_HEIGHT)
STOCK = Stock.of(ASSETS)
WALK = 32
"""Distance between two points of a walk; every place is on one."""
USE_RANGE = 64

fleets = st.lists(
    st.tuples(st.text(max_size=6), st.integers(0, 30), st.integers(0, 2)), max_size=12, unique_by=lambda group: group[0]
).map(lambda groups: [Group(*group) for group in groups])


def level(groups: list[Group], seed: int = 1, *, inhabited: bool = False) -> tuple[Draft, World]:
    """The plan of a data centre, perhaps with its monsters, and the world at its start."""
    draft = plan(groups, seed, STOCK, "E1M1")
    if inhabited:
        draft = inhabit(draft, groups)
    ASSETS.paint_textures(sign_patches(draft.signs, ASSETS))
    return draft, load_world(ASSETS, build(draft).read())


def probe(world: World, x: int, y: int, kind: int) -> Mobj:
    info = world.info.mobjinfo[kind]
    mobj = Mobj(point_in_subsector(world, x << 16, y << 16), info, world.states[info.spawnstate])
    mobj.x, mobj.y = x << 16, y << 16
    mobj.z = mobj.subsector.sector.floorheight
    return mobj


def open_doors(world: World) -> None:
    """As high as they go by themselves."""
    for line in world.lines:
        if line.special in MANUAL_DOORS and line.backsector is not None:
            line.backsector.ceilingheight = line.frontsector.ceilingheight - 4 * FRACUNIT


def walked(world: World) -> set[tuple[int, int]]:
    """Every point of a grid that a player gets to from the first start, on foot through open doors."""
    body = probe(world, 0, HALL.south + 64, mobj_ids.MT_PLAYER)
    waiting = [(0, HALL.south + 64)]
    floors: dict[tuple[int, int], int] = {}

    def floor(x: int, y: int) -> int | None:
        if not collision.check_position(world, body, x << 16, y << 16):
            return None
        move = world.move
        return move.floorz if move.ceilingz - move.floorz >= body.height else None

    while waiting:
        x, y = waiting.pop()
        if (x, y) not in floors:
            here = floor(x, y)
            assert here is not None
            floors[x, y] = here
        for step in ((x + WALK, y), (x - WALK, y), (x, y + WALK), (x, y - WALK)):
            between = floor((x + step[0]) // 2, (y + step[1]) // 2)
            there = floor(*step) if step not in floors else None
            if between is None or there is None:
                continue
            if max(between, there) - floors[x, y] <= 24 * FRACUNIT:
                floors[step] = there
                waiting.append(step)
    return set(floors)


def hall_views() -> Iterator[tuple[int, int]]:
    """Points before the vault's window."""
    for x in (HALL.west + 32, HALL.west + 128):
        for y in range(HALL.south + 32, HALL.north, 64):
            yield x, y


def is_seen(world: World, place: DraftPlace) -> bool:
    monster = probe(world, place.x, place.y, mobj_ids.MT_SERGEANT)
    return any(sight.check_sight(world, probe(world, x, y, mobj_ids.MT_PLAYER), monster) for x, y in hall_views())


@settings(max_examples=6, deadline=None, derandomize=True)
@given(fleets, st.integers(0, 1000))
def test_a_player_can_walk_to_every_monster_and_to_the_exit_but_not_into_the_vault(
    groups: list[Group], seed: int
) -> None:
    draft, world = level(groups, seed)
    open_doors(world)
    reached = walked(world)
    for place in draft.places:
        assert ((place.x, place.y) in reached) != place.protected, place
    (switch,) = [line for line in draft.lines if line.special == 11]
    middle = (switch.start[0] + switch.end[0]) // 2
    assert (middle, switch.start[1] + WALK) in reached
    assert sum(place.protected for place in draft.places) >= sum(group.protected for group in groups)


@settings(max_examples=6, deadline=None, derandomize=True)
@given(fleets)
def test_the_widest_species_fits_into_every_place(groups: list[Group]) -> None:
    draft, world = level(groups)
    for place in draft.places:
        body = probe(world, place.x, place.y, mobj_ids.MT_SERGEANT)
        body.radius, body.height = 31 * FRACUNIT, 64 * FRACUNIT
        assert collision.check_position(world, body, body.x, body.y), place
        assert world.move.floorz == world.move.dropoffz == body.z
        assert world.move.ceilingz - body.z >= body.height


@pytest.mark.parametrize("protected", [1, 30, 300])
def test_protected_containers_can_be_seen_from_the_hall(protected: int) -> None:
    draft, world = level([Group("database", 1, protected)])
    vault = [place for place in draft.places if place.protected]
    assert len(vault) >= protected
    assert all(is_seen(world, place) for place in vault)


def test_nobody_looks_from_a_room_into_another_while_its_door_is_closed() -> None:
    draft, world = level([Group("shop", 6), Group("mail", 6)])
    first = {place.group: probe(world, place.x, place.y, mobj_ids.MT_SERGEANT) for place in draft.places}
    assert not sight.check_sight(world, first[0], first[1])
    assert not sight.check_sight(world, probe(world, 0, HALL.south + 80, mobj_ids.MT_PLAYER), first[0])
