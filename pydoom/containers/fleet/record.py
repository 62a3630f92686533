"""What has happened to containers: the kill feed and the tally of the level."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydoom.containers.link.events import ContainerInfo

FEED_LENGTH: Final = 6


@dataclass(frozen=True, slots=True)
class Death:
    """A container that the player ended with `weapon`, in the words of the bridge's protocol.

    `names`: its name from the longest form to the shortest. `what` became of it, as in "is gone".
    """

    info: ContainerInfo
    names: tuple[str, ...]
    weapon: str
    what: str


class DeathRecord:
    """The last deaths of the game, and all of the level."""

    def __init__(self) -> None:
        self.feed: deque[Death] = deque(maxlen=FEED_LENGTH)
        self.level: list[Death] = []

    def add(self, death: Death) -> None:
        """Note a death."""
        self.feed.appendleft(death)
        self.level.append(death)

    def new_level(self) -> None:
        """Begin a new tally."""
        self.level.clear()
