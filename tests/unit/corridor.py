"""A real level made by hand: a row of square rooms from west to east, set up as a map from a WAD would be.

Room number `i` covers x from 256 * i to 256 * (i + 1) and y from 0 to 256, and is sector `i`. Between two rooms lies a
two-sided line whose front is the eastern room. Line 0 is the wall at the western end.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from pydoom.data.infotables import load_info
from pydoom.sim import actions, setup, spawning
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.level import ML_BLOCKING, ML_TWOSIDED
from pydoom.sim.mobj import Mobj
from pydoom.sim.player import PST_REBORN
from pydoom.sim.rules import SK_MEDIUM, GameMode
from pydoom.sim.specials import update
from pydoom.sim.world import World
from pydoom.wad.mapdata import MapData, Sectors, Sidedefs

from .rooms import SmallCatalog, SoundLog

SIZE = 256
SOLID = ML_BLOCKING


class CorridorCatalog(SmallCatalog):
    """SmallCatalog plus a sky texture."""

    def __init__(self) -> None:
        self.flat_names = [*SmallCatalog.flat_names, "F_SKY1"]

    def texture_number(self, name: str) -> int:
        return 0 if name == "-" else super().texture_number(name)

    def flat_number(self, name: str) -> int:
        return self.flat_names.index(name) if name in self.flat_names else -1


class Corridor:
    """The lumps of the map. `rooms` is a list of (floor, ceiling) in map units; change the lumps, then `start`."""

    def __init__(
        self,
        rooms: Sequence[tuple[int, int]] = ((0, 128), (0, 128)),
        things: Iterable[tuple[int, int, int, int, int]] = ((128, 128, 0, 1, 7),),
    ) -> None:
        count = len(rooms)
        self.vertexes = [(SIZE * (number // 2), SIZE * (number % 2)) for number in range(2 * count + 2)]
        self.lines: list[list[int]] = []
        self.sides: list[int] = []
        self.segs: list[list[int]] = []
        self.subsectors: list[list[int]] = []
        self._line(0, 1, 0)
        for room in range(count):
            self._line(2 * room + 2, 2 * room, room)
            self._line(2 * room + 1, 2 * room + 3, room)
        for room in range(1, count):
            self._line(2 * room, 2 * room + 1, room, room - 1)
        self._line(2 * count + 1, 2 * count, count - 1)
        for room in range(count):
            first = len(self.segs)
            for number, line in enumerate(self.lines):
                for side in (0, 1):
                    if line[5 + side] >= 0 and self.sides[line[5 + side]] == room:
                        ends = line[0:2] if side == 0 else line[1::-1]
                        self.segs.append([*ends, 0, number, side, 0])
            self.subsectors.append([len(self.segs) - first, first])
        self.nodes: list[list[int]] = []
        for room in range(1, count):
            below = ~0 if room == 1 else room - 2
            self.nodes.append([SIZE * room, 0, 0, SIZE, *[0] * 8, ~room, below])
        self.sectors = [list(heights) for heights in rooms]
        self.flats = [["FLOOR0", "FLOOR0"] for _ in rooms]
        self.texture = "WALL64"
        self.reject = bytes((count * count + 7) // 8)
        self.blocks: list[int] | None = None  # the blockmap, if not the one of these lines
        self.things = [list(thing) for thing in things]

    def _line(self, v1: int, v2: int, front: int, back: int | None = None) -> None:
        self.sides.append(front)
        sides = [len(self.sides) - 1, -1]
        flags = SOLID
        if back is not None:
            self.sides.append(back)
            sides[1] = len(self.sides) - 1
            flags = ML_TWOSIDED
        self.lines.append([v1, v2, flags, 0, 0, *sides])

    def window(self, room: int) -> list[int]:
        """The row of the linedef between `room` and the one west of it."""
        return self.lines[2 * len(self.sectors) + room]

    def blockmap(self) -> list[int]:
        width = len(self.sectors) * 2 + 1
        lists = []
        for block_y in range(3):
            for block_x in range(width):
                inside = [0]
                for number, line in enumerate(self.lines):
                    xs = sorted(self.vertexes[end][0] + 8 for end in line[0:2])
                    ys = sorted(self.vertexes[end][1] + 8 for end in line[0:2])
                    if xs[0] // 128 <= block_x <= xs[1] // 128 and ys[0] // 128 <= block_y <= ys[1] // 128:
                        inside.append(number)
                lists.append([*inside, -1])
        offsets = []
        place = 4 + len(lists)
        for words in lists:
            offsets.append(place)
            place += len(words)
        return [-8, -8, width, 3, *offsets, *(word for words in lists for word in words)]

    def mapdata(self) -> MapData:
        count = len(self.sectors)
        zeros = np.zeros(count, np.int32)
        sides = len(self.sides)
        return MapData(
            name="CORRIDOR",
            vertexes=np.array(self.vertexes, np.int32),
            linedefs=np.array(self.lines, np.int32),
            sidedefs=Sidedefs(
                textureoffset=np.zeros(sides, np.int32),
                rowoffset=np.zeros(sides, np.int32),
                toptexture=["-"] * sides,
                bottomtexture=["-"] * sides,
                midtexture=[self.texture] * sides,
                sector=np.array(self.sides, np.int32),
            ),
            sectors=Sectors(
                floorheight=np.array([floor for floor, _ in self.sectors], np.int32),
                ceilingheight=np.array([ceiling for _, ceiling in self.sectors], np.int32),
                floorpic=[floor for floor, _ in self.flats],
                ceilingpic=[ceiling for _, ceiling in self.flats],
                lightlevel=zeros + 160,
                special=zeros,
                tag=zeros,
            ),
            segs=np.array(self.segs, np.int32),
            subsectors=np.array(self.subsectors, np.int32),
            nodes=np.array(self.nodes, np.int32).reshape(-1, 14),
            things=np.array(self.things, np.int32).reshape(-1, 5),
            blockmap=np.array(self.blockmap() if self.blocks is None else self.blocks, np.int32),
            reject=self.reject,
        )

    def start(self, skill: int = SK_MEDIUM, mode: GameMode = GameMode.COMMERCIAL, **rules: object) -> World:
        """A world with the level set up and player 1 in it; `rules` are attributes of the world."""
        world = World(CorridorCatalog(), load_info(), mode)
        actions.bind(world.info)
        update.init_pic_anims(world)
        update.init_switch_list(world)
        world.sounds = SoundLog()
        world.playeringame[0] = True
        for name, value in rules.items():
            setattr(world, name, value)
        for player in world.players:
            player.playerstate = PST_REBORN
        setup.setup_level(world, self.mapdata(), 1, 1, skill)
        return world


def spawn(world: World, kind: int, x: int, y: int) -> Mobj:
    """A mobj on the floor at (x, y) in map units."""
    from pydoom.sim.constants import ONFLOORZ

    return spawning.spawn_mobj(world, x * FRACUNIT, y * FRACUNIT, ONFLOORZ, kind)
