"""The reading half of both protocols: bytes of one connection in, requests out.

The bytes of a connection are split into inputs (`Input`): the first byte that is not white space, a line, the end.
`TRANSITIONS` says which inputs count in which state and what the next state is; an input that is not in the table
changes nothing. The state decides how a line is parsed. The buffer holds at most one unfinished line, so a
client that never sends a newline costs `max_line` bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

from hostbridge import parsing
from hostbridge.fault import MAX_SECONDS
from hostbridge.model import Code
from hostbridge.parsing import ParseError
from hostbridge.protocol.requests import (
    HelloRequest,
    InspectRequest,
    KillRequest,
    ListRequest,
    LogsRequest,
    Malformed,
    PingRequest,
    Request,
    Seq,
    TextKill,
    TextList,
    TextUnknown,
    WatchRequest,
    WoundRequest,
)

VERSION: Final = 2
"""The newest version of the JSON protocol that the bridge speaks."""

MAX_LINE: Final = 64 * 1024
"""Longest line in bytes, without its newline, in either direction."""

_SPACE: Final = b" \t\r\n\v\f"


class DecoderState(StrEnum):
    """What a connection has said so far."""

    BLANK = "blank"  # nothing but white space
    TEXT = "text"  # the beginning of its one text command
    JSON = "json"  # a conversation in JSON lines
    CLOSED = "closed"  # nothing more is read


class Input(StrEnum):
    """What the bytes of a connection amount to."""

    BRACE = "brace"  # the first byte that is not white space is `{`
    WORD = "word"  # it is any other byte
    LINE = "line"  # a newline, with what stands before it
    TOO_LONG = "too long"  # more than `max_line` bytes without a newline
    SILENCE = "silence"  # nothing more for a while after a bare ``list``
    END = "end"  # the client sends no more: what is left is the last line


TRANSITIONS: Final[Mapping[DecoderState, Mapping[Input, DecoderState]]] = {
    DecoderState.BLANK: {
        Input.BRACE: DecoderState.JSON,
        Input.WORD: DecoderState.TEXT,
        Input.TOO_LONG: DecoderState.CLOSED,
        Input.END: DecoderState.CLOSED,
    },
    DecoderState.TEXT: {
        Input.LINE: DecoderState.CLOSED,
        Input.TOO_LONG: DecoderState.CLOSED,
        Input.SILENCE: DecoderState.CLOSED,
        Input.END: DecoderState.CLOSED,
    },
    DecoderState.JSON: {
        Input.LINE: DecoderState.JSON,
        Input.TOO_LONG: DecoderState.CLOSED,
        Input.END: DecoderState.CLOSED,
    },
    DecoderState.CLOSED: {},
}


class Decoder:
    """The state of one connection's incoming half."""

    def __init__(self, max_line: int = MAX_LINE) -> None:
        self.state = DecoderState.BLANK
        self._max_line = max_line
        self._buffer = bytearray()
        self._searched = 0  # bytes of the buffer known to hold no newline
        self._blank = 0  # bytes of white space before anything else

    def receive(self, data: bytes) -> list[Request]:
        """Take bytes that arrived; return the requests that are now complete."""
        if self.state is DecoderState.BLANK:
            rest = data.lstrip(_SPACE)
            self._blank += len(data) - len(rest)
            if self._blank > self._max_line:
                return self._too_long()
            data = rest
            if data:
                self._enter(Input.BRACE if data[:1] == b"{" else Input.WORD)
        if self.state in (DecoderState.TEXT, DecoderState.JSON):
            self._buffer += data
        return list(self._lines())

    def end(self) -> list[Request]:
        """Take the end of input: what is left is the last request, with or without a newline."""
        line = self._take(len(self._buffer))
        state = self._enter(Input.END)
        return [_request(state, line)] if line.strip(_SPACE) else []

    def silence(self) -> list[Request]:
        """Take a silence: a bare ``list`` is complete then, but a kill needs its newline."""
        if self.state is not DecoderState.TEXT or self._buffer.strip(_SPACE) != b"list":
            return []
        line = self._take(len(self._buffer))
        return [_request(self._enter(Input.SILENCE), line)]

    def _lines(self) -> Iterator[Request]:
        while self.state in (DecoderState.TEXT, DecoderState.JSON):
            newline = self._buffer.find(b"\n", self._searched)
            if newline < 0:
                self._searched = len(self._buffer)
                if self._searched > self._max_line:
                    yield from self._too_long()
                return
            if newline > self._max_line:
                yield from self._too_long()
                return
            line = self._take(newline + 1)
            state = self._enter(Input.LINE)
            if state is DecoderState.TEXT or line.strip(_SPACE):
                yield _request(state, line)

    def _too_long(self) -> list[Request]:
        if self._enter(Input.TOO_LONG) is not DecoderState.JSON:
            return [TextUnknown()]
        message = f"a line may be at most {self._max_line} bytes long"
        return [Malformed(None, Code.TOO_LARGE, message, fatal=True)]

    def _enter(self, what: Input) -> DecoderState:
        """Apply the transition table; return the state before. A closed connection keeps no bytes."""
        before = self.state
        self.state = TRANSITIONS[before].get(what, before)
        if self.state is DecoderState.CLOSED:
            self._buffer.clear()
        return before

    def _take(self, size: int) -> bytes:
        line = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._searched = 0
        return line


