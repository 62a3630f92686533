"""What each user of the text protocol was last shown: a ``kill NAME`` means a container on that list and no other.

The text protocol has no IDs. Between a client's list and its kill, a container may end and another may be created under
the same name, or under one that fits the same 31 bytes. The client aimed at what it saw, so later containers are
spared, however old the list is. For a client that has not listed anything, the current containers count.

Where IDs are reused, such as process IDs, an ID that has another name by now is another target.
"""

from __future__ import annotations

import logging

from hostbridge.fleet.roster import EngineRoster
from hostbridge.model import Peer
from hostbridge.protocol import names

log = logging.getLogger("hostbridge")


class ShownNames:
    """The last list of each user, by uid: the text protocol opens a connection for each command."""

    def __init__(self, roster: EngineRoster, reuses_ids: bool = False) -> None:
        """`reuses_ids`: see `Backend.reuses_ids`."""
        self._roster = roster
        self._reuses_ids = reuses_ids
        self._shown: dict[int, dict[str, str]] = {}

    def show(self, peer: Peer) -> bytes:
        """The text answer to ``list``."""
        self._shown[peer.uid] = self._roster.called()
        return self._roster.text()

    def target(self, peer: Peer, name: str) -> str:
        """ID of the container that a text ``kill`` means, or an empty string."""
        listed = self._shown.get(peer.uid, self._roster.called())
        found = names.meant(name, listed.items())
        if len(found) != 1:
            log.info("%s matches %d of the containers last listed: none is killed", name, len(found))
            return ""
        (container_id,) = found
        current = self._roster.called().get(container_id)
        if current is None or (self._reuses_ids and current != listed[container_id]):
            log.info("%s has gone since the last list: none is killed in its place", name)
            return ""
        return container_id
