"""The bridge and its helper: probes, hooks, and a helper that is hostile, hangs or dies."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from hostbridge.backends.simulated import SimulatedBackend
from hostbridge.cli.serve import tell_hooks
from hostbridge.fault import Fault
from hostbridge.host.sockets import ListeningSocket
from hostbridge.metrics.measures import Measures
from hostbridge.model import KillAction, SetupError
from hostbridge.outside import board, desk, hookqueue, wire
from hostbridge.outside.board import ProbeBoard
from hostbridge.outside.desk import HelperDesk
from hostbridge.outside.fetch import Fetcher, HttpAnswer
from hostbridge.outside.helper import Helper, Hook, Probe
from hostbridge.outside.hookqueue import HookQueue
from hostbridge.outside.tokens import header_of
from hostbridge.policy.outside import HookRule, ProbeRule, WebPlace
from hostbridge.policy.rules import Policy
from tests.bridges import AuditLine, Bridge, Message, Talk, eventually
from tests.unit.test_recovery import Town
from tests.webservers import WebServer

SOON = 0.05


class Counted(Measures):
    """What was counted."""

    def __init__(self) -> None:
        self.hooks: dict[str, int] = {}
        self.probes: list[tuple[str, bool]] = []

    def hook(self, name: str, result: str, count: int = 1) -> None:
        self.hooks[result] = self.hooks.get(result, 0) + count

    def probe(self, name: str, ok: bool, seconds: float) -> None:
        self.probes.append((name, ok))


class Helped(Bridge):
    """A bridge with a desk for a helper."""

    def __init__(self, folder: Path, policy: Policy, fleet: int = 20) -> None:
        self.counted = Counted()
        super().__init__(folder, SimulatedBackend(fleet, churn=0), policy, measures=self.counted)
        self.helper_path = folder / "helper.sock"

    def __enter__(self) -> Helped:
        super().__enter__()
        self.begin_desk()
        return self

    def begin_desk(self) -> None:
        self.desk = HelperDesk(
            ListeningSocket(self.helper_path),
            ProbeBoard(self.policy.probes, self.roster, self.audit, self.counted),
            HookQueue(self.policy.hooks, self.audit, self.counted),
        )
        tell_hooks(self._loop, self.audit, self.desk.hooks)
        asyncio.run_coroutine_threadsafe(self.desk.start(), self._loop).result(5)
        self._has_desk = True

    def end_desk(self) -> None:
        if self._has_desk:
            self._has_desk = False
            asyncio.run_coroutine_threadsafe(self.desk.close(), self._loop).result(10)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        try:
            self.end_desk()
        finally:
            super().__exit__(kind, error, _)

    def kill_some(self, count: int) -> list[str]:
        """Kill containers; return their IDs."""
        with self.talk() as talk:
            found = [each["id"] for each in talk.ask(type="list")["containers"][:count]]
            for each in found:
                assert talk.ask(type="kill", id=each, weapon="shotgun")["type"] == "ok"
        return found

    def audited_of(self, event: str) -> list[AuditLine]:
        return [each for each in self.audited() if each["event"] == event]


class Helping:
    """A helper in a thread while the `with` block lasts."""

    def __init__(self, bridge: Helped, environment: dict[str, str] | None = None) -> None:
        policy = bridge.policy
        hooks = [Hook(each, environment or {}) for each in policy.hooks]
        self._helper = Helper(bridge.helper_path, list(map(Probe, policy.probes)), hooks)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._work()))
        self._bridge = bridge

    async def _work(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._helper.run())
        await asyncio.wait({self._task})

    def __enter__(self) -> Helping:
        self._thread.start()
        eventually(lambda: self._bridge.desk.is_connected)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(10)


class FakeHelper:
    """What a helper is to the bridge: lines."""

    def __init__(self, bridge: Helped) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        self.socket.connect(str(bridge.helper_path))
        self._file = self.socket.makefile("rb")

    def say(self, *lines: bytes) -> None:
        self.socket.sendall(b"".join(each + b"\n" for each in lines))

    def read(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._file.readline())
        return found

    def closed(self) -> bool:
        try:
            while self._file.readline():
                continue
        except ConnectionError:
            pass
        return True

    def result(self, probe: str = "shop", ok: bool = True, reason: str = "200") -> None:
        self.say(wire.line_of(wire.ProbeResult(probe, ok, reason, 0.01)).strip())

    def close(self) -> None:
        self._file.close()
        self.socket.close()


def probe(url: str, name: str = "shop") -> ProbeRule:
    return ProbeRule(name, WebPlace.of(url), every_seconds=SOON)


def hook(url: str, name: str = "ops", **more: Any) -> HookRule:
    return HookRule(name, WebPlace.of(url), **more)


def watching(bridge: Helped, version: int = 2) -> Talk:
    talk = Talk(bridge.connect())
    talk.ask(type="hello", version=version)
    assert talk.ask(type="watch")["type"] == "snapshot"
    return talk


def next_probe(talk: Talk) -> Message:
    while (said := talk.read())["type"] != "probe":
        continue
    return said


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that takes seconds takes less."""
    monkeypatch.setattr(board, "LOG_SECONDS", 0.0)
    monkeypatch.setattr(hookqueue, "TELL_SECONDS", SOON)
    monkeypatch.setattr("hostbridge.outside.helper.FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr("hostbridge.outside.helper.RECONNECT_SECONDS", SOON)


def test_probe_is_told_to_players_counted_and_logged(tmp_path: Path) -> None:
    with WebServer() as web, Helped(tmp_path, Policy(probes=(probe(web.url()),))) as bridge:
        talk = watching(bridge)
        with Helping(bridge):
            said = next_probe(talk)
            assert (said["name"], said["state"], said["reason"]) == ("shop", "up", "200")
            web.status = 503
            said = next_probe(talk)
            assert (said["state"], said["reason"]) == ("failing", "503")
            assert abs(said["since"] - time.time()) < 60
            web.status = 200
            assert next_probe(talk)["state"] == "up"
            assert bridge.desk.board.up() == {"shop": True}
        assert next_probe(talk)["state"] == "unknown"
        states = [each["state"] for each in eventually(lambda: _at_least(bridge.audited_of("probe"), 4))]
        assert states == ["up", "failing", "up", "unknown"]
        assert {("shop", True), ("shop", False)} == set(bridge.counted.probes)


def _at_least(lines: list[AuditLine], count: int) -> list[AuditLine] | None:
    return lines if len(lines) >= count else None


def test_later_watcher_hears_how_the_probes_are_and_version_1_never_does(tmp_path: Path) -> None:
    with Helped(tmp_path, Policy(probes=(probe("http://127.0.0.1:1/"),))) as bridge:
        helper = FakeHelper(bridge)
        helper.result(ok=False, reason="timeout")
        eventually(lambda: bridge.desk.board.up() == {"shop": False})
        assert next_probe(watching(bridge))["reason"] == "timeout"
        old = watching(bridge, version=1)
        helper.result()
        eventually(lambda: bridge.desk.board.up() == {"shop": True})
        assert old.ask(type="ping")["type"] == "pong"
        helper.close()


def test_repeated_answers_are_told_once(tmp_path: Path) -> None:
    with Helped(tmp_path, Policy(probes=(probe("http://127.0.0.1:1/"),))) as bridge:
        talk, helper = watching(bridge), FakeHelper(bridge)
        for _ in range(20):
            helper.result()
        helper.result(ok=False, reason="503")
        assert [next_probe(talk)["state"] for _ in range(2)] == ["up", "failing"]
        helper.close()
        assert next_probe(talk)["state"] == "unknown"


def test_flapping_probe_costs_few_lines_of_the_logs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(board, "LOG_SECONDS", 0.3)
    with Helped(tmp_path, Policy(probes=(probe("http://127.0.0.1:1/"),))) as bridge:
        helper = FakeHelper(bridge)
        for number in range(200):
            helper.result(ok=bool(number % 2), reason=str(200 + number))
        eventually(lambda: len(bridge.counted.probes) == 200)
        helper.close()
        last = eventually(lambda: [each for each in bridge.audited_of("probe") if each["state"] == "unknown"])
        assert last[-1]["reason"] == "no helper"
        assert len(bridge.audited_of("probe")) < 20
        assert caplog.text.count("probe shop is") < 20


def test_probe_that_nobody_asks_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "MARGIN_SECONDS", -1.9)  # less the time-out of two seconds
    with Helped(tmp_path, Policy(probes=(probe("http://127.0.0.1:1/"),))) as bridge:
        talk, helper = watching(bridge), FakeHelper(bridge)
        helper.result()
        assert [next_probe(talk)["state"] for _ in range(2)] == ["up", "unknown"]
        helper.result()
        assert next_probe(talk)["state"] == "up"
        helper.close()


