"""Temporary faults: undone in time, if need be by the next bridge, and never if somebody else changed the container."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hostbridge.backends.base import Healing, Undo
from hostbridge.backends.simulated import SimulatedBackend
from hostbridge.fault import Fault
from hostbridge.faults.audit import Audit
from hostbridge.faults.healer import FIRST_PAUSE_SECONDS, Healer
from hostbridge.faults.journal import FaultEntry, Journal
from hostbridge.model import PAUSED, RUNNING, Code, Container, KillAction, RequestError, SetupError
from hostbridge.policy.rules import Policy
from tests.bridges import Bridge, eventually

SHORT = Fault(KillAction.PAUSE, 0.3)
LONG = Fault(KillAction.PAUSE, 3600)


class Killed(BaseException):
    """Stands for SIGKILL at this point: nothing of the bridge runs after it."""


class Dying(SimulatedBackend):
    """An engine whose bridge is killed at a point of the test's choice."""

    dies_at = ""

    def prepare(self, container: Container, fault: Fault) -> Undo:
        self._die_at("prepare")
        return super().prepare(container, fault)

    def inflict(self, container: Container, fault: Fault, undo: Undo) -> None:
        self._die_at("before")
        super().inflict(container, fault, undo)
        self._die_at("after")

    def heal(
        self, container_id: str, action: KillAction, undo: Undo, whole: bool, touching: Callable[[], None]
    ) -> Healing:
        self._die_at("before healing")
        how = super().heal(container_id, action, undo, whole, touching)
        self._die_at("after healing")
        return how

    def _die_at(self, point: str) -> None:
        if point == self.dies_at:
            raise Killed


class Fleet:
    """A simulated engine that outlives its bridges."""

    def __init__(self, folder: Path, backend: SimulatedBackend | None = None) -> None:
        self.folder = folder
        self.backend = backend or SimulatedBackend(2, churn=0)
        self.ended: list[tuple[str, str]] = []
        self.healer: Healer | None = None

    def bridge(self) -> Healer:
        self.journal = Journal(self.folder / "undo.json")

        def ended(entry: FaultEntry, how: Healing) -> None:
            self.ended.append((entry.name, how))

        self.healer = Healer(self.backend, self.journal, Audit(str(self.folder / "audit.jsonl")), ended=ended)
        self.healer.start()
        return self.healer

    def kill_bridge(self) -> None:
        """Do what SIGKILL does: release the lock, and nothing else."""
        assert self.healer is not None
        self.healer._closing = True
        with self.healer._changed:
            self.healer._pending.clear()
            self.healer._changed.notify_all()
        self.journal.close()

    def state(self, container: Container) -> str:
        (found,) = self.backend.look([container.id])
        return found.state


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    made = Fleet(tmp_path)
    yield made
    if made.healer:
        made.kill_bridge()


def test_it_is_undone_when_its_time_is_up(fleet: Fleet) -> None:
    web = fleet.backend.list()[0]
    fleet.bridge().inflict("1", web, SHORT)
    assert fleet.state(web) == PAUSED
    eventually(lambda: fleet.ended == [(web.name, "healed")])
    assert fleet.state(web) == RUNNING
    assert json.loads((fleet.folder / "undo.json").read_text())["entries"] == []
    (line,) = [json.loads(line) for line in (fleet.folder / "audit.jsonl").read_text().splitlines()]
    assert (line["event"], line["kill"], line["action"], line["result"]) == ("healed", "1", "pause", "healed")


@pytest.mark.parametrize("action", [KillAction.DISCONNECT, KillAction.THROTTLE, KillAction.SQUEEZE])
def test_every_kind_is_undone(fleet: Fleet, action: KillAction) -> None:
    web = fleet.backend.list()[0]
    fleet.bridge().inflict("1", web, Fault.of(action, 0.2))
    eventually(lambda: fleet.ended == [(web.name, "healed")])


def test_the_next_bridge_undoes_what_a_killed_one_left(fleet: Fleet) -> None:
    web = fleet.backend.list()[0]
    fleet.bridge().inflict("1", web, SHORT)
    fleet.kill_bridge()
    time.sleep(SHORT.seconds + 0.1)
    assert fleet.state(web) == PAUSED, "nobody is there to undo it"
    fleet.bridge()
    eventually(lambda: fleet.ended == [(web.name, "healed")])
    assert fleet.state(web) == RUNNING


@pytest.mark.parametrize(
    ("point", "ended"),
    [
        ("prepare", []),
        ("before", ["changed"]),  # it was never done
        ("after", ["healed"]),
        ("before healing", ["healed"]),
        ("after healing", ["changed"]),  # it was undone already
    ],
)
def test_wherever_the_bridge_is_killed_the_container_is_healed_once(
    tmp_path: Path, point: str, ended: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = Dying(1, churn=0)
    fleet = Fleet(tmp_path, backend)
    web = backend.list()[0]
    backend.dies_at = point
    died = threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda args: died.set())
    try:
        fleet.bridge().inflict("1", web, SHORT)
    except Killed:
        died.set()
    assert died.wait(5)
    fleet.kill_bridge()
    backend.dies_at = ""
    fleet.bridge()
    eventually(lambda: fleet.ended == [(web.name, how) for how in ended])
    assert fleet.state(web) == RUNNING
    fleet.kill_bridge()


