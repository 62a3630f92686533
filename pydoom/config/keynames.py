"""Names of keys, mouse buttons and controller buttons in settings."""

from __future__ import annotations

from typing import Final

from pydoom.game import events as ev

_NAMED: Final = {
    "up": ev.KEY_UPARROW,
    "down": ev.KEY_DOWNARROW,
    "left": ev.KEY_LEFTARROW,
    "right": ev.KEY_RIGHTARROW,
    "ctrl": ev.KEY_RCTRL,
    "shift": ev.KEY_RSHIFT,
    "alt": ev.KEY_RALT,
    "space": ev.KEY_SPACE,
    "enter": ev.KEY_ENTER,
    "escape": ev.KEY_ESCAPE,
    "tab": ev.KEY_TAB,
    "backspace": ev.KEY_BACKSPACE,
    "capslock": ev.KEY_CAPSLOCK,
    "pause": ev.KEY_PAUSE,
    "home": ev.KEY_HOME,
    "end": ev.KEY_END,
    "pageup": ev.KEY_PGUP,
    "pagedown": ev.KEY_PGDN,
    "insert": ev.KEY_INSERT,
    "delete": ev.KEY_DELETE,
    "printscreen": ev.KEY_PRINTSCREEN,
    # a comma separates names on the command line
    "comma": ord(","),
    "wheelup": ev.KEY_WHEELUP,
    "wheeldown": ev.KEY_WHEELDOWN,
    **{f"f{number}": ev.KEY_F1 + number - 1 for number in range(1, 11)},
    "f11": ev.KEY_F11,
    "f12": ev.KEY_F12,
    **{name.removeprefix("KEY_").lower(): number for name, number in vars(ev).items() if name.startswith("KEY_PAD_")},
    **{name.removeprefix("KEY_").lower(): number for name, number in vars(ev).items() if name.startswith("KEY_KP_")},
}
MOUSE_BUTTONS: Final = {"none": 0, "left": 1, "right": 2, "middle": 4}


def key_number(name: str) -> int | None:
    """The key of this name: a character that it types on a US keyboard, or a word; None when there is none."""
    name = name.lower()
    if len(name) == 1 and 0x20 < ord(name) < 0x7F:
        return ord(name)
    return _NAMED.get(name)


def key_names() -> list[str]:
    """All names that are words, for messages."""
    return list(_NAMED)
