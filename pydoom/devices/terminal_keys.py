"""Parses what a terminal sends: key events, and answers to queries.

Bytes in, events out; no terminal here. Terminals that know the kitty keyboard protocol say when a key goes
up. The others only repeat a key that is held, so there `Holds` guesses: a key stays down for a moment after each
time it was heard. They do not report Ctrl, Alt and Shift alone either: there X and Z fire, too.
"""

from __future__ import annotations

import math
import re
import sys
from dataclasses import dataclass, replace
from typing import Final

from pydoom.devices.places import place_of
from pydoom.game import events as ev
from pydoom.game.events import KeyEvent

ESCAPE: Final = b"\x1b"
CTRL_C: Final = 3
CTRL_Z: Final = 26

_CSI: Final = re.compile(rb"\x1b\[([<=>?]?)([0-9;:]*)([ -/]*)([@-~])")
_SS3: Final = re.compile(rb"\x1bO([A-Za-z])")
_STRING: Final = re.compile(rb"\x1b([_P\]^])(.*?)(?:\x1b\\|\x07)", re.DOTALL)
_LETTERS: Final = {
    "A": ev.KEY_UPARROW,
    "B": ev.KEY_DOWNARROW,
    "C": ev.KEY_RIGHTARROW,
    "D": ev.KEY_LEFTARROW,
    "H": ev.KEY_HOME,
    "F": ev.KEY_END,
    "P": ev.KEY_F1,
    "Q": ev.KEY_F2,
    "R": ev.KEY_F3,
    "S": ev.KEY_F4,
    "M": ev.KEY_ENTER,
}
_NUMBERS: Final = {
    1: ev.KEY_HOME,
    2: ev.KEY_INSERT,
    3: ev.KEY_DELETE,
    4: ev.KEY_END,
    5: ev.KEY_PGUP,
    6: ev.KEY_PGDN,
    7: ev.KEY_HOME,
    8: ev.KEY_END,
    **dict(zip(range(11, 16), range(ev.KEY_F1, ev.KEY_F6), strict=True)),
    **dict(zip(range(17, 22), range(ev.KEY_F6, ev.KEY_F10 + 1), strict=True)),
    23: ev.KEY_F11,
    24: ev.KEY_F12,
}
_KITTY_CODES: Final = {
    9: ev.KEY_TAB,
    13: ev.KEY_ENTER,
    27: ev.KEY_ESCAPE,
    127: ev.KEY_BACKSPACE,
    57358: ev.KEY_CAPSLOCK,
    57361: ev.KEY_PRINTSCREEN,
    57362: ev.KEY_PAUSE,
    **dict(zip(range(57399, 57409), range(ev.KEY_KP_0, ev.KEY_KP_9 + 1), strict=True)),
    57409: ev.KEY_KP_PERIOD,
    57410: ev.KEY_KP_DIVIDE,
    57411: ev.KEY_KP_MULTIPLY,
    57412: ev.KEY_KP_MINUS,
    57413: ev.KEY_KP_PLUS,
    57414: ev.KEY_KP_ENTER,
    57415: ev.KEY_KP_EQUALS,
    # the keypad without NumLock
    57417: ev.KEY_KP_4,
    57418: ev.KEY_KP_6,
    57419: ev.KEY_KP_8,
    57420: ev.KEY_KP_2,
    57421: ev.KEY_KP_9,
    57422: ev.KEY_KP_3,
    57423: ev.KEY_KP_7,
    57424: ev.KEY_KP_1,
    57425: ev.KEY_KP_0,
    57426: ev.KEY_KP_PERIOD,
    57427: ev.KEY_KP_5,
    57441: ev.KEY_RSHIFT,
    57442: ev.KEY_RCTRL,
    57443: ev.KEY_RALT,
    57447: ev.KEY_RSHIFT,
    57448: ev.KEY_RCTRL,
    57449: ev.KEY_RALT,
}
_CONTROL_BYTES: Final = {
    0x08: ev.KEY_BACKSPACE,
    0x09: ev.KEY_TAB,
    0x0A: ev.KEY_ENTER,
    0x0D: ev.KEY_ENTER,
    0x7F: ev.KEY_BACKSPACE,
}
_SHIFT, _ALT, _CTRL = 1, 2, 4
_UTF8_SIZES: Final = {4: 0xF0, 3: 0xE0, 2: 0xC0}
"""Bytes of a character, and the least that its first one is."""
_FIRE_KEYS: Final = frozenset(b"xz")
"""Keys of letters that no cheat uses: where Ctrl is not reported, they fire as well as type."""
_PRESSED, _REPEATED, _RELEASED = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Key:
    """A key as reported by the terminal. `released` is None where the terminal does not report releases.

    `repeated`: the terminal reports that the key was down already.
    """

    key: int
    char: int = 0
    modifiers: int = 0
    released: bool | None = None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the terminal, with its numbers or text.

    `kind` is "keyboard", "attributes", "cell", "kitty", "colours", or "alive" for the answer to a device status report.
    """

    kind: str
    numbers: tuple[int, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Ctrl-C."""


