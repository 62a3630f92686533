"""Docker, and anything that speaks its API (Podman's compatible socket), through the docker SDK.

Listing is one sparse call: the SDK's ordinary listing inspects every container, costs ten times as much and fails when
one vanishes meanwhile. The engine is found as the docker command finds it: DOCKER_HOST, else the usual socket.
"""

from __future__ import annotations

import contextlib
import math
import os
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Final

import docker
import requests
import urllib3
from docker.errors import APIError, DockerException, NotFound

from hostbridge.backends.base import ALL, Backend
from hostbridge.backends.restarts import Restarts
from hostbridge.backends.trouble import explain, first_line
from hostbridge.model import LISTED_STATES, SERVICE_LABEL, Action, Code, Container, RequestError

TIMEOUT_SECONDS: Final = 30
LIST_SECONDS: Final = 10
"""An engine that does not even list is taken for hung after this long."""
STOP_SECONDS: Final = 5
SERVICE_LABELS: Final = (SERVICE_LABEL, "com.docker.swarm.service.name")
WOUNDED_CPU_SHARES: Final = 128  # the engine's default is 1024

_ID: Final = re.compile(r"[0-9a-f]{64}")
_QUIET_EVENTS: Final = ("exec_", "health_status", "top", "attach", "resize", "copy", "export", "archive")


class Engine:
    """A connection to one engine. SDK clients are not made for threads, so each thread has its own."""

    def __init__(self, host: str = "") -> None:
        self._host = host
        self._local = threading.local()

    def connect(self) -> docker.DockerClient:
        """A client of its own, for a stream that keeps its connection busy."""
        if self._host:
            return docker.DockerClient(base_url=self._host, timeout=LIST_SECONDS, version="auto")
        return docker.from_env(timeout=LIST_SECONDS, version="auto")

    def client(self) -> docker.DockerClient:
        """This thread's client."""
        client: docker.DockerClient | None = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = self.connect()
        return client

    def api(self, patience: int = TIMEOUT_SECONDS) -> Any:
        """This thread's low-level client, which waits this many seconds for an answer from now on."""
        api = self.client().api
        api.timeout = patience
        return api

    @contextlib.contextmanager
    def errors(self) -> Iterator[None]:
        """Turn whatever the SDK raises into a RequestError."""
        try:
            yield
        except NotFound as error:
            raise RequestError(Code.NOT_FOUND, "no such container") from error
        except APIError as error:
            raise RequestError(*_meaning(error)) from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, DockerException, OSError) as error:
            self._local.client = None
            raise RequestError(Code.ENGINE_DOWN, self._trouble(error)) from error
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
            self._local.client = None
            text = f"the engine does not answer as it should: {type(error).__name__}: {first_line(error)}"
            raise RequestError(Code.ENGINE_DOWN, text) from error

    def _trouble(self, error: Exception) -> str:
        return ": ".join(filter(None, ("the engine does not answer", *explain(error, self._host))))


