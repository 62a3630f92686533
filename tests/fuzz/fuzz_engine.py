"""Answers of engines: Docker's and Kubernetes' JSON, and malformed HTTP; and requests at the gate."""

from __future__ import annotations

import json
import random
import re
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, ClassVar, Final

from hostbridge.backends import engine as engine_api
from hostbridge.backends import http, kubeapi
from hostbridge.backends.docker import DockerBackend
from hostbridge.backends.http import Response
from hostbridge.backends.kubernetes import KubernetesBackend
from hostbridge.backends.swarm import SwarmBackend
from hostbridge.model import Container, KillAction, RequestError
from hostbridge.policy.judge import Judge
from hostbridge.policy.rules import Policy
from hostbridge.policy.selectors import Selector
from hostbridge.protocol import replies
from tests.fake_docker import IMAGE_ID, inspection, summary
from tests.fuzz import mutate
from tests.fuzz.harness import Fuzzer
from tests.gates import RunningGate
from tests.kubernetes_api import pod

POLICY: Final = Policy(
    protect=(Selector.parse("image=postgres:*"), Selector.parse("label=tier=db")),
    exclude=(Selector.parse("project=billing"), Selector.parse("service=api")),
)
ONE: Final = summary(1)
ONE["HostConfig"] = {"PidMode": f"container:{summary(2)['Id']}"}


def answer_all(server: socket.socket, answer: Callable[[socket.socket], None]) -> None:
    """Answer one client after the other until the server is shut down."""
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        with client, suppress(OSError):
            client.settimeout(2)
            answer(client)


def use(containers: object) -> None:
    """Do what the bridge does with an engine's containers."""
    assert isinstance(containers, list | tuple)
    judge = Judge(POLICY)
    for each in containers:
        assert isinstance(each, Container)
        assert isinstance(each.id, str)
        assert each.id
        judge.judge(each)
        line = replies.container_json(each, POLICY.visible_labels(each), True)
        line.encode("ascii")
        assert "\n" not in line


class _Answers:
    """Stands in for the network: returns prepared answers, whatever the request."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.status = 200

    def __call__(self, destination: object, method: str, target: str, *_: object, **__: object) -> Response:
        if target == "/version":
            return Response(200, b'{"ApiVersion":"1.41"}')
        return Response(self.status, self.bodies.pop(0) if self.bodies else b"[]")


class _JsonFuzzer(Fuzzer):
    """Base of the fuzzers that mutate the JSON of an engine's whole answers."""

    def open(self) -> None:
        self._answers = _Answers()
        self._before = http.request
        http.request = self._answers  # type: ignore[assignment]
        self.start()

    def close(self) -> None:
        http.request = self._before

    def start(self) -> None:
        raise NotImplementedError

    def values(self) -> dict[str, list[Any]]:
        """Valid answers for each call: one for each request that the call makes, in order."""
        raise NotImplementedError

    def make(self, random: random.Random) -> tuple[str, int, list[bytes]]:
        call, valid = random.choice(list(self.values().items()))
        odds = random.choice((0.02, 0.1, 0.4))
        bodies = []
        for value in valid:
            body = json.dumps(mutate.mutated_value(random, value, odds)).encode("ascii")
            bodies.append(mutate.mutated_bytes(random, body, 3) if random.random() < 0.15 else body)
        status = random.choice((200, 200, 200, 200, 200, 204, 301, 400, 403, 404, 409, 500, 503))
        return call, status, bodies

    def check(self, data: tuple[str, int, list[bytes]]) -> None:
        call, self._answers.status, bodies = data
        self._answers.bodies = [*bodies]
        with suppress(RequestError):
            self.do(call)

    def do(self, call: str) -> None:
        raise NotImplementedError


