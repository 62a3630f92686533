"""Views in data centres: painted all over, the same from both renderers, and within the original's limits."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from pydoom import wad
from pydoom.fleetmap.draft import Draft, Group
from pydoom.fleetmap.inhabit import inhabit
from pydoom.fleetmap.plan import plan
from pydoom.fleetmap.stock import Stock
from pydoom.fleetmap.wadfile import wad_of
from pydoom.render.arrays.renderer import NumpyRenderer
from pydoom.render.scanline.renderer import ScanlineRenderer
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.player import Player
from pydoom.sim.world import World
from pydoom.wad import Assets
from tests.viewpoints import load_world, stand

MAX_VISPLANES, MAX_WALL_RANGES = 128, 256
VIEWS = 17
SOME = [Group(f"service-{number}", number * 3 + 1, number % 2) for number in range(12)]
FLEETS = {
    "some": SOME,
    "one of a thousand": [Group("x", 1000)],
    "a hundred of ten": [Group(f"namespace-{number}", 9, 1) for number in range(100)],
}


def built(groups: Sequence[Group], assets: Assets, seed: int) -> Draft:
    return inhabit(plan(groups, seed, Stock.of(assets), "E1M1"), groups)


def views(world: World, draft: Draft, count: int, seed: int) -> Iterator[Player]:
    """Players with empty hands at random places where something stands, while all doors are open."""
    for sector in world.sectors:
        if sector.ceilingheight == sector.floorheight:
            sector.ceilingheight += 72 * FRACUNIT
    chance = random.Random(seed)
    spots = [(thing.x, thing.y) for thing in draft.things] + [(place.x, place.y) for place in draft.places]
    for _ in range(count):
        spot = chance.choice(spots)
        x, y = (at * FRACUNIT + chance.randrange(-15 * FRACUNIT, 15 * FRACUNIT) for at in spot)
        player = stand(world, x, y, chance.getrandbits(32))
        for psprite in player.psprites:
            psprite.state = None
        yield player


@pytest.mark.slow
@pytest.mark.parametrize("name", FLEETS)
def test_every_view_is_whole_the_same_from_both_renderers_and_not_too_much_for_the_original(
    wad_path: Path, assets: Assets, tmp_path: Path, name: str
) -> None:
    draft = built(FLEETS[name], assets, 3)
    level = tmp_path / "fleet.wad"
    level.write_bytes(wad_of(draft, assets))
    loaded = wad.load(wad_path, level)
    world = load_world(loaded, "E1M1")
    arrays, scanline = NumpyRenderer(loaded, 320, 200, 11, 0), ScanlineRenderer(loaded, 320, 200, 11, 0)
    for player in views(world, draft, VIEWS, seed=1):
        frames = []
        for renderer, colour in ((arrays, 0), (arrays, 255), (scanline, 0)):
            renderer.frame[:] = colour
            renderer.draw(world, player)
            frames.append(renderer.frame.copy())
        place = player.mo.x / FRACUNIT, player.mo.y / FRACUNIT
        assert (frames[0] == frames[1]).all(), f"not painted all over at {place}"
        assert (frames[0] == frames[2]).all(), f"the renderers differ at {place}"
        visplanes, ranges = scanline.counts
        assert visplanes <= MAX_VISPLANES, place
        assert ranges < MAX_WALL_RANGES, place


@pytest.mark.slow
@pytest.mark.parametrize("seed", [14, 17])
def test_the_view_from_the_hall_up_the_avenue_is_not_too_much_for_the_original(
    wad_path: Path, assets: Assets, tmp_path: Path, seed: int
) -> None:
    draft = built([Group(f"g{number}-{seed}", 10, 1) for number in range(90)], assets, seed)
    level = tmp_path / "fleet.wad"
    level.write_bytes(wad_of(draft, assets))
    loaded = wad.load(wad_path, level)
    world = load_world(loaded, "E1M1")
    renderer = ScanlineRenderer(loaded, 320, 200, 11, 0)
    chance = random.Random(seed)
    for _ in range(40):
        x, y = (chance.randint(130, 160) * chance.choice((-1, 1)), chance.randint(-880, -780))
        degrees = chance.randint(110, 140) if x > 0 else chance.randint(40, 70)
        renderer.draw(world, stand(world, x * FRACUNIT, y * FRACUNIT, degrees * (1 << 32) // 360))
        assert renderer.counts[0] <= MAX_VISPLANES, (x, y, degrees)


@pytest.mark.slow
def test_the_view_into_a_vault_of_hundreds_is_not_too_much_for_the_original(
    wad_path: Path, assets: Assets, tmp_path: Path
) -> None:
    draft = built([Group(f"g{number}", 1, 9) for number in range(60)], assets, 1)
    level = tmp_path / "fleet.wad"
    level.write_bytes(wad_of(draft, assets))
    loaded = wad.load(wad_path, level)
    world = load_world(loaded, "E1M1")
    renderer = ScanlineRenderer(loaded, 320, 200, 11, 0)
    for x, y, degrees in (
        (-500, -100, 192),
        (-500, -800, 168),
        (-520, -448, 180),
        (-440, -100, 205),
        (-430, -780, 150),
    ):
        renderer.draw(world, stand(world, x * FRACUNIT, y * FRACUNIT, degrees * (1 << 32) // 360))
        assert renderer.counts[0] <= MAX_VISPLANES, (x, y, degrees)
