"""HTTP to an engine, where everything is bounded: an engine that drips, floods or never stops costs a fixed time.

One connection a request: on a Unix socket that is cheap, and a request that changes something never meets a connection
that is half closed. Every wait counts against the deadline of the whole request, so an engine that sends a byte now and
then gains nothing by it. h11 implements HTTP itself.
"""

from __future__ import annotations

import contextlib
import select
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

import h11

READ_SIZE: Final = 64 * 1024
MAX_EVENT: Final = 1024 * 1024
"""Longest line of a stream, in bytes."""
MAX_ERROR: Final = 16 * 1024
"""Most bytes read of an error's explanation."""
SSH_OPTIONS: Final = ("-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-T")


class EngineProtocolError(Exception):
    """The engine's answer is not HTTP, or is larger than allowed."""


Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy that tunnels connections to other hosts (CONNECT)."""

    host: str
    port: int
    headers: Headers = ()


class Destination(Protocol):
    """Where an engine is, and how to get there."""

    @property
    def url(self) -> str:
        """The address as the user gave it."""

    @property
    def scheme(self) -> str:
        """``unix``, ``tcp`` or ``ssh``."""

    @property
    def path(self) -> Path:
        """The Unix socket's path."""

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""

    @property
    def server_name(self) -> str:
        """Host name that the engine's certificate must be for."""

    @property
    def proxy(self) -> Proxy | None:
        """The proxy to connect through, if any."""

    def tls(self) -> ssl.SSLContext | None:
        """How to speak TLS, if at all. Raises SetupError when a certificate cannot be read."""


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer."""

    status: int
    body: bytes


class Exchange:
    """One request to `endpoint` and its answer; the whole exchange ends within `seconds`."""

    def __init__(self, endpoint: Destination, seconds: float) -> None:
        self._deadline: float | None = time.monotonic() + seconds
        self._host = _bracketed(endpoint.address[0]) if endpoint.scheme == "tcp" else "docker"
        self._http = h11.Connection(h11.CLIENT)
        self._ssh: subprocess.Popen[bytes] | None = None
        self._socket = self._connect(endpoint)

    def send(self, method: str, target: str, body: bytes | None = None, more: Headers = ()) -> None:
        """Send a request, with `more` headers. Raises OSError or EngineProtocolError."""
        headers = [("Host", self._host), ("User-Agent", "pydoom-hostbridge"), ("Connection", "close"), *more]
        if body is not None:
            headers += [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        elif method == "POST":
            headers.append(("Content-Length", "0"))
        try:
            data = self._http.send(h11.Request(method=method, target=target, headers=headers))
        except h11.LocalProtocolError as error:  # a token with a line end in it, say
            raise EngineProtocolError(f"the request cannot be sent: {error}") from error
        data = (data or b"") + (self._http.send(h11.Data(body)) or b"" if body else b"")
        data += self._http.send(h11.EndOfMessage()) or b""
        view = memoryview(data)
        while view:
            self._set_timeout()
            try:
                view = view[self._socket.send(view) :]
            except BrokenPipeError as error:
                raise EngineProtocolError(self._ssh_trouble() or "the engine hung up") from error

    def status(self) -> int:
        """The answer's status. Raises OSError or EngineProtocolError."""
        event = self._next()
        while isinstance(event, h11.InformationalResponse):
            event = self._next()
        if not isinstance(event, h11.Response):
            raise EngineProtocolError("the engine sent no answer")
        return event.status_code

    def body(self, limit: int) -> bytes:
        """The rest of the answer. Raises OSError or EngineProtocolError."""
        found = self.beginning(limit)
        if len(found) > limit:
            raise EngineProtocolError(f"the engine's answer is longer than {limit} bytes")
        return found

    def beginning(self, limit: int) -> bytes:
        """The rest of the answer, cut off a little after `limit` bytes. Raises OSError or EngineProtocolError."""
        found = bytearray()
        for data in self._data():
            found += data
            if len(found) > limit:
                break
        return bytes(found)

    def lines(self, seconds: float | None = None, limit: int = MAX_EVENT) -> Iterator[bytes]:
        """The lines of an endless answer, for `seconds` from now. Raises OSError or EngineProtocolError."""
        self._deadline = None if seconds is None else time.monotonic() + seconds
        rest = bytearray()
        for data in self._data():
            rest += data
            if b"\n" not in data:
                if len(rest) > limit:
                    raise EngineProtocolError(f"an event is longer than {limit} bytes")
                continue
            *whole, last = bytes(rest).split(b"\n")
            rest = bytearray(last)
            yield from whole

    def interrupt(self) -> None:
        """Wake a thread that waits for this engine; it gets an error or the end. Any thread may call this."""
        with contextlib.suppress(OSError):
            # the plain socket, since a TLS socket would first exchange closing messages
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection, and end the ``ssh`` that carried it."""
        self._socket.close()
        if self._ssh is not None:
            self._ssh.kill()
            self._ssh.wait()

    def _data(self) -> Iterator[bytes]:
        while not isinstance(event := self._next(), h11.EndOfMessage):
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            elif isinstance(event, h11.ConnectionClosed):
                return

    def _next(self) -> h11.Event | type[h11.PAUSED]:
        hung_up = False
        try:
            while True:
                event = self._http.next_event()
                if event is not h11.NEED_DATA:
                    return event  # type: ignore[return-value]
                self._set_timeout()
                data = self._socket.recv(READ_SIZE)
                hung_up = not data
                self._http.receive_data(data)
        except h11.RemoteProtocolError as error:
            why = "the engine hung up" if hung_up else f"not HTTP: {error}"
            raise EngineProtocolError(self._ssh_trouble() or why) from error
        except ConnectionResetError as error:
            raise EngineProtocolError(self._ssh_trouble() or "the engine hung up") from error

    def _set_timeout(self) -> None:
        self._socket.settimeout(None if self._deadline is None else self._left())

    def _left(self) -> float:
        assert self._deadline is not None
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left

    def _connect(self, endpoint: Destination) -> socket.socket:
        if endpoint.scheme == "ssh":
            return self._connect_by_ssh(endpoint)
        if endpoint.scheme == "unix":
            made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                made.settimeout(self._left())
                made.connect(str(endpoint.path))
            except BaseException:
                made.close()
                raise
            return made
        proxy = endpoint.proxy
        made = socket.create_connection((proxy.host, proxy.port) if proxy else endpoint.address, timeout=self._left())
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if proxy is not None:
                self._pass_through(made, proxy, endpoint.address)
            context = endpoint.tls()
            return made if context is None else self._wrap(made, context, endpoint.server_name)
        except BaseException:
            made.close()
            raise

    def _pass_through(self, plain: socket.socket, proxy: Proxy, address: tuple[str, int]) -> None:
        """Have the proxy open a tunnel to `address`."""
        target = f"{_bracketed(address[0])}:{address[1]}"
        http = h11.Connection(h11.CLIENT)
        head = http.send(h11.Request(method="CONNECT", target=target, headers=[("Host", target), *proxy.headers]))
        plain.settimeout(self._left())
        plain.sendall((head or b"") + (http.send(h11.EndOfMessage()) or b""))
        try:
            while (event := http.next_event()) is h11.NEED_DATA or isinstance(event, h11.InformationalResponse):
                if event is h11.NEED_DATA:
                    plain.settimeout(self._left())
                    http.receive_data(plain.recv(READ_SIZE))
        except h11.RemoteProtocolError as error:
            raise EngineProtocolError(f"the proxy {proxy.host} does not speak HTTP: {error}") from error
        status = event.status_code if isinstance(event, h11.Response) else 0
        if not 200 <= status < 300 or http.trailing_data[0]:
            raise EngineProtocolError(f"the proxy {proxy.host} refuses the connection to {target}: {status}")

    def _wrap(self, plain: socket.socket, context: ssl.SSLContext, host: str) -> ssl.SSLSocket:
        """Shake hands within the deadline, however slow the other side is."""
        plain.settimeout(0)
        wrapped = context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
        while True:
            try:
                wrapped.do_handshake()
                return wrapped
            except ssl.SSLWantReadError:
                select.select([wrapped], [], [], self._left())
            except ssl.SSLWantWriteError:
                select.select([], [wrapped], [], self._left())

    def _connect_by_ssh(self, endpoint: Destination) -> socket.socket:
        """Run ssh with its standard input and output connected to the remote engine, as docker does."""
        if shutil.which("ssh") is None:
            raise EngineProtocolError("ssh:// needs the ssh program of OpenSSH")
        parts = urlsplit(endpoint.url)
        user = [f"-l{parts.username}"] if parts.username else []
        port = [f"-p{parts.port}"] if parts.port else []
        command = ["ssh", *SSH_OPTIONS, *user, *port, "--", str(parts.hostname), "docker", "system", "dial-stdio"]
        ours, theirs = socket.socketpair()
        try:
            self._ssh = subprocess.Popen(
                command, stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=subprocess.PIPE, start_new_session=True
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return ours

    def _ssh_trouble(self) -> str:
        """ssh's own error message, once it has given up."""
        if self._ssh is None or self._ssh.stderr is None:
            return ""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._ssh.wait(1)
            words = self._ssh.stderr.read(4096).decode("utf-8", "replace").strip().splitlines()
            return f"ssh: {words[-1]}" if words else ""
        return ""


def request(
    endpoint: Destination,
    method: str,
    target: str,
    seconds: float,
    limit: int,
    body: bytes | None = None,
    headers: Headers = (),
) -> Response:
    """One request and its whole answer. Raises OSError or EngineProtocolError."""
    exchange = Exchange(endpoint, seconds)
    try:
        exchange.send(method, target, body, headers)
        status = exchange.status()
        return Response(status, exchange.beginning(MAX_ERROR) if status >= 300 else exchange.body(limit))
    finally:
        exchange.close()


def _bracketed(host: str) -> str:
    """The host as it is written in an address: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host
