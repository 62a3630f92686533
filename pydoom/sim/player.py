"""A player: weapons, ammunition, powers, keys, and how the view shows them (``d_player.h``, ``p_pspr.h``)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from pydoom.data.info import NUMAMMO, NUMWEAPONS, WP_PISTOL, MobjInfo, State
from pydoom.sim.level import NOWHERE
from pydoom.sim.mobj import Mobj
from pydoom.sim.ticcmd import TicCmd

MAXPLAYERS: Final = 4

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


@dataclass(slots=True, eq=False, repr=False)
class PspDef:
    """One layer of the weapon sprite (``pspdef_t``): screen position `sx`, `sy` in 16.16 pixels."""

    state: State | None = None
    tics: int = 0
    sx: int = 0
    sy: int = 0


_NO_TYPE: Final = MobjInfo(-1, "nobody", defaultdict(int))
_NO_STATE: Final = State(-1, "nothing", 0, 0, -1, "", 0, 0)


def _no_body() -> Mobj:
    """The `Player.mo` of a player who is not on the level."""
    return Mobj(NOWHERE, _NO_TYPE, _NO_STATE)


class Player:
    """One player (``player_t``); `powers` are tic counters.

    `mo` is the player's mobj; before the player is spawned on a level it is a mobj of no type, which is in no level
    (`has_body` tells).
    """

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

    def __init__(self, number: int) -> None:
        self.number = number
        self.clear()

    @property
    def has_body(self) -> bool:
        """Whether the player has been spawned on this level; `mo` means nothing before."""
        return self.mo.type >= 0

    def leave_body(self) -> None:
        """Forget the mobj of the last level, as if not spawned yet."""
        self.mo: Mobj = _no_body()

    def clear(self) -> None:
        """Forget everything but the number."""
        self.leave_body()
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
