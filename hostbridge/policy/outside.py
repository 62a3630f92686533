"""Probes and hooks: the only places in the network that the bridge's helper may reach.

A place is one URL. Its host may have many addresses, and whoever runs its DNS can change them at any time, so a place
also says which of them are meant: those of the networks that the policy names, or public ones if it names none. The
helper checks each address right before it connects, and connects to nothing else: it follows no redirect and uses no
proxy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

MAX_URL: Final = 2000
DEFAULT_TIMEOUT_SECONDS: Final = 2.0
PUBLIC: Final = "public"

HOOK_EVENTS: Final = ("kill", "fault", "healed", "recovered", "not-recovered", "probe", "refused")
"""What a hook may be told of; without a choice, everything but refusals."""

DEFAULT_HOOK_EVENTS: Final = HOOK_EVENTS[:-1]

_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "private": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
    "loopback": ("127.0.0.0/8", "::1/128"),
}
_PORTS: Final = {"http": 80, "https": 443}
_HOST: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?", re.ASCII)
_NAT64: Final = ip_network("64:ff9b::/96")
_GLOBAL_UNICAST: Final = ip_network("2000::/3")
"""All public IPv6 addresses. Python calls others global too: site-local ones, local translators, unassigned ones."""

_TUNNELS: Final = tuple(map(ip_network, ("2001::/32", "2002::/16")))
"""Networks of old tunnels, through which an IPv4 address of any kind can be reached: never public."""


class PlaceError(ValueError):
    """A URL or network that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class WebPlace:
    """One URL, and what its host's addresses may be. `networks` is empty for public addresses only."""

    scheme: str
    host: str  # a name in lower case, or an address without brackets
    port: int
    target: str  # path and query
    networks: tuple[IPNetwork, ...] = ()
    public: bool = True
    ca: str = ""  # file with the certificates to trust instead of the system's

    @classmethod
    def of(cls, url: str, addresses: tuple[str, ...] = (), ca: str = "") -> WebPlace:
        """The place of a URL, with networks like ``10.0.0.0/8`` or the words for them. Raises PlaceError."""
        scheme, host, port, target = _split(url)
        networks = tuple(network for each in addresses if each != PUBLIC for network in _networks(each))
        return cls(scheme, host, port, target, networks, not addresses or PUBLIC in addresses, ca)

    @property
    def literal(self) -> IPAddress | None:
        """The address, if the URL has one instead of a name."""
        return _address(self.host)

    @property
    def authority(self) -> str:
        """Host and port as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def allows(self, address: IPAddress) -> bool:
        """Whether the host may have this address."""
        literal = self.literal
        if literal is not None:
            return address == literal  # the policy itself has named it
        address = _meaning(address)
        if any(address in network for network in self.networks):
            return True
        if not self.networks and self.host.rpartition(".")[2] == "localhost":
            return address.is_loopback
        return self.public and _is_public(address)


@dataclass(frozen=True, slots=True)
class ProbeRule:
    """A URL that is asked again and again; an answer with a status in `expect` is what is expected."""

    name: str
    place: WebPlace
    every_seconds: float = 1.0
    expect: tuple[int, ...] = (200,)
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS


@dataclass(frozen=True, slots=True)
class HookRule:
    """A URL that is told of events. Its token is read by the helper alone, from a file or a variable."""

    name: str
    place: WebPlace
    events: tuple[str, ...] = DEFAULT_HOOK_EVENTS
    timeout_seconds: float = 5.0
    tries: int = 5
    token_file: str = ""
    token_env: str = ""
    header: str = "Authorization"


def _split(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and target of a URL. Raises PlaceError."""
    if len(url) > MAX_URL or not all("!" <= each <= "~" for each in url):
        raise PlaceError(f"a URL is at most {MAX_URL} printable ASCII characters without spaces")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname or ""
    except ValueError:
        raise PlaceError("the URL has no valid host or port") from None
    if parts.scheme not in _PORTS:
        raise PlaceError("only http:// and https:// URLs can be used")
    if "@" in parts.netloc:
        raise PlaceError("a URL has no place for a password: use token_file or token_env")
    if _address(host) is None and not _HOST.fullmatch(host):
        raise PlaceError("the URL has no valid host")
    if port == 0:
        raise PlaceError("the URL has no valid port")
    if parts.fragment:
        raise PlaceError("the URL has a fragment (#...), which is never sent")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, host, port or _PORTS[parts.scheme], target


def _networks(text: str) -> tuple[IPNetwork, ...]:
    try:
        return tuple(map(ip_network, _WORDS.get(text, (text,))))
    except ValueError:
        words = ", ".join((*_WORDS, PUBLIC))
        raise PlaceError(f"{text!r} is not a network like 10.0.0.0/8, nor one of {words}") from None


def _address(host: str) -> IPAddress | None:
    try:
        return ip_address(host) if "%" not in host else None
    except ValueError:
        return None


def _is_public(address: IPAddress) -> bool:
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return address.is_global and not address.is_multicast and not any(address in each for each in _TUNNELS)


def _meaning(address: IPAddress) -> IPAddress:
    """The IPv4 address that an IPv6 one stands for, if it does: the system and translators connect to that."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
