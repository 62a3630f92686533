"""What every mobj does each tic: move, fall, wait for its next state (``P_MobjThinker`` of ``p_mobj.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.flags import (
    MF_CORPSE,
    MF_COUNTKILL,
    MF_FLOAT,
    MF_INFLOAT,
    MF_MISSILE,
    MF_NOCLIP,
    MF_NOGRAVITY,
    MF_SKULLFLY,
)
from pydoom.data.sound_ids import SFX_OOF
from pydoom.data.state_ids import S_PLAY, S_PLAY_RUN1
from pydoom.sim import mapthings, movement, sliding, states
from pydoom.sim.constants import FLOATSPEED, FRICTION, GRAVITY, MAXMOVE, STOPSPEED, TICRATE, VIEWHEIGHT
from pydoom.sim.fixed import FRACUNIT, MAXINT, MININT, fixed_mul, to_int32
from pydoom.sim.geometry import approx_distance
from pydoom.sim.mobj import Mobj
from pydoom.sim.player import CF_NOMOMENTUM
from pydoom.sim.rules import GameVersion

if TYPE_CHECKING:
    from pydoom.sim.world import World


RESPAWN_DELAY: Final = 12 * TICRATE
"""Tics that a monster lies dead before it may return in nightmare."""


def mobj_think(world: World, mobj: Mobj) -> None:
    """``P_MobjThinker``: one tic of a mobj. `tick.run_thinkers` handles those that only wait without a call."""
    if mobj.momx or mobj.momy or mobj.flags & MF_SKULLFLY:
        xy_movement(world, mobj)
        if mobj.removed:
            return
    if mobj.momz or mobj.z != mobj.floorz:
        z_movement(world, mobj)
        if mobj.removed:
            return
    if mobj.tics != -1:
        mobj.tics -= 1
        if not mobj.tics:
            states.enter_state(world, mobj, mobj.state.next)
    elif world.respawnmonsters and mobj.flags & MF_COUNTKILL:
        _wait_for_respawn(world, mobj)


def _wait_for_respawn(world: World, mobj: Mobj) -> None:
    """One tic of lying dead in nightmare."""
    mobj.movecount += 1
    if mobj.movecount < RESPAWN_DELAY or world.leveltime & 31:
        return
    if world.random.p_random() <= 4:
        mapthings.nightmare_respawn(world, mobj)


def xy_movement(world: World, mobj: Mobj) -> None:
    """``P_XYMovement``: move by the momentum, in two halves when it is fast towards east or north, then slow down."""
    if not mobj.momx and not mobj.momy:
        if mobj.flags & MF_SKULLFLY:
            mobj.flags &= ~MF_SKULLFLY
            mobj.momz = 0
            states.set_mobj_state(world, mobj, mobj.info.spawnstate)
        return
    player = mobj.player
    xmove = mobj.momx = min(max(mobj.momx, -MAXMOVE), MAXMOVE)
    ymove = mobj.momy = min(max(mobj.momy, -MAXMOVE), MAXMOVE)
    while True:
        if xmove > MAXMOVE // 2 or ymove > MAXMOVE // 2:
            # C's division truncates, its shift floors
            try_x = mobj.x + (xmove >> 1 if xmove >= 0 else -(-xmove >> 1))
            try_y = mobj.y + (ymove >> 1 if ymove >= 0 else -(-ymove >> 1))
            xmove >>= 1
            ymove >>= 1
        else:
            try_x = mobj.x + xmove
            try_y = mobj.y + ymove
            xmove = ymove = 0
        if not (MININT <= try_x <= MAXINT and MININT <= try_y <= MAXINT):
            # missiles that left the map wrap around the coordinates
            try_x = to_int32(try_x)
            try_y = to_int32(try_y)
        if not movement.try_move(world, mobj, try_x, try_y):
            if mobj.player is not None:
                sliding.slide_move(world, mobj)
            elif mobj.flags & MF_MISSILE:
                if _flew_into_sky(world):
                    states.remove_mobj(world, mobj)
                    return
                states.explode_missile(world, mobj)
            else:
                mobj.momx = mobj.momy = 0
        if not xmove and not ymove:
            break

    if player is not None and player.cheats & CF_NOMOMENTUM:
        mobj.momx = mobj.momy = 0
        return
    flags = mobj.flags
    if flags & (MF_MISSILE | MF_SKULLFLY) or mobj.z > mobj.floorz:
        return
    momx = mobj.momx
    momy = mobj.momy
    if flags & MF_CORPSE and not (-FRACUNIT // 4 <= momx <= FRACUNIT // 4 and -FRACUNIT // 4 <= momy <= FRACUNIT // 4):
        # corpses go on sliding while they hang half over a step
        if mobj.floorz != mobj.subsector.sector.floorheight:
            return
    if (
        -STOPSPEED < momx < STOPSPEED
        and -STOPSPEED < momy < STOPSPEED
        and (player is None or (player.cmd.forwardmove == 0 and player.cmd.sidemove == 0))
    ):
        if player is not None and S_PLAY_RUN1 <= player.mo.state.index < S_PLAY_RUN1 + 4:
            states.set_mobj_state(world, player.mo, S_PLAY)
        mobj.momx = 0
        mobj.momy = 0
    else:
        mobj.momx = fixed_mul(momx, FRICTION)
        mobj.momy = fixed_mul(momy, FRICTION)


def _flew_into_sky(world: World) -> bool:
    """Whether the last move failed at a line with sky behind it, where missiles vanish instead of exploding."""
    line = world.move.ceilingline
    if line is None or line.backsector is None:
        return False
    return line.backsector.ceilingpic == world.skyflatnum


def z_movement(world: World, mobj: Mobj) -> None:
    """``P_ZMovement``: rise and fall, float towards the target, land and bump the head."""
    player = mobj.player
    if player is not None and mobj.z < mobj.floorz:
        # smooth step up
        player.viewheight = to_int32(player.viewheight - (mobj.floorz - mobj.z))
        player.deltaviewheight = to_int32(VIEWHEIGHT - player.viewheight) >> 3

    z = mobj.z + mobj.momz
    mobj.z = z if MININT <= z <= MAXINT else to_int32(z)
    flags = mobj.flags
    target = mobj.target
    if flags & MF_FLOAT and target is not None and not flags & (MF_SKULLFLY | MF_INFLOAT):
        dist = approx_distance(mobj.x - target.x, mobj.y - target.y)
        delta = to_int32(target.z + (mobj.height >> 1) - mobj.z)
        if delta < 0 and dist < to_int32(-(delta * 3)):
            mobj.z = to_int32(mobj.z - FLOATSPEED)
        elif delta > 0 and dist < to_int32(delta * 3):
            mobj.z = to_int32(mobj.z + FLOATSPEED)

    if mobj.z <= mobj.floorz:
        # up to DOOM v1.9 momz is cleared before a charging skull bounces, so it does not; later versions fixed that
        bounces = world.version >= GameVersion.ULTIMATE
        if flags & MF_SKULLFLY and bounces:
            mobj.momz = -mobj.momz
        if mobj.momz < 0:
            if player is not None and mobj.momz < -GRAVITY * 8:
                player.deltaviewheight = mobj.momz >> 3
                world.sounds.start(mobj, SFX_OOF)
            mobj.momz = 0
        mobj.z = mobj.floorz
        if flags & MF_SKULLFLY and not bounces:
            mobj.momz = -mobj.momz
        if flags & MF_MISSILE and not flags & MF_NOCLIP:
            states.explode_missile(world, mobj)
            return
    elif not flags & MF_NOGRAVITY:
        mobj.momz = to_int32(mobj.momz - GRAVITY) if mobj.momz else -GRAVITY * 2

    top = mobj.z + mobj.height
    if top > mobj.ceilingz and to_int32(top) > mobj.ceilingz:
        if mobj.momz > 0:
            mobj.momz = 0
        mobj.z = to_int32(mobj.ceilingz - mobj.height)
        if flags & MF_SKULLFLY:
            mobj.momz = -mobj.momz
        if flags & MF_MISSILE and not flags & MF_NOCLIP:
            states.explode_missile(world, mobj)
