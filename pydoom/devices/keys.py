"""From pygame's key codes to the original's (``i_input.c``)."""

from typing import Final

import pygame

from pydoom.game import events as ev

_SPECIAL_KEYS: Final = {
    pygame.K_RIGHT: ev.KEY_RIGHTARROW,
    pygame.K_LEFT: ev.KEY_LEFTARROW,
    pygame.K_UP: ev.KEY_UPARROW,
    pygame.K_DOWN: ev.KEY_DOWNARROW,
    pygame.K_ESCAPE: ev.KEY_ESCAPE,
    pygame.K_RETURN: ev.KEY_ENTER,
    pygame.K_KP_ENTER: ev.KEY_ENTER,
    pygame.K_TAB: ev.KEY_TAB,
    pygame.K_BACKSPACE: ev.KEY_BACKSPACE,
    pygame.K_PAUSE: ev.KEY_PAUSE,
    pygame.K_LSHIFT: ev.KEY_RSHIFT,
    pygame.K_RSHIFT: ev.KEY_RSHIFT,
    pygame.K_LCTRL: ev.KEY_RCTRL,
    pygame.K_RCTRL: ev.KEY_RCTRL,
    pygame.K_LALT: ev.KEY_RALT,
    pygame.K_RALT: ev.KEY_RALT,
    pygame.K_CAPSLOCK: ev.KEY_CAPSLOCK,
    pygame.K_F1: ev.KEY_F1,
    pygame.K_F2: ev.KEY_F2,
    pygame.K_F3: ev.KEY_F3,
    pygame.K_F4: ev.KEY_F4,
    pygame.K_F5: ev.KEY_F5,
    pygame.K_F6: ev.KEY_F6,
    pygame.K_F7: ev.KEY_F7,
    pygame.K_F8: ev.KEY_F8,
    pygame.K_F9: ev.KEY_F9,
    pygame.K_F10: ev.KEY_F10,
    pygame.K_F11: ev.KEY_F11,
    pygame.K_F12: ev.KEY_F12,
    pygame.K_HOME: ev.KEY_HOME,
    pygame.K_END: ev.KEY_END,
    pygame.K_PAGEUP: ev.KEY_PGUP,
    pygame.K_PAGEDOWN: ev.KEY_PGDN,
    pygame.K_INSERT: ev.KEY_INSERT,
    pygame.K_DELETE: ev.KEY_DELETE,
    pygame.K_PRINTSCREEN: ev.KEY_PRINTSCREEN,
    pygame.K_KP_PLUS: ev.KEY_EQUALS,
    pygame.K_KP_MINUS: ev.KEY_MINUS,
}
_FIRST_PRINTING: Final = 0x20
_LAST_PRINTING: Final = 0x7E


def doom_key(key: int) -> int:
    """The original's number of a pygame key; 0 if it has none."""
    special = _SPECIAL_KEYS.get(key)
    if special is not None:
        return special
    return key if _FIRST_PRINTING <= key <= _LAST_PRINTING else 0


def typed_char(text: str) -> int:
    """The ASCII code of a typed character; 0 for none and for characters outside the game's font."""
    if len(text) == 1 and _FIRST_PRINTING <= ord(text) <= _LAST_PRINTING:
        return ord(text)
    return 0
