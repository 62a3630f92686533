"""The Kubernetes backend: the official client against an API server that keeps to the API for pods."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from hostbridge.model import Action, BridgeError, Code
from tests.bridges import Bridge

pytest.importorskip("kubernetes")

from hostbridge.backends.kubernetes import KubernetesBackend


class ApiServer:
    """Pods, with resource versions, label selectors, a watch and deletion with preconditions."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.version = 100
        self.pods: dict[tuple[str, str], dict[str, Any]] = {}
        self.events: list[tuple[int, str, dict[str, Any]]] = []
        self.requests: list[str] = []
        self.forbidden = False
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def add(self, name: str, namespace: str = "default", uid: str = "", **labels: str) -> str:
        uid = uid or f"uid-{namespace}-{name}-{self.version}"
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": name,
                "namespace": namespace,
                "uid": uid,
                "labels": labels,
                "creationTimestamp": "2024-01-02T03:04:05Z",
            },
            "spec": {"nodeName": "node-1", "containers": [{"name": "main", "image": "nginx:1.27"}]},
            "status": {"phase": "Running", "containerStatuses": []},
        }
        self._note("ADDED", pod)
        return uid

    def remove(self, name: str, namespace: str = "default") -> None:
        self._note("DELETED", self.pods[namespace, name])

    def _note(self, kind: str, pod: dict[str, Any]) -> None:
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

    def _handler(server) -> type[BaseHTTPRequestHandler]:  # `self` is the handler's
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                address = urlsplit(self.path)
                query = {key: values[-1] for key, values in parse_qs(address.query).items()}
                server.requests.append(f"GET {self.path}")
                parts = address.path.strip("/").split("/")
                namespace = parts[3] if parts[2] == "namespaces" else ""
                if server.forbidden:
                    self._answer(403, {"kind": "Status", "status": "Failure", "reason": "Forbidden", "code": 403})
                elif query.get("watch"):
                    self._watch(namespace, query)
                else:
                    with server.changed:
                        items = [pod for pod in server.pods.values() if wanted(pod, namespace, query)]
                        answer = {"kind": "PodList", "apiVersion": "v1", "items": items}
                        answer["metadata"] = {"resourceVersion": str(server.version)}
                    self._answer(200, answer)

            def do_DELETE(self) -> None:
                parts = self.path.strip("/").split("?")[0].split("/")
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
                pod = server.pods.get((parts[3], parts[5]))
                uid = (body.get("preconditions") or {}).get("uid")
                if pod is None:
                    self._answer(404, {"kind": "Status", "code": 404})
                elif uid and uid != pod["metadata"]["uid"]:
                    self._answer(409, {"kind": "Status", "code": 409})
                else:
                    server.remove(parts[5], parts[3])
                    self._answer(200, pod)

            def _watch(self, namespace: str, query: dict[str, str]) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                seen = int(query["resourceVersion"])
                deadline = time.monotonic() + float(query["timeoutSeconds"])
                while time.monotonic() < deadline:
                    with server.changed:
                        if server.version == seen:
                            server.changed.wait(0.2)
                        news = [event for event in server.events if event[0] > seen]
                        seen = server.version
                    for _, kind, pod in news:
                        if wanted(pod, namespace, query):
                            line = json.dumps({"type": kind, "object": pod}).encode() + b"\n"
                            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
                            self.wfile.flush()

            def _answer(self, status: int, value: dict[str, Any]) -> None:
                data = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        return Handler


def wanted(pod: dict[str, Any], namespace: str, query: dict[str, str]) -> bool:
    if namespace and pod["metadata"]["namespace"] != namespace:
        return False
    key, _, value = query.get("labelSelector", "").partition("=")
    return not key or pod["metadata"]["labels"].get(key) == value


@pytest.fixture
def api() -> Iterator[ApiServer]:
    server = ApiServer()
    yield server
    server.server.shutdown()


def test_pods_are_listed_watched_and_deleted(api: ApiServer, tmp_path: Path) -> None:
    uid = api.add("web")
    api.add("other", "kube-system")
    with Bridge(tmp_path, KubernetesBackend(["default"], host=api.url)) as bridge, bridge.talk() as talk:
        snapshot = talk.ask(type="watch")
        (pod,) = snapshot["containers"]
        assert (pod["id"], pod["name"], pod["node"], pod["image"]) == (uid, "web", "node-1", "nginx:1.27")
        db = api.add("db")
        assert talk.read()["container"]["id"] == db
        before = len(api.requests)
        api.remove("db")
        assert talk.read() == {"type": "removed", "id": db}
        assert len(api.requests) == before, "a change costs no request: the watch has told it"
        talk.send(type="kill", id=uid)
        assert {talk.read()["type"], talk.read()["type"]} == {"ok", "removed"}
        assert ("default", "web") not in api.pods
        assert ("kube-system", "other") in api.pods


def test_all_namespaces_and_a_selector(api: ApiServer) -> None:
    api.add("web", tier="front")
    api.add("dns", "kube-system", tier="front")
    api.add("db")
    assert {each.name for each in KubernetesBackend(host=api.url).list()} == {
        "default/web", "default/db", "kube-system/dns"}  # fmt: skip
    picked = KubernetesBackend(["default", "kube-system"], "tier=front", api.url).list()
    assert {each.name for each in picked} == {"default/web", "kube-system/dns"}


def test_a_pod_made_again_under_its_name_is_not_deleted(api: ApiServer) -> None:
    api.add("web")
    backend = KubernetesBackend(["default"], host=api.url)
    (old,) = backend.list()
    api.remove("web")
    api.add("web")
    with pytest.raises(BridgeError) as caught:
        backend.act(old, Action.REMOVE)
    assert caught.value.code is Code.CONFLICT
    assert ("default", "web") in api.pods


def test_its_own_pod_is_known_by_the_environment(api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POD_UID", "uid-of-mine")
    assert KubernetesBackend(host=api.url).own_id() == "uid-of-mine"


def test_errors_have_their_meaning(api: ApiServer) -> None:
    backend = KubernetesBackend(["default"], host=api.url)
    api.forbidden = True
    with pytest.raises(BridgeError) as caught:
        backend.list()
    assert caught.value.code is Code.DENIED
    api.server.shutdown()
    api.server.server_close()
    with pytest.raises(BridgeError) as caught:
        backend.list()
    assert caught.value.code is Code.ENGINE_DOWN


def test_a_pod_being_deleted_is_no_target_any_more(api: ApiServer) -> None:
    api.add("web")
    backend = KubernetesBackend(["default"], host=api.url)
    api.pods["default", "web"]["metadata"]["deletionTimestamp"] = "2024-01-02T03:04:06Z"
    assert [each.state for each in backend.list()] == ["stopped"]
