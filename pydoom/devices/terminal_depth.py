"""How many colours a terminal has: 24 bits, or 256.

Terminals announce 24 bits in ``COLORTERM``, but ssh does not pass that on; so we also ask the terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

QUESTION: Final = b"\x1b[48;2;1;2;3m\x1bP$qm\x1b\\\x1b[0m"
"""Set a colour of 24 bits and ask for it (DECRQSS)."""
_ANSWERS: Final = ("2;1;2;3", "2:1:2:3", "2::1:2:3")
TRUE_COLOUR_NAMES: Final = ("truecolor", "24bit")
"""Values of ``COLORTERM`` that mean 24 bits."""
_TRUE_COLOUR_TERMS: Final = ("kitty", "ghostty", "alacritty", "wezterm", "foot", "direct")


def announces_true_colour(environment: Mapping[str, str]) -> bool:
    """Whether a terminal's environment variables say that it has 24 bits of colour."""
    term = environment.get("TERM", "")
    return environment.get("COLORTERM") in TRUE_COLOUR_NAMES or any(name in term for name in _TRUE_COLOUR_TERMS)


def has_only_256(environment: Mapping[str, str], answer: str) -> bool:
    """Whether to use 256 colours: TERM names them, and neither COLORTERM nor the `answer` announces more."""
    if announces_true_colour(environment) or any(colour in answer for colour in _ANSWERS):
        return False
    return "256col" in environment.get("TERM", "")