def _request(state: DecoderState, line: bytes) -> Request:
    return _json(line) if state is DecoderState.JSON else _text(line)


def _text(line: bytes) -> Request:
    words = line.split()
    if words == [b"list"]:
        return TextList()
    if len(words) > 1 and words[0] == b"kill":
        return TextKill(words[1].decode("utf-8", "replace"))
    return TextUnknown()


class _FieldError(Exception):
    """A field of a request has the wrong type."""


def _json(line: bytes) -> Request:
    try:
        value = parsing.json_value(line)
    except ParseError:
        return Malformed(None, Code.BAD_REQUEST, "not a JSON object in UTF-8 on one line")
    if not isinstance(value, dict):
        return Malformed(None, Code.BAD_REQUEST, "not a JSON object")
    seq = _seq(value.get("seq"))
    try:
        return _json_request(value, seq)
    except _FieldError as error:
        return Malformed(seq, Code.BAD_REQUEST, str(error))


def _seq(value: object) -> Seq:
    if isinstance(value, str):
        return value if len(value) <= 64 else None
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >> 63:
        return None
    return value


def _json_request(value: Mapping[str, object], seq: Seq) -> Request:
    kind = _string(value, "type")
    if kind == HelloRequest.kind:
        version = value.get("version", VERSION)
        if isinstance(version, bool) or not isinstance(version, int):
            raise _FieldError("'version' must be a number")
        return HelloRequest(seq, version, _string(value, "client", ""))
    if kind == ListRequest.kind:
        return ListRequest(seq)
    if kind == WatchRequest.kind:
        return WatchRequest(seq)
    if kind == KillRequest.kind:
        return _kill(value, seq)
    if kind == WoundRequest.kind:
        return WoundRequest(seq, _string(value, "id"), _string(value, "weapon", ""))
    if kind == InspectRequest.kind:
        return InspectRequest(seq, _string(value, "id"))
    if kind == LogsRequest.kind:
        return LogsRequest(seq, _string(value, "id"))
    if kind == PingRequest.kind:
        return PingRequest(seq)
    return Malformed(seq, Code.UNKNOWN_REQUEST, f"unknown request: {kind[:40]!r}")


def _kill(value: Mapping[str, object], seq: Seq) -> KillRequest:
    wish = _string(value, "fault", "") or _string(value, "action", "")
    seconds = value.get("seconds")
    if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, int | float)):
        raise _FieldError("'seconds' must be a number")
    # JSON has no infinity, but its parser does
    if seconds is not None and not 0 < seconds <= MAX_SECONDS:
        raise _FieldError(f"'seconds' must be more than 0 and at most {MAX_SECONDS:.0f}")
    seconds = None if seconds is None else float(seconds)
    return KillRequest(seq, _string(value, "id"), _string(value, "weapon", ""), wish, seconds)


def _string(value: Mapping[str, object], key: str, default: str | None = None) -> str:
    found = value.get(key, default)
    if not isinstance(found, str):
        raise _FieldError(f"{key!r} must be a string")
    return found
