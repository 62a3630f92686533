"""The client of the host bridge: a thread that owns the socket, so that the game never waits for it.

Events come out of one queue, orders go into another; both hold immutable values. The thread says ``hello`` first. A
bridge answers and is then watched; the original ``dockerdoomd`` does not, and is polled for its list. Whatever
goes wrong, the client reconnects after a growing pause.
"""

from __future__ import annotations

import queue
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pydoom.containers.link.events import (
    Ask,
    BridgeEvent,
    Connected,
    Disconnected,
    Kill,
    KillFailed,
    Listed,
    NotTold,
    Order,
)
from pydoom.containers.link.wire import HELLO, WATCH, EventReader, WireError, order_line, text_containers

FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 4.0
START_SECONDS: Final = 2.0
CONNECT_SECONDS: Final = 3.0
HELLO_SECONDS: Final = 2.0
TEXT_POLL_SECONDS: Final = 5.0
TEXT_ANSWER_SECONDS: Final = 20.0
"""Seconds for an answer: the original daemon takes two for 50 containers."""
LEAVE_SECONDS: Final = 2.5
"""Seconds that quitting waits for the end of an answer."""
PING_SECONDS: Final = 15.0
"""Seconds between pings; a bridge that is silent for twice as long counts as dead."""

_PING: Final = b'{"type":"ping"}\n'


