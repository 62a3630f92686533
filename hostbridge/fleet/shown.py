"""What each user of the text protocol was last shown: a ``kill NAME`` means a container of that list.

The text protocol has no IDs. Between a client's list and its kill a container may end and another one be created under
the same name; the client aimed at the first, so the second is spared.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

from hostbridge.fleet.roster import EngineRoster
from hostbridge.model import Peer
from hostbridge.protocol import names

SHOWN_SECONDS: Final = 15.0  # the original game lists every 7.3 seconds

log = logging.getLogger("hostbridge")


class ShownNames:
    """The last list of each user, by uid: the text protocol opens a connection for each command."""

    def __init__(self, roster: EngineRoster, clock: Callable[[], float] = time.monotonic) -> None:
        self._roster = roster
        self._clock = clock
        self._shown: dict[int, tuple[float, dict[str, str]]] = {}

    def show(self, peer: Peer) -> bytes:
        """The text answer to ``list``."""
        self._shown[peer.uid] = (self._clock(), self._roster.called())
        return self._roster.text()

    def target(self, peer: Peer, name: str) -> str:
        """ID of the container that a text ``kill`` means, or an empty string."""
        when, listed = self._shown.get(peer.uid, (-SHOWN_SECONDS, {}))
        fresh = self._clock() - when < SHOWN_SECONDS
        found = names.meant(name, listed.items()) if fresh else set()
        found = found or names.meant(name, self._roster.called().items())
        if len(found) != 1:
            return ""
        (container_id,) = found
        if self._roster.get(container_id) is None:
            log.info("%s has gone since the last list: nobody is killed in its place", name)
            return ""
        return container_id
