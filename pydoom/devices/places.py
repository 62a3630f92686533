"""Where on the keyboard characters are that no US keyboard types: for input that tells characters and no places.

Terminals tell characters only, and so do viewers over VNC. Letters of other scripts are on one key each, and so are the
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
"""By character, in lower case, what a US keyboard types in its place."""


def place_of(character: str) -> int:
    """The key of a US keyboard that is where this character is on others; 0 when nobody knows."""
    return PLACES.get(character.lower(), 0)
