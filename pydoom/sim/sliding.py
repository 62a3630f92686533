"""Sliding along walls: what happens to a player whose move is blocked (``P_SlideMove`` of ``p_map.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydoom.data.tables import ANG180, ANGLE_MASK, ANGLETOFINESHIFT, FINECOSINE, FINESINE
from pydoom.sim import movement
from pydoom.sim.constants import MAXSTEP
from pydoom.sim.fixed import FRACUNIT, fixed_mul, to_int32
from pydoom.sim.geometry import approx_distance, point_on_line_side, point_to_angle
from pydoom.sim.level import ML_TWOSIDED, ST_HORIZONTAL, ST_VERTICAL, Line
from pydoom.sim.mobj import Mobj
from pydoom.sim.openings import leave_opening
from pydoom.sim.traverse import PT_ADDLINES, path_traverse

if TYPE_CHECKING:
    from pydoom.sim.world import World

MAX_TRIES = 3
FUDGE = 0x800
"""Fraction of the move, 16.16, by which a sliding thing stays off the wall."""


def slide_move(world: World, thing: Mobj) -> None:
    """``P_SlideMove``: go up to the first blocking line, then along it; failing that, along one axis."""
    for _ in range(MAX_TRIES - 1):
        best_frac, best_line = _nearest_blocking_line(world, thing)
        if best_line is None:
            break
        best_frac -= FUDGE
        if best_frac > 0:
            new_x = to_int32(thing.x + fixed_mul(thing.momx, best_frac))
            new_y = to_int32(thing.y + fixed_mul(thing.momy, best_frac))
            if not movement.try_move(world, thing, new_x, new_y):
                break
        rest = min(FRACUNIT - (best_frac + FUDGE), FRACUNIT)
        if rest <= 0:
            return
        move_x, move_y = _along_line(thing, best_line, fixed_mul(thing.momx, rest), fixed_mul(thing.momy, rest))
        thing.momx = move_x
        thing.momy = move_y
        if movement.try_move(world, thing, to_int32(thing.x + move_x), to_int32(thing.y + move_y)):
            return
    _stairstep(world, thing)


def _stairstep(world: World, thing: Mobj) -> None:
    """Move along y, or if that is blocked along x."""
    if not movement.try_move(world, thing, thing.x, to_int32(thing.y + thing.momy)):
        movement.try_move(world, thing, to_int32(thing.x + thing.momx), thing.y)


def _nearest_blocking_line(world: World, thing: Mobj) -> tuple[int, Line | None]:
    """The line that three leading corners of `thing` meet first, and at which fraction of its momentum."""
    radius = thing.radius
    momx = thing.momx
    momy = thing.momy
    lead_x = to_int32(thing.x + (radius if momx > 0 else -radius))
    lead_y = to_int32(thing.y + (radius if momy > 0 else -radius))
    trail_x = to_int32(thing.x - (radius if momx > 0 else -radius))
    trail_y = to_int32(thing.y - (radius if momy > 0 else -radius))
    best_frac = FRACUNIT + 1
    best_line: Line | None = None
    for x, y in ((lead_x, lead_y), (trail_x, lead_y), (lead_x, trail_y)):
        for frac, line, _ in path_traverse(world, x, y, to_int32(x + momx), to_int32(y + momy), PT_ADDLINES):
            if line is not None and _blocks_slide(world, thing, line):
                if frac < best_frac:
                    best_frac = frac
                    best_line = line
                break
    return best_frac, best_line


def _blocks_slide(world: World, thing: Mobj, line: Line) -> bool:
    """``PTR_SlideTraverse``: whether `thing` cannot go through `line`; the back of a one-sided line is no obstacle."""
    if not line.flags & ML_TWOSIDED:
        return not point_on_line_side(thing.x, thing.y, line)
    opentop, openbottom, openrange = leave_opening(world, line)
    if openrange < thing.height or to_int32(opentop - thing.z) < thing.height:
        return True
    return to_int32(openbottom - thing.z) > MAXSTEP


def _along_line(thing: Mobj, line: Line, move_x: int, move_y: int) -> tuple[int, int]:
    """``P_HitSlideLine``: the part of a move that runs along `line`."""
    if line.slopetype == ST_HORIZONTAL:
        return move_x, 0
    if line.slopetype == ST_VERTICAL:
        return 0, move_y
    line_angle = point_to_angle(0, 0, line.dx, line.dy)
    if point_on_line_side(thing.x, thing.y, line):
        line_angle = (line_angle + ANG180) & ANGLE_MASK
    delta = (point_to_angle(0, 0, move_x, move_y) - line_angle) & ANGLE_MASK
    if delta > ANG180:
        delta = (delta + ANG180) & ANGLE_MASK
    fine = line_angle >> ANGLETOFINESHIFT
    length = fixed_mul(approx_distance(move_x, move_y), FINECOSINE[delta >> ANGLETOFINESHIFT])
    return fixed_mul(length, FINECOSINE[fine]), fixed_mul(length, FINESINE[fine])
