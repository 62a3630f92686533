"""An API server that knows pods, as far as a client can tell by listing, watching and deleting them. No real cluster.

Kept of the API's contract: one resource version for everything that only grows; a watch tells all changes after the
version it was given, in order; a version that was compacted away is answered with 410 Gone, as an ERROR event;
bookmarks when asked for; label selectors; graceful deletion (a pod that ends is MODIFIED first, then DELETED); the
preconditions of a deletion (UID and resource version); pages with continue tokens, which expire; a field selector on
names; controllers that put a new pod in the place of a deleted one; Status objects for errors. Only the verbs of
docs/kubernetes-rbac.yaml are allowed, as RBAC would have it.
"""

from __future__ import annotations

import copy
import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NotRequired, TypedDict, Unpack, cast
from urllib.parse import parse_qs, urlsplit

Request = socket.socket | tuple[bytes, socket.socket]

BOOKMARK_SECONDS = 0.3


class OwnerReference(TypedDict):
    """Who made a pod."""

    kind: str
    name: str
    uid: str
    apiVersion: NotRequired[str]
    controller: NotRequired[bool]


class Changes(TypedDict, total=False):
    """What may change of a pod's metadata."""

    labels: dict[str, str]
    annotations: dict[str, str]
    ownerReferences: list[OwnerReference]
    deletionTimestamp: str
    resourceVersion: str


class Metadata(Changes):
    """A pod's metadata."""

    name: str
    namespace: str
    uid: str
    creationTimestamp: str


class Pod(TypedDict):
    """A pod."""

    apiVersion: str
    kind: str
    metadata: Metadata
    spec: dict[str, object]
    status: dict[str, object]


class DeleteOptions(TypedDict):
    """The body of a deletion."""

    preconditions: NotRequired[dict[str, str]]
    gracePeriodSeconds: NotRequired[int]


def pod(name: str, namespace: str = "default", uid: str = "", **metadata: object) -> Pod:
    """A pod that runs, as the API tells it, with anything more in its metadata, also of the wrong type."""
    meta = {"name": name, "namespace": namespace, "uid": uid or f"uid-{namespace}-{name}"}
    made = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {**meta, "creationTimestamp": "2024-01-02T03:04:05Z", "labels": {}, **metadata},
        "spec": {"nodeName": "node-1", "containers": [{"name": "main", "image": "nginx:1.27"}]},
        "status": {"phase": "Running", "containerStatuses": []},
    }
    return cast(Pod, made)


