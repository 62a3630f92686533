"""From pygame's keys to the original's (``i_input.c``).

Keys that print go by their place on the keyboard, so that walking is under the same fingers with every layout: such a
key is called what it types on a US keyboard. What it types with the player's own layout is the event's character.
"""

from __future__ import annotations

import sys
from typing import Final

import pygame

from pydoom.devices.places import place_of
from pydoom.game import events as ev

_SPECIAL_KEYS: Final = {
    pygame.K_RIGHT: ev.KEY_RIGHTARROW,
    pygame.K_LEFT: ev.KEY_LEFTARROW,
    pygame.K_UP: ev.KEY_UPARROW,
    pygame.K_DOWN: ev.KEY_DOWNARROW,
    pygame.K_ESCAPE: ev.KEY_ESCAPE,
    pygame.K_RETURN: ev.KEY_ENTER,
    pygame.K_TAB: ev.KEY_TAB,
    pygame.K_BACKSPACE: ev.KEY_BACKSPACE,
    pygame.K_PAUSE: ev.KEY_PAUSE,
    pygame.K_LSHIFT: ev.KEY_RSHIFT,
    pygame.K_RSHIFT: ev.KEY_RSHIFT,
    pygame.K_LCTRL: ev.KEY_RCTRL,
    pygame.K_RCTRL: ev.KEY_RCTRL,
    pygame.K_LALT: ev.KEY_RALT,
    pygame.K_RALT: ev.KEY_RALT,
    pygame.K_MODE: ev.KEY_RALT,  # AltGr
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
}
_KEYPAD: Final = {
    pygame.K_KP0: ev.KEY_KP_0,
    pygame.K_KP1: ev.KEY_KP_1,
    pygame.K_KP2: ev.KEY_KP_2,
    pygame.K_KP3: ev.KEY_KP_3,
    pygame.K_KP4: ev.KEY_KP_4,
    pygame.K_KP5: ev.KEY_KP_5,
    pygame.K_KP6: ev.KEY_KP_6,
    pygame.K_KP7: ev.KEY_KP_7,
    pygame.K_KP8: ev.KEY_KP_8,
    pygame.K_KP9: ev.KEY_KP_9,
    pygame.K_KP_DIVIDE: ev.KEY_KP_DIVIDE,
    pygame.K_KP_MULTIPLY: ev.KEY_KP_MULTIPLY,
    pygame.K_KP_MINUS: ev.KEY_KP_MINUS,
    pygame.K_KP_PLUS: ev.KEY_KP_PLUS,
    pygame.K_KP_PERIOD: ev.KEY_KP_PERIOD,
    pygame.K_KP_ENTER: ev.KEY_KP_ENTER,
    pygame.K_KP_EQUALS: ev.KEY_KP_EQUALS,
}
_PLACES: Final = {
    **{getattr(pygame, f"KSCAN_{char.upper()}"): ord(char) for char in "abcdefghijklmnopqrstuvwxyz0123456789"},
    pygame.KSCAN_SPACE: ord(" "),
    pygame.KSCAN_MINUS: ord("-"),
    pygame.KSCAN_EQUALS: ord("="),
    pygame.KSCAN_LEFTBRACKET: ord("["),
    pygame.KSCAN_RIGHTBRACKET: ord("]"),
    pygame.KSCAN_BACKSLASH: ord("\\"),
    pygame.KSCAN_NONUSHASH: ord("\\"),
    pygame.KSCAN_NONUSBACKSLASH: ord("<"),  # beside the left Shift of European keyboards
    pygame.KSCAN_SEMICOLON: ord(";"),
    pygame.KSCAN_APOSTROPHE: ord("'"),
    pygame.KSCAN_GRAVE: ord("`"),
    pygame.KSCAN_COMMA: ord(","),
    pygame.KSCAN_PERIOD: ord("."),
    pygame.KSCAN_SLASH: ord("/"),
}
_FIRST_PRINTING: Final = 0x20
_LAST_PRINTING: Final = 0x7E


def doom_key(key: int, scancode: int = 0) -> int:
    """The original's number of a pygame key at the place `scancode`; 0 when it has none.

    A place that nobody knows, as of keys that are no hardware, goes by what the key stands for.
    """
    named = _SPECIAL_KEYS.get(key) or _KEYPAD.get(key) or _PLACES.get(scancode)
    if named is not None:
        return named
    if _is_printing(key):
        return key
    return place_of(chr(key)) if key <= sys.maxunicode else 0


def typed_char(text: str, key: int = 0) -> int:
    """The ASCII code of a typed character; 0 for none and for characters the game's font cannot know.

    With Ctrl held a key types nothing: it counts as the character that its pygame key stands for with this layout.
    """
    if len(text) == 1 and _is_printing(ord(text)):
        return ord(text)
    return key if not text.isprintable() and _is_printing(key) else 0


def _is_printing(code: int) -> bool:
    return _FIRST_PRINTING <= code <= _LAST_PRINTING