class DockerFuzzer(_JsonFuzzer):
    """An engine's JSON gives containers that can be judged and sent to clients, or raises RequestError."""

    name = "docker"
    short_inputs: ClassVar[int] = 500

    def start(self) -> None:
        self._backend = DockerBackend("unix:///nowhere", details=True)

    def values(self) -> dict[str, list[Any]]:
        image = {"RepoTags": ["postgres:16"], "RepoDigests": [f"postgres@{IMAGE_ID}"]}
        by_id = {**inspection(ONE), "Config": {"Image": IMAGE_ID, "Labels": {"tier": "db"}}}
        return {
            "list": [[ONE, summary(2, Image=IMAGE_ID), summary(3, State="paused")]],
            "look": [[ONE]],
            "examine": [by_id, image],
            "learn": [inspection(ONE), {"memory_stats": {"usage": 4096}}],
            "also_hit": [[ONE, summary(2)], inspection(ONE), inspection(summary(2))],
        }

    def do(self, call: str) -> None:
        if call == "list":
            use(self._backend.list())
        elif call == "look":
            use(self._backend.look([ONE["Id"]]))
        elif call == "examine":
            found = self._backend.examine(ONE["Id"])
            use([] if found is None else [found])
            assert found is None or found.id == ONE["Id"]
        elif call == "learn":
            self._backend.learn(ONE["Id"])
        else:
            victim = Container(summary(2)["Id"], "c-2")
            use(self._backend.also_hit(victim, KillAction.REMOVE, lambda each: True))


def _task(number: int) -> dict[str, Any]:
    return {
        "ID": f"task{number}",
        "ServiceID": "service1",
        "NodeID": "node1",
        "Slot": number,
        "CreatedAt": "2024-01-02T03:04:05.678Z",
        "Spec": {"ContainerSpec": {"Image": "redis:7@sha256:" + "a" * 64, "Labels": {}}, "Resources": {}},
        "Status": {"State": "running", "ContainerStatus": {"ContainerID": f"{number:064x}"}},
    }


class SwarmFuzzer(_JsonFuzzer):
    """A manager's JSON gives containers, or raises RequestError."""

    name = "swarm"

    def start(self) -> None:
        self._backend = SwarmBackend("unix:///nowhere")

    def values(self) -> dict[str, list[Any]]:
        spec = {
            "Name": "web",
            "Labels": {"com.docker.stack.namespace": "shop"},
            "Mode": {"Replicated": {"Replicas": 2}},
        }
        service = {"ID": "service1", "Version": {"Index": 7}, "Spec": spec}
        node = {"ID": "node1", "Description": {"Hostname": "host-1"}}
        listed: list[Any] = [[service], [node], [_task(1), _task(2)], {"Swarm": {"NodeID": "node1"}}]
        return {"list": listed, "stop": [_task(1), service, service], "restart": [_task(1), service]}

    def do(self, call: str) -> None:
        if call == "list":
            use(self._backend.list())
            return
        labels = {"com.docker.swarm.task.id": "task1", "com.docker.swarm.service.id": "service1"}
        victim = Container(f"{1:064x}", "web.1", labels=labels, node="host-2")
        self._backend.act(victim, KillAction(call))


class PodsFuzzer(_JsonFuzzer):
    """The API server's JSON gives pods that can be judged and sent to clients, or raises RequestError."""

    name = "pods"
    short_inputs: ClassVar[int] = 500

    def start(self) -> None:
        self._backend = KubernetesBackend(["default"], host="http://nowhere.example")
        self._read = KubernetesBackend(host="http://nowhere.example")._read

    def values(self) -> dict[str, list[Any]]:
        one = pod(
            "one", resourceVersion="7", ownerReferences=[{"kind": "Job", "name": "j", "uid": "u", "controller": True}]
        )
        one["spec"]["initContainers"] = [{"name": "i", "image": "busybox"}]
        waiting = {"waiting": {"reason": "CrashLoopBackOff"}}
        image_id = "docker-pullable://postgres@sha256:" + "a" * 64
        one["status"]["containerStatuses"] = [
            {"name": "main", "restartCount": 3, "state": waiting, "image": "sha256:" + "b" * 64, "imageID": image_id}
        ]
        two = pod("two", resourceVersion="8", annotations={"kubernetes.io/config.mirror": "x"})
        page = {"kind": "PodList", "metadata": {"resourceVersion": "9"}, "items": [one, two]}
        event = {"type": "MODIFIED", "object": one}
        return {"list": [page], "examine": [page], "also_hit": [], "delete": [one], "event": [event]}

    def do(self, call: str) -> None:
        if call == "list":
            use(self._backend.list())
        elif call == "examine":
            found = self._backend.examine("uid-default-one")
            use([] if found is None else [found])
        elif call == "also_hit":
            use(self._backend.also_hit(Container("uid-default-one", "one"), KillAction.REMOVE, lambda each: True))
        elif call == "delete":
            victim = Container("uid-default-one", "one", labels={"com.docker.compose.project": "default"})
            self._backend.act(victim, KillAction.REMOVE)
        else:
            with suppress(kubeapi.Expired), self._backend._api._errors("watch", "default"):
                kind, raw = kubeapi._read_event(self._answers.bodies[0])
                if kind != kubeapi.BOOKMARK:
                    self._backend._cache.take_event("default", kind, self._read(raw))


