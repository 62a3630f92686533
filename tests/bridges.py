"""A bridge in this process, for tests: real socket, real server, any backend."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Literal, NotRequired, Self, TypedDict, TypeVar

from hostbridge.admission import Access
from hostbridge.backends.base import Backend
from hostbridge.cli.serve import how_to_follow, tell_of_faults
from hostbridge.connection import ClientLimits
from hostbridge.conversation import Services
from hostbridge.faults.audit import Audit
from hostbridge.faults.executioner import Executioner
from hostbridge.faults.healer import Healer
from hostbridge.faults.journal import Journal
from hostbridge.faults.recovery import Recovery
from hostbridge.fleet.feed import RESYNC_SECONDS, Feed
from hostbridge.fleet.roster import EngineRoster, Update
from hostbridge.fleet.shown import ShownNames
from hostbridge.host.sockets import ListeningSocket
from hostbridge.metrics.measures import Measures
from hostbridge.policy.judge import Judge
from hostbridge.policy.memory import Memory
from hostbridge.policy.rules import Policy
from hostbridge.questions import Questions
from hostbridge.server import Server

T = TypeVar("T")


class Listed(TypedDict):
    """A container as the bridge reports it (docs/protocol.md)."""

    id: str
    name: str
    image: str
    state: str
    labels: dict[str, str]
    created: float
    protected: bool
    node: str
    restarts: int
    memory: int
    kind: NotRequired[str]  # from here on in version 2
    health: NotRequired[str]
    service: NotRequired[str]
    faults: NotRequired[list[FaultSaid]]


class FaultSaid(TypedDict, total=False):
    """A fault of the policy, or one that a container suffers from."""

    action: str
    seconds: float
    until: float
    signal: str


class Message(TypedDict, total=False):
    """A reply or an event of the bridge; which of the keys are there depends on its type."""

    type: str
    seq: int | str
    version: int
    server: str
    backend: str
    engine: str
    state: str
    request: str
    code: str
    message: str
    id: str
    action: str
    weapons: dict[str, str | FaultSaid]
    fault: FaultSaid
    seconds: float
    until: float
    result: str
    service: str
    name: str
    reason: str
    since: float
    image: str
    ports: list[str]
    lines: list[str]
    inspect: bool
    logs: bool
    cpus: float | None
    started: float
    wound: bool
    dry_run: bool
    more: bool
    container: Listed
    containers: list[Listed]


class AuditLine(TypedDict, total=False):
    """A line of the audit log; which of the keys are there depends on its event."""

    time: str
    event: str
    kill: str
    uid: int
    gid: int
    pid: int
    id: str
    name: str
    image: str
    node: str
    request: str
    action: str
    weapon: str
    dry_run: bool
    seconds: float
    result: str
    message: str
    unlogged: int
    service: str
    probe: str
    hook: str
    state: str
    reason: str
    count: int


def eventually(what: Callable[[], T | Literal[False] | None], seconds: float = 5.0) -> T:
    """The first true value that `what` returns."""
    deadline = time.monotonic() + seconds
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


class InThread:
    """Something that serves a socket in a thread of its own while the `with` block lasts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._thread = threading.Thread(target=lambda: asyncio.run(self._begin()))

    def __enter__(self) -> Self:
        self._listening = ListeningSocket(self.path)
        self._ready = threading.Event()
        self._thread.start()
        assert self._ready.wait(5)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        self._listening.close()
        assert not self._thread.is_alive()

    async def _begin(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        await self._serve()

    async def _serve(self) -> None:
        """Set `_ready`, and serve until `_stop`."""
        raise NotImplementedError

    def connect(self) -> socket.socket:
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.settimeout(10)
        while True:
            try:
                client.connect(str(self.path))
            except BlockingIOError:  # the backlog is full
                time.sleep(0.01)
            else:
                return client


class Bridge(InThread):
    """A whole bridge, except its command line."""

    def __init__(
        self,
        folder: Path,
        backend: Backend,
        policy: Policy | None = None,
        limits: ClientLimits | None = None,
        access: Access | None = None,
        measures: Measures | None = None,
        resync_seconds: float = RESYNC_SECONDS,
        memory: Memory | None = None,
    ) -> None:
        super().__init__(folder / "bridge.sock")
        self.audit_path = folder / "audit.jsonl"
        self.undo_path = folder / "undo.json"
        self.backend = backend
        self.policy = policy or Policy()
        self.audit = Audit(str(self.audit_path))
        self._limits, self._access = limits, access
        self._measures = measures
        self._resync = resync_seconds
        self._memory = memory

    async def _serve(self) -> None:
        judge = Judge(self.policy, self._memory)
        self.roster = EngineRoster(judge, (lambda ids: self.feed.touch(ids)) if self.backend.tells_ends else None)
        self.feed = Feed(self.backend, self._tell, self._resync, lambda each: not judge.judge(each).protected)
        tell = tell_of_faults(self._loop, self.roster, self.feed)
        self.healer = Healer(self.backend, Journal(self.undo_path), self.audit, **tell)
        self.recovery = Recovery(
            *(self.roster, self.audit, self._measures or Measures(), self.policy.recovery_seconds),
            **how_to_follow(self.backend, self.feed),
        )
        self.roster.look = self.recovery.look
        self.executioner = Executioner(
            *(self.backend, self.roster, judge, self.audit, self._measures, self.feed.touch, self.healer), self.recovery
        )
        self.feed.start()
        self.healer.start()
        measures = self._measures or Measures()
        questions = Questions(self.backend, self.roster, judge, self.audit)
        self.services = Services(
            self.roster,
            self.executioner,
            judge,
            "test",
            questions,
            ShownNames(self.roster, self.backend.reuses_ids),
            measures,
        )
        self.server = Server(self._listening, self.services, self._limits, self._access)
        await asyncio.wait_for(self.roster.known.wait(), 5)
        self._ready.set()
        await self.server.serve(self._stop)
        self.backend.close()
        await asyncio.to_thread(self.executioner.close)
        await asyncio.to_thread(self.recovery.close)
        await asyncio.to_thread(questions.close)
        await asyncio.to_thread(self.healer.close, 5.0)

    def _tell(self, update: Update) -> None:
        self._loop.call_soon_threadsafe(self.roster.apply, update)

    def ask(self, data: bytes, half_close: bool = False) -> bytes:
        """Send `data` on a connection of its own; everything that comes until the bridge closes it."""
        with self.connect() as client:
            client.sendall(data)
            if half_close:
                client.shutdown(socket.SHUT_WR)
            return read_all(client)

    def names(self) -> list[str]:
        return self.ask(b"list\n").decode().split()

    @contextmanager
    def talk(self) -> Iterator[Talk]:
        with self.connect() as client:
            talk = Talk(client)
            try:
                yield talk
            finally:
                talk.close()

    def audited(self) -> list[AuditLine]:
        return audit_lines(self.audit_path)


def audit_lines(path: Path) -> list[AuditLine]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def read_all(client: socket.socket) -> bytes:
    chunks = []
    while chunk := client.recv(65536):
        chunks.append(chunk)
    return b"".join(chunks)


class Talk:
    """A JSON conversation."""

    def __init__(self, client: socket.socket) -> None:
        self.socket = client
        self._file = client.makefile("rb")

    def send(self, **message: object) -> None:
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def read(self) -> Message:
        line = self._file.readline()
        assert line, "the bridge closed the connection"
        found: Message = json.loads(line)
        return found

    def ask(self, **message: object) -> Message:
        self.send(**message)
        return self.read()

    def closed(self) -> bool:
        return self._file.readline() == b""

    def close(self) -> None:
        """Close the connection: a socket stays open as long as a file made of it does."""
        self._file.close()
        self.socket.close()


@contextmanager
def listening(path: Path, answer: Callable[[socket.socket], None]) -> Iterator[None]:
    """Something that answers one connection."""

    def serve() -> None:
        with suppress(OSError), server.accept()[0] as connection:
            connection.settimeout(10)
            answer(connection)
            # hear the client out: closing earlier would cut off what it is still sending
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(path))
        server.listen()
        server.settimeout(10)
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield
        thread.join(10)
