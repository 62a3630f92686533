"""The two renderers against each other, at odd views of all maps and at views that break the original."""

import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pydoom import wad
from pydoom.data import mobj_ids, state_ids
from pydoom.data.flags import MF_SHADOW
from pydoom.render.arrays.renderer import NumpyRenderer
from pydoom.render.colours import NORMAL, SHADOW, STONE, TINT
from pydoom.render.scanline.renderer import ScanlineRenderer
from pydoom.sim import spawning, states
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.level import ML_MAPPED, Sector
from pydoom.sim.overflow import extent
from pydoom.sim.player import Player
from pydoom.sim.rules import StrayMemory
from pydoom.sim.world import World
from pydoom.wad import Assets
from tests.unit import wadmaker
from tests.viewpoints import load_world, odd_views, places_of_things, stand

MF_TRANSLATION_RED = 0xC000000


Renderers = type[NumpyRenderer] | type[ScanlineRenderer]

both_renderers = pytest.mark.parametrize("renderer_class", [NumpyRenderer, ScanlineRenderer])


def assert_same_views(assets: Assets, world: World, players: Iterable[Player], *size: int) -> None:
    """Both renderers turn the same noise into the same frame, see the same lines and things, and advance the fuzz."""
    batch, scanline = NumpyRenderer(assets, *size), ScanlineRenderer(assets, *size)
    noise = np.random.default_rng(1).integers(0, 256, batch.frame.shape, np.uint8)
    for number, player in enumerate(players):
        marks = []
        for each in (batch, scanline):
            each.frame[:] = noise
            for line in world.lines:
                line.flags &= ~ML_MAPPED
            each.draw(world, player)
            marks.append([line.flags & ML_MAPPED for line in world.lines])
        wrong = np.argwhere(batch.frame != scanline.frame)
        assert not len(wrong), f"view {number}: {len(wrong)} pixels differ, first at (row, column) {wrong[0]}"
        assert marks[0] == marks[1]
        assert batch.seen_things() == scanline.seen_things()
        assert batch.fuzz_position == scanline.fuzz_position


@pytest.mark.parametrize("name", ["E1M1", "E1M3", "E1M5", "E1M8"])
def test_views_are_the_same_to_the_pixel(assets: Assets, name: str) -> None:
    world = load_world(assets, name)
    assert_same_views(assets, world, odd_views(world, 9, seed=1))


@both_renderers
def test_graphics_loaded_ahead_change_no_pixel(assets: Assets, renderer_class: Renderers) -> None:
    world = load_world(assets, "E1M2")
    eager, lazy = renderer_class(assets), renderer_class(assets)
    steps = 0
    while eager.load_ahead(world):
        steps += 1
    assert steps > 100
    for player in odd_views(world, 4, seed=21):
        eager.draw(world, player)
        lazy.draw(world, player)
        assert np.array_equal(eager.frame, lazy.frame)


@both_renderers
def test_another_level_s_graphics_are_loaded_after_the_first_s(assets: Assets, renderer_class: Renderers) -> None:
    renderer = renderer_class(assets)
    for name in ("E1M1", "E1M8"):
        world = load_world(assets, name)
        assert renderer.load_ahead(world)
        while renderer.load_ahead(world):
            pass


@pytest.mark.parametrize("screenblocks", range(3, 12))
def test_every_view_size_is_the_same_to_the_pixel(assets: Assets, screenblocks: int) -> None:
    world = load_world(assets, "E1M2")
    assert_same_views(assets, world, odd_views(world, 5, seed=2), 320, 200, screenblocks, 0)
    assert_same_views(assets, world, odd_views(world, 2, seed=15), 320, 200, screenblocks, 1)


def test_low_detail_is_the_same_to_the_pixel(assets: Assets) -> None:
    world = load_world(assets, "E1M7")
    assert_same_views(assets, world, odd_views(world, 8, seed=3), 320, 200, 10, 1)