def test_log_ends_with_probes_that_are_unknown(tmp_path: Path) -> None:
    with Helped(tmp_path, Policy(probes=(probe("http://127.0.0.1:1/"),))) as bridge:
        helper = FakeHelper(bridge)
        helper.result()
        eventually(lambda: bridge.audited_of("probe"))
    assert [(each["state"], each["reason"]) for each in bridge.audited_of("probe")] == [
        ("up", "200"),
        ("unknown", "bridge stopped"),
    ]
    helper.close()


HOSTILE = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'"alive"',
    b"\xff\xfe",
    b'{"type":"kill","id":"x"}',
    b'{"type":"result"}',
    b'{"type":"result","probe":"shop","ok":1,"reason":"200","seconds":0}',
    b'{"type":"result","probe":["shop"],"ok":true,"reason":"200","seconds":0}',
    b'{"type":"result","probe":"shop","ok":true,"reason":"\\u001b[31m","seconds":0}',
    b'{"type":"result","probe":"shop","ok":true,"reason":"a\\nb","seconds":0}',
    b'{"type":"result","probe":"shop","ok":true,"reason":"","seconds":0}',
    b'{"type":"result","probe":"shop","ok":true,"reason":"200","seconds":NaN}',
    b'{"type":"result","probe":"shop","ok":true,"reason":"200","seconds":-1}',
    b'{"type":"result","probe":"shop","ok":true,"reason":"200","seconds":1e400}',
    b'{"type":"sent","number":true,"ok":true,"reason":"200"}',
    b'{"type":"sent","number":-1,"ok":true,"reason":"200"}',
    b'{"type":"sent","number":1e3,"ok":true,"reason":"200"}',
    b'{"type":"sent","number":' + b"9" * 5000 + b',"ok":true,"reason":"200"}',
    b"[" * 60_000,
    b"x" * 70_000,
)


