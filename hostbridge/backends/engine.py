"""A Docker engine's API, as far as the bridge uses it: thin calls that return JSON or raise RequestError.

A filtering proxy in front of the engine's socket needs to let through only this (without the ``/v1.NN`` prefix):

    GET    version, containers/json, events
    GET    containers/{64 hex}/json, images/{sha256:64 hex}/json    what rules and shared namespaces are judged by
    GET    containers/{64 hex}/stats                                --details, and players' questions
    GET    containers/{64 hex}/logs                                 only where the policy lets logs out
    DELETE containers/{64 hex}
    POST   containers/{64 hex}/(stop|kill|restart|pause|unpause|update)
    POST   networks/{64 hex}/(disconnect|connect)                   only for ``disconnect``

and for ``--backend swarm`` GET info, services, nodes, tasks and POST services/{id}/update.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from hostbridge import parsing
from hostbridge.backends import http
from hostbridge.backends.endpoint import Endpoint
from hostbridge.backends.http import EngineProtocolError, Exchange
from hostbridge.backends.trouble import explain, first_line
from hostbridge.model import Code, RequestError, SetupError
from hostbridge.parsing import ParseError

LOOK_SECONDS: Final = 10.0
"""Seconds for a read; an engine that takes longer counts as hung."""
ACT_SECONDS: Final = 15.0
"""Seconds for a change: a stop alone waits 5 seconds."""
MAX_LIST: Final = 64 * 1024 * 1024
MAX_ANSWER: Final = 8 * 1024 * 1024

_VERSION: Final = re.compile(r"[0-9]{1,2}\.[0-9]{1,3}", re.ASCII)

Query = Mapping[str, object]


class Engine:
    """One engine. All methods may be called from any thread, and take a bounded time."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._lock = threading.Lock()
        self._prefix = ""  # the newest version of the API that the engine speaks, once it is known
        self._streams: set[Exchange] = set()

    def get(self, path: str, query: Query | None = None, limit: int = MAX_ANSWER) -> Any:
        """GET a path and return its JSON, or None for an answer without a body. Raises RequestError."""
        return self._json("GET", path, query, LOOK_SECONDS, limit)

    def read(self, path: str, query: Query | None = None, limit: int = MAX_ANSWER) -> bytes:
        """Ask for something that is no JSON. Raises RequestError."""
        return self._request("GET", path, query, LOOK_SECONDS, limit)

    def post(self, path: str, query: Query | None = None, body: object = None) -> None:
        """POST to a path. Raises RequestError."""
        self._request("POST", path, query, ACT_SECONDS, MAX_ANSWER, body)

    def delete(self, path: str, query: Query | None = None) -> None:
        """DELETE a path. Raises RequestError."""
        self._request("DELETE", path, query, ACT_SECONDS, MAX_ANSWER)

    def events(self, kind: str) -> Iterator[Any]:
        """Yield None once the stream is open, then each event of this kind; None also for one that is not JSON.

        Raises RequestError, also at the end of the stream.
        """
        with self.errors():
            target = f"{self._version()}/events?{_encoded({'filters': {'type': [kind]}})}"
            stream = Exchange(self.endpoint, LOOK_SECONDS)
            try:
                with self._lock:
                    self._streams.add(stream)
                stream.send("GET", target)
                status = stream.status()
                if status != 200:
                    raise _error(status, stream.beginning(http.MAX_ERROR))
                yield None
                for line in stream.lines():
                    yield _event(line)
            finally:
                with self._lock:
                    self._streams.discard(stream)
                stream.close()
        raise RequestError(Code.ENGINE_DOWN, "the engine closed its event stream")

    def close(self) -> None:
        """End all event streams."""
        with self._lock:
            for stream in self._streams:
                stream.interrupt()

    @contextlib.contextmanager
    def errors(self) -> Iterator[None]:
        """Turn any error between the engine and us into a RequestError."""
        try:
            yield
        except (OSError, EngineProtocolError) as error:
            self._forget_version()
            what, remedy = explain(error, self.endpoint)
            raise RequestError(Code.ENGINE_DOWN, f"the engine does not answer: {what}", remedy) from error
        except SetupError as error:  # certificates that have become unreadable
            raise RequestError(Code.ENGINE_DOWN, str(error)) from error
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
            self._forget_version()
            text = f"the engine's answer makes no sense: {type(error).__name__}: {first_line(error)}"
            raise RequestError(Code.ENGINE_DOWN, text) from error

    def _json(self, method: str, path: str, query: Query | None, seconds: float, limit: int) -> Any:
        with self.errors():
            body = self._request(method, path, query, seconds, limit)
            return parsing.json_value(body) if body else None

    def _request(
        self, method: str, path: str, query: Query | None, seconds: float, limit: int, body: object = None
    ) -> bytes:
        with self.errors():
            target = f"{self._version()}/{path}" + (f"?{_encoded(query)}" if query else "")
            data = json.dumps(body).encode("ascii") if body is not None else None
            answer = http.request(self.endpoint, method, target, seconds, limit, data)
        if not _is_success(answer.status):
            raise _error(answer.status, answer.body)
        return answer.body

    def _version(self) -> str:
        """The prefix of every path. Fetched once, and again after every error: the engine may have been replaced."""
        prefix = self._prefix
        if not prefix:
            answer = http.request(self.endpoint, "GET", "/version", LOOK_SECONDS, MAX_ANSWER)
            if not _is_success(answer.status):
                raise _error(answer.status, answer.body)
            version = parsing.json_object(answer.body)["ApiVersion"]
            if not isinstance(version, str) or not _VERSION.fullmatch(version):
                raise ValueError("not an API version")
            prefix = self._prefix = f"/v{version}"
        return prefix

    def _forget_version(self) -> None:
        self._prefix = ""


def _encoded(query: Query) -> str:
    return urlencode({key: json.dumps(value) if isinstance(value, dict) else value for key, value in query.items()})


def _event(line: bytes) -> Any:
    try:
        return parsing.json_value(line)
    except ParseError:
        return None


def _is_success(status: int) -> bool:
    """Whether the engine has done it, or (304) found it done. A redirection is none: nothing follows it."""
    return 200 <= status < 300 or status == 304


def _error(status: int, body: bytes) -> RequestError:
    try:
        text = str(parsing.json_object(body)["message"])
    except (ParseError, LookupError):
        text = body.decode("utf-8", "replace").strip()
    text = text or f"the engine says {status}"
    if status == 404:
        return RequestError(Code.NOT_FOUND, "no such container")
    if status == 409:
        return RequestError(Code.CONFLICT, text)
    if status in (401, 403):
        return RequestError(Code.DENIED, text)
    if status in (502, 503, 504):
        return RequestError(Code.ENGINE_DOWN, text)
    return RequestError(Code.FAILED, text)
