"""A request to the engine and its answer, as a stream with a deadline for the head and a bound on the body."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any, Final

import h11

from hostbridge import parsing
from hostbridge.backends.endpoint import Endpoint
from hostbridge.backends.trouble import explain, first_line
from hostbridge.gate.errors import GateError
from hostbridge.model import SetupError

READ_SIZE: Final = 64 * 1024
CONNECT_SECONDS: Final = 5.0
HEAD_SECONDS: Final = 30.0
"""Seconds until the head of the answer: a stop waits for the container."""
BODY_SECONDS: Final = 60.0
"""Seconds for a whole answer, if it is not a stream of events."""
MAX_INFORMATION: Final = 8
"""Most informational answers (status 1xx) before the final one."""


class Cut(Exception):
    """The engine broke off, dripped or sent too much in the middle of its answer."""


class Outgoing:
    """One request on its own connection."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._http = h11.Connection(h11.CLIENT)
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, target: str, body: bytes | None) -> h11.Response:
        """Send the request; return the head of the answer. Raises GateError if none comes."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._connect()
            async with asyncio.timeout(HEAD_SECONDS):
                await self._send(method, target, body)
                return await self._head()
        except TimeoutError as error:
            raise GateError(HTTPStatus.GATEWAY_TIMEOUT, f"{self._endpoint} does not answer in time") from error
        except SetupError as error:  # certificates that have become unreadable
            raise GateError(HTTPStatus.BAD_GATEWAY, str(error)) from error
        except (OSError, h11.RemoteProtocolError) as error:
            what, remedy = explain(error, self._endpoint)
            message = ": ".join(filter(None, (f"the engine behind the gate does not answer: {what}", remedy)))
            raise GateError(HTTPStatus.BAD_GATEWAY, message) from error

    async def body(self, limit: int | None) -> AsyncIterator[bytes]:
        """The pieces of the answer's body. Raises Cut; without a limit the answer may be endless."""
        count = 0
        deadline = None if limit is None else asyncio.get_running_loop().time() + BODY_SECONDS
        try:
            while isinstance(event := await self._next_until(deadline), h11.Data):
                count += len(event.data)
                if limit is not None and count > limit:
                    raise Cut(f"an answer of more than {limit} bytes")
                yield bytes(event.data)
        except TimeoutError as error:
            raise Cut(f"an answer that is not complete after {BODY_SECONDS:.0f} seconds") from error
        except (OSError, h11.RemoteProtocolError) as error:
            raise Cut(first_line(error)) from error

    def close(self) -> None:
        """Close at once."""
        if self._writer is not None:
            self._writer.transport.abort()

    async def _connect(self) -> None:
        if self._endpoint.scheme == "unix":
            opened = await asyncio.open_unix_connection(str(self._endpoint.path), limit=READ_SIZE)
        else:
            host, port = self._endpoint.address
            tls = self._endpoint.tls()
            opened = await asyncio.open_connection(host, port, ssl=tls, limit=READ_SIZE)
        self._reader, self._writer = opened

    async def _send(self, method: str, target: str, body: bytes | None) -> None:
        assert self._writer is not None
        host = self._endpoint.address[0] if self._endpoint.scheme == "tcp" else "docker"
        headers = [("Host", host), ("User-Agent", "pydoom-hostbridge-gate"), ("Connection", "close")]
        if body is not None:
            headers += [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        elif method == "POST":
            headers.append(("Content-Length", "0"))
        request = h11.Request(method=method, target=target, headers=headers)
        for event in (request, *([h11.Data(body)] if body else []), h11.EndOfMessage()):
            self._writer.write(self._http.send(event) or b"")
        await self._writer.drain()

    async def _head(self) -> h11.Response:
        for _ in range(MAX_INFORMATION):
            event = await self._next()
            if isinstance(event, h11.Response):
                return event
            if not isinstance(event, h11.InformationalResponse) or event.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
                break
        raise h11.RemoteProtocolError("no answer")

    async def _next_until(self, deadline: float | None) -> object:
        async with asyncio.timeout_at(deadline):
            return await self._next()

    async def _next(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(await self._reader.read(READ_SIZE))
        return event


async def fetch(endpoint: Endpoint, target: str, limit: int) -> dict[str, Any]:
    """A JSON object that the gate fetches from the engine for itself. Raises GateError."""
    outgoing = Outgoing(endpoint)
    try:
        answer = await outgoing.ask("GET", target, None)
        data = b"".join([each async for each in outgoing.body(limit)])
        if answer.status_code != HTTPStatus.OK:
            raise GateError(_refusal(answer.status_code), _message(data))
        return parsing.json_object(data)
    except (Cut, parsing.ParseError) as error:
        raise GateError(HTTPStatus.BAD_GATEWAY, f"the engine does not answer as it should: {error}") from error
    finally:
        outgoing.close()


def _refusal(status: int) -> HTTPStatus:
    """The status for the client when the engine answered with this one instead of 200: its own if that is an error."""
    known = status >= HTTPStatus.BAD_REQUEST and status in HTTPStatus._value2member_map_
    return HTTPStatus(status) if known else HTTPStatus.BAD_GATEWAY


def _message(data: bytes) -> str:
    try:
        return str(parsing.json_object(data)["message"])[:1000]
    except (parsing.ParseError, LookupError):
        return "the engine says no"
