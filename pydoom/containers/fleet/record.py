"""What has happened to containers: the kill feed and the tally of the level."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pydoom.containers.fleet.lifecycle import DRY_RUN
from pydoom.containers.fleet.words import LASTING, OUTCOMES

if TYPE_CHECKING:
    from pydoom.containers.link.events import ContainerInfo, RecoveryNews

FEED_LENGTH: Final = 6
_FAULTS: Final = frozenset(OUTCOMES[action] for action in LASTING)


@dataclass(frozen=True, slots=True)
class Death:
    """A container that the player hit with `weapon`, in the words of the bridge's protocol.

    `names`: its name from the longest form to the shortest. `what` happened to it, as in "is removed". `recovery`:
    whether and when its service came back, None while unknown.
    """

    info: ContainerInfo
    names: tuple[str, ...]
    weapon: str
    what: str
    recovery: RecoveryNews | None = None

    @property
    def fate(self) -> str:
        """What happened to it, in a word or two: removed, dry run."""
        return self.what.removeprefix("is ").removeprefix("lives: ")

    @property
    def is_rehearsed(self) -> bool:
        """Whether nothing was done to it."""
        return self.what == DRY_RUN

    @property
    def is_kill(self) -> bool:
        """Whether the container ended or was restarted; not in a dry run, or by a fault that ends by itself."""
        return not self.is_rehearsed and self.what not in _FAULTS


class DeathRecord:
    """The last deaths of the game, and all of the level."""

    def __init__(self) -> None:
        self.feed: deque[Death] = deque(maxlen=FEED_LENGTH)
        self.level: list[Death] = []

    def add(self, death: Death) -> None:
        """Note a death."""
        self.feed.appendleft(death)
        self.level.append(death)

    def recovered(self, news: RecoveryNews) -> None:
        """Add news of a recovery to the last death of that container."""
        for number, death in enumerate(self.feed):
            if death.info.id == news.id:
                self.feed[number] = replace(death, recovery=news)
                break
        for number in range(len(self.level) - 1, -1, -1):
            if self.level[number].info.id == news.id:
                self.level[number] = replace(self.level[number], recovery=news)
                break

    def new_level(self) -> None:
        """Begin a new tally."""
        self.level.clear()
