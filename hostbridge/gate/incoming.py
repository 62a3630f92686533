"""A client's request, read from bytes: no sockets here, and nothing but plain HTTP/1.1.

One connection carries one request. h11 parses it; before that the head must look like a strict client's: lines that
end with CR and LF, printable ASCII, no folded lines, one Content-Length at most, no other framing, nothing after the
body. Anything ambiguous is refused before it is parsed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import h11

from hostbridge.gate.errors import GateError

MAX_HEAD: Final = 32 * 1024
"""Bytes of a request's first line and headers: a listing of 200 containers by ID needs half of it."""
MAX_HEADERS: Final = 64

_HEAD: Final = re.compile(
    rb"[A-Z]{1,16} [!-~]+ HTTP/1\.1\r\n"
    rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[ -~\t]*\r\n)*\r\n"
)
_LONE_LINE_END: Final = re.compile(rb"(?<!\r)\n|\r(?!\n)(?!\Z)")
_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*([^\r\n]*)", re.IGNORECASE)
_PLAIN_LENGTH: Final = re.compile(rb"[0-9]{1,9}")
_OTHER_FRAMING: Final = (b"transfer-encoding", b"upgrade", b"expect", b"trailer")
_END_OF_HEAD: Final = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Head:
    """A request's first line and headers. `length` is that of the body."""

    method: str
    target: str
    length: int


class Incoming:
    """One request, as its bytes come in."""

    def __init__(self) -> None:
        self.http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        self._begun = bytearray()
        self._head: Head | None = None
        self._body = bytearray()
        self._complete = False
        self._unknown = ""  # a header that would change the framing of the body

    def receive(self, data: bytes) -> None:
        """Take received bytes; empty at the end of input. Raises GateError."""
        if self._head is not None:
            if not self._unknown:
                self._give(data)
            return
        self._begun += data
        head, end, _ = bytes(self._begun).partition(_END_OF_HEAD)
        if len(head) > MAX_HEAD or head.count(b"\n") > MAX_HEADERS:
            raise GateError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the gate reads no head as large as this")
        if _LONE_LINE_END.search(head):
            raise _malformed("lines end with CR and LF")
        if end:
            self._read_head(head + end)

    def head(self) -> Head | None:
        """The head, once it is complete."""
        return self._head

    def body(self) -> bytes | None:
        """The body, once it is complete; refuses anything after it. Raises GateError."""
        if self._unknown:
            raise GateError(HTTPStatus.NOT_IMPLEMENTED, f"the gate knows no {self._unknown}")
        if self._complete:
            if self.http.trailing_data[0]:
                raise _malformed("there is one request to a connection")
            return bytes(self._body)
        return None

    def _read_head(self, head: bytes) -> None:
        if not _HEAD.fullmatch(head):
            raise _malformed("a request is METHOD TARGET HTTP/1.1 with plain headers")
        lengths = _LENGTH.findall(head)
        if len(lengths) > 1 or not all(_PLAIN_LENGTH.fullmatch(each.rstrip(b" \t")) for each in lengths):
            raise _malformed("there is one Content-Length at most")
        self.http.receive_data(bytes(self._begun))
        request = self._next()
        if not isinstance(request, h11.Request):
            raise _malformed("no request")
        names = (name for name, _ in request.headers if name in _OTHER_FRAMING)
        self._unknown = next(names, b"").decode("ascii").title()
        length = int(lengths[0]) if lengths else 0
        self._head = Head(request.method.decode("ascii"), request.target.decode("ascii"), length)
        if not self._unknown:
            self._read_body()

    def _give(self, data: bytes) -> None:
        try:
            self.http.receive_data(data)
        except RuntimeError as error:  # after the end of the connection
            raise _malformed("there is one request to a connection") from error
        self._read_body()

    def _read_body(self) -> None:
        while not self._complete:
            event = self._next()
            if isinstance(event, h11.Data):
                self._body += event.data
            elif isinstance(event, h11.EndOfMessage):
                self._complete = True
            else:
                return

    def _next(self) -> object:
        try:
            return self.http.next_event()
        except h11.RemoteProtocolError as error:
            raise _malformed(str(error)) from error


def _malformed(what: str) -> GateError:
    return GateError(HTTPStatus.BAD_REQUEST, f"no request that the gate reads: {what}")