HEADS: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\n",
    b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    b"HTTP/1.1 404 Not Found\r\nContent-Length: %d\r\n\r\n",
    b"HTTP/1.1 101 Switching\r\nUpgrade: tcp\r\n\r\n",
    b"HTTP/1.1 304 Not Modified\r\n\r\n",
)
WORDS: Final = (
    *(b"\r\n", b"\n", b"0\r\n\r\n", b"ffffffff\r\n", b"-1\r\n", b"Content-Length: 7\r\n", b"HTTP/1.1 200 OK\r\n\r\n"),
    *(b"Transfer-Encoding: chunked\r\n", b"X: " + b"y" * 9000 + b"\r\n", b"\0", b"\xff", b" ", b":", b"5\r\nhello\r\n"),
    *(b"1;" + b"x" * 500 + b"\r\n", b"[" * 3000, b"{}"),
)


def chunked(rng: random.Random, body: bytes) -> bytes:
    """The body in chunked encoding."""
    return b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in mutate.pieces(rng, body) if each) + b"0\r\n\r\n"


class HttpFuzzer(Fuzzer):
    """Whatever bytes an engine answers with, a listing and an event stream give containers or RequestError, within
    their limits of time and size.
    """

    name = "http"
    short_inputs: ClassVar[int] = 150

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._answer = b""

    def open(self) -> None:
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="fuzz-"))
        path = f"{folder}/engine.sock"
        self._server = self._stack.enter_context(socket.socket(socket.AF_UNIX))
        self._server.bind(path)
        self._server.listen(64)
        self._before = engine_api.LOOK_SECONDS, engine_api.ACT_SECONDS
        engine_api.LOOK_SECONDS = engine_api.ACT_SECONDS = 1.0  # type: ignore[misc]
        threading.Thread(target=answer_all, args=(self._server, self._tell), daemon=True).start()
        self._backend = DockerBackend(f"unix://{path}")

    def close(self) -> None:
        engine_api.LOOK_SECONDS, engine_api.ACT_SECONDS = self._before  # type: ignore[misc]
        self._server.shutdown(socket.SHUT_RDWR)
        self._stack.close()

    def _tell(self, client: socket.socket) -> None:
        client.recv(65536)
        for piece in self._pieces:
            client.sendall(piece)

    def make(self, random: random.Random) -> tuple[str, list[bytes]]:
        call = random.choice(("list", "list", "events"))
        if call == "list":
            body = json.dumps([ONE]).encode()
        else:
            event = {"Type": "container", "Action": "start", "id": ONE["Id"]}
            body = b"".join(json.dumps(mutate.mutated_value(random, event)).encode() + b"\n" for _ in range(3))
        head = random.choice(HEADS)
        data = (head % len(body) if b"%d" in head else head) + (chunked(random, body) if b"chunked" in head else body)
        if random.random() < 0.8:
            data = mutate.mutated_text(random, data, WORDS, 3)
        return call, mutate.pieces(random, data)

    def check(self, data: tuple[str, list[bytes]]) -> None:
        call, self._pieces = data
        with suppress(RequestError):
            self._backend.engine._prefix = "/v1.41"
            if call == "list":
                use(self._backend.list())
            else:
                for number, ids in enumerate(self._backend.changes()):
                    assert isinstance(ids, frozenset)
                    assert number < 100_000


