"""Kubernetes pods, through the official client: listed, watched and deleted, nothing else.

The client is found as kubectl finds it, or by the service account inside a pod. A deletion carries the pod's UID and
version as preconditions: the API server refuses it for a pod that was recreated under the same name, or has
changed (its labels, say) since it was judged. The watches' events carry the pods themselves, so a change costs
no further call.
"""

from __future__ import annotations

import contextlib
import functools
import os
import queue
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import urllib3
from kubernetes import client, config, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.config.config_exception import ConfigException

from hostbridge.backends.base import ALL, Backend
from hostbridge.model import PROJECT_LABEL, RUNNING, Code, Container, KillAction, RequestError

WATCH_SECONDS: Final = 300
TIMEOUT_SECONDS: Final = 15
GONE: Final = 410
"""HTTP status for a resource version the server has forgotten."""
PAGE: Final = 500
"""Pods per page: all of a large cluster at once is too much for either side."""
SYSTEM: Final = "kube-"
"""Namespaces with this prefix are Kubernetes' own, and are targets only when named."""
ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")


class KubernetesBackend(Backend):
    """The pods of `namespaces` (all when empty) that `selector` matches, except our own pod."""

    name: ClassVar[str] = "kubernetes"
    actions: ClassVar[frozenset[KillAction]] = frozenset({KillAction.REMOVE, KillAction.KILL})

    def __init__(self, namespaces: Sequence[str] = (), selector: str = "", host: str = "") -> None:
        super().__init__()
        self._namespaces = tuple(dict.fromkeys(namespaces))
        self._selector = {"label_selector": selector} if selector else {}
        self._host = host
        self._own_uid = os.environ.get("POD_UID", "")
        self._own_name = _own_name()
        self._lock = threading.Lock()
        self._client: Any = None
        self._pods: dict[str, Container] = {}
        self._where: dict[str, tuple[str, str, str]] = {}  # namespace, name and version by UID
        self._watches: set[Any] = set()

    def list(self) -> Sequence[Container]:
        """All pods, fetched from the API server page by page."""
        with _errors():
            found = [pod for call in self._calls() for pod in _all(call)]
        with self._lock:
            self._pods.clear()
            self._where.clear()
            for pod in found:
                self._keep(pod)
            return tuple(self._pods.values())

    def look(self, ids: Iterable[str]) -> Sequence[Container]:
        """What the watches last said about these."""
        with self._lock:
            return [self._pods[each] for each in ids if each in self._pods]

    def changes(self) -> Iterator[frozenset[str]]:
        """The watches, one for each namespace, each in a thread."""
        news: queue.SimpleQueue[frozenset[str] | RequestError] = queue.SimpleQueue()
        over = threading.Event()
        with _errors():
            # from before the list that ALL triggers, so that events in between come twice instead of never
            begun = [(call, self._version(call)) for call in self._calls()]
        yield ALL
        for call, version in begun:
            work = functools.partial(self._watch, call, version, news.put, over)
            threading.Thread(target=work, name="pods", daemon=True).start()
        try:
            while not self.stopping.is_set():
                with contextlib.suppress(queue.Empty):
                    word = news.get(timeout=0.5)
                    if isinstance(word, RequestError):
                        raise word
                    yield word
        finally:
            over.set()
            self._stop_watches()

    def act(self, container: Container, action: KillAction) -> None:
        """Delete the pod, if it is still the same one; `kill` gives it no time to shut down."""
        with self._lock:
            place, now = self._where.get(container.id), self._pods.get(container.id)
        if place is None or now is None or self._is_own(container.id, *place[:2]):
            raise RequestError(Code.NOT_FOUND, "no such pod")
        if now != container:
            raise RequestError(Code.CONFLICT, "the pod has changed since it was judged")
        namespace, name, version = place
        body = client.V1DeleteOptions(preconditions=client.V1Preconditions(uid=container.id, resource_version=version))
        if action is KillAction.KILL:
            body.grace_period_seconds = 1  # 0 would forget the pod while it may still run
        with _errors():
            self._api().delete_namespaced_pod(name, namespace, body=body, _request_timeout=TIMEOUT_SECONDS)

    def own_id(self) -> str:
        """UID of the pod this runs in, when we were given it. The pod is recognised by its name as well."""
        return self._own_uid

    def close(self) -> None:
        """End the watches."""
        super().close()
        self._stop_watches()

    def _watch(
        self, call: Any, version: str, tell: Callable[[frozenset[str] | RequestError], None], over: threading.Event
    ) -> None:
        """Watch until something fails."""
        try:
            with _errors():
                while not over.is_set() and not self.stopping.is_set():
                    version = self._watch_once(call, version, tell, over)
        except RequestError as error:
            tell(error)

    def _watch_once(
        self, call: Any, version: str, tell: Callable[[frozenset[str]], None], over: threading.Event
    ) -> str:
        watching = watch.Watch(return_type="V1Pod")
        with self._lock:
            self._watches.add(watching)
        try:
            for event in watching.stream(
                call,
                resource_version=version,
                allow_watch_bookmarks=True,
                timeout_seconds=WATCH_SECONDS,
                _request_timeout=(TIMEOUT_SECONDS, WATCH_SECONDS + TIMEOUT_SECONDS),
            ):
                if over.is_set():
                    break
                if event["type"] != "BOOKMARK":
                    tell(self._note(event))
        except ApiException as error:
            if error.status != GONE:
                raise
            # our resource version is too old: list everything again, and watch from now on
            version = self._version(call)
            tell(ALL)
            return version
        finally:
            with self._lock:
                self._watches.discard(watching)
        return str(watching.resource_version or version)

    def _stop_watches(self) -> None:
        with self._lock:
            running = tuple(self._watches)
        for each in running:
            each.stop()

    def _note(self, event: Mapping[str, Any]) -> frozenset[str]:
        pod = event["object"]
        with self._lock:
            if event["type"] == "DELETED":
                self._pods.pop(pod.metadata.uid, None)
                self._where.pop(pod.metadata.uid, None)
            else:
                self._keep(pod)
        return frozenset({str(pod.metadata.uid)})

    def _keep(self, pod: Any) -> None:
        meta = pod.metadata
        hidden = not self._namespaces and meta.namespace.startswith(SYSTEM)
        if not hidden and not self._is_own(meta.uid, meta.namespace, meta.name):
            self._pods[meta.uid] = self._container(pod)
            self._where[meta.uid] = (meta.namespace, meta.name, str(meta.resource_version))

    def _is_own(self, uid: str, namespace: str, name: str) -> bool:
        return uid == self._own_uid or (namespace, name) == self._own_name

    def _container(self, pod: Any) -> Container:
        meta, status = pod.metadata, pod.status
        # a pod that is being deleted counts as gone
        running = status.phase == "Running" and meta.deletion_timestamp is None
        containers = pod.spec.containers or []
        plain = len(self._namespaces) == 1
        return Container(
            id=str(meta.uid),
            name=str(meta.name) if plain else f"{meta.namespace}/{meta.name}",
            image=str(containers[0].image) if containers else "",
            state=RUNNING if running else "stopped",
            created=meta.creation_timestamp.timestamp() if meta.creation_timestamp else 0.0,
            # so that rules on projects match namespaces
            labels={**(meta.labels or {}), PROJECT_LABEL: str(meta.namespace)},
            node=str(pod.spec.node_name or ""),
            restarts=sum(each.restart_count for each in status.container_statuses or []),
        )

    def _calls(self) -> Sequence[Any]:
        """The API calls that list or watch our pods."""
        api = self._api()
        if not self._namespaces:
            return (functools.partial(api.list_pod_for_all_namespaces, **self._selector),)
        return [functools.partial(api.list_namespaced_pod, each, **self._selector) for each in self._namespaces]

    def _version(self, call: Any) -> str:
        return str(call(limit=1, _request_timeout=TIMEOUT_SECONDS).metadata.resource_version)

    def _api(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = client.CoreV1Api(client.ApiClient(_settings(self._host)))
            return self._client


def _all(call: Callable[..., Any]) -> list[Any]:
    """Every pod that `call` lists. If the list expires between two pages, it starts over, once."""
    try:
        return _pages(call)
    except ApiException as error:
        if error.status != GONE:
            raise
    return _pages(call)


def _pages(call: Callable[..., Any]) -> list[Any]:
    found: list[Any] = []
    more: dict[str, str] = {}
    while True:
        page = call(limit=PAGE, _request_timeout=TIMEOUT_SECONDS, **more)
        found += page.items
        if not page.metadata._continue:
            return found
        more = {"_continue": page.metadata._continue}


def _settings(host: str) -> Any:
    settings = client.Configuration()
    if host:
        settings.host = host
    elif ACCOUNT.is_dir():
        config.load_incluster_config(client_configuration=settings)
    else:
        config.load_kube_config(client_configuration=settings)
    return settings


def _own_name() -> tuple[str, str] | None:
    """Namespace and name of the pod this runs in: its host name, unless it shares the node's."""
    try:
        return (ACCOUNT / "namespace").read_text(encoding="utf-8").strip(), socket.gethostname()
    except OSError:
        return None


@contextlib.contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except ApiException as error:
        raise RequestError(_meaning(error.status or 0), f"the API server says {error.status} {error.reason}") from error
    except (ConfigException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        text = (str(error) or type(error).__name__).splitlines()[0][:200]
        raise RequestError(Code.ENGINE_DOWN, f"the API server does not answer: {text}") from error


def _meaning(status: int) -> Code:
    if status == 404:
        return Code.NOT_FOUND
    if status == 409:
        return Code.CONFLICT
    if status in (401, 403):
        return Code.DENIED
    return Code.ENGINE_DOWN if status in (0, 410, 500, 502, 503, 504) else Code.FAILED
