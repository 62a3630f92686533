"""The part of the Kubernetes API that the bridge uses: list, watch and delete pods, and look up namespaces.

    GET    /api/v1[/namespaces/NAMESPACE]/pods      list, watch, and the last look at one (a field selector)
    DELETE /api/v1/namespaces/NAMESPACE/pods/NAME
    GET    /api/v1/namespaces/NAMESPACE             whether it exists, when it has no pods

Every answer has a deadline and a maximum size, see `http`. Errors about permissions name the missing rights.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from hostbridge import parsing
from hostbridge.backends import http
from hostbridge.backends.http import EngineProtocolError, Exchange
from hostbridge.backends.kubeconfig import Cluster, account_namespace
from hostbridge.backends.trouble import explain, first_line
from hostbridge.model import Code, RequestError
from hostbridge.parsing import ParseError

LOOK_SECONDS: Final = 10.0
"""Time limit for one answer of the API server."""
ACT_SECONDS: Final = 15.0
LIST_SECONDS: Final = 60.0
"""Time limit for all pages of a list together."""
WATCH_SECONDS: Final = 300
"""How long one watch lasts before it is restarted."""
PAGE: Final = 500
"""Pods per page: all of a large cluster at once is too much for either side."""
MAX_PAGE: Final = 128 * 1024 * 1024
MAX_ANSWER: Final = 8 * 1024 * 1024
MAX_EVENT: Final = 8 * 1024 * 1024
"""Longest event in bytes: it contains the whole pod, and etcd stores no larger ones."""
MAX_PODS: Final = 200_000
"""More than the largest clusters have."""
MAX_TOKEN: Final = 16 * 1024
BOOKMARK: Final = "BOOKMARK"
"""Type of an event that only carries the current version."""
GONE: Final = 410
"""HTTP status for a resource version or a continue token that the server has forgotten."""

_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_ROOT: Final = "/api/v1"
_RBAC: Final = "docs/kubernetes-rbac.yaml grants them"

T = TypeVar("T")
Query = Mapping[str, object]


class Expired(Exception):
    """The server no longer knows the version that a watch starts from."""


class _ErrorAnswer(Exception):
    """The server's answer is an error."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(status)
        self.status = status
        self.text = f"{status}{_reason(body)}"


