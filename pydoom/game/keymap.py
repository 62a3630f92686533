"""Remapped keys: translates the keys a player has chosen into those that menu and automap know (``m_controls.c``)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pydoom.game import events as ev
from pydoom.game.events import Event, KeyEvent

IN_MENU: Final = {
    **ev.KEYPAD,
    ev.KEY_PAD_UP: ev.KEY_UPARROW,
    ev.KEY_PAD_DOWN: ev.KEY_DOWNARROW,
    ev.KEY_PAD_LEFT: ev.KEY_LEFTARROW,
    ev.KEY_PAD_RIGHT: ev.KEY_RIGHTARROW,
    ev.KEY_PAD_A: ev.KEY_ENTER,
    ev.KEY_PAD_B: ev.KEY_BACKSPACE,
    ev.KEY_PAD_START: ev.KEY_ESCAPE,
    ev.KEY_PAD_X: ord("y"),
    ev.KEY_PAD_Y: ord("n"),
    ev.KEY_WHEELUP: ev.KEY_UPARROW,
    ev.KEY_WHEELDOWN: ev.KEY_DOWNARROW,
}
"""The keys that controller buttons, the mouse wheel and the numeric keypad stand for while the menu is open."""


class KeyMap:
    """`always` and, while the automap is shown, `in_map` map a key to the key it stands for; 0 is none.

    In the menu only controllers and the wheel are translated, so that names can be typed.
    """

    def __init__(self, always: dict[int, int] | None = None, in_map: dict[int, int] | None = None) -> None:
        self._always = always if always is not None else {}
        self._in_map = self._always | (in_map if in_map is not None else {})

    def translate(self, event: Event, *, menu_active: bool, map_active: bool) -> list[Event]:
        """The events to pass on for `event`.

        A released key is also passed on untranslated, since it may have been pressed under another meaning.
        """
        if not isinstance(event, KeyEvent):
            return [event]
        moved = IN_MENU if menu_active else self._in_map if map_active else self._always
        key = moved.get(event.key, event.key)
        if key == event.key:
            return [event]
        types = event.char if menu_active or event.key in ev.KEYPAD else key if key < 128 else 0
        translated: list[Event] = [replace(event, key=key, char=types)] if key else []
        return translated if event.down else [*translated, event]
