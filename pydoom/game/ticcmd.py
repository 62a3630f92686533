"""From held keys and mouse movement to the command of a tic (``G_BuildTiccmd``).

`Controls` watches the events that no screen consumed and answers `build` once a tic. Turning starts slowly and keeps
the fractions that a recording cannot hold (`lowres_turn`), as in the original.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from pydoom.data.info import (
    WP_BFG,
    WP_CHAINGUN,
    WP_CHAINSAW,
    WP_FIST,
    WP_MISSILE,
    WP_NOCHANGE,
    WP_PISTOL,
    WP_PLASMA,
    WP_SHOTGUN,
    WP_SUPERSHOTGUN,
)
from pydoom.game import events as ev
from pydoom.sim.player import PW_STRENGTH, Player
from pydoom.sim.rules import GameMode
from pydoom.sim.ticcmd import BT_ATTACK, BT_CHANGE, BT_USE, BT_WEAPONSHIFT, TicCmd

FORWARD_MOVE: Final = (0x19, 0x32)
SIDE_MOVE: Final = (0x18, 0x28)
MAX_COMMAND: Final = 127
"""Largest value of a command's signed byte."""
ANGLE_TURN: Final = (640, 1280, 320)
"""Turn in a tic: walking, running, and the first tics of a turn (BAM >> 16)."""
SLOW_TURN_TICS: Final = 6
DOUBLE_CLICK_TICS: Final = 20

MOUSE_LEFT: Final = 1
MOUSE_RIGHT: Final = 2
MOUSE_MIDDLE: Final = 4

_WEAPON_ORDER: Final = (
    # weapon, the number its key sends
    (WP_FIST, WP_FIST),
    (WP_CHAINSAW, WP_FIST),
    (WP_PISTOL, WP_PISTOL),
    (WP_SHOTGUN, WP_SHOTGUN),
    (WP_SUPERSHOTGUN, WP_SHOTGUN),
    (WP_CHAINGUN, WP_CHAINGUN),
    (WP_MISSILE, WP_MISSILE),
    (WP_PLASMA, WP_PLASMA),
    (WP_BFG, WP_BFG),
)


def _keys(*keys: int) -> frozenset[int]:
    return frozenset(keys)


@dataclass(slots=True)
class Bindings:
    """Which keys and mouse buttons do what: the original's, plus W, A, S, D and E."""

    forward: frozenset[int] = field(default_factory=lambda: _keys(ev.KEY_UPARROW, ord("w")))
    backward: frozenset[int] = field(default_factory=lambda: _keys(ev.KEY_DOWNARROW, ord("s")))
    left: frozenset[int] = field(default_factory=lambda: _keys(ev.KEY_LEFTARROW))
    right: frozenset[int] = field(default_factory=lambda: _keys(ev.KEY_RIGHTARROW))
    strafe_left: frozenset[int] = field(default_factory=lambda: _keys(ord(","), ord("a")))
    strafe_right: frozenset[int] = field(default_factory=lambda: _keys(ord("."), ord("d")))
    fire: frozenset[int] = field(default_factory=lambda: _keys(ev.KEY_RCTRL))
    use: frozenset[int] = field(default_factory=lambda: _keys(ev.KEY_SPACE, ord("e")))
    strafe: frozenset[int] = field(default_factory=lambda: _keys(ev.KEY_RALT))
    speed: frozenset[int] = field(default_factory=lambda: _keys(ev.KEY_RSHIFT))
    pause: frozenset[int] = field(default_factory=lambda: _keys(ev.KEY_PAUSE))
    next_weapon: frozenset[int] = field(default_factory=lambda: _keys(ord("]")))
    previous_weapon: frozenset[int] = field(default_factory=lambda: _keys(ord("[")))
    weapons: tuple[frozenset[int], ...] = tuple(_keys(ord(digit)) for digit in "12345678")
    mouse_fire: int = MOUSE_LEFT
    mouse_strafe: int = MOUSE_RIGHT
    mouse_forward: int = MOUSE_MIDDLE
    mouse_use: int = 0
    mouse_forward_moves: bool = True
    """Whether vertical mouse movement walks, as in the original."""


