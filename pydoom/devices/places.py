"""Key positions of characters missing on US keyboards, for input that reports characters instead of positions.

Terminals and VNC viewers report only characters. Letters of other scripts are on one key each, and so are the
letters that French keyboards have in the row of digits.
"""

from __future__ import annotations

from typing import Final

_ROWS: Final = {
    "йцукенгшщзхъфывапролджэячсмитьбюё": "qwertyuiop[]asdfghjkl;'zxcvbnm,.`",  # Russian
    "іїєґ": "s]'\\",  # Ukrainian, besides
    "ςερτυθιοπασδφγηξκλζχψωβνμ": "wertyuiopasdfghjklzxcvbnm",  # Greek
    "éèçà": "2790",  # French
}
PLACES: Final = {character: ord(place) for row, us in _ROWS.items() for character, place in zip(row, us, strict=True)}
"""The US keyboard's character in the same position, by lower-case character."""


def place_of(character: str) -> int:
    """The US keyboard's key in the position of this character on other keyboards; 0 if unknown."""
    return PLACES.get(character.lower(), 0)
