"""DOOM's text screen on exit to DOS (the ENDOOM lump), for a terminal with ANSI colours."""

from __future__ import annotations

from typing import Final

LUMP: Final = "ENDOOM"
COLUMNS: Final = 80
ROWS: Final = 25
_ANSI_OF_CGA: Final = (0, 4, 2, 6, 1, 5, 3, 7)
"""ANSI colour numbers of black, blue, green, cyan, red, magenta, brown, grey."""
_CONTROL_PICTURES: Final = " ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼"
"""Code page 437's characters for codes 0 to 31."""


def character(code: int) -> str:
    """The character of a byte in code page 437."""
    if code < len(_CONTROL_PICTURES):
        return _CONTROL_PICTURES[code]
    return "⌂" if code == 0x7F else bytes([code]).decode("cp437")


def style(attribute: int) -> str:
    """The escape sequence for a text attribute: foreground, bright, background, blinking."""
    foreground = (90 if attribute & 8 else 30) + _ANSI_OF_CGA[attribute & 7]
    background = 40 + _ANSI_OF_CGA[attribute >> 4 & 7]
    blink = ";5" if attribute & 0x80 else ""
    return f"\x1b[0;{foreground};{background}{blink}m"


def to_ansi(lump: bytes) -> str:
    """The 80x25 screen in `lump`, pairs of character and attribute; a short lump gives fewer lines."""
    lines: list[str] = []
    for row in range(min(ROWS, len(lump) // (2 * COLUMNS))):
        cells = lump[row * 2 * COLUMNS : (row + 1) * 2 * COLUMNS]
        line, last = "", -1
        for code, attribute in zip(cells[::2], cells[1::2], strict=True):
            if attribute != last:
                line += style(attribute)
                last = attribute
            line += character(code)
        lines.append(line + "\x1b[0m\n")
    return "".join(lines)
