"""The game's client of the bridge: against our bridge, against the original's daemon, and against nobody."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from hostbridge.backends.simulated import SimulatedBackend
from hostbridge.fault import Fault
from hostbridge.policy.rules import Policy
from hostbridge.policy.selectors import Selector
from pydoom.containers.link import client as client_module
from pydoom.containers.link.client import BridgeClient
from pydoom.containers.link.embedded import EmbeddedBridge, EmbeddedClient
from pydoom.containers.link.errors import BridgeError
from pydoom.containers.link.events import (
    Added,
    Ask,
    BridgeEvent,
    Changed,
    Connected,
    ContainerInfo,
    Disconnected,
    EngineState,
    FaultBegun,
    FaultEnded,
    Inspected,
    Kill,
    KillDone,
    KillFailed,
    KillMeaning,
    LinesRead,
    Listed,
    NotTold,
    RecoveryNews,
    Removed,
    Suffering,
)
from pydoom.containers.link.wire import EventReader, WireError, container_of, meaning_of, text_containers
from tests.bridges import Bridge, eventually

E = TypeVar("E")


class Heard:
    """All events of a client so far."""

    def __init__(self, client: BridgeClient) -> None:
        self.events: list[BridgeEvent] = []
        self._client = client

    def first(self, kind: type[E], accept: Callable[[E], bool] = lambda _: True) -> E:
        def look() -> E | None:
            self.events += self._client.events()
            return next((each for each in self.events if isinstance(each, kind) and accept(each)), None)

        return eventually(look, 10)


@contextmanager
def client_of(path: Path) -> Iterator[tuple[BridgeClient, Heard]]:
    client = BridgeClient(path)
    client.start()
    try:
        yield client, Heard(client)
    finally:
        client.close()


class TestOurBridge:
    def test_the_bridge_is_watched(self, tmp_path: Path) -> None:
        backend = SimulatedBackend(3, churn=0)
        with Bridge(tmp_path, backend) as bridge, client_of(bridge.path) as (_, heard):
            assert heard.first(Connected).text_only is False
            assert heard.first(EngineState).up
            assert len(heard.first(Listed).containers) == 3
            made = backend.create("new")
            assert heard.first(Added).container.name == "new"
            assert heard.first(Added).container.id == made.id

    def test_kills_are_answered(self, tmp_path: Path) -> None:
        backend = SimulatedBackend(3, churn=0)
        one, two, _ = backend.list()
        policy = Policy(protect=(Selector.parse(two.name),))
        with Bridge(tmp_path, backend, policy) as bridge, client_of(bridge.path) as (client, heard):
            heard.first(Listed)
            client.send(Kill(one.id, "shotgun"))
            assert heard.first(KillDone) == KillDone(one.id, "remove", False)
            assert heard.first(Removed).id == one.id
            client.send(Kill(two.id, "shotgun"))
            assert heard.first(KillFailed).code == "protected"
            assert bridge.audited()[0]["weapon"] == "shotgun"

    def test_faults_are_announced_with_their_seconds_and_told_when_they_begin_and_end(self, tmp_path: Path) -> None:
        backend = SimulatedBackend(2, churn=0)
        one = backend.list()[0]
        policy = Policy(fault=Fault.parse("pause:0.3"), weapons={"fist": Fault.parse("disconnect:9")})
        with Bridge(tmp_path, backend, policy) as bridge, client_of(bridge.path) as (client, heard):
            connected = heard.first(Connected)
            assert connected.kill_with("shotgun") == KillMeaning("pause", 0.3)
            assert connected.kill_with("fist") == KillMeaning("disconnect", 9.0)
            heard.first(Listed)
            client.send(Kill(one.id, "shotgun"))
            assert heard.first(KillDone) == KillDone(one.id, "pause", False)
            begun = heard.first(FaultBegun).fault
            assert (begun.action, abs(begun.until - time.time()) < 60) == ("pause", True)
            assert heard.first(Changed, lambda event: bool(event.container.faults)).container.faults == (begun,)
            assert heard.first(FaultEnded) == FaultEnded(one.id, "pause", "healed")
            assert heard.first(Changed, lambda event: event.container.state == "running").container.id == one.id

    def test_a_large_fleet_comes_in_pages(self, tmp_path: Path) -> None:
        with Bridge(tmp_path, SimulatedBackend(1000, churn=0)) as bridge, client_of(bridge.path) as (_, heard):
            assert len({each.id for each in heard.first(Listed).containers}) == 1000

    def test_the_bridge_is_found_again_after_a_restart(self, tmp_path: Path) -> None:
        first = Bridge(tmp_path, SimulatedBackend(3, churn=0))
        with client_of(first.path) as (client, heard):
            with first:
                heard.first(Listed)
            heard.first(Disconnected)
            client.send(Kill("x", "fist"))
            assert heard.first(KillFailed).code == "bridge-away"
            with Bridge(tmp_path, SimulatedBackend(5, churn=0)):
                heard.first(Listed, lambda snapshot: len(snapshot.containers) == 5)

    def test_questions_are_answered_or_refused(self, tmp_path: Path) -> None:
        backend = SimulatedBackend(2, churn=0)
        one, two = backend.list()
        with Bridge(tmp_path, backend) as bridge, client_of(bridge.path) as (client, heard):
            assert heard.first(Connected).inspect
            client.send(Ask(one.id, "inspect", 1))
            assert heard.first(Inspected).ports == ("0.0.0.0:8080->80/tcp",)
            client.send(Ask(one.id, "logs", 1))
            assert heard.first(NotTold) == NotTold(one.id, "logs", "denied")
            client.send(Ask(two.id, "inspect", 0))
            assert heard.first(NotTold, lambda event: event.id == two.id).code == "bridge-away"

    def test_an_order_from_before_the_current_connection_is_refused(self, tmp_path: Path) -> None:
        backend = SimulatedBackend(3, churn=0)
        one, two, _ = backend.list()
        with Bridge(tmp_path, backend) as bridge, client_of(bridge.path) as (client, heard):
            heard.first(Listed)
            client.send(Kill(one.id, "fist", connection=0))
            assert heard.first(KillFailed) == KillFailed(one.id, "bridge-away", "the bridge is away")
            client.send(Kill(two.id, "fist", connection=1))
            assert heard.first(KillDone).id == two.id
            left = {each.id for each in backend.list()}
            assert (one.id in left, two.id in left) == (True, False)


def test_a_spurious_wake_up_does_not_count_as_silence(tmp_path: Path) -> None:
    # of many kills at once, one may be sent before the call that announces it
    with socket.socket(socket.AF_UNIX) as server, client_of(tmp_path / "s") as (client, heard):
        server.bind(str(tmp_path / "s"))
        server.listen()
        connection, _ = server.accept()
        with connection:
            connection.sendall(b'{"type":"hello","version":1}\n{"type":"snapshot","containers":[]}\n')
            heard.first(Listed)
            for _ in range(3):
                client._wake()
                time.sleep(0.05)  # for the thread to notice each
            client.send(Kill("x", "fist"))
            said = b""
            while b"kill" not in said:
                more = connection.recv(65536)
                assert more, "the client has hung up"
                said += more
            assert b"ping" not in said


def test_a_missing_bridge_is_reported_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "START_SECONDS", 0.2)
    with client_of(tmp_path / "nothing") as (client, heard):
        client.send(Kill("x", ""))
        assert heard.first(KillFailed).code == "bridge-away"
        heard.first(Disconnected)


def test_talking_to_something_else_does_not_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "START_SECONDS", 0.0)
    with socket.socket(socket.AF_UNIX) as server, client_of(tmp_path / "s") as (_, heard):
        server.bind(str(tmp_path / "s"))
        server.listen()

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(100)
                    connection.sendall(b"{{{ SSH-2.0-OpenSSH\n" * 10)

        threading.Thread(target=serve, daemon=True).start()
        heard.first(Disconnected)


class TestEmbedded:
    def test_a_simulated_fleet(self) -> None:
        client = EmbeddedClient(EmbeddedBridge("fleet=7&churn=0"))
        client.start()
        assert len(Heard(client).first(Listed).containers) == 7
        folder = client._bridge.path.parent
        client.close()
        assert not folder.exists()

    def test_the_simulated_bridge_ends_with_the_game_even_when_that_is_killed(self, tmp_path: Path) -> None:
        script = (
            "import sys, time\n"
            "from pydoom.containers.link.embedded import EmbeddedBridge\n"
            "bridge = EmbeddedBridge('fleet=1')\n"
            "print(bridge._child.pid, bridge.path.parent, flush=True)\n"
            "time.sleep(60)\n"
        )
        game = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        assert game.stdout is not None
        child, folder = game.stdout.readline().split()
        time.sleep(0.5)
        game.kill()
        game.wait()
        eventually(lambda: not alive(int(child)))
        assert not Path(folder).exists()

    @pytest.mark.parametrize("query", ["fleet=many", "colour=3"])
    def test_invalid_settings_are_refused(self, query: str) -> None:
        with pytest.raises(BridgeError):
            EmbeddedBridge(query)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except OSError:
        return False


class TestReader:
    def test_pieces_do_not_matter(self) -> None:
        data = (
            b'{"type":"snapshot","more":true,"containers":[{"id":"1","name":"a"}]}\n'
            b'{"type":"snapshot","more":false,"containers":[{"id":"2","name":"b"}]}\n'
            b'{"type":"changed","container":{"id":"2","name":"b","state":"paused"}}\n'
            b'{"type":"engine","state":"down"}\n'
        )
        reader = EventReader()
        events = [event for number in range(len(data)) for event in reader.feed(data[number : number + 1])]
        assert events == [
            Listed((ContainerInfo("1", "a"), ContainerInfo("2", "b"))),
            Changed(ContainerInfo("2", "b", state="paused")),
            EngineState(False),
        ]

    @pytest.mark.parametrize(
        "line", [b'{"type":"news"}', b'{"type":"added"}', b'{"type":"added","container":3}', b"[]"]
    )
    def test_unknown_messages_are_skipped(self, line: bytes) -> None:
        assert EventReader().feed(line + b"\n") == []

    def test_a_bridge_of_version_1_says_what_a_kill_does_without_seconds(self) -> None:
        hello = b'{"type":"hello","version":1,"action":"stop","weapons":{"fist":"pause"},"dry_run":true}\n'
        connected, _ = EventReader().feed(hello)
        assert isinstance(connected, Connected)
        assert (connected.kill_with("pistol"), connected.kill_with("fist")) == (
            KillMeaning("stop"),
            KillMeaning("pause"),
        )
        assert connected.dry_run

    def test_a_bridge_that_says_nothing_about_kills_removes(self) -> None:
        connected, _ = EventReader().feed(b'{"type":"hello","version":1}\n')
        assert isinstance(connected, Connected)
        assert connected.kill_with("pistol") == KillMeaning("remove")

    @pytest.mark.parametrize(
        "value",
        [
            None, 3, [], {}, "", "NO", "x" * 17, "rm -rf", "pause\n", {"action": 3}, {"seconds": 3},
            {"action": "pause", "seconds": "long"}, {"action": "pause", "seconds": -1},
            {"action": "pause", "seconds": 1e9}, {"action": "pause", "seconds": True},
            {"action": "pause", "seconds": [1]},
        ],
    )  # fmt: skip
    def test_a_malformed_meaning_of_a_kill_counts_as_not_said(self, value: object) -> None:
        line = json.dumps({"type": "hello", "fault": value, "action": value, "weapons": {"fist": value}}).encode()
        connected, _ = EventReader().feed(line + b"\n")
        assert isinstance(connected, Connected)
        assert (connected.meaning, dict(connected.weapons)) == (KillMeaning("remove"), {})

    def test_a_signal_is_shown_only_if_it_is_one(self) -> None:
        said = [{"action": "kill", "signal": signal} for signal in ("SIGTERM", "term", 15, "SIG" + "X" * 40)]
        assert [meaning_of(each) for each in said] == [
            KillMeaning("kill", 0.0, signal) for signal in ("SIGTERM", "", "", "")
        ]

    def test_a_hello_may_not_name_weapons_without_end(self) -> None:
        weapons = {str(number): "stop" for number in range(1000)}
        connected, _ = EventReader().feed(json.dumps({"type": "hello", "weapons": weapons}).encode() + b"\n")
        assert isinstance(connected, Connected)
        assert len(connected.weapons) <= 64

    def test_answers_to_questions_are_read(self) -> None:
        said = {"started": 5, "restarts": 2, "cpus": 0.5, "memory": 7, "memory_limit": 9, "ports": ["80/tcp"]}
        lines = [
            {"type": "inspect", "id": "a", **said},
            {"type": "logs", "id": "a", "lines": ["one", "two"]},
            {"type": "error", "request": "logs", "id": "a", "code": "denied", "message": "no"},
        ]
        assert EventReader().feed(b"".join(json.dumps(line).encode() + b"\n" for line in lines)) == [
            Inspected("a", 5.0, 2, 0.5, 7, 9, ("80/tcp",)),
            LinesRead("a", ("one", "two")),
            NotTold("a", "logs", "denied"),
        ]

    @pytest.mark.parametrize("value", [None, "x", -1, 1e300, True, [], float("nan"), float("inf")])
    @pytest.mark.parametrize("field", ["started", "cpus"])
    def test_figures_that_make_no_sense_count_as_unknown(self, field: str, value: object) -> None:
        line = json.dumps({"type": "inspect", "id": "a", field: value}).encode() + b"\n"
        try:
            assert EventReader().feed(line) == [Inspected("a")]
        except WireError:
            assert isinstance(value, float), "not JSON"

    @pytest.mark.parametrize(
        "answer",
        [{"ports": 7}, {"memory": "x"}, {"restarts": [1]}, {"type": "logs"}, {"type": "logs", "lines": 7}],
    )
    def test_malformed_answers_are_skipped(self, answer: dict[str, object]) -> None:
        line = json.dumps({"type": "inspect", "id": "a", **answer}).encode() + b"\n"
        found = EventReader().feed(line)
        assert found == []

    def test_answers_are_cut_to_what_can_be_shown(self) -> None:
        ports: dict[str, object] = {"type": "inspect", "id": "a", "ports": ["p" * 500] * 200}
        lines: dict[str, object] = {"type": "logs", "id": "a", "lines": ["l" * 5000] * 20}
        (inspected,) = EventReader().feed(json.dumps(ports).encode() + b"\n")
        (read,) = EventReader().feed(json.dumps(lines).encode() + b"\n")
        assert isinstance(inspected, Inspected) and isinstance(read, LinesRead)
        assert inspected.ports == ("p" * 64,) * 16
        assert read.lines == ("l" * 300,) * 20

    def test_the_faults_of_a_container_are_kept_as_far_as_they_make_sense(self) -> None:
        good = {"action": "pause", "until": 12}
        untimely = [{"action": "pause", "until": until} for until in ("x", True, None, 10**400, 1.7e308, -1e12)]
        bad = [None, 3, {}, {"action": "pause"}, {"until": 3}, {"action": 3, "until": 3}, *untimely]
        assert container_of({"id": "1", "name": "a", "faults": [*bad, good]}).faults == (Suffering("pause", 12.0),)
        assert len(container_of({"id": "1", "name": "a", "faults": [good] * 1000}).faults) <= 16
        assert container_of({"id": "1", "name": "a", "faults": "pause"}).faults == ()

    def test_times_that_are_no_numbers_are_skipped(self) -> None:
        lines = (
            b'{"type":"fault","id":"1","action":"pause","until":NaN}\n'
            b'{"type":"fault","id":"1","action":"pause","until":1e999}\n'
            b'{"type":"fault","id":"1","action":"pause","until":1.7e308}\n'
            b'{"type":"fault","action":"pause","until":3}\n'
            b'{"type":"healed","id":"1"}\n'
            b'{"type":"recovered","id":"1","service":"a","seconds":NaN}\n'
            b'{"type":"recovered","id":"1","service":"a","seconds":1e30}\n'
            b'{"type":"not-recovered","id":"1","service":"a"}\n'
            b'{"type":"added","container":{"id":"1","name":"a","created":1' + b"0" * 400 + b"}}\n"
            b'{"type":"added","container":{"id":"1","name":"a","memory":Infinity}}\n'
        )
        assert EventReader().feed(lines) == []

    def test_a_service_s_name_is_bounded(self) -> None:
        line = json.dumps({"type": "recovered", "id": "1", "service": "W" * 9000, "seconds": 3.2}).encode()
        (news,) = EventReader().feed(line + b"\n")
        assert news == RecoveryNews("1", "W" * 300, 3.2, True)

    def test_all_texts_of_a_container_are_bounded(self) -> None:
        long = "W" * 120_000
        texts = dict.fromkeys(("name", "image", "state", "node", "service"), long)
        labels = {"com.docker.compose.project": long, "com.docker.compose.service": long, long: long}
        for service in (long, ""):
            found = container_of({"id": long, "labels": labels, **texts, "service": service})
            shown = (found.name, found.image, found.state, found.node, found.project, found.service)
            assert {*shown, *found.labels.values()} == {"W" * 300}
            assert max(map(len, found.labels)) == 300
            assert found.id == long, "an identity cut could be another container's"
        (found,) = text_containers(long.encode())
        assert (found.id, found.name) == (long, "W" * 300)

    def test_counts_are_bounded(self) -> None:
        for number in (10**400, 10**15 + 1):
            found = container_of({"id": "1", "name": "a", "restarts": number, "memory": number})
            assert (found.restarts, found.memory) == (999_999, 10**15)
        assert container_of({"id": "1", "name": "a", "restarts": -3}).restarts == 0

    @pytest.mark.parametrize("field", ["created", "restarts", "memory"])
    @pytest.mark.parametrize("number", [b"Infinity", b"-Infinity", b"1e999", b"[7]", b'"x"'])
    def test_containers_with_numbers_that_are_none_are_skipped(self, field: str, number: bytes) -> None:
        container = b'{"id":"1","name":"a","%s":%s}' % (field.encode(), number)
        reader = EventReader()
        assert reader.feed(b'{"type":"added","container":' + container + b"}\n") == []
        assert reader.feed(b'{"type":"engine","state":"up"}\n') == [EngineState(True)], "and it goes on"

    def test_a_time_of_thousands_of_digits_is_skipped(self) -> None:
        line = b'{"type":"added","container":{"id":"1","name":"a","created":1%s}}\n' % (b"0" * 400)
        assert EventReader().feed(line) == []

    def test_a_snapshot_without_an_end_is_an_error(self) -> None:
        page = b'{"type":"snapshot","more":true,"containers":[%s]}\n' % b",".join([b'{"id":"1","name":"a"}'] * 4000)
        reader = EventReader()
        with pytest.raises(WireError, match="without an end"):
            for _ in range(60):
                reader.feed(page)

    @pytest.mark.parametrize("data", [b"hello\n", b"x" * 200_000])
    def test_anything_but_the_protocol_is_an_error(self, data: bytes) -> None:
        with pytest.raises(WireError):
            EventReader().feed(data)


def test_in_the_text_list_names_are_identities() -> None:
    assert text_containers(b"web\ndb\n\nweb\n") == (ContainerInfo("web", "web"), ContainerInfo("db", "db"))