@pytest.mark.parametrize("size", [(640, 400), (1280, 800), (800, 600), (321, 203, 9, 1), (1920, 1200, 11, 1)])
def test_high_resolution_is_the_same_to_the_pixel(assets: Assets, size: tuple[int, ...]) -> None:
    world = load_world(assets, "E1M6")
    assert_same_views(assets, world, odd_views(world, 2, seed=4), *size)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("views", "size"),
    [
        (30, (320, 200)),
        (5, (320, 200, 11)),
        (5, (320, 200, 10, 1)),
        (2, (640, 400)),
        (1, (1280, 800)),
    ],
)
def test_all_maps_are_the_same_to_the_pixel(assets: Assets, views: int, size: tuple[int, ...]) -> None:
    for name in assets.map_names:
        world = load_world(assets, name)
        assert_same_views(assets, world, odd_views(world, views, seed=5), *size)


@pytest.mark.slow
@pytest.mark.parametrize("iwad", ["freedoom1.wad", "freedoom2.wad"])
def test_freedoom_is_the_same_to_the_pixel(iwad: str) -> None:
    path = Path("/usr/share/games/doom") / iwad
    if not path.is_file():
        pytest.skip(f"{path} is missing: install Debian's package freedoom")
    freedoom = wad.load(path)
    for name in freedoom.map_names:
        world = load_world(freedoom, name)
        assert_same_views(freedoom, world, odd_views(world, 4, seed=6))


def test_other_players_wear_their_colours(assets: Assets) -> None:
    world = load_world(assets, "E1M1")
    x, y, angle = -13 * FRACUNIT * 16, -36 * FRACUNIT * 16, 0
    player = stand(world, x, y, angle)
    views = []
    for colour in range(4):
        body = spawning.spawn_mobj(
            world, x + 100 * FRACUNIT, y, player.mo.subsector.sector.floorheight, mobj_ids.MT_PLAYER
        )
        body.flags = body.flags & ~MF_TRANSLATION_RED | colour << 26
        assert_same_views(assets, world, [player])
        renderer = NumpyRenderer(assets)
        renderer.draw(world, player)
        views.append(renderer.frame)
        states.remove_mobj(world, body)
    assert len({view.tobytes() for view in views}) == 4


@pytest.mark.parametrize(("look", "colours"), [(TINT, [(0xC0, 0xD0), (0xF0, 0xF8)]), (STONE, [(0x50, 0x70)])])
def test_tinted_things_are_blue_and_those_of_stone_gray(
    assets: Assets, look: int, colours: list[tuple[int, int]]
) -> None:
    world = load_world(assets, "E1M1")
    x, y = -13 * FRACUNIT * 16, -36 * FRACUNIT * 16
    player = stand(world, x, y, 0)
    floor = player.mo.subsector.sector.floorheight
    monster = spawning.spawn_mobj(world, x + 100 * FRACUNIT, y, floor, mobj_ids.MT_TROOP)
    frames = []
    for renderer in (NumpyRenderer(assets), ScanlineRenderer(assets)):
        for look_of in (None, lambda mobj: look if mobj is monster else NORMAL):
            renderer.look_of = look_of
            renderer.draw(world, player)
            frames.append(renderer.frame.copy())
    plain, tinted, same_plain, same_tinted = frames
    assert (plain == same_plain).all() and (tinted == same_tinted).all()
    assert set(tinted[plain != tinted].tolist()) <= {colour for each in colours for colour in range(*each)} | {0}
    assert (plain != tinted).any()


def test_thing_that_looks_like_a_shadow_is_drawn_like_one_with_the_flag(assets: Assets) -> None:
    world = load_world(assets, "E1M1")
    x, y = -13 * FRACUNIT * 16, -36 * FRACUNIT * 16
    player = stand(world, x, y, 0)
    floor = player.mo.subsector.sector.floorheight
    monster = spawning.spawn_mobj(world, x + 100 * FRACUNIT, y, floor, mobj_ids.MT_TROOP)
    frames = []
    for kind in (NumpyRenderer, ScanlineRenderer):
        for look_of, flag in ((None, MF_SHADOW), (lambda mobj: SHADOW if mobj is monster else NORMAL, 0)):
            monster.flags = monster.flags & ~MF_SHADOW | flag
            renderer = kind(assets)
            renderer.look_of = look_of
            renderer.draw(world, player)
            frames.append(renderer.frame)
    assert all((frame == frames[0]).all() for frame in frames)


