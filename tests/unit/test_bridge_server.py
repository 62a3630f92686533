"""The bridge on a real socket, with simulated containers."""

import asyncio
import json
import os
import pwd
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from hostbridge.admission import Access
from hostbridge.backends.simulated import SimulatedBackend
from hostbridge.connection import REQUESTS_A_TURN, ClientLimits, Connection
from hostbridge.fault import Fault
from hostbridge.model import Code, Container, KillAction, Peer, RequestError
from hostbridge.policy.rules import Policy
from hostbridge.policy.selectors import Selector
from hostbridge.protocol.names import number_of
from tests.bridges import Bridge, eventually, read_all
from tests.narrow import of_kind


def still(fleet: int = 3) -> SimulatedBackend:
    return SimulatedBackend(fleet, churn=0)


def newest_first(backend: SimulatedBackend) -> list[str]:
    return [each.name for each in sorted(backend.list(), key=lambda each: -each.created)]


class TestText:
    def test_list_is_newest_first_one_name_a_line(self, tmp_path: Path) -> None:
        backend = still()
        with Bridge(tmp_path, backend) as bridge:
            assert bridge.ask(b"list\n") == "".join(f"{name}\n" for name in newest_first(backend)).encode()

    def test_no_containers_are_zero_bytes(self, tmp_path: Path) -> None:
        with Bridge(tmp_path, still(0)) as bridge:
            assert bridge.ask(b"list\n") == b""

    def test_kill_answers_nothing_and_removes_exactly_that_container(self, tmp_path: Path) -> None:
        backend = still()
        first, second, third = newest_first(backend)
        with Bridge(tmp_path, backend) as bridge:
            assert bridge.ask(f"kill {second} please\n".encode()) == b""
            eventually(lambda: bridge.names() == [first, third])
            eventually(lambda: len(backend.killed) == 1)

    def test_an_unknown_name_does_nothing(self, tmp_path: Path) -> None:
        with Bridge(tmp_path, still()) as bridge:
            assert bridge.ask(b"kill nobody\n") == b""
            assert bridge.ask(b"what\n") == b""
            assert len(bridge.names()) == 3

    @pytest.mark.parametrize("request_bytes", [b"list", b"  list \r\n"])
    def test_a_half_close_ends_a_request(self, tmp_path: Path, request_bytes: bytes) -> None:
        with Bridge(tmp_path, still()) as bridge:
            assert bridge.ask(request_bytes, half_close=True).count(b"\n") == 3

    def test_a_list_without_newline_is_answered_after_a_moment(self, tmp_path: Path) -> None:
        with Bridge(tmp_path, still(), limits=ClientLimits(quiet_seconds=0.05)) as bridge:
            assert bridge.ask(b"list").count(b"\n") == 3

    def test_a_request_may_come_in_pieces(self, tmp_path: Path) -> None:
        with Bridge(tmp_path, still()) as bridge, bridge.connect() as client:
            for byte in b"list\n":
                client.sendall(bytes([byte]))
                time.sleep(0.01)
            assert read_all(client).count(b"\n") == 3

    def test_the_last_31_bytes_of_a_long_name_are_enough(self, tmp_path: Path) -> None:
        backend = still(0)
        long = backend.create("a-very-long-project-name-web-frontend-server-1")
        backend.create("another-long-project-name-web-frontend-server-2")
        with Bridge(tmp_path, backend) as bridge:
            bridge.ask(f"kill {long.name[-31:]}\n".encode())
            eventually(lambda: backend.killed == [long.id])

    def test_a_tail_that_fits_two_names_or_is_shorter_kills_neither(self, tmp_path: Path) -> None:
        backend = still(0)
        backend.create("one-project-with-web-frontend-server-1")
        backend.create("two-project-with-web-frontend-server-1")
        with Bridge(tmp_path, backend) as bridge:
            bridge.ask(b"kill " + b"project-with-web-frontend-server-1"[-31:] + b"\n")
            bridge.ask(b"kill web-frontend-server-1\n")
            time.sleep(0.1)
            assert backend.killed == []

    def test_a_container_created_again_under_the_name_last_listed_is_not_killed(self, tmp_path: Path) -> None:
        backend = still(0)
        old = backend.create("web")
        with Bridge(tmp_path, backend) as bridge:
            assert bridge.names() == ["web"]
            backend.act(old, KillAction.REMOVE)
            new = backend.create("web")
            eventually(lambda: bridge.roster.get(new.id))
            for _ in range(3):  # retrying does not help
                bridge.ask(b"kill web\n")
            time.sleep(0.1)
            assert backend.killed == [old.id]
            bridge.names()
            bridge.ask(b"kill web\n")
            eventually(lambda: backend.killed == [old.id, new.id])

    def test_a_container_created_after_the_last_list_is_not_killed_however_old_the_list(self, tmp_path: Path) -> None:
        backend = still(0)
        backend.create("web")
        with Bridge(tmp_path, backend) as bridge:
            assert bridge.names() == ["web"]
            new = backend.create("api")
            eventually(lambda: bridge.roster.get(new.id))
            bridge.ask(b"kill api\n")
            bridge.ask(f"kill {number_of('api')}\n".encode())
            time.sleep(0.1)
            assert backend.killed == []
            assert bridge.names() == ["api", "web"]
            bridge.ask(b"kill api\n")
            eventually(lambda: backend.killed == [new.id])

    def test_a_client_that_never_listed_means_the_current_containers(self, tmp_path: Path) -> None:
        backend = still(0)
        with Bridge(tmp_path, backend) as bridge:
            new = backend.create("api")
            eventually(lambda: bridge.roster.get(new.id))
            bridge.ask(b"kill api\n")
            eventually(lambda: backend.killed == [new.id])

    def test_a_renamed_container_is_killed_and_not_the_one_that_took_its_name(self, tmp_path: Path) -> None:
        backend = still(0)
        old, other = backend.create("web"), backend.create("other")
        with Bridge(tmp_path, backend) as bridge:
            assert set(bridge.names()) == {"web", "other"}
            with backend._something:
                backend._containers |= {old.id: replace(old, name="was-web"), other.id: replace(other, name="web")}
                backend._touched |= {old.id, other.id}
            eventually(lambda: bridge.roster.called() == {old.id: "was-web", other.id: "web"})
            bridge.ask(b"kill web\n")
            eventually(lambda: backend.killed == [old.id])

    def test_the_end_of_a_name_does_not_hit_a_newer_container(self, tmp_path: Path) -> None:
        backend = still(0)
        old = backend.create("one-project-with-web-frontend-server-1")
        with Bridge(tmp_path, backend) as bridge:
            bridge.names()
            backend.act(old, KillAction.REMOVE)
            new = backend.create("two-project-with-web-frontend-server-1")
            eventually(lambda: bridge.roster.get(new.id))
            bridge.ask(f"kill {new.name[-31:]}\n".encode())
            time.sleep(0.1)
            assert backend.killed == [old.id]

    def test_names_with_spaces_are_one_word_and_kill_nobody_else(self, tmp_path: Path) -> None:
        backend = still(0)
        spaced, plain = backend.create("db backup"), backend.create("db")
        with Bridge(tmp_path, backend) as bridge:
            assert bridge.names() == ["db", "db_backup"]
            bridge.ask(b"kill db_backup\n")
            eventually(lambda: backend.killed == [spaced.id])
            assert bridge.roster.get(plain.id)

    @pytest.mark.skipif(shutil.which("nc") is None, reason="needs nc")
    def test_the_original_s_shell_commands_work(self, tmp_path: Path) -> None:
        backend = still()
        with Bridge(tmp_path, backend) as bridge:

            def shell(line: str) -> str:
                command = line.replace("SOCKET", str(bridge.path))
                return subprocess.run(command, shell=True, capture_output=True, text=True, timeout=10).stdout

            first, second, third = shell("echo list | nc -U SOCKET").split()
            assert shell(f'echo "kill {second}" | nc -U SOCKET') == ""
            eventually(lambda: shell("echo list | nc -U SOCKET") == f"{first}\n{third}\n")