class BridgeClient:
    """Talks to the bridge at `path` until `close`; `events` is for the game's thread to empty."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._events: queue.SimpleQueue[BridgeEvent] = queue.SimpleQueue()
        self._orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._connection_number = 0  # how many connections have succeeded
        self._talked = False  # the other end has said something in this conversation
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._wake_reader.setblocking(False)
        self._thread = threading.Thread(target=self._run, name="bridge-client", daemon=True)

    def start(self) -> None:
        """Start the thread, which connects."""
        self._thread.start()

    def events(self) -> Iterator[BridgeEvent]:
        """Yield the events since the last call; never waits."""
        while True:
            try:
                yield self._events.get_nowait()
            except queue.Empty:
                return

    def send(self, order: Order) -> None:
        """Pass an order on; never waits. A kill that cannot be delivered is answered with `KillFailed`."""
        self._orders.put(order)
        self._wake()

    def close(self) -> None:
        """Close the connection and end the thread."""
        self._closing.set()
        self._wake()
        if self._thread.is_alive():
            self._thread.join(LEAVE_SECONDS)

    def _wake(self) -> None:
        try:
            self._wake_writer.send(b"x")
        except OSError:
            return

    # -- the thread

    def _run(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        began = time.monotonic()
        told = False
        while not self._closing.is_set():
            self._talked = False
            try:
                self._converse()
                reason = "the bridge has closed the connection"
            except (OSError, WireError) as error:
                reason = self._reason(error)
            if self._closing.is_set():
                return
            if self._talked:
                told = False
            # a bridge started together with the game may take a moment
            if self._talked or (not told and time.monotonic() - began > START_SECONDS):
                self._events.put(Disconnected(reason))
                told = True
            pause = FIRST_PAUSE_SECONDS if self._talked else min(pause * 2, LONGEST_PAUSE_SECONDS)
            self._refuse_orders_for(pause)

    def _reason(self, error: OSError | WireError) -> str:
        """What is wrong with the bridge, and what to do about it where known."""
        if isinstance(error, WireError):
            return f"what listens on {self._path} is not a bridge ({error}): see `pydoom doctor`"
        if isinstance(error, FileNotFoundError | ConnectionRefusedError):
            return f"nothing listens on {self._path}: start it with `hostbridge --socket {self._path}`"
        if isinstance(error, PermissionError):
            return f"no permission for {self._path}: start the bridge as the same user, or with `--group`"
        return f"{self._path}: {error.strerror or error}"

    def _refuse_orders_for(self, seconds: float) -> None:
        """Wait, and refuse orders at once in the meantime."""
        until = time.monotonic() + seconds
        while not self._closing.is_set() and (left := until - time.monotonic()) > 0:
            try:
                order = self._orders.get(timeout=min(left, 0.2))
            except queue.Empty:
                continue
            self._refuse(order)

    def _tell(self, event: BridgeEvent) -> None:
        if isinstance(event, Connected):
            self._connection_number += 1
        self._events.put(event)

    def _is_stale(self, order: Order) -> bool:
        """Whether the order was given during an earlier connection, whose list is out of date."""
        return order.connection not in (None, self._connection_number)

    def _refuse(self, order: Order) -> None:
        if isinstance(order, Kill):
            self._events.put(KillFailed(order.id, "bridge-away", "the bridge is away"))
        elif isinstance(order, Ask):
            self._events.put(NotTold(order.id, order.request, "bridge-away"))

    def _converse(self) -> None:
        with self._connection() as (connection, wait):
            connection.sendall(HELLO)
            data = self._first_word(connection, wait)
            if data:
                self._talked = True
                self._watch(connection, wait, data)
                return
            if self._closing.is_set():
                return
            # no answer: an original daemon, which still waits for a command it knows on this very connection
            answer = None
            if data is None:
                connection.sendall(b"list\n")
                answer = _read_all(connection, wait, self._closing)
        self._poll(answer if answer is not None else self._command(b"list\n"))

    def _first_word(self, connection: socket.socket, wait: Callable[[float], bool]) -> bytes | None:
        """The bridge's answer to our ``hello``: empty when it hangs up, None when it stays silent."""
        deadline = time.monotonic() + HELLO_SECONDS
        while (left := deadline - time.monotonic()) > 0 and not self._closing.is_set():
            if wait(left):
                return connection.recv(65536)
        return None

    def _watch(self, connection: socket.socket, wait: Callable[[float], bool], data: bytes) -> None:
        reader = EventReader()
        events = reader.feed(data)  # before sending anything else: whatever is not a bridge may have hung up already
        connection.sendall(WATCH)
        pinged = False
        patience_ends = time.monotonic() + PING_SECONDS
        while not self._closing.is_set():
            for event in events:
                self._tell(event)
            self._pass_on(connection)
            events = []
            if wait(max(patience_ends - time.monotonic(), 0)):
                data = connection.recv(65536)
                if not data:
                    return
                events = reader.feed(data)
                pinged = False
            elif time.monotonic() < patience_ends:
                continue  # woken
            elif pinged:
                raise TimeoutError("the bridge does not answer")
            else:
                connection.sendall(_PING)
                pinged = True
            patience_ends = time.monotonic() + PING_SECONDS

    def _pass_on(self, connection: socket.socket) -> None:
        while True:
            try:
                order = self._orders.get_nowait()
            except queue.Empty:
                return
            if self._is_stale(order):
                self._refuse(order)
                continue
            try:
                connection.sendall(order_line(order))
            except OSError:
                self._refuse(order)
                raise

    # -- the original daemon: one connection a command

    def _poll(self, answer: bytes) -> None:
        self._talked = True
        self._tell(Connected(text_only=True))
        while not self._closing.is_set():
            self._events.put(Listed(text_containers(answer)))
            next_poll = time.monotonic() + TEXT_POLL_SECONDS
            while (left := next_poll - time.monotonic()) > 0 and not self._closing.is_set():
                try:
                    order = self._orders.get(timeout=min(left, 0.2))
                except queue.Empty:
                    continue
                if not isinstance(order, Kill):
                    continue
                if self._is_stale(order):
                    self._refuse(order)
                    continue
                try:
                    self._command(f"kill {order.id}\n".encode())
                except OSError:
                    self._refuse(order)
                    raise
            if not self._closing.is_set():
                answer = self._command(b"list\n")

    def _command(self, line: bytes) -> bytes:
        with self._connection() as (connection, wait):
            connection.sendall(line)
            return _read_all(connection, wait, self._closing)

    @contextmanager
    def _connection(self) -> Iterator[tuple[socket.socket, Callable[[float], bool]]]:
        """A connection, and a function that waits for it to be readable (False when time is up or woken)."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection, selectors.DefaultSelector() as selector:
            connection.settimeout(CONNECT_SECONDS)
            connection.connect(str(self._path))
            selector.register(connection, selectors.EVENT_READ)
            selector.register(self._wake_reader, selectors.EVENT_READ)

            def wait(seconds: float) -> bool:
                ready = [key.fileobj for key, _ in selector.select(seconds)]
                if self._wake_reader in ready:
                    self._wake_reader.recv(4096)
                return connection in ready

            yield connection, wait


def _read_all(connection: socket.socket, wait: Callable[[float], bool], closing: threading.Event) -> bytes:
    """The whole answer, awaited even when closing: the original daemon crashes when a client leaves early."""
    chunks: list[bytes] = []
    deadline = time.monotonic() + TEXT_ANSWER_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        if wait(left):
            chunk = connection.recv(65536)
            if not chunk:
                return b"".join(chunks)
            chunks.append(chunk)
        elif closing.is_set():
            deadline = min(deadline, time.monotonic() + LEAVE_SECONDS)
    raise TimeoutError("the bridge does not answer")
