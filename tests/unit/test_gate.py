"""The gate with clients and engines that are hostile, slow, endless or gone."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from hostbridge.admission import Access
from hostbridge.backends.docker import DockerBackend
from hostbridge.fault import Fault
from hostbridge.gate import client as gate_client
from hostbridge.gate import outgoing
from hostbridge.model import KillAction
from hostbridge.policy.rules import Policy
from tests.bridges import Bridge, eventually, read_all
from tests.fake_docker import FakeDocker, summary
from tests.gates import GONE, RunningGate, status_of

ID = summary(1)["Id"]
VERSION = b"GET /version HTTP/1.1\r\nHost: docker\r\n\r\n"
EVENTS = b"GET /events HTTP/1.1\r\nHost: docker\r\n\r\n"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[FakeDocker]:
    made = FakeDocker(tmp_path)
    made.containers = [summary(1), summary(2)]
    yield made
    made.stop()


@pytest.fixture
def gate(engine: FakeDocker, tmp_path: Path) -> Iterator[RunningGate]:
    with RunningGate(tmp_path, engine.url) as running:
        yield running


class RawEngine:
    """Answers every connection with `answer`; records every byte received on each."""

    def __init__(self, folder: Path, answer: Callable[[socket.socket], None]) -> None:
        self.url = f"unix://{folder / 'raw.sock'}"
        self.heard: list[bytes] = []
        self._answer = answer
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(folder / "raw.sock"))
        self._server.listen(64)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(20)
            data = b""
            while b"\r\n\r\n" not in data:
                data += connection.recv(65536)
            self.heard.append(data)
            self._answer(connection)

    def close(self) -> None:
        self._server.close()


@pytest.fixture
def raw(tmp_path: Path) -> Iterator[Callable[[Callable[[socket.socket], None]], RawEngine]]:
    made: list[RawEngine] = []

    def start(answer: Callable[[socket.socket], None]) -> RawEngine:
        made.append(RawEngine(tmp_path, answer))
        return made[-1]

    yield start
    for each in made:
        each.close()


def answering(data: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(data)


def test_a_bridge_lists_kills_and_wounds_through_it(engine: FakeDocker, gate: RunningGate, tmp_path: Path) -> None:
    policy = Policy(wound=True, weapons={"fist": Fault.of(KillAction.PAUSE)})
    with Bridge(tmp_path, DockerBackend(gate.url, details=True), policy) as bridge, bridge.talk() as talk:
        eventually(engine.listeners)
        engine.containers.append(summary(3))
        engine.tell("start", summary(3)["Id"])
        eventually(lambda: sorted(bridge.names()) == ["c-1", "c-2", "c-3"])
        eventually(lambda: all(each["memory"] == 4096 for each in talk.ask(type="list")["containers"]))
    with Bridge(tmp_path, DockerBackend(gate.url), policy) as bridge, bridge.talk() as talk:
        assert talk.ask(type="wound", id=summary(2)["Id"])["type"] == "ok"
        assert talk.ask(type="kill", id=summary(2)["Id"], weapon="fist")["type"] == "ok"
        assert talk.ask(type="kill", id=ID)["type"] == "ok"
    assert engine.removed == [ID]
    assert [each.rpartition("/")[2] for each in engine.posted] == ["update", "pause"]


def test_the_engine_receives_only_what_the_gate_itself_writes(
    raw: Callable[[Callable[[socket.socket], None]], RawEngine], tmp_path: Path
) -> None:
    engine = raw(answering(b"HTTP/1.1 204 No Content\r\n\r\n"))
    with RunningGate(tmp_path, engine.url) as gate:
        headers = ("X-Registry-Auth: e30=", "Authorization: x", "Cookie: a=b", "Connection: keep-alive", "Host2: x")
        assert gate.status("POST", f"/v1.41/containers/{ID}/stop?t=%35", b"", *headers) == 204
    assert engine.heard == [
        b"POST /v1.41/containers/" + ID.encode() + b"/stop?t=5 HTTP/1.1\r\nHost: docker\r\n"
        b"User-Agent: pydoom-hostbridge-gate\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    ]


SMUGGLED = b"DELETE /containers/" + ID.encode() + b" HTTP/1.1\r\nHost: docker\r\n\r\n"
START = b"POST /containers/" + ID.encode() + b"/kill HTTP/1.1\r\nHost: docker\r\n"


@pytest.mark.parametrize(
    "data",
    [
        VERSION + SMUGGLED,
        START + b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        START + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED,
        START + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED,
        START + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(SMUGGLED) + SMUGGLED + b"\r\n0\r\n\r\n",
        START + b"X: y\r\n Content-Length: 5\r\n\r\n" + SMUGGLED,
        VERSION.replace(b"\r\n\r\n", b"\r\nContent-Length: 5\r\n\r\n") + SMUGGLED,
        b"GET /version HTTP/1.1\nHost: docker\n\n" + SMUGGLED,
        b"GET /version?x=1%20HTTP/1.1%0d%0aX: HTTP/1.1\r\nHost: docker\r\n\r\n",
        b"GET /version HTTP/1.0\r\nConnection: keep-alive\r\nHost: docker\r\n\r\n" + SMUGGLED,
    ],
)
def test_nothing_is_smuggled_past_the_gate(engine: FakeDocker, gate: RunningGate, data: bytes) -> None:
    status = status_of(gate.ask(data))
    assert status in (400, 403, 501)
    assert engine.requests == []


def test_a_second_request_on_a_connection_is_ignored(engine: FakeDocker, gate: RunningGate) -> None:
    with gate.connect() as client:
        client.sendall(EVENTS)
        eventually(engine.listeners)
        client.sendall(SMUGGLED)
        with suppress(ConnectionResetError):
            read_all(client)
    assert all(each.startswith("GET") for each in engine.requests)


def test_attach_and_exec_get_no_raw_connection(engine: FakeDocker, gate: RunningGate) -> None:
    for target in (f"/containers/{ID}/attach?stream=1", f"/exec/{ID}/start", "/session", f"/containers/{ID}/json"):
        assert gate.status("POST", target, b"", "Connection: Upgrade", "Upgrade: tcp") in (403, 501)
    assert gate.status("GET", f"/containers/{ID}/json", b"", "Connection: Upgrade", "Upgrade: tcp") == 501
    assert engine.requests == []


def test_an_engine_that_switches_protocols_is_not_followed(
    raw: Callable[[Callable[[socket.socket], None]], RawEngine], tmp_path: Path
) -> None:
    engine = raw(answering(b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nroot shell"))
    with RunningGate(tmp_path, engine.url) as gate:
        answer = gate.ask(VERSION)
    assert (status_of(answer), b"shell" in answer) == (502, False)


def test_refusals_have_the_engine_s_shape_and_are_logged(gate: RunningGate, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "hostbridge")
    answer = gate.ask(b"POST /containers/create HTTP/1.1\r\nHost: docker\r\nContent-Length: 2\r\n\r\n{}")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert json.loads(body) == {"message": "the gate does not let POST /containers/create through"}
    assert body.count(b"\n") == 1
    assert f"refused uid {os.getuid()}" in caplog.text
    assert "POST /containers/create" in caplog.text


def test_a_refused_client_that_sends_a_large_body_still_hears_why(gate: RunningGate) -> None:
    body = b"x" * 1_000_000
    answer = gate.ask(b"POST /build HTTP/1.1\r\nHost: docker\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    assert status_of(answer) == 403


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("GET", "/version", b"x"),
        ("DELETE", f"/containers/{ID}", b"{}"),
        ("POST", f"/containers/{ID}/stop", b"{}"),
        ("POST", f"/containers/{ID}/update", b"{" * 20_000),
        ("POST", f"/containers/{ID}/update", b""),
    ],
)
def test_unknown_body_is_refused(engine: FakeDocker, gate: RunningGate, method: str, target: str, body: bytes) -> None:
    assert gate.status(method, target, body) == 403
    assert engine.requests == []


def test_the_engine_s_own_errors_come_through(engine: FakeDocker, gate: RunningGate) -> None:
    engine.hook = lambda method, path: (409, b'{"message":"removal is in progress"}') if method == "DELETE" else None
    answer = gate.ask(b"DELETE /containers/" + ID.encode() + b" HTTP/1.1\r\nHost: docker\r\n\r\n")
    assert status_of(answer) == 409
    assert answer.endswith(b'{"message":"removal is in progress"}')


def test_events_come_one_by_one_and_end_with_the_client(engine: FakeDocker, gate: RunningGate) -> None:
    with gate.connect() as client:
        client.sendall(EVENTS)
        eventually(engine.listeners)
        data = client.recv(65536)
        for action in ("start", "die"):
            engine.tell(action, ID)
            while f'"{action}"'.encode() not in data:
                data += client.recv(65536)
    eventually(lambda: not gate.gate._guests)


class TestTime:
    """Clients and engines that are slow or silent."""

    @pytest.fixture(autouse=True)
    def short(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(gate_client, "REQUEST_SECONDS", 0.5)
        monkeypatch.setattr(gate_client, "STALL_SECONDS", 0.5)
        monkeypatch.setattr(outgoing, "HEAD_SECONDS", 0.5)
        monkeypatch.setattr(outgoing, "BODY_SECONDS", 0.5)

    @pytest.mark.parametrize("begun", [b"", b"GET", VERSION[:-2], START + b"Content-Length: 5\r\n\r\nab"])
    def test_incomplete_request_times_out(self, gate: RunningGate, begun: bytes) -> None:
        begun = begun.replace(b"kill", b"update")
        with gate.connect() as client:
            client.sendall(begun)
            assert status_of(read_all(client)) == 408
        eventually(lambda: not gate.gate._guests)

    @pytest.mark.slow
    def test_dripping_request_times_out(self, gate: RunningGate) -> None:
        with gate.connect() as client:
            begun = time.monotonic()
            with suppress(OSError):
                for byte in VERSION * 100:
                    client.sendall(bytes([byte]))
                    time.sleep(0.02)
            assert time.monotonic() - begun < 5
        eventually(lambda: not gate.gate._guests)

    def test_an_engine_that_does_not_answer_is_a_gateway_time_out(self, engine: FakeDocker, gate: RunningGate) -> None:
        engine.go.clear()
        assert status_of(gate.ask(VERSION)) == 504

    def test_a_response_head_that_drips_is_a_gateway_time_out(
        self, raw: Callable[[Callable[[socket.socket], None]], RawEngine], tmp_path: Path
    ) -> None:
        def drip(connection: socket.socket) -> None:
            for byte in b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000:
                connection.sendall(bytes([byte]))
                time.sleep(0.02)

        with RunningGate(tmp_path, raw(drip).url) as gate:
            assert status_of(gate.ask(VERSION)) == 504

    def test_a_body_that_drips_is_cut_off(
        self, raw: Callable[[Callable[[socket.socket], None]], RawEngine], tmp_path: Path
    ) -> None:
        def drip(connection: socket.socket) -> None:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while True:
                connection.sendall(b"x")
                time.sleep(0.02)

        with RunningGate(tmp_path, raw(drip).url) as gate:
            answer = gate.ask(VERSION)
            assert b"\r\n\r\nx" in answer
            assert len(answer) < 1000

    def test_events_have_no_end_and_no_deadline(self, engine: FakeDocker, gate: RunningGate) -> None:
        with gate.connect() as client:
            client.sendall(EVENTS)
            eventually(engine.listeners)
            time.sleep(1)
            engine.tell("start", ID)
            data = b""
            while b"start" not in data:
                data += client.recv(65536)

    def test_client_that_never_reads_is_disconnected(self, engine: FakeDocker, gate: RunningGate) -> None:
        with gate.connect() as client:
            client.sendall(EVENTS)
            eventually(engine.listeners)
            deadline = time.monotonic() + 10
            while gate.gate._guests:
                assert time.monotonic() < deadline
                engine.tell_raw(b"x" * 100_000)
                time.sleep(0.02)

    def test_endless_listing_is_cut_off(
        self,
        raw: Callable[[Callable[[socket.socket], None]], RawEngine],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(outgoing, "BODY_SECONDS", 60)

        def flood(connection: socket.socket) -> None:
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                connection.sendall(b"x" * 65536)

        with RunningGate(tmp_path, raw(flood).url) as gate:
            answer = gate.ask(VERSION)
        assert 8_000_000 < len(answer) < 9_000_000
        assert not answer.endswith(b"0\r\n\r\n"), "the client can tell that it is not complete"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"rubbish\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1_000_000,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 100,
        b"\x00" * 100,
    ],
    ids=lambda answer: answer[:30].decode("latin1"),
)
def test_an_engine_that_speaks_no_http_is_a_bad_gateway(
    raw: Callable[[Callable[[socket.socket], None]], RawEngine], tmp_path: Path, answer: bytes
) -> None:
    with RunningGate(tmp_path, raw(answering(answer)).url) as gate:
        found = gate.ask(VERSION)
        assert status_of(found) == 502
        assert "does not answer" in json.loads(found.partition(b"\r\n\r\n")[2])["message"]


def test_client_can_tell_that_an_answer_is_incomplete(
    raw: Callable[[Callable[[socket.socket], None]], RawEngine], tmp_path: Path
) -> None:
    engine = raw(answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"))
    with RunningGate(tmp_path, engine.url) as gate:
        answer = gate.ask(VERSION)
    assert not answer.endswith(b"0\r\n\r\n")


def test_headers_of_the_engine_are_not_passed_on(
    raw: Callable[[Callable[[socket.socket], None]], RawEngine], tmp_path: Path
) -> None:
    headers = b"Server: Docker/20\r\nSet-Cookie: a=b\r\nContent-Type: text/plain\r\nContent-Length: 2"
    data = b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n\r\nOK"
    with RunningGate(tmp_path, raw(answering(data)).url) as gate:
        head, _, body = gate.ask(VERSION).partition(b"\r\n\r\n")
    assert body == b"OK"
    assert sorted(head.lower().split(b"\r\n")[1:]) == [
        b"connection: close",
        b"content-length: 2",
        b"content-type: text/plain",
    ]


def test_an_engine_that_is_down_is_reported_and_comes_back(
    engine: FakeDocker, gate: RunningGate, tmp_path: Path
) -> None:
    with Bridge(tmp_path, DockerBackend(gate.url)) as bridge, bridge.talk() as talk:
        talk.ask(type="watch")
        eventually(engine.listeners)
        engine.stop()
        down = talk.read()
        assert down["state"] == "down"
        assert json.loads(gate.ask(VERSION).partition(b"\r\n\r\n")[2])["message"].startswith(
            "the engine behind the gate does not answer: there is no unix://"
        )
        engine.start()
        assert talk.read()["state"] == "up"
        assert talk.ask(type="kill", id=ID)["type"] in ("ok", "removed")


def test_bridge_reconnects_to_a_restarted_gate(engine: FakeDocker, tmp_path: Path) -> None:
    first = RunningGate(tmp_path, engine.url)
    first.__enter__()
    with Bridge(tmp_path, DockerBackend(first.url)) as bridge, bridge.talk() as talk:
        talk.ask(type="watch")
        first.__exit__(None, None, None)
        assert talk.read()["state"] == "down"
        assert talk.ask(type="kill", id=ID)["code"] == "engine-down"
        with RunningGate(tmp_path, engine.url):
            assert talk.read()["state"] == "up"
            talk.send(type="kill", id=ID)
            assert {talk.read()["type"], talk.read()["type"]} == {"ok", "removed"}


def test_connections_beyond_the_limit_are_refused_and_the_others_go_on(engine: FakeDocker, tmp_path: Path) -> None:
    with RunningGate(tmp_path, engine.url, places=3) as gate:
        held = [gate.connect() for _ in range(3)]
        for each in held:
            each.sendall(EVENTS)
        eventually(lambda: engine.listeners() == 3)
        assert status_of(gate.ask(VERSION)) == 503
        for each in held:
            each.close()
        eventually(lambda: status_of(gate.ask(VERSION)) == 200)


def test_only_the_named_users_may_connect(engine: FakeDocker, tmp_path: Path) -> None:
    with RunningGate(tmp_path, engine.url, access=Access(uids=frozenset({os.getuid() + 1}))) as gate:
        assert gate.ask(VERSION) == GONE
        assert gate.path.stat().st_mode & 0o777 == 0o600
    assert engine.requests == []


def test_removed_socket_is_recreated(gate: RunningGate) -> None:
    gate.path.unlink()
    eventually(gate.path.exists)
    eventually(lambda: gate.status("GET", "/version") == 200)


SPEC: dict[str, object] = {
    "Name": "web",
    "Mode": {"Replicated": {"Replicas": 3}},
    "TaskTemplate": {"ContainerSpec": {"Image": "busybox"}, "ForceUpdate": 4},
}
FEWER = {"Mode": {"Replicated": {"Replicas": 2}}}
FORCED = {"TaskTemplate": {"ContainerSpec": {"Image": "busybox"}, "ForceUpdate": 5}}


class TestServices:
    """Changes of a swarm's service."""

    @pytest.fixture(autouse=True)
    def service(self, engine: FakeDocker) -> None:
        def answer(method: str, path: str) -> tuple[int, bytes] | None:
            if method == "GET" and path.endswith("/services/a1"):
                return 200, json.dumps({"ID": "a1", "Version": {"Index": 7}, "Spec": SPEC}).encode()
            return None

        engine.hook = answer

    def update(self, gate: RunningGate, changes: Mapping[str, object]) -> int:
        return gate.status("POST", "/v1.41/services/a1/update?version=7", json.dumps({**SPEC, **changes}).encode())

    def test_one_replica_fewer_and_a_forced_update_get_through(self, engine: FakeDocker, gate: RunningGate) -> None:
        assert self.update(gate, FEWER) == 204
        assert self.update(gate, FORCED) == 204
        assert engine.requests.count("POST /v1.41/services/a1/update?version=7") == 2

    @pytest.mark.parametrize(
        "changes",
        [
            {},
            FEWER | FORCED,
            {"Mode": {"Replicated": {"Replicas": 1}}},
            {"Mode": {"Replicated": {"Replicas": 4}}},
            {"Mode": {"Global": {}}},
            {"Name": "other"},
            {"TaskTemplate": {"ContainerSpec": {"Image": "evil"}, "ForceUpdate": 5}},
            {
                "TaskTemplate": {
                    "ContainerSpec": {"Image": "busybox", "Mounts": [{"Type": "bind", "Source": "/", "Target": "/h"}]},
                    "ForceUpdate": 5,
                }
            },
            FEWER | {"Labels": {"a": "b"}},
        ],
    )
    def test_no_other_change_gets_through(
        self, engine: FakeDocker, gate: RunningGate, changes: Mapping[str, object]
    ) -> None:
        assert self.update(gate, changes) == 403
        assert not any(each.startswith("POST") for each in engine.requests)

    def test_a_change_of_an_outdated_version_is_refused_in_the_engine_s_words(self, gate: RunningGate) -> None:
        body = json.dumps(SPEC | FEWER).encode()
        data = (
            b"POST /services/a1/update?version=6 HTTP/1.1\r\nHost: d\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        )
        answer = gate.ask(data)
        assert (status_of(answer), b"out of sequence" in answer) == (500, True)

    @pytest.mark.parametrize(
        ("says", "hears"), [(404, 404), (204, 502), (299, 502), (302, 502), (499, 502), (599, 502)]
    )
    def test_an_unusual_status_instead_of_the_service_is_a_bad_gateway(
        self, engine: FakeDocker, gate: RunningGate, says: int, hears: int, caplog: pytest.LogCaptureFixture
    ) -> None:
        engine.hook = lambda method, _path: (says, b"") if method == "GET" else None
        assert self.update(gate, FEWER) == hears
        assert "failed" not in caplog.text

    def test_each_change_has_its_own_row(self, engine: FakeDocker, tmp_path: Path) -> None:
        for row, mine, other in (
            ("swarm stop", FEWER, FORCED),
            ("swarm restart", FORCED, FEWER),
        ):
            with RunningGate(tmp_path, engine.url, rows=("listing", row)) as gate:
                assert (self.update(gate, mine), self.update(gate, other)) == (204, 403)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hostbridge", "gate", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=20)


def test_the_command_serves_checks_and_ends(engine: FakeDocker, tmp_path: Path) -> None:
    path = tmp_path / "folder" / "gate.sock"
    command = [sys.executable, "-m", "hostbridge", "gate", "--socket", str(path), "--engine-url", engine.url]
    process = subprocess.Popen([*command, "--action", "stop"], stderr=subprocess.PIPE, text=True)
    try:
        eventually(lambda: run("--check", "--socket", str(path)).returncode == 0, 15)
        assert oct(path.stat().st_mode & 0o777) == "0o600"
        assert oct(path.parent.stat().st_mode & 0o777) == "0o700"
        engine.stop()
        away = run("--check", "--socket", str(path))
        assert (away.returncode, "the engine behind the gate does not answer" in away.stdout) == (1, True)
    finally:
        process.terminate()
        _, said = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "lets through POST containers/{container}/stop" in said
    assert "DELETE" not in said
    assert not path.exists()
    assert run("--check", "--socket", str(path)).returncode == 1


def test_an_engine_that_is_away_is_logged_once(
    engine: FakeDocker, gate: RunningGate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "hostbridge")
    engine.stop()
    for _ in range(5):
        assert status_of(gate.ask(VERSION)) == 502
    engine.start()
    for _ in range(5):
        assert status_of(gate.ask(VERSION)) == 200
    said = [each.getMessage() for each in caplog.records]
    assert len(said) == 2
    assert said[0].startswith("the engine behind the gate does not answer")
    assert said[1] == "the engine is back"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_root_can_be_dropped(engine: FakeDocker) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / "gate" / "engine.sock"
        flags = ["--socket", str(path), "--run-as", "54321:54322", "-q", "--engine-url", engine.url]
        process = subprocess.Popen([sys.executable, "-m", "hostbridge", "gate", *flags])
        try:
            # the engine's socket is root's, so there is an answer, and none of the engine
            eventually(lambda: "no permission for" in run("--check", "--socket", str(path)).stdout, 15)
            status = Path(f"/proc/{process.pid}/status").read_text()
            assert "Uid:\t54321\t54321\t54321\t54321\n" in status
            assert path.stat().st_uid == 0
            path.unlink()
            eventually(path.exists)
            assert path.stat().st_uid == 54321, "the folder is that user's"
        finally:
            process.terminate()
            assert process.wait(10) == 0
        assert not path.exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--engine-url", "ssh://host"), "not over ssh://"),
        (("--policy", "/nowhere/policy.toml"), "No such file"),
        (("--kill-rate", "3"), "unrecognized arguments"),
    ],
)
def test_a_setup_error_is_one_line(arguments: tuple[str, ...], reason: str) -> None:
    done = run("--engine-url", "unix:///nowhere.sock", *arguments)
    assert (done.returncode, done.stderr.count("\n"), reason in done.stderr) == (2, 1, True)


def test_a_folder_in_the_place_of_the_engine_s_socket_is_reported(tmp_path: Path) -> None:
    done = run("--engine-url", f"unix://{tmp_path}")
    assert (done.returncode, "is a folder, not the engine's socket" in done.stderr) == (2, True)


def test_another_user_s_folder_is_refused_for_the_gate_s_socket(engine: FakeDocker, tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    done = run("--engine-url", engine.url, "--socket", str(tmp_path / "open" / "gate.sock"))
    assert (done.returncode, "can be changed by everyone" in done.stderr) == (2, True)
