"""Game controllers, through pygame: buttons become keys, sticks become joystick movement (``i_joystick.c``).

Controllers that SDL knows have named buttons; any other is assumed to have the usual button order.
"""

from __future__ import annotations

from typing import Final

import pygame
from pygame._sdl2 import controller as sdl_controller

from pydoom.devices.options import ControllerOptions
from pydoom.game import events as ev
from pydoom.game.events import Event, JoystickEvent, KeyEvent

_FULL: Final = 32767
_BUTTONS: Final = {
    pygame.CONTROLLER_BUTTON_A: ev.KEY_PAD_A,
    pygame.CONTROLLER_BUTTON_B: ev.KEY_PAD_B,
    pygame.CONTROLLER_BUTTON_X: ev.KEY_PAD_X,
    pygame.CONTROLLER_BUTTON_Y: ev.KEY_PAD_Y,
    pygame.CONTROLLER_BUTTON_BACK: ev.KEY_PAD_BACK,
    pygame.CONTROLLER_BUTTON_START: ev.KEY_PAD_START,
    pygame.CONTROLLER_BUTTON_LEFTSTICK: ev.KEY_PAD_LEFTSTICK,
    pygame.CONTROLLER_BUTTON_RIGHTSTICK: ev.KEY_PAD_RIGHTSTICK,
    pygame.CONTROLLER_BUTTON_LEFTSHOULDER: ev.KEY_PAD_LEFTSHOULDER,
    pygame.CONTROLLER_BUTTON_RIGHTSHOULDER: ev.KEY_PAD_RIGHTSHOULDER,
    pygame.CONTROLLER_BUTTON_DPAD_UP: ev.KEY_PAD_UP,
    pygame.CONTROLLER_BUTTON_DPAD_DOWN: ev.KEY_PAD_DOWN,
    pygame.CONTROLLER_BUTTON_DPAD_LEFT: ev.KEY_PAD_LEFT,
    pygame.CONTROLLER_BUTTON_DPAD_RIGHT: ev.KEY_PAD_RIGHT,
}
_TRIGGERS: Final = {
    pygame.CONTROLLER_AXIS_TRIGGERLEFT: ev.KEY_PAD_LEFTTRIGGER,
    pygame.CONTROLLER_AXIS_TRIGGERRIGHT: ev.KEY_PAD_RIGHTTRIGGER,
}
_STICKS: Final = {
    pygame.CONTROLLER_AXIS_LEFTX: "strafe",
    pygame.CONTROLLER_AXIS_LEFTY: "y",
    pygame.CONTROLLER_AXIS_RIGHTX: "x",
}
_PLAIN_BUTTONS: Final = (
    ev.KEY_PAD_A,
    ev.KEY_PAD_B,
    ev.KEY_PAD_X,
    ev.KEY_PAD_Y,
    ev.KEY_PAD_LEFTSHOULDER,
    ev.KEY_PAD_RIGHTSHOULDER,
    ev.KEY_PAD_BACK,
    ev.KEY_PAD_START,
)
"""The buttons of an unknown controller, in order of their numbers."""
_PLAIN_STICKS: Final = {0: "strafe", 1: "y", 2: "x"}


class Controllers:
    """All controllers, including those plugged in later."""

    def __init__(self, options: ControllerOptions) -> None:
        self._threshold = _FULL * options.deadzone // 100
        self._enabled = options.enabled
        self._open: dict[int, object] = {}
        self._known: set[int] = set()
        self._sticks = {"x": 0, "y": 0, "strafe": 0}
        self._held: set[int] = set()
        if self._enabled:
            pygame.joystick.init()
            sdl_controller.init()

    def translate(self, happened: pygame.event.Event) -> list[Event]:
        """Translate a pygame event; returns nothing for events that are not a controller's."""
        if not self._enabled:
            return []
        kind = happened.type
        if kind == pygame.JOYDEVICEADDED:
            self._plug_in(happened.device_index)
        elif kind == pygame.JOYDEVICEREMOVED:
            return self._unplug(happened.instance_id)
        elif kind in (pygame.CONTROLLERBUTTONDOWN, pygame.CONTROLLERBUTTONUP):
            return self._button(_BUTTONS.get(happened.button), kind == pygame.CONTROLLERBUTTONDOWN)
        elif kind == pygame.CONTROLLERAXISMOTION:
            if happened.axis in _TRIGGERS:
                return self._button(_TRIGGERS[happened.axis], happened.value > self._threshold)
            return self._stick(_STICKS.get(happened.axis), happened.value)
        elif getattr(happened, "instance_id", None) not in self._known:
            return self._plain(happened)
        return []

    def _plug_in(self, index: int) -> None:
        try:
            known = sdl_controller.is_controller(index)
            device = sdl_controller.Controller(index) if known else pygame.joystick.Joystick(index)
            joystick = device.as_joystick() if isinstance(device, sdl_controller.Controller) else device
        except pygame.error:
            return  # already unplugged again
        self._open[joystick.get_instance_id()] = device
        if known:
            self._known.add(joystick.get_instance_id())

    def _unplug(self, instance: int) -> list[Event]:
        self._open.pop(instance, None)
        self._known.discard(instance)
        return self.release()

    def release(self) -> list[Event]:
        """Release everything held (a controller was unplugged, or the window lost the focus)."""
        released: list[Event] = [KeyEvent(key, False) for key in sorted(self._held)]
        self._held.clear()
        if any(self._sticks.values()):
            self._sticks = dict.fromkeys(self._sticks, 0)
            released.append(JoystickEvent())
        return released

    def _button(self, key: int | None, down: bool) -> list[Event]:
        if key is None or down == (key in self._held):
            return []
        if down:
            self._held.add(key)
        else:
            self._held.discard(key)
        return [KeyEvent(key, down)]

    def _stick(self, direction: str | None, value: float) -> list[Event]:
        if direction is None:
            return []
        pushed = (value > self._threshold) - (value < -self._threshold)
        if pushed == self._sticks[direction]:
            return []
        self._sticks[direction] = pushed
        return [JoystickEvent(0, self._sticks["x"], self._sticks["y"], self._sticks["strafe"])]

    def _plain(self, happened: pygame.event.Event) -> list[Event]:
        """Translate an event of a controller unknown to SDL."""
        if happened.type in (pygame.JOYBUTTONDOWN, pygame.JOYBUTTONUP):
            key = _PLAIN_BUTTONS[happened.button] if happened.button < len(_PLAIN_BUTTONS) else None
            return self._button(key, happened.type == pygame.JOYBUTTONDOWN)
        if happened.type == pygame.JOYAXISMOTION:
            return self._stick(_PLAIN_STICKS.get(happened.axis), happened.value * _FULL)
        if happened.type == pygame.JOYHATMOTION:
            x, y = happened.value
            return [
                *self._button(ev.KEY_PAD_LEFT, x < 0),
                *self._button(ev.KEY_PAD_RIGHT, x > 0),
                *self._button(ev.KEY_PAD_DOWN, y < 0),
                *self._button(ev.KEY_PAD_UP, y > 0),
            ]
        return []
