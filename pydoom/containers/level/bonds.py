"""What ties a monster to its container: what the simulation tells it (`sim.mobj.Bond`).

A bond decides whose damage counts and reports what happened; everything else is done later, at the next tic boundary,
by `monsters`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

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
from pydoom.sim.mobj import Mobj

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
"""As the bridge's protocol names them."""

_BY_INFLICTOR: Final = {
    MT_ROCKET: "rocket launcher",
    MT_PLASMA: "plasma rifle",
    MT_BFG: "bfg9000",
    MT_BARREL: "barrel",
}
"""A missile tells what it was fired with, whatever is in the player's hands when it hits."""


def weapon_of(inflictor: Mobj | None, source: Mobj | None) -> str:
    """What did it, in the protocol's words; empty when nobody can tell."""
    if inflictor is not None and inflictor.type in _BY_INFLICTOR:
        return _BY_INFLICTOR[inflictor.type]
    if source is not None and source.player is not None:
        return WEAPON_NAMES.get(source.player.readyweapon, "")
    return ""


def is_protected(mobj: Mobj) -> bool:
    """Whether the mobj is the monster of a protected container."""
    bond = mobj.bond
    return isinstance(bond, ContainerBond) and bond.protected and bond.live


class ContainerBond:
    """The bond of one monster with the container `id`.

    `safety`: only what a player did counts. `protected`: nothing counts. `live`: the container still exists as far as
    we know; the corpse of a container that is gone is a thing like any other.
    """

    __slots__ = ("_report_hit", "_report_kill", "id", "live", "protected", "safety")

    def __init__(
        self,
        container_id: str,
        safety: bool,
        protected: bool,
        report_hit: Callable[[str, str], None],
        report_kill: Callable[[str, str], None],
    ) -> None:
        self.id = container_id
        self.safety = safety
        self.protected = protected
        self.live = True
        self._report_hit = report_hit
        self._report_kill = report_kill

    def damaged(self, target: Mobj, inflictor: Mobj | None, source: Mobj | None) -> bool:
        """Report a player's hit, and return whether the damage counts.

        Without safety everybody's does, else only a player's; none against a protected container.
        """
        if not self.live:
            return True
        by_player = source is not None and source.player is not None
        if self.safety and not by_player:
            return False
        if by_player and target.health > 0:
            self._report_hit(self.id, weapon_of(inflictor, source))
        return not self.protected

    def killed(self, target: Mobj, inflictor: Mobj | None, source: Mobj | None) -> None:
        """The monster is dead, so that its container is to go."""
        if self.live:
            self._report_kill(self.id, weapon_of(inflictor, source))
