"""The opening of a line as shots and slides see it, with the original's stale values (``P_LineOpening``).

A line may be flagged two-sided and have no back side. The original then leaves the opening of the last line it looked
at in its globals and continues with that; `world.move` keeps them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydoom.sim.geometry import line_opening
from pydoom.sim.level import Line

if TYPE_CHECKING:
    from pydoom.sim.world import World


def leave_opening(world: World, line: Line) -> tuple[int, int, int]:
    """``P_LineOpening``: (opentop, openbottom, openrange), the first two stale when `line` has no back side."""
    move = world.move
    if line.backsector is None:
        return move.opentop, move.openbottom, 0
    opentop, openbottom, openrange, move.lowfloor = line_opening(line)
    move.opentop = opentop
    move.openbottom = openbottom
    return opentop, openbottom, openrange
