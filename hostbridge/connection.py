"""One client on the socket: bytes, turns and time-outs around a `Conversation`.

A client that does not send or read harms only itself: its first request has a deadline, what waits to be
written to it is bounded, and a client that sends many requests at once takes turns with the others.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, cast

from hostbridge.admission import Admission
from hostbridge.conversation import Conversation, Services
from hostbridge.host.sockets import peer_of
from hostbridge.model import Peer
from hostbridge.protocol.decoder import Decoder, DecoderState
from hostbridge.protocol.requests import Request, TextRequest

READ_SIZE: Final = 16 * 1024  # bytes read from one client at a time
REQUESTS_A_TURN: Final = 32  # requests of one client answered before the others get a turn
WRITE_HIGH: Final = 256 * 1024  # bytes waiting: no more requests are read or answered
WRITE_LIMIT: Final = 4 * 1024 * 1024  # bytes waiting: a watcher that does not read is dropped

_read_buffer: Final = bytearray(READ_SIZE)
"""Filled and emptied in one step by the event loop's thread, so one buffer serves all connections."""

_serial: Final = itertools.count(1)

log = logging.getLogger("hostbridge")


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """Limits on what one client may cost."""

    connections: int = 256
    first_request_seconds: float = 10.0
    quiet_seconds: float = 1.0  # after which a `list` without its newline is answered
    idle_seconds: float = 600.0  # for JSON clients that watch nothing
    flush_seconds: float = 10.0  # to read the last answer


class Connection(asyncio.BufferedProtocol):
    """One connection, from its first byte to its last."""

    def __init__(self, services: Services, limits: ClientLimits, admission: Admission) -> None:
        self.spoke = False
        self.peer = Peer(-1, -1, 0)
        self._services = services
        self._limits = limits
        self._admission = admission
        self._decoder = Decoder()
        self._conversation = Conversation(services, self.peer, self)
        self._waiting: deque[Request] = deque()
        self._out: list[bytes] | None = None  # gathers the answers of a turn
        self._more = False  # the next turn is arranged
        self._blocked = False  # the client does not read fast enough
        self._ended = False  # the client sends no more
        self._closing = False
        self._timer: asyncio.TimerHandle | None = None
        self._deadline = 0.0  # of the first request, in the loop's time
        self._transport: asyncio.Transport = cast(asyncio.Transport, None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the client in, if it is allowed."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=WRITE_HIGH)
        try:
            peer = peer_of(cast(socket.socket, transport.get_extra_info("socket")))
        except OSError:
            self.abort()
            return
        session = str(peer.pid) if peer.pid > 0 else f"connection {next(_serial)}"
        self.peer = replace(peer, session=session)
        self._conversation = Conversation(self._services, self.peer, self)
        if not self._admission.admit(self):
            self.abort()
            return
        self._deadline = asyncio.get_running_loop().time() + self._limits.first_request_seconds
        self._set_timer(self._time_left(), self.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client; kills in progress go on."""
        self._closing = True
        self._cancel_timer()
        self._waiting.clear()
        self._conversation.stop_watching()
        self._admission.leave(self)

    def get_buffer(self, sizehint: int) -> bytearray:
        """The buffer for the next bytes."""
        del sizehint
        return _read_buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Answer what is complete."""
        self._waiting.extend(self._decoder.receive(bytes(_read_buffer[:nbytes])))
        self._take_turn()
        # a text command still without its newline: a complete one has closed the connection
        if not self._closing and not self.spoke and self._decoder.state is DecoderState.TEXT:
            self._set_timer(min(self._limits.quiet_seconds, self._time_left()), self._silence)

    def eof_received(self) -> bool:
        """Answer the rest, then close."""
        self._ended = True
        self._waiting.extend(self._decoder.end())
        self._take_turn()
        return True  # pending output is still written; `close` does the rest

    def pause_writing(self) -> None:
        """The client does not read: stop reading from it as well."""
        self._blocked = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """The client reads again."""
        self._blocked = False
        self._take_turn()

    def close(self) -> None:
        """Close once everything is written, or when the client's time to read it is up."""
        if self._closing:
            return
        self._flush()
        self._closing = True
        self._conversation.stop_watching()
        self._transport.close()
        self._set_timer(self._limits.flush_seconds, self.abort)

    def abort(self) -> None:
        """Close at once."""
        self._closing = True
        self._cancel_timer()
        self._conversation.stop_watching()
        self._transport.abort()

    def write(self, *lines: bytes) -> None:
        """Send, at the end of this turn or now."""
        if self._closing:
            return
        if self._out is not None:
            self._out.extend(lines)
        else:
            # not writelines: some versions of Python do not call pause_writing after it
            self._transport.write(b"".join(lines))

    def push(self, line: bytes) -> None:
        """Send an event; drop a client that has not read the ones before."""
        self.write(line)
        if self._transport.get_write_buffer_size() > WRITE_LIMIT:
            log.warning("dropped pid %d: it watches but does not read", self.peer.pid)
            self.abort()

    def settled(self) -> None:
        """A task has ended: it may have been the last thing to wait for."""
        if self._ended and not self._closing and not self._conversation.busy and not self._waiting:
            self.close()

    def _take_turn(self) -> None:
        """Answer some waiting requests with one write, and pause reading until all are answered."""
        self._out = []
        for _ in range(REQUESTS_A_TURN):
            if not self._waiting or self._blocked or self._closing:
                break
            self._answer(self._waiting.popleft())
            if sum(map(len, self._out)) > WRITE_HIGH:
                self._flush()
        self._flush()
        self._out = None
        self._go_on()

    def _answer(self, request: Request) -> None:
        began = time.perf_counter()
        self.spoke = True
        if not isinstance(request, TextRequest):
            self._set_timer(self._limits.idle_seconds, self._idle)
        if not self._conversation.answer(request):
            self.close()
        self._services.measures.request(request.kind, time.perf_counter() - began)

    def _go_on(self) -> None:
        if self._closing or self._blocked:
            return
        if self._waiting and not self._more:
            self._more = True
            self._transport.pause_reading()
            asyncio.get_running_loop().call_soon(self._next_turn)
        elif not self._waiting and not self._ended:
            self._transport.resume_reading()
        self.settled()

    def _next_turn(self) -> None:
        self._more = False
        self._take_turn()

    def _flush(self) -> None:
        if self._out and not self._closing:
            data = b"".join(self._out)
            self._out.clear()
            self._transport.write(data)

    def _silence(self) -> None:
        self._waiting.extend(self._decoder.silence())
        self._take_turn()
        if not self._closing:
            self._set_timer(self._time_left(), self.abort)

    def _time_left(self) -> float:
        return max(0.0, self._deadline - asyncio.get_running_loop().time())

    def _idle(self) -> None:
        if self._conversation.watching or self._conversation.busy:
            self._set_timer(self._limits.idle_seconds, self._idle)
        else:
            self.close()

    def _set_timer(self, seconds: float, what: Callable[[], None]) -> None:
        self._cancel_timer()
        self._timer = asyncio.get_running_loop().call_later(seconds, what)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