class TestJson:
    def test_hello_says_what_to_expect(self, tmp_path: Path) -> None:
        with Bridge(tmp_path, still(), Policy(dry_run=True)) as bridge, bridge.talk() as talk:
            answer = talk.ask(type="hello", version=1, client="test", seq=1)
            assert answer["type"] == "hello"
            assert (answer["version"], answer["seq"], answer["engine"], answer["dry_run"]) == (1, 1, "up", True)
            assert talk.ask(type="hello", version=0)["code"] == "unsupported-version"
            assert talk.ask(type="hello", version=99)["version"] == 2

    def test_list_describes_the_containers(self, tmp_path: Path) -> None:
        backend = still()
        with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
            answer = talk.ask(type="list", seq="x")
            assert [each["name"] for each in answer["containers"]] == newest_first(backend)
            assert {"id", "name", "image", "state", "labels", "created", "protected", "node"} <= set(
                answer["containers"][0]
            )

    def test_watch_reports_arrivals_departures_and_changes(self, tmp_path: Path) -> None:
        backend = still(1)
        with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
            snapshot = talk.ask(type="watch")
            assert (snapshot["type"], len(snapshot["containers"])) == ("snapshot", 1)
            made = backend.create("new")
            added = talk.read()
            assert (added["type"], added["container"]["id"]) == ("added", made.id)
            backend.act(made, KillAction.PAUSE)
            changed = talk.read()
            assert (changed["type"], changed["container"]["state"]) == ("changed", "paused")
            backend.act(made, KillAction.REMOVE)
            assert talk.read() == {"type": "removed", "id": made.id}

    def test_kill_is_by_id_and_answered_when_it_is_done(self, tmp_path: Path) -> None:
        backend = still()
        victim = backend.list()[0]
        with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
            answer = talk.ask(type="kill", id=victim.id, weapon="shotgun", seq=7)
            assert (answer["type"], answer["seq"], answer["action"]) == ("ok", 7, "remove")
            assert backend.killed == [victim.id]
            assert talk.ask(type="kill", id=victim.id)["code"] == "not-found"
            assert talk.ask(type="kill", id=backend.list()[0].name)["code"] == "not-found"
            assert talk.ask(type="kill", id=backend.list()[0].id[:12])["code"] == "not-found"

    def test_protected_containers_are_shown_but_not_killed(self, tmp_path: Path) -> None:
        backend = still()
        victim = backend.list()[0]
        policy = Policy(protect=(Selector.parse(victim.name),))
        with Bridge(tmp_path, backend, policy) as bridge, bridge.talk() as talk:
            listed = {each["id"]: each["protected"] for each in talk.ask(type="list")["containers"]}
            assert sorted(listed.values()) == [False, False, True]
            assert listed[victim.id]
            assert talk.ask(type="kill", id=victim.id)["code"] == "protected"
            bridge.ask(f"kill {victim.name}\n".encode())
            time.sleep(0.1)
            assert backend.killed == []

    def test_hidden_containers_cannot_be_killed_either(self, tmp_path: Path) -> None:
        backend = still()
        victim = backend.list()[0]
        policy = Policy(exclude=(Selector.parse(victim.name),))
        with Bridge(tmp_path, backend, policy) as bridge, bridge.talk() as talk:
            assert len(talk.ask(type="list")["containers"]) == 2
            assert talk.ask(type="kill", id=victim.id)["code"] == "not-found"
            assert backend.killed == []

    def test_a_weapon_can_mean_another_action(self, tmp_path: Path) -> None:
        backend = still(1)
        victim = backend.list()[0]
        policy = Policy(weapons={"fist": Fault.of(KillAction.PAUSE)})
        with Bridge(tmp_path, backend, policy) as bridge, bridge.talk() as talk:
            assert talk.ask(type="kill", id=victim.id, weapon="fist")["action"] == "pause"
            assert talk.ask(type="kill", id=victim.id, action="stop")["code"] == "denied"
            eventually(lambda: talk.ask(type="list")["containers"][0]["state"] == "paused")
            assert talk.ask(type="kill", id=victim.id, weapon="fist")["code"] == "conflict"
            assert talk.ask(type="kill", id=victim.id, weapon="pistol")["action"] == "remove"

    def test_a_dry_run_kills_nobody(self, tmp_path: Path) -> None:
        backend = still(1)
        with Bridge(tmp_path, backend, Policy(dry_run=True)) as bridge, bridge.talk() as talk:
            assert talk.ask(type="kill", id=backend.list()[0].id)["dry_run"] is True
            assert (backend.killed, len(bridge.names())) == ([], 1)
            assert [line["event"] for line in bridge.audited()] == ["intent", "result"]

    def test_the_budget_of_a_session_runs_out(self, tmp_path: Path) -> None:
        backend = still()
        with Bridge(tmp_path, backend, Policy(kill_budget=2)) as bridge:
            with bridge.talk() as talk:
                answers = [talk.ask(type="kill", id=each.id) for each in backend.list()]
            assert [each.get("code") for each in answers] == [None, None, "rate-limited"]
            assert len(backend.killed) == 2

    def test_the_rate_is_limited(self, tmp_path: Path) -> None:
        backend = still(5)
        with Bridge(tmp_path, backend, Policy(kills_per_minute=3)) as bridge, bridge.talk() as talk:
            answers = [talk.ask(type="kill", id=each.id).get("code") for each in backend.list()]
            assert answers == [None, None, None, "rate-limited", "rate-limited"]

    def test_invalid_requests_are_answered_and_the_conversation_continues(self, tmp_path: Path) -> None:
        with Bridge(tmp_path, still()) as bridge, bridge.talk() as talk:
            assert talk.ask(nothing=1)["code"] == "bad-request"
            assert talk.ask(type="dance", seq=4) | {"message": ""} == {
                "type": "error", "seq": 4, "request": "", "code": "unknown-request", "message": ""}  # fmt: skip
            assert talk.ask(type="ping", seq=5) == {"type": "pong", "seq": 5}

    def test_answers_come_before_the_connection_closes_on_a_half_close(self, tmp_path: Path) -> None:
        backend = still()
        line = f'{{"type":"kill","id":"{backend.list()[0].id}"}}\n{{"type":"ping"}}'.encode()
        with Bridge(tmp_path, backend) as bridge:
            assert sorted(bridge.ask(line, half_close=True).split(b'"')[3::4][:1])
            assert len(backend.killed) == 1