class _DoubleClick:
    """A double click of a mouse button means "use", as in the original."""

    def __init__(self) -> None:
        self._time = 0
        self._state = False
        self._clicks = 0

    def step(self, pressed: bool) -> bool:
        if pressed != self._state and self._time > 1:
            self._state = pressed
            self._clicks += pressed
            if self._clicks == 2:
                self._clicks = 0
                return True
            self._time = 0
        else:
            self._time += 1
            if self._time > DOUBLE_CLICK_TICS:
                self._clicks = 0
                self._state = False
        return False

    def clear(self) -> None:
        self._clicks = 0


class Controls:
    """Held keys and accumulated mouse movement of the console player."""

    def __init__(self, bindings: Bindings | None = None) -> None:
        self.bindings = bindings if bindings is not None else Bindings()
        self.mouse_sensitivity = 5  # 0 to 9, as in the menu
        self.always_run = False
        self.lowres_turn = False  # turn in steps that a recording can hold
        self.pause_pressed = False
        self._forward_move = FORWARD_MOVE
        self._side_move = SIDE_MOVE
        self._held: set[int] = set()
        self._mouse_buttons = 0
        self._mouse_x = 0
        self._mouse_y = 0
        self._joystick = ev.JoystickEvent()
        self._turn_held = 0
        self._turn_carry = 0
        self._weapon_step = 0
        self._forward_clicks = _DoubleClick()
        self._strafe_clicks = _DoubleClick()

    def set_turbo(self, percent: int) -> None:
        """Walk at a percentage of the normal speed (``-turbo``)."""
        self._forward_move = (FORWARD_MOVE[0] * percent // 100, FORWARD_MOVE[1] * percent // 100)
        self._side_move = (SIDE_MOVE[0] * percent // 100, SIDE_MOVE[1] * percent // 100)

    def clear(self) -> None:
        """Forget everything held (a level has been loaded, or the window has lost the keyboard)."""
        self._held.clear()
        self._mouse_buttons = 0
        self._mouse_x = self._mouse_y = 0
        self._joystick = ev.JoystickEvent()

    def responder(self, event: ev.Event) -> bool:
        """Take an event that no screen wanted (the end of ``G_Responder``)."""
        if isinstance(event, ev.KeyEvent):
            if not event.down:
                self._held.discard(event.key)
                return False
            if event.key in self.bindings.pause:
                self.pause_pressed = True
                return True
            if event.key in self.bindings.next_weapon:
                self._weapon_step = 1
            elif event.key in self.bindings.previous_weapon:
                self._weapon_step = -1
            self._held.add(event.key)
        elif isinstance(event, ev.MouseEvent):
            self._mouse_buttons = event.buttons
            self._mouse_x += _scaled(event.dx, self.mouse_sensitivity)
            self._mouse_y += _scaled(event.dy, self.mouse_sensitivity)
        elif isinstance(event, ev.JoystickEvent):
            self._joystick = event
        return True

    def build(self, cmd: TicCmd, player: Player, mode: GameMode) -> None:
        """Fill `cmd` from the held keys and movement; `player` and `mode` decide which weapons can be selected."""
        bindings = self.bindings
        held = self._held
        mouse = self._mouse_buttons
        joystick = self._joystick
        cmd.forwardmove = cmd.sidemove = cmd.angleturn = cmd.buttons = cmd.chatchar = cmd.consistancy = 0

        strafe = not held.isdisjoint(bindings.strafe) or bool(mouse & bindings.mouse_strafe)
        speed = int(self.always_run != (not held.isdisjoint(bindings.speed) or bool(joystick.buttons & 4)))
        right = not held.isdisjoint(bindings.right)
        left = not held.isdisjoint(bindings.left)
        sideways = right - left + _sign(joystick.x)

        self._turn_held = self._turn_held + 1 if right or left or joystick.x else 0
        forward = side = 0
        if strafe:
            side += self._side_move[speed] * sideways
        else:
            cmd.angleturn -= ANGLE_TURN[2 if self._turn_held < SLOW_TURN_TICS else speed] * sideways
        if not held.isdisjoint(bindings.forward):
            forward += self._forward_move[speed]
        if not held.isdisjoint(bindings.backward):
            forward -= self._forward_move[speed]
        forward -= self._forward_move[speed] * _sign(joystick.y)
        if not held.isdisjoint(bindings.strafe_left):
            side -= self._side_move[speed]
        if not held.isdisjoint(bindings.strafe_right):
            side += self._side_move[speed]
        side += self._side_move[speed] * _sign(joystick.strafe)
        if mouse & bindings.mouse_forward:
            forward += self._forward_move[speed]

        self._press_buttons(cmd, player, mode)

        if bindings.mouse_forward_moves:
            forward += self._mouse_y
        if strafe:
            side += self._mouse_x * 2
        else:
            cmd.angleturn -= self._mouse_x * 8
        self._mouse_x = self._mouse_y = 0

        limit = min(self._forward_move[1], MAX_COMMAND)
        cmd.forwardmove = max(-limit, min(limit, forward))
        cmd.sidemove = max(-limit, min(limit, side))
        if self.lowres_turn:
            wanted = _to_short(cmd.angleturn + self._turn_carry)
            cmd.angleturn = _to_short((wanted + 128) & 0xFF00)
            self._turn_carry = _to_short(wanted - cmd.angleturn)
        else:
            cmd.angleturn = _to_short(cmd.angleturn)

    def _press_buttons(self, cmd: TicCmd, player: Player, mode: GameMode) -> None:
        bindings = self.bindings
        held = self._held
        mouse = self._mouse_buttons
        joystick = self._joystick.buttons
        if not held.isdisjoint(bindings.fire) or mouse & bindings.mouse_fire or joystick & 1:
            cmd.buttons |= BT_ATTACK
        if not held.isdisjoint(bindings.use) or mouse & bindings.mouse_use or joystick & 2:
            cmd.buttons |= BT_USE
            self._forward_clicks.clear()
        if self._weapon_step:
            weapon = next_weapon(player, self._weapon_step, mode)
            cmd.buttons |= BT_CHANGE | weapon << BT_WEAPONSHIFT
            self._weapon_step = 0
        else:
            for number, keys in enumerate(bindings.weapons):
                if not held.isdisjoint(keys):
                    cmd.buttons |= BT_CHANGE | number << BT_WEAPONSHIFT
                    break
        if self._forward_clicks.step(bool(mouse & bindings.mouse_forward)):
            cmd.buttons |= BT_USE
        if self._strafe_clicks.step(bool(mouse & bindings.mouse_strafe)):
            cmd.buttons |= BT_USE


def next_weapon(player: Player, step: int, mode: GameMode) -> int:
    """The number to send for the next (+1) or previous (-1) weapon that can be used (``G_NextWeapon``)."""
    current = player.readyweapon if player.pendingweapon == WP_NOCHANGE else player.pendingweapon
    start = index = next(i for i, (weapon, _) in enumerate(_WEAPON_ORDER) if weapon == current)
    while True:
        index = (index + step) % len(_WEAPON_ORDER)
        if index == start or _selectable(player, _WEAPON_ORDER[index][0], mode):
            return _WEAPON_ORDER[index][1]


def _selectable(player: Player, weapon: int, mode: GameMode) -> bool:
    if weapon == WP_SUPERSHOTGUN and mode != GameMode.COMMERCIAL:
        return False
    if weapon in (WP_PLASMA, WP_BFG) and mode == GameMode.SHAREWARE:
        return False
    if not player.weaponowned[weapon]:
        return False
    # with a chainsaw, the fist is only selectable when berserk
    return weapon != WP_FIST or not player.weaponowned[WP_CHAINSAW] or bool(player.powers[PW_STRENGTH])


def _scaled(pixels: int, sensitivity: int) -> int:
    scaled = abs(pixels) * (sensitivity + 5) // 10
    return scaled if pixels >= 0 else -scaled


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


def _to_short(value: int) -> int:
    return ((value + 0x8000) & 0xFFFF) - 0x8000
