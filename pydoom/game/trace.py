"""Traces: what a game did, tic by tic and frame by frame, as CSV files that can be compared line by line.

`PREFIX.tics.csv` has one row a tic, written right after the play simulation; `PREFIX.frames.csv` one row a frame;
`PREFIX.mobjs.csv` and `PREFIX.sectors.csv` every field of every mobj and sector for a range of tics. `TicRecorder`
and `frame_row` make the rows, `TraceWriter` streams them to files. docs/fidelity.md explains the columns.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from pydoom.game.state import GameState
from pydoom.sim.level import ML_MAPPED
from pydoom.sim.mobj import Mobj
from pydoom.sim.player import Player, PspDef

if TYPE_CHECKING:
    from pydoom.game.control import GameStatus
    from pydoom.sim.world import World

TIC_COLUMNS: Final = (
    "tic,leveltime,gamestate,episode,map,prndindex,rndindex,"
    "x,y,z,angle,momx,momy,momz,viewz,health,armorpoints,readyweapon,pendingweapon,ammo0,ammo1,ammo2,ammo3,"
    "killcount,itemcount,secretcount,psp0_state,psp1_state,nmobj,mobj_crc,sector_crc,line_crc,line_crc_nomap,"
    "skill,playerstate,mohealth,armortype,damagecount,bonuscount,extralight,fixedcolormap,"
    "pw0,pw1,pw2,pw3,pw4,pw5,cards,weapons,backpack,attackdown,usedown,refire,viewheight,deltaviewheight,bob,"
    "psp0_tics,psp0_sx,psp0_sy,psp1_tics,psp1_sx,psp1_sy,fwd,side,turn,buttons,"
    "totalkills,totalitems,totalsecret,nthinkers"
)
FRAME_COLUMNS: Final = "tic,leveltime,gamestate,wipe,palette,crc,view_crc,viewx,viewy,vieww,viewh"
MOBJ_COLUMNS: Final = (
    "tic,index,type,x,y,z,angle,momx,momy,momz,health,state,tics,flags,floorz,ceilingz,movedir,movecount,"
    "reactiontime,threshold,lastlook,sprite,frame,radius,height,target,tracer,sector"
)
SECTOR_COLUMNS: Final = "tic,index,floor,ceil,fpic,cpic,light,special,tag"

# attrgetter makes a tuple of fields in C: with it a whole level costs under a millisecond a tic
_MOBJ_FIELDS: Final = attrgetter(
    "type", "x", "y", "z", "angle", "momx", "momy", "momz", "health", "state.index", "tics", "flags", "floorz",
    "ceilingz", "movedir", "movecount", "reactiontime", "threshold", "lastlook",
)  # fmt: skip
_MOBJ_FORMAT: Final = "4iI14i"
_MOBJ_DETAILS: Final = attrgetter("sprite", "frame", "radius", "height")
_SECTOR_FIELDS: Final = attrgetter(
    "floorheight", "ceilingheight", "floorpic", "ceilingpic", "lightlevel", "special", "tag"
)
_LINE_FIELDS: Final = attrgetter("flags", "special", "tag")
_SIDE_FIELDS: Final = attrgetter("textureoffset", "rowoffset", "toptexture", "bottomtexture", "midtexture")

_NO_TARGET: Final = -1
_REMOVED_TARGET: Final = -2


class _Checksum:
    """CRC-32 of tuples of int32, recomputed only when they have changed."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, ...]] = []
        self._start = -1
        self._crc = 0

    def of(self, rows: list[tuple[int, ...]], start: int = 0) -> int:
        if rows != self._rows or start != self._start:
            self._rows = rows
            self._start = start
            self._crc = zlib.crc32(_pack(rows), start)
        return self._crc


def _pack(rows: Sequence[tuple[int, ...]]) -> bytes:
    values = list(chain.from_iterable(rows))
    return struct.pack(f"<{len(values)}i", *values)


class TicRecorder:
    """Makes the row of a tic from the session's current state."""

    def __init__(self) -> None:
        self._sectors = _Checksum()
        self._lines = _Checksum()
        self._lines_unmapped = _Checksum()
        self._sides = _Checksum()
        self._sides_unmapped = _Checksum()

    def row(self, game: GameStatus) -> str:
        """The row of the tic that has just been simulated, without line end."""
        world = game.world
        random = world.random
        head = (
            f"{game.gametic},{world.leveltime},{int(game.gamestate)},{world.episode},{world.map},"
            f"{random.prndindex},{random.rndindex}"
        )
        player = world.players[0]
        if game.gamestate != GameState.LEVEL or not player.has_body:
            return head
        return f"{head},{self._player_columns(world, player, player.mo)}"

    def _player_columns(self, world: World, player: Player, mo: Mobj) -> str:
        mobjs = [thinker for thinker in world.thinkers if isinstance(thinker, Mobj) and not thinker.removed]
        mobj_values = list(chain.from_iterable(map(_MOBJ_FIELDS, mobjs)))
        mobj_crc = zlib.crc32(struct.pack("<" + _MOBJ_FORMAT * len(mobjs), *mobj_values))
        sector_crc = self._sectors.of(list(map(_SECTOR_FIELDS, world.sectors)))
        lines: list[tuple[int, ...]] = list(map(_LINE_FIELDS, world.lines))
        sides = list(map(_SIDE_FIELDS, world.sides))
        line_crc = self._sides.of(sides, self._lines.of(lines))
        unmapped: list[tuple[int, ...]] = [(flags & ~ML_MAPPED, special, tag) for flags, special, tag in lines]
        line_crc_nomap = self._sides_unmapped.of(sides, self._lines_unmapped.of(unmapped))
        weapon, flash = player.psprites
        cmd = player.cmd
        values = (
            mo.x, mo.y, mo.z, mo.angle, mo.momx, mo.momy, mo.momz,
            player.viewz, player.health, player.armorpoints, player.readyweapon, player.pendingweapon, *player.ammo,
            player.killcount, player.itemcount, player.secretcount, _psp_state(weapon), _psp_state(flash), len(mobjs),
            f"{mobj_crc:08x}", f"{sector_crc:08x}", f"{line_crc:08x}", f"{line_crc_nomap:08x}",
            world.skill, player.playerstate, mo.health, player.armortype, player.damagecount, player.bonuscount,
            player.extralight, player.fixedcolormap, *player.powers, _bits(player.cards), _bits(player.weaponowned),
            int(player.backpack), int(player.attackdown), int(player.usedown), player.refire,
            player.viewheight, player.deltaviewheight, player.bob,
            weapon.tics, weapon.sx, weapon.sy, flash.tics, flash.sx, flash.sy,
            cmd.forwardmove, cmd.sidemove, cmd.angleturn, cmd.buttons,
            world.totalkills, world.totalitems, world.totalsecret, len(world.thinkers),
        )  # fmt: skip
        return ",".join(map(str, values))


