"""Input events, as the responders of the screens and the session see them (``d_event.h``, ``doomkeys.h``).

Devices make these; nothing below knows where they came from. A key is a number: for keys that print the ASCII code of
what a US keyboard types in the same place (`ord("w")` is the key above S, whatever is written on it), and the constants
below for the others.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

KEY_RIGHTARROW: Final = 0xAE
KEY_LEFTARROW: Final = 0xAC
KEY_UPARROW: Final = 0xAD
KEY_DOWNARROW: Final = 0xAF
KEY_ESCAPE: Final = 27
KEY_ENTER: Final = 13
KEY_TAB: Final = 9
KEY_BACKSPACE: Final = 0x7F
KEY_PAUSE: Final = 0xFF
KEY_EQUALS: Final = 0x3D
KEY_MINUS: Final = 0x2D
KEY_SPACE: Final = 0x20
KEY_RSHIFT: Final = 0x80 + 0x36
KEY_RCTRL: Final = 0x80 + 0x1D
KEY_RALT: Final = 0x80 + 0x38
KEY_CAPSLOCK: Final = 0x80 + 0x3A
KEY_F1: Final = 0x80 + 0x3B
KEY_F2: Final = 0x80 + 0x3C
KEY_F3: Final = 0x80 + 0x3D
KEY_F4: Final = 0x80 + 0x3E
KEY_F5: Final = 0x80 + 0x3F
KEY_F6: Final = 0x80 + 0x40
KEY_F7: Final = 0x80 + 0x41
KEY_F8: Final = 0x80 + 0x42
KEY_F9: Final = 0x80 + 0x43
KEY_F10: Final = 0x80 + 0x44
KEY_F11: Final = 0x80 + 0x57
KEY_F12: Final = 0x80 + 0x58
KEY_HOME: Final = 0x80 + 0x47
KEY_END: Final = 0x80 + 0x4F
KEY_PGUP: Final = 0x80 + 0x49
KEY_PGDN: Final = 0x80 + 0x51
KEY_INSERT: Final = 0x80 + 0x52
KEY_DELETE: Final = 0x80 + 0x53
KEY_PRINTSCREEN: Final = 0x80 + 0x59
# mouse and controller inputs, numbered like keys so that they can be bound like keys
KEY_WHEELUP: Final = 0x80
KEY_WHEELDOWN: Final = 0x81
KEY_PAD_A: Final = 0x88
KEY_PAD_B: Final = 0x89
KEY_PAD_X: Final = 0x8A
KEY_PAD_Y: Final = 0x8B
KEY_PAD_BACK: Final = 0x8C
KEY_PAD_START: Final = 0x8D
KEY_PAD_LEFTSTICK: Final = 0x8E
KEY_PAD_RIGHTSTICK: Final = 0x8F
KEY_PAD_LEFTSHOULDER: Final = 0x90
KEY_PAD_RIGHTSHOULDER: Final = 0x91
KEY_PAD_LEFTTRIGGER: Final = 0x92
KEY_PAD_RIGHTTRIGGER: Final = 0x93
KEY_PAD_UP: Final = 0x94
KEY_PAD_DOWN: Final = 0x95
KEY_PAD_LEFT: Final = 0x96
KEY_PAD_RIGHT: Final = 0x97
# the numeric keypad, so that it can be bound; what is not bound does as KEYPAD says
KEY_KP_0: Final = 0x100
KEY_KP_1: Final = 0x101
KEY_KP_2: Final = 0x102
KEY_KP_3: Final = 0x103
KEY_KP_4: Final = 0x104
KEY_KP_5: Final = 0x105
KEY_KP_6: Final = 0x106
KEY_KP_7: Final = 0x107
KEY_KP_8: Final = 0x108
KEY_KP_9: Final = 0x109
KEY_KP_DIVIDE: Final = 0x10A
KEY_KP_MULTIPLY: Final = 0x10B
KEY_KP_MINUS: Final = 0x10C
KEY_KP_PLUS: Final = 0x10D
KEY_KP_PERIOD: Final = 0x10E
KEY_KP_ENTER: Final = 0x10F
KEY_KP_EQUALS: Final = 0x110

KEYPAD: Final = {
    KEY_KP_0: KEY_INSERT,
    KEY_KP_1: KEY_END,
    KEY_KP_2: KEY_DOWNARROW,
    KEY_KP_3: KEY_PGDN,
    KEY_KP_4: KEY_LEFTARROW,
    KEY_KP_5: ord("5"),
    KEY_KP_6: KEY_RIGHTARROW,
    KEY_KP_7: KEY_HOME,
    KEY_KP_8: KEY_UPARROW,
    KEY_KP_9: KEY_PGUP,
    KEY_KP_DIVIDE: ord("/"),
    KEY_KP_MULTIPLY: ord("*"),
    KEY_KP_MINUS: KEY_MINUS,
    KEY_KP_PLUS: KEY_EQUALS,
    KEY_KP_PERIOD: KEY_DELETE,
    KEY_KP_ENTER: KEY_ENTER,
    KEY_KP_EQUALS: KEY_EQUALS,
}
"""What the original takes the keys of the numeric keypad for, with NumLock or without (``KEYP_8`` and the others)."""


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """A key went down or up.

    `char` is the character it types with the player's layout (0 for none and for what is not ASCII), for texts.
    `repeat`: the key was down already, and is being held. Only texts and the menu's cursor want to know.
    """

    key: int
    down: bool = True
    char: int = 0
    repeat: bool = False

    @property
    def letter(self) -> str:
        """The letter or digit that the player means, in lower case; "" for none.

        It is what the key types. Keys that type none (a sign, or a letter of another script) mean what they type on
        a US keyboard: the digits of a French keyboard, which need Shift, and the whole of a Russian one.
        """
        code = self.char if chr(self.char).isalnum() else self.key
        return chr(code).lower() if 0x20 <= code < 0x7F else ""


@dataclass(frozen=True, slots=True)
class MouseEvent:
    """Mouse state: `buttons` bit mask (1 left, 2 right, 4 middle), movement in pixels (`dy` up is positive)."""

    buttons: int = 0
    dx: int = 0
    dy: int = 0


@dataclass(frozen=True, slots=True)
class JoystickEvent:
    """Controller state: `buttons` bit mask and axes, each -1, 0 or 1 (`y` down is positive)."""

    buttons: int = 0
    x: int = 0
    y: int = 0
    strafe: int = 0


@dataclass(frozen=True, slots=True)
class CloseEvent:
    """The window's close button was pressed (``ev_quit``)."""


Event: TypeAlias = KeyEvent | MouseEvent | JoystickEvent | CloseEvent
