"""Keys of VNC viewers, as they reach a virtual screen with a US keyboard.

A viewer reports what a key types, not which key it is. x11vnc presses the key that types it here, with Shift around it
if the character needs Shift here but the viewer did not press it. So a key inside a Shift of no duration comes from
another layout: French keyboards type signs with the digit row, without Shift.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pydoom.game.events import KEY_RSHIFT, Event, KeyEvent

_FRENCH_DIGITS: Final = {ord(sign): ord(digit) for sign, digit in {"&": "1", '"': "3", "(": "5", "_": "8"}.items()}


def without_borrowed_shift(events: list[Event]) -> list[Event]:
    """The events of one poll, with French signs turned into digit keys and without the Shift that x11vnc added."""
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
    """The key inside a Shift of no duration, if it is a French digit's."""
    if len(events) < 3 or events[0] != KeyEvent(KEY_RSHIFT) or events[2] != KeyEvent(KEY_RSHIFT, False):
        return None
    key = events[1]
    if isinstance(key, KeyEvent) and key.down and key.char in _FRENCH_DIGITS:
        return replace(key, key=_FRENCH_DIGITS[key.char])
    return None