def mobj_rows(tic: int, world: World) -> Iterable[str]:
    """Every field of every mobj in the order of the thinkers. Targets are their indexes in that order."""
    mobjs = [thinker for thinker in world.thinkers if isinstance(thinker, Mobj) and not thinker.removed]
    number = {id(mobj): index for index, mobj in enumerate(mobjs)}

    def index_of(other: Mobj | None) -> int:
        return _NO_TARGET if other is None else number.get(id(other), _REMOVED_TARGET)

    for index, mobj in enumerate(mobjs):
        fields: tuple[object, ...] = (
            tic,
            index,
            *_MOBJ_FIELDS(mobj),
            *_MOBJ_DETAILS(mobj),
            index_of(mobj.target),
            index_of(mobj.tracer),
            mobj.subsector.sector.index,
        )
        yield ",".join(map(str, fields))


def sector_rows(tic: int, world: World) -> Iterable[str]:
    """Every field of every sector."""
    for sector in world.sectors:
        yield ",".join(map(str, (tic, sector.index, *_SECTOR_FIELDS(sector))))


def frame_row(game: GameStatus, wipe: bool, palette: int, screen: bytes, view: tuple[int, int, int, int] | None) -> str:
    """The row of a frame.

    `screen` holds the 320x200 palette indexes, `view` is x, y, width and height of the 3-D view or None when there is
    none. The tic is the last one that has run.
    """
    row = (
        f"{game.gametic - 1},{game.world.leveltime},{int(game.gamestate)},{int(wipe)},{palette},"
        f"{zlib.crc32(screen):08x}"
    )
    if view is None:
        return row
    x, y, width, height = view
    if width == 320:
        window = screen[y * 320 : (y + height) * 320]
    else:
        window = b"".join(screen[line * 320 + x : line * 320 + x + width] for line in range(y, y + height))
    return f"{row},{zlib.crc32(window):08x},{x},{y},{width},{height}"


class TraceWriter:
    """Streams the rows of a game that it observes into the files of one prefix. Use as a context manager.

    `mobj_tics` asks for the details of these tics, `frames` for a file of frames. Raises OSError.
    """

    def __init__(self, prefix: str, *, mobj_tics: range | None = None, frames: bool = True) -> None:
        self._recorder = TicRecorder()
        self._mobj_tics = mobj_tics if mobj_tics is not None else range(0)
        self._tics = _open(f"{prefix}.tics.csv", TIC_COLUMNS)
        self._frames = _open(f"{prefix}.frames.csv", FRAME_COLUMNS) if frames else None
        self._mobjs = _open(f"{prefix}.mobjs.csv", MOBJ_COLUMNS) if mobj_tics is not None else None
        self._sectors = _open(f"{prefix}.sectors.csv", SECTOR_COLUMNS) if mobj_tics is not None else None

    def tic_played(self, game: GameStatus) -> None:
        """Write the tic that has just been simulated."""
        self._tics.write(self._recorder.row(game) + "\n")
        if self._mobjs is None or self._sectors is None or game.gametic not in self._mobj_tics:
            return
        if game.gamestate == GameState.LEVEL:
            self._mobjs.writelines(row + "\n" for row in mobj_rows(game.gametic, game.world))
            self._sectors.writelines(row + "\n" for row in sector_rows(game.gametic, game.world))

    def frame(
        self, game: GameStatus, wipe: bool, palette: int, screen: bytes, view: tuple[int, int, int, int] | None
    ) -> None:
        """Write a frame; see `frame_row`."""
        if self._frames is not None:
            self._frames.write(frame_row(game, wipe, palette, screen, view) + "\n")

    def __enter__(self) -> TraceWriter:
        return self

    def __exit__(self, *exc: object) -> None:
        for stream in (self._tics, self._frames, self._mobjs, self._sectors):
            if stream is not None:
                stream.close()


def _open(path: str, columns: str) -> TextIO:
    stream = Path(path).open("w", encoding="ascii", newline="\n")  # noqa: SIM115  # closed by TraceWriter
    stream.write(columns + "\n")
    return stream


def _psp_state(psp: PspDef) -> int:
    return 0 if psp.state is None else psp.state.index


def _bits(flags: Sequence[bool]) -> int:
    return sum(1 << index for index, flag in enumerate(flags) if flag)
