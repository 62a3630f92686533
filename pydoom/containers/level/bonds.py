"""The bond between a monster and its container, to which the simulation reports hits and kills (`sim.hooks.Bond`).

A bond decides whose damage counts and reports what happened; the level changes later, at the next tic boundary
(`stage`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.containers.fleet.lifecycle import Phase
from pydoom.data.flags import MF_COUNTKILL
from pydoom.data.info import (
    WP_BFG,
    WP_CHAINGUN,
    WP_CHAINSAW,
    WP_FIST,
    WP_MISSILE,
    WP_PISTOL,
    WP_PLASMA,
    WP_SHOTGUN,
    WP_SUPERSHOTGUN,
)
from pydoom.data.mobj_ids import MT_BARREL, MT_BFG, MT_PLASMA, MT_ROCKET
from pydoom.render.colours import NORMAL, SHADOW, STONE, TINT
from pydoom.sim.mobj import Mobj

if TYPE_CHECKING:
    from pydoom.containers.fleet.fleet import Fleet
    from pydoom.containers.fleet.roster import Entry

WEAPON_NAMES: Final = {
    WP_FIST: "fist",
    WP_PISTOL: "pistol",
    WP_SHOTGUN: "shotgun",
    WP_CHAINGUN: "chaingun",
    WP_MISSILE: "rocket launcher",
    WP_PLASMA: "plasma rifle",
    WP_BFG: "bfg9000",
    WP_CHAINSAW: "chainsaw",
    WP_SUPERSHOTGUN: "super shotgun",
}
"""Weapons by their names in the bridge's protocol."""

_BY_INFLICTOR: Final = {
    MT_ROCKET: "rocket launcher",
    MT_PLASMA: "plasma rifle",
    MT_BFG: "bfg9000",
    MT_BARREL: "barrel",
}
"""A missile tells which weapon fired it, whatever the player holds when it hits."""


def weapon_of(inflictor: Mobj | None, source: Mobj | None) -> str:
    """The weapon that did it, by its name in the protocol; empty when unknown."""
    if inflictor is not None and inflictor.type in _BY_INFLICTOR:
        return _BY_INFLICTOR[inflictor.type]
    if source is not None and source.player is not None:
        return WEAPON_NAMES.get(source.player.readyweapon, "")
    return ""


_FLICKER_TICS: Final = 4
"""Tics for which a flickering monster is a shadow, and then as many for which it is not; a power of two."""


def look_of(mobj: Mobj) -> int:
    """How the mobj is drawn, as `ViewRenderer.look_of` wants it.

    The monster of a paused container is stone, under any other fault it is a shadow, and after a restart it flickers.
    Protected ones are blue.
    """
    bond = mobj.bond
    if not isinstance(bond, ContainerBond):
        return NORMAL
    entry = bond.entry
    if entry.phase is Phase.SUFFERING:
        return STONE if entry.info.state == "paused" else SHADOW
    if entry.flicker_tics & _FLICKER_TICS:
        return SHADOW
    return TINT if entry.info.protected and entry.exists else NORMAL


class ContainerBond:
    """The bond of one monster with the container of `entry`; reports hits and the kill to the `fleet`.

    `safety`: only what a player did counts. The corpse of a gone container is an ordinary thing.
    """

    __slots__ = ("_fleet", "_safety", "entry")

    def __init__(self, entry: Entry, fleet: Fleet, safety: bool) -> None:
        self.entry = entry
        self._fleet = fleet
        self._safety = safety

    def damaged(self, target: Mobj, inflictor: Mobj | None, source: Mobj | None) -> bool:
        """Report a player's hit, and return whether the damage counts.

        Without safety all damage counts, else only a player's. A protected container takes none, nor does one that
        already suffers from the weapon's fault: the bridge would refuse that.
        """
        if not self.entry.exists:
            return True
        by_player = source is not None and source.player is not None
        if self._safety and not by_player:
            return False
        if by_player and target.health > 0:
            self._fleet.hit(self.entry, weapon_of(inflictor, source))
        return not self._fleet.is_immune(self.entry, weapon_of(inflictor, source))

    def killed(self, target: Mobj, inflictor: Mobj | None, source: Mobj | None) -> None:
        """Report that the monster is dead, so that its container is killed.

        It stays out of the level's kill count: an arch-vile that raised it has given it all its flags back.
        """
        target.flags &= ~MF_COUNTKILL
        if self.entry.exists:
            self._fleet.killed(self.entry, weapon_of(inflictor, source))
