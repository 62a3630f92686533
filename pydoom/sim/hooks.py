"""The simulation's interfaces to the outside: the WAD's numbers, sounds, the screens, containers.

These protocols stay plain Python when the simulation is compiled (docs/packaging.md), so that classes outside it can
inherit from them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pydoom.sim.level import SoundOrigin
    from pydoom.sim.mobj import Mobj
    from pydoom.sim.world import World


class Catalog(Protocol):
    """What the simulation asks of the WAD: numbers and heights of textures and flats."""

    texture_heights: list[int]
    """Height in pixels of each texture."""
    flat_names: list[str]
    """Names of the flats, by number."""

    def texture_number(self, name: str) -> int:
        """Number of a wall texture ("-" is 0); -1 when there is none (``R_CheckTextureNumForName``)."""

    def flat_number(self, name: str) -> int:
        """Number of a flat counted from F_START's first; -1 when there is none."""


class SoundSink(Protocol):
    """Where sounds go (``s_sound.c``)."""

    def start(self, origin: SoundOrigin | None, sfx: int) -> None:
        """Start sound number `sfx` at `origin`, or everywhere for None (``S_StartSound``)."""

    def stop(self, origin: SoundOrigin) -> None:
        """Stop what `origin` is playing (``S_StopSound``)."""


class PlayerHooks(Protocol):
    """Callbacks to outside the simulation when the console player appears or dies (``ST_Start``, ``HU_Start``)."""

    def player_spawned(self, world: World) -> None:
        """The console player's mobj has been put into the level."""

    def player_died(self, world: World) -> None:
        """The console player has just been killed; an open automap must close (``AM_Stop``)."""


class Bond(Protocol):
    """Ties a mobj to something outside the game (a container). The simulation calls it for two events."""

    def damaged(self, target: Mobj, inflictor: Mobj | None, source: Mobj | None) -> bool:
        """Note that `target` is about to be hurt, and return whether the damage counts.

        damage_mobj calls this first; on False it does nothing else, as if there had been no hit.
        """

    def killed(self, target: Mobj, inflictor: Mobj | None, source: Mobj | None) -> None:
        """Note that the mobj has just died of damage that counted."""
