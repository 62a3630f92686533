"""The parts of a level as it is played: what ``r_defs.h`` and ``doomdata.h`` declare.

Names are the original's. Coordinates, heights and offsets are 16.16 fixed map units; angles are unsigned 32-bit BAM.
Everything is a plain Python int, list or object with slots: this is the hot data of the simulation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from pydoom.sim.fixed import to_int32

if TYPE_CHECKING:
    from pydoom.sim.mobj import Mobj
    from pydoom.sim.thinkers import Thinker


# linedef flags (doomdata.h)
ML_BLOCKING: Final = 1
ML_BLOCKMONSTERS: Final = 2
ML_TWOSIDED: Final = 4
ML_DONTPEGTOP: Final = 8
ML_DONTPEGBOTTOM: Final = 16
ML_SECRET: Final = 32
ML_SOUNDBLOCK: Final = 64
ML_DONTDRAW: Final = 128
ML_MAPPED: Final = 256

# thing flags (doomdata.h)
MTF_EASY: Final = 1
MTF_NORMAL: Final = 2
MTF_HARD: Final = 4
MTF_AMBUSH: Final = 8
MTF_NOTSINGLE: Final = 16

# indexes of bbox lists (m_bbox.h)
BOXTOP: Final = 0
BOXBOTTOM: Final = 1
BOXLEFT: Final = 2
BOXRIGHT: Final = 3

# slope types of linedefs (r_defs.h)
ST_HORIZONTAL: Final = 0
ST_VERTICAL: Final = 1
ST_POSITIVE: Final = 2
ST_NEGATIVE: Final = 3


@dataclass(slots=True, eq=False, repr=False)
class Vertex:
    """A corner of the map (``vertex_t``)."""

    x: int
    y: int


@dataclass(slots=True, eq=False, repr=False)
class SoundPoint:
    """The centre of a sector, where its sounds come from (``degenmobj_t``)."""

    x: int
    y: int
    z: int = 0


class SoundOrigin(Protocol):
    """Anything a sound can come from: a mobj or a sector's centre (``degenmobj_t``)."""

    x: int
    y: int
    z: int


@dataclass(slots=True, eq=False, repr=False)
class Sector:
    """An area of one floor and one ceiling (``sector_t``). Pics are flat numbers; `things` heads the `snext` list."""

    index: int
    floorheight: int
    ceilingheight: int
    floorpic: int
    ceilingpic: int
    lightlevel: int
    special: int
    tag: int
    soundtraversed: int = 0
    soundtarget: Mobj | None = None
    blockbox: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    soundorg: SoundPoint = field(default_factory=lambda: SoundPoint(0, 0))
    validcount: int = 0
    things: Mobj | None = None
    specialdata: Thinker | None = None
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True, eq=False, repr=False)
class Side:
    """One face of a linedef (``side_t``). Textures are numbers in TEXTURE1 order, 0 for none."""

    index: int
    textureoffset: int
    rowoffset: int
    toptexture: int
    bottomtexture: int
    midtexture: int
    sector: Sector


@dataclass(slots=True, eq=False, repr=False)
class Line:
    """A linedef (``line_t``). `sidenum` are sidedef numbers, -1 for none; `bbox` is top, bottom, left, right."""

    index: int
    v1: Vertex
    v2: Vertex
    flags: int
    special: int
    tag: int
    sidenum: tuple[int, int]
    frontsector: Sector
    backsector: Sector | None
    dx: int = field(init=False)
    dy: int = field(init=False)
    bbox: list[int] = field(init=False)
    slopetype: int = field(init=False)
    validcount: int = 0
    specialdata: Thinker | None = None

    def __post_init__(self) -> None:
        v1, v2 = self.v1, self.v2
        self.dx = to_int32(v2.x - v1.x)
        self.dy = to_int32(v2.y - v1.y)
        self.bbox = [max(v1.y, v2.y), min(v1.y, v2.y), min(v1.x, v2.x), max(v1.x, v2.x)]
        self.slopetype = _slope_type(self.dx, self.dy)


def _slope_type(dx: int, dy: int) -> int:
    if not dx:
        return ST_VERTICAL
    if not dy:
        return ST_HORIZONTAL
    # the original takes the sign of FixedDiv(dy, dx)
    return ST_POSITIVE if (dx ^ dy) >= 0 else ST_NEGATIVE


@dataclass(slots=True, eq=False, repr=False)
class Seg:
    """A piece of a linedef along one subsector (``seg_t``)."""

    index: int
    v1: Vertex
    v2: Vertex
    offset: int
    angle: int
    sidedef: Side
    linedef: Line
    frontsector: Sector
    backsector: Sector | None


@dataclass(slots=True, eq=False, repr=False)
class Subsector:
    """A convex leaf of the BSP tree: segs `firstline` to `firstline + numlines` (``subsector_t``)."""

    index: int
    sector: Sector
    numlines: int
    firstline: int


NOWHERE: Final = Subsector(-1, Sector(-1, 0, 0, 0, 0, 0, 0, 0), 0, 0)
"""Where a thing is before it has a place in a level: a subsector of no map."""


@dataclass(slots=True, eq=False, repr=False)
class Node:
    """A BSP partition line with the boxes of its two children and their numbers, ~ of a subsector's (``node_t``)."""

    x: int
    y: int
    dx: int
    dy: int
    bbox: tuple[list[int], list[int]]
    children: tuple[int, int]


@dataclass(slots=True, eq=False, repr=False)
class MapThing:
    """Where and what to spawn (``mapthing_t``): map units and degrees as in the lump."""

    x: int
    y: int
    angle: int
    type: int
    options: int