class SlowBackend(SimulatedBackend):
    """Kills take until `go` is set."""

    def __init__(self, fleet: int) -> None:
        super().__init__(fleet, churn=0)
        self.go = threading.Event()
        self.asked = 0

    def act(self, container: Container, action: KillAction) -> None:
        self.asked += 1
        assert self.go.wait(10)
        super().act(container, action)


def test_no_container_is_killed_twice(tmp_path: Path) -> None:
    backend = SlowBackend(1)
    victim = backend.list()[0]
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as first, bridge.talk() as second:
        first.send(type="kill", id=victim.id)
        eventually(lambda: backend.asked)
        assert second.ask(type="kill", id=victim.id)["code"] == "conflict"
        assert second.ask(type="ping")["type"] == "pong"
        backend.go.set()
        assert first.read()["type"] == "ok"
        assert second.ask(type="kill", id=victim.id)["code"] == "not-found"
        assert backend.asked == 1


class TestBadClients:
    def test_200_idle_connections_disturb_nobody(self, tmp_path: Path) -> None:
        with Bridge(tmp_path, still()) as bridge:
            idle = [bridge.connect() for _ in range(200)]
            assert len(bridge.names()) == 3
            for each in idle:
                each.close()

    def test_beyond_the_limit_the_oldest_silent_one_goes(self, tmp_path: Path) -> None:
        with Bridge(tmp_path, still(), limits=ClientLimits(connections=5)) as bridge, bridge.talk() as talk:
            assert talk.ask(type="ping")["type"] == "pong"
            idle = [bridge.connect() for _ in range(10)]
            assert len(bridge.names()) == 3
            assert talk.ask(type="ping")["type"] == "pong"
            assert read_all(idle[0]) == b""

    def test_silent_connections_are_closed(self, tmp_path: Path) -> None:
        with Bridge(tmp_path, still(), limits=ClientLimits(first_request_seconds=0.1)) as bridge:
            with bridge.connect() as client:
                assert read_all(client) == b""
            with bridge.connect() as dripping, pytest.raises(OSError):
                for _ in range(500):
                    dripping.sendall(b"x")
                    time.sleep(0.02)

    def test_a_megabyte_without_a_newline(self, tmp_path: Path) -> None:
        with Bridge(tmp_path, still()) as bridge:
            for start in (b"x", b"{"):
                with bridge.connect() as client:
                    try:
                        client.sendall(start + b"y" * 1_000_000)
                        answer = read_all(client)
                    except (BrokenPipeError, ConnectionResetError):
                        continue
                    assert answer == b"" or b"too-large" in answer
            assert len(bridge.names()) == 3

    def test_a_client_that_does_not_read_does_not_fill_the_memory(self, tmp_path: Path) -> None:
        with Bridge(tmp_path, still(200)) as bridge, bridge.connect() as client:
            client.settimeout(1)
            with pytest.raises(OSError):
                while True:  # each 16 bytes ask for 30 kB
                    client.sendall(b'{"type":"list"}\n' * 4000)
            (connection,) = bridge.server.admission.guests()
            assert of_kind(Connection, connection)._transport.get_write_buffer_size() < 1_000_000
            assert len(bridge.names()) == 200

    def test_a_client_that_leaves_early_harms_nobody(self, tmp_path: Path) -> None:
        backend = still(200)
        with Bridge(tmp_path, backend) as bridge:
            for data in (b"list\n", b'{"type":"watch"}\n', b'{"type":"ki', b""):
                client = bridge.connect()
                client.sendall(data)
                client.close()
            backend.create("new")
            eventually(lambda: "new" in bridge.names())
            eventually(lambda: not len(bridge.server.admission))

    def test_strangers_are_turned_away(self, tmp_path: Path) -> None:
        access = Access(uids=frozenset({os.getuid() + 1}))
        with Bridge(tmp_path, still(), access=access) as bridge, bridge.connect() as client:
            assert client.recv(1) == b""
        friends = Access(gids=frozenset({os.getgid()}))
        with Bridge(tmp_path, still(), access=friends) as bridge:
            assert len(bridge.names()) == 3


