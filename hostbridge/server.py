"""Serves the protocols on the Unix socket.

One event loop, no thread per client, nothing that blocks: a request costs a memory read or a job for a worker. What
a client does not send or does not read costs only that client: every connection has a deadline for its first
request, a bound on what waits to be written, and a place in a queue of which the oldest silent one is dropped first.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
import time
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Any, Final, cast

from hostbridge import __version__, protocol
from hostbridge.kills import Executioner
from hostbridge.measures import Measures
from hostbridge.model import BridgeError, Code, Peer
from hostbridge.policy import Policy
from hostbridge.protocol import (
    Hello,
    Kill,
    List,
    Malformed,
    Ping,
    Request,
    TextKill,
    TextList,
    TextUnknown,
    Watch,
    Wound,
)
from hostbridge.roster import Roster
from hostbridge.sockets import BACKLOG, InheritedSocket, ListeningSocket, peer_of

READ_SIZE: Final = 16 * 1024  # bytes read from one client at a time
REQUESTS_A_TURN: Final = 32  # requests of one client that are answered before others have their turn
WRITE_HIGH: Final = 256 * 1024  # bytes waiting: no more requests are read or answered
WRITE_LIMIT: Final = 4 * 1024 * 1024  # bytes waiting: a watcher that does not read is dropped
MAX_KILLS_UNDER_WAY: Final = 64  # per connection
SHOWN_SECONDS: Final = 15.0  # the original game lists every 7.3 seconds
SOCKET_CHECK_SECONDS: Final = 0.5

log = logging.getLogger("hostbridge")


@dataclass(frozen=True, slots=True)
class Limits:
    """What clients may cost."""

    connections: int = 256
    first_request_seconds: float = 10.0
    quiet_seconds: float = 1.0  # after which a `list` without its newline is answered
    idle_seconds: float = 600.0  # for JSON clients that watch nothing
    flush_seconds: float = 10.0  # to read the last answer


@dataclass(frozen=True, slots=True)
class Access:
    """Who may talk to the bridge besides what the socket's mode says; empty sets mean anyone who can connect."""

    uids: frozenset[int] = frozenset()
    gids: frozenset[int] = frozenset()

    def allows(self, peer: Peer) -> bool:
        """Whether this peer may."""
        return not (self.uids or self.gids) or peer.uid in self.uids or peer.gid in self.gids