def test_container_resumed_by_somebody_else_is_left_alone(fleet: Fleet) -> None:
    web = fleet.backend.list()[0]
    fleet.bridge().inflict("1", web, SHORT)
    fleet.backend.heal(web.id, KillAction.PAUSE, {}, whole=True, touching=lambda: None)  # by hand
    eventually(lambda: fleet.ended == [(web.name, "changed")])


def test_a_container_that_has_gone_needs_no_healing(fleet: Fleet) -> None:
    web = fleet.backend.list()[0]
    fleet.bridge().inflict("1", web, SHORT)
    fleet.backend.act(web, KillAction.REMOVE)
    eventually(lambda: fleet.ended == [(web.name, "gone")])


def test_a_second_fault_of_the_same_kind_is_refused_and_another_kind_is_not(fleet: Fleet) -> None:
    web, other = fleet.backend.list()
    healer = fleet.bridge()
    healer.inflict("1", web, LONG)
    with pytest.raises(RequestError) as caught:
        healer.inflict("2", web, LONG)
    assert caught.value.code is Code.CONFLICT
    healer.inflict("3", web, Fault.of(KillAction.THROTTLE, 60))
    healer.inflict("4", other, LONG)


def test_the_end_of_the_bridge_undoes_everything(fleet: Fleet) -> None:
    web, other = fleet.backend.list()
    healer = fleet.bridge()
    healer.inflict("1", web, LONG)
    healer.inflict("2", other, LONG)
    healer.close(5.0)
    assert (fleet.state(web), fleet.state(other)) == (RUNNING, RUNNING)
    fleet.healer = None


class Away(SimulatedBackend):
    """An engine that does not answer for a while."""

    away = False

    def heal(
        self, container_id: str, action: KillAction, undo: Undo, whole: bool, touching: Callable[[], None]
    ) -> Healing:
        if self.away:
            raise RequestError(Code.ENGINE_DOWN, "the engine does not answer")
        return super().heal(container_id, action, undo, whole, touching)


def test_undoing_is_retried_until_the_engine_answers(tmp_path: Path) -> None:
    backend = Away(1, churn=0)
    backend.away = True
    fleet = Fleet(tmp_path, backend)
    web = backend.list()[0]
    healer = fleet.bridge()
    healer.inflict("1", web, SHORT)
    eventually(lambda: healer._pending["1"].pause > FIRST_PAUSE_SECONDS)
    assert fleet.state(web) == PAUSED
    backend.away = False
    eventually(lambda: fleet.ended == [(web.name, "healed")])
    fleet.kill_bridge()


def test_undoing_is_retried_at_once_when_the_engine_is_back(tmp_path: Path) -> None:
    backend = Away(2, churn=0)
    backend.away = True
    fleet = Fleet(tmp_path, backend)
    late, soon = backend.list()
    healer = fleet.bridge()
    healer.inflict("1", late, SHORT)
    healer.inflict("2", soon, LONG)
    eventually(lambda: healer._pending["1"].pause > FIRST_PAUSE_SECONDS)
    with healer._changed:  # as after many tries
        healer._pending["1"].due, healer._pending["1"].pause = time.monotonic() + 3600, 15.0
    backend.away = False
    healer.hurry()
    eventually(lambda: fleet.ended == [(late.name, "healed")])
    assert fleet.state(soon) == PAUSED, "its time is not up"
    fleet.kill_bridge()


def test_fault_stays_in_the_journal_while_the_engine_is_down(tmp_path: Path) -> None:
    backend = Away(1, churn=0)
    backend.away = True
    fleet = Fleet(tmp_path, backend)
    web = backend.list()[0]
    healer = fleet.bridge()
    healer.inflict("1", web, LONG)
    healer.close(0.2)
    assert len(json.loads((tmp_path / "undo.json").read_text())["entries"]) == 1
    fleet.kill_bridge()


class OtherEngine(SimulatedBackend):
    """The same kind at another address."""

    where = "elsewhere"