def test_more_sprites_than_the_original_can_show(assets: Assets) -> None:
    world = load_world(assets, "E1M1")
    x, y, angle = places_of_things(assets, "E1M1", 1, seed=1)[0]
    player = stand(world, x, y, angle)
    chance = random.Random(7)
    for _ in range(300):
        spawning.spawn_mobj(
            world,
            x + chance.randint(-400, 400) * FRACUNIT,
            y + chance.randint(-400, 400) * FRACUNIT,
            player.viewz - 30 * FRACUNIT,
            chance.choice([mobj_ids.MT_TROOP, mobj_ids.MT_SHADOWS, mobj_ids.MT_SERGEANT]),
        )
    views = [stand(world, x, y, turn << 29) for turn in range(8)]
    assert_same_views(assets, world, views)
    assert_same_views(assets, world, views[:2], 640, 400)


def test_every_sector_its_own_plane(assets: Assets) -> None:
    world = load_world(assets, "E1M7")
    for number, sector in enumerate(world.sectors):
        sector.lightlevel = number % 256
        sector.floorheight += number * 256
        sector.ceilingheight += number * 512
    assert_same_views(assets, world, odd_views(world, 6, seed=8))


def test_floors_above_ceilings(assets: Assets) -> None:
    world = load_world(assets, "E1M2")
    chance = random.Random(9)
    for sector in world.sectors:
        sector.floorheight += chance.choice([0, 0, 100, -100, 300]) * FRACUNIT
        sector.ceilingheight += chance.choice([0, 0, 100, -200]) * FRACUNIT
        if chance.random() < 0.3:
            sector.ceilingpic = world.skyflatnum
        if chance.random() < 0.2:
            sector.floorpic = world.skyflatnum
    assert_same_views(assets, world, odd_views(world, 10, seed=10))


def test_heights_whose_distances_overflow(assets: Assets) -> None:
    world = load_world(assets, "E1M3")
    chance = random.Random(4)
    for sector in world.sectors:
        sector.floorheight = chance.choice((sector.floorheight, -32768 * FRACUNIT))
        sector.ceilingheight = chance.choice((sector.ceilingheight, 32767 * FRACUNIT))
    extent.measure(world)
    assert world.tall
    assert_same_views(assets, world, odd_views(world, 12, seed=4))


@pytest.mark.parametrize("factor", [4, 9, 16])
def test_levels_wider_than_32_bits(assets: Assets, factor: int) -> None:
    """Coordinates times `factor` wrap, as those of a level do that spans the whole map."""
    level = assets.map("E1M1")
    stretched = {name: getattr(level, name).copy() for name in ("vertexes", "nodes", "things")}
    stretched["vertexes"] *= factor
    stretched["nodes"] *= factor
    stretched["nodes"][:, 12:] //= factor
    stretched["things"][:, :2] *= factor
    for name in stretched:
        places = stretched[name][:, : {"vertexes": 2, "nodes": 12, "things": 2}[name]]
        places[:] = (places + 0x8000 & 0xFFFF) - 0x8000
    world = load_world(assets, replace(level, **stretched))
    assert_same_views(assets, world, odd_views(world, 6, seed=factor))
    assert_same_views(assets, world, [stand(world, x, y, 1 << 29) for x, y in ((0, 0), (-16384 << 16, 16384 << 16))])


def test_subsectors_that_share_segs(assets: Assets) -> None:
    world = load_world(assets, "E1M1")
    chance = random.Random(3)
    for subsector in world.subsectors[::5]:
        other = chance.choice(world.subsectors)
        subsector.firstline, subsector.numlines = other.firstline, other.numlines
    assert_same_views(assets, world, odd_views(world, 8, seed=3))


def test_textures_and_walls_moved_far_off(assets: Assets) -> None:
    world = load_world(assets, "E1M2")
    chance = random.Random(5)
    for side in world.sides:
        side.rowoffset = chance.choice((0, 32767, -32768)) * FRACUNIT
        side.textureoffset = chance.choice((0, 32767, -32768)) * FRACUNIT
        side.midtexture = side.midtexture or chance.choice((0, 0, side.bottomtexture))
    views = list(odd_views(world, 6, seed=5))
    assert_same_views(assets, world, views)
    for psp in views[0].psprites:
        psp.state = world.states[state_ids.S_PISTOL]
        psp.sx, psp.sy = -32700 * FRACUNIT, 32767 * FRACUNIT
    assert_same_views(assets, world, views[:1])


