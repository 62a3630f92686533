"""The bridge's two protocols without any sockets: bytes go in, requests come out, and replies are made into bytes.

A connection's first byte that is not white space decides: `{` opens a JSON-lines conversation, anything else is one
text command as the original ``dockerdoomd`` understood it. `Parser` is fed whatever arrives, in pieces of any size,
and never raises: what it cannot read becomes a `Malformed` request that says why. See docs/protocol.md.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from hostbridge.model import Code, Container

VERSION: Final = 1
MAX_LINE: Final = 64 * 1024
"""Longest line in bytes, without its newline, in either direction."""

TAIL_BYTES: Final = 31
"""The original game keeps only this many last bytes of a name."""

NUMBER: Final = re.compile(r"-?[0-9]{1,10}", re.ASCII)
"""What may be the number of a name: kubedoom's client kills by that."""

_SPACE: Final = b" \t\r\n\v\f"


@dataclass(frozen=True, slots=True)
class TextList:
    """Text ``list``."""


@dataclass(frozen=True, slots=True)
class TextKill:
    """Text ``kill NAME``; the name may be the last 31 bytes of a longer one."""

    name: str


@dataclass(frozen=True, slots=True)
class TextUnknown:
    """A text command that means nothing: the connection is closed without a word."""


Seq = int | str | None
"""What a client calls its request; given back in the reply."""


@dataclass(frozen=True, slots=True)
class Hello:
    """First words of a JSON client; `version` is the protocol version it speaks."""

    seq: Seq
    version: int
    client: str


@dataclass(frozen=True, slots=True)
class List:
    """All containers, once."""

    seq: Seq


@dataclass(frozen=True, slots=True)
class Watch:
    """All containers now, and every change from now on."""

    seq: Seq


@dataclass(frozen=True, slots=True)
class Kill:
    """The container's monster died of `weapon`; `action` asks for something else than the policy's choice."""

    seq: Seq
    id: str
    weapon: str
    action: str


@dataclass(frozen=True, slots=True)
class Wound:
    """The container's monster was hurt for the first time."""

    seq: Seq
    id: str
    weapon: str


@dataclass(frozen=True, slots=True)
class Ping:
    """Are you there?"""

    seq: Seq


@dataclass(frozen=True, slots=True)
class Malformed:
    """Something that is no request. After a `fatal` one nothing more can be read from this connection."""

    seq: Seq
    code: Code
    message: str
    fatal: bool = False


Request = TextList | TextKill | TextUnknown | Hello | List | Watch | Kill | Wound | Ping | Malformed


class Parser:
    """Turns the bytes of one connection into requests.

    `mode` is empty until the first byte that is not white space, then "text" or "json". `done` is set when nothing
    more will be read: after one text command or a line that is too long.
    """

    def __init__(self, max_line: int = MAX_LINE) -> None:
        self.mode = ""
        self.done = False
        self._max_line = max_line
        self._buffer = bytearray()
        self._searched = 0  # bytes of the buffer known to hold no newline
        self._blank = 0

    def feed(self, data: bytes) -> list[Request]:
        """Take what arrived; return the requests that are now complete."""
        if self.done:
            return []
        if not self.mode:
            self._blank += len(data)
            data = data.lstrip(_SPACE)
            if not data:
                return self._too_long() if self._blank > self._max_line else []
            self.mode = "json" if data[:1] == b"{" else "text"
        self._buffer += data
        return list(self._complete())

    def end(self) -> list[Request]:
        """The peer will send no more: what is left is the last request, newline or not."""
        if self.done or not self._buffer.strip(_SPACE):
            self.done = True
            return []
        line = bytes(self._buffer)
        self._buffer.clear()
        request = self._text(line) if self.mode == "text" else _json(line)
        self.done = True
        return [request]

    def quiet(self) -> list[Request]:
        """Nothing has come for a while. A bare ``list`` is answered then; a kill has to be whole to count."""
        if self.mode == "text" and not self.done and bytes(self._buffer).strip(_SPACE) == b"list":
            return self.end()
        return []

    def _complete(self) -> Iterator[Request]:
        while not self.done:
            newline = self._buffer.find(b"\n", self._searched)
            if newline < 0:
                self._searched = len(self._buffer)
                if self._searched > self._max_line:
                    yield from self._too_long()
                return
            line = bytes(self._buffer[:newline])
            del self._buffer[: newline + 1]
            self._searched = 0
            if newline > self._max_line:
                yield from self._too_long()
            elif self.mode == "text":
                yield self._text(line)
            elif line.strip(_SPACE):
                yield _json(line)

    def _too_long(self) -> list[Request]:
        self.done = True
        self._buffer.clear()
        if self.mode != "json":
            return [TextUnknown()]
        message = f"a line may be {self._max_line} bytes long"
        return [Malformed(None, Code.TOO_LARGE, message, fatal=True)]

    def _text(self, line: bytes) -> Request:
        self.done = True
        self._buffer.clear()
        words = line.split()
        if words == [b"list"]:
            return TextList()
        if len(words) > 1 and words[0] == b"kill":
            return TextKill(words[1].decode("utf-8", "replace"))
        return TextUnknown()


class _Field(Exception):
    """A field of a request has the wrong type."""