@pytest.mark.parametrize("line", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_line_ends_the_connection_and_changes_nothing(tmp_path: Path, line: bytes) -> None:
    with Helped(tmp_path, Policy(probes=(probe("http://127.0.0.1:1/"),))) as bridge:
        helper = FakeHelper(bridge)
        helper.say(line)
        assert helper.closed()
        helper.close()
        assert (bridge.counted.probes, bridge.audited()) == ([], [])
        again = FakeHelper(bridge)
        again.result()
        eventually(lambda: bridge.desk.board.up() == {"shop": True})
        again.close()


def test_unknown_probes_and_numbers_are_ignored(tmp_path: Path) -> None:
    with Helped(tmp_path, Policy(probes=(probe("http://127.0.0.1:1/"),))) as bridge:
        helper = FakeHelper(bridge)
        helper.result("other")
        helper.say(wire.line_of(wire.Sent(7, True, "200")).strip())
        helper.result()
        eventually(lambda: bridge.desk.board.up() == {"shop": True})
        assert bridge.counted.hooks == {}
        helper.close()


def test_helper_that_floods_or_says_nothing_is_disconnected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "LINES_A_MINUTE", 60)
    with Helped(tmp_path, Policy(probes=(probe("http://127.0.0.1:1/"),))) as bridge:
        flood = FakeHelper(bridge)
        flood.say(*[b'{"type":"alive"}'] * 200)
        assert flood.closed()
        flood.close()
        monkeypatch.setattr(desk, "SILENCE_SECONDS", 0.1)
        silent = FakeHelper(bridge)
        assert silent.closed()
        silent.close()


