"""Worlds of a few sectors built by hand, for tests of the rules of lines and sectors."""

from pydoom.data import mobj_ids
from pydoom.data.infotables import load_info
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.hooks import Bond, Catalog, SoundSink
from pydoom.sim.level import ML_TWOSIDED, Line, Sector, Side, SoundOrigin, Subsector, Vertex
from pydoom.sim.mobj import Mobj
from pydoom.sim.rules import GameMode
from pydoom.sim.specials import switches, update
from pydoom.sim.world import World

TEXTURES = ["AASTINKY", "SW1BRN1", "SW2BRN1", "SW1EXIT", "SW2EXIT", "WALL64", "WALL24"]
TEXTURE_HEIGHTS = [72, 128, 128, 128, 128, 64, 24]
FLATS = ["FLOOR0", "NUKAGE1", "NUKAGE2", "NUKAGE3", "STEP", "FLAT5"]


class SmallCatalog(Catalog):
    """A WAD with a handful of textures and flats."""

    texture_heights = TEXTURE_HEIGHTS
    flat_names = FLATS

    def texture_number(self, name: str) -> int:
        return TEXTURES.index(name) if name in TEXTURES else -1

    def flat_number(self, name: str) -> int:
        return FLATS.index(name) if name in FLATS else -1


class SoundLog(SoundSink):
    """Remembers (origin, sound number) of all sounds started."""

    def __init__(self) -> None:
        self.started: list[tuple[SoundOrigin | None, int]] = []

    def start(self, origin: SoundOrigin | None, sfx: int) -> None:
        self.started.append((origin, sfx))

    def stop(self, origin: SoundOrigin) -> None:
        pass

    def numbers(self) -> list[int]:
        return [sfx for _, sfx in self.started]


class Leash(Bond):
    """A bond that remembers deaths and may forbid damage."""

    def __init__(self, allows: bool = True) -> None:
        self.allows = allows
        self.deaths: list[tuple[Mobj, Mobj | None, Mobj | None]] = []

    def damaged(self, target: Mobj, inflictor: Mobj | None, source: Mobj | None) -> bool:
        return self.allows

    def killed(self, target: Mobj, inflictor: Mobj | None, source: Mobj | None) -> None:
        self.deaths.append((target, inflictor, source))


def of_type(world: World, kind: int) -> list[Mobj]:
    """The mobjs of a type, in thinker order, without those that are being removed."""
    return [thing for thing in world.thinkers if type(thing) is Mobj and thing.type == kind and not thing.removed]


class Rooms:
    """A world whose sectors are joined by lines one by one. Heights are given in map units."""

    def __init__(self, mode: GameMode = GameMode.SHAREWARE) -> None:
        self.world = World(SmallCatalog(), load_info(), mode)
        self.sounds = SoundLog()
        self.world.sounds = self.sounds
        update.init_pic_anims(self.world)
        update.init_switch_list(self.world)
        self.world.specials.buttons = switches.new_buttons()

    def sector(
        self, floor: int = 0, ceiling: int = 128, light: int = 160, tag: int = 0, special: int = 0, floorpic: int = 0
    ) -> Sector:
        sectors = self.world.sectors
        sector = Sector(len(sectors), floor * FRACUNIT, ceiling * FRACUNIT, floorpic, 0, light, special, tag)
        sector.blockbox = [-1, 0, 0, -1]  # no blocks, nothing in them
        sectors.append(sector)
        return sector

    def join(
        self,
        front: Sector,
        back: Sector | None = None,
        special: int = 0,
        tag: int = 0,
        top: int = 0,
        middle: int = 0,
        bottom: int = 0,
        flags: int = 0,
    ) -> Line:
        """A line with `front` on its front side; two-sided when there is a back."""
        sides, lines = self.world.sides, self.world.lines
        numbers = [len(sides), -1]
        sides.append(Side(len(sides), 0, 0, top, bottom, middle, front))
        if back is not None:
            numbers[1] = len(sides)
            sides.append(Side(len(sides), 0, 0, 0, bottom, 0, back))
            flags |= ML_TWOSIDED
        start = Vertex(len(lines) * 64 * FRACUNIT, 0)
        end = Vertex(start.x + 64 * FRACUNIT, 0)
        line = Line(len(lines), start, end, flags, special, tag, (numbers[0], numbers[1]), front, back)
        lines.append(line)
        front.lines.append(line)
        if back is not None and back is not front:
            back.lines.append(line)
        return line

    def thing(self, sector: Sector, kind: int, player: int | None = None) -> Mobj:
        """A mobj in `sector` that is in no list."""
        world = self.world
        mobj = Mobj(Subsector(0, sector, 0, 0), world.info.mobjinfo[kind], world.states[1])
        mobj.z = mobj.floorz = sector.floorheight
        if player is not None:
            mobj.player = world.players[player]
            mobj.player.mo = mobj
        return mobj

    def obstacle(self, sector: Sector) -> Mobj:
        """A monster in `sector`, as high as it: nothing may move there. The world becomes one block of this sector."""
        world = self.world
        thing = self.thing(sector, mobj_ids.MT_POSSESSED)
        thing.height = sector.ceilingheight - sector.floorheight
        world.subsectors = [thing.subsector]
        world.bmapwidth = world.bmapheight = 1
        world.bmaporgx = world.bmaporgy = -64 * FRACUNIT
        world.blocklinks = [thing]
        world.blocklines, world.blockboxes = [[]], [[]]
        sector.blockbox = [0, 0, 0, 0]
        return thing

    def run(self, tics: int) -> None:
        """Run thinkers and specials for `tics`."""
        from pydoom.sim import tick

        for _ in range(tics):
            tick.run_thinkers(self.world)
            update.update_specials(self.world)
            self.world.leveltime += 1
