"""Kubernetes pods, through the official client: listed, watched and deleted, nothing else.

The client is found as kubectl finds it, or by the service account inside a pod. A deletion carries the pod's UID as a
precondition, so that a pod created again under the same name is never hit. The watch's events carry the pods
themselves: a change costs no further call.
"""

from __future__ import annotations

import contextlib
import functools
import os
import socket
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import urllib3
from kubernetes import client, config, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.config.config_exception import ConfigException

from hostbridge.backends.base import ALL, Backend
from hostbridge.model import Action, BridgeError, Code, Container

WATCH_SECONDS: Final = 300
TIMEOUT_SECONDS: Final = 15
GONE: Final = 410
"""HTTP status for a resource version the server has forgotten."""
ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")


class KubernetesBackend(Backend):
    """The pods of `namespaces` (all when empty) that `selector` picks."""

    name: ClassVar[str] = "kubernetes"
    actions: ClassVar[frozenset[Action]] = frozenset({Action.REMOVE})

    def __init__(self, namespaces: Sequence[str] = (), selector: str = "", host: str = "") -> None:
        super().__init__()
        self._namespaces = tuple(namespaces)
        self._selector = selector
        self._host = host
        self._lock = threading.Lock()
        self._pods: dict[str, Container] = {}
        self._watch: watch.Watch | None = None

    def list(self) -> Sequence[Container]:
        """All pods, asked of the API server."""
        with _errors():
            api = self._api()
            found = [
                pod
                for namespace in self._namespaces or ("",)
                for pod in _list_call(api, namespace)(**self._arguments()).items
            ]
        pods = {each.id: each for each in map(self._container, found)}
        with self._lock:
            self._pods = pods
        return list(pods.values())

    def look(self, ids: Iterable[str]) -> Sequence[Container]:
        """What the watch last said of these."""
        with self._lock:
            return [self._pods[each] for each in ids if each in self._pods]

    def changes(self) -> Iterator[frozenset[str]]:
        """The watch of one namespace or of all; several are polled."""
        if len(self._namespaces) > 1:
            # each would need a thread of its own
            yield from super().changes()
            return
        namespace = self._namespaces[0] if self._namespaces else ""
        with _errors():
            call = _list_call(self._api(), namespace)
            version = call(limit=1, **self._arguments()).metadata.resource_version
            yield ALL
            while not self.stopping.is_set():
                watching = self._watch = watch.Watch(return_type="V1Pod")
                stream = watching.stream(
                    call, resource_version=version, timeout_seconds=WATCH_SECONDS, **self._arguments()
                )
                try:
                    for event in stream:
                        yield self._note(event)
                except ApiException as error:
                    if error.status == GONE:
                        return  # what we last heard is too long ago: begin anew
                    raise
                version = watching.resource_version or version

    def act(self, container: Container, action: Action) -> None:
        """Delete the pod, if it is still this one."""
        del action
        namespace, _, name = container.name.rpartition("/")
        body = client.V1DeleteOptions(preconditions=client.V1Preconditions(uid=container.id))
        with _errors():
            self._api().delete_namespaced_pod(
                name, namespace or self._namespaces[0], body=body, _request_timeout=TIMEOUT_SECONDS
            )

    def own_id(self) -> str:
        """UID of the pod this runs in: from the environment (POD_UID), else looked up by name."""
        uid = os.environ.get("POD_UID", "")
        if uid or not ACCOUNT.is_dir():
            return uid
        with contextlib.suppress(BridgeError, OSError), _errors():
            namespace = (ACCOUNT / "namespace").read_text(encoding="ascii").strip()
            pod = self._api().read_namespaced_pod(socket.gethostname(), namespace)
            return str(pod.metadata.uid)
        return ""

    def close(self) -> None:
        """End the watch."""
        super().close()
        if self._watch is not None:
            self._watch.stop()

    def _note(self, event: dict[str, Any]) -> frozenset[str]:
        pod = self._container(event["object"])
        with self._lock:
            if event["type"] == "DELETED":
                self._pods.pop(pod.id, None)
            else:
                self._pods[pod.id] = pod
        return frozenset({pod.id})

    def _container(self, pod: Any) -> Container:
        meta, status = pod.metadata, pod.status
        # one that is being deleted has had its kill
        running = status.phase == "Running" and meta.deletion_timestamp is None
        containers = pod.spec.containers or []
        plain = len(self._namespaces) == 1
        return Container(
            id=str(meta.uid),
            name=str(meta.name) if plain else f"{meta.namespace}/{meta.name}",
            image=str(containers[0].image) if containers else "",
            state="running" if running else "stopped",
            created=meta.creation_timestamp.timestamp() if meta.creation_timestamp else 0.0,
            labels=dict(meta.labels or {}),
            node=str(pod.spec.node_name or ""),
            restarts=sum(each.restart_count for each in status.container_statuses or []),
        )

    def _arguments(self) -> dict[str, Any]:
        return {"label_selector": self._selector} if self._selector else {}

    def _api(self) -> Any:
        if self._host:
            settings = client.Configuration()
            settings.host = self._host
            return client.CoreV1Api(client.ApiClient(settings))
        if ACCOUNT.is_dir():
            config.load_incluster_config()
        else:
            config.load_kube_config()
        return client.CoreV1Api()


def _list_call(api: Any, namespace: str) -> Any:
    if not namespace:
        return api.list_pod_for_all_namespaces
    return functools.partial(api.list_namespaced_pod, namespace)


@contextlib.contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except ApiException as error:
        raise BridgeError(_meaning(error.status or 0), f"the API server says {error.status} {error.reason}") from error
    except (ConfigException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        text = (str(error) or type(error).__name__).splitlines()[0][:200]
        raise BridgeError(Code.ENGINE_DOWN, f"the API server does not answer: {text}") from error


def _meaning(status: int) -> Code:
    if status == 404:
        return Code.NOT_FOUND
    if status == 409:
        return Code.CONFLICT
    if status in (401, 403):
        return Code.DENIED
    return Code.ENGINE_DOWN if status in (0, 410, 500, 502, 503, 504) else Code.FAILED
