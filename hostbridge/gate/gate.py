"""The gate itself: accepts clients, looks up their requests in the table, and relays answers as they come."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from hostbridge.admission import Access
from hostbridge.backends.endpoint import Endpoint
from hostbridge.backends.engine import MAX_ANSWER
from hostbridge.gate import services
from hostbridge.gate.client import READ_SIZE, Client, Gone
from hostbridge.gate.errors import GateError
from hostbridge.gate.guard import Guard
from hostbridge.gate.outgoing import Cut, Outgoing, fetch
from hostbridge.gate.table import Passage, Table, body_for
from hostbridge.host.listener import Listener
from hostbridge.host.sockets import InheritedSocket, ListeningSocket

MAX_CONNECTIONS: Final = 64
"""Most connections at once. A bridge uses up to 25: events, listings, inspects, kills."""

_ENGINE_IS_AWAY: Final = (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)

log = logging.getLogger("hostbridge")


@dataclass(frozen=True, slots=True)
class Way:
    """Where requests go, and which are let through."""

    engine: Endpoint
    table: Table
    access: Access
    guard: Guard | None = None


class Gate:
    """Serves the gate's socket."""

    def __init__(self, listening: ListeningSocket | InheritedSocket, way: Way, places: int = MAX_CONNECTIONS) -> None:
        self._listener = Listener(listening, self._protocol)
        self._way = way
        self._places = places
        self._guests: set[asyncio.Task[None]] = set()
        self._away = False

    async def serve(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set; then every connection is cut."""
        try:
            await self._listener.serve(stop)
        finally:
            for each in tuple(self._guests):
                each.cancel()
            await asyncio.gather(*self._guests, return_exceptions=True)

    def _protocol(self) -> asyncio.StreamReaderProtocol:
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(limit=READ_SIZE), self._take_in)

    def _take_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(Client(reader, writer)))
        self._guests.add(task)
        task.add_done_callback(self._guests.discard)

    async def _serve(self, client: Client) -> None:
        try:
            await self._answer(client)
            await client.close()
        except Gone:
            return
        except Cut as cut:
            log.warning("cut off an answer of the engine: %s", cut)
        except Exception:
            log.exception("a request failed")
        finally:
            client.abort()

    async def _answer(self, client: Client) -> None:
        try:
            peer = client.peer()
        except OSError as error:
            raise Gone from error
        if not self._way.access.allows(peer):
            log.warning("refused uid %d gid %d pid %d", peer.uid, peer.gid, peer.pid)
            raise Gone
        try:
            if len(self._guests) > 2 * self._places:
                raise Gone  # even to say no takes a moment
            if len(self._guests) > self._places:
                raise GateError(HTTPStatus.SERVICE_UNAVAILABLE, "too many requests are under way at the gate")
            await self._pass_on(client)
        except GateError as error:
            if error.status in _ENGINE_IS_AWAY:
                self._engine_is_away(error.message)
            else:
                log.warning("refused uid %d pid %d: %s", peer.uid, peer.pid, error.message)
            await client.refuse(error)

    def _engine_is_away(self, why: str) -> None:
        """Log once that the engine does not answer, and once that it does again: a bridge asks every second."""
        if why and not self._away:
            log.warning("%s", why)
        elif self._away and not why:
            log.info("the engine is back")
        self._away = bool(why)

    async def _pass_on(self, client: Client) -> None:
        head = await client.head()
        passage = self._way.table.passage(head.method, head.target)
        if head.length > passage.route.max_body:
            raise GateError(HTTPStatus.FORBIDDEN, f"the gate lets no body of {head.length} bytes through there")
        body = await client.body()
        relay = asyncio.ensure_future(self._relay(client, head.method, passage, body))
        gone = asyncio.ensure_future(client.hung_up())
        try:
            await asyncio.wait({relay, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not relay.done():
                raise Gone
            await relay
        finally:
            relay.cancel()
            gone.cancel()
            await asyncio.gather(relay, gone, return_exceptions=True)

    async def _relay(self, client: Client, method: str, passage: Passage, body: bytes) -> None:
        if passage.changes:
            content: bytes | None = await self._change_of_service(passage, body)
        else:
            content = body_for(passage, body)
            if passage.route.method != "GET" and self._way.guard is not None:
                await self._way.guard.check(passage.target, content)
        outgoing = Outgoing(self._way.engine)
        try:
            answer = await outgoing.ask(method, passage.target, content)
            self._engine_is_away("")
            await client.begin(answer)
            async for piece in outgoing.body(passage.route.limit):
                await client.piece(piece)
            await client.end()
        finally:
            outgoing.close()

    async def _change_of_service(self, passage: Passage, body: bytes) -> bytes:
        path = passage.target.partition("?")[0].removesuffix("/update")
        service = await fetch(self._way.engine, f"{path}?insertDefaults=false", MAX_ANSWER)
        return services.changed(service, passage.query.get("version", ""), body, passage.changes)