def test_second_helper_is_refused_while_one_is_there(tmp_path: Path) -> None:
    with Helped(tmp_path, Policy(probes=(probe("http://127.0.0.1:1/"),))) as bridge:
        first = FakeHelper(bridge)
        first.result()
        eventually(lambda: bridge.desk.board.up())
        second = FakeHelper(bridge)
        assert second.closed()
        first.result(ok=False, reason="503")
        eventually(lambda: bridge.desk.board.up() == {"shop": False})
        for each in (first, second):
            each.close()


@pytest.mark.slow
def test_kills_faults_and_recoveries_reach_a_hook(tmp_path: Path) -> None:
    weapons = {"shotgun": Fault(KillAction.REMOVE), "pistol": Fault(KillAction.THROTTLE, 0.1, cpus=0.5)}
    wanted = {"kill", "fault", "healed", "recovered", "not-recovered"}
    with WebServer(204) as web:
        policy = Policy(hooks=(hook(web.url()),), weapons=weapons, recovery_seconds=2)
        bridge = Helped(tmp_path, policy)
        bridge.backend = town = Town()
        first, second, third = (town.add(name) for name in ("lost", "slow", "back"))
        with bridge, Helping(bridge), bridge.talk() as talk:
            eventually(lambda: len(bridge.roster) == 3)
            for target, weapon in ((first, "shotgun"), (second, "pistol"), (third, "shotgun")):
                assert talk.ask(type="kill", id=target.id, weapon=weapon)["type"] == "ok"
            town.add("back")
            eventually(lambda: wanted <= {each.json["event"] for each in web.received}, 20)
            eventually(lambda: bridge.counted.hooks == {"delivered": len(web.received)})
        told = [each.json for each in web.received]
        assert {each["event"] for each in told} == wanted
        by_event = {each["event"]: each for each in reversed(told)}
        kill = by_event["kill"]
        assert (kill["container"]["id"], kill["weapon"], kill["result"]) == (first.id, "shotgun", "ok")
        assert kill["text"] == "remove of lost with the shotgun: done"
        assert by_event["fault"]["seconds"] == 0.1
        victims = {event: by_event[event]["container"]["id"] for event in wanted - {"kill"}}
        assert victims == {
            "fault": second.id,
            "healed": second.id,
            "recovered": third.id,
            "not-recovered": first.id,
        }
        assert len({each["delivery"] for each in told}) == len(told)
        assert web.received[0].headers["Content-Type"] == "application/json"


def test_only_chosen_events_are_sent(tmp_path: Path) -> None:
    with WebServer(204) as web, Helped(tmp_path, Policy(hooks=(hook(web.url(), events=("refused",)),))) as bridge:
        with Helping(bridge), bridge.talk() as talk:
            bridge.kill_some(1)
            talk.ask(type="kill", id="0" * 64)
            eventually(lambda: web.received)
        assert [each.json["event"] for each in web.received] == ["refused"]


def test_hook_that_fails_is_tried_again_and_then_given_up(tmp_path: Path) -> None:
    with WebServer(503) as web, Helped(tmp_path, Policy(hooks=(hook(web.url(), tries=3),))) as bridge:
        with Helping(bridge):
            bridge.kill_some(1)
            eventually(lambda: bridge.counted.hooks == {"failed": 1})
            assert len(web.received) == 3
            assert len({each.json["delivery"] for each in web.received}) == 1
            web.status = 200
            bridge.kill_some(1)
            eventually(lambda: bridge.counted.hooks == {"failed": 1, "delivered": 1})
        (line,) = eventually(lambda: bridge.audited_of("hook"))
        assert (line["hook"], line["result"], line["count"], line["reason"]) == ("ops", "failed", 1, "503")


