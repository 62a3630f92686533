"""One request to one place, with a bound on everything: time, bytes, addresses. The library h11 does the HTTP.

Only the head of the answer counts; of its body as much is read as lets a usual server finish. A redirect is an answer
like any other, and is not followed; no proxy is used, and no cookie or password of the environment is sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

import h11

from hostbridge.host import ownership
from hostbridge.model import SetupError
from hostbridge.outside.addresses import Addresses, ForbiddenAddress, Lookup
from hostbridge.policy.outside import WebPlace

READ_SIZE: Final = 16 * 1024
MAX_INFORMATION: Final = 8
"""Most informational answers (status 1xx) before the final one."""

MAX_BODY: Final = 64 * 1024
BODY_SECONDS: Final = 0.5
"""How much of a body is read, and for how long, before the connection is cut off."""


class FetchError(Exception):
    """No answer. The text is a few words for the screen; `detail`, for the log, says more."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail or reason


@dataclass(frozen=True, slots=True)
class HttpQuestion:
    """A request without its place."""

    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """The status of an answer, and the time until its head had come."""

    status: int
    seconds: float


class Fetcher:
    """Makes requests to one place, each on a connection of its own."""

    def __init__(self, place: WebPlace, lookup: Lookup | None = None) -> None:
        """Raises SetupError when the place's certificates cannot be read."""
        self._place = place
        self._addresses = Addresses(place, lookup)
        self._tls = _tls_of(place)

    async def ask(self, question: HttpQuestion, seconds: float) -> HttpAnswer:
        """The answer. Raises FetchError if it has not begun within `seconds`."""
        try:
            async with asyncio.timeout(seconds) as limit:
                return await self._ask(question, limit)
        except TimeoutError:
            raise FetchError("timeout", f"no answer within {seconds:g} seconds") from None
        except ForbiddenAddress as error:
            raise FetchError("address forbidden", f"{self._place.host} has the address {error}, which the policy does "
                             "not name: give it with addresses") from None  # fmt: skip
        except ssl.SSLCertVerificationError as error:
            raise FetchError("bad certificate", error.verify_message or "bad certificate") from None
        except ssl.SSLError as error:
            raise FetchError("no tls", str(error.reason or "the TLS handshake failed")) from None
        except ConnectionRefusedError:
            raise FetchError("refused", "the connection was refused") from None
        except ConnectionError:
            raise FetchError("cut off", "the connection was cut off") from None
        except (h11.RemoteProtocolError, h11.LocalProtocolError, ValueError):
            raise FetchError("no http", "what answered does not speak HTTP") from None
        except socket.gaierror as error:
            raise FetchError("unknown host", f"{self._place.host}: {error.strerror}") from None
        except OSError as error:
            raise FetchError("unreachable", error.strerror or str(error)) from None

    async def _ask(self, question: HttpQuestion, limit: asyncio.Timeout) -> HttpAnswer:
        loop = asyncio.get_running_loop()
        began = loop.time()
        reader, writer = await self._connect()
        try:
            http = h11.Connection(h11.CLIENT)
            headers = [("Host", self._place.authority), ("User-Agent", "pydoom-hostbridge"), ("Connection", "close"),
                       *question.headers]  # fmt: skip
            if question.body:
                headers.append(("Content-Length", str(len(question.body))))
            request = h11.Request(method=question.method, target=self._place.target, headers=headers)
            for event in (request, *([h11.Data(question.body)] if question.body else []), h11.EndOfMessage()):
                writer.write(http.send(event) or b"")
            # not drained: a server may answer before it has read everything, or instead of reading it
            answer = HttpAnswer(await _head(http, reader), loop.time() - began)
            limit.reschedule(None)
            await _finish(http, reader)
            return answer
        finally:
            writer.transport.abort()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to the first allowed address that lets us. Raises OSError."""
        addresses = await self._addresses.find()
        for number, address in enumerate(addresses, 1):
            try:
                return await asyncio.open_connection(
                    address,
                    self._place.port,
                    ssl=self._tls,
                    server_hostname=self._place.host if self._tls else None,
                    limit=READ_SIZE,
                )
            except ssl.SSLError:
                raise
            except OSError:
                if number == len(addresses):
                    raise
        raise OSError("no address")


async def _head(http: h11.Connection, reader: asyncio.StreamReader) -> int:
    for _ in range(MAX_INFORMATION):
        while (event := http.next_event()) is h11.NEED_DATA:
            http.receive_data(await reader.read(READ_SIZE))
        if isinstance(event, h11.Response):
            return event.status_code
        if not isinstance(event, h11.InformationalResponse) or event.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            break
    raise h11.RemoteProtocolError("no answer")


async def _finish(http: h11.Connection, reader: asyncio.StreamReader) -> None:
    """Read a short body, so that its server can write all of it. Whatever goes wrong, the answer stands."""
    count = 0
    with contextlib.suppress(OSError, h11.RemoteProtocolError):
        async with asyncio.timeout(BODY_SECONDS):
            while count < MAX_BODY:
                event = http.next_event()
                if event is h11.NEED_DATA:
                    http.receive_data(await reader.read(READ_SIZE))
                elif isinstance(event, h11.Data):
                    count += len(event.data)
                else:
                    return


def _tls_of(place: WebPlace) -> ssl.SSLContext | None:
    if place.scheme != "https":
        return None
    try:
        if place.ca:
            ownership.check_regular(Path(place.ca))
        return ssl.create_default_context(cafile=place.ca or None)
    except (OSError, ssl.SSLError) as error:
        raise SetupError(f"cannot read the certificates in {place.ca}: {error.strerror or error}") from error
