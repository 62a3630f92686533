"""The rules of a game: what the command line, the menu, a demo's header and a saved game decide."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pydoom.sim.player import MAXPLAYERS
from pydoom.sim.rules import SK_MEDIUM

if TYPE_CHECKING:
    from pydoom.sim.world import World

ONE_PLAYER: Final = (True, *(False,) * (MAXPLAYERS - 1))


@dataclass(frozen=True, slots=True)
class Rules:
    """How a game is played. `skill` counts from 0; `deathmatch` is 0 for none, 1, or 2 (``-altdeath``).

    `players` says who is in the game, and `consoleplayer` whose keyboard and screen these are. In a `netgame` the
    dead respawn without restarting the level. `timelimit` ends a deathmatch level after that many minutes.
    """

    skill: int = SK_MEDIUM
    fast: bool = False
    respawn: bool = False
    nomonsters: bool = False
    deathmatch: int = 0
    netgame: bool = False
    players: tuple[bool, ...] = ONE_PLAYER
    consoleplayer: int = 0
    timelimit: int = 0

    def alone(self, skill: int) -> Rules:
        """The rules of a game that one player starts from the menu (``G_DoNewGame``)."""
        return Rules(skill=skill, timelimit=self.timelimit)

    def loaded(self, skill: int, players: tuple[bool, ...]) -> Rules:
        """The rules of a saved game, which contains only these two (``P_UnArchivePlayers``)."""
        return replace(self, skill=skill, players=players)

    def apply(self, world: World) -> None:
        """Set these rules in `world`. Skill and respawning monsters change when a level starts."""
        world.fastparm = self.fast
        world.nomonsters = self.nomonsters
        world.deathmatch = self.deathmatch
        world.netgame = self.netgame
        world.consoleplayer = self.consoleplayer
        world.playeringame[:] = self.players
        world.timelimit = self.timelimit