class Api:
    """One cluster. All methods may be called from any thread, and take a bounded time."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._lock = threading.Lock()
        self._streams: set[Exchange] = set()
        self._closed = False

    def pods(self, namespace: str, query: Query, read: Callable[[Any], T]) -> tuple[str, list[T]]:
        """Version of the list of a namespace's pods (of all namespaces when empty), and `read` of each pod.

        Raises RequestError, also when `read` fails.
        """
        with self._errors("list", namespace):
            try:
                return self._pages(namespace, query, read)
            except _ErrorAnswer as refused:
                if refused.status != GONE:
                    raise
            return self._pages(namespace, query, read)  # the list grew too old between its pages

    def version(self, namespace: str, query: Query) -> str:
        """Current version of the list of pods. Raises RequestError."""
        with self._errors("list", namespace):
            return _version_of(self._get(_pods(namespace), {**query, "limit": 1}))

    def exists(self, namespace: str) -> bool | None:
        """Whether the namespace exists; None when we lack the right to ask. Raises RequestError."""
        with self._errors("get", namespace):
            try:
                self._get(f"{_ROOT}/namespaces/{_checked(namespace)}", {})
            except _ErrorAnswer as refused:
                if refused.status in (401, 403, 404):
                    return False if refused.status == 404 else None
                raise
        return True

    def watch(
        self, namespace: str, query: Query, version: str, read: Callable[[Any], T]
    ) -> Iterator[tuple[str, T | str]]:
        """Events after `version`: their types, and `read` of the pods. Ends after a while.

        A bookmark comes with its version instead of a pod.

        Raises Expired when the server no longer knows that version, or RequestError.
        """
        asked = {"watch": "true", "allowWatchBookmarks": "true", "timeoutSeconds": WATCH_SECONDS}
        target = self._target(_pods(namespace), {**query, **asked, "resourceVersion": version})
        with self._errors("watch", namespace), self._stream() as stream:
            stream.send("GET", target, more=self._headers())
            status = stream.status()
            if status != 200:
                raise Expired if status == GONE else _ErrorAnswer(status, stream.beginning(http.MAX_ERROR))
            try:
                for line in stream.lines(WATCH_SECONDS + LOOK_SECONDS, MAX_EVENT):
                    if line.strip():
                        kind, thing = _read_event(line)
                        yield kind, _version_of(thing) if kind == BOOKMARK else read(thing)
            except TimeoutError:
                return  # the server did not end it in time: the caller restarts it

    def delete(self, namespace: str, name: str, options: Mapping[str, object]) -> None:
        """Have a pod deleted. Raises RequestError."""
        with self._errors("delete", namespace):
            target = self._target(f"{_pods(namespace)}/{_checked(name)}", {})
            self._ask("DELETE", target, ACT_SECONDS, MAX_ANSWER, json.dumps(options).encode("ascii"))

    def interrupt(self) -> None:
        """End the running watches."""
        with self._lock:
            for stream in self._streams:
                stream.interrupt()

    def close(self) -> None:
        """End all watches, and begin no more."""
        self._closed = True
        self.interrupt()

    @contextlib.contextmanager
    def _stream(self) -> Iterator[Exchange]:
        stream = Exchange(self.cluster, LOOK_SECONDS)
        try:
            with self._lock:
                self._streams.add(stream)
            if self._closed:
                raise EngineProtocolError("the bridge is stopping")
            yield stream
        finally:
            with self._lock:
                self._streams.discard(stream)
            stream.close()

    def _pages(self, namespace: str, query: Query, read: Callable[[Any], T]) -> tuple[str, list[T]]:
        deadline = time.monotonic() + LIST_SECONDS
        found: list[T] = []
        more: dict[str, object] = {}
        while True:
            page = self._get(_pods(namespace), {**query, "limit": PAGE, **more})
            found += map(read, page.get("items") or ())
            token = page["metadata"].get("continue")
            if not token:
                return _version_of(page), found
            if len(found) > MAX_PODS or len(str(token)) > MAX_TOKEN:
                raise EngineProtocolError(f"the list has more than {MAX_PODS} pods")
            if time.monotonic() > deadline:
                raise TimeoutError("timed out")
            more = {"continue": token}

    def _get(self, path: str, query: Query) -> dict[str, Any]:
        return parsing.json_object(self._ask("GET", self._target(path, query), LOOK_SECONDS, MAX_PAGE))

    def _ask(self, method: str, target: str, seconds: float, limit: int, body: bytes | None = None) -> bytes:
        answer = http.request(self.cluster, method, target, seconds, limit, body, self._headers())
        if answer.status >= 300:
            raise _ErrorAnswer(answer.status, answer.body)
        return answer.body

    def _target(self, path: str, query: Query) -> str:
        return f"{self.cluster.root}{path}" + (f"?{urlencode(query)}" if query else "")

    def _headers(self) -> Sequence[tuple[str, str]]:
        found = [("Accept", "application/json")]
        try:
            who = self.cluster.authorization()
        except Exception as error:  # login programs and libraries raise what they like
            raise EngineProtocolError(f"cannot log in: {first_line(error)}") from error
        return [*found, ("Authorization", who)] if who else found

    @contextlib.contextmanager
    def _errors(self, verb: str, namespace: str) -> Iterator[None]:
        """Turn every failure of a request into a RequestError."""
        try:
            yield
        except _ErrorAnswer as refused:
            raise _meaning(refused, verb, namespace) from refused
        except (OSError, EngineProtocolError) as error:
            what, _ = explain(error, self.cluster)
            raise RequestError(Code.ENGINE_DOWN, f"the API server does not answer: {what}") from error
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
            text = f"the API server does not answer as it should: {type(error).__name__}: {first_line(error)}"
            raise RequestError(Code.ENGINE_DOWN, text) from error


def _pods(namespace: str) -> str:
    return f"{_ROOT}/namespaces/{_checked(namespace)}/pods" if namespace else f"{_ROOT}/pods"


def _checked(name: str) -> str:
    """Return `name` if it is a valid name: nothing else may become part of a path. Raises ValueError."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name[:80]!r} is not a valid name")
    return name


def _version_of(page: Mapping[str, Any]) -> str:
    return str(page["metadata"]["resourceVersion"])


def _read_event(line: bytes) -> tuple[str, Any]:
    """Type and pod of one line of a watch. Raises Expired, or ParseError, LookupError or TypeError."""
    event = parsing.json_object(line)
    kind, thing = str(event["type"]), event["object"]
    if kind != "ERROR":
        return kind, thing
    if thing.get("code") == GONE:
        raise Expired
    raise _ErrorAnswer(int(thing.get("code") or 500), json.dumps(thing).encode("ascii"))


def _reason(body: bytes) -> str:
    """What the body says about an error, with a colon in front; empty when it says nothing."""
    try:
        text = str(parsing.json_object(body)["message"])
    except (ParseError, LookupError):
        return ""
    return f": {text}" if text else ""


def _meaning(refused: _ErrorAnswer, verb: str, namespace: str) -> RequestError:
    status = refused.status
    if status in (401, 403):
        return _forbidden(refused, verb, namespace)
    if status == 404 and verb == "delete":
        return RequestError(Code.NOT_FOUND, "no such pod")
    if status == 409:
        return RequestError(Code.CONFLICT, f"the pod has changed since it was judged ({refused.text})")
    code = Code.ENGINE_DOWN if status in (GONE, 429, 500, 502, 503, 504) or verb != "delete" else Code.FAILED
    return RequestError(code, f"the API server says {refused.text}")


def _forbidden(refused: _ErrorAnswer, verb: str, namespace: str) -> RequestError:
    where = f"namespace {namespace}" if namespace else "all namespaces"
    what = f"may not {verb} pods in {where} ({refused.text})"
    if refused.status == 401:
        return RequestError(Code.DENIED, what, "log in again: the API server does not accept our credentials")
    remedy = f"the bridge needs the verbs list, watch and delete on pods there: {_RBAC}"
    if not namespace:
        own = account_namespace()
        remedy = f"choose a namespace that you may use, --namespace {own or 'NAME'}, or get more rights: {remedy}"
    elif verb != "delete":
        remedy += "; or choose another with --namespace"
    return RequestError(Code.DENIED, what, remedy)