@pytest.mark.parametrize("status", [301, 302, 307, 308, 401, 404])
def test_redirects_and_refusals_are_not_tried_again(tmp_path: Path, status: int) -> None:
    with WebServer() as other, WebServer(status, headers={"Location": other.url()}) as web:
        with Helped(tmp_path, Policy(hooks=(hook(web.url(), tries=5),))) as bridge, Helping(bridge):
            bridge.kill_some(1)
            eventually(lambda: bridge.counted.hooks == {"failed": 1})
        assert (len(web.received), len(other.received)) == (1, 0)


def test_hook_that_hangs_delays_neither_kills_nor_other_hooks(tmp_path: Path) -> None:
    over = threading.Event()

    def hang(request: BaseHTTPRequestHandler) -> None:
        over.wait(20)

    with WebServer(answer=hang) as slow, WebServer(204) as web:
        policy = Policy(hooks=(hook(slow.url(), "slow", timeout_seconds=30), hook(web.url())))
        with Helped(tmp_path, policy) as bridge, Helping(bridge):
            bridge.kill_some(10)
            eventually(lambda: len(web.received) == 10)
            eventually(lambda: len(slow.received) == 1)
            eventually(lambda: bridge.counted.hooks == {"delivered": 10})
            assert bridge.desk.hooks.waiting == 10
            over.set()


def test_full_queue_drops_the_oldest_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hookqueue, "QUEUE", 3)
    with WebServer(204) as web, Helped(tmp_path, Policy(hooks=(hook(web.url()),))) as bridge:
        killed = bridge.kill_some(5)
        eventually(lambda: bridge.counted.hooks == {"dropped": 2})
        lines = eventually(lambda: bridge.audited_of("hook"))
        assert sum(each["count"] for each in lines) <= 2
        with Helping(bridge):
            eventually(lambda: bridge.counted.hooks == {"dropped": 2, "delivered": 3})
        assert [each.json["container"]["id"] for each in web.received] == killed[2:]
    assert sum(each["count"] for each in bridge.audited_of("hook")) == 2


def test_message_of_a_helper_that_dies_is_sent_again_but_not_forever(tmp_path: Path) -> None:
    with Helped(tmp_path, Policy(hooks=(hook("http://127.0.0.1:1/"),))) as bridge:
        bridge.kill_some(1)
        deliveries = []
        for _ in range(3):
            helper = FakeHelper(bridge)
            deliveries.append(helper.read()["body"]["delivery"])
            helper.close()
            eventually(lambda: not bridge.desk.is_connected)
        assert len(set(deliveries)) == 1
        eventually(lambda: bridge.counted.hooks == {"failed": 1})


def test_last_messages_are_sent_before_the_bridge_ends(tmp_path: Path) -> None:
    with WebServer(204) as web, Helped(tmp_path, Policy(hooks=(hook(web.url()),))) as bridge, Helping(bridge):
        bridge.kill_some(3)
        bridge.end_desk()
        assert len(web.received) == 3


def test_what_was_not_sent_is_in_the_log_at_the_end(tmp_path: Path) -> None:
    with Helped(tmp_path, Policy(hooks=(hook("http://127.0.0.1:1/"),))) as bridge:
        bridge.kill_some(2)
        eventually(lambda: bridge.desk.hooks.waiting == 2)
    (line,) = bridge.audited_of("hook")
    assert (line["result"], line["count"], line["reason"]) == ("dropped", 2, "bridge stopped")


