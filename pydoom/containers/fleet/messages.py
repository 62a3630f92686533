"""Words for the player: one message at a time, each long enough to be read."""

from __future__ import annotations

from collections import deque
from typing import Final

from pydoom.sim.constants import TICRATE
from pydoom.sim.player import Player

MIN_TICS: Final = 50
"""A message stays at least this long when another one waits."""
MIN_GOSSIP_TICS: Final = 3 * TICRATE
"""Comings and goings are not told more often than this: a busy fleet must not hide what the game itself says."""
LONGEST_QUEUE: Final = 6
NAME_LENGTH: Final = 22


def elide(name: str, length: int = NAME_LENGTH) -> str:
    """The name, or its beginning and its end when it is longer than `length` characters."""
    if len(name) <= length:
        return name
    room = length - 2
    return f"{name[: (room + 1) // 2]}..{name[-(room // 2) :]}"


class Messages:
    """A short queue in front of `player.message`; when too much happens, the oldest news is left out.

    `waiting`: what has not been shown yet.
    """

    def __init__(self) -> None:
        self.waiting: deque[str] = deque(maxlen=LONGEST_QUEUE)
        self._wait_tics = 0
        self._gossip_tics = 0

    def mention(self, text: str) -> None:
        """Show `text` when there is nothing better to tell; else forget it."""
        if not self.waiting and not self._gossip_tics:
            self._gossip_tics = MIN_GOSSIP_TICS
            self.say(text)

    def say(self, text: str) -> None:
        """Show `text` soon; not again when it waits already."""
        if text not in self.waiting:
            self.waiting.append(text)

    def ticker(self, player: Player) -> None:
        """One tic."""
        if self._gossip_tics:
            self._gossip_tics -= 1
        if self._wait_tics:
            self._wait_tics -= 1
        elif self.waiting and not player.message:
            player.message = self.waiting.popleft()
            self._wait_tics = MIN_TICS
