"""DOOM II's cast call (``F_CastTicker`` and friends of ``f_finale.c``): every monster walks, attacks, and dies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pydoom.data import mobj_ids as mt
from pydoom.data import sound_ids as sfx
from pydoom.data import state_ids as st
from pydoom.data import strings
from pydoom.data.info import GameInfo, MobjInfo, State

CAST: Final = (
    (strings.CC_ZOMBIE, mt.MT_POSSESSED),
    (strings.CC_SHOTGUN, mt.MT_SHOTGUY),
    (strings.CC_HEAVY, mt.MT_CHAINGUY),
    (strings.CC_IMP, mt.MT_TROOP),
    (strings.CC_DEMON, mt.MT_SERGEANT),
    (strings.CC_LOST, mt.MT_SKULL),
    (strings.CC_CACO, mt.MT_HEAD),
    (strings.CC_HELL, mt.MT_KNIGHT),
    (strings.CC_BARON, mt.MT_BRUISER),
    (strings.CC_ARACH, mt.MT_BABY),
    (strings.CC_PAIN, mt.MT_PAIN),
    (strings.CC_REVEN, mt.MT_UNDEAD),
    (strings.CC_MANCU, mt.MT_FATSO),
    (strings.CC_ARCH, mt.MT_VILE),
    (strings.CC_SPIDER, mt.MT_SPIDER),
    (strings.CC_CYBER, mt.MT_CYBORG),
    (strings.CC_HERO, mt.MT_PLAYER),
)
"""Names and types in order of appearance."""

_ATTACK_FRAME: Final = 12
_STOP_FRAME: Final = 24
_FOREVER_TICS: Final = 15
"""Tics for which an endless state is shown."""

_STATE_SOUNDS: Final = {
    st.S_PLAY_ATK1: sfx.SFX_DSHTGN,
    st.S_POSS_ATK2: sfx.SFX_PISTOL,
    st.S_SPOS_ATK2: sfx.SFX_SHOTGN,
    st.S_VILE_ATK2: sfx.SFX_VILATK,
    st.S_SKEL_FIST2: sfx.SFX_SKESWG,
    st.S_SKEL_FIST4: sfx.SFX_SKEPCH,
    st.S_SKEL_MISS2: sfx.SFX_SKEATK,
    st.S_FATT_ATK8: sfx.SFX_FIRSHT,
    st.S_FATT_ATK5: sfx.SFX_FIRSHT,
    st.S_FATT_ATK2: sfx.SFX_FIRSHT,
    st.S_CPOS_ATK2: sfx.SFX_SHOTGN,
    st.S_CPOS_ATK3: sfx.SFX_SHOTGN,
    st.S_CPOS_ATK4: sfx.SFX_SHOTGN,
    st.S_TROO_ATK3: sfx.SFX_CLAW,
    st.S_SARG_ATK2: sfx.SFX_SGTATK,
    st.S_BOSS_ATK2: sfx.SFX_FIRSHT,
    st.S_BOS2_ATK2: sfx.SFX_FIRSHT,
    st.S_HEAD_ATK2: sfx.SFX_FIRSHT,
    st.S_SKULL_ATK2: sfx.SFX_SKLATK,
    st.S_SPID_ATK2: sfx.SFX_SHOTGN,
    st.S_SPID_ATK3: sfx.SFX_SHOTGN,
    st.S_BSPI_ATK2: sfx.SFX_PLASMA,
    st.S_CYBER_ATK2: sfx.SFX_RLAUNC,
    st.S_CYBER_ATK4: sfx.SFX_RLAUNC,
    st.S_CYBER_ATK6: sfx.SFX_RLAUNC,
    st.S_PAIN_ATK3: sfx.SFX_SKLATK,
}


class CastCall:
    """The actor on stage and its state; `play` starts a sound."""

    def __init__(self, info: GameInfo, play: Callable[[int], None]) -> None:
        self._info = info
        self._play = play
        self._number = 0
        self._dying = False
        self._frames = 0
        self._melee = False
        self._attacking = False
        self.state: State = info.states[self._actor.seestate]
        self._tics = self.state.tics

    @property
    def name(self) -> str:
        """The name of the actor on stage."""
        return self._info.text(CAST[self._number][0])

    @property
    def _actor(self) -> MobjInfo:
        return self._info.mobjinfo[CAST[self._number][1]]

    def ticker(self) -> None:
        """Run for one tic (``F_CastTicker``)."""
        self._tics -= 1
        if self._tics > 0:
            return
        states = self._info.states
        stop = False
        if self.state.tics == -1 or self.state.next.index == st.S_NULL:
            self._next_actor()
        elif self.state.index == st.S_PLAY_ATK1:
            stop = True  # the player's next state is not an attack
        else:
            self.state = self.state.next
            self._frames += 1
            sound = _STATE_SOUNDS.get(self.state.index)
            if sound is not None:
                self._play(sound)
        if not stop:
            if self._frames == _ATTACK_FRAME:
                self._attack()
            stop = self._attacking and (self._frames == _STOP_FRAME or self.state.index == self._actor.seestate)
        if stop:
            self._attacking = False
            self._frames = 0
            self.state = states[self._actor.seestate]
        self._tics = _FOREVER_TICS if self.state.tics == -1 else self.state.tics

    def _next_actor(self) -> None:
        self._number = (self._number + 1) % len(CAST)
        self._dying = False
        if self._actor.seesound:
            self._play(self._actor.seesound)
        self.state = self._info.states[self._actor.seestate]
        self._frames = 0

    def _attack(self) -> None:
        """Attack: melee and missile in turn, if the monster has both."""
        actor = self._actor
        attacks = (actor.missilestate, actor.meleestate)
        self._attacking = True
        number = attacks[self._melee]
        self._melee = not self._melee
        if number == st.S_NULL:
            number = attacks[self._melee]
        self.state = self._info.states[number]

    def kill(self) -> None:
        """Let the actor die, when a key was pressed (``F_CastResponder``)."""
        if self._dying:
            return
        self._dying = True
        self.state = self._info.states[self._actor.deathstate]
        self._tics = self.state.tics
        self._frames = 0
        self._attacking = False
        if self._actor.deathsound:
            self._play(self._actor.deathsound)
