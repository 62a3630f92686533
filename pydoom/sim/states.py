"""State changes of mobjs, and the two ways that end one: removal and a missile's explosion (``p_mobj.c``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.data.flags import MF_DROPPED, MF_MISSILE, MF_SPECIAL
from pydoom.data.info import State
from pydoom.data.mobj_ids import MT_INS, MT_INV
from pydoom.data.state_ids import S_NULL
from pydoom.sim import links, thinkers
from pydoom.sim.mobj import Mobj

if TYPE_CHECKING:
    from pydoom.sim.world import World


WORK_LIMIT: Final = 500_000
"""Work that states without duration may cause in one tic; a few seconds of processor time. More is an endless loop.

The original has no such limit: it hangs. See `World.work` for what counts.
"""
STEP_WORK: Final = 5
"""Work of one state without duration, besides what its action does."""
ITEM_QUEUE_SIZE: Final = 128
"""Slots of the ring of items to bring back; one always stays empty."""


NESTING_LIMIT: Final = 100
"""Depth of state changes nested in actions that counts as endless; the unpatched game nests a few."""
NESTING_USUAL: Final = 4
"""Depth beyond which nested state changes count as work: each may set off several others."""
NESTED_WORK: Final = 10
"""Work of one state change nested deeper than `NESTING_USUAL`."""


class StateCycleError(Exception):
    """A patched state table loops through states without duration."""


def set_mobj_state(world: World, mobj: Mobj, state: int) -> bool:
    """``P_SetMobjState``: put `mobj` into state number `state` and run its action; False when that removed it.

    Raises StateCycleError where the original would run out of stack.
    """
    world.nesting += 1
    try:
        if is_nested_too_deep(world):
            name = world.states[state].name
            raise StateCycleError(f"state {name} of {mobj.info.name} sets itself off again without any time passing")
        return enter_state(world, mobj, world.states[state])
    finally:
        world.nesting -= 1


def enter_state(world: World, mobj: Mobj, state: State) -> bool:
    """``P_SetMobjState`` for a state object. States of no duration are run through at once."""
    while True:
        begun = world.work
        mobj.state = state
        if state.index == S_NULL:
            remove_mobj(world, mobj)
            return False
        mobj.tics = state.tics
        mobj.sprite = state.sprite
        mobj.frame = state.frame
        action = state.action
        if action is not None:
            action(world, mobj)
        # the action may have put the mobj into another state: then that one's duration counts
        if mobj.tics:
            return True
        if is_endless(world, begun):
            raise StateCycleError(
                f"state {state.name} of {mobj.info.name} leads back to itself without any time passing"
            )
        state = state.next


def is_nested_too_deep(world: World) -> bool:
    """Count a state change nested in an action; True when they go too deep, or do too much in this tic.

    In compiled code nothing else stands before the end of the stack.
    """
    if world.nesting <= NESTING_USUAL:
        return False
    world.looped += NESTED_WORK
    return world.nesting > NESTING_LIMIT or world.looped > WORK_LIMIT


def is_endless(world: World, begun: int) -> bool:
    """Count a state without duration, and the work since `begun`; True when such states do too much in this tic."""
    world.looped += STEP_WORK + world.work - begun
    return world.looped > WORK_LIMIT


def remove_mobj(world: World, mobj: Mobj) -> None:
    """``P_RemoveMobj``: take `mobj` out of the level; items of the map are remembered for deathmatch."""
    if mobj.flags & MF_SPECIAL and not mobj.flags & MF_DROPPED and mobj.type != MT_INV and mobj.type != MT_INS:
        queue = world.item_respawn_queue
        queue.append((mobj.spawnpoint, world.leveltime))
        if len(queue) >= ITEM_QUEUE_SIZE:
            del queue[0]
    links.unset_thing_position(world, mobj)
    world.sounds.stop(mobj)
    thinkers.remove_thinker(world, mobj)


def explode_missile(world: World, mobj: Mobj) -> None:
    """``P_ExplodeMissile``: stop a missile and let it burst."""
    mobj.momx = mobj.momy = mobj.momz = 0
    set_mobj_state(world, mobj, world.info.mobjinfo[mobj.type].deathstate)
    mobj.tics -= world.random.p_random() & 3
    if mobj.tics < 1:
        mobj.tics = 1
    mobj.flags &= ~MF_MISSILE
    if mobj.info.deathsound:
        world.sounds.start(mobj, mobj.info.deathsound)