def test_two_sided_walls_without_a_back_open_on_what_is_at_address_0(assets: Assets) -> None:
    world = load_world(assets, "E1M1")
    stray = StrayMemory()
    nowhere = Sector(-1, stray.null_floor, stray.null_ceiling, 0, 0, 0, 0, 0)
    for seg in world.segs[::3]:
        if seg.backsector is None:
            seg.backsector = nowhere
    assert_same_views(assets, world, odd_views(world, 12, seed=6))


@both_renderers
def test_view_without_walls_shows_the_weapon(assets: Assets, renderer_class: Renderers) -> None:
    world = load_world(assets, "E1M1")
    player = next(odd_views(world, 1, seed=11))
    player.mo.x, player.mo.y, player.mo.angle = 30000 * FRACUNIT, 0, 0
    player.psprites[0].state = world.states[10]
    player.psprites[0].sx, player.psprites[0].sy = FRACUNIT, 32 * FRACUNIT
    renderer = renderer_class(assets)
    renderer.draw(world, player)
    assert renderer.frame.any()
    assert_same_views(assets, world, [player])


@both_renderers
def test_sprite_frames_the_wad_lacks_are_not_drawn(assets: Assets, renderer_class: Renderers) -> None:
    world = load_world(assets, "E1M1")
    x, y, angle = places_of_things(assets, "E1M1", 1, seed=2)[0]
    player = stand(world, x, y, angle)
    for sector in world.sectors:
        thing = sector.things
        while thing is not None:
            thing.frame = 28
            thing = thing.snext
    player.psprites[0].state = next(state for state in world.states if world.info.sprites[state.sprite] == "VILE")
    renderer_class(assets).draw(world, player)


@both_renderers
def test_frame_may_be_replaced(assets: Assets, renderer_class: Renderers) -> None:
    world = load_world(assets, "E1M1")
    player = next(odd_views(world, 1, seed=12))
    first, second = renderer_class(assets), renderer_class(assets)
    second.frame = np.full((200, 320), 7, np.uint8)
    first.draw(world, player)
    second.draw(world, player)
    assert (second.frame[168:] == 7).all()
    assert (second.frame[:168] == first.frame[:168]).all()


@both_renderers
def test_level_change_is_noticed(assets: Assets, renderer_class: Renderers) -> None:
    renderer = renderer_class(assets)
    for name in ("E1M1", "E1M2"):
        world = load_world(assets, name)
        player = next(odd_views(world, 1, seed=13))
        renderer.frame[:] = 0
        renderer.draw(world, player)
        fresh = renderer_class(assets)
        fresh.draw(world, player)
        assert (renderer.frame == fresh.frame).all()


@both_renderers
def test_switch_and_scroller_changes_are_noticed(assets: Assets, renderer_class: Renderers) -> None:
    world = load_world(assets, "E1M1")
    players = list(odd_views(world, 3, seed=14))
    renderer = renderer_class(assets)
    for player in players:
        renderer.draw(world, player)
    for side in world.sides:
        side.textureoffset += 5 * FRACUNIT
        side.midtexture, side.toptexture = side.toptexture, side.midtexture
    world.texturetranslation[1:] = world.texturetranslation[:0:-1]
    world.flattranslation.reverse()
    fresh = renderer_class(assets)
    fresh.frame[:] = renderer.frame
    fresh.fuzz_position = renderer.fuzz_position
    for player in players:
        renderer.draw(world, player)
        fresh.draw(world, player)
        assert (renderer.frame == fresh.frame).all()


def test_map_of_one_room_without_nodes(tmp_path: Path) -> None:
    path = tmp_path / "room.wad"
    path.write_bytes(wadmaker.small_wad())
    small = wad.load(path)
    world = load_world(small, small.map_names[0])
    assert not world.nodes
    views = [stand(world, x * FRACUNIT, 100 * FRACUNIT, turn << 28) for turn in range(16) for x in (1, 90, 900)]
    assert_same_views(small, world, views)


@pytest.mark.parametrize("distance", [9_000, 20_000, 32_767])
def test_player_far_outside_the_map(assets: Assets, distance: int) -> None:
    world = load_world(assets, "E1M4")
    views = [
        stand(world, x * distance * FRACUNIT, y * distance * FRACUNIT, turn << 29, height)
        for turn in (0, 3, 5)
        for x, y in ((1, 0), (-1, 1))
        for height in (41 * FRACUNIT, -5_000 * FRACUNIT)
    ]
    assert_same_views(assets, world, views)