def _json(line: bytes) -> Request:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return Malformed(None, Code.BAD_REQUEST, "not a JSON object in UTF-8 on one line")
    if not isinstance(value, dict):
        return Malformed(None, Code.BAD_REQUEST, "not a JSON object")
    seq = value.get("seq")
    if isinstance(seq, bool) or not isinstance(seq, (int, str)):
        seq = None
    if (isinstance(seq, int) and abs(seq) >> 63) or (isinstance(seq, str) and len(seq) > 64):
        seq = None
    try:
        return _request(value, seq)
    except _Field as error:
        return Malformed(seq, Code.BAD_REQUEST, str(error))


def _request(value: dict[str, object], seq: Seq) -> Request:
    kind = _string(value, "type")
    if kind == "hello":
        version = value.get("version", VERSION)
        if isinstance(version, bool) or not isinstance(version, int):
            raise _Field("'version' must be a number")
        return Hello(seq, version, _string(value, "client", ""))
    if kind == "list":
        return List(seq)
    if kind == "watch":
        return Watch(seq)
    if kind == "kill":
        return Kill(seq, _string(value, "id"), _string(value, "weapon", ""), _string(value, "action", ""))
    if kind == "wound":
        return Wound(seq, _string(value, "id"), _string(value, "weapon", ""))
    if kind == "ping":
        return Ping(seq)
    return Malformed(seq, Code.UNKNOWN_REQUEST, f"no such request: {kind[:40]!r}")


def _string(value: Mapping[str, object], key: str, default: str | None = None) -> str:
    found = value.get(key, default)
    if not isinstance(found, str):
        raise _Field(f"{key!r} must be a string")
    return found


def encode(message: Mapping[str, object]) -> bytes:
    """One reply or event as a line. ASCII only, so that no name an engine invents can break it."""
    return json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"


def reply(kind: str, seq: Seq, **fields: object) -> bytes:
    """A reply line: its type, the request's `seq` if it had one, and the fields."""
    message: dict[str, object] = {"type": kind}
    if seq is not None:
        message["seq"] = seq
    return encode(message | fields)


def error(seq: Seq, request: str, code: Code, message: str, **fields: object) -> bytes:
    """The reply to a request that failed."""
    return reply("error", seq, request=request, code=str(code), message=message, **fields)


def container_json(container: Container, labels: Mapping[str, str], protected: bool) -> str:
    """A container as JSON clients see it, at most about 16 KiB; `labels` are those the policy lets out."""
    value = {
        "id": container.id,
        "name": container.name[:1024],
        "image": container.image[:1024],
        "state": container.state,
        "labels": _bounded(labels),
        "created": container.created,
        "protected": protected,
        "node": container.node[:256],
        "restarts": container.restarts,
        "memory": container.memory,
    }
    return json.dumps(value, separators=(",", ":"))


def _bounded(labels: Mapping[str, str]) -> dict[str, str]:
    room = 2048  # characters; one may take six bytes in JSON
    kept: dict[str, str] = {}
    for key, value in labels.items():
        room -= len(key) + len(value)
        if room < 0:
            break
        kept[key] = value
    return kept


def pages(kind: str, seq: Seq, engine: str, containers: Iterable[str], max_line: int = MAX_LINE) -> list[bytes]:
    """Containers (already JSON) in as many lines as it takes; every line but the last says ``"more":true``."""
    head = {"type": kind, "engine": engine}
    if seq is not None:
        head["seq"] = seq  # type: ignore[assignment]
    start = json.dumps(head, separators=(",", ":"))[:-1] + ',"more":'
    room = max_line - len(start) - len('false,"containers":[]}')
    groups: list[list[str]] = [[]]
    used = 0
    for text in containers:
        if groups[-1] and used + len(text) + 1 > room:
            groups.append([])
            used = 0
        groups[-1].append(text)
        used += len(text) + 1
    last = len(groups) - 1
    return [
        f'{start}{"true" if number < last else "false"},"containers":[{",".join(group)}]}}\n'.encode("ascii")
        for number, group in enumerate(groups)
    ]


def event(kind: str, container: str) -> bytes:
    """``added`` or ``changed`` with the container (already JSON)."""
    return f'{{"type":"{kind}","container":{container}}}\n'.encode("ascii")


@functools.lru_cache(maxsize=16384)
def number_of(name: str) -> int:
    """What kubedoom's client calls a name: Bernstein's hash in a signed 32-bit integer, its sign dropped."""
    value = 5381
    for byte in name.encode("utf-8", "replace"):
        value = (value * 33 + byte) & 0xFFFFFFFF
    signed = value - (1 << 32) if value >> 31 else value
    return -signed if -(1 << 31) < signed < 0 else signed  # the lowest has no positive counterpart


def called(container: Container) -> str:
    """The container's name in the text protocol: one word without control characters, since a kill ends at a space."""
    text = "".join(each if each.isprintable() or each.isspace() else "?" for each in container.name)
    return "_".join(text.split()) or container.id[:12]


def names(containers: Iterable[Container]) -> bytes:
    """The text protocol's answer to ``list``."""
    return "".join(f"{called(each)}\n" for each in containers).encode("utf-8")


def meant(name: str, listed: Iterable[tuple[str, str]]) -> set[str]:
    """The IDs that a NAME of the text protocol may mean, of those listed as (ID, what it is called).

    A whole name, or what the original clients make of one: its last 31 bytes, or its number. All ways count alike:
    who sends the end of a long name does not mean a container that is called like that.
    """
    tail = name.encode("utf-8", "replace")
    is_tail, number = len(tail) == TAIL_BYTES, int(name) if NUMBER.fullmatch(name) else None
    return {
        identity
        for identity, each in listed
        if each == name
        or (is_tail and each.encode("utf-8").endswith(tail))
        or (number is not None and number_of(each) == number)
    }