def test_token_is_sent_and_in_no_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level("DEBUG")
    (tmp_path / "token").write_text("hunter2-from-file\n")
    with WebServer(500) as web:
        rules = (
            hook(web.url(path="/file-url-secret"), "file", token_file=str(tmp_path / "token"), header="X-Token"),
            hook(web.url(path="/env-url-secret"), "env", token_env="OPS_TOKEN"),
        )
        with Helped(tmp_path, Policy(hooks=rules)) as bridge, Helping(bridge, {"OPS_TOKEN": "hunter2-from-env"}):
            bridge.kill_some(1)
            eventually(lambda: bridge.counted.hooks == {"failed": 2})
        by_path = {each.path: each.headers for each in web.received}
        assert by_path["/file-url-secret"]["X-Token"] == "hunter2-from-file"
        assert by_path["/env-url-secret"]["Authorization"] == "Bearer hunter2-from-env"
    everything = caplog.text + bridge.audit_path.read_text()
    assert "hunter2" not in everything
    assert "url-secret" not in everything


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("", "has no token"),
        ("  \n", "has no token"),
        ("secret\r\nX-Other: 1", "not one line of printable ASCII"),
        ("secret\u00e4", "not one line of printable ASCII"),
        ("secret" * 1000, "not one line"),
    ],
)
def test_unusable_token_is_refused_without_being_quoted(tmp_path: Path, token: str, reason: str) -> None:
    (tmp_path / "token").write_text(token, encoding="latin-1")
    for rule, environment in (
        (hook("http://ops.example/", token_file=str(tmp_path / "token")), {}),
        (hook("http://ops.example/", token_env="TOKEN"), {"TOKEN": token}),
    ):
        with pytest.raises(SetupError, match=reason) as caught:
            header_of(rule, environment)
        assert "secret" not in str(caught.value)


def test_missing_token_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"hook ops: cannot read .*/none: No such file"):
        header_of(hook("http://ops.example/", token_file=str(tmp_path / "none")), {})


def test_token_or_certificates_in_a_fifo_do_not_keep_the_helper_waiting(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(SetupError, match=r"hook ops: cannot read .*/fifo: it is not a regular file"):
        header_of(hook("http://ops.example/", token_file=str(fifo)), {})
    with pytest.raises(SetupError, match=r"the certificates in .*/fifo: it is not a regular file"):
        Fetcher(WebPlace.of("https://ops.example/", ca=str(fifo)))


def test_hook_whose_sender_breaks_is_given_up_and_the_next_message_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> HttpAnswer:
        raise RuntimeError("can't start new thread")

    with Helped(tmp_path, Policy(hooks=(hook("http://127.0.0.1:1/", tries=2),))) as bridge:
        monkeypatch.setattr(Fetcher, "ask", broken)
        with Helping(bridge):
            bridge.kill_some(2)
            eventually(lambda: bridge.counted.hooks == {"failed": 2})
        assert {each["reason"] for each in eventually(lambda: bridge.audited_of("hook"))} == {"broken"}


def test_helper_finds_a_bridge_that_comes_back(tmp_path: Path) -> None:
    with WebServer() as web:
        policy = Policy(probes=(probe(web.url()),))
        with Helped(tmp_path, policy) as bridge, Helping(bridge):
            eventually(lambda: bridge.desk.board.up() == {"shop": True})
            bridge.end_desk()
            bridge.begin_desk()
            eventually(lambda: bridge.desk.board.up() == {"shop": True})


def test_bridge_that_hands_over_too_much_is_left(tmp_path: Path) -> None:
    path = tmp_path / "bridge.sock"
    with WebServer(answer=lambda request: time.sleep(0.5)) as web, socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        server.settimeout(10)
        helper = Helper(path, [], [Hook(hook(web.url()), {})])

        async def work() -> None:
            task = asyncio.create_task(helper.run())
            loop = asyncio.get_running_loop()
            connection, _ = await loop.run_in_executor(None, server.accept)
            with connection:
                line = wire.line_of(wire.Send(1, "ops", {}))
                connection.sendall(line * 10)
                connection.settimeout(10)

                def left() -> bool:
                    try:
                        while connection.recv(4096):
                            continue
                    except ConnectionError:
                        pass
                    return True

                assert await loop.run_in_executor(None, left)
            task.cancel()

        asyncio.run(work())