def test_a_client_that_floods_gets_no_longer_turns_than_others(tmp_path: Path) -> None:
    with Bridge(tmp_path, still()) as bridge:

        async def flood() -> tuple[int, list[int]]:
            ours, theirs = socket.socketpair()
            ours.setblocking(False)
            reader, _ = await asyncio.open_connection(sock=theirs)
            transport, connection = await asyncio.get_running_loop().connect_accepted_socket(
                bridge.server.connection, ours
            )
            data = b"".join(b'{"type":"ping","seq":%d}\n' % number for number in range(300))
            connection.get_buffer(-1)[: len(data)] = data
            connection.buffer_updated(len(data))
            left = len(connection._waiting)
            answers = [json.loads(await reader.readline())["seq"] for _ in range(300)]
            transport.abort()
            return left, answers

        future = asyncio.run_coroutine_threadsafe(flood(), bridge._loop)
        assert future.result(10) == (300 - REQUESTS_A_TURN, list(range(300)))


def test_no_user_can_take_all_connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uid = [1000]
    monkeypatch.setattr("hostbridge.connection.peer_of", lambda _: Peer(uid[0], 1000, 1))
    with Bridge(tmp_path, still(), limits=ClientLimits(connections=8)) as bridge:
        hogs = [bridge.connect() for _ in range(6)]
        for each in hogs:
            each.sendall(b'{"type":"ping"}\n')
            assert each.recv(100)
        with bridge.connect() as late, pytest.raises(ConnectionError):
            late.sendall(b'{"type":"ping"}\n')
            if late.recv(1) == b"":
                raise ConnectionResetError
        uid[0] = 0
        assert len(bridge.names()) == 3
        with bridge.talk() as talk:
            assert talk.ask(type="ping")["type"] == "pong"
        for each in hogs:
            each.close()


