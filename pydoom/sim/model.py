"""The objects of a level and its players: what ``r_defs.h``, ``p_mobj.h`` and ``d_player.h`` declare.

Names are the original's. Coordinates, heights, momenta and offsets are 16.16 fixed map units; angles are unsigned
32-bit BAM ints; durations are tics. Everything is a plain Python int, list or object with slots: this is the hot data
of the simulation. Lists of things in a sector or block are linked through the mobjs themselves, since what happens
when a mobj is unlinked while its list is being walked is part of the original's behaviour.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from pydoom.data.info import NUMAMMO, NUMWEAPONS, WP_PISTOL, MobjInfo, State

if TYPE_CHECKING:
    from pydoom.sim.world import World

MAXPLAYERS: Final = 4

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

NF_SUBSECTOR: Final = 0x8000

# Player.playerstate (d_player.h)
PST_LIVE: Final = 0
PST_DEAD: Final = 1
PST_REBORN: Final = 2

# Player.cheats bits
CF_NOCLIP: Final = 1
CF_GODMODE: Final = 2
CF_NOMOMENTUM: Final = 4

# Player.powers indexes (doomdef.h)
PW_INVULNERABILITY: Final = 0
PW_STRENGTH: Final = 1
PW_INVISIBILITY: Final = 2
PW_IRONFEET: Final = 3
PW_ALLMAP: Final = 4
PW_INFRARED: Final = 5
NUMPOWERS: Final = 6
INVULNTICS: Final = 30 * 35
INVISTICS: Final = 60 * 35
INFRATICS: Final = 120 * 35
IRONTICS: Final = 60 * 35

# Player.cards indexes
IT_BLUECARD: Final = 0
IT_YELLOWCARD: Final = 1
IT_REDCARD: Final = 2
IT_BLUESKULL: Final = 3
IT_YELLOWSKULL: Final = 4
IT_REDSKULL: Final = 5
NUMCARDS: Final = 6

PS_WEAPON: Final = 0
PS_FLASH: Final = 1
NUMPSPRITES: Final = 2

# TicCmd.buttons bits (d_event.h)
BT_ATTACK: Final = 1
BT_USE: Final = 2
BT_SPECIAL: Final = 128
BT_SPECIALMASK: Final = 3
BT_CHANGE: Final = 4
BT_WEAPONMASK: Final = 8 + 16 + 32
BT_WEAPONSHIFT: Final = 3
BTS_PAUSE: Final = 1
BTS_SAVEGAME: Final = 2
BTS_SAVEMASK: Final = 4 + 8 + 16
BTS_SAVESHIFT: Final = 2


class Bond(Protocol):
    """What ties a mobj to something outside the game (a container); the simulation only asks it two things."""

    def allows_damage(self, target: Mobj, inflictor: Mobj | None, source: Mobj | None) -> bool:
        """Whether this damage counts. Asked by damage_mobj before anything else happens."""

    def killed(self, target: Mobj, inflictor: Mobj | None, source: Mobj | None) -> None:
        """The mobj has just died of damage that counted."""


class SoundOrigin(Protocol):
    """Anything a sound can come from: a mobj or a sector's centre (``degenmobj_t``)."""

    x: int
    y: int
    z: int


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
        self.dx = v2.x - v1.x
        self.dy = v2.y - v1.y
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


@dataclass(slots=True, eq=False, repr=False)
class Node:
    """A BSP partition line with the boxes and numbers of its two children (``node_t``); NF_SUBSECTOR marks a leaf."""

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


class Thinker:
    """Anything that acts each tic, in the order it was added (``thinker_t``).

    `removed` is 0 while alive, 1 once removal is asked for, 2 when the thinker list has dropped it.
    """

    __slots__ = ("removed",)

    def __init__(self) -> None:
        self.removed = 0

    def think(self, world: World) -> None:
        """One tic of this thinker."""
        raise NotImplementedError


_NO_SPAWNPOINT: Final = MapThing(0, 0, 0, 0, 0)


class Mobj(Thinker):
    """A map object: player, monster, missile, item or decoration (``mobj_t``).

    `snext`/`sprev` link the things of a sector, `bnext`/`bprev` those of a blockmap block. `frame` may carry
    FF_FULLBRIGHT. `bond` is not the original's: it ties a monster to a container.
    """

    __slots__ = (
        "angle",
        "bnext",
        "bond",
        "bprev",
        "ceilingz",
        "flags",
        "floorz",
        "frame",
        "health",
        "height",
        "info",
        "lastlook",
        "momx",
        "momy",
        "momz",
        "movecount",
        "movedir",
        "player",
        "radius",
        "reactiontime",
        "snext",
        "spawnpoint",
        "sprev",
        "sprite",
        "state",
        "subsector",
        "target",
        "threshold",
        "tics",
        "tracer",
        "type",
        "validcount",
        "x",
        "y",
        "z",
    )

    def __init__(self, subsector: Subsector, info: MobjInfo, state: State) -> None:
        super().__init__()
        self.x: int = 0
        self.y: int = 0
        self.z: int = 0
        self.snext: Mobj | None = None
        self.sprev: Mobj | None = None
        self.angle: int = 0
        self.sprite: int = 0
        self.frame: int = 0
        self.bnext: Mobj | None = None
        self.bprev: Mobj | None = None
        self.subsector = subsector
        self.floorz: int = 0
        self.ceilingz: int = 0
        self.radius: int = info.radius
        self.height: int = info.height
        self.momx: int = 0
        self.momy: int = 0
        self.momz: int = 0
        self.validcount: int = 0
        self.type: int = info.index
        self.info = info
        self.tics: int = -1
        self.state = state
        self.flags: int = info.flags
        self.health: int = info.spawnhealth
        self.movedir: int = 0
        self.movecount: int = 0
        self.target: Mobj | None = None
        self.reactiontime: int = info.reactiontime
        self.threshold: int = 0
        self.player: Player | None = None
        self.lastlook: int = 0
        self.spawnpoint: MapThing = _NO_SPAWNPOINT
        self.tracer: Mobj | None = None
        self.bond: Bond | None = None

    def think(self, world: World) -> None:
        """``P_MobjThinker``; `tick.run_thinkers` calls that one directly."""
        from pydoom.sim.mobj import mobj_think  # the rules need these classes first

        mobj_think(world, self)