class Server:
    """The bridge: connections on one side, roster and executioner on the other."""

    def __init__(
        self,
        listening: ListeningSocket | InheritedSocket,
        roster: Roster,
        executioner: Executioner,
        policy: Policy,
        backend_name: str,
        limits: Limits | None = None,
        access: Access | None = None,
        measures: Measures | None = None,
    ) -> None:
        self.roster = roster
        self.executioner = executioner
        self.policy = policy
        self.backend_name = backend_name
        self.limits = limits or Limits()
        self.access = access or Access()
        self.sessions: OrderedDict[Session, None] = OrderedDict()
        self.measures = measures or Measures()
        self._listening = listening
        # filled and read in one go: one is enough for all connections
        self.read_buffer = bytearray(READ_SIZE)
        self._shown: dict[int, tuple[float, dict[str, str]]] = {}

    async def serve(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set."""
        server = await self._listen(self._listening.socket)
        try:
            while not stop.is_set():
                await _wait(stop, SOCKET_CHECK_SECONDS)
                if not stop.is_set() and not self._listening.intact():
                    log.warning("the socket %s was removed; making it again", self._listening.path)
                    server.close()
                    server = await self._listen_again(server)
        finally:
            server.close()
            for session in tuple(self.sessions):
                session.close()

    async def _listen(self, listening: socket.socket) -> asyncio.Server:
        # from Python 3.13 on the loop would remove the socket's file, which may be systemd's
        keep: dict[str, Any] = {"cleanup_socket": False} if sys.version_info >= (3, 13) else {}
        loop = asyncio.get_running_loop()
        return await loop.create_unix_server(lambda: Session(self), sock=listening, backlog=BACKLOG, **keep)

    async def _listen_again(self, old: asyncio.Server) -> asyncio.Server:
        try:
            return await self._listen(self._listening.rebind())
        except Exception as error:  # the place may be gone for a while; the next check tries again
            log.error("%s", error)
            return old

    def admit(self, session: Session) -> bool:
        """Make room for a new connection, at the cost of the oldest that has asked for nothing yet.

        No user may have all places: an administrator gets in beside a game gone wild.
        """
        limit = self.limits.connections
        same = [each for each in self.sessions if each.peer.uid == session.peer.uid]
        crowded = len(same) >= limit - limit // 4
        if crowded or len(self.sessions) >= limit:
            idle = next((each for each in (same if crowded else self.sessions) if not each.spoke), None)
            if idle is None:
                return False
            idle.abort()
            self.sessions.pop(idle, None)
        self.sessions[session] = None
        return True

    def text_list(self, peer: Peer) -> bytes:
        """The text answer to `list`, noting who was on it."""
        self._shown[peer.uid] = (asyncio.get_running_loop().time(), self.roster.called())
        return self.roster.text()

    def text_target(self, peer: Peer, name: str) -> str:
        """ID of the container a text `kill` means, or an empty string.

        The client aimed at what its last list showed: a container called like that only since then is not it.
        """
        when, listed = self._shown.get(peer.uid, (-SHOWN_SECONDS, {}))
        fresh = asyncio.get_running_loop().time() - when < SHOWN_SECONDS
        found = protocol.meant(name, listed.items()) if fresh else set()
        found = found or protocol.meant(name, self.roster.called().items())
        if len(found) != 1:
            return ""
        (container_id,) = found
        if self.roster.get(container_id) is None:
            log.info("%s has gone since the last list: nobody is killed in its place", name)
            return ""
        return container_id


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


class Session(asyncio.BufferedProtocol):
    """One connection."""

    def __init__(self, server: Server) -> None:
        self.spoke = False
        self._server = server
        self._parser = protocol.Parser()
        self._waiting: deque[Request] = deque()
        self._out: list[bytes] | None = None  # gathers the answers of a turn
        self._more = False  # the next turn is arranged
        self._blocked = False  # the client does not read fast enough
        self._ended = False  # the client sends no more
        self._closing = False
        self._watching = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._deadline = 0.0  # of the first request, in the loop's time
        self.peer = Peer(-1, -1, 0)
        self._transport: asyncio.Transport = cast(asyncio.Transport, None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the client in, if it may."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=WRITE_HIGH)
        try:
            self.peer = peer_of(cast(socket.socket, transport.get_extra_info("socket")))
        except OSError:
            self.abort()
            return
        if not self._server.access.allows(self.peer):
            log.warning("refused uid %d gid %d pid %d", self.peer.uid, self.peer.gid, self.peer.pid)
            self.abort()
        elif not self._server.admit(self):
            log.warning("too many connections")
            self.abort()
        else:
            self._deadline = asyncio.get_running_loop().time() + self._server.limits.first_request_seconds
            self._set_timer(self._time_left(), self.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client; kills under way go on."""
        self._closing = True
        self._cancel_timer()
        self._waiting.clear()
        self._server.roster.unsubscribe(self._event)
        self._server.sessions.pop(self, None)

    def get_buffer(self, sizehint: int) -> bytearray:
        """Where the next bytes go."""
        del sizehint
        return self._server.read_buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Answer what is complete."""
        self._waiting.extend(self._parser.feed(bytes(self._server.read_buffer[:nbytes])))
        self._pump()
        if not self._closing and not self.spoke and self._parser.mode == "text":
            self._set_timer(min(self._server.limits.quiet_seconds, self._time_left()), self._quiet)

    def eof_received(self) -> bool:
        """Answer the rest, then close."""
        self._ended = True
        self._waiting.extend(self._parser.end())
        self._pump()
        return True  # what is still to be written is written; `close` does the rest

    def pause_writing(self) -> None:
        """The client does not read: stop reading from it as well."""
        self._blocked = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """It reads again."""
        self._blocked = False
        self._pump()

    def close(self) -> None:
        """Close once everything is written, or the client has had its time to read it."""
        if self._closing:
            return
        self._flush()
        self._closing = True
        self._server.roster.unsubscribe(self._event)
        self._transport.close()
        self._set_timer(self._server.limits.flush_seconds, self.abort)

    def abort(self) -> None:
        """Close at once."""
        self._closing = True
        self._cancel_timer()
        self._server.roster.unsubscribe(self._event)
        self._transport.abort()

    def _pump(self) -> None:
        """Take a turn: answer some of what waits, with one write; read no more from who has not had all answers."""
        self._out = []
        for _ in range(REQUESTS_A_TURN):
            if not self._waiting or self._blocked or self._closing:
                break
            request = self._waiting.popleft()
            began = time.perf_counter()
            self._handle(request)
            self._server.measures.request(type(request).__name__.lower(), time.perf_counter() - began)
            if sum(map(len, self._out)) > WRITE_HIGH:
                self._flush()
        self._flush()
        self._out = None
        self._go_on()

    def _go_on(self) -> None:
        if self._closing or self._blocked:
            return
        if self._waiting and not self._more:
            self._more = True
            self._transport.pause_reading()
            asyncio.get_running_loop().call_soon(self._next_turn)
        elif not self._waiting and not self._ended:
            self._transport.resume_reading()
        self._close_when_done()

    def _next_turn(self) -> None:
        self._more = False
        self._pump()

    def _handle(self, request: Request) -> None:
        self.spoke = True
        if isinstance(request, (TextList, TextKill, TextUnknown)):
            self._handle_text(request)
            return
        self._set_timer(self._server.limits.idle_seconds, self._idle)
        roster = self._server.roster
        if isinstance(request, Hello):
            self._hello(request)
        elif isinstance(request, List):
            self._write(*roster.pages("list", request.seq))
        elif isinstance(request, Watch):
            self._watching = True
            roster.unsubscribe(self._event)
            self._write(*roster.pages("snapshot", request.seq))
            roster.subscribe(self._event)
        elif isinstance(request, (Kill, Wound)):
            self._start(request)
        elif isinstance(request, Ping):
            self._write(protocol.reply("pong", request.seq))
        else:
            self._malformed(request)

    def _handle_text(self, request: TextList | TextKill | TextUnknown) -> None:
        if isinstance(request, TextList):
            self._write(self._server.text_list(self.peer))
        elif isinstance(request, TextKill):
            container_id = self._server.text_target(self.peer, request.name)
            if container_id:
                self._spawn(self._kill_quietly(container_id))
        self.close()

    def _hello(self, request: Hello) -> None:
        if request.version < 1:
            message = f"this bridge speaks version {protocol.VERSION}"
            self._write(protocol.error(request.seq, "hello", Code.VERSION, message))
            return
        server = self._server
        policy = server.policy
        self._write(
            protocol.reply(
                "hello",
                request.seq,
                version=min(protocol.VERSION, request.version),
                server=f"pydoom-hostbridge/{__version__}",
                backend=server.backend_name,
                engine=server.roster.engine,
                dry_run=policy.dry_run,
                action=policy.action,
                weapons=dict(policy.weapons),
                wound=policy.wound,
            )
        )

    def _malformed(self, request: Malformed) -> None:
        self._write(protocol.error(request.seq, "", request.code, request.message))
        if request.fatal:
            self.close()

    def _start(self, request: Kill | Wound) -> None:
        kind = "kill" if isinstance(request, Kill) else "wound"
        if len(self._tasks) >= MAX_KILLS_UNDER_WAY:
            message = "too many requests under way on this connection"
            self._write(protocol.error(request.seq, kind, Code.RATE_LIMITED, message, id=request.id[:128]))
            return
        self._spawn(self._kill(request) if isinstance(request, Kill) else self._wound(request))

    async def _kill(self, request: Kill) -> None:
        try:
            action = await self._server.executioner.kill(self.peer, request.id, request.weapon, request.action)
        except BridgeError as error:
            self._write(protocol.error(request.seq, "kill", error.code, error.message, id=request.id[:128]))
        else:
            dry = self._server.policy.dry_run
            self._write(protocol.reply("ok", request.seq, request="kill", id=request.id, action=action, dry_run=dry))

    async def _wound(self, request: Wound) -> None:
        try:
            await self._server.executioner.wound(self.peer, request.id, request.weapon)
        except BridgeError as error:
            self._write(protocol.error(request.seq, "wound", error.code, error.message, id=request.id[:128]))
        else:
            self._write(protocol.reply("ok", request.seq, request="wound", id=request.id))

    async def _kill_quietly(self, container_id: str) -> None:
        try:
            await self._server.executioner.kill(self.peer, container_id, "")
        except BridgeError as error:
            log.info("text kill of %s: %s", container_id[:12], error.message)

    def _spawn(self, work: object) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)  # type: ignore[call-overload]
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a request failed", exc_info=task.exception())
        self._close_when_done()

    def _close_when_done(self) -> None:
        if self._ended and not self._closing and not self._tasks and not self._waiting:
            self.close()

    def _event(self, line: bytes) -> None:
        self._write(line)
        if self._transport.get_write_buffer_size() > WRITE_LIMIT:
            log.warning("dropped pid %d: it watches but does not read", self.peer.pid)
            self.abort()

    def _write(self, *lines: bytes) -> None:
        if self._closing:
            return
        if self._out is not None:
            self._out.extend(lines)
        else:
            # not writelines: in some versions of Python it does not tell us when too much waits
            self._transport.write(b"".join(lines))

    def _flush(self) -> None:
        if self._out and not self._closing:
            data = b"".join(self._out)
            self._out.clear()
            self._transport.write(data)

    def _quiet(self) -> None:
        self._waiting.extend(self._parser.quiet())
        self._pump()
        if not self._closing:
            self._set_timer(self._time_left(), self.abort)

    def _time_left(self) -> float:
        return max(0.0, self._deadline - asyncio.get_running_loop().time())

    def _idle(self) -> None:
        if self._watching or self._tasks:
            self._set_timer(self._server.limits.idle_seconds, self._idle)
        else:
            self.close()

    def _set_timer(self, seconds: float, what: object) -> None:
        self._cancel_timer()
        self._timer = asyncio.get_running_loop().call_later(seconds, what)  # type: ignore[arg-type]

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
