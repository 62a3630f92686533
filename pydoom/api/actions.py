"""What a program can make the player do in a tic, and the translation into the original's command."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pydoom.game.ticcmd import ANGLE_TURN, FORWARD_MOVE, SIDE_MOVE
from pydoom.sim.ticcmd import BT_ATTACK, BT_CHANGE, BT_USE, BT_WEAPONSHIFT, TicCmd

BUTTONS: Final = (
    "forward",
    "backward",
    "turn_left",
    "turn_right",
    "strafe_left",
    "strafe_right",
    "run",
    "attack",
    "use",
    "weapon1",
    "weapon2",
    "weapon3",
    "weapon4",
    "weapon5",
    "weapon6",
    "weapon7",
)
"""Every button's name. `run` doubles walking and turning; weapon buttons are the number keys."""

_WEAPON: Final = "weapon"
_LIMIT: Final = 127
_TURN_LIMIT: Final = 0x7FFF


class ActionError(ValueError):
    """An unknown action, or one out of a command's range."""


@dataclass(frozen=True, slots=True)
class Action:
    """The console player's command, in the original's units.

    `forward` and `side` (right is positive) are -127 to 127: walking is 25 and 24, running 50 and 40. `turn` is the
    angle turned in a tic, left positive, in 1/65536 of a circle: a held arrow key turns 640, running 1280. `weapon`
    is a number key, 1 to 7, or 0 for none.
    """

    forward: int = 0
    side: int = 0
    turn: int = 0
    attack: bool = False
    use: bool = False
    weapon: int = 0

    def __post_init__(self) -> None:
        for name, limit in (("forward", _LIMIT), ("side", _LIMIT), ("turn", _TURN_LIMIT)):
            if not -limit <= getattr(self, name) <= limit:
                raise ActionError(f"{name} must be from -{limit} to {limit}, not {getattr(self, name)}")
        if not 0 <= self.weapon <= 7:
            raise ActionError(f"weapon must be from 1 to 7, or 0 for none, not {self.weapon}")

    @classmethod
    def of(cls, buttons: Iterable[str]) -> Action:
        """The action of holding buttons, by their names in `BUTTONS`. Raises ActionError for another name."""
        held = frozenset(buttons)
        unknown = held.difference(BUTTONS)
        if unknown:
            raise ActionError(f"unknown button {sorted(unknown)[0]!r}; known are {', '.join(BUTTONS)}")
        speed = int("run" in held)
        weapons = [int(name.removeprefix(_WEAPON)) for name in held if name.startswith(_WEAPON)]
        return cls(
            forward=FORWARD_MOVE[speed] * (("forward" in held) - ("backward" in held)),
            side=SIDE_MOVE[speed] * (("strafe_right" in held) - ("strafe_left" in held)),
            turn=ANGLE_TURN[speed] * (("turn_left" in held) - ("turn_right" in held)),
            attack="attack" in held,
            use="use" in held,
            weapon=min(weapons, default=0),
        )

    def fill(self, cmd: TicCmd) -> None:
        """Write the action into a command."""
        cmd.forwardmove = self.forward
        cmd.sidemove = self.side
        cmd.angleturn = self.turn
        cmd.buttons = BT_ATTACK * self.attack | BT_USE * self.use
        if self.weapon:
            cmd.buttons |= BT_CHANGE | (self.weapon - 1) << BT_WEAPONSHIFT


NOTHING: Final = Action()


def as_action(wanted: Action | str | Iterable[str] | None) -> Action:
    """An action from any of its forms: itself, names ("forward run", or any iterable of them), or None."""
    if isinstance(wanted, Action):
        return wanted
    if wanted is None:
        return NOTHING
    if isinstance(wanted, str | tuple):
        return _known_action(wanted)
    return Action.of(wanted)


@lru_cache(maxsize=1024)
def _known_action(wanted: str | tuple[str, ...]) -> Action:
    return Action.of(wanted.split() if isinstance(wanted, str) else wanted)