@dataclass(frozen=True, slots=True)
class Suspend:
    """Ctrl-Z."""


Heard = Key | Reply | Interrupt | Suspend

_CONTROLS: Final[dict[int, Heard]] = {ord("c"): Interrupt(), ord("z"): Suspend()}
"""Keys that with Ctrl are for the program instead of the game."""


class KeyParser:
    """Parses bytes, in pieces of any size."""

    def __init__(self) -> None:
        self._rest = b""
        self._waiting = False

    def feed(self, data: bytes) -> list[Heard]:
        """Parse these bytes after an unfinished sequence, if any; return the complete items.

        An escape character alone may be a key or the beginning of a sequence that comes in pieces: it is the key
        when the next call brings nothing more.
        """
        self._rest += data
        heard: list[Heard] = []
        while self._rest:
            taken, found = self._take(self._rest)
            if not taken:
                break
            self._rest = self._rest[taken:]
            heard += found
        if not self._rest:
            self._waiting = False
        elif data:
            self._waiting = True
        elif self._waiting:
            self._waiting = False
            if self._rest == ESCAPE:
                heard.append(Key(ev.KEY_ESCAPE))
            self._rest = b""
        return heard

    def _take(self, data: bytes) -> tuple[int, list[Heard]]:
        """The length of the first item in bytes (0: incomplete), and the item."""
        if data[0] != ESCAPE[0]:
            return _plain(data)
        for pattern, read in ((_CSI, _control_sequence), (_SS3, _letter), (_STRING, _string)):
            match = pattern.match(data)
            if match is not None:
                return match.end(), read(match)
        if len(data) == 1 or data[1:2] in (b"[", b"O", b"_", b"P", b"]", b"^"):
            return 0, []
        if data[1] == ESCAPE[0]:
            return 1, [Key(ev.KEY_ESCAPE)]
        taken, found = _plain(data[1:])
        return taken + 1, [_with_modifier(each, _ALT) for each in found]


def _with_modifier(heard: Heard, modifier: int) -> Heard:
    if isinstance(heard, Key):
        return replace(heard, modifiers=heard.modifiers | modifier)
    return heard


def _plain(data: bytes) -> tuple[int, list[Heard]]:
    byte = data[0]
    if byte == CTRL_C:
        return 1, [Interrupt()]
    if byte == CTRL_Z:
        return 1, [Suspend()]
    if byte in _CONTROL_BYTES:
        return 1, [Key(_CONTROL_BYTES[byte])]
    if 0 < byte <= 26:
        return 1, [Key(byte + ord("a") - 1, modifiers=_CTRL)]
    if 0x20 <= byte < 0x7F:
        upper = 0x41 <= byte <= 0x5A
        return 1, [Key(byte + 0x20 if upper else byte, byte, _SHIFT if upper else 0)]
    return _other_script(data)


def _other_script(data: bytes) -> tuple[int, list[Heard]]:
    """A character beyond ASCII (UTF-8): the key it is on. The game's font does not have it."""
    size = next((size for size, first in _UTF8_SIZES.items() if data[0] >= first), 1)
    if len(data) < size and not any(byte & 0xC0 != 0x80 for byte in data[1:]):
        return 0, []
    try:
        character = data[:size].decode()
    except UnicodeDecodeError:
        return 1, []
    key = place_of(character)
    return size, [Key(key, 0, _SHIFT if character.isupper() else 0)] if key else []


def _letter(match: re.Match[bytes]) -> list[Heard]:
    key = _LETTERS.get(match[1].decode())
    return [Key(key)] if key is not None else []


def _string(match: re.Match[bytes]) -> list[Heard]:
    if match[1] == b"_" and match[2].startswith(b"G"):
        return [Reply("kitty", text=match[2].decode("ascii", "replace"))]
    if match[1] == b"P" and match[2].startswith(b"1$r"):
        return [Reply("colours", text=match[2].decode("ascii", "replace"))]
    return []


def _control_sequence(match: re.Match[bytes]) -> list[Heard]:
    private, final = match[1], match[4].decode()
    fields = [
        [int(part) if part else 0 for part in field.split(":")] for field in match[2].decode().split(";") if match[2]
    ]
    numbers = tuple(field[0] for field in fields)
    if private == b"?":
        kind = {"u": "keyboard", "c": "attributes"}.get(final)
        return [Reply(kind, numbers)] if kind else []
    if final == "t":
        return [Reply("cell", numbers)]
    if final == "n" and not private:
        return [Reply("alive", numbers)]
    if private or match[3]:
        return []
    return _key_sequence(fields, final)


