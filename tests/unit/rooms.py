"""Worlds of a few sectors built by hand, for tests of the rules of lines and sectors."""

from pydoom.data.infotables import load_info
from pydoom.sim.fixed import FRACUNIT
from pydoom.sim.level import ML_TWOSIDED, Line, Sector, Side, Subsector, Vertex
from pydoom.sim.mobj import Mobj
from pydoom.sim.rules import GameMode
from pydoom.sim.specials import switches, update
from pydoom.sim.world import World

TEXTURES = ["AASTINKY", "SW1BRN1", "SW2BRN1", "SW1EXIT", "SW2EXIT", "WALL64", "WALL24"]
TEXTURE_HEIGHTS = [72, 128, 128, 128, 128, 64, 24]
FLATS = ["FLOOR0", "NUKAGE1", "NUKAGE2", "NUKAGE3", "STEP", "FLAT5"]


class SmallCatalog:
    """A WAD with a handful of pictures."""

    texture_heights = TEXTURE_HEIGHTS
    flat_names = FLATS

    def texture_number(self, name):
        return TEXTURES.index(name) if name in TEXTURES else -1

    def flat_number(self, name):
        return FLATS.index(name) if name in FLATS else -1


class SoundLog:
    """Remembers (origin, sound number) of all sounds started."""

    def __init__(self):
        self.started = []

    def start(self, origin, sfx):
        self.started.append((origin, sfx))

    def stop(self, origin):
        pass

    def numbers(self):
        return [sfx for _, sfx in self.started]


class Rooms:
    """A world whose sectors are joined by lines one by one. Heights are given in map units."""

    def __init__(self, mode=GameMode.SHAREWARE):
        self.world = World(SmallCatalog(), load_info(), mode)
        self.sounds = self.world.sounds = SoundLog()
        update.init_pic_anims(self.world)
        update.init_switch_list(self.world)
        self.world.specials.buttons = switches.new_buttons()

    def sector(self, floor=0, ceiling=128, light=160, tag=0, special=0, floorpic=0):
        sectors = self.world.sectors
        sector = Sector(len(sectors), floor * FRACUNIT, ceiling * FRACUNIT, floorpic, 0, light, special, tag)
        sector.blockbox = [-1, 0, 0, -1]  # no blocks, nothing in them
        sectors.append(sector)
        return sector

    def join(self, front, back=None, special=0, tag=0, top=0, middle=0, bottom=0, flags=0):
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

    def thing(self, sector, kind, player=None):
        """A mobj in `sector` that is in no list."""
        world = self.world
        mobj = Mobj(Subsector(0, sector, 0, 0), world.info.mobjinfo[kind], world.states[1])
        mobj.z = mobj.floorz = sector.floorheight
        if player is not None:
            mobj.player = world.players[player]
            mobj.player.mo = mobj
        return mobj

    def run(self, tics):
        """Let thinkers and specials act for so many tics."""
        from pydoom.sim import tick

        for _ in range(tics):
            tick.run_thinkers(self.world)
            update.update_specials(self.world)
            self.world.leveltime += 1