class DockerBackend(Backend):
    """A Docker engine, or Podman's compatible socket."""

    name: ClassVar[str] = "docker"
    can_wound = True

    def __init__(self, host: str = "", details: bool = False) -> None:
        """With `details`, memory use and the engine's own restart counts, for two calls when a container appears."""
        super().__init__()
        self._engine = Engine(host)
        self._stream: Any = None
        self._restarts = Restarts()
        self._details: dict[str, tuple[int, int]] | None = {} if details else None

    def list(self) -> Sequence[Container]:
        """Running and paused containers."""
        return self._query({})

    def look(self, ids: Iterable[str]) -> Sequence[Container]:
        """The same for some IDs, whatever their state."""
        ids = list(ids)
        if self._details is not None:
            for each in ids:
                self._details.pop(each, None)
        return self._query({"id": ids}, stopped=True)

    def act(self, container: Container, action: Action) -> None:
        """One engine call, by full ID."""
        with self._engine.errors():
            api = self._engine.api()
            if action is Action.REMOVE:
                api.remove_container(container.id, force=True)
            elif action is Action.STOP:
                api.stop(container.id, timeout=STOP_SECONDS)
            elif action is Action.KILL:
                api.kill(container.id)
            elif action is Action.RESTART:
                api.restart(container.id, timeout=STOP_SECONDS)
            elif action is Action.PAUSE:
                api.pause(container.id)

    def wound(self, container: Container) -> None:
        """Lower its CPU shares."""
        with self._engine.errors():
            self._engine.api().update_container(container.id, cpu_shares=WOUNDED_CPU_SHARES)

    def changes(self) -> Iterator[frozenset[str]]:
        """The engine's event stream."""
        with self._engine.errors():
            self._stream = self._engine.connect().api.events(decode=True, filters={"type": "container"})
            yield ALL
            for event in self._stream:
                action, container_id = _read_event(event)
                if not container_id:
                    yield ALL
                elif not action.startswith(_QUIET_EVENTS):
                    self._restarts.heard(action, container_id)
                    yield frozenset({container_id})
            if not self.stopping.is_set():
                raise RequestError(Code.ENGINE_DOWN, "the engine closed its event stream")

    def close(self) -> None:
        """End the event stream."""
        super().close()
        if self._stream is not None:
            with contextlib.suppress(Exception):  # it may be in any state; the process is about to end anyway
                self._stream.close()

    def _query(self, filters: dict[str, Any], stopped: bool = False) -> Sequence[Container]:
        with self._engine.errors():
            found = self._engine.api(LIST_SECONDS).containers(all=stopped, filters=filters)
            if not isinstance(found, list):
                raise TypeError("a list of containers that is none")
            return [self._with_details(container_of(each)) for each in found]

    def _with_details(self, container: Container) -> Container:
        restarts = self._restarts.of(container.id)
        if restarts:
            container = replace(container, restarts=restarts)
        if self._details is None or container.state not in LISTED_STATES:
            return container
        known = self._details.get(container.id)
        if known is None:
            known = self._details[container.id] = self._ask_details(container.id)
        return replace(container, memory=known[0], restarts=max(restarts, known[1]))

    def _ask_details(self, container_id: str) -> tuple[int, int]:
        """Bytes of memory in use, and how often the engine has restarted it; zeros when it is gone meanwhile."""
        api = self._engine.api()
        try:
            restarts = int(api.inspect_container(container_id).get("RestartCount") or 0)
            usage = api.stats(container_id, stream=False, one_shot=True).get("memory_stats") or {}
            return int(usage.get("usage") or 0), restarts
        except APIError:
            return 0, 0


class PodmanBackend(DockerBackend):
    """Podman, at its usual socket when neither an address nor DOCKER_HOST says otherwise."""

    name: ClassVar[str] = "podman"

    def __init__(self, host: str = "", details: bool = False) -> None:
        super().__init__(host or os.environ.get("DOCKER_HOST") or _podman_socket(), details)


def _podman_socket() -> str:
    runtime = os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}")
    own = Path(runtime) / "podman" / "podman.sock"
    return f"unix://{own}" if own.exists() and os.getuid() else "unix:///run/podman/podman.sock"


def container_of(summary: dict[str, Any]) -> Container:
    """A container from one entry of the engine's list (``GET /containers/json``).

    Raises what Python raises when the entry is not like that: see `Engine.errors`.
    """
    identity = summary["Id"]
    if not _ID.fullmatch(identity):
        raise ValueError(f"{str(identity)[:80]!r} is no container's ID")
    created = float(summary.get("Created") or 0)
    if not math.isfinite(created):
        raise ValueError("a time that is none")
    names = [str(name).lstrip("/") for name in summary.get("Names") or ()]
    own = [name for name in names if "/" not in name]  # the others are links: "/user/alias"
    labels = {str(key): str(value) for key, value in (summary.get("Labels") or {}).items()}
    return Container(
        id=identity,
        name=(own or names or [identity[:12]])[0],
        image=str(summary.get("Image", "")),
        state=str(summary.get("State", "")),
        created=created,
        labels=labels,
        service=next((labels[key] for key in SERVICE_LABELS if key in labels), ""),
    )


def _read_event(event: Any) -> tuple[str, str]:
    """What happened, and to which container; empty when it cannot be told."""
    try:
        action = str(event.get("Action") or event.get("status") or "")
        identity = event.get("id") or event["Actor"]["ID"]
    except (AttributeError, LookupError, TypeError):
        return "", ""
    return (action, identity) if isinstance(identity, str) and _ID.fullmatch(identity) else ("", "")


def _meaning(error: APIError) -> tuple[Code, str]:
    status = error.status_code or 0
    text = str(error.explanation or error)
    if status == 409:
        return Code.CONFLICT, text
    if status in (401, 403):
        return Code.DENIED, text
    if status in (502, 503, 504):
        return Code.ENGINE_DOWN, text
    return Code.FAILED, text
