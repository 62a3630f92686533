"""What can change between a shot and its kill, by accident or attack: the kill hits the meant ID, or nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostbridge.backends.simulated import SimulatedBackend
from hostbridge.fault import Fault
from hostbridge.faults import executioner
from hostbridge.faults.budget import DEFAULT_PER_MINUTE
from hostbridge.model import PROTECT_LABEL, ROLE_LABEL, Code, Container, KillAction, RequestError
from hostbridge.policy.rules import Policy
from hostbridge.policy.selectors import Selector
from tests.bridges import Bridge, eventually


class Quiet(SimulatedBackend):
    """A backend that changes without events, as while an event stream is broken."""

    def __init__(self, fleet: int = 0) -> None:
        super().__init__(fleet, churn=0)
        self.acted: list[str] = []

    def quietly(self, container: Container, **changes: object) -> None:
        self._containers[container.id] = replace(container, **changes)  # type: ignore[arg-type]

    def quietly_gone(self, container: Container) -> None:
        del self._containers[container.id]

    def act(self, container: Container, action: KillAction) -> None:
        self.acted.append(container.id)
        super().act(container, action)


SAFE = Policy(protect=(Selector.parse("safe-*"),), exclude=(Selector.parse("hidden-*"),))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "safe-web"}, "protected"),
        ({"labels": {PROTECT_LABEL: "true"}}, "protected"),
        ({"name": "hidden-web"}, "not-found"),
        ({"labels": {ROLE_LABEL: "game"}}, "not-found"),
        ({"state": "exited"}, "not-found"),
    ],
)
def test_a_container_that_became_protected_is_spared_even_without_an_event(
    tmp_path: Path, change: dict[str, object], code: str
) -> None:
    backend = Quiet()
    web = backend.create("web")
    with Bridge(tmp_path, backend, SAFE) as bridge, bridge.talk() as talk:
        backend.quietly(web, **change)
        bridge.ask(b"kill web\n")
        eventually(lambda: len(bridge.audited()) == 2)
        # the first kill may be in its last moments still
        eventually(lambda: talk.ask(type="kill", id=web.id)["code"] == code)
        results = {line["result"] for line in bridge.audited() if line["event"] != "intent"} - {"conflict"}
        assert results == {code}
        assert backend.acted == []


def test_a_container_that_took_the_name_meanwhile_is_not_hit(tmp_path: Path) -> None:
    backend = Quiet()
    old = backend.create("web")
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
        backend.quietly_gone(old)
        backend.create("web")
        assert talk.ask(type="kill", id=old.id)["code"] == "not-found"
        assert backend.acted == []


def test_a_container_that_takes_a_protected_name_is_protected_and_the_renamed_one_stays_so(tmp_path: Path) -> None:
    backend = Quiet()
    safe, other = backend.create("safe-db"), backend.create("other")
    with Bridge(tmp_path, backend, SAFE) as bridge, bridge.talk() as talk:
        backend.quietly(safe, name="was-safe")
        backend.quietly(other, name="safe-db")
        assert talk.ask(type="kill", id=other.id)["code"] == "protected"
        assert talk.ask(type="kill", id=safe.id)["code"] == "protected", "it was once"
        assert backend.acted == []


class Crooked(SimulatedBackend):
    """A backend that answers about other containers than asked."""

    def look(self, ids: Iterable[str]) -> Sequence[Container]:
        wanted = set(ids)
        return [each for each in self.list() if each.id not in wanted]


def test_an_engine_that_answers_about_other_containers_leads_to_no_kill(tmp_path: Path) -> None:
    backend = Crooked(3, churn=0)
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
        assert talk.ask(type="kill", id=backend.list()[0].id)["code"] == "not-found"
        assert backend.killed == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_only_the_full_id_is_an_id(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    backend = SimulatedBackend(3, churn=0)
    victim = backend.list()[0]
    cut = st.integers(0, 63)
    spoilt = data.draw(
        st.one_of(
            cut.map(lambda number: victim.id[:number]),
            cut.map(lambda number: victim.id[number + 1 :]),
            st.sampled_from(
                [victim.name, victim.id.upper(), f" {victim.id}", f"{victim.id}\n", f"/{victim.id}", f"{victim.id}\0"]
            ),
            st.text(max_size=70),
        )
    )
    with Bridge(tmp_path_factory.mktemp("ids"), backend) as bridge, bridge.talk() as talk:
        assert talk.ask(type="kill", id=spoilt)["code"] in ("not-found", "conflict")
        assert backend.killed == []


class Broken(SimulatedBackend):
    """A backend with a method that raises what no backend should."""

    can_wound = True
    broken: str = ""

    def _break(self, where: str) -> None:
        if self.broken == where:
            raise KeyError("Id")

    def look(self, ids: Iterable[str]) -> Sequence[Container]:
        self._break("look")
        return super().look(ids)

    def also_hit(
        self, container: Container, action: KillAction, is_spared: Callable[[Container], bool]
    ) -> Sequence[Container]:
        self._break("also_hit")
        return ()

    def act(self, container: Container, action: KillAction) -> None:
        self._break("act")
        super().act(container, action)

    def wound(self, container: Container) -> None:
        self._break("wound")


@pytest.mark.parametrize("where", ["look", "also_hit", "act"])
def test_a_backend_s_own_bugs_are_answered_and_logged(tmp_path: Path, where: str) -> None:
    backend = Broken(2, churn=0)
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
        backend.broken = where
        answer = talk.ask(type="kill", id=backend.list()[0].id)
        assert (answer["code"], "KeyError" in answer["message"]) == ("failed", True)
        assert [line["event"] for line in bridge.audited()] == ["intent", "result"]
        assert bridge.audited()[-1]["result"] == "failed"
        backend.broken = ""
        assert talk.ask(type="kill", id=backend.list()[0].id)["type"] == "ok"


def test_wounds_are_logged_once_each_and_retried_when_they_fail(tmp_path: Path) -> None:
    backend = Broken(1, churn=0)
    (only,) = backend.list()
    with Bridge(tmp_path, backend, Policy(wound=True)) as bridge, bridge.talk() as talk:
        backend.broken = "wound"
        assert talk.ask(type="wound", id=only.id, weapon="pistol")["code"] == "failed"
        backend.broken = ""
        for _ in range(3):
            assert talk.ask(type="wound", id=only.id, weapon="pistol")["type"] == "ok"
        found = [(line["event"], line.get("action", line.get("result"))) for line in bridge.audited()]
        assert found == [("intent", "wound"), ("result", "failed"), ("intent", "wound"), ("result", "ok")]


class Hung(SimulatedBackend):
    """An engine that takes connections and answers none until `go` is set."""

    def __init__(self, fleet: int) -> None:
        super().__init__(fleet, churn=0)
        self.go = threading.Event()
        self.waiting = 0

    def act(self, container: Container, action: KillAction) -> None:
        self.waiting += 1
        assert self.go.wait(20)
        super().act(container, action)


def test_a_hung_engine_delays_only_its_kills_and_late_ones_are_not_carried_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executioner, "ANSWER_SECONDS", 0.3)
    backend = Hung(20)
    ids = [each.id for each in backend.list()]
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as shooter, bridge.talk() as other:
        for number, each in enumerate(ids[:12]):
            shooter.send(type="kill", id=each, seq=number)
        eventually(lambda: backend.waiting == executioner.WORKERS)
        assert other.ask(type="kill", id="nobody")["code"] == "not-found"
        assert other.ask(type="kill", id=ids[0])["code"] == "conflict"
        assert len(other.ask(type="list")["containers"]) == 20
        assert backend.waiting == executioner.WORKERS, "all of this while the engine hangs"
        time.sleep(0.4)
        backend.go.set()
        answers = [shooter.read().get("code", "ok") for _ in range(12)]
        assert sorted(answers) == ["engine-down"] * 4 + ["ok"] * 8
        assert len(backend.killed) == 8


def parallel(count: int, work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("policy", [Policy(kill_budget=4), Policy(kills_per_minute=4)])
def test_limits_hold_for_any_number_of_connections(tmp_path: Path, policy: Policy, text: bool) -> None:
    backend = SimulatedBackend(40, churn=0)
    victims = backend.list()
    with Bridge(tmp_path, backend, policy) as bridge:

        def shoot(lane: int) -> None:
            for victim in victims[lane::10]:
                if text:
                    bridge.ask(f"kill {victim.name}\n".encode())
                    continue
                with bridge.talk() as talk:
                    answer = talk.ask(type="kill", id=victim.id)
                    assert answer.get("code", "ok") in ("ok", "rate-limited")

        parallel(10, shoot)
        eventually(lambda: len(bridge.audited()) == 4 * 2 + 36)
        assert len(backend.killed) == 4


def test_refusals_cannot_fill_the_disk(tmp_path: Path) -> None:
    with Bridge(tmp_path, SimulatedBackend(1, churn=0)) as bridge, bridge.talk() as talk:
        talk.ask(type="kill", id="nobody")
        (user,) = bridge.executioner._budgets._users.values()
        now = user.refusals.clock()
        user.refusals.clock = lambda: now
        for _ in range(499):
            assert talk.ask(type="kill", id="nobody", weapon="x" * 40)["code"] == "not-found"
        assert len(bridge.audited()) == DEFAULT_PER_MINUTE
        user.refusals._tokens = 1.0
        talk.ask(type="kill", id="nobody")
        assert bridge.audited()[-1]["unlogged"] == 500 - DEFAULT_PER_MINUTE


def test_a_kill_the_engine_refuses_is_answered_and_the_container_stays(tmp_path: Path) -> None:
    class Refusing(SimulatedBackend):
        def act(self, container: Container, action: KillAction) -> None:
            raise RequestError(Code.FAILED, "500 Server Error: driver failed to remove root filesystem")

    backend = Refusing(1, churn=0)
    (only,) = backend.list()
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
        for _ in range(2):
            assert talk.ask(type="kill", id=only.id)["code"] == "failed"
        assert bridge.names() == [only.name]
        assert [line.get("result") for line in bridge.audited()] == [None, "failed"] * 2


class SlowRestart(SimulatedBackend):
    """Lists no container while it is being restarted; afterwards it `comes_back` or not."""

    def __init__(self) -> None:
        super().__init__(1, churn=0)
        self.down, self.go = threading.Event(), threading.Event()
        self.comes_back = True
        self.listed = 0

    def list(self) -> Sequence[Container]:
        self.listed += 1
        return super().list()

    def act(self, container: Container, action: KillAction) -> None:
        with self._something:
            gone = self._containers.pop(container.id)
            self._touch(container.id)
        self.down.set()
        assert self.go.wait(20)
        if not self.comes_back:
            raise RequestError(Code.FAILED, "it does not start")
        with self._something:
            self._containers[container.id] = replace(gone, restarts=1)
            self._touch(container.id)


@pytest.mark.parametrize("comes_back", [True, False])
def test_container_that_is_being_restarted_is_not_gone(tmp_path: Path, comes_back: bool) -> None:
    backend = SlowRestart()
    backend.comes_back = comes_back
    (web,) = backend.list()
    policy = Policy(fault=Fault(KillAction.RESTART))
    with Bridge(tmp_path, backend, policy, resync_seconds=0.1) as bridge, bridge.talk() as talk:
        talk.ask(type="watch")
        talk.send(type="kill", id=web.id, seq=1)
        assert backend.down.wait(5)
        before = backend.listed
        eventually(lambda: backend.listed >= before + 3)
        assert bridge.names() == [web.name]
        backend.go.set()
        said = [talk.read(), talk.read()]
        assert {each["type"] for each in said} == ({"ok", "changed"} if comes_back else {"error", "removed"})
    assert len(bridge.roster) == comes_back
