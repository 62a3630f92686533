"""Views in data centres: painted all over, the same from both renderers, and within the original's limits."""

import random
from collections.abc import Iterable, Iterator

import pytest

from pydoom.fleetmap.doomednums import ARMOUR_BONUS, HEALTH_BONUS
from pydoom.fleetmap.draft import Draft, Group
from pydoom.render.arrays.renderer import NumpyRenderer
from pydoom.render.scanline.renderer import ScanlineRenderer
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.player import Player
from pydoom.sim.world import World
from tests.unit.test_fleetmap_level import ASSETS, level, open_doors
from tests.viewpoints import stand

MAX_VISPLANES, MAX_WALL_RANGES = 128, 256
VIEWS = 25
FLEETS = {
    "some": [Group(f"service-{number}", number * 3 + 1, number % 2) for number in range(12)],
    "one of a thousand": [Group("x", 1000)],
    "large rooms": [Group(f"project {number}", 60, 3) for number in range(10)],
    "many rooms": [Group(f"namespace {number}", 5) for number in range(48)],
    "a hundred of ten": [Group(f"namespace-{number}", 9, 1) for number in range(100)],
}


def view(world: World, x: int, y: int, degrees: int) -> Player:
    return stand(world, x * FRACUNIT, y * FRACUNIT, degrees * (1 << 32) // 360)


def random_views(world: World, draft: Draft, count: int, seed: int) -> Iterator[Player]:
    """Players with empty hands at random places where something stands."""
    chance = random.Random(seed)
    spots = [(thing.x, thing.y) for thing in draft.things] + [(place.x, place.y) for place in draft.places]
    for _ in range(count):
        spot = chance.choice(spots)
        x, y = (at * FRACUNIT + chance.randrange(-15 * FRACUNIT, 15 * FRACUNIT) for at in spot)
        player = stand(world, x, y, chance.getrandbits(32))
        for psprite in player.psprites:
            psprite.state = None
        yield player


def assert_within_limits(world: World, views: Iterable[Player]) -> None:
    renderer = ScanlineRenderer(ASSETS, 320, 200, 11)
    for player in views:
        renderer.draw(world, player)
        visplanes, ranges = renderer.counts
        place = player.mo.x / FRACUNIT, player.mo.y / FRACUNIT
        assert visplanes <= MAX_VISPLANES, place
        assert ranges < MAX_WALL_RANGES, place


@pytest.mark.slow
@pytest.mark.parametrize("name", FLEETS)
def test_every_view_is_whole_and_the_same_from_both_renderers(name: str) -> None:
    draft, world = level(FLEETS[name], 3, inhabited=True)
    open_doors(world)
    arrays, scanline = NumpyRenderer(ASSETS, 320, 200, 11, 0), ScanlineRenderer(ASSETS, 320, 200, 11, 0)
    for player in random_views(world, draft, VIEWS, seed=1):
        frames = []
        for renderer, colour in ((arrays, 0), (arrays, 255), (scanline, 0)):
            renderer.frame[:] = colour
            renderer.draw(world, player)
            frames.append(renderer.frame.copy())
        place = player.mo.x / FRACUNIT, player.mo.y / FRACUNIT
        assert (frames[0] == frames[1]).all(), f"not painted all over at {place}"
        assert (frames[0] == frames[2]).all(), f"the renderers differ at {place}"


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 3])
@pytest.mark.parametrize("name", FLEETS)
def test_no_view_is_too_much_for_the_original_while_all_doors_are_open(name: str, seed: int) -> None:
    draft, world = level(FLEETS[name], seed)
    open_doors(world)
    assert_within_limits(world, random_views(world, draft, VIEWS, seed))
    # from the ends of the streets along all their doors
    ends = [thing for thing in draft.things if thing.type in (HEALTH_BONUS, ARMOUR_BONUS) and thing.y > 0]
    assert_within_limits(world, (view(world, end.x, end.y, end.angle) for end in ends[::3]))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [14, 17])
def test_the_view_from_the_hall_up_the_avenue_is_not_too_much_for_the_original(seed: int) -> None:
    _, world = level([Group(f"g{number}-{seed}", 10, 1) for number in range(90)], seed)
    chance = random.Random(seed)
    spots = []
    for _ in range(40):
        x, y = chance.randint(130, 160) * chance.choice((-1, 1)), chance.randint(-880, -780)
        spots.append((x, y, chance.randint(110, 140) if x > 0 else chance.randint(40, 70)))
    assert_within_limits(world, (view(world, *spot) for spot in spots))


@pytest.mark.slow
def test_the_view_into_a_vault_of_hundreds_is_not_too_much_for_the_original() -> None:
    _, world = level([Group(f"g{number}", 1, 9) for number in range(60)])
    spots = ((-500, -100, 192), (-500, -800, 168), (-520, -448, 180), (-440, -100, 205), (-430, -780, 150))
    assert_within_limits(world, (view(world, *spot) for spot in spots))
