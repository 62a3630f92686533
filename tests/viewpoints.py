"""Fixed random viewpoints in real maps, for comparing and timing renderers."""

from __future__ import annotations

import random
from collections.abc import Iterator

from pydoom.data import mobj_ids, state_ids
from pydoom.data.infotables import load_info
from pydoom.sim import setup
from pydoom.sim.fixed import FRACUNIT, to_int32
from pydoom.sim.geometry import point_in_subsector
from pydoom.sim.mobj import Mobj
from pydoom.sim.player import PW_INVISIBILITY, Player
from pydoom.sim.rules import GameMode
from pydoom.sim.specials import update
from pydoom.sim.world import World
from pydoom.wad import Assets, MapData

VIEWHEIGHT = 41 * FRACUNIT
_WEAPONS = range(state_ids.S_PUNCH, state_ids.S_BFG)
"""States that show some weapon."""
_OUTSIDE = 6000


def load_world(assets: Assets, level: str | MapData, skill: int = 3) -> World:
    """The world at the start of a map, by its name or as given; nobody plays in it."""
    name = level if isinstance(level, str) else "E1M1"
    commercial = assets.mode == "commercial"
    world = World(assets, load_info(), GameMode.COMMERCIAL if commercial else GameMode.SHAREWARE)
    episode, number = (1, int(name[3:])) if commercial else (int(name[1]), int(name[3]))
    update.init_pic_anims(world)
    update.init_switch_list(world)
    setup.setup_level(world, assets.map(level) if isinstance(level, str) else level, episode, number, skill)
    return world


def stand(world: World, x: int, y: int, angle: int, height: int = VIEWHEIGHT) -> Player:
    """A player at (x, y), 16.16, its eyes `height` over the floor; its body is not part of the world."""
    x, y = to_int32(x), to_int32(y)
    player = world.players[0]
    subsector = point_in_subsector(world, x, y)
    info = world.info.mobjinfo[mobj_ids.MT_PLAYER]
    player.mo = Mobj(subsector, info, world.states[info.spawnstate])
    player.mo.x, player.mo.y, player.mo.angle = x, y, angle
    player.viewz = to_int32(subsector.sector.floorheight + height)
    return player


def places_of_things(assets: Assets, name: str, count: int, seed: int) -> list[tuple[int, int, int]]:
    """Where things of a map stand, with random angles: views that a player may have."""
    chance = random.Random(f"{name}{seed}")
    things = assets.map(name).things.tolist()
    spots = [chance.choice(things) for _ in range(count)]
    return [(x << 16, y << 16, chance.getrandbits(32)) for x, y, *_ in spots]


def odd_views(world: World, count: int, seed: int) -> Iterator[Player]:
    """Players near, on and far from vertices, at odd heights, in odd light, with odd weapons."""
    chance = random.Random(seed)
    for number in range(count):
        vertex = chance.choice(world.vertexes)
        x, y = vertex.x, vertex.y
        reach = (0, 3, 200, 200)[number % 4] * FRACUNIT
        x, y = x + chance.randint(-reach, reach), y + chance.randint(-reach, reach)
        if number % 9 == 8:
            x, y = (chance.randint(-_OUTSIDE, _OUTSIDE) * FRACUNIT for _ in range(2))
        height = chance.choice([41, 41, 41, 10, 100, -20, 300]) * FRACUNIT + chance.randrange(FRACUNIT)
        player = stand(world, x, y, chance.getrandbits(32), height)
        player.extralight = chance.choice([0, 0, 0, 1, 2])
        player.fixedcolormap = chance.choice([0] * 8 + [1, 32])
        player.powers[PW_INVISIBILITY] = chance.choice([0, 0, 0, 500])
        for psp in player.psprites:
            psp.state = world.states[chance.choice(_WEAPONS)] if chance.random() < 0.8 else None
            psp.sx, psp.sy = chance.randint(-20, 20) * FRACUNIT, chance.randint(20, 100) * FRACUNIT
        yield player