class FailingBackend(SimulatedBackend):
    """A backend whose engine can be switched off."""

    def __init__(self, fleet: int = 3) -> None:
        super().__init__(fleet, churn=0)
        self.down = False

    def _check(self) -> None:
        if self.down:
            raise RequestError(Code.ENGINE_DOWN, "the engine does not answer")

    def list(self) -> Sequence[Container]:
        self._check()
        return super().list()

    def changes(self) -> Iterator[frozenset[str]]:
        for ids in super().changes():
            self._check()
            yield ids

    def act(self, container: Container, action: KillAction) -> None:
        self._check()
        super().act(container, action)


def test_the_engine_goes_and_comes_back(tmp_path: Path) -> None:
    backend = FailingBackend()
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
        talk.ask(type="watch")
        known = bridge.names()
        backend.down = True
        victim = backend.create("made-meanwhile")
        assert talk.read() == {"type": "engine", "state": "down", "reason": "the engine does not answer"}
        assert bridge.names() == known  # the roster keeps what it had
        assert talk.ask(type="kill", id=bridge.roster.newest_first()[0].id)["code"] == "engine-down"
        backend.down = False
        lines = [talk.read(), talk.read()]
        assert [line["type"] for line in lines] == ["added", "engine"]
        assert lines[0]["container"]["id"] == victim.id


