"""Every monster and weapon of DOOM II fights exactly as in the original, without any IWAD."""

import lzma
import struct
import zlib
from collections.abc import Iterator
from itertools import chain
from operator import attrgetter
from pathlib import Path

import pytest

from pydoom.data.infotables import load_info
from pydoom.sim import actions, setup, tick
from pydoom.sim.enemy import fast
from pydoom.sim.hooks import Catalog
from pydoom.sim.mobj import Mobj
from pydoom.sim.player import PST_REBORN
from pydoom.sim.rules import SK_NIGHTMARE, GameMode
from pydoom.sim.specials import update
from pydoom.sim.world import World
from pydoom.wad.archive import read_wad
from pydoom.wad.maps import read_map

pytestmark = pytest.mark.golden

ARENAS = Path(__file__).parent / "arenas"
HEADER_BYTES = 13
SKILL, MAP, FAST = 1, 3, 6
FIELDS = attrgetter(
    "type", "x", "y", "z", "angle", "momx", "momy", "momz", "health", "state.index", "tics", "flags", "floorz",
    "ceilingz", "movedir", "movecount", "reactiontime", "threshold", "lastlook",
)  # fmt: skip


class AnyTexture(Catalog):
    """A WAD in which every texture and flat but the sky is number 1; no mobj ever asks for more."""

    texture_heights = [128, 128]  # noqa: RUF012
    flat_names = ["FLOOR0", "FLOOR1"]  # noqa: RUF012

    def texture_number(self, name: str) -> int:
        return 1

    def flat_number(self, name: str) -> int:
        return int(name != "F_SKY1")


def enter(name: str, header: bytes) -> World:
    """The world of an arena, ready for the first tic of its demo."""
    world = World(AnyTexture(), load_info(), GameMode.COMMERCIAL)
    actions.bind(world.info)
    update.init_pic_anims(world)
    update.init_switch_list(world)
    world.playeringame[0] = True
    world.players[0].playerstate = PST_REBORN
    world.fastparm = bool(header[FAST])
    world.respawnmonsters = header[SKILL] == SK_NIGHTMARE
    if world.fastparm or header[SKILL] == SK_NIGHTMARE:
        fast.set_fast(world.info)
    lumps = {lump.name: lump for lump in read_wad(ARENAS / f"{name}.pwad").lumps[1:]}
    setup.setup_level(world, read_map(name, lumps), 1, header[MAP], header[SKILL])
    return world


def play(name: str) -> Iterator[str]:
    """Yields the row of each tic in the form of the golden ones."""
    demo = (ARENAS / f"{name}.lmp").read_bytes()
    world = enter(name, demo[:HEADER_BYTES])
    player = world.players[0]
    cmd = player.cmd
    for tic, place in enumerate(range(HEADER_BYTES, len(demo) - 1, 4)):
        cmd.forwardmove, cmd.sidemove, turn, cmd.buttons = struct.unpack_from("<bbBB", demo, place)
        cmd.angleturn = turn << 8
        world.gametic = tic
        tick.ticker(world)
        mobjs = [thinker for thinker in world.thinkers if type(thinker) is Mobj and not thinker.removed]
        crc = zlib.crc32(struct.pack("<" + "4iI14i" * len(mobjs), *chain.from_iterable(map(FIELDS, mobjs))))
        mo = player.mo
        values = (
            tic, world.random.prndindex, mo.x, mo.y, mo.z, mo.angle, player.health, player.killcount, len(mobjs),
        )  # fmt: skip
        yield ",".join(map(str, values)) + f",{crc:08x}"


@pytest.mark.parametrize("name", sorted(path.stem for path in ARENAS.glob("*.pwad")))
def test_every_tic_of_the_fight_is_the_original_s(name: str) -> None:
    golden = lzma.decompress((ARENAS / f"{name}.csv.xz").read_bytes()).decode("ascii").splitlines()[1:]
    for row, expected in zip(play(name), golden, strict=True):
        assert row == expected