ALLOWED: Final = re.compile(
    rb"(GET V(_ping|version|containers/json|events|containers/[0-9a-f]{64}/json|images/sha256:[0-9a-f]{64}/json"
    rb"|containers/[0-9a-f]{64}/stats)|DELETE Vcontainers/[0-9a-f]{64}"
    rb"|POST Vcontainers/[0-9a-f]{64}/(stop|kill|restart|pause|update))(\?[^ ]*)? HTTP/1\.1\r\n".replace(
        b"V", rb"(?:/v[0-9]{1,2}\.[0-9]{1,3})?/"
    )
)
"""First lines of what may reach the engine when the gate is open for everything but a swarm."""
ROWS: Final = ("listing", "remove", "stop", "kill", "restart", "pause", "wound", "details")
REQUESTS: Final = (
    b"GET /version HTTP/1.1\r\nHost: docker\r\n\r\n",
    b"GET /v1.41/containers/json?all=1 HTTP/1.1\r\nHost: docker\r\n\r\n",
    b"DELETE /v1.41/containers/" + b"a" * 64 + b"?force=1 HTTP/1.1\r\nHost: docker\r\n\r\n",
    b"POST /containers/" + b"a" * 64 + b"/stop?t=5 HTTP/1.1\r\nHost: docker\r\nContent-Length: 0\r\n\r\n",
    b"POST /containers/" + b"a" * 64 + b"/update HTTP/1.1\r\nHost: docker\r\nContent-Length: 17\r\n\r\n"
    b'{"CpuShares":128}',
    b"POST /containers/create HTTP/1.1\r\nHost: docker\r\nContent-Length: 2\r\n\r\n{}",
    b"POST /containers/" + b"a" * 64 + b"/exec HTTP/1.1\r\nHost: docker\r\nContent-Length: 2\r\n\r\n{}",
)
SMUGGLED: Final = (
    *(b"/../", b"/./", b"//", b"%2e%2e", b"%2f", b"/containers/create", b"/exec", b"?force=1&force=1", b"&v=1", b"#"),
    *(b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"Expect: 100-continue\r\n", b"Upgrade: h2c\r\n"),
    *(
        b" HTTP/1.0",
        b"\r\n\r\nPOST /containers/create HTTP/1.1\r\n",
        b"\n",
        b"\r",
        b"\0",
        b"\t",
        b"http://x/",
        b"POST ",
    ),
    b"\\",
)


class GateFuzzer(Fuzzer):
    """Whatever a client sends to the gate, only requests in the table reach the engine, one to a connection, and the
    gate keeps working.
    """

    name = "gate"
    short_inputs: ClassVar[int] = 150

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._heard: list[bytes] = []
        self._count = 0

    def open(self) -> None:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="fuzz-")))
        self._server = self._stack.enter_context(socket.socket(socket.AF_UNIX))
        self._server.bind(str(folder / "engine.sock"))
        self._server.listen(64)
        threading.Thread(target=answer_all, args=(self._server, self._tell), daemon=True).start()
        self._gate = self._stack.enter_context(RunningGate(folder, f"unix://{folder / 'engine.sock'}", ROWS))

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._stack.close()

    def _tell(self, client: socket.socket) -> None:
        self._heard.append(client.recv(65536))
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]")

    def make(self, random: random.Random) -> list[bytes]:
        data = random.choice(REQUESTS)
        if random.random() < 0.3:
            data += random.choice(REQUESTS)
        return mutate.pieces(random, mutate.mutated_text(random, data, SMUGGLED, 3))

    def check(self, data: list[bytes]) -> None:
        with self._gate.connect() as client, suppress(OSError):
            client.settimeout(3)
            for piece in data:
                client.sendall(piece)
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):
                pass
        for heard in self._drained():
            assert ALLOWED.match(heard), heard
            assert heard.count(b" HTTP/1.") == 1, heard
        self._count += 1
        if self._count % 50 == 0:
            assert self._gate.status("GET", "/version") == 200
            list(self._drained())

    def _drained(self) -> Iterator[bytes]:
        while self._heard:
            yield self._heard.pop(0)
