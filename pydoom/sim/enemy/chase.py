"""How monsters walk: eight directions, doors in the way, and the choice of the next step (``A_Chase`` and below)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.flags import MF_FLOAT, MF_INFLOAT, MF_JUSTATTACKED, MF_SHOOTABLE
from pydoom.data.sound_ids import SFX_BSPWLK, SFX_HOOF, SFX_METAL
from pydoom.data.tables import ANG45, ANGLE_MASK
from pydoom.sim import movement, sight, states
from pydoom.sim.constants import FLOATSPEED
from pydoom.sim.enemy.senses import check_melee_range, check_missile_range, look_for_players
from pydoom.sim.fixed import FRACUNIT, MAXINT, MININT, abs32, to_int32
from pydoom.sim.rules import SK_NIGHTMARE, GameVersion
from pydoom.sim.specials import lines

if TYPE_CHECKING:
    from pydoom.sim.mobj import Mobj
    from pydoom.sim.world import World

DI_EAST: Final = 0
DI_NORTHEAST: Final = 1
DI_NORTH: Final = 2
DI_NORTHWEST: Final = 3
DI_WEST: Final = 4
DI_SOUTHWEST: Final = 5
DI_SOUTH: Final = 6
DI_SOUTHEAST: Final = 7
DI_NODIR: Final = 8

XSPEED: Final = (FRACUNIT, 47000, 0, -47000, -FRACUNIT, -47000, 0, 47000)
"""Eastward part of a step in each direction, 16.16."""
YSPEED: Final = (0, 47000, FRACUNIT, 47000, 0, -47000, -FRACUNIT, -47000)
"""Northward part of a step in each direction, 16.16."""

_OPPOSITE: Final = (
    DI_WEST,
    DI_SOUTHWEST,
    DI_SOUTH,
    DI_SOUTHEAST,
    DI_EAST,
    DI_NORTHEAST,
    DI_NORTH,
    DI_NORTHWEST,
    DI_NODIR,
)
_DIAGONALS: Final = (DI_NORTHWEST, DI_NORTHEAST, DI_SOUTHWEST, DI_SOUTHEAST)
_CLOCKWISE: Final = tuple(range(DI_SOUTHEAST, DI_EAST - 1, -1))
_COUNTERCLOCKWISE: Final = tuple(range(DI_EAST, DI_SOUTHEAST + 1))
_CLOSE: Final = 10 * FRACUNIT
"""A target within this distance along an axis needs no step along it."""

_TURN_MASK: Final = 7 << 29


def move(world: World, actor: Mobj) -> bool:
    """``P_Move``: one step in the present direction; False when it is blocked by more than a door being opened."""
    direction = actor.movedir
    if direction == DI_NODIR:
        return False
    speed = actor.info.speed
    tryx = actor.x + speed * XSPEED[direction]
    tryy = actor.y + speed * YSPEED[direction]
    if not (MININT <= tryx <= MAXINT and MININT <= tryy <= MAXINT):
        tryx = to_int32(tryx)
        tryy = to_int32(tryy)
    if movement.try_move(world, actor, tryx, tryy):
        actor.flags &= ~MF_INFLOAT
        if not actor.flags & MF_FLOAT:
            actor.z = actor.floorz
        return True

    found = world.move
    if actor.flags & MF_FLOAT and found.floatok:
        # climb or sink to where there is room
        if actor.z < found.floorz:
            actor.z = to_int32(actor.z + FLOATSPEED)
        else:
            actor.z = to_int32(actor.z - FLOATSPEED)
        actor.flags |= MF_INFLOAT
        return True
    touched = found.spechit
    if not touched:
        return False
    actor.movedir = DI_NODIR
    opened = False
    while touched:
        if lines.use_special_line(world, actor, touched.pop(), 0):
            opened = True
    return opened


def try_walk(world: World, actor: Mobj) -> bool:
    """``P_TryWalk``: a step in the present direction, and for how many steps to keep to it when it succeeds."""
    if not move(world, actor):
        return False
    actor.movecount = world.random.p_random() & 15
    return True


def new_chase_dir(world: World, actor: Mobj) -> None:
    """``P_NewChaseDir``: choose a direction towards the target and take the first step. Needs a target.

    The diagonal first, then one axis and the other, then straight on, then all directions in a random sense of
    rotation, and back where it came from only when nothing else is free.
    """
    target = actor.target
    assert target is not None
    olddir = actor.movedir
    turnaround = _OPPOSITE[olddir]
    deltax = target.x - actor.x
    deltay = target.y - actor.y
    is_further_along_y = abs(deltay) > abs(deltax)
    if not (MININT <= deltax <= MAXINT and MININT <= deltay <= MAXINT):
        deltax = to_int32(deltax)
        deltay = to_int32(deltay)
        is_further_along_y = abs32(deltay) > abs32(deltax)
    first = DI_EAST if deltax > _CLOSE else DI_WEST if deltax < -_CLOSE else DI_NODIR
    second = DI_SOUTH if deltay < -_CLOSE else DI_NORTH if deltay > _CLOSE else DI_NODIR

    if first != DI_NODIR and second != DI_NODIR:
        actor.movedir = _DIAGONALS[((deltay < 0) << 1) + (deltax > 0)]
        if actor.movedir != turnaround and try_walk(world, actor):
            return

    if world.random.p_random() > 200 or is_further_along_y:
        first, second = second, first
    for direction in (
        first if first != turnaround else DI_NODIR,
        second if second != turnaround else DI_NODIR,
        olddir,
    ):
        if direction != DI_NODIR:
            actor.movedir = direction
            if try_walk(world, actor):
                return

    for direction in _COUNTERCLOCKWISE if world.random.p_random() & 1 else _CLOCKWISE:
        if direction != turnaround:
            actor.movedir = direction
            if try_walk(world, actor):
                return
    if turnaround != DI_NODIR:
        actor.movedir = turnaround
        if try_walk(world, actor):
            return
    actor.movedir = DI_NODIR


def chase(world: World, actor: Mobj) -> None:
    """``A_Chase``: turn, attack when in range, else a step towards the target."""
    if actor.reactiontime:
        actor.reactiontime -= 1
    target = actor.target
    if actor.threshold:
        if (target is None or target.health <= 0) and world.version > GameVersion.DOOM_1_2:
            actor.threshold = 0
        else:
            actor.threshold -= 1

    direction = actor.movedir
    if direction < 8:
        # an eighth turn towards the direction of walking
        angle = actor.angle & _TURN_MASK
        delta = (angle - (direction << 29)) & ANGLE_MASK
        if delta:
            angle = (angle + ANG45 if delta & 0x80000000 else angle - ANG45) & ANGLE_MASK
        actor.angle = angle

    if target is None or not target.flags & MF_SHOOTABLE:
        if not look_for_players(world, actor, True):
            states.set_mobj_state(world, actor, actor.info.spawnstate)
        return

    fast = world.skill == SK_NIGHTMARE or world.fastparm
    if actor.flags & MF_JUSTATTACKED:
        # never twice in a row
        actor.flags &= ~MF_JUSTATTACKED
        if not fast:
            new_chase_dir(world, actor)
        return

    info = actor.info
    if info.meleestate and check_melee_range(world, actor):
        if info.attacksound:
            world.sounds.start(actor, info.attacksound)
        states.set_mobj_state(world, actor, info.meleestate)
        return
    if info.missilestate and (fast or not actor.movecount) and check_missile_range(world, actor):
        states.set_mobj_state(world, actor, info.missilestate)
        actor.flags |= MF_JUSTATTACKED
        return

    if world.netgame and not actor.threshold and not sight.check_sight(world, actor, target):
        if look_for_players(world, actor, True):
            return

    actor.movecount -= 1
    if actor.movecount < 0 or not move(world, actor):
        new_chase_dir(world, actor)

    if info.activesound and world.random.p_random() < 3:
        world.sounds.start(actor, info.activesound)


def hoof(world: World, actor: Mobj) -> None:
    """``A_Hoof``: a step of the cyberdemon's hoof."""
    world.sounds.start(actor, SFX_HOOF)
    chase(world, actor)


def metal(world: World, actor: Mobj) -> None:
    """``A_Metal``: a step on the cyberdemon's or spider mastermind's metal leg."""
    world.sounds.start(actor, SFX_METAL)
    chase(world, actor)


def baby_metal(world: World, actor: Mobj) -> None:
    """``A_BabyMetal``: a step of the arachnotron."""
    world.sounds.start(actor, SFX_BSPWLK)
    chase(world, actor)
