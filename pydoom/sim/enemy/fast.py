"""What Nightmare and ``-fast`` change in the tables (part of ``G_InitNew``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydoom.data.mobj_ids import MT_BRUISERSHOT, MT_HEADSHOT, MT_TROOPSHOT
from pydoom.data.state_ids import S_SARG_PAIN2, S_SARG_RUN1
from pydoom.sim.fixed import FRACUNIT

if TYPE_CHECKING:
    from pydoom.data.info import GameInfo


def set_fast(info: GameInfo) -> None:
    """Demons move twice as fast, and so do the fireballs of imps, cacodemons and barons.

    As in the original, demons get twice as fast again with every call; it is called at each new game played with
    ``-fast``, and when the skill changes to Nightmare. Where states would last no time at all, and the original
    would loop through them forever, they last one tic.
    """
    for state in info.states[S_SARG_RUN1 : S_SARG_PAIN2 + 1]:
        state.tics = max(state.tics >> 1, 1)
    for missile in (MT_BRUISERSHOT, MT_HEADSHOT, MT_TROOPSHOT):
        info.mobjinfo[missile].speed = 20 * FRACUNIT


def set_normal(info: GameInfo) -> None:
    """The reverse, when the skill changes from Nightmare."""
    for state in info.states[S_SARG_RUN1 : S_SARG_PAIN2 + 1]:
        state.tics <<= 1
    info.mobjinfo[MT_BRUISERSHOT].speed = 15 * FRACUNIT
    info.mobjinfo[MT_HEADSHOT].speed = 10 * FRACUNIT
    info.mobjinfo[MT_TROOPSHOT].speed = 10 * FRACUNIT