class ApiServer:
    """Listens on `url`; tests change the cluster through `add`, `change`, `remove`."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.version = 100
        self.oldest = 100  # changes up to this version are forgotten
        self.pods: dict[tuple[str, str], Pod] = {}
        self.events: list[tuple[int, str, Pod]] = []
        self.requests: list[str] = []
        self.deletions: list[DeleteOptions] = []
        self.forbidden = False
        self.missing: set[str] = set()  # namespaces that do not exist; all others do
        self.authorizer: Callable[[str, str, str], bool] | None = None  # of verb, resource, namespace ("" for all)
        self.tells_namespaces = True  # whether the right to `get` a namespace was given
        self.answer: Callable[[socket.socket], None] | None = None  # answers everything in the server's place
        self.graceful = False
        self.expire_tokens = 0  # so many continue tokens are too old
        self.controller: Callable[[Pod], None] | None = None  # told of each pod that was deleted
        self.start()

    def start(self, port: int = 0) -> None:
        """Serve, on the given port when it is to be the same as before."""
        self.stopped = threading.Event()
        self.server = _HttpServer(("127.0.0.1", port), _Handler)
        self.server.api = self
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """Break off every connection and serve no more."""
        self.stopped.set()
        self.server.shutdown()
        self.server.server_close()
        self.server.break_off()

    def add(self, name: str, namespace: str = "default", uid: str = "", **labels: str) -> str:
        """A new pod that runs; its UID."""
        uid = uid or f"uid-{namespace}-{name}-{self.version}"
        self.add_raw(pod(name, namespace, uid, labels=labels))
        return uid

    def add_raw(self, pod: Pod) -> str:
        """A new pod as it is given; its UID."""
        self._note("ADDED", pod)
        return pod["metadata"]["uid"]

    def change(self, name: str, namespace: str = "default", **metadata: Unpack[Changes]) -> None:
        """Change the pod's metadata."""
        pod = copy.deepcopy(self.pods[namespace, name])
        pod["metadata"] = {**pod["metadata"], **metadata}
        self._note("MODIFIED", pod)

    def set_status(self, name: str, namespace: str = "default", **status: object) -> None:
        """Change the pod's status."""
        pod = copy.deepcopy(self.pods[namespace, name])
        pod["status"].update(status)
        self._note("MODIFIED", pod)

    def remove(self, name: str, namespace: str = "default") -> None:
        """The pod is gone."""
        self._note("DELETED", copy.deepcopy(self.pods[namespace, name]))

    def compact(self) -> None:
        """Forget all changes so far, as etcd does every few minutes; watches end as they do then."""
        with self.changed:
            self.version += 1
            self.oldest = self.version
            self.events.clear()
            self.changed.notify_all()

    def delete(self, pod: Pod) -> None:
        """What a DELETE does."""
        meta = pod["metadata"]
        if self.graceful:
            self.change(meta["name"], meta["namespace"], deletionTimestamp="2024-01-02T03:04:06Z")
        else:
            self.remove(meta["name"], meta["namespace"])
        if self.controller is not None:
            self.controller(pod)

    def _note(self, kind: str, pod: Pod) -> None:
        with self.changed:
            self.version += 1
            pod["metadata"]["resourceVersion"] = str(self.version)
            key = pod["metadata"]["namespace"], pod["metadata"]["name"]
            if kind == "DELETED":
                del self.pods[key]
            else:
                self.pods[key] = pod
            self.events.append((self.version, kind, pod))
            self.changed.notify_all()


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    api: ApiServer

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self._open: set[Request] = set()

    def process_request(self, request: Request, client_address: tuple[str, int]) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Request) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def break_off(self) -> None:
        for each in tuple(self._open):
            self.shutdown_request(each)

    def handle_error(self, request: object, client_address: object) -> None:
        return  # clients leave when they like


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _HttpServer

    def log_message(self, *_: object) -> None:
        return

    def do_GET(self) -> None:
        api = self.server.api
        address = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(address.query).items()}
        api.requests.append(f"GET {self.path}")
        if api.answer is not None:
            api.answer(self.connection)
            self.close_connection = True
            return
        if "/pods" not in address.path:
            self._namespace(address.path.rpartition("/")[2])
            return
        namespace, name = self._place(address.path)
        if name or self._is_forbidden("watch" if query.get("watch") else "list", "pods", namespace):
            self._status(403, "Forbidden")  # `get` of one pod is not among the allowed verbs
        elif query.get("watch"):
            self._watch(namespace, query)
        else:
            self._list(namespace, query)

    def do_DELETE(self) -> None:
        api = self.server.api
        if api.answer is not None:
            api.answer(self.connection)
            self.close_connection = True
            return
        namespace, name = self._place(urlsplit(self.path).path)
        body: DeleteOptions = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        api.requests.append(f"DELETE {self.path}")
        pod = api.pods.get((namespace, name))
        conditions = body.get("preconditions") or {}
        if not name or self._is_forbidden("delete", "pods", namespace):
            self._status(403, "Forbidden")  # nor is `deletecollection`
        elif pod is None:
            self._status(404, "NotFound")
        elif any(value != dict(pod["metadata"]).get(key) for key, value in conditions.items()):
            self._status(409, "Conflict")
        else:
            api.deletions.append(body)
            api.delete(pod)
            self._answer(200, pod)

    def _forbid(self) -> None:
        self._status(403, "Forbidden")

    do_POST = do_PUT = do_PATCH = _forbid

    def _place(self, path: str) -> tuple[str, str]:
        """Namespace and name of ``/api/v1[/namespaces/NAMESPACE]/pods[/NAME]``."""
        parts = path.strip("/").split("/")
        namespace = parts[3] if parts[2] == "namespaces" else ""
        return namespace, parts[-1] if parts[-1] != "pods" else ""

    def _is_forbidden(self, verb: str, resource: str, namespace: str) -> bool:
        api = self.server.api
        return api.forbidden or (api.authorizer is not None and not api.authorizer(verb, resource, namespace))

    def _namespace(self, name: str) -> None:
        if self._is_forbidden("get", "namespaces", name) or not self.server.api.tells_namespaces:
            self._status(403, "Forbidden")
        elif name in self.server.api.missing:
            self._status(404, "NotFound")
        else:
            self._answer(200, {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": name}})

    def _list(self, namespace: str, query: dict[str, str]) -> None:
        api = self.server.api
        with api.changed:
            items = [pod for pod in api.pods.values() if _wanted(pod, namespace, query)]
            meta = {"resourceVersion": str(api.version)}
        limit, start = int(query.get("limit", 0)), int(query.get("continue", 0))
        if start and api.expire_tokens:
            api.expire_tokens -= 1
            self._status(410, "Expired")
            return
        if limit and len(items) > start + limit:
            meta["continue"] = str(start + limit)
        items = items[start : start + limit] if limit else items
        self._answer(200, {"kind": "PodList", "apiVersion": "v1", "metadata": meta, "items": items})

    def _watch(self, namespace: str, query: dict[str, str]) -> None:
        api = self.server.api
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        seen = int(query["resourceVersion"])
        bookmarks = query.get("allowWatchBookmarks", "").lower() == "true"
        deadline = time.monotonic() + float(query["timeoutSeconds"])
        known = {pod["metadata"]["uid"] for pod in api.pods.values() if _wanted(pod, namespace, query)}
        while time.monotonic() < deadline and not api.stopped.is_set():
            with api.changed:
                if api.version == seen and seen >= api.oldest:
                    api.changed.wait(BOOKMARK_SECONDS)
                gone = seen < api.oldest
                news = [event for event in api.events if event[0] > seen]
                seen = api.version
            if gone:
                self._event("ERROR", {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"})
                break
            for _, kind, pod in news:
                if _wanted(pod, namespace, query):
                    self._event(kind, pod)
                elif pod["metadata"]["uid"] in known:
                    self._event("DELETED", pod)  # as the API does when a pod leaves the selection
            if bookmarks and not news:
                self._event("BOOKMARK", {"kind": "Pod", "metadata": {"resourceVersion": str(seen)}})
        self.wfile.write(b"0\r\n\r\n")

    def _event(self, kind: str, value: Mapping[str, object]) -> None:
        line = json.dumps({"type": kind, "object": value}).encode() + b"\n"
        self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.flush()

    def _status(self, code: int, reason: str) -> None:
        self._answer(code, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code})

    def _answer(self, status: int, value: Mapping[str, object]) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _wanted(pod: Pod, namespace: str, query: dict[str, str]) -> bool:
    if namespace and pod["metadata"]["namespace"] != namespace:
        return False
    fields = query.get("fieldSelector", "")
    if fields and fields != f"metadata.name={pod['metadata']['name']}":
        return False
    labels = pod["metadata"]["labels"]
    return all(_matches(term, labels) for term in query.get("labelSelector", "").split(",") if term)


def _matches(term: str, labels: dict[str, str]) -> bool:
    if "!=" in term:
        key, _, value = term.partition("!=")
        return labels.get(key) != value
    key, sign, value = term.partition("=")
    return labels.get(key) == value.lstrip("=") if sign else key in labels
