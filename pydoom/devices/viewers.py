"""Keys of VNC viewers, as they reach a virtual screen with a US keyboard.

A viewer tells what a key types. x11vnc presses the key that types it here, and Shift around it where it takes Shift
here but none was pressed there. So a key between a Shift of no duration is not where its character is on a US
keyboard. French keyboards have signs in the row of digits, and those are what is typed so without Shift.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pydoom.game.events import KEY_RSHIFT, Event, KeyEvent

_FRENCH_DIGITS: Final = {ord(sign): ord(digit) for sign, digit in {"&": "1", '"': "3", "(": "5", "_": "8"}.items()}


def without_borrowed_shift(events: list[Event]) -> list[Event]:
    """The events of one poll, with French signs on the keys of their digits and without the Shift that x11vnc added."""
    kept: list[Event] = []
    place = 0
    while place < len(events):
        key = _borrowing_key(events[place : place + 3])
        if key is not None:
            kept.append(key)
            place += 3
        else:
            kept.append(events[place])
            place += 1
    return kept


def _borrowing_key(events: list[Event]) -> KeyEvent | None:
    """The key between a Shift that goes down and one that goes up at once, if it is a French digit's."""
    if len(events) < 3 or events[0] != KeyEvent(KEY_RSHIFT) or events[2] != KeyEvent(KEY_RSHIFT, False):
        return None
    key = events[1]
    if isinstance(key, KeyEvent) and key.down and key.char in _FRENCH_DIGITS:
        return replace(key, key=_FRENCH_DIGITS[key.char])
    return None
