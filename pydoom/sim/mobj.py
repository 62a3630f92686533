"""A map object: everything alive, flying or lying about (``p_mobj.h``).

The lists of things in a sector or a block are linked through the mobjs themselves, since what happens when a mobj is
unlinked while its list is being walked is part of the original's behaviour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.info import MobjInfo, State
from pydoom.sim.hooks import Bond
from pydoom.sim.level import MapThing, Subsector
from pydoom.sim.thinkers import Thinker

if TYPE_CHECKING:
    from pydoom.sim.player import Player


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
