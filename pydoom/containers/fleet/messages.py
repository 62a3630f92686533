"""Messages to the player: one at a time, each long enough to be read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from pydoom.containers.fleet.names import fit
from pydoom.sim.constants import TICRATE
from pydoom.sim.player import Player

MIN_TICS: Final = 50
"""Least tics a message stays when another one waits."""
MIN_GOSSIP_TICS: Final = 3 * TICRATE
"""Tics between two arrivals or departures: a busy fleet must not hide the game's own messages."""
LONGEST_QUEUE: Final = 6
ROOM_PX: Final = 320
"""Room for a message in pixels: the full width of the screen."""


class Messages:
    """A short queue in front of `player.message`; when it overflows, the oldest message is dropped.

    `waiting`: the messages not shown yet. `width` measures a text in pixels.
    """

    def __init__(self, width: Callable[[str], int]) -> None:
        self._width = width
        self.waiting: deque[str] = deque(maxlen=LONGEST_QUEUE)
        self._wait_tics = 0
        self._gossip_tics = 0

    def mention(self, *wordings: str) -> None:
        """Show a message if no other waits, else drop it. `wordings` as for `say`."""
        if not self.waiting and not self._gossip_tics:
            self._gossip_tics = MIN_GOSSIP_TICS
            self.say(*wordings)

    def say(self, *wordings: str) -> None:
        """Queue the first of `wordings` that fits into the row, unless it is already queued."""
        text = fit(wordings, self._width, ROOM_PX)
        if text not in self.waiting:
            self.waiting.append(text)

    def ticker(self, player: Player) -> None:
        """Run for one tic: show the next message when it is time."""
        if self._gossip_tics:
            self._gossip_tics -= 1
        if self._wait_tics:
            self._wait_tics -= 1
        elif self.waiting and not player.message:
            player.message = self.waiting.popleft()
            self._wait_tics = MIN_TICS
