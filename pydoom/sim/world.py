"""The state of a running game: the level, the thinkers, the players and the rules (``p_tick.c``, ``doomstat.h``).

One `World` lasts a session; `setup.setup_level` replaces its level. It knows no clock, no files and no screen: it is
stepped with `tick`. Output (sounds, level exit, messages) goes through the small hooks below.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pydoom.data.info import GameInfo, State
from pydoom.sim.hooks import Catalog, PlayerHooks, SoundSink
from pydoom.sim.level import NOWHERE, Line, MapThing, Node, Sector, Seg, Side, SoundOrigin, Subsector, Vertex
from pydoom.sim.mobj import Mobj
from pydoom.sim.player import MAXPLAYERS, Player
from pydoom.sim.random import Random
from pydoom.sim.rules import SK_MEDIUM, Exit, GameMode, GameVersion, StrayMemory
from pydoom.sim.specials.state import SpecialsState
from pydoom.sim.thinkers import Thinker

BspEntry = tuple[int, int, int, int, int, int, int, int]
"""A node: x, y, dx, dy in 16.16, dx, dy in map units, front child, back child; leaves are ~subsector number."""

Slant = tuple[bool, int, int, int, int]
"""A line that is not parallel to an axis: whether it rises (ST_POSITIVE), x, y of v1 in 16.16, dx, dy in map units."""

BlockBox = tuple[int, int, int, int, Line, Slant | None]
"""A line in a block: top, bottom, left, right of its box, the line, its slant if it has one."""

BlockEnd = tuple[int, int, int, int, Line]
"""A line in a block: x, y of v1 and v2, the line."""

SightLine = tuple[Line, int, int, int, int, Sector, Sector | None]
"""A seg's line: the line, x, y of v1 and v2, the sectors in front of and behind the seg."""


class SilentSink:
    """A sound sink that ignores everything, for tests and bare worlds."""

    def start(self, origin: SoundOrigin | None, sfx: int) -> None:
        """Ignore."""

    def stop(self, origin: SoundOrigin) -> None:
        """Ignore."""


@dataclass(slots=True, eq=False, repr=False)
class LastMove:
    """What the last position check found: the globals of ``p_map.c``. Heights are 16.16 map units.

    `thing` is what was checked. `floatok`: it would fit if its height were between `floorz` and `ceilingz`. `dropoffz`
    is the lowest floor under it, `ceilingline` the line that lowered `ceilingz`.

    `spechit`, the special lines touched in the order found, is always the same list, emptied and refilled in place:
    take lines from its end. `opentop`, `openbottom` and `lowfloor` are the last line opening; they stand in for lines
    flagged two-sided that have no back side. `crushchange` and `nofit` belong to change_sector and are here because an
    overflowing `spechit` overwrites them.
    """

    thing: Mobj | None = None
    floatok: bool = False
    subsector: Subsector = NOWHERE
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


class World:
    """Everything the play simulation reads and writes. See the attribute comments for units."""

    def __init__(
        self,
        catalog: Catalog,
        info: GameInfo,
        mode: GameMode = GameMode.SHAREWARE,
        version: GameVersion = GameVersion.DOOM_1_9,
    ) -> None:
        self.catalog = catalog
        self.mode = mode
        self.version = version
        self.info = info
        self.states: list[State] = self.info.states
        self.random = Random()
        self.sounds: SoundSink = SilentSink()
        self.hooks: PlayerHooks | None = None

        # the rules of this game
        self.skill = SK_MEDIUM
        self.episode = 1
        self.map = 1
        self.deathmatch = 0  # 0 co-operative or single, 1 deathmatch, 2 altdeath
        self.netgame = False
        self.nomonsters = False
        self.respawnmonsters = False
        self.timelimit = 0  # minutes until a deathmatch level ends, 0 for none
        self.stray = StrayMemory()
        self.fastparm = False  # -fast: monsters attack without pause as in Nightmare
        self.consoleplayer = 0
        self.displayplayer = 0
        self.playeringame = [False] * MAXPLAYERS
        self.players = [Player(number) for number in range(MAXPLAYERS)]

        # the level
        self.vertexes: list[Vertex] = []
        self.sectors: list[Sector] = []
        self.sides: list[Side] = []
        self.lines: list[Line] = []
        self.segs: list[Seg] = []
        self.subsectors: list[Subsector] = []
        self.nodes: list[Node] = []
        self.bmaporgx = 0  # blockmap origin, 16.16
        self.bmaporgy = 0
        self.bmapwidth = 0  # blocks of 128 map units
        self.bmapheight = 0
        self.blockmap: list[int] = []  # the lump's words
        self.blocklines: list[list[Line]] = []  # lines of each block, in the lump's order
        self.bsp: list[BspEntry] = []  # the nodes as tuples
        self.bsp_starts: dict[int, int] = {}  # by cell: the deepest node shared by all of its points
        # the range (16.16: left, right, bottom, top) where no distance to anything overflows 32 bits
        self.near = (1, 0, 1, 0)
        self.heights = (0, 0)  # lowest and highest plane so far, 16.16
        self.headroom = 0  # 16.16, what must fit above and below them
        self.tall = False  # whether differences of heights may overflow 32 bits
        self.blockboxes: list[list[BlockBox]] = []  # blocklines for collision
        self.blockends: list[list[BlockEnd]] = []  # blocklines for traces
        self.sightlines: list[list[SightLine]] = []  # lines of each subsector for lines of sight
        self.blocklinks: list[Mobj | None] = []  # head of the list of things in each block, linked by bnext
        self.reject: bytes = b""
        self.sight_by_blocks = False  # whether sight goes through the blockmap, as in DOOM 1.2, not down the tree
        self.skyflatnum = -1
        self.playerstarts: list[MapThing | None] = [None] * MAXPLAYERS
        self.deathmatchstarts: list[MapThing] = []

        # the running level
        self.thinkers: list[Thinker] = []  # in the order of the original's thinker list
        self.gametic = 0  # tics since the session began; set by it before each tick (homing missiles look at it)
        self.leveltime = 0  # tics
        self.totalkills = 0
        self.totalitems = 0
        self.totalsecret = 0
        self.validcount = 1
        self.nesting = 0  # depth of nested state changes
        self.spawned = 0  # mobjs spawned in this tic
        # bounds on patched states that loop without time passing, see `states.WORK_LIMIT`
        self.work = 0  # cost of the slow parts of actions: see TRACE_WORK
        self.looped = 0  # work that states without duration caused in this tic
        self.exit = Exit.NONE
        self.paused = False
        self.item_respawn_queue: list[tuple[MapThing, int]] = []  # (spawn point, leveltime of its pickup)
        self.bodyqueue: list[Mobj] = []  # player corpses, oldest first (g_game.c)
        self.move = LastMove()
        self.onground = False  # of the last player that moved (p_user.c)
        self.attackrange = 0  # 16.16, of the last aim or shot
        self.bulletslope = 0  # 16.16, of the player's last aimed shot (p_pspr.c)
        # the boss brain of MAP30 (p_enemy.c); the toggle outlives the level, as in the original
        self.braintargets: list[Mobj] = []
        self.braintargeton = 0
        self.brain_easy = 0
        self.specials = SpecialsState()  # active plats and ceilings, buttons, animations
        # what texture and flat numbers currently show: animation frames (p_spec.c), index = number
        self.texturetranslation: list[int] = []
        self.flattranslation: list[int] = []
