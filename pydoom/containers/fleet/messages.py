"""Words for the player: one message at a time, each long enough to be read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from pydoom.containers.fleet.names import fit
from pydoom.sim.constants import TICRATE
from pydoom.sim.player import Player

MIN_TICS: Final = 50
"""A message stays at least this long when another one waits."""
MIN_GOSSIP_TICS: Final = 3 * TICRATE
"""Comings and goings are not told more often than this: a busy fleet must not hide what the game itself says."""
LONGEST_QUEUE: Final = 6
ROOM_PX: Final = 320
"""Pixels that a message has: the row goes over the whole screen."""


class Messages:
    """A short queue in front of `player.message`; when too much happens, the oldest news is left out.

    `waiting`: what has not been shown yet. `width` measures a text in pixels.
    """

    def __init__(self, width: Callable[[str], int]) -> None:
        self._width = width
        self.waiting: deque[str] = deque(maxlen=LONGEST_QUEUE)
        self._wait_tics = 0
        self._gossip_tics = 0

    def mention(self, *wordings: str) -> None:
        """Show a text when there is nothing better to tell; else forget it. `wordings` as for `say`."""
        if not self.waiting and not self._gossip_tics:
            self._gossip_tics = MIN_GOSSIP_TICS
            self.say(*wordings)

    def say(self, *wordings: str) -> None:
        """Show the first of `wordings` that fits into the row, soon; not again when it waits already."""
        text = fit(wordings, self._width, ROOM_PX)
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
