"""A host's addresses, as far as the policy allows them.

Names are resolved anew for each request, so that a container that comes back with another address is found. An address
that the policy does not name is never connected to, whatever a name server says.
"""

from __future__ import annotations

import asyncio

# a look-up needs it, and the user we become may not be able to read Python's files
import encodings.idna  # noqa: F401
import socket
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Final

from hostbridge.host.workers import Workers
from hostbridge.policy.outside import IPAddress, WebPlace

MAX_ADDRESSES: Final = 8
"""Most addresses of one name that are looked at."""

Lookup = Callable[[str], Sequence[str]]
"""The addresses of a name. May block, and raises OSError."""


class ForbiddenAddress(Exception):
    """The host has addresses, and the policy names none of them. The text says which it has."""


class Addresses:
    """Resolves one place's host, in a thread of its own: a name server that hangs delays nobody else."""

    def __init__(self, place: WebPlace, lookup: Lookup | None = None) -> None:
        self._place = place
        self._lookup = lookup or system_lookup
        self._workers = Workers(1, "resolver")

    async def find(self) -> list[str]:
        """The addresses to connect to, best first. Raises OSError and ForbiddenAddress; may take forever."""
        literal = self._place.literal
        if literal is not None:
            return [str(literal)]
        asking = asyncio.get_running_loop().run_in_executor(self._workers, self._lookup, self._place.host)
        found = list(dict.fromkeys(await asking))[:MAX_ADDRESSES]
        if not found:
            raise OSError("no address")
        allowed = [each for each in found if self._place.allows(_parsed(each))]
        if not allowed:
            raise ForbiddenAddress(", ".join(found))
        return allowed


def system_lookup(host: str) -> Sequence[str]:
    """The system's resolver. Raises OSError."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label of more than 63 characters
        raise OSError("not a name") from error
    return [str(each[4][0]) for each in found]


def _parsed(text: str) -> IPAddress:
    return ip_address(text.partition("%")[0])
