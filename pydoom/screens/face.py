"""The face on the status bar: which of its 42 pictures is shown, and for how long (``ST_updateFaceWidget``).

Precedence: dead, evil grin, looking toward an attacker, own fault, rapid fire, invulnerable, straight ahead. The
random number of each tic decides which way the face looks when nothing happens.
"""

from __future__ import annotations

from typing import Final

from pydoom.data.tables import ANG45, ANG180, ANGLE_MASK
from pydoom.sim import geometry
from pydoom.sim.constants import TICRATE
from pydoom.sim.player import CF_GODMODE, PW_INVULNERABILITY, Player

PAIN_FACES: Final = 5
FACE_STRIDE: Final = 8
"""Pictures for each level of pain: three straight, two turned, ouch, grin, rampage."""
TURN_OFFSET: Final = 3
OUCH_OFFSET: Final = 5
GRIN_OFFSET: Final = 6
RAMPAGE_OFFSET: Final = 7
GOD_FACE: Final = PAIN_FACES * FACE_STRIDE
DEAD_FACE: Final = GOD_FACE + 1

_GRIN_TICS: Final = 2 * TICRATE
_STRAIGHT_TICS: Final = TICRATE // 2
_TURN_TICS: Final = TICRATE
_RAMPAGE_DELAY_TICS: Final = 2 * TICRATE
_MUCH_PAIN: Final = 20


def face_names() -> list[str]:
    """Lump names of the 42 pictures in the order of their numbers."""
    names: list[str] = []
    for pain in range(PAIN_FACES):
        names += [f"STFST{pain}{straight}" for straight in range(3)]
        names += [f"STFTR{pain}0", f"STFTL{pain}0", f"STFOUCH{pain}", f"STFEVL{pain}", f"STFKILL{pain}"]
    return [*names, "STFGOD0", "STFDEAD0"]


def pain_offset(health: int) -> int:
    """Number of the first picture for this much health (``ST_calcPainOffset``)."""
    return FACE_STRIDE * ((100 - min(health, 100)) * PAIN_FACES // 101)


class Face:
    """The face's memory. `index` is the face to show; priority and rapid-fire count survive level changes."""

    __slots__ = ("_attack_tics", "_old_health", "_priority", "_tics", "_weapons", "index")

    def __init__(self) -> None:
        self.index = 0
        self._tics = 0
        self._priority = 0
        self._attack_tics = -1
        self._old_health = -1
        self._weapons: list[bool] = []

    def start(self, player: Player) -> None:
        """Begin a level with `player` (``ST_initData``)."""
        self.index = 0
        self._old_health = -1
        self._weapons = list(player.weaponowned)

    def update(self, player: Player, random_number: int) -> None:
        """Run for one tic; `random_number` is this tic's M_Random."""
        if self._priority < 10 and not player.health:
            self._show(9, DEAD_FACE, 1)
        if self._priority < 9 and player.bonuscount and self._weapons != player.weaponowned:
            self._weapons = list(player.weaponowned)
            self._show(8, pain_offset(player.health) + GRIN_OFFSET, _GRIN_TICS)
        if self._priority < 8 and player.damagecount and player.attacker and player.attacker is not player.mo:
            self._show(7, pain_offset(player.health) + self._attacked_offset(player), _TURN_TICS)
        if self._priority < 7 and player.damagecount:
            if self._gained_much(player):
                self._show(7, pain_offset(player.health) + OUCH_OFFSET, _TURN_TICS)
            else:
                self._show(6, pain_offset(player.health) + RAMPAGE_OFFSET, _TURN_TICS)
        if self._priority < 6:
            self._notice_rapid_fire(player)
        if self._priority < 5 and (player.cheats & CF_GODMODE or player.powers[PW_INVULNERABILITY]):
            self._show(4, GOD_FACE, 1)
        if not self._tics:
            self._show(0, pain_offset(player.health) + random_number % 3, _STRAIGHT_TICS)
        self._tics -= 1
        self._old_health = player.health

    def _show(self, priority: int, index: int, tics: int) -> None:
        self._priority = priority
        self.index = index
        self._tics = tics

    def _gained_much(self, player: Player) -> bool:
        # The original subtracts the wrong way round: the ouch face comes with health gained while being hurt.
        return player.health - self._old_health > _MUCH_PAIN

    def _attacked_offset(self, player: Player) -> int:
        if self._gained_much(player):
            return OUCH_OFFSET
        mobj, attacker = player.mo, player.attacker
        assert attacker is not None
        angle = geometry.point_to_angle(mobj.x, mobj.y, attacker.x, attacker.y)
        if angle > mobj.angle:
            difference = angle - mobj.angle
            right = difference > ANG180
        else:
            difference = (mobj.angle - angle) & ANGLE_MASK
            right = difference <= ANG180
        if difference < ANG45:
            return RAMPAGE_OFFSET
        return TURN_OFFSET if right else TURN_OFFSET + 1

    def _notice_rapid_fire(self, player: Player) -> None:
        if not player.attackdown:
            self._attack_tics = -1
        elif self._attack_tics == -1:
            self._attack_tics = _RAMPAGE_DELAY_TICS
        else:
            self._attack_tics -= 1
            if not self._attack_tics:
                self._show(5, pain_offset(player.health) + RAMPAGE_OFFSET, 1)
                self._attack_tics = 1
