"""What a client's requests mean: each is answered from memory, or starts a task that answers later.

Knows neither bytes nor sockets nor time-outs: those belong to `Connection`, which is the `Outlet` here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Final, Protocol

from hostbridge import __version__
from hostbridge.fault import Fault
from hostbridge.faults.budget import Bucket
from hostbridge.faults.executioner import Executioner
from hostbridge.fleet.roster import EngineRoster
from hostbridge.fleet.shown import ShownNames
from hostbridge.metrics.measures import Measures
from hostbridge.model import Code, Peer, RequestError
from hostbridge.policy.judge import Judge
from hostbridge.protocol import replies
from hostbridge.protocol.decoder import VERSION
from hostbridge.protocol.requests import (
    HelloRequest,
    InspectRequest,
    KillRequest,
    ListRequest,
    Malformed,
    PingRequest,
    Question,
    Request,
    TextKill,
    TextList,
    TextUnknown,
    WatchRequest,
    WoundRequest,
)
from hostbridge.questions import A_MINUTE, AT_ONCE, Questions

MAX_TASKS: Final = 64  # kills and wounds in progress, per connection

log = logging.getLogger("hostbridge")


@dataclass(frozen=True, slots=True)
class Services:
    """What all conversations share: the bridge behind its socket."""

    roster: EngineRoster
    executioner: Executioner
    judge: Judge
    backend_name: str
    questions: Questions
    shown: ShownNames
    measures: Measures


class Outlet(Protocol):
    """Where answers go."""

    def write(self, *lines: bytes) -> None:
        """Send the answer to a request."""

    def push(self, line: bytes) -> None:
        """Send an event; drops a client that watches but does not read."""

    def settled(self) -> None:
        """Called after each task that has ended."""


class Conversation:
    """One client's requests, in order."""

    def __init__(self, services: Services, peer: Peer, outlet: Outlet) -> None:
        self.watching = False
        self._version = 1
        self._asking = False
        self._questions = Bucket(A_MINUTE, most=AT_ONCE)
        self._services = services
        self._peer = peer
        self._outlet = outlet
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def busy(self) -> bool:
        """Whether kills or wounds are in progress."""
        return bool(self._tasks)

    def answer(self, request: Request) -> bool:
        """Answer, or start the task that answers; return whether the conversation goes on."""
        if isinstance(request, TextList):
            self._outlet.write(self._services.shown.show(self._peer))
            return False
        if isinstance(request, TextKill):
            self._text_kill(request.name)
            return False
        if isinstance(request, TextUnknown):
            return False
        if isinstance(request, HelloRequest):
            self._hello(request)
        elif isinstance(request, ListRequest):
            self._outlet.write(*self._services.roster.pages("list", request.seq, self._version))
        elif isinstance(request, WatchRequest):
            self._watch(request)
        elif isinstance(request, KillRequest):
            self._start(request, self._kill(request))
        elif isinstance(request, WoundRequest):
            self._start(request, self._wound(request))
        elif isinstance(request, Question):
            self._ask(request)
        elif isinstance(request, PingRequest):
            self._outlet.write(replies.reply("pong", request.seq))
        else:
            return self._malformed(request)
        return True

    def stop_watching(self) -> None:
        """Send no more events. Tasks in progress go on."""
        self._services.roster.unsubscribe(self._outlet.push)

    def _hello(self, request: HelloRequest) -> None:
        if request.version < 1:
            message = f"this bridge speaks version {VERSION}"
            self._outlet.write(replies.error(request.seq, "hello", Code.VERSION, message))
            return
        self._version = min(VERSION, request.version)
        policy = self._services.judge.policy
        said: dict[str, object] = {
            "version": self._version,
            "server": f"pydoom-hostbridge/{__version__}",
            "backend": self._services.backend_name,
            "engine": self._services.roster.engine,
            "dry_run": policy.dry_run,
            "action": policy.fault.action,
            "weapons": {weapon: fault.action for weapon, fault in policy.weapons.items()},
            "wound": policy.wound,
        }
        if self._version >= 2:
            said["fault"] = _fault_json(policy.fault)
            said["weapons"] = {weapon: _fault_json(fault) for weapon, fault in policy.weapons.items()}
            said["inspect"] = self._services.questions.may_inspect
            said["logs"] = self._services.questions.may_read_logs
        self._outlet.write(replies.reply("hello", request.seq, **said))

    def _watch(self, request: WatchRequest) -> None:
        self.watching = True
        self.stop_watching()
        roster = self._services.roster
        self._outlet.write(*roster.pages("snapshot", request.seq, self._version), *roster.probe_lines(self._version))
        roster.subscribe(self._outlet.push, self._version)

    def _malformed(self, request: Malformed) -> bool:
        self._outlet.write(replies.error(request.seq, "", request.code, request.message))
        return not request.fatal

    def _text_kill(self, name: str) -> None:
        container_id = self._services.shown.target(self._peer, name)
        if container_id:
            self._spawn(self._kill_quietly(container_id))

    def _ask(self, request: Question) -> None:
        """Begin to answer a question to the engine, if there is no other one."""
        if self._asking:
            message = "another question of this connection is not answered yet"
            self._refuse(request, RequestError(Code.RATE_LIMITED, message))
            return
        self._asking = True
        self._spawn(self._answer_question(request))

    async def _answer_question(self, request: Question) -> None:
        questions = self._services.questions
        try:
            if isinstance(request, InspectRequest):
                found = await questions.inspect(self._peer, self._questions, request.id)
            else:
                found = {"lines": await questions.logs(self._peer, self._questions, request.id)}
        except RequestError as error:
            self._refuse(request, error)
        else:
            self._outlet.write(replies.reply(request.kind, request.seq, id=request.id, **found))
        finally:
            self._asking = False

    def _start(self, request: KillRequest | WoundRequest, work: Coroutine[Any, Any, None]) -> None:
        if len(self._tasks) < MAX_TASKS:
            self._spawn(work)
            return
        work.close()
        message = "too many kills in progress on this connection"
        self._refuse(request, RequestError(Code.RATE_LIMITED, message))

    async def _kill(self, request: KillRequest) -> None:
        try:
            fault = await self._services.executioner.kill(
                self._peer, request.id, request.weapon, request.wish, request.seconds
            )
        except RequestError as error:
            self._refuse(request, error)
        else:
            said: dict[str, object] = {"request": "kill", "id": request.id, "action": fault.action}
            said["dry_run"] = self._services.judge.policy.dry_run
            if self._version >= 2:
                said["fault"] = _fault_json(fault)
            self._outlet.write(replies.reply("ok", request.seq, **said))

    async def _wound(self, request: WoundRequest) -> None:
        try:
            await self._services.executioner.wound(self._peer, request.id, request.weapon)
        except RequestError as error:
            self._refuse(request, error)
        else:
            self._outlet.write(replies.reply("ok", request.seq, request="wound", id=request.id))

    async def _kill_quietly(self, container_id: str) -> None:
        try:
            await self._services.executioner.kill(self._peer, container_id, "")
        except RequestError as error:
            log.info("text kill of %s: %s", container_id[:12], error.message)

    def _refuse(self, request: KillRequest | WoundRequest | Question, error: RequestError) -> None:
        self._outlet.write(replies.error(request.seq, request.kind, error.code, error.message, id=request.id[:128]))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a request failed", exc_info=task.exception())
        self._outlet.settled()


def _fault_json(fault: Fault) -> dict[str, object]:
    """A fault as clients of version 2 see it."""
    said: dict[str, object] = {"action": fault.action, "seconds": fault.seconds}
    return said | ({"signal": fault.signal} if fault.signal else {})
