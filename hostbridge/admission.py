"""Who may connect, and how many: the server's connection limit, and who makes room when it is reached.

Connections that have asked for nothing yet are closed first, and no single user may hold them all: an administrator
still gets in beside a game gone wild.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol

from hostbridge.model import Peer

log = logging.getLogger("hostbridge")


@dataclass(frozen=True, slots=True)
class Access:
    """Who may talk to the bridge, beyond what the socket's mode allows. Empty sets allow anyone who can connect."""

    uids: frozenset[int] = frozenset()
    gids: frozenset[int] = frozenset()

    def allows(self, peer: Peer) -> bool:
        """Whether this peer may connect."""
        return not (self.uids or self.gids) or peer.uid in self.uids or peer.gid in self.gids


class Guest(Protocol):
    """What admission needs to know of a connection."""

    peer: Peer
    spoke: bool
    """Whether it has asked for anything yet."""

    def close(self) -> None:
        """Close once everything is written."""

    def abort(self) -> None:
        """Close at once."""


class Admission:
    """The connections that are open, oldest first."""

    def __init__(self, places: int, access: Access) -> None:
        self._places = places
        self._access = access
        self._guests: OrderedDict[Guest, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._guests)

    def guests(self) -> tuple[Guest, ...]:
        """All open connections, oldest first."""
        return tuple(self._guests)

    def admit(self, guest: Guest) -> bool:
        """Whether the connection gets a place; the oldest silent one may be closed to make room."""
        peer = guest.peer
        if not self._access.allows(peer):
            log.warning("refused uid %d gid %d pid %d", peer.uid, peer.gid, peer.pid)
            return False
        if not self._make_room(peer):
            log.warning("refused a connection: too many are open")
            return False
        self._guests[guest] = None
        return True

    def leave(self, guest: Guest) -> None:
        """Free the place of a closed connection, if it had one."""
        self._guests.pop(guest, None)

    def _make_room(self, peer: Peer) -> bool:
        same = [each for each in self._guests if each.peer.uid == peer.uid]
        crowded = len(same) >= self._places - self._places // 4
        if crowded or len(self) >= self._places:
            silent = next((each for each in (same if crowded else self._guests) if not each.spoke), None)
            if silent is None:
                return False
            silent.abort()
            self.leave(silent)
        return True
