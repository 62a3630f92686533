"""Naming players who run faster than anybody can (the turbo check of ``G_Ticker``)."""

from __future__ import annotations

from typing import Final

from pydoom.data import strings
from pydoom.sim.player import MAXPLAYERS

_THRESHOLD: Final = 0x32
_NAMES: Final = (strings.HUSTR_PLRGREEN, strings.HUSTR_PLRINDIGO, strings.HUSTR_PLRBROWN, strings.HUSTR_PLRRED)
_TURN_TICS: Final = 32
"""Tics per round: each player can be named in one tic of it."""


class TurboWatch:
    """Remembers who in a level has been too fast since the last message about them."""

    def __init__(self) -> None:
        self._seen = [False] * MAXPLAYERS

    def message(self, number: int, forwardmove: int, gametic: int) -> str:
        """The message about a player's command in this tic; usually empty. The name is as in chats: "Green: "."""
        if forwardmove > _THRESHOLD:
            self._seen[number] = True
        turn, rest = divmod(gametic, _TURN_TICS)
        if rest or turn % MAXPLAYERS != number or not self._seen[number]:
            return ""
        self._seen[number] = False
        return f"{_NAMES[number]} is turbo!"