def _key_sequence(fields: list[list[int]], final: str) -> list[Heard]:
    """A key: its number, modifiers and kind of event, and text (kitty's keyboard protocol, which includes xterm's)."""
    code = fields[0][0] if fields else 1
    modifiers = fields[1][0] - 1 if len(fields) > 1 and fields[1][0] else 0
    event = fields[1][1] if len(fields) > 1 and len(fields[1]) > 1 else 1
    if final == "u":
        # which key of a US keyboard is in this place, where it is another one than of this layout
        place = fields[0][2] if fields and len(fields[0]) > 2 and fields[0][2] else place_of(_character(code)) or code
        key = _KITTY_CODES.get(code, place if 0x20 <= place < 0x7F else 0)
        letter = code if 0x20 <= code < 0x7F else place
        if letter in _CONTROLS and modifiers & _CTRL:
            return [_CONTROLS[letter]] if event == _PRESSED else []
        char = fields[2][0] if len(fields) > 2 else 0
        types = char if 0x20 <= char < 0x7F else 0
        return [Key(key, types, 0, event == _RELEASED, event == _REPEATED)] if key else []
    named = _NUMBERS.get(code) if final == "~" else _LETTERS.get(final)
    if named is None:
        return []
    # a terminal that reports event types reports modifiers as keys of their own
    tells = len(fields) > 1 and len(fields[1]) > 1
    return [Key(named, 0, 0 if tells else modifiers, event == _RELEASED if tells else None, event == _REPEATED)]


def _character(code: int) -> str:
    return chr(code) if code <= sys.maxunicode else ""


class Holds:
    """Turns reported keys into key events, guessing how long keys are held where releases are not reported."""

    TAP_S: Final = 0.15
    WALK_TAP_S: Final = 0.3
    """Seconds a first press holds, to bridge a part of the pause before a held key repeats."""
    REPEAT_S: Final = 0.15
    """Seconds a repeating key stays down after it was last heard; keyboards repeat every 25 to 50 ms."""
    REPEAT_WINDOW_S: Final = 0.8
    """A key heard again within these seconds is being held: the longest pause before keyboards repeat."""

    _WALKING: Final = frozenset((ev.KEY_UPARROW, ev.KEY_DOWNARROW, *b"wsad,."))
    _OPPOSITE: Final = {
        ev.KEY_UPARROW: ev.KEY_DOWNARROW,
        ev.KEY_DOWNARROW: ev.KEY_UPARROW,
        ev.KEY_LEFTARROW: ev.KEY_RIGHTARROW,
        ev.KEY_RIGHTARROW: ev.KEY_LEFTARROW,
        ord("w"): ord("s"),
        ord("s"): ord("w"),
        ord("a"): ord("d"),
        ord("d"): ord("a"),
        ord(","): ord("."),
        ord("."): ord(","),
    }

    def __init__(self, tells_releases: bool = False) -> None:
        self.tells_releases = tells_releases
        """Whether the terminal reports releases, even though keys in the old encoding do not show it."""
        self._until: dict[int, float] = {}
        self._last: dict[int, float] = {}
        self._repeating: set[int] = set()
        self._told: set[int] = set()

    def press(self, heard: Key, now: float) -> list[KeyEvent]:
        """The events of a key; `now` in seconds."""
        if heard.released is not None or self.tells_releases:
            (self._told.discard if heard.released else self._told.add)(heard.key)
            return [KeyEvent(heard.key, not heard.released, heard.char, heard.repeated)]
        events: list[KeyEvent] = []
        opposite = self._OPPOSITE.get(heard.key)
        if opposite in self._until:
            events += self._release(opposite)
        again = now - self._last.get(heard.key, -1e9) < self.REPEAT_WINDOW_S
        if again:
            self._repeating.add(heard.key)
        first = self.WALK_TAP_S if heard.key in self._WALKING else self.TAP_S
        until = now + (self.REPEAT_S if again else first)
        # a keyboard repeats only the last key: an earlier held key counts as held as long as a later one is
        for other in self._repeating:
            if other in self._until:
                self._until[other] = max(self._until[other], until)
        keys = [(heard.key, heard.char)]
        if heard.modifiers & _CTRL or heard.key in _FIRE_KEYS:
            keys.append((ev.KEY_RCTRL, 0))
        if heard.modifiers & _SHIFT:
            keys.append((ev.KEY_RSHIFT, 0))
        if heard.modifiers & _ALT:
            keys.append((ev.KEY_RALT, 0))
        for key, char in keys:
            self._until[key] = max(self._until.get(key, 0.0), until)
            self._last[key] = now
            events.append(KeyEvent(key, True, char))
        return events

    def let_go(self) -> list[KeyEvent]:
        """Release all keys: their owner is no longer heard."""
        told = [KeyEvent(key, False) for key in sorted(self._told)]
        self._told.clear()
        return told + self.expire(math.inf)

    def expire(self, now: float) -> list[KeyEvent]:
        """Release the keys whose time is up."""
        over = [key for key, until in self._until.items() if until <= now]
        return [event for key in over for event in self._release(key)]

    def _release(self, key: int) -> list[KeyEvent]:
        self._repeating.discard(key)
        del self._until[key]
        return [KeyEvent(key, False)]