def test_the_audit_log_says_who_did_what(tmp_path: Path) -> None:
    backend = still()
    victim = backend.list()[0]
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
        talk.ask(type="kill", id=victim.id, weapon="rocket launcher")
        intent, result = bridge.audited()
        assert intent.items() >= {"event": "intent", "uid": os.getuid(), "pid": os.getpid(), "name": victim.name,
                                  "id": victim.id, "action": "remove", "weapon": "rocket launcher"}.items()  # fmt: skip
        assert (result["event"], result["kill"], result["result"]) == ("result", intent["kill"], "ok")
        talk.ask(type="kill", id="nobody")
        assert bridge.audited()[2]["result"] == "not-found"
    assert stat.S_IMODE(bridge.audit_path.stat().st_mode) == 0o600


def test_the_same_seed_gives_the_same_fleet() -> None:
    one, two = SimulatedBackend(10, seed=3), SimulatedBackend(10, seed=3)
    assert [replace(each, created=0) for each in one.list()] == [replace(each, created=0) for each in two.list()]


def test_the_fleet_churns(tmp_path: Path) -> None:
    with Bridge(tmp_path, SimulatedBackend(10, churn=1200)) as bridge:
        before = set(bridge.names())
        eventually(lambda: set(bridge.names()) - before and before - set(bridge.names()))
        assert 8 <= len(bridge.names()) <= 12


def fetch(port: int, request: bytes = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n") -> str:
    with socket.create_connection(("127.0.0.1", port), 5) as client:
        client.sendall(request)
        return read_all(client).decode()


def start_real(tmp_path: Path, *flags: str, stderr: int | None = None) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "hostbridge", "--backend", "simulated", "--fleet", "3", "--churn", "0"]
    return subprocess.Popen([*command, "--audit", str(tmp_path / "audit.jsonl"), *flags], stderr=stderr)


def answers(path: Path) -> str:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        try:
            client.connect(str(path))
            client.sendall(b"list\n")
            return read_all(client).decode()
        except OSError:
            return ""


