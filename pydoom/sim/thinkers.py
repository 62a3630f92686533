"""Whatever acts each tic, and how it enters and leaves the list of thinkers (``d_think.h``, ``p_tick.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydoom.sim.world import World


REMOVED: Final = 1
"""`Thinker.removed` of a thinker that will be dropped when the run reaches it."""
DROPPED: Final = 2
"""`Thinker.removed` of a thinker that the run has dropped."""


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


def add_thinker(world: World, thinker: Thinker) -> None:
    """``P_AddThinker``: append to the list; during a run the new thinker still acts in the same tic."""
    world.thinkers.append(thinker)


def remove_thinker(world: World, thinker: Thinker) -> None:
    """``P_RemoveThinker``: mark for removal; the list drops it when the run reaches it."""
    thinker.removed = thinker.removed or REMOVED