def test_faults_on_another_engine_are_kept_for_its_own_bridge(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    web = fleet.backend.list()[0]
    fleet.bridge().inflict("1", web, SHORT)
    fleet.kill_bridge()
    mine, fleet.backend = fleet.backend, OtherEngine(1, churn=0, seed=1)
    other = fleet.backend.list()[0]
    fleet.bridge().inflict("2", other, SHORT)
    eventually(lambda: (other.name, "healed") in fleet.ended)
    fleet.kill_bridge()
    fleet.backend = mine
    fleet.bridge()
    eventually(lambda: (web.name, "healed") in fleet.ended)
    fleet.kill_bridge()


def test_journal_at_a_device_is_refused_and_nothing_is_created_beside_it(tmp_path: Path) -> None:
    fifo = tmp_path / "undo.json"
    os.mkfifo(fifo)
    for path in (fifo, Path("/dev/null")):
        with pytest.raises(SetupError, match=f"undo journal {path}: it is not a regular file; .*--undo"):
            Journal(path)
    assert [each.name for each in tmp_path.iterdir()] == ["undo.json"]
    assert not Path("/dev/null.lock").exists()


def test_fault_is_not_done_when_the_journal_cannot_be_written(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    web = fleet.backend.list()[0]
    healer = fleet.bridge()
    (fleet.folder / "undo.json.new").mkdir()
    with pytest.raises(RequestError) as caught:
        healer.inflict("1", web, LONG)
    assert caught.value.code is Code.DENIED
    assert fleet.state(web) == RUNNING


class HalfDone(SimulatedBackend):
    """Fails after doing its work."""

    def inflict(self, container: Container, fault: Fault, undo: Undo) -> None:
        super().inflict(container, fault, undo)
        raise RequestError(Code.FAILED, "no")


def test_fault_that_fails_halfway_is_undone_at_once(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, HalfDone(1, churn=0))
    web = fleet.backend.list()[0]
    with pytest.raises(RequestError):
        fleet.bridge().inflict("1", web, LONG)
    eventually(lambda: fleet.state(web) == RUNNING)
    fleet.kill_bridge()


POLICY = Policy(
    fault=SHORT, weapons={"plasma rifle": Fault(KillAction.DISCONNECT, 30), "fist": Fault.of(KillAction.KILL)}
)


def test_a_client_of_version_2_sees_the_fault_begin_and_end(tmp_path: Path) -> None:
    backend = SimulatedBackend(1, churn=0)
    with Bridge(tmp_path, backend, POLICY) as bridge, bridge.talk() as talk:
        hello = talk.ask(type="hello", version=2)
        assert hello["fault"] == {"action": "pause", "seconds": 0.3}
        assert hello["weapons"]["plasma rifle"] == {"action": "disconnect", "seconds": 30}
        (web,) = talk.ask(type="watch")["containers"]
        assert (web["faults"], web["kind"], web["health"]) == ([], "container", "")
        talk.send(type="kill", id=web["id"], seq=1)
        said = [talk.read()]
        while not {"ok", "healed"} <= {each["type"] for each in said}:
            said.append(talk.read())
        (done,) = [each for each in said if each["type"] == "ok"]
        assert (done["action"], done["fault"]) == ("pause", {"action": "pause", "seconds": 0.3})
        (begun,) = [each for each in said if each["type"] == "fault"]
        assert abs(begun["until"] - time.time()) < 10
        assert [each["result"] for each in said if each["type"] == "healed"] == ["healed"]
        eventually(lambda: talk.ask(type="list")["containers"][0]["faults"] == [])


def test_a_client_of_version_1_sees_what_it_saw_before(tmp_path: Path) -> None:
    backend = SimulatedBackend(1, churn=0)
    with Bridge(tmp_path, backend, replace(POLICY, fault=LONG)) as bridge, bridge.talk() as talk:
        hello = talk.ask(type="hello", version=1)
        assert set(hello) == {
            *("type", "version", "server", "backend", "engine", "dry_run", "action", "weapons", "wound")
        }
        assert (hello["action"], hello["weapons"]["plasma rifle"]) == ("pause", "disconnect")
        (web,) = talk.ask(type="watch")["containers"]
        assert set(web) == {
            *("id", "name", "image", "state", "labels", "created", "protected", "node", "restarts", "memory")
        }
        talk.send(type="kill", id=web["id"])
        said = [talk.read() for _ in range(2)]
        assert sorted(each["type"] for each in said) == ["changed", "ok"]
        (done,) = [each for each in said if each["type"] == "ok"]
        assert set(done) == {"type", "request", "id", "action", "dry_run"}


def test_client_may_ask_for_less_time_than_the_policy_gives_and_nothing_else(tmp_path: Path) -> None:
    backend = SimulatedBackend(1, churn=0)
    with Bridge(tmp_path, backend, POLICY) as bridge, bridge.talk() as talk:
        talk.ask(type="hello", version=2)
        web = backend.list()[0].id
        assert talk.ask(type="kill", id=web, fault="disconnect", seconds=31)["code"] == "denied"
        assert talk.ask(type="kill", id=web, fault="stop")["code"] == "denied"
        assert talk.ask(type="kill", id=web, fault="kill", seconds=1)["code"] == "denied"
        for seconds in (0, -1, True, "5", float("inf"), 1e9):
            assert talk.ask(type="kill", id=web, fault="disconnect", seconds=seconds)["code"] == "bad-request"
        assert talk.ask(type="kill", id=web, fault="disconnect", seconds=5)["fault"]["seconds"] == 5


def test_a_dry_run_writes_no_journal_and_does_nothing(tmp_path: Path) -> None:
    backend = SimulatedBackend(1, churn=0)
    with Bridge(tmp_path, backend, replace(POLICY, dry_run=True)) as bridge, bridge.talk() as talk:
        assert talk.ask(type="kill", id=backend.list()[0].id)["type"] == "ok"
        assert backend.list()[0].state == RUNNING
        assert not bridge.undo_path.exists()
        assert bridge.audited()[0]["seconds"] == 0.3