def test_metrics_are_served_when_asked_for(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path = tmp_path / "s"
    bridge = start_real(tmp_path, "--socket", str(path), "--metrics", str(port))
    try:
        name = eventually(lambda: answers(path), 10).split()[0]
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            client.sendall(f"kill {name}\n".encode())
        page = eventually(lambda: (text := fetch(port)) and 'kills_total{result="ok"} 1' in text and text)
        assert 'pydoom_containers{protected="false"} 2' in page
        assert 'pydoom_request_seconds_count{request="textlist"}' in page
        assert name not in page
        assert fetch(port, b"POST / HTTP/1.1\r\n\r\n").startswith("HTTP/1.1 405")
        assert fetch(port, b"GET /x HTTP/1.1\r\n\r\n").startswith("HTTP/1.1 404")
    finally:
        bridge.terminate()
        assert bridge.wait(10) == 0


def test_systemd_may_pass_the_socket(tmp_path: Path) -> None:
    path = tmp_path / "activated"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        shell = 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"'
        command = [sys.executable, "-m", "hostbridge", "--backend", "simulated", "--fleet", "3", "--churn", "0"]
        command += ["--audit", str(tmp_path / "audit.jsonl")]
        bridge = subprocess.Popen(
            ["sh", "-c", shell, "sh", *command], preexec_fn=lambda: os.dup2(listening.fileno(), 3), pass_fds=[3]
        )
        try:
            assert answers(path).count("\n") == 3
        finally:
            bridge.terminate()
            assert bridge.wait(10) == 0
        assert path.exists()


needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every user can reach."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@needs_root
@pytest.mark.parametrize("who", ["nobody", "{uid}", "54321:54322"])
def test_root_can_be_dropped(public: Path, who: str) -> None:
    nobody = pwd.getpwnam("nobody")
    path = public / "socket" / "s"
    log = public / "log" / "audit.jsonl"
    flags = ["--socket", str(path), "--audit", str(log), "--run-as", who.format(uid=nobody.pw_uid)]
    bridge = start_real(public, *flags)
    try:
        eventually(lambda: answers(path), 10)
        status = dict(line.split(":\t", 1) for line in Path(f"/proc/{bridge.pid}/status").read_text().splitlines())
        uid, gid = (54321, 54322) if ":" in who else (nobody.pw_uid, nobody.pw_gid)
        assert (set(status["Uid"].split()), set(status["Gid"].split())) == ({str(uid)}, {str(gid)})
        assert status["NoNewPrivs"] == "1"
        # what was made for that user is theirs: the log can be rotated, and the socket made again
        assert {each.stat().st_uid for each in (path.parent, log.parent)} == {uid}
        log.rename(log.with_name("old"))
        path.unlink()
        eventually(lambda: answers(path), 10)
    finally:
        bridge.terminate()
        assert bridge.wait(10) == 0
    assert not path.exists()


@needs_root
@pytest.mark.parametrize("flag", ["--audit", "--socket"])
def test_a_place_that_the_dropped_user_cannot_reach_is_one_line(public: Path, flag: str) -> None:
    (public / "closed").mkdir(mode=0o700)
    places = {"--socket": str(public / "s"), "--audit": str(public / "log"), flag: str(public / "closed" / "x")}
    words = [word for pair in places.items() for word in pair]
    bridge = start_real(public, *words, "-q", "--run-as", "nobody", stderr=subprocess.PIPE)
    _, err = bridge.communicate(timeout=10)
    assert (bridge.returncode, err.count(b"\n"), flag.encode() in err) == (2, 1, True)


@pytest.mark.parametrize(
    "flags",
    [
        ["--metrics", "nonsense"],
        ["--run-as", "nobody-of-that-name"],
        ["--run-as", "54321"],
        ["--run-as", "0x10:1"],
        ["--group", "no-such-group"],
        ["--include", "label="],
        ["--max-connections", "0"],
        ["--fleet", "-1"],
        ["--weapon", "spoon=stop"],
        ["--audit", "/proc/nowhere/audit"],
    ],
)
def test_what_the_user_can_fix_is_one_line_and_status_2(tmp_path: Path, flags: list[str]) -> None:
    bridge = start_real(tmp_path, "--socket", str(tmp_path / "s"), "-q", *flags, stderr=subprocess.PIPE)
    _, err = bridge.communicate(timeout=10)
    assert bridge.returncode == 2
    assert err.startswith(b"hostbridge: ")
    assert err.count(b"\n") == 1