@dataclass(slots=True, eq=False, repr=False)
class LastMove:
    """What the last position check found: the globals of ``p_map.c``. Heights are 16.16 map units.

    `spechit` is one list for ever, emptied and refilled in place. `opentop`, `openbottom` and `lowfloor` are the last
    line opening; they stand in for lines flagged two-sided that have no back side. `crushchange` and `nofit` belong
    to change_sector and are here because an overflowing `spechit` writes over them.
    """

    floatok: bool = False
    subsector: Subsector = None  # type: ignore[assignment]  # set by every position check
    floorz: int = 0
    ceilingz: int = 0
    dropoffz: int = 0
    ceilingline: Line | None = None
    spechit: list[Line] = field(default_factory=list)
    opentop: int = 0
    openbottom: int = 0
    lowfloor: int = 0
    crushchange: bool = False
    nofit: bool = False


@dataclass(slots=True, eq=False, repr=False)
class TicCmd:
    """What one player asks for in one tic (``ticcmd_t``): moves in units of 1/2048 map unit, turn in BAM >> 16."""

    forwardmove: int = 0
    sidemove: int = 0
    angleturn: int = 0
    chatchar: int = 0
    buttons: int = 0
    consistancy: int = 0


@dataclass(slots=True, eq=False, repr=False)
class PspDef:
    """One layer of the weapon sprite (``pspdef_t``): screen position `sx`, `sy` in 16.16 pixels."""

    state: State | None = None
    tics: int = 0
    sx: int = 0
    sy: int = 0


class Player:
    """One player (``player_t``). `mo` is None outside a level; `powers` are tic counters."""

    __slots__ = (
        "ammo",
        "armorpoints",
        "armortype",
        "attackdown",
        "attacker",
        "backpack",
        "bob",
        "bonuscount",
        "cards",
        "cheats",
        "cmd",
        "colormap",
        "damagecount",
        "deltaviewheight",
        "didsecret",
        "extralight",
        "fixedcolormap",
        "frags",
        "health",
        "itemcount",
        "killcount",
        "maxammo",
        "message",
        "mo",
        "number",
        "pendingweapon",
        "playerstate",
        "powers",
        "psprites",
        "readyweapon",
        "refire",
        "secretcount",
        "usedown",
        "viewheight",
        "viewz",
        "weaponowned",
    )

    mo: Mobj

    def __init__(self, number: int) -> None:
        self.number = number
        self.clear()

    @property
    def has_body(self) -> bool:
        """Whether the player has been spawned on this level; `mo` must not be read before."""
        return self.mo is not None

    def leave_body(self) -> None:
        """Forget the mobj of the last level, as if not spawned yet."""
        self.mo = None  # type: ignore[assignment]  # has_body tells

    def clear(self) -> None:
        """Forget everything but the number."""
        self.mo = None  # type: ignore[assignment]  # set for as long as a level is being played
        self.playerstate: int = PST_REBORN
        self.cmd: TicCmd = TicCmd()
        self.viewz: int = 0
        self.viewheight: int = 0
        self.deltaviewheight: int = 0
        self.bob: int = 0
        self.health: int = 0
        self.armorpoints: int = 0
        self.armortype: int = 0
        self.powers: list[int] = [0] * NUMPOWERS
        self.cards: list[bool] = [False] * NUMCARDS
        self.backpack: bool = False
        self.frags: list[int] = [0] * MAXPLAYERS
        self.readyweapon: int = WP_PISTOL
        self.pendingweapon: int = WP_PISTOL
        self.weaponowned: list[bool] = [False] * NUMWEAPONS
        self.ammo: list[int] = [0] * NUMAMMO
        self.maxammo: list[int] = [0] * NUMAMMO
        self.attackdown: bool = False
        self.usedown: bool = False
        self.cheats: int = 0
        self.refire: int = 0
        self.killcount: int = 0
        self.itemcount: int = 0
        self.secretcount: int = 0
        self.message: str | None = None
        self.damagecount: int = 0
        self.bonuscount: int = 0
        self.attacker: Mobj | None = None
        self.extralight: int = 0
        self.fixedcolormap: int = 0
        self.colormap: int = 0
        self.psprites: list[PspDef] = [PspDef() for _ in range(NUMPSPRITES)]
        self.didsecret: bool = False
